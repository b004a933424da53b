/* The run loop: stop at every check and resume, fences, hooks, time. */
#define _GNU_SOURCE
#include "mill.h"
#include "suite.h"

#include <fenv.h>
#include <math.h>
#include <sched.h>

/* ---- stop and resume ---- */

START_TEST(straight_run)
{
    ketch_engine *const engine = make_engine(1 + _i % 3);
    mill m = new_mill(_i / 3);
    const ketch_job job = mill_job(&m);
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_OK);
    check_finished(result, &m);
    ck_assert_int_eq(report_of(result).threads, 1 + _i % 3);
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &error), KETCH_OK);
    check_finished(result, &m);
    ck_assert_int_eq(m.released, 0);
    ck_assert_ptr_eq(ketch_result_user(result, &mill_type), &m);
    ck_assert_ptr_null(ketch_result_user(result, &clockwork_type));
    end_engine(engine);
    ketch_result_destroy(result);
    ck_assert_int_eq(m.released, 1);
}
END_TEST

/* The token is set after the k-th call, for every k; then the run goes on, on an engine of another
 * size. */
START_TEST(stop_anywhere_then_resume)
{
    const int32_t threads = 1 + _i % 3;
    ketch_engine *const engine = make_engine(threads), *const other = make_engine(1 + threads % 3);
    for (int32_t k = 0; k <= ROUNDS * (2 * CELLS + 1); k++) {
        mill m = new_mill(_i / 3);
        m.stop_at = k;
        m.token.flag = k == 0;
        const ketch_job job = mill_job(&m);
        const ketch_run run = {.size = sizeof run, .stop = &m.token};
        ketch_result *result = NULL;
        const ketch_status status = ketch_engine_run(&result, engine, &job, &run, &error);
        if (status == KETCH_STOPPED) {
            ck_assert_int_eq(ketch_result_status(result), KETCH_STOPPED);
            check_suspended(result, &m);
            ck_assert(threads > 1 || m.calls == k); /* others may do more meanwhile */
            if (k == 0)
                ck_assert_int_eq(position_of(result).fence, 1);
            ck_assert_int_eq(ketch_engine_resume(other, result, &run, &error), KETCH_STOPPED);
            ketch_stop_clear(&m.token);
            ck_assert_int_eq(ketch_engine_resume(k % 2 ? other : engine, result, &run, &error),
                             KETCH_OK);
        } else {
            ck_assert_int_eq(status, KETCH_OK);
            ck_assert_int_ge(k, ROUNDS * (2 * CELLS + 1) - 1 - threads);
        }
        check_finished(result, &m);
        ketch_result_destroy(result);
        ck_assert_int_eq(m.released, 1);
    }
    end_engine(engine);
    end_engine(other);
}
END_TEST

/* Called at every look around, as its tick is always due. Stops at every third: one at the
 * beginning, one before an index, one after it. So the run crawls to the same end. */
typedef struct crawl {
    double fraction;
    int32_t calls;
} crawl;

static int32_t stop_at_third(const ketch_step *step, void *user)
{
    crawl *const c = user;
    ck_assert(step->fraction >= c->fraction && step->fraction <= 1.0);
    c->fraction = step->fraction;
    return !step->view && ++c->calls % 3 == 0 ? 3 : 0;
}

START_TEST(stop_at_every_check)
{
    ketch_engine *const engine = make_engine(_i);
    mill m = new_mill(2);
    const ketch_job job = mill_job(&m);
    crawl c = {0};
    const ketch_run run = {
        .size = sizeof run, .hook = stop_at_third, .user = &c, .tick_seconds = 1e-12};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_begin(&result, engine, &job, &run, &error), KETCH_OK);
    int stops = 0;
    while (ketch_engine_resume(engine, result, &run, &error) == KETCH_STOPPED) {
        ck_assert_int_eq(ketch_result_hook(result), 3);
        check_suspended(result, &m);
        ck_assert_int_lt(++stops, 1000);
    }
    ck_assert_int_ge(stops, _i == 1 ? ROUNDS * CELLS : 1);
    ck_assert_uint_ge(report_of(result).ticks, 3 * (uint64_t)stops);
    check_finished(result, &m);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* ---- fences and hooks ---- */

