/* Many gates of fixed shape in one call. */
#include "ket/circuit/checks.h"

/* The arrays of the call: what no gate has taken yet. */
typedef struct gate_arrays {
    const int32_t *gates, *qubits;
    const double *params;
    uint64_t gate_count, qubit_count, param_count;
} gate_arrays;

/* Writes the next gate behind the circuit's lists, where `qubit` and `param` are their counts. */
static ketch_status write_gate(ktq_gate *gate, const ktq_addition *a, gate_arrays *left,
                               uint64_t *qubit, uint64_t *param)
{
    ketch_circuit *circuit = a->circuit;
    const ktq_gate_spec *spec;
    KT_TRY(ktq_find_spec(&spec, a));
    const size_t qubits = (size_t)spec->qubits, params = (size_t)spec->params;
    if (qubits > left->qubit_count)
        return ktq_fail_arity(a, "qubits", left->qubit_count, qubits);
    if (params > left->param_count)
        return ktq_fail_arity(a, "params", left->param_count, params);
    const ktq_qubit_row row = {left->qubits, NULL, qubits, 0};
    KT_TRY(ktq_check_qubits(circuit->qubits.items + *qubit, a, &row));
    KT_TRY(ktq_check_finite(a, "params", left->params, params));
    for (size_t i = 0; i < params; i++)
        circuit->params.items[*param + i] = left->params[i];
    *gate = (ktq_gate){.gate = (uint16_t)a->gate,
                       .own_count = (uint8_t)qubits,
                       .condition = circuit->condition,
                       .first_qubit = *qubit,
                       .first_param = *param,
                       .param_count = (uint16_t)params};
    *qubit += qubits, left->qubits += qubits, left->qubit_count -= qubits;
    *param += params, left->params += params, left->param_count -= params;
    return KETCH_OK;
}

/* Writes the gates behind the circuit's lists, which have room, and leaves their counts as they
 * are, so that a failure adds nothing. a->number is then the gate that failed. */
static ketch_status write_gates(ktq_addition *a, gate_arrays *arrays)
{
    gate_arrays left = *arrays;
    ktq_gate *const gates = a->circuit->gates.items + a->circuit->gates.count;
    uint64_t qubit = a->circuit->qubits.count, param = a->circuit->params.count;
    for (; a->number < left.gate_count; a->number++) {
        a->gate = left.gates[a->number];
        KT_TRY(write_gate(&gates[a->number], a, &left, &qubit, &param));
    }
    *arrays = left;
    return KETCH_OK;
}

static ketch_status check_used_up(const ktq_addition *a, const char *argument, uint64_t given,
                                  uint64_t left)
{
    if (left == 0)
        return KETCH_OK;
    return kt_fail(a->error, KETCH_ARITY, a->function, argument,
                   kt_format("%llu", (unsigned long long)given).text,
                   kt_format("%llu", (unsigned long long)(given - left)).text,
                   "number of %s for all gates of the call", argument);
}

/* Reserves no more than valid arguments could need, so that a bogus count fails on its gate and not
 * on memory. A gate of fixed shape takes at least one qubit or param, and at most GATE_MOST of
 * either. */
static bool reserve_gates(ketch_circuit *circuit, uint64_t count, uint64_t qubits, uint64_t params)
{
    enum { GATE_MOST = 8 };
    const uint64_t both = qubits < UINT64_MAX - params ? qubits + params : UINT64_MAX;
    const uint64_t gates = KT_MIN(count, both);
    const uint64_t most = gates < UINT64_MAX / GATE_MOST ? gates * GATE_MOST : UINT64_MAX;
    return ktq_circuit_reserve(circuit, gates, KT_MIN(qubits, most), KT_MIN(params, most));
}

ketch_status ketch_circuit_gates(ketch_circuit *circuit, uint64_t count, const int32_t *gates,
                                 const int32_t *qubits, uint64_t qubit_count, const double *params,
                                 uint64_t param_count, ketch_error *error)
{
    static const double no_params = 0;
    static const int32_t no_qubits = 0;
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    ktq_addition a = ktq_addition_begin(circuit, KETCH_GATE_ID, __func__, error);
    if (count > 0 && !gates)
        return ktq_fail_null(&a, "gates");
    if (qubit_count > 0 && !qubits)
        return ktq_fail_null(&a, "qubits");
    if (param_count > 0 && !params)
        return ktq_fail_null(&a, "params");
    if (!reserve_gates(circuit, count, qubit_count, param_count))
        return kt_fail_heap(error, __func__);
    a.is_many = true;
    a.number = 0;
    gate_arrays left = {.gates = gates,
                        .qubits = qubits ? qubits : &no_qubits,
                        .params = params ? params : &no_params,
                        .gate_count = count,
                        .qubit_count = qubit_count,
                        .param_count = param_count};
    KT_TRY(write_gates(&a, &left));
    KT_TRY(check_used_up(&a, "qubits", qubit_count, left.qubit_count));
    KT_TRY(check_used_up(&a, "params", param_count, left.param_count));
    circuit->gates.count += (size_t)count;
    circuit->qubits.count += (size_t)qubit_count;
    circuit->params.count += (size_t)param_count;
    circuit->steps += count;
    return KETCH_OK;
}
