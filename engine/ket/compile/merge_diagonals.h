/* Diagonals that look at lanes and at other bits. */
#ifndef KTQ_COMPILE_MERGE_DIAGONALS_H
#define KTQ_COMPILE_MERGE_DIAGONALS_H

#include "ket/kernels/pass.h"

/* Such diagonals are steps of their own: of the operations ops[0..*count-1] (numbers of the list's,
 * in an order that gives the result), those that can wait for each other become one, at the end of
 * the list. lanes: positions of the frame. None has a recipe. False where memory is refused. */
bool ktq_merge_mixed(ktq_op_list *list, const ktq_frame *frame, uint64_t lanes, size_t *ops,
                     size_t *count);

#endif