typedef struct witness {
    const mill *m;
    int32_t fences, answer_at, answer;
    uint64_t done;
} witness;

static int32_t watch(const ketch_step *step, void *user)
{
    witness *const w = user;
    ck_assert_uint_eq(step->size, sizeof *step);
    ck_assert_uint_eq(step->total, STEPS);
    ck_assert_uint_ge(step->done, w->done);
    w->done = step->done;
    if (!step->view)
        return 0;
    ck_assert_ptr_eq(step->view, w->m->a);
    ck_assert_double_eq(step->fraction, (double)step->done / STEPS);
    check_mill(w->m, step->done);
    return ++w->fences == w->answer_at ? w->answer : 0;
}

START_TEST(fences_show_exact_prefixes)
{
    ketch_engine *const engine = make_engine(1 + _i % 3);
    mill m = new_mill(1 + _i / 3);
    witness w = {.m = &m};
    const ketch_job job = mill_job(&m);
    const ketch_run run = {.size = sizeof run, .hook = watch, .user = &w};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_OK);
    ck_assert_int_eq(w.fences, ROUNDS / m.fence_every);
    ck_assert_uint_eq(report_of(result).fences, (uint64_t)w.fences);
    check_finished(result, &m);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

static const int32_t answers[] = {1, 7, INT32_MAX, -1, -9, INT32_MIN};

START_TEST(hooks_answer)
{
    const int32_t answer = answers[_i];
    ketch_engine *const engine = make_engine(2);
    for (int32_t at = 1; at <= ROUNDS; at++) {
        mill m = new_mill(1);
        witness w = {.m = &m, .answer_at = at, .answer = answer};
        const ketch_job job = mill_job(&m);
        const ketch_run run = {.size = sizeof run, .hook = watch, .user = &w};
        const ketch_status expected = answer > 0 ? KETCH_STOPPED : KETCH_HOOK;
        ketch_result *result = NULL;
        error.status = KETCH_OK;
        ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), expected);
        ck_assert_int_eq(error.status, answer > 0 ? KETCH_OK : KETCH_HOOK);
        ck_assert_int_eq(ketch_result_status(result), expected);
        ck_assert_int_eq(ketch_result_hook(result), answer);
        const ketch_position p = position_of(result);
        ck_assert(p.fence == 1 && p.ended == 0);
        ck_assert_uint_eq(p.done, 3 * (uint64_t)at);
        check_mill(&m, p.done);
        ck_assert_int_eq(ketch_engine_resume(engine, result, &run, &error), KETCH_OK);
        ck_assert_int_eq(ketch_result_hook(result), at < ROUNDS ? 0 : answer);
        check_finished(result, &m);
        ketch_result_destroy(result);
    }
    end_engine(engine);
}
END_TEST

/* At the last fence no check comes after the hook: the fence itself looks at stop and time. */
typedef struct last_moment {
    ketch_stop stop;
    ketch_engine *engine; /* asked in place of the token, where there is one */
    double wait;
} last_moment;

static int32_t ask_at_the_end(const ketch_step *step, void *user)
{
    last_moment *const last = user;
    const double end = kt_cpu_seconds() + last->wait;
    if (step->done < step->total)
        return 0;
    while (kt_cpu_seconds() < end)
        ;
    if (last->engine)
        ketch_engine_stop(last->engine);
    else if (last->wait == 0)
        ketch_stop_set(&last->stop);
    return 0;
}

/* A run whose time is up, or that is stopped (timeout 0), in its last hook; true where a busy
 * machine let the time be up before. */
