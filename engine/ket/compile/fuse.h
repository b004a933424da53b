/* Stage: fuse.
 * Input:   the operations of one segment.
 * Output:  operations with the same result, those on one pair of qubits multiplied into one dense
 *          matrix where that costs less; parametric ones stay as they are.
 * Purpose: fewer and denser kernel calls.
 * Cost:    linear in the operations. */
#ifndef KTQ_COMPILE_FUSE_H
#define KTQ_COMPILE_FUSE_H

#include "ket/kernels/kernels.h"
#include "ket/kernels/op.h"

/* Appends to out, which must be empty. False where memory is refused. */
bool ktq_fuse(ktq_op_list *out, const ktq_op_list *list, const ktq_kernel_set *set);

#endif
