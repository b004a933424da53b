/* Circuits as runs: stop and resume, shots, measurement in the middle, memory, threads. */
#define _GNU_SOURCE
#include "allocations.h"
#include "reference.h"
#include "runs.h"
#include "suite.h"
#include <math.h>
#include <pthread.h>
#include <stdbool.h>

/* ---- circuits ---- */

/* Everything a run can meet: gates, swaps, fences, measurements in the middle, resets, conditions.
 */
static ketch_circuit *make_mixed(uint64_t seed, int qubits)
{
    twin t = twin_create(qubits, 4, seed);
    for (int part = 0; part < 4; part++) {
        for (int i = 0; i < 12; i++)
            twin_random_gate(&t);
        GOOD(ketch_circuit_measure(t.circuit, part, part, &error));
        if (part == 1)
            GOOD(ketch_circuit_reset(t.circuit, 3, &error));
        if (part == 2) {
            GOOD(ketch_circuit_condition(t.circuit, 0, 2, 2, &error));
            twin_random_gate(&t);
            twin_random_gate(&t);
            GOOD(ketch_circuit_condition(t.circuit, 0, 0, 0, &error));
            GOOD(ketch_circuit_fence(t.circuit, &error));
        }
    }
    free(t.amplitudes);
    return t.circuit;
}

/* Gates, then all qubits measured at the end. */
static ketch_circuit *make_sampled(uint64_t seed, int qubits)
{
    twin t = twin_create(qubits, qubits, seed);
    for (int i = 0; i < 30; i++)
        twin_random_gate(&t);
    for (int q = 0; q < qubits; q++)
        GOOD(ketch_circuit_measure(t.circuit, q, q, &error));
    free(t.amplitudes);
    return t.circuit;
}

/* ---- stop at the k-th look, resume ---- */

/* A stop token that sets itself at the k-th tick. */
typedef struct counted_stop {
    ketch_stop stop;
    uint64_t left;
} counted_stop;

static int32_t count_down(const ketch_step *step, void *user)
{
    (void)step;
    counted_stop *const c = user;
    if (c->left-- == 1)
        ketch_stop_set(&c->stop);
    return 0;
}

typedef struct finished {
    void *amplitudes;
    uint8_t *rows;
    size_t size, row_size;
} finished;

static finished keep_all(const ketch_state *state, const ketch_result *result)
{
    ketch_outcomes outcomes = {.size = sizeof outcomes};
    GOOD(ketch_circuit_result_outcomes(&outcomes, result, &error));
    finished f = {.size = state_size(state), .row_size = outcomes.shots * outcomes.bits};
    f.amplitudes = malloc(f.size);
    memcpy(f.amplitudes, see_state(state), f.size);
    f.rows = malloc(f.row_size + 1);
    memcpy(f.rows, outcomes.rows, f.row_size);
    return f;
}

/* Stops at every k-th tick and resumes until the end; returns how often it was stopped. */
static int run_in_pieces(finished *f, ketch_engine *engine, ketch_program *program, uint64_t k,
                         uint64_t shots)
{
    ketch_program_info info = {.size = sizeof info};
    GOOD(ketch_program_get_info(&info, program, &error));
    ketch_state *const state = make_state(engine, info.qubits, KETCH_DOUBLE);
    counted_stop c = {.left = k};
    const ketch_run run = {
        .size = sizeof run, .hook = count_down, .user = &c, .tick_seconds = 1e-12, .stop = &c.stop};
    const ketch_shots asked = {.size = sizeof asked, .shots = shots, .seed = 7};
    ketch_result *result = NULL;
    ketch_status status = ketch_program_run(&result, engine, program, state, &asked, &run, NULL);
    int stops = 0;
    while (status == KETCH_STOPPED) {
        ketch_position position = {.size = sizeof position};
        GOOD(ketch_result_get_position(&position, result, &error));
        const void *amplitudes = NULL;
        const ketch_status read = ketch_state_amplitudes(&amplitudes, state, NULL);
        ck_assert_int_eq(read, position.fence ? KETCH_OK : KETCH_SUSPENDED);
        stops++;
        ketch_stop_clear(&c.stop);
        c.left = k;
        status = ketch_engine_resume(engine, result, &run, NULL);
    }
    ck_assert_int_eq(status, KETCH_OK);
    *f = keep_all(state, result);
    ketch_result_destroy(result);
    ketch_state_drop(state);
    return stops;
}

