/* Circuits inside: records of gates in source order, how other rooms read them, and how builders add
 * to them. */
#ifndef KTQ_CIRCUIT_CIRCUIT_H
#define KTQ_CIRCUIT_CIRCUIT_H

#include "bits.h"
#include "ketch/circuits.h"
#include "list.h"
#include "numbers.h"
#include <assert.h>
#include <stdbool.h>

/* A gate, measurement, reset, barrier or fence.
 *
 * gate: a ketch_gate. Its qubits are own_count of its own, then control_count further controls; bit
 * i of open_controls is set where further control i acts on 0. Its params are the angles that its
 * spec counts, in radians, and then its numbers; where bit i of angle_mask is set, param i is the
 * index of one of the circuit's angles. Numbers of a UNITARY, DIAGONAL, MULTIPLEXER: re, im pairs,
 * the last for a target, which is the first of its qubits, under selects, the others; of a
 * PERMUTATION: its table; of a PAULI_ROTATION: a letter for each qubit, 0 I, 1 X, 2 Y, 3 Z.
 * condition: index in the circuit's conditions. bit: the classical bit of a measurement. A barrier
 * without qubits is one for all. */
typedef struct ktq_gate {
    uint16_t gate;
    uint8_t own_count, control_count;
    uint32_t condition;
    uint64_t first_qubit, first_param; /* in the circuit's lists */
    uint64_t open_controls;
    uint32_t bit;
    uint16_t param_count, angle_mask;
} ktq_gate;

/* True where `count` classical bits from `first` on, the lowest first, have this value. count 0:
 * always. */
typedef struct ktq_condition {
    uint32_t first, count;
    uint64_t value;
} ktq_condition;

/* A register of classical bits or of qubits. The circuit owns the name. */
typedef struct ktq_register {
    char *name;
    int32_t first, size;
} ktq_register;

/* An angle that is made of parameters: factor * parameter + offset, and the terms
 * first_term..first_term+term_count-1 of the list that goes with the list of angles. parameter -1:
 * the constant `offset`, without terms. */
typedef struct ktq_angle {
    int32_t parameter;
    uint32_t term_count;
    double factor, offset;
    uint64_t first_term;
} ktq_angle;

/* latest_angle: index of the last angle that begins with the parameter; KT_NONE: there is none. */
typedef struct ktq_parameter {
    size_t latest_angle;
} ktq_parameter;

/* steps: gates that progress counts. condition: index of the one that gates added now get. No list
 * is without memory but those of a circuit without parameters, and terms. */
struct ketch_circuit {
    uint64_t magic;
    int32_t qubit_count, bit_count;
    uint64_t steps;
    uint32_t condition;
    KT_LIST(ktq_gate) gates;
    KT_LIST(uint8_t) qubits;
    KT_LIST(double) params;
    KT_LIST(ktq_condition) conditions;     /* the first is "always" */
    KT_LIST(ktq_register) registers;       /* in order of declaration, of all bits */
    KT_LIST(ktq_register) qubit_registers; /* in order of declaration, of the first qubits */
    KT_LIST(ktq_parameter) parameters;
    KT_LIST(ktq_angle) angles; /* of gates that depend on a parameter */
    KT_LIST(ketch_term) terms; /* of the angles */
};

ketch_status ktq_circuit_check(const ketch_circuit *circuit, const char *function,
                               ketch_error *error);

/* ---- reading: all that other rooms need of a circuit's records ---- */

static inline size_t ktq_circuit_gate_count(const ketch_circuit *circuit)
{
    return circuit->gates.count;
}

static inline const ktq_gate *ktq_circuit_gate_at(const ketch_circuit *circuit, size_t index)
{
    assert(index < circuit->gates.count);
    return &circuit->gates.items[index];
}

static inline size_t ktq_circuit_parameter_count(const ketch_circuit *circuit)
{
    return circuit->parameters.count;
}

/* The angles of gates that depend on parameters, which ktq_gate_angle_index counts. */
static inline size_t ktq_circuit_angle_count(const ketch_circuit *circuit)
{
    return circuit->angles.count;
}

/* Its terms belong to the circuit, until it is changed. */
static inline ketch_angle ktq_circuit_angle_at(const ketch_circuit *circuit, size_t index)
{
    assert(index < circuit->angles.count);
    const ktq_angle *const angle = &circuit->angles.items[index];
    return (ketch_angle){.parameter = angle->parameter,
                         .factor = angle->factor,
                         .offset = angle->offset,
                         .terms = KT_LIST_AT(&circuit->terms, angle->first_term),
                         .term_count = angle->term_count};
}

