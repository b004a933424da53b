/* Programs bound to values against circuits with the values put in. */
#define _GNU_SOURCE
#include "heap.h"
#include "ket/circuit/gates.h"
#include "ket/compile/plan_hash.h"
#include "ket/compile/program.h"
#include "reference.h"
#include "runs.h"
#include "suite.h"
#include <math.h>
#include <stdbool.h>

static const ketch_kernels sets[] = {KETCH_KERNELS_SCALAR, KETCH_KERNELS_AVX2,
                                     KETCH_KERNELS_AVX512};
static const ketch_precision precisions[] = {KETCH_DOUBLE, KETCH_SINGLE};

/* ---- circuits with parameters, written down ---- */

enum { GATES = 48, PARAMETERS = 5, CHOICES = 9, TERMS = 3 };

/* terms: those that the angles have; a copied note's angles do not point to them. */
typedef struct note {
    ketch_gate gate;
    int32_t qubits[4];
    ketch_angle angles[4];
    ketch_term terms[4][TERMS];
    twin_controls controls;
} note;

typedef struct score {
    int qubits, count;
    note notes[GATES];
    double values[PARAMETERS];
} score;

/* Values at which something could go wrong, and others. */
static double choose_value(twin *t)
{
    static const double values[CHOICES] = {0, M_PI / 2, M_PI, 2 * M_PI, -M_PI, 1e-9, 1e3, -1e-160};
    const uint64_t choice = twin_draw(t, 2 * CHOICES);
    return choice < CHOICES - 1 ? values[choice] : twin_angle(t);
}

static void choose_values(score *s, twin *t)
{
    for (int i = 0; i < PARAMETERS; i++)
        s->values[i] = choose_value(t);
}

static ketch_angle choose_angle(twin *t)
{
    static const double factors[] = {1, 1, 2, -1, 0.5, 0};
    ketch_angle angle = {.parameter = (int32_t)twin_draw(t, PARAMETERS + 1) - 1};
    angle.factor = factors[twin_draw(t, 6)];
    angle.offset = twin_draw(t, 2) ? choose_value(t) : 0;
    return angle;
}

/* Further terms of the sum, of any parameters, in every third angle. */
static void choose_terms(note *n, int i, twin *t)
{
    static const double factors[] = {1, -1, 0.5, -2, 0};
    n->angles[i].term_count = twin_draw(t, 3) ? 0 : 1 + twin_draw(t, TERMS);
    for (uint64_t k = 0; k < n->angles[i].term_count; k++)
        n->terms[i][k] = (ketch_term){.parameter = (int32_t)twin_draw(t, PARAMETERS),
                                      .factor = factors[twin_draw(t, 5)]};
}

/* Gates with angles by half, among those that merge with them or stop that. */
static ketch_gate draw_gate(twin *t)
{
    static const ketch_gate others[] = {KETCH_GATE_CX, KETCH_GATE_CX,  KETCH_GATE_CX,
                                        KETCH_GATE_H,  KETCH_GATE_T,   KETCH_GATE_X,
                                        KETCH_GATE_CZ, KETCH_GATE_SWAP};
    if (twin_draw(t, 2))
        return others[twin_draw(t, 8)];
    for (;;) {
        const ketch_gate gate = (ketch_gate)twin_draw(t, KETCH_GATE_UNITARY);
        if (ktq_gate_spec_of((int32_t)gate)->params > 0)
            return gate;
    }
}

static note choose_note(twin *t)
{
    note n = {.gate = draw_gate(t)};
    while (ktq_gate_spec_of((int32_t)n.gate)->qubits > t->qubits)
        n.gate = draw_gate(t);
    const ktq_gate_spec *const spec = ktq_gate_spec_of((int32_t)n.gate);
    const bool more = spec->qubits < t->qubits && twin_draw(t, 6) == 0;
    int32_t qubits[8];
    twin_choose(t, qubits, spec->qubits + more);
    memcpy(n.qubits, qubits, sizeof n.qubits);
    n.controls.count = more;
    n.controls.qubits[0] = qubits[spec->qubits];
    n.controls.values[0] = (uint8_t)twin_draw(t, 2);
    for (int i = 0; i < spec->params; i++)
        n.angles[i] = choose_angle(t), choose_terms(&n, i, t);
    return n;
}