static void check_pieces(ketch_circuit *circuit, ketch_kernels kernels, int32_t threads,
                         uint64_t shots)
{
    ketch_engine *const engine = make_engine(threads);
    const run_way way = {.kernels = kernels, .precision = KETCH_DOUBLE, .tile = 7};
    ketch_program *const program = make_program(circuit, &way);
    finished straight, pieces;
    ck_assert_int_eq(run_in_pieces(&straight, engine, program, UINT64_C(1) << 40, shots), 0);
    int stops = 1;
    for (uint64_t k = 2; stops > 0; k++) { /* with 1 nothing is ever done */
        stops = run_in_pieces(&pieces, engine, program, k, shots);
        ck_assert_uint_eq(straight.size, pieces.size);
        if (!shots)
            ck_assert_mem_eq(straight.amplitudes, pieces.amplitudes, straight.size);
        ck_assert_uint_eq(straight.row_size, pieces.row_size);
        ck_assert_int_eq(memcmp(straight.rows, pieces.rows, straight.row_size), 0);
        free(pieces.amplitudes);
        free(pieces.rows);
    }
    free(straight.amplitudes);
    free(straight.rows);
    ketch_program_drop(program);
    GOOD(ketch_engine_destroy(engine, &error));
    ketch_circuit_destroy(circuit);
}

static const ketch_kernels sets[] = {KETCH_KERNELS_SCALAR, KETCH_KERNELS_AVX2, KETCH_KERNELS_AVX512,
                                     KETCH_KERNELS_NEON};

START_TEST(stop_anywhere_resume_same_bits)
{
    const ketch_kernels set = sets[_i % 4];
    const int32_t threads = 1 + _i / 4;
    check_pieces(make_mixed((uint64_t)_i + 1, 9), set, threads, 0);
    check_pieces(make_mixed((uint64_t)_i + 20, 4 + _i % 2), set, threads, 0);
}
END_TEST

START_TEST(stop_anywhere_with_shots)
{
    const ketch_kernels set = sets[_i % 4];
    const int32_t threads = 1 + _i / 4;
    check_pieces(make_mixed((uint64_t)_i + 50, 9), set, threads, 3);
    check_pieces(make_sampled((uint64_t)_i + 60, 9), set, threads, 5000);
    check_pieces(make_mixed((uint64_t)_i + 70, 4), set, threads, 3);
}
END_TEST

/* ---- measurement ---- */

/* What the run says it measured, applied to the reference as projections: the same state. */
START_TEST(collapse_matches_the_bits)
{
    enum { QUBITS = 7 };
    twin t = twin_create(QUBITS, 3, (uint64_t)_i + 400);
    uint64_t drawn[3];
    for (int m = 0; m < 3; m++) {
        for (int i = 0; i < 10; i++)
            twin_random_gate(&t);
        drawn[m] = t.random;
        GOOD(ketch_circuit_measure(t.circuit, 2 * m, m, &error));
    }
    for (int i = 0; i < 5; i++)
        twin_random_gate(&t);
    ketch_engine *const engine = make_engine(1);
    const run_way way = {.precision = KETCH_DOUBLE, .tile = 6};
    ketch_program *const program = make_program(t.circuit, &way);
    ketch_state *const state = make_state(engine, QUBITS, KETCH_DOUBLE);
    const ketch_shots shots = {.size = sizeof shots, .seed = (uint64_t)_i};
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, &shots, NULL, &error));
    ketch_outcomes outcomes = {.size = sizeof outcomes};
    GOOD(ketch_circuit_result_outcomes(&outcomes, result, &error));
    ck_assert_uint_eq(outcomes.shots, 1);
    twin again = twin_create(QUBITS, 3, (uint64_t)_i + 400);
    for (int m = 0; m < 4; m++) {
        while (m < 3 ? again.random != drawn[m] : again.random != t.random)
            twin_random_gate(&again);
        if (m == 3)
            break;
        long double kept = 0;
        for (size_t i = 0; i < 1 << QUBITS; i++) {
            if ((i >> (2 * m) & 1) != outcomes.rows[m])
                again.amplitudes[i] = 0;
            kept += cabsl(again.amplitudes[i]) * cabsl(again.amplitudes[i]);
        }
        ck_assert(kept > 1e-12L);
        for (size_t i = 0; i < 1 << QUBITS; i++)
            again.amplitudes[i] /= sqrtl(kept);
    }
    const double off = twin_error(&again, see_state(state), KETCH_DOUBLE);
    ck_assert_msg(off <= 1e-12, "error %g", off);
    ketch_result_destroy(result);
    ketch_program_drop(program);
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, &error));
    twin_destroy(&t);
    twin_destroy(&again);
}
END_TEST

