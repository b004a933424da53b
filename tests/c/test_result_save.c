/* Runs that are saved and loaded: stopped anywhere, with a period, at fences, where they fail and
 * where they end, they go on from the file to the same bits. */
#include "saves.h"
#include "mill.h"
#include "suite.h"

#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>

/* ---- saved anywhere, loaded elsewhere ---- */

static void must_save_result(ketch_result *result)
{
    ck_assert_msg(ketch_result_save(result, save_path, NULL, 0, 0, &error) == KETCH_OK, "%s",
                  error.message);
}

static ketch_result *must_load(ketch_engine *engine, const ketch_job_type *type, void *context)
{
    ketch_result *result = NULL;
    ck_assert_msg(ketch_result_load(&result, engine, type, context, save_path, &error) == KETCH_OK,
                  "%s", error.message);
    return result;
}

static void must_resume(ketch_engine *engine, ketch_result *result)
{
    ck_assert_msg(ketch_engine_resume(engine, result, NULL, &error) == KETCH_OK, "%s",
                  error.message);
}

/* What the file says of itself is what the result says. */
static void check_told(const ketch_position *position)
{
    ketch_saved *saved = NULL;
    ketch_saved_info info = {.size = sizeof info};
    ck_assert_int_eq(ketch_saved_open(&saved, save_path, &error), KETCH_OK);
    ck_assert_int_eq(ketch_saved_get_info(&info, saved, &error), KETCH_OK);
    ck_assert_uint_eq(info.done, position->done);
    ck_assert_uint_eq(info.total, position->total);
    ck_assert_int_eq(info.ended, position->ended);
    ketch_saved_close(saved);
}

/* Saved where it stands, and carried on from the file; the result that was saved is none the
 * worse. */
static void check_moved(ketch_engine *engine, ketch_result *result, mill *m)
{
    mill other;
    must_save_result(result);
    ketch_result *const moved = must_load(engine, &mill_type, &other);
    const ketch_position before = position_of(result), after = position_of(moved);
    check_same_position(&before, &after);
    check_told(&before);
    ck_assert_int_eq(ketch_result_status(moved), ketch_result_status(result));
    ck_assert_uint_eq(report_of(moved).saves, report_of(result).saves);
    must_resume(engine, moved);
    check_finished(moved, &other);
    ketch_result_destroy(moved);
    ck_assert_int_eq(other.released, 1);
    m->stop_at = -1;
}

START_TEST(stopped_anywhere_a_run_goes_on_from_its_file)
{
    const int32_t threads = 1 + _i % 3;
    ketch_engine *const engine = make_engine(threads), *const other = make_engine(1 + threads % 3);
    for (int32_t k = 0; k <= ROUNDS * (2 * CELLS + 1); k++) {
        mill m = new_mill(_i / 3);
        m.stop_at = k;
        m.token.flag = k == 0;
        const ketch_job job = mill_job(&m);
        const ketch_run run = {.size = sizeof run, .stop = &m.token};
        ketch_result *result = NULL;
        (void)ketch_engine_run(&result, engine, &job, &run, &error);
        check_moved(other, result, &m);
        must_resume(engine, result);
        check_finished(result, &m);
        ketch_result_destroy(result);
    }
    end_engine(engine);
    end_engine(other);
}
END_TEST

/* ---- indices that stay open ---- */

enum { POTS = 40, TURNS = 6 };

/* Each index is a pot of TURNS turns, with a poll after each. stop_at counts turns. */
typedef struct potter {
    uint64_t clay[POTS];
    int32_t turns[POTS];
    int32_t sweeps, count, stop_at;
    ketch_stop token;
    ketch_context *context;
} potter;

static ketch_status turn_pot(uint64_t index, int32_t worker, void *user)
{
    potter *const p = user;
    while (p->turns[index] < TURNS) {
        p->clay[index] = grind(p->clay[index], index + (uint64_t)p->turns[index]);
        p->turns[index]++;
        if (__atomic_add_fetch(&p->count, 1, __ATOMIC_RELAXED) == p->stop_at)
            ketch_stop_set(&p->token);
        const ketch_status status = ketch_context_poll(p->context, worker);
        if (status != KETCH_OK)
            return status;
    }
    return KETCH_OK;
}

