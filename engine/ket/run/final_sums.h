/* The numbers of a run's observables: begin, body and end of the stages that execute.c lists. Their
 * user is the run. */
#ifndef KTQ_RUN_FINAL_SUMS_H
#define KTQ_RUN_FINAL_SUMS_H

#include "ket/run/run.h"

/* Norms and expectation values, in a sweep of their own if the last pass has not computed them. */
ketch_status ktq_sums_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_sums_body(uint64_t chunk, int32_t worker, void *user);
ketch_status ktq_sums_end(ketch_context *context, ketch_next *next, void *user);
/* Terms with X, which are added to expectation values, sweep after sweep. */
ketch_status ktq_paulis_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_paulis_body(uint64_t tile, int32_t worker, void *user);
ketch_status ktq_paulis_end(ketch_context *context, ketch_next *next, void *user);
/* Variances, one observable and one of its sweeps after the other. */
ketch_status ktq_variances_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_variances_body(uint64_t index, int32_t worker, void *user);
ketch_status ktq_variances_end(ketch_context *context, ketch_next *next, void *user);
/* Probabilities that the last pass has not computed, one observable after the other. */
ketch_status ktq_probabilities_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_probabilities_body(uint64_t part, int32_t worker, void *user);
ketch_status ktq_probabilities_end(ketch_context *context, ketch_next *next, void *user);

#endif