/* Counts of shots of a program: index by the number the first three bits write. */
static void count_shots(uint64_t counts[8], const ketch_circuit *circuit, uint64_t shots,
                        uint64_t seed, int32_t threads)
{
    ketch_engine *const engine = make_engine(threads);
    const run_way way = {.precision = KETCH_DOUBLE, .tile = 6};
    ketch_program *const program = make_program(circuit, &way);
    ketch_state *const state = make_state(engine, ketch_circuit_qubits(circuit), KETCH_DOUBLE);
    const ketch_shots asked = {.size = sizeof asked, .shots = shots, .seed = seed};
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, &asked, NULL, &error));
    ketch_outcomes outcomes = {.size = sizeof outcomes};
    GOOD(ketch_circuit_result_outcomes(&outcomes, result, &error));
    ck_assert_uint_eq(outcomes.shots, shots);
    memset(counts, 0, 8 * sizeof *counts);
    for (uint64_t s = 0; s < shots; s++) {
        const uint8_t *const row = outcomes.rows + s * outcomes.bits;
        counts[row[0] + 2 * row[1] + 4 * row[2]]++;
    }
    uint64_t distinct = 0, examples[8], tallies[8], sum = 0;
    GOOD(ketch_circuit_result_counts(&distinct, examples, tallies, 8, result, &error));
    for (uint64_t i = 0; i < distinct; i++) {
        const uint8_t *const row = outcomes.rows + examples[i] * outcomes.bits;
        ck_assert_uint_eq(tallies[i], counts[row[0] + 2 * row[1] + 4 * row[2]]);
        sum += tallies[i];
    }
    ck_assert_uint_eq(sum, shots);
    ketch_result_destroy(result);
    ketch_program_drop(program);
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, &error));
}

/* Three qubits turned and entangled, then measured; apart: a gate after the measurements makes each
 * shot a run of its own, with the same probabilities. */
static ketch_circuit *make_three(bool apart, long double probability[8])
{
    twin t = twin_create(apart ? 4 : 3, 3, 1);
    for (int32_t q = 0; q < 3; q++)
        twin_gate(&t, KETCH_GATE_RY, &q, (double[]){0.5 + 0.6 * q}, NULL);
    twin_gate(&t, KETCH_GATE_CX, (int32_t[]){0, 1}, NULL, NULL);
    twin_gate(&t, KETCH_GATE_CRY, (int32_t[]){1, 2}, (double[]){0.9}, NULL);
    for (int i = 0; i < 8; i++)
        probability[i] = cabsl(t.amplitudes[i]) * cabsl(t.amplitudes[i]);
    for (int32_t q = 0; q < 3; q++)
        GOOD(ketch_circuit_measure(t.circuit, q, q, &error));
    if (apart) {
        GOOD(ketch_circuit_condition(t.circuit, 0, 1, 1, &error));
        GOOD(ketch_x(t.circuit, 3, &error));
    }
    free(t.amplitudes);
    return t.circuit;
}

/* Chi-square against the exact probabilities: 7 degrees of freedom, 1e-6 level is 40.5. */
START_TEST(shots_follow_the_probabilities)
{
    long double probability[8];
    ketch_circuit *const circuit = make_three(_i, probability);
    const uint64_t shots = _i ? 20000 : 1000000;
    uint64_t counts[8], again[8];
    count_shots(counts, circuit, shots, 11, 1);
    long double chi = 0;
    for (int i = 0; i < 8; i++) {
        const long double expected = probability[i] * (long double)shots;
        chi += ((long double)counts[i] - expected) * ((long double)counts[i] - expected) / expected;
    }
    ck_assert_msg(chi < 40.5L, "chi-square %Lg", chi);
    count_shots(again, circuit, shots, 11, 3);
    ck_assert_mem_eq(counts, again, sizeof counts);
    count_shots(again, circuit, shots, 12, 1);
    ck_assert_int_ne(memcmp(counts, again, sizeof counts), 0);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* A projector that was allowed leaves nothing: measuring it in the middle or at the end fails. */
START_TEST(nothing_to_measure)
{
    static const double projector[8] = {0, 0, 0, 0, 0, 0, 1, 0};
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, 2, 1, &error));
    GOOD(ketch_circuit_unitary(circuit, 1, (int32_t[]){0}, projector, 10, 0, NULL, NULL, &error));
    GOOD(ketch_circuit_measure(circuit, 0, 0, &error));
    if (_i)
        GOOD(ketch_h(circuit, 0, &error));
    ketch_engine *const engine = make_engine(1);
    const run_way way = {.precision = KETCH_DOUBLE};
    ketch_program *const program = make_program(circuit, &way);
    ketch_state *const state = make_state(engine, 2, KETCH_DOUBLE);
    ketch_result *result = NULL;
    ketch_error failure = {.size = sizeof failure};
    ck_assert_int_eq(ketch_program_run(&result, engine, program, state, NULL, NULL, &failure),
                     KETCH_NORM);
    ck_assert_ptr_nonnull(strstr(failure.message, "nothing to measure"));
    ketch_result_destroy(result);
    ketch_program_drop(program);
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, &error));
    ketch_circuit_destroy(circuit);
}
END_TEST

