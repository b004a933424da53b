/* Circuits inside: flat gate records. */
#ifndef KTQ_CIRCUIT_CIRCUIT_H
#define KTQ_CIRCUIT_CIRCUIT_H

#include "bits.h"
#include "ketch/circuits.h"
#include "numbers.h"
#include <assert.h>
#include <stdbool.h>

/* qubits: the gate's own first, then `controls` further ones, bit i of `open` set where further
 * control i acts on 0. params: radians, or a matrix or diagonal as re, im pairs; where bit i of
 * `symbols` is set, param i is the number of one of the circuit's angles. condition: index in the
 * circuit's conditions, 0: none. measure: one qubit, and its classical bit in `bit`. barrier:
 * `qubits` of them, 0 for all. */
typedef struct ktq_gate {
    uint16_t gate;
    uint8_t own;
    uint8_t controls;
    uint32_t condition;
    uint64_t qubits; /* first, in circuit->qubits */
    uint64_t params; /* first, in circuit->params */
    uint64_t open;
    uint32_t bit;
    uint16_t param_count, symbols;
} ktq_gate;

typedef struct ktq_condition {
    uint32_t first, count;
    uint64_t value;
} ktq_condition;

typedef struct ktq_register {
    char *name;
    int32_t first, size;
} ktq_register;

/* latest: number, from 1, of the last angle added that depends on it. */
typedef struct ktq_parameter {
    uint64_t latest;
} ktq_parameter;

typedef struct ktq_list {
    size_t count, capacity;
} ktq_list;

/* The list's memory with room for `more` items after those it has: as it was where there is room,
 * NULL (and as it was) where memory is refused. */
void *ktq_list_room(void *memory, ktq_list *list, size_t more, size_t item);

struct ketch_circuit {
    uint64_t magic;
    int32_t qubit_count, bit_count;
    uint64_t steps;
    uint32_t condition; /* in force for what is added now */
    ktq_gate *gates;
    uint8_t *qubits;
    double *params;
    ktq_condition *conditions; /* [0] is "none" */
    ktq_register *registers;   /* classical, in order of declaration */
    ktq_parameter *parameters;
    ketch_angle *angles; /* those of gates that depend on a parameter */
    ktq_list gate_list, qubit_list, param_list, condition_list, register_list;
    ktq_list parameter_list, angle_list;
};

ketch_status ktq_circuit_check(const ketch_circuit *circuit, const char *function,
                               ketch_error *error);

/* ---- reading: all that other rooms need of a circuit's records ---- */

static inline size_t ktq_circuit_gate_count(const ketch_circuit *circuit)
{
    return circuit->gate_list.count;
}

static inline const ktq_gate *ktq_circuit_gate_at(const ketch_circuit *circuit, size_t index)
{
    assert(index < circuit->gate_list.count);
    return &circuit->gates[index];
}

static inline size_t ktq_circuit_parameter_count(const ketch_circuit *circuit)
{
    return circuit->parameter_list.count;
}

/* The angles of gates that depend on parameters, which ktq_gate_angle_index counts. */
static inline size_t ktq_circuit_angle_count(const ketch_circuit *circuit)
{
    return circuit->angle_list.count;
}

static inline const ketch_angle *ktq_circuit_angle_at(const ketch_circuit *circuit, size_t index)
{
    assert(index < circuit->angle_list.count);
    return &circuit->angles[index];
}

/* True for what progress counts: all but barriers and fences. */
static inline bool ktq_gate_is_step(const ktq_gate *gate)
{
    return gate->gate != KETCH_GATE_BARRIER && gate->gate != KETCH_GATE_FENCE;
}

/* Its own qubits and its further controls. */
static inline size_t ktq_gate_qubit_count(const ktq_gate *gate)
{
    return (size_t)gate->own + gate->controls;
}

/* Its own qubits, then its further controls. */
static inline const uint8_t *ktq_gate_qubits(const ketch_circuit *circuit, const ktq_gate *gate)
{
    return circuit->qubits + gate->qubits;
}

static inline const uint8_t *ktq_gate_controls(const ketch_circuit *circuit, const ktq_gate *gate)
{
    return ktq_gate_qubits(circuit, gate) + gate->own;
}

/* The value that further control i acts on. */
static inline bool ktq_gate_control_value(const ktq_gate *gate, int i)
{
    return !(gate->open >> i & 1);
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
    return circuit->params + gate->params;
}

/* The index of the angle that gives param i its value; KT_NONE where the param is a number. */
static inline size_t ktq_gate_angle_index(const ketch_circuit *circuit, const ktq_gate *gate, int i)
{
    return gate->symbols >> i & 1 ? (size_t)ktq_gate_params(circuit, gate)[i] : KT_NONE;
}

/* The condition that it is done under; count 0: always. */
static inline const ktq_condition *ktq_gate_condition(const ketch_circuit *circuit,
                                                      const ktq_gate *gate)
{
    return &circuit->conditions[gate->condition];
}

/* ---- building ---- */

/* What builders and parsers share. All return false where memory is refused, with the circuit as it
 * was; they check nothing. */

/* An empty circuit without qubits, which its maker counts up; NULL where memory is refused. */
ketch_circuit *ktq_circuit_make(void);
/* Room for so many more. */
bool ktq_circuit_reserve(ketch_circuit *circuit, size_t gates, size_t qubits, size_t params);
/* Adds a gate under the condition in force; gate->own + gate->controls qubits and
 * gate->param_count parameters follow it, whose places and condition are filled in here. */
bool ktq_circuit_append(ketch_circuit *circuit, const ktq_gate *gate, const uint8_t *qubits,
                        const double *params);
/* ketch_circuit_controlled for the public function of that name; the circuit has been checked. */
ketch_status ktq_circuit_add_gate(ketch_circuit *circuit, ketch_gate gate, const int32_t *qubits,
                                  const double *params, int32_t control_count,
                                  const int32_t *controls, const uint8_t *values,
                                  const char *function, ketch_error *error);
/* Puts a condition in force, NULL: none. */
bool ktq_circuit_put_condition(ketch_circuit *circuit, const ktq_condition *condition);
bool ktq_circuit_append_register(ketch_circuit *circuit, const char *name, size_t length,
                                 int32_t size);

#endif