/* Random gates; `last` twice in a row on the same qubits now and then, with a phase of the second
 * between, as users write a phase of the parity. */
static score choose_score(int qubits, uint64_t seed)
{
    twin t = twin_create(qubits, 0, seed);
    score s = {.qubits = qubits};
    while (s.count < GATES) {
        const note n = choose_note(&t);
        s.notes[s.count++] = n;
        if (n.gate != KETCH_GATE_CX || s.count + 2 > GATES || n.controls.count)
            continue;
        s.notes[s.count++] =
            (note){.gate = KETCH_GATE_RZ, .qubits = {n.qubits[1]}, .angles = {choose_angle(&t)}};
        s.notes[s.count++] = n;
    }
    choose_values(&s, &t);
    twin_destroy(&t);
    return s;
}

static void add_note(ketch_circuit *circuit, const note *n)
{
    ketch_angle angles[4];
    for (int i = 0; i < 4; i++) {
        angles[i] = n->angles[i];
        angles[i].terms = n->terms[i];
    }
    GOOD(ketch_circuit_parametric(circuit, n->gate, n->qubits, angles, n->controls.count,
                                  n->controls.qubits, n->controls.values, &error));
}

static ketch_circuit *open_circuit(const score *s)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, s->qubits, 0, &error));
    GOOD(ketch_circuit_add_parameters(circuit, PARAMETERS, &error));
    for (int i = 0; i < s->count; i++)
        add_note(circuit, &s->notes[i]);
    return circuit;
}

static double angle_of(const note *n, int i, const double *values)
{
    const ketch_angle *const a = &n->angles[i];
    double sum = a->parameter < 0 ? a->offset : a->factor * values[a->parameter] + a->offset;
    for (uint64_t k = 0; k < a->term_count; k++)
        sum += n->terms[i][k].factor * values[n->terms[i][k].parameter];
    return sum;
}

/* The reference with the values put in, and its circuit. */
static twin closed_twin(const score *s)
{
    twin t = twin_create(s->qubits, 0, 1);
    for (int i = 0; i < s->count; i++) {
        const note *const n = &s->notes[i];
        double params[4] = {0};
        for (int k = 0; k < 4; k++)
            params[k] = angle_of(n, k, s->values);
        twin_gate(&t, n->gate, n->qubits, params, &n->controls);
    }
    return t;
}

static ketch_program *bind_program(ketch_program *old, ketch_program *program, const score *s)
{
    GOOD(ketch_program_bind(&old, program, s->values, PARAMETERS, &error));
    return old;
}

static ketch_state *run_bound(ketch_program *program, int qubits, const run_way *way)
{
    ketch_engine *const engine = make_engine(way->threads);
    ketch_state *const state = make_state(engine, qubits, way->precision);
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, NULL, NULL, &error));
    ketch_result_destroy(result);
    GOOD(ketch_engine_destroy(engine, &error));
    return state;
}

static double bound_of(ketch_precision precision)
{
    return precision == KETCH_SINGLE ? 1e-6 * GATES : 1e-12;
}

static void check_bound(const score *s, ketch_program *bound, const run_way *way)
{
    twin t = closed_twin(s);
    ketch_state *const state = run_bound(bound, s->qubits, way);
    const double error = twin_error(&t, see_state(state), way->precision);
    if (!(error <= bound_of(way->precision)))
        ck_abort_msg("%d qubits, %s, precision %d: error %g", s->qubits,
                     ketch_kernels_name(way->kernels), (int)way->precision, error);
    ketch_state_drop(state);
    twin_destroy(&t);
}

