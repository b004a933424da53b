/* Stage: passes.
 * Input:   operations of one segment.
 * Output:  passes, subpasses and groups, appended to the plan.
 * Purpose: carry out the stages from here on: tiles for passes, subtiles for subpasses, groups for
 *          calls.
 * Cost:    that of these stages. */
#ifndef KTQ_COMPILE_PASSES_H
#define KTQ_COMPILE_PASSES_H

#include "ket/compile/choose_tile.h"
#include "ket/compile/group_ops.h"
#include "ket/compile/plan.h"

/* Work memory, used again for each segment and plan; zeroed, it is ready. */
typedef struct ktq_pass_work {
    KT_LIST(size_t) remaining, taken, inner;
    ktq_group_list groups, spare;
    ktq_grouper *grouper;
} ktq_pass_work;

void ktq_pass_work_free(ktq_pass_work *work);

/* Steps of the circuit that the operations stand for: `before` are done before the first of them,
 * and `count` more after the last. */
typedef struct ktq_step_range {
    uint64_t before, count;
} ktq_step_range;

/* Puts operations first..last-1 of the list into passes, and may append others to the list, whose
 * numbers the passes use. *support: as a pass's, updated. False where memory is refused. */
bool ktq_passes_add(ktq_plan *plan, ktq_pass_work *work, ktq_op_list *list, size_t first,
                    size_t last, ktq_step_range steps, uint64_t *support);

#endif
