/* Programs against the reference: every gate, every placement, every path. */
#include "ket/circuit/gates.h"
#include "reference.h"
#include "runs.h"
#include "suite.h"
#include <stdio.h>

static const ketch_kernels sets[] = {KETCH_KERNELS_SCALAR, KETCH_KERNELS_AVX2, KETCH_KERNELS_AVX512,
                                     KETCH_KERNELS_NEON};
static const ketch_precision precisions[] = {KETCH_DOUBLE, KETCH_SINGLE};

/* Error allowed per amplitude after so many gates. */
static double bound(ketch_precision precision, uint64_t gates)
{
    return (precision == KETCH_SINGLE ? 1e-6 : 1e-15) * (double)(gates + 3);
}

/* The largest error so far, as a share of what is allowed. */
static double worst;

static void check_way(const twin *t, const run_way *way)
{
    ketch_state *const state = run_circuit(t->circuit, way);
    const double error = twin_error(t, see_state(state), way->precision);
    const double allowed = bound(way->precision, ketch_circuit_steps(t->circuit));
    if (!(error <= allowed))
        ck_abort_msg("%d qubits, %s, %s, tile %d: error %g above %g", t->qubits,
                     ketch_kernels_name(way->kernels),
                     way->precision == KETCH_SINGLE ? "single" : "double", way->tile, error,
                     allowed);
    worst = fmax(worst, error / allowed);
    ketch_state_drop(state);
}

static void check_everywhere(const twin *t, int32_t tile, int32_t plain)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        for (size_t p = 0; p < 2; p++) {
            const run_way way = {.threads = 1,
                                 .kernels = sets[i],
                                 .precision = precisions[p],
                                 .tile = tile,
                                 .plain = plain};
            if (ketch_kernels_usable(sets[i]))
                check_way(t, &way);
        }
    }
}

/* A state without any symmetry, so that a wrong qubit or phase shows. */
static void spread(twin *t)
{
    for (int32_t q = 0; q < t->qubits; q++) {
        const double params[3] = {0.3 + 0.4 * q, 0.2 - 0.3 * q, 1.1 + 0.7 * q};
        twin_gate(t, KETCH_GATE_U3, &q, params, NULL);
    }
}

/* The next choice of `count` different qubits out of `qubits`, in order; false past the last. */
static bool next_choice(int32_t *choice, int count, int qubits)
{
    for (;;) {
        int i = count - 1;
        while (i >= 0 && choice[i] == qubits - 1)
            choice[i--] = 0;
        if (i < 0)
            return false;
        choice[i]++;
        bool different = true;
        for (int a = 0; a < count; a++)
            for (int b = 0; b < a; b++)
                different = different && choice[a] != choice[b];
        if (different)
            return true;
    }
}

/* count qubits of a choice: the first `own` are the gate's, one more is a control. */
static void try_choice(ketch_gate gate, const int32_t *choice, int own, int qubits, int control)
{
    twin t = twin_create(qubits, 0, 1);
    spread(&t);
    const double params[4] = {0.7, -1.3, 2.1, 0.4};
    twin_controls controls = {.count = control >= 0};
    controls.qubits[0] = choice[own];
    controls.values[0] = (uint8_t)(control > 0);
    twin_gate(&t, gate, choice, params, &controls);
    for (int plain = 0; plain < 2; plain++) {
        const run_way way = {.threads = 1, .precision = KETCH_DOUBLE, .plain = plain, .tile = 7};
        check_way(&t, &way);
    }
    const run_way single = {.threads = 1, .precision = KETCH_SINGLE, .tile = 7};
    check_way(&t, &single);
    twin_destroy(&t);
}

/* Five of nine qubits that lie in lanes, in vectors and outside of tiles of seven. */
static void try_spread_choice(ketch_gate gate, const int32_t *choice, int own, int control)
{
    static const int32_t places[] = {0, 1, 5, 7, 8};
    int32_t placed[8];
    for (int i = 0; i < own + (control >= 0); i++)
        placed[i] = places[choice[i]];
    try_choice(gate, placed, own, 9, control);
}

static void try_choices(ketch_gate gate, int own, int qubits, int control)
{
    const int count = own + (control >= 0);
    if (count > qubits)
        return;
    int32_t choice[8] = {0};
    bool more = count <= 1 || next_choice(choice, count, qubits);
    for (; more; more = next_choice(choice, count, qubits)) {
        try_choice(gate, choice, own, qubits, control);
        if (qubits == 5)
            try_spread_choice(gate, choice, own, control);
    }
}

