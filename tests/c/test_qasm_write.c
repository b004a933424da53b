/* OpenQASM 2 texts of circuits: what is read back is what was written, and what cannot be said is
 * refused. */
#define _GNU_SOURCE
#include "heap.h"
#include "ket/circuit/circuit.h"
#include "maker.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static ketch_error error;

#define GOOD(call) ck_assert_msg((call) == KETCH_OK, "%s", error.message)

static ketch_circuit *new_circuit(int32_t qubits, int32_t bits)
{
    ketch_circuit *circuit = NULL;
    error = (ketch_error){.size = sizeof error};
    GOOD(ketch_circuit_create(&circuit, qubits, bits, &error));
    return circuit;
}

/* The caller frees it. */
static char *write_circuit_text(const ketch_circuit *circuit)
{
    size_t length = 0, again = 0;
    GOOD(ketch_circuit_qasm(NULL, 0, &length, circuit, &error));
    char *const text = malloc(length + 1);
    ck_assert_ptr_nonnull(text);
    GOOD(ketch_circuit_qasm(text, length + 1, &again, circuit, &error));
    ck_assert_uint_eq(again, length);
    ck_assert_uint_eq(strlen(text), length);
    return text;
}

/* The text is written, and the circuit ended. */
static void ck_writes(ketch_circuit *circuit, const char *want)
{
    char *const text = write_circuit_text(circuit);
    ck_assert_str_eq(text, want);
    free(text);
    ketch_circuit_destroy(circuit);
}

/* ---- reading back ---- */

static bool same_condition(const ktq_condition *a, const ktq_condition *b)
{
    return a->count == b->count &&
           (a->count == 0 || (a->first == b->first && a->value == b->value));
}

static bool same_record(const ketch_circuit *a, const ketch_circuit *b, size_t i)
{
    const ktq_gate *const x = ktq_circuit_gate_at(a, i), *const y = ktq_circuit_gate_at(b, i);
    return x->gate == y->gate && x->own_count == y->own_count &&
           x->control_count == y->control_count && x->param_count == y->param_count &&
           x->bit == y->bit && x->angle_mask == y->angle_mask &&
           same_condition(ktq_gate_condition(a, x), ktq_gate_condition(b, y)) &&
           memcmp(ktq_gate_qubits(a, x), ktq_gate_qubits(b, y), x->own_count) == 0 &&
           memcmp(ktq_gate_params(a, x), ktq_gate_params(b, y), x->param_count * sizeof(double)) ==
               0;
}

static void ck_same_records(const ketch_circuit *a, const ketch_circuit *b, const char *text)
{
    ck_assert_int_eq(ketch_circuit_qubits(a), ketch_circuit_qubits(b));
    ck_assert_int_eq(ketch_circuit_bits(a), ketch_circuit_bits(b));
    ck_assert_uint_eq(ktq_circuit_gate_count(a), ktq_circuit_gate_count(b));
    for (size_t i = 0; i < ktq_circuit_gate_count(a); i++)
        ck_assert_msg(same_record(a, b, i), "record %zu of\n%s", i, text);
}

static void ck_comes_back(const ketch_circuit *circuit)
{
    ketch_circuit *back = NULL;
    char *const text = write_circuit_text(circuit);
    GOOD(ketch_circuit_parse(&back, text, strlen(text), NULL, &error));
    ck_same_records(circuit, back, text);
    ketch_circuit_destroy(back);
    free(text);
}

/* An angle of any size: a fraction of pi, a number of few digits, or any bits. */
static double draw_angle(maker *m)
{
    double any;
    switch (maker_draw(m, 4)) {
    case 0:
        return (double)maker_draw(m, 41) * M_PI / (double)(1 + maker_draw(m, 33)) - M_PI;
    case 1:
        return ((double)maker_draw(m, 2001) - 1000) / 8;
    case 2:
        return maker_angle(m);
    default:
        do {
            const uint64_t bits = maker_draw(m, UINT64_MAX);
            memcpy(&any, &bits, sizeof any);
        } while (!isfinite(any));
        return any;
    }
}

