/* Passes: a pass is one sweep of the state, tile by tile, that applies many operations to each tile
 * while it is in cache. */
#ifndef KTQ_KERNELS_PASS_H
#define KTQ_KERNELS_PASS_H

#include "bits.h"
#include "ket/kernels/op.h"
#include "ket/kernels/small.h"

struct ktq_call; /* call.h */

/* In bytes. */
static inline uint64_t ktq_amplitude_size(ketch_precision precision)
{
    return precision == KETCH_SINGLE ? 8 : 16;
}

static inline const char *ktq_precision_name(ketch_precision precision)
{
    return precision == KETCH_SINGLE ? "single" : "double";
}

/* The positions of a tile or subtile: it contains the 2^bits amplitudes whose indices differ in
 * these positions alone, in ascending order. The bits of all other positions are its base.
 * Invariant: bits == popcount(positions). */
typedef struct ktq_frame {
    uint64_t positions;
    int32_t bits;
} ktq_frame;

/* For assertions. */
static inline bool ktq_frame_is_valid(const ktq_frame *frame)
{
    return frame->bits == kt_bit_count(frame->positions);
}

/* A sweep of a tile, subtile by subtile: each is brought into the first-level cache, and all calls
 * are applied to it. frame: of the subtiles. It is within the pass's frame and contains its lanes. */
typedef struct ktq_subpass {
    ktq_frame frame;
    size_t call_count;
    struct ktq_call *calls; /* their data follow them */
} ktq_subpass;

/* A pass.
 * frame: of its tiles. It contains the lowest run_bits positions: the length of contiguous runs.
 * support: the positions on which the state before this pass can differ from the basis state that
 * the run began with.
 * small: used instead of subpasses in a program whose whole state fits registers.
 * scale: a complex factor of all amplitudes, applied after the calls.
 * retired: source gates that are finished when this pass is. */
typedef struct ktq_pass {
    ktq_frame frame;
    uint64_t support;
    int32_t run_bits;
    size_t subpass_count;
    ktq_subpass *subpasses;
    ktq_small small;
    double scale[2];
    uint64_t retired;
} ktq_pass;

#endif
