#include "ket/compile/passes.h"

#include "ket/compile/cost.h"
#include "ket/compile/kept.h"
#include "ket/compile/merge_diagonals.h"
#include "ket/compile/register_groups.h"
#include "ket/compile/small.h"

#include <assert.h>

/* Exchanges at most for a pass: three or fewer are made mostly, which save up to a fifth of the
 * passes over a state. Subtiles are chosen without: climbing saves no sweeps of a tile. */
enum { PASS_EXCHANGES = 8 };

/* A pass being made. scale: a factor of all amplitudes that no group of it has been given yet.
 * reached: as in ktq_cost_groups; sweeps of subtiles leave out nothing, nor does what follows. */
typedef struct pass_maker {
    ktq_plan *plan;
    ktq_pass_work *work;
    ktq_op_list *list;
    double scale;
    uint64_t reached;
} pass_maker;

static ktq_pass_plan *last_pass(const ktq_plan *plan)
{
    return &plan->passes.items[plan->passes.count - 1];
}

static ktq_pass_plan *add_pass(ktq_plan *plan, uint64_t support)
{
    if (!KT_LIST_RESERVE_IN(&plan->passes, 1, plan->region))
        return NULL;
    plan->passes.items[plan->passes.count++] = (ktq_pass_plan){
        .support = support, .first_subpass = plan->subpasses.count, .scale = {1, 0}};
    return last_pass(plan);
}

/* ---- subpasses ---- */

/* Chooses the frame of the next subpass and takes its operations: of whole tiles where the first
 * operation does not fit a subtile, or there are none smaller. Returns how many are taken. */
static size_t take_subpass(const pass_maker *m, ktq_frame *frame, ktq_remaining *remaining)
{
    const ktq_plan *const plan = m->plan;
    const ktq_frame *const tile = &last_pass(plan)->frame;
    const ktq_tile_limits small = {.allowed = tile->positions,
                                   .required = ktq_lane_positions(plan->set, tile->positions),
                                   .bits = plan->tiling.subtile_bits,
                                   .set = plan->set};
    const ktq_tile_limits whole = {.allowed = tile->positions,
                                   .required = tile->positions,
                                   .bits = tile->bits,
                                   .set = plan->set};
    ktq_candidate *const taken = m->work->inner.items;
    size_t count = 0;
    *frame = (ktq_frame){.bits = small.bits};
    if (small.bits < tile->bits)
        frame->positions = ktq_choose_tile(remaining, taken, &count, &small);
    if (count == 0) {
        *frame = *tile;
        ktq_choose_tile(remaining, taken, &count, &whole);
    }
    assert(count > 0);
    assert(!(frame->positions & ~tile->positions));
    assert(frame->bits == kt_bit_count(frame->positions));
    return count;
}

/* For a state of one tile climbing takes longer than it saves in a run: 3 % at most. */
static int32_t register_exchanges(const ktq_plan *plan)
{
    return plan->tiling.tile_bits == plan->qubits ? 0 : 2;
}

static bool add_subpass(pass_maker *m, ktq_remaining *remaining)
{
    ktq_plan *const plan = m->plan;
    ktq_pass_work *const work = m->work;
    ktq_pass_plan *const pass = last_pass(plan);
    if (!KT_LIST_RESERVE_IN(&plan->subpasses, 1, plan->region))
        return false;
    ktq_frame frame;
    size_t count = take_subpass(m, &frame, remaining);
    const uint64_t lanes = ktq_lane_positions(plan->set, pass->frame.positions);
    if (!plan->is_plain && !pass->is_parametric &&
        !ktq_merge_diagonals(work->merger, m->list, &work->costs, &frame, lanes, work->inner.items,
                             &count))
        return false;
    if (!ktq_group_for_registers(work->grouper, &work->groups, plan->set, m->list, &frame,
                                 work->inner.items, count, register_exchanges(plan),
                                 work->registers.items, pass->is_parametric ? NULL : &m->scale))
        return false;
    if (frame.positions != pass->frame.positions)
        m->reached = ~UINT64_C(0);
    plan->subpasses.items[plan->subpasses.count++] =
        (ktq_subpass_plan){.frame = frame,
                           .cost = ktq_cost_groups(plan->set, work->groups.groups,
                                                   work->groups.count, &frame, &m->reached),
                           .first_group = plan->groups.count};
    pass->subpass_count++;
    return ktq_keep_groups(plan, &work->groups);
}

/* ---- passes ---- */

static bool is_whole_state(const ktq_op *op)
{
    return op->kind == KTQ_DIAG && !op->fixed;
}

/* Takes a factor of the whole state into the pass's scale. */
static bool take_whole_state(ktq_plan *plan, const ktq_op *op, const double *data)
{
    ktq_pass_plan *const pass = last_pass(plan);
    if (op->is_parametric)
        return ktq_keep_scale_rule(plan, op->data);
    ktq_scale_multiply(pass->scale, data[op->data], data[op->data + 1]);
    return true;
}

static bool any_parametric(const ktq_op_list *list, const ktq_candidate *ops, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list->ops[ops[i].index].is_parametric)
            return true;
    return false;
}