static ketch_status turn_pots(ketch_context *context, void *user)
{
    potter *const p = user;
    p->context = context;
    for (; p->sweeps < 3; p->sweeps++) {
        ketch_context_phase(context, "turning pots", (uint64_t)p->sweeps);
        const ketch_status status = ketch_context_parallel(context, POTS, 10, turn_pot, p);
        if (status != KETCH_OK)
            return status;
        memset(p->turns, 0, sizeof p->turns);
    }
    return KETCH_OK;
}

static ketch_status save_pots(ketch_writer *writer, const void *user)
{
    const potter *const p = user;
    (void)ketch_writer_section(writer, "clay", p->clay, sizeof p->clay);
    (void)ketch_writer_section(writer, "turns", p->turns, sizeof p->turns);
    return ketch_writer_section(writer, "sweeps", &p->sweeps, sizeof p->sweeps);
}

static ketch_status load_pots(ketch_job *job, ketch_reader *reader, void *context,
                              ketch_engine *engine, ketch_error *told)
{
    (void)engine;
    potter *const p = context;
    *p = (potter){.stop_at = -1};
    (void)ketch_reader_section(reader, "clay", p->clay, sizeof p->clay, told);
    (void)ketch_reader_section(reader, "turns", p->turns, sizeof p->turns, told);
    job->steps = 30;
    job->user = p;
    return ketch_reader_section(reader, "sweeps", &p->sweeps, sizeof p->sweeps, told);
}

static const ketch_job_type potter_type = {.size = sizeof(ketch_job_type),
                                           .name = "test.potter",
                                           .version = 1,
                                           .advance = turn_pots,
                                           .save = save_pots,
                                           .load = load_pots};

static void check_pots(const potter *p)
{
    uint64_t clay[POTS] = {0};
    for (int i = 0; i < 3; i++)
        for (uint64_t index = 0; index < POTS; index++)
            for (uint64_t turn = 0; turn < TURNS; turn++)
                clay[index] = grind(clay[index], index + turn);
    ck_assert_mem_eq(p->clay, clay, sizeof clay);
}

static ketch_job potter_job(potter *p)
{
    return (ketch_job){.size = sizeof(ketch_job), .type = &potter_type, .steps = 30, .user = p};
}

START_TEST(open_indices_go_on_from_the_file)
{
    ketch_engine *const engine = make_engine(3), *const other = make_engine(1 + _i);
    int32_t open = 0;
    for (int32_t k = 1; k < 3 * POTS * TURNS; k += 7) {
        potter p = {.stop_at = k}, moved;
        const ketch_job job = potter_job(&p);
        const ketch_run run = {.size = sizeof run, .stop = &p.token};
        ketch_result *result = NULL;
        (void)ketch_engine_run(&result, engine, &job, &run, &error);
        must_save_result(result);
        ketch_result *const loaded = must_load(other, &potter_type, &moved);
        const ketch_position before = position_of(result), after = position_of(loaded);
        check_same_position(&before, &after);
        open += after.open_count > 0;
        ketch_result_destroy(result);
        must_resume(other, loaded);
        check_pots(&moved);
        ck_assert_uint_eq(report_of(loaded).indices, 3 * POTS);
        ketch_result_destroy(loaded);
    }
    ck_assert_int_gt(open, 3);
    end_engine(engine);
    end_engine(other);
}
END_TEST

/* ---- another process ---- */

static void run_and_save(int32_t threads, int32_t stop_at)
{
    ketch_engine *const engine = make_engine(threads);
    mill m = new_mill(2);
    m.stop_at = stop_at;
    const ketch_job job = mill_job(&m);
    const ketch_run run = {.size = sizeof run, .stop = &m.token, .save_path = save_path};
    ketch_result *result = NULL;
    (void)ketch_engine_run(&result, engine, &job, &run, &error);
    ketch_result_destroy(result);
    end_engine(engine);
}

