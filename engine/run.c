/* The run loop: it carries a job from fence to fence, and in between checks the stop token and the
 * clock and calls the caller's hook. No other file calls hooks. */
#include "context.h"
#include "cpu.h"
#include "engine.h"
#include "float_mode.h"
#include "job.h"
#include "result_save.h"
#include "status.h"
#include <assert.h>
#include <math.h>

/* The shortest time between two saves of a run. */
static const double least_save_seconds = 0.01;

/* The shortest call whose processor time is measured without being asked for. */
static const double least_measured_seconds = 0.001;

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

/* ---- checks: hook, stop, time ---- */

ketch_status kt_run_end(ketch_context *context, ketch_status status)
{
    int32_t none = KETCH_OK;
    __atomic_compare_exchange_n(&context->ended, &none, status, false, __ATOMIC_RELAXED,
                                __ATOMIC_RELAXED);
    return kt_run_ended(context);
}

/* NaN where the total is unknown. */
static double fraction_done(const ketch_result *result, uint64_t done)
{
    const uint64_t total = result->at.total;
    if (result->at.ended || total == 0)
        return 1;
    return total == UINT64_MAX ? NAN : (double)done / (double)total;
}

static ketch_status hook_status(int32_t answer)
{
    return answer == 0 ? KETCH_OK : answer > 0 ? KETCH_STOPPED : KETCH_HOOK;
}

/* The hook runs in the floating-point mode of the caller. */
static int32_t run_hook(const ketch_context *context, const ketch_step *step)
{
    const kt_float_mode mode = kt_float_mode_begin();
    kt_float_mode_end(context->mode);
    const int32_t answer = context->run.hook(step, context->run.user);
    kt_float_mode_end(mode);
    return answer;
}

/* A hook that forks returns twice. In the child there are no workers, so the run ends there. */
static ketch_status call_hook(ketch_context *context, const void *view)
{
    ketch_result *const result = context->result;
    const uint64_t done = kt_result_done(result);
    const ketch_step step = {
        .size = sizeof step,
        .type = result->job.type,
        .done = done,
        .total = result->at.total,
        .fraction = fraction_done(result, done),
        .seconds = kt_cpu_seconds() - context->start,
        .phase = result->phase,
        .number = result->number,
        .view = view,
    };
    result->hook = run_hook(context, &step);
    if (kt_engine_forked(context->engine))
        return kt_run_end(context, KETCH_FORKED);
    const ketch_status status = hook_status(result->hook);
    return status == KETCH_OK ? KETCH_OK : kt_run_end(context, status);
}

static bool is_asked_to_stop(const ketch_context *context)
{
    return kt_engine_asked(context->engine) || ketch_stop_read(context->run.stop);
}

/* The earliest time at which this worker has to act. */
static double next_due(const ketch_context *context, int32_t worker)
{
    double due = context->deadline < context->save ? context->deadline : context->save;
    if (worker == 0 && context->tick < due)
        due = context->tick;
    return due;
}

/* Ticks are multiples of tick_seconds after the start. Those that a long hook or index missed are
 * left out. */
static ketch_status tick(ketch_context *context)
{
    const double period = context->run.tick_seconds;
    context->result->report.ticks++;
    const ketch_status status = call_hook(context, NULL);
    const double now = kt_cpu_seconds(), next = context->tick + period;
    context->tick = next > now ? next : now + period;
    return status;
}

/* Whether nothing is due, as far as the cheaper clock can tell. It is not asked about ticks that are
 * closer together than it is late, which it may be by more on a machine that others use. */
static bool is_surely_early(const ketch_context *context, int32_t worker)
{
    const double due = next_due(context, worker);
    if (due == INFINITY)
        return true;
    if (worker == 0 && context->tick < INFINITY && context->run.tick_seconds < KT_CPU_BEHIND)
        return false;
    return kt_cpu_seconds_behind() + KT_CPU_BEHIND < due;
}

/* Timeout, saving and ticks, as far as they are due. */
static ketch_status check_clock(ketch_context *context, int32_t worker)
{
    if (is_surely_early(context, worker))
        return KETCH_OK;
    const double now = kt_cpu_seconds();
    if (now >= context->deadline)
        return kt_run_end(context, KETCH_TIMEOUT);
    if (now >= context->save) {
        __atomic_store_n(&context->saving, KETCH_STOPPED, __ATOMIC_RELAXED);
        return kt_run_ended(context);
    }
    return worker == 0 && now >= context->tick ? tick(context) : KETCH_OK;
}

ketch_status kt_run_check(void *checker, int32_t worker)
{
    ketch_context *const context = checker;
    if (kt_run_ended(context) != KETCH_OK)
        return kt_run_ended(context);
    if (is_asked_to_stop(context))
        return kt_run_end(context, KETCH_STOPPED);
    return check_clock(context, worker);
}