/* Many values one after the other, in the same memory and not. */
static void check_values(score *s, const run_way *way, uint64_t seed)
{
    twin dice = twin_create(1, 0, seed);
    ketch_circuit *const circuit = open_circuit(s);
    ketch_program *const program = make_program(circuit, way);
    ketch_circuit_destroy(circuit);
    ketch_program *bound = NULL;
    for (int i = 0; i < 4; i++) {
        bound = bind_program(bound, program, s);
        check_bound(s, bound, way);
        choose_values(s, &dice);
    }
    ketch_program *const other = bind_program(NULL, bound, s);
    ketch_program_drop(bound);
    ketch_program_drop(program);
    check_bound(s, other, way);
    ketch_program_drop(other);
    twin_destroy(&dice);
}

START_TEST(bound_is_the_circuit_with_values)
{
    score s = choose_score(1 + _i % 9, (uint64_t)_i + 1);
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        for (size_t p = 0; p < 2 && ketch_kernels_usable(sets[i]); p++) {
            run_way way = {.threads = 1, .kernels = sets[i], .precision = precisions[p]};
            check_values(&s, &way, (uint64_t)_i);
            way.tile = 6;
            check_values(&s, &way, (uint64_t)_i + 7);
            way.plain = 1;
            check_values(&s, &way, (uint64_t)_i + 9);
        }
    }
}
END_TEST

/* ---- the plan ---- */

typedef struct plan_seen {
    char text[4096];
    ketch_program_info info;
} plan_seen;

static plan_seen see_plan(const ketch_program *program)
{
    plan_seen seen = {.info = {.size = sizeof seen.info}};
    GOOD(ketch_program_plan(seen.text, sizeof seen.text, NULL, program, &error));
    GOOD(ketch_program_get_info(&seen.info, program, &error));
    return seen;
}

START_TEST(plan_is_the_same_for_any_values)
{
    twin dice = twin_create(1, 0, 5);
    score s = choose_score(9, (uint64_t)_i + 100);
    const run_way way = {.threads = 1, .precision = precisions[_i % 2], .tile = 6};
    ketch_circuit *const circuit = open_circuit(&s);
    ketch_program *const program = make_program(circuit, &way);
    const plan_seen open = see_plan(program);
    ck_assert_int_eq(open.info.parameters, PARAMETERS);
    for (int i = 0; i < 5; i++) {
        ketch_program *const bound = bind_program(NULL, program, &s);
        const plan_seen seen = see_plan(bound);
        ck_assert_str_eq(seen.text, open.text);
        ck_assert_int_eq(seen.info.parameters, 0);
        ck_assert_uint_eq(seen.info.passes, open.info.passes);
        ck_assert_uint_eq(seen.info.operations, open.info.operations);
        ketch_program_drop(bound);
        choose_values(&s, &dice);
    }
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    twin_destroy(&dice);
}
END_TEST

/* One request for memory for a new bound program, none for the next in its place: so nothing was
 * planned. */
