/* What a job works with while it advances: see ketch_context in the public header. context.c has
 * what jobs may call, run.c decides when a run ends. */
#ifndef KT_CONTEXT_H
#define KT_CONTEXT_H

#include "engine.h"
#include "result.h"
#include "save.h"

/* One call that carries a job on. outer: NULL, or the context of the index that carries this job,
 * on its `worker`; then all that is about the run is the outermost context's. at: the job's position.
 * in_sweep: bodies are running. ended (atomic): the status that ends the run, once there is one; all
 * workers look at it. tick: when the hook is due next; only worker 0 touches it. save: when the run
 * is to be saved next. saving (atomic): KETCH_STOPPED where it is suspended to be saved, and goes on
 * afterwards unless it has ended meanwhile; else 0. was_told: error has the text of a failed save. */
struct ketch_context {
    ketch_context *outer;
    ketch_inner *at;
    const ketch_job *job;
    int32_t worker;
    bool in_sweep;
    bool fenced; /* advance has come to a fence */
    ketch_engine *engine;
    ketch_result *result;
    ketch_run run;
    double start, deadline, tick, save;
    int32_t ended;
    int32_t saving;
    const char *function; /* the public call's */
    ketch_error *error;
    bool was_told;
};

/* Reads and checks what the caller asks of a run of that job: NONFINITE, RANGE, HANDLE, and where it
 * is to be saved what kt_save_try says. */
ketch_status kt_run_read(ketch_run *asked, const ketch_run *run, const ketch_job *job,
                         const char *function, ketch_error *error);
/* Where to save it. */
kt_save kt_run_save(const ketch_run *run);

/* Whether to go on: the one place that decides about stop, time and saving. Serves the hook where it
 * is due, on worker 0 of the run's own context. What is not OK ends the run, and every later look
 * says the same. */
ketch_status kt_run_look(void *context, int32_t worker);
/* Ends the run with that status; returns the status that ended it first. */
ketch_status kt_run_end(ketch_context *context, ketch_status status);
/* Calls the hook at a fence, and looks at stop and time once more. */
ketch_status kt_run_fence(ketch_context *context, const void *view);

/* The status that ended the run, or STOPPED where it is to be saved; OK: it goes on. */
static inline ketch_status kt_run_ended(const ketch_context *context)
{
    const ketch_status ended = __atomic_load_n(&context->ended, __ATOMIC_RELAXED);
    return ended != KETCH_OK ? ended : __atomic_load_n(&context->saving, __ATOMIC_RELAXED);
}

#endif