START_TEST(another_process_goes_on)
{
    for (int32_t k = 1; k < ROUNDS * (2 * CELLS + 1); k += 20) {
        const pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            run_and_save(3, k);
            _exit(0);
        }
        int status = 0;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(status, 0);
        ketch_engine *const engine = make_engine(2);
        mill m;
        ketch_result *const result = must_load(engine, &mill_type, &m);
        ck_assert_int_eq(ketch_result_status(result), KETCH_STOPPED);
        must_resume(engine, result);
        check_finished(result, &m);
        ketch_result_destroy(result);
        end_engine(engine);
    }
}
END_TEST

/* ---- while it runs ---- */

enum { KEPT = 4 };

/* A file is kept from time to time, as the run goes on. */
typedef struct keeper {
    int kept, ticks, stop_in;
} keeper;

static void kept_path(char path[100], int number)
{
    snprintf(path, 100, "%s/kept-%d", save_directory, number);
}

static int32_t keep_file(const ketch_step *step, void *user)
{
    (void)step;
    keeper *const k = user;
    char path[100];
    k->ticks++;
    if (access(save_path, F_OK) == 0 && k->kept < KEPT) {
        kept_path(path, k->kept++);
        const contents file = read_bytes(save_path);
        write_bytes(path, file.data, file.size);
        free(file.data);
    }
    return k->ticks == k->stop_in;
}

static ketch_status clock_save(ketch_writer *writer, const void *user)
{
    return ketch_writer_section(writer, "clock", user, sizeof(clockwork));
}

static ketch_status clock_load(ketch_job *job, ketch_reader *reader, void *context,
                               ketch_engine *engine, ketch_error *told)
{
    (void)engine;
    clockwork *const c = context;
    const ketch_status status = ketch_reader_section(reader, "clock", c, sizeof *c, told);
    job->steps = c->limit ? c->limit : UINT64_MAX;
    job->user = c;
    return status;
}

static const ketch_job_type saved_clock_type = {.size = sizeof(ketch_job_type),
                                                .name = "test.clock",
                                                .version = 1,
                                                .advance = tick_on,
                                                .save = clock_save,
                                                .load = clock_load};

static ketch_job saved_clock_job(clockwork *c)
{
    ketch_job job = clockwork_job(c);
    job.type = &saved_clock_type;
    return job;
}

/* Every kept file is a run in its middle, which ends as the other did. */
static void check_kept(ketch_engine *engine, const keeper *k, uint64_t sweeps)
{
    for (int i = 0; i < k->kept; i++) {
        char path[100];
        clockwork c = {0};
        ketch_result *result = NULL;
        kept_path(path, i);
        ck_assert_msg(ketch_result_load(&result, engine, &saved_clock_type, &c, path, &error) ==
                          KETCH_OK,
                      "%s", error.message);
        ck_assert_int_eq(ketch_result_status(result), KETCH_STOPPED);
        must_resume(engine, result);
        ck_assert_uint_eq(c.sweeps, sweeps);
        ck_assert_uint_eq(report_of(result).indices, 1000 * sweeps);
        ck_assert_uint_eq(c.indices, 1000 * sweeps);
        ketch_result_destroy(result);
    }
}

START_TEST(a_run_is_saved_while_it_goes_on)
{
    ketch_engine *const engine = make_engine(1 + _i);
    clockwork c = {.limit = 10};
    keeper k = {0};
    const ketch_job job = saved_clock_job(&c);
    const ketch_run run = {.size = sizeof run,
                           .hook = keep_file,
                           .user = &k,
                           .tick_seconds = 0.01,
                           .save_path = save_path,
                           .save_seconds = 0.01};
    ketch_result *result = NULL;
    ck_assert_msg(ketch_engine_run(&result, engine, &job, &run, &error) == KETCH_OK, "%s",
                  error.message);
    ck_assert_uint_eq(c.indices, 10000);
    ck_assert_uint_gt(report_of(result).saves, 2);
    ck_assert_int_gt(k.kept, 1);
    ketch_result_destroy(result);
    check_kept(engine, &k, 10);
    end_engine(engine);
}
END_TEST

/* Every look is a save then. */
START_TEST(the_shortest_period_does_not_keep_a_run_from_ending)
{
    ketch_engine *const engine = make_engine(1 + _i);
    mill m = new_mill(_i);
    const ketch_job job = mill_job(&m);
    const ketch_run run = {.size = sizeof run, .save_path = save_path, .save_seconds = 1e-300};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_OK);
    check_finished(result, &m);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

