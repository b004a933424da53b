/* Runs that are refused or fail, and what runs take: busy engines, wrong arguments, memory. */
#define _GNU_SOURCE
#include "allocations.h"
#include "long_run.h"
#include "suite.h"

#include <math.h>

/* ---- busy, wrong arguments, wrong jobs ---- */

typedef struct reentry {
    ketch_engine *engine, *other;
    ketch_result **result;
    int32_t calls;
} reentry;

static int32_t reenter(const ketch_step *step, void *user)
{
    (void)step;
    reentry *const r = user;
    ketch_error inner = {.size = sizeof inner};
    mill m = new_mill(0);
    const ketch_job job = mill_job(&m);
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, r->engine, &job, NULL, &inner), KETCH_BUSY);
    ck_assert_ptr_null(result);
    ck_assert_ptr_nonnull(strstr(inner.message, "one run at a time an engine"));
    ck_assert_int_eq(ketch_engine_begin(&result, r->engine, &job, NULL, &inner), KETCH_BUSY);
    ck_assert_int_eq(ketch_engine_destroy(r->engine, &inner), KETCH_BUSY);
    ck_assert_int_eq(m.released, 0);
    ck_assert_int_eq(ketch_engine_resume(r->other, *r->result, NULL, &inner), KETCH_BUSY);
    ck_assert_str_eq(inner.argument, "result");
    ketch_result_destroy(*r->result);
    ck_assert_int_eq(ketch_engine_run(&result, r->other, &job, NULL, &inner), KETCH_OK);
    ketch_result_destroy(result);
    r->calls++;
    return 0;
}

START_TEST(busy_in_a_hook)
{
    ketch_engine *const engine = make_engine(2), *const other = make_engine(1);
    mill m = new_mill(1);
    ketch_result *result = NULL;
    reentry r = {engine, other, &result, 0};
    const ketch_job job = mill_job(&m);
    const ketch_run run = {.size = sizeof run, .hook = reenter, .user = &r};
    ck_assert_int_eq(ketch_engine_begin(&result, engine, &job, &run, &error), KETCH_OK);
    ck_assert_int_eq(ketch_engine_resume(engine, result, &run, &error), KETCH_OK);
    ck_assert_int_ge(r.calls, ROUNDS);
    check_finished(result, &m);
    ketch_result_destroy(result);
    end_engine(engine);
    end_engine(other);
}
END_TEST

START_TEST(busy_for_another_thread)
{
    long_run l = {.engine = make_engine(2)};
    const pthread_t thread = start_long(&l);
    mill m = new_mill(0);
    const ketch_job job = mill_job(&m);
    ketch_result *result = NULL;
    const double start = kt_cpu_seconds();
    ck_assert_int_eq(ketch_engine_run(&result, l.engine, &job, NULL, &error), KETCH_BUSY);
    ck_assert_int_eq(ketch_engine_destroy(l.engine, &error), KETCH_BUSY);
    ck_assert_double_lt(kt_cpu_seconds() - start, 20); /* the run would not end */
    ketch_engine_info info = {.size = sizeof info};
    ck_assert_int_eq(ketch_engine_get_info(&info, l.engine, &error), KETCH_OK);
    ck_assert_int_eq(info.running, 1);
    ketch_stop_set(&l.stop);
    pthread_join(thread, NULL);
    ck_assert_int_eq(l.status, KETCH_STOPPED);
    ck_assert_int_eq(ketch_engine_run(&result, l.engine, &job, NULL, &error), KETCH_OK);
    check_finished(result, &m);
    ketch_result_destroy(result);
    end_engine(l.engine);
}
END_TEST

START_TEST(stop_an_engine)
{
    long_run l = {.engine = make_engine(_i)};
    const pthread_t thread = start_long(&l);
    ketch_engine_stop(l.engine);
    pthread_join(thread, NULL);
    ck_assert_int_eq(l.status, KETCH_STOPPED);
    ketch_engine_stop(l.engine);
    ketch_engine_stop(NULL);
    mill m = new_mill(0);
    const ketch_job job = mill_job(&m);
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, l.engine, &job, NULL, &error), KETCH_OK);
    check_finished(result, &m);
    ketch_result_destroy(result);
    end_engine(l.engine);
}
END_TEST

