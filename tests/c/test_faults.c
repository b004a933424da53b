/* Any allocation may fail: every point of a whole use of the library is made to fail, once
 * and from there on. Each time the call that met it says MEMORY, everything made so far works on,
 * and nothing is left behind at the end. */
#include "heap.h"
#include "ketch.h"
#include "maker.h"
#include "suite.h"
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is made on the way; all NULL at first. */
typedef struct holding {
    ketch_circuit *circuit, *copy, *closed;
    ketch_arena *arena;
    ketch_engine *engine;
    ketch_program *program, *bound;
    ketch_state *state, *other;
    ketch_block *block, *view;
    ketch_result *result, *observed;
} holding;

#define STEP(call)                                                                                 \
    do {                                                                                           \
        ketch_error error = {.size = sizeof error};                                                \
        const ketch_status got = (call);                                                           \
        ck_assert_msg(got == KETCH_OK || got == KETCH_MEMORY, "%s: %s", #call, error.message);     \
        if (got != KETCH_OK) {                                                                     \
            ck_assert_int_eq(error.status, KETCH_MEMORY);                                          \
            return got;                                                                            \
        }                                                                                          \
    } while (0)

static ketch_status build(holding *s)
{
    const int32_t pair[2] = {1, 3}, flat[8] = {0, 1, 2, 3, 4, 5, 0, 1};
    const int32_t gates[4] = {KETCH_GATE_CX, KETCH_GATE_CX, KETCH_GATE_CX, KETCH_GATE_CX};
    const double one[8] = {1, 0, 0, 0, 0, 0, 1, 0};
    const uint8_t off = 0;
    STEP(ketch_circuit_parse(&s->circuit, maker_text, strlen(maker_text), NULL, &error));
    STEP(ketch_circuit_copy(&s->copy, s->circuit, &error));
    STEP(ketch_circuit_add_register(s->copy, "more", 4, &error));
    STEP(ketch_circuit_gates(s->copy, 4, gates, flat, 8, NULL, 0, &error));
    STEP(ketch_circuit_controlled(s->copy, KETCH_GATE_SWAP, pair, NULL, 1, flat, &off, &error));
    STEP(ketch_circuit_unitary(s->copy, 1, pair, one, 0, 0, NULL, NULL, &error));
    STEP(
        ketch_circuit_diagonal(s->copy, 1, pair, (double[]){1, 0, 0, 1}, 0, 1, flat, NULL, &error));
    STEP(ketch_circuit_condition(s->copy, 0, 2, 1, &error));
    STEP(ketch_circuit_measure(s->copy, 2, 4, &error));
    STEP(ketch_circuit_fence(s->copy, &error));
    STEP(ketch_circuit_add_parameters(s->copy, 2, &error));
    for (int32_t q = 0; q < 6; q++) {
        const ketch_term term = {.parameter = q % 2, .factor = q};
        const ketch_angle angles[3] = {
            {.parameter = q % 2, .factor = 2, .offset = 0.5},
            {.parameter = -1, .offset = 0.25},
            {.parameter = 1, .factor = 1, .terms = &term, .term_count = 1}};
        STEP(ketch_circuit_parametric(s->copy, KETCH_GATE_U, &q, angles, 0, NULL, NULL, &error));
    }
    STEP(ketch_circuit_bind(&s->closed, s->copy, (double[]){1, 2}, 2, &error));
    return KETCH_OK;
}

static ketch_status compute(holding *s)
{
    const ketch_program_options tiny = {.size = sizeof tiny, .tile_bits = 5};
    const ketch_shots shots = {.size = sizeof shots, .shots = 20, .seed = 1};
    const int32_t qubits[2] = {4, 0};
    const uint64_t masks[2] = {3, 32};
    const ketch_observable observable = {.size = sizeof observable,
                                         .kind = KETCH_OBSERVE_PROBABILITIES,
                                         .count = 2,
                                         .qubits = qubits};
    const ketch_shots observing = {
        .size = sizeof observing, .observables = &observable, .observable_count = 1};
    const double values[2] = {0.5, 3};
    double numbers[4];
    uint64_t distinct = 0, outcomes[16];
    int32_t outcome = 0;
    STEP(ketch_arena_create(&s->arena, NULL, &error));
    const ketch_engine_options options = {.size = sizeof options, .threads = 1, .arena = s->arena};
    STEP(ketch_engine_create(&s->engine, &options, &error));
    STEP(ketch_program_create(&s->program, s->copy, &tiny, &error));
    STEP(ketch_program_bind(&s->bound, s->program, values, 2, &error));
    STEP(ketch_state_create(&s->state, s->arena, 6, KETCH_DOUBLE, &error));
    STEP(ketch_program_run(&s->result, s->engine, s->bound, s->state, &shots, NULL, &error));
    STEP(ketch_circuit_result_counts(&distinct, NULL, NULL, 0, s->result, &error));
    STEP(ketch_state_create(&s->other, s->arena, 6, KETCH_DOUBLE, &error));
    STEP(ketch_state_block(&s->view, s->other, &error));
    STEP(ketch_state_set_ket(s->other, "0+-01+", &error));
    STEP(ketch_state_norm(numbers, s->engine, s->other, &error));
    STEP(ketch_state_inner(numbers, s->engine, s->other, s->state, &error));
    STEP(ketch_state_probabilities(numbers, 4, s->engine, s->other, 2, qubits, &error));
    STEP(ketch_state_expectation(numbers, s->engine, s->other, 2, masks, numbers, &error));
    STEP(ketch_program_run(&s->observed, s->engine, s->bound, s->other, &observing, NULL, &error));
    STEP(ketch_circuit_result_observed(numbers, 4, 0, s->observed, &error));
    ketch_result_destroy(s->observed);
    s->observed = NULL;
    STEP(ketch_state_sample(outcomes, 16, s->engine, s->other, 1, 0, &error));
    STEP(ketch_state_measure(&outcome, s->engine, s->other, 3, 1, 0, &error));
    STEP(ketch_block_take(&s->block, s->arena, 100000, "data", &error));
    return KETCH_OK;
}

/* Ends what there is. Returns the bytes the arena still has in use. */
static uint64_t end(holding *s)
{
    ketch_arena_stats stats = {.size = sizeof stats};
    ketch_circuit_destroy(s->circuit);
    ketch_circuit_destroy(s->copy);
    ketch_circuit_destroy(s->closed);
    ketch_result_destroy(s->result);
    ketch_result_destroy(s->observed);
    ketch_program_drop(s->program);
    ketch_program_drop(s->bound);
    ketch_state_drop(s->state);
    ketch_state_drop(s->other);
    if (s->block)
        ck_assert_int_eq(ketch_block_drop(s->block), KETCH_OK);
    if (s->view)
        ck_assert_int_eq(ketch_block_drop(s->view), KETCH_OK);
    if (s->engine)
        ck_assert_int_eq(ketch_engine_destroy(s->engine, NULL), KETCH_OK);
    if (s->arena)
        ck_assert_int_eq(ketch_arena_get_stats(&stats, s->arena, NULL), KETCH_OK);
    ketch_arena_drop(s->arena);
    return stats.used;
}

/* What is left after a failure must still be whole: it goes on to its end. False if nothing was
 * refused; where something was, the library may have done without it. */
static bool attempt(uint64_t at, bool onwards)
{
    holding s = {0};
    ck_assert(kt_fault_arm(at, onwards));
    ketch_status status = build(&s);
    if (status == KETCH_OK)
        status = compute(&s);
    const bool refused = kt_fault_count() >= at;
    kt_fault_arm(0, false);
    if (status == KETCH_OK && s.engine) {
        ketch_result_destroy(s.result);
        s.result = NULL;
        ck_assert_int_eq(ketch_program_run(&s.result, s.engine, s.bound, s.other, NULL, NULL, NULL),
                         KETCH_OK);
    }
    ck_assert_uint_eq(end(&s), 0);
    return refused;
}

START_TEST(every_allocation_fails_once)
{
    const bool onwards = _i;
    uint64_t at = 1;
    while (attempt(at, onwards) && at < 100000)
        at++;
    ck_assert_uint_gt(at, 30);
    ck_assert_uint_lt(at, 100000);
    figure("P2", "requests for memory refused in a whole use", (double)at - 1, "");
}
END_TEST

int main(void)
{
    if (!kt_fault_arm(0, false)) {
        puts("1..0 # SKIP needs a build with --enable-debug");
        return EXIT_SUCCESS;
    }
    Suite *const suite = suite_create("faults");
    TCase *const all = tcase_create("all");
    tcase_set_timeout(all, 120);
    add_refusals(all, every_allocation_fails_once, true);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
