/* A circuit cut into segments, and each group of gates into passes. */
#include "ket/compile/program.h"

#include "heap.h"
#include "ket/compile/bind.h"
#include "ket/compile/cost.h"
#include "ket/compile/merge_diagonals.h"
#include "ket/compile/register_groups.h"
#include "status.h"

#include <assert.h>
#include <string.h>

/* first..: gates not in a segment yet, all under `condition`; live: see kernels/pass.h. list to
 * sequence are work memory. */
typedef struct cutter {
    ketch_program *program;
    const ketch_circuit *circuit;
    uint64_t fence_every;
    size_t first;
    bool trial; /* the kernels' data is left out */
    uint32_t condition;
    uint64_t live, retired, waiting; /* steps in finished segments; steps of the gates waiting */
    ktq_op_list list, other;
    ktq_queue queue;
    size_t *taken, *inner;
    size_t queue_capacity, taken_capacity, inner_capacity;
    ktq_group_list sequence, spare;
    double cosines; /* a factor of all amplitudes, still due in the pass */
    bool varies;    /* something in the pass has a recipe */
} cutter;

static bool is_step(const ktq_gate *gate)
{
    return gate->gate != KETCH_GATE_BARRIER && gate->gate != KETCH_GATE_FENCE;
}

static uint64_t gate_mask(const ketch_circuit *circuit, const ktq_gate *gate)
{
    uint64_t mask = 0;
    for (uint64_t i = 0; i < (uint64_t)gate->own + gate->controls; i++)
        mask |= UINT64_C(1) << circuit->qubits[gate->qubits + i];
    return mask;
}

/* Whether all shots can be drawn from one run: no randomness before the end, and nothing after a
 * measurement depends on it or shows the state. */
static bool measures_last(const ketch_circuit *circuit, bool fences)
{
    uint64_t measured = 0;
    for (size_t i = 0; i < circuit->gate_list.count; i++) {
        const ktq_gate *const gate = &circuit->gates[i];
        if (gate->condition || gate->gate == KETCH_GATE_RESET)
            return false;
        if (gate->gate == KETCH_GATE_MEASURE) {
            measured |= gate_mask(circuit, gate);
            continue;
        }
        if (gate->gate == KETCH_GATE_FENCE && measured)
            return false;
        if (is_step(gate) && measured && (fences || (gate_mask(circuit, gate) & measured)))
            return false;
    }
    return true;
}

static ktq_segment *add_segment(cutter *c, ktq_segment_kind kind)
{
    ketch_program *const p = c->program;
    if (!ktq_reserve((void **)&p->segments, &p->segment_capacity, p->segment_count + 1,
                     sizeof *p->segments))
        return NULL;
    ktq_segment *const segment = &p->segments[p->segment_count++];
    *segment = (ktq_segment){.kind = kind, .first_pass = p->pass_count};
    segment->condition = c->circuit->conditions[c->condition];
    return segment;
}

static void count_costs(const ktq_kernel_set *set, ktq_subtile *sub, const ktq_group_list *sequence)
{
    sub->cost = ktq_cost_groups(set, sequence->groups, sequence->count, &sub->frame);
    for (size_t i = 0; i < sequence->count; i++)
        sub->size += ktq_call_need(set, &sequence->groups[i], &sub->frame);
}

/* The steps of one sub-tile sweep and their data, in one piece of memory. */
static bool prepare_sub(const ktq_kernel_set *set, ktq_subtile *sub, const ktq_group_list *sequence,
                        const double *data)
{
    const size_t head = ktq_round_line(sequence->count * sizeof *sub->calls);
    char *const memory = kt_heap_take(head + sub->size);
    if (!memory)
        return false;
    sub->calls = (ktq_call *)(void *)memory;
    sub->call_count = sequence->count;
    char *next = memory + head;
    for (size_t i = 0; i < sequence->count; i++) {
        const ktq_group *const group = &sequence->groups[i];
        ktq_call_prepare(set, &sub->calls[i], group, data, &sub->frame, next);
        next += ktq_call_need(set, group, &sub->frame);
    }
    return true;
}

/* One sweep over the pass's tile from the head of the queue; over whole tiles where the head does
 * not fit a sub-tile, or there is no smaller one. */
