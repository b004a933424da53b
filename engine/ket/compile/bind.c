/* Binding: a program gets numbers for its circuit's parameters. */
#include "ket/circuit/parameter.h"
#include "ket/compile/group_ops.h"
#include "ket/compile/prepared.h"
#include "ket/compile/program.h"
#include "ket/kernels/prepare.h"
#include "status.h"

#include <assert.h>
#include <string.h>

/* A bound program. scales: for each group of the plan, the factor that it multiplies in, as last
 * prepared. numbers: the plan's, with those that rules compute. halves: work memory of the rules.
 * is_prepared: the calls are prepared, for some values. */
typedef struct ktq_bound {
    ketch_program program;
    double *scales, *numbers, *values, *halves;
    bool is_prepared;
} ktq_bound;

/* ---- memory ---- */

/* Takes a bound program's parts from the layout; NULL while the size is added up. */
static ktq_bound *take_bound(kt_layout *layout, const ktq_plan *plan)
{
    ktq_bound *const b = kt_layout_take(layout, 1, sizeof *b);
    ktq_pass *const passes = ktq_prepared_take_passes(layout, plan);
    double *const scales = kt_layout_take(layout, plan->groups.count, sizeof *scales);
    double *const numbers = kt_layout_take(layout, plan->numbers.count, sizeof *numbers);
    double *const values = kt_layout_take(layout, plan->rules.parameter_count, sizeof *values);
    double *const halves = kt_layout_take(layout, 2 * plan->rules.angles.count, sizeof *halves);
    ktq_prepared_take_calls(layout, passes, plan, true);
    if (b) {
        b->program = (ketch_program){.plan = plan, .passes = passes, .numbers = numbers};
        b->program.values = b->values = values;
        b->scales = scales;
        b->numbers = numbers;
        b->halves = halves;
    }
    return b;
}

/* Refers to the origin's calls where they do not depend on values. */
static void refer_to_calls(ktq_pass *passes, const ketch_program *origin)
{
    const ktq_plan *const plan = origin->plan;
    for (size_t i = 0; i < plan->passes.count; i++) {
        const ktq_pass_plan *const pass = &plan->passes.items[i];
        for (size_t k = 0; !pass->is_parametric && k < pass->subpass_count; k++)
            passes[i].subpasses[k].calls = origin->passes[i].subpasses[k].calls;
    }
}

static ktq_bound *make_bound(ketch_program *origin, kt_refusal *refusal)
{
    const ktq_plan *const plan = origin->plan;
    kt_layout layout = {0};
    take_bound(&layout, plan);
    ketch_block *const block =
        ktq_program_take_block(kt_block_arena(origin->block), layout.size, refusal);
    if (!block)
        return NULL;
    layout = (kt_layout){.base = kt_block_data(block)};
    ktq_bound *const made = take_bound(&layout, plan);
    made->program.block = block;
    made->is_prepared = false;
    memset(made->scales, 0, plan->groups.count * sizeof *made->scales);
    refer_to_calls(made->program.passes, origin);
    if (plan->numbers.count)
        memcpy(made->numbers, plan->numbers.items, plan->numbers.count * sizeof(double));
    made->program.magic = origin->magic;
    made->program.references = 1;
    made->program.origin = ketch_program_share(origin);
    return made;
}

/* ---- numbers ---- */

/* Prepares those calls of a subpass whose numbers have changed. *scale: a factor of all amplitudes
 * that no group has been given yet. */
static void prepare_subpass(ktq_bound *b, const ktq_subpass *subpass, const ktq_subpass_plan *from,
                            double *scale)
{
    const ktq_plan *const plan = b->program.plan;
    char *data = ktq_prepared_data(subpass);
    for (size_t i = 0; i < from->group_count; i++) {
        const ktq_group_plan *const kept = &plan->groups.items[from->first_group + i];
        const ktq_group *const group = &kept->group;
        double *const own = &b->scales[from->first_group + i], before = *own;
        if (group->kind == KTQ_GROUP_VECTORS || group->kind == KTQ_GROUP_LANES)
            *own = ktq_group_take_scale(group, b->numbers, scale);
        if (*own != before || group->is_parametric || !b->is_prepared)
            ktq_call_prepare_scaled(plan->set, &subpass->calls[i], group, *own, b->numbers,
                                    &from->frame, data);
        data += kept->size;
    }
}

