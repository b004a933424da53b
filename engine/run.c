/* The run loop: carries a job from fence to fence, and between looks at the stop token, the clock
 * and the caller's hook. The only file that knows hooks. */
#include "engine.h"
#include "cpu.h"
#include "result.h"
#include "status.h"
#include <assert.h>
#include <math.h>

/* One call that carries a result on. ended (atomic) is the status that ends it, once there is one;
 * all workers look at it. tick: when the hook is due next; only worker 0 touches it. */
struct ketch_context {
    ketch_engine *engine;
    ketch_result *result;
    ketch_run run;
    double start, deadline, tick;
    int32_t ended;
    bool fenced;        /* advance has come to a fence */
    const char *reason; /* what the job said about its failure */
};

void ketch_stop_set(ketch_stop *stop)
{
    if (stop)
        __atomic_store_n(&stop->flag, 1, __ATOMIC_RELEASE);
}

void ketch_stop_clear(ketch_stop *stop)
{
    if (stop)
        __atomic_store_n(&stop->flag, 0, __ATOMIC_RELEASE);
}

int32_t ketch_stop_read(const ketch_stop *stop)
{
    return stop ? __atomic_load_n(&stop->flag, __ATOMIC_ACQUIRE) : 0;
}

/* ---- looking around: hook, stop, time ---- */

static ketch_status ended_by(const ketch_context *context)
{
    return (ketch_status)__atomic_load_n(&context->ended, __ATOMIC_RELAXED);
}

/* The first reason stays. */
static ketch_status end_run(ketch_context *context, ketch_status status)
{
    if (ended_by(context) == KETCH_OK)
        __atomic_store_n(&context->ended, status, __ATOMIC_RELAXED);
    return ended_by(context);
}

static double fraction_done(const ketch_result *result)
{
    const double total = (double)result->job.steps;
    double done = (double)result->done;
    if (result->sweeping && result->sweep.count)
        done += (double)result->sweep_steps * (double)kt_result_taken(result) /
                (double)result->sweep.count;
    return done < total ? done / total : 1.0;
}

static ketch_status hook_status(int32_t answer)
{
    return answer == 0 ? KETCH_OK : answer > 0 ? KETCH_STOPPED : KETCH_HOOK;
}

/* A hook that forks comes back twice: in the child there are no workers to go on with. */
static ketch_status call_hook(ketch_context *context, const void *view)
{
    ketch_result *const result = context->result;
    const ketch_step step = {
        .size = sizeof step,
        .done = result->done,
        .total = result->job.steps,
        .fraction = fraction_done(result),
        .seconds = kt_cpu_seconds() - context->start,
        .view = view,
    };
    result->hook = context->run.hook(&step, context->run.user);
    context->tick = context->run.tick_seconds + kt_cpu_seconds();
    if (kt_engine_forked(context->engine))
        return end_run(context, KETCH_FORKED);
    return end_run(context, hook_status(result->hook));
}

static bool asked_to_stop(const ketch_context *context)
{
    return kt_engine_asked(context->engine) || ketch_stop_read(context->run.stop);
}

/* What every worker does before an index. Only worker 0 may call the hook. */
static ketch_status look_around(void *checker, int32_t worker)
{
    ketch_context *const context = checker;
    if (ended_by(context) != KETCH_OK)
        return ended_by(context);
    if (asked_to_stop(context))
        return KETCH_STOPPED;
    const double deadline = context->deadline;
    const double due = worker == 0 && context->tick < deadline ? context->tick : deadline;
    if (due == INFINITY || kt_cpu_seconds_behind() + KT_CPU_BEHIND < due)
        return KETCH_OK;
    const double now = kt_cpu_seconds();
    if (now >= deadline)
        return KETCH_TIMEOUT;
    if (now < due)
        return KETCH_OK;
    context->result->report.ticks++;
    return call_hook(context, NULL);
}

