/* The workloads of this library: the only place where the core knows of them. */
#ifndef KT_WORKLOADS_H
#define KT_WORKLOADS_H

#include "ketch/core.h"

/* statuses: names of first, first - 1, ..., count of them. type: of the workload's jobs. */
typedef struct kt_workload {
    ketch_status first;
    int32_t count;
    const char *const *statuses;
    const ketch_job_type *(*type)(void);
} kt_workload;

/* NULL past the last. */
const kt_workload *kt_workload_at(size_t index);

#endif