/* Every gate on every ordered choice of qubits of 1..5, alone and under a control on 0 and on 1. */
START_TEST(every_gate_every_place)
{
    const int own = ktq_gate_spec_of(_i)->qubits;
    for (int qubits = own > 0 ? own : 1; qubits <= 5; qubits++)
        for (int control = -1; control < 2; control++)
            try_choices((ketch_gate)_i, own, qubits, control);
    figure("P24", "largest error of a gate in any place, of what is allowed", 100 * worst, "%");
}
END_TEST

/* Random circuits of all kinds of gates, with tiles of 7 qubits forced and not, merged and not. */
START_TEST(random_circuits)
{
    const int qubits = 1 + _i % 11;
    twin t = twin_create(qubits, 0, (uint64_t)_i + 1);
    spread(&t);
    for (int i = 0; i < 40; i++)
        twin_random_gate(&t);
    check_everywhere(&t, 7, 0);
    check_everywhere(&t, 0, 0);
    check_everywhere(&t, 5, 1);
    figure("P24", "largest error of random circuits, of what is allowed", 100 * worst, "%");
    twin_destroy(&t);
}
END_TEST

/* Matrices on pairs, whose last turns are left to the next one on the qubit: random ones, and those
 * that make of |00> a product, the most entangled state, or nothing (which is allowed). */
START_TEST(dense_pairs)
{
    static const double half = 0.70710678118654752;
    const double bell[32] = {[0] = half,  [4] = half,   [10] = half, [14] = half,
                             [18] = half, [22] = -half, [24] = half, [28] = -half};
    const double product[32] = {[1] = 1, [14] = 1, [20] = -1, [26] = 1};
    const double none[32] = {[10] = 1, [20] = 1, [30] = 1};
    twin t = twin_create(3 + _i % 8, 0, (uint64_t)_i + 500);
    spread(&t);
    for (int i = 0; i < 40; i++) {
        int32_t pair[2];
        double random[32];
        twin_choose(&t, pair, 2);
        twin_random_unitary(&t, 2, random);
        const double *const matrices[] = {bell, product, i == 20 && _i % 4 == 3 ? none : random};
        const uint64_t kind = twin_draw(&t, 12);
        if (kind == 11)
            twin_random_gate(&t);
        else
            twin_unitary(&t, 2, pair, matrices[kind < 2 ? kind : 2], NULL);
    }
    check_everywhere(&t, 7, 0);
    check_everywhere(&t, 0, 0);
    twin_destroy(&t);
}
END_TEST

/* A phase of the lowest qubits, also under controls on 0 and on 1. */
static void add_some_phase(twin *t, int lowest)
{
    static const ketch_gate kinds[] = {KETCH_GATE_CP,  KETCH_GATE_RZZ, KETCH_GATE_CZ,
                                       KETCH_GATE_CCZ, KETCH_GATE_P,   KETCH_GATE_RZ};
    const ketch_gate gate = kinds[twin_draw(t, 6)];
    const int own = ktq_gate_spec_of((int)gate)->qubits;
    const double angle = twin_angle(t);
    twin_controls controls = {.count = own == 1 ? 1 + (int)twin_draw(t, 3) : 0};
    int32_t qubits[4];
    twin low = {.qubits = lowest, .random = t->random};
    twin_choose(&low, qubits, own + controls.count);
    t->random = low.random;
    for (int i = 0; i < controls.count; i++) {
        controls.qubits[i] = qubits[own + i];
        controls.values[i] = (uint8_t)twin_draw(t, 2);
    }
    twin_gate(t, gate, qubits, &angle, &controls);
}

/* Many phases in a row on lanes (positions 0 to 2, or fewer) and other bits, which become few. On
 * seven qubits none of them ends what waits: that one gets full. */
START_TEST(phases_on_lanes_and_other_bits)
{
    twin t = twin_create(10, 0, (uint64_t)_i + 2000);
    spread(&t);
    const int lowest = _i % 2 ? 7 : 10;
    for (int i = 1; i <= 150; i++) {
        const int32_t qubit = (int32_t)twin_draw(&t, 10);
        add_some_phase(&t, lowest);
        if (i % 40 == 0 && (lowest == 10 || qubit >= lowest))
            twin_gate(&t, KETCH_GATE_H, &qubit, NULL, NULL);
    }
    check_everywhere(&t, 7, 0);
    check_everywhere(&t, 0, 0);
    twin_destroy(&t);
}
END_TEST

