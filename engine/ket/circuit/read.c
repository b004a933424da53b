/* Records as the public functions show them. */
#include "ket/circuit/circuit.h"
#include "ket/circuit/gates.h"
#include "status.h"

static ketch_angle show_angle(const ketch_circuit *circuit, const ktq_gate *gate, int i)
{
    const size_t index = ktq_gate_angle_index(circuit, gate, i);
    if (index != KT_NONE)
        return ktq_circuit_angle_at(circuit, index);
    return (ketch_angle){.parameter = -1, .offset = ktq_gate_params(circuit, gate)[i]};
}

/* Its params are angles first, then numbers. */
static void show_params(ketch_record *record, const ketch_circuit *circuit, const ktq_gate *gate)
{
    const int angles = ktq_gate_spec_of(gate->gate)->params;
    record->angle_count = angles;
    for (int i = 0; i < angles; i++)
        record->angles[i] = show_angle(circuit, gate, i);
    record->number_count = (uint64_t)(gate->param_count - angles);
    if (record->number_count > 0)
        record->numbers = ktq_gate_params(circuit, gate) + angles;
}

static void show_qubits(ketch_record *record, const ketch_circuit *circuit, const ktq_gate *gate)
{
    const uint8_t *const qubits = ktq_gate_qubits(circuit, gate);
    record->qubit_count = gate->own_count;
    record->control_count = gate->control_count;
    for (size_t i = 0; i < ktq_gate_qubit_count(gate); i++)
        record->qubits[i] = qubits[i];
    for (int i = 0; i < gate->control_count; i++)
        record->values[i] = ktq_gate_control_value(gate, i);
}

static void show_condition(ketch_record *record, const ketch_circuit *circuit, const ktq_gate *gate)
{
    const ktq_condition *const condition = ktq_gate_condition(circuit, gate);
    record->condition_first = (int32_t)condition->first;
    record->condition_count = (int32_t)condition->count;
    record->condition_value = condition->value;
}

static ketch_record show_record(const ketch_circuit *circuit, const ktq_gate *gate)
{
    ketch_record record = {
        .size = sizeof record,
        .gate = (ketch_gate)gate->gate,
        .bit = gate->gate == KETCH_GATE_MEASURE ? (int32_t)gate->bit : -1,
    };
    show_qubits(&record, circuit, gate);
    show_params(&record, circuit, gate);
    show_condition(&record, circuit, gate);
    return record;
}

uint64_t ketch_circuit_length(const ketch_circuit *circuit)
{
    return circuit ? ktq_circuit_gate_count(circuit) : 0;
}

ketch_status ketch_circuit_read(const ketch_circuit *circuit, uint64_t index, ketch_record *record,
                                ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const size_t count = ktq_circuit_gate_count(circuit);
    if (index >= count)
        return kt_fail(error, KETCH_INDEX, __func__, "index",
                       kt_format("%llu", (unsigned long long)index).text,
                       count ? kt_format("0..%zu", count - 1).text : "none: the circuit is empty",
                       "number of the record");
    const ketch_record read = show_record(circuit, ktq_circuit_gate_at(circuit, (size_t)index));
    return kt_write_report(record, &read, sizeof read, __func__, "record", error);
}
