#include "ket/compile/planner.h"

#include "bits.h"
#include "ket/compile/invariants.h"
#include "ket/compile/kept.h"

#include <assert.h>
#include <string.h>

/* support: as a pass's, before the next one. retired: steps of the segments there are. */
typedef struct planner {
    ktq_plan *plan;
    ktq_pass_work *work;
    ktq_lowered *lowered;
    uint64_t support, retired;
} planner;

/* Reserves a group for each operation, so that the list, which is the plan's largest, hardly ever
 * grows; room that is not used is not touched. */
static bool begin_plan(ktq_plan *plan, const ktq_plan_source *source, const ktq_lowered *lowered,
                       const ktq_tiling *tiling)
{
    const ketch_circuit *const circuit = source->circuit;
    *plan = (ktq_plan){.region = source->region,
                       .qubits = circuit->qubit_count,
                       .bits = circuit->bit_count,
                       .steps = circuit->steps,
                       .precision = source->set->precision,
                       .set = source->set,
                       .tiling = *tiling,
                       .is_plain = source->is_plain,
                       .is_small = lowered->is_small,
                       .measures = lowered->measures,
                       .draws = lowered->draws,
                       .is_sampled = lowered->is_sampled,
                       .first_resets = lowered->first_resets,
                       .rules = lowered->rules};
    memcpy(plan->entry, lowered->entry, sizeof plan->entry);
    plan->measured.items = lowered->measured.items;
    plan->measured.count = lowered->measured.count;
    return KT_LIST_RESERVE_IN(&plan->segments, lowered->segments.count, source->region) &&
           (lowered->is_small ||
            KT_LIST_RESERVE_IN(&plan->groups, lowered->ops.count, source->region));
}

/* Puts a segment's operations into passes, those that arrange the state into passes of their own. */
static bool add_passes(planner *p, ktq_segment *segment, const ktq_lowered_segment *from)
{
    ktq_op_list *const ops = &p->lowered->ops;
    const size_t middle = from->first_op + from->arrange_count;
    const size_t end = from->first_op + from->op_count;
    uint64_t support = p->support;
    if (from->arrange_count && !ktq_passes_add(p->plan, p->work, ops, from->first_op, middle,
                                               (ktq_step_range){p->retired, 0}, &support))
        return false;
    segment->arrange_count = p->plan->passes.count - segment->first_pass;
    return ktq_passes_add(p->plan, p->work, ops, middle, end,
                          (ktq_step_range){p->retired, segment->retired - p->retired}, &p->support);
}

static bool plan_segment(planner *p, const ktq_lowered_segment *from)
{
    ktq_plan *const plan = p->plan;
    ktq_segment *const segment = &plan->segments.items[plan->segments.count++];
    *segment = from->segment;
    segment->first_pass = plan->passes.count;
    if (from->op_count && !add_passes(p, segment, from))
        return false;
    segment->pass_count = plan->passes.count - segment->first_pass;
    p->retired = segment->retired;
    const bool is_first = plan->segments.count <= plan->first_resets;
    if (segment->kind == KTQ_SEGMENT_RESET && !is_first) /* the basis state may have a 1 there */
        p->support |= kt_bit((uint64_t)segment->qubit);
    return true;
}

static bool plan_segments(planner *p)
{
    for (size_t i = 0; i < p->lowered->segments.count; i++)
        if (!plan_segment(p, &p->lowered->segments.items[i]))
            return false;
    return ktq_keep_numbers(p->plan, &p->lowered->ops);
}

bool ktq_plan_build(ktq_plan *plan, ktq_pass_work *work, const ktq_plan_source *source,
                    ktq_lowered *lowered, const ktq_tiling *tiling)
{
    if (!begin_plan(plan, source, lowered, tiling))
        return false;
    const size_t count = lowered->ops.count, data_count = lowered->ops.data_count;
    planner p = {.plan = plan, .work = work, .lowered = lowered};
    const bool good = plan_segments(&p);
    lowered->ops.count = count; /* without what passes appended */
    lowered->ops.data_count = data_count;
    if (!good)
        return false;
    ktq_keep_finish(plan);
    assert(ktq_plan_is_valid(plan, lowered->retired));
    return true;
}
