/* Tile sums: sums of |a|^2 that are gathered from the tiles of a pass while they are in cache,
 * before they are written back. Each tile leaves a row of numbers of its own. The rows are added up
 * in the order of the tiles, so that the bits are the same at any thread count.
 *
 * A tile goes through in pieces. The squares of a piece become signed sums by a pruned
 * Walsh-Hadamard transform, one butterfly for each pair of halves that a sum needs. */
#ifndef KTQ_KERNELS_TILE_SUMS_H
#define KTQ_KERNELS_TILE_SUMS_H

#include "ket/kernels/pass.h"

/* A piece has up to 2^KTQ_PIECE_BITS amplitudes. The lowest KTQ_SUM_LANE_BITS of their numbers are
 * summed over only at the end of a tile. */
enum {
    KTQ_PIECE_BITS = 10,
    KTQ_SUM_LANE_BITS = 3,
    KTQ_SUM_LANES = 1 << KTQ_SUM_LANE_BITS,
    KTQ_BUTTERFLIES_MAX = (1 << (KTQ_PIECE_BITS - KTQ_SUM_LANE_BITS)) - 1
};

/* A term: number `index` of a tile's row += coefficient times the sum of |a|^2, negated for the
 * amplitudes whose index has an odd number of 1s among the bits in mask (a product of Pauli Z).
 * slot, within: set by ktq_tile_sums_prepare. */
typedef struct ktq_z_term {
    uint64_t mask;
    double coefficient;
    uint32_t index;
    uint32_t slot;   /* which signed sum and lane it is */
    uint64_t within; /* the part of mask in the tile but outside a piece */
} ktq_z_term;

/* Sums of |a|^2 by the outcomes of some qubits: qubits[j] is bit j of an outcome. The caller sets
 * count and qubits, ktq_tile_sums_prepare the rest. */
typedef struct ktq_bins {
    int32_t count;
    const int32_t *qubits;
    uint64_t lanes, inside, around; /* the qubits: lanes of a piece, the rest of it, of the tile */
    uint64_t keep;                  /* inside, as bits of an amplitude's number in the piece */
    size_t work;                    /* index of its first number in the work memory */
    size_t place;                   /* index in a row, where ktq_bins_width numbers follow */
} ktq_bins;

typedef enum ktq_butterfly_kind {
    KTQ_BUTTERFLY_ADD,
    KTQ_BUTTERFLY_SUBTRACT,
    KTQ_BUTTERFLY_BOTH
} ktq_butterfly_kind;

/* At least one of them is wanted. */
static inline ktq_butterfly_kind ktq_butterfly_kind_of(bool add, bool subtract)
{
    return add && subtract ? KTQ_BUTTERFLY_BOTH : add ? KTQ_BUTTERFLY_ADD : KTQ_BUTTERFLY_SUBTRACT;
}

/* Works on the 2 * half numbers behind `at`: the first half becomes the sum of the halves, or the
 * second half the difference, or both. */
typedef struct ktq_butterfly {
    uint32_t at, half;
    ktq_butterfly_kind kind;
} ktq_butterfly;

/* The signed sums first..first+count-1, whose terms have the same mask in the tile but outside a
 * piece. */
typedef struct ktq_sign {
    uint64_t within;
    uint32_t first, count;
} ktq_sign;

/* What is summed.
 * The caller sets tile, frame (what is packed at a time: the tile, or subtiles of it), bins and
 * terms with the fields that are theirs to set, and z_count, how many numbers of a row the terms
 * add to. It gives room for term_count signs and sums and, if there are terms, KTQ_BUTTERFLIES_MAX
 * butterflies. ktq_tile_sums_prepare sets the rest.
 * A row is z_count numbers, then the bins'. Work memory is the squares of a piece, a copy of them,
 * the signed sums, and the bins, all in doubles. */
typedef struct ktq_tile_sums {
    ktq_frame tile, frame;
    ktq_bins *bins;
    ktq_z_term *terms;
    ktq_sign *signs;
    uint32_t *sums; /* where in the transformed piece each signed sum begins */
    size_t bin_count, term_count, z_count;
    size_t sign_count, sum_count, butterfly_count;
    ktq_butterfly *butterflies;
    uint64_t piece; /* its positions: the lowest piece_bits of the frame's */
    int32_t piece_bits;
    size_t squares;     /* numbers of a piece, padded to KTQ_SUM_LANES */
    size_t work, width; /* of the work memory and of a row */
} ktq_tile_sums;

/* Plans the sums. Sorts the terms. */
void ktq_tile_sums_prepare(ktq_tile_sums *sums);

/* What one worker gathers. work: sums->work doubles, aligned to 64 bytes. */
typedef struct ktq_tile_sums_worker {
    const ktq_tile_sums *sums;
    double *work;
} ktq_tile_sums_worker;

/* Before a tile. */
void ktq_tile_sums_begin(const ktq_tile_sums_worker *worker);
/* After a tile: writes its row. base: the tile's outside bits. */
void ktq_tile_sums_end(const ktq_tile_sums_worker *worker, uint64_t base, double *row);

/* Transforms KTQ_SUM_LANES numbers: the sum with the signs of each mask of lane bits. */
void ktq_transform_lanes(double *lanes);

/* The tiles that left rows: the base of number i has the bits of i at the varying positions, and
 * those of fixed. */
typedef struct ktq_tiles {
    uint64_t varying, fixed;
} ktq_tiles;

static inline uint64_t ktq_tiles_count(const ktq_tiles *tiles)
{
    return UINT64_C(1) << kt_bit_count(tiles->varying);
}

static inline uint64_t ktq_tiles_base(const ktq_tiles *tiles, uint64_t tile)
{
    return kt_deposit(tile, tiles->varying) | tiles->fixed;
}

/* How many numbers of a row are the bins'. */
static inline size_t ktq_bins_width(const ktq_bins *bins, const ktq_frame *tile)
{
    uint64_t chosen = 0;
    for (int32_t j = 0; j < bins->count; j++)
        chosen |= UINT64_C(1) << bins->qubits[j];
    return (size_t)1 << kt_bit_count(chosen & tile->positions);
}

/* The sum of number z < z_count of all rows. */
double ktq_tile_sums_z(const ktq_tile_sums *sums, const ktq_tiles *tiles, const double *rows,
                       size_t z);
/* The 2^count sums of the bins to out. places: room for ktq_bins_width numbers. */
void ktq_tile_sums_bins(double *out, const ktq_tile_sums *sums, const ktq_bins *bins,
                        const ktq_tiles *tiles, const double *rows, uint64_t *places);

#endif
