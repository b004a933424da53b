/* Kernel sets of engines and programs: who may run what, and what the report says. */
#define _GNU_SOURCE
#include "cpu.h"
#include "runs.h"
#include "suite.h"

#include <stdio.h>

/* kernels 0: chosen by the engine. */
static ketch_engine *engine_of(ketch_kernels kernels)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = 1, .kernels = kernels};
    ketch_engine *engine = NULL;
    GOOD(ketch_engine_create(&engine, &options, &error));
    return engine;
}

static ketch_circuit *make_circuit(void)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, 3, 0, &error));
    for (int32_t q = 0; q < 3; q++)
        GOOD(ketch_h(circuit, q, &error));
    return circuit;
}

static ketch_kernels reported(const ketch_result *result)
{
    ketch_report report = {.size = sizeof report};
    GOOD(ketch_result_get_report(&report, result, &error));
    return report.kernels;
}

static ketch_kernels set_of_program(const ketch_program *program)
{
    ketch_program_info info = {.size = sizeof info};
    GOOD(ketch_program_get_info(&info, program, &error));
    return info.kernels;
}

/* The refusal names both. */
static void expect_refusal(ketch_engine *engine, ketch_program *program, ketch_kernels mine,
                           ketch_kernels theirs)
{
    ketch_error error = {.size = sizeof error};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_program_run(&result, engine, program, NULL, NULL, NULL, &error),
                     KETCH_MISMATCH);
    ck_assert_ptr_null(result);
    ck_assert_str_eq(error.argument, "engine");
    ck_assert_str_eq(error.given, ketch_kernels_name(theirs));
    ck_assert_str_eq(error.allowed, ketch_kernels_name(mine));
}

/* Indices are pairs of sets: the engine's, 0 for chosen, and the program's. */
static ketch_kernels engine_set(int index)
{
    return (ketch_kernels)(index / ((int)kt_cpu_kernels_last() + 1));
}

static ketch_kernels program_set(int index)
{
    return (ketch_kernels)(index % ((int)kt_cpu_kernels_last() + 1));
}