/* True for what progress counts: all but barriers and fences. */
static inline bool ktq_gate_is_step(const ktq_gate *gate)
{
    return gate->gate != KETCH_GATE_BARRIER && gate->gate != KETCH_GATE_FENCE;
}

/* How many qubits are in registers: those from 0 on. */
static inline int32_t ktq_circuit_named_qubits(const ketch_circuit *circuit)
{
    const size_t count = circuit->qubit_registers.count;
    if (count == 0)
        return 0;
    const ktq_register *const last = &circuit->qubit_registers.items[count - 1];
    return last->first + last->size;
}

/* Its own qubits and its further controls. */
static inline size_t ktq_gate_qubit_count(const ktq_gate *gate)
{
    return (size_t)gate->own_count + gate->control_count;
}

/* Its own qubits, then its further controls. */
static inline const uint8_t *ktq_gate_qubits(const ketch_circuit *circuit, const ktq_gate *gate)
{
    return circuit->qubits.items + gate->first_qubit;
}

static inline const uint8_t *ktq_gate_controls(const ketch_circuit *circuit, const ktq_gate *gate)
{
    return ktq_gate_qubits(circuit, gate) + gate->own_count;
}

/* The value that further control i acts on. */
static inline bool ktq_gate_control_value(const ktq_gate *gate, int i)
{
    return !(gate->open_controls >> i & 1);
}

/* Its own qubits and its further controls, as bits. */
static inline uint64_t ktq_gate_mask(const ketch_circuit *circuit, const ktq_gate *gate)
{
    const uint8_t *const qubits = ktq_gate_qubits(circuit, gate);
    uint64_t mask = 0;
    for (size_t i = 0; i < ktq_gate_qubit_count(gate); i++)
        mask |= kt_bit(qubits[i]);
    return mask;
}

/* gate->param_count numbers. Where ktq_gate_angle_index is not KT_NONE, the number means nothing.
 */
static inline const double *ktq_gate_params(const ketch_circuit *circuit, const ktq_gate *gate)
{
    return circuit->params.items + gate->first_param;
}

/* The index of the angle that gives param i its value; KT_NONE where the param is a number, as all
 * are that have no bit in angle_mask. */
static inline size_t ktq_gate_angle_index(const ketch_circuit *circuit, const ktq_gate *gate, int i)
{
    const bool is_open = i < 16 && (gate->angle_mask >> i & 1);
    return is_open ? (size_t)ktq_gate_params(circuit, gate)[i] : KT_NONE;
}

/* The index of the classical register that has the bit; the circuit has one. */
static inline size_t ktq_register_of_bit(const ketch_circuit *circuit, uint32_t bit)
{
    size_t low = 0, high = circuit->registers.count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if ((uint32_t)circuit->registers.items[middle].first <= bit)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The condition that it is done under; count 0: always. */
static inline const ktq_condition *ktq_gate_condition(const ketch_circuit *circuit,
                                                      const ktq_gate *gate)
{
    return &circuit->conditions.items[gate->condition];
}

/* ---- building ---- */

/* What builders and parsers share. They check nothing; those that return bool return false, and
 * leave the circuit as it was, where memory is refused. */

/* A circuit without qubits, which its maker adds; NULL where memory is refused. */
ketch_circuit *ktq_circuit_make(void);
/* An empty circuit on so many qubits with the classical registers of another and, if that has as
 * many qubits, its registers of qubits; NULL where memory is refused. */
ketch_circuit *ktq_circuit_make_like(const ketch_circuit *from, int32_t qubits);
/* Makes room for so many more gates, qubits and params. */
bool ktq_circuit_reserve(ketch_circuit *circuit, uint64_t gates, uint64_t qubits, uint64_t params);
/* Adds a gate under the condition in force, with ktq_gate_qubit_count qubits and param_count params.
 * Its first_qubit, first_param and condition are filled in here. */
bool ktq_circuit_append(ketch_circuit *circuit, const ktq_gate *gate, const uint8_t *qubits,
                        const double *params);
/* Puts a condition in force; NULL: none. */
bool ktq_circuit_put_condition(ketch_circuit *circuit, const ktq_condition *condition);
/* Adds a register and its bits. */
bool ktq_circuit_append_register(ketch_circuit *circuit, const char *name, size_t length,
                                 int32_t size);
/* Names the next qubits that no register has. */
bool ktq_circuit_append_qubit_register(ketch_circuit *circuit, const char *name, size_t length,
                                       int32_t size);

#endif