/* From |0...0> parts of the state stay zero for long: the tiles left out must be the right ones. */
START_TEST(sparse_circuits)
{
    twin t = twin_create(11, 0, (uint64_t)_i + 1000);
    for (int i = 0; i < 25; i++)
        twin_random_gate(&t);
    check_everywhere(&t, 7, 0);
    check_everywhere(&t, 6, 1);
    twin_destroy(&t);
}
END_TEST

/* Runs from every kind of start: basis states, given amplitudes, a second program on the result. */
START_TEST(from_any_state)
{
    const int qubits = 9;
    twin t = twin_create(qubits, 0, (uint64_t)_i + 77);
    const uint64_t index = twin_draw(&t, 1 << qubits);
    twin_set(&t, index);
    for (int i = 0; i < 30; i++)
        twin_random_gate(&t);
    const int32_t ends[2] = {0, qubits - 1};
    twin_gate(&t, KETCH_GATE_SWAP, ends, NULL, NULL);
    ketch_engine *const engine = make_engine(2);
    const run_way way = {.precision = KETCH_DOUBLE, .tile = 7};
    ketch_program *const program = make_program(t.circuit, &way);
    ketch_state *const state = make_state(engine, qubits, KETCH_DOUBLE);
    char ket[16] = {0};
    for (int q = 0; q < qubits; q++)
        ket[qubits - 1 - q] = (char)('0' + (index >> q & 1));
    GOOD(ketch_state_set_ket(state, ket, &error));
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, NULL, NULL, &error));
    ketch_result_destroy(result);
    ck_assert(twin_error(&t, see_state(state), KETCH_DOUBLE) <= 1e-13);
    ketch_circuit_destroy(t.circuit);
    GOOD(ketch_circuit_create(&t.circuit, qubits, 0, &error));
    twin_gate(&t, KETCH_GATE_SWAP, ends, NULL, NULL);
    for (int i = 0; i < 30; i++)
        twin_random_gate(&t);
    ketch_program *const second = make_program(t.circuit, &way);
    GOOD(ketch_program_run(&result, engine, second, state, NULL, NULL, &error));
    ketch_result_destroy(result);
    ck_assert(twin_error(&t, see_state(state), KETCH_DOUBLE) <= 1e-13);
    ketch_program_drop(program);
    ketch_program_drop(second);
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, &error));
    twin_destroy(&t);
}
END_TEST

/* Rotations leave their cosines to the end of the pass: however many and however steep, nothing may
 * overflow until then. */
START_TEST(many_rotations_stay_finite)
{
    static const double angles[] = {1.5, 3.1, 3.14};
    const int32_t most = 5 + _i / 3;
    twin t = twin_create(most, 0, 1);
    for (int32_t i = 0; i < 3000; i++) {
        const int32_t qubits[2] = {i % most, (i + 1) % most};
        twin_gate(&t, KETCH_GATE_RY, qubits, &angles[_i % 3], NULL);
        twin_gate(&t, KETCH_GATE_CX, qubits, NULL, NULL);
    }
    check_everywhere(&t, 0, 0);
    twin_destroy(&t);
}
END_TEST

/* A matrix that is not unitary and allowed all the same stays what it is, among gates it merges
 * with and beside a CX pair that looks at it. */
START_TEST(not_unitary_but_allowed)
{
    static const double matrices[][8] = {{1, 0, 2, 0, 0, 0.5, 1, 0},
                                         {0, 0, 0, 0, 0, 0, 1, 0},
                                         {0, 0, 3, 0, 1, 0, 0.5, 0.5},
                                         {0.25, 0, 0, 0, 0, 0, 0, 2}};
    const int32_t pair[2] = {0, 2}, target = 2;
    twin t = twin_create(3, 0, 1);
    spread(&t);
    twin_gate(&t, KETCH_GATE_CX, pair, NULL, NULL);
    twin_unitary(&t, 1, &target, matrices[_i], NULL);
    twin_gate(&t, KETCH_GATE_CX, pair, NULL, NULL);
    twin_gate(&t, KETCH_GATE_H, &target, NULL, NULL);
    check_everywhere(&t, 0, 0);
    check_everywhere(&t, 0, 1);
    twin_destroy(&t);
}
END_TEST