START_TEST(an_ended_run_comes_back_without_computing)
{
    run_and_save(2, -1);
    ketch_engine *const engine = make_engine(1);
    mill m;
    ketch_result *const result = must_load(engine, &mill_type, &m);
    ck_assert_int_eq(ketch_result_status(result), KETCH_OK);
    check_finished(result, &m);
    must_resume(engine, result);
    ck_assert_int_eq(m.calls, 0);
    ck_assert_uint_eq(report_of(result).saves, 1);
    ck_assert_int_eq(report_of(result).threads, 2);
    ketch_result_destroy(result);
    ketch_saved *saved = NULL;
    ketch_saved_info info = {.size = sizeof info};
    ck_assert_int_eq(ketch_saved_open(&saved, save_path, &error), KETCH_OK);
    ck_assert_int_eq(ketch_saved_get_info(&info, saved, &error), KETCH_OK);
    ck_assert(info.ended == 1 && info.done == STEPS && info.total == STEPS);
    ck_assert_str_eq(info.type, "test.mill");
    ketch_saved_close(saved);
    end_engine(engine);
}
END_TEST

/* A hook's stop that meets a save is not lost: it stops at that very tick. */
START_TEST(a_stop_is_not_lost_between_saves)
{
    ketch_engine *const engine = make_engine(3);
    for (int stop_in = 1; stop_in < 20; stop_in++) {
        clockwork c = {0};
        keeper k = {.kept = KEPT, .stop_in = stop_in};
        const ketch_job job = saved_clock_job(&c);
        const ketch_run run = {.size = sizeof run,
                               .hook = keep_file,
                               .user = &k,
                               .tick_seconds = 1e-4,
                               .save_path = save_path,
                               .save_seconds = 1e-6};
        ketch_result *result = NULL;
        ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_STOPPED);
        ck_assert_int_eq(k.ticks, stop_in);
        ck_assert_int_eq(ketch_result_hook(result), 1);
        ketch_result_destroy(result);
    }
    end_engine(engine);
}
END_TEST

/* ---- where a run stops or fails ---- */

static int32_t fail_at_once(const ketch_step *step, void *user)
{
    (void)step, (void)user;
    return -5;
}

START_TEST(a_run_that_stops_leaves_its_file)
{
    ketch_engine *const engine = make_engine(2);
    const struct {
        ketch_run run;
        ketch_status status;
    } cases[] = {
        {{.timeout = 0.01}, KETCH_TIMEOUT},
        {{.hook = fail_at_once, .tick_seconds = 0.001}, KETCH_HOOK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clockwork c = {.limit = 5}, moved = {0};
        const ketch_job job = saved_clock_job(&c);
        ketch_run run = cases[i].run;
        run.size = sizeof run;
        run.save_path = save_path;
        ketch_result *result = NULL;
        ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), cases[i].status);
        ketch_result_destroy(result);
        result = must_load(engine, &saved_clock_type, &moved);
        ck_assert_int_eq(ketch_result_status(result), cases[i].status);
        must_resume(engine, result);
        ck_assert_uint_eq(moved.indices, 5000);
        ketch_result_destroy(result);
    }
    end_engine(engine);
}
END_TEST

/* After the third save the directory is gone, for a while. */
static char moved_directory[80];

static int32_t move_directory(const ketch_step *step, void *user)
{
    (void)step;
    int *const files = user;
    if (access(save_path, F_OK) == 0 && ++*files == 3)
        ck_assert_int_eq(rename(save_directory, moved_directory), 0);
    return 0;
}

