/* Every kind of job keeps its bits: on any number of threads, stopped anywhere and resumed
 * elsewhere, by hand, and inside the index of another job. */
#define _GNU_SOURCE
#include "contract_trial.h"
#include "suite.h"

START_TEST(bits_depend_on_the_number_of_threads)
{
    trial t = open_trial(_i);
    uint64_t sweeps = 0, indices = 0;
    for (int32_t threads = 1; threads <= THREADS_TRIED; threads++) {
        ketch_result_destroy(run_whole(&t, engines[threads], NULL)); /* in new memory */
        ketch_result *const result = run_whole(&t, engines[threads], NULL);
        const ketch_report report = report_of(result);
        ck_assert_int_eq(report.threads, threads);
        ck_assert(threads == 1 || (report.sweeps == sweeps && report.indices == indices));
        sweeps = report.sweeps;
        indices = report.indices;
        ck_assert_int_eq(ketch_engine_resume(engines[1], result, NULL, &error), KETCH_OK);
        expect_end(&t, result);
    }
    close_trial(&t);
}
END_TEST

/* ---- stops ---- */

/* How a run is ended at a tick: by its token, through its engine, by a hook's answer, by a hook's
 * failure. */
typedef enum stop_way { BY_TOKEN, BY_ENGINE, BY_HOOK, BY_FAILURE, STOP_WAYS } stop_way;

/* Ends the run at every `every`-th call of the hook. Ticks are always due, so that the hook is
 * called at every look of worker 0. */
typedef struct stopper {
    stop_way way;
    uint64_t every, left;
    ketch_stop token;
    ketch_engine *engine;
} stopper;

static int32_t count_down(const ketch_step *step, void *user)
{
    (void)step;
    stopper *const s = user;
    if (--s->left > 0)
        return 0;
    s->left = s->every;
    if (s->way == BY_TOKEN)
        ketch_stop_set(&s->token);
    if (s->way == BY_ENGINE)
        ketch_engine_stop(s->engine);
    return s->way == BY_HOOK ? 1 : s->way == BY_FAILURE ? -1 : 0;
}

static ketch_run stopping_run(stopper *s)
{
    return (ketch_run){.size = sizeof(ketch_run),
                       .hook = count_down,
                       .user = s,
                       .tick_seconds = 1e-12,
                       .stop = &s->token};
}

/* Another engine for every piece, or always one thread. */
static ketch_status resume_piece(ketch_result *result, stopper *s, int piece, bool alone)
{
    static const int32_t sizes[] = {2, 1, 3, 1, 4};
    s->engine = engines[alone ? 1 : sizes[piece % 5]];
    s->left = s->every;
    ketch_stop_clear(&s->token);
    const ketch_run run = stopping_run(s);
    return ketch_engine_resume(s->engine, result, &run, &error);
}

/* Carries the run on in pieces to its end; returns how many there were. */
static int carry_in_pieces(ketch_result *result, stop_way way, uint64_t every, bool alone)
{
    stopper s = {.way = way, .every = every};
    uint64_t done = 0;
    int piece = 0;
    for (;; piece++) {
        ck_assert_msg(piece < 20000, "way %d every %d: no end", way, (int)every);
        const ketch_status status = resume_piece(result, &s, piece, alone);
        if (status == KETCH_OK)
            return piece;
        ck_assert_int_eq(status, way == BY_FAILURE ? KETCH_HOOK : KETCH_STOPPED);
        ck_assert_int_eq(ketch_result_status(result), status);
        const ketch_position p = position_of(result);
        check_position(&p);
        ck_assert_uint_ge(p.done, done);
        done = p.done;
    }
}

/* Stops every `looks` looks leave one index done between two of them. A hook that answers then
 * leaves none. */
START_TEST(a_stopped_run_ends_in_other_bits)
{
    static const uint64_t more[] = {0, 1, 2, 3, 4, 5, 7, 10, 15, 24, 39, 66, 111, 188, 400};
    trial t = open_trial(_i);
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        const stop_way way = i == 0 ? BY_TOKEN : (stop_way)(i % STOP_WAYS);
        ketch_result *const result = begin_run(&t, engines[1 + i % THREADS_TRIED]);
        const int pieces = carry_in_pieces(result, way, t.kind->looks + more[i], i == 0);
        ck_assert(i > 0 || pieces > 20);
        expect_end(&t, result);
    }
    close_trial(&t);
}
END_TEST

