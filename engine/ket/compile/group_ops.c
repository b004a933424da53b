/* In what steps the operations of a sub-tile are carried out. Diagonals wait as long as they can,
 * so that many become one table of factors, which the next rotations that need one take along, by
 * threes; flips carry them along; the rest goes one by one. */
#include "ket/compile/group_ops.h"

#include "heap.h"

#include <math.h>
#include <string.h>

/* The terms that wait, of one kind of group; the positions they look at, and the rotations found in
 * a scan. */
typedef struct waiting_terms {
    ktq_group group;
    ktq_term terms[KTQ_TERMS_MAX];
    uint64_t bits;
    const ktq_op *turns[64];
    int32_t turn_count;
} waiting_terms;

/* across: terms that do not look at lanes; along: terms that look at them only. */
typedef struct sequencer {
    const ktq_op_list *list;
    ktq_frame frame;
    uint64_t lanes;
    size_t *left;
    size_t count;
    ktq_group_list *out;
    waiting_terms across, along;
    uint64_t turned; /* positions of all rotations found in a scan: one each */
    double *scale;
} sequencer;

/* Rotations without their cosines let the amplitudes grow: no further than this, within a float's
 * exponents, but for those of one group. */
static const double least_scale = 0x1p-100;

/* A place for one group more, NULL where memory is refused. */
static ktq_group *next_group(sequencer *s)
{
    ktq_group_list *const out = s->out;
    if (!ktq_reserve((void **)&out->groups, &out->capacity, out->count + 1, sizeof *out->groups))
        return NULL;
    return &out->groups[out->count++];
}

double ktq_group_take_scale(const ktq_group *group, const double *data, double *due)
{
    double cosines = 1;
    for (int32_t i = 0; i < group->rotation_count; i++)
        cosines *= data[group->rotations[i].data + 1];
    const bool takes = group->term_count > 0 || fabs(*due * cosines) < least_scale;
    const double scale = takes ? *due : 1;
    *due = takes ? cosines : *due * cosines;
    return scale;
}

/* The terms are linked when the list is complete and moves no more. */
static bool add_group(sequencer *s, ktq_group *group)
{
    ktq_group_list *const out = s->out;
    const size_t terms = out->term_count + (size_t)group->term_count;
    ktq_group *const added = next_group(s);
    if (!added ||
        !ktq_reserve((void **)&out->terms, &out->term_capacity, terms, sizeof *out->terms))
        return false;
    if (s->scale)
        group->scale = ktq_group_take_scale(group, s->list->data, s->scale);
    *added = *group;
    for (int32_t i = 0; i < group->term_count; i++)
        out->terms[out->term_count++] = group->terms[i];
    return true;
}

static void link_group_terms(ktq_group_list *list)
{
    ktq_term *terms = list->terms;
    for (size_t i = 0; i < list->count; i++) {
        list->groups[i].terms = terms;
        terms += list->groups[i].term_count;
    }
}

void ktq_group_list_clear(ktq_group_list *list)
{
    list->count = list->term_count = 0;
}

void ktq_group_list_free(ktq_group_list *list)
{
    kt_heap_give(list->groups);
    kt_heap_give(list->terms);
    *list = (ktq_group_list){0};
}

static bool add_single_group(sequencer *s, const ktq_op *op)
{
    ktq_group *const added = next_group(s);
    if (!added)
        return false;
    *added = (ktq_group){
        .kind = KTQ_GROUP_SINGLE, .is_parametric = op->is_parametric, .op = op, .scale = 1};
    return true;
}

/* ---- diagonals ---- */

static bool same_predicate(const ktq_predicate *a, const ktq_predicate *b)
{
    return a->mask == b->mask && a->value == b->value && a->parity == b->parity;
}

/* The part of a condition outside the frame becomes one of the group's predicates. */
static bool note_predicate(const sequencer *s, ktq_group *group, const ktq_predicate *on)
{
    const ktq_predicate outside = {on->mask & ~s->frame.positions, on->value & ~s->frame.positions,
                                   on->parity};
    if (!outside.mask)
        return true;
    for (int32_t i = 0; i < group->predicate_count; i++)
        if (same_predicate(&group->predicates[i], &outside))
            return true;
    if (group->predicate_count == KTQ_PREDICATES_MAX)
        return false;
    group->predicates[group->predicate_count++] = outside;
    return true;
}

static bool add_term(const sequencer *s, ktq_group *group, const ktq_predicate *on,
                     const double *factor)
{
    if (factor[0] == 1 && factor[1] == 0)
        return true;
    if (group->term_count == KTQ_TERMS_MAX || !note_predicate(s, group, on))
        return false;
    group->terms[group->term_count++] = (ktq_term){*on, (uint64_t)(factor - s->list->data)};
    return true;
}

