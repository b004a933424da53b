/* What progress says: steps of sweeps in proportion, fences, totals, phases and stages. */
#define _GNU_SOURCE
#include "mill.h"
#include "suite.h"

#include <math.h>

/* A job whose advance is the test's own. */
typedef struct scripted {
    int32_t calls, bodies;
    uint64_t count, steps;
    uint64_t seen; /* ticks that were right */
    ketch_status got;
} scripted;

static ketch_status do_index(uint64_t index, int32_t worker, void *user)
{
    (void)index, (void)worker;
    scripted *const s = user;
    __atomic_add_fetch(&s->bodies, 1, __ATOMIC_RELAXED);
    return KETCH_OK;
}

#define TYPE_OF(function)                                                                          \
    (ketch_job_type)                                                                               \
    {                                                                                              \
        .size = sizeof(ketch_job_type), .name = "test.scripted", .version = 1, .advance = function \
    }

static ketch_status run_scripted(ketch_result **result, const ketch_job_type *type, uint64_t steps,
                                 scripted *s, const ketch_run *run)
{
    ketch_engine *const engine = make_engine(1);
    const ketch_job job = {.size = sizeof job, .type = type, .steps = steps, .user = s};
    error = (ketch_error){.size = sizeof error};
    const ketch_status status = ketch_engine_run(result, engine, &job, run, &error);
    end_engine(engine);
    return status;
}

/* ---- steps of a sweep ---- */

static ketch_status advance_one_sweep(ketch_context *context, void *user)
{
    scripted *const s = user;
    ketch_context_retire(context, 5);
    return ketch_context_parallel(context, s->count, s->steps, do_index, s);
}

/* On one thread a tick before an index sees how many are finished. */
static int32_t see_share(const ketch_step *step, void *user)
{
    scripted *const s = user;
    const uint64_t finished = (uint64_t)s->bodies;
    const long double share = (long double)s->steps * (long double)finished / (long double)s->count;
    if (step->done == 0)
        return 0; /* before the serial steps */
    ck_assert_uint_eq(step->done - 5, (uint64_t)floorl(share));
    s->seen++;
    return 0;
}

static const uint64_t shares[][2] = {{1, 7},    {7, 3},   {10, 24}, {24, 24},
                                     {1000, 7}, {0, 9},   {3, 1},   {UINT64_C(1) << 62, 3},
                                     {5, 1000}, {999, 2}, {2, 999}, {UINT64_MAX - 6, 2}};

START_TEST(steps_of_a_sweep_retire_at_once_or_late)
{
    scripted s = {.steps = shares[_i][0], .count = shares[_i][1]};
    const ketch_job_type type = TYPE_OF(advance_one_sweep);
    const ketch_run run = {
        .size = sizeof run, .hook = see_share, .user = &s, .tick_seconds = 1e-12};
    ketch_result *result = NULL;
    ck_assert_int_eq(run_scripted(&result, &type, s.steps + 5, &s, &run), KETCH_OK);
    ck_assert_uint_eq(s.seen, s.count);
    ck_assert_uint_eq(position_of(result).done, s.steps + 5);
    ck_assert_uint_eq(report_of(result).steps, s.steps + 5);
    ck_assert_uint_eq(report_of(result).indices, s.count);
    ketch_result_destroy(result);
}
END_TEST

/* ---- totals ---- */

static ketch_status retire_too_much(ketch_context *context, void *user)
{
    (void)user;
    ketch_context_retire(context, 3);
    ketch_context_retire(context, 1);
    return KETCH_OK;
}

static ketch_status sweep_too_much(ketch_context *context, void *user)
{
    ketch_context_retire(context, 1);
    return ketch_context_parallel(context, 2, 3, do_index, user);
}

static ketch_status begin_too_much(ketch_context *context, ketch_sweep *sweep, void *user)
{
    (void)context, (void)user;
    *sweep = (ketch_sweep){2, 4};
    return KETCH_OK;
}