START_TEST(a_run_that_times_out_ends_in_other_bits)
{
    trial t = open_trial(_i);
    ketch_result *const result = begin_run(&t, engines[1]);
    ketch_status status = KETCH_TIMEOUT;
    double timeout = 1e-5;
    for (int32_t piece = 0; status != KETCH_OK; piece++, timeout *= 1.5) {
        const ketch_run run = {.size = sizeof run, .timeout = timeout};
        status = ketch_engine_resume(engines[1 + piece % THREADS_TRIED], result, &run, &error);
        ck_assert(status == KETCH_OK || status == KETCH_TIMEOUT);
        ck_assert_int_eq(ketch_result_status(result), status);
    }
    expect_end(&t, result);
    close_trial(&t);
}
END_TEST

START_TEST(a_run_by_hand_ends_in_other_bits)
{
    trial t = open_trial(_i);
    ketch_result *const result = begin_run(&t, engines[1]);
    ketch_position p = position_of(result);
    ck_assert(p.fence == 1 && p.done == 0 && p.sweeps == 0);
    for (int32_t fence = 0; !p.ended; fence++) {
        ck_assert_int_lt(fence, 1000);
        ck_assert_int_eq(
            ketch_engine_advance(engines[1 + fence % THREADS_TRIED], result, NULL, &error),
            KETCH_OK);
        p = position_of(result);
        ck_assert(p.fence == 1 && p.count == 0);
        ck_assert_int_eq(ketch_result_status(result), p.ended ? KETCH_OK : KETCH_STOPPED);
    }
    expect_end(&t, result);
    close_trial(&t);
}
END_TEST

/* ---- progress ---- */

typedef struct progress {
    const trial *t;
    uint64_t done, calls;
} progress;

static int32_t see_progress(const ketch_step *step, void *user)
{
    progress *const p = user;
    ck_assert_uint_eq(step->size, sizeof *step);
    ck_assert_ptr_eq(step->type, p->t->kind->type());
    ck_assert_uint_eq(step->total, p->t->kind->steps);
    ck_assert_uint_ge(step->done, p->done);
    ck_assert_uint_le(step->done, step->total);
    ck_assert_double_eq(step->fraction, (double)step->done / (double)step->total);
    ck_assert_double_ge(step->seconds, 0);
    p->done = step->done;
    p->calls++;
    return 0;
}

START_TEST(progress_falls_or_passes_its_total)
{
    trial t = open_trial(_i);
    for (int32_t threads = 1; threads <= 3; threads++) {
        progress p = {.t = &t};
        const ketch_run run = {
            .size = sizeof run, .hook = see_progress, .user = &p, .tick_seconds = 1e-12};
        ketch_result *const result = run_whole(&t, engines[threads], &run);
        const ketch_report report = report_of(result);
        ck_assert_uint_eq(report.ticks + report.fences, p.calls);
        ck_assert(threads > 1 || report.ticks > t.kind->steps / 10);
        expect_end(&t, result);
    }
    close_trial(&t);
}
END_TEST

/* ---- inside an index ---- */

/* A farm of the kind, whole and in pieces: the bits inside are those on an engine of its own. */
START_TEST(bits_differ_inside_an_index)
{
    static const uint64_t more[] = {0, 1, 3, 14, 37, 120, 500};
    trial alone = open_trial(_i);
    const contract_job kind = contract_farm_of(alone.kind);
    trial t = {.kind = &kind, .shared = alone.shared, .expected = alone.expected};
    for (int32_t threads = 1; threads <= THREADS_TRIED; threads++)
        expect_end(&t, run_whole(&t, engines[threads], NULL));
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        ketch_result *const result = begin_run(&t, engines[1 + i % THREADS_TRIED]);
        carry_in_pieces(result, (stop_way)(i % STOP_WAYS), kind.looks + more[i], false);
        expect_end(&t, result);
    }
    close_trial(&alone);
}
END_TEST

static void add_for_all(TCase *cases, const TTest *test)
{
    for (int i = 0; i < CONTRACT_JOBS; i++)
        add_kind_to(cases, test, i);
}

int main(void)
{
    Suite *const suite = suite_create("contract");
    TCase *const all = tcase_create("contract");
    tcase_set_timeout(all, 120);
    tcase_add_checked_fixture(all, open_engines, close_engines);
    add_for_all(all, bits_depend_on_the_number_of_threads);
    add_for_all(all, a_stopped_run_ends_in_other_bits);
    add_for_all(all, a_run_that_times_out_ends_in_other_bits);
    add_for_all(all, a_run_by_hand_ends_in_other_bits);
    add_for_all(all, progress_falls_or_passes_its_total);
    add_for_all(all, bits_differ_inside_an_index);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
