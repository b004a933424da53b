/* What kernels cost: the form of the rows in cost_tables.h. A row holds the times of one kernel set
 * in one precision, measured on one family of processors, or the means of several families. Rows
 * choose between plans, so they are selected by the caller, and by the machine that the library runs
 * on only where the caller asks for that. */
#ifndef KTQ_KERNELS_COSTS_H
#define KTQ_KERNELS_COSTS_H

#include <stdbool.h>
#include <stdint.h>

/* Kernels, as far as it matters for their time. The numbers in names count rotations, or targets
 * in vectors and in lanes. Of DENSE_MANY one input of one row. */
typedef enum ktq_cost_kind {
    KTQ_COST_ROTATE_1,
    KTQ_COST_ROTATE_2,
    KTQ_COST_ROTATE_3,
    KTQ_COST_TERMS_0,
    KTQ_COST_TERMS_1,
    KTQ_COST_TERMS_2,
    KTQ_COST_TERMS_3,
    KTQ_COST_LANES_1,
    KTQ_COST_LANES_2,
    KTQ_COST_LANES_3,
    KTQ_COST_LANES_4,
    KTQ_COST_LANE_TERMS_0,
    KTQ_COST_LANE_TERMS_1,
    KTQ_COST_LANE_TERMS_2,
    KTQ_COST_LANE_TERMS_3,
    KTQ_COST_LANE_TERMS_4,
    KTQ_COST_FLIP_WHOLE,
    KTQ_COST_FLIP_MASKED,
    KTQ_COST_FLIP_LANES,
    KTQ_COST_DENSE_1_0,
    KTQ_COST_DENSE_0_1,
    KTQ_COST_DENSE_2_0,
    KTQ_COST_DENSE_1_1,
    KTQ_COST_DENSE_0_2,
    KTQ_COST_DENSE_MANY,
    KTQ_COST_DENSE_MANY_LANES,
    KTQ_COST_DIAG,
    KTQ_COST_KINDS
} ktq_cost_kind;

/* The size of the frame that a kernel works on: up to 2^KTQ_L1_BYTES_LOG bytes, up to
 * 2^KTQ_L2_BYTES_LOG, or more. */
typedef enum ktq_cost_level {
    KTQ_COST_IN_L1,
    KTQ_COST_IN_L2,
    KTQ_COST_BEYOND_L2,
    KTQ_COST_LEVELS
} ktq_cost_level;

enum { KTQ_L1_BYTES_LOG = 15, KTQ_L2_BYTES_LOG = 18 };

/* Columns for the lengths of a tile's contiguous runs: 2^KTQ_COST_RUN_MIN amplitudes, twice as
 * many, and so on. */
enum { KTQ_COST_RUN_MIN = 4, KTQ_COST_RUNS = 7 };

/* What members of RESIDENT groups do, for each rotation, table of factors, or flip that they have.
 * KTQ_COST_RESIDENT: loading and storing the vectors. */
typedef enum ktq_cost_member {
    KTQ_COST_RESIDENT,
    KTQ_COST_RESIDENT_ROTATE,
    KTQ_COST_RESIDENT_FACTORS,
    KTQ_COST_RESIDENT_LANE_ROTATE,
    KTQ_COST_RESIDENT_LANE_FACTORS,
    KTQ_COST_RESIDENT_FLIP,
    KTQ_COST_RESIDENT_FLIP_MASKED,
    KTQ_COST_RESIDENT_FLIP_LANES,
    KTQ_COST_MEMBERS
} ktq_cost_member;

/* A row, in picoseconds.
 * kernel, resident: for each vector that is touched.
 * call: for each call of a kernel.
 * transfer: for an amplitude from the state to a tile and back, by run length. Rows: tiles of up to
 * 2^KTQ_L2_BYTES_LOG bytes, and larger ones, of a state in memory; any tile of a state in cache.
 * first, more: for an amplitude of a tile that is cut into subtiles, in its first sweep and in each
 * later one.
 * prepare: for a byte of a call's table of factors. */
typedef struct ktq_costs {
    uint32_t kernel[KTQ_COST_KINDS][KTQ_COST_LEVELS];
    uint32_t resident[KTQ_COST_MEMBERS];
    uint32_t call;
    uint32_t transfer[3][KTQ_COST_RUNS];
    uint32_t first, more, prepare;
} ktq_costs;

/* A row as a sequence of numbers, in the order of its fields. */
enum { KTQ_COST_NUMBERS = sizeof(ktq_costs) / sizeof(uint32_t) };

/* The largest number in a row: sums of what a group's members cost fit 32 bits. */
enum { KTQ_COST_MAX = 10000000 };

/* False: a kernel set with 2^lane_bits amplitudes in a vector has no such kernel, and its cost is
 * 0. */
static inline bool ktq_cost_is_kernel(ktq_cost_kind kind, int32_t lane_bits)
{
    const int32_t k = (int32_t)kind;
    const int32_t lanes = kind <= KTQ_COST_TERMS_3        ? 0
                          : kind <= KTQ_COST_LANES_4      ? k - KTQ_COST_LANES_1 + 1
                          : kind <= KTQ_COST_LANE_TERMS_4 ? k - KTQ_COST_LANE_TERMS_0
                                                          : 0;
    return lanes <= lane_bits;
}

/* A hash of a row's numbers. */
uint64_t ktq_costs_hash(const ktq_costs *costs);

#endif
