/* Circuits with little or nothing between their fences, and what their steps say. */
#define _GNU_SOURCE
#include "runs.h"
#include "suite.h"

#include <math.h>

/* What a hook saw at fences: steps done, and the fraction of them. */
typedef struct seen {
    uint64_t done[16];
    double fraction[16];
    int32_t fences, ticks;
} seen;

static int32_t see(const ketch_step *step, void *user)
{
    seen *const s = user;
    if (!step->view) {
        s->ticks++;
        return 0;
    }
    ck_assert_ptr_nonnull(ketch_step_state(step));
    ck_assert_int_lt(s->fences, 16);
    s->done[s->fences] = step->done;
    s->fraction[s->fences++] = step->fraction;
    return 0;
}

/* Runs it on a fresh |0...0>; what its steps say is as expected. */
static ketch_result *run_seen(seen *s, const ketch_circuit *circuit, const ketch_shots *shots,
                              uint64_t steps)
{
    ketch_engine *const engine = make_engine(2);
    const run_way way = {.precision = KETCH_DOUBLE};
    ketch_program *const program = make_program(circuit, &way);
    *s = (seen){.fences = 0};
    const ketch_run run = {.size = sizeof run, .hook = see, .user = s, .tick_seconds = -1};
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, NULL, shots, &run, &error));
    ketch_position position = {.size = sizeof position};
    GOOD(ketch_result_get_position(&position, result, &error));
    ck_assert(position.ended == 1 && position.done == steps && position.total == steps);
    ketch_program_drop(program);
    GOOD(ketch_engine_destroy(engine, &error));
    return result;
}

static ketch_circuit *make_circuit(int32_t qubits, int32_t bits)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, qubits, bits, &error));
    return circuit;
}

static void check_zero_state(const ketch_result *result, int32_t qubits)
{
    const double *const amplitudes = see_state(ketch_circuit_result_state(result));
    for (size_t i = 0; i < (size_t)2 << qubits; i++)
        ck_assert_double_eq(amplitudes[i], i == 0);
}

START_TEST(an_empty_circuit_does_not_run)
{
    seen s;
    ketch_circuit *const circuit = make_circuit(_i, 0);
    ketch_result *const result = run_seen(&s, circuit, NULL, 0);
    ck_assert_int_eq(s.fences, 0);
    check_zero_state(result, _i);
    ketch_result_destroy(result);
    ketch_circuit_destroy(circuit);
}
END_TEST

