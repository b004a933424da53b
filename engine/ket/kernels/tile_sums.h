/* Observers: sums of |a|^2 gathered from the tiles of a pass while they are in cache, before they
 * are written back. Each tile leaves a row of numbers of its own; the rows are added up in the
 * order of the tiles: the same bits at any thread count. */
#ifndef KTQ_KERNELS_TILE_SUMS_H
#define KTQ_KERNELS_TILE_SUMS_H

#include "ket/kernels/pass.h"

/* A piece is what is summed at once: up to 2^KTQ_PIECE_BITS amplitudes. Their numbers' lowest
 * KTQ_SUM_LANE_BITS bits are added up only at the end of a tile. */
enum {
    KTQ_PIECE_BITS = 10,
    KTQ_SUM_LANE_BITS = 3,
    KTQ_SUM_LANES = 1 << KTQ_SUM_LANE_BITS,
    KTQ_BUTTERFLIES_MAX = (1 << (KTQ_PIECE_BITS - KTQ_SUM_LANE_BITS)) - 1
};

/* Sum over the amplitudes of |a|^2, negative where an odd number of the mask's bits are 1, times
 * the coefficient; to number `index` of a tile's row. within, slot: where the plan finds it. */
typedef struct ktq_z_term {
    uint64_t mask;
    double coefficient;
    uint32_t index;
    uint32_t slot;
    uint64_t within;
} ktq_z_term;

/* Sums of |a|^2 by the outcomes of some qubits: qubits[j] is bit j of an outcome. The rest is the
 * plan's: chosen positions among a piece's lanes, the rest of a piece, and the rest of a tile. */
typedef struct ktq_bins {
    int32_t count;
    const int32_t *qubits;
    uint64_t lanes, inside, around;
    uint64_t keep; /* inside, as bits of an amplitude's number in the piece */
    size_t work;   /* its first number in the work memory */
    size_t place;  /* and in a row, where 2^popcount(lanes, inside, around) numbers follow */
} ktq_bins;

typedef enum ktq_butterfly_kind {
    KTQ_BUTTERFLY_ADD,
    KTQ_BUTTERFLY_SUBTRACT,
    KTQ_BUTTERFLY_BOTH
} ktq_butterfly_kind;

/* Of 2 * half numbers from `at` on: the first half becomes the sum of the halves, the second half
 * the difference, or only one of them. */
typedef struct ktq_butterfly {
    uint32_t at, half;
    ktq_butterfly_kind kind;
} ktq_butterfly;

/* Signed sums first..first+count-1 all have these bits outside the piece but in the tile. */
typedef struct ktq_sign {
    uint64_t within;
    uint32_t first, count;
} ktq_sign;

/* The caller sets tile, frame (what is packed at once: the tile or sub-tiles of it), bins and terms
 * with their own first fields, z_count (numbers that terms add to), and room for term_count signs
 * and sums and, where there are terms, KTQ_BUTTERFLIES_MAX butterflies; ktq_tile_sums_prepare does
 * the rest. Work memory: squares, a copy of them, signed sums, bins. */
typedef struct ktq_tile_sums {
    ktq_frame tile, frame;
    ktq_bins *bins;
    ktq_z_term *terms;
    ktq_sign *signs;
    uint32_t *sums; /* where in the folded piece each begins */
    size_t bin_count, term_count, z_count;
    size_t sign_count, sum_count, butterfly_count;
    ktq_butterfly *butterflies;
    uint64_t piece; /* its positions: the frame's lowest piece_bits */
    int32_t piece_bits;
    size_t squares;     /* numbers of a piece, padded to whole lanes */
    size_t work, width; /* doubles of work memory, and of a row: z_count, then bins */
} ktq_tile_sums;

/* Sorts the terms. */
void ktq_tile_sums_prepare(ktq_tile_sums *observer);

/* A worker's observer, with its work memory (aligned to 64 bytes). */
typedef struct ktq_tile_sums_worker {
    const ktq_tile_sums *observer;
    double *work;
} ktq_tile_sums_worker;

/* Before a tile, and after it: writes its row. base: its outside bits. */
void ktq_tile_sums_begin(const ktq_tile_sums_worker *observing);
void ktq_tile_sums_end(const ktq_tile_sums_worker *observing, uint64_t base, double *row);

/* Tiles that left rows: number i has the bits of i at the varying positions, and those of fixed. */
typedef struct ktq_tiles {
    uint64_t varying, fixed;
} ktq_tiles;

static inline uint64_t ktq_tiles_count(const ktq_tiles *tiles)
{
    return UINT64_C(1) << __builtin_popcountll(tiles->varying);
}

static inline uint64_t ktq_tiles_base(const ktq_tiles *tiles, uint64_t tile)
{
    return ktq_deposit(tile, tiles->varying) | tiles->fixed;
}

/* Numbers in the bins of a tile. */
static inline size_t ktq_bins_width(const ktq_bins *bins, const ktq_frame *tile)
{
    uint64_t chosen = 0;
    for (int32_t j = 0; j < bins->count; j++)
        chosen |= UINT64_C(1) << bins->qubits[j];
    return (size_t)1 << __builtin_popcountll(chosen & tile->positions);
}

/* Number z < z_count of all rows, added up. */
double ktq_tile_sums_z(const ktq_tile_sums *observer, const ktq_tiles *tiles, const double *rows,
                       size_t z);
/* The 2^count sums of the bins. places: room for their width. */
void ktq_tile_sums_bins(double *sums, const ktq_tile_sums *observer, const ktq_bins *bins,
                        const ktq_tiles *tiles, const double *rows, uint64_t *places);

#endif
