/* Sums of conj(a_i) a_(i^x), with signs: expectation values of products of the Pauli matrices X, Y
 * and Z. Terms of the same X mask are a group, and share the products. Groups are summed in sweeps
 * over a state that is only read. The tiles of a sweep are linear (span.h), so that both amplitudes
 * of each pair of all its groups lie in the same tile. Each tile leaves a row of numbers, as in
 * tile_sums.h.
 *
 * The products of a group go to its row of products, which has a number for each value of the bits
 * in which the Z masks of the group differ; signs that all of them share are applied before. At the
 * end of a tile a pruned Walsh-Hadamard transform turns it into a sum for each mask. */
#ifndef KTQ_KERNELS_PAULI_SUMS_H
#define KTQ_KERNELS_PAULI_SUMS_H

#include "ket/kernels/span.h"
#include "ket/kernels/tile_sums.h"
#include "ketch/circuits.h"
#include "layout.h"

/* A term: number `index` of a row += coefficient times the sum for a product of X (bits of x), Z
 * (bits of z) and Y (bits of both). ktq_pauli_sums_prepare sets the rest. */
typedef struct ktq_pauli_term {
    uint64_t x, z;
    double coefficient;
    uint32_t index;
    uint32_t slot; /* which number of the transformed row of products it is */
    uint32_t mask; /* z as a mask of numbers in the tile */
    double factor; /* the coefficient with the sign that its matrices Y give */
} ktq_pauli_term;

/* Terms of the same X mask and the same part of the products: the real one, or the imaginary one
 * if is_imaginary. Masks of 32 bits are of vectors' numbers in the tile. */
typedef struct ktq_pauli_group {
    uint64_t x;
    size_t first_term, term_count;
    size_t first_sum, sum_count;
    size_t first_butterfly, butterfly_count;
    uint32_t sweep;
    bool is_imaginary;
    uint32_t flip, flip_lanes; /* vectors and lanes of a pair differ by these */
    uint32_t gate;             /* pieces with this bit have no pairs of their own */
    uint32_t piece;            /* the bits in which a piece's vectors differ */
    uint32_t rows;             /* the bits that number vectors of the row; the lowest 2 of piece */
    uint32_t signs;            /* bits outside of rows on which all terms have a sign */
    size_t row;                /* where its row is in work memory; 0: the first one of a batch */
} ktq_pauli_group;

/* Groups first_group..first_group + group_count - 1, and the tiles that have all their pairs. */
typedef struct ktq_pauli_sweep {
    ktq_span span;
    size_t first_group, group_count;
} ktq_pauli_sweep;

/* What is summed. The caller sets the state's shape, lane_bits (of the kernel set), term_count, the
 * terms with the fields that are theirs to set, and width, the number of numbers of a row, and takes
 * the arrays with ktq_pauli_sums_take. ktq_pauli_sums_prepare sets the rest.
 * sums: where in its row each sum that a group transforms begins, in KTQ_SUM_LANES. */
typedef struct ktq_pauli_sums {
    int32_t qubits, lane_bits;
    ketch_precision precision;
    int32_t tile_bits, piece_bits; /* piece_bits: of numbers of vectors */
    size_t term_count, group_count, sweep_count, sum_count, butterfly_count, width;
    ktq_pauli_term *terms;
    ktq_pauli_group *groups;
    ktq_pauli_sweep *sweeps;
    uint32_t *sums;
    ktq_butterfly *butterflies;
} ktq_pauli_sums;

/* Takes the arrays. */
void ktq_pauli_sums_take(ktq_pauli_sums *sums, kt_layout *layout);
/* Plans the sweeps. Sorts the terms. Cost: terms times sweeps. */
void ktq_pauli_sums_prepare(ktq_pauli_sums *sums);
/* Bytes of scratch that a worker needs, before planning, too: for sums the tile and the rows of
 * products; to apply the terms the tile and its image. */
uint64_t ktq_pauli_sums_scratch(const ktq_pauli_sums *sums);
uint64_t ktq_pauli_apply_scratch(const ktq_pauli_sums *sums);
/* The number of tiles of each sweep. */
uint64_t ktq_pauli_sums_tiles(int32_t qubits);

/* The base of a tile of a sweep. */
static inline uint64_t ktq_pauli_sums_base(const ktq_pauli_sums *sums, const ktq_pauli_sweep *sweep,
                                           uint64_t tile)
{
    return kt_deposit(tile, ktq_span_outside(&sweep->span, sums->qubits));
}

/* For the kernels. The groups from `first` on whose rows of products are in memory at a time. */
size_t ktq_pauli_sums_batch(const ktq_pauli_sums *sums, const ktq_pauli_sweep *sweep, size_t first);
/* Adds the sums of a group, whose products are transformed, to a tile's row. */
void ktq_pauli_sums_add(const ktq_pauli_sums *sums, const ktq_pauli_group *group, double *products,
                        uint64_t base, double *row);

#endif
