/* The inner loops of ticks: one body, compiled for each instruction set. All sets give the same
 * bits. */
#ifndef KTG_KERNELS_KERNELS_H
#define KTG_KERNELS_KERNELS_H

#include "ketch/learning.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* Neurons of a block, whose numbers are consecutive; a row of cells has whole blocks. */
    KTG_BLOCK = 16,
    /* The most blocks of a panel. */
    KTG_PANEL_BLOCKS = 4,
    /* Episodes of a slice, which are computed side by side. */
    KTG_SLICE = 16
};

/* What an update of blocks first..end-1 reads and writes: a number for each cell, 0 behind the last
 * one. fired has room for all cells of these blocks; fired_from, of all blocks, for one number more
 * than there are. has_small: values are multiplied by a way that is faster where many are below
 * 2^-126; the bits are the same. */
typedef struct ktg_update {
    const float *threshold, *leak, *resting;
    float *value, *delta;
    uint32_t *fired, *fired_from;
    uint32_t first, end;
    bool has_small;
} ktg_update;

/* The numbers of a block of cells of a clean network. */
typedef struct ktg_clean_numbers {
    float threshold[KTG_BLOCK], leak[KTG_BLOCK], base[KTG_BLOCK], gain[2][KTG_BLOCK];
    float reset[KTG_BLOCK], refractory[KTG_BLOCK];
} ktg_clean_numbers;

/* What an update of a clean network reads and writes. The two currents are [0] and [1]. numbers:
 * those of block b are numbers[b * stride]; stride is 0 where all blocks have the same, else 1.
 * due: what arrives; input: what was injected, NULL: nothing was. wait: refractory ticks to come.
 * Cells from `count` on never fire. fired, has_small: as of ktg_update. */
typedef struct ktg_clean_update {
    const ktg_clean_numbers *numbers;
    size_t stride;
    float keep[2];
    float *value, *wait, *current[2], *due[2], *input;
    uint32_t *fired;
    uint32_t count;
    bool has_small;
} ktg_clean_update;

/* The weights of the synapses into up to KTG_PANEL_BLOCKS consecutive blocks of targets: a row for
 * each source, and a column for each target, 0 where there is no synapse. Blocks of targets begin
 * at `block`. Sources are blocks source..source_end-1, of which own..own_end-1 are the targets'
 * own; if the targets are not among the sources, both are the place where they would be. */
typedef struct ktg_panel {
    uint32_t block, blocks;
    uint32_t source, own, own_end, source_end;
    float *weights;
} ktg_panel;

/* What fired, as an update left it. Sums of later targets go to later, of others to earlier. */
typedef struct ktg_spikes {
    const uint32_t *fired, *fired_from;
    float *later, *earlier;
} ktg_spikes;

/* The neurons that fired, rows of synapses, and the sums that these add to. Of source i there are
 * synapses number begin[i]..end[i]-1 with different targets, those from split[i] on, if there are
 * any, to later neurons, whose sums are in `later`; it and `earlier` are parts of one piece of
 * memory. count: of fired; blocks: of cells. */
typedef struct ktg_delivery {
    const uint32_t *fired, *begin, *split, *end, *target;
    const float *weight;
    float *later, *earlier;
    uint32_t count, blocks;
} ktg_delivery;

/* Synapses by target: `count` columns, of which KTG_BLOCK stand side by side in a group. The steps of
 * group g are number begin[g]..begin[g+1]-1; in step s, the next synapse of each of its columns, in
 * the order of their sources, is number s * KTG_BLOCK + lane. A column that has no more has a source
 * that never fires. target: of each column; all differ. */
typedef struct ktg_columns {
    uint32_t *begin, *target, *source;
    float *weight;
    uint32_t count;
} ktg_columns;

/* The neurons that fired, and rows of synapses: source i has begin[i]..begin[i+1]-1.
 * count, blocks: as of ktg_delivery. */
typedef struct ktg_firing {
    const uint32_t *fired, *begin, *target;
    uint32_t count, blocks;
} ktg_firing;

/* ---- slices: KTG_SLICE episodes of a clean network, a lane each ---- */

/* A row is KTG_SLICE numbers of a neuron, a lane each, and neurons have their rows in tick order; a
 * set of lanes is a bit each. */

/* A tick of a slice: as ktg_clean_update, in rows. fired, waited: the lanes in which each neuron
 * fired, or was refractory. voltage: becomes the voltages before spikes. */
typedef struct ktg_slice_tick {
    const ktg_clean_numbers *numbers;
    size_t stride;
    float keep[2];
    float *value, *wait, *current[2], *due[2], *input, *voltage;
    uint16_t *fired, *waited;
    uint32_t count;
} ktg_slice_tick;

/* What a tick sends. Synapse s of source i, begin[i] <= s < begin[i + 1], leads to row place[s] of
 * what is due `delay` ticks later (NULL: 1). due: `delays` ticks of `size` numbers, a ring in which
 * the present one is `now`. */
typedef struct ktg_slice_delivery {
    const uint32_t *begin, *place;
    const float *weight;
    const uint8_t *delay;
    const uint16_t *fired;
    float *due;
    size_t size;
    uint32_t count, now, delays;
} ktg_slice_delivery;

/* The adjoints of a tick's spikes, in rows of signal: source i has synapses number synapse[k] with
 * begin[i] <= k < begin[i + 1]. trace: of the tick, with `size` numbers a tick: the adjoints of what
 * arrives in later ticks at row place[s]. left: how many ticks there are from this one on. */