START_TEST(wrong_arguments)
{
    ketch_engine *const engine = make_engine(1);
    mill m = new_mill(0);
    const ketch_job job = mill_job(&m);
    ketch_job none = job;
    none.type = NULL;
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(NULL, engine, &job, NULL, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_engine_run(&result, NULL, &job, NULL, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_engine_run(&result, engine, NULL, NULL, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_engine_run(&result, engine, &none, NULL, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_engine_resume(engine, NULL, NULL, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_engine_advance(engine, (ketch_result *)(void *)engine, NULL, &error),
                     KETCH_HANDLE);
    ck_assert_str_eq(error.function, "ketch_engine_advance");
    none = job;
    none.size = 0;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &none, NULL, &error), KETCH_MISMATCH);
    none = job;
    none.scratch = UINT64_MAX;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &none, NULL, &error), KETCH_MEMORY);
    none.scratch = UINT64_C(1) << 56;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &none, NULL, &error), KETCH_MEMORY);
    ck_assert_ptr_nonnull(strstr(error.message, "scratch of 1 worker"));
    ck_assert_ptr_null(result);
    ck_assert_int_eq(ketch_result_status(NULL), KETCH_HANDLE);
    ck_assert_int_eq(ketch_result_hook(NULL), 0);
    ck_assert_int_eq(ketch_result_get_position(NULL, NULL, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_result_get_report(NULL, NULL, &error), KETCH_HANDLE);
    ketch_result_destroy(NULL);
    ck_assert_int_eq(m.calls + m.released, 0);

    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_OK);
    ck_assert_int_eq(ketch_result_get_position(NULL, result, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_result_get_report(NULL, result, &error), KETCH_HANDLE);
    check_finished(result, &m);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

typedef struct bad_run {
    double timeout, tick;
    ketch_status status;
    const char *argument;
} bad_run;

static const bad_run bad_runs[] = {
    {-1, 0, KETCH_RANGE, "timeout"},
    {-1e-300, 0, KETCH_RANGE, "timeout"},
    {NAN, 0, KETCH_NONFINITE, "timeout"},
    {INFINITY, 0, KETCH_NONFINITE, "timeout"},
    {-INFINITY, 0, KETCH_NONFINITE, "timeout"},
    {0, NAN, KETCH_NONFINITE, "tick_seconds"},
    {0, INFINITY, KETCH_NONFINITE, "tick_seconds"},
};

START_TEST(wrong_times)
{
    const bad_run *const b = &bad_runs[_i];
    ketch_engine *const engine = make_engine(1);
    mill m = new_mill(0);
    const ketch_job job = mill_job(&m);
    const ketch_run run = {.size = sizeof run, .timeout = b->timeout, .tick_seconds = b->tick};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), b->status);
    ck_assert_str_eq(error.argument, b->argument);
    ck_assert_ptr_null(result);
    ck_assert_int_eq(ketch_engine_begin(&result, engine, &job, NULL, &error), KETCH_OK);
    ck_assert_int_eq(ketch_engine_resume(engine, result, &run, &error), b->status);
    ck_assert_uint_eq(position_of(result).done, 0);
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &error), KETCH_OK);
    check_finished(result, &m);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

static ketch_status fail_once(ketch_context *context, void *user)
{
    (void)context;
    int32_t *const calls = user;
    return ++*calls == 1 ? KETCH_LIMIT : KETCH_OK;
}

static const ketch_job_type failing_type = {
    .size = sizeof(ketch_job_type), .name = "test.failing", .version = 1, .advance = fail_once};

START_TEST(jobs_that_fail)
{
    ketch_engine *const engine = make_engine(1);
    int32_t calls = 0;
    const ketch_job job = {.size = sizeof job, .type = &failing_type, .steps = 1, .user = &calls};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_LIMIT);
    ck_assert_str_eq(error.message, "the job failed: given LIMIT");
    ck_assert_int_eq(ketch_result_status(result), KETCH_LIMIT);
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &error), KETCH_OK);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* A job that does not repeat its call after a stop is found, not trusted. */
static ketch_status forget_call(ketch_context *context, void *user)
{
    mill *const m = user;
    m->context = context;
    return ketch_context_parallel(context, m->calls ? CELLS - 1 : CELLS, 1, forward, m);
}