static bool add_sub(cutter *c, ktq_pass *pass, ktq_queue *queue)
{
    const ketch_program *const p = c->program;
    const uint64_t lanes = ktq_lane_positions(p->kernels, pass->frame.positions);
    const ktq_room small = {pass->frame.positions, lanes, p->shape.subtile_bits, false, p->kernels};
    const ktq_room whole = {pass->frame.positions, pass->frame.positions, pass->frame.bits, false,
                            p->kernels};
    if (!ktq_reserve((void **)&pass->subtiles, &pass->subtile_capacity, pass->subtile_count + 1,
                     sizeof *pass->subtiles))
        return false;
    ktq_subtile *const sub = &pass->subtiles[pass->subtile_count];
    *sub = (ktq_subtile){.frame = {.bits = small.bits}};
    size_t count = 0;
    if (small.bits < pass->frame.bits)
        sub->frame.positions = ktq_select(&c->list, queue, c->inner, &count, &small);
    if (count == 0) {
        sub->frame = pass->frame;
        ktq_select(&c->list, queue, c->inner, &count, &whole);
    }
    pass->subtile_count++;
    if (!p->plain && !c->varies && !ktq_merge_mixed(&c->list, &sub->frame, lanes, c->inner, &count))
        return false;
    double *const due = c->varies ? NULL : &c->cosines;
    if (!ktq_hold(&c->sequence, &c->spare, p->kernels, &c->list, &sub->frame, c->inner, count, due))
        return false;
    count_costs(p->kernels, sub, &c->sequence);
    if (c->trial)
        return true;
    return c->varies ? ktq_bind_keep(p, &sub->frame, &c->sequence)
                     : prepare_sub(p->kernels, sub, &c->sequence, c->list.data);
}

static bool is_whole(const ktq_op *op)
{
    return op->kind == KTQ_DIAG && !op->fixed;
}

/* A factor of the whole state is the pass's; true where the operation is one. */
static bool scale_by(ktq_pass *pass, const ktq_op *op, const double *data)
{
    if (!is_whole(op))
        return false;
    ktq_pass_scale(pass, data[0], data[1]);
    return true;
}

static bool any_recipe(const ktq_op_list *list, const size_t *taken, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list->ops[taken[i]].recipe)
            return true;
    return false;
}

static bool prepare_pass(cutter *c, ktq_pass *pass)
{
    pass->scale[0] = 1;
    c->cosines = 1;
    c->varies = any_recipe(&c->list, c->taken, pass->op_count);
    ktq_queue queue = {.items = c->taken};
    for (size_t i = 0; i < pass->op_count; i++) {
        const ktq_op *const op = &c->list.ops[c->taken[i]];
        if (op->recipe && is_whole(op)) {
            if (!ktq_book_add_scale(c->program->book, c->program->pass_count - 1, op->data))
                return false;
        } else if (!scale_by(pass, op, c->list.data + op->data))
            c->taken[queue.last++] = c->taken[i];
    }
    while (queue.first < queue.last)
        if (!add_sub(c, pass, &queue))
            return false;
    ktq_pass_scale(pass, c->cosines, 0);
    return true;
}

static uint64_t moved_by(const ktq_op_list *list, const size_t *taken, size_t count)
{
    uint64_t moved = 0;
    for (size_t i = 0; i < count; i++)
        moved |= list->ops[taken[i]].moved;
    return moved;
}

static ktq_pass *next_pass(cutter *c)
{
    ketch_program *const p = c->program;
    if (!ktq_reserve((void **)&p->passes, &p->pass_capacity, p->pass_count + 1, sizeof *p->passes))
        return NULL;
    ktq_pass *const pass = &p->passes[p->pass_count++];
    *pass = (ktq_pass){.run_bits = p->shape.run_bits, .live = c->live};
    return pass;
}

/* One pass from the head of the queue. done: share of the waiting steps that the queue's progress
 * stands for. */
static bool add_pass(cutter *c)
{
    ketch_program *const p = c->program;
    ktq_pass *const pass = next_pass(c);
    if (!pass)
        return false;
    const ktq_room room = {(UINT64_C(1) << p->qubits) - 1, (UINT64_C(1) << p->shape.run_bits) - 1,
                           p->shape.tile_bits, false, p->kernels};
    pass->frame.bits = room.bits;
    pass->frame.positions = ktq_select(&c->list, &c->queue, c->taken, &pass->op_count, &room);
    assert(pass->op_count > 0);
    c->live |= moved_by(&c->list, c->taken, pass->op_count);
    if (!prepare_pass(c, pass))
        return false;
    p->op_count += pass->op_count;
    const double done = (double)c->queue.first / (double)c->queue.last;
    pass->retired = c->retired + (uint64_t)(done * (double)c->waiting);
    return true;
}

