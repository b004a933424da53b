/* What things cost: estimates of one core's time on the machine that kernels/cost_tables.h was
 * measured on. They choose between plans, so they may depend on the kernel set and the precision,
 * never on this machine or a clock. */
#ifndef KTQ_COMPILE_COST_H
#define KTQ_COMPILE_COST_H

#include "ket/kernels/kernels.h"

/* What kernels do, as far as it matters for their time; a row of the tables. The counts in names:
 * rotations, or targets in vectors and in lanes. Of DENSE_MANY one input of one row. */
typedef enum kt_cost_kind {
    KT_COST_TURN_1,
    KT_COST_TURN_2,
    KT_COST_TURN_3,
    KT_COST_TERMS_0,
    KT_COST_TERMS_1,
    KT_COST_TERMS_2,
    KT_COST_TERMS_3,
    KT_COST_LANES_1,
    KT_COST_LANES_2,
    KT_COST_LANES_3,
    KT_COST_LANES_4,
    KT_COST_LANE_TERMS_0,
    KT_COST_LANE_TERMS_1,
    KT_COST_LANE_TERMS_2,
    KT_COST_LANE_TERMS_3,
    KT_COST_LANE_TERMS_4,
    KT_COST_FLIP_PLAIN,
    KT_COST_FLIP_VECTORS,
    KT_COST_FLIP_LANES,
    KT_COST_DENSE_1_0,
    KT_COST_DENSE_0_1,
    KT_COST_DENSE_2_0,
    KT_COST_DENSE_1_1,
    KT_COST_DENSE_0_2,
    KT_COST_DENSE_MANY,
    KT_COST_DENSE_MANY_LANES,
    KT_COST_DIAG,
    KT_COST_KINDS
} kt_cost_kind;

/* How large a frame is that steps work on: up to 2^15 bytes, 2^18, or more. */
typedef enum kt_cost_level {
    KT_COST_SMALL,
    KT_COST_MIDDLE,
    KT_COST_LARGE,
    KT_COST_LEVELS
} kt_cost_level;

enum { KT_COST_SMALL_BITS = 15, KT_COST_MIDDLE_BITS = 18 };

/* A contiguous run of a tile has 2^KT_COST_RUN_MIN amplitudes, or up to so many times more. */
enum { KT_COST_RUN_MIN = 4, KT_COST_RUNS = 7 };

/* What members of a HELD group do: for each rotation, table of factors, or flip that they have.
 * KT_COST_HELD: load, store and call. */
typedef enum kt_cost_member {
    KT_COST_HELD,
    KT_COST_HELD_TURN,
    KT_COST_HELD_FACTORS,
    KT_COST_HELD_LANE_TURN,
    KT_COST_HELD_LANE_FACTORS,
    KT_COST_HELD_FLIP,
    KT_COST_HELD_FLIP_SOME,
    KT_COST_HELD_FLIP_LANES,
    KT_COST_MEMBERS
} kt_cost_member;

/* Picoseconds. step, held: for each vector that the kernel touches; call: for each call of one.
 * stream: for an amplitude from the state to a tile and back, by run length: tiles up to 2^18 bytes
 * and larger ones of a state in memory, tiles of a state of up to 2^24 bytes. first, more: for an
 * amplitude of a tile cut into sub-tiles, by the first sweep and by each one after it. prepare: for
 * a byte of a step's table of factors. */
typedef struct kt_costs {
    uint32_t step[KT_COST_KINDS][KT_COST_LEVELS];
    uint32_t held[KT_COST_MEMBERS];
    uint32_t call;
    uint32_t stream[3][KT_COST_RUNS];
    uint32_t first, more, prepare;
} kt_costs;

const kt_costs *kt_costs_of(const kt_kernel_set *set);

/* Picoseconds for each vector of a frame by kind of operation, wherever its qubits may lie in it
 * and beside others of its kind; of DENSE by its number of qubits. */
typedef struct kt_op_costs {
    uint32_t kind[KT_NOTHING + 1];
    uint32_t dense[KETCH_UNITARY_QUBITS_MAX + 1];
} kt_op_costs;

kt_op_costs kt_cost_ops(const kt_kernel_set *set);

static inline uint32_t kt_cost_op(const kt_op_costs *costs, const kt_op *op)
{
    return op->kind == KT_DENSE ? costs->dense[op->count] : costs->kind[op->kind];
}

/* Nanoseconds of the groups on one frame, averaged over what lies outside it. */
double kt_cost_groups(const kt_kernel_set *set, const kt_group *groups, size_t count,
                      const kt_frame *frame);
/* Nanoseconds for a pass on a state of so many qubits that begins on its live positions. */
double kt_cost_pass(const kt_kernel_set *set, const kt_pass *pass, int32_t qubits, uint64_t live);
/* Nanoseconds for preparing so many bytes of steps' data. */
double kt_cost_prepare(const kt_kernel_set *set, size_t size);

#endif