static void add_random_gate(maker *m)
{
    int32_t qubits[8];
    double angles[4];
    const ketch_gate gate = (ketch_gate)maker_draw(m, KETCH_GATE_ECR + 1);
    if (ketch_gate_qubits(gate) > m->qubits)
        return;
    maker_choose(m, qubits, ketch_gate_qubits(gate));
    for (int i = 0; i < 4; i++)
        angles[i] = draw_angle(m);
    GOOD(ketch_circuit_gate(m->circuit, gate, qubits, angles, &error));
}

/* On one of the registers, of 3, 2 and 1 bits. */
static void set_random_condition(maker *m)
{
    static const int32_t first[] = {0, 3, 5}, count[] = {3, 2, 1};
    const uint64_t i = maker_draw(m, 3);
    GOOD(ketch_circuit_condition(m->circuit, first[i], count[i],
                                 maker_draw(m, UINT64_C(1) << count[i]), &error));
}

static void add_random_record(maker *m)
{
    int32_t qubits[8];
    const int32_t some = (int32_t)maker_draw(m, (uint64_t)m->qubits + 1);
    if (maker_draw(m, 5) == 0)
        set_random_condition(m);
    maker_choose(m, qubits, m->qubits);
    switch (maker_draw(m, 10)) {
    case 0:
        GOOD(ketch_circuit_measure(m->circuit, qubits[0], (int32_t)maker_draw(m, 6), &error));
        break;
    case 1:
        GOOD(ketch_circuit_reset(m->circuit, qubits[0], &error));
        break;
    case 2:
        GOOD(ketch_circuit_barrier(m->circuit, some, qubits, &error));
        break;
    default:
        add_random_gate(m);
    }
    GOOD(ketch_circuit_condition(m->circuit, 0, 0, 0, &error));
}

START_TEST(random_circuits_come_back)
{
    const int32_t qubits = 1 + _i % 7;
    maker m = maker_open(qubits, 3, (uint64_t)_i);
    error = (ketch_error){.size = sizeof error};
    GOOD(ketch_circuit_add_register(m.circuit, "x", 2, &error));
    GOOD(ketch_circuit_add_register(m.circuit, "\xc3\xa9", 1, &error));
    if (qubits > 2)
        GOOD(ketch_circuit_name_qubits(m.circuit, _i % 2 ? "c" : "q", 2, &error));
    for (int i = 0; i < 60; i++)
        add_random_record(&m);
    ck_comes_back(m.circuit);
    ketch_circuit_destroy(m.circuit);
}
END_TEST

START_TEST(all_gates_come_back)
{
    ketch_circuit *const c = new_circuit(5, 0);
    const int32_t qubits[] = {3, 0, 4, 1, 2};
    const double angles[] = {0.1, -1e-300, 5e-324, M_PI / 3};
    for (int32_t gate = 0; gate <= KETCH_GATE_ECR; gate++)
        GOOD(ketch_circuit_gate(c, (ketch_gate)gate, qubits, angles, &error));
    ck_comes_back(c);
    ketch_circuit_destroy(c);
}
END_TEST

/* ---- texts ---- */

#define HEAD "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n"

START_TEST(a_text_is_as_people_write_it)
{
    ketch_circuit *const c = new_circuit(4, 2);
    const int32_t toffoli[3] = {3, 0, 1}, some[2] = {2, 1};
    GOOD(ketch_circuit_name_qubits(c, "data", 3, &error));
    GOOD(ketch_circuit_add_register(c, "flag", 1, &error));
    GOOD(ketch_h(c, 0, &error));
    GOOD(ketch_circuit_gate(c, KETCH_GATE_CCX, toffoli, NULL, &error));
    GOOD(ketch_circuit_gate(c, KETCH_GATE_U3, some, (double[]){0.5, -M_PI_2, 100}, &error));
    GOOD(ketch_circuit_barrier(c, 2, some, &error));
    GOOD(ketch_circuit_barrier(c, 0, NULL, &error));
    GOOD(ketch_circuit_measure(c, 3, 2, &error));
    GOOD(ketch_circuit_condition(c, 0, 2, 3, &error));
    GOOD(ketch_circuit_reset(c, 2, &error));
    ck_writes(c, HEAD "qreg data[3];\nqreg q[1];\ncreg c[2];\ncreg flag[1];\n"
                      "h data[0];\nccx q[0],data[0],data[1];\nu3(0.5,-pi/2,100) data[2];\n"
                      "barrier data[2],data[1];\nbarrier data,q;\nmeasure q[0] -> flag[0];\n"
                      "if(c==3) reset data[2];\n");
}
END_TEST

