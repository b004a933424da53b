/* Adding a gate of fixed shape. */
#ifndef KTQ_CIRCUIT_ADD_H
#define KTQ_CIRCUIT_ADD_H

#include "ketch/circuits.h"

/* ketch_circuit_controlled for the public function of that name; the circuit has been checked. */
ketch_status ktq_add_gate(ketch_circuit *circuit, ketch_gate gate, const int32_t *qubits,
                          const double *params, int32_t control_count, const int32_t *controls,
                          const uint8_t *values, const char *function, ketch_error *error);

#endif
