/* Bodies of sweeps: failures, polls, open indices, and what a body may not call. */
#define _GNU_SOURCE
#include "mill.h"
#include "suite.h"

#include <sched.h>

enum { INDICES = 60, THREADS_TRIED = 8 };

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* A job of one sweep. */
typedef struct sweeper sweeper;
struct sweeper {
    ketch_body body;
    ketch_context *context;
    uint64_t count, seed;
    ketch_stop token;
    int32_t calls[INDICES]; /* by index */
    uint64_t order[1000];   /* indices as they were begun; `begun` of them */
    int32_t begun;
    ketch_status status; /* what a body got or is to return */
};

static ketch_status advance_sweeper(ketch_context *context, void *user)
{
    sweeper *const s = user;
    s->context = context;
    return ketch_context_parallel(context, s->count, s->count, s->body, s);
}

static const ketch_job_type sweeper_type = {.size = sizeof(ketch_job_type),
                                            .name = "test.sweeper",
                                            .version = 1,
                                            .advance = advance_sweeper};

static ketch_job sweeper_job(sweeper *s)
{
    return (ketch_job){
        .size = sizeof(ketch_job), .type = &sweeper_type, .steps = s->count, .user = s};
}

static ketch_status run_sweeper(ketch_result **result, ketch_engine *engine, sweeper *s)
{
    const ketch_job job = sweeper_job(s);
    const ketch_run run = {.size = sizeof run, .stop = &s->token};
    error = (ketch_error){.size = sizeof error};
    return ketch_engine_run(result, engine, &job, &run, &error);
}

static void note_begun(sweeper *s, uint64_t index)
{
    const int32_t place = __atomic_fetch_add(&s->begun, 1, __ATOMIC_RELAXED);
    if (place < 1000)
        s->order[place] = index;
    __atomic_fetch_add(&s->calls[index], 1, __ATOMIC_RELAXED);
}

/* ---- failures: the lowest index that fails is told ---- */

static ketch_status status_of(uint64_t index)
{
    static const ketch_status all[] = {KETCH_LIMIT, KETCH_NONFINITE, KETCH_IO, KETCH_RANGE};
    return all[index % 4];
}

static bool is_failing(const sweeper *s, uint64_t index)
{
    return mix(s->seed + index) % 16 == 0;
}

/* INDICES: none fails. */
static uint64_t lowest_failing(const sweeper *s)
{
    uint64_t index = 0;
    while (index < INDICES && !is_failing(s, index))
        index++;
    return index;
}

/* Times vary, so that failures come in any order. */
static ketch_status fail_here_and_there(uint64_t index, int32_t worker, void *user)
{
    sweeper *const s = user;
    note_begun(s, index);
    for (uint64_t turns = mix(s->seed ^ index) % 8; turns > 0; turns--)
        sched_yield();
    if (!is_failing(s, index))
        return KETCH_OK;
    char given[32];
    snprintf(given, sizeof given, "index %d", (int)index);
    return ketch_context_fail(s->context, worker, status_of(index), "index", given, "others",
                              "this index always fails");
}

static void check_failure(const sweeper *s, ketch_status status, uint64_t lowest)
{
    char given[32];
    snprintf(given, sizeof given, "index %d", (int)lowest);
    ck_assert_int_eq(status, status_of(lowest));
    ck_assert_int_eq(error.status, status);
    ck_assert_str_eq(error.function, "ketch_engine_run");
    ck_assert_str_eq(error.argument, "index");
    ck_assert_str_eq(error.given, given);
    ck_assert_str_eq(error.allowed, "others");
    for (uint64_t i = 0; i < lowest; i++)
        ck_assert_int_eq(s->calls[i], 1);
}

START_TEST(a_failure_depends_on_the_number_of_threads)
{
    ketch_engine *const engine = make_engine(_i);
    for (uint64_t seed = 1; seed <= 60; seed++) {
        sweeper s = {.body = fail_here_and_there, .count = INDICES, .seed = seed * 1000};
        const uint64_t lowest = lowest_failing(&s);
        ketch_result *result = NULL;
        const ketch_status status = run_sweeper(&result, engine, &s);
        if (lowest == INDICES)
            ck_assert_int_eq(status, KETCH_OK);
        else
            check_failure(&s, status, lowest);
        ck_assert_int_eq(ketch_result_status(result), status);
        ketch_result_destroy(result);
    }
    end_engine(engine);
}
END_TEST

