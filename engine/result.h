/* What a run has reached: kept from one call to the next, in an arena block of its own, so that a
 * run of a known shape allocates nothing. */
#ifndef KT_RESULT_H
#define KT_RESULT_H

#include "arena.h"
#include "ketch.h"
#include "workers.h"
#include <stdbool.h>

/* running is atomic: a call is carrying it on. sweep is open where a parallel call was begun and
 * has not ended: sweep.next says how far it is, and the job's next context call must be the same
 * one. clean: nothing has happened since the last fence. scratch is held until the run finishes. */
struct ketch_result {
    uint64_t magic;
    int32_t running;
    ketch_status status;
    int32_t hook; /* what it last returned */
    bool finished, clean, sweeping;
    ketch_job job;
    ketch_block *record;  /* holds this struct */
    ketch_block *scratch; /* scratch_each bytes for each of scratch_workers; NULL where each is 0 */
    uint64_t scratch_each;
    int32_t scratch_workers;
    uint64_t done;
    uint64_t sweep_steps; /* that the open sweep will retire */
    kt_sweep sweep;
    ketch_report report; /* bytes is atomic */
};

ketch_status kt_result_check(const ketch_result *result, const char *function, ketch_error *error);
/* A result of a job that has not done anything; scratch for `threads` workers. */
ketch_status kt_result_create(ketch_result **result, ketch_arena *arena, const ketch_job *job,
                              int32_t threads, const char *function, ketch_error *error);
/* Scratch for at least that many workers. Its contents may be lost. */
ketch_status kt_result_equip(ketch_result *result, ketch_arena *arena, int32_t threads,
                             const char *function, ketch_error *error);
void kt_result_retire_scratch(ketch_result *result);

/* Indices of the open sweep that were handed out. Workers that find none left count on. */
static inline uint64_t kt_result_taken(const ketch_result *result)
{
    const uint64_t next = __atomic_load_n(&result->sweep.next, __ATOMIC_RELAXED);
    const uint64_t count = result->sweeping ? result->sweep.count : 0;
    return next < count ? next : count;
}

#endif
