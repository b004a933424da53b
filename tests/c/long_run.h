/* A run on a thread of its own that lasts until it is told to stop. */
#ifndef KT_TEST_LONG_RUN_H
#define KT_TEST_LONG_RUN_H

#include "mill.h"

#include <pthread.h>
#include <sched.h>

typedef struct long_run {
    ketch_engine *engine;
    clockwork c;
    ketch_stop stop;
    ketch_status status;
} long_run;

static inline void *run_long(void *user)
{
    long_run *const l = user;
    const ketch_job job = clockwork_job(&l->c);
    const ketch_run run = {.size = sizeof run, .stop = &l->stop};
    ketch_result *result = NULL;
    l->status = ketch_engine_run(&result, l->engine, &job, &run, NULL);
    ketch_result_destroy(result);
    return NULL;
}

static inline pthread_t start_long(long_run *l)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, run_long, l), 0);
    while (__atomic_load_n(&l->c.indices, __ATOMIC_RELAXED) < 10)
        sched_yield();
    return thread;
}

#endif
