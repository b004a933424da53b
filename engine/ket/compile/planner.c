#include "ket/compile/planner.h"

#include "ket/compile/absorb_locals.h"
#include "ket/compile/fuse.h"
#include "ket/compile/invariants.h"
#include "ket/compile/kept.h"
#include "ket/compile/lower.h"
#include "ket/compile/passes.h"

#include <assert.h>
#include <string.h>

/* Gates first.. of the circuit are in no segment yet; `unplanned` of them are steps, and all
 * are under *condition. retired: steps of the segments there are. support: see ktq_pass_plan. */
typedef struct planner {
    ktq_plan *plan;
    const ktq_plan_source *source;
    const ketch_circuit *circuit;
    size_t first;
    const ktq_condition *condition;
    uint64_t support, retired, unplanned;
    ktq_pass_work work;
    ktq_op_list lowered;
} planner;

static const ktq_condition unconditional;

/* ---- what the circuit is like ---- */

/* Whether all shots can be drawn from one run: nothing is random before the end, and nothing after
 * a measurement depends on it or shows the state. */
static bool measures_last(const ketch_circuit *circuit, bool has_fences)
{
    uint64_t measured = 0;
    for (size_t i = 0; i < ktq_circuit_gate_count(circuit); i++) {
        const ktq_gate *const gate = ktq_circuit_gate_at(circuit, i);
        if (ktq_gate_condition(circuit, gate)->count || gate->gate == KETCH_GATE_RESET)
            return false;
        if (gate->gate == KETCH_GATE_MEASURE) {
            measured |= ktq_gate_mask(circuit, gate);
            continue;
        }
        if (gate->gate == KETCH_GATE_FENCE && measured)
            return false;
        if (ktq_gate_is_step(gate) && measured &&
            (has_fences || (ktq_gate_mask(circuit, gate) & measured)))
            return false;
    }
    return true;
}

bool ktq_plan_is_small(const ktq_plan_source *source)
{
    return source->circuit->qubit_count <= KTQ_SMALL_QUBITS_MAX && !source->is_plain &&
           !ktq_circuit_parameter_count(source->circuit);
}

/* ---- segments of gates ---- */

static ktq_segment *add_segment(planner *p, ktq_segment_kind kind)
{
    ktq_plan *const plan = p->plan;
    if (!KT_LIST_RESERVE(&plan->segments, 1))
        return NULL;
    ktq_segment *const segment = &plan->segments.items[plan->segments.count++];
    *segment = (ktq_segment){.kind = kind, .first_pass = plan->passes.count};
    segment->condition = *p->condition;
    return segment;
}

/* Finds the position where each qubit must begin so that, after the swaps among the gates up to
 * `last`, qubit q is at position q. True if any is moved. */
static bool find_entry(uint8_t entry[64], const planner *p, size_t last)
{
    uint8_t position[64];
    for (int q = 0; q < 64; q++)
        position[q] = (uint8_t)q;
    for (size_t i = p->first; i < last && !p->plan->is_plain; i++) {
        const ktq_gate *const gate = ktq_circuit_gate_at(p->circuit, i);
        if (!ktq_gate_relabels(gate))
            continue;
        const uint8_t *const q = ktq_gate_qubits(p->circuit, gate);
        const uint8_t first = position[q[0]];
        position[q[0]] = position[q[1]];
        position[q[1]] = first;
    }
    bool moves = false;
    for (int q = 0; q < 64; q++) {
        entry[position[q]] = (uint8_t)q;
        moves |= position[q] != q;
    }
    return moves;
}

/* Brings the state into the entry order. In the first segment, which a run from a basis state may
 * begin without, this takes passes of its own. */
static bool add_arrangement(planner *p, size_t segment, const uint8_t entry[64])
{
    ktq_plan *const plan = p->plan;
    if (!ktq_lower_permutation(&p->work.list, plan->qubits, entry))
        return false;
    if (segment > 0 || plan->segments.items[segment].condition.count)
        return true;
    memcpy(plan->entry, entry, sizeof plan->entry);
    uint64_t support = p->support;
    const bool good = ktq_passes_add(plan, &p->work, (ktq_step_range){p->retired, 0}, &support);
    plan->segments.items[segment].arrange_count = plan->passes.count;
    return good;
}

/* Lowers the gates up to `last`, and fuses and absorbs where that is not left out. The operations
 * are appended to work.list. */
static bool lower_gates(planner *p, size_t last, uint8_t position[64])
{
    ktq_plan *const plan = p->plan;
    ktq_op_list *const list = &p->work.list;
    ktq_rules *const rules = ktq_plan_is_parametric(plan) ? &plan->rules : NULL;
    if (!ktq_lower(list, rules, p->circuit, p->first, last, position, plan->is_plain))
        return false;
    if (plan->is_plain || plan->is_small)
        return true;
    const ktq_op_list lowered = *list;
    *list = p->lowered;
    p->lowered = lowered;
    ktq_op_list_clear(list);
    return ktq_fuse(list, &p->lowered, plan->set) && ktq_absorb_locals(list);
}

