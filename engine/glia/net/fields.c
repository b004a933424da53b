/* What neurons and synapses are: reading and setting their numbers. */
#include "glia/net/net.h"

#include "numbers.h"
#include "sort.h"
#include "status.h"

#include <math.h>
#include <string.h>

static uint64_t bytes_of(const ketch_block *block)
{
    return block ? kt_block_size(block) : 0;
}

ketch_status ketch_glia_net_get_info(ketch_glia_net_info *info, ketch_glia_net *net,
                                     ketch_error *error)
{
    KT_TRY(ktg_net_claim_to_read(net, __func__, error));
    const ketch_glia_net_info out = {
        .size = sizeof out,
        .mode = net->mode,
        .neurons = net->cells.count,
        .sensory = net->cells.sensory,
        .outputs = net->cells.outputs,
        .synapses = net->rows.count,
        .ticks = net->ticks,
        .bytes = bytes_of(net->cells.block) + bytes_of(net->rows.block) +
                 bytes_of(net->panels.block) + bytes_of(net->shares.block) +
                 bytes_of(net->shares.column_block),
        .tau_e = net->tau[0],
        .tau_i = net->tau[1],
        .delay_max = KT_MAX(net->cells.clean.delays, 1),
    };
    ktg_net_release(net);
    return kt_write_report(info, &out, sizeof out, __func__, "info", error);
}

int64_t ketch_glia_find(ketch_glia_net *net, const char *id)
{
    if (!id || ktg_net_claim_to_read(net, __func__, NULL) != KETCH_OK)
        return -1;
    const uint32_t slot = ktg_names_find(&net->names, id, strlen(id));
    const int64_t index = slot == KTG_NO_SLOT ? -1 : (int64_t)net->index.items[slot];
    ktg_net_release(net);
    return index;
}

const char *ketch_glia_id(ketch_glia_net *net, uint64_t index)
{
    if (ktg_net_claim_to_read(net, __func__, NULL) != KETCH_OK)
        return NULL;
    const char *const id = index < net->cells.count ? ktg_net_id(net, (uint32_t)index) : NULL;
    ktg_net_release(net);
    return id;
}

/* ---- numbers of neurons ---- */

enum { FIELDS = KETCH_GLIA_WAIT + 1 };

float *ktg_cells_field(const ktg_cells *cells, ketch_glia_field field)
{
    const ktg_clean_cells *const clean = &cells->clean;
    float *const fields[FIELDS] = {
        [KETCH_GLIA_VALUE] = cells->value,
        [KETCH_GLIA_THRESHOLD] = cells->threshold,
        [KETCH_GLIA_LEAK] = cells->leak,
        [KETCH_GLIA_RESTING] = cells->resting,
        [KETCH_GLIA_DELTA] = cells->delta,
        [KETCH_GLIA_ON_DECK] = cells->on_deck,
        [KETCH_GLIA_RESET] = clean->reset,
        [KETCH_GLIA_REFRACTORY] = clean->refractory,
        [KETCH_GLIA_DRIVE] = clean->drive,
        [KETCH_GLIA_EXCITATION] = clean->current[0],
        [KETCH_GLIA_INHIBITION] = clean->current[1],
        [KETCH_GLIA_WAIT] = clean->wait,
    };
    return fields[field];
}

ketch_status ktg_net_check_field(const ketch_glia_net *net, ketch_glia_field field,
                                 const char *function, ketch_error *error)
{
    const int32_t number = (int32_t)field;
    const bool is_clean = ktg_net_is_clean(net);
    const int32_t most = is_clean ? KETCH_GLIA_WAIT : KETCH_GLIA_ON_DECK;
    if (number >= 0 && number <= most && !(is_clean && number == KETCH_GLIA_DELTA))
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, "field", kt_format("%d", number).text,
                   is_clean ? kt_format("0..%d but %d", most, KETCH_GLIA_DELTA).text
                            : kt_format("0..%d", most).text,
                   "no such number of a neuron");
}

