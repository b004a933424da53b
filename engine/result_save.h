/* Saving and loading results. */
#ifndef KT_RESULT_SAVE_H
#define KT_RESULT_SAVE_H

#include "result.h"
#include "save.h"

/* Saves a claimed result. save: where, and with which note. taken: what is not in the run's report
 * yet. */
ketch_status kt_result_write(ketch_result *result, const kt_save *save, const kt_taken *taken,
                             const char *function, ketch_error *error);
/* ketch_result_load, for the public functions of workloads. */
ketch_status kt_result_load(ketch_result **result, ketch_engine *engine, const ketch_job_type *type,
                            void *context, const char *path, const char *function,
                            ketch_error *error);

#endif
