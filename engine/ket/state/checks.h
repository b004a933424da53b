/* What is asked of states: the checks. */
#ifndef KTQ_STATE_CHECKS_H
#define KTQ_STATE_CHECKS_H

#include "ket/compile/program.h"

/* `count` different qubits of a state of that many. */
ketch_status ktq_qubits_check(int32_t state_qubits, int64_t count, const int32_t *qubits,
                              const char *function, ketch_error *error);
/* Terms of Z on that many qubits. */
ketch_status ktq_terms_check(int32_t state_qubits, uint64_t count, const uint64_t *masks,
                             const double *coefficients, const char *function, ketch_error *error);
/* All that a run of the program is asked to observe. */
ketch_status ktq_observables_check(const ketch_program *program, const ketch_run *run,
                                   const char *function, ketch_error *error);

#endif
