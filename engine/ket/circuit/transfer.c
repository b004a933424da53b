#define _GNU_SOURCE
#include "ket/circuit/transfer.h"
#include "heap.h"
#include "ket/circuit/gates.h"
#include "ket/circuit/parameter.h"
#include "status.h"

#include <string.h>

/* ---- begin, end ---- */

static bool reserve_angles(ketch_circuit *to, const ketch_circuit *from, size_t parameters)
{
    return (parameters == 0 || KT_LIST_RESERVE(&to->parameters, parameters)) &&
           KT_LIST_RESERVE(&to->angles, from->angles.count) &&
           (from->terms.count == 0 || KT_LIST_RESERVE(&to->terms, from->terms.count));
}

/* Adds parameters and angles, for which there is room. */
static void transfer_angles(ktq_transfer *t, size_t parameters, double sign)
{
    const size_t count = t->from->angles.count;
    for (size_t i = 0; i < parameters; i++)
        t->to->parameters.items[t->to->parameters.count++] = (ktq_parameter){KT_NONE};
    for (size_t i = 0; i < count; i++)
        t->angles[i] = ktq_angle_copy(t->to, t->from, i, sign);
}

bool ktq_transfer_begin(ktq_transfer *t, ketch_circuit *to, const ketch_circuit *from, double sign)
{
    const size_t has = to->parameters.count, wants = from->parameters.count;
    const size_t missing = wants > has ? wants - has : 0;
    *t = (ktq_transfer){.to = to, .from = from, .condition = to->condition};
    for (uint8_t i = 0; i < KETCH_QUBITS_MAX; i++)
        t->qubits[i] = i;
    if (wants == 0 && from->angles.count == 0)
        return true;
    if (!reserve_angles(to, from, missing))
        return false;
    t->angles = kt_heap_take(from->angles.count * sizeof *t->angles);
    if (!t->angles)
        return false;
    transfer_angles(t, missing, sign);
    return true;
}

void ktq_transfer_end(ktq_transfer *t)
{
    t->to->condition = t->condition;
    kt_heap_give(t->angles);
}

/* ---- records ---- */

/* Puts the gate's condition in force. */
static bool transfer_condition(const ktq_transfer *t, const ktq_gate *gate)
{
    const ktq_condition *const own = ktq_gate_condition(t->from, gate);
    if (own->count == 0) {
        t->to->condition = t->condition;
        return true;
    }
    const uint32_t first = t->bits ? (uint32_t)t->bits[own->first] : own->first;
    const ktq_condition moved = {first, own->count, own->value};
    return ktq_circuit_put_condition(t->to, &moved);
}

/* Gives the last gate the angles' indices in its own circuit. */
static void rename_angles(const ktq_transfer *t)
{
    const ktq_gate *const gate = &t->to->gates.items[t->to->gates.count - 1];
    double *const params = t->to->params.items + gate->first_param;
    FOR_EACH_BIT(k, gate->angle_mask)
        params[k] = (double)t->angles[(size_t)params[k]];
}

/* The gate that is `gate` under one control more, which is the first of its qubits. */
static const uint16_t controlled_gates[KETCH_GATES] = {
    [KETCH_GATE_X] = KETCH_GATE_CX,       [KETCH_GATE_CX] = KETCH_GATE_CCX,
    [KETCH_GATE_CCX] = KETCH_GATE_C3X,    [KETCH_GATE_C3X] = KETCH_GATE_C4X,
    [KETCH_GATE_Y] = KETCH_GATE_CY,       [KETCH_GATE_Z] = KETCH_GATE_CZ,
    [KETCH_GATE_CZ] = KETCH_GATE_CCZ,     [KETCH_GATE_H] = KETCH_GATE_CH,
    [KETCH_GATE_S] = KETCH_GATE_CS,       [KETCH_GATE_SDG] = KETCH_GATE_CSDG,
    [KETCH_GATE_SX] = KETCH_GATE_CSX,     [KETCH_GATE_U1] = KETCH_GATE_CU1,
    [KETCH_GATE_P] = KETCH_GATE_CP,       [KETCH_GATE_U3] = KETCH_GATE_CU3,
    [KETCH_GATE_U] = KETCH_GATE_CU3,      [KETCH_GATE_RX] = KETCH_GATE_CRX,
    [KETCH_GATE_RY] = KETCH_GATE_CRY,     [KETCH_GATE_RZ] = KETCH_GATE_CRZ,
    [KETCH_GATE_SWAP] = KETCH_GATE_CSWAP, [KETCH_GATE_GPHASE] = KETCH_GATE_P,
};