static ketch_status stage_too_much(ketch_context *context, void *user)
{
    static const ketch_stage stages[] = {{"much", begin_too_much, do_index, NULL}};
    int32_t stage = 0;
    return ketch_context_stages(context, stages, 1, &stage, user);
}

static const ketch_advance excessive[] = {retire_too_much, sweep_too_much, stage_too_much};

START_TEST(a_job_retires_more_than_its_total)
{
    scripted s = {0};
    const ketch_job_type type = TYPE_OF(excessive[_i]);
    ketch_result *result = NULL;
    ck_assert_int_eq(run_scripted(&result, &type, 3, &s, NULL), KETCH_MISMATCH);
    ck_assert_str_eq(error.message, "the job retires more steps than it said it has");
    ck_assert_uint_le(position_of(result).done, 3);
    ck_assert_int_eq(s.bodies, 0);
    ketch_result_destroy(result);
}
END_TEST

static ketch_status end_early(ketch_context *context, void *user)
{
    scripted *const s = user;
    if (s->calls++ == 1)
        return KETCH_OK;
    ketch_context_retire(context, 2);
    return ketch_context_fence(context, s);
}

static double last_fraction;

static int32_t keep_fraction(const ketch_step *step, void *user)
{
    (void)user;
    last_fraction = step->fraction;
    return 0;
}

/* Its last hook sees a fraction of the total; once it has ended it is done, and `done` as it is. */
START_TEST(a_job_that_ends_early_is_not_done)
{
    scripted s = {0};
    const ketch_job_type type = TYPE_OF(end_early);
    const ketch_run run = {.size = sizeof run, .hook = keep_fraction, .tick_seconds = -1};
    ketch_result *result = NULL;
    ck_assert_int_eq(run_scripted(&result, &type, 8, &s, &run), KETCH_OK);
    ck_assert_double_eq(last_fraction, 0.25);
    const ketch_position p = position_of(result);
    ck_assert(p.ended == 1 && p.done == 2 && p.total == 8);
    ketch_result_destroy(result);
}
END_TEST

static ketch_status do_no_steps(ketch_context *context, void *user)
{
    scripted *const s = user;
    if (s->calls++ == 1)
        return KETCH_OK;
    const ketch_status status = ketch_context_parallel(context, 4, 0, do_index, s);
    return status == KETCH_OK ? ketch_context_fence(context, s) : status;
}

START_TEST(a_job_of_no_steps_has_another_fraction_than_1)
{
    scripted s = {0};
    const ketch_job_type type = TYPE_OF(do_no_steps);
    const ketch_run run = {.size = sizeof run, .hook = keep_fraction, .tick_seconds = -1};
    ketch_result *result = NULL;
    ck_assert_int_eq(run_scripted(&result, &type, 0, &s, &run), KETCH_OK);
    ck_assert_double_eq(last_fraction, 1);
    ck_assert_int_eq(s.bodies, 4);
    ck_assert(position_of(result).done == 0 && position_of(result).total == 0);
    ketch_result_destroy(result);
}
END_TEST

/* ---- fences ---- */

static ketch_status fence_forever(ketch_context *context, void *user)
{
    scripted *const s = user;
    if (s->calls++ == 0)
        ketch_context_retire(context, 1);
    return s->got = ketch_context_fence(context, s);
}

static ketch_status fence_first(ketch_context *context, void *user)
{
    return ketch_context_fence(context, user);
}

static ketch_status check_between_fences(ketch_context *context, void *user)
{
    scripted *const s = user;
    if (s->calls++ == 0)
        ketch_context_retire(context, 1);
    const ketch_status status = ketch_context_check(context);
    return status == KETCH_OK ? ketch_context_fence(context, s) : status;
}

static ketch_status fence_without_context_calls(ketch_context *context, void *user)
{
    static const ketch_stage stages[] = {{NULL, NULL, NULL, NULL}};
    scripted *const s = user;
    int32_t stage = 0;
    if (s->calls++ == 0)
        return ketch_context_stages(context, stages, 0, &stage, s) == KETCH_OK
                   ? ketch_context_fence(context, s)
                   : KETCH_IO;
    return KETCH_OK;
}

