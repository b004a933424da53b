/* Engine internals: what the workloads may know beyond ketch.h. */
#ifndef KT_ENGINE_H
#define KT_ENGINE_H

#include "arena.h"
#include "ketch/core.h"
#include "workers.h"
#include <stdbool.h>
#include <sys/types.h>

/* What an engine does; asked: to end. */
typedef enum kt_running { KT_IDLE, KT_RUNS, KT_ASKED } kt_running;

/* magic says it is alive, pid whose it is, and mark (0 in another process), where there is one,
 * without a call to the system; running (a kt_running) is atomic and claimed by at most one call at
 * a time. */
struct ketch_engine {
    uint64_t magic;
    pid_t pid;
    const int32_t *mark;
    int32_t threads;
    int32_t running;
    ketch_kernels kernels;
    bool kernels_given;
    ketch_arena *arena;
    kt_workers *workers;
};

/* Whether this is another process than the one that created it. */
bool kt_engine_forked(const ketch_engine *engine);
/* MISMATCH for a kernel set that does not run here; the text says which do. */
ketch_status kt_fail_kernels(ketch_error *error, const char *function, ketch_kernels kernels);
/* HANDLE or FORKED where the engine cannot be used. */
ketch_status kt_engine_check(const ketch_engine *engine, const char *function, ketch_error *error);
/* kt_engine_check, then claims it: BUSY where a run is on. */
ketch_status kt_engine_claim(ketch_engine *engine, const char *function, ketch_error *error);
void kt_engine_release(ketch_engine *engine);

/* Whether ketch_engine_stop asked the call that has claimed it to end. */
static inline bool kt_engine_asked(const ketch_engine *engine)
{
    return __atomic_load_n(&engine->running, __ATOMIC_ACQUIRE) == KT_ASKED;
}

/* A sweep outside a run, on a claimed engine or (NULL) on the calling thread alone. No stop, no
 * hooks. */
void kt_engine_sweep(ketch_engine *engine, uint64_t count, ketch_body body, void *user);

/* The calls that carry out a run of a job; `function` is the public name that errors carry. Each
 * claims the engine, then checks, then takes memory. kt_run_whole is begin and resume in one
 * claim. */
ketch_status kt_run_begin(ketch_result **result, ketch_engine *engine, const ketch_job *job,
                          const ketch_run *run, const char *function, ketch_error *error);
ketch_status kt_run_whole(ketch_result **result, ketch_engine *engine, const ketch_job *job,
                          const ketch_run *run, const char *function, ketch_error *error);

#endif