static bool add_factor_terms(const sequencer *s, ktq_group *group, const ktq_op *op,
                             const double *factors)
{
    for (uint64_t row = 0; row < UINT64_C(1) << op->count; row++) {
        ktq_predicate on = {op->control, op->value, false};
        for (int32_t i = 0; i < op->count; i++) {
            on.mask |= UINT64_C(1) << op->qubits[i];
            on.value |= (row >> i & 1) << op->qubits[i];
        }
        if (!add_term(s, group, &on, factors + 2 * row))
            return false;
    }
    return true;
}

/* All of the operation's factors to the group, or none. */
static bool add_terms(const sequencer *s, ktq_group *group, const ktq_op *op)
{
    const int32_t terms = group->term_count, predicates = group->predicate_count;
    const double *const factors = s->list->data + op->data;
    const ktq_predicate odd = {op->fixed, 0, true};
    if (op->kind == KTQ_PARITY ? add_term(s, group, &odd, factors)
                               : add_factor_terms(s, group, op, factors)) {
        group->is_parametric |= op->is_parametric;
        return true;
    }
    group->term_count = terms;
    group->predicate_count = predicates;
    return false;
}

typedef enum taking { LEFT, TAKEN, REFUSED } taking;

static bool is_diagonal(const ktq_op *op)
{
    return op->kind == KTQ_PARITY || (op->kind == KTQ_DIAG && op->count <= 2);
}

static taking take_diagonal(sequencer *s, const ktq_op *op)
{
    const bool lanes = op->fixed & s->lanes;
    if (lanes && (op->fixed & s->frame.positions & ~s->lanes))
        return add_single_group(s, op) ? TAKEN : REFUSED;
    waiting_terms *const side = lanes ? &s->along : &s->across;
    if (!add_terms(s, &side->group, op))
        return LEFT;
    side->bits |= op->fixed;
    return TAKEN;
}

/* ---- rotations ---- */

static waiting_terms *side_of(sequencer *s, const ktq_op *op)
{
    return op->moved & s->lanes ? &s->along : &s->across;
}

static taking take_rotation(sequencer *s, const ktq_op *op)
{
    if (op->kind != KTQ_ROTATE || (op->moved & s->turned))
        return LEFT;
    s->turned |= op->moved;
    waiting_terms *const side = side_of(s, op);
    side->turns[side->turn_count++] = op;
    return TAKEN;
}

/* One that needs no factors. */
static taking take_free_rotation(sequencer *s, const ktq_op *op)
{
    return op->moved & side_of(s, op)->bits ? LEFT : take_rotation(s, op);
}

/* How many of the rotations left go into one step: of lanes all, else threes, but four as two and
 * two. */
static int32_t block_size(const ktq_group *group, int32_t left)
{
    if (group->kind == KTQ_GROUP_LANES)
        return left;
    return left == 4 ? 2 : left < KTQ_VECTOR_ROTATIONS_MAX ? left : KTQ_VECTOR_ROTATIONS_MAX;
}

static void clear_side(waiting_terms *side)
{
    side->group.term_count = side->group.predicate_count = 0;
    side->group.is_parametric = false;
    side->bits = 0;
}

/* The rotations found by the last scan; the first of them with the terms in `group`. */
static bool add_turns(sequencer *s, waiting_terms *side, ktq_group *group)
{
    int32_t next = 0;
    do {
        group->rotation_count = block_size(group, side->turn_count - next);
        for (int32_t i = 0; i < group->rotation_count; i++, next++) {
            group->rotations[i].position = side->turns[next]->qubits[0];
            group->rotations[i].data = side->turns[next]->data;
            group->is_parametric |= side->turns[next]->is_parametric;
        }
        if (group->term_count + group->rotation_count > 0 && !add_group(s, group))
            return false;
        *group = (ktq_group){.kind = group->kind, .scale = 1};
    } while (next < side->turn_count);
    side->turn_count = 0;
    return true;
}

static bool add_free_turns(sequencer *s, waiting_terms *side)
{
    ktq_group group = {.kind = side->group.kind, .scale = 1};
    return add_turns(s, side, &group);
}

/* With all terms that wait. */
static bool add_side(sequencer *s, waiting_terms *side)
{
    ktq_group group = side->group;
    clear_side(side);
    return add_turns(s, side, &group);
}

/* ---- flips and the rest ---- */

/* A term on one bit that must be 1 is a parity. */
static bool is_parity(const ktq_predicate *on)
{
    return on->parity || (on->value == on->mask && !(on->mask & (on->mask - 1)));
}

/* A factor where bits have odd parity, and then a flip of one of them by another: the same as the
 * flip and then a factor where they have odd parity together with that other. */