typedef struct ktg_slice_signals {
    const uint32_t *begin, *synapse, *place;
    const float *weight, *trace;
    const uint8_t *delay;
    float *signal;
    size_t size;
    uint32_t count, left;
} ktg_slice_signals;

/* A tick backwards. trace: of the tick, its voltages before spikes; they become the adjoints of what
 * arrived, of each of the currents; those of the next tick follow. error: of the score by each
 * neuron's voltage or spike. scale, height: the surrogate is height * f(scale * (V - threshold)).
 * adjoint: of the voltages after the tick; becomes that of those before it. */
typedef struct ktg_slice_back {
    const ktg_clean_numbers *numbers;
    size_t stride, size;
    float keep[2];
    const float *scale, *height, *signal, *error;
    float *trace, *adjoint;
    const uint16_t *fired, *waited;
    ketch_glia_surrogate surrogate;
    uint32_t count, currents, is_voltage;
} ktg_slice_back;

/* The lanes in which a neuron fired in a tick. */
typedef struct ktg_slice_spike {
    uint32_t tick, lanes;
} ktg_slice_spike;

/* The gradients of the `count` synapses into one target: number synapse[k] comes from source[k].
 * column: the target's adjoints of what arrives, a row for each tick, for places below `second` and
 * for others; 0 behind the last tick. Neuron i has spike_count[i] spikes from spikes[i * ticks]
 * on. */
typedef struct ktg_slice_learning {
    const uint32_t *synapse, *source, *place, *spike_count;
    const uint8_t *delay;
    const ktg_slice_spike *spikes;
    const float *column[2];
    float *gradient;
    uint32_t count, ticks, second;
} ktg_slice_learning;

/* lanes: floats of a vector. */
typedef struct ktg_kernel_set {
    ketch_kernels id;
    uint32_t lanes;
    /* In each cell value = leak * value + delta, each rounded, and 0 where that is negative; delta
     * = 0; where value > threshold, value = resting. Writes the numbers of these cells, ascending,
     * to fired; to fired_from[b], how many of them are in blocks first..b-1, for b < end. Returns
     * how many they are. */
    uint32_t (*update)(const ktg_update *update);
    /* Adds the rows of all sources that fired to their targets' sums, in the order of the sources.
     * No sum may be -0. */
    void (*add_panel)(const ktg_panel *panel, const ktg_spikes *spikes);
    /* Adds the weights of the rows of all sources that fired to their targets' sums, in the order
     * of the sources. */
    void (*deliver)(const ktg_delivery *delivery);
    /* Adds the weights of each column whose sources fired to its target's sum, in their order.
     * fired: 1 for each source that fired, else 0; three more bytes can be read behind the last
     * one. No sum may be -0. */
    void (*add_columns)(float *sums, const ktg_columns *columns, const uint8_t *fired);
    /* The equations of KETCH_GLIA_CLEAN for each cell, in their order; due and input = 0. Writes
     * the numbers of the cells that fired, ascending, to fired, and returns how many they are. */
    uint32_t (*update_clean)(const ktg_clean_update *update);
    /* x = factor * x; x = factor * x + y; x = x + factor * y. Products are rounded before sums.
     * Rows have whole lines of 64 bytes, all of whose numbers are computed. */
    void (*scale)(float *x, size_t count, float factor);
    void (*scale_add)(float *x, const float *y, size_t count, float factor);
    void (*add_scaled)(float *x, const float *y, size_t count, float factor);
    /* Whether some number of such a row is below 2^-126 and not 0. */
    bool (*has_small)(const float *x, size_t count);
    /* Adds post of its target to the trace of each synapse whose source fired. */
    void (*add_posts)(float *trace, const float *post, const ktg_firing *firing);
    /* The same for a slice; spikes are in fired, and voltages before them in voltage. */
    void (*slice_update)(const ktg_slice_tick *update);
    /* Adds the weights of sources that fired to what is due in those lanes, source by source. */
    void (*slice_deliver)(const ktg_slice_delivery *delivery);
    /* Adds up the adjoint of each neuron's spike over its synapses, in their order. */
    void (*slice_signal)(const ktg_slice_signals *signals);
    void (*slice_back)(const ktg_slice_back *back);
    /* Sets a gradient to the sum over spikes, and then over lanes. */
    void (*slice_learn)(const ktg_slice_learning *learning);
} ktg_kernel_set;

/* The kernels that body.h makes with that suffix. */
#define KTG_KERNEL_SET(suffix, floats, number)                                                     \
    {                                                                                              \
        .id = (number), .lanes = (floats), .update = update_ticks_##suffix,                        \
        .add_panel = add_panel_ticks_##suffix, .deliver = deliver_ticks_##suffix,                  \
        .add_columns = add_columns_ticks_##suffix, .update_clean = update_clean_ticks_##suffix,    \
        .scale = scale_ticks_##suffix, .scale_add = scale_add_ticks_##suffix,                      \
        .add_scaled = add_scaled_ticks_##suffix, .has_small = has_small_ticks_##suffix,            \
        .add_posts = add_posts_ticks_##suffix, .slice_update = slice_update_ticks_##suffix,        \
        .slice_deliver = slice_deliver_ticks_##suffix,                                             \
        .slice_signal = slice_signal_ticks_##suffix, .slice_back = slice_back_ticks_##suffix,      \
        .slice_learn = slice_learn_ticks_##suffix                                                  \
    }

/* NULL: this build has no such set. */
const ktg_kernel_set *ktg_kernel_set_find(ketch_kernels kernels);

#endif
