#include "ket/compile/segments.h"

#include "ket/compile/absorb_locals.h"
#include "ket/compile/fuse.h"
#include "ket/compile/lower.h"
#include "ket/compile/round_tangents.h"

#include <assert.h>
#include <string.h>

/* Gates first.. of the circuit are in no segment yet; `unplanned` of them are steps, and all
 * are under *condition. retired: steps of the segments there are. lowered, fused: of the segment
 * being made, its operations before and after fusing. lowering, fuser: work memory of stages.
 * first_resets: the circuit begins with so many records that only reset. */
typedef struct cutter {
    ktq_lowered *out;
    const ktq_plan_source *source;
    const ketch_circuit *circuit;
    size_t first, first_resets;
    const ktq_condition *condition;
    uint64_t retired, unplanned;
    ktq_op_list lowered, fused;
    ktq_lowering *lowering;
    ktq_fuser *fuser;
} cutter;

static const ktq_condition unconditional;

/* ---- what the circuit is like ---- */

/* The number of records that the circuit begins with which only reset: a run from a basis state need
 * not draw their outcomes. */
static size_t count_first_resets(const ketch_circuit *circuit)
{
    size_t i = 0;
    for (; i < ktq_circuit_gate_count(circuit); i++) {
        const ktq_gate *const gate = ktq_circuit_gate_at(circuit, i);
        const bool resets =
            gate->gate == KETCH_GATE_RESET && !ktq_gate_condition(circuit, gate)->count;
        if (!resets && gate->gate != KETCH_GATE_BARRIER)
            break;
    }
    return i;
}

/* Whether all shots from a basis state can be drawn from one run: after the first resets nothing is
 * random before the end, and nothing after a measurement depends on it or shows the state. */