/* The clock is read even if the hook was called just now: a fence may be the last check before the
 * end of the job. */
ketch_status kt_run_fence(ketch_context *context, const void *view)
{
    if (context->run.hook) {
        context->result->report.fences++;
        KT_TRY(call_hook(context, view));
        context->tick = kt_cpu_seconds() + context->run.tick_seconds;
    }
    if (is_asked_to_stop(context))
        return kt_run_end(context, KETCH_STOPPED);
    if (context->deadline < INFINITY && kt_cpu_seconds() >= context->deadline)
        return kt_run_end(context, KETCH_TIMEOUT);
    return KETCH_OK;
}

/* ---- what a call takes ---- */

/* A call to the system would make a brief run noticeably longer. */
static void start_clocks(ketch_context *context)
{
    context->is_measured = context->run.report || !context->job->brief;
    if (context->is_measured) {
        kt_workers_measure(context->engine->workers, true);
        context->cpu_start = kt_cpu_thread_seconds();
    }
    context->start = kt_cpu_seconds();
}

static double cpu_seconds_since_start(const ketch_context *context)
{
    const double seconds = kt_cpu_thread_seconds() - context->cpu_start +
                           kt_workers_cpu_seconds(context->engine->workers);
    return seconds > 0 ? seconds : 0;
}

/* In a child that came back from a hook the threads cannot be asked. The time of measuring is in
 * both times. */
static kt_taken taken_so_far(const ketch_context *context)
{
    kt_taken taken = {.seconds = kt_cpu_seconds() - context->start};
    if (!context->is_measured || kt_engine_forked(context->engine))
        return taken;
    if (context->run.report || taken.seconds >= least_measured_seconds) {
        taken.cpu_seconds = cpu_seconds_since_start(context);
        taken.seconds = taken.measured_seconds = kt_cpu_seconds() - context->start;
    }
    return taken;
}

static void stop_clocks(ketch_context *context)
{
    const kt_taken taken = taken_so_far(context);
    kt_report_add(&context->result->report, &taken);
    if (context->is_measured)
        kt_workers_measure(context->engine->workers, false);
}

/* ---- carrying a run on ---- */

/* The next save comes save_seconds after the last one, but not before the time that the last one
 * took, and least_save_seconds, have passed: even with the shortest period the run makes
 * progress. */
static void set_save_time(ketch_context *context, double took)
{
    const double period = context->run.save_seconds;
    const double least = took > least_save_seconds ? took : least_save_seconds;
    context->save =
        period > 0 ? context->result->saved + (period > least ? period : least) : INFINITY;
}

/* If the caller advances a run from fence to fence, save periods continue from one call to the
 * next. */
static void start_context(ketch_context *context, bool to_fence)
{
    ketch_run *const run = &context->run;
    run->tick_seconds = run->tick_seconds == 0 ? 0.05 : run->tick_seconds;
    start_clocks(context);
    context->deadline = run->timeout > 0 ? context->start + run->timeout : INFINITY;
    if (!run->hook || run->tick_seconds < 0)
        run->tick_seconds = INFINITY;
    context->tick = context->start + run->tick_seconds;
    if (!to_fence || context->result->saved == 0)
        context->result->saved = context->start;
    set_save_time(context, 0);
}

/* Calls advance, to the next fence or the end. OK and not fenced: the end. */
static ketch_status advance_once(ketch_context *context)
{
    ketch_result *const result = context->result;
    context->fenced = false;
    const ketch_status status = result->job.type->advance(context, result->job.user);
    if (status != KETCH_OK)
        return status;
    if (kt_run_ended(context) < KETCH_OK) /* a context function without a status has failed */
        return kt_run_ended(context);
    if (!context->fenced && !result->at.sweeping)
        result->at.ended = true;
    return result->at.ended ? KETCH_OK : kt_run_ended(context);
}

/* Saves become due in kt_run_check. For a job that never calls it between its fences they become due
 * at a fence. */
static bool save_is_due(ketch_context *context)
{
    if (context->save < INFINITY && kt_cpu_seconds() >= context->save)
        context->saving = KETCH_STOPPED;
    return context->saving != 0;
}

static ketch_status advance_job(ketch_context *context, bool to_fence)
{
    ketch_status status = kt_run_check(context, 0);
    do
        status = status == KETCH_OK ? advance_once(context) : status;
    while (status == KETCH_OK && !context->result->at.ended && !save_is_due(context) && !to_fence);
    return status;
}

/* ---- saving ---- */