/* Shots that were not measured, but observed, all have the same, empty outcome. */
START_TEST(shots_without_bits)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, 2, 0, &error));
    GOOD(ketch_h(circuit, 0, &error));
    const ketch_observable norm = {.size = sizeof norm, .kind = KETCH_OBSERVE_NORM};
    ketch_engine *const engine = make_engine(1);
    const run_way way = {.precision = KETCH_DOUBLE};
    ketch_program *const program = make_program(circuit, &way);
    ketch_state *const state = make_state(engine, 2, KETCH_DOUBLE);
    ketch_shots shots = {.size = sizeof shots, .shots = 5};
    ketch_result *result = NULL;
    ketch_error failure = {.size = sizeof failure};
    ck_assert_int_eq(ketch_program_run(&result, engine, program, state, &shots, NULL, &failure),
                     KETCH_RANGE);
    ck_assert_ptr_nonnull(strstr(failure.message, "the circuit measures nothing"));
    shots.observables = &norm;
    shots.observable_count = 1;
    GOOD(ketch_program_run(&result, engine, program, state, &shots, NULL, &error));
    uint64_t distinct = 0, example = 9, count = 0;
    GOOD(ketch_circuit_result_counts(&distinct, &example, &count, 1, result, &error));
    ck_assert_uint_eq(distinct, 1);
    ck_assert_uint_eq(example, 0);
    ck_assert_uint_eq(count, 5);
    ketch_result_destroy(result);
    ketch_program_drop(program);
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, &error));
    ketch_circuit_destroy(circuit);
}
END_TEST

START_TEST(reset_and_condition)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, 2, 3, &error));
    GOOD(ketch_h(circuit, 0, &error));
    GOOD(ketch_circuit_measure(circuit, 0, 0, &error));
    GOOD(ketch_circuit_condition(circuit, 0, 1, 1, &error));
    GOOD(ketch_x(circuit, 1, &error));
    GOOD(ketch_circuit_condition(circuit, 0, 0, 0, &error));
    GOOD(ketch_circuit_reset(circuit, 0, &error));
    GOOD(ketch_circuit_measure(circuit, 0, 1, &error));
    GOOD(ketch_circuit_measure(circuit, 1, 2, &error));
    uint64_t counts[8];
    count_shots(counts, circuit, 400, 3, 1);
    ck_assert_uint_eq(counts[0] + counts[5], 400);
    ck_assert_uint_gt(counts[0], 130);
    ck_assert_uint_gt(counts[5], 130);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* Resets, then random gates, swaps among them, and all qubits measured. resets: how often each of the
 * first two qubits is reset. */
static twin make_prepared(uint64_t seed, int qubits, int resets)
{
    twin t = twin_create(qubits, qubits, seed);
    for (int i = 0; i < 2 * resets; i++)
        GOOD(ketch_circuit_reset(t.circuit, i % 2, &error));
    for (int i = 0; i < 20; i++)
        twin_random_gate(&t);
    return t;
}

/* From any basis state, on any tiles: the reset qubits begin with 0, the others as given. */
START_TEST(first_resets_clear_a_basis_state)
{
    const int qubits = _i % 2 ? 4 : 9;
    twin t = make_prepared((uint64_t)_i, qubits, 1);
    ketch_engine *const engine = make_engine(1);
    const run_way way = {.precision = KETCH_DOUBLE, .tile = _i % 3 ? 7 : 0};
    ketch_program *const program = make_program(t.circuit, &way);
    ketch_state *const state = make_state(engine, qubits, KETCH_DOUBLE);
    GOOD(ketch_state_set_ket(state, qubits == 4 ? "0011" : "000000011", &error));
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, NULL, NULL, &error));
    ck_assert(twin_error(&t, see_state(state), KETCH_DOUBLE) <= 1e-13);
    ketch_position at = {.size = sizeof at};
    GOOD(ketch_result_get_position(&at, result, &error));
    ck_assert_uint_eq(at.done, at.total);
    ketch_result_destroy(result);
    ketch_program_drop(program);
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, &error));
    twin_destroy(&t);
}
END_TEST

/* Drawn from one run, like those of the circuit without the resets. */
START_TEST(shots_after_first_resets_are_drawn_from_one_run)
{
    uint64_t found[8], wanted[8];
    for (int resets = 0; resets < 2; resets++) {
        twin t = make_prepared(5, 3, resets);
        for (int q = 0; q < 3; q++)
            GOOD(ketch_circuit_measure(t.circuit, q, q, &error));
        const run_way way = {.precision = KETCH_DOUBLE};
        ketch_program *const program = make_program(t.circuit, &way);
        ketch_program_info info = {.size = sizeof info};
        GOOD(ketch_program_get_info(&info, program, &error));
        ck_assert_int_eq(info.sampled, 1);
        ketch_program_drop(program);
        count_shots(resets ? found : wanted, t.circuit, 1000, 7, 1);
        twin_destroy(&t);
    }
    ck_assert_mem_eq(found, wanted, sizeof found);
}
END_TEST

/* A state that is no basis state is measured when it is reset: of two qubits in a Bell state the other
 * one is left in a random state, and shots of it would each need a run. */