START_TEST(binding_asks_for_memory_once)
{
    score s = choose_score(9, 3);
    const run_way way = {.threads = 1, .precision = KETCH_DOUBLE};
    ketch_circuit *const circuit = open_circuit(&s);
    ketch_program *const program = make_program(circuit, &way);
    if (kt_fault_arm(0, false)) {
        ketch_program *bound = bind_program(NULL, program, &s);
        ck_assert_uint_eq(kt_fault_count(), 1);
        ketch_program *const first = bound;
        s.values[0] += 1;
        bound = bind_program(bound, program, &s);
        ck_assert_uint_eq(kt_fault_count(), 1);
        ck_assert_ptr_eq(bound, first);
        ketch_program_drop(bound);
    }
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* ---- bits ---- */

static void check_same_bits(ketch_program *a, ketch_program *b, int qubits, const run_way *way)
{
    ketch_state *const one = run_bound(a, qubits, way), *const other = run_bound(b, qubits, way);
    ck_assert_mem_eq(see_state(one), see_state(other), state_size(one));
    ketch_state_drop(one);
    ketch_state_drop(other);
}

/* The bits depend on the values alone: not on threads, nor on what the memory was bound to before.
 */
START_TEST(same_bits_whatever_was_before)
{
    static const int32_t counts[] = {1, 2, 3, 8};
    twin dice = twin_create(1, 0, 5);
    score s = choose_score(12, (uint64_t)_i + 200);
    run_way way = {.threads = 1, .precision = precisions[_i % 2], .tile = 7};
    ketch_circuit *const circuit = open_circuit(&s);
    ketch_program *const program = make_program(circuit, &way);
    ketch_program *again = NULL;
    for (int i = 0; i < 4; i++) {
        choose_values(&s, &dice);
        ketch_program *const fresh = bind_program(NULL, program, &s);
        again = bind_program(again, program, &s);
        way.threads = counts[i];
        check_same_bits(fresh, again, s.qubits, &way);
        way.threads = 1;
        ketch_program_drop(fresh);
    }
    ketch_state *const one = run_bound(again, s.qubits, &way);
    for (int i = 1; i < 4; i++) {
        way.threads = counts[i];
        ketch_state *const many = run_bound(again, s.qubits, &way);
        ck_assert_mem_eq(see_state(one), see_state(many), state_size(one));
        ketch_state_drop(many);
    }
    ketch_state_drop(one);
    ketch_program_drop(again);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    twin_destroy(&dice);
}
END_TEST

/* ---- literals ---- */

/* Gates of the u family, whose matrices have sums of angles, at angles up to 1e16. */
static score choose_large_angles(uint64_t seed)
{
    static const ketch_gate gates[] = {KETCH_GATE_U, KETCH_GATE_U2, KETCH_GATE_U3, KETCH_GATE_CU3,
                                       KETCH_GATE_CU};
    twin dice = twin_create(4, 0, seed);
    score s = {.qubits = 4, .count = GATES};
    for (int i = 0; i < PARAMETERS; i++)
        s.values[i] = copysign(pow(10, 16 * fabs(twin_angle(&dice) / M_PI)), twin_angle(&dice));
    for (int i = 0; i < GATES; i++) {
        note *const n = &s.notes[i];
        *n = (note){.gate = gates[twin_draw(&dice, 5)]};
        twin_choose(&dice, n->qubits, 4);
        for (int k = 0; k < 4; k++)
            n->angles[k] =
                (ketch_angle){.parameter = (int32_t)twin_draw(&dice, PARAMETERS), .factor = 1};
    }
    twin_destroy(&dice);
    return s;
}

/* A plain plan has the gates' matrices, so literals and bound parameters give the same bits. Other
 * plans merge literals with their neighbours, so there they agree but for rounding. */
START_TEST(large_literals_are_as_bound)
{
    score s = choose_large_angles((uint64_t)_i);
    run_way way = {.threads = 1, .precision = KETCH_DOUBLE, .plain = 1};
    ketch_circuit *const circuit = open_circuit(&s);
    ketch_circuit *literal = NULL;
    GOOD(ketch_circuit_bind(&literal, circuit, s.values, PARAMETERS, &error));
    ketch_program *const open = make_program(circuit, &way), *const closed =
                                                                 make_program(literal, &way);
    ketch_program *const bound = bind_program(NULL, open, &s);
    check_same_bits(bound, closed, s.qubits, &way);
    for (way.plain = 0; way.plain < 2; way.plain++)
        check_values(&s, &way, (uint64_t)_i);
    ketch_program_drop(bound);
    ketch_program_drop(closed);
    ketch_program_drop(open);
    ketch_circuit_destroy(literal);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* A bound program that somebody else holds too stays what it is; a failure changes nothing. */
START_TEST(what_is_held_is_not_rewritten)
{
    score s = choose_score(7, 11);
    const run_way way = {.threads = 1, .precision = KETCH_DOUBLE};
    ketch_circuit *const circuit = open_circuit(&s);
    ketch_program *const program = make_program(circuit, &way);
    ketch_program *const first = bind_program(NULL, program, &s);
    ketch_program *const held = ketch_program_share(first);
    ketch_program *const same = bind_program(NULL, program, &s);
    s.values[1] += 1;
    ketch_program *bound = bind_program(first, program, &s);
    ck_assert_ptr_ne(bound, held);
    check_same_bits(held, same, s.qubits, &way);
    ketch_program *const before = bound, *const copy = bind_program(NULL, program, &s);
    s.values[2] = NAN;
    ck_assert_int_eq(ketch_program_bind(&bound, program, s.values, PARAMETERS, NULL),
                     KETCH_NONFINITE);
    ck_assert_ptr_eq(bound, before);
    check_same_bits(bound, copy, s.qubits, &way);
    ketch_program_drop(held);
    ketch_program_drop(same);
    ketch_program_drop(bound);
    ketch_program_drop(copy);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* ---- values that are hard on tangents ---- */

/* Layers of rotations, all by the same angle, without factors between that could take the cosines
 * along: several go together in one step. */
START_TEST(steep_rotations_stay_finite)
{
    static const double angles[] = {M_PI, M_PI + 1e-5, 3.1, 2.9, -M_PI, 3 * M_PI};
    score s = {.qubits = 6};
    while (s.count + 11 <= GATES) {
        for (int32_t q = 0; q < 6; q++)
            s.notes[s.count++] =
                (note){.gate = KETCH_GATE_RY,
                       .qubits = {q},
                       .angles = {{.parameter = (q + s.count) % PARAMETERS, .factor = 1}}};
        for (int32_t q = 0; q < 5; q++)
            s.notes[s.count++] = (note){.gate = KETCH_GATE_CX, .qubits = {q, q + 1}};
    }
    for (int i = 0; i < PARAMETERS; i++)
        s.values[i] = angles[_i];
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        for (size_t p = 0; p < 2 && ketch_kernels_usable(sets[i]); p++) {
            const run_way way = {.threads = 1, .kernels = sets[i], .precision = precisions[p]};
            score again = s;
            check_values(&again, &way, 1);
        }
    }
}
END_TEST

/* ---- the norm in single precision ---- */

enum { DEEP_QUBITS = 8, DEEP_GATES = 20000 };

static ketch_circuit *deep_circuit(uint64_t seed)
{
    twin dice = twin_create(DEEP_QUBITS, 0, seed);
    ketch_circuit *c = NULL;
    GOOD(ketch_circuit_create(&c, DEEP_QUBITS, 0, &error));
    GOOD(ketch_circuit_add_parameters(c, 1, &error));
    for (int i = 0; i < DEEP_GATES; i++) {
        int32_t q[2];
        const ketch_angle angle = {.parameter = 0, .factor = twin_angle(&dice)};
        twin_choose(&dice, q, 2);
        if (i % 2)
            GOOD(ketch_cx(c, q[0], q[1], &error));
        else
            GOOD(ketch_circuit_parametric(c, KETCH_GATE_RY, q, &angle, 0, NULL, NULL, &error));
    }
    twin_destroy(&dice);
    return c;
}

static double drift_of(uint64_t seed)
{
    const run_way way = {.threads = 1, .precision = KETCH_SINGLE};
    ketch_circuit *const circuit = deep_circuit(seed);
    ketch_program *const program = make_program(circuit, &way);
    ketch_program *bound = NULL;
    double norm, value = 1;
    GOOD(ketch_program_bind(&bound, program, &value, 1, &error));
    ketch_state *const state = run_bound(bound, DEEP_QUBITS, &way);
    GOOD(ketch_state_norm(&norm, NULL, state, &error));
    ketch_state_drop(state);
    ketch_program_drop(bound);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    return norm - 1;
}

/* Cosines that do not fit the tangents as kernels hold them drift by 8.8e-7. */
START_TEST(rounded_rotations_keep_the_norm)
{
    enum { SEEDS = 8 };
    double squares = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        squares += drift_of(seed) * drift_of(seed);
    ck_assert_double_lt(sqrt(squares / SEEDS), 5.5e-7);
}
END_TEST

/* ---- a phase of the parity ---- */

/* diag(1, e^(i a)) between two equal CX, on 1 or on 0 of the control, as one operation: so there
 * are no more than these and the first layer. */
START_TEST(phases_of_the_parity)
{
    score s = {.qubits = 7, .values = {0.4, -1.1, 0.2, 2.5, 0.9}};
    for (int32_t q = 0; q < 7; q++)
        s.notes[s.count++] =
            (note){.gate = KETCH_GATE_RY,
                   .qubits = {q},
                   .angles = {{.parameter = q % PARAMETERS, .factor = 0.5, .offset = 1}}};
    for (int32_t q = 1; q < 7; q++) {
        const note flip = {.gate = KETCH_GATE_X,
                           .qubits = {q},
                           .controls = {1, {q - 1}, {(uint8_t)(_i ? q % 2 : 1)}}};
        s.notes[s.count++] = flip;
        s.notes[s.count++] = (note){.gate = q % 3 ? KETCH_GATE_RZ : KETCH_GATE_P,
                                    .qubits = {q},
                                    .angles = {{.parameter = 1, .factor = 2, .offset = q}}};
        s.notes[s.count++] = (note){.gate = KETCH_GATE_T, .qubits = {q}};
        s.notes[s.count++] = flip;
    }
    const run_way way = {.threads = 1, .precision = KETCH_DOUBLE};
    check_values(&s, &way, 3);
    ketch_circuit *const circuit = open_circuit(&s);
    ketch_program *const program = make_program(circuit, &way);
    ck_assert_uint_eq(see_plan(program).info.operations, 7 + 6 + 1);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* ---- circuits that measure ---- */

static ketch_circuit *measuring_circuit(void)
{
    ketch_circuit *c = NULL;
    const ketch_angle angle = {.parameter = 0, .factor = 1},
                      other = {.parameter = 1, .factor = -2, .offset = 0.25};
    const int32_t pair[2] = {0, 2}, one = 1, two = 2;
    GOOD(ketch_circuit_create(&c, 3, 3, &error));
    GOOD(ketch_circuit_add_parameters(c, 2, &error));
    GOOD(ketch_circuit_parametric(c, KETCH_GATE_RY, pair, &angle, 0, NULL, NULL, &error));
    GOOD(ketch_circuit_measure(c, 0, 0, &error));
    GOOD(ketch_circuit_condition(c, 0, 1, 1, &error));
    GOOD(ketch_circuit_parametric(c, KETCH_GATE_RX, &one, &other, 0, NULL, NULL, &error));
    GOOD(ketch_circuit_condition(c, 0, 0, 0, &error));
    GOOD(ketch_circuit_fence(c, &error));
    GOOD(ketch_circuit_reset(c, 0, &error));
    GOOD(ketch_circuit_parametric(c, KETCH_GATE_CRX, pair, &angle, 1, &one, NULL, &error));
    GOOD(ketch_circuit_parametric(c, KETCH_GATE_RY, &two, &angle, 0, NULL, NULL, &error));
    GOOD(ketch_circuit_measure(c, 1, 1, &error));
    GOOD(ketch_circuit_measure(c, 2, 2, &error));
    return c;
}

static void draw_rows(uint8_t *rows, ketch_program *program, uint64_t shots)
{
    const ketch_shots asked = {.size = sizeof asked, .shots = shots, .seed = 3};
    ketch_engine *const engine = make_engine(1);
    ketch_state *const state = make_state(engine, 3, KETCH_DOUBLE);
    ketch_outcomes outcomes = {.size = sizeof outcomes};
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, &asked, NULL, &error));
    GOOD(ketch_circuit_result_outcomes(&outcomes, result, &error));
    memcpy(rows, outcomes.rows, shots * outcomes.bits);
    ketch_result_destroy(result);
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, &error));
}