/* Once the token is set no index fails any more. */
static ketch_status fail_for_a_while(uint64_t index, int32_t worker, void *user)
{
    sweeper *const s = user;
    const bool good = ketch_stop_read(&s->token);
    (void)worker;
    note_begun(s, index);
    return good || index < 7 ? KETCH_OK : KETCH_LITERAL;
}

/* After a failure no index is handed out any more; those that failed are open and come first. */
START_TEST(a_failed_index_is_not_open)
{
    ketch_engine *const engine = make_engine(_i);
    sweeper s = {.body = fail_for_a_while, .count = INDICES};
    ketch_result *result = NULL;
    ck_assert_int_eq(run_sweeper(&result, engine, &s), KETCH_LITERAL);
    ck_assert_str_eq(error.message, "the job failed: given LITERAL");
    const ketch_position p = position_of(result);
    ck_assert(p.open_count >= 1 && p.open_count <= _i && p.open[0] == 7);
    ck_assert(p.ended == 0 && p.fence == 0 && p.count == INDICES);
    ck_assert_uint_le(p.next, 7 + (uint64_t)_i);
    ck_assert_uint_eq(p.done, p.finished);
    ketch_stop_set(&s.token);
    s.begun = 0;
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &error), KETCH_OK);
    ck_assert_uint_eq(report_of(result).indices, INDICES);
    for (uint64_t i = 0; i < INDICES; i++)
        ck_assert_int_eq(s.calls[i], i < p.next && i >= 7 ? 2 : 1);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* ---- statuses that only a poll may give ---- */

static ketch_status return_status(uint64_t index, int32_t worker, void *user)
{
    (void)worker;
    const sweeper *const s = user;
    return index == 3 ? s->status : KETCH_OK;
}

static const ketch_status untrue[] = {KETCH_STOPPED, KETCH_TIMEOUT, KETCH_HOOK, KETCH_FORKED, 77};

START_TEST(a_body_ends_the_run_without_a_poll)
{
    ketch_engine *const engine = make_engine(1 + _i % 2);
    sweeper s = {.body = return_status, .count = INDICES, .status = untrue[_i / 2]};
    ketch_result *result = NULL;
    ck_assert_int_eq(run_sweeper(&result, engine, &s), KETCH_MISMATCH);
    ck_assert_str_eq(error.message, "a body returned the status of a poll that did not say so");
    ck_assert_int_eq(ketch_result_status(result), KETCH_MISMATCH);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* Index 3 ends without a poll, index 4 fails at the same time: index 3 is told. */
static ketch_status fail_together(uint64_t index, int32_t worker, void *user)
{
    sweeper *const s = user;
    (void)worker;
    note_begun(s, index);
    if (index < 3)
        return KETCH_OK;
    const double end = kt_cpu_seconds() + 0.2;
    while (__atomic_load_n(&s->begun, __ATOMIC_RELAXED) < 5 && kt_cpu_seconds() < end)
        sched_yield();
    return index == 3 ? KETCH_STOPPED : KETCH_IO;
}

START_TEST(a_higher_index_hides_a_false_stop)
{
    ketch_engine *const engine = make_engine(2);
    for (int round = 0; round < 20; round++) {
        sweeper s = {.body = fail_together, .count = INDICES};
        ketch_result *result = NULL;
        ck_assert_int_eq(run_sweeper(&result, engine, &s), KETCH_MISMATCH);
        ketch_result_destroy(result);
    }
    end_engine(engine);
}
END_TEST

/* ---- open indices ---- */

/* Works until it is stopped; once the token is clear it ends at once. */
static ketch_status poll_until_stopped(uint64_t index, int32_t worker, void *user)
{
    sweeper *const s = user;
    note_begun(s, index);
    ketch_status status = KETCH_OK;
    const bool forever = s->status == KETCH_OK;
    do
        status = ketch_context_poll(s->context, worker);
    while (status == KETCH_OK && forever);
    return status;
}

/* Stops when as many indices are open as there are threads. */
static int32_t stop_when_all_work(const ketch_step *step, void *user)
{
    (void)step;
    const sweeper *const s = user;
    return __atomic_load_n(&s->begun, __ATOMIC_RELAXED) == (int32_t)s->seed;
}

/* Begins a run whose sweep is left with an index open for each thread. */
static ketch_result *leave_open(ketch_engine *engine, sweeper *s, int32_t threads)
{
    *s = (sweeper){.body = poll_until_stopped, .count = INDICES, .seed = (uint64_t)threads};
    const ketch_job job = sweeper_job(s);
    const ketch_run run = {
        .size = sizeof run, .hook = stop_when_all_work, .user = s, .tick_seconds = 1e-4};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_STOPPED);
    const ketch_position p = position_of(result);
    ck_assert_int_eq(p.open_count, threads);
    ck_assert_uint_eq(p.next, (uint64_t)threads);
    ck_assert_uint_eq(p.finished, 0);
    for (int32_t i = 0; i < threads; i++)
        ck_assert_uint_eq(p.open[i], (uint64_t)i);
    s->begun = 0;
    s->status = KETCH_STOPPED; /* ends at once from now on */
    return result;
}