START_TEST(first_resets_measure_other_states)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, 2, 2, &error));
    GOOD(ketch_circuit_reset(circuit, 0, &error));
    GOOD(ketch_circuit_measure(circuit, 0, 0, &error));
    GOOD(ketch_circuit_measure(circuit, 1, 1, &error));
    static const double bell[8] = {M_SQRT1_2, 0, 0, 0, 0, 0, M_SQRT1_2, 0};
    ketch_engine *const engine = make_engine(1);
    const run_way way = {.precision = KETCH_DOUBLE};
    ketch_program *const program = make_program(circuit, &way);
    ketch_state *const state = make_state(engine, 2, KETCH_DOUBLE);
    int ones = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        GOOD(ketch_state_set_amplitudes(state, bell, 4, KETCH_DOUBLE, 0, &error));
        const ketch_shots asked = {.size = sizeof asked, .shots = 1, .seed = seed};
        ketch_result *result = NULL;
        GOOD(ketch_program_run(&result, engine, program, state, &asked, NULL, &error));
        ketch_outcomes outcomes = {.size = sizeof outcomes};
        GOOD(ketch_circuit_result_outcomes(&outcomes, result, &error));
        ck_assert_uint_eq(outcomes.rows[0], 0);
        ones += outcomes.rows[1];
        ketch_result_destroy(result);
    }
    ck_assert_int_gt(ones, 60);
    ck_assert_int_lt(ones, 140);
    GOOD(ketch_state_set_amplitudes(state, bell, 4, KETCH_DOUBLE, 0, &error));
    const ketch_shots many = {.size = sizeof many, .shots = 2};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_program_run(&result, engine, program, state, &many, NULL, NULL),
                     KETCH_RANGE);
    ketch_program_drop(program);
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, &error));
    ketch_circuit_destroy(circuit);
}
END_TEST

/* ---- memory ---- */

static int32_t no_op(const ketch_step *step, void *user)
{
    (void)step;
    (void)user;
    return 0;
}

/* 10,000 gates that do not merge to few; measured at the end only, or once in between too. */
static void fill_long(twin *t, bool between)
{
    for (int i = 0; i < 5000; i++) {
        int32_t qubits[2];
        twin_choose(t, qubits, 2);
        GOOD(ketch_rx(t->circuit, 0.1, qubits[0], &error));
        GOOD(ketch_cx(t->circuit, qubits[0], qubits[1], &error));
        if (between && i == 2500)
            GOOD(ketch_circuit_measure(t->circuit, 0, 0, &error));
    }
    for (int32_t q = 0; q < 10; q++)
        GOOD(ketch_circuit_measure(t->circuit, q, q, &error));
}

/* A second run of a program of 10,000 gates with measurement and progress maps and allocates
 * nothing. */
/* c has one bit, so that c==2 and c==3 are never true, whatever their lowest bit. */
START_TEST(a_condition_beyond_the_register_is_never_met)
{
    static const char text[] =
        "OPENQASM 2.0;qreg q[3];creg c[1];U(pi,0,pi) q[0];measure q[0]->c[0];"
        "if(c==3) U(pi,0,pi) q[1];if(c==2) U(pi,0,pi) q[2];if(c==3) reset q[0];"
        "if(c==9223372036854775809) U(pi,0,pi) q[1];";
    ketch_engine *const engine = make_engine(1);
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_parse(&circuit, text, strlen(text), NULL, &error));
    ketch_result *result = NULL;
    GOOD(ketch_circuit_run(&result, engine, circuit, NULL, NULL, NULL, &error));
    const double complex *const amplitudes = see_state(ketch_circuit_result_state(result));
    ck_assert_double_eq_tol(cabs(amplitudes[1]), 1, 1e-12);
    ketch_result_destroy(result);
    ketch_circuit_destroy(circuit);
    ketch_engine_destroy(engine, NULL);
}
END_TEST

START_TEST(second_run_takes_nothing)
{
    twin t = twin_create(10, 10, 3);
    fill_long(&t, _i >= 2);
    ketch_engine *const engine = make_engine(1 + _i % 2);
    const run_way way = {.precision = KETCH_DOUBLE, .tile = 6};
    ketch_program *const program = make_program(t.circuit, &way);
    const ketch_run run = {.size = sizeof run, .hook = no_op, .tick_seconds = 1e-5};
    const ketch_shots shots = {.size = sizeof shots, .shots = _i < 2 ? 100 : 3};
    uint64_t before = 0;
    ketch_arena_stats first = {.size = sizeof first}, second = {.size = sizeof second};
    ketch_status failed = KETCH_OK; /* Check's own assertions allocate */
    for (int round = 0; round < 3; round++) {
        if (round == 1) {
            before = count_allocations();
            failed |= ketch_arena_get_stats(&first, ketch_engine_arena(engine), NULL);
        }
        ketch_state *state = NULL;
        ketch_result *result = NULL;
        failed |= ketch_state_create(&state, ketch_engine_arena(engine), 10, KETCH_DOUBLE, NULL);
        failed |= ketch_program_run(&result, engine, program, state, &shots, &run, NULL);
        ketch_result_destroy(result);
        ketch_state_drop(state);
    }
    const uint64_t after = count_allocations();
    ck_assert_int_eq(failed, KETCH_OK);
    ck_assert_uint_eq(after, before);
    if (COUNTS_ALLOCATIONS)
        figure("P3", "requests for memory of a second run like the first", (double)(after - before),
               "");
    GOOD(ketch_arena_get_stats(&second, ketch_engine_arena(engine), &error));
    ck_assert_uint_eq(first.maps, second.maps);
    ck_assert_uint_eq(second.used, 0);
    ck_assert(!COUNTS_ALLOCATIONS || before > 0);
    ketch_program_drop(program);
    GOOD(ketch_engine_destroy(engine, &error));
    twin_destroy(&t);
}
END_TEST

