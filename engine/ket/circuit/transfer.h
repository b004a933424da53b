/* Adding the records of one circuit to another: what all transformations are made of. */
#ifndef KTQ_CIRCUIT_TRANSFER_H
#define KTQ_CIRCUIT_TRANSFER_H

#include "ket/circuit/circuit.h"
#include "text.h"

/* How records of `from` are added to `to`, which may be the same circuit.
 *
 * Qubit i goes to qubits[i], bit i to bits[i]; bits NULL: to i. angles: the index in `to` of each
 * angle of `from`; NULL: there are none. Every gate gets control_count further controls, the first
 * qubits of `to`; bit i of open_controls is set where control i acts on 0. A gate that has a name
 * under all its controls gets that name. condition: index in `to` of the condition for records that
 * have none. */
typedef struct ktq_transfer {
    ketch_circuit *to;
    const ketch_circuit *from;
    const int32_t *bits;
    size_t *angles;
    uint32_t condition;
    uint8_t control_count;
    uint64_t open_controls;
    uint8_t qubits[KETCH_QUBITS_MAX];
} ktq_transfer;

/* Begins with qubits and bits where they are, no controls, and the condition in force. `to` gets
 * the parameters that it lacks, and the angles of `from` times sign. False, and nothing has
 * changed, where memory is refused. */
bool ktq_transfer_begin(ktq_transfer *transfer, ketch_circuit *to, const ketch_circuit *from,
                        double sign);
void ktq_transfer_end(ktq_transfer *transfer);

/* Adds record number `index`. Without room for it, false where memory is refused. */
bool ktq_transfer_record(const ktq_transfer *transfer, size_t index);
/* Adds a gate with qubits of `from` and these params, in which angles are those of `from`; only
 * its condition is still looked up there. */
bool ktq_transfer_gate(const ktq_transfer *transfer, const ktq_gate *gate, const uint8_t *qubits,
                       const double *params);

/* The inverse of a circuit that is unitary; NULL where memory is refused. */
ketch_circuit *ktq_circuit_invert(const ketch_circuit *circuit);

/* Checks the arguments of a function that makes a circuit of another, and sets *made to NULL. */
ketch_status ktq_check_making(ketch_circuit **made, const ketch_circuit *circuit,
                              const char *function, ketch_error *error);
/* "gate 3 (cx)": record number 3. */
kt_text ktq_record_label(const ketch_circuit *circuit, size_t index);
/* GATE if the circuit has a measurement, a reset or a condition. done: what cannot be done to it,
 * as in "inverted". */
ketch_status ktq_check_is_unitary(const ketch_circuit *circuit, const char *done,
                                  const char *function, ketch_error *error);

#endif
