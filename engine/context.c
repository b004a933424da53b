/* The functions that a job may call while it advances: sweeps, polls, progress, fences, stages,
 * failures, and jobs inside an index. */
#define _GNU_SOURCE
#include "context.h"
#include "status.h"
#include <assert.h>
#include <string.h>

/* The context of the run itself, outside all indices. */
static const ketch_context *outermost(const ketch_context *context)
{
    while (context->outer)
        context = context->outer;
    return context;
}

static ketch_result *result_of(const ketch_context *context)
{
    return outermost(context)->result;
}

/* ---- failures ---- */

static void lock_failure(kt_failure *failure)
{
    while (__atomic_exchange_n(&failure->lock, 1, __ATOMIC_ACQUIRE))
        ;
}

static void unlock_failure(kt_failure *failure)
{
    __atomic_store_n(&failure->lock, 0, __ATOMIC_RELEASE);
}

ketch_status ketch_context_fail(ketch_context *context, int32_t worker, ketch_status status,
                                const char *argument, const char *given, const char *allowed,
                                const char *message)
{
    if (!context)
        return status;
    if (context->outer)
        return ketch_context_fail(context->outer, context->worker, status, argument, given, allowed,
                                  message);
    ketch_result *const result = context->result;
    kt_failure *const failure = &result->failure;
    const bool inside = context->in_sweep && worker >= 0 && worker < KETCH_THREADS_MAX;
    const uint64_t index = inside ? result->sweep.current[worker] : UINT64_MAX;
    lock_failure(failure);
    if (failure->status == KETCH_OK || index <= failure->index) {
        failure->status = status;
        failure->index = index;
        kt_copy_text(failure->argument, sizeof failure->argument, argument);
        kt_copy_text(failure->given, sizeof failure->given, given);
        kt_copy_text(failure->allowed, sizeof failure->allowed, allowed);
        kt_copy_text(failure->message, sizeof failure->message, message);
    }
    unlock_failure(failure);
    return status;
}

ketch_status kt_context_fail_as(ketch_context *context, int32_t worker, const ketch_error *error,
                                const char *message)
{
    return ketch_context_fail(context, worker, error->status, error->argument, error->given,
                              error->allowed, message);
}

static ketch_status fail_job(ketch_context *context, const char *message)
{
    ketch_context_fail(context, context->worker, KETCH_MISMATCH, "job", NULL, NULL, message);
    return kt_run_end(context, KETCH_MISMATCH);
}

static void forget_failure(ketch_context *context)
{
    if (!context->outer)
        context->result->failure.status = KETCH_OK;
}

/* ---- progress ---- */

static void note_progress(ketch_context *context)
{
    context->at->progressed = true;
    if (!context->outer)
        context->result->clean = false;
}

/* The steps of an open sweep count as retired: it will retire them. */
static bool exceeds_total(const ketch_inner *at, uint64_t steps)
{
    const uint64_t promised = at->done + (at->sweeping ? at->steps : 0);
    return at->total != UINT64_MAX && steps > at->total - promised;
}

void ketch_context_retire(ketch_context *context, uint64_t steps)
{
    if (!context || steps == 0)
        return;
    if (exceeds_total(context->at, steps)) {
        fail_job(context, "the job retires more steps than it said it has");
        return;
    }
    context->at->done += steps;
    note_progress(context);
}

void ketch_context_count(ketch_context *context, uint64_t bytes)
{
    if (context && !context->begins_again)
        __atomic_fetch_add(&result_of(context)->report.bytes, bytes, __ATOMIC_RELAXED);
}

void ketch_context_phase(ketch_context *context, const char *name, uint64_t number)
{
    if (!context || context->outer)
        return;
    context->result->phase = name;
    context->result->number = number;
}

void ketch_context_stage(ketch_context *context, uint64_t stage)
{
    if (!context)
        return;
    context->at->stage = stage;
    context->at->progressed = true;
}

int32_t ketch_context_at_fence(const ketch_context *context)
{
    if (!context)
        return 0;
    return context->outer ? !context->at->progressed : context->result->clean;
}

/* ---- sweeps ---- */

static ketch_status open_sweep(ketch_context *context, uint64_t count, uint64_t steps)
{
    ketch_inner *const at = context->at;
    if (exceeds_total(at, steps))
        return fail_job(context, "the job retires more steps than it said it has");
    at->sweeping = true;
    at->count = count;
    at->steps = steps;
    at->next = 0;
    if (!context->outer) {
        kt_sweep *const sweep = &context->result->sweep;
        sweep->count = count;
        sweep->next = sweep->finished = 0;
        sweep->open_count = sweep->open_taken = 0;
    }
    return KETCH_OK;
}