static const ketch_advance idle[] = {fence_forever, fence_first, check_between_fences,
                                     fence_without_context_calls};

START_TEST(a_job_fences_for_ever)
{
    scripted s = {0};
    const ketch_job_type type = TYPE_OF(idle[_i]);
    ketch_result *result = NULL;
    ck_assert_int_eq(run_scripted(&result, &type, 1, &s, NULL), KETCH_MISMATCH);
    ck_assert_str_eq(error.message, "the job came to a fence again without having done anything");
    ck_assert_int_le(s.calls, 2);
    ketch_result_destroy(result);
}
END_TEST

/* Each of these is something: a step, a finished index, a stage that ended, a stage named. */
static ketch_status do_something(ketch_context *context, void *user)
{
    static const ketch_stage stages[] = {{"something", NULL, NULL, NULL}};
    scripted *const s = user;
    int32_t stage = 0;
    ketch_status status = KETCH_OK;
    switch (s->calls++) {
    case 0:
        ketch_context_retire(context, 1);
        break;
    case 1:
        status = ketch_context_parallel(context, 1, 0, do_index, s);
        break;
    case 2:
        status = ketch_context_stages(context, stages, 1, &stage, s);
        break;
    case 3:
        ketch_context_stage(context, 7);
        break;
    default:
        return KETCH_OK;
    }
    return status == KETCH_OK ? ketch_context_fence(context, s) : status;
}

START_TEST(a_fence_after_something_is_refused)
{
    scripted s = {0};
    const ketch_job_type type = TYPE_OF(do_something);
    const ketch_run run = {.size = sizeof run, .hook = keep_fraction, .tick_seconds = -1};
    ketch_result *result = NULL;
    ck_assert_int_eq(run_scripted(&result, &type, 1, &s, &run), KETCH_OK);
    ck_assert_uint_eq(report_of(result).fences, 4);
    ck_assert_uint_eq(position_of(result).stage, 7);
    ketch_result_destroy(result);
}
END_TEST

/* A job that swallows what its sweep said does not go on. */
static ketch_status swallow_failure(ketch_context *context, void *user)
{
    scripted *const s = user;
    s->got = ketch_context_parallel(context, 2, 5, do_index, s);
    return KETCH_OK;
}

START_TEST(a_swallowed_failure_is_lost)
{
    scripted s = {0};
    const ketch_job_type type = TYPE_OF(swallow_failure);
    ketch_result *result = NULL;
    ck_assert_int_eq(run_scripted(&result, &type, 1, &s, NULL), KETCH_MISMATCH);
    ck_assert_int_eq(s.got, KETCH_MISMATCH);
    ck_assert_int_eq(position_of(result).ended, 0);
    ketch_result_destroy(result);
}
END_TEST

/* ---- phases ---- */

typedef struct phases {
    const char *names[16];
    uint64_t numbers[16];
    int32_t count;
} phases;

static int32_t keep_phase(const ketch_step *step, void *user)
{
    phases *const p = user;
    if (p->count == 16)
        return -1;
    p->names[p->count] = step->phase;
    p->numbers[p->count++] = step->number;
    return 0;
}

static ketch_status name_phases(ketch_context *context, void *user)
{
    scripted *const s = user;
    if (s->calls == 3)
        return KETCH_OK;
    if (s->calls > 0)
        ketch_context_phase(context, s->calls == 1 ? "warm up" : "work", (uint64_t)s->calls * 10);
    s->calls++;
    ketch_context_retire(context, 1);
    return ketch_context_fence(context, s);
}

