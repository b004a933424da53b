/* How a run begins: the engine is claimed, then all is checked, then memory is taken. */
#define _GNU_SOURCE
#include "long_run.h"
#include "mill.h"
#include "numbers.h"
#include "suite.h"

#include <math.h>
#include <unistd.h>

/* A job that counts what is called, and takes a block. */
typedef struct counted {
    ketch_block *block;
    ketch_status answer; /* prepare's */
    ketch_kernels kernels;
    uint64_t scratch;
    int32_t prepared, advanced, released;
    bool was_running;
} counted;

static ketch_status prepare_counted(ketch_job *job, ketch_engine *engine, ketch_error *e)
{
    counted *const c = job->user;
    ketch_engine_info info = {.size = sizeof info};
    c->prepared++;
    ck_assert_int_eq(ketch_engine_get_info(&info, engine, e), KETCH_OK);
    c->was_running = info.running;
    if (c->answer != KETCH_OK)
        return c->answer;
    job->steps = 4;
    job->kernels = c->kernels;
    job->scratch = c->scratch;
    return ketch_block_take(&c->block, ketch_engine_arena(engine), 5000, "counted", e);
}

static ketch_status advance_counted(ketch_context *context, void *user)
{
    ((counted *)user)->advanced++;
    ketch_context_retire(context, 4);
    return KETCH_OK;
}

static void release_counted(void *user)
{
    counted *const c = user;
    c->released++;
    ketch_block_drop(c->block);
    c->block = NULL;
}

static ketch_status need_counted(ketch_need *need, const ketch_engine *engine, const ketch_job *job,
                                 ketch_error *e)
{
    const counted *const c = job->user;
    (void)engine, (void)e;
    ketch_need_add(need, "counted", 5000);
    ketch_need_add(need, "scratch", 0);
    return c->answer;
}

static const ketch_job_type counted_type = {.size = sizeof(ketch_job_type),
                                            .name = "test.counted",
                                            .version = 1,
                                            .advance = advance_counted,
                                            .release = release_counted,
                                            .prepare = prepare_counted,
                                            .need = need_counted};

static ketch_job counted_job(counted *c)
{
    return (ketch_job){.size = sizeof(ketch_job), .type = &counted_type, .user = c};
}

/* A launch that fails so, and took no memory: prepare was called `prepared` times. */
static void expect_refusal(ketch_engine *engine, counted *c, const ketch_run *run,
                           ketch_status expected, int32_t prepared)
{
    const ketch_job job = counted_job(c);
    ketch_result *result = (ketch_result *)(void *)c;
    const uint64_t used = stats_of(engine).used;
    for (int begins = 0; begins < 2; begins++) {
        error = (ketch_error){.size = sizeof error};
        const ketch_status status = begins ? ketch_engine_begin(&result, engine, &job, run, &error)
                                           : ketch_engine_run(&result, engine, &job, run, &error);
        ck_assert_int_eq(status, expected);
        ck_assert_ptr_null(result);
        ck_assert_str_eq(error.function, begins ? "ketch_engine_begin" : "ketch_engine_run");
        ck_assert_int_eq(c->prepared, prepared * (begins + 1));
        ck_assert_int_eq(c->advanced, 0);
        ck_assert_ptr_null(c->block);
        ck_assert_uint_eq(stats_of(engine).used, used);
    }
}

START_TEST(memory_is_taken_for_a_busy_engine)
{
    long_run l = {.engine = make_engine(1)};
    const pthread_t thread = start_long(&l);
    const uint64_t takes = stats_of(l.engine).takes;
    const ketch_run bad = {.size = sizeof bad, .timeout = -1};
    counted c = {.answer = KETCH_OK};
    expect_refusal(l.engine, &c, &bad, KETCH_BUSY, 0); /* before its options are looked at */
    ck_assert_uint_eq(stats_of(l.engine).takes, takes);
    ketch_stop_set(&l.stop);
    pthread_join(thread, NULL);
    end_engine(l.engine);
}
END_TEST