static const ketch_job_type forgetful_type = {
    .size = sizeof(ketch_job_type), .name = "test.forgetful", .version = 1, .advance = forget_call};

START_TEST(jobs_that_forget)
{
    ketch_engine *const engine = make_engine(1);
    mill m = new_mill(0);
    m.stop_at = 5;
    ketch_job job = mill_job(&m);
    job.type = &forgetful_type;
    const ketch_run run = {.size = sizeof run, .stop = &m.token};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_STOPPED);
    ck_assert_uint_eq(position_of(result).next, 5);
    ck_assert_uint_eq(position_of(result).count, CELLS);
    ck_assert_int_eq(position_of(result).fence, 0);
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &error), KETCH_MISMATCH);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

START_TEST(stop_tokens)
{
    ketch_stop stop = {0};
    ck_assert_int_eq(ketch_stop_read(&stop), 0);
    ketch_stop_set(&stop);
    ketch_stop_set(&stop);
    ck_assert_int_eq(ketch_stop_read(&stop), 1);
    ketch_stop_clear(&stop);
    ck_assert_int_eq(ketch_stop_read(&stop), 0);
    ketch_stop_set(NULL);
    ketch_stop_clear(NULL);
    ck_assert_int_eq(ketch_stop_read(NULL), 0);
}
END_TEST

/* ---- memory ---- */

static int32_t count_ticks(const ketch_step *step, void *user)
{
    *(int32_t *)user += step->view == NULL;
    return 0;
}

START_TEST(results_outlive_engines)
{
    ketch_engine *const first = make_engine(1);
    mill m = new_mill(0);
    m.stop_at = 10;
    const ketch_job job = mill_job(&m);
    const ketch_run run = {.size = sizeof run, .stop = &m.token};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, first, &job, &run, &error), KETCH_STOPPED);
    end_engine(first);
    ketch_engine *const second = make_engine(3);
    ck_assert_int_eq(ketch_engine_resume(second, result, NULL, &error), KETCH_OK);
    end_engine(second);
    check_finished(result, &m);
    ketch_result_destroy(result);
}
END_TEST

/* Bytes in use under that tag; 0 where it was never used. */
static uint64_t used_by(ketch_engine *engine, const char *name)
{
    ketch_arena_tag tag = {.size = sizeof tag};
    for (int32_t i = 0; !ketch_arena_get_tag(&tag, ketch_engine_arena(engine), i, NULL); i++)
        if (strcmp(tag.name, name) == 0)
            return tag.used;
    return 0;
}

/* Nothing in here asserts: Check's assertions allocate. */
static ketch_status run_and_destroy(ketch_engine *engine, mill *m, ketch_report *report)
{
    const ketch_job job = mill_job(m);
    int32_t ticks = 0;
    const ketch_run run = {
        .size = sizeof run, .hook = count_ticks, .user = &ticks, .tick_seconds = 1e-6};
    ketch_result *result = NULL;
    const ketch_status status = ketch_engine_run(&result, engine, &job, &run, NULL);
    ketch_result_get_report(report, result, NULL);
    ketch_result_destroy(result);
    return status;
}

START_TEST(second_run_takes_nothing_new)
{
    ketch_engine *const engine = make_engine(_i);
    ketch_report report = {.size = sizeof report};
    mill m = new_mill(1);
    ck_assert_int_eq(run_and_destroy(engine, &m, &report), KETCH_OK);
    ck_assert_uint_gt(report.maps + stats_of(engine).maps, 0);
    const ketch_arena_stats first = stats_of(engine);
    const uint64_t counted = count_allocations();
    ketch_status status = KETCH_OK;
    for (int run = 0; run < 100 && status == KETCH_OK; run++) {
        m = new_mill(1);
        status = run_and_destroy(engine, &m, &report);
    }
    const uint64_t after = count_allocations();
    ck_assert_int_eq(status, KETCH_OK);
    ck_assert_uint_eq(after, counted);
    ck_assert(!COUNTS_ALLOCATIONS || counted > 0);
    check_mill(&m, STEPS);
    const ketch_arena_stats last = stats_of(engine);
    ck_assert_uint_eq(report.maps, 0);
    ck_assert_uint_eq(last.maps, first.maps);
    ck_assert_uint_eq(last.used, 0);
    ck_assert_uint_eq(last.reuses, first.reuses + 200);
    end_engine(engine);
}
END_TEST