static bool carry_terms(waiting_terms *side, const ktq_op *op)
{
    ktq_group *const group = &side->group;
    for (int32_t i = 0; i < group->term_count; i++)
        if ((group->terms[i].on.mask & op->moved) && !is_parity(&group->terms[i].on))
            return false;
    for (int32_t i = 0; i < group->term_count; i++)
        if (group->terms[i].on.mask & op->moved)
            group->terms[i].on = (ktq_predicate){group->terms[i].on.mask ^ op->control, 0, true};
    side->bits |= op->control;
    return true;
}

/* A flip by one bit of those that the terms it moves may look at. */
static bool may_carry(const sequencer *s, const waiting_terms *side, const ktq_op *op)
{
    const uint64_t all = side == &s->along ? s->lanes : s->frame.positions & ~s->lanes;
    return op->kind == KTQ_FLIP && op->control && !(op->control & (op->control - 1)) &&
           op->value == op->control && !(op->moved & (op->moved - 1)) &&
           !((op->control | op->moved) & ~all);
}

/* Whether it can go before the terms, which may change for it. */
static bool passes_terms(const sequencer *s, waiting_terms *side, const ktq_op *op)
{
    return !(op->moved & side->bits) || (may_carry(s, side, op) && carry_terms(side, op));
}

static bool is_other(const ktq_op *op)
{
    return op->kind != KTQ_ROTATE && !is_diagonal(op);
}

/* Diagonals, and flips that let them wait. */
static taking take_early(sequencer *s, const ktq_op *op)
{
    if (is_diagonal(op))
        return take_diagonal(s, op);
    if (op->kind != KTQ_FLIP || !passes_terms(s, &s->along, op) || !passes_terms(s, &s->across, op))
        return LEFT;
    return add_single_group(s, op) ? TAKEN : REFUSED;
}

/* What moves bits that waiting terms look at must let them go first. */
static taking take_other(sequencer *s, const ktq_op *op)
{
    if (!is_other(op))
        return LEFT;
    if (((op->moved & s->along.bits) && !add_side(s, &s->along)) ||
        ((op->moved & s->across.bits) && !add_side(s, &s->across)))
        return REFUSED;
    return add_single_group(s, op) ? TAKEN : REFUSED;
}

/* ---- the whole ---- */

/* Offers the operations that can go now, up to where all of the frame waits; those taken leave the
 * list. False where memory is refused. */
static bool scan_left(sequencer *s, taking (*take)(sequencer *, const ktq_op *))
{
    ktq_skipped b = {0};
    size_t kept = 0, i = 0;
    bool good = true;
    s->turned = 0;
    for (; i < s->count && (b.moved & s->frame.positions) != s->frame.positions; i++) {
        const ktq_op *const op = &s->list->ops[s->left[i]];
        const taking got = good && !ktq_op_is_blocked(op, &b) ? take(s, op) : LEFT;
        good = good && got != REFUSED;
        if (got == TAKEN)
            continue;
        ktq_skipped_add(&b, op);
        s->left[kept++] = s->left[i];
    }
    memmove(s->left + kept, s->left + i, (s->count - i) * sizeof *s->left);
    s->count -= i - kept;
    return good;
}

/* Rotations with the terms that wait, where one of them needs them. */
static bool run_turns(sequencer *s)
{
    if (!scan_left(s, take_rotation))
        return false;
    return (!s->along.turn_count || add_side(s, &s->along)) &&
           (!s->across.turn_count || add_side(s, &s->across));
}

/* First what makes no factors necessary; where there is nothing like that, what does. */
static bool run_round(sequencer *s)
{
    const size_t before = s->count;
    if (!scan_left(s, take_early) || !scan_left(s, take_free_rotation) ||
        !add_free_turns(s, &s->along) || !add_free_turns(s, &s->across))
        return false;
    if (s->count == before && !run_turns(s))
        return false;
    if (s->count == before && !scan_left(s, take_other))
        return false;
    return s->count < before || (add_side(s, &s->along) && add_side(s, &s->across));
}

static void begin_side(waiting_terms *side, ktq_group_kind kind)
{
    side->group = (ktq_group){.kind = kind, .scale = 1, .terms = side->terms};
}

bool ktq_group_ops(ktq_group_list *out, const ktq_op_list *list, const ktq_frame *frame,
                   uint64_t lanes, size_t *left, size_t count, double *scale)
{
    sequencer *const s = kt_heap_take(sizeof *s);
    if (!s)
        return false;
    s->list = list;
    s->frame = *frame;
    s->lanes = lanes;
    s->left = left;
    s->count = count;
    s->out = out;
    s->scale = scale;
    begin_side(&s->across, KTQ_GROUP_VECTORS);
    begin_side(&s->along, KTQ_GROUP_LANES);
    bool good = true;
    while (good && s->count > 0)
        good = run_round(s);
    good = good && add_side(s, &s->along) && add_side(s, &s->across);
    link_group_terms(out);
    kt_heap_give(s);
    return good;
}
