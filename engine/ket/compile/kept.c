#include "ket/compile/kept.h"

#include "ket/kernels/prepare.h"

#include <assert.h>
#include <string.h>

static void keep_terms(ktq_plan *plan, const ktq_group *group)
{
    if (group->term_count)
        memcpy(plan->terms.items + plan->terms.count, group->terms,
               group->term_count * sizeof *group->terms);
    plan->terms.count += group->term_count;
}

static ktq_group_plan *keep_group(ktq_plan *plan, const ktq_group *group)
{
    ktq_group_plan *const kept = &plan->groups.items[plan->groups.count++];
    *kept = (ktq_group_plan){.group = *group};
    if (group->kind == KTQ_GROUP_SINGLE)
        plan->ops.items[plan->ops.count++] = *group->op;
    else
        keep_terms(plan, group);
    return kept;
}

/* The most bytes that the data of the group's call can take, whatever scale it multiplies in. */
static size_t size_with_any_scale(const ktq_kernel_set *set, const ktq_group *group,
                                  const ktq_frame *frame)
{
    ktq_group scaled = *group;
    scaled.scale = 0;
    return ktq_call_need(set, &scaled, frame);
}

bool ktq_keep_groups(ktq_plan *plan, const ktq_group_list *groups)
{
    assert(plan->passes.count && plan->subpasses.count);
    const ktq_pass_plan *const pass = &plan->passes.items[plan->passes.count - 1];
    ktq_subpass_plan *const subpass = &plan->subpasses.items[plan->subpasses.count - 1];
    assert(subpass->first_group + subpass->group_count == plan->groups.count);
    kt_region *const region = plan->region;
    if (!KT_LIST_RESERVE_IN(&plan->groups, groups->count, region) ||
        !KT_LIST_RESERVE_IN(&plan->ops, groups->count, region) ||
        !KT_LIST_RESERVE_IN(&plan->terms, groups->term_count, region))
        return false;
    for (size_t i = 0; i < groups->count; i++) {
        const ktq_group *const group = &groups->groups[i];
        const size_t size = ktq_call_need(plan->set, group, &subpass->frame);
        assert(pass->is_parametric || !group->is_parametric);
        ktq_group_plan *const kept = keep_group(plan, group);
        kept->size =
            pass->is_parametric ? size_with_any_scale(plan->set, group, &subpass->frame) : size;
        subpass->size += size;
        subpass->data_size += kept->size;
    }
    subpass->group_count += groups->count;
    return true;
}

bool ktq_keep_scale_rule(ktq_plan *plan, uint64_t data)
{
    assert(plan->passes.count);
    if (!KT_LIST_RESERVE_IN(&plan->scale_rules, 1, plan->region))
        return false;
    plan->scale_rules.items[plan->scale_rules.count++] =
        (ktq_scale_rule){plan->passes.count - 1, data};
    return true;
}

bool ktq_keep_numbers(ktq_plan *plan, const ktq_op_list *list)
{
    if (!KT_LIST_RESERVE_IN(&plan->numbers, list->data_count, plan->region))
        return false;
    if (list->data_count)
        memcpy(plan->numbers.items, list->data, list->data_count * sizeof *list->data);
    plan->numbers.count = list->data_count;
    return true;
}

void ktq_keep_finish(ktq_plan *plan)
{
    size_t op = 0, term = 0;
    for (size_t i = 0; i < plan->groups.count; i++) {
        ktq_group *const group = &plan->groups.items[i].group;
        group->op = group->kind == KTQ_GROUP_SINGLE ? &plan->ops.items[op++] : NULL;
        group->terms = group->term_count ? &plan->terms.items[term] : NULL;
        term += group->term_count;
    }
    assert(op == plan->ops.count);
    assert(term == plan->terms.count);
}
