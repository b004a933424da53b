/* Checks of what a circuit's run is asked for, and the prepare of its type. */
#ifndef KTQ_RUN_PREPARE_H
#define KTQ_RUN_PREPARE_H

#include "ket/run/run.h"

/* ARITY for a program with parameters that have no values. */
ketch_status ktq_launch_check_bound(const ketch_program *program, const char *function,
                                    ketch_error *error);
/* RANGE for shots that the program cannot give; state NULL: |0...0>. */
ketch_status ktq_launch_check_shots(const ketch_program *program, const ketch_state *state,
                                    const ketch_shots *asked, const char *function,
                                    ketch_error *error);
/* Makes the run of a ktq_launch, the job's user. */
ketch_status ktq_run_prepare(ketch_job *job, ketch_engine *engine, ketch_error *error);

#endif
