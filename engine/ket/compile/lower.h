/* Stage: lower.
 * Input:   the gates of one segment, and the position of each qubit.
 * Output:  operations on positions, in an order that gives the gates' result; rules for those whose
 *          gates are parametric.
 * Purpose: merge runs of one-qubit gates into a diagonal, a rotation and a diagonal; carry out
 *          swaps by relabelling; make CX, phase, CX a phase of the parity.
 * Cost:    linear in the gates. */
#ifndef KTQ_COMPILE_LOWER_H
#define KTQ_COMPILE_LOWER_H

#include "ket/circuit/circuit.h"
#include "ket/compile/lowering.h"
#include "ket/compile/rules.h"
#include "ket/kernels/op.h"

/* Appends the operations of gates first..last-1 to the list. Measurements and fences among them are
 * left out, and conditions are ignored. position[q] is the position of qubit q on entry and on
 * exit. is_plain: nothing is merged, and swaps become operations. rules may be NULL where no gate
 * is parametric. l: work memory. False where memory is refused. */
bool ktq_lower(ktq_lowering *l, ktq_op_list *list, ktq_rules *rules, const ketch_circuit *circuit,
               size_t first, size_t last, uint8_t position[64], bool is_plain);
/* Appends operations that move what is at position q to position to[q], for all qubits. */
bool ktq_lower_permutation(ktq_lowering *l, ktq_op_list *list, int32_t qubits,
                           const uint8_t to[64]);
/* Whether ktq_lower carries the gate out by relabelling. */
bool ktq_gate_relabels(const ktq_gate *gate);

#endif
