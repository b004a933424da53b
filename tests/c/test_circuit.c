/* The circuit builder: records, refusals, copies. */
#define _GNU_SOURCE
#include "heap.h"
#include "ket/circuit/circuit.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static ketch_error error;

static ketch_circuit *new_circuit(int32_t qubits, int32_t bits)
{
    ketch_circuit *circuit = NULL;
    error = (ketch_error){.size = sizeof error};
    ck_assert_int_eq(ketch_circuit_create(&circuit, qubits, bits, &error), KETCH_OK);
    return circuit;
}

#define REFUSED(call, code, text)                                                                  \
    do {                                                                                           \
        error = (ketch_error){.size = sizeof error};                                               \
        ck_assert_int_eq((call), (code));                                                          \
        ck_assert_int_eq(error.status, (code));                                                    \
        ck_assert_str_eq(error.message, (text));                                                   \
    } while (0)

START_TEST(counts_are_checked)
{
    ketch_circuit *c = NULL;
    REFUSED(ketch_circuit_create(&c, 0, 0, &error), KETCH_RANGE,
            "number of qubits: given 0, allowed 1..58 (index width)");
    REFUSED(ketch_circuit_create(&c, 59, 0, &error), KETCH_RANGE,
            "number of qubits: given 59, allowed 1..58 (index width)");
    REFUSED(ketch_circuit_create(&c, INT32_MIN, 0, &error), KETCH_RANGE,
            "number of qubits: given -2147483648, allowed 1..58 (index width)");
    REFUSED(ketch_circuit_create(&c, 1, -1, &error), KETCH_RANGE,
            "number of bits: given -1, allowed 0..1048576 (classical bits of a circuit)");
    REFUSED(ketch_circuit_create(NULL, 1, 1, &error), KETCH_HANDLE,
            "circuit: given NULL, allowed a place for the circuit");
    ck_assert_ptr_null(c);
    ck_assert_int_eq(ketch_circuit_create(&c, 0, 0, NULL), KETCH_RANGE);
    c = new_circuit(58, KETCH_BITS_MAX);
    ck_assert_int_eq(ketch_circuit_qubits(c), 58);
    ck_assert_int_eq(ketch_circuit_bits(c), KETCH_BITS_MAX);
    ketch_circuit_destroy(c);
    ketch_circuit_destroy(NULL);
}
END_TEST