START_TEST(scratch_goes_back_when_a_run_ends)
{
    ketch_engine *const engine = make_engine(2);
    mill m = new_mill(1);
    const ketch_job job = mill_job(&m);
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_begin(&result, engine, &job, NULL, &error), KETCH_OK);
    ck_assert_uint_gt(used_by(engine, "scratch"), 0);
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &error), KETCH_OK);
    ck_assert_uint_eq(used_by(engine, "scratch"), 0);
    ck_assert_uint_gt(used_by(engine, "result"), 0);
    ketch_result_destroy(result);
    ck_assert_uint_eq(stats_of(engine).used, 0);
    end_engine(engine);
}
END_TEST

/* On an engine with more threads the scratch is exchanged for a bigger one. */
START_TEST(scratch_grows_with_the_engine)
{
    ketch_engine *const small = make_engine(1);
    const ketch_engine_options options = {
        .size = sizeof options, .threads = 3, .arena = ketch_engine_arena(small)};
    ketch_engine *big = NULL;
    ck_assert_int_eq(ketch_engine_create(&big, &options, &error), KETCH_OK);
    mill m = new_mill(1);
    const ketch_job job = mill_job(&m);
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_begin(&result, small, &job, NULL, &error), KETCH_OK);
    ck_assert_int_eq(ketch_engine_advance(big, result, NULL, &error), KETCH_OK);
    ck_assert_int_eq(ketch_engine_advance(small, result, NULL, &error), KETCH_OK);
    ck_assert_int_eq(ketch_engine_resume(big, result, NULL, &error), KETCH_OK);
    check_finished(result, &m);
    ck_assert_uint_eq(used_by(small, "scratch"), 0);
    ketch_result_destroy(result);
    ck_assert_uint_eq(stats_of(small).used, 0);
    end_engine(big);
    end_engine(small);
}
END_TEST

START_TEST(begin_without_memory)
{
    for (uint64_t at = 1;; at++) {
        ck_assert_uint_lt(at, 20);
        ketch_engine *const engine = make_engine(1);
        mill m = new_mill(0);
        const ketch_job job = mill_job(&m);
        ketch_result *result = NULL;
        kt_fault_arm(at, _i);
        const ketch_status status = ketch_engine_run(&result, engine, &job, NULL, &error);
        kt_fault_arm(0, false);
        if (status == KETCH_OK) {
            ck_assert_uint_gt(at, 1);
            check_finished(result, &m);
            ketch_result_destroy(result);
            end_engine(engine);
            return;
        }
        ck_assert_int_eq(status, KETCH_MEMORY);
        ck_assert_ptr_null(result);
        ck_assert_int_eq(m.calls + m.released, 0);
        ck_assert_uint_eq(stats_of(engine).used, 0);
        ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_OK);
        check_finished(result, &m);
        ketch_result_destroy(result);
        end_engine(engine);
    }
}
END_TEST

static void add_cases(Suite *suite)
{
    TCase *const cases = tcase_create("run_limits");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, busy_in_a_hook);
    tcase_add_test(cases, busy_for_another_thread);
    add_numbers(cases, stop_an_engine, 1, 3, "threads");
    tcase_add_test(cases, wrong_arguments);
    for (size_t i = 0; i < sizeof bad_runs / sizeof *bad_runs; i++)
        add_indexed(cases, wrong_times, (int)i, "timeout %g, tick %g", bad_runs[i].timeout,
                    bad_runs[i].tick);
    tcase_add_test(cases, jobs_that_fail);
    tcase_add_test(cases, jobs_that_forget);
    tcase_add_test(cases, stop_tokens);
    tcase_add_test(cases, results_outlive_engines);
    add_numbers(cases, second_run_takes_nothing_new, 1, 3, "threads");
    tcase_add_test(cases, scratch_goes_back_when_a_run_ends);
    tcase_add_test(cases, scratch_grows_with_the_engine);
    add_refusals(cases, begin_without_memory, kt_fault_arm(0, false));
    suite_add_tcase(suite, cases);
}

int main(void)
{
    Suite *const suite = suite_create("run_limits");
    add_cases(suite);
    return end_with(suite);
}