START_TEST(phases_are_not_told)
{
    scripted s = {0};
    phases p = {.count = 0};
    const ketch_job_type type = TYPE_OF(name_phases);
    const ketch_run run = {.size = sizeof run, .hook = keep_phase, .user = &p, .tick_seconds = -1};
    ketch_result *result = NULL;
    ck_assert_int_eq(run_scripted(&result, &type, 3, &s, &run), KETCH_OK);
    ck_assert_int_eq(p.count, 3);
    ck_assert(!p.names[0] && p.numbers[0] == 0);
    ck_assert_str_eq(p.names[1], "warm up");
    ck_assert_uint_eq(p.numbers[1], 10);
    ck_assert_str_eq(p.names[2], "work");
    ck_assert_uint_eq(p.numbers[2], 20);
    ck_assert_str_eq(position_of(result).phase, "work");
    ck_assert_uint_eq(position_of(result).number, 20);
    ck_assert_str_eq(report_of(result).phase, "work");
    ck_assert_uint_eq(report_of(result).number, 20);
    ketch_result_destroy(result);
}
END_TEST

/* ---- stages ---- */

/* Where its stages were begun, and ended, as letters. */
typedef struct staged {
    char log[64];
    int32_t length, stage;
    uint64_t bodies;
    ketch_stop *stop;
} staged;

static void note(staged *s, char letter)
{
    s->log[s->length++] = letter;
}

static ketch_status begin_two(ketch_context *context, ketch_sweep *sweep, void *user)
{
    (void)context;
    ck_assert(sweep->count == 0 && sweep->steps == 0);
    note(user, 'b');
    *sweep = (ketch_sweep){2, 1};
    return KETCH_OK;
}

static ketch_status count_body(uint64_t index, int32_t worker, void *user)
{
    staged *const s = user;
    (void)worker;
    s->bodies++;
    if (index == 0 && s->stop)
        ketch_stop_set(s->stop);
    return KETCH_OK;
}

static ketch_status end_two(ketch_context *context, ketch_next *next, void *user)
{
    (void)context;
    note(user, 'e');
    ck_assert_int_eq(next->stage, 1);
    *next = (ketch_next){KETCH_STAGE_FENCE, 1, user};
    return KETCH_OK;
}

static ketch_status begin_nothing(ketch_context *context, ketch_sweep *sweep, void *user)
{
    (void)context, (void)sweep;
    note(user, 'n');
    return KETCH_OK;
}

static ketch_status end_nothing(ketch_context *context, ketch_next *next, void *user)
{
    (void)context;
    note(user, 'd');
    ck_assert_int_eq(next->stage, 2);
    next->stage = 3;
    return KETCH_OK;
}

static ketch_status end_never(ketch_context *context, ketch_next *next, void *user)
{
    (void)context, (void)next;
    note(user, 'x');
    return KETCH_OK;
}

static ketch_status end_all(ketch_context *context, ketch_next *next, void *user)
{
    ketch_context_retire(context, 1);
    note(user, 'l');
    next->stage = KETCH_STAGE_DONE;
    return KETCH_OK;
}

static const ketch_stage stages[] = {
    {"two", begin_two, count_body, end_two}, {"nothing", begin_nothing, count_body, end_nothing},
    {"never", NULL, NULL, end_never},        {NULL, NULL, NULL, NULL},
    {"last", NULL, NULL, end_all},
};

static ketch_status advance_stages(ketch_context *context, void *user)
{
    staged *const s = user;
    return ketch_context_stages(context, stages, 5, &s->stage, s);
}

static const ketch_job_type staged_type = TYPE_OF(advance_stages);

/* Ends are called once each, stopped or not, and begins again where the run was stopped in their
 * sweep. */