START_TEST(an_empty_circuit_cannot_be_observed)
{
    seen s;
    double norm = 0;
    const ketch_observable observable = {.size = sizeof observable, .kind = KETCH_OBSERVE_NORM};
    const ketch_shots shots = {
        .size = sizeof shots, .shots = 3, .observables = &observable, .observable_count = 1};
    ketch_circuit *const circuit = make_circuit(3, 0);
    ketch_result *const result = run_seen(&s, circuit, &shots, 0);
    GOOD(ketch_circuit_result_observed(&norm, 1, 0, result, &error));
    ck_assert_double_eq(norm, 1);
    ketch_result_destroy(result);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* Fences with nothing between them are one. */
START_TEST(fences_alone_are_not_come_to)
{
    seen s;
    ketch_circuit *const circuit = make_circuit(2, 0);
    for (int i = 0; i < 4; i++)
        GOOD(ketch_circuit_fence(circuit, &error));
    ketch_result *const result = run_seen(&s, circuit, NULL, 0);
    ck_assert_int_eq(s.fences, 1);
    ck_assert(s.done[0] == 0 && s.fraction[0] == 1);
    check_zero_state(result, 2);
    ketch_result_destroy(result);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* A fence before anything and one after everything, in three shots that are runs of their own. */
START_TEST(fences_first_and_last_are_not_come_to)
{
    seen s;
    ketch_circuit *const circuit = make_circuit(2, 2);
    GOOD(ketch_circuit_fence(circuit, &error));
    GOOD(ketch_h(circuit, 0, &error));
    GOOD(ketch_circuit_measure(circuit, 0, 0, &error));
    GOOD(ketch_h(circuit, 0, &error));
    GOOD(ketch_circuit_measure(circuit, 0, 1, &error));
    GOOD(ketch_circuit_fence(circuit, &error));
    const ketch_shots shots = {.size = sizeof shots, .shots = 3, .seed = 1};
    ketch_result *const result = run_seen(&s, circuit, &shots, 12);
    ck_assert_int_eq(s.fences, 6);
    for (int i = 0; i < 6; i++) {
        const uint64_t done = 4 * (uint64_t)((i + 1) / 2);
        ck_assert_uint_eq(s.done[i], done);
        ck_assert_double_eq(s.fraction[i], (double)done / 12);
    }
    ketch_result_destroy(result);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* Shots with nothing but a reset, and a fence between shots. */
START_TEST(dynamic_shots_of_next_to_nothing_fail)
{
    seen s;
    ketch_circuit *const circuit = make_circuit(1, 1);
    GOOD(ketch_circuit_fence(circuit, &error));
    GOOD(ketch_circuit_reset(circuit, 0, &error));
    GOOD(ketch_circuit_measure(circuit, 0, 0, &error));
    const ketch_shots shots = {.size = sizeof shots, .shots = 4};
    ketch_result *const result = run_seen(&s, circuit, &shots, 8);
    ck_assert_int_eq(s.fences, 4);
    ketch_outcomes outcomes = {.size = sizeof outcomes};
    GOOD(ketch_circuit_result_outcomes(&outcomes, result, &error));
    ck_assert_uint_eq(outcomes.shots, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(outcomes.rows[i], 0);
    ketch_result_destroy(result);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* Which basis state the hook found at each fence. */
typedef struct indices {
    uint64_t index[16];
    int32_t count;
} indices;

static int32_t note_index(const ketch_step *step, void *user)
{
    indices *const found = user;
    if (!step->view)
        return 0;
    const double *const amplitudes = see_state(ketch_step_state(step));
    uint64_t index = 0;
    while (amplitudes[2 * index] != 1)
        index++;
    ck_assert(index < 512 && found->count < 16);
    found->index[found->count++] = index;
    return 0;
}

/* A fence after each step of resets, X and a swap, from a state of ones: at each, exactly the steps
 * before it have happened. */
START_TEST(first_resets_happen_before_their_fence)
{
    const int32_t qubits = _i;
    ketch_circuit *const circuit = make_circuit(qubits, 0);
    for (int32_t q = 0; q < 3; q++)
        GOOD(ketch_circuit_reset(circuit, q, &error));
    GOOD(ketch_x(circuit, 0, &error));
    GOOD(ketch_swap(circuit, 0, 2, &error));
    ketch_engine *const engine = make_engine(1);
    const run_way way = {.precision = KETCH_DOUBLE, .tile = qubits > 7 ? 7 : 0, .fence_every = 1};
    ketch_program *const program = make_program(circuit, &way);
    ketch_state *const state = make_state(engine, qubits, KETCH_DOUBLE);
    GOOD(ketch_state_set_ket(state, &"111111111"[9 - qubits], &error));
    indices found = {.count = 0};
    const ketch_run run = {
        .size = sizeof run, .hook = note_index, .user = &found, .tick_seconds = -1};
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, NULL, &run, &error));
    const uint64_t rest = (UINT64_C(1) << qubits) - 8, wanted[] = {6, 4, 0, 1, 4};
    ck_assert_int_eq(found.count, 5);
    for (int i = 0; i < 5; i++)
        ck_assert_uint_eq(found.index[i], rest + wanted[i]);
    ketch_result_destroy(result);
    ketch_program_drop(program);
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, &error));
    ketch_circuit_destroy(circuit);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("circuit fences");
    TCase *const all = tcase_create("all");
    tcase_set_timeout(all, 60);
    for (int qubits = 1; qubits <= 8; qubits += 7)
        add_indexed(all, an_empty_circuit_does_not_run, qubits, "%d qubits", qubits);
    tcase_add_test(all, an_empty_circuit_cannot_be_observed);
    tcase_add_test(all, fences_alone_are_not_come_to);
    tcase_add_test(all, fences_first_and_last_are_not_come_to);
    tcase_add_test(all, dynamic_shots_of_next_to_nothing_fail);
    for (int qubits = 3; qubits <= 9; qubits += 3)
        add_indexed(all, first_resets_happen_before_their_fence, qubits, "%d qubits", qubits);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
