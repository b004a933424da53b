/* Results: the state of a run between calls. A result lies in an arena block of its own, so that a
 * second run of the same shape allocates nothing. */
#ifndef KT_RESULT_H
#define KT_RESULT_H

#include "arena.h"
#include "format.h"
#include "ketch/core.h"
#include "workers.h"
#include <stdbool.h>

/* The text that a job gave for its failure; status OK: it gave none. index: the index whose body
 * gave it, UINT64_MAX outside a sweep. lock guards the other fields while a sweep runs. */
typedef struct kt_failure {
    int32_t lock;
    ketch_status status;
    uint64_t index;
    char argument[32], given[96], allowed[96], message[320];
} kt_failure;

/* What a call that carries a run has taken so far. The last two are 0 where its processor time is not
 * measured. */
typedef struct kt_taken {
    double seconds, cpu_seconds, measured_seconds;
} kt_taken;

/* running (atomic): a call carries the run. at: the job's position. at.sweeping: a sweep is open,
 * sweep says how far it has got, and the job's next context call must be the same sweep.
 * at.progressed: a step was done, an index finished or a stage begun since the last fence. clean:
 * no index was handed out and no serial work checked since the last fence, so the job stands at it.
 * scratch is kept until the run has ended. */
struct ketch_result {
    uint64_t magic;
    int32_t running;
    ketch_status status;
    int32_t hook; /* what the hook returned last */
    bool clean;
    ketch_job job;
    ketch_block *record;  /* holds this struct */
    ketch_block *scratch; /* scratch_each bytes for each of scratch_workers; NULL where each is 0 */
    uint64_t scratch_each;
    int32_t scratch_workers;
    ketch_inner at;
    const char *phase; /* the job's text, or phase_text if the result was loaded */
    char phase_text[KT_PHASE_NAME];
    uint64_t number;
    ketch_report report; /* bytes is atomic */
    double saved;        /* when the last save ended; 0: none since it was made or loaded */
    kt_sweep sweep;
    uint64_t open[KETCH_THREADS_MAX], current[KETCH_THREADS_MAX]; /* arrays of sweep */
    kt_failure failure;
};

ketch_status kt_result_check(const ketch_result *result, const char *function, ketch_error *error);
/* Claims the result for a call: BUSY while another call carries or saves it. */
ketch_status kt_result_claim(ketch_result *result, const char *function, ketch_error *error);
void kt_result_release(ketch_result *result);
/* FORKED in the child of a hook that forked: the indices that other workers had begun are lost. */
ketch_status kt_result_check_whole(const ketch_result *result, const char *function,
                                   ketch_error *error);
/* Makes the result of a job that has not advanced, with scratch for `threads` workers. */
ketch_status kt_result_create(ketch_result **result, ketch_arena *arena, const ketch_job *job,
                              int32_t threads, const char *function, ketch_error *error);
/* Makes sure that there is scratch for that many workers. Its contents may be lost. */
ketch_status kt_result_equip(ketch_result *result, ketch_arena *arena, int32_t threads,
                             const char *function, ketch_error *error);
void kt_result_drop_scratch(ketch_result *result);
/* Bytes of scratch for each worker, rounded as they are taken. */
uint64_t kt_result_scratch_each(const ketch_job *job);

static inline void kt_report_add(ketch_report *report, const kt_taken *taken)
{
    report->seconds += taken->seconds;
    report->cpu_seconds += taken->cpu_seconds;
    report->measured_seconds += taken->measured_seconds;
}

/* Steps done, those of the open sweep in proportion to its finished indices. */
uint64_t kt_steps_done(const ketch_inner *at, uint64_t finished);
uint64_t kt_result_done(const ketch_result *result);

#endif
