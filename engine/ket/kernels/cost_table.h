/* Tables of costs that were measured apart from the library's own rows: rows for kernel sets, and
 * these sets with the rows as their costs. */
#ifndef KTQ_KERNELS_COST_TABLE_H
#define KTQ_KERNELS_COST_TABLE_H

#include "ket/kernels/kernels.h"
#include "ketch/circuits.h"

/* For each kernel set in either precision. */
enum { KTQ_COST_ROWS_MAX = 8 };

/* Immutable once it is made, but for references, which is atomic.
 * family: of the processor that it was measured on.
 * sets: the first `count`; set i is one of the build's with rows[i] as its costs. No two have the
 * same kernels and precision. */
struct ketch_cost_table {
    uint64_t magic;
    int32_t references, count;
    kt_cpu_family family;
    ktq_kernel_set sets[KTQ_COST_ROWS_MAX];
    ktq_costs rows[KTQ_COST_ROWS_MAX];
};

/* An empty table, with one reference; NULL where memory is refused. */
ketch_cost_table *ktq_cost_table_make(kt_cpu_family family);
/* Adds a row for a kernel set that the table does not have yet, whose own costs do not matter. The
 * row's numbers are for the caller to fill in. */
ktq_costs *ktq_cost_table_add(ketch_cost_table *table, const ktq_kernel_set *set);
/* The set with the table's costs; NULL: it has no row for it. */
const ktq_kernel_set *ktq_cost_table_find(const ketch_cost_table *table, ketch_kernels kernels,
                                          ketch_precision precision);
ketch_status ktq_cost_table_check(const ketch_cost_table *table, const char *argument,
                                  const char *function, ketch_error *error);

/* Makes a table of one row again: its family, then its numbers, as a file has them. CORRUPT: no
 * table has such numbers. MISMATCH: this build has no such kernel set. function: the public function
 * that errors name. */
ketch_status ktq_cost_table_restore(ketch_cost_table **table, ketch_kernels kernels,
                                    ketch_precision precision,
                                    const uint32_t numbers[1 + KTQ_COST_NUMBERS],
                                    const char *function, ketch_error *error);

/* Measures a table: ketch_cost_table_measure. Each number is measured once a round through the whole
 * table, and the least one is taken: what disturbs the machine for some seconds leaves no trace.
 * *table stays as it is after a failure. */
ketch_status ktq_cost_table_measure(ketch_cost_table **table, ketch_engine *engine, int32_t rounds,
                                    const ketch_run *run, const char *function, ketch_error *error);

#endif
