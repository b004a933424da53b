/* Operations of a sub-tile that go together while a few of its blocks are in registers. */
#ifndef KTQ_COMPILE_REGISTER_GROUPS_H
#define KTQ_COMPILE_REGISTER_GROUPS_H

#include "ket/compile/group_ops.h"
#include "ket/compile/program.h"

/* ktq_sequence for a sub-tile, with what can be held in registers as HELD groups where that is
 * cheaper. Empties both first; spare: work memory. */
bool ktq_hold(ktq_group_list *out, ktq_group_list *spare, const ktq_kernel_set *set,
              const ktq_op_list *list, const ktq_frame *frame, size_t *left, size_t count,
              double *scale);

/* Puts a HELD group, with these positions (as many as registers hold), before those from `first` on
 * that can be its members; another one after each that cannot. False where memory is refused. */
bool ktq_hold_groups(ktq_group_list *out, size_t first, uint64_t held);

#endif
