/* Stage: segments.
 * Input:   a circuit and a tiling.
 * Output:  a plan: the circuit cut at fences, measurements, resets and changes of condition, with
 *          every run of gates in between carried through the stages from lowering to keeping.
 * Purpose: run all stages in order.
 * Cost:    that of these stages: about a microsecond a gate. */
#ifndef KTQ_COMPILE_PLANNER_H
#define KTQ_COMPILE_PLANNER_H

#include "ket/compile/plan.h"

/* What a plan is made of, apart from its tiling. fence_every: as in ketch_program_options. */
typedef struct ktq_plan_source {
    const ketch_circuit *circuit;
    const ktq_kernel_set *set;
    uint64_t fence_every;
    bool is_plain;
} ktq_plan_source;

/* Whether its plan has small passes alone, for which there is no tiling. */
bool ktq_plan_is_small(const ktq_plan_source *source);
/* Plans the first gate_count gates of the circuit. Whatever is returned, ktq_plan_free ends the
 * plan. False where memory is refused. */
bool ktq_plan_build(ktq_plan *plan, const ktq_plan_source *source, const ktq_tiling *tiling,
                    size_t gate_count);

#endif
