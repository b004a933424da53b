/* Measures what a kernel set costs on this machine. Times are of the thread's processor time, the
 * least of many short runs. */
#ifndef KTQ_KERNELS_MEASURE_H
#define KTQ_KERNELS_MEASURE_H

#include "ket/kernels/kernels.h"

/* What a row is measured in, one after the other: each is one number, or a few that belong
 * together, and takes up to about 50 ms. */
enum {
    KTQ_MEASURE_CALL = KTQ_COST_KINDS, /* after the kinds of kernels */
    KTQ_MEASURE_PREPARE,
    KTQ_MEASURE_RESIDENT, /* a group with no members; then each kind of member */
    KTQ_MEASURE_TRANSFER = KTQ_MEASURE_RESIDENT + KTQ_COST_MEMBERS,
    KTQ_MEASURE_SWEEPS = KTQ_MEASURE_TRANSFER + 3 * KTQ_COST_RUNS,
    KTQ_MEASURES
};

/* Memory to measure in: the parts of one block. */
typedef struct ktq_measure_memory ktq_measure_memory;

/* Bytes of the block, for any kernel set. */
uint64_t ktq_measure_size(void);
/* Lays the memory out in a block of that size. arena: where more is taken for a moment. */
ktq_measure_memory *ktq_measure_begin(void *block, ketch_arena *arena);
/* Does measure number i of KTQ_MEASURES. Numbers of the row that are 0 or larger than what was
 * measured become that. MEMORY, FORKED: from the arena. */
ketch_status ktq_measure(const ktq_measure_memory *memory, const ktq_kernel_set *set, int32_t i,
                         ktq_costs *costs, ketch_error *error);

#endif