/* ---- memory used before ---- */

/* A state of 10 qubits whose memory is full of other numbers, set to |index> and run. */
static ketch_state *run_dirty(ketch_engine *engine, const ketch_circuit *circuit,
                              const run_way *way, uint64_t index)
{
    ketch_state *const state = make_state(engine, 10, way->precision);
    ketch_program *const program = make_program(circuit, way);
    const ketch_shots shots = {.size = sizeof shots, .seed = 5};
    double junk[2 << 10];
    for (int i = 0; i < 2 << 10; i++)
        junk[i] = i % 7 + 1;
    GOOD(ketch_state_set_amplitudes(state, junk, UINT64_C(1) << 10, KETCH_DOUBLE, 1, &error));
    char ket[] = "0000000000";
    for (int q = 0; q < 10; q++)
        ket[9 - q] = index >> q & 1 ? '1' : '0';
    GOOD(ketch_state_set_ket(state, ket, &error));
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, &shots, NULL, &error));
    ketch_result_destroy(result);
    ketch_program_drop(program);
    return state;
}

START_TEST(what_memory_held_before_does_not_matter)
{
    ketch_engine *const engine = make_engine(1 + _i % 3);
    const run_way way = {.precision = _i % 2 ? KETCH_SINGLE : KETCH_DOUBLE,
                         .tile = 5 + _i % 3,
                         .run_bits = 1 + _i % 2,
                         .kernels = _i % 5 == 0 ? KETCH_KERNELS_SCALAR : 0,
                         .plain = _i % 4 == 0};
    twin t = twin_create(10, 0, (uint64_t)_i);
    const uint64_t index = twin_draw(&t, 1 << 10);
    twin_set(&t, index);
    for (int gates = _i % 12; gates > 0; gates--)
        twin_random_gate(&t);
    ketch_state *const state = run_dirty(engine, t.circuit, &way, index);
    ck_assert_double_lt(twin_error(&t, see_state(state), way.precision),
                        way.precision == KETCH_SINGLE ? 2e-5 : 1e-12);
    ketch_state_drop(state);
    twin_destroy(&t);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

/* With fences, measurements, resets and conditions between: against fresh memory. */
START_TEST(nor_for_measurements)
{
    ketch_engine *const engine = make_engine(2);
    const run_way way = {.precision = KETCH_DOUBLE, .tile = 6, .run_bits = 2};
    ketch_circuit *const circuit = make_mixed((uint64_t)_i, 10);
    ketch_program *const program = make_program(circuit, &way);
    ketch_state *const fresh = make_state(engine, 10, way.precision);
    const ketch_shots shots = {.size = sizeof shots, .seed = 5};
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, fresh, &shots, NULL, &error));
    ketch_result_destroy(result);
    ketch_state *const dirty = run_dirty(engine, circuit, &way, 0);
    ck_assert_mem_eq(see_state(fresh), see_state(dirty), state_size(fresh));
    ketch_state_drop(fresh);
    ketch_state_drop(dirty);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

/* ---- views, order of ending, refusals ---- */

/* A block shared at a fence keeps showing that fence. */
static int32_t take_view(const ketch_step *step, void *user)
{
    ketch_block **const view = user;
    if (step->view && !*view)
        GOOD(ketch_state_block(view, ketch_step_state(step), &error));
    return 0;
}

START_TEST(views_never_change)
{
    twin t = twin_create(6, 0, 8);
    for (int i = 0; i < 20; i++)
        twin_random_gate(&t);
    twin half = twin_create(6, 0, 8);
    for (int i = 0; i < 20; i++)
        twin_random_gate(&half);
    GOOD(ketch_circuit_fence(t.circuit, &error));
    for (int i = 0; i < 20; i++)
        twin_random_gate(&t);
    ketch_engine *const engine = make_engine(1);
    const run_way way = {.precision = KETCH_DOUBLE};
    ketch_program *const program = make_program(t.circuit, &way);
    ketch_state *const state = make_state(engine, 6, KETCH_DOUBLE);
    ketch_block *view = NULL;
    const ketch_run run = {.size = sizeof run, .hook = take_view, .user = &view};
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, NULL, &run, &error));
    ketch_program_drop(program);
    GOOD(ketch_engine_destroy(engine, &error));
    ketch_result_destroy(result);
    ck_assert(twin_error(&t, see_state(state), KETCH_DOUBLE) <= 1e-13);
    ketch_state_drop(state);
    ck_assert(twin_error(&half, ketch_block_data(view), KETCH_DOUBLE) <= 1e-13);
    GOOD(ketch_block_drop(view));
    twin_destroy(&t);
    twin_destroy(&half);
}
END_TEST