/* Makes the gate the one that has a name of its own under all its further controls, where there is
 * one and all act on 1. Its further controls become the first of its qubits. */
static void name_controlled(ktq_gate *gate, uint8_t *qubits)
{
    uint8_t own[KETCH_QUBITS_MAX];
    uint16_t named = gate->gate;
    for (int i = 0; i < gate->control_count; i++)
        named = controlled_gates[named];
    if (named == 0 || gate->open_controls)
        return;
    memcpy(own, qubits, gate->own_count);
    memmove(qubits, qubits + gate->own_count, gate->control_count);
    memcpy(qubits + gate->control_count, own, gate->own_count);
    gate->gate = named;
    gate->own_count = (uint8_t)(gate->own_count + gate->control_count);
    gate->control_count = 0;
}

bool ktq_transfer_gate(const ktq_transfer *t, const ktq_gate *gate, const uint8_t *qubits,
                       const double *params)
{
    uint8_t moved[KETCH_QUBITS_MAX];
    const size_t count = ktq_gate_qubit_count(gate);
    const uint8_t controls = ktq_gate_is_step(gate) ? t->control_count : 0;
    ktq_gate added = *gate;
    assert(count + controls <= KETCH_QUBITS_MAX);
    for (size_t i = 0; i < count; i++)
        moved[i] = t->qubits[qubits[i]];
    for (uint8_t i = 0; i < controls; i++)
        moved[count + i] = i;
    if (controls > 0)
        added.open_controls |= t->open_controls << gate->control_count;
    added.control_count = (uint8_t)(gate->control_count + controls);
    if (controls > 0)
        name_controlled(&added, moved);
    if (gate->gate == KETCH_GATE_MEASURE && t->bits)
        added.bit = (uint32_t)t->bits[gate->bit];
    if (!transfer_condition(t, gate) || !ktq_circuit_append(t->to, &added, moved, params))
        return false;
    rename_angles(t);
    return true;
}

bool ktq_transfer_record(const ktq_transfer *t, size_t index)
{
    const ktq_gate gate = *ktq_circuit_gate_at(t->from, index);
    return ktq_transfer_gate(t, &gate, ktq_gate_qubits(t->from, &gate),
                             ktq_gate_params(t->from, &gate));
}

/* ---- checks ---- */

ketch_status ktq_check_making(ketch_circuit **made, const ketch_circuit *circuit,
                              const char *function, ketch_error *error)
{
    if (!made)
        return kt_fail_handle(error, function, "made", "a place for the circuit", made);
    *made = NULL;
    return ktq_circuit_check(circuit, function, error);
}

kt_text ktq_record_label(const ketch_circuit *circuit, size_t index)
{
    return kt_format("gate %zu (%s)", index,
                     ktq_gate_spec_of(ktq_circuit_gate_at(circuit, index)->gate)->name);
}

/* What makes the record no unitary; NULL: it is one. */
static const char *non_unitary(const ketch_circuit *circuit, const ktq_gate *gate)
{
    if (gate->gate == KETCH_GATE_MEASURE)
        return "a measurement";
    if (gate->gate == KETCH_GATE_RESET)
        return "a reset";
    return ktq_gate_condition(circuit, gate)->count > 0 ? "a condition" : NULL;
}

ketch_status ktq_check_is_unitary(const ketch_circuit *circuit, const char *done,
                                  const char *function, ketch_error *error)
{
    for (size_t i = 0; i < ktq_circuit_gate_count(circuit); i++) {
        const char *const given = non_unitary(circuit, ktq_circuit_gate_at(circuit, i));
        if (given)
            return kt_fail(error, KETCH_GATE, function, "circuit", given,
                           "gates without conditions, barriers and fences", "%s cannot be %s",
                           ktq_record_label(circuit, i).text, done);
    }
    return KETCH_OK;
}