START_TEST(a_failed_save_ends_the_run_where_it_stands)
{
    ketch_engine *const engine = make_engine(2);
    clockwork c = {.limit = 15}, old = {0};
    int files = 0;
    const ketch_job job = saved_clock_job(&c);
    ketch_run run = {.size = sizeof run,
                     .hook = move_directory,
                     .user = &files,
                     .tick_seconds = 0.01,
                     .save_path = save_path,
                     .save_seconds = 0.01};
    snprintf(moved_directory, sizeof moved_directory, "%s-moved", save_directory);
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_IO);
    ck_assert_int_eq(error.system, ENOENT);
    ck_assert_str_eq(error.function, "ketch_engine_run");
    ck_assert_int_eq(ketch_result_status(result), KETCH_IO);
    ck_assert_int_eq(position_of(result).ended, 0);
    ck_assert_int_eq(rename(moved_directory, save_directory), 0);
    ketch_result *const older = must_load(engine, &saved_clock_type, &old);
    ck_assert_uint_le(old.indices, c.indices);
    run.hook = NULL;
    ck_assert_int_eq(ketch_engine_resume(engine, result, &run, &error), KETCH_OK);
    ck_assert_uint_eq(c.indices, 15000);
    must_resume(engine, older);
    ck_assert_uint_eq(old.indices, 15000);
    ketch_result_destroy(result);
    ketch_result_destroy(older);
    end_engine(engine);
}
END_TEST

/* The last save failed; saved again, the run has still ended. */
START_TEST(a_run_that_ends_without_its_file_has_ended)
{
    ketch_engine *const engine = make_engine(2);
    clockwork c = {.limit = 20};
    int files = 2;
    const ketch_job job = saved_clock_job(&c);
    const ketch_run run = {.size = sizeof run,
                           .hook = move_directory,
                           .user = &files,
                           .tick_seconds = 0.01,
                           .save_path = save_path};
    snprintf(moved_directory, sizeof moved_directory, "%s-moved", save_directory);
    write_bytes(save_path, kt_magic, sizeof kt_magic);
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_IO);
    ck_assert_int_eq(ketch_result_status(result), KETCH_OK);
    ck_assert_int_eq(position_of(result).ended, 1);
    ck_assert_int_eq(rename(moved_directory, save_directory), 0);
    ck_assert_int_eq(ketch_engine_resume(engine, result, &run, &error), KETCH_OK);
    ketch_result_destroy(result);
    result = must_load(engine, &saved_clock_type, &c);
    ck_assert_int_eq(ketch_result_status(result), KETCH_OK);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* ---- from fence to fence ---- */

START_TEST(a_run_by_hand_is_saved_by_time_and_at_its_end)
{
    ketch_engine *const engine = make_engine(2);
    mill m = new_mill(1), moved;
    const ketch_job job = mill_job(&m);
    const ketch_run seldom = {.size = sizeof seldom, .save_path = save_path, .save_seconds = 1000};
    const ketch_run often = {.size = sizeof often, .save_path = save_path, .save_seconds = 0.001};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_begin(&result, engine, &job, &seldom, &error), KETCH_OK);
    ck_assert_int_eq(ketch_engine_advance(engine, result, &seldom, &error), KETCH_OK);
    ck_assert_int_eq(access(save_path, F_OK), -1);
    usleep(15000);
    ck_assert_int_eq(ketch_engine_advance(engine, result, &often, &error), KETCH_OK);
    ketch_result *const loaded = must_load(engine, &mill_type, &moved);
    const ketch_position now = position_of(result), then = position_of(loaded);
    ck_assert_uint_ge(now.done, then.done);
    while (!position_of(result).ended)
        ck_assert_int_eq(ketch_engine_advance(engine, result, &seldom, &error), KETCH_OK);
    ketch_result *const last = must_load(engine, &mill_type, &moved);
    ck_assert_int_eq(ketch_result_status(last), KETCH_OK);
    ketch_result_destroy(result);
    ketch_result_destroy(loaded);
    ketch_result_destroy(last);
    end_engine(engine);
}
END_TEST

/* Steps of 2 ms with a fence after each, and never a look. */
static ketch_status step_serially(ketch_context *context, void *user)
{
    clockwork *const c = user;
    if (c->sweeps == c->limit)
        return KETCH_OK;
    usleep(2000);
    c->sweeps++;
    ketch_context_retire(context, 1);
    return ketch_context_fence(context, c);
}

static const ketch_job_type serial_type = {.size = sizeof(ketch_job_type),
                                           .name = "test.serial",
                                           .version = 1,
                                           .advance = step_serially,
                                           .save = clock_save,
                                           .load = clock_load};

