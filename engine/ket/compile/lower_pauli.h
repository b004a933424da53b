/* Part of the stage lower: rotations about products of Paulis. */
#ifndef KTQ_COMPILE_LOWER_PAULI_H
#define KTQ_COMPILE_LOWER_PAULI_H

#include "ket/compile/lowering.h"

/* Lowers a Pauli rotation, parametric or not: to a phase of the parity of its qubits between changes
 * of their bases. False where memory is refused. */
bool ktq_lower_pauli_rotation(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate);

#endif
