#include "ket/compile/estimate.h"

#include "ket/compile/cost.h"

/* Calls and transfers within a whole tile. */
static double tile_cost(const ktq_plan *plan, const ktq_pass_plan *pass)
{
    const ktq_costs *const costs = plan->set->costs;
    const ktq_subpass_plan *const subpasses = KT_LIST_AT(&plan->subpasses, pass->first_subpass);
    const double amplitudes = (double)(UINT64_C(1) << pass->frame.bits);
    const bool is_little_read = pass->frame.positions & ~pass->support;
    double cost = ktq_cost_transfer(plan->set, &pass->frame, plan->qubits) * amplitudes /
                  (is_little_read ? 2 : 1);
    for (size_t i = 0; i < pass->subpass_count; i++) {
        const ktq_subpass_plan *const subpass = &subpasses[i];
        cost += subpass->cost * (double)(UINT64_C(1) << (pass->frame.bits - subpass->frame.bits));
        if (subpass->frame.bits < pass->frame.bits)
            cost += (i == 0 ? costs->first : costs->more) / 1000.0 * amplitudes;
    }
    return cost;
}

double ktq_plan_pass_cost(const ktq_plan *plan, const ktq_pass_plan *pass)
{
    const uint64_t all = (UINT64_C(1) << plan->qubits) - 1;
    const uint64_t outside = all & ~pass->frame.positions & pass->support;
    const double tiles = (double)(UINT64_C(1) << kt_bit_count(outside));
    return tile_cost(plan, pass) * tiles;
}

double ktq_plan_run_cost(const ktq_plan *plan)
{
    double cost = 0;
    for (size_t i = 0; i < plan->segments.count; i++) {
        const ktq_segment *const s = &plan->segments.items[i];
        for (size_t k = s->arrange_count; k < s->pass_count; k++)
            cost += ktq_plan_pass_cost(plan, &plan->passes.items[s->first_pass + k]);
    }
    return cost;
}

double ktq_plan_prepare_cost(const ktq_plan *plan)
{
    double cost = 0;
    for (size_t i = 0; i < plan->subpasses.count; i++)
        cost += ktq_cost_prepare(plan->set, plan->subpasses.items[i].size);
    return cost;
}