START_TEST(measured_as_the_circuit_with_values)
{
    enum { SHOTS = 300 };
    static const double values[] = {1.3, 0.9};
    static uint8_t here[3 * SHOTS], there[3 * SHOTS];
    const run_way way = {.threads = 1, .precision = KETCH_DOUBLE};
    ketch_circuit *const open = measuring_circuit(), *closed = NULL;
    GOOD(ketch_circuit_bind(&closed, open, values, 2, &error));
    ck_assert_int_eq(ketch_circuit_parameters(closed), 0);
    ketch_program *const program = make_program(open, &way), *bound = NULL;
    ketch_program *const constant = make_program(closed, &way);
    GOOD(ketch_program_bind(&bound, program, values, 2, &error));
    draw_rows(here, bound, SHOTS);
    draw_rows(there, constant, SHOTS);
    ck_assert_mem_eq(here, there, sizeof here);
    ketch_program_drop(program);
    ketch_program_drop(bound);
    ketch_program_drop(constant);
    ketch_circuit_destroy(open);
    ketch_circuit_destroy(closed);
}
END_TEST

/* ---- sums of parameters ---- */

/* One gate with the angle. */
static ketch_circuit *circuit_of(const ketch_angle *angle)
{
    ketch_circuit *made = NULL;
    const int32_t qubit = 0;
    GOOD(ketch_circuit_create(&made, 1, 0, &error));
    GOOD(ketch_circuit_add_parameters(made, 3, &error));
    GOOD(ketch_circuit_parametric(made, KETCH_GATE_RX, &qubit, angle, 0, NULL, NULL, &error));
    return made;
}

