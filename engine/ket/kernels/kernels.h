/* Kernel sets: the kernels of body.h compiled for one instruction set and precision, with what the
 * planner has to know of them. A set is chosen at run time.
 *
 * To add one: a file here that includes body.h, as scalar.c does, and its line in kernels.c. */
#ifndef KTQ_KERNELS_KERNELS_H
#define KTQ_KERNELS_KERNELS_H

#include "cpu.h"
#include "ket/kernels/call.h"
#include "ket/kernels/costs.h"
#include "ket/kernels/outer.h"
#include "ket/kernels/pass.h"
#include "ket/kernels/pauli_sums.h"
#include "ket/kernels/tile_sums.h"

/* One tile of a pass.
 * base: its index bits outside the frame.
 * unwritten, index: an amplitude of the tile is valid in memory iff its index agrees with `index`
 * on all positions in `unwritten`. All others are zero by definition, and their memory is garbage
 * unless is_zeroed.
 * is_zeroed: memory that is not valid holds zeros.
 * non_temporal: what was not read is written with stores that bypass the caches.
 * sums: NULL, or what the final amplitudes are added to. Its tile is the pass's frame, its frame
 * ktq_tile_sums_frame's. */
typedef struct ktq_visit {
    uint64_t base, unwritten, index;
    bool is_zeroed, non_temporal;
    const ktq_tile_sums_worker *sums;
} ktq_visit;

/* Tile sizes that the planner tries for states of 2^state_min to 2^state_max bytes, as log2 of
 * bytes. There are no subtiles if subtile == tile. */
typedef struct ktq_tile_sizes {
    int8_t state_min, state_max, tile, subtile;
} ktq_tile_sizes;

enum { KTQ_TILE_SIZES_MAX = 2 }; /* for a state of any size */

/* A kernel set.
 * family: the processors that its costs were measured on. Sets that differ in nothing else give
 * different plans from the same kernels.
 * lane_bits: log2 of the amplitudes in a vector. Tiles are padded to whole vectors.
 * resident_bits: log2 of the vectors that fit registers.
 * tile_sizes: in the order in which they are tried; the first one wins a draw. */
typedef struct ktq_kernel_set {
    ketch_kernels id;
    ketch_precision precision;
    kt_cpu_family family;
    int32_t lane_bits, resident_bits;
    const ktq_costs *costs;
    const ktq_tile_sizes *tile_sizes;
    size_t tile_size_count;
    const ktq_kernel_table *table;
    /* Applies a pass to a tile of a state. scratch: ktq_kernel_scratch bytes, aligned to 64. */
    void (*apply_tile)(const ktq_pass *pass, void *state, void *scratch, const ktq_visit *visit);
    /* Adds a tile of a state that is only read to the sums. scratch: for their frame. */
    void (*sum_tile)(const ktq_tile_sums_worker *sums, const void *state, void *scratch,
                     uint64_t base);
    /* Sums a sweep's groups over a tile of a state that is only read, to its row. scratch:
     * ktq_pauli_sums_scratch bytes, aligned to 64. base: the tile's outside bits. */
    void (*sum_paulis)(const ktq_pauli_sums *sums, const ktq_pauli_sweep *sweep, const void *state,
                       void *scratch, uint64_t base, double *row);
    /* Adds a sweep's terms, applied to a tile of a state, to the same tile of image, which is not
     * read but taken for 0 if is_first. scratch: ktq_pauli_apply_scratch bytes, aligned to 64. */
    void (*apply_paulis)(const ktq_pauli_sums *sums, const ktq_pauli_sweep *sweep,
                         const void *state, void *image, void *scratch, uint64_t base,
                         bool is_first);
    /* Adds outer products to a block of a matrix. */
    void (*add_outer)(const ktq_outer *outer);
    /* Applies the operations to a whole small state, in canonical order before and after. */
    void (*apply_small)(const ktq_small *small, void *state);
} ktq_kernel_set;

/* Sums of terms on a state of that many qubits, before they have terms. */
static inline ktq_pauli_sums ktq_pauli_sums_of(const ktq_kernel_set *set, int32_t qubits,
                                               size_t term_count, size_t width)
{
    return (ktq_pauli_sums){.qubits = qubits,
                            .lane_bits = set->lane_bits,
                            .precision = set->precision,
                            .term_count = term_count,
                            .width = width};
}

/* The set for the family that is its default. NULL if this build has no such set. */
const ktq_kernel_set *ktq_kernel_set_find(ketch_kernels kernels, ketch_precision precision);
/* The set for a given family. NULL if there is no such set, or no costs for that family. */
const ktq_kernel_set *ktq_kernel_set_find_for(ketch_kernels kernels, ketch_precision precision,
                                              kt_cpu_family family);
/* The i-th set, the default one first; NULL behind the last one. */
const ktq_kernel_set *ktq_kernel_set_get(ketch_kernels kernels, ketch_precision precision,
                                         size_t i);

/* What a set's file defines, for one precision: a set for each family with costs, the default one
 * first. No sets if this build has no such instructions. */
typedef struct ktq_kernel_sets {
    const ktq_kernel_set *sets;
    size_t count;
} ktq_kernel_sets;

#define KTQ_KERNEL_SETS(array)                                                                     \
    {                                                                                              \
        array, sizeof array / sizeof *array                                                        \
    }

/* Bytes of scratch that a worker needs for a tile, a multiple of 64. subtile_bits: of the largest
 * subtile that is not the whole tile; tile_bits if there is none. */
uint64_t ktq_kernel_scratch(const ktq_kernel_set *set, int32_t tile_bits, int32_t subtile_bits);

/* The frame that tile sums get at a time from a pass: what its last sweep writes to the state. */
static inline ktq_frame ktq_tile_sums_frame(const ktq_kernel_set *set, const ktq_pass *pass)
{
    const uint64_t lanes = (UINT64_C(1) << set->lane_bits) - 1;
    const bool is_scattered = (pass->frame.positions & lanes) != lanes;
    return is_scattered || !pass->subpass_count ? pass->frame
                                                : pass->subpasses[pass->subpass_count - 1].frame;
}

/* The positions of a frame that are lanes: its lowest. */
static inline uint64_t ktq_lane_positions(const ktq_kernel_set *set, uint64_t positions)
{
    return kt_deposit((UINT64_C(1) << set->lane_bits) - 1, positions);
}

/* Stores x as element i of an array of floats or doubles. */
static inline void ktq_put_real(bool single, void *memory, uint64_t i, double x)
{
    if (single)
        ((float *)memory)[i] = (float)x;
    else
        ((double *)memory)[i] = x;
}

#endif
