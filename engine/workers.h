/* The threads of an engine: a pool that shares the indices of a sweep. The only place that creates
 * threads. */
#ifndef KT_WORKERS_H
#define KT_WORKERS_H

#include "ketch.h"
#include <stdbool.h>

typedef struct kt_workers kt_workers;

/* One sweep: indices next..count-1 are handed out one by one, each finished once taken. It survives
 * a stop: what is left is next..count-1. */
typedef struct kt_sweep {
    uint64_t count;
    uint64_t next; /* atomic while it runs */
    ketch_body body;
    void *user;
    /* Looked at before each index is taken: on the calling thread (worker 0) it may call hooks, on
     * others it may not. Not OK: no index is taken any more, by any worker. NULL: never. */
    ketch_status (*check)(void *checker, int32_t worker);
    void *checker;
    int32_t halted; /* atomic: the first status other than OK that check gave */
} kt_sweep;

/* threads counts the caller; no thread is made before the first sweep that has work for two. */
kt_workers *kt_workers_create(int32_t threads);
/* In the process that created it; workers may be NULL. */
void kt_workers_destroy(kt_workers *workers);
/* Threads made so far. */
int32_t kt_workers_started(const kt_workers *workers);
/* Runs a sweep on the caller and the pool; returns when every index taken is finished. A worker
 * that wakes late does not delay the end. Workers spin for 50 us after a sweep, then sleep; they
 * take no signals. When a thread cannot be made the sweep runs on those there are. workers NULL: on
 * the calling thread alone. FORKED from check on the calling thread means that the pool stayed in
 * another process: it is not waited for. */
ketch_status kt_workers_sweep(kt_workers *workers, kt_sweep *sweep);

#endif