static double bound_angle(const ketch_circuit *open, const double values[3])
{
    ketch_circuit *bound = NULL;
    GOOD(ketch_circuit_bind(&bound, open, values, 3, &error));
    ck_assert_uint_eq(ktq_circuit_gate_at(bound, 0)->angle_mask, 0);
    const double angle = ktq_gate_params(bound, ktq_circuit_gate_at(bound, 0))[0];
    ketch_circuit_destroy(bound);
    return angle;
}

START_TEST(a_sum_has_all_its_terms)
{
    static const ketch_term terms[] = {{2, 4}, {0, -1}, {2, 0.5}};
    static const double values[] = {3, 5, 7};
    static const struct {
        ketch_angle angle;
        double wanted;
    } cases[] = {
        {{.parameter = 1, .factor = 2, .offset = 0.25, .terms = terms, .term_count = 3}, 38.75},
        {{.parameter = 1, .factor = 2, .offset = 0.25, .terms = terms, .term_count = 1}, 38.25},
        {{.parameter = 1, .factor = 2, .offset = 0.25, .terms = terms}, 10.25},
        {{.parameter = -1, .factor = NAN, .offset = 0.25, .terms = terms, .term_count = 2}, 25.25},
        {{.parameter = -1, .offset = 0.25, .terms = terms}, 0.25}};
    ketch_circuit *const open = circuit_of(&cases[_i].angle), *copy = NULL;
    ck_assert_double_eq(bound_angle(open, values), cases[_i].wanted);
    GOOD(ketch_circuit_copy(&copy, open, &error));
    ketch_circuit_destroy(open);
    ck_assert_double_eq(bound_angle(copy, values), cases[_i].wanted);
    ketch_circuit_destroy(copy);
}
END_TEST