START_TEST(numbers_are_short_and_exact)
{
    static const struct {
        double value;
        const char *text;
    } numbers[] = {{0, "0"},
                   {-0.0, "-0"},
                   {0.1, "0.1"},
                   {0.1 + 0.2, "0.30000000000000004"},
                   {1e22, "1.0e+22"},
                   {1.5e-7, "1.5e-07"},
                   {5e-324, "5.0e-324"},
                   {M_PI, "pi"},
                   {-M_PI, "-pi"},
                   {2 * M_PI, "2*pi"},
                   {3 * M_PI / 4, "3*pi/4"},
                   {-5 * M_PI / 6, "-5*pi/6"},
                   {M_PI / 7, "pi/7"},
                   {M_PI / 65536, "pi/65536"},
                   {3.1415926535897927, "3.1415926535897927"},
                   {3.14159, "3.14159"}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char want[200];
        ketch_circuit *const c = new_circuit(1, 0);
        GOOD(ketch_rz(c, numbers[i].value, 0, &error));
        snprintf(want, sizeof want, HEAD "qreg q[1];\nrz(%s) q[0];\n", numbers[i].text);
        ck_comes_back(c);
        ck_writes(c, want);
    }
}
END_TEST

START_TEST(names_become_valid_and_differ)
{
    ketch_circuit *const c = new_circuit(6, 1);
    static const char *const qubits[] = {"c", "x", "Alice", "a b", "a_b"};
    static const char *const bits[] = {"a_b", "q", "pi", "\xc3\xa9", "1st"};
    for (size_t i = 0; i < 5; i++) {
        GOOD(ketch_circuit_name_qubits(c, qubits[i], 1, &error));
        GOOD(ketch_circuit_add_register(c, bits[i], 1, &error));
    }
    ck_comes_back(c);
    ck_writes(c, HEAD "qreg c[1];\nqreg x_1[1];\nqreg q_Alice[1];\nqreg a_b[1];\nqreg a_b_1[1];\n"
                      "qreg q_1[1];\ncreg c_1[1];\ncreg a_b_2[1];\ncreg q[1];\ncreg pi_1[1];\n"
                      "creg c___[1];\ncreg c_1st[1];\n");
}
END_TEST

START_TEST(a_short_buffer_gets_the_beginning)
{
    char text[12];
    size_t length = 0;
    ketch_circuit *const c = new_circuit(1, 0);
    memset(text, 'x', sizeof text);
    GOOD(ketch_circuit_qasm(text, 10, &length, c, &error));
    ck_assert_str_eq(text, "OPENQASM ");
    ck_assert_uint_eq(length, strlen(HEAD "qreg q[1];\n"));
    ck_assert(text[10] == 'x');
    GOOD(ketch_circuit_qasm(NULL, 0, NULL, c, &error));
    ketch_circuit_destroy(c);
}
END_TEST

/* ---- refusals ---- */

static const int32_t two[2] = {0, 1};

static void add_matrix(ketch_circuit *c)
{
    const double flip[8] = {0, 0, 1, 0, 1, 0, 0, 0};
    GOOD(ketch_circuit_unitary(c, 1, two, flip, 0, 0, NULL, NULL, &error));
}

static void add_diagonal(ketch_circuit *c)
{
    const double signs[4] = {1, 0, -1, 0};
    GOOD(ketch_circuit_diagonal(c, 1, two, signs, 0, 0, NULL, NULL, &error));
}

static void add_fence(ketch_circuit *c)
{
    GOOD(ketch_circuit_fence(c, &error));
}

static void add_phase(ketch_circuit *c)
{
    const double angle = 1;
    GOOD(ketch_circuit_gate(c, KETCH_GATE_GPHASE, two, &angle, &error));
}

static void add_controlled(ketch_circuit *c)
{
    GOOD(ketch_circuit_controlled(c, KETCH_GATE_X, two, NULL, 1, two + 1, NULL, &error));
}

static void add_parametric(ketch_circuit *c)
{
    const ketch_angle angle = {.parameter = 0, .factor = 1};
    GOOD(ketch_circuit_add_parameters(c, 1, &error));
    GOOD(ketch_circuit_parametric(c, KETCH_GATE_RX, two, &angle, 0, NULL, NULL, &error));
}

