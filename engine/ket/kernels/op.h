/* Operations: what gates become before they are put into passes. */
#ifndef KTQ_KERNELS_OP_H
#define KTQ_KERNELS_OP_H

#include "ketch/core.h"

#include <stdbool.h>

/* What operations do, each only to indices with (index & control) == value.
 *  DENSE   a 2^k x 2^k matrix on qubits[0..k-1], k = 1..5
 *  DIAG    2^k factors on qubits[0..k-1], k = 0..10; k = 0: one, on the controlled amplitudes
 *  FLIP    index ^= moved: X on qubits[0]
 *  ROTATE  (a, b) -> (a - t b, b + t a) on qubits[0], t the tangent: a rotation but for its
 *          cosine, which is left to the pass; no controls
 *  PARITY  one factor where an odd number of the bits in fixed are 1; no controls
 *  NOTHING is skipped
 * A DIAG with k = 0 and no controls is a factor of the whole state. */
typedef enum ktq_op_kind {
    KTQ_DENSE,
    KTQ_DIAG,
    KTQ_FLIP,
    KTQ_ROTATE,
    KTQ_PARITY,
    KTQ_NOP
} ktq_op_kind;

enum { KTQ_OP_QUBITS_MAX = 10 };

/* Qubits are positions: bits of the index in memory. moved: those it is not diagonal on, which a
 * tile must hold. fixed: the others it touches (controls, diagonal qubits), which may lie anywhere.
 * moved & fixed == 0. Two operations commute as far as masks tell where neither's moved meets the
 * other's moved | fixed. */
typedef struct ktq_op {
    ktq_op_kind kind;
    int32_t count;
    uint8_t qubits[KTQ_OP_QUBITS_MAX];
    uint64_t moved, fixed;
    uint64_t control, value;
    uint64_t data;      /* its first double in the list's: re, im pairs; ROTATE: tangent, cosine */
    bool is_parametric; /* a rule computes its numbers when values are bound */
    uint64_t rule;      /* which; valid where is_parametric */
} ktq_op;

/* The row or column of op's matrix, or the entry of its diagonal, that an index belongs to. */
static inline size_t ktq_op_row(const ktq_op *op, uint64_t index)
{
    size_t row = 0;
    for (int32_t i = 0; i < op->count; i++)
        row |= (size_t)(index >> op->qubits[i] & 1) << i;
    return row;
}

/* The factor of a diagonal for an index; data: its list's. */
double _Complex ktq_op_factor(const ktq_op *op, const double *data, uint64_t index);

/* Operations skipped so far: one that does not commute with them must wait. */
typedef struct ktq_skipped {
    uint64_t moved, fixed;
} ktq_skipped;

static inline bool ktq_op_is_blocked(const ktq_op *op, const ktq_skipped *b)
{
    return (op->moved & (b->moved | b->fixed)) || (op->fixed & b->moved);
}

static inline void ktq_skipped_add(ktq_skipped *b, const ktq_op *op)
{
    b->moved |= op->moved;
    b->fixed |= op->fixed;
}

/* Operations in an order that gives the circuit's result. */
typedef struct ktq_op_list {
    ktq_op *ops;
    double *data;
    size_t count, capacity, data_count, data_capacity;
} ktq_op_list;

/* False, and the list as before, where memory is refused. */
bool ktq_op_list_add(ktq_op_list *list, const ktq_op *op, const double *data, size_t data_count);
/* Empties it, keeping its memory. */
void ktq_op_list_clear(ktq_op_list *list);
void ktq_op_list_free(ktq_op_list *list);

/* Makes room for count items of that size, at least doubling; false where memory is refused. */
bool ktq_reserve(void **items, size_t *capacity, size_t count, size_t size);

#endif
