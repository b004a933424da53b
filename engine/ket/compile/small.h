/* Stage: small circuits, in place of tiles, groups and calls.
 * Input:   the operations of a segment on at most KTQ_SMALL_QUBITS_MAX qubits.
 * Output:  small operations for a kernel set that keeps the whole state in registers.
 * Purpose: no loads and stores between operations.
 * Cost:    linear in the operations. */
#ifndef KTQ_COMPILE_SMALL_H
#define KTQ_COMPILE_SMALL_H

#include "ket/kernels/kernels.h"
#include "ket/kernels/small.h"

/* Fills in *small, in memory of the list's region. False where memory is refused. */
bool ktq_small_build(ktq_small *small, const ktq_kernel_set *set, const ktq_op_list *list,
                     int32_t qubits);

#endif
