/* A pass: one sweep of the state, tile by tile, that applies many operations to each tile in cache.
 */
#ifndef KTQ_KERNELS_PASS_H
#define KTQ_KERNELS_PASS_H

#include "ket/kernels/op.h"
#include "ket/kernels/small.h"
#include <stddef.h>
#include <stdint.h>

typedef struct ktq_call ktq_call; /* operations prepared for a kernel set: kernels.h */

/* Some positions, `bits` of them. A tile or sub-tile holds the amplitudes that differ on them
 * alone, in their order; the bits of all other positions are its base. */
typedef struct ktq_frame {
    uint64_t positions;
    int32_t bits;
} ktq_frame;

/* A sweep of a tile, sub-tile by sub-tile: each is brought into the first-level cache, and all
 * steps are applied to it. */
typedef struct ktq_subtile {
    ktq_frame frame; /* within the pass's, lanes included */
    size_t call_count;
    ktq_call *calls; /* their data follow them */
} ktq_subtile;

/* frame: of its tiles, among it the lowest run_bits. live: positions on which the state can differ
 * from a basis state before this pass, when the run began with one. scale: a factor of all
 * amplitudes, after the steps. A tiny program has tiny steps alone. */
typedef struct ktq_pass {
    ktq_frame frame;
    uint64_t live;
    int32_t run_bits;
    size_t subtile_count;
    ktq_subtile *subtiles;
    ktq_small small;
    double scale[2];
    uint64_t retired; /* source gates that are done when this pass is */
} ktq_pass;

/* Scatters the low bits of x to the set bits of mask, lowest first; gather is its inverse. */
static inline uint64_t ktq_deposit(uint64_t x, uint64_t mask)
{
    uint64_t out = 0;
    for (; mask; mask &= mask - 1, x >>= 1)
        if (x & 1)
            out |= mask & -mask;
    return out;
}

static inline uint64_t ktq_extract(uint64_t x, uint64_t mask)
{
    uint64_t out = 0;
    for (uint64_t bit = 1; mask; mask &= mask - 1, bit <<= 1)
        if (x & mask & -mask)
            out |= bit;
    return out;
}

#endif