START_TEST(gates_are_checked)
{
    ketch_circuit *c = new_circuit(3, 0);
    const double nan_angle = NAN, infinite[3] = {0, 0, -INFINITY}, angle = 1;
    const int32_t q[3] = {0, 2, 2}, beyond[2] = {1, 3}, below = -1;
    ck_assert_int_eq(ketch_h(c, 0, NULL), KETCH_OK);
    REFUSED(ketch_circuit_gate(c, KETCH_GATE_CX, beyond, NULL, &error), KETCH_INDEX,
            "gate 1 (cx), qubits[1]: given 3, allowed 0..2");
    REFUSED(ketch_circuit_gate(c, KETCH_GATE_X, &below, NULL, &error), KETCH_INDEX,
            "gate 1 (x), qubits[0]: given -1, allowed 0..2");
    REFUSED(ketch_circuit_gate(c, KETCH_GATE_CCX, q, NULL, &error), KETCH_DUPLICATE,
            "gate 1 (ccx), qubits[1] and qubits[2]: given qubit 2 twice, allowed different qubits");
    REFUSED(ketch_circuit_gate(c, (ketch_gate)9999, q, NULL, &error), KETCH_GATE,
            "gate 1 (unknown): no such gate: given 9999, allowed 0..49");
    REFUSED(ketch_circuit_gate(c, KETCH_GATE_MEASURE, q, NULL, &error), KETCH_GATE,
            "gate 1 (measure), ketch_circuit_measure adds it: given measure, allowed a gate of "
            "fixed shape");
    REFUSED(ketch_circuit_gate(c, KETCH_GATE_RX, q, NULL, &error), KETCH_ARITY,
            "gate 1 (rx), number of params: given 0, allowed 1");
    REFUSED(ketch_circuit_gate(c, KETCH_GATE_RX, q, &nan_angle, &error), KETCH_NONFINITE,
            "gate 1 (rx), params[0]: given nan, allowed finite numbers");
    REFUSED(ketch_circuit_gate(c, KETCH_GATE_U3, q, infinite, &error), KETCH_NONFINITE,
            "gate 1 (u3), params[2]: given -inf, allowed finite numbers");
    REFUSED(ketch_circuit_gate(c, KETCH_GATE_RX, NULL, &angle, &error), KETCH_HANDLE,
            "qubits: given NULL, allowed an array");
    REFUSED(ketch_circuit_gate(NULL, KETCH_GATE_X, q, NULL, &error), KETCH_HANDLE,
            "circuit: given NULL, allowed a circuit");
    ck_assert_uint_eq(ketch_circuit_steps(c), 1);
    ck_assert_uint_eq(c->gates.count, 1);
    ck_assert_uint_eq(c->qubits.count, 1);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(controls_are_checked)
{
    ketch_circuit *c = new_circuit(4, 0);
    const int32_t target = 1, controls[3] = {0, 3, 1};
    const uint8_t values[2] = {1, 2}, open[2] = {1, 0};
    REFUSED(ketch_circuit_controlled(c, KETCH_GATE_X, &target, NULL, 3, controls, NULL, &error),
            KETCH_DUPLICATE,
            "gate 0 (x), qubits[0] and controls[2]: given qubit 1 twice, allowed different qubits");
    REFUSED(ketch_circuit_controlled(c, KETCH_GATE_X, &target, NULL, 4, controls, NULL, &error),
            KETCH_RANGE, "gate 0 (x), number of controls: given 4, allowed 0..3");
    REFUSED(ketch_circuit_controlled(c, KETCH_GATE_X, &target, NULL, -1, controls, NULL, &error),
            KETCH_RANGE, "gate 0 (x), number of controls: given -1, allowed 0..3");
    REFUSED(ketch_circuit_controlled(c, KETCH_GATE_X, &target, NULL, 2, controls, values, &error),
            KETCH_RANGE, "gate 0 (x), values[1]: given 2, allowed 0..1");
    REFUSED(ketch_circuit_controlled(c, KETCH_GATE_X, &target, NULL, 2, NULL, NULL, &error),
            KETCH_HANDLE, "controls: given NULL, allowed an array");
    ck_assert_uint_eq(ketch_circuit_steps(c), 0);
    ck_assert_int_eq(
        ketch_circuit_controlled(c, KETCH_GATE_X, &target, NULL, 2, controls, open, &error),
        KETCH_OK);
    ck_assert_uint_eq(c->gates.items[0].own_count, 1);
    ck_assert_uint_eq(c->gates.items[0].control_count, 2);
    ck_assert_uint_eq(c->gates.items[0].open_controls, 2);
    ck_assert_mem_eq(c->qubits.items, "\1\0\3", 3);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(nothing_is_added_to_no_circuit)
{
    const int32_t zero = 0;
    const double none = 0;
#define NO_CIRCUIT(call)                                                                           \
    do {                                                                                           \
        error = (ketch_error){.size = sizeof error};                                               \
        ck_assert_int_eq((call), KETCH_HANDLE);                                                    \
        ck_assert_str_eq(error.argument, "circuit");                                               \
    } while (0)
    NO_CIRCUIT(ketch_circuit_gate(NULL, KETCH_GATE_H, &zero, NULL, &error));
    NO_CIRCUIT(ketch_circuit_gates(NULL, 0, NULL, NULL, 0, NULL, 0, &error));
    NO_CIRCUIT(ketch_circuit_controlled(NULL, KETCH_GATE_H, &zero, NULL, 0, NULL, NULL, &error));
    NO_CIRCUIT(ketch_circuit_unitary(NULL, 1, &zero, &none, 0, 0, NULL, NULL, &error));
    NO_CIRCUIT(ketch_circuit_diagonal(NULL, 1, &zero, &none, 0, 0, NULL, NULL, &error));
    NO_CIRCUIT(ketch_circuit_measure(NULL, 0, 0, &error));
    NO_CIRCUIT(ketch_circuit_reset(NULL, 0, &error));
    NO_CIRCUIT(ketch_circuit_barrier(NULL, 0, NULL, &error));
    NO_CIRCUIT(ketch_circuit_fence(NULL, &error));
    NO_CIRCUIT(ketch_circuit_condition(NULL, 0, 0, 0, &error));
#undef NO_CIRCUIT
}
END_TEST

START_TEST(a_condition_of_no_bits_needs_none)
{
    ketch_circuit *const circuit = new_circuit(1, 0);
    ck_assert_int_eq(ketch_circuit_condition(circuit, 0, 0, 0, &error), KETCH_OK);
    ketch_circuit_destroy(circuit);
}
END_TEST

START_TEST(a_small_circuit_has_no_room_for_controls)
{
    ketch_circuit *const circuit = new_circuit(1, 0);
    const int32_t zero = 0;
    REFUSED(ketch_circuit_controlled(circuit, KETCH_GATE_H, &zero, NULL, 1, &zero, NULL, &error),
            KETCH_RANGE, "gate 0 (h), number of controls: given 1, allowed 0..0");
    ketch_circuit_destroy(circuit);
}
END_TEST

/* Whatever lies behind them. */
START_TEST(values_are_as_many_as_controls)
{
    ketch_circuit *const circuit = new_circuit(2, 0);
    const int32_t zero = 0, one = 1;
    const uint8_t values[] = {1, 7};
    ck_assert_int_eq(
        ketch_circuit_controlled(circuit, KETCH_GATE_H, &zero, NULL, 1, &one, values, &error),
        KETCH_OK);
    ketch_circuit_destroy(circuit);
}
END_TEST

START_TEST(matrices_are_checked)
{
    ketch_circuit *c = new_circuit(3, 0);
    const int32_t q[3] = {2, 0, 1};
    const double shear[8] = {1, 0, 1, 0, 0, 0, 1, 0}, minus[4] = {1, 0, -1, 0};
    const double half[4] = {1, 0, 0, 0.5}, holed[4] = {1, NAN, 1, 0};
    double identity[512] = {0};
    for (size_t i = 0; i < 16; i++)
        identity[2 * 17 * i] = 1;
    REFUSED(ketch_circuit_unitary(c, 1, q, shear, 0, 0, NULL, NULL, &error), KETCH_UNITARY,
            "gate 0 (unitary) is not unitary: given deviation 1, allowed 1e-10 (a larger tolerance "
            "allows it)");
    REFUSED(ketch_circuit_diagonal(c, 1, q, half, 0, 0, NULL, NULL, &error), KETCH_UNITARY,
            "gate 0 (diagonal) is not unitary: given deviation 0.5, allowed 1e-10 (a larger "
            "tolerance allows it)");
    REFUSED(ketch_circuit_diagonal(c, 1, q, holed, 0, 0, NULL, NULL, &error), KETCH_NONFINITE,
            "gate 0 (diagonal), diagonal[1]: given nan, allowed finite numbers");
    REFUSED(ketch_circuit_unitary(c, 4, q, identity, 0, 0, NULL, NULL, &error), KETCH_RANGE,
            "gate 0 (unitary), number of qubits: given 4, allowed 1..3");
    REFUSED(ketch_circuit_unitary(c, 0, q, identity, 0, 0, NULL, NULL, &error), KETCH_RANGE,
            "gate 0 (unitary), number of qubits: given 0, allowed 1..3");
    REFUSED(ketch_circuit_unitary(c, 1, q, NULL, 0, 0, NULL, NULL, &error), KETCH_HANDLE,
            "matrix: given NULL, allowed an array");
    REFUSED(ketch_circuit_unitary(c, 1, q, shear, -1, 0, NULL, NULL, &error), KETCH_RANGE,
            "gate 0 (unitary), tolerance: given -1, allowed 0 (for 1e-10) or a finite positive "
            "number");
    ck_assert_uint_eq(ketch_circuit_steps(c), 0);
    ck_assert_int_eq(ketch_circuit_unitary(c, 1, q, shear, 2, 0, NULL, NULL, &error), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_diagonal(c, 1, q, minus, 0, 2, q + 1, NULL, &error), KETCH_OK);
    ck_assert_uint_eq(c->gates.items[0].param_count, 8);
    ck_assert_mem_eq(c->params.items + c->gates.items[1].first_param, minus, sizeof minus);
    ketch_circuit_destroy(c);
    c = new_circuit(58, 0);
    int32_t many[12];
    for (int32_t i = 0; i < 12; i++)
        many[i] = i;
    REFUSED(ketch_circuit_unitary(c, 7, many, identity, 0, 0, NULL, NULL, &error), KETCH_RANGE,
            "gate 0 (unitary), number of qubits: given 7, allowed 1..6");
    REFUSED(ketch_circuit_diagonal(c, 11, many, identity, 0, 0, NULL, NULL, &error), KETCH_RANGE,
            "gate 0 (diagonal), number of qubits: given 11, allowed 1..10");
    ck_assert_int_eq(ketch_circuit_unitary(c, 4, many, identity, 0, 0, NULL, NULL, &error),
                     KETCH_OK);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(measure_and_condition_are_checked)
{
    ketch_circuit *c = new_circuit(2, 3), *none = new_circuit(1, 0);
    REFUSED(ketch_circuit_measure(c, 0, 3, &error), KETCH_INDEX,
            "gate 0 (measure), classical bit: given 3, allowed 0..2");
    REFUSED(ketch_circuit_measure(c, 2, 0, &error), KETCH_INDEX,
            "gate 0 (measure), qubit: given 2, allowed 0..1");
    REFUSED(ketch_circuit_measure(none, 0, 0, &error), KETCH_INDEX,
            "gate 0 (measure), classical bit: given 0, allowed none: the circuit has no classical "
            "bits");
    REFUSED(ketch_circuit_reset(c, -2, &error), KETCH_INDEX,
            "gate 0 (reset), qubit: given -2, allowed 0..1");
    REFUSED(ketch_circuit_condition(c, 3, 1, 0, &error), KETCH_INDEX,
            "first bit of the condition: given 3, allowed 0..2");
    REFUSED(ketch_circuit_condition(c, 1, 3, 0, &error), KETCH_RANGE,
            "bits of the condition: given 3, allowed 0..2");
    REFUSED(ketch_circuit_condition(c, 0, -1, 0, &error), KETCH_RANGE,
            "bits of the condition: given -1, allowed 0..64");
    REFUSED(ketch_circuit_condition(c, 0, 2, 4, &error), KETCH_RANGE,
            "value of the condition: given 4, allowed 0..3");
    const int32_t twice[2] = {1, 1};
    REFUSED(ketch_circuit_barrier(c, 3, twice, &error), KETCH_RANGE,
            "gate 0 (barrier), number of qubits: given 3, allowed 0..2");
    REFUSED(ketch_circuit_barrier(c, 2, twice, &error), KETCH_DUPLICATE,
            "gate 0 (barrier), qubits[0] and qubits[1]: given qubit 1 twice, allowed different "
            "qubits");
    ck_assert_uint_eq(c->gates.count, 0);
    ketch_circuit_destroy(c);
    ketch_circuit_destroy(none);
}
END_TEST

START_TEST(records_are_as_added)
{
    ketch_circuit *c = new_circuit(2, 2);
    ck_assert_int_eq(ketch_circuit_condition(c, 0, 2, 3, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_x(c, 1, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_barrier(c, 0, NULL, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_fence(c, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_measure(c, 1, 0, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_condition(c, 0, 2, 3, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_reset(c, 0, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_condition(c, 0, 0, 0, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_rz(c, 0.5, 0, NULL), KETCH_OK);
    static const struct {
        uint16_t gate;
        uint32_t condition;
    } want[] = {{KETCH_GATE_X, 1},       {KETCH_GATE_BARRIER, 0}, {KETCH_GATE_FENCE, 0},
                {KETCH_GATE_MEASURE, 1}, {KETCH_GATE_RESET, 1},   {KETCH_GATE_RZ, 0}};
    ck_assert_uint_eq(c->gates.count, 6);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_uint_eq(c->gates.items[i].gate, want[i].gate);
        ck_assert_uint_eq(c->gates.items[i].condition, want[i].condition);
    }
    ck_assert_uint_eq(c->conditions.items[1].value, 3);
    ck_assert_uint_eq(c->conditions.count, 2);
    ck_assert_uint_eq(ketch_circuit_steps(c), 4);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(registers_are_named)
{
    ketch_circuit *c = new_circuit(1, 2);
    int32_t first = -1, size = -1;
    ck_assert_int_eq(ketch_circuit_add_register(c, "out", 3, NULL), KETCH_OK);
    ck_assert_str_eq(ketch_circuit_register(c, 0, &first, &size), "c");
    ck_assert(first == 0 && size == 2);
    ck_assert_str_eq(ketch_circuit_register(c, 1, &first, &size), "out");
    ck_assert(first == 2 && size == 3);
    ck_assert_ptr_null(ketch_circuit_register(c, 2, NULL, NULL));
    ck_assert_ptr_null(ketch_circuit_register(c, -1, NULL, NULL));
    REFUSED(ketch_circuit_add_register(c, "out", 1, &error), KETCH_DUPLICATE,
            "register 1 has this name already: given out, allowed a new name");
    REFUSED(ketch_circuit_add_register(c, "d", 0, &error), KETCH_RANGE,
            "bits of a register: given 0, allowed 1..1048571");
    REFUSED(ketch_circuit_add_register(c, "", 1, &error), KETCH_SYNTAX,
            "register name: given an empty name, allowed a name");
    REFUSED(ketch_circuit_add_register(c, NULL, 1, &error), KETCH_SYNTAX,
            "register name: given NULL, allowed a name");
    ck_assert_int_eq(ketch_circuit_bits(c), 5);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(qubits_are_named)
{
    ketch_circuit *c = new_circuit(5, 1), *copy = NULL;
    int32_t first = -1, size = -1;
    ck_assert_ptr_null(ketch_circuit_qubit_register(c, 0, &first, &size));
    ck_assert_int_eq(ketch_circuit_name_qubits(c, "data", 3, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_name_qubits(c, "c", 1, NULL), KETCH_OK); /* bits have one, too */
    REFUSED(ketch_circuit_name_qubits(c, "data", 1, &error), KETCH_DUPLICATE,
            "register 0 has this name already: given data, allowed a new name");
    REFUSED(ketch_circuit_name_qubits(c, "e", 2, &error), KETCH_RANGE,
            "qubits of a register: given 2, allowed 1..1");
    REFUSED(ketch_circuit_name_qubits(c, "e", 0, &error), KETCH_RANGE,
            "qubits of a register: given 0, allowed 1..1");
    REFUSED(ketch_circuit_name_qubits(c, "", 1, &error), KETCH_SYNTAX,
            "register name: given an empty name, allowed a name");
    REFUSED(ketch_circuit_name_qubits(c, NULL, 1, &error), KETCH_SYNTAX,
            "register name: given NULL, allowed a name");
    REFUSED(ketch_circuit_name_qubits(NULL, "e", 1, &error), KETCH_HANDLE,
            "circuit: given NULL, allowed a circuit");
    ck_assert_int_eq(ketch_circuit_copy(&copy, c, NULL), KETCH_OK);
    ketch_circuit_destroy(c);
    ck_assert_str_eq(ketch_circuit_qubit_register(copy, 0, NULL, NULL), "data");
    ck_assert_str_eq(ketch_circuit_qubit_register(copy, 1, &first, &size), "c");
    ck_assert(first == 3 && size == 1);
    ck_assert_ptr_null(ketch_circuit_qubit_register(copy, 2, NULL, NULL));
    ck_assert_ptr_null(ketch_circuit_qubit_register(copy, -1, NULL, NULL));
    ck_assert_ptr_null(ketch_circuit_qubit_register(NULL, 0, NULL, NULL));
    ck_assert_int_eq(ketch_circuit_name_qubits(copy, "e", 1, NULL), KETCH_OK);
    REFUSED(ketch_circuit_name_qubits(copy, "f", 1, &error), KETCH_RANGE,
            "qubits of a register: given 1, allowed none: all have a register");
    ketch_circuit_destroy(copy);
}
END_TEST

/* ---- many at once ---- */

static bool same_gates(const ketch_circuit *a, const ketch_circuit *b)
{
    return a->gates.count == b->gates.count &&
           memcmp(a->gates.items, b->gates.items, a->gates.count * sizeof(ktq_gate)) == 0 &&
           a->qubits.count == b->qubits.count &&
           memcmp(a->qubits.items, b->qubits.items, a->qubits.count) == 0 &&
           a->params.count == b->params.count &&
           memcmp(a->params.items, b->params.items, a->params.count * sizeof(double)) == 0;
}

static const int32_t many_gates[] = {KETCH_GATE_H, KETCH_GATE_CU3, KETCH_GATE_CCX, KETCH_GATE_RZ};
static const int32_t many_qubits[] = {0, 2, 1, 0, 1, 2, 2};
static const double many_params[] = {1, 2, 3, 4};

START_TEST(many_gates_are_as_single_ones)
{
    ketch_circuit *bulk = new_circuit(3, 0), *single = new_circuit(3, 0);
    ck_assert_int_eq(
        ketch_circuit_gates(bulk, 4, many_gates, many_qubits, 7, many_params, 4, &error), KETCH_OK);
    const int32_t *qubits = many_qubits;
    const double *params = many_params;
    for (size_t i = 0; i < 4; i++) {
        const ketch_gate gate = (ketch_gate)many_gates[i];
        ck_assert_int_eq(ketch_circuit_gate(single, gate, qubits, params, &error), KETCH_OK);
        qubits += ketch_gate_qubits(gate);
        params += ketch_gate_params(gate);
    }
    ck_assert(same_gates(bulk, single));
    ck_assert_uint_eq(ketch_circuit_steps(bulk), 4);
    ck_assert_int_eq(ketch_circuit_gates(bulk, 0, NULL, NULL, 0, NULL, 0, &error), KETCH_OK);
    ketch_circuit_destroy(bulk);
    ketch_circuit_destroy(single);
}
END_TEST

START_TEST(many_gates_are_all_or_nothing)
{
    ketch_circuit *c = new_circuit(3, 0), *before = NULL;
    int32_t gates[4], qubits[7];
    double params[4];
    ck_assert_int_eq(ketch_h(c, 1, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_copy(&before, c, NULL), KETCH_OK);
    memcpy(gates, many_gates, sizeof gates);
    memcpy(qubits, many_qubits, sizeof qubits);
    memcpy(params, many_params, sizeof params);
#define MANY(count, qs, ps) ketch_circuit_gates(c, count, gates, qubits, qs, params, ps, &error)
    REFUSED(MANY(4, 6, 4), KETCH_ARITY,
            "gate 3 of the call (rz), number of qubits: given 0, allowed 1");
    REFUSED(MANY(4, 7, 3), KETCH_ARITY,
            "gate 3 of the call (rz), number of params: given 0, allowed 1");
    REFUSED(MANY(3, 7, 3), KETCH_ARITY,
            "number of qubits for all gates of the call: given 7, allowed 6");
    REFUSED(MANY(3, 6, 4), KETCH_ARITY,
            "number of params for all gates of the call: given 4, allowed 3");
    gates[3] = -7;
    REFUSED(MANY(4, 7, 4), KETCH_GATE,
            "gate 3 of the call (unknown): no such gate: given -7, allowed 0..49");
    gates[3] = many_gates[3];
    qubits[6] = 3;
    REFUSED(MANY(4, 7, 4), KETCH_INDEX,
            "gate 3 of the call (rz), qubits[0]: given 3, allowed 0..2");
    qubits[6] = 2;
    qubits[4] = 2;
    REFUSED(MANY(4, 7, 4), KETCH_DUPLICATE,
            "gate 2 of the call (ccx), qubits[1] and qubits[2]: given qubit 2 twice, allowed "
            "different qubits");
    qubits[4] = 1;
    params[3] = INFINITY;
    REFUSED(MANY(4, 7, 4), KETCH_NONFINITE,
            "gate 3 of the call (rz), params[0]: given inf, allowed finite numbers");
    REFUSED(ketch_circuit_gates(c, 1, NULL, qubits, 7, params, 4, &error), KETCH_HANDLE,
            "gates: given NULL, allowed an array");
    ck_assert(same_gates(c, before));
    ck_assert_uint_eq(ketch_circuit_steps(c), 1);
    ketch_circuit_destroy(c);
    ketch_circuit_destroy(before);
}
END_TEST

START_TEST(copies_are_apart)
{
    ketch_circuit *c = new_circuit(2, 2), *copy = NULL;
    ck_assert_int_eq(ketch_circuit_add_register(c, "d", 1, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_condition(c, 1, 1, 1, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_rx(c, 0.25, 1, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_copy(&copy, c, &error), KETCH_OK);
    ck_assert(same_gates(c, copy));
    ck_assert_int_eq(ketch_x(c, 0, NULL), KETCH_OK);
    ketch_circuit_destroy(c);
    ck_assert_uint_eq(ketch_circuit_steps(copy), 1);
    ck_assert_str_eq(ketch_circuit_register(copy, 1, NULL, NULL), "d");
    ck_assert_int_eq(ketch_circuit_bits(copy), 3);
    ck_assert_int_eq(ketch_x(copy, 0, NULL), KETCH_OK);
    ck_assert_uint_eq(copy->gates.items[1].condition, 1);
    ck_assert_uint_eq(copy->conditions.items[1].first, 1);
    ketch_circuit_destroy(copy);
    REFUSED(ketch_circuit_copy(&copy, NULL, &error), KETCH_HANDLE,
            "circuit: given NULL, allowed a circuit");
}
END_TEST

/* ---- memory refused ---- */

/* Everything that takes memory, 20 times over so that lists grow; NULL handles where it failed. */
static ketch_status build(ketch_circuit **c, ketch_circuit **copy)
{
    const double minus[4] = {1, 0, -1, 0};
    const int32_t q[2] = {0, 1};
    ketch_status status = ketch_circuit_create(c, 3, 2, &error);
    for (int i = 0; i < 20 && status == KETCH_OK; i++) {
        const char name[2] = {(char)('d' + i), 0};
        status = ketch_circuit_add_register(*c, name, 1, &error);
        if (status == KETCH_OK)
            status = ketch_circuit_condition(*c, i % 2, 1, (uint64_t)i / 2 % 2, &error);
        if (status == KETCH_OK)
            status = ketch_circuit_gates(*c, 4, many_gates, many_qubits, 7, many_params, 4, &error);
        if (status == KETCH_OK)
            status = ketch_circuit_diagonal(*c, 1, q, minus, 0, 1, q + 1, NULL, &error);
        if (status == KETCH_OK)
            status = ketch_circuit_measure(*c, 0, 0, &error);
    }
    return status == KETCH_OK ? ketch_circuit_copy(copy, *c, &error) : status;
}

START_TEST(any_memory_may_be_refused)
{
    uint64_t at = 1;
    for (bool refused = true; refused; at++) {
        ketch_circuit *c = NULL, *copy = NULL;
        error = (ketch_error){.size = sizeof error};
        kt_fault_arm(at, _i);
        const ketch_status status = build(&c, &copy);
        refused = kt_fault_count() >= at;
        kt_fault_arm(0, false);
        ketch_circuit_destroy(copy);
        ck_assert(status == KETCH_OK || (refused && status == KETCH_MEMORY));
        if (c) /* works on */
            ck_assert_int_eq(ketch_x(c, 0, NULL), KETCH_OK);
        ketch_circuit_destroy(c);
    }
    ck_assert_uint_gt(at, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("circuit");
    TCase *builder = tcase_create("builder");
    tcase_set_timeout(builder, 60);
    tcase_add_test(builder, counts_are_checked);
    tcase_add_test(builder, gates_are_checked);
    tcase_add_test(builder, controls_are_checked);
    tcase_add_test(builder, matrices_are_checked);
    tcase_add_test(builder, nothing_is_added_to_no_circuit);
    tcase_add_test(builder, a_condition_of_no_bits_needs_none);
    tcase_add_test(builder, a_small_circuit_has_no_room_for_controls);
    tcase_add_test(builder, values_are_as_many_as_controls);
    tcase_add_test(builder, measure_and_condition_are_checked);
    tcase_add_test(builder, records_are_as_added);
    tcase_add_test(builder, registers_are_named);
    tcase_add_test(builder, qubits_are_named);
    tcase_add_test(builder, many_gates_are_as_single_ones);
    tcase_add_test(builder, many_gates_are_all_or_nothing);
    tcase_add_test(builder, copies_are_apart);
    add_refusals(builder, any_memory_may_be_refused, kt_fault_arm(0, false));
    suite_add_tcase(suite, builder);
    return end_with(suite);
}
