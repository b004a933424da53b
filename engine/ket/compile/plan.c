#include "ket/compile/plan.h"

#include <string.h>

/* Takes a part of the layout and, where there is memory, copies the items there. */
static void *copy_part(kt_layout *layout, const void *items, size_t count, size_t item_size)
{
    void *const part = kt_layout_take(layout, count, item_size);
    if (part && count)
        memcpy(part, items, count * item_size);
    return part;
}

/* Makes `to` a list of copies of from's items. All are of one type. */
#define COPY_LIST(layout, to, from)                                                                \
    ((to)->items = copy_part((layout), (from)->items, (from)->count, sizeof *(from)->items),       \
     (to)->count = (to)->capacity = (from)->count)

static void copy_rules(ktq_rules *copy, kt_layout *layout, const ktq_rules *rules)
{
    COPY_LIST(layout, &copy->angles, &rules->angles);
    COPY_LIST(layout, &copy->terms, &rules->terms);
    COPY_LIST(layout, &copy->phases, &rules->phases);
    COPY_LIST(layout, &copy->rules, &rules->rules);
    copy->region = NULL;
}

/* The groups of the copy refer to its own operations and terms. */
static void link_groups(ktq_plan *copy, const ktq_plan *plan)
{
    for (size_t i = 0; i < copy->groups.count; i++) {
        ktq_group *const group = &copy->groups.items[i].group;
        if (group->op)
            group->op = copy->ops.items + (group->op - plan->ops.items);
        if (group->terms)
            group->terms = copy->terms.items + (group->terms - plan->terms.items);
    }
}

static void copy_groups(ktq_plan *copy, kt_layout *layout, const ktq_plan *plan)
{
    COPY_LIST(layout, &copy->groups, &plan->groups);
    COPY_LIST(layout, &copy->ops, &plan->ops);
    COPY_LIST(layout, &copy->terms, &plan->terms);
    COPY_LIST(layout, &copy->numbers, &plan->numbers);
    if (layout->base)
        link_groups(copy, plan);
}

static void drop_groups(ktq_plan *copy)
{
    memset(&copy->groups, 0, sizeof copy->groups);
    memset(&copy->ops, 0, sizeof copy->ops);
    memset(&copy->terms, 0, sizeof copy->terms);
    memset(&copy->numbers, 0, sizeof copy->numbers);
}

static void copy_small(ktq_small *small, kt_layout *layout)
{
    small->ops = copy_part(layout, small->ops, small->op_count, sizeof *small->ops);
    small->data = copy_part(layout, small->data, small->size, 1);
}

void ktq_plan_take_copy(ktq_plan *copy, kt_layout *layout, const ktq_plan *plan)
{
    ktq_plan added;
    ktq_plan *const to = copy ? copy : &added;
    *to = *plan;
    to->region = NULL;
    COPY_LIST(layout, &to->segments, &plan->segments);
    COPY_LIST(layout, &to->measured, &plan->measured);
    COPY_LIST(layout, &to->passes, &plan->passes);
    COPY_LIST(layout, &to->subpasses, &plan->subpasses);
    COPY_LIST(layout, &to->scale_rules, &plan->scale_rules);
    copy_rules(&to->rules, layout, &plan->rules);
    if (ktq_plan_is_parametric(plan))
        copy_groups(to, layout, plan);
    else
        drop_groups(to);
    for (size_t i = 0; plan->is_small && i < plan->passes.count; i++) {
        ktq_small small = plan->passes.items[i].small;
        copy_small(&small, layout);
        if (layout->base)
            to->passes.items[i].small = small;
    }
}

uint64_t ktq_plan_scratch(const ktq_plan *plan)
{
    return plan->is_small
               ? 0
               : ktq_kernel_scratch(plan->set, plan->tiling.tile_bits, plan->tiling.subtile_bits);
}