/* ---- what a job may call ---- */

static void open_sweep(ketch_context *context, uint64_t count, uint64_t steps)
{
    ketch_result *const result = context->result;
    result->sweeping = true;
    result->sweep_steps = steps;
    result->sweep = (kt_sweep){.count = count, .check = look_around};
}

static void close_sweep(ketch_result *result)
{
    result->sweeping = false;
    result->done += result->sweep_steps;
    result->clean = result->clean && result->sweep.count == 0 && result->sweep_steps == 0;
    result->report.passes++;
}

static ketch_status fail_sweep(ketch_context *context)
{
    context->reason = "the job went on with another sweep than the one it was stopped in";
    return end_run(context, KETCH_MISMATCH);
}

ketch_status ketch_context_parallel(ketch_context *context, uint64_t count, uint64_t steps,
                                    ketch_body body, void *user)
{
    if (!context || !body)
        return KETCH_HANDLE;
    ketch_result *const result = context->result;
    if (ended_by(context) != KETCH_OK)
        return ended_by(context);
    if (!result->sweeping)
        open_sweep(context, count, steps);
    else if (result->sweep.count != count || result->sweep_steps != steps)
        return fail_sweep(context);
    kt_sweep *const sweep = &result->sweep;
    const uint64_t before = sweep->next;
    sweep->body = body;
    sweep->user = user;
    sweep->checker = context;
    const ketch_status status = kt_workers_sweep(context->engine->workers, sweep);
    result->report.tiles += sweep->next - before;
    result->clean = result->clean && sweep->next == 0;
    if (status != KETCH_OK)
        return end_run(context, status);
    close_sweep(result);
    return KETCH_OK;
}

ketch_status ketch_context_check(ketch_context *context)
{
    if (!context)
        return KETCH_HANDLE;
    const ketch_status status = look_around(context, 0);
    if (status != KETCH_OK)
        return end_run(context, status);
    context->result->clean = false;
    return KETCH_OK;
}

void ketch_context_retire(ketch_context *context, uint64_t steps)
{
    if (!context || steps == 0)
        return;
    context->result->done += steps;
    context->result->clean = false;
}

void ketch_context_count(ketch_context *context, uint64_t bytes)
{
    if (context)
        __atomic_fetch_add(&context->result->report.bytes, bytes, __ATOMIC_RELAXED);
}

void ketch_context_fence(ketch_context *context, const void *view)
{
    if (!context || ended_by(context) != KETCH_OK)
        return;
    context->fenced = true;
    context->result->clean = true;
    if (context->run.hook) {
        context->result->report.fences++;
        call_hook(context, view);
    }
    if (asked_to_stop(context))
        end_run(context, KETCH_STOPPED);
    else if (context->deadline < INFINITY && kt_cpu_seconds() >= context->deadline)
        end_run(context, KETCH_TIMEOUT);
}

void ketch_context_explain(ketch_context *context, const char *reason)
{
    if (context)
        context->reason = reason;
}

int32_t ketch_context_clean(const ketch_context *context)
{
    return context && context->result->clean;
}

void *ketch_context_scratch(const ketch_context *context, int32_t worker)
{
    if (!context || worker < 0 || worker >= context->engine->threads)
        return NULL;
    const ketch_result *const result = context->result;
    if (!result->scratch)
        return NULL;
    char *const base = kt_block_data(result->scratch);
    return base + (uint64_t)worker * result->scratch_each;
}

int32_t ketch_context_threads(const ketch_context *context)
{
    return context ? context->engine->threads : 0;
}

/* ---- carrying a run on ---- */

static ketch_status check_seconds(double seconds, const char *function, const char *argument,
                                  ketch_error *error)
{
    if (isfinite(seconds))
        return KETCH_OK;
    return kt_fail(error, KETCH_NONFINITE, function, argument, kt_number(seconds).text,
                   "a finite number of seconds", "%s is no time", argument);
}

