/* Networks: life, neurons and synapses that are added. */
#include "glia/net/net.h"

#include "cpu.h"
#include "heap.h"
#include "numbers.h"
#include "status.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* ---- life ---- */

static ketch_status check_tau(const char *argument, double tau, ketch_glia_mode mode,
                              const char *function, ketch_error *error)
{
    const bool is_clean = mode == KETCH_GLIA_CLEAN;
    if (is_clean ? tau >= 0 && isfinite(tau) : tau == 0)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, argument, kt_format("%g", tau).text,
                   is_clean ? "a finite number of 0 or more" : "0 in compat mode",
                   is_clean ? "no time constant in ticks"
                            : "there are no currents: make a clean network");
}

static ketch_status read_net_options(ketch_glia_net_options *options,
                                     const ketch_glia_net_options *given, const char *function,
                                     ketch_error *error)
{
    KT_TRY(kt_read_options(options, sizeof *options, given, function, "options", error));
    const int32_t mode = (int32_t)options->mode;
    if (mode < 0 || mode > KETCH_GLIA_CLEAN)
        return kt_fail(error, KETCH_RANGE, function, "mode", kt_format("%d", mode).text,
                       "0, 1 (compat) or 2 (clean)", "no such rules of a tick");
    if (mode == 0)
        options->mode = KETCH_GLIA_COMPAT;
    KT_TRY(check_tau("tau_e", options->tau_e, options->mode, function, error));
    return check_tau("tau_i", options->tau_i, options->mode, function, error);
}

ketch_status ketch_glia_net_create(ketch_glia_net **net, ketch_arena *arena,
                                   const ketch_glia_net_options *options, ketch_error *error)
{
    if (!net)
        return kt_fail_handle(error, __func__, "net", "a place for the new network", NULL);
    *net = NULL;
    ketch_glia_net_options read;
    KT_TRY(read_net_options(&read, options, __func__, error));
    if (!arena || !kt_arena_alive(arena))
        return kt_fail_handle(error, __func__, "arena", "an arena", arena);
    if (kt_arena_forked(arena))
        return kt_fail_forked(error, __func__, "arena", "the arena");
    ketch_glia_net *const made = kt_heap_take(sizeof *made);
    if (!made)
        return kt_fail_heap(error, __func__);
    made->magic = KTG_NET_MAGIC;
    made->references = 1;
    made->mode = read.mode;
    made->tau[0] = read.tau_e;
    made->tau[1] = read.tau_i;
    made->arena = kt_arena_share(arena);
    made->kernels = ktg_kernel_set_find(kt_cpu_best());
    *net = made;
    return KETCH_OK;
}

ketch_glia_net *ketch_glia_net_share(ketch_glia_net *net)
{
    if (!ktg_net_exists(net))
        return NULL;
    __atomic_fetch_add(&net->references, 1, __ATOMIC_RELAXED);
    return net;
}

static void end_net(ketch_glia_net *net)
{
    if (net->cells.block)
        kt_block_drop(net->cells.block);
    if (net->rows.block)
        kt_block_drop(net->rows.block);
    ktg_net_drop_panels(net);
    ktg_names_end(&net->names);
    kt_heap_give(net->index.items);
    kt_heap_give(net->new_neurons.items);
    kt_heap_give(net->new_synapses.items);
    kt_heap_give(net->new_delays.items);
    kt_arena_drop(net->arena);
    net->magic = 0;
    kt_heap_give(net);
}

void ketch_glia_net_drop(ketch_glia_net *net)
{
    if (ktg_net_exists(net) && __atomic_fetch_sub(&net->references, 1, __ATOMIC_ACQ_REL) == 1)
        end_net(net);
}

/* ---- adding ---- */

/* Sets the numbers of a neuron that is there, and V. */
static void set_again(ketch_glia_net *net, uint32_t slot, float threshold, float leak,
                      float resting)
{
    const uint32_t index = net->index.items[slot];
    ktg_new_neuron *const last = KT_LIST_AT(&net->new_neurons, index);
    if (index < net->new_neurons.count && last->slot == slot) {
        *last = (ktg_new_neuron){slot, threshold, leak, resting};
        return;
    }
    net->cells.threshold[index] = threshold;
    net->cells.leak[index] = leak;
    net->cells.resting[index] = net->cells.value[index] = resting;
    net->cells.clean.is_derived = false;
}

static ketch_status add_new(ketch_glia_net *net, const char *id, size_t length, float threshold,
                            float leak, float resting, const char *function, ketch_error *error)
{
    const uint32_t slot = ktg_names_count(&net->names);
    if (slot >= KETCH_GLIA_NEURONS_MAX)
        return kt_fail(error, KETCH_LIMIT, function, "id", kt_format("%u neurons", slot + 1).text,
                       kt_format("%d", KETCH_GLIA_NEURONS_MAX).text, "too many neurons");
    if (!KT_LIST_RESERVE(&net->index, 1) || !KT_LIST_RESERVE(&net->new_neurons, 1) ||
        !ktg_names_add(&net->names, id, length))
        return kt_fail_heap(error, function);
    net->index.items[net->index.count++] = (uint32_t)net->new_neurons.count;
    net->new_neurons.items[net->new_neurons.count++] =
        (ktg_new_neuron){slot, threshold, leak, resting};
    return KETCH_OK;
}