static ketch_status write_run(ketch_context *context, ketch_error *error)
{
    const kt_save save = kt_run_save(&context->run);
    const double begun = kt_cpu_seconds();
    const kt_taken taken = taken_so_far(context);
    const ketch_status status =
        kt_result_write(context->result, &save, &taken, context->function, error);
    context->result->saved = kt_cpu_seconds();
    set_save_time(context, context->result->saved - begun);
    return status;
}

/* Saves the run between two calls of advance. A failure ends the run where it stands; error gets
 * its text. */
static ketch_status save_between(ketch_context *context)
{
    context->saving = 0;
    context->result->status = KETCH_STOPPED;
    const ketch_status status = write_run(context, context->error);
    context->was_told = status != KETCH_OK;
    return status;
}

/* False if the run has ended meanwhile, for whatever reason. */
static bool is_suspended_to_save(const ketch_context *context, ketch_status status)
{
    return context->saving && context->ended == KETCH_OK && !context->result->at.ended &&
           (status == KETCH_STOPPED || status == KETCH_OK);
}

static ketch_status advance_and_save(ketch_context *context, bool to_fence)
{
    for (;;) {
        const ketch_status status = advance_job(context, to_fence);
        if (!is_suspended_to_save(context, status))
            return status;
        KT_TRY(save_between(context));
        if (status == KETCH_OK && to_fence)
            return status;
    }
}

/* Saves the run when it stops, fails or ends. The result is the run's own status or, if that is no
 * failure, the failure of the save. */
static ketch_status save_at_end(ketch_context *context, ketch_status status, bool to_fence)
{
    const bool at_fence = status == KETCH_OK && !context->result->at.ended;
    if (!context->run.save_path || context->was_told || status == KETCH_FORKED ||
        (at_fence && to_fence))
        return status;
    const ketch_status saved = write_run(context, status < KETCH_OK ? NULL : context->error);
    if (saved == KETCH_OK || status < KETCH_OK)
        return status;
    context->was_told = true;
    return saved;
}

/* maps: the arena's number of them when the call began. */
static void settle_report(ketch_context *context, uint64_t maps)
{
    ketch_report *const report = &context->result->report;
    const ketch_arena *const arena = context->engine->arena;
    stop_clocks(context);
    report->memory = kt_arena_used(arena);
    report->maps += kt_arena_maps(arena) - maps;
}

/* The text that the job gave for this failure; NULL: it gave none. */
static const kt_failure *find_failure(const ketch_result *result, ketch_status status)
{
    const kt_failure *const failure = &result->failure;
    const bool fits = failure->index == UINT64_MAX || failure->index == result->sweep.failed;
    return failure->status == status && fits ? failure : NULL;
}

static const char *text_or_null(const char *text)
{
    return text[0] ? text : NULL;
}

static ketch_status tell_failure(const ketch_result *result, ketch_status status,
                                 const char *function, ketch_error *error)
{
    const kt_failure *const failure = find_failure(result, status);
    if (!failure)
        return kt_fail(error, status, function, "job", ketch_status_name(status), NULL,
                       "the job failed");
    const char *const argument = failure->argument[0] ? failure->argument : "job";
    return kt_fail(error, status, function, argument, text_or_null(failure->given),
                   text_or_null(failure->allowed), "%s", failure->message);
}

static ketch_status tell_ending(const ketch_context *context, ketch_status status)
{
    const char *const function = context->function;
    ketch_error *const error = context->error;
    if (status >= KETCH_OK || context->was_told)
        return status;
    if (status == KETCH_HOOK)
        return kt_fail(error, status, function, "hook", kt_format("%d", context->result->hook).text,
                       "0 to go on, 1 to stop", "the hook asked the run to fail");
    if (status == KETCH_FORKED)
        return kt_fail(error, status, function, "engine", NULL, NULL,
                       "the hook forked: the run goes on in the parent process only");
    return tell_failure(context->result, status, function, error);
}

/* A run that has ended has status OK, even if its file could not be written. */
static void set_status(ketch_result *result, ketch_status status)
{
    result->status = result->at.ended ? KETCH_OK : status == KETCH_OK ? KETCH_STOPPED : status;
}

static ketch_status carry_on(ketch_engine *engine, ketch_result *result, const ketch_run *asked,
                             bool to_fence, const char *function, ketch_error *error)
{
    KT_TRY(kt_job_check_kernels(&result->job, engine, function, error));
    KT_TRY(kt_result_equip(result, engine->arena, engine->threads, function, error));
    const uint64_t maps = kt_arena_maps(engine->arena);
    ketch_context context = {.engine = engine,
                             .result = result,
                             .job = &result->job,
                             .at = &result->at,
                             .run = *asked,
                             .mode = kt_float_mode_begin(),
                             .function = function,
                             .error = error};
    result->failure.status = KETCH_OK;
    result->report.threads = engine->threads;
    result->report.kernels = result->job.kernels;
    start_context(&context, to_fence);
    ketch_status status = advance_and_save(&context, to_fence);
    set_status(result, status);
    status = save_at_end(&context, status, to_fence);
    set_status(result, status);
    settle_report(&context, maps);
    if (result->at.ended)
        kt_result_drop_scratch(result);
    kt_float_mode_end(context.mode);
    return tell_ending(&context, status);
}

