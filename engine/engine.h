/* The engine inside the library, for the core and workloads. */
#ifndef KT_ENGINE_H
#define KT_ENGINE_H

#include "arena.h"
#include "ketch/core.h"
#include "workers.h"
#include <stdbool.h>

/* KT_IDLE: no call uses the engine. KT_RUNS: one does. KT_ASKED: it was asked to end. */
typedef enum kt_running { KT_IDLE, KT_RUNS, KT_ASKED } kt_running;

/* magic: the engine exists. running: a kt_running, atomic; at most one call at a time claims the
 * engine. arena: made in the same process as the engine. */
struct ketch_engine {
    uint64_t magic;
    int32_t threads;
    int32_t running;
    ketch_kernels kernels;
    bool kernels_given, owns_arena;
    ketch_arena *arena;
    kt_workers *workers;
};

/* True in another process than the one that made the engine. */
bool kt_engine_forked(const ketch_engine *engine);
/* MISMATCH for a kernel set that this machine does not run; the text names those that it runs. */
ketch_status kt_fail_kernels(ketch_error *error, const char *function, ketch_kernels kernels);
/* HANDLE or FORKED if the engine cannot be used. */
ketch_status kt_engine_check(const ketch_engine *engine, const char *function, ketch_error *error);
/* Checks the engine and claims it for a call: BUSY if another call has it. */
ketch_status kt_engine_claim(ketch_engine *engine, const char *function, ketch_error *error);
void kt_engine_release(ketch_engine *engine);

/* True if ketch_engine_stop asked the call that has claimed the engine to end. */
static inline bool kt_engine_asked(const ketch_engine *engine)
{
    return __atomic_load_n(&engine->running, __ATOMIC_ACQUIRE) == KT_ASKED;
}

/* Carries out a sweep outside a run, on a claimed engine or, with NULL, on the calling thread
 * alone. It cannot be stopped and calls no hook. */
void kt_engine_sweep(ketch_engine *engine, uint64_t count, ketch_body body, void *user);

/* Begin and run of a job. Each claims the engine, then checks, then takes memory. kt_run_whole
 * begins the run and carries it to its end under one claim. function: the public function that
 * errors name. */
ketch_status kt_run_begin(ketch_result **result, ketch_engine *engine, const ketch_job *job,
                          const ketch_run *run, const char *function, ketch_error *error);
ketch_status kt_run_whole(ketch_result **result, ketch_engine *engine, const ketch_job *job,
                          const ketch_run *run, const char *function, ketch_error *error);

#endif
