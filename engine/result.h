/* What a run has reached: kept from one call to the next, in an arena block of its own, so that a
 * run of a known shape allocates nothing. */
#ifndef KT_RESULT_H
#define KT_RESULT_H

#include "arena.h"
#include "format.h"
#include "ketch/core.h"
#include "workers.h"
#include <stdbool.h>

/* Why a job failed, in its own words: status OK where it has not said. index: of the sweep's index
 * whose body said it, UINT64_MAX outside a sweep. lock guards the rest while a sweep runs. */
typedef struct kt_failure {
    int32_t lock;
    ketch_status status;
    uint64_t index;
    char argument[32], given[96], allowed[96], message[320];
} kt_failure;

/* running is atomic: a call is carrying it on. at: the job's position; where a sweep is open
 * (at.sweeping), sweep says how far it is, and the job's next context call must be the same one.
 * at.progressed: a step was retired, an index finished or a stage begun since the last fence;
 * clean: not even that was tried, so the job stands at the fence. scratch is held until the run
 * finishes. */
struct ketch_result {
    uint64_t magic;
    int32_t running;
    ketch_status status;
    int32_t hook; /* what it last returned */
    bool clean;
    ketch_job job;
    ketch_block *record;  /* holds this struct */
    ketch_block *scratch; /* scratch_each bytes for each of scratch_workers; NULL where each is 0 */
    uint64_t scratch_each;
    int32_t scratch_workers;
    ketch_inner at;
    const char *phase; /* the job's, or phase_text where the result was loaded */
    char phase_text[KT_PHASE_NAME];
    uint64_t number;
    ketch_report report; /* bytes is atomic */
    double saved;        /* when a save last ended; 0: not since it was made or loaded */
    kt_sweep sweep;
    uint64_t open[KETCH_THREADS_MAX], current[KETCH_THREADS_MAX]; /* the sweep's */
    kt_failure failure;
};

ketch_status kt_result_check(const ketch_result *result, const char *function, ketch_error *error);
/* Takes a result for this call alone: BUSY while another one carries it on or saves it. */
ketch_status kt_result_claim(ketch_result *result, const char *function, ketch_error *error);
void kt_result_release(ketch_result *result);
/* A result of a job that has not done anything; scratch for `threads` workers. */
ketch_status kt_result_create(ketch_result **result, ketch_arena *arena, const ketch_job *job,
                              int32_t threads, const char *function, ketch_error *error);
/* Scratch for at least that many workers. Its contents may be lost. */
ketch_status kt_result_equip(ketch_result *result, ketch_arena *arena, int32_t threads,
                             const char *function, ketch_error *error);
void kt_result_drop_scratch(ketch_result *result);
/* Bytes of scratch for each worker, as they are taken. */
uint64_t kt_result_scratch_each(const ketch_job *job);

/* Steps retired, those of the open sweep in proportion to its finished indices. Any thread. */
uint64_t kt_result_done(const ketch_result *result);

#endif