/* Sums that are equal in a row are kept once; others are not taken for them. */
START_TEST(equal_sums_are_shared)
{
    const ketch_term terms[] = {{1, 2}, {2, 3}}, others[] = {{1, 2}, {2, 4}};
    const ketch_angle angle = {.parameter = 0, .factor = 1, .terms = terms, .term_count = 2};
    ketch_angle other = angle;
    const int32_t qubit = 0;
    ketch_circuit *const circuit = circuit_of(&angle);
    const ketch_angle *const added[] = {&angle, &other, &other};
    other.terms = others;
    for (int i = 0; i < 3; i++)
        GOOD(ketch_circuit_parametric(circuit, KETCH_GATE_RY, &qubit, added[i], 0, NULL, NULL,
                                      &error));
    ck_assert_uint_eq(ktq_circuit_angle_count(circuit), 2);
    other.term_count = 1;
    GOOD(ketch_circuit_parametric(circuit, KETCH_GATE_RY, &qubit, &other, 0, NULL, NULL, &error));
    ck_assert_uint_eq(ktq_circuit_angle_count(circuit), 3);
    ck_assert_double_eq(ktq_circuit_angle_at(circuit, 1).terms[1].factor, 4);
    ketch_circuit_destroy(circuit);
}
END_TEST

static uint64_t hash_of(const ketch_angle *angle)
{
    ketch_circuit *const circuit = circuit_of(angle);
    ketch_program *const program = make_program(circuit, &(run_way){0});
    const uint64_t hash = ktq_plan_hash(program->plan);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    return hash;
}

