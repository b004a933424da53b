/* The threads of an engine: a pool that shares the indices of a sweep. No other file creates
 * threads. */
#ifndef KT_WORKERS_H
#define KT_WORKERS_H

#include "ketch/core.h"
#include <stdbool.h>

typedef struct kt_workers kt_workers;

/* One sweep over the indices 0..count-1. Between two calls of kt_workers_sweep the first `next`
 * indices were handed out. Of these, open[0..open_count-1], in ascending order, are not
 * finished; they are handed out again first. next, finished and open_taken are atomic while the
 * sweep runs. */
typedef struct kt_sweep {
    uint64_t count;
    ketch_body body;
    void *user;
    /* Called before each index is handed out and, on the calling thread (worker 0), while it waits
     * for the others. No lock is held. After any status but OK no worker gets another index. NULL:
     * not called. */
    ketch_status (*check)(void *checker, int32_t worker);
    /* Called when a body leaves its index open, with the status that it returned; returns the
     * status that counts, which is not OK. NULL: the body's status counts. */
    ketch_status (*filter)(void *checker, int32_t worker, ketch_status status);
    void *checker;
    /* Arrays of KETCH_THREADS_MAX: the open indices, and by worker the index that its body works
     * on. Both may be NULL if every body returns OK. */
    uint64_t *open, *current;
    int32_t open_count;
    int32_t open_taken;
    uint64_t next __attribute__((aligned(64)));
    uint64_t finished;
    int32_t halted; /* atomic: the first status of check or a body that is not OK */
    int32_t lock;   /* guards failed and failure */
    uint64_t left;  /* atomic: the workers that left their current index open, a bit each */
    /* The lowest index whose body failed in this call, UINT64_MAX: none, and its status. */
    uint64_t failed;
    ketch_status failure;
} kt_sweep;

/* threads includes the caller. No thread is made before the first sweep with more than one index.
 * NULL if memory is refused. */
kt_workers *kt_workers_create(int32_t threads);
/* Ends the pool and its threads, in the process that made them. workers may be NULL. */
void kt_workers_destroy(kt_workers *workers);
/* Begins to measure the processor time of the pool's threads, for the thread that will carry out
 * sweeps; or ends that. workers may be NULL. */
void kt_workers_measure(kt_workers *workers, bool on);
/* Seconds of processor time that the pool's threads have used in sweeps since they are measured,
 * less what the calling thread has spent in waiting for them: to be added to the time of that
 * thread. Time in which a thread spins is no work. workers NULL: 0. Cost: a call to the system for
 * each thread. */
double kt_workers_cpu_seconds(const kt_workers *workers);
/* The number of threads made so far. */
int32_t kt_workers_started(const kt_workers *workers);
/* Runs a sweep on the caller and the pool, and returns when every index that was handed out is
 * finished or left open. OK: all indices are finished. Otherwise the failure of the lowest index
 * that failed or, if none failed, the status that halted the sweep. workers NULL: on the calling
 * thread alone.
 *
 * A worker that wakes late does not delay the end. After a sweep workers spin for 50 us, then
 * sleep. If a thread cannot be made the sweep runs on those that exist. FORKED from check on the
 * calling thread means that the threads exist in another process only: they are not waited for. */
ketch_status kt_workers_sweep(kt_workers *workers, kt_sweep *sweep);

#endif
