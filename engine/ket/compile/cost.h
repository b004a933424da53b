/* Estimates of one core's time, by the costs of the kernel set. They choose between plans, so they
 * depend on the set and its costs alone, never on this machine or a clock. */
#ifndef KTQ_COMPILE_COST_H
#define KTQ_COMPILE_COST_H

#include "ketch/circuits.h"
#include "ket/kernels/kernels.h"

/* Picoseconds for each vector of a frame by kind of operation, and for DENSE by its number of
 * qubits: rough ones, for operations whose place in a frame is not known yet. */
typedef struct ktq_op_costs {
    uint32_t kind[KTQ_NOP + 1];
    uint32_t dense[KTQ_DENSE_QUBITS_MAX + 1];
} ktq_op_costs;

ktq_op_costs ktq_cost_ops(const ktq_kernel_set *set);

static inline uint32_t ktq_cost_op(const ktq_op_costs *costs, const ktq_op *op)
{
    return op->kind == KTQ_DENSE ? costs->dense[op->count] : costs->kind[op->kind];
}

/* Nanoseconds for the groups on one frame, on average over the bits outside it. *reached: the
 * positions on which the state can differ from a basis state, updated. Rotations of vectors and
 * RESIDENT groups leave out vectors that are zero. */
double ktq_cost_groups(const ktq_kernel_set *set, const ktq_group *groups, size_t count,
                       const ktq_frame *frame, uint64_t *reached);
/* Nanoseconds for an amplitude, from a state of so many qubits to a tile and back. */
double ktq_cost_transfer(const ktq_kernel_set *set, const ktq_frame *tile, int32_t qubits);
/* Nanoseconds for preparing so many bytes of calls' data. */
double ktq_cost_prepare(const ktq_kernel_set *set, size_t size);

#endif
