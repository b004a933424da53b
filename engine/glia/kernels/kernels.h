/* The inner loops of ticks: one body, compiled for each instruction set. All sets give the same
 * bits. */
#ifndef KTG_KERNELS_KERNELS_H
#define KTG_KERNELS_KERNELS_H

#include "ketch/core.h"

#include <stdint.h>

enum {
    /* Neurons of a block, whose numbers are consecutive; a row of cells has whole blocks. */
    KTG_BLOCK = 16,
    /* The most blocks of a panel. */
    KTG_PANEL_BLOCKS = 4
};

/* What an update reads and writes: a number for each cell, 0 behind the last one. fired has room for
 * all cells, fired_from for one number more than there are blocks. */
typedef struct ktg_update {
    const float *threshold, *leak, *resting;
    float *value, *delta;
    uint32_t *fired, *fired_from;
    uint32_t blocks;
} ktg_update;

/* The weights of the synapses into up to KTG_PANEL_BLOCKS consecutive blocks of targets: a row for
 * each source, and a column for each target, 0 where there is no synapse. Blocks of targets begin at
 * `block`. Sources are blocks source..source_end-1, of which own..own_end-1 are the targets' own;
 * if the targets are not among the sources, both are the place where they would be. */
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

/* lanes: floats of a vector. */
typedef struct ktg_kernel_set {
    ketch_kernels id;
    uint32_t lanes;
    /* In each cell value = leak * value + delta, each rounded, and 0 where that is negative; delta =
     * 0; where value > threshold, value = resting. Writes the numbers of these cells, ascending, to
     * fired, and to fired_from[b] how many of them are in blocks before b. */
    void (*update)(const ktg_update *update);
    /* Adds the rows of all sources that fired to their targets' sums, in the order of the sources.
     * No sum may be -0. */
    void (*add_panel)(const ktg_panel *panel, const ktg_spikes *spikes);
} ktg_kernel_set;

/* The kernels that body.h makes with that suffix. */
#define KTG_KERNEL_SET(suffix, floats, number)                                                     \
    {                                                                                              \
        .id = (number), .lanes = (floats), .update = update_ticks_##suffix,                        \
        .add_panel = add_panel_ticks_##suffix                                                      \
    }

/* NULL: this build has no such set. */
const ktg_kernel_set *ktg_kernel_set_find(ketch_kernels kernels);

#endif