START_TEST(memory_is_taken_for_wrong_options)
{
    const ketch_run bad[] = {{.size = sizeof *bad, .timeout = -1},
                             {.size = sizeof *bad, .tick_seconds = (double)NAN},
                             {.size = 0}};
    static const ketch_status expected[] = {KETCH_RANGE, KETCH_NONFINITE, KETCH_MISMATCH};
    ketch_engine *const engine = make_engine(1);
    counted c = {.answer = KETCH_OK};
    expect_refusal(engine, &c, &bad[_i], expected[_i], 0);
    ck_assert_int_eq(c.released, 0);
    ck_assert_uint_eq(stats_of(engine).takes, 0);
    end_engine(engine);
}
END_TEST

/* What prepare left is nothing; it is not released. */
START_TEST(a_failed_prepare_is_released)
{
    static const ketch_status answers[] = {KETCH_LIMIT, KETCH_MEMORY, KETCH_NONFINITE};
    ketch_engine *const engine = make_engine(1);
    counted c = {.answer = answers[_i]};
    const ketch_job job = counted_job(&c);
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), answers[_i]);
    ck_assert_ptr_null(result);
    ck_assert(c.prepared == 1 && c.advanced == 0 && c.released == 0 && c.was_running);
    c.answer = KETCH_OK;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_OK);
    ketch_result_destroy(result);
    ck_assert(c.prepared == 2 && c.advanced == 1 && c.released == 1);
    end_engine(engine);
}
END_TEST

START_TEST(prepare_may_answer_what_is_no_failure)
{
    ketch_engine *const engine = make_engine(1);
    counted c = {.answer = KETCH_STOPPED};
    expect_refusal(engine, &c, NULL, KETCH_MISMATCH, 1);
    ck_assert_str_eq(error.argument, "type");
    ck_assert_int_eq(c.released, 0);
    end_engine(engine);
}
END_TEST

/* After prepare: a job whose kernels the engine refuses, or whose scratch is too much, is released
 * again. */
START_TEST(a_prepared_job_is_left_behind)
{
    const ketch_engine_options options = {
        .size = sizeof options, .threads = 1, .kernels = KETCH_KERNELS_SCALAR};
    ketch_engine *engine = NULL;
    ck_assert_int_eq(ketch_engine_create(&engine, &options, &error), KETCH_OK);
    counted c = {.answer = KETCH_OK};
    c.kernels = _i ? 0 : KETCH_KERNELS_AVX2;
    c.scratch = _i ? UINT64_C(1) << 60 : 0;
    expect_refusal(engine, &c, NULL, _i ? KETCH_MEMORY : KETCH_MISMATCH, 1);
    ck_assert_int_eq(c.released, 2);
    end_engine(engine);
}
END_TEST

/* Whatever the engine was given. */
START_TEST(kernels_of_another_machine_are_refused)
{
    ketch_engine *const engine = make_engine(1);
    ketch_kernels absent = KETCH_KERNELS_SCALAR;
    while (kt_cpu_runs(absent) && absent < kt_cpu_kernels_last())
        absent++;
    counted c = {.answer = KETCH_OK, .kernels = absent};
    expect_refusal(engine, &c, NULL, KETCH_MISMATCH, 1);
    ck_assert_ptr_nonnull(strstr(error.message, ketch_kernels_name(absent)));
    end_engine(engine);
}
END_TEST

/* An older caller's type has no field beyond `release`. */
START_TEST(an_older_type_is_read_too_far)
{
    ketch_engine *const engine = make_engine(1);
    counted c = {.answer = KETCH_IO};
    ketch_job_type older = counted_type;
    older.size = offsetof(ketch_job_type, prepare);
    const ketch_job job = {.size = sizeof job, .type = &older, .steps = 4, .user = &c};
    ketch_result *result = NULL;
    ketch_need need = {.size = sizeof need};
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_OK);
    ck_assert(c.prepared == 0 && c.advanced == 1);
    ck_assert_int_eq(ketch_job_need(&need, engine, &job, &error), KETCH_OK);
    ck_assert_int_eq(need.tags, 1);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* ---- need ---- */

