/* Stage: estimate.
 * Input:   a plan.
 * Output:  nanoseconds on one core, by the costs of the plan's kernel set.
 * Purpose: compare plans.
 * Cost:    linear in the passes and subpasses. */
#ifndef KTQ_COMPILE_ESTIMATE_H
#define KTQ_COMPILE_ESTIMATE_H

#include "ket/compile/plan.h"

/* For one pass, in a run from a basis state. */
double ktq_plan_pass_cost(const ktq_plan *plan, const ktq_pass_plan *pass);
/* For all gates of a run from a basis state, with every condition met. */
double ktq_plan_run_cost(const ktq_plan *plan);
/* For preparing the data of all calls. */
double ktq_plan_prepare_cost(const ktq_plan *plan);

#endif