/* Opens a sweep. One that is open, because the run was suspended in it, must be the same. */
static ketch_status open_or_compare_sweep(ketch_context *context, uint64_t count, uint64_t steps)
{
    const ketch_inner *const at = context->at;
    if (!at->sweeping)
        return open_sweep(context, count, steps);
    if (at->count == count && at->steps == steps)
        return KETCH_OK;
    return fail_job(context, "the job went on with another sweep than the one it was stopped in");
}

static void close_sweep(ketch_context *context)
{
    ketch_inner *const at = context->at;
    at->sweeping = false;
    at->done += at->steps;
    at->sweeps++;
    if (at->count || at->steps)
        note_progress(context);
}

/* A body may return STOPPED, TIMEOUT, HOOK or FORKED only if a poll has returned it. */
static ketch_status check_returned(void *checker, int32_t worker, ketch_status status)
{
    ketch_context *const context = checker;
    const bool calm = status > KETCH_OK || status == KETCH_HOOK || status == KETCH_FORKED;
    if (!calm || kt_run_ended(outermost(context)) != KETCH_OK)
        return status;
    return ketch_context_fail(context, worker, KETCH_MISMATCH, "job", NULL, NULL,
                              "a body returned the status of a poll that did not say so");
}

static ketch_status run_sweep(ketch_context *context, ketch_body body, void *user)
{
    kt_sweep *const sweep = &context->result->sweep;
    const uint64_t before = sweep->finished;
    sweep->body = body;
    sweep->user = user;
    sweep->check = kt_run_check;
    sweep->filter = check_returned;
    sweep->checker = context;
    forget_failure(context);
    const ketch_status status = kt_workers_sweep(context->engine->workers, sweep);
    context->result->report.indices += sweep->finished - before;
    if (sweep->next > 0)
        context->result->clean = false;
    if (sweep->finished > before)
        context->at->progressed = true;
    if (status == KETCH_OK || status == kt_run_ended(context))
        return status;
    return kt_run_end(context, status);
}

/* Runs the sweep of a job inside an index, on its worker, one index after the other. */
static ketch_status run_serially(ketch_context *context, ketch_body body, void *user)
{
    ketch_inner *const at = context->at;
    while (at->next < at->count) {
        KT_TRY(ketch_context_poll(context->outer, context->worker));
        const ketch_status status = body(at->next, 0, user);
        if (status != KETCH_OK)
            return check_returned(context, context->worker, status);
        at->next++;
        at->progressed = true;
    }
    return KETCH_OK;
}

/* Carries the open sweep until all of its indices are finished. It stays open. */
static ketch_status carry_sweep(ketch_context *context, ketch_body body, void *user)
{
    KT_TRY(kt_run_ended(context));
    context->in_sweep = true;
    const ketch_status status =
        context->outer ? run_serially(context, body, user) : run_sweep(context, body, user);
    context->in_sweep = false;
    return status;
}

ketch_status ketch_context_parallel(ketch_context *context, uint64_t count, uint64_t steps,
                                    ketch_body body, void *user)
{
    if (!context || !body)
        return KETCH_HANDLE;
    if (context->in_sweep)
        return KETCH_BUSY;
    KT_TRY(open_or_compare_sweep(context, count, steps));
    KT_TRY(carry_sweep(context, body, user));
    close_sweep(context);
    return KETCH_OK;
}

ketch_status ketch_context_poll(ketch_context *context, int32_t worker)
{
    if (!context)
        return KETCH_HANDLE;
    while (context->outer) {
        worker = context->worker;
        context = context->outer;
    }
    return kt_run_check(context, worker);
}

ketch_status ketch_context_check(ketch_context *context)
{
    if (!context)
        return KETCH_HANDLE;
    if (context->in_sweep)
        return KETCH_BUSY;
    KT_TRY(ketch_context_poll(context, 0));
    if (!context->outer)
        context->result->clean = false;
    return KETCH_OK;
}

void *ketch_context_scratch(const ketch_context *context, int32_t worker)
{
    if (!context)
        return NULL;
    if (context->outer)
        return ketch_context_scratch(context->outer, context->worker);
    if (worker < 0 || worker >= context->engine->threads)
        return NULL;
    const ketch_result *const result = context->result;
    if (!result->scratch)
        return NULL;
    char *const base = kt_block_data(result->scratch);
    return base + (uint64_t)worker * result->scratch_each;
}

int32_t ketch_context_threads(const ketch_context *context)
{
    if (!context)
        return 0;
    return context->outer ? 1 : context->engine->threads;
}

ketch_engine *kt_context_engine(const ketch_context *context)
{
    return outermost(context)->engine;
}