static bool end_at_the_last_fence(ketch_engine *engine, double timeout, bool by_engine)
{
    mill m = new_mill(1);
    last_moment last = {.wait = timeout, .engine = by_engine ? engine : NULL};
    const ketch_job job = mill_job(&m);
    const ketch_run run = {.size = sizeof run,
                           .hook = ask_at_the_end,
                           .user = &last,
                           .timeout = timeout,
                           .tick_seconds = -1,
                           .stop = &last.stop};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error),
                     timeout > 0 ? KETCH_TIMEOUT : KETCH_STOPPED);
    const ketch_position p = position_of(result);
    const bool early = timeout > 0 && p.done < STEPS;
    ck_assert(early || (p.fence == 1 && p.ended == 0 && p.done == STEPS));
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &error), KETCH_OK);
    check_finished(result, &m);
    ketch_result_destroy(result);
    return early;
}

START_TEST(stop_at_the_last_fence)
{
    ketch_engine *const engine = make_engine(1);
    double timeout = _i == 1 ? 0.1 : 0;
    while (end_at_the_last_fence(engine, timeout, _i == 2)) {
        timeout *= 2;
        ck_assert_double_lt(timeout, 20);
    }
    end_engine(engine);
}
END_TEST

/* Work may follow a check that said go on: after it the run no longer stands at the fence. */
static ketch_status check_twice(ketch_context *context, void *user)
{
    ketch_stop *const stop = user;
    ck_assert_int_eq(ketch_context_at_fence(context), 1);
    const ketch_status status = ketch_context_check(context);
    if (status != KETCH_OK)
        return status;
    ck_assert_int_eq(ketch_context_at_fence(context), 0);
    ketch_stop_set(stop);
    return ketch_context_check(context);
}

static const ketch_job_type checking_type = {
    .size = sizeof(ketch_job_type), .name = "test.checking", .version = 1, .advance = check_twice};

START_TEST(checks_leave_the_fence)
{
    ketch_engine *const engine = make_engine(1);
    ketch_stop stop = {0};
    const ketch_job job = {.size = sizeof job, .type = &checking_type, .steps = 1, .user = &stop};
    const ketch_run run = {.size = sizeof run, .stop = &stop};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_STOPPED);
    ck_assert_int_eq(position_of(result).fence, 0);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

START_TEST(hook_failures_tell)
{
    ketch_engine *const engine = make_engine(1);
    mill m = new_mill(1);
    witness w = {.m = &m, .answer_at = 1, .answer = -5};
    const ketch_job job = mill_job(&m);
    const ketch_run run = {.size = sizeof run, .hook = watch, .user = &w};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_HOOK);
    ck_assert_str_eq(error.function, "ketch_engine_run");
    ck_assert_str_eq(error.given, "-5");
    ck_assert_ptr_nonnull(strstr(error.message, "hook asked the run to fail"));
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

START_TEST(advance_by_hand)
{
    ketch_engine *const engine = make_engine(_i);
    mill m = new_mill(2);
    const ketch_job job = mill_job(&m);
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_begin(&result, engine, &job, NULL, &error), KETCH_OK);
    ck_assert_int_eq(ketch_result_status(result), KETCH_STOPPED);
    ck_assert_int_eq(position_of(result).fence, 1);
    ck_assert_int_eq(m.calls, 0);
    for (uint64_t fence = 1; fence <= ROUNDS / 2; fence++) {
        ck_assert_int_eq(ketch_engine_advance(engine, result, NULL, &error), KETCH_OK);
        const ketch_position p = position_of(result);
        ck_assert(p.fence == 1 && p.ended == 0 && p.count == 0);
        ck_assert_uint_eq(p.done, 6 * fence);
        check_mill(&m, p.done);
    }
    ck_assert_int_eq(ketch_engine_advance(engine, result, NULL, &error), KETCH_OK);
    check_finished(result, &m);
    ketch_result_destroy(result);
    ck_assert_int_eq(m.released, 1);
    end_engine(engine);
}
END_TEST

/* ---- time ---- */

