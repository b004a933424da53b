/* The workloads of this library. Only workloads.c knows them; the rest of the core does not. */
#ifndef KT_WORKLOADS_H
#define KT_WORKLOADS_H

#include "ketch/core.h"

/* statuses: the names of the count statuses first, first - 1, ... type: the type of the workload's
 * jobs. */
typedef struct kt_workload {
    ketch_status first;
    int32_t count;
    const char *const *statuses;
    const ketch_job_type *(*type)(void);
} kt_workload;

/* Workload number `index`; NULL: there is none. */
const kt_workload *kt_workload_at(size_t index);

#endif
