/* Coverage, in runs that begin with a basis state: which part of the state's memory is valid, and
 * which amplitudes are zero by definition although their memory is garbage. */
#ifndef KTQ_RUN_COVERAGE_H
#define KTQ_RUN_COVERAGE_H

#include "ket/run/run.h"

/* The tiles that the pass has to visit. In a run from a basis state, tiles that are zero and stay
 * so are left out. */
ktq_tiles ktq_coverage_tiles(const ktq_run *run, const ktq_pass *pass);
/* The positions of the pass's tiles on which only amplitudes with the basis state's bit are valid
 * in memory. */
uint64_t ktq_coverage_fresh(const ktq_run *run, const ktq_pass *pass);
/* Records that the pass is done: its tiles are valid in memory. */
void ktq_coverage_add(ktq_run *run, const ktq_pass *pass);

/* Two stages: the beginning of a shot, which writes its one amplitude; and the fill, which zeroes
 * all memory that no pass has written, so that the state can be read. */
ketch_status ktq_entry_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_entry_body(uint64_t index, int32_t worker, void *user);
void ktq_entry_done(ktq_run *run);
/* Sets a bit of the basis state to 0, before any pass of a run from one. */
void ktq_entry_reset(ktq_run *run, int32_t qubit);
ketch_status ktq_fill_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_fill_body(uint64_t chunk, int32_t worker, void *user);
/* True if some memory has to be filled. */
bool ktq_fill_is_needed(const ktq_run *run);
/* Records, at the end of a fill, that all memory is valid. */
void ktq_fill_done(ktq_run *run);

#endif
