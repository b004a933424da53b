/* Stage: merge diagonals.
 * Input:   the operations of a subtile.
 * Output:  the same, where diagonals that depend both on lanes and on other positions of the
 *          subtile are multiplied into few.
 * Purpose: such a diagonal is a kernel call of its own, so that one for many costs less.
 * Cost:    linear in the operations, and in the factors of each product. */
#ifndef KTQ_COMPILE_MERGE_DIAGONALS_H
#define KTQ_COMPILE_MERGE_DIAGONALS_H

#include "ket/compile/choose_tile.h"

/* Work memory, which every call may use again. NULL where memory is refused. */
typedef struct ktq_merger ktq_merger;
ktq_merger *ktq_merger_take(kt_region *region);

/* ops[0..*count-1]: the list's operations, in order, none of them parametric. Products are appended
 * to the list, and ops and *count updated. lanes: the frame's positions that are lanes. False where
 * memory is refused. */
bool ktq_merge_diagonals(ktq_merger *m, ktq_op_list *list, const ktq_op_costs *costs,
                         const ktq_frame *frame, uint64_t lanes, ktq_candidate *ops, size_t *count);

#endif
