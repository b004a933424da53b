/* Checks of a circuit's run, and its type's prepare. */
#ifndef KTQ_RUN_PREPARE_H
#define KTQ_RUN_PREPARE_H

#include "ket/run/run.h"

/* ARITY for a program with parameters that have no values. */
ketch_status ktq_launch_check_bound(const ketch_program *program, const char *function,
                                    ketch_error *error);
/* RANGE for a number of shots that the program cannot do on that state; state NULL: |0...0>. */
ketch_status ktq_launch_check_shots(const ketch_program *program, const ketch_state *state,
                                    const ketch_shots *asked, const char *function,
                                    ketch_error *error);
/* Prepares a job whose user is a ktq_launch: afterwards its user is the run. */
ketch_status ktq_run_prepare(ketch_job *job, ketch_engine *engine, ketch_error *error);

#endif