ketch_status ktg_net_add_neuron(ketch_glia_net *net, const char *id, size_t length, float threshold,
                                float leak, float resting, const char *function, ketch_error *error)
{
    const uint32_t slot = ktg_names_find(&net->names, id, length);
    if (slot == KTG_NO_SLOT)
        return add_new(net, id, length, threshold, leak, resting, function, error);
    set_again(net, slot, threshold, leak, resting);
    return KETCH_OK;
}

ketch_status ktg_net_add_synapse(ketch_glia_net *net, uint32_t from, uint32_t to, float weight,
                                 const char *function, ketch_error *error)
{
    return ktg_net_add_delayed(net, from, to, weight, 1, function, error);
}

ketch_status ktg_net_add_delayed(ketch_glia_net *net, uint32_t from, uint32_t to, float weight,
                                 uint8_t delay, const char *function, ketch_error *error)
{
    assert(from < net->index.count && to < net->index.count);
    const size_t most = KETCH_GLIA_SYNAPSES_MAX - net->rows.count;
    if (net->new_synapses.count >= most)
        return kt_fail(error, KETCH_LIMIT, function, "synapses", NULL,
                       kt_format("%d", KETCH_GLIA_SYNAPSES_MAX).text, "too many synapses");
    if (!KT_LIST_RESERVE(&net->new_synapses, 1) ||
        (ktg_net_is_clean(net) && !KT_LIST_RESERVE(&net->new_delays, 1)))
        return kt_fail_heap(error, function);
    if (ktg_net_is_clean(net))
        net->new_delays.items[net->new_delays.count++] = delay;
    net->new_synapses.items[net->new_synapses.count++] = (ktg_new_synapse){from, to, weight};
    return KETCH_OK;
}

void ktg_net_remove_new(ketch_glia_net *net)
{
    for (; net->new_neurons.count; net->new_neurons.count--)
        ktg_names_remove_last(&net->names);
    net->index.count = net->cells.count;
    net->new_synapses.count = net->new_delays.count = 0;
}

static bool is_white(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

ketch_status ktg_net_check_id(const char *id, const char *function, ketch_error *error)
{
    if (!id)
        return kt_fail_handle(error, function, "id", "a text", NULL);
    size_t length = 0;
    while (length <= KETCH_GLIA_ID_MAX && id[length] && !is_white(id[length]))
        length++;
    if (length >= 1 && length <= KETCH_GLIA_ID_MAX && !id[length])
        return KETCH_OK;
    return kt_fail(
        error, KETCH_RANGE, function, "id", id[0] ? kt_format("%.60s", id).text : "an empty text",
        kt_format("1..%d bytes without white space", KETCH_GLIA_ID_MAX).text, "no id of a neuron");
}

static ketch_status check_finite(const char *argument, float number, const char *function,
                                 ketch_error *error)
{
    if (isfinite(number))
        return KETCH_OK;
    return kt_fail(error, KETCH_NONFINITE, function, argument, kt_format("%g", (double)number).text,
                   "a finite number", "a number of a neuron that is none");
}

/* In compat mode any leak works. */
static ketch_status check_leak(const ketch_glia_net *net, float leak, const char *function,
                               ketch_error *error)
{
    if (!ktg_net_is_clean(net) || (leak >= 0 && leak <= 1))
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, "leak", kt_format("%g", (double)leak).text, "0..1",
                   "a clean network's voltages keep a part of themselves in a tick");
}

ketch_status ketch_glia_add_neuron(ketch_glia_net *net, const char *id, float threshold, float leak,
                                   float resting, ketch_error *error)
{
    KT_TRY(ktg_net_check_id(id, __func__, error));
    KT_TRY(check_finite("threshold", threshold, __func__, error));
    KT_TRY(check_finite("leak", leak, __func__, error));
    KT_TRY(check_finite("resting", resting, __func__, error));
    KT_TRY(ktg_net_claim(net, __func__, error));
    ketch_status status = check_leak(net, leak, __func__, error);
    if (status == KETCH_OK)
        status = ktg_net_add_neuron(net, id, strlen(id), threshold, leak, resting, __func__, error);
    ktg_net_release(net);
    return status;
}

static ketch_status add_named(ketch_glia_net *net, const char *id, const ktg_new_neuron *numbers,
                              const char *function, ketch_error *error)
{
    KT_TRY(ktg_net_check_id(id, function, error));
    const size_t length = strlen(id);
    if (ktg_names_find(&net->names, id, length) != KTG_NO_SLOT)
        return kt_fail(error, KETCH_DUPLICATE, function, "ids", id, NULL,
                       "there is a neuron of this id already");
    return add_new(net, id, length, numbers->threshold, numbers->leak, numbers->resting, function,
                   error);
}