/* On one thread they come again one after the other, the lowest first, before any new index. */
START_TEST(open_indices_come_late_or_out_of_order)
{
    ketch_engine *const engine = make_engine(_i), *const one = make_engine(1);
    sweeper s;
    ketch_result *const result = leave_open(engine, &s, _i);
    ck_assert_int_eq(ketch_engine_resume(one, result, NULL, &error), KETCH_OK);
    ck_assert_int_eq(s.begun, INDICES);
    for (uint64_t i = 0; i < INDICES; i++)
        ck_assert_uint_eq(s.order[i], i);
    ck_assert_uint_eq(report_of(result).indices, INDICES);
    ketch_result_destroy(result);
    end_engine(engine);
    end_engine(one);
}
END_TEST

/* Stopped again and again on engines of any size, a sweep never has more open indices than the
 * largest had threads. */
START_TEST(open_indices_pile_up)
{
    static const int32_t sizes[] = {3, 1, 8, 2, 1, 5, 8, 1};
    ketch_engine *engines[THREADS_TRIED + 1];
    for (int32_t i = 1; i <= THREADS_TRIED; i++)
        engines[i] = make_engine(i);
    sweeper s;
    ketch_result *const result = leave_open(engines[8], &s, 8);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        s.begun = 0;
        s.status = KETCH_OK; /* until it is stopped */
        s.seed = (uint64_t)sizes[i];
        const ketch_run run = {
            .size = sizeof run, .hook = stop_when_all_work, .user = &s, .tick_seconds = 1e-4};
        ck_assert_int_eq(ketch_engine_resume(engines[sizes[i]], result, &run, &error),
                         KETCH_STOPPED);
        const ketch_position p = position_of(result);
        ck_assert(p.open_count == 8 && p.next == 8 && p.finished == 0);
        for (int32_t k = 0; k < 8; k++)
            ck_assert_uint_eq(p.open[k], (uint64_t)k);
    }
    s.status = KETCH_STOPPED;
    ck_assert_int_eq(ketch_engine_resume(engines[4], result, NULL, &error), KETCH_OK);
    ck_assert_uint_eq(report_of(result).indices, INDICES);
    ketch_result_destroy(result);
    for (int32_t i = 1; i <= THREADS_TRIED; i++)
        end_engine(engines[i]);
}
END_TEST

/* ---- what a body may not call ---- */

typedef ketch_status forbidden_call(ketch_context *context);

static ketch_status do_index(uint64_t index, int32_t worker, void *user)
{
    (void)index, (void)worker, (void)user;
    return KETCH_OK;
}

static ketch_status call_parallel(ketch_context *context)
{
    return ketch_context_parallel(context, 1, 1, do_index, NULL);
}

