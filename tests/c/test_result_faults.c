/* A run that is saved while any operation on a file fails, and loaded while any request for memory
 * is refused. For debug builds. */
#include "saves.h"
#include "mill.h"
#include "refusals.h"
#include "suite.h"

static uint64_t used_in(const ketch_engine *engine)
{
    ketch_arena_stats stats = {.size = sizeof stats};
    ck_assert_int_eq(ketch_arena_get_stats(&stats, ketch_engine_arena(engine), NULL), KETCH_OK);
    return stats.used;
}

static void save_mill(ketch_engine *engine)
{
    mill m = new_mill(1);
    m.stop_at = 60;
    const ketch_job job = mill_job(&m);
    const ketch_run run = {.size = sizeof run, .stop = &m.token, .save_path = save_path};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, NULL), KETCH_STOPPED);
    ketch_result_destroy(result);
}

START_TEST(every_request_of_a_loaded_run_is_refused)
{
    ketch_engine *const engine = make_engine(1);
    save_mill(engine);
    ck_assert_uint_gt(ketch_arena_trim(ketch_engine_arena(engine)), 0);
    ketch_status status = KETCH_MEMORY;
    for (uint64_t at = 1; status != KETCH_OK && at < 100; at++) {
        mill m = {.released = 0};
        ketch_result *result = NULL;
        kt_fault_arm(at, _i);
        status = ketch_result_load(&result, engine, &mill_type, &m, save_path, &error);
        kt_fault_arm(0, false);
        ck_assert(status == KETCH_OK || status == KETCH_MEMORY);
        if (status == KETCH_OK) {
            ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, NULL), KETCH_OK);
            check_finished(result, &m);
        } else
            ck_assert_ptr_null(result);
        ketch_result_destroy(result);
        ck_assert_int_eq(m.released, m.stop_at == -1);
        ck_assert_uint_eq(used_in(engine), 0);
    }
    ck_assert_int_eq(status, KETCH_OK);
    end_engine(engine);
}
END_TEST

/* A run that was begun goes on to its end; the file is that of some save. */
static bool run_refused(ketch_engine *engine, refusal *r)
{
    mill m = new_mill(1), loaded;
    const ketch_job job = mill_job(&m);
    const ketch_run run = {.size = sizeof run, .save_path = save_path, .save_seconds = 1e-9};
    ketch_result *result = NULL;
    kt_file_intercept(refuse, r);
    const ketch_status status = ketch_engine_run(&result, engine, &job, &run, &error);
    kt_file_intercept(NULL, NULL);
    check_told(r, status, &error);
    ck_assert(result || (status == KETCH_IO && m.calls == 0));
    if (result) {
        ck_assert_int_eq(ketch_engine_resume(engine, result, &run, &error), KETCH_OK);
        check_finished(result, &m);
        ketch_result_destroy(result);
    }
    ck_assert_int_eq(ketch_result_load(&result, engine, &mill_type, &loaded, save_path, &error),
                     KETCH_OK);
    ketch_result_destroy(result);
    ck_assert_int_eq(each_entry(NULL), 1);
    return r->first != KT_FILE_KINDS;
}

START_TEST(every_operation_of_a_saved_run_fails)
{
    ketch_engine *const engine = make_engine(1);
    save_mill(engine);
    uint64_t at = 1;
    for (bool more = true; more && at < 1000; at++) {
        refusal r = {.at = at, .number = EIO, .first = KT_FILE_KINDS};
        more = run_refused(engine, &r);
    }
    ck_assert_uint_gt(at, 20);
    end_engine(engine);
}
END_TEST

int main(void)
{
    if (!kt_file_intercept(NULL, NULL)) {
        puts("1..0 # SKIP needs a build with --enable-debug");
        return EXIT_SUCCESS;
    }
    Suite *const suite = suite_create("result faults");
    TCase *const all = save_case(suite, "all");
    tcase_add_loop_test(all, every_request_of_a_loaded_run_is_refused, 0, 2);
    tcase_add_test(all, every_operation_of_a_saved_run_fails);
    return end_with(suite);
}
