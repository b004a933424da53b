/* Every kind of job is a good guest: it takes what it said and nothing anew, gives all back where
 * memory is refused, shows itself to nobody else's functions, and stays whole where its process
 * forks or its engine is busy. */
#define _GNU_SOURCE
#include "allocations.h"
#include "children.h"
#include "contract_trial.h"
#include "heap.h"

#include <math.h>

/* ---- memory ---- */

/* Nothing in here asserts. */
static ketch_status run_and_destroy(const contract_start *s)
{
    ketch_result *result = NULL;
    const ketch_status status = s->kind->start(&result, s, NULL);
    ketch_result_destroy(result);
    return status;
}

static int32_t go_on(const ketch_step *step, void *user)
{
    (void)step, (void)user;
    return 0;
}

START_TEST(a_second_run_takes_memory_anew)
{
    trial t = open_trial(_i);
    const ketch_run run = {.size = sizeof run, .hook = go_on, .tick_seconds = 1e-6};
    for (int32_t threads = 1; threads <= 2; threads++) {
        const contract_start s = start_on(&t, engines[threads], &run);
        ck_assert_int_eq(run_and_destroy(&s), KETCH_OK);
        const ketch_arena_stats before = stats_of(engines[threads]);
        uint64_t counted = count_allocations();
        ketch_status status = run_and_destroy(&s);
        const uint64_t objects = count_allocations() - counted;
        counted = count_allocations();
        for (int again = 0; again < 5 && status == KETCH_OK; again++)
            status = run_and_destroy(&s);
        const uint64_t after = count_allocations();
        ck_assert_int_eq(status, KETCH_OK);
        ck_assert(t.kind->makes_objects || objects == 0);
        ck_assert_uint_eq(after, counted + 5 * objects);
        ck_assert(!COUNTS_ALLOCATIONS || counted > 0);
        ck_assert_uint_eq(stats_of(engines[threads]).maps, before.maps);
        ck_assert_uint_eq(stats_of(engines[threads]).used, 0);
    }
    close_trial(&t);
}
END_TEST

/* ---- need ---- */

/* Bytes in use under that tag; 0 where it was never used. */
static uint64_t used_by(const ketch_engine *engine, const char *name)
{
    ketch_arena_tag tag = {.size = sizeof tag};
    for (int32_t i = 0; !ketch_arena_get_tag(&tag, ketch_engine_arena(engine), i, NULL); i++)
        if (strcmp(tag.name, name) == 0)
            return tag.used;
    return 0;
}

static void check_need(const ketch_need *need, const ketch_engine *engine)
{
    const ketch_arena_stats stats = stats_of(engine);
    uint64_t sum = 0;
    ck_assert_uint_eq(need->bytes, stats.used);
    ck_assert_int_gt(need->tags, 1);
    for (int32_t i = 0; i < need->tags; i++) {
        const uint64_t used = used_by(engine, need->names[i]);
        ck_assert_msg(need->tag_bytes[i] == used, "%s needs %" PRIu64 " and uses %" PRIu64,
                      need->names[i], need->tag_bytes[i], used);
        sum += need->tag_bytes[i];
    }
    ck_assert_uint_eq(sum, need->bytes);
    ck_assert(need->largest > 0 && need->largest <= need->bytes);
}

/* On a fresh engine, all that was taken is what the run holds; while it runs it takes no more. */
START_TEST(it_takes_other_than_it_needs)
{
    trial t = open_trial(_i);
    ketch_engine *const engine = make_engine(3);
    const contract_start s = start_on(&t, engine, NULL);
    ketch_need need = {.size = sizeof need};
    ck_assert_int_eq(t.kind->need(&need, &s, &error), KETCH_OK);
    ck_assert_uint_eq(stats_of(engine).used, 0);
    ketch_result *const result = begin_run(&t, engine);
    check_need(&need, engine);
    const ketch_arena_stats begun = stats_of(engine);
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &error), KETCH_OK);
    ck_assert_uint_eq(stats_of(engine).peak_used, begun.used);
    expect_end(&t, result);
    end_engine(engine);
    close_trial(&t);
}
END_TEST

/* ---- refused memory ---- */

/* One run on a fresh engine with that request for memory refused, or all from there on; true where
 * the run did not come to it. */
static bool run_refused(const trial *t, uint64_t at, bool onwards)
{
    ketch_engine *const engine = make_engine(2);
    const contract_start s = start_on(t, engine, NULL);
    ketch_result *result = NULL;
    error = (ketch_error){.size = sizeof error};
    kt_fault_arm(at, onwards);
    const ketch_status status = t->kind->start(&result, &s, &error);
    const bool whole = kt_fault_count() < at;
    kt_fault_arm(0, false);
    ck_assert(status == KETCH_OK || status == KETCH_MEMORY);
    ck_assert_int_eq(error.status, status);
    ck_assert(status == KETCH_OK || strlen(error.message) > 10);
    if (!result) {
        ck_assert_int_eq(status, KETCH_MEMORY);
        ck_assert_uint_eq(stats_of(engine).used, 0);
        result = run_whole(t, engine, NULL);
    }
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &error), KETCH_OK);
    expect_end(t, result);
    end_engine(engine);
    return whole;
}