START_TEST(a_stage_is_left_out_or_ends_twice)
{
    ketch_engine *const engine = make_engine(1);
    ketch_stop stop = {0};
    staged s = {.stop = _i ? &stop : NULL};
    phases p = {.count = 0};
    const ketch_job job = {.size = sizeof job, .type = &staged_type, .steps = 2, .user = &s};
    const ketch_run run = {
        .size = sizeof run, .stop = &stop, .hook = keep_phase, .user = &p, .tick_seconds = -1};
    ketch_result *result = NULL;
    ketch_status status = ketch_engine_run(&result, engine, &job, &run, &error);
    ck_assert_int_eq(status, _i ? KETCH_STOPPED : KETCH_OK);
    if (_i) {
        ck_assert_str_eq(s.log, "b");
        ck_assert_uint_eq(position_of(result).stage, 0);
        ck_assert_uint_eq(position_of(result).next, 1);
        ketch_stop_clear(&stop);
        ck_assert_int_eq(ketch_engine_resume(engine, result, &run, &error), KETCH_OK);
    }
    ck_assert_str_eq(s.log, _i ? "bbendl" : "bendl");
    ck_assert_uint_eq(s.bodies, 2);
    ck_assert_int_eq(p.count, 1);
    ck_assert_str_eq(p.names[0], "two");
    ck_assert_str_eq(position_of(result).phase, "last");
    ck_assert(position_of(result).ended && position_of(result).done == 2);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* ---- a stage whose end fails once ---- */

typedef struct stumbling {
    int32_t stage, begins, bodies, ends;
    uint64_t count;
} stumbling;

static ketch_status begin_stumbling(ketch_context *context, ketch_sweep *sweep, void *user)
{
    (void)context;
    stumbling *const s = user;
    s->begins++;
    *sweep = (ketch_sweep){.count = s->count, .steps = s->count};
    return KETCH_OK;
}

static ketch_status stumble_along(uint64_t index, int32_t worker, void *user)
{
    (void)index, (void)worker;
    __atomic_add_fetch(&((stumbling *)user)->bodies, 1, __ATOMIC_RELAXED);
    return KETCH_OK;
}

static ketch_status end_stumbling(ketch_context *context, ketch_next *next, void *user)
{
    (void)next;
    stumbling *const s = user;
    return s->ends++ ? KETCH_OK
                     : ketch_context_fail(context, 0, KETCH_IO, NULL, NULL, NULL, "once");
}

static ketch_status stumble(ketch_context *context, void *user)
{
    static const ketch_stage only[] = {{NULL, begin_stumbling, stumble_along, end_stumbling}};
    stumbling *const s = user;
    return ketch_context_stages(context, only, 1, &s->stage, s);
}

START_TEST(a_stage_begins_again_where_its_end_failed)
{
    ketch_engine *const engine = make_engine(2);
    stumbling s = {.count = (uint64_t)_i * 4};
    const ketch_job_type type = TYPE_OF(stumble);
    const ketch_job job = {.size = sizeof job, .type = &type, .steps = s.count, .user = &s};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_IO);
    ck_assert_uint_eq(position_of(result).done, s.count);
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &error), KETCH_OK);
    ck_assert_int_eq(s.begins, 2);
    ck_assert_int_eq(s.bodies, (int)s.count);
    ck_assert_int_eq(s.ends, 2);
    ck_assert(position_of(result).ended && position_of(result).done == s.count);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* ---- a stage that is asked again ---- */

/* asked: what begin asks for, the first time and later. */
typedef struct wavering {
    int32_t stage, begins;
    ketch_sweep asked[2];
    ketch_stop *stop;
} wavering;

static ketch_status begin_wavering(ketch_context *context, ketch_sweep *sweep, void *user)
{
    wavering *const w = user;
    *sweep = w->asked[w->begins > 0];
    w->begins++;
    ketch_context_count(context, 100);
    return KETCH_OK;
}

static ketch_status stop_at_first(uint64_t index, int32_t worker, void *user)
{
    (void)worker;
    if (index == 0)
        ketch_stop_set(((wavering *)user)->stop);
    return KETCH_OK;
}

static ketch_status waver(ketch_context *context, void *user)
{
    static const ketch_stage only[] = {{NULL, begin_wavering, stop_at_first, NULL}};
    wavering *const w = user;
    return ketch_context_stages(context, only, 1, &w->stage, w);
}