START_TEST(a_need_is_added_up_wrongly)
{
    ketch_engine *const engine = make_engine(3);
    counted c = {.answer = KETCH_OK};
    ketch_job job = counted_job(&c);
    job.scratch = 100; /* 128 each */
    ketch_need need = {.size = sizeof need};
    ck_assert_int_eq(ketch_job_need(&need, engine, &job, &error), KETCH_OK);
    ck_assert_int_eq(need.tags, 3);
    ck_assert_str_eq(need.names[0], "counted");
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    const uint64_t rounded = (5000 + page - 1) / page * page;
    ck_assert_uint_eq(need.tag_bytes[0], rounded);
    for (int32_t i = 1; i < 3; i++)
        ck_assert(strcmp(need.names[i], "scratch") != 0 || need.tag_bytes[i] == page);
    ck_assert_uint_eq(need.bytes, need.tag_bytes[0] + need.tag_bytes[1] + need.tag_bytes[2]);
    ck_assert_uint_eq(need.largest, KT_MAX(rounded, page));
    ck_assert_int_eq(c.prepared, 0);
    c.answer = KETCH_LIMIT;
    ck_assert_int_eq(ketch_job_need(&need, engine, &job, &error), KETCH_LIMIT);
    ck_assert_int_eq(ketch_job_need(NULL, engine, &job, &error), KETCH_LIMIT);
    c.answer = KETCH_OK;
    ck_assert_int_eq(ketch_job_need(NULL, engine, &job, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_job_need(&need, NULL, &job, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_job_need(&need, engine, NULL, &error), KETCH_HANDLE);
    end_engine(engine);
}
END_TEST

/* From the 33rd name on they are "other", as in an arena. */
START_TEST(a_need_of_many_tags_overflows)
{
    static char names[40][16];
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    ketch_need need = {.size = sizeof need};
    for (int i = 0; i < 40; i++) {
        snprintf(names[i], sizeof names[i], "t%d", i);
        for (int again = 0; again < 2; again++)
            ketch_need_add(&need, names[i], 10);
    }
    ketch_need_add(&need, NULL, 1);
    ketch_need_add(NULL, "x", 1);
    ck_assert_int_eq(need.tags, KETCH_TAGS_MAX + 1);
    for (int i = 0; i < KETCH_TAGS_MAX; i++)
        ck_assert(strcmp(need.names[i], names[i]) == 0 && need.tag_bytes[i] == 2 * page);
    ck_assert_str_eq(need.names[KETCH_TAGS_MAX], "other");
    ck_assert_uint_eq(need.tag_bytes[KETCH_TAGS_MAX], (8 * 2 + 1) * page);
    ck_assert_uint_eq(need.bytes, 81 * page);
    ck_assert_uint_eq(need.largest, page);
    ketch_need_add(&need, "huge", UINT64_MAX);
    ketch_need_add(&need, "huge", UINT64_MAX - 5);
    ck_assert(need.bytes == UINT64_MAX && need.largest == UINT64_MAX);
}
END_TEST

int main(void)
{
    static const char *const options[] = {"timeout", "tick_seconds", "size"};
    static const char *const statuses[] = {"LIMIT", "MEMORY", "NONFINITE"};
    Suite *const suite = suite_create("launch");
    TCase *const all = tcase_create("launch");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, memory_is_taken_for_a_busy_engine);
    add_list(all, memory_is_taken_for_wrong_options, options, 3);
    add_list(all, a_failed_prepare_is_released, statuses, 3);
    tcase_add_test(all, prepare_may_answer_what_is_no_failure);
    add_indexed(all, a_prepared_job_is_left_behind, 0, "by its kernel set");
    add_indexed(all, a_prepared_job_is_left_behind, 1, "by its scratch");
    tcase_add_test(all, an_older_type_is_read_too_far);
    tcase_add_test(all, kernels_of_another_machine_are_refused);
    tcase_add_test(all, a_need_is_added_up_wrongly);
    tcase_add_test(all, a_need_of_many_tags_overflows);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
