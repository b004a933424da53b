/* For assertions and tests: what the types of plan.h promise. */
#ifndef KTQ_COMPILE_INVARIANTS_H
#define KTQ_COMPILE_INVARIANTS_H

#include "ket/compile/plan.h"

/* Whether a plan that was built, and has its groups, keeps all invariants. step_count: the steps
 * that were planned. Cost: linear in the plan. */
bool ktq_plan_is_valid(const ktq_plan *plan, uint64_t step_count);

#endif
