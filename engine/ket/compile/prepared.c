#include "ket/compile/prepared.h"

#include "ket/kernels/prepare.h"

#include <assert.h>

static const ktq_subpass_plan *subpasses_of(const ktq_plan *plan, const ktq_pass_plan *pass)
{
    return KT_LIST_AT(&plan->subpasses, pass->first_subpass);
}

/* ---- memory ---- */

static ktq_pass pass_without_calls(const ktq_plan *plan, const ktq_pass_plan *from,
                                   ktq_subpass *subpasses)
{
    const ktq_subpass_plan *const plans = subpasses_of(plan, from);
    for (size_t i = 0; i < from->subpass_count; i++)
        subpasses[i] = (ktq_subpass){.frame = plans[i].frame, .call_count = plans[i].group_count};
    return (ktq_pass){.frame = from->frame,
                      .support = from->support,
                      .run_bits = plan->tiling.run_bits,
                      .subpass_count = from->subpass_count,
                      .subpasses = subpasses,
                      .small = from->small,
                      .scale = {from->scale[0], from->scale[1]},
                      .retired = from->retired};
}

ktq_pass *ktq_prepared_take_passes(kt_layout *layout, const ktq_plan *plan)
{
    ktq_pass *const passes = kt_layout_take(layout, plan->passes.count, sizeof *passes);
    ktq_subpass *const subpasses = kt_layout_take(layout, plan->subpasses.count, sizeof *subpasses);
    for (size_t i = 0; passes && i < plan->passes.count; i++) {
        const ktq_pass_plan *const from = &plan->passes.items[i];
        passes[i] = pass_without_calls(plan, from, subpasses + from->first_subpass);
    }
    return passes;
}

static void take_calls(kt_layout *layout, ktq_pass *pass, const ktq_pass_plan *from,
                       const ktq_subpass_plan *subpasses)
{
    for (size_t i = 0; i < from->subpass_count; i++) {
        ktq_call *const calls = kt_layout_take(layout, subpasses[i].group_count, sizeof(ktq_call));
        kt_layout_take(layout, subpasses[i].data_size, 1);
        if (pass)
            pass->subpasses[i].calls = calls;
    }
}

void ktq_prepared_take_calls(kt_layout *layout, ktq_pass *passes, const ktq_plan *plan,
                             bool is_parametric)
{
    for (size_t i = 0; i < plan->passes.count; i++) {
        const ktq_pass_plan *const from = &plan->passes.items[i];
        if (from->is_parametric == is_parametric)
            take_calls(layout, passes ? &passes[i] : NULL, from, subpasses_of(plan, from));
    }
}

/* ---- calls ---- */

static void prepare_calls(const ktq_subpass *subpass, const ktq_plan *plan,
                          const ktq_subpass_plan *from)
{
    const ktq_group_plan *const groups = KT_LIST_AT(&plan->groups, from->first_group);
    char *data = ktq_prepared_data(subpass);
    for (size_t i = 0; i < from->group_count; i++) {
        ktq_call_prepare(plan->set, &subpass->calls[i], &groups[i].group, plan->numbers.items,
                         &from->frame, data);
        data += groups[i].size;
    }
    assert(data == ktq_prepared_data(subpass) + from->data_size);
}

void ktq_prepare_constant_calls(ktq_pass *passes, const ktq_plan *plan)
{
    for (size_t i = 0; i < plan->passes.count; i++) {
        const ktq_pass_plan *const from = &plan->passes.items[i];
        for (size_t k = 0; !from->is_parametric && k < from->subpass_count; k++)
            prepare_calls(&passes[i].subpasses[k], plan, &subpasses_of(plan, from)[k]);
    }
}