/* All of the list as one pass of a tiny program. */
static bool add_tiny_pass(cutter *c)
{
    ketch_program *const p = c->program;
    ktq_pass *const pass = next_pass(c);
    if (!pass)
        return false;
    pass->frame = (ktq_frame){(UINT64_C(1) << p->qubits) - 1, p->qubits};
    pass->op_count = c->list.count;
    pass->retired = c->retired + c->waiting;
    p->op_count += pass->op_count;
    const bool good = ktq_small_build(&pass->small, p->kernels, &c->list, p->qubits);
    ktq_op_list_clear(&c->list);
    return good;
}

/* All of the list into passes. */
static bool add_passes(cutter *c)
{
    if (c->program->is_small)
        return add_tiny_pass(c);
    const size_t count = c->list.count;
    if (!ktq_reserve((void **)&c->queue.items, &c->queue_capacity, count, sizeof(size_t)) ||
        !ktq_reserve((void **)&c->taken, &c->taken_capacity, count, sizeof(size_t)) ||
        !ktq_reserve((void **)&c->inner, &c->inner_capacity, count, sizeof(size_t)))
        return false;
    c->queue.first = c->queue.last = 0;
    for (size_t i = 0; i < count; i++)
        if (c->list.ops[i].kind != KTQ_NOP)
            c->queue.items[c->queue.last++] = i;
    while (c->queue.first < c->queue.last)
        if (!add_pass(c))
            return false;
    if (c->program->book && !ktq_book_add_list(c->program->book, &c->list))
        return false;
    ktq_op_list_clear(&c->list);
    return true;
}

static bool fuse_pairs(cutter *c)
{
    if (c->program->plain || c->program->is_small)
        return true;
    const ktq_op_list list = c->list;
    if (!ktq_fuse(&c->other, &list, c->program->kernels))
        return false;
    c->list = c->other;
    c->other = list;
    ktq_op_list_clear(&c->other);
    return ktq_gauge(&c->list);
}

/* Where each qubit must begin so that, after the group's swaps, qubit q is at position q. True if
 * anything moves. */
static bool entry_of(uint8_t entry[64], const cutter *c, size_t last)
{
    uint8_t wire[64];
    for (int q = 0; q < 64; q++)
        wire[q] = (uint8_t)q;
    for (size_t i = c->first; i < last && !c->program->plain; i++) {
        const ktq_gate *const gate = &c->circuit->gates[i];
        if (!ktq_gate_relabels(gate))
            continue;
        const uint8_t *const q = c->circuit->qubits + gate->qubits;
        const uint8_t held = wire[q[0]];
        wire[q[0]] = wire[q[1]];
        wire[q[1]] = held;
    }
    bool moves = false;
    for (int q = 0; q < 64; q++) {
        entry[wire[q]] = (uint8_t)q;
        moves |= wire[q] != q;
    }
    return moves;
}

/* The passes that bring the state into the entry order: apart for the first segment, which may not
 * need them. */
static bool add_arrangement(cutter *c, ktq_segment *segment, const uint8_t entry[64])
{
    ketch_program *const p = c->program;
    if (!ktq_lower_permutation(&c->list, p->qubits, entry))
        return false;
    if (segment != p->segments || segment->condition.count)
        return true;
    memcpy(p->entry, entry, sizeof p->entry);
    const uint64_t waiting = c->waiting, live = c->live;
    c->waiting = 0;
    const bool good = add_passes(c);
    c->waiting = waiting;
    c->live = live;
    segment->arrange_count = p->pass_count;
    return good;
}

/* Ends the group of gates first..last-1 as one segment, where there are any. */
static bool close_group(cutter *c, size_t last)
{
    ketch_program *const p = c->program;
    if (c->waiting > 0) {
        ktq_segment *const segment = add_segment(c, KTQ_SEGMENT_GATES);
        uint8_t wire[64];
        if (!segment || (entry_of(wire, c, last) && !add_arrangement(c, segment, wire)) ||
            !ktq_lower(&c->list, p->book, c->circuit, c->first, last, wire, p->plain) ||
            !fuse_pairs(c) || !add_passes(c))
            return false;
        c->retired += c->waiting;
        c->waiting = 0;
        segment->pass_count = p->pass_count - segment->first_pass;
        segment->retired = c->retired;
    }
    c->first = last;
    return true;
}