START_TEST(timeouts)
{
    ketch_engine *const engine = make_engine(_i);
    clockwork c = {0};
    const ketch_job job = clockwork_job(&c);
    const ketch_run run = {.size = sizeof run, .timeout = 0.05};
    ketch_result *result = NULL;
    const double start = kt_cpu_seconds();
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_TIMEOUT);
    const double taken = kt_cpu_seconds() - start;
    ck_assert(taken >= 0.05 && taken < 5.0);
    ck_assert_int_eq(ketch_result_status(result), KETCH_TIMEOUT);
    ck_assert_double_ge(report_of(result).seconds, 0.05);
    ck_assert_int_eq(ketch_engine_resume(engine, result, &run, &error), KETCH_TIMEOUT);
    ck_assert_double_ge(report_of(result).seconds, 0.1);
    c.limit = c.sweeps + 1;
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &error), KETCH_OK);
    ck_assert_uint_eq(c.indices, 1000 * c.limit);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

typedef struct wait_hook {
    clockwork c;
    int32_t waits;
} wait_hook;

/* Sits in the hook until the other worker has done ten more indices, three times. Before the first
 * sweep, and in one with few indices left, is no place to wait: the other worker may have none. */
static int32_t wait_for_others(const ketch_step *step, void *user)
{
    wait_hook *const w = user;
    ck_assert_ptr_null(step->view);
    const uint64_t before = __atomic_load_n(&w->c.indices, __ATOMIC_RELAXED);
    const double end = kt_cpu_seconds() + 20;
    if (before == 0 || before % 1000 > 900)
        return 0;
    while (__atomic_load_n(&w->c.indices, __ATOMIC_RELAXED) < before + 10) {
        if (kt_cpu_seconds() > end)
            return -1;
        sched_yield();
    }
    return ++w->waits == 3;
}

START_TEST(workers_go_on_during_ticks)
{
    ketch_engine *const engine = make_engine(2);
    wait_hook w = {0};
    const ketch_job job = clockwork_job(&w.c);
    const ketch_run run = {
        .size = sizeof run, .hook = wait_for_others, .user = &w, .tick_seconds = 1e-3};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_STOPPED);
    ck_assert_int_eq(w.waits, 3);
    ck_assert_uint_ge(report_of(result).ticks, 3);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

static int32_t count_ticks(const ketch_step *step, void *user)
{
    *(int32_t *)user += step->view == NULL;
    return 0;
}

START_TEST(ticks_by_time)
{
    ketch_engine *const engine = make_engine(1);
    int32_t ticks[3] = {0};
    static const double seconds[3] = {0.001, 0.02, -1};
    for (int i = 0; i < 3; i++) {
        clockwork c = {.limit = 4}; /* 80 ms */
        const ketch_job job = clockwork_job(&c);
        const ketch_run run = {
            .size = sizeof run, .hook = count_ticks, .user = &ticks[i], .tick_seconds = seconds[i]};
        ketch_result *result = NULL;
        ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_OK);
        const ketch_report report = report_of(result);
        ck_assert_uint_eq(report.ticks, (uint64_t)ticks[i]);
        ck_assert(seconds[i] < 0 || ticks[i] <= 1 + report.seconds / seconds[i]);
        ketch_result_destroy(result);
    }
    ck_assert_int_gt(ticks[0], 20); /* one an ms that the run had the processor, 80 of them */
    ck_assert_int_gt(ticks[1], 0);
    ck_assert_int_eq(ticks[2], 0);
    end_engine(engine);
}
END_TEST

/* ---- the floating-point mode ---- */

/* Counts, atomic: bodies, and those in another mode than rounding to nearest; hooks, and those in
 * another mode than the caller's. */
typedef struct mode_counts {
    int32_t bodies, odd_bodies, hooks, odd_hooks;
} mode_counts;

static bool rounds_up(void)
{
    volatile double one = 1, little = 0x1p-60;
    return one + little > 1;
}

