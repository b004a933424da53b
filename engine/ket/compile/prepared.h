/* Stage: prepare.
 * Input:   a plan, and its numbers.
 * Output:  passes with the calls of one kernel set.
 * Purpose: what kernels read, apart from what planning has to know.
 * Cost:    linear in the groups and in the data of their calls. */
#ifndef KTQ_COMPILE_PREPARED_H
#define KTQ_COMPILE_PREPARED_H

#include "ket/compile/plan.h"
#include "layout.h"

/* Takes the plan's passes from the layout, without calls. NULL while the size is added up. */
ktq_pass *ktq_prepared_take_passes(kt_layout *layout, const ktq_plan *plan);
/* Takes the calls, and memory for their data, of the passes that are parametric or of those that
 * are not. passes: NULL while the size is added up. */
void ktq_prepared_take_calls(kt_layout *layout, ktq_pass *passes, const ktq_plan *plan,
                             bool is_parametric);
/* Prepares the calls of all passes that are not parametric. */
void ktq_prepare_constant_calls(ktq_pass *passes, const ktq_plan *plan);

/* Where the data of the subpass's calls begin: that of a call follows that of the one before it. */
static inline char *ktq_prepared_data(const ktq_subpass *subpass)
{
    return (char *)subpass->calls + kt_round_line(subpass->call_count * sizeof *subpass->calls);
}

#endif
