/* Circuits that are read back and transformed. */
#define _GNU_SOURCE
#include "unitary.h"
#include "heap.h"
#include "ket/circuit/circuit.h"
#include "ket/circuit/gates.h"
#include "reference.h"
#include "runs.h"
#include "suite.h"

#include <check.h>

static ketch_circuit *new_circuit(int32_t qubits, int32_t bits)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, qubits, bits, &error));
    return circuit;
}

static ketch_record read_at(const ketch_circuit *circuit, uint64_t index)
{
    ketch_record record = {.size = sizeof record};
    GOOD(ketch_circuit_read(circuit, index, &record, &error));
    return record;
}

/* ---- reading ---- */

START_TEST(a_gate_is_read_as_it_was_added)
{
    ketch_circuit *const c = new_circuit(5, 3);
    const int32_t pair[2] = {3, 1}, controls[2] = {4, 0};
    const uint8_t values[2] = {0, 1};
    const ketch_angle angles[4] = {{.parameter = -1, .offset = 0.25},
                                   {.parameter = 1, .factor = 2, .offset = 0.5},
                                   {.parameter = -1, .factor = 7, .offset = -1},
                                   {.parameter = 0, .factor = -1}};
    GOOD(ketch_circuit_add_parameters(c, 2, &error));
    GOOD(ketch_circuit_condition(c, 1, 2, 3, &error));
    GOOD(ketch_circuit_parametric(c, KETCH_GATE_CU, pair, angles, 2, controls, values, &error));
    ck_assert_uint_eq(ketch_circuit_length(c), 1);
    const ketch_record r = read_at(c, 0);
    ck_assert(r.gate == KETCH_GATE_CU && r.bit == -1);
    ck_assert(r.qubit_count == 2 && r.control_count == 2 && r.angle_count == 4);
    ck_assert(r.qubits[0] == 3 && r.qubits[1] == 1 && r.qubits[2] == 4 && r.qubits[3] == 0);
    ck_assert(r.values[0] == 0 && r.values[1] == 1);
    ck_assert(r.condition_first == 1 && r.condition_count == 2 && r.condition_value == 3);
    ck_assert(r.angles[0].parameter == -1 && r.angles[0].offset == 0.25);
    ck_assert(r.angles[1].parameter == 1 && r.angles[1].factor == 2 && r.angles[1].offset == 0.5);
    ck_assert(r.angles[2].parameter == -1 && r.angles[2].offset == -1);
    ck_assert(r.angles[3].parameter == 0 && r.angles[3].factor == -1 && r.angles[3].offset == 0);
    ck_assert_uint_eq(r.number_count, 0);
    ck_assert_ptr_null(r.numbers);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(all_that_is_no_gate_is_read)
{
    ketch_circuit *const c = new_circuit(3, 2);
    GOOD(ketch_circuit_measure(c, 2, 1, &error));
    GOOD(ketch_circuit_reset(c, 1, &error));
    GOOD(ketch_circuit_barrier(c, 2, (int32_t[]){2, 0}, &error));
    GOOD(ketch_circuit_barrier(c, 0, NULL, &error));
    GOOD(ketch_circuit_fence(c, &error));
    ck_assert_uint_eq(ketch_circuit_length(c), 5);
    ck_assert_uint_eq(ketch_circuit_steps(c), 2);
    static const struct {
        ketch_gate gate;
        int32_t qubit_count, bit;
    } want[] = {{KETCH_GATE_MEASURE, 1, 1},
                {KETCH_GATE_RESET, 1, -1},
                {KETCH_GATE_BARRIER, 2, -1},
                {KETCH_GATE_BARRIER, 0, -1},
                {KETCH_GATE_FENCE, 0, -1}};
    for (int i = 0; i < 5; i++) {
        const ketch_record r = read_at(c, (uint64_t)i);
        ck_assert(r.gate == want[i].gate && r.qubit_count == want[i].qubit_count &&
                  r.bit == want[i].bit && r.condition_count == 0 && r.control_count == 0);
    }
    ck_assert_int_eq(read_at(c, 0).qubits[0], 2);
    ck_assert_int_eq(read_at(c, 2).qubits[1], 0);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(a_matrix_is_read_in_place)
{
    ketch_circuit *const c = new_circuit(2, 0);
    const double matrix[8] = {0, 0, 0, 1, 1, 0, 0, 0}, diagonal[8] = {1, 0, 0, 1, -1, 0, 0, -1};
    GOOD(ketch_circuit_unitary(c, 1, (int32_t[]){1}, matrix, 0, 0, NULL, NULL, &error));
    GOOD(ketch_circuit_diagonal(c, 2, (int32_t[]){1, 0}, diagonal, 0, 0, NULL, NULL, &error));
    const ketch_record a = read_at(c, 0), b = read_at(c, 1);
    ck_assert(a.number_count == 8 && b.number_count == 8 && a.angle_count == 0);
    ck_assert_mem_eq(a.numbers, matrix, sizeof matrix);
    ck_assert_mem_eq(b.numbers, diagonal, sizeof diagonal);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(an_older_caller_gets_what_it_has_room_for)
{
    ketch_circuit *const c = new_circuit(2, 0);
    ketch_record r = {.size = offsetof(ketch_record, bit), .bit = 77};
    GOOD(ketch_x(c, 1, &error));
    GOOD(ketch_circuit_read(c, 0, &r, &error));
    ck_assert(r.gate == KETCH_GATE_X && r.qubit_count == 1 && r.bit == 77);
    ck_assert_uint_eq(r.size, offsetof(ketch_record, bit));
    ck_assert_uint_eq(ketch_circuit_length(NULL), 0);
    ketch_circuit_destroy(c);
}
END_TEST

/* ---- random circuits ---- */

enum { SEEDS = 40, PARAMETERS = 3 };

static const double values[PARAMETERS] = {0.7, -1.25, 2.5};

static ketch_angle draw_angle(twin *t, const ketch_term *terms)
{
    static const double factors[] = {1, -1, 0.5, 3};
    return (ketch_angle){.parameter = (int32_t)twin_draw(t, PARAMETERS + 1) - 1,
                         .factor = factors[twin_draw(t, 4)],
                         .offset = twin_draw(t, 2) ? twin_angle(t) : 0,
                         .terms = terms,
                         .term_count = twin_draw(t, 3)};
}

/* A gate with angles that depend on parameters, perhaps under a further control. */
static void add_open_gate(twin *t)
{
    const ketch_term terms[2] = {{(int32_t)twin_draw(t, PARAMETERS), twin_angle(t)},
                                 {(int32_t)twin_draw(t, PARAMETERS), -0.5}};
    const ketch_gate gate = (ketch_gate)twin_draw(t, KETCH_GATE_UNITARY);
    const ktq_gate_spec *const spec = ktq_gate_spec_of((int32_t)gate);
    int32_t qubits[UNITARY_QUBITS_MAX];
    ketch_angle angles[4];
    if (spec->params == 0 || spec->qubits > t->qubits)
        return;
    const int32_t further = spec->qubits < t->qubits && twin_draw(t, 3) == 0;
    twin_choose(t, qubits, spec->qubits + further);
    for (int i = 0; i < spec->params; i++)
        angles[i] = draw_angle(t, terms);
    const uint8_t value = (uint8_t)twin_draw(t, 2);
    GOOD(ketch_circuit_parametric(t->circuit, gate, qubits, angles, further, qubits + spec->qubits,
                                  &value, &error));
}

static void add_any_gate(twin *t)
{
    const uint64_t kind = twin_draw(t, 8);
    int32_t pair[2];
    if (kind == 0) {
        twin_choose(t, pair, KT_MIN(t->qubits, 2));
        GOOD(ketch_circuit_barrier(t->circuit, (int32_t)twin_draw(t, 2), pair, &error));
    } else if (kind == 1)
        GOOD(ketch_circuit_fence(t->circuit, &error));
    else if (kind < 5 && ketch_circuit_parameters(t->circuit) > 0)
        add_open_gate(t);
    else
        twin_random_gate(t);
}

/* A circuit of so many qubits and bits with gates of all kinds; the caller destroys it. */
static ketch_circuit *random_circuit(int seed, int qubits, int gates)
{
    twin t = twin_create(qubits, 2, (uint64_t)seed);
    if (seed % 2)
        GOOD(ketch_circuit_add_parameters(t.circuit, PARAMETERS, &error));
    for (int i = 0; i < gates; i++)
        add_any_gate(&t);
    ketch_circuit *const made = t.circuit;
    t.circuit = NULL;
    twin_destroy(&t);
    return made;
}

static void expect_near(unitary want, unitary got)
{
    ck_assert_double_le(unitary_distance(&want, &got), 1e-12);
    unitary_free(&want);
    unitary_free(&got);
}

static void expect_equal(const ketch_circuit *a, const ketch_circuit *b)
{
    ck_assert_int_eq(ketch_circuit_equal(a, b), 1);
}

static ketch_circuit *copy_of(const ketch_circuit *circuit)
{
    ketch_circuit *copy = NULL;
    GOOD(ketch_circuit_copy(&copy, circuit, &error));
    return copy;
}

static ketch_circuit *inverse_of(const ketch_circuit *circuit)
{
    ketch_circuit *made = NULL;
    GOOD(ketch_circuit_inverse(&made, circuit, &error));
    return made;
}

static ketch_circuit *bind(const ketch_circuit *circuit)
{
    ketch_circuit *bound = NULL;
    GOOD(ketch_circuit_bind(&bound, circuit, values, (uint64_t)ketch_circuit_parameters(circuit),
                            &error));
    return bound;
}

/* a and b bound are equal; both are destroyed. */
static void expect_same_when_bound(ketch_circuit *a, ketch_circuit *b)
{
    ketch_circuit *const p = bind(a), *const q = bind(b);
    expect_equal(p, q);
    ketch_circuit_destroy(p);
    ketch_circuit_destroy(q);
    ketch_circuit_destroy(a);
    ketch_circuit_destroy(b);
}

/* ---- the unitary reference ---- */

START_TEST(a_run_gives_the_first_column)
{
    ketch_circuit *const open = random_circuit(_i, 1 + _i % 5, 20), *const c = bind(open);
    unitary d = unitary_of(open, values);
    ketch_state *const state = run_circuit(c, &(run_way){.threads = 1});
    const double complex *const amplitudes = see_state(state);
    for (size_t i = 0; i < (size_t)1 << d.qubits; i++)
        ck_assert_double_le((double)cabsl(d.entries[i << d.qubits] - amplitudes[i]), 1e-13);
    unitary_free(&d);
    ketch_state_drop(state);
    ketch_circuit_destroy(c);
    ketch_circuit_destroy(open);
}
END_TEST

/* ---- inverse, power, repeat ---- */

START_TEST(an_inverse_undoes_its_circuit)
{
    ketch_circuit *const c = random_circuit(_i, 1 + _i % 5, 30), *const inverse = inverse_of(c);
    ketch_circuit *const again = inverse_of(inverse);
    unitary d = unitary_of(c, values);
    ck_assert_uint_eq(ketch_circuit_length(inverse), ketch_circuit_length(c));
    ck_assert_uint_eq(ketch_circuit_steps(inverse), ketch_circuit_steps(c));
    ck_assert_int_eq(ketch_circuit_parameters(inverse), ketch_circuit_parameters(c));
    expect_near(unitary_adjoint(&d), unitary_of(inverse, values));
    expect_near(d, unitary_of(again, values));
    ketch_circuit *const bound = bind(c);
    expect_same_when_bound(inverse, inverse_of(bound));
    ketch_circuit_destroy(bound);
    ketch_circuit_destroy(again);
    ketch_circuit_destroy(c);
}
END_TEST

/* Each gate alone: the inverse is exact where its numbers are. */
START_TEST(an_inverse_keeps_the_numbers)
{
    static const double angles[4] = {0.1, 0.7, -1.3, 2.9};
    const ketch_gate gate = (ketch_gate)_i;
    const ktq_gate_spec *const spec = ktq_gate_spec_of(_i);
    ketch_circuit *const c = new_circuit(6, 0);
    GOOD(ketch_circuit_controlled(c, gate, (int32_t[]){4, 2, 0, 1, 3}, angles, 1, (int32_t[]){5},
                                  (uint8_t[]){0}, &error));
    ketch_circuit *const inverse = inverse_of(c);
    unitary d = unitary_of(c, NULL), want = unitary_adjoint(&d), got = unitary_of(inverse, NULL);
    ck_assert_double_le(unitary_distance(&want, &got), gate == KETCH_GATE_U2 ? 2e-16 : 0);
    const ketch_record r = read_at(inverse, 0);
    ck_assert_uint_eq(ketch_circuit_length(inverse), 1);
    ck_assert_int_eq(r.qubit_count + r.control_count, spec->qubits + 1);
    unitary_free(&d);
    unitary_free(&want);
    unitary_free(&got);
    ketch_circuit_destroy(inverse);
    ketch_circuit_destroy(c);
}
END_TEST

static void expect_angle(const ketch_angle *angle, int32_t parameter, double factor, double offset)
{
    ck_assert(angle->parameter == parameter && angle->factor == factor && angle->offset == offset);
}

START_TEST(an_inverse_keeps_parameters)
{
    ketch_circuit *const c = new_circuit(1, 0);
    const ketch_term terms[2] = {{0, 5}, {1, -7}};
    const ketch_angle angles[3] = {{.parameter = 0, .factor = 2, .offset = 0.5},
                                   {.parameter = -1, .offset = 0.25},
                                   {1, -3, 1, terms, 2}};
    GOOD(ketch_circuit_add_parameters(c, 2, &error));
    GOOD(ketch_circuit_parametric(c, KETCH_GATE_U, (int32_t[]){0}, angles, 0, NULL, NULL, &error));
    GOOD(ketch_circuit_parametric(c, KETCH_GATE_U2, (int32_t[]){0}, angles, 0, NULL, NULL, &error));
    ketch_circuit *const inverse = inverse_of(c);
    const ketch_record u3 = read_at(inverse, 0), u = read_at(inverse, 1);
    ck_assert(u3.gate == KETCH_GATE_U3 && u.gate == KETCH_GATE_U);
    expect_angle(&u3.angles[0], -1, 0, -M_PI_2);
    expect_angle(&u3.angles[1], -1, 0, -0.25);
    expect_angle(&u3.angles[2], 0, -2, -0.5);
    expect_angle(&u.angles[0], 0, -2, -0.5);
    expect_angle(&u.angles[1], 1, 3, -1);
    ck_assert_uint_eq(u.angles[1].term_count, 2);
    ck_assert(u.angles[1].terms[0].parameter == 0 && u.angles[1].terms[0].factor == -5);
    ck_assert(u.angles[1].terms[1].parameter == 1 && u.angles[1].terms[1].factor == 7);
    expect_angle(&u.angles[2], -1, 0, -0.25);
    ketch_circuit_destroy(inverse);
    ketch_circuit_destroy(c);
}
END_TEST

static unitary unitary_power(const unitary *d, int exponent)
{
    const unitary base =
        exponent < 0 ? unitary_adjoint(d) : unitary_embed(d, d->qubits, (int32_t[]){0, 1, 2, 3, 4});
    unitary power = unitary_one(d->qubits);
    for (int i = 0; i < abs(exponent); i++) {
        const unitary next = unitary_product(&base, &power);
        unitary_free(&power);
        power = next;
    }
    free(base.entries);
    return power;
}

START_TEST(a_power_is_the_power_of_the_matrix)
{
    ketch_circuit *const c = random_circuit(_i, 1 + _i % 4, 12);
    unitary d = unitary_of(c, values);
    for (int exponent = -3; exponent <= 3; exponent++) {
        ketch_circuit *power = NULL;
        GOOD(ketch_circuit_power(&power, c, exponent, &error));
        ck_assert_uint_eq(ketch_circuit_length(power),
                          ketch_circuit_length(c) * (uint64_t)abs(exponent));
        expect_near(unitary_power(&d, exponent), unitary_of(power, values));
        ck_assert_int_eq(ketch_circuit_parameters(power), ketch_circuit_parameters(c));
        ck_assert_int_eq(ketch_circuit_bits(power), 2);
        ketch_circuit_destroy(power);
    }
    unitary_free(&d);
    ketch_circuit_destroy(c);
}
END_TEST

/* A circuit with events: a measurement into c[1] of which a flip and a reset depend. */
static ketch_circuit *eventful_circuit(void)
{
    ketch_circuit *const c = new_circuit(3, 3);
    GOOD(ketch_x(c, 0, &error));
    GOOD(ketch_circuit_measure(c, 0, 1, &error));
    GOOD(ketch_circuit_condition(c, 1, 2, 1, &error));
    GOOD(ketch_x(c, 1, &error));
    GOOD(ketch_circuit_condition(c, 0, 2, 2, &error));
    GOOD(ketch_circuit_reset(c, 0, &error));
    GOOD(ketch_circuit_condition(c, 1, 2, 1, &error));
    GOOD(ketch_h(c, 2, &error));
    GOOD(ketch_circuit_condition(c, 0, 0, 0, &error));
    GOOD(ketch_circuit_barrier(c, 0, NULL, &error));
    GOOD(ketch_circuit_measure(c, 1, 2, &error));
    return c;
}

START_TEST(a_repetition_is_a_row_of_appended_circuits)
{
    ketch_circuit *const c = _i ? random_circuit(_i, 3, 10) : eventful_circuit();
    for (uint64_t count = 0; count < 5; count++) {
        ketch_circuit *repeated = NULL, *const row = new_circuit(3, ketch_circuit_bits(c));
        GOOD(ketch_circuit_repeat(&repeated, c, count, &error));
        GOOD(ketch_circuit_add_parameters(row, ketch_circuit_parameters(c), &error));
        for (uint64_t i = 0; i < count; i++)
            GOOD(ketch_circuit_append(row, c, NULL, NULL, &error));
        expect_equal(repeated, row);
        ck_assert_uint_eq(ketch_circuit_length(row), count * ketch_circuit_length(c));
        ck_assert_uint_eq(ketch_circuit_steps(repeated), count * ketch_circuit_steps(c));
        ketch_circuit_destroy(repeated);
        ketch_circuit_destroy(row);
    }
    ketch_circuit_destroy(c);
}
END_TEST

#define REFUSED(call, code, text)                                                                  \
    do {                                                                                           \
        ketch_error error = {.size = sizeof error};                                                \
        ck_assert_int_eq((call), (code));                                                          \
        ck_assert_int_eq(error.status, (code));                                                    \
        ck_assert_str_eq(error.message, (text));                                                   \
    } while (0)

/* What cannot be is refused at once, and what has no records is never too long. */
START_TEST(too_long_a_repetition_is_refused)
{
    static const uint64_t counts[] = {UINT64_MAX, UINT64_C(1) << 60, UINT64_C(1) << 40};
    ketch_circuit *const c = new_circuit(2, 0), *made = NULL;
    GOOD(ketch_circuit_repeat(&made, c, UINT64_MAX, &error));
    ck_assert_uint_eq(ketch_circuit_length(made), 0);
    ketch_circuit_destroy(made);
    GOOD(ketch_circuit_power(&made, c, INT64_MIN, &error));
    ketch_circuit_destroy(made);
    GOOD(ketch_cx(c, 0, 1, &error));
    for (int i = 0; i < 3; i++) {
        ketch_error error = {.size = sizeof error};
        ck_assert_int_eq(ketch_circuit_repeat(&made, c, counts[i], &error), KETCH_MEMORY);
        ck_assert_ptr_null(made);
        ck_assert_str_eq(error.argument, "count");
        ck_assert_ptr_nonnull(strstr(error.message, "not enough memory for 1 record"));
    }
    ck_assert_int_eq(ketch_circuit_power(&made, c, INT64_MIN, NULL), KETCH_MEMORY);
    ck_assert_int_eq(ketch_circuit_power(&made, c, INT64_MAX, NULL), KETCH_MEMORY);
    ck_assert_ptr_null(made);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(events_have_no_inverse)
{
    ketch_circuit *const c = eventful_circuit(), *made = NULL, *const d = new_circuit(2, 1);
    REFUSED(ketch_circuit_inverse(&made, c, &error), KETCH_GATE,
            "gate 1 (measure) cannot be inverted: given a measurement, allowed gates without "
            "conditions, barriers and fences");
    GOOD(ketch_h(d, 0, &error));
    GOOD(ketch_circuit_barrier(d, 0, NULL, &error));
    GOOD(ketch_circuit_condition(d, 0, 1, 1, &error));
    GOOD(ketch_x(d, 1, &error));
    REFUSED(ketch_circuit_control(&made, d, 1, NULL, &error), KETCH_GATE,
            "gate 2 (x) cannot be controlled: given a condition, allowed gates without "
            "conditions, barriers and fences");
    REFUSED(ketch_circuit_power(&made, d, 0, &error), KETCH_GATE,
            "gate 2 (x) cannot be raised to a power: given a condition, allowed gates without "
            "conditions, barriers and fences");
    ck_assert_ptr_null(made);
    ketch_circuit_destroy(c);
    ketch_circuit_destroy(d);
}
END_TEST

/* ---- gates that are given by numbers ---- */

/* A random order of the numbers below count. */
static void draw_table(twin *t, double *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t k = (size_t)twin_draw(t, i + 1);
        table[i] = table[k];
        table[k] = (double)i;
    }
}

/* Adds a permutation, a multiplexer or a Pauli rotation on count qubits, of which one may be a
 * further control. */
static void add_given(twin *t, uint64_t kind, int count, bool further)
{
    static const ketch_gate gates[] = {KETCH_GATE_PERMUTATION, KETCH_GATE_MULTIPLEXER,
                                       KETCH_GATE_PAULI_ROTATION};
    double params[64];
    int32_t places[5];
    uint8_t qubits[5];
    const size_t own = (size_t)(count - further), rows = (size_t)1 << own;
    const size_t sizes[] = {rows, 4 * rows, own + 1};
    twin_choose(t, places, count);
    for (int i = 0; i < count; i++)
        qubits[i] = (uint8_t)places[i];
    if (kind == 0)
        draw_table(t, params, rows);
    for (size_t i = 0; kind == 1 && i < rows / 2; i++)
        twin_random_unitary(t, 1, params + 8 * i);
    if (kind == 2)
        params[0] = twin_angle(t);
    for (size_t i = 1; kind == 2 && i <= own; i++)
        params[i] = (double)twin_draw(t, 4);
    const ktq_gate gate = {.gate = (uint16_t)gates[kind],
                           .own_count = (uint8_t)own,
                           .control_count = further,
                           .open_controls = further && twin_draw(t, 2),
                           .param_count = (uint16_t)sizes[kind]};
    ck_assert(ktq_circuit_append(t->circuit, &gate, qubits, params));
}

START_TEST(given_numbers_are_transformed)
{
    twin t = twin_create(4, 0, (uint64_t)_i);
    const int32_t places[4] = {3, 0, 2, 1};
    ketch_circuit *power = NULL, *controlled = NULL, *const appended = new_circuit(4, 0);
    for (uint64_t i = 0; i < 6; i++) {
        const int count = 1 + (int)twin_draw(&t, 4);
        add_given(&t, i % 3, count, count > 1 && twin_draw(&t, 2));
    }
    unitary d = unitary_of(t.circuit, NULL), back = unitary_adjoint(&d);
    unitary one = unitary_one(4);
    GOOD(ketch_circuit_power(&power, t.circuit, -2, &error));
    GOOD(ketch_circuit_control(&controlled, t.circuit, 2, (uint8_t[]){1, 0}, &error));
    GOOD(ketch_circuit_append(appended, t.circuit, places, NULL, &error));
    ck_assert_double_gt(unitary_distance(&d, &one), 0.1);
    expect_near(unitary_product(&back, &back), unitary_of(power, NULL));
    expect_near(unitary_control(&d, 2, (uint8_t[]){1, 0}), unitary_of(controlled, NULL));
    expect_near(unitary_embed(&d, 4, places), unitary_of(appended, NULL));
    for (uint64_t i = 0; i < 12; i++)
        ck_assert(read_at(power, i).gate == read_at(t.circuit, 5 - i % 6).gate);
    unitary_free(&d);
    unitary_free(&back);
    unitary_free(&one);
    ketch_circuit_destroy(power);
    ketch_circuit_destroy(controlled);
    ketch_circuit_destroy(appended);
    twin_destroy(&t);
}
END_TEST

/* ---- control ---- */

START_TEST(a_controlled_circuit_is_a_block)
{
    ketch_circuit *const c = random_circuit(_i, 1 + _i % 3, 15);
    const unitary d = unitary_of(c, values);
    for (int count = 0; count <= 2; count++)
        for (int state = 0; state < 1 << count; state++) {
            const uint8_t on[2] = {state & 1, state >> 1 & 1};
            const bool all = state == (1 << count) - 1;
            ketch_circuit *made = NULL, *bound = bind(c), *of_bound = NULL;
            GOOD(ketch_circuit_control(&made, c, count, all ? NULL : on, &error));
            ck_assert_int_eq(ketch_circuit_qubits(made), ketch_circuit_qubits(c) + count);
            ck_assert_uint_eq(ketch_circuit_length(made), ketch_circuit_length(c));
            expect_near(unitary_control(&d, count, on), unitary_of(made, values));
            GOOD(ketch_circuit_control(&of_bound, bound, count, on, &error));
            expect_same_when_bound(made, of_bound);
            ketch_circuit_destroy(bound);
        }
    free(d.entries);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(a_controlled_phase_is_one_of_the_controls)
{
    ketch_circuit *const c = new_circuit(1, 0), *made = NULL;
    GOOD(ketch_circuit_gate(c, KETCH_GATE_GPHASE, NULL, (double[]){0.3}, &error));
    GOOD(ketch_circuit_control(&made, c, 2, NULL, &error));
    ketch_circuit *const want = new_circuit(3, 0);
    GOOD(ketch_circuit_gate(want, KETCH_GATE_CP, (int32_t[]){0, 1}, (double[]){0.3}, &error));
    expect_near(unitary_of(want, NULL), unitary_of(made, NULL));
    const ketch_record r = read_at(made, 0);
    ck_assert(r.gate == KETCH_GATE_CP && r.control_count == 0 && r.qubit_count == 2);
    ketch_circuit_destroy(made);
    ketch_circuit_destroy(want);
    ketch_circuit_destroy(c);
}
END_TEST

/* Under `count` controls the gate becomes `named`, on the controls and then its own qubits; or, where
 * they are the same, it keeps its controls apart. */
static void expect_name(ketch_gate gate, int32_t count, const uint8_t *on, ketch_gate named)
{
    const int32_t own = ketch_gate_qubits(gate), apart = gate == named ? count : 0;
    ketch_circuit *const c = new_circuit(own, 0);
    ketch_circuit *made = NULL;
    GOOD(ketch_circuit_gate(c, gate, (int32_t[]){0, 1, 2}, (double[]){0.3, 0.4, 0.5}, &error));
    GOOD(ketch_circuit_control(&made, c, count, on, &error));
    const ketch_record r = read_at(made, 0);
    ck_assert_int_eq(r.gate, named);
    ck_assert_int_eq(r.control_count, apart);
    ck_assert_int_eq(r.qubit_count, own + count - apart);
    for (int32_t i = 0; i < own + count; i++)
        ck_assert_int_eq(r.qubits[i], apart ? (i + count) % (own + count) : i);
    ketch_circuit_destroy(made);
    ketch_circuit_destroy(c);
}

START_TEST(a_gate_gets_the_name_that_it_has_under_controls)
{
    expect_name(KETCH_GATE_X, 1, NULL, KETCH_GATE_CX);
    expect_name(KETCH_GATE_X, 4, NULL, KETCH_GATE_C4X);
    expect_name(KETCH_GATE_CX, 1, NULL, KETCH_GATE_CCX);
    expect_name(KETCH_GATE_U, 1, NULL, KETCH_GATE_CU3);
    expect_name(KETCH_GATE_SWAP, 1, NULL, KETCH_GATE_CSWAP);
    expect_name(KETCH_GATE_X, 5, NULL, KETCH_GATE_X);
    expect_name(KETCH_GATE_H, 2, NULL, KETCH_GATE_H);
    expect_name(KETCH_GATE_X, 1, (uint8_t[]){0}, KETCH_GATE_X);
    expect_name(KETCH_GATE_X, 2, (uint8_t[]){1, 0}, KETCH_GATE_X);
}
END_TEST

START_TEST(barriers_shift_under_controls)
{
    ketch_circuit *const c = new_circuit(2, 0), *made = NULL;
    GOOD(ketch_circuit_barrier(c, 1, (int32_t[]){1}, &error));
    GOOD(ketch_circuit_fence(c, &error));
    GOOD(ketch_circuit_barrier(c, 0, NULL, &error));
    GOOD(ketch_circuit_control(&made, c, 3, NULL, &error));
    const ketch_record barrier = read_at(made, 0);
    ck_assert(barrier.qubit_count == 1 && barrier.qubits[0] == 4 && barrier.control_count == 0);
    ck_assert(read_at(made, 1).gate == KETCH_GATE_FENCE);
    ck_assert(read_at(made, 2).qubit_count == 0 && read_at(made, 2).control_count == 0);
    ketch_circuit_destroy(made);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(all_qubits_may_be_controls)
{
    ketch_circuit *const c = new_circuit(1, 0), *made = NULL, *more = NULL;
    uint8_t on[57] = {0};
    on[56] = 1;
    GOOD(ketch_x(c, 0, &error));
    GOOD(ketch_circuit_control(&made, c, 57, on, &error));
    const ketch_record r = read_at(made, 0);
    ck_assert(r.control_count == 57 && r.qubits[0] == 57 && r.qubits[1] == 0 && r.qubits[57] == 56);
    ck_assert(r.values[0] == 0 && r.values[55] == 0 && r.values[56] == 1);
    REFUSED(ketch_circuit_control(&more, made, 1, NULL, &error), KETCH_RANGE,
            "number of controls: given 1, allowed 0..0 (with the circuit's own, at most 58 "
            "qubits)");
    ck_assert_ptr_null(more);
    ketch_circuit_destroy(made);
    ketch_circuit_destroy(c);
}
END_TEST

/* ---- append ---- */

START_TEST(an_appended_circuit_acts_where_it_is_put)
{
    twin t = twin_create(5, 0, (uint64_t)_i + 1000);
    const int narrow = 1 + (int)twin_draw(&t, 5);
    int32_t places[5];
    twin_choose(&t, places, narrow);
    ketch_circuit *const c = random_circuit(_i, 5, 10), *const other =
                                                            random_circuit(_i + 1, narrow, 10);
    unitary before = unitary_of(c, values), small = unitary_of(other, values);
    unitary wide = unitary_embed(&small, 5, places);
    ketch_circuit *const bound = bind(c), *const bound_other = bind(other);
    GOOD(ketch_circuit_append(c, other, places, NULL, &error));
    ck_assert_int_eq(ketch_circuit_parameters(c), PARAMETERS);
    expect_near(unitary_product(&wide, &before), unitary_of(c, values));
    GOOD(ketch_circuit_append(bound, bound_other, places, NULL, &error));
    expect_same_when_bound(c, bound);
    unitary_free(&before);
    unitary_free(&small);
    unitary_free(&wide);
    ketch_circuit_destroy(other);
    ketch_circuit_destroy(bound_other);
    twin_destroy(&t);
}
END_TEST

START_TEST(a_circuit_is_appended_to_itself)
{
    ketch_circuit *const c = _i ? random_circuit(_i, 3, 20) : eventful_circuit();
    ketch_circuit *const copy = copy_of(c), *twice = NULL;
    GOOD(ketch_circuit_repeat(&twice, c, 2, &error));
    GOOD(ketch_circuit_append(c, c, NULL, NULL, &error));
    expect_equal(c, twice);
    GOOD(ketch_circuit_append(copy, copy, (int32_t[]){2, 0, 1}, NULL, &error));
    ck_assert_uint_eq(ketch_circuit_length(copy), ketch_circuit_length(c));
    ketch_circuit_destroy(twice);
    ketch_circuit_destroy(copy);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(events_are_appended_on_other_bits)
{
    ketch_circuit *const c = eventful_circuit(), *const wide = new_circuit(4, 5);
    GOOD(ketch_h(wide, 0, &error));
    GOOD(ketch_circuit_append(wide, c, (int32_t[]){3, 2, 1}, (int32_t[]){1, 2, 3}, &error));
    ck_assert_uint_eq(ketch_circuit_length(wide), 8);
    const ketch_record measured = read_at(wide, 2), flip = read_at(wide, 3);
    const ketch_record reset = read_at(wide, 4), last = read_at(wide, 7);
    ck_assert(measured.qubits[0] == 3 && measured.bit == 2 && measured.condition_count == 0);
    ck_assert(flip.qubits[0] == 2 && flip.condition_first == 2 && flip.condition_count == 2 &&
              flip.condition_value == 1);
    ck_assert(reset.qubits[0] == 3 && reset.condition_first == 1 && reset.condition_value == 2);
    ck_assert(last.qubits[0] == 2 && last.bit == 3 && last.condition_count == 0);
    GOOD(ketch_x(wide, 0, &error)); /* no condition is left in force */
    ck_assert_int_eq(read_at(wide, 8).condition_count, 0);
    ketch_circuit_destroy(wide);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(bits_of_a_condition_stay_neighbours)
{
    ketch_circuit *const c = eventful_circuit(), *const wide = new_circuit(3, 5);
    REFUSED(ketch_circuit_append(wide, c, NULL, (int32_t[]){0, 3, 2}, &error), KETCH_RANGE,
            "gate 2 (x), bits of its condition: given bit 2 after bit 3, allowed bits that stay "
            "neighbours in order");
    ck_assert_uint_eq(ketch_circuit_length(wide), 0);
    ketch_circuit_destroy(wide);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(the_condition_in_force_applies_to_what_is_appended)
{
    ketch_circuit *const c = new_circuit(1, 2), *const other = new_circuit(1, 2);
    GOOD(ketch_x(other, 0, &error));
    GOOD(ketch_circuit_fence(other, &error));
    GOOD(ketch_circuit_condition(c, 1, 1, 1, &error));
    GOOD(ketch_circuit_append(c, other, NULL, NULL, &error));
    GOOD(ketch_h(c, 0, &error));
    for (uint64_t i = 0; i < 3; i++)
        ck_assert_int_eq(read_at(c, i).condition_count, i != 1);
    GOOD(ketch_circuit_condition(other, 0, 1, 0, &error));
    GOOD(ketch_x(other, 0, &error));
    REFUSED(ketch_circuit_append(c, other, NULL, NULL, &error), KETCH_GATE,
            "gate 2 (x) has a condition of its own: given a condition, allowed no condition, for "
            "there is one in force (count 0 ends it)");
    ck_assert_uint_eq(ketch_circuit_length(c), 3);
    ketch_circuit_destroy(other);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(an_appended_layer_shares_its_angles)
{
    ketch_circuit *const layer = new_circuit(2, 0), *const c = new_circuit(2, 0);
    const ketch_angle angle = {.parameter = 0, .factor = 2};
    GOOD(ketch_circuit_add_parameters(layer, 1, &error));
    GOOD(ketch_circuit_parametric(layer, KETCH_GATE_RX, (int32_t[]){1}, &angle, 0, NULL, NULL,
                                  &error));
    for (int i = 0; i < 10; i++)
        GOOD(ketch_circuit_append(c, layer, NULL, NULL, &error));
    ck_assert_uint_eq(ktq_circuit_angle_count(c), 1);
    ck_assert_int_eq(ketch_circuit_parameters(c), 1);
    ketch_circuit_destroy(layer);
    ketch_circuit_destroy(c);
}
END_TEST

/* ---- equal, names ---- */

START_TEST(any_difference_counts)
{
    const ketch_angle angle = {.parameter = 0, .factor = 2};
    ketch_circuit *circuits[12];
    for (int i = 0; i < 12; i++) {
        ketch_circuit *const c = circuits[i] = new_circuit(i == 1 ? 4 : 3, i == 2 ? 3 : 2);
        GOOD(ketch_circuit_add_parameters(c, i == 3 ? 2 : 1, &error));
        GOOD(ketch_circuit_condition(c, 0, 1, i == 4, &error));
        GOOD(i == 5 ? ketch_y(c, 0, &error) : ketch_x(c, i == 6, &error));
        GOOD(ketch_circuit_condition(c, 0, 0, 0, &error));
        GOOD(ketch_rx(c, i == 7 ? 0.5 : 0.25, 0, &error));
        GOOD(ketch_circuit_measure(c, 0, i == 8, &error));
        GOOD(ketch_circuit_controlled(c, KETCH_GATE_H, (int32_t[]){1}, NULL, 1, (int32_t[]){2},
                                      (uint8_t[]){i == 9}, &error));
        GOOD(ketch_circuit_parametric(
            c, KETCH_GATE_RX, (int32_t[]){1},
            i == 10 ? &(ketch_angle){.parameter = 0, .factor = 3} : &angle, 0, NULL, NULL, &error));
        if (i == 11)
            GOOD(ketch_circuit_fence(c, &error));
    }
    for (int i = 0; i < 12; i++) {
        ketch_circuit *const copy = copy_of(circuits[i]);
        expect_equal(circuits[i], copy);
        ketch_circuit_destroy(copy);
        for (int k = 0; k < i; k++)
            ck_assert_int_eq(ketch_circuit_equal(circuits[i], circuits[k]), 0);
    }
    ck_assert_int_eq(ketch_circuit_equal(circuits[0], NULL), 0);
    ck_assert_int_eq(ketch_circuit_equal(NULL, NULL), 0);
    for (int i = 0; i < 12; i++)
        ketch_circuit_destroy(circuits[i]);
}
END_TEST

START_TEST(a_made_circuit_has_the_names)
{
    ketch_circuit *const c = new_circuit(3, 1), *const plain = new_circuit(3, 3), *made = NULL;
    GOOD(ketch_circuit_add_register(c, "out", 2, &error));
    GOOD(ketch_circuit_name_qubits(c, "a", 2, &error));
    ck_assert_int_eq(ketch_circuit_equal(c, plain), 1);
    GOOD(ketch_circuit_inverse(&made, c, &error));
    ck_assert_str_eq(ketch_circuit_register(made, 1, NULL, NULL), "out");
    ck_assert_str_eq(ketch_circuit_qubit_register(made, 0, NULL, NULL), "a");
    ketch_circuit_destroy(made);
    GOOD(ketch_circuit_control(&made, c, 1, NULL, &error));
    ck_assert_str_eq(ketch_circuit_register(made, 1, NULL, NULL), "out");
    ck_assert_ptr_null(ketch_circuit_qubit_register(made, 0, NULL, NULL));
    ketch_circuit_destroy(made);
    ketch_circuit_destroy(plain);
    ketch_circuit_destroy(c);
}
END_TEST

/* ---- memory ---- */

/* All functions that make something. *c gets another circuit appended. */
static ketch_status transform(ketch_circuit *c, const ketch_circuit *other, ketch_circuit **made)
{
    ketch_error error = {.size = sizeof error};
    const int32_t bits[2] = {1, 2};
    ketch_status status = ketch_circuit_inverse(&made[0], other, &error);
    if (status == KETCH_OK)
        status = ketch_circuit_power(&made[1], other, -2, &error);
    if (status == KETCH_OK)
        status = ketch_circuit_control(&made[2], other, 2, NULL, &error);
    if (status == KETCH_OK)
        status = ketch_circuit_repeat(&made[3], c, 2, &error);
    if (status == KETCH_OK)
        status = ketch_circuit_append(c, other, NULL, bits, &error);
    return status;
}

START_TEST(any_memory_may_be_refused)
{
    ketch_circuit *const other = random_circuit(7, 3, 30), *const long_one = eventful_circuit();
    uint64_t at = 1;
    GOOD(ketch_circuit_name_qubits(other, "a", 3, &error));
    for (bool refused = true; refused; at++) {
        ketch_circuit *const c = copy_of(long_one), *made[4] = {NULL};
        kt_fault_arm(at, _i);
        const ketch_status status = transform(c, other, made);
        refused = kt_fault_count() >= at;
        kt_fault_arm(0, false);
        ck_assert_int_eq(status, refused ? KETCH_MEMORY : KETCH_OK);
        ck_assert_int_eq(ketch_circuit_equal(c, long_one), refused);
        ck_assert(refused || (made[0] && made[1] && made[2] && made[3]));
        for (int i = 0; i < 4; i++)
            ketch_circuit_destroy(made[i]);
        GOOD(ketch_circuit_append(c, other, NULL, NULL, &error)); /* works on */
        ketch_circuit_destroy(c);
    }
    ck_assert_uint_gt(at, 20);
    ketch_circuit_destroy(other);
    ketch_circuit_destroy(long_one);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("transform");
    TCase *const reading = tcase_create("reading"), *const making = tcase_create("making");
    tcase_set_timeout(making, 120);
    keep_one_thread(making);
    tcase_add_test(reading, a_gate_is_read_as_it_was_added);
    tcase_add_test(reading, all_that_is_no_gate_is_read);
    tcase_add_test(reading, a_matrix_is_read_in_place);
    tcase_add_test(reading, an_older_caller_gets_what_it_has_room_for);
    add_seeds(making, a_run_gives_the_first_column, SEEDS);
    add_seeds(making, an_inverse_undoes_its_circuit, SEEDS);
    for (int32_t gate = 0; gate < KETCH_GATE_UNITARY; gate++)
        add_indexed(making, an_inverse_keeps_the_numbers, gate, "%s",
                    ketch_gate_name((ketch_gate)gate));
    tcase_add_test(making, an_inverse_keeps_parameters);
    add_seeds(making, a_power_is_the_power_of_the_matrix, SEEDS);
    add_seeds(making, a_repetition_is_a_row_of_appended_circuits, 10);
    tcase_add_test(making, too_long_a_repetition_is_refused);
    tcase_add_test(making, events_have_no_inverse);
    add_seeds(making, given_numbers_are_transformed, SEEDS);
    add_seeds(making, a_controlled_circuit_is_a_block, SEEDS);
    tcase_add_test(making, a_controlled_phase_is_one_of_the_controls);
    tcase_add_test(making, a_gate_gets_the_name_that_it_has_under_controls);
    tcase_add_test(making, barriers_shift_under_controls);
    tcase_add_test(making, all_qubits_may_be_controls);
    add_seeds(making, an_appended_circuit_acts_where_it_is_put, SEEDS);
    add_seeds(making, a_circuit_is_appended_to_itself, 10);
    tcase_add_test(making, events_are_appended_on_other_bits);
    tcase_add_test(making, bits_of_a_condition_stay_neighbours);
    tcase_add_test(making, the_condition_in_force_applies_to_what_is_appended);
    tcase_add_test(making, an_appended_layer_shares_its_angles);
    tcase_add_test(making, any_difference_counts);
    tcase_add_test(making, a_made_circuit_has_the_names);
    add_refusals(making, any_memory_may_be_refused, kt_fault_arm(0, false));
    suite_add_tcase(suite, reading);
    suite_add_tcase(suite, making);
    return end_with(suite);
}
