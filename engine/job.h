/* Jobs and their types as callers give them. */
#ifndef KT_JOB_H
#define KT_JOB_H

#include "ketch/core.h"

/* What a type has beyond the fields that its size covers is NULL. */
#define KT_TYPE_GET(type, field)                                                                   \
    ((type)->size >= offsetof(ketch_job_type, field) + sizeof(type)->field ? (type)->field : NULL)

/* Reads a caller's job. HANDLE or MISMATCH for one without a type, or whose type is not complete. */
ketch_status kt_job_read(ketch_job *read, const ketch_job *job, const char *function,
                         ketch_error *error);
/* HANDLE, MISMATCH or RANGE for a type that is not complete. */
ketch_status kt_job_check_type(const ketch_job_type *type, const char *function,
                               ketch_error *error);
/* MISMATCH where the engine was given another kernel set than the job's, or this machine does not
 * run it. */
ketch_status kt_job_check_kernels(const ketch_job *job, const ketch_engine *engine,
                                  const char *function, ketch_error *error);

/* Adds what the core takes for a run of the job: its result and the workers' scratch. */
void kt_job_add_need(ketch_need *need, const ketch_engine *engine, const ketch_job *job);

#endif