static ketch_status end_at_once(ketch_context *context, void *user)
{
    (void)user;
    ketch_context_retire(context, 1);
    return KETCH_OK;
}

static const ketch_job_type short_type = {
    .size = sizeof(ketch_job_type), .name = "test.short", .version = 1, .advance = end_at_once};

START_TEST(results_keep_their_state)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, 3, 0, &error));
    GOOD(ketch_x(circuit, 1, &error));
    ketch_engine *const engine = make_engine(1);
    const run_way way = {.precision = KETCH_DOUBLE};
    ketch_program *const program = make_program(circuit, &way);
    ketch_state *const state = make_state(engine, 3, KETCH_DOUBLE);
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, NULL, NULL, &error));
    ketch_state_drop(state);
    const ketch_job job = {.size = sizeof job, .type = &short_type, .steps = 1};
    ketch_result *other = NULL;
    GOOD(ketch_engine_run(&other, engine, &job, NULL, &error));
    GOOD(ketch_engine_destroy(engine, &error));
    ck_assert_ptr_null(ketch_circuit_result_state(other));
    ketch_result_destroy(other);
    ck_assert_ptr_eq(ketch_circuit_result_state(result), state);
    const void *amplitudes = NULL;
    GOOD(ketch_state_amplitudes(&amplitudes, ketch_circuit_result_state(result), &error));
    ck_assert_double_eq(((const double *)amplitudes)[4], 1);
    ketch_result_destroy(result);
    ck_assert_ptr_null(ketch_circuit_result_state(NULL));
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
}
END_TEST

START_TEST(refusals)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, 3, 1, &error));
    GOOD(ketch_h(circuit, 0, &error));
    ketch_engine *const engine = make_engine(1);
    const run_way way = {.precision = KETCH_DOUBLE};
    ketch_program *const program = make_program(circuit, &way);
    ketch_state *const four = make_state(engine, 4, KETCH_DOUBLE);
    ketch_state *const single = make_state(engine, 3, KETCH_SINGLE);
    ketch_result *result = NULL;
    ketch_error e = {.size = sizeof e};
    ck_assert_int_eq(ketch_program_run(&result, engine, program, four, NULL, NULL, &e),
                     KETCH_MISMATCH);
    ck_assert_str_eq(e.message,
                     "the state does not fit the program: given 4 qubits, allowed 3 qubits");
    ck_assert_int_eq(ketch_program_run(&result, engine, program, single, NULL, NULL, &e),
                     KETCH_MISMATCH);
    ck_assert_int_eq(ketch_program_run(&result, engine, NULL, four, NULL, NULL, &e), KETCH_HANDLE);
    ck_assert_int_eq(ketch_program_run(&result, NULL, program, four, NULL, NULL, &e), KETCH_HANDLE);
    ck_assert_ptr_null(result);
    const ketch_program_options bad[] = {
        {.size = sizeof *bad, .precision = (ketch_precision)9},
        {.size = sizeof *bad, .kernels = (ketch_kernels)9},
        {.size = sizeof *bad, .tile_bits = 2},
        {.size = sizeof *bad, .run_bits = -1},
    };
    ketch_program *none = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_int_eq(ketch_program_create(&none, circuit, &bad[i], &e), KETCH_RANGE);
    ck_assert_ptr_null(none);
    const ketch_shots many = {.size = sizeof many, .shots = UINT64_C(1) << 40};
    ketch_state *const state = make_state(engine, 3, KETCH_DOUBLE);
    ck_assert_int_eq(ketch_program_run(&result, engine, program, state, &many, NULL, &e),
                     KETCH_RANGE);
    GOOD(ketch_program_run(&result, engine, program, state, NULL, NULL, &error));
    ketch_result_destroy(result);
    ketch_state_drop(four);
    ketch_state_drop(single);
    ketch_state_drop(state);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

/* A suspended run whose state was set anew cannot go on; one that is dropped leaves the state to
 * set. */
START_TEST(suspended_states)
{
    ketch_circuit *const circuit = make_mixed(5, 9);
    ketch_engine *const engine = make_engine(1);
    const run_way way = {.precision = KETCH_DOUBLE, .tile = 6};
    ketch_program *const program = make_program(circuit, &way);
    ketch_state *const state = make_state(engine, 9, KETCH_DOUBLE);
    counted_stop c = {.left = 5};
    const ketch_run run = {
        .size = sizeof run, .hook = count_down, .user = &c, .tick_seconds = 1e-12, .stop = &c.stop};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_program_run(&result, engine, program, state, NULL, &run, NULL),
                     KETCH_STOPPED);
    double norm = 0;
    ck_assert_int_eq(ketch_state_norm(&norm, NULL, state, NULL), KETCH_SUSPENDED);
    GOOD(ketch_state_set_ket(state, NULL, &error));
    ketch_stop_clear(&c.stop);
    ck_assert_int_eq(ketch_engine_resume(engine, result, &run, NULL), KETCH_MISMATCH);
    ketch_result_destroy(result);
    GOOD(ketch_state_norm(&norm, NULL, state, &error));
    ck_assert(fabs(norm - 1) < 1e-15);
    ketch_state_drop(state);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

