/* Thresholds, leaks and synapses as they were after an epoch, for going back. */
#include "glia/train/trainer.h"

#include "glia/net/parts.h"
#include "layout.h"
#include "status.h"

#include <string.h>

/* How much there is of each; it lies at the begin of a snapshot's block. delays: the longest that
 * the network has had; 0 where synapses have none of their own. */
typedef struct snapshot_counts {
    uint32_t neurons, synapses, delays;
} snapshot_counts;

/* Where the parts of a snapshot are. slot: those of the neurons, in the tick order that
 * they had. Synapses are as in rows. */
typedef struct snapshot {
    snapshot_counts of;
    uint32_t *slot, *begin, *target;
    float *threshold, *leak, *weight;
    uint8_t *delay;
} snapshot;

static snapshot_counts *lay_out_snapshot(snapshot *shape, kt_layout *layout)
{
    const snapshot_counts of = shape->of;
    snapshot_counts *const counts = kt_layout_take(layout, 1, sizeof *counts);
    shape->slot = kt_layout_take(layout, of.neurons, sizeof(uint32_t));
    shape->begin = kt_layout_take(layout, (size_t)of.neurons + 1, sizeof(uint32_t));
    shape->target = kt_layout_take(layout, of.synapses, sizeof(uint32_t));
    shape->threshold = kt_layout_take(layout, of.neurons, sizeof(float));
    shape->leak = kt_layout_take(layout, of.neurons, sizeof(float));
    shape->weight = kt_layout_take(layout, of.synapses, sizeof(float));
    shape->delay = of.delays ? kt_layout_take(layout, of.synapses, sizeof(uint8_t)) : NULL;
    return counts;
}

static snapshot_counts counts_of(const ketch_glia_net *net)
{
    return (snapshot_counts){.neurons = net->cells.count,
                             .synapses = net->rows.count,
                             .delays = net->rows.delay ? net->cells.clean.delays : 0};
}

uint64_t ktg_snapshot_size(const ketch_glia_net *net)
{
    snapshot s = {.of = counts_of(net)};
    kt_layout layout = {0};
    lay_out_snapshot(&s, &layout);
    return layout.size;
}

static snapshot snapshot_in(ketch_block *block)
{
    snapshot s = {.of = *(const snapshot_counts *)kt_block_data(block)};
    kt_layout layout = {.base = kt_block_data(block)};
    lay_out_snapshot(&s, &layout);
    return s;
}

static void copy_items(void *to, const void *from, size_t count, size_t item_size)
{
    if (count)
        memcpy(to, from, count * item_size);
}

static void copy_numbers(void *to, const void *from, size_t count)
{
    copy_items(to, from, count, sizeof(float));
}

static void fill_snapshot(ketch_block *block, const ketch_glia_net *net)
{
    const ktg_rows *const rows = &net->rows;
    snapshot s = {.of = counts_of(net)};
    kt_layout layout = {.base = kt_block_data(block)};
    memset(layout.base, 0, (size_t)kt_block_size(block));
    *lay_out_snapshot(&s, &layout) = s.of;
    copy_numbers(s.slot, net->cells.slot, s.of.neurons);
    copy_numbers(s.threshold, net->cells.threshold, s.of.neurons);
    copy_numbers(s.leak, net->cells.leak, s.of.neurons);
    copy_numbers(s.begin, rows->begin, s.of.neurons ? (size_t)s.of.neurons + 1 : 0);
    copy_numbers(s.target, rows->target, s.of.synapses);
    copy_numbers(s.weight, rows->weight, s.of.synapses);
    copy_items(s.delay, rows->delay, s.delay ? s.of.synapses : 0, sizeof *s.delay);
}

static void forget_oldest(ketch_glia_trainer *trainer, uint64_t most)
{
    while (trainer->kept.count > most) {
        kt_block_drop(trainer->kept.items[0]);
        trainer->kept.count--;
        memmove(trainer->kept.items, trainer->kept.items + 1,
                trainer->kept.count * sizeof *trainer->kept.items);
    }
}

ketch_status ktg_snapshot_keep(ketch_glia_trainer *trainer, uint64_t most, const char *function,
                               ketch_error *error)
{
    const ketch_glia_net *const net = trainer->net;
    if (most == 0)
        return KETCH_OK;
    if (!KT_LIST_RESERVE(&trainer->kept, 1))
        return kt_fail_heap(error, function);
    kt_refusal refusal = {0};
    forget_oldest(trainer, most - 1);
    ketch_block *const block = kt_arena_take(net->arena, ktg_snapshot_size(net), "glia", &refusal);
    if (!block)
        return kt_fail_memory(error, function, "trainer", "the weights of an epoch", &refusal);
    fill_snapshot(block, net);
    trainer->kept.items[trainer->kept.count++] = block;
    return KETCH_OK;
}

