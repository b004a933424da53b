/* A kind of job on trial: engines of every size, and what its undisturbed run gives. */
#ifndef KT_TEST_CONTRACT_TRIAL_H
#define KT_TEST_CONTRACT_TRIAL_H

#include "contract.h"
#include "results.h"
#include "suite.h"

#include <check.h>
#include <inttypes.h>
#include <string.h>

/* By number of threads, each with an arena of its own: a fixture of every test. */
enum { THREADS_TRIED = 4 };
static ketch_engine *engines[THREADS_TRIED + 1];

/* Nothing may be left in its arena. */
static inline void end_engine(ketch_engine *engine)
{
    ck_assert_uint_eq(stats_of(engine).used, 0);
    ck_assert_int_eq(ketch_engine_destroy(engine, &error), KETCH_OK);
}

static inline void open_engines(void)
{
    for (int32_t threads = 1; threads <= THREADS_TRIED; threads++)
        engines[threads] = make_engine(threads);
}

static inline void close_engines(void)
{
    for (int32_t threads = 1; threads <= THREADS_TRIED; threads++)
        end_engine(engines[threads]);
}

typedef struct trial {
    const contract_job *kind;
    void *shared;
    uint64_t expected; /* digest of an undisturbed run on one thread */
} trial;

static inline contract_start start_on(const trial *t, ketch_engine *engine, const ketch_run *run)
{
    return (contract_start){.kind = t->kind, .shared = t->shared, .engine = engine, .run = run};
}

/* Runs it to its end, which must be good. */
static inline ketch_result *run_whole(const trial *t, ketch_engine *engine, const ketch_run *run)
{
    ketch_result *result = NULL;
    const contract_start s = start_on(t, engine, run);
    ck_assert_msg(t->kind->start(&result, &s, &error) == KETCH_OK, "%s", error.message);
    return result;
}

/* Suspended before its first step. */
static inline ketch_result *begin_run(const trial *t, ketch_engine *engine)
{
    ketch_result *result = NULL;
    contract_start s = start_on(t, engine, NULL);
    s.begins = true;
    ck_assert_msg(t->kind->start(&result, &s, &error) == KETCH_OK, "%s", error.message);
    ck_assert_int_eq(ketch_result_status(result), KETCH_STOPPED);
    return result;
}

static inline trial open_trial_of(const contract_job *kind)
{
    trial t = {.kind = kind, .shared = kind->open ? kind->open() : NULL};
    ketch_result *const result = run_whole(&t, engines[1], NULL);
    t.expected = kind->digest(result);
    ketch_result_destroy(result);
    return t;
}

static inline trial open_trial(int number)
{
    return open_trial_of(contract_jobs[number]);
}

static inline void close_trial(trial *t)
{
    if (t->kind->close)
        t->kind->close(t->shared);
}

/* An ended run: its bits and its books. */
static inline void check_end(const trial *t, const ketch_result *result)
{
    const ketch_position p = position_of(result);
    ck_assert_int_eq(ketch_result_status(result), KETCH_OK);
    ck_assert(p.ended == 1 && p.fence == 1 && p.count == 0 && p.open_count == 0);
    ck_assert_uint_eq(p.done, t->kind->steps);
    ck_assert_uint_eq(report_of(result).steps, p.done);
    ck_assert_uint_eq(report_of(result).sweeps, p.sweeps);
    ck_assert_msg(t->kind->digest(result) == t->expected, "the run ended in other bits");
}

/* check_end, and ends the result. */
static inline void expect_end(const trial *t, ketch_result *result)
{
    check_end(t, result);
    ketch_result_destroy(result);
}

/* Of a run that stands somewhere: open indices ascend, and are those handed out and not finished. */
static inline void check_position(const ketch_position *p)
{
    ck_assert_int_eq(p->ended, 0);
    ck_assert_uint_le(p->done, p->total);
    ck_assert_uint_le(p->next, p->count);
    ck_assert_uint_eq(p->finished + (uint64_t)p->open_count, p->next);
    ck_assert_int_le(p->open_count, KETCH_THREADS_MAX);
    for (int32_t i = 0; i < p->open_count; i++) {
        ck_assert_uint_lt(p->open[i], p->next);
        ck_assert(i == 0 || p->open[i - 1] < p->open[i]);
    }
}

/* ---- suites ---- */

static inline void add_kind_to(TCase *cases, const TTest *test, int kind)
{
    add_indexed(cases, test, kind, "%s", contract_jobs[kind]->name);
}

/* A suite of one case, and one of tests that fork. add: adds a kind's tests to them. */
static inline int try_kinds(const char *suite_name, const char *case_name,
                            void (*add)(TCase *all, TCase *forks, int kind), void (*open)(void),
                            void (*close)(void))
{
    Suite *const suite = suite_create(suite_name);
    TCase *const cases[] = {tcase_create(case_name), tcase_create("forks")};
    tcase_set_tags(cases[1], "fork");
    for (int kind = 0; kind < CONTRACT_JOBS; kind++)
        add(cases[0], cases[1], kind);
    for (int i = 0; i < 2; i++) {
        tcase_set_timeout(cases[i], 120);
        tcase_add_checked_fixture(cases[i], open, close);
        suite_add_tcase(suite, cases[i]);
    }
    return end_with(suite);
}

#endif