static ketch_status add_neurons(ketch_glia_net *net, uint64_t count, const char *const *ids,
                                const ktg_new_neuron *numbers, const char *function,
                                ketch_error *error)
{
    KT_TRY(check_leak(net, numbers->leak, function, error));
    for (uint64_t i = 0; i < count; i++) {
        const kt_text made = kt_format("N%u", ktg_names_count(&net->names));
        KT_TRY(add_named(net, ids ? ids[i] : made.text, numbers, function, error));
    }
    return KETCH_OK;
}

ketch_status ketch_glia_add_neurons(ketch_glia_net *net, uint64_t count, const char *const *ids,
                                    float threshold, float leak, float resting, ketch_error *error)
{
    const ktg_new_neuron numbers = {0, threshold, leak, resting};
    KT_TRY(check_finite("threshold", threshold, __func__, error));
    KT_TRY(check_finite("leak", leak, __func__, error));
    KT_TRY(check_finite("resting", resting, __func__, error));
    KT_TRY(ktg_net_claim_settled(net, __func__, error));
    const ketch_status status = add_neurons(net, count, ids, &numbers, __func__, error);
    if (status != KETCH_OK)
        ktg_net_remove_new(net);
    ktg_net_release(net);
    return status;
}

static ketch_status check_index(const ketch_glia_net *net, const char *argument, uint64_t index,
                                const char *function, ketch_error *error)
{
    if (index < net->cells.count)
        return KETCH_OK;
    return kt_fail(error, KETCH_INDEX, function, argument,
                   kt_format("%llu", (unsigned long long)index).text,
                   kt_format("below %u", net->cells.count).text, "no such neuron");
}

/* Synapses of a call; delays NULL: all 1. */
typedef struct synapse_arrays {
    uint64_t count;
    const uint32_t *from, *to;
    const float *weights;
    const uint8_t *delays;
} synapse_arrays;

static ketch_status check_delay(const ketch_glia_net *net, uint8_t delay, const char *function,
                                ketch_error *error)
{
    if (!ktg_net_is_clean(net))
        return kt_fail(error, KETCH_RANGE, function, "net", "a compat network", "a clean network",
                       "delays follow from tick order: use ketch_glia_add_synapses");
    if (delay > 0)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, "delays", "0", "1..255", "no delay in ticks");
}

static ketch_status add_one(ketch_glia_net *net, const synapse_arrays *all, uint64_t i,
                            const char *function, ketch_error *error)
{
    const uint32_t *const slot = net->cells.slot;
    KT_TRY(check_index(net, "from", all->from[i], function, error));
    KT_TRY(check_index(net, "to", all->to[i], function, error));
    KT_TRY(check_finite("weights", all->weights[i], function, error));
    if (all->delays)
        KT_TRY(check_delay(net, all->delays[i], function, error));
    return ktg_net_add_delayed(net, slot[all->from[i]], slot[all->to[i]], all->weights[i],
                               all->delays ? all->delays[i] : 1, function, error);
}

static ketch_status add_synapses(ketch_glia_net *net, const synapse_arrays *all,
                                 const char *function, ketch_error *error)
{
    if (all->count && (!all->from || !all->to || !all->weights))
        return kt_fail_handle(error, function, "weights", "three arrays", NULL);
    KT_TRY(ktg_net_claim_settled(net, function, error));
    ketch_status status = KETCH_OK;
    for (uint64_t i = 0; i < all->count && status == KETCH_OK; i++)
        status = add_one(net, all, i, function, error);
    if (status != KETCH_OK)
        net->new_synapses.count = net->new_delays.count = 0;
    ktg_net_release(net);
    return status;
}

ketch_status ketch_glia_add_synapses(ketch_glia_net *net, uint64_t count, const uint32_t *from,
                                     const uint32_t *to, const float *weights, ketch_error *error)
{
    const synapse_arrays all = {count, from, to, weights, NULL};
    return add_synapses(net, &all, __func__, error);
}

ketch_status ketch_glia_add_delayed(ketch_glia_net *net, uint64_t count, const uint32_t *from,
                                    const uint32_t *to, const float *weights, const uint8_t *delays,
                                    ketch_error *error)
{
    if (count && !delays)
        return kt_fail_handle(error, __func__, "delays", "an array", NULL);
    const synapse_arrays all = {count, from, to, weights, delays};
    return add_synapses(net, &all, __func__, error);
}

void ktg_net_clear_synapses(ketch_glia_net *net)
{
    if (!net->rows.block)
        return;
    memset(net->rows.begin, 0, ((size_t)net->cells.count + 1) * sizeof *net->rows.begin);
    memset(net->rows.split, 0, net->cells.count * sizeof *net->rows.split);
    net->rows.count = 0;
    net->changes++;
}

ketch_status ketch_glia_clear_synapses(ketch_glia_net *net, ketch_error *error)
{
    KT_TRY(ktg_net_claim_settled(net, __func__, error));
    const ketch_status status = ktg_net_own_rows(net, __func__, error);
    if (status == KETCH_OK)
        ktg_net_clear_synapses(net);
    ktg_net_release(net);
    return status;
}
