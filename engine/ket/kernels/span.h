/* Tiles that are linear: the indices of a tile's amplitudes are its base xor the sums (xor) of some
 * generators. A sweep over such tiles finds amplitudes i and i ^ x in the same tile for every x that
 * is a sum of generators, on whatever qubits. */
#ifndef KTQ_KERNELS_SPAN_H
#define KTQ_KERNELS_SPAN_H

#include "bits.h"

/* A tile has up to 2^KTQ_SPAN_BITS amplitudes, and contiguous runs of 2^KTQ_SPAN_RUN_BITS where the
 * state has more than one tile. */
enum {
    KTQ_SPAN_BITS = 14,
    KTQ_SPAN_RUN_BITS = 5,
    KTQ_SPAN_GENERATORS = KTQ_SPAN_BITS - KTQ_SPAN_RUN_BITS
};

/* Bit k of an amplitude's number in its tile is bit k of its index for k < run_bits, else the share
 * of generator k - run_bits. Position k of pivots, counted from the lowest, is 1 in generator k
 * alone. The positions of the run are 0 in all generators. steps[k] is the sum of generators
 * 0..k. */
typedef struct ktq_span {
    int32_t run_bits, count;
    uint64_t pivots;
    uint64_t generators[KTQ_SPAN_GENERATORS], steps[KTQ_SPAN_GENERATORS];
} ktq_span;

/* The span of the run alone. */
ktq_span ktq_span_begin(int32_t qubits);
/* How many generators a span of a state gets. */
int32_t ktq_span_room(int32_t qubits);
/* Adds x to the generators unless the span has it. Returns false if it needs a generator and there
 * is room for no more. */
bool ktq_span_add(ktq_span *span, uint64_t x, int32_t qubits);
/* Adds single positions until the span has as many generators as there is room for, and sets
 * steps. */
void ktq_span_end(ktq_span *span, int32_t qubits);

/* What is left of x when its share of the generators is taken away; 0 where the span has x. */
static inline uint64_t ktq_span_rest(const ktq_span *span, uint64_t x)
{
    x &= ~(kt_bit((uint64_t)span->run_bits) - 1);
    for (int32_t k = 0; k < span->count; k++)
        if (x & span->pivots & span->generators[k])
            x ^= span->generators[k];
    return x;
}

/* The number in the tile of an index that the span has. */
static inline uint64_t ktq_span_number(const ktq_span *span, uint64_t index)
{
    return (index & (kt_bit((uint64_t)span->run_bits) - 1)) | kt_gather(index, span->pivots)
                                                                  << span->run_bits;
}

/* Bit k is whether bit k of a number in the tile adds an odd number of positions of the mask: the
 * mask as one of numbers. */
static inline uint64_t ktq_span_mask(const ktq_span *span, uint64_t mask)
{
    uint64_t out = mask & (kt_bit((uint64_t)span->run_bits) - 1);
    for (int32_t k = 0; k < span->count; k++)
        out |= (uint64_t)(kt_bit_count(mask & span->generators[k]) & 1) << (span->run_bits + k);
    return out;
}

/* The positions in which bases of tiles differ. */
static inline uint64_t ktq_span_outside(const ktq_span *span, int32_t qubits)
{
    return (kt_bit((uint64_t)qubits) - 1) & ~(kt_bit((uint64_t)span->run_bits) - 1) & ~span->pivots;
}

#endif