/* A reset takes the state away from the basis state it began with, also outside all tiles. */
START_TEST(reset_of_a_one_outside_the_tile)
{
    const int qubits = 9;
    twin t = twin_create(qubits, 0, 1);
    GOOD(ketch_circuit_reset(t.circuit, qubits - 1, &error));
    spread(&t);
    ketch_engine *const engine = make_engine(1);
    const run_way way = {.precision = KETCH_DOUBLE, .tile = 7};
    ketch_program *const program = make_program(t.circuit, &way);
    ketch_state *const state = make_state(engine, qubits, KETCH_DOUBLE);
    GOOD(ketch_state_set_ket(state, "100000000", &error));
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, NULL, NULL, &error));
    ck_assert(twin_error(&t, see_state(state), KETCH_DOUBLE) <= 1e-13);
    ketch_result_destroy(result);
    ketch_program_drop(program);
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, &error));
    twin_destroy(&t);
}
END_TEST

/* 10,000 gates and then their inverses: back at the start, on each kernel set, merged and plain. */
START_TEST(deep_and_back)
{
    enum { QUBITS = 12, GATES = 10000 };
    twin t = twin_create(QUBITS, 0, 5);
    static int32_t qubits[GATES][2];
    static double angles[GATES];
    static const ketch_gate kinds[] = {KETCH_GATE_RX, KETCH_GATE_RY,  KETCH_GATE_RZ,
                                       KETCH_GATE_CX, KETCH_GATE_RZZ, KETCH_GATE_CRY,
                                       KETCH_GATE_H,  KETCH_GATE_RXX};
    static ketch_gate gates[GATES];
    for (int i = 0; i < GATES; i++) {
        gates[i] = kinds[twin_draw(&t, 8)];
        angles[i] = twin_angle(&t);
        twin_choose(&t, qubits[i], 2);
    }
    for (int way = 0; way < 2; way++) {
        for (int i = 0; i < GATES; i++) {
            const int at = way ? GATES - 1 - i : i;
            const double angle = way ? -angles[at] : angles[at];
            GOOD(ketch_circuit_gate(t.circuit, gates[at], qubits[at], &angle, &error));
        }
        GOOD(ketch_circuit_fence(t.circuit, &error));
    }
    const run_way way = {
        .threads = 1, .kernels = sets[_i % 4], .precision = KETCH_DOUBLE, .plain = _i / 4};
    ketch_state *const state = run_circuit(t.circuit, &way);
    const double off = twin_error(&t, see_state(state), KETCH_DOUBLE);
    double norm = 0;
    GOOD(ketch_state_norm(&norm, NULL, state, &error));
    ck_assert_msg(off <= 1e-11, "error %g", off);
    ck_assert_msg(norm >= 1 - 1e-11 && norm <= 1 + 1e-11, "norm %.17g", norm);
    figure("P25", "largest error after 10,000 gates and back, at most 1e-11", off, "");
    figure("P25", "drift of the norm, at most 1e-11", fabs(norm - 1), "");
    ketch_state_drop(state);
    twin_destroy(&t);
}
END_TEST

/* The same bits at any number of threads, also where other tile sizes give others. */
START_TEST(same_bits_at_any_thread_count)
{
    twin t = twin_create(13, 0, (uint64_t)_i + 9);
    spread(&t);
    for (int i = 0; i < 60; i++)
        twin_random_gate(&t);
    for (size_t p = 0; p < 2; p++) {
        run_way way = {.threads = 1, .precision = precisions[p], .tile = 7 + _i};
        ketch_state *const one = run_circuit(t.circuit, &way);
        static const int32_t counts[] = {2, 3, 8};
        for (size_t i = 0; i < 3; i++) {
            way.threads = counts[i];
            ketch_state *const many = run_circuit(t.circuit, &way);
            ck_assert_mem_eq(see_state(one), see_state(many), state_size(one));
            ketch_state_drop(many);
        }
        ketch_state_drop(one);
    }
    twin_destroy(&t);
}
END_TEST

/* At a fence the state is the source prefix of `done` gates. */
typedef struct prefix_check {
    twin *t;
    uint64_t last;
    int calls;
} prefix_check;

static int32_t check_prefix(const ketch_step *step, void *user)
{
    prefix_check *const check = user;
    if (!step->view)
        return 0;
    check->calls++;
    ck_assert_uint_gt(step->done, check->last);
    check->last = step->done;
    twin prefix = twin_create(check->t->qubits, 0, check->t->random);
    for (uint64_t i = 0; ketch_circuit_steps(prefix.circuit) < step->done; i++)
        twin_random_gate(&prefix);
    ck_assert(twin_error(&prefix, see_state(step->view), KETCH_DOUBLE) <= 1e-13);
    twin_destroy(&prefix);
    return 0;
}