/* Stopped in its sweep, and resumed; the report's bytes are those of one begin. */
static ketch_status resume_wavering(ketch_sweep first, ketch_sweep later)
{
    ketch_engine *const engine = make_engine(1);
    ketch_stop stop = {0};
    wavering w = {.asked = {first, later}, .stop = &stop};
    const ketch_job_type type = TYPE_OF(waver);
    const ketch_job job = {.size = sizeof job, .type = &type, .steps = 9, .user = &w};
    const ketch_run run = {.size = sizeof run, .stop = &stop};
    ketch_result *result = NULL;
    ketch_report report = {.size = sizeof report};
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_STOPPED);
    const ketch_status status = ketch_engine_resume(engine, result, NULL, &error);
    ck_assert_int_eq(w.begins, 2);
    ck_assert_int_eq(ketch_result_get_report(&report, result, NULL), KETCH_OK);
    ck_assert_uint_eq(report.bytes, 100);
    ketch_result_destroy(result);
    end_engine(engine);
    return status;
}

START_TEST(a_stage_goes_on_with_another_sweep)
{
    ck_assert_int_eq(resume_wavering((ketch_sweep){4, 9}, (ketch_sweep){4, 9}), KETCH_OK);
    ck_assert_int_eq(resume_wavering((ketch_sweep){4, 9}, (ketch_sweep){3, 9}), KETCH_MISMATCH);
    ck_assert_ptr_nonnull(strstr(error.message, "another sweep"));
    ck_assert_int_eq(resume_wavering((ketch_sweep){4, 9}, (ketch_sweep){5, 9}), KETCH_MISMATCH);
    ck_assert_int_eq(resume_wavering((ketch_sweep){4, 9}, (ketch_sweep){4, 8}), KETCH_MISMATCH);
    ck_assert_int_eq(resume_wavering((ketch_sweep){4, 9}, (ketch_sweep){0}), KETCH_MISMATCH);
}
END_TEST

static ketch_status advance_without_body(ketch_context *context, void *user)
{
    static const ketch_stage only[] = {{NULL, begin_wavering, NULL, NULL}};
    wavering *const w = user;
    return ketch_context_stages(context, only, 1, &w->stage, w);
}

START_TEST(a_stage_without_a_body_asks_for_a_sweep)
{
    ketch_engine *const engine = make_engine(1);
    wavering w = {.asked = {{.count = 1}}};
    const ketch_job_type type = TYPE_OF(advance_without_body);
    const ketch_job job = {.size = sizeof job, .type = &type, .user = &w};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_MISMATCH);
    ck_assert_ptr_nonnull(strstr(error.message, "without a body"));
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* ---- the suite ---- */

static void add_sweeps(TCase *cases)
{
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        add_indexed(cases, steps_of_a_sweep_retire_at_once_or_late, (int)i,
                    "%llu steps, %llu indices", (unsigned long long)shares[i][0],
                    (unsigned long long)shares[i][1]);
}

int main(void)
{
    static const char *const fences[] = {"again and again", "at once", "after a check",
                                         "after an empty table of stages"};
    static const char *const ways[] = {"retire", "sweep", "stage"};
    Suite *const suite = suite_create("steps");
    TCase *const all = tcase_create("steps");
    tcase_set_timeout(all, 60);
    add_sweeps(all);
    for (int i = 0; i < 3; i++)
        add_indexed(all, a_job_retires_more_than_its_total, i, "by a %s", ways[i]);
    tcase_add_test(all, a_job_that_ends_early_is_not_done);
    tcase_add_test(all, a_job_of_no_steps_has_another_fraction_than_1);
    add_list(all, a_job_fences_for_ever, fences, 4);
    tcase_add_test(all, a_fence_after_something_is_refused);
    tcase_add_test(all, a_swallowed_failure_is_lost);
    tcase_add_test(all, phases_are_not_told);
    add_indexed(all, a_stage_is_left_out_or_ends_twice, 0, "undisturbed");
    add_indexed(all, a_stage_is_left_out_or_ends_twice, 1, "stopped");
    add_indexed(all, a_stage_begins_again_where_its_end_failed, 0, "without a sweep");
    add_indexed(all, a_stage_begins_again_where_its_end_failed, 1, "with a sweep");
    tcase_add_test(all, a_stage_goes_on_with_another_sweep);
    tcase_add_test(all, a_stage_without_a_body_asks_for_a_sweep);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
