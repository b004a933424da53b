/* A job inside an index: what it sees of the run around it, and how its failures come out.
 * test_contract.c has the bits. */
#define _GNU_SOURCE
#include "mill.h"
#include "suite.h"

enum { INDICES = 6 };

/* A job inside, and what its index keeps of it. */
typedef struct slot slot;
typedef ketch_status (*inner_step)(ketch_context *context, slot *s);

struct slot {
    inner_step step; /* its advance */
    ketch_inner inner;
    int32_t advances, bodies, fences;
};

/* A job each of whose indices carries one. */
typedef struct outer {
    ketch_context *context;
    ketch_job inside; /* but for its user */
    slot slots[INDICES];
} outer;

static ketch_status advance_inside(ketch_context *context, void *user)
{
    slot *const s = user;
    s->advances++;
    return s->step(context, s);
}

static const ketch_job_type inside_type = {
    .size = sizeof(ketch_job_type), .name = "test.inside", .version = 1, .advance = advance_inside};

static ketch_status carry_index(uint64_t index, int32_t worker, void *user)
{
    outer *const o = user;
    slot *const s = &o->slots[index];
    ketch_job job = o->inside;
    job.user = s;
    while (!s->inner.ended) {
        const ketch_status status = ketch_context_inner(o->context, worker, &s->inner, &job);
        if (status != KETCH_OK)
            return status;
        s->fences += s->inner.fence;
    }
    return KETCH_OK;
}

static ketch_status advance_outer(ketch_context *context, void *user)
{
    outer *const o = user;
    o->context = context;
    return ketch_context_parallel(context, INDICES, INDICES, carry_index, o);
}

static const ketch_job_type outer_type = {
    .size = sizeof(ketch_job_type), .name = "test.outer", .version = 1, .advance = advance_outer};

static outer new_outer(inner_step step, uint64_t steps)
{
    outer o = {.inside = {.size = sizeof o.inside, .type = &inside_type, .steps = steps}};
    for (int i = 0; i < INDICES; i++)
        o.slots[i].step = step;
    return o;
}

static ketch_status run_outer(ketch_result **result, ketch_engine *engine, outer *o,
                              uint64_t scratch, const ketch_run *run)
{
    const ketch_job job = {
        .size = sizeof job, .type = &outer_type, .steps = INDICES, .scratch = scratch, .user = o};
    error = (ketch_error){.size = sizeof error};
    return ketch_engine_run(result, engine, &job, run, &error);
}

/* Runs it on engines of 1 to 3 threads: the status and message are the same. */
static void expect_failure(inner_step step, ketch_status expected, const char *message)
{
    for (int32_t threads = 1; threads <= 3; threads++) {
        ketch_engine *const engine = make_engine(threads);
        outer o = new_outer(step, 3);
        ketch_result *result = NULL;
        ck_assert_int_eq(run_outer(&result, engine, &o, 0, NULL), expected);
        ck_assert_str_eq(error.message, message);
        ck_assert_int_eq(ketch_result_status(result), expected);
        ketch_result_destroy(result);
        end_engine(engine);
    }
}

/* ---- what a job inside sees ---- */

static ketch_status do_body(uint64_t index, int32_t worker, void *user)
{
    (void)index;
    ((slot *)user)->bodies++;
    return worker == 0 ? KETCH_OK : KETCH_RANGE;
}

/* A sweep, then a fence, three times. */
static ketch_status look_around(ketch_context *context, slot *s)
{
    if (s->inner.done == 3)
        return KETCH_OK;
    if (ketch_context_threads(context) != 1)
        return KETCH_RANGE;
    void *const scratch = ketch_context_scratch(context, 0);
    if (!scratch || (uintptr_t)scratch % 64 != 0)
        return KETCH_BUFFER;
    memset(scratch, 1, 100);
    ketch_context_phase(context, "inside", 3); /* is not the run's */
    ketch_context_count(context, 10);
    const ketch_status status = ketch_context_parallel(context, 4, 1, do_body, s);
    return status == KETCH_OK ? ketch_context_fence(context, s) : status;
}