bool kt_context_is_inside(const ketch_context *context)
{
    return context->outer != NULL;
}

const int32_t *kt_context_running(const ketch_context *context)
{
    return context->outer ? NULL : &context->result->running;
}

/* ---- fences ---- */

ketch_status ketch_context_fence(ketch_context *context, const void *view)
{
    if (!context)
        return KETCH_HANDLE;
    if (context->in_sweep)
        return KETCH_BUSY;
    KT_TRY(kt_run_ended(context));
    if (!context->at->progressed)
        return fail_job(context, "the job came to a fence again without having done anything");
    context->fenced = true;
    context->at->progressed = false;
    if (context->outer)
        return KETCH_OK;
    context->result->clean = true;
    return kt_run_fence(context, view);
}

/* ---- stages ---- */

/* Asks for the stage's sweep. What begin counts is counted once. */
static ketch_status ask_for_sweep(ketch_context *context, const ketch_stage *stage,
                                  ketch_sweep *sweep, void *user)
{
    *sweep = (ketch_sweep){0};
    if (!stage->begin)
        return KETCH_OK;
    context->begins_again = context->at->sweeping;
    const ketch_status status = stage->begin(context, sweep, user);
    context->begins_again = false;
    return status;
}

/* The sweep may be open already, because the run was suspended in it: the stage is asked again, as a
 * file could have any sweep. */
static ketch_status begin_stage(ketch_context *context, const ketch_stage *stage, int32_t number,
                                void *user)
{
    ketch_sweep sweep;
    if (!context->at->sweeping) {
        context->at->stage = (uint64_t)number;
        if (stage->name)
            ketch_context_phase(context, stage->name, 0);
    }
    KT_TRY(ask_for_sweep(context, stage, &sweep, user));
    if (sweep.count && !stage->body)
        return fail_job(context, "a stage without a body asks for a sweep");
    return open_or_compare_sweep(context, sweep.count, sweep.steps);
}

/* The stage's sweep, of no indices where it wants none, is open until its end has succeeded: so a
 * resume knows that the stage has begun. */
static ketch_status run_stage(ketch_context *context, const ketch_stage *stage, ketch_next *next,
                              void *user)
{
    ketch_inner *const at = context->at;
    KT_TRY(begin_stage(context, stage, next->stage, user));
    if (at->count)
        KT_TRY(carry_sweep(context, stage->body, user));
    next->stage++;
    if (stage->end)
        KT_TRY(stage->end(context, next, user));
    if (at->count)
        close_sweep(context);
    at->sweeping = false;
    at->progressed = true;
    return KETCH_OK;
}

ketch_status ketch_context_stages(ketch_context *context, const ketch_stage *stages, int32_t count,
                                  int32_t *stage, void *user)
{
    if (!context || !stages || !stage)
        return KETCH_HANDLE;
    if (context->in_sweep)
        return KETCH_BUSY;
    while (*stage >= 0 && *stage < count) {
        ketch_next next = {.stage = *stage};
        KT_TRY(run_stage(context, &stages[*stage], &next, user));
        if (next.stage == KETCH_STAGE_FENCE) {
            *stage = next.after;
            return ketch_context_fence(context, next.view);
        }
        *stage = next.stage == KETCH_STAGE_DONE ? count : next.stage;
    }
    return KETCH_OK;
}

/* ---- a job inside an index ---- */

static ketch_status check_inner(ketch_context *context, int32_t worker, const ketch_job *job)
{
    const ketch_context *const top = outermost(context);
    const char *message = NULL;
    if (!context->in_sweep)
        message = "a job is carried inside an index only: from a body";
    else if (job->scratch > context->job->scratch)
        message = "a job inside an index needs more scratch than the job around it has";
    else if (job->kernels && top->engine->kernels_given && job->kernels != top->engine->kernels)
        message = "a job inside an index has another kernel set than the engine was given";
    if (!message)
        return KETCH_OK;
    return ketch_context_fail(context, worker, KETCH_MISMATCH, "job", NULL, NULL, message);
}

ketch_status ketch_context_inner(ketch_context *context, int32_t worker, ketch_inner *inner,
                                 const ketch_job *job)
{
    if (!context || !inner || !job || !job->type)
        return KETCH_HANDLE;
    inner->fence = false;
    if (inner->ended)
        return KETCH_OK;
    KT_TRY(check_inner(context, worker, job));
    inner->total = job->steps;
    ketch_context own = {.outer = context, .worker = worker, .at = inner, .job = job};
    KT_TRY(job->type->advance(&own, job->user));
    KT_TRY(kt_run_ended(&own));
    inner->fence = own.fenced;
    inner->ended = !own.fenced && !inner->sweeping;
    return KETCH_OK;
}