static ketch_status read_run(ketch_run *asked, const ketch_run *run, const char *function,
                             ketch_error *error)
{
    KT_TRY(kt_read_options(asked, sizeof *asked, run, function, "run", error));
    KT_TRY(check_seconds(asked->tick_seconds, function, "tick_seconds", error));
    KT_TRY(check_seconds(asked->timeout, function, "timeout", error));
    if (asked->timeout >= 0)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, "timeout", kt_number(asked->timeout).text,
                   "0 (none) or more", "a timeout cannot be negative");
}

static ketch_status check_job(const ketch_job *job, const char *function, ketch_error *error)
{
    if (!job || !job->advance)
        return kt_fail_handle(error, function, "job", "a job with an advance function", NULL);
    return KETCH_OK;
}

static void start_context(ketch_context *context)
{
    ketch_run *const run = &context->run;
    run->tick_seconds = run->tick_seconds == 0 ? 0.05 : run->tick_seconds;
    context->start = kt_cpu_seconds();
    context->deadline = run->timeout > 0 ? context->start + run->timeout : INFINITY;
    if (!run->hook || run->tick_seconds < 0)
        run->tick_seconds = INFINITY;
    context->tick = context->start + run->tick_seconds;
}

/* To the next fence or the end. OK with fenced false: the end. */
static ketch_status advance_once(ketch_context *context)
{
    ketch_result *const result = context->result;
    context->fenced = false;
    const ketch_status status = result->job.advance(context, result->job.user);
    if (status != KETCH_OK)
        return status;
    if (!context->fenced && !result->sweeping)
        result->finished = true;
    return result->finished ? KETCH_OK : ended_by(context);
}

static ketch_status advance_job(ketch_context *context, bool to_fence)
{
    ketch_status status = look_around(context, 0);
    do
        status = status == KETCH_OK ? advance_once(context) : status;
    while (status == KETCH_OK && !context->result->finished && !to_fence);
    return status;
}

static void settle_report(ketch_context *context, const kt_arena_stats *before)
{
    ketch_result *const result = context->result;
    ketch_report *const report = &result->report;
    kt_arena_stats after;
    kt_arena_read_stats(&after, context->engine->arena);
    report->seconds += kt_cpu_seconds() - context->start;
    report->memory = after.used;
    report->maps += after.maps - before->maps;
    report->threads = context->engine->threads;
    report->kernels = context->engine->kernels;
}

static ketch_status tell_ending(const ketch_context *context, ketch_status status,
                                const char *function, ketch_error *error)
{
    if (status >= KETCH_OK)
        return status;
    if (status == KETCH_HOOK)
        return kt_fail(error, status, function, "hook", kt_format("%d", context->result->hook).text,
                       "0 to go on, 1 to stop", "the hook asked the run to fail");
    if (status == KETCH_FORKED)
        return kt_fail(error, status, function, "engine", NULL, NULL,
                       "the hook forked: the run goes on in the parent process only");
    if (context->reason)
        return kt_fail(error, status, function, "job", NULL, NULL, "%s", context->reason);
    return kt_fail(error, status, function, "job", ketch_status_name(status), NULL,
                   "the job failed");
}

static ketch_status carry_on(ketch_engine *engine, ketch_result *result, const ketch_run *asked,
                             bool to_fence, const char *function, ketch_error *error)
{
    KT_TRY(kt_result_equip(result, engine->arena, engine->threads, function, error));
    kt_arena_stats before;
    kt_arena_read_stats(&before, engine->arena);
    ketch_context context = {.engine = engine, .result = result, .run = *asked};
    start_context(&context);
    const ketch_status status = advance_job(&context, to_fence);
    settle_report(&context, &before);
    result->status = status == KETCH_OK && !result->finished ? KETCH_STOPPED : status;
    if (result->finished)
        kt_result_retire_scratch(result);
    return tell_ending(&context, status, function, error);
}

