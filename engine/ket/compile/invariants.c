#include "ket/compile/invariants.h"

static bool is_subset(uint64_t inner, uint64_t outer)
{
    return !(inner & ~outer);
}

static uint64_t low_positions(int32_t count)
{
    return (UINT64_C(1) << count) - 1;
}

/* ---- segments ---- */

static bool is_tiling_valid(const ktq_plan *plan)
{
    const ktq_tiling *const t = &plan->tiling;
    return plan->is_small || (t->run_bits >= 0 && t->run_bits <= t->tile_bits &&
                              t->subtile_bits <= t->tile_bits && t->tile_bits <= plan->qubits);
}

/* entry is a permutation of the qubits. */
static bool is_entry_valid(const ktq_plan *plan)
{
    uint64_t positions = 0;
    for (int32_t q = 0; q < plan->qubits; q++)
        positions |= UINT64_C(1) << plan->entry[q];
    return positions == low_positions(plan->qubits);
}

static bool is_segment_valid(const ktq_plan *plan, const ktq_segment *segment)
{
    const bool is_event =
        segment->kind == KTQ_SEGMENT_MEASURE || segment->kind == KTQ_SEGMENT_RESET;
    if (segment->arrange_count > segment->pass_count)
        return false;
    if (segment->kind != KTQ_SEGMENT_GATES && segment->pass_count > 0)
        return false;
    if (segment->kind == KTQ_SEGMENT_SAMPLE && !plan->is_sampled)
        return false;
    return !is_event || (plan->draws && segment->qubit >= 0 && segment->qubit < plan->qubits);
}

/* The segments cover the passes in order, and their steps rise to step_count. */
static bool are_segments_valid(const ktq_plan *plan, uint64_t step_count)
{
    size_t pass = 0;
    uint64_t retired = 0;
    for (size_t i = 0; i < plan->segments.count; i++) {
        const ktq_segment *const segment = &plan->segments.items[i];
        const bool is_first_fence = i == 0 && segment->has_fence && !segment->pass_count;
        if (!is_segment_valid(plan, segment) || segment->first_pass != pass ||
            (segment->retired < retired && !is_first_fence) ||
            (i != plan->first_resets && segment->arrange_count > 0) ||
            (i < plan->first_resets && segment->kind != KTQ_SEGMENT_RESET))
            return false;
        pass += segment->pass_count;
        retired = segment->retired;
    }
    return pass == plan->passes.count && retired == step_count;
}

/* ---- groups ---- */

static bool is_index_valid(const ktq_plan *plan, uint64_t data, size_t count)
{
    return data <= plan->numbers.count && count <= plan->numbers.count - data;
}

static bool is_single_valid(const ktq_plan *plan, const ktq_group *group, const ktq_frame *frame)
{
    const ktq_op *const op = group->op;
    return op && ktq_op_is_valid(op) && op->kind != KTQ_NOP && op->kind != KTQ_ROTATE &&
           is_subset(op->moved, frame->positions) && is_index_valid(plan, op->data, 0) &&
           op->is_parametric == group->is_parametric;
}

static bool are_terms_valid(const ktq_plan *plan, const ktq_group *group, const ktq_frame *frame)
{
    for (int32_t i = 0; i < group->term_count; i++)
        if (!is_index_valid(plan, group->terms[i].data, 2))
            return false;
    for (int32_t i = 0; i < group->rotation_count; i++)
        if (!(frame->positions >> group->rotations[i].position & 1) ||
            !is_index_valid(plan, group->rotations[i].data, 2))
            return false;
    for (int32_t i = 0; i < group->predicate_count; i++)
        if (is_subset(group->terms[group->predicates[i]].on.mask, frame->positions))
            return false;
    return true;
}

static bool is_group_valid(const ktq_plan *plan, const ktq_pass_plan *pass,
                           const ktq_subpass_plan *subpass, const ktq_group_plan *planned)
{
    const ktq_group *const group = &planned->group;
    if (!ktq_group_is_valid(group) || (group->is_parametric && !pass->is_parametric) ||
        planned->size % KT_LINE)
        return false;
    return group->kind == KTQ_GROUP_SINGLE ? is_single_valid(plan, group, &subpass->frame)
                                           : are_terms_valid(plan, group, &subpass->frame);
}

