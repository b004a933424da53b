/* Whether two circuits are the same. */
#include "ket/circuit/gates.h"
#include "ket/circuit/transfer.h"
#include <string.h>

static bool same_condition_of(const ketch_circuit *a, const ktq_gate *x, const ketch_circuit *b,
                              const ktq_gate *y)
{
    const ktq_condition *const p = ktq_gate_condition(a, x), *const q = ktq_gate_condition(b, y);
    return p->count == q->count && p->first == q->first && p->value == q->value;
}

static bool same_open_angle(const ketch_angle *p, const ketch_angle *q)
{
    if (p->parameter != q->parameter || p->factor != q->factor || p->offset != q->offset ||
        p->term_count != q->term_count)
        return false;
    for (uint64_t i = 0; i < p->term_count; i++)
        if (p->terms[i].parameter != q->terms[i].parameter ||
            p->terms[i].factor != q->terms[i].factor)
            return false;
    return true;
}

static bool same_param(const ketch_circuit *a, const ktq_gate *x, const ketch_circuit *b,
                       const ktq_gate *y, int i)
{
    const size_t p = ktq_gate_angle_index(a, x, i), q = ktq_gate_angle_index(b, y, i);
    if (p == KT_NONE)
        return ktq_gate_params(a, x)[i] == ktq_gate_params(b, y)[i];
    const ketch_angle angle = ktq_circuit_angle_at(a, p), other = ktq_circuit_angle_at(b, q);
    return same_open_angle(&angle, &other);
}

static bool same_params(const ketch_circuit *a, const ktq_gate *x, const ketch_circuit *b,
                        const ktq_gate *y)
{
    if (x->param_count != y->param_count || x->angle_mask != y->angle_mask)
        return false;
    for (int i = 0; i < x->param_count; i++)
        if (!same_param(a, x, b, y, i))
            return false;
    return true;
}

static bool same_qubits(const ketch_circuit *a, const ktq_gate *x, const ketch_circuit *b,
                        const ktq_gate *y)
{
    return x->own_count == y->own_count && x->control_count == y->control_count &&
           x->open_controls == y->open_controls &&
           memcmp(ktq_gate_qubits(a, x), ktq_gate_qubits(b, y), ktq_gate_qubit_count(x)) == 0;
}

static bool same_record(const ketch_circuit *a, const ketch_circuit *b, size_t index)
{
    const ktq_gate *const x = ktq_circuit_gate_at(a, index), *const y =
                                                                 ktq_circuit_gate_at(b, index);
    return x->gate == y->gate && x->bit == y->bit && same_qubits(a, x, b, y) &&
           same_params(a, x, b, y) && same_condition_of(a, x, b, y);
}

int32_t ketch_circuit_equal(const ketch_circuit *a, const ketch_circuit *b)
{
    if (ktq_circuit_check(a, __func__, NULL) || ktq_circuit_check(b, __func__, NULL))
        return 0;
    bool same = a->qubit_count == b->qubit_count && a->bit_count == b->bit_count &&
                a->parameters.count == b->parameters.count && a->gates.count == b->gates.count;
    for (size_t i = 0; same && i < a->gates.count; i++)
        same = same_record(a, b, i);
    return same;
}
