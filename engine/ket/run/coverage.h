/* Runs that begin with a basis state: what of the state's memory is written, and what is zero
 * without being so. */
#ifndef KTQ_RUN_COVERAGE_H
#define KTQ_RUN_COVERAGE_H

#include "ket/run/execute.h"

/* Begins a shot: from a basis state, writes its one amplitude. The sweep is made also where there
 * is nothing to do: what is stopped before it has not begun. */
ketch_status ktq_basis_start(ketch_context *context, ktq_circuit_run *run);
/* Fills all memory that no pass has written, so that anything may read the state. */
ketch_status ktq_basis_complete(ketch_context *context, ktq_circuit_run *run);

/* The pass's tiles: those that a run from a basis state has not reached yet are zero, and left out.
 */
ktq_tiles ktq_basis_tiles(const ktq_circuit_run *run, const ktq_pass *pass);
/* Positions of the pass's tiles in which only the basis state's bits are in memory yet. */
uint64_t ktq_basis_fresh(const ktq_circuit_run *run, const ktq_pass *pass);
/* The pass is done. */
void ktq_basis_passed(ktq_circuit_run *run, const ktq_pass *pass);

#endif