static ketch_status claim_result(ketch_result *result, const char *function, ketch_error *error)
{
    if (!__atomic_exchange_n(&result->running, 1, __ATOMIC_ACQUIRE))
        return KETCH_OK;
    return kt_fail(error, KETCH_BUSY, function, "result", NULL, NULL,
                   "this run is being carried on already");
}

static ketch_status carry_result(ketch_engine *engine, ketch_result *result, const ketch_run *asked,
                                 bool to_fence, const char *function, ketch_error *error)
{
    KT_TRY(claim_result(result, function, error));
    const ketch_status status =
        result->finished ? KETCH_OK : carry_on(engine, result, asked, to_fence, function, error);
    __atomic_store_n(&result->running, 0, __ATOMIC_RELEASE);
    return status;
}

ketch_status kt_run_resume(ketch_engine *engine, ketch_result *result, const ketch_run *run,
                           int to_fence, const char *function, ketch_error *error)
{
    KT_TRY(kt_result_check(result, function, error));
    ketch_run asked;
    KT_TRY(read_run(&asked, run, function, error));
    KT_TRY(kt_engine_claim(engine, function, error));
    const ketch_status status = carry_result(engine, result, &asked, to_fence, function, error);
    kt_engine_release(engine);
    return status;
}

/* What begin and whole have in common: everything checked, the engine claimed, a fresh result. */
static ketch_status begin_claimed(ketch_result **result, ketch_engine *engine, const ketch_job *job,
                                  const ketch_run *run, ketch_run *asked, const char *function,
                                  ketch_error *error)
{
    if (!result)
        return kt_fail_handle(error, function, "result", "a place for the result", NULL);
    *result = NULL;
    ketch_job wanted;
    KT_TRY(kt_read_options(&wanted, sizeof wanted, job, function, "job", error));
    KT_TRY(check_job(job ? &wanted : NULL, function, error));
    KT_TRY(read_run(asked, run, function, error));
    KT_TRY(kt_engine_claim(engine, function, error));
    const ketch_status status =
        kt_result_create(result, engine->arena, &wanted, engine->threads, function, error);
    if (status != KETCH_OK)
        kt_engine_release(engine);
    return status;
}

ketch_status kt_run_begin(ketch_result **result, ketch_engine *engine, const ketch_job *job,
                          const ketch_run *run, const char *function, ketch_error *error)
{
    ketch_run asked;
    KT_TRY(begin_claimed(result, engine, job, run, &asked, function, error));
    kt_engine_release(engine);
    return KETCH_OK;
}

ketch_status kt_run_whole(ketch_result **result, ketch_engine *engine, const ketch_job *job,
                          const ketch_run *run, const char *function, ketch_error *error)
{
    ketch_run asked;
    KT_TRY(begin_claimed(result, engine, job, run, &asked, function, error));
    const ketch_status status = carry_result(engine, *result, &asked, false, function, error);
    kt_engine_release(engine);
    return status;
}

/* ---- the public calls ---- */

ketch_status ketch_engine_run(ketch_result **result, ketch_engine *engine, const ketch_job *job,
                              const ketch_run *run, ketch_error *error)
{
    return kt_run_whole(result, engine, job, run, __func__, error);
}

ketch_status ketch_engine_begin(ketch_result **result, ketch_engine *engine, const ketch_job *job,
                                const ketch_run *run, ketch_error *error)
{
    return kt_run_begin(result, engine, job, run, __func__, error);
}

ketch_status ketch_engine_resume(ketch_engine *engine, ketch_result *result, const ketch_run *run,
                                 ketch_error *error)
{
    return kt_run_resume(engine, result, run, 0, __func__, error);
}

ketch_status ketch_engine_advance(ketch_engine *engine, ketch_result *result, const ketch_run *run,
                                  ketch_error *error)
{
    return kt_run_resume(engine, result, run, 1, __func__, error);
}
