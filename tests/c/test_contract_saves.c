/* Every kind of job that can be saved: stopped anywhere it goes on from its file, elsewhere and in
 * another process, to the same bits; saved while it runs it ends as it would have. */
#include "saves.h"
#include "contract_trial.h"

#include <sys/wait.h>

static void open_all(void)
{
    open_engines();
    make_directory();
}

static void close_all(void)
{
    remove_directory();
    close_engines();
}

static ketch_result *must_load(const trial *t, ketch_engine *engine)
{
    ketch_result *result = NULL;
    const contract_start s = start_on(t, engine, NULL);
    ck_assert_msg(t->kind->load(&result, &s, save_path, &error) == KETCH_OK, "%s", error.message);
    return result;
}

/* ---- pieces, each of which begins with a file ---- */

static int32_t stop_late(const ketch_step *step, void *user)
{
    (void)step;
    uint64_t *const left = user;
    return --*left == 0;
}

/* To the stop at that look, or the end. */
static ketch_status carry_on(ketch_result *result, ketch_engine *engine, uint64_t looks)
{
    const ketch_run run = {
        .size = sizeof run, .hook = stop_late, .user = &looks, .tick_seconds = 1e-12};
    const ketch_status status = ketch_engine_resume(engine, result, &run, &error);
    ck_assert_msg(status == KETCH_OK || status == KETCH_STOPPED, "%s", error.message);
    return status;
}

/* What was saved is destroyed; what is loaded stands where it stood. */
static ketch_result *move_run(const trial *t, ketch_result *result, ketch_engine *engine)
{
    ck_assert_msg(ketch_result_save(result, save_path, "note", 4, 0, &error) == KETCH_OK, "%s",
                  error.message);
    ketch_result *const moved = must_load(t, engine);
    const ketch_position before = position_of(result), after = position_of(moved);
    check_same_position(&before, &after);
    ck_assert_int_eq(ketch_result_status(moved), ketch_result_status(result));
    ck_assert_uint_eq(report_of(moved).indices, report_of(result).indices);
    ketch_result_destroy(result);
    return moved;
}

START_TEST(a_run_from_a_file_ends_in_other_bits)
{
    static const uint64_t more[] = {1, 4, 9, 30, 90};
    trial t = open_trial(_i);
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        ketch_result *result = begin_run(&t, engines[1]);
        for (int32_t piece = 0;; piece++) {
            ck_assert_int_lt(piece, 10000);
            result = move_run(&t, result, engines[1 + piece % THREADS_TRIED]);
            ketch_engine *const engine = engines[1 + (piece + (int32_t)i) % THREADS_TRIED];
            if (carry_on(result, engine, t.kind->looks + more[i]) == KETCH_OK)
                break;
        }
        result = move_run(&t, result, engines[2]); /* ended */
        expect_end(&t, result);
    }
    close_trial(&t);
}
END_TEST

/* ---- another process ---- */

static int go_on_in_child(const trial *t)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = 3};
    ketch_engine *engine = NULL;
    ketch_result *result = NULL;
    if (ketch_engine_create(&engine, &options, NULL) != KETCH_OK)
        return 1;
    const contract_start s = start_on(t, engine, NULL);
    if (t->kind->load(&result, &s, save_path, NULL) != KETCH_OK)
        return 2;
    if (ketch_engine_resume(engine, result, NULL, NULL) != KETCH_OK)
        return 3;
    return t->kind->digest(result) == t->expected ? 0 : 4;
}

START_TEST(another_process_ends_in_other_bits)
{
    trial t = open_trial(_i);
    for (uint64_t looks = t.kind->looks + 2; looks < 40; looks *= 2) {
        ketch_result *const result = begin_run(&t, engines[2]);
        carry_on(result, engines[2], looks);
        ck_assert_int_eq(ketch_result_save(result, save_path, NULL, 0, 0, &error), KETCH_OK);
        ketch_result_destroy(result);
        const pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0)
            _exit(go_on_in_child(&t));
        int status = 0;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(status, 0);
    }
    close_trial(&t);
}
END_TEST