static void add_conditional(ketch_circuit *c, int32_t first, int32_t count)
{
    GOOD(ketch_circuit_condition(c, first, count, 1, &error));
    GOOD(ketch_x(c, 0, &error));
}

static void add_half(ketch_circuit *c)
{
    add_conditional(c, 0, 1);
}

static void add_straddling(ketch_circuit *c)
{
    add_conditional(c, 1, 2);
}

static void add_both(ketch_circuit *c)
{
    add_conditional(c, 0, 4);
}

#define CANNOT(name) "gate 2 (" name ") cannot be written in OpenQASM 2: given "
#define NO_STATEMENT "no statement for it, allowed gates of qelib1.inc, measure, reset, barrier"
#define WHOLE ", allowed a condition on all bits of one register"

static const struct {
    void (*add)(ketch_circuit *c);
    const char *message;
} unsayable[] = {
    {add_matrix, CANNOT("unitary") NO_STATEMENT},
    {add_diagonal, CANNOT("diagonal") NO_STATEMENT},
    {add_fence, CANNOT("fence") NO_STATEMENT},
    {add_phase, CANNOT("gphase") NO_STATEMENT},
    {add_controlled,
     CANNOT("x") "1 controls, allowed controls that a gate's name has, as in cx and ccx"},
    {add_parametric,
     CANNOT("rx") "an open parameter, allowed numbers: bind the circuit's parameters first"},
    {add_half, CANNOT("x") "a condition on bits 0..0" WHOLE},
    {add_straddling, CANNOT("x") "a condition on bits 1..2" WHOLE},
    {add_both, CANNOT("x") "a condition on bits 0..3" WHOLE},
};

/* Records are counted with barriers. The text is as it was. */
START_TEST(what_cannot_be_said_is_refused)
{
    char text[4] = "as";
    size_t length = 7;
    ketch_circuit *const c = new_circuit(2, 2);
    GOOD(ketch_circuit_add_register(c, "d", 2, &error));
    GOOD(ketch_h(c, 0, &error));
    GOOD(ketch_circuit_barrier(c, 0, NULL, &error));
    unsayable[_i].add(c);
    ck_assert_int_eq(ketch_circuit_qasm(text, sizeof text, &length, c, &error), KETCH_GATE);
    ck_assert_str_eq(error.message, unsayable[_i].message);
    ck_assert_str_eq(error.function, "ketch_circuit_qasm");
    ck_assert_str_eq(error.argument, "circuit");
    ck_assert_str_eq(text, "as");
    ck_assert_uint_eq(length, 7);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(any_memory_may_be_refused_to_the_writer)
{
    char text[1000];
    ketch_circuit *const c = new_circuit(3, 1);
    GOOD(ketch_circuit_name_qubits(c, "a", 2, &error));
    uint64_t at = 1;
    for (bool refused = true; refused; at++) {
        kt_fault_arm(at, _i);
        const ketch_status status = ketch_circuit_qasm(text, sizeof text, NULL, c, &error);
        refused = kt_fault_count() >= at;
        kt_fault_arm(0, false);
        ck_assert_int_eq(status, refused ? KETCH_MEMORY : KETCH_OK);
    }
    ck_assert_uint_gt(at, 4);
    ketch_circuit_destroy(c);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("qasm_write");
    TCase *const writing = tcase_create("writing"), *const refusing = tcase_create("refusing");
    add_seeds(writing, random_circuits_come_back, 60);
    tcase_add_test(writing, all_gates_come_back);
    tcase_add_test(writing, a_text_is_as_people_write_it);
    tcase_add_test(writing, numbers_are_short_and_exact);
    tcase_add_test(writing, names_become_valid_and_differ);
    tcase_add_test(writing, a_short_buffer_gets_the_beginning);
    for (int i = 0; i < (int)(sizeof unsayable / sizeof *unsayable); i++)
        add_indexed(refusing, what_cannot_be_said_is_refused, i, "%.30s", unsayable[i].message);
    add_refusals(refusing, any_memory_may_be_refused_to_the_writer, kt_fault_arm(0, false));
    suite_add_tcase(suite, writing);
    suite_add_tcase(suite, refusing);
    return end_with(suite);
}
