/* The numbers of a run's observables: stages of execute.c, whose user is the run. */
#ifndef KTQ_RUN_FINAL_SUMS_H
#define KTQ_RUN_FINAL_SUMS_H

#include "ket/run/run.h"

/* Norms and expectations, in a sweep of their own where the last pass has not left them. */
ketch_status ktq_sums_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_sums_body(uint64_t chunk, int32_t worker, void *user);
ketch_status ktq_sums_end(ketch_context *context, ketch_next *next, void *user);
/* Probabilities that the last pass has not left, one observable after the other. */
ketch_status ktq_probabilities_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_probabilities_body(uint64_t part, int32_t worker, void *user);
ketch_status ktq_probabilities_end(ketch_context *context, ketch_next *next, void *user);
/* Plans again what the stage's sweep works on, after the state may have moved to other memory. */
void ktq_final_sums_renew(ktq_run *run);

#endif
