/* What things cost: estimates of one core's time on the machine that kernels/cost_tables.h was
 * measured on. They choose between plans, so they may depend on the kernel set and the precision,
 * never on this machine or a clock. */
#ifndef KTQ_COMPILE_COST_H
#define KTQ_COMPILE_COST_H

#include "ketch/circuits.h"
#include "ket/kernels/kernels.h"

/* What kernels do, as far as it matters for their time; a row of the tables. The counts in names:
 * rotations, or targets in vectors and in lanes. Of DENSE_MANY one input of one row. */
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

/* How large a frame is that steps work on: up to 2^15 bytes, 2^18, or more. */
typedef enum ktq_cost_level {
    KTQ_COST_IN_L1,
    KTQ_COST_IN_L2,
    KTQ_COST_BEYOND_L2,
    KTQ_COST_LEVELS
} ktq_cost_level;

enum { KTQ_L1_BYTES_LOG = 15, KTQ_L2_BYTES_LOG = 18 };

/* A contiguous run of a tile has 2^KTQ_COST_RUN_MIN amplitudes, or up to so many times more. */
enum { KTQ_COST_RUN_MIN = 4, KTQ_COST_RUNS = 7 };

/* What members of a HELD group do: for each rotation, table of factors, or flip that they have.
 * KTQ_COST_RESIDENT: load, store and call. */
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

/* Picoseconds. step, resident: for each vector that the kernel touches; call: for each call of one.
 * stream: for an amplitude from the state to a tile and back, by run length: tiles up to 2^18 bytes
 * and larger ones of a state in memory, tiles of a state of up to 2^24 bytes. first, more: for an
 * amplitude of a tile cut into sub-tiles, by the first sweep and by each one after it. prepare: for
 * a byte of a step's table of factors. */
typedef struct ktq_costs {
    uint32_t step[KTQ_COST_KINDS][KTQ_COST_LEVELS];
    uint32_t resident[KTQ_COST_MEMBERS];
    uint32_t call;
    uint32_t stream[3][KTQ_COST_RUNS];
    uint32_t first, more, prepare;
} ktq_costs;

const ktq_costs *ktq_costs_of(const ktq_kernel_set *set);

/* Picoseconds for each vector of a frame by kind of operation, wherever its qubits may lie in it
 * and beside others of its kind; of DENSE by its number of qubits. */
typedef struct ktq_op_costs {
    uint32_t kind[KTQ_NOP + 1];
    uint32_t dense[KETCH_UNITARY_QUBITS_MAX + 1];
} ktq_op_costs;

ktq_op_costs ktq_cost_ops(const ktq_kernel_set *set);

static inline uint32_t ktq_cost_op(const ktq_op_costs *costs, const ktq_op *op)
{
    return op->kind == KTQ_DENSE ? costs->dense[op->count] : costs->kind[op->kind];
}

/* Nanoseconds of the groups on one frame, averaged over what lies outside it. */
double ktq_cost_groups(const ktq_kernel_set *set, const ktq_group *groups, size_t count,
                       const ktq_frame *frame);
/* Nanoseconds for an amplitude, from a state of so many qubits to a tile and back. */
double ktq_cost_transfer(const ktq_kernel_set *set, const ktq_frame *tile, int32_t qubits);
/* Nanoseconds for preparing so many bytes of calls' data. */
double ktq_cost_prepare(const ktq_kernel_set *set, size_t size);

#endif
