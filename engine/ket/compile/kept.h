/* Stage: keep.
 * Input:   the groups of a subpass, and the numbers of an operation list.
 * Output:  copies of them in the plan.
 * Purpose: a plan that depends on nothing else, to be prepared, bound, described and hashed.
 * Cost:    linear in the groups and numbers. */
#ifndef KTQ_COMPILE_KEPT_H
#define KTQ_COMPILE_KEPT_H

#include "ket/compile/group_ops.h"
#include "ket/compile/plan.h"

/* All return false where memory is refused. */

/* Appends the groups to the plan's last subpass, of the plan's last pass. Their numbers must be in
 * the list that ktq_keep_numbers is given. */
bool ktq_keep_groups(ktq_plan *plan, const ktq_group_list *groups);
/* Appends a factor of the whole state that has a rule and follows the plan's last pass; data: as
 * above. */
bool ktq_keep_scale_rule(ktq_plan *plan, uint64_t data);
/* Copies the list's numbers. There is memory for them even if there are none, so that an operation
 * without numbers may point there. */
bool ktq_keep_numbers(ktq_plan *plan, const ktq_op_list *list);
/* Links each group to its operation or terms, when all are kept and move no more. */
void ktq_keep_finish(ktq_plan *plan);

#endif