static bool add_fence(cutter *c, size_t last)
{
    ketch_program *const p = c->program;
    if (!close_group(c, last) || (!p->segment_count && !add_segment(c, KTQ_SEGMENT_GATES)))
        return false;
    p->segments[p->segment_count - 1].fence = true;
    return true;
}

/* A measurement or reset in the middle. */
static bool add_event(cutter *c, size_t i)
{
    const ktq_gate *const gate = &c->circuit->gates[i];
    if (!close_group(c, i))
        return false;
    const bool reset = gate->gate == KETCH_GATE_RESET;
    ktq_segment *const segment = add_segment(c, reset ? KTQ_SEGMENT_RESET : KTQ_SEGMENT_MEASURE);
    if (!segment)
        return false;
    segment->qubit = c->circuit->qubits[gate->qubits];
    c->live |= reset ? UINT64_C(1) << segment->qubit : 0; /* it may have begun as 1 */
    segment->bit = (int32_t)gate->bit;
    segment->retired = ++c->retired;
    c->first = i + 1;
    return true;
}

static bool note_measurement(cutter *c, const ktq_gate *gate)
{
    ketch_program *const p = c->program;
    if (!ktq_reserve((void **)&p->measured, &p->measured_capacity, p->measured_count + 1,
                     sizeof *p->measured))
        return false;
    p->measured[p->measured_count++] =
        (ktq_measured){c->circuit->qubits[gate->qubits], (int32_t)gate->bit};
    return true;
}

static bool cut_at_fence(cutter *c, size_t next)
{
    const uint64_t done = c->retired + c->waiting;
    if (!c->fence_every || done % c->fence_every || c->program->measured_count)
        return true;
    return add_fence(c, next);
}

static bool cut_gate(cutter *c, size_t i)
{
    const ktq_gate *const gate = &c->circuit->gates[i];
    if (gate->condition != c->condition) {
        if (!close_group(c, i))
            return false;
        c->condition = gate->condition;
    }
    c->program->draws |= gate->gate == KETCH_GATE_MEASURE || gate->gate == KETCH_GATE_RESET;
    switch (gate->gate) {
    case KETCH_GATE_FENCE:
        return add_fence(c, i + 1);
    case KETCH_GATE_BARRIER:
        return true;
    case KETCH_GATE_MEASURE:
        c->program->measures = true;
        if (c->program->sampled)
            return note_measurement(c, gate);
        return add_event(c, i) && cut_at_fence(c, i + 1);
    case KETCH_GATE_RESET:
        return add_event(c, i) && cut_at_fence(c, i + 1);
    default:
        c->waiting++;
        return cut_at_fence(c, i + 1);
    }
}

/* The final measurements, all at once. */
static bool add_sampling(cutter *c)
{
    if (!c->program->measured_count)
        return true;
    c->condition = 0;
    ktq_segment *const segment = add_segment(c, KTQ_SEGMENT_SAMPLE);
    if (!segment)
        return false;
    c->retired += c->program->measured_count;
    segment->retired = c->retired;
    return true;
}

static bool cut_circuit(cutter *c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!cut_gate(c, i))
            return false;
    return close_group(c, count) && add_sampling(c);
}

static bool build_segments(cutter *c, size_t count)
{
    ketch_program *const program = c->program;
    program->sampled = measures_last(c->circuit, c->fence_every > 0);
    for (int q = 0; q < 64; q++)
        program->entry[q] = (uint8_t)q;
    const bool good = cut_circuit(c, count);
    ktq_op_list_free(&c->list);
    ktq_op_list_free(&c->other);
    kt_heap_give(c->queue.items);
    kt_heap_give(c->taken);
    kt_heap_give(c->inner);
    ktq_group_list_free(&c->sequence);
    ktq_group_list_free(&c->spare);
    return good;
}

bool ktq_segments_build(ketch_program *program, const ketch_circuit *circuit, uint64_t fence_every)
{
    cutter c = {.program = program, .circuit = circuit, .fence_every = fence_every};
    const bool good = build_segments(&c, circuit->gate_list.count);
    assert(!good || c.retired == program->steps);
    return good;
}

bool ktq_segments_try(ketch_program *program, const ketch_circuit *circuit, uint64_t fence_every,
                      size_t gates)
{
    cutter c = {.program = program, .circuit = circuit, .fence_every = fence_every, .trial = true};
    const size_t count = circuit->gate_list.count;
    return build_segments(&c, count < gates ? count : gates);
}