static ketch_status call_fence(ketch_context *context)
{
    return ketch_context_fence(context, NULL);
}

static ketch_status call_stages(ketch_context *context)
{
    static const ketch_stage stages[] = {{NULL, NULL, do_index, NULL}};
    int32_t stage = 0;
    return ketch_context_stages(context, stages, 1, &stage, NULL);
}

static forbidden_call *const forbidden[] = {call_parallel, call_fence, ketch_context_check,
                                            call_stages};

static ketch_status call_forbidden(uint64_t index, int32_t worker, void *user)
{
    sweeper *const s = user;
    (void)index, (void)worker;
    const ketch_status status = forbidden[s->seed](s->context);
    if (status != KETCH_BUSY)
        __atomic_store_n(&s->status, status ? status : KETCH_IO, __ATOMIC_RELAXED);
    return KETCH_OK;
}

START_TEST(a_body_may_call_what_only_its_job_may)
{
    ketch_engine *const engine = make_engine(1 + _i % 3);
    sweeper s = {.body = call_forbidden, .count = INDICES, .seed = (uint64_t)_i / 3};
    ketch_result *result = NULL;
    ck_assert_int_eq(run_sweeper(&result, engine, &s), KETCH_OK);
    ck_assert_int_eq(s.status, KETCH_OK);
    ck_assert_uint_eq(position_of(result).done, INDICES);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

START_TEST(nothing_has_a_context)
{
    int32_t stage = 0;
    ketch_inner inner = {0};
    const ketch_job job = {.size = sizeof job, .type = &sweeper_type};
    ck_assert_int_eq(ketch_context_parallel(NULL, 1, 1, do_index, NULL), KETCH_HANDLE);
    ck_assert_int_eq(ketch_context_poll(NULL, 0), KETCH_HANDLE);
    ck_assert_int_eq(ketch_context_check(NULL), KETCH_HANDLE);
    ck_assert_int_eq(ketch_context_fence(NULL, NULL), KETCH_HANDLE);
    ck_assert_int_eq(ketch_context_stages(NULL, NULL, 0, &stage, NULL), KETCH_HANDLE);
    ck_assert_int_eq(ketch_context_inner(NULL, 0, &inner, &job), KETCH_HANDLE);
    ck_assert_int_eq(ketch_context_fail(NULL, 0, KETCH_IO, NULL, NULL, NULL, "x"), KETCH_IO);
    ck_assert_int_eq(ketch_context_at_fence(NULL), 0);
    ck_assert_int_eq(ketch_context_threads(NULL), 0);
    ck_assert_ptr_null(ketch_context_scratch(NULL, 0));
    ketch_context_retire(NULL, 1);
    ketch_context_count(NULL, 1);
    ketch_context_phase(NULL, "x", 1);
    ketch_context_stage(NULL, 1);
}
END_TEST

/* ---- the suite ---- */

static void add_by_threads(TCase *cases, const TTest *test)
{
    for (int threads = 1; threads <= THREADS_TRIED; threads++)
        add_indexed(cases, test, threads, "%d threads", threads);
}

static void add_forbidden(TCase *cases)
{
    static const char *const names[] = {"parallel", "fence", "check", "stages"};
    for (int i = 0; i < 12; i++)
        add_indexed(cases, a_body_may_call_what_only_its_job_may, i, "%s, %d threads", names[i / 3],
                    1 + i % 3);
}

int main(void)
{
    Suite *const suite = suite_create("bodies");
    TCase *const all = tcase_create("bodies");
    tcase_set_timeout(all, 60);
    add_by_threads(all, a_failure_depends_on_the_number_of_threads);
    add_by_threads(all, a_failed_index_is_not_open);
    for (int i = 0; i < 10; i++)
        add_indexed(all, a_body_ends_the_run_without_a_poll, i, "status %d, %d threads",
                    (int)untrue[i / 2], 1 + i % 2);
    tcase_add_test(all, a_higher_index_hides_a_false_stop);
    add_by_threads(all, open_indices_come_late_or_out_of_order);
    tcase_add_test(all, open_indices_pile_up);
    add_forbidden(all);
    tcase_add_test(all, nothing_has_a_context);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