/* NULL: any number is right for the field of a clean network; else what is. */
static const char *find_allowed(ketch_glia_field field, float number)
{
    const int32_t f = (int32_t)field;
    if (f == KETCH_GLIA_LEAK)
        return number >= 0 && number <= 1 ? NULL : "0..1";
    if (f != KETCH_GLIA_REFRACTORY && f != KETCH_GLIA_WAIT)
        return NULL;
    return number >= 0 && number <= 0x1p24F && number == truncf(number)
               ? NULL
               : "whole numbers of 0..16777216";
}

static ketch_status check_clean_numbers(const ketch_glia_net *net, ketch_glia_field field,
                                        uint64_t count, const float *numbers, const char *function,
                                        ketch_error *error)
{
    for (uint64_t i = 0; i < count && ktg_net_is_clean(net); i++) {
        const char *const allowed = find_allowed(field, numbers[i]);
        if (allowed)
            return kt_fail(error, KETCH_RANGE, function, "numbers",
                           kt_format("%g at %llu", (double)numbers[i], (unsigned long long)i).text,
                           allowed, "no such number in a clean network");
    }
    return KETCH_OK;
}

static ketch_status check_neurons(const ketch_glia_net *net, uint64_t first, uint64_t count,
                                  const char *function, ketch_error *error)
{
    const uint64_t neurons = net->cells.count;
    if (first <= neurons && count <= neurons - first)
        return KETCH_OK;
    return kt_fail(
        error, KETCH_INDEX, function, first > neurons ? "first" : "count",
        kt_format("%llu from %llu", (unsigned long long)count, (unsigned long long)first).text,
        kt_format("%llu neurons", (unsigned long long)neurons).text, "no such neurons");
}

ketch_status ketch_glia_get(float *numbers, ketch_glia_net *net, ketch_glia_field field,
                            uint64_t first, uint64_t count, ketch_error *error)
{
    if (count && !numbers)
        return kt_fail_handle(error, __func__, "numbers", "an array", NULL);
    KT_TRY(ktg_net_claim_to_read(net, __func__, error));
    ketch_status status = ktg_net_check_field(net, field, __func__, error);
    if (status == KETCH_OK)
        status = check_neurons(net, first, count, __func__, error);
    if (status == KETCH_OK && count)
        memcpy(numbers, ktg_cells_field(&net->cells, field) + first,
               (size_t)count * sizeof *numbers);
    ktg_net_release(net);
    return status;
}

static ketch_status check_numbers(uint64_t count, const float *numbers, const char *function,
                                  ketch_error *error)
{
    for (uint64_t i = 0; i < count; i++)
        if (!isfinite(numbers[i]))
            return kt_fail(error, KETCH_NONFINITE, function, "numbers",
                           kt_format("%g at %llu", (double)numbers[i], (unsigned long long)i).text,
                           "finite numbers", "a number of a neuron that is none");
    return KETCH_OK;
}

/* Sums of what waits begin at 0, so none is ever -0, which kernels rely on. */
static void clear_signs_of_zeros(float *sums, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        sums[i] = sums[i] == 0 ? 0 : sums[i];
}

static void set_numbers(ktg_cells *cells, ketch_glia_field field, uint64_t first, uint64_t count,
                        const float *numbers)
{
    float *const to = ktg_cells_field(cells, field) + first;
    memcpy(to, numbers, (size_t)count * sizeof *numbers);
    if (field == KETCH_GLIA_DELTA || field == KETCH_GLIA_ON_DECK)
        clear_signs_of_zeros(to, count);
    if (field == KETCH_GLIA_RESTING)
        memcpy(cells->value + first, numbers, (size_t)count * sizeof *numbers);
    cells->clean.is_derived = false;
    cells->clean.is_injected = true;
}

ketch_status ketch_glia_set(ketch_glia_net *net, ketch_glia_field field, uint64_t first,
                            uint64_t count, const float *numbers, ketch_error *error)
{
    if (count && !numbers)
        return kt_fail_handle(error, __func__, "numbers", "an array", NULL);
    KT_TRY(check_numbers(count, numbers, __func__, error));
    KT_TRY(ktg_net_claim_settled(net, __func__, error));
    ketch_status status = ktg_net_check_field(net, field, __func__, error);
    if (status == KETCH_OK)
        status = check_clean_numbers(net, field, count, numbers, __func__, error);
    if (status == KETCH_OK)
        status = check_neurons(net, first, count, __func__, error);
    if (status == KETCH_OK && count)
        set_numbers(&net->cells, field, first, count, numbers);
    ktg_net_release(net);
    return status;
}