static bool measures_last(const ketch_circuit *circuit, size_t first_resets, bool has_fences)
{
    uint64_t measured = 0;
    for (size_t i = first_resets; i < ktq_circuit_gate_count(circuit); i++) {
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

static ktq_segment *add_segment(cutter *c, ktq_segment_kind kind)
{
    ktq_lowered *const out = c->out;
    if (!KT_LIST_RESERVE_IN(&out->segments, 1, c->source->region))
        return NULL;
    ktq_lowered_segment *const added = &out->segments.items[out->segments.count++];
    *added = (ktq_lowered_segment){.segment = {.kind = kind}, .first_op = out->ops.count};
    added->segment.condition = *c->condition;
    return &added->segment;
}

/* Finds the position where each qubit must begin so that, after the swaps among the gates up to
 * `last`, qubit q is at position q. True if any is moved. */
static bool find_entry(uint8_t entry[64], const cutter *c, size_t last)
{
    uint8_t position[64];
    for (int q = 0; q < 64; q++)
        position[q] = (uint8_t)q;
    for (size_t i = c->first; i < last && !c->source->is_plain; i++) {
        const ktq_gate *const gate = ktq_circuit_gate_at(c->circuit, i);
        if (!ktq_gate_relabels(gate))
            continue;
        const uint8_t *const q = ktq_gate_qubits(c->circuit, gate);
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

/* Moves operations to the segment being made. */
static bool append_ops(cutter *c, ktq_op_list *from)
{
    ktq_op_list *const ops = &c->out->ops;
    if (c->source->set->precision == KETCH_SINGLE)
        ktq_round_tangents(from);
    if (ops->count)
        return ktq_op_list_append(ops, from);
    const ktq_op_list empty = *ops;
    *ops = *from;
    *from = empty;
    return true;
}

/* Whether the first segment of gates brings the state into its entry order apart from its gates, so
 * that a run from a basis state may leave that out. At a fence the order must be canonical. */
static bool is_arranged_apart(const ktq_lowered *out)
{
    const size_t first = out->first_resets;
    for (size_t i = 0; i < first; i++)
        if (out->segments.items[i].segment.has_fence)
            return false;
    return out->segments.count == first + 1 && !out->segments.items[first].segment.condition.count;
}

/* Brings the state into the entry order. */
static bool add_arrangement(cutter *c, const uint8_t entry[64])
{
    ktq_lowered *const out = c->out;
    if (!ktq_lower_permutation(c->lowering, &c->lowered, c->circuit->qubit_count, entry))
        return false;
    if (!is_arranged_apart(out))
        return true;
    memcpy(out->entry, entry, sizeof out->entry);
    const bool good = append_ops(c, &c->lowered);
    ktq_op_list_clear(&c->lowered);
    out->segments.items[out->first_resets].arrange_count = out->ops.count;
    return good;
}

/* Lowers the gates up to `last`, and fuses and absorbs where that is not left out. */
static bool lower_gates(cutter *c, size_t last, uint8_t position[64])
{
    ktq_lowered *const out = c->out;
    const bool is_plain = c->source->is_plain;
    ktq_rules *const rules = out->rules.parameter_count ? &out->rules : NULL;
    if (!ktq_lower(c->lowering, &c->lowered, rules, c->circuit, c->first, last, position, is_plain))
        return false;
    if (is_plain || out->is_small)
        return append_ops(c, &c->lowered);
    ktq_op_list_clear(&c->fused);
    return ktq_fuse(c->fuser, &c->fused, &c->lowered, c->source->set) &&
           ktq_absorb_locals(&c->fused) && append_ops(c, &c->fused);
}

/* Makes a segment of the gates up to `last` that are in none, where any of them is a step. */
static bool close_segment(cutter *c, size_t last)
{
    ktq_lowered *const out = c->out;
    assert(c->first <= last);
    if (c->unplanned > 0) {
        uint8_t position[64];
        const size_t index = out->segments.count;
        ktq_op_list_clear(&c->lowered);
        if (!add_segment(c, KTQ_SEGMENT_GATES) ||
            (find_entry(position, c, last) && !add_arrangement(c, position)) ||
            !lower_gates(c, last, position))
            return false;
        c->retired += c->unplanned;
        c->unplanned = 0;
        ktq_lowered_segment *const made = &out->segments.items[index];
        made->op_count = out->ops.count - made->first_op;
        made->segment.retired = c->retired;
        assert(made->arrange_count <= made->op_count);
    }
    c->first = last;
    return true;
}

/* ---- what ends a segment ---- */

static bool add_fence(cutter *c, size_t last)
{
    ktq_lowered *const out = c->out;
    if (!close_segment(c, last) || (!out->segments.count && !add_segment(c, KTQ_SEGMENT_GATES)))
        return false;
    out->segments.items[out->segments.count - 1].segment.has_fence = true;
    return true;
}

/* A measurement or a reset, before the end. */
static bool add_event(cutter *c, size_t i)
{
    const ktq_gate *const gate = ktq_circuit_gate_at(c->circuit, i);
    const bool resets = gate->gate == KETCH_GATE_RESET;
    if (!close_segment(c, i))
        return false;
    ktq_segment *const segment = add_segment(c, resets ? KTQ_SEGMENT_RESET : KTQ_SEGMENT_MEASURE);
    if (!segment)
        return false;
    segment->qubit = *ktq_gate_qubits(c->circuit, gate);
    segment->bit = (int32_t)gate->bit;
    segment->retired = ++c->retired;
    c->first = i + 1;
    return true;
}

static bool add_measured(cutter *c, const ktq_gate *gate)
{
    ktq_lowered *const out = c->out;
    if (!KT_LIST_RESERVE_IN(&out->measured, 1, c->source->region))
        return false;
    out->measured.items[out->measured.count++] =
        (ktq_measured){*ktq_gate_qubits(c->circuit, gate), (int32_t)gate->bit};
    return true;
}

/* Adds a fence before gate `next` where as many steps are done as fences are apart. */
static bool fence_after_steps(cutter *c, size_t next)
{
    const uint64_t done = c->retired + c->unplanned, every = c->source->fence_every;
    if (!every || done % every || c->out->measured.count)
        return true;
    return add_fence(c, next);
}

static bool cut_gate(cutter *c, size_t i)
{
    const ktq_gate *const gate = ktq_circuit_gate_at(c->circuit, i);
    const ktq_condition *const condition = ktq_gate_condition(c->circuit, gate);
    if (condition != c->condition) {
        if (!close_segment(c, i))
            return false;
        c->condition = condition;
    }
    switch (gate->gate) {
    case KETCH_GATE_FENCE:
        return add_fence(c, i + 1);
    case KETCH_GATE_BARRIER:
        return true;
    case KETCH_GATE_MEASURE:
        c->out->measures = c->out->draws = true;
        if (c->out->is_sampled)
            return add_measured(c, gate);
        return add_event(c, i) && fence_after_steps(c, i + 1);
    case KETCH_GATE_RESET:
        c->out->draws = true;
        c->out->first_resets += i < c->first_resets;
        return add_event(c, i) && fence_after_steps(c, i + 1);
    default:
        c->unplanned++;
        return fence_after_steps(c, i + 1);
    }
}

/* ---- the whole ---- */

/* Adds the segment of the final measurements. */
static bool add_sampling(cutter *c)
{
    if (!c->out->measured.count)
        return true;
    c->condition = &unconditional;
    ktq_segment *const segment = add_segment(c, KTQ_SEGMENT_SAMPLE);
    if (!segment)
        return false;
    c->retired += c->out->measured.count;
    segment->retired = c->retired;
    return true;
}

static bool cut_gates(cutter *c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!cut_gate(c, i))
            return false;
    return close_segment(c, count) && add_sampling(c);
}

/* The numbers of parametric operations are those that rules compute. */
static void point_rules(ktq_lowered *out)
{
    for (size_t i = 0; i < out->ops.count; i++) {
        const ktq_op *const op = &out->ops.ops[i];
        assert(!op->is_parametric || op->rule < out->rules.rules.count);
        if (op->is_parametric)
            out->rules.rules.items[op->rule].data = op->data;
    }
}

bool ktq_lowered_build(ktq_lowered *lowered, const ktq_plan_source *source, size_t gate_count)
{
    const ketch_circuit *const circuit = source->circuit;
    const size_t first_resets = count_first_resets(circuit);
    assert(gate_count <= ktq_circuit_gate_count(circuit));
    *lowered =
        (ktq_lowered){.is_small = ktq_plan_is_small(source),
                      .is_sampled = measures_last(circuit, first_resets, source->fence_every > 0),
                      .ops.region = source->region,
                      .rules.region = source->region};
    for (int q = 0; q < 64; q++)
        lowered->entry[q] = (uint8_t)q;
    cutter c = {.out = lowered,
                .source = source,
                .circuit = circuit,
                .condition = &unconditional,
                .first_resets = first_resets,
                .lowered.region = source->region,
                .fused.region = source->region,
                .lowering = ktq_lowering_take(source->region),
                .fuser = ktq_fuser_take(source->region)};
    if (!c.lowering || !c.fuser || !ktq_rules_begin(&lowered->rules, circuit) ||
        !cut_gates(&c, gate_count))
        return false;
    assert(gate_count < ktq_circuit_gate_count(circuit) || c.retired == circuit->steps);
    lowered->retired = c.retired;
    point_rules(lowered);
    return true;
}
