/* ketch_context: what a job works with while it advances. context.c has the functions that jobs
 * call; run.c decides when a run ends. */
#ifndef KT_CONTEXT_H
#define KT_CONTEXT_H

#include "engine.h"
#include "float_mode.h"
#include "result.h"
#include "save.h"

/* One call that carries a job. outer: NULL, or the context in whose index this job runs, on its
 * `worker`; everything about the run is then in the outermost context. at: the job's position.
 * in_sweep: bodies are running. ended (atomic): the status that ends the run, or OK; all workers
 * read it. tick: the time of the next hook call; only worker 0 uses it. save: the time of the next
 * save. mode: the floating-point mode of the caller, which hooks run in. saving (atomic): KETCH_STOPPED while the run is suspended in order to be saved, after which
 * it continues unless it has ended; else 0. was_told: error has the text of a failed save. */
struct ketch_context {
    ketch_context *outer;
    ketch_inner *at;
    const ketch_job *job;
    int32_t worker;
    bool in_sweep;
    bool fenced;       /* advance has reached a fence */
    bool begins_again; /* a stage's begin is called for a sweep that is open */
    ketch_engine *engine;
    ketch_result *result;
    ketch_run run;
    kt_float_mode mode;
    double start, deadline, tick, save;
    bool is_measured;
    double cpu_start; /* the thread's processor time, where it is measured */
    int32_t ended;
    int32_t saving;
    const char *function; /* the public function that errors name */
    ketch_error *error;
    bool was_told;
};

/* Copies and checks the caller's options for a run of that job: NONFINITE, RANGE, HANDLE and, if
 * the run is to be saved, the statuses of kt_save_try. */
ketch_status kt_run_read(ketch_run *asked, const ketch_run *run, const ketch_job *job,
                         const char *function, ketch_error *error);
/* Where the run is saved. */
kt_save kt_run_save(const ketch_run *run);

/* The engine that carries the run; inside an index the outer run has its threads. */
ketch_engine *kt_context_engine(const ketch_context *context);
bool kt_context_is_inside(const ketch_context *context);
/* A number (atomic) that is not 0 while a call carries or saves the run. It lives as long as the
 * job. NULL inside an index. */
const int32_t *kt_context_running(const ketch_context *context);

/* As ketch_context_fail, with what a call told in *error, and a message of its own. */
ketch_status kt_context_fail_as(ketch_context *context, int32_t worker, const ketch_error *error,
                                const char *message);

/* Decides whether the run goes on: about stop, timeout and saving. What a fence and the end of a
 * sweep decide lies beside it in run.c. On worker 0 it calls the hook when it is due. Any status but
 * OK ends the run, and every later call returns the same. */
ketch_status kt_run_check(void *context, int32_t worker);
/* Ends the run with that status; returns the status that ended it first. */
ketch_status kt_run_end(ketch_context *context, ketch_status status);
/* Calls the hook at a fence, then checks stop and timeout. */
ketch_status kt_run_fence(ketch_context *context, const void *view);

/* The status that ended the run; STOPPED while it is suspended to be saved; OK: it goes on. */
static inline ketch_status kt_run_ended(const ketch_context *context)
{
    const ketch_status ended = __atomic_load_n(&context->ended, __ATOMIC_RELAXED);
    return ended != KETCH_OK ? ended : __atomic_load_n(&context->saving, __ATOMIC_RELAXED);
}

#endif