/* Saved runs of one are not loaded with another. */
START_TEST(sums_have_fingerprints_of_their_own)
{
    static const ketch_term terms[][2] = {{{1, 2}, {2, 3}}, {{1, 2}, {2, 4}}, {{1, 2}, {0, 3}}};
    uint64_t hashes[4];
    ketch_angle angle = {.parameter = 0, .factor = 1};
    hashes[3] = hash_of(&angle);
    for (int i = 0; i < 3; i++) {
        angle.terms = terms[i];
        angle.term_count = 2;
        hashes[i] = hash_of(&angle);
    }
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < i; k++)
            ck_assert_uint_ne(hashes[i], hashes[k]);
}
END_TEST

/* ---- no parameters ---- */

START_TEST(without_parameters_there_is_nothing_to_bind)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, 2, 0, &error));
    GOOD(ketch_h(circuit, 0, &error));
    const run_way way = {.threads = 1, .precision = KETCH_DOUBLE};
    ketch_program *const program = make_program(circuit, &way), *bound = NULL;
    GOOD(ketch_program_bind(&bound, program, NULL, 0, &error));
    ck_assert_ptr_eq(bound, program);
    GOOD(ketch_program_bind(&bound, program, NULL, 0, &error));
    ck_assert_ptr_eq(bound, program);
    ketch_program_drop(bound);
    ketch_state_drop(run_bound(program, 2, &way));
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
}
END_TEST

static Suite *bind_suite(void)
{
    static const char *const polarities[] = {"controls on 1", "controls on both"};
    Suite *const suite = suite_create("bind");
    TCase *const all = tcase_create("all"), *const alone = tcase_create("one thread");
    tcase_set_timeout(all, 240);
    tcase_set_timeout(alone, 240);
    keep_one_thread(alone);
    add_seeds(alone, bound_is_the_circuit_with_values, 54);
    add_seeds(all, plan_is_the_same_for_any_values, 8);
    tcase_add_test(all, binding_asks_for_memory_once);
    add_seeds(all, same_bits_whatever_was_before, 6);
    tcase_add_test(all, what_is_held_is_not_rewritten);
    tcase_add_loop_test(all, large_literals_are_as_bound, 0, 12);
    tcase_add_test(alone, rounded_rotations_keep_the_norm);
    add_numbers(all, steep_rotations_stay_finite, 0, 5, "in the list of angles");
    add_list(all, phases_of_the_parity, polarities, 2);
    tcase_add_test(all, measured_as_the_circuit_with_values);
    add_numbers(all, a_sum_has_all_its_terms, 0, 4, "in the list of sums");
    tcase_add_test(all, equal_sums_are_shared);
    tcase_add_test(all, sums_have_fingerprints_of_their_own);
    tcase_add_test(all, without_parameters_there_is_nothing_to_bind);
    suite_add_tcase(suite, all);
    suite_add_tcase(suite, alone);
    return suite;
}

int main(void)
{
    return end_with(bind_suite());
}
