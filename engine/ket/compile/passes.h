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
#include "ket/compile/merge_diagonals.h"
#include "ket/compile/plan.h"

/* Work memory of the region, used again for each segment and plan. At first all but the region is
 * zero. */
typedef struct ktq_pass_work {
    kt_region *region;
    KT_LIST(ktq_candidate) remaining, taken, inner, registers;
    ktq_group_list groups;
    ktq_grouper *grouper;
    ktq_merger *merger;
    ktq_op_costs costs;
} ktq_pass_work;

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