/* ---- files ---- */

static bool is_row(const snapshot *s, uint32_t neuron)
{
    const uint32_t begin = s->begin[neuron], end = s->begin[neuron + 1];
    if (begin > end || end > s->of.synapses)
        return false;
    return ktg_is_ascending(s->target + begin, end - begin, s->of.neurons);
}

static bool are_delays(const snapshot *s)
{
    for (uint32_t e = 0; s->delay && e < s->of.synapses; e++)
        if (s->delay[e] == 0 || s->delay[e] > s->of.delays)
            return false;
    return true;
}

bool ktg_snapshot_is_valid(ketch_block *block, const ketch_glia_net *net)
{
    const snapshot_counts *const counts = kt_block_data(block);
    if (kt_block_size(block) < sizeof *counts || counts->neurons > net->cells.count ||
        counts->delays > net->cells.clean.delays)
        return false;
    snapshot s = {.of = *counts};
    kt_layout layout = {0};
    lay_out_snapshot(&s, &layout);
    if (layout.size != kt_block_size(block))
        return false;
    s = snapshot_in(block);
    for (uint32_t i = 0; i < s.of.neurons; i++)
        if (s.slot[i] >= net->cells.count || !is_row(&s, i))
            return false;
    return s.begin[0] == 0 && s.begin[s.of.neurons] == s.of.synapses && are_delays(&s);
}

void ktg_snapshot_renumber(ketch_block *block, const uint32_t *slots)
{
    const snapshot s = snapshot_in(block);
    for (uint32_t i = 0; i < s.of.neurons; i++)
        s.slot[i] = slots[s.slot[i]];
}

/* ---- going back ---- */

static uint32_t number_now(const ketch_glia_net *net, const snapshot *s, uint32_t then)
{
    return net->index.items[s->slot[then]];
}

static void fill_old_delays(ktg_rows *rows, const snapshot *s)
{
    if (s->delay)
        memcpy(rows->delay, s->delay, s->of.synapses);
    else if (rows->delay)
        memset(rows->delay, 1, s->of.synapses);
}

/* Neurons that were added since have no synapses. Numbers ascend as they did. */
static void fill_old_rows(ktg_rows *rows, const snapshot *s, const ketch_glia_net *net)
{
    for (uint32_t i = 0; i < s->of.neurons; i++)
        rows->begin[number_now(net, s, i) + 1] = s->begin[i + 1] - s->begin[i];
    for (uint32_t i = 0; i < net->cells.count; i++)
        rows->begin[i + 1] += rows->begin[i];
    for (uint32_t e = 0; e < s->of.synapses; e++)
        rows->target[e] = number_now(net, s, s->target[e]);
    copy_numbers(rows->weight, s->weight, s->of.synapses);
    fill_old_delays(rows, s);
    ktg_rows_split(rows, net->cells.count);
    rows->count = s->of.synapses;
}

static void put_back(ketch_glia_net *net, const snapshot *s)
{
    for (uint32_t i = 0; i < s->of.neurons; i++) {
        net->cells.threshold[number_now(net, s, i)] = s->threshold[i];
        net->cells.leak[number_now(net, s, i)] = s->leak[i];
    }
    ktg_net_numbers_changed(net);
}

/* Puts back synapses of other numbers than the network has. */
static ketch_status put_back_rows(ketch_glia_net *net, const snapshot *s, const char *function,
                                  ketch_error *error)
{
    ktg_rows rows = {0};
    KT_TRY(ktg_rows_take(&rows, &net->cells, s->of.synapses, net->arena, "trainer",
                         "the weights of an epoch", function, error));
    fill_old_rows(&rows, s, net);
    ktg_net_install_rows(net, &rows);
    return KETCH_OK;
}

ketch_status ktg_snapshot_revert(ketch_glia_trainer *trainer, const char *function,
                                 ketch_error *error)
{
    ketch_block *const block = trainer->kept.items[trainer->kept.count - 1];
    const snapshot s = snapshot_in(block);
    if (trainer->net->cells.count)
        KT_TRY(put_back_rows(trainer->net, &s, function, error));
    put_back(trainer->net, &s);
    trainer->kept.count--;
    kt_block_drop(block);
    return KETCH_OK;
}

ketch_status ketch_glia_trainer_revert(int32_t *reverted, ketch_glia_trainer *trainer,
                                       ketch_error *error)
{
    if (!reverted)
        return kt_fail_handle(error, __func__, "reverted", "a place for the answer", NULL);
    KT_TRY(ktg_trainer_claim(trainer, __func__, error));
    ketch_status status = KETCH_OK;
    const int32_t any = trainer->kept.count > 0;
    if (any)
        status = ktg_snapshot_revert(trainer, __func__, error);
    ktg_net_release(trainer->net);
    if (status == KETCH_OK)
        *reverted = any;
    return status;
}