START_TEST(a_job_of_fences_alone_is_saved_at_fences)
{
    ketch_engine *const engine = make_engine(1);
    clockwork c = {.limit = 50};
    const ketch_job job = {.size = sizeof job, .type = &serial_type, .steps = c.limit, .user = &c};
    const ketch_run run = {.size = sizeof run, .save_path = save_path, .save_seconds = 0.01};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_OK);
    ck_assert_uint_gt(report_of(result).saves, 3);
    ck_assert_uint_eq(c.sweeps, 50);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* ---- what is refused ---- */

static void must_refuse_run(ketch_run run, const ketch_job *job, ketch_status status,
                            const char *argument)
{
    ketch_engine *const engine = make_engine(1);
    run.size = sizeof run;
    for (int begin = 0; begin < 2; begin++) {
        ketch_result *result = NULL;
        const ketch_status got = begin ? ketch_engine_begin(&result, engine, job, &run, &error)
                                       : ketch_engine_run(&result, engine, job, &run, &error);
        ck_assert_msg(got == status, "%d: %s", got, error.message);
        ck_assert_str_eq(error.argument, argument);
        ck_assert_ptr_null(result);
    }
    end_engine(engine);
}

START_TEST(what_cannot_be_saved_is_refused_before_it_runs)
{
    mill m = new_mill(0);
    clockwork c = {.limit = 1};
    const ketch_job job = mill_job(&m), silent = clockwork_job(&c);
    write_bytes(save_path, "a letter", 8);
    must_refuse_run((ketch_run){.save_path = save_path}, &job, KETCH_FORMAT, "path");
    unlink(save_path);
    must_refuse_run((ketch_run){.save_path = save_path}, &silent, KETCH_OFF, "result");
    must_refuse_run((ketch_run){.save_path = "/nowhere/run.save"}, &job, KETCH_IO, "path");
    must_refuse_run((ketch_run){.save_seconds = 1}, &job, KETCH_HANDLE, "save_path");
    must_refuse_run((ketch_run){.save_note = "x", .save_note_size = 1}, &job, KETCH_HANDLE,
                    "save_path");
    must_refuse_run((ketch_run){.save_path = save_path, .save_note_size = 1}, &job, KETCH_HANDLE,
                    "note");
    must_refuse_run((ketch_run){.save_path = save_path, .save_seconds = -1}, &job, KETCH_RANGE,
                    "save_seconds");
    must_refuse_run((ketch_run){.save_path = save_path, .save_seconds = 0.0 / 0.0}, &job,
                    KETCH_NONFINITE, "save_seconds");
    ck_assert_int_eq(m.calls, 0);
    ck_assert_int_eq(m.released, 0);
    ck_assert_int_eq(each_entry(NULL), 0);
}
END_TEST

START_TEST(a_note_of_the_run_is_kept)
{
    ketch_engine *const engine = make_engine(1);
    mill m = new_mill(0);
    const ketch_job job = mill_job(&m);
    const ketch_run run = {
        .size = sizeof run, .save_path = save_path, .save_note = "grain", .save_note_size = 6};
    ketch_result *result = NULL;
    ketch_saved *saved = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_OK);
    ck_assert_int_eq(ketch_saved_open(&saved, save_path, &error), KETCH_OK);
    ck_assert_str_eq(ketch_saved_note(saved), "grain");
    ketch_saved_close(saved);
    ck_assert_int_eq(ketch_result_save(result, save_path, "flour", 6, 0, &error), KETCH_OK);
    ck_assert_int_eq(ketch_saved_open(&saved, save_path, &error), KETCH_OK);
    ck_assert_str_eq(ketch_saved_note(saved), "flour");
    ketch_saved_close(saved);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

static ketch_status load_nothing(ketch_job *job, ketch_reader *reader, void *context,
                                 ketch_engine *engine, ketch_error *told)
{
    (void)reader, (void)engine, (void)told;
    mill *const m = context;
    fill_mill_job(job, m);
    job->steps += (uint64_t)m->stop_at;
    return m->round ? (ketch_status)m->round : KETCH_OK;
}