/* The thread sanitizer gets every fourth request. */
START_TEST(refused_memory_is_not_survived)
{
    const uint64_t step = WITH_TSAN ? 4 : 1;
    trial t = open_trial(_i);
    for (int onwards = 0; onwards < 2; onwards++) {
        uint64_t at = 1;
        for (; !run_refused(&t, at, onwards); at += step)
            ck_assert_uint_lt(at, 200);
        ck_assert_uint_gt(at, 2);
    }
    close_trial(&t);
}
END_TEST

/* ---- a busy engine ---- */

typedef struct reentry {
    const trial *t;
    ketch_engine *engine, *other;
    ketch_result *result;
    int32_t calls;
} reentry;

static int32_t reenter(const ketch_step *step, void *user)
{
    (void)step;
    reentry *const r = user;
    if (r->calls++ > 2)
        return 0;
    ketch_error inner = {.size = sizeof inner};
    ketch_engine_info info = {.size = sizeof info};
    ketch_result *result = NULL;
    const contract_start s = start_on(r->t, r->engine, NULL);
    const uint64_t used = stats_of(r->engine).used;
    ck_assert_int_eq(r->t->kind->start(&result, &s, &inner), KETCH_BUSY);
    ck_assert_ptr_null(result);
    ck_assert_uint_eq(stats_of(r->engine).used, used);
    ck_assert_int_eq(ketch_engine_resume(r->engine, r->result, NULL, &inner), KETCH_BUSY);
    ck_assert_int_eq(ketch_engine_resume(r->other, r->result, NULL, &inner), KETCH_BUSY);
    ck_assert_str_eq(inner.argument, "result");
    ck_assert_int_eq(ketch_engine_destroy(r->engine, &inner), KETCH_BUSY);
    ck_assert_int_eq(ketch_engine_get_info(&info, r->engine, &inner), KETCH_OK);
    ck_assert_int_eq(info.running, 1);
    ketch_result_destroy(r->result); /* does nothing */
    ck_assert_ptr_eq(ketch_result_type(r->result), r->t->kind->type());
    expect_end(r->t, run_whole(r->t, r->other, NULL));
    return 0;
}

START_TEST(a_busy_engine_runs_again)
{
    trial t = open_trial(_i);
    reentry r = {.t = &t, .engine = engines[2], .other = engines[1]};
    const ketch_run run = {.size = sizeof run, .hook = reenter, .user = &r, .tick_seconds = 1e-12};
    r.result = begin_run(&t, engines[2]);
    ck_assert_int_eq(ketch_engine_resume(engines[2], r.result, &run, &error), KETCH_OK);
    ck_assert_int_gt(r.calls, 0);
    expect_end(&t, r.result);
    close_trial(&t);
}
END_TEST

/* ---- views ---- */

typedef struct viewer {
    const trial *t;
    int32_t views;
} viewer;

static int32_t look_at_views(const ketch_step *step, void *user)
{
    viewer *const v = user;
    const bool is_circuit = step->type == ketch_circuit_type();
    ck_assert_ptr_eq(step->type, v->t->kind->type());
    ck_assert((ketch_step_state(step) != NULL) == (is_circuit && step->view));
    ketch_step other = *step;
    other.type = is_circuit ? contract_mill.type() : ketch_circuit_type();
    ck_assert(is_circuit ? !ketch_step_state(&other) : ketch_step_state(&other) == step->view);
    const bool is_glia = step->type == ketch_glia_run_type();
    ck_assert((ketch_glia_step_net(step) != NULL) == (is_glia && step->view));
    ck_assert(!ketch_glia_step_net(&other));
    v->views += step->view != NULL;
    return 0;
}

