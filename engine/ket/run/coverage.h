/* Runs that begin with a basis state: which of the state's memory is written, and which amplitudes
 * are zero without being so in memory. */
#ifndef KTQ_RUN_COVERAGE_H
#define KTQ_RUN_COVERAGE_H

#include "ket/run/run.h"

/* The pass's tiles. In a run from a basis state those that no pass has reached are zero, and are
 * left out. */
ktq_tiles ktq_coverage_tiles(const ktq_run *run, const ktq_pass *pass);
/* Positions of the pass's tiles on which memory holds the basis state's bit alone. */
uint64_t ktq_coverage_fresh(const ktq_run *run, const ktq_pass *pass);
/* Notes that the pass is done. */
void ktq_coverage_add(ktq_run *run, const ktq_pass *pass);

/* Stages: the begin of a shot, which writes its one amplitude, and the fill of all memory that no
 * pass has written, so that anything may read the state. */
ketch_status ktq_entry_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_entry_body(uint64_t index, int32_t worker, void *user);
void ktq_entry_done(ktq_run *run);
ketch_status ktq_fill_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_fill_body(uint64_t chunk, int32_t worker, void *user);
/* Whether some memory has to be filled. */
bool ktq_fill_is_needed(const ktq_run *run);
/* Notes at the end of a stage that fills that all memory is written. */
void ktq_fill_done(ktq_run *run);

#endif