START_TEST(fences_show_the_prefix)
{
    twin t = twin_create(8, 0, 321);
    prefix_check check = {.t = &t};
    twin copy = t;
    while (ketch_circuit_steps(t.circuit) < 30)
        twin_random_gate(&copy);
    ketch_engine *const engine = make_engine(1);
    const run_way way = {.precision = KETCH_DOUBLE, .tile = 7, .fence_every = 4};
    ketch_program *const program = make_program(t.circuit, &way);
    ketch_state *const state = make_state(engine, 8, KETCH_DOUBLE);
    const ketch_run run = {.size = sizeof run, .hook = check_prefix, .user = &check};
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, NULL, &run, &error));
    ck_assert_int_eq(check.calls, 7);
    ketch_result_destroy(result);
    ketch_program_drop(program);
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, &error));
    twin_destroy(&t);
}
END_TEST

/* A barrier keeps gates apart, relabelled swaps cost nothing, and the plan says so. */
START_TEST(plan_tells)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, 3, 0, &error));
    GOOD(ketch_h(circuit, 0, &error));
    GOOD(ketch_h(circuit, 0, &error));
    GOOD(ketch_circuit_barrier(circuit, 0, NULL, &error));
    GOOD(ketch_h(circuit, 0, &error));
    GOOD(ketch_swap(circuit, 0, 2, &error));
    const run_way way = {.precision = KETCH_DOUBLE};
    ketch_program *const program = make_program(circuit, &way);
    ketch_program_info info = {.size = sizeof info};
    GOOD(ketch_program_get_info(&info, program, &error));
    ck_assert_uint_eq(info.steps, 4);
    char text[2048];
    size_t length = 0;
    GOOD(ketch_program_plan(text, sizeof text, &length, program, &error));
    ck_assert_uint_eq(length, strlen(text));
    ck_assert_ptr_nonnull(strstr(text, "3 qubits, 0 classical bits, 4 steps, double precision"));
    ck_assert_ptr_nonnull(strstr(text, " in registers"));
    const run_way plain = {.precision = KETCH_DOUBLE, .plain = 1};
    ketch_program *const other = make_program(circuit, &plain);
    GOOD(ketch_program_plan(text, sizeof text, &length, other, &error));
    ck_assert_ptr_nonnull(strstr(text, " in 1 sweep of a tile"));
    ck_assert_ptr_nonnull(strstr(text, "\nestimate: "));
    ketch_program_drop(other);
    char small[8];
    GOOD(ketch_program_plan(small, sizeof small, &length, program, &error));
    ck_assert_str_eq(small, "3 qubit");
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
}
END_TEST

static Suite *program_suite(void)
{
    Suite *const suite = suite_create("program");
    TCase *const all = tcase_create("all"), *const alone = tcase_create("one thread");
    tcase_set_timeout(all, 240);
    tcase_set_timeout(alone, 240);
    keep_one_thread(alone);
    for (int gate = 0; gate < KETCH_GATE_UNITARY; gate++)
        add_indexed(alone, every_gate_every_place, gate, "%s", ketch_gate_name((ketch_gate)gate));
    add_seeds(all, random_circuits, 66);
    add_seeds(all, dense_pairs, 24);
    add_seeds(all, phases_on_lanes_and_other_bits, 20);
    add_seeds(all, sparse_circuits, 20);
    add_seeds(all, from_any_state, 10);
    add_numbers(all, many_rotations_stay_finite, 0, 5, "in the list");
    add_numbers(all, not_unitary_but_allowed, 0, 3, "in the list");
    tcase_add_test(all, reset_of_a_one_outside_the_tile);
    for (int i = 0; i < 8; i++)
        if (ketch_kernels_usable(sets[i % 4]))
            add_indexed(alone, deep_and_back, i, "%s, %s", ketch_kernels_name(sets[i % 4]),
                        i / 4 ? "plain" : "merged");
        else
            add_skipped(alone, deep_and_back, "this machine does not run %s",
                        ketch_kernels_name(sets[i % 4]));
    add_seeds(all, same_bits_at_any_thread_count, 3);
    tcase_add_test(all, fences_show_the_prefix);
    tcase_add_test(all, plan_tells);
    suite_add_tcase(suite, all);
    suite_add_tcase(suite, alone);
    return suite;
}

int main(void)
{
    return end_with(program_suite());
}