/* Makes a segment of the gates up to `last` that are in none, where any of them is a step. */
static bool close_segment(planner *p, size_t last)
{
    ktq_plan *const plan = p->plan;
    assert(p->first <= last);
    if (p->unplanned > 0) {
        uint8_t position[64];
        const size_t index = plan->segments.count;
        if (!add_segment(p, KTQ_SEGMENT_GATES) ||
            (find_entry(position, p, last) && !add_arrangement(p, index, position)) ||
            !lower_gates(p, last, position) ||
            !ktq_passes_add(plan, &p->work, (ktq_step_range){p->retired, p->unplanned},
                            &p->support))
            return false;
        p->retired += p->unplanned;
        p->unplanned = 0;
        ktq_segment *const segment = &plan->segments.items[index];
        segment->pass_count = plan->passes.count - segment->first_pass;
        segment->retired = p->retired;
        assert(segment->arrange_count <= segment->pass_count);
    }
    p->first = last;
    return true;
}

/* ---- what ends a segment ---- */

static bool add_fence(planner *p, size_t last)
{
    ktq_plan *const plan = p->plan;
    if (!close_segment(p, last) || (!plan->segments.count && !add_segment(p, KTQ_SEGMENT_GATES)))
        return false;
    plan->segments.items[plan->segments.count - 1].has_fence = true;
    return true;
}

/* A measurement or a reset, before the end. */
static bool add_event(planner *p, size_t i)
{
    const ktq_gate *const gate = ktq_circuit_gate_at(p->circuit, i);
    const bool resets = gate->gate == KETCH_GATE_RESET;
    if (!close_segment(p, i))
        return false;
    ktq_segment *const segment = add_segment(p, resets ? KTQ_SEGMENT_RESET : KTQ_SEGMENT_MEASURE);
    if (!segment)
        return false;
    segment->qubit = *ktq_gate_qubits(p->circuit, gate);
    segment->bit = (int32_t)gate->bit;
    segment->retired = ++p->retired;
    p->support |=
        resets ? kt_bit((uint64_t)segment->qubit) : 0; /* the basis state may have a 1 there */
    p->first = i + 1;
    return true;
}

static bool add_measured(planner *p, const ktq_gate *gate)
{
    ktq_plan *const plan = p->plan;
    if (!KT_LIST_RESERVE(&plan->measured, 1))
        return false;
    plan->measured.items[plan->measured.count++] =
        (ktq_measured){*ktq_gate_qubits(p->circuit, gate), (int32_t)gate->bit};
    return true;
}

/* Adds a fence before gate `next` where as many steps are done as fences are apart. */
static bool fence_after_steps(planner *p, size_t next)
{
    const uint64_t done = p->retired + p->unplanned, every = p->source->fence_every;
    if (!every || done % every || p->plan->measured.count)
        return true;
    return add_fence(p, next);
}

static bool plan_gate(planner *p, size_t i)
{
    const ktq_gate *const gate = ktq_circuit_gate_at(p->circuit, i);
    const ktq_condition *const condition = ktq_gate_condition(p->circuit, gate);
    if (condition != p->condition) {
        if (!close_segment(p, i))
            return false;
        p->condition = condition;
    }
    switch (gate->gate) {
    case KETCH_GATE_FENCE:
        return add_fence(p, i + 1);
    case KETCH_GATE_BARRIER:
        return true;
    case KETCH_GATE_MEASURE:
        p->plan->measures = p->plan->draws = true;
        if (p->plan->is_sampled)
            return add_measured(p, gate);
        return add_event(p, i) && fence_after_steps(p, i + 1);
    case KETCH_GATE_RESET:
        p->plan->draws = true;
        return add_event(p, i) && fence_after_steps(p, i + 1);
    default:
        p->unplanned++;
        return fence_after_steps(p, i + 1);
    }
}

/* ---- the whole ---- */

/* Adds the segment of the final measurements. */
static bool add_sampling(planner *p)
{
    if (!p->plan->measured.count)
        return true;
    p->condition = &unconditional;
    ktq_segment *const segment = add_segment(p, KTQ_SEGMENT_SAMPLE);
    if (!segment)
        return false;
    p->retired += p->plan->measured.count;
    segment->retired = p->retired;
    return true;
}

static bool plan_gates(planner *p, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!plan_gate(p, i))
            return false;
    return close_segment(p, count) && add_sampling(p);
}

static void begin_plan(ktq_plan *plan, const ktq_plan_source *source, const ktq_tiling *tiling)
{
    const ketch_circuit *const circuit = source->circuit;
    *plan = (ktq_plan){.qubits = circuit->qubit_count,
                       .bits = circuit->bit_count,
                       .steps = circuit->steps,
                       .precision = source->set->precision,
                       .set = source->set,
                       .tiling = *tiling,
                       .is_plain = source->is_plain,
                       .is_small = ktq_plan_is_small(source),
                       .is_sampled = measures_last(circuit, source->fence_every > 0)};
    for (int q = 0; q < 64; q++)
        plan->entry[q] = (uint8_t)q;
}

bool ktq_plan_build(ktq_plan *plan, const ktq_plan_source *source, const ktq_tiling *tiling,
                    size_t gate_count)
{
    assert(gate_count <= ktq_circuit_gate_count(source->circuit));
    begin_plan(plan, source, tiling);
    planner p = {
        .plan = plan, .source = source, .circuit = source->circuit, .condition = &unconditional};
    const bool good = ktq_rules_begin(&plan->rules, source->circuit) && plan_gates(&p, gate_count);
    ktq_pass_work_free(&p.work);
    ktq_op_list_free(&p.lowered);
    if (!good)
        return false;
    ktq_keep_finish(plan);
    assert(gate_count < ktq_circuit_gate_count(p.circuit) || p.retired == plan->steps);
    assert(ktq_plan_is_valid(plan, p.retired));
    return true;
}