START_TEST(an_engine_runs_what_it_was_not_given)
{
    const ketch_kernels mine = engine_set(_i), theirs = program_set(_i);
    ketch_engine *const engine = engine_of(mine);
    ketch_circuit *const circuit = make_circuit();
    const run_way way = {.precision = KETCH_DOUBLE, .kernels = theirs};
    ketch_program *const program = make_program(circuit, &way);
    ck_assert_int_eq(set_of_program(program), theirs ? theirs : kt_cpu_best());
    const ketch_kernels runs = set_of_program(program);
    if (mine && mine != runs) {
        expect_refusal(engine, program, mine, runs);
    } else {
        ketch_result *result = NULL;
        GOOD(ketch_program_run(&result, engine, program, NULL, NULL, NULL, &error));
        ck_assert_int_eq(reported(result), runs);
        ketch_result_destroy(result);
    }
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

/* Made through an engine, a program has the engine's set. */
START_TEST(a_circuit_runs_with_another_set_than_its_engine)
{
    ketch_engine *const engine = engine_of((ketch_kernels)_i);
    ketch_engine_info info = {.size = sizeof info};
    GOOD(ketch_engine_get_info(&info, engine, &error));
    ck_assert_int_eq(info.kernels_given, _i != 0);
    ck_assert_int_eq(info.kernels, _i ? _i : (int)kt_cpu_best());
    ketch_circuit *const circuit = make_circuit();
    ketch_result *result = NULL;
    GOOD(ketch_circuit_run(&result, engine, circuit, NULL, NULL, NULL, &error));
    ck_assert_int_eq(reported(result), info.kernels);
    ketch_result_destroy(result);
    ketch_circuit_destroy(circuit);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

/* A suspended run goes on where its set may run, and nowhere else. */
START_TEST(a_resumed_run_changes_its_set)
{
    ketch_engine *const any = engine_of(0), *const scalar = engine_of(KETCH_KERNELS_SCALAR);
    ketch_circuit *const circuit = make_circuit();
    const run_way way = {.precision = KETCH_DOUBLE};
    ketch_program *const program = make_program(circuit, &way);
    ketch_error failure = {.size = sizeof failure};
    ketch_result *result = NULL;
    GOOD(ketch_program_begin(&result, any, program, NULL, NULL, NULL, &error));
    ck_assert_int_eq(ketch_engine_resume(scalar, result, NULL, &failure), KETCH_MISMATCH);
    ck_assert_str_eq(failure.given, ketch_kernels_name(kt_cpu_best()));
    ck_assert_str_eq(failure.allowed, "scalar");
    ck_assert_int_eq(ketch_result_status(result), KETCH_STOPPED);
    GOOD(ketch_engine_resume(any, result, NULL, &error));
    ck_assert_int_eq(reported(result), kt_cpu_best());
    ketch_result_destroy(result);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    GOOD(ketch_engine_destroy(any, &error));
    GOOD(ketch_engine_destroy(scalar, &error));
}
END_TEST

static ketch_status end_at_once(ketch_context *context, void *user)
{
    (void)context, (void)user;
    return KETCH_OK;
}

static const ketch_job_type plain_type = {
    .size = sizeof(ketch_job_type), .name = "test.plain", .version = 1, .advance = end_at_once};

START_TEST(a_job_without_kernels_reports_some)
{
    ketch_engine *const engine = engine_of(KETCH_KERNELS_SCALAR);
    const ketch_job job = {.size = sizeof job, .type = &plain_type};
    ketch_result *result = NULL;
    GOOD(ketch_engine_run(&result, engine, &job, NULL, &error));
    ck_assert_int_eq(reported(result), 0);
    ketch_result_destroy(result);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

START_TEST(a_job_asks_for_a_set_that_does_not_run)
{
    const ketch_kernels none =
        kt_cpu_runs(KETCH_KERNELS_NEON) ? KETCH_KERNELS_AVX2 : KETCH_KERNELS_NEON;
    ketch_engine *const engine = engine_of(0);
    const ketch_job job = {.size = sizeof job, .type = &plain_type, .kernels = none};
    ketch_error failure = {.size = sizeof failure};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &failure), KETCH_MISMATCH);
    ck_assert_str_eq(failure.given, ketch_kernels_name(none));
    ck_assert_ptr_nonnull(strstr(failure.allowed, "scalar"));
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

/* ---- the suite ---- */

static bool runs_here(ketch_kernels kernels)
{
    return kernels == 0 || kt_cpu_runs(kernels);
}

static void add_pairs(TCase *cases)
{
    for (int i = 0; i < ((int)kt_cpu_kernels_last() + 1) * ((int)kt_cpu_kernels_last() + 1); i++)
        if (runs_here(engine_set(i)) && runs_here(program_set(i)))
            add_indexed(cases, an_engine_runs_what_it_was_not_given, i, "engine %s, program %s",
                        ketch_kernels_name(engine_set(i)), ketch_kernels_name(program_set(i)));
}

int main(void)
{
    Suite *const suite = suite_create("sets");
    TCase *const all = tcase_create("sets");
    tcase_set_timeout(all, 60);
    add_pairs(all);
    for (int set = 0; set <= (int)kt_cpu_kernels_last(); set++)
        if (runs_here((ketch_kernels)set))
            add_indexed(all, a_circuit_runs_with_another_set_than_its_engine, set, "%s",
                        ketch_kernels_name((ketch_kernels)set));
        else
            add_skipped(all, an_engine_runs_what_it_was_not_given, "this machine does not run %s",
                        ketch_kernels_name((ketch_kernels)set));
    if (kt_cpu_best() == KETCH_KERNELS_SCALAR)
        add_skipped(all, a_resumed_run_changes_its_set, "this machine runs one set");
    else
        tcase_add_test(all, a_resumed_run_changes_its_set);
    tcase_add_test(all, a_job_without_kernels_reports_some);
    tcase_add_test(all, a_job_asks_for_a_set_that_does_not_run);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