/* ---- synapses ---- */

/* Copies of one row that are to be sorted by the ranks of their targets. */
typedef struct row_copy {
    const uint32_t *rank;
    uint32_t *to;
    float *weight;
} row_copy;

static bool is_rank_before(const void *items, uint64_t a, uint64_t b)
{
    const row_copy *const row = items;
    return row->rank[row->to[a]] < row->rank[row->to[b]];
}

static void exchange_targets(void *items, uint64_t a, uint64_t b)
{
    const row_copy *const row = items;
    const uint32_t to = row->to[a];
    const float weight = row->weight[a];
    row->to[a] = row->to[b];
    row->to[b] = to;
    row->weight[a] = row->weight[b];
    row->weight[b] = weight;
}

void ktg_net_list_synapses(const ketch_glia_net *net, uint32_t *from, uint32_t *to, float *weights)
{
    const ktg_rows *const rows = &net->rows;
    for (uint32_t i = 0; i < net->cells.count; i++) {
        const uint32_t begin = rows->begin[i], count = rows->begin[i + 1] - begin;
        for (uint32_t s = begin; s < begin + count; s++)
            from[s] = i;
        memcpy(to + begin, rows->target + begin, count * sizeof *to);
        memcpy(weights + begin, rows->weight + begin, count * sizeof *weights);
        row_copy row = {net->cells.rank, to + begin, weights + begin};
        kt_sort(&row, count, is_rank_before, exchange_targets);
    }
}

static ketch_status check_capacity(const ketch_glia_net *net, uint64_t capacity,
                                   const char *function, ketch_error *error)
{
    if (capacity >= net->rows.count)
        return KETCH_OK;
    return kt_fail(error, KETCH_BUFFER, function, "capacity",
                   kt_format("%llu", (unsigned long long)capacity).text,
                   kt_format("%u or more", net->rows.count).text, "the arrays are too short");
}

ketch_status ketch_glia_get_synapses(uint32_t *from, uint32_t *to, float *weights,
                                     uint64_t capacity, ketch_glia_net *net, ketch_error *error)
{
    if (!from || !to || !weights)
        return kt_fail_handle(error, __func__, "from", "three arrays", NULL);
    KT_TRY(ktg_net_claim_to_read(net, __func__, error));
    const ketch_status status = check_capacity(net, capacity, __func__, error);
    if (status == KETCH_OK)
        ktg_net_list_synapses(net, from, to, weights);
    ktg_net_release(net);
    return status;
}

static ketch_status find_delay(uint8_t *delay, const ketch_glia_net *net, uint32_t from,
                               uint32_t to, const char *function, ketch_error *error)
{
    const uint32_t neurons = net->cells.count;
    const uint32_t found =
        from < neurons && to < neurons ? ktg_rows_find(&net->rows, from, to) : KTG_NO_SYNAPSE;
    if (found == KTG_NO_SYNAPSE)
        return kt_fail(error, KETCH_INDEX, function, "from", kt_format("%u to %u", from, to).text,
                       kt_format("the network's %u synapses", net->rows.count).text,
                       "no such synapse");
    *delay = net->rows.delay ? net->rows.delay[found] : 1;
    return KETCH_OK;
}

ketch_status ketch_glia_get_delays(uint8_t *delays, uint64_t count, const uint32_t *from,
                                   const uint32_t *to, ketch_glia_net *net, ketch_error *error)
{
    if (count && (!delays || !from || !to))
        return kt_fail_handle(error, __func__, "delays", "three arrays", NULL);
    KT_TRY(ktg_net_claim_to_read(net, __func__, error));
    ketch_status status = KETCH_OK;
    for (uint64_t i = 0; i < count && status == KETCH_OK; i++)
        status = find_delay(&delays[i], net, from[i], to[i], __func__, error);
    ktg_net_release(net);
    return status;
}
