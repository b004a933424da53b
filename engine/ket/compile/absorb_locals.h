/* Stage: absorb locals.
 * Input:   the operations of one segment.
 * Output:  the same operations with other numbers: factors on one qubit that come last in a dense
 *          pair are moved into the successors on its qubits.
 * Purpose: dense pairs whose first column is (c, 0, 0, s) with c and s real, which cost less, at no
 *          cost to their successors.
 * Cost:    linear in the operations. */
#ifndef KTQ_COMPILE_ABSORB_LOCALS_H
#define KTQ_COMPILE_ABSORB_LOCALS_H

#include "ket/kernels/op.h"

/* False where memory is refused. */
bool ktq_absorb_locals(ktq_op_list *list);

#endif
