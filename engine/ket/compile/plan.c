#include "ket/compile/plan.h"

#include "heap.h"
#include "ket/compile/small.h"

static void free_groups(ktq_plan *plan)
{
    kt_heap_give(plan->groups.items);
    kt_heap_give(plan->ops.items);
    kt_heap_give(plan->terms.items);
    kt_heap_give(plan->numbers.items);
    plan->groups.items = NULL;
    plan->ops.items = NULL;
    plan->terms.items = NULL;
    plan->numbers.items = NULL;
}

void ktq_plan_free_groups(ktq_plan *plan, uint64_t hash)
{
    plan->hash = hash;
    plan->is_hashed = true;
    free_groups(plan);
}

void ktq_plan_free(ktq_plan *plan)
{
    for (size_t i = 0; i < plan->passes.count; i++)
        ktq_small_free(&plan->passes.items[i].small);
    free_groups(plan);
    ktq_rules_free(&plan->rules);
    kt_heap_give(plan->segments.items);
    kt_heap_give(plan->measured.items);
    kt_heap_give(plan->passes.items);
    kt_heap_give(plan->subpasses.items);
    kt_heap_give(plan->scale_rules.items);
    *plan = (ktq_plan){0};
}

uint64_t ktq_plan_scratch(const ktq_plan *plan)
{
    return plan->is_small
               ? 0
               : ktq_kernel_scratch(plan->set, plan->tiling.tile_bits, plan->tiling.subtile_bits);
}
