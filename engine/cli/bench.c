#define _GNU_SOURCE
#include "cli/bench.h"

#include "cli/interrupt.h"
#include "cli/say.h"

#include <stdlib.h>
#include <time.h>

enum { DEFAULT_REPEAT = 10 };

/* Runs that take longer are drawn while they are on; in shorter ones a hook would cost time. */
static const double drawn_run_seconds = 0.05;

static double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- what is measured: thread counts, and memory for their times ---- */

/* 1, 2, 4 and so on below the number of cores, and that number. */
static int32_t list_cores(int32_t list[KETCH_THREADS_MAX], int32_t cores)
{
    int32_t count = 0;
    for (int32_t threads = 1; threads < cores; threads *= 2)
        list[count++] = threads;
    list[count++] = cores;
    return count;
}

static int32_t list_threads(int32_t list[KETCH_THREADS_MAX], const kt_work *work)
{
    const kt_options *const options = work->options;
    ketch_engine_info info = {.size = sizeof info};
    ketch_engine_get_info(&info, work->engine, NULL);
    if (!options->thread_count)
        return list_cores(list, info.threads);
    for (int32_t i = 0; i < options->thread_count; i++)
        list[i] = options->thread_list[i];
    return options->thread_count;
}

/* One block: the rows, and behind them their times. */
static ketch_status take_bench(kt_bench *bench, kt_work *work)
{
    int32_t list[KETCH_THREADS_MAX];
    bench->count = list_threads(list, work);
    bench->repeat = work->options->repeat ? work->options->repeat : DEFAULT_REPEAT;
    bench->total = (uint64_t)bench->count * (bench->repeat + 1);
    const uint64_t rows = (uint64_t)bench->count * sizeof *bench->rows;
    const uint64_t times = (uint64_t)bench->count * bench->repeat * sizeof(double);
    const ketch_status status =
        ketch_block_take(&bench->block, work->arena, rows + times, "bench", &work->error);
    if (status != KETCH_OK)
        return status;
    bench->rows = ketch_block_data(bench->block);
    double *const first = (double *)(bench->rows + bench->count);
    for (int32_t i = 0; i < bench->count; i++)
        bench->rows[i] =
            (kt_bench_row){.threads = list[i], .times = first + (uint64_t)i * bench->repeat};
    return KETCH_OK;
}

static void end_bench(kt_bench *bench)
{
    for (int32_t i = 0; bench->block && i < bench->count; i++)
        ketch_engine_destroy(bench->rows[i].engine, NULL);
    if (bench->block)
        ketch_block_drop(bench->block);
}

/* ---- progress ---- */

/* part: of the run that is on. */
static void draw_progress(kt_bench *bench, double part)
{
    const ketch_step step = {.size = sizeof step,
                             .fraction = ((double)bench->done + part) / (double)bench->total,
                             .seconds = clock_seconds() - bench->begun};
    kt_bar_hook(&step, &bench->bar);
}

static int32_t bench_hook(const ketch_step *step, void *user)
{
    draw_progress(user, step->fraction);
    return 0;
}

/* ---- runs ---- */

/* Runs the program once and adds its report to the row's sums. seconds: how long the call took. */
static ketch_status run_once(double *seconds, kt_bench *bench, kt_bench_row *row, kt_work *work,
                             bool with_hook, bool with_report)
{
    const ketch_run run = {.size = sizeof run,
                           .hook = with_hook ? bench_hook : NULL,
                           .user = bench,
                           .stop = bench->stop,
                           .report = with_report};
    ketch_result *result = NULL;
    ketch_report report = {.size = sizeof report};
    const double begun = clock_seconds();
    const ketch_status status =
        ketch_program_run(&result, row->engine, work->program, NULL, NULL, &run, &work->error);
    *seconds = clock_seconds() - begun;
    if (status == KETCH_OK) {
        ketch_result_get_report(&report, result, NULL);
        row->cpu += report.cpu_seconds;
        row->measured += report.measured_seconds;
        row->bytes = report.bytes;
    }
    ketch_result_destroy(result);
    return status;
}

/* The first run plans the circuit, starts the threads, and gets its memory from the system. */
static ketch_status run_first(kt_bench *bench, kt_bench_row *row, kt_work *work)
{
    const ketch_engine_options engine = {
        .size = sizeof engine, .threads = row->threads, .arena = work->arena};
    const ketch_program_options how = {.size = sizeof how,
                                       .precision = work->options->precision,
                                       .cost_table = work->costs,
                                       .arena = work->arena};
    double seconds = 0;
    ketch_program_drop(work->program);
    work->program = NULL;
    ketch_arena_trim(work->arena);
    const double begun = clock_seconds();
    ketch_status status = ketch_engine_create(&row->engine, &engine, &work->error);
    if (status == KETCH_OK)
        status = ketch_program_create(&work->program, work->circuit, &how, &work->error);
    if (status == KETCH_OK)
        status = run_once(&seconds, bench, row, work, true, false);
    if (status == KETCH_OK)
        row->first = clock_seconds() - begun;
    row->cpu = row->measured = 0;
    return status;
}