static int32_t count_calls(const ketch_step *step, void *user)
{
    int32_t *const calls = user;
    ck_assert_ptr_eq(step->type, &outer_type);
    ck_assert_ptr_null(step->phase);
    ck_assert_ptr_null(step->view);
    ++*calls;
    return 0;
}

/* Its fences return to the body, its hooks are none, its bytes are the run's; its steps are its
 * own, and the run's are those of the job around it. */
START_TEST(a_job_inside_is_seen_outside)
{
    ketch_engine *const engine = make_engine(1);
    outer o = new_outer(look_around, 3);
    int32_t calls = 0;
    const ketch_run run = {
        .size = sizeof run, .hook = count_calls, .user = &calls, .tick_seconds = 1e-12};
    ketch_result *result = NULL;
    ck_assert_int_eq(run_outer(&result, engine, &o, 128, &run), KETCH_OK);
    const ketch_report report = report_of(result);
    ck_assert_uint_eq(report.fences, 0);
    ck_assert_uint_eq(report.ticks, (uint64_t)calls);
    ck_assert_int_gt(calls, INDICES * 3 * 4); /* every index inside is a look */
    ck_assert(report.steps == INDICES && report.sweeps == 1 && report.indices == INDICES);
    ck_assert_uint_eq(report.bytes, INDICES * 3 * 10);
    ck_assert_ptr_null(report.phase);
    for (int i = 0; i < INDICES; i++) {
        const slot *const s = &o.slots[i];
        ck_assert(s->fences == 3 && s->bodies == 3 * 4 && s->advances == 4);
        ck_assert(s->inner.ended && s->inner.done == 3 && s->inner.total == 3);
        ck_assert(s->inner.sweeps == 3 && !s->inner.sweeping);
    }
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* ---- failures ---- */

static ketch_status fail_plainly(ketch_context *context, slot *s)
{
    (void)context, (void)s;
    return KETCH_LITERAL;
}

static ketch_status fail_with_text(ketch_context *context, slot *s)
{
    (void)s;
    return ketch_context_fail(context, 0, KETCH_LIMIT, "plan", "7", "1", "no such plan");
}

static ketch_status fail_in_body(uint64_t index, int32_t worker, void *user)
{
    (void)user, (void)worker;
    return index == 2 ? KETCH_NONFINITE : KETCH_OK;
}

static ketch_status fail_in_sweep(ketch_context *context, slot *s)
{
    return ketch_context_parallel(context, 4, 1, fail_in_body, s);
}

static ketch_status stop_falsely(uint64_t index, int32_t worker, void *user)
{
    (void)index, (void)worker, (void)user;
    return KETCH_STOPPED;
}

static ketch_status stop_in_sweep(ketch_context *context, slot *s)
{
    return ketch_context_parallel(context, 4, 1, stop_falsely, s);
}

static ketch_status retire_too_much(ketch_context *context, slot *s)
{
    (void)s;
    ketch_context_retire(context, 4);
    return KETCH_OK;
}

static ketch_status fence_at_once(ketch_context *context, slot *s)
{
    return ketch_context_fence(context, s);
}

typedef struct bad_inside {
    const char *name;
    inner_step step;
    ketch_status status;
    const char *message;
} bad_inside;

static const bad_inside bad[] = {
    {"without a text", fail_plainly, KETCH_LITERAL, "the job failed: given LITERAL"},
    {"with a text", fail_with_text, KETCH_LIMIT, "no such plan: given 7, allowed 1"},
    {"in a body", fail_in_sweep, KETCH_NONFINITE, "the job failed: given NONFINITE"},
    {"a false stop", stop_in_sweep, KETCH_MISMATCH,
     "a body returned the status of a poll that did not say so"},
    {"too many steps", retire_too_much, KETCH_MISMATCH,
     "the job retires more steps than it said it has"},
    {"an idle fence", fence_at_once, KETCH_MISMATCH,
     "the job came to a fence again without having done anything"},
};

START_TEST(a_failure_inside_is_told_otherwise)
{
    expect_failure(bad[_i].step, bad[_i].status, bad[_i].message);
}
END_TEST

/* ---- what does not fit ---- */

static ketch_status end_at_once(ketch_context *context, slot *s)
{
    (void)context, (void)s;
    return KETCH_OK;
}

START_TEST(a_job_inside_takes_more_scratch_than_there_is)
{
    ketch_engine *const engine = make_engine(1);
    outer o = new_outer(end_at_once, 0);
    ketch_result *result = NULL;
    o.inside.scratch = 129;
    ck_assert_int_eq(run_outer(&result, engine, &o, 128, NULL), KETCH_MISMATCH);
    ck_assert_str_eq(error.message,
                     "a job inside an index needs more scratch than the job around it has");
    ck_assert_int_eq(o.slots[0].advances, 0);
    ketch_result_destroy(result);
    o.inside.scratch = 128;
    ck_assert_int_eq(run_outer(&result, engine, &o, 128, NULL), KETCH_OK);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

START_TEST(a_job_inside_has_another_kernel_set)
{
    ketch_engine *engine = NULL;
    const ketch_engine_options options = {
        .size = sizeof options, .threads = 1, .kernels = KETCH_KERNELS_SCALAR};
    ck_assert_int_eq(ketch_engine_create(&engine, &options, &error), KETCH_OK);
    outer o = new_outer(end_at_once, 0);
    ketch_result *result = NULL;
    o.inside.kernels = kt_cpu_best();
    ck_assert_int_eq(run_outer(&result, engine, &o, 0, NULL), KETCH_MISMATCH);
    ck_assert_str_eq(error.message,
                     "a job inside an index has another kernel set than the engine was given");
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

static ketch_status carry_outside(ketch_context *context, void *user)
{
    outer *const o = user;
    ketch_job job = o->inside;
    job.user = &o->slots[0];
    return ketch_context_inner(context, 0, &o->slots[0].inner, &job);
}

START_TEST(a_job_is_carried_outside_an_index)
{
    static const ketch_job_type type = {
        .size = sizeof type, .name = "test.outside", .version = 1, .advance = carry_outside};
    ketch_engine *const engine = make_engine(1);
    outer o = new_outer(end_at_once, 0);
    const ketch_job job = {.size = sizeof job, .type = &type, .user = &o};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_MISMATCH);
    ck_assert_str_eq(error.message, "a job is carried inside an index only: from a body");
    ck_assert_int_eq(o.slots[0].advances, 0);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* ---- what is not carried again ---- */

START_TEST(an_ended_job_is_carried_again)
{
    ketch_engine *const engine = make_engine(1);
    outer o = new_outer(end_at_once, 0);
    ketch_result *result = NULL;
    for (int i = 0; i < INDICES; i += 2)
        o.slots[i].inner.ended = true;
    ck_assert_int_eq(run_outer(&result, engine, &o, 0, NULL), KETCH_OK);
    for (int i = 0; i < INDICES; i++)
        ck_assert_int_eq(o.slots[i].advances, i % 2);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("inner");
    TCase *const all = tcase_create("inner");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, a_job_inside_is_seen_outside);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        add_indexed(all, a_failure_inside_is_told_otherwise, (int)i, "%s", bad[i].name);
    tcase_add_test(all, a_job_inside_takes_more_scratch_than_there_is);
    if (kt_cpu_best() == KETCH_KERNELS_SCALAR)
        add_skipped(all, a_job_inside_has_another_kernel_set, "this machine runs one set");
    else
        tcase_add_test(all, a_job_inside_has_another_kernel_set);
    tcase_add_test(all, a_job_is_carried_outside_an_index);
    tcase_add_test(all, an_ended_job_is_carried_again);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
