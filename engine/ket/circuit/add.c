#define _GNU_SOURCE
#include "ket/circuit/add.h"
#include "ket/circuit/checks.h"

/* Adds a gate of fixed shape. */
static inline ketch_status check_and_add(const ktq_addition *a, const int32_t *qubits,
                                         const double *params, int32_t control_count,
                                         const int32_t *controls, const uint8_t *values)
{
    const ktq_gate_spec *spec;
    uint64_t open_controls = 0;
    KT_TRY(ktq_find_spec(&spec, a));
    if (control_count != 0) {
        KT_TRY(ktq_check_controls(a, spec->qubits, control_count, controls));
        KT_TRY(ktq_check_values(&open_controls, a, control_count, values));
    }
    if (spec->params > 0 && !params)
        return ktq_fail_arity(a, "params", 0, (uint64_t)spec->params);
    KT_TRY(ktq_check_finite(a, "params", params, (size_t)spec->params));
    const ktq_qubit_row row = {qubits, controls, (size_t)spec->qubits, (size_t)control_count};
    return ktq_add_checked(a, &row, params, (size_t)spec->params, open_controls, 0);
}

ketch_status ktq_add_gate(ketch_circuit *circuit, ketch_gate gate, const int32_t *qubits,
                          const double *params, int32_t control_count, const int32_t *controls,
                          const uint8_t *values, const char *function, ketch_error *error)
{
    const ktq_addition a = ktq_addition_begin(circuit, gate, function, error);
    return check_and_add(&a, qubits, params, control_count, controls, values);
}

ketch_status ketch_circuit_gate(ketch_circuit *circuit, ketch_gate gate, const int32_t *qubits,
                                const double *params, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const ktq_addition a = ktq_addition_begin(circuit, gate, __func__, error);
    return check_and_add(&a, qubits, params, 0, NULL, NULL);
}

ketch_status ketch_circuit_controlled(ketch_circuit *circuit, ketch_gate gate,
                                      const int32_t *qubits, const double *params,
                                      int32_t control_count, const int32_t *controls,
                                      const uint8_t *values, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    return ktq_add_gate(circuit, gate, qubits, params, control_count, controls, values, __func__,
                        error);
}

/* ---- measurements, resets, barriers, fences ---- */

ketch_status ketch_circuit_measure(ketch_circuit *circuit, int32_t qubit, int32_t bit,
                                   ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const ktq_addition a = ktq_addition_begin(circuit, KETCH_GATE_MEASURE, __func__, error);
    if (bit < 0 || bit >= circuit->bit_count)
        return kt_fail(error, KETCH_INDEX, __func__, "bit", kt_format("%d", bit).text,
                       circuit->bit_count ? kt_format("0..%d", circuit->bit_count - 1).text
                                          : "none: the circuit has no classical bits",
                       "%s, classical bit", ktq_addition_label(&a).text);
    const ktq_qubit_row row = {&qubit, NULL, 1, 0};
    return ktq_add_checked(&a, &row, NULL, 0, 0, (uint32_t)bit);
}

ketch_status ketch_circuit_reset(ketch_circuit *circuit, int32_t qubit, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const ktq_addition a = ktq_addition_begin(circuit, KETCH_GATE_RESET, __func__, error);
    const ktq_qubit_row row = {&qubit, NULL, 1, 0};
    return ktq_add_checked(&a, &row, NULL, 0, 0, 0);
}

ketch_status ketch_circuit_barrier(ketch_circuit *circuit, int32_t count, const int32_t *qubits,
                                   ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const ktq_addition a = ktq_addition_begin(circuit, KETCH_GATE_BARRIER, __func__, error);
    if (count < 0 || count > circuit->qubit_count)
        return ktq_fail_count(&a, "count", count, 0, circuit->qubit_count, "number of qubits");
    const ktq_qubit_row row = {qubits, NULL, (size_t)count, 0};
    return ktq_add_checked(&a, &row, NULL, 0, 0, 0);
}

ketch_status ketch_circuit_fence(ketch_circuit *circuit, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const ktq_addition a = ktq_addition_begin(circuit, KETCH_GATE_FENCE, __func__, error);
    const ktq_qubit_row row = {NULL, NULL, 0, 0};
    return ktq_add_checked(&a, &row, NULL, 0, 0, 0);
}

/* ---- condition ---- */

static ketch_status check_condition(const ketch_circuit *circuit, int32_t first, int32_t count,
                                    uint64_t value, const char *function, ketch_error *error)
{
    const int32_t bits = circuit->bit_count;
    if (first < 0 || first >= bits)
        return kt_fail(error, KETCH_INDEX, function, "first", kt_format("%d", first).text,
                       bits ? kt_format("0..%d", bits - 1).text
                            : "none: the circuit has no classical bits",
                       "first bit of the condition");
    const int32_t most = KT_MIN(bits - first, 64);
    if (count > most)
        return kt_fail(error, KETCH_RANGE, function, "count", kt_format("%d", count).text,
                       kt_format("0..%d", most).text, "bits of the condition");
    if (count < 64 && value >> count)
        return kt_fail(error, KETCH_RANGE, function, "value",
                       kt_format("%llu", (unsigned long long)value).text,
                       kt_format("0..%llu", (1ULL << count) - 1).text, "value of the condition");
    return KETCH_OK;
}

ketch_status ketch_circuit_condition(ketch_circuit *circuit, int32_t first, int32_t count,
                                     uint64_t value, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    if (count < 0)
        return kt_fail(error, KETCH_RANGE, __func__, "count", kt_format("%d", count).text, "0..64",
                       "bits of the condition");
    const ktq_condition condition = {(uint32_t)first, (uint32_t)count, value};
    if (count > 0)
        KT_TRY(check_condition(circuit, first, count, value, __func__, error));
    if (!ktq_circuit_put_condition(circuit, count > 0 ? &condition : NULL))
        return kt_fail_heap(error, __func__);
    return KETCH_OK;
}