static ketch_status look_at_mode(uint64_t index, int32_t worker, void *user)
{
    (void)index, (void)worker;
    mode_counts *const c = user;
    const double end = kt_cpu_seconds() + 20e-6; /* so that all workers get some */
    while (kt_cpu_seconds() < end)
        ;
    __atomic_add_fetch(&c->bodies, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&c->odd_bodies, rounds_up(), __ATOMIC_RELAXED);
    return KETCH_OK;
}

static ketch_status sweep_and_look(ketch_context *context, void *user)
{
    if (ketch_context_at_fence(context))
        return ketch_context_parallel(context, 500, 1, look_at_mode, user);
    return KETCH_OK;
}

static int32_t look_in_hook(const ketch_step *step, void *user)
{
    (void)step;
    mode_counts *const c = user;
    c->hooks++;
    c->odd_hooks += !rounds_up();
    return 0;
}

static const ketch_job_type looking_type = {
    .size = sizeof(ketch_job_type), .name = "test.modes", .version = 1, .advance = sweep_and_look};

/* Threads begin in the mode of who makes them: here a sweep outside of a run. */
START_TEST(runs_round_to_nearest)
{
    mode_counts c = {0}, before = {0};
    const ketch_job job = {.size = sizeof job, .type = &looking_type, .steps = 1, .user = &c};
    const ketch_run run = {
        .size = sizeof run, .hook = look_in_hook, .user = &c, .tick_seconds = 1e-9};
    ketch_result *result = NULL;
    ck_assert_int_eq(fesetround(FE_UPWARD), 0);
    ketch_engine *const engine = make_engine(_i);
    ck_assert_int_eq(kt_engine_claim(engine, __func__, &error), KETCH_OK);
    kt_engine_sweep(engine, 500, look_at_mode, &before);
    kt_engine_release(engine);
    const ketch_status status = ketch_engine_run(&result, engine, &job, &run, &error);
    const bool rounded_up = rounds_up();
    end_engine(engine);
    fesetround(FE_TONEAREST);
    ck_assert_int_eq(status, KETCH_OK);
    ck_assert(rounded_up);
    ck_assert_int_eq(c.bodies, 500);
    ck_assert_int_eq(c.odd_bodies, 0);
    ck_assert_int_gt(c.hooks, 0);
    ck_assert_int_eq(c.odd_hooks, 0);
    ketch_result_destroy(result);
}
END_TEST

/* By threads, and after them by rounds from fence to fence. */
static void add_mills(TCase *cases, const TTest *test, int least)
{
    for (int i = 0; i < 9; i++)
        add_indexed(cases, test, i, "%d threads, a fence every %d rounds", 1 + i % 3,
                    least + i / 3);
}

static void add_cases(Suite *suite)
{
    static const char *const ends[] = {"by a token", "by time", "through the engine"};
    TCase *const cases = tcase_create("run");
    tcase_set_timeout(cases, 60);
    add_mills(cases, straight_run, 0);
    add_mills(cases, stop_anywhere_then_resume, 0);
    add_numbers(cases, stop_at_every_check, 1, 3, "threads");
    add_mills(cases, fences_show_exact_prefixes, 1);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        add_indexed(cases, hooks_answer, (int)i, "%d", answers[i]);
    add_list(cases, stop_at_the_last_fence, ends, 3);
    tcase_add_test(cases, checks_leave_the_fence);
    tcase_add_test(cases, hook_failures_tell);
    add_numbers(cases, advance_by_hand, 1, 3, "threads");
    add_numbers(cases, timeouts, 1, 3, "threads");
    tcase_add_test(cases, workers_go_on_during_ticks);
    tcase_add_test(cases, ticks_by_time);
    add_numbers(cases, runs_round_to_nearest, 1, 3, "threads");
    suite_add_tcase(suite, cases);
}

int main(void)
{
    Suite *const suite = suite_create("run");
    add_cases(suite);
    return end_with(suite);
}