/* A run that had ended before is only saved. */
static ketch_status save_ended(ketch_result *result, const ketch_run *asked, const char *function,
                               ketch_error *error)
{
    const kt_save save = kt_run_save(asked);
    return save.path ? kt_result_write(result, &save, &(kt_taken){0}, function, error) : KETCH_OK;
}

static ketch_status carry_result(ketch_engine *engine, ketch_result *result, const ketch_run *asked,
                                 bool to_fence, const char *function, ketch_error *error)
{
    KT_TRY(kt_result_claim(result, function, error));
    ketch_status status = kt_result_check_whole(result, function, error);
    if (status == KETCH_OK)
        status = result->at.ended ? save_ended(result, asked, function, error)
                                  : carry_on(engine, result, asked, to_fence, function, error);
    kt_result_release(result);
    return status;
}

static ketch_status resume_run(ketch_engine *engine, ketch_result *result, const ketch_run *run,
                               bool to_fence, const char *function, ketch_error *error)
{
    KT_TRY(kt_result_check(result, function, error));
    KT_TRY(kt_engine_claim(engine, function, error));
    ketch_run asked;
    ketch_status status = kt_run_read(&asked, run, &result->job, function, error);
    if (status == KETCH_OK)
        status = carry_result(engine, result, &asked, to_fence, function, error);
    kt_engine_release(engine);
    return status;
}

/* ---- beginning a run: everything is checked before the job takes its memory ---- */

static ketch_status prepare_job(ketch_job *wanted, ketch_engine *engine, const char *function,
                                ketch_error *error)
{
    if (!KT_TYPE_GET(wanted->type, prepare))
        return KETCH_OK;
    const ketch_status status = wanted->type->prepare(wanted, engine, error);
    if (status > KETCH_OK)
        return kt_fail(error, KETCH_MISMATCH, function, "type", ketch_status_name(status), "OK",
                       "prepare returned what is no failure");
    return status;
}

static void release_job(const ketch_job *job)
{
    if (KT_TYPE_GET(job->type, prepare) && job->type->release)
        job->type->release(job->user);
}

/* Begins a run on a claimed engine. If no result can be made, a job that was prepared is
 * released. */
static ketch_status begin_claimed(ketch_result **result, ketch_engine *engine, const ketch_job *job,
                                  const ketch_run *run, ketch_run *asked, const char *function,
                                  ketch_error *error)
{
    ketch_job wanted;
    KT_TRY(kt_job_read(&wanted, job, function, error));
    KT_TRY(kt_run_read(asked, run, &wanted, function, error));
    KT_TRY(kt_job_check_kernels(&wanted, engine, function, error));
    KT_TRY(prepare_job(&wanted, engine, function, error));
    ketch_status status = kt_job_check_kernels(&wanted, engine, function, error);
    if (status == KETCH_OK)
        status = kt_result_create(result, engine->arena, &wanted, engine->threads, function, error);
    if (status != KETCH_OK)
        release_job(&wanted);
    return status;
}

static ketch_status claim_engine(ketch_result **result, ketch_engine *engine, const char *function,
                                 ketch_error *error)
{
    if (!result)
        return kt_fail_handle(error, function, "result", "a place for the result", NULL);
    *result = NULL;
    return kt_engine_claim(engine, function, error);
}

ketch_status kt_run_begin(ketch_result **result, ketch_engine *engine, const ketch_job *job,
                          const ketch_run *run, const char *function, ketch_error *error)
{
    ketch_run asked;
    KT_TRY(claim_engine(result, engine, function, error));
    const ketch_status status = begin_claimed(result, engine, job, run, &asked, function, error);
    kt_engine_release(engine);
    return status;
}

ketch_status kt_run_whole(ketch_result **result, ketch_engine *engine, const ketch_job *job,
                          const ketch_run *run, const char *function, ketch_error *error)
{
    ketch_run asked;
    KT_TRY(claim_engine(result, engine, function, error));
    ketch_status status = begin_claimed(result, engine, job, run, &asked, function, error);
    if (status == KETCH_OK)
        status = carry_result(engine, *result, &asked, false, function, error);
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
    return resume_run(engine, result, run, false, __func__, error);
}

ketch_status ketch_engine_advance(ketch_engine *engine, ketch_result *result, const ketch_run *run,
                                  ketch_error *error)
{
    return resume_run(engine, result, run, true, __func__, error);
}
