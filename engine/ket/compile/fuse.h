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

/* Work memory, which every call may use again. NULL where memory is refused. */
typedef struct ktq_fuser ktq_fuser;
ktq_fuser *ktq_fuser_take(kt_region *region);

/* Appends to out, which must be empty. False where memory is refused. */
bool ktq_fuse(ktq_fuser *c, ktq_op_list *out, const ktq_op_list *list, const ktq_kernel_set *set);

#endif
