/* What a gate's name stands for, and calls of gates: expanded to operations of the circuit. */
#ifndef KTQ_QASM_CALLS_H
#define KTQ_QASM_CALLS_H

#include "ket/qasm/parser.h"

/* Makes the gates of qelib1.inc known, from this place of the text on. */
ketch_status ktq_qasm_include_gates(ktq_qasm *q);
/* True where the token can be the name of a gate. */
bool ktq_qasm_names_gate(const ktq_token *token);
/* Finds the gate that the current token names. GATE where it is unknown or opaque. */
ketch_status ktq_qasm_find_callee(ktq_qasm *q, ktq_callee *callee);
/* How many parameters a call has. */
size_t ktq_qasm_param_count(const ktq_qasm *q, ktq_callee callee);
/* ARITY where a call of it, by that name, has another number of parameters or qubits. */
ketch_status ktq_qasm_check_arity(ktq_qasm *q, ktq_callee callee, const ktq_token *name,
                                  size_t params, size_t qubits);

/* How many operations a call expands to; UINT64_MAX where that overflows. */
uint64_t ktq_qasm_call_cost(const ktq_qasm *q, ktq_callee callee);
/* Counts `times` calls as operations, before they are expanded; LIMIT where they are too many. */
ketch_status ktq_qasm_count_operations(ktq_qasm *q, ktq_callee callee, uint64_t times,
                                       ktq_place place);
/* Adds the gate to the circuit, or what its definition expands to. Its param_count parameters are
 * the last of q->params, and stay there. */
ketch_status ktq_qasm_expand_call(ktq_qasm *q, ktq_callee callee, const uint8_t *qubits,
                                  size_t qubit_count, size_t param_count);

#endif
