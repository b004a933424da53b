/* Processes that fork: an old engine is refused in the child, a new one works, nothing hangs. */
#define _GNU_SOURCE
#include "children.h"
#include "engine.h"
#include "long_run.h"
#include "pages.h"
#include "suite.h"

/* In a child: the old engine is refused by every call, a new one works. 0 where all is so. */
static int use_both(ketch_engine *old)
{
    ketch_error inner = {.size = sizeof inner};
    ketch_engine_info info = {.size = sizeof info};
    mill m = new_mill(1);
    const ketch_job job = mill_job(&m);
    ketch_result *result = NULL;
    if (ketch_engine_run(&result, old, &job, NULL, &inner) != KETCH_FORKED || result)
        return 1;
    if (!strstr(inner.message, "created in another process"))
        return 2;
    if (ketch_engine_get_info(&info, old, &inner) != KETCH_FORKED)
        return 3;
    if (ketch_engine_destroy(old, &inner) != KETCH_FORKED)
        return 4;
    const ketch_engine_options options = {.size = sizeof options, .threads = 2};
    ketch_engine *engine = NULL;
    if (ketch_engine_create(&engine, &options, &inner) != KETCH_OK)
        return 5;
    if (ketch_engine_run(&result, engine, &job, NULL, &inner) != KETCH_OK)
        return 6;
    uint64_t expected[CELLS];
    mill_reference(expected, ROUNDS);
    if (memcmp(expected, m.a, sizeof expected) != 0)
        return 7;
    ketch_result_destroy(result);
    return ketch_engine_destroy(engine, &inner) == KETCH_OK ? 0 : 8;
}

static void check_child(ketch_engine *engine)
{
    const pid_t child = fork();
    if (child == 0)
        _exit(use_both(engine));
    ck_assert_int_eq(child_code(child), 0);
}

static void run_mill(ketch_engine *engine)
{
    mill m = new_mill(1);
    const ketch_job job = mill_job(&m);
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_OK);
    check_finished(result, &m);
    ketch_result_destroy(result);
}

/* Also where the system does not wipe marks. */
START_TEST(fork_before_and_after_runs)
{
    ketch_engine *const engine = make_engine(2);
    if (_i) {
        kt_pages_unmark(engine->mark);
        engine->mark = NULL;
    }
    check_child(engine);
    run_mill(engine);
    check_child(engine);
    run_mill(engine);
    end_engine(engine);
}
END_TEST

START_TEST(fork_during_a_run)
{
    long_run l = {.engine = make_engine(3)};
    const pthread_t thread = start_long(&l);
    for (int i = 0; i < 5; i++)
        check_child(l.engine);
    ketch_stop_set(&l.stop);
    pthread_join(thread, NULL);
    ck_assert_int_eq(l.status, KETCH_STOPPED);
    run_mill(l.engine);
    end_engine(l.engine);
}
END_TEST

typedef struct forker {
    int32_t ticks;
    pid_t child;
} forker;

/* Late enough that the workers are in the middle of their work. */
static int32_t fork_here(const ketch_step *step, void *user)
{
    (void)step;
    forker *const f = user;
    if (++f->ticks < 20)
        return 0;
    f->child = fork();
    return f->child > 0;
}

/* What the workers of the other process were at is lost: the run cannot go on here, on no engine. */
static int resume_here(ketch_result *result)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = 2};
    ketch_engine *engine = NULL;
    if (ketch_engine_create(&engine, &options, NULL) != KETCH_OK)
        return 21;
    if (ketch_engine_resume(engine, result, NULL, NULL) != KETCH_FORKED)
        return 22;
    ketch_result_destroy(result);
    return ketch_engine_destroy(engine, NULL) == KETCH_OK ? 0 : 23;
}

/* The child comes back from the hook too: its run ends with FORKED instead of waiting for workers
 * that it does not have. */
START_TEST(fork_in_a_hook)
{
    ketch_engine *const engine = make_engine(3);
    clockwork c = {.limit = 50};
    forker f = {.child = -1};
    const ketch_job job = clockwork_job(&c);
    const ketch_run run = {.size = sizeof run, .hook = fork_here, .user = &f, .tick_seconds = 1e-3};
    ketch_result *result = NULL;
    const ketch_status status = ketch_engine_run(&result, engine, &job, &run, &error);
    if (f.child == 0) {
        int code = status == KETCH_FORKED ? use_both(engine) : 20;
        code = code ? code : resume_here(result);
        _exit(code);
    }
    ck_assert_int_gt(f.child, 0);
    ck_assert_int_eq(status, KETCH_STOPPED);
    ck_assert_int_eq(child_code(f.child), 0);
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &error), KETCH_OK);
    ck_assert_uint_eq(c.indices, 50 * 1000);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

static void add_cases(Suite *suite)
{
    static const char *const marks[] = {"memory that forks wipe", "by process number"};
    TCase *const cases = tcase_create("fork");
    tcase_set_timeout(cases, 60);
    add_list(cases, fork_before_and_after_runs, marks, 2);
    tcase_add_test(cases, fork_during_a_run);
    tcase_add_test(cases, fork_in_a_hook);
    suite_add_tcase(suite, cases);
}

int main(void)
{
    /* Sanitizers do not survive forks with threads about: tests/run.sh excludes them there. */
    const char *const excluded = getenv("CK_EXCLUDE_TAGS");
    if (excluded && strstr(excluded, "fork")) {
        puts("1..0 # SKIP forks are excluded in a sanitizer's build");
        return EXIT_SUCCESS;
    }
    Suite *const suite = suite_create("fork");
    add_cases(suite);
    return end_with(suite);
}