/* ---- threads: one program, one arena, many engines at once ---- */

typedef struct farm {
    ketch_program *program;
    ketch_arena *arena;
    const void *expected;
    bool same;
} farm;

static void *run_many(void *user)
{
    farm *const f = user;
    const ketch_engine_options options = {.size = sizeof options, .threads = 2, .arena = f->arena};
    ketch_engine *engine = NULL;
    f->same = ketch_engine_create(&engine, &options, NULL) == KETCH_OK;
    for (int i = 0; i < 50 && f->same; i++) {
        ketch_state *state = NULL;
        ketch_result *result = NULL;
        const void *amplitudes = NULL;
        f->same = !ketch_state_create(&state, f->arena, 8, KETCH_DOUBLE, NULL) &&
                  !ketch_program_run(&result, engine, f->program, state, NULL, NULL, NULL) &&
                  !ketch_state_amplitudes(&amplitudes, state, NULL) &&
                  !memcmp(amplitudes, f->expected, 4096);
        ketch_result_destroy(result);
        ketch_state_drop(state);
    }
    ketch_engine_destroy(engine, NULL);
    return NULL;
}

/* Also: memory that was used before gives the bits of fresh memory, those of zeros included. */
START_TEST(engines_on_threads)
{
    twin t = twin_create(8, 0, 12);
    for (int i = 0; i < 30; i++)
        twin_random_gate(&t);
    const run_way way = {.threads = 1, .kernels = sets[_i], .precision = KETCH_DOUBLE, .tile = 6};
    ketch_program *const program = make_program(t.circuit, &way);
    ketch_state *const state = run_circuit(t.circuit, &way);
    ketch_arena *arena = NULL;
    GOOD(ketch_arena_create(&arena, NULL, &error));
    farm farms[4];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        farms[i] = (farm){program, arena, see_state(state), false};
        pthread_create(&threads[i], NULL, run_many, &farms[i]);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        ck_assert(farms[i].same);
    }
    ketch_arena_drop(arena);
    ketch_program_drop(program);
    ketch_state_drop(state);
    twin_destroy(&t);
}
END_TEST

/* By sets, and after them by threads. */
static void add_sets(TCase *cases, const TTest *test, int threads)
{
    const int count = sizeof sets / sizeof *sets;
    for (int i = 0; i < threads * count; i++)
        if (ketch_kernels_usable(sets[i % count]))
            add_indexed(cases, test, i, "%s, %d threads", ketch_kernels_name(sets[i % count]),
                        1 + i / count);
        else
            add_skipped(cases, test, "this machine does not run %s",
                        ketch_kernels_name(sets[i % count]));
}

static Suite *circuit_run_suite(void)
{
    static const char *const drawn[] = {"drawn from one run", "each a run of its own"};
    static const char *const places[] = {"at the end", "in the middle"};
    static const char *const runs[] = {"drawn, 1 thread", "drawn, 2 threads", "dynamic, 1 thread",
                                       "dynamic, 2 threads"};
    Suite *const suite = suite_create("circuit runs");
    TCase *const all = tcase_create("all");
    tcase_set_timeout(all, 240);
    add_sets(all, stop_anywhere_resume_same_bits, 3);
    add_sets(all, stop_anywhere_with_shots, 2);
    add_seeds(all, collapse_matches_the_bits, 10);
    add_list(all, shots_follow_the_probabilities, drawn, 2);
    tcase_add_test(all, shots_without_bits);
    add_list(all, nothing_to_measure, places, 2);
    tcase_add_test(all, reset_and_condition);
    add_seeds(all, first_resets_clear_a_basis_state, 24);
    tcase_add_test(all, shots_after_first_resets_are_drawn_from_one_run);
    tcase_add_test(all, first_resets_measure_other_states);
    tcase_add_test(all, a_condition_beyond_the_register_is_never_met);
    add_list(all, second_run_takes_nothing, runs, 4);
    add_seeds(all, what_memory_held_before_does_not_matter, 120);
    add_seeds(all, nor_for_measurements, 10);
    tcase_add_test(all, views_never_change);
    tcase_add_test(all, results_keep_their_state);
    tcase_add_test(all, refusals);
    tcase_add_test(all, suspended_states);
    add_sets(all, engines_on_threads, 1);
    suite_add_tcase(suite, all);
    return suite;
}

int main(void)
{
    return end_with(circuit_run_suite());
}