/* A run that is too short to be measured runs once more, so that its time is not changed by that. */
static ketch_status run_again(kt_bench *bench, kt_bench_row *row, kt_work *work)
{
    const bool is_long = row->first > drawn_run_seconds;
    const double measured = row->measured;
    double seconds, unused;
    ketch_status status = run_once(&seconds, bench, row, work, is_long, false);
    if (status == KETCH_OK && row->measured == measured)
        status = run_once(&unused, bench, row, work, false, true);
    if (status == KETCH_OK)
        row->times[row->runs++] = seconds;
    return status;
}

/* Thread counts take turns, forwards and backwards, so that whatever else the machine does meets all
 * of them alike. */
static ketch_status run_all(kt_bench *bench, kt_work *work)
{
    ketch_status status = KETCH_OK;
    for (uint64_t round = 0; status == KETCH_OK && round <= bench->repeat; round++)
        for (int32_t i = 0; status == KETCH_OK && i < bench->count; i++) {
            kt_bench_row *const row = &bench->rows[round % 2 ? bench->count - 1 - i : i];
            status = round ? run_again(bench, row, work) : run_first(bench, row, work);
            bench->done += status == KETCH_OK;
            draw_progress(bench, 0);
        }
    return status;
}

/* ---- what comes of it ---- */

static int compare_seconds(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

/* Between sorted numbers, linearly. */
static double quantile(const double *sorted, uint64_t count, double part)
{
    const double place = part * (double)(count - 1);
    const uint64_t below = (uint64_t)place;
    const double next = below + 1 < count ? sorted[below + 1] : sorted[below];
    return sorted[below] + (place - (double)below) * (next - sorted[below]);
}

static void summarize(kt_bench *bench)
{
    const kt_bench_row *base = NULL;
    for (int32_t i = 0; i < bench->count; i++) {
        kt_bench_row *const row = &bench->rows[i];
        if (!row->runs)
            continue;
        qsort(row->times, (size_t)row->runs, sizeof *row->times, compare_seconds);
        row->low = quantile(row->times, row->runs, 0.25);
        row->median = quantile(row->times, row->runs, 0.5);
        row->high = quantile(row->times, row->runs, 0.75);
        base = !base || row->threads < base->threads ? row : base;
    }
    for (int32_t i = 0; base && i < bench->count; i++) {
        kt_bench_row *const row = &bench->rows[i];
        row->speed_up = row->runs ? base->median / row->median : 0;
        row->efficiency = row->speed_up * base->threads / row->threads;
        bench->base = base->threads;
    }
}

static kt_exit tell_bench(kt_bench *bench, const kt_work *work, ketch_status status)
{
    summarize(bench);
    if (work->options->json)
        kt_bench_json(bench, work, status);
    else
        kt_bench_text(bench, work);
    if (status == KETCH_OK)
        return KT_EXIT_GOOD;
    kt_say("ketch: interrupted after ",
           kt_format("%llu of %llu runs", (unsigned long long)bench->done,
                     (unsigned long long)bench->total)
               .text,
           NULL);
    return KT_EXIT_INTERRUPTED;
}

static kt_exit measure(kt_work *work)
{
    kt_interrupt interrupt;
    kt_bench bench = {.begun = clock_seconds()};
    ketch_status status = take_bench(&bench, work);
    if (status != KETCH_OK)
        return kt_work_fail(work);
    bench.stop = kt_interrupt_begin(&interrupt);
    kt_bar_begin(&bench.bar, work->options->progress);
    status = run_all(&bench, work);
    kt_bar_end(&bench.bar, (double)bench.done / (double)bench.total, clock_seconds() - bench.begun);
    kt_interrupt_end(&interrupt);
    const kt_exit code = status == KETCH_OK || status == KETCH_STOPPED
                             ? tell_bench(&bench, work, status)
                             : kt_work_fail(work);
    end_bench(&bench);
    return code;
}

kt_exit kt_command_bench(const kt_options *options)
{
    kt_work work;
    kt_exit code = kt_work_open(&work, options);
    if (code == KT_EXIT_GOOD)
        code = kt_work_read(&work);
    if (code == KT_EXIT_GOOD && options->costs)
        code = kt_costs_read(&work, options->costs);
    if (code == KT_EXIT_GOOD)
        code = measure(&work);
    kt_work_end(&work);
    return code;
}