static void must_refuse_load(const ketch_job_type *type, mill *m, ketch_status status,
                             int32_t released)
{
    ketch_engine *const engine = make_engine(1);
    ketch_result *result = (ketch_result *)m;
    m->released = 0;
    const ketch_status got = ketch_result_load(&result, engine, type, m, save_path, &error);
    ck_assert_msg(got == status, "%d: %s", got, error.message);
    ck_assert_ptr_null(result);
    ck_assert_int_eq(m->released, released);
    end_engine(engine);
}

START_TEST(what_does_not_fit_is_not_loaded)
{
    run_and_save(1, 30);
    mill m = {.stop_at = 0};
    ketch_job_type type = mill_type;
    type.load = load_nothing;
    must_refuse_load(NULL, &m, KETCH_HANDLE, 0);
    m.round = KETCH_LIMIT;
    must_refuse_load(&type, &m, KETCH_LIMIT, 0);
    m.round = KETCH_STOPPED;
    must_refuse_load(&type, &m, KETCH_MISMATCH, 0);
    m.round = 0;
    m.stop_at = 1;
    must_refuse_load(&type, &m, KETCH_MISMATCH, 1);
    type.load = NULL;
    must_refuse_load(&type, &m, KETCH_OFF, 0);
    type = mill_type;
    type.name = "test.other";
    must_refuse_load(&type, &m, KETCH_FORMAT, 0);
    type = mill_type;
    type.version = 0;
    must_refuse_load(&type, &m, KETCH_VERSION, 0);
    type.name = "Test Mill";
    must_refuse_load(&type, &m, KETCH_RANGE, 0);
    unlink(save_path);
    must_refuse_load(&mill_type, &m, KETCH_IO, 0);
}
END_TEST

/* Damage in a section that load does not read is found behind it. */
START_TEST(damage_that_nobody_reads_is_found)
{
    run_and_save(1, 30);
    const contents file = read_bytes(save_path);
    mill m = {.stop_at = 0};
    ketch_job_type type = mill_type;
    type.load = load_nothing;
    for (size_t i = 0; i < file.size; i += 31) {
        file.data[i] ^= 1;
        write_bytes(save_path, file.data, file.size);
        file.data[i] ^= 1;
        ketch_engine *const engine = make_engine(1);
        ketch_result *result = NULL;
        const ketch_status got = ketch_result_load(&result, engine, &type, &m, save_path, &error);
        ck_assert(got == KETCH_CORRUPT || (got == KETCH_FORMAT && i < 8));
        ck_assert_ptr_null(result);
        end_engine(engine);
    }
    ck_assert_int_gt(m.released, 5);
    free(file.data);
}
END_TEST

/* What a hook may not do. */
typedef struct intruder {
    ketch_engine *engine;
    ketch_result *result;
    int32_t called;
} intruder;

static int32_t intrude(const ketch_step *step, void *user)
{
    (void)step;
    intruder *const i = user;
    ketch_result *result = NULL;
    mill m;
    i->called++;
    ck_assert_int_eq(ketch_result_save(i->result, save_path, NULL, 0, 0, &error), KETCH_BUSY);
    ck_assert_int_eq(ketch_result_load(&result, i->engine, &mill_type, &m, save_path, &error),
                     KETCH_BUSY);
    return 0;
}

