/* What a run took: processor time of its threads, when it is measured, and what follows from it. */
#define _GNU_SOURCE
#include "mill.h"
#include "suite.h"

#include <time.h>
#include <unistd.h>

/* ---- a job whose share of the processors is known ---- */

/* busy: seconds of processor time that each of the first busy_count indices of a sweep takes. The
 * other indices sleep for `asleep` seconds. */
typedef struct share {
    double busy, asleep;
    uint64_t count, busy_count, sweeps, done;
    ketch_stop *stop; /* set in the first sweep; NULL: not */
} share;

static void burn(double seconds)
{
    const double end = kt_cpu_thread_seconds() + seconds;
    while (kt_cpu_thread_seconds() < end)
        ;
}

static void nap(double seconds)
{
    struct timespec left = {.tv_nsec = (long)(seconds * 1e9)};
    while (seconds > 0 && nanosleep(&left, &left))
        ;
}

static ketch_status work_or_sleep(uint64_t index, int32_t worker, void *user)
{
    (void)worker;
    const share *const s = user;
    if (index < s->busy_count)
        burn(s->busy);
    else
        nap(s->asleep);
    return KETCH_OK;
}

static ketch_status advance_share(ketch_context *context, void *user)
{
    share *const s = user;
    while (s->done < s->sweeps) {
        const ketch_status status = ketch_context_parallel(context, s->count, 1, work_or_sleep, s);
        if (status != KETCH_OK)
            return status;
        ketch_context_count(context, 1000000);
        s->done++;
        ketch_stop_set(s->stop);
    }
    return KETCH_OK;
}

static const ketch_job_type share_type = {
    .size = sizeof(ketch_job_type), .name = "test.share", .version = 1, .advance = advance_share};

static ketch_job share_job(share *s)
{
    return (ketch_job){
        .size = sizeof(ketch_job), .type = &share_type, .steps = s->sweeps, .user = s};
}

static ketch_report run_share(share *s, int32_t threads, const ketch_run *run)
{
    ketch_engine *const engine = make_engine(threads);
    const ketch_job job = share_job(s);
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, run, &error), KETCH_OK);
    const ketch_report report = report_of(result);
    ketch_result_destroy(result);
    end_engine(engine);
    return report;
}

/* Starting and waking threads takes processor time, too: a little, or more with a sanitizer. */
static double overhead(double sweeps)
{
    return (WITH_TSAN ? 0.5 : 0.03) + sweeps * 30e-6;
}

static void check_cpu(const ketch_report *report, double expected, double sweeps)
{
    ck_assert_double_ge(report->cpu_seconds, 0.99 * expected - 1e-4 * sweeps);
    ck_assert_double_le(report->cpu_seconds, expected + overhead(sweeps));
    ck_assert_double_eq(report->measured_seconds, report->seconds);
    ck_assert_double_eq(report->cores_busy, report->cpu_seconds / report->measured_seconds);
    ck_assert_double_eq(report->bytes_per_second, (double)report->bytes / report->seconds);
}

/* One index computes while the others sleep: whichever threads they are on, the processor time is
 * that of the one. */
START_TEST(one_is_busy_and_the_others_sleep)
{
    share s = {.busy = 0.1, .asleep = 0.15, .count = 3, .busy_count = 1, .sweeps = 1};
    const ketch_report report = run_share(&s, 1 + _i, NULL);
    check_cpu(&report, 0.1, 1);
    ck_assert_double_lt(report.cores_busy, 0.95);
}
END_TEST

START_TEST(all_are_busy)
{
    share s = {.busy = 0.02, .count = 8, .busy_count = 8, .sweeps = 2};
    const ketch_report report = run_share(&s, 1 + _i, NULL);
    check_cpu(&report, 16 * 0.02, 2);
}
END_TEST

/* Serial work, in which no thread but the caller's computes. */
static ketch_status advance_serially(ketch_context *context, void *user)
{
    (void)context;
    const share *const s = user;
    burn(s->busy);
    nap(s->asleep);
    return KETCH_OK;
}

START_TEST(serial_work_counts)
{
    static const ketch_job_type type = {.size = sizeof(ketch_job_type),
                                        .name = "test.serial",
                                        .version = 1,
                                        .advance = advance_serially};
    share s = {.busy = 0.05, .asleep = 0.05};
    ketch_engine *const engine = make_engine(2);
    const ketch_job job = {.size = sizeof job, .type = &type, .user = &s};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_OK);
    const ketch_report report = report_of(result);
    check_cpu(&report, 0.05, 0);
    ck_assert_double_lt(report.cores_busy, 0.9);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* A thread that spins because it has no index is not busy. The index takes less time than threads
 * spin, so that they spin all the time. */
