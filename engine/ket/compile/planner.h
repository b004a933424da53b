/* Stage: planner.
 * Input:   a lowered circuit and a tiling.
 * Output:  a plan: the operations of every segment carried through the stages from passes to kept.
 * Purpose: run these stages in order.
 * Cost:    that of these stages. */
#ifndef KTQ_COMPILE_PLANNER_H
#define KTQ_COMPILE_PLANNER_H

#include "ket/compile/passes.h"
#include "ket/compile/segments.h"

/* Plans the lowered circuit, which is as before afterwards, and to whose measurements and rules the
 * plan refers. False where memory is refused. */
bool ktq_plan_build(ktq_plan *plan, ktq_pass_work *work, const ktq_plan_source *source,
                    ktq_lowered *lowered, const ktq_tiling *tiling);

#endif
