/* Measurements, resets and the final measurements of a circuit's run: begin, body and end of the
 * stages that execute.c lists. Their user is the run. */
#ifndef KTQ_RUN_EVENTS_H
#define KTQ_RUN_EVENTS_H

#include "ket/run/run.h"

/* The sum of |a|^2 over the amplitudes of an outcome. */
ketch_status ktq_weight_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_run_weight_body(uint64_t chunk, int32_t worker, void *user);

/* Measurement or reset of one qubit: the sums of both outcomes, a draw, the collapse. */
ketch_status ktq_outcomes_body(uint64_t chunk, int32_t worker, void *user);
ketch_status ktq_outcomes_end(ketch_context *context, ketch_next *next, void *user);
ketch_status ktq_collapse_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_run_collapse_body(uint64_t chunk, int32_t worker, void *user);
void ktq_collapse_done(ktq_run *run);

/* The final measurements, all together: the sums of the chunks, an outcome for each shot, the rows
 * of bits and, without shots, the collapse onto the one outcome. */
ketch_status ktq_weight_begin_all(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_weight_end_all(ketch_context *context, ketch_next *next, void *user);
ketch_status ktq_draw_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_draw_body(uint64_t batch, int32_t worker, void *user);
ketch_status ktq_locate_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_locate_body(uint64_t part, int32_t worker, void *user);
ketch_status ktq_rows_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_rows_body(uint64_t chunk, int32_t worker, void *user);
ketch_status ktq_rows_end(ketch_context *context, ketch_next *next, void *user);
ketch_status ktq_weight_end_outcome(ketch_context *context, ketch_next *next, void *user);
ketch_status ktq_project_begin(ketch_context *context, ketch_sweep *sweep, void *user);
ketch_status ktq_run_project_body(uint64_t chunk, int32_t worker, void *user);

#endif