START_TEST(waiting_is_not_work)
{
    enum { SWEEPS = 1000 };
    share s = {.busy = 30e-6, .count = 2, .busy_count = 1, .sweeps = SWEEPS};
    ketch_engine *const engine = make_engine(2);
    const ketch_job job = share_job(&s);
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_OK);
    const ketch_report report = report_of(result);
    ck_assert_double_ge(report.cpu_seconds, 29e-6 * SWEEPS);
    if (!WITH_TSAN && !WITH_ASAN)
        ck_assert_double_le(report.cpu_seconds, 45e-6 * SWEEPS);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* ---- when it is measured ---- */

static ketch_report run_mill(const ketch_run *run, int32_t brief)
{
    ketch_engine *const engine = make_engine(1);
    mill m = new_mill(0);
    ketch_job job = mill_job(&m);
    job.brief = brief;
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, run, &error), KETCH_OK);
    const ketch_report report = report_of(result);
    ketch_result_destroy(result);
    end_engine(engine);
    return report;
}

/* On a machine that is busy the mill may take 1 ms. */
START_TEST(short_runs_are_measured_when_asked)
{
    const ketch_report plain = run_mill(NULL, 0);
    ck_assert((plain.measured_seconds > 0) == (plain.seconds >= 1e-3));
    ck_assert(plain.measured_seconds > 0 || (plain.cpu_seconds == 0 && plain.cores_busy == 0));
    const ketch_run run = {.size = sizeof run, .report = 1};
    for (int32_t brief = 0; brief < 2; brief++) {
        const ketch_report asked = run_mill(&run, brief);
        ck_assert_double_eq(asked.measured_seconds, asked.seconds);
        ck_assert_double_gt(asked.cpu_seconds, 0);
        ck_assert_double_gt(asked.cores_busy, 0);
    }
}
END_TEST

START_TEST(brief_jobs_are_not_measured)
{
    ketch_engine *const engine = make_engine(2);
    share s = {.busy = 0.002, .count = 4, .busy_count = 4, .sweeps = 1};
    ketch_job job = share_job(&s);
    job.brief = 1;
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_OK);
    const ketch_report report = report_of(result);
    ck_assert_double_ge(report.seconds, 0.004);
    ck_assert(report.cpu_seconds == 0 && report.measured_seconds == 0 && report.cores_busy == 0);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* Work of a run that is not measured is not in the next one's report. */
START_TEST(measurements_do_not_mix)
{
    ketch_engine *const engine = make_engine(3);
    for (int32_t i = 0; i < 6; i++) {
        share s = {.busy = 0.01, .count = 6, .busy_count = 6, .sweeps = 1};
        ketch_job job = share_job(&s);
        job.brief = i % 2;
        ketch_result *result = NULL;
        ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_OK);
        const ketch_report report = report_of(result);
        if (!job.brief)
            check_cpu(&report, 0.06, 1);
        ck_assert(!job.brief || report.cpu_seconds == 0);
        ketch_result_destroy(result);
    }
    end_engine(engine);
}
END_TEST

/* ---- resumed and saved runs ---- */

START_TEST(resumed_runs_add_up)
{
    ketch_stop stop = {0};
    share s = {.busy = 0.02, .count = 4, .busy_count = 4, .sweeps = 2, .stop = &stop};
    ketch_engine *const engine = make_engine(2), *const other = make_engine(1);
    const ketch_job job = share_job(&s);
    const ketch_run run = {.size = sizeof run, .stop = &stop};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &run, &error), KETCH_STOPPED);
    const ketch_report half = report_of(result);
    check_cpu(&half, 0.08, 1);
    ck_assert_int_eq(ketch_engine_resume(other, result, NULL, &error), KETCH_OK);
    const ketch_report whole = report_of(result);
    check_cpu(&whole, 0.16, 2);
    ketch_result_destroy(result);
    end_engine(engine);
    end_engine(other);
}
END_TEST

/* A call that is not measured adds to seconds alone. */
START_TEST(cores_are_those_of_measured_calls)
{
    ketch_engine *const engine = make_engine(1);
    mill m = new_mill(1);
    ketch_job job = mill_job(&m);
    job.brief = 1;
    const ketch_run asked = {.size = sizeof asked, .report = 1};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_begin(&result, engine, &job, NULL, &error), KETCH_OK);
    ck_assert_int_eq(ketch_engine_advance(engine, result, &asked, &error), KETCH_OK);
    const ketch_report first = report_of(result);
    ck_assert_double_gt(first.measured_seconds, 0);
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &error), KETCH_OK);
    const ketch_report last = report_of(result);
    ck_assert_double_eq(last.measured_seconds, first.measured_seconds);
    ck_assert_double_eq(last.cpu_seconds, first.cpu_seconds);
    ck_assert_double_gt(last.seconds, last.measured_seconds);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* The file has what was measured until it was written: a run that is loaded goes on from there. */