/* Functions of circuits on the result of another job. */
static void check_foreign(ketch_result *result)
{
    ketch_outcomes outcomes = {.size = sizeof outcomes};
    uint64_t distinct = 0;
    double value = 0;
    ck_assert_ptr_null(ketch_circuit_result_state(result));
    ck_assert_int_eq(ketch_circuit_result_outcomes(&outcomes, result, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_circuit_result_counts(&distinct, NULL, NULL, 0, result, &error),
                     KETCH_HANDLE);
    ck_assert_int_eq(ketch_circuit_result_observed(&value, 1, 0, result, &error), KETCH_HANDLE);
}

/* Functions of networks' runs on the result of another job. */
static void check_foreign_to_networks(ketch_result *result)
{
    ketch_glia_result_info info = {.size = sizeof info};
    uint64_t count;
    ketch_glia_spike spike;
    ck_assert_ptr_null(ketch_glia_result_net(result));
    ck_assert_int_eq(ketch_glia_result_get_info(&info, result, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_glia_result_counts(&count, 0, 1, result, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_glia_result_spikes(&spike, 0, 1, result, &error), KETCH_HANDLE);
}

START_TEST(another_workload_reads_its_view)
{
    trial t = open_trial(_i);
    viewer v = {.t = &t};
    const ketch_run run = {
        .size = sizeof run, .hook = look_at_views, .user = &v, .tick_seconds = 1e-12};
    ketch_result *const result = run_whole(&t, engines[1], &run);
    ck_assert_uint_eq(report_of(result).fences, (uint64_t)v.views);
    ck_assert_ptr_eq(ketch_result_type(result), t.kind->type());
    ck_assert_ptr_nonnull(ketch_result_user(result, t.kind->type()));
    for (int i = 0; i < CONTRACT_JOBS; i++)
        if (contract_jobs[i]->type() != t.kind->type())
            ck_assert_ptr_null(ketch_result_user(result, contract_jobs[i]->type()));
    ck_assert_ptr_null(ketch_result_user(result, NULL));
    if (t.kind->type() != ketch_circuit_type())
        check_foreign(result);
    if (t.kind->type() != ketch_glia_run_type())
        check_foreign_to_networks(result);
    expect_end(&t, result);
    close_trial(&t);
}
END_TEST

/* ---- no total ---- */

static int32_t see_no_total(const ketch_step *step, void *user)
{
    uint64_t *const done = user;
    ck_assert(step->total == UINT64_MAX && isnan(step->fraction));
    ck_assert_uint_ge(step->done, *done);
    *done = step->done;
    return 0;
}

START_TEST(a_run_without_a_total_tells_one)
{
    trial t = open_trial(_i);
    uint64_t done = 0;
    const ketch_run run = {
        .size = sizeof run, .hook = see_no_total, .user = &done, .tick_seconds = 1e-12};
    ketch_result *result = NULL;
    contract_start s = start_on(&t, engines[2], &run);
    s.is_endless = true;
    ck_assert_int_eq(t.kind->start(&result, &s, &error), KETCH_OK);
    ck_assert_uint_eq(position_of(result).total, UINT64_MAX);
    expect_end(&t, result);
    close_trial(&t);
}
END_TEST

/* ---- forks ---- */

/* In a child: the parent's engine is refused, and the run goes on with an engine of the child's.
 * 0 where all is so. */
static int resume_in_child(const trial *t, ketch_engine *old, ketch_result *result)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = 2};
    ketch_engine *engine = NULL;
    ketch_result *other = NULL;
    contract_start s = start_on(t, old, NULL);
    if (t->kind->start(&other, &s, NULL) != KETCH_FORKED || other)
        return 1;
    if (ketch_engine_resume(old, result, NULL, NULL) != KETCH_FORKED)
        return 2;
    if (ketch_engine_create(&engine, &options, NULL) != KETCH_OK)
        return 3;
    s.engine = engine;
    if (t->kind->start(&other, &s, NULL) != KETCH_OK || t->kind->digest(other) != t->expected)
        return 4;
    if (ketch_engine_resume(engine, result, NULL, NULL) != KETCH_OK)
        return 5;
    return t->kind->digest(result) == t->expected ? 0 : 6;
}

static int32_t stop_at_tick(const ketch_step *step, void *user)
{
    (void)step;
    return ++*(int32_t *)user == 30;
}

/* A suspended run goes on in both processes. */
START_TEST(a_fork_spoils_a_run)
{
    trial t = open_trial(_i);
    int32_t ticks = 0;
    const ketch_run run = {
        .size = sizeof run, .hook = stop_at_tick, .user = &ticks, .tick_seconds = 1e-12};
    ketch_result *const result = begin_run(&t, engines[2]);
    const ketch_status status = ketch_engine_resume(engines[2], result, &run, &error);
    ck_assert(status == KETCH_STOPPED || ticks < 30);
    const pid_t child = fork();
    if (child == 0)
        _exit(resume_in_child(&t, engines[2], result));
    ck_assert_int_eq(child_code(child), 0);
    ck_assert_int_eq(ketch_engine_resume(engines[1], result, NULL, &error), KETCH_OK);
    expect_end(&t, result);
    close_trial(&t);
}
END_TEST

/* ---- the suite ---- */

static void add_tests(TCase *all, TCase *forks, int kind)
{
    add_kind_to(all, a_second_run_takes_memory_anew, kind);
    if (contract_jobs[kind]->need)
        add_kind_to(all, it_takes_other_than_it_needs, kind);
    if (kt_fault_arm(0, false))
        add_kind_to(all, refused_memory_is_not_survived, kind);
    else
        add_skipped(all, refused_memory_is_not_survived, "needs a build with --enable-debug");
    add_kind_to(all, a_busy_engine_runs_again, kind);
    add_kind_to(all, another_workload_reads_its_view, kind);
    if (contract_jobs[kind]->has_endless)
        add_kind_to(all, a_run_without_a_total_tells_one, kind);
    add_kind_to(forks, a_fork_spoils_a_run, kind);
}

int main(void)
{
    return try_kinds("contract_limits", "limits", add_tests, open_engines, close_engines);
}
