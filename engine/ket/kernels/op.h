/* Operations: what gates become before they are assigned to passes. */
#ifndef KTQ_KERNELS_OP_H
#define KTQ_KERNELS_OP_H

#include "ketch/core.h"
#include "region.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Kinds of operations. Each acts on the indices with (index & control) == value.
 *  DENSE   a 2^k x 2^k matrix on qubits[0..k-1], k = 1..KTQ_DENSE_QUBITS_MAX
 *  DIAG    2^k diagonal factors on qubits[0..k-1], k = 0..KTQ_OP_QUBITS_MAX. k = 0: one factor, of
 *          the controlled amplitudes, or of the whole state if there are no controls
 *  FLIP    index ^= moved: X on qubits[0..count-1], count = 1..KTQ_FLIP_QUBITS_MAX
 *  ROTATE  (a, b) -> (a - t b, b + t a) on qubits[0], t the tangent of an angle. A rotation is that
 *          times the cosine, which the pass multiplies in later. It has no controls
 *  PARITY  one factor, of the indices with an odd number of 1s among the bits in fixed. It has no
 *          controls
 *  NOP     no operation */
typedef enum ktq_op_kind {
    KTQ_DENSE,
    KTQ_DIAG,
    KTQ_FLIP,
    KTQ_ROTATE,
    KTQ_PARITY,
    KTQ_NOP
} ktq_op_kind;

enum { KTQ_OP_QUBITS_MAX = 10, KTQ_DENSE_QUBITS_MAX = 6, KTQ_FLIP_QUBITS_MAX = 5 };

/* An operation. Qubits are positions: bits of the index in memory.
 * kind: a ktq_op_kind, in a byte so that an operation is one cache line.
 * moved: the positions on which the operation is not diagonal. A tile must contain them.
 * fixed: the other positions that it depends on (controls, diagonal qubits). They may lie anywhere.
 * data: index of its first double in the list's data: re, im pairs; ROTATE: tangent, cosine.
 * is_parametric: rule number `rule` computes its numbers when values are bound.
 * Invariant: ktq_op_is_valid. */
typedef struct ktq_op {
    uint8_t kind, count;
    bool is_parametric;
    uint8_t qubits[KTQ_OP_QUBITS_MAX];
    uint64_t moved, fixed;
    uint64_t control, value;
    uint64_t data;
    uint64_t rule;
} ktq_op;

/* For assertions: moved and fixed are disjoint, control is part of fixed and value of control,
 * count, qubits and masks are as the kind demands. */
bool ktq_op_is_valid(const ktq_op *op);

/* The mask of qubits[0..count-1]. */
static inline uint64_t ktq_op_targets(const ktq_op *op)
{
    uint64_t mask = 0;
    for (int32_t i = 0; i < op->count; i++)
        mask |= UINT64_C(1) << op->qubits[i];
    return mask;
}

/* The row or column of the operation's matrix, or the entry of its diagonal, for an index. */
static inline size_t ktq_op_row(const ktq_op *op, uint64_t index)
{
    size_t row = 0;
    for (int32_t i = 0; i < op->count; i++)
        row |= (size_t)(index >> op->qubits[i] & 1) << i;
    return row;
}

/* The factor of a DIAG or PARITY for an index. data: its list's. */
double _Complex ktq_op_factor(const ktq_op *op, const double *data, uint64_t index);

/* Operations in an order that gives the circuit's result, and their numbers, in memory of the
 * region. */
typedef struct ktq_op_list {
    kt_region *region;
    ktq_op *ops;
    double *data;
    size_t count, capacity, data_count, data_capacity;
} ktq_op_list;

/* Makes room for so many operations and numbers more, so that adding them does not move the others.
 * False, and the list unchanged, if memory is refused. */
bool ktq_op_list_reserve(ktq_op_list *list, size_t count, size_t data_count);
/* Appends a copy of the operation with its data_count numbers. False, and the list unchanged, if
 * memory is refused. */
bool ktq_op_list_add(ktq_op_list *list, const ktq_op *op, const double *data, size_t data_count);
/* Appends copies of another list's operations and numbers. False, and the list unchanged, if memory
 * is refused. */
bool ktq_op_list_append(ktq_op_list *list, const ktq_op_list *from);
/* Removes all operations. The list keeps its memory. */
void ktq_op_list_clear(ktq_op_list *list);

#endif