static uint64_t moved_by(const ktq_candidate *ops, size_t count)
{
    uint64_t moved = 0;
    for (size_t i = 0; i < count; i++)
        moved |= ops[i].moved;
    return moved;
}

/* Puts the operations taken for the last pass, work->taken[0..op_count-1], into subpasses. */
static bool add_subpasses(pass_maker *m)
{
    const ktq_op_list *const list = m->list;
    ktq_pass_plan *const pass = last_pass(m->plan);
    ktq_candidate *const taken = m->work->taken.items;
    ktq_remaining remaining = {.items = taken};
    pass->is_parametric = any_parametric(list, taken, pass->op_count);
    for (size_t i = 0; i < pass->op_count; i++) {
        const ktq_op *const op = &list->ops[taken[i].index];
        if (!is_whole_state(op))
            taken[remaining.last++] = taken[i];
        else if (!take_whole_state(m->plan, op, list->data))
            return false;
    }
    while (remaining.first < remaining.last)
        if (!add_subpass(m, &remaining))
            return false;
    ktq_scale_multiply(pass->scale, m->scale, 0);
    return true;
}

/* Adds a pass with operations from the remaining ones. The share of the steps that are done when
 * it is, is the share of the operations that are placed. */
static bool add_tiled_pass(ktq_plan *plan, ktq_pass_work *work, ktq_op_list *list,
                           ktq_remaining *remaining, ktq_step_range steps, uint64_t *support)
{
    ktq_pass_plan *const pass = add_pass(plan, *support);
    if (!pass)
        return false;
    const ktq_tile_limits limits = {.allowed = (UINT64_C(1) << plan->qubits) - 1,
                                    .required = (UINT64_C(1) << plan->tiling.run_bits) - 1,
                                    .bits = plan->tiling.tile_bits,
                                    .exchanges = PASS_EXCHANGES,
                                    .set = plan->set};
    pass->frame.bits = limits.bits;
    pass->frame.positions = ktq_choose_tile(remaining, work->taken.items, &pass->op_count, &limits);
    assert(pass->op_count > 0);
    assert(pass->frame.bits == kt_bit_count(pass->frame.positions));
    *support |= moved_by(work->taken.items, pass->op_count);
    pass_maker m = {.plan = plan, .work = work, .list = list, .scale = 1, .reached = pass->support};
    if (!add_subpasses(&m))
        return false;
    plan->op_count += pass->op_count;
    const double done = (double)remaining->first / (double)remaining->last;
    pass->retired = steps.before + (uint64_t)(done * (double)steps.count);
    return true;
}

/* Puts all operations of the list into one small pass. */
static bool add_small_pass(ktq_plan *plan, const ktq_op_list *list, ktq_step_range steps,
                           uint64_t support)
{
    ktq_pass_plan *const pass = add_pass(plan, support);
    if (!pass)
        return false;
    pass->frame = (ktq_frame){(UINT64_C(1) << plan->qubits) - 1, plan->qubits};
    pass->op_count = list->count;
    pass->retired = steps.before + steps.count;
    plan->op_count += pass->op_count;
    return ktq_small_build(&pass->small, plan->set, list, plan->qubits);
}

/* ---- all ---- */

static bool reserve_work(ktq_pass_work *work, size_t count)
{
    kt_region *const region = work->region;
    work->groups.region = region;
    if (!work->grouper)
        work->grouper = ktq_grouper_take(region);
    if (!work->merger)
        work->merger = ktq_merger_take(region);
    return work->grouper && work->merger && KT_LIST_RESERVE_IN(&work->remaining, count, region) &&
           KT_LIST_RESERVE_IN(&work->taken, count, region) &&
           KT_LIST_RESERVE_IN(&work->inner, count, region) &&
           KT_LIST_RESERVE_IN(&work->registers, count, region);
}

static bool add_tiled_passes(ktq_plan *plan, ktq_pass_work *work, ktq_op_list *list, size_t first,
                             size_t last, ktq_step_range steps, uint64_t *support)
{
    if (!reserve_work(work, last - first))
        return false;
    ktq_remaining remaining = {.items = work->remaining.items};
    work->costs = ktq_cost_ops(plan->set);
    for (size_t i = first; i < last; i++)
        if (list->ops[i].kind != KTQ_NOP)
            remaining.items[remaining.last++] = ktq_candidate_of(list, i, &work->costs);
    while (remaining.first < remaining.last)
        if (!add_tiled_pass(plan, work, list, &remaining, steps, support))
            return false;
    return true;
}

bool ktq_passes_add(ktq_plan *plan, ktq_pass_work *work, ktq_op_list *list, size_t first,
                    size_t last, ktq_step_range steps, uint64_t *support)
{
    assert(first <= last && last <= list->count);
    if (!plan->is_small)
        return add_tiled_passes(plan, work, list, first, last, steps, support);
    const ktq_op_list part = {.region = work->region,
                              .ops = list->ops + first,
                              .data = list->data,
                              .count = last - first};
    return add_small_pass(plan, &part, steps, *support);
}
