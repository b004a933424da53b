/* Checks of jobs and job types that callers give. */
#ifndef KT_JOB_H
#define KT_JOB_H

#include "ketch/core.h"

/* A function of a job type; NULL if the type's size does not reach it. */
#define KT_TYPE_GET(type, field)                                                                   \
    ((type)->size >= offsetof(ketch_job_type, field) + sizeof(type)->field ? (type)->field : NULL)

/* Copies a caller's job. HANDLE, MISMATCH or RANGE if it has no type, or an incomplete one. */
ketch_status kt_job_read(ketch_job *read, const ketch_job *job, const char *function,
                         ketch_error *error);
/* HANDLE, MISMATCH or RANGE for a type that is not complete. */
ketch_status kt_job_check_type(const ketch_job_type *type, const char *function,
                               ketch_error *error);
/* MISMATCH if the engine was given another kernel set than the job's, or this machine does not run
 * the job's. */
ketch_status kt_job_check_kernels(const ketch_job *job, const ketch_engine *engine,
                                  const char *function, ketch_error *error);

/* Adds the memory that the core takes for a run of the job: the result and the workers' scratch. */
void kt_job_add_need(ketch_need *need, const ketch_engine *engine, const ketch_job *job);

#endif
