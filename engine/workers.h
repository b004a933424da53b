/* The threads of an engine: a pool that shares the indices of a sweep. The only place that creates
 * threads. */
#ifndef KT_WORKERS_H
#define KT_WORKERS_H

#include "ketch/core.h"
#include <stdbool.h>

typedef struct kt_workers kt_workers;

/* One sweep over the indices 0..count-1. Between two calls of kt_workers_sweep the first `next`
 * were handed out; those of them in open[0..open_count-1], ascending, are not finished and are
 * handed out again first. next, finished and open_taken are atomic while the sweep runs. */
typedef struct kt_sweep {
    uint64_t count;
    ketch_body body;
    void *user;
    /* Called before each index is handed out, and on the calling thread (worker 0) also while it
     * waits for the others; no lock is held. Anything but OK: no index is handed out any more, by
     * any worker. NULL: not called. */
    ketch_status (*check)(void *checker, int32_t worker);
    void *checker;
    /* KETCH_THREADS_MAX each: open indices, and by worker the index that its body works on. NULL,
     * both: every body returns OK. */
    uint64_t *open, *current;
    int32_t open_count;
    int32_t open_taken;
    uint64_t next __attribute__((aligned(64)));
    uint64_t finished;
    int32_t halted; /* atomic: the first status but OK of check or a body */
    int32_t lock;   /* guards failed and failure */
    uint64_t left;  /* atomic: the workers that left their current index open, a bit each */
    /* The lowest index whose body failed in this call, UINT64_MAX: none, and its status. */
    uint64_t failed;
    ketch_status failure;
} kt_sweep;

/* threads counts the caller; no thread is made before the first sweep that has work for two. NULL
 * where memory is refused. */
kt_workers *kt_workers_create(int32_t threads);
/* In the process that created it; workers may be NULL. */
void kt_workers_destroy(kt_workers *workers);
/* Threads made so far. */
int32_t kt_workers_started(const kt_workers *workers);
/* Runs a sweep on the caller and the pool; returns when every index handed out is finished or left
 * open. OK: all are finished. Otherwise the failure of the lowest index that failed or, where none
 * did, the status that halted the sweep. A worker that wakes late does not delay the end. Workers
 * spin for 50 us after a sweep, then sleep; they take no signals. When a thread cannot be made the
 * sweep runs on those there are. workers NULL: on the calling thread alone. FORKED from check on
 * the calling thread means that the pool stayed in another process: it is not waited for. */
ketch_status kt_workers_sweep(kt_workers *workers, kt_sweep *sweep);

#endif