/* Members follow their RESIDENT group within the subpass, and share its positions. */
static bool are_members_valid(const ktq_group_plan *groups, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const ktq_group *const head = &groups[i].group;
        if (head->kind != KTQ_GROUP_RESIDENT)
            continue;
        if (head->members < 2 || (size_t)head->members >= count - i)
            return false;
        for (int32_t k = 1; k <= head->members; k++)
            if (groups[i + (size_t)k].group.kind == KTQ_GROUP_RESIDENT ||
                groups[i + (size_t)k].group.resident != head->resident)
                return false;
    }
    return true;
}

/* ---- passes ---- */

static bool is_subpass_valid(const ktq_plan *plan, const ktq_pass_plan *pass,
                             const ktq_subpass_plan *subpass)
{
    const ktq_group_plan *const groups = KT_LIST_AT(&plan->groups, subpass->first_group);
    const uint64_t lanes = ktq_lane_positions(plan->set, pass->frame.positions);
    size_t size = 0;
    if (!ktq_frame_is_valid(&subpass->frame) ||
        !is_subset(subpass->frame.positions, pass->frame.positions) ||
        !is_subset(lanes, subpass->frame.positions) ||
        !are_members_valid(groups, subpass->group_count))
        return false;
    for (size_t i = 0; i < subpass->group_count; i++) {
        if (!is_group_valid(plan, pass, subpass, &groups[i]))
            return false;
        size += groups[i].size;
    }
    return size == subpass->data_size;
}

static bool is_pass_valid(const ktq_plan *plan, const ktq_pass_plan *pass)
{
    return ktq_frame_is_valid(&pass->frame) &&
           is_subset(pass->frame.positions | pass->support, low_positions(plan->qubits)) &&
           (plan->is_small ||
            (pass->frame.bits == plan->tiling.tile_bits &&
             is_subset(low_positions(plan->tiling.run_bits), pass->frame.positions)));
}

/* The passes cover the subpasses in order, and these the groups; retired steps never fall. */
static bool are_passes_valid(const ktq_plan *plan)
{
    size_t subpass = 0, group = 0, ops = 0;
    uint64_t retired = 0;
    for (size_t i = 0; i < plan->passes.count; i++) {
        const ktq_pass_plan *const pass = &plan->passes.items[i];
        if (!is_pass_valid(plan, pass) || pass->first_subpass != subpass || pass->retired < retired)
            return false;
        for (size_t k = 0; k < pass->subpass_count; k++, subpass++) {
            const ktq_subpass_plan *const each = &plan->subpasses.items[subpass];
            if (each->first_group != group || !is_subpass_valid(plan, pass, each))
                return false;
            group += each->group_count;
        }
        ops += pass->op_count;
        retired = pass->retired;
    }
    return subpass == plan->subpasses.count && group == plan->groups.count && ops == plan->op_count;
}

/* ---- rules ---- */

static bool are_rules_valid(const ktq_plan *plan)
{
    const ktq_rules *const rules = &plan->rules;
    size_t phase = 0;
    for (size_t i = 0; i < rules->rules.count; i++) {
        const ktq_rule *const rule = &rules->rules.items[i];
        if (rule->first_phase != phase || !is_index_valid(plan, rule->data, 2))
            return false;
        phase += rule->phase_count;
    }
    for (size_t i = 0; i < plan->scale_rules.count; i++)
        if (plan->scale_rules.items[i].pass >= plan->passes.count ||
            !is_index_valid(plan, plan->scale_rules.items[i].data, 2))
            return false;
    return phase == rules->phases.count;
}

bool ktq_plan_is_valid(const ktq_plan *plan, uint64_t step_count)
{
    return is_tiling_valid(plan) && is_entry_valid(plan) && are_segments_valid(plan, step_count) &&
           are_passes_valid(plan) && are_rules_valid(plan);
}