/* ---- while it runs ---- */

/* With the shortest period there is, the run goes on and ends; its last file is the ended run. */
START_TEST(saving_spoils_a_run)
{
    trial t = open_trial(_i);
    for (int32_t threads = 1; threads <= 3; threads++) {
        const ketch_run run = {.size = sizeof run, .save_path = save_path, .save_seconds = 1e-9};
        ketch_result *const result = run_whole(&t, engines[threads], &run);
        ck_assert_uint_ge(report_of(result).saves, 1);
        expect_end(&t, result);
        ketch_result *const loaded = must_load(&t, engines[1]);
        ck_assert_int_eq(position_of(loaded).ended, 1);
        expect_end(&t, loaded);
    }
    close_trial(&t);
}
END_TEST

/* ---- what cannot be loaded ---- */

/* One byte less, and a file of another kind: nothing is made, and no memory is kept. */
START_TEST(a_wrong_file_is_loaded)
{
    trial t = open_trial(_i);
    ketch_result *const saved = begin_run(&t, engines[1]), *result = NULL;
    carry_on(saved, engines[1], t.kind->looks + 5);
    ck_assert_int_eq(ketch_result_save(saved, save_path, NULL, 0, 0, &error), KETCH_OK);
    ketch_result_destroy(saved);
    const contract_start s = start_on(&t, engines[2], NULL);
    const contents file = read_bytes(save_path);
    write_bytes(save_path, file.data, file.size - 1);
    ck_assert_int_eq(t.kind->load(&result, &s, save_path, &error), KETCH_CORRUPT);
    ck_assert_ptr_null(result);
    write_bytes(save_path, file.data, file.size);
    for (int i = 0; i < CONTRACT_JOBS; i++) {
        const contract_job *const other = contract_jobs[i];
        if (other->type() == t.kind->type() || !other->job)
            continue;
        const contract_start wrong = {.kind = other, .engine = engines[2]};
        ck_assert_int_eq(other->load(&result, &wrong, save_path, &error), KETCH_FORMAT);
        ck_assert_ptr_null(result);
    }
    ck_assert_uint_eq(stats_of(engines[2]).used, 0);
    free(file.data);
    close_trial(&t);
}
END_TEST

START_TEST(a_job_that_cannot_be_saved_is)
{
    trial t = open_trial(_i);
    ketch_result *const result = begin_run(&t, engines[1]), *none = NULL;
    ck_assert_int_eq(ketch_result_save(result, save_path, NULL, 0, 0, &error), KETCH_OFF);
    ck_assert_int_ne(access(save_path, F_OK), 0);
    const ketch_run run = {.size = sizeof run, .save_path = save_path};
    ck_assert_int_eq(ketch_engine_resume(engines[1], result, &run, &error), KETCH_OFF);
    const contract_start s = start_on(&t, engines[2], &run);
    ck_assert_int_eq(t.kind->start(&none, &s, &error), KETCH_OFF);
    ck_assert_ptr_null(none);
    ck_assert_int_eq(ketch_engine_resume(engines[1], result, NULL, &error), KETCH_OK);
    expect_end(&t, result);
    close_trial(&t);
}
END_TEST

/* ---- the suite ---- */

static void add_tests(TCase *all, TCase *forks, int kind)
{
    if (!contract_jobs[kind]->load) {
        add_kind_to(all, a_job_that_cannot_be_saved_is, kind);
        return;
    }
    add_kind_to(all, a_run_from_a_file_ends_in_other_bits, kind);
    add_kind_to(all, saving_spoils_a_run, kind);
    add_kind_to(all, a_wrong_file_is_loaded, kind);
    add_kind_to(forks, another_process_ends_in_other_bits, kind);
}

int main(void)
{
    return try_kinds("contract_saves", "saves", add_tests, open_all, close_all);
}