START_TEST(saved_runs_keep_it)
{
    char path[] = "/tmp/ketch_report_XXXXXX";
    const int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
    unlink(path);
    ketch_engine *const engine = make_engine(2);
    mill m = new_mill(0), loaded_mill;
    const ketch_job job = mill_job(&m);
    const ketch_run run = {.size = sizeof run, .report = 1, .save_path = path};
    ketch_result *result = NULL, *loaded = NULL;
    m.stop_at = 100;
    const ketch_run stopped = {
        .size = sizeof run, .report = 1, .save_path = path, .stop = &m.token};
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, &stopped, &error), KETCH_STOPPED);
    ck_assert_int_eq(ketch_result_load(&loaded, engine, &mill_type, &loaded_mill, path, &error),
                     KETCH_OK);
    const ketch_report before = report_of(result), after = report_of(loaded);
    ck_assert_double_gt(after.cpu_seconds, 0);
    ck_assert_double_le(after.cpu_seconds, before.cpu_seconds); /* less the save itself */
    ck_assert_double_eq(after.measured_seconds, after.seconds);
    ck_assert_int_eq(ketch_engine_resume(engine, loaded, &run, &error), KETCH_OK);
    const ketch_report end = report_of(loaded);
    ck_assert_double_gt(end.cpu_seconds, after.cpu_seconds);
    ck_assert_double_eq(end.measured_seconds, end.seconds);
    ketch_result_destroy(loaded);
    ck_assert_int_eq(ketch_result_load(&loaded, engine, &mill_type, &loaded_mill, path, &error),
                     KETCH_OK);
    ck_assert_double_gt(report_of(loaded).cpu_seconds, after.cpu_seconds);
    ketch_result_destroy(loaded);
    ketch_result_destroy(result);
    unlink(path);
    end_engine(engine);
}
END_TEST

/* ---- circuits ---- */

static ketch_report run_layers(int32_t qubits, int32_t layers, uint64_t shots, const ketch_run *run)
{
    ketch_engine *const engine = make_engine(2);
    ketch_circuit *circuit = NULL;
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_circuit_create(&circuit, qubits, 1, &error), KETCH_OK);
    for (int32_t layer = 0; layer < layers; layer++)
        for (int32_t q = 0; q < qubits; q++)
            ck_assert_int_eq(ketch_rx(circuit, 0.1 * (layer + q), q, &error), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_measure(circuit, 0, 0, &error), KETCH_OK);
    ck_assert_int_eq(ketch_x(circuit, 0, &error), KETCH_OK);
    const ketch_shots asked = {.size = sizeof asked, .shots = shots};
    ck_assert_int_eq(ketch_circuit_run(&result, engine, circuit, NULL, &asked, run, &error),
                     KETCH_OK);
    const ketch_report report = report_of(result);
    ketch_result_destroy(result);
    ketch_circuit_destroy(circuit);
    end_engine(engine);
    return report;
}

/* Large circuits, and small ones that run often, are measured where they take 1 ms; small ones only
 * when that is asked for. */
START_TEST(circuits_are_measured)
{
    const ketch_run asked = {.size = sizeof asked, .report = 1};
    ck_assert_double_eq(run_layers(4, 10, 1, NULL).measured_seconds, 0);
    const ketch_report small = run_layers(4, 10, 1, &asked);
    ck_assert(small.measured_seconds == small.seconds && small.cpu_seconds > 0);
    const ketch_report large = run_layers(18, 30, 1, NULL),
                       often = run_layers(4, 100, 200000, NULL);
    ck_assert_double_ge(large.seconds, 1e-3);
    ck_assert_double_ge(often.seconds, 1e-3);
    ck_assert_double_eq(large.measured_seconds, large.seconds);
    ck_assert_double_eq(often.measured_seconds, often.seconds);
    ck_assert(large.cores_busy > 0.05 && large.cores_busy < 2.2);
    ck_assert_double_gt(large.bytes_per_second, 0);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("report");
    TCase *const shares = tcase_create("shares"), *const when = tcase_create("when");
    tcase_set_timeout(shares, 120);
    tcase_set_timeout(when, 120);
    tcase_add_loop_test(shares, one_is_busy_and_the_others_sleep, 0, 3);
    tcase_add_loop_test(shares, all_are_busy, 0, 3);
    tcase_add_test(shares, serial_work_counts);
    tcase_add_test(shares, waiting_is_not_work);
    tcase_add_test(when, short_runs_are_measured_when_asked);
    tcase_add_test(when, brief_jobs_are_not_measured);
    tcase_add_test(when, measurements_do_not_mix);
    tcase_add_test(when, resumed_runs_add_up);
    tcase_add_test(when, cores_are_those_of_measured_calls);
    tcase_add_test(when, saved_runs_keep_it);
    tcase_add_test(when, circuits_are_measured);
    suite_add_tcase(suite, shares);
    suite_add_tcase(suite, when);
    return end_with(suite);
}
