#include "ket/kernels/op.h"

#include "bits.h"
#include "list.h"

#include <assert.h>
#include <complex.h>
#include <string.h>

/* Whether the masks and counts are what the kind demands. */
static bool fits_kind(const ktq_op *op)
{
    const uint64_t targets = ktq_op_targets(op);
    switch ((ktq_op_kind)op->kind) {
    case KTQ_DENSE:
        return op->count >= 1 && op->count <= KTQ_DENSE_QUBITS_MAX && op->moved == targets &&
               op->fixed == op->control;
    case KTQ_DIAG:
        return op->moved == 0 && op->fixed == (targets | op->control);
    case KTQ_FLIP:
        return op->count >= 1 && op->count <= KTQ_FLIP_QUBITS_MAX && op->moved == targets &&
               op->fixed == op->control;
    case KTQ_ROTATE:
        return op->count == 1 && op->moved == targets && op->fixed == 0;
    case KTQ_PARITY:
        return op->moved == 0 && op->fixed == targets && op->control == 0;
    case KTQ_NOP:
        return true;
    }
    return false;
}

bool ktq_op_is_valid(const ktq_op *op)
{
    if (op->count > KTQ_OP_QUBITS_MAX)
        return false;
    const uint64_t targets = ktq_op_targets(op);
    return kt_bit_count(targets) == op->count && (targets & op->control) == 0 &&
           (op->moved & op->fixed) == 0 && (op->control & ~op->fixed) == 0 &&
           (op->value & ~op->control) == 0 && fits_kind(op);
}

double _Complex ktq_op_factor(const ktq_op *op, const double *data, uint64_t index)
{
    const double complex *const factors = (const double complex *)(data + op->data);
    if ((index & op->control) != op->value)
        return 1;
    if (op->kind == KTQ_PARITY)
        return kt_bit_count(index & op->fixed) & 1 ? factors[0] : 1;
    return factors[ktq_op_row(op, index)];
}

bool ktq_op_list_reserve(ktq_op_list *list, size_t count, size_t data_count)
{
    return (kt_list_fits(list->ops, list->capacity, list->count, count) ||
            kt_list_grow(&list->ops, &list->capacity, list->count, count, sizeof *list->ops,
                         list->region)) &&
           (kt_list_fits(list->data, list->data_capacity, list->data_count, data_count) ||
            kt_list_grow(&list->data, &list->data_capacity, list->data_count, data_count,
                         sizeof *list->data, list->region));
}

bool ktq_op_list_add(ktq_op_list *list, const ktq_op *op, const double *data, size_t data_count)
{
    assert(ktq_op_is_valid(op));
    if (!ktq_op_list_reserve(list, 1, data_count))
        return false;
    ktq_op *const added = &list->ops[list->count++];
    *added = *op;
    added->data = list->data_count;
    double *const to = list->data + list->data_count;
    list->data_count += data_count;
    if (data_count == 2) { /* most operations: a call would take longer than the copy */
        to[0] = data[0];
        to[1] = data[1];
    } else if (data_count) {
        memcpy(to, data, data_count * sizeof *data);
    }
    return true;
}

bool ktq_op_list_append(ktq_op_list *list, const ktq_op_list *from)
{
    if (!ktq_op_list_reserve(list, from->count, from->data_count))
        return false;
    for (size_t i = 0; i < from->count; i++) {
        list->ops[list->count] = from->ops[i];
        list->ops[list->count++].data += list->data_count;
    }
    if (from->data_count)
        memcpy(list->data + list->data_count, from->data, from->data_count * sizeof *from->data);
    list->data_count += from->data_count;
    return true;
}

void ktq_op_list_clear(ktq_op_list *list)
{
    list->count = 0;
    list->data_count = 0;
}