START_TEST(a_run_that_is_on_is_not_saved_by_others)
{
    intruder i = {.engine = make_engine(1)};
    mill m = new_mill(1);
    const ketch_job job = mill_job(&m);
    const ketch_run run = {.size = sizeof run, .hook = intrude, .user = &i};
    ck_assert_int_eq(ketch_engine_begin(&i.result, i.engine, &job, NULL, &error), KETCH_OK);
    ck_assert_int_eq(ketch_engine_resume(i.engine, i.result, &run, &error), KETCH_OK);
    ck_assert_int_gt(i.called, 3);
    ck_assert_int_eq(each_entry(NULL), 0);
    ck_assert_int_eq(ketch_result_save(NULL, save_path, NULL, 0, 0, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_result_save(i.result, NULL, NULL, 0, 0, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_result_load(NULL, i.engine, &mill_type, &m, save_path, &error),
                     KETCH_HANDLE);
    ketch_result *other = i.result;
    ck_assert_int_eq(ketch_result_load(&other, i.engine, &mill_type, &m, NULL, &error),
                     KETCH_HANDLE);
    ck_assert_ptr_null(other);
    ketch_result_destroy(i.result);
    end_engine(i.engine);
}
END_TEST

static ketch_status silent_advance(ketch_context *context, void *user)
{
    return tick_on(context, user);
}

START_TEST(a_job_that_cannot_be_saved_says_so)
{
    ketch_engine *const engine = make_engine(1);
    const ketch_job_type type = {.size = offsetof(ketch_job_type, need),
                                 .name = "test.silent",
                                 .version = 1,
                                 .advance = silent_advance};
    clockwork c = {.limit = 1};
    const ketch_job job = {.size = sizeof job, .type = &type, .steps = 1, .user = &c};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_OK);
    ck_assert_int_eq(ketch_result_save(result, save_path, NULL, 0, 0, &error), KETCH_OFF);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* In the child the run stands with indices that nobody finishes. */
static int32_t fork_once(const ketch_step *step, void *user)
{
    (void)step;
    pid_t *const child = user;
    if (*child < 0)
        *child = fork();
    return 0;
}

START_TEST(a_forked_run_is_saved_by_its_parent_alone)
{
    ketch_engine *const engine = make_engine(2);
    clockwork c = {.limit = 10}, loaded = {0};
    pid_t child = -1;
    const ketch_job job = saved_clock_job(&c);
    const ketch_run run = {.size = sizeof run,
                           .hook = fork_once,
                           .user = &child,
                           .tick_seconds = 0.001,
                           .save_path = save_path};
    ketch_result *result = NULL;
    const ketch_status status = ketch_engine_run(&result, engine, &job, &run, &error);
    if (child == 0)
        _exit(status == KETCH_FORKED &&
                      ketch_result_save(result, save_path, NULL, 0, 0, NULL) == KETCH_FORKED
                  ? 7
                  : 1);
    int ending = 0;
    ck_assert_int_eq(waitpid(child, &ending, 0), child);
    ck_assert(WIFEXITED(ending) && WEXITSTATUS(ending) == 7);
    ck_assert_int_eq(status, KETCH_OK);
    ketch_result_destroy(result);
    ketch_result_destroy(must_load(engine, &saved_clock_type, &loaded));
    ck_assert_uint_eq(loaded.indices, 10000);
    end_engine(engine);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("result save");
    TCase *const moved = save_case(suite, "moved");
    tcase_add_loop_test(moved, stopped_anywhere_a_run_goes_on_from_its_file, 0, 9);
    tcase_add_loop_test(moved, open_indices_go_on_from_the_file, 0, 3);
    TCase *const running = save_case(suite, "running");
    tcase_add_loop_test(running, a_run_is_saved_while_it_goes_on, 0, 3);
    tcase_add_loop_test(running, the_shortest_period_does_not_keep_a_run_from_ending, 0, 3);
    save_tests(suite, "ends",
               (const TTest *const[]){
                   an_ended_run_comes_back_without_computing, a_stop_is_not_lost_between_saves,
                   a_run_that_stops_leaves_its_file, a_failed_save_ends_the_run_where_it_stands,
                   a_run_that_ends_without_its_file_has_ended,
                   a_run_by_hand_is_saved_by_time_and_at_its_end,
                   a_job_of_fences_alone_is_saved_at_fences, NULL});
    save_tests(suite, "refused",
               (const TTest *const[]){what_cannot_be_saved_is_refused_before_it_runs,
                                      a_note_of_the_run_is_kept, what_does_not_fit_is_not_loaded,
                                      damage_that_nobody_reads_is_found,
                                      a_run_that_is_on_is_not_saved_by_others,
                                      a_job_that_cannot_be_saved_says_so, NULL});
    TCase *const forks = save_case(suite, "fork");
    tcase_set_tags(forks, "fork");
    tcase_add_test(forks, another_process_goes_on);
    tcase_add_test(forks, a_forked_run_is_saved_by_its_parent_alone);
    return end_with(suite);
}