static void prepare_pass(ktq_bound *b, ktq_pass *pass, const ktq_pass_plan *from)
{
    const ktq_subpass_plan *const subpasses =
        KT_LIST_AT(&b->program.plan->subpasses, from->first_subpass);
    double scale = 1;
    for (size_t i = 0; i < from->subpass_count; i++)
        prepare_subpass(b, &pass->subpasses[i], &subpasses[i], &scale);
    if (from->subpass_count)
        ktq_scale_multiply(pass->scale, scale, 0);
}

static void prepare_values(ktq_bound *b, const double *values)
{
    const ktq_plan *const plan = b->program.plan;
    ktq_pass *const passes = b->program.passes;
    memcpy(b->values, values, plan->rules.parameter_count * sizeof *values);
    ktq_rules_evaluate(&plan->rules, values, plan->precision, b->halves, b->numbers);
    for (size_t i = 0; i < plan->passes.count; i++)
        memcpy(passes[i].scale, plan->passes.items[i].scale, sizeof passes[i].scale);
    for (size_t i = 0; i < plan->scale_rules.count; i++) {
        const ktq_scale_rule *const rule = &plan->scale_rules.items[i];
        const double *const factor = b->numbers + rule->data;
        ktq_scale_multiply(passes[rule->pass].scale, factor[0], factor[1]);
    }
    for (size_t i = 0; i < plan->passes.count; i++)
        if (plan->passes.items[i].is_parametric)
            prepare_pass(b, &passes[i], &plan->passes.items[i]);
    b->is_prepared = true;
}

/* ---- the public function ---- */

static ketch_status check_old(const ketch_program *old, const ketch_program *origin,
                              const char *function, ketch_error *error)
{
    if (!old)
        return KETCH_OK;
    KT_TRY(ktq_program_check(old, function, error));
    if (old->origin == origin || (old == origin && !ktq_plan_is_parametric(origin->plan)))
        return KETCH_OK;
    return kt_fail(error, KETCH_MISMATCH, function, "bound", "a program of another plan",
                   "NULL, or one bound from this program", "the program to give up");
}

/* Whether nothing but its owner refers to the program. */
static bool is_unshared(const ketch_program *program)
{
    return __atomic_load_n(&program->references, __ATOMIC_ACQUIRE) == 1;
}

/* A bound program, in the old one's memory where that is free; NULL, and *refusal is filled in, where
 * memory is refused. */
static ketch_program *bind_values(ketch_program *old, ketch_program *origin, const double *values,
                                  kt_refusal *refusal)
{
    if (!ktq_plan_is_parametric(origin->plan))
        return old ? old : ketch_program_share(origin);
    const bool is_reused = old && old->origin && is_unshared(old);
    ktq_bound *const made = is_reused ? (ktq_bound *)(void *)old : make_bound(origin, refusal);
    if (made)
        prepare_values(made, values);
    return made ? &made->program : NULL;
}

ketch_status ketch_program_bind(ketch_program **bound, ketch_program *program, const double *values,
                                uint64_t count, ketch_error *error)
{
    if (!bound)
        return kt_fail_handle(error, __func__, "bound", "a place for the program", bound);
    KT_TRY(ktq_program_check(program, __func__, error));
    ketch_program *const origin = program->origin ? program->origin : program, *const old = *bound;
    const ktq_rules *const rules = &origin->plan->rules;
    KT_TRY(check_old(old, origin, __func__, error));
    KT_TRY(ktq_values_check(values, count, rules->parameter_count, rules->angles.items,
                            rules->angles.count, rules->terms.items, __func__, error));
    kt_refusal refusal = {0};
    ketch_program *const made = bind_values(old, origin, values, &refusal);
    if (refusal.forked)
        return kt_fail_forked(error, __func__, "program", "the program");
    if (!made)
        return kt_fail_memory(error, __func__, "program", "a bound program", &refusal);
    if (made != old)
        ketch_program_drop(old);
    *bound = made;
    return KETCH_OK;
}
