/* In what steps the operations of a sub-tile are carried out. Diagonals wait as long as they can,
 * so that many become one table of factors, which the next rotations take along; rotations go
 * together by threes; the rest one by one. */
#include "sequence.h"

#include "heap.h"

#include <math.h>

typedef struct sequencer {
    const kt_op_list *list;
    kt_frame frame;
    uint64_t lanes;
    size_t *left;
    size_t count;
    kt_group_list *out;
    /* Waiting: terms that do not look at lanes, terms that look at them only. */
    kt_group across, along;
    kt_term across_terms[KT_TERMS], along_terms[KT_TERMS];
    uint64_t across_bits, along_bits; /* positions that the waiting terms look at */
    const kt_op *turns[64];           /* rotations found in a scan that are not of lanes */
    int32_t turn_count;
    uint64_t turned; /* positions of all rotations found in it: one each */
    double *scale;
} sequencer;

/* Rotations without their cosines let the amplitudes grow: no further than this, within a float's
 * exponents, but for those of one group. */
static const double least_scale = 0x1p-100;

/* A place for one group more, NULL where memory is refused. */
static kt_group *next_group(sequencer *s)
{
    kt_group_list *const out = s->out;
    if (!kt_reserve((void **)&out->groups, &out->capacity, out->count + 1, sizeof *out->groups))
        return NULL;
    return &out->groups[out->count++];
}

double kt_group_settle(const kt_group *group, const double *data, double *due)
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
static bool add_group(sequencer *s, kt_group *group)
{
    kt_group_list *const out = s->out;
    const size_t terms = out->term_count + (size_t)group->term_count;
    kt_group *const added = next_group(s);
    if (!added || !kt_reserve((void **)&out->terms, &out->term_capacity, terms, sizeof *out->terms))
        return false;
    if (s->scale)
        group->scale = kt_group_settle(group, s->list->data, s->scale);
    *added = *group;
    for (int32_t i = 0; i < group->term_count; i++)
        out->terms[out->term_count++] = group->terms[i];
    return true;
}

static void link_group_terms(kt_group_list *list)
{
    kt_term *terms = list->terms;
    for (size_t i = 0; i < list->count; i++) {
        list->groups[i].terms = terms;
        terms += list->groups[i].term_count;
    }
}

void kt_group_list_clear(kt_group_list *list)
{
    list->count = list->term_count = 0;
}

void kt_group_list_free(kt_group_list *list)
{
    kt_heap_give(list->groups);
    kt_heap_give(list->terms);
    *list = (kt_group_list){0};
}

static bool add_single_group(sequencer *s, const kt_op *op)
{
    kt_group *const added = next_group(s);
    if (!added)
        return false;
    *added = (kt_group){.kind = KT_GROUP_SINGLE, .varies = op->recipe, .op = op, .scale = 1};
    return true;
}

/* ---- diagonals ---- */

static bool same_predicate(const kt_predicate *a, const kt_predicate *b)
{
    return a->mask == b->mask && a->value == b->value && a->parity == b->parity;
}

/* The part of a condition outside the frame becomes one of the group's predicates. */
static bool note_predicate(const sequencer *s, kt_group *group, const kt_predicate *on)
{
    const kt_predicate outside = {on->mask & ~s->frame.positions, on->value & ~s->frame.positions,
                                  on->parity};
    if (!outside.mask)
        return true;
    for (int32_t i = 0; i < group->predicate_count; i++)
        if (same_predicate(&group->predicates[i], &outside))
            return true;
    if (group->predicate_count == KT_PREDICATES)
        return false;
    group->predicates[group->predicate_count++] = outside;
    return true;
}

static bool add_term(const sequencer *s, kt_group *group, const kt_predicate *on,
                     const double *factor)
{
    if (factor[0] == 1 && factor[1] == 0)
        return true;
    if (group->term_count == KT_TERMS || !note_predicate(s, group, on))
        return false;
    group->terms[group->term_count++] = (kt_term){*on, (uint64_t)(factor - s->list->data)};
    return true;
}

static bool add_factor_terms(const sequencer *s, kt_group *group, const kt_op *op,
                             const double *factors)
{
    for (uint64_t row = 0; row < UINT64_C(1) << op->count; row++) {
        kt_predicate on = {op->control, op->value, false};
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
static bool add_terms(const sequencer *s, kt_group *group, const kt_op *op)
{
    const int32_t terms = group->term_count, predicates = group->predicate_count;
    const double *const factors = s->list->data + op->data;
    const kt_predicate odd = {op->fixed, 0, true};
    if (op->kind == KT_PARITY ? add_term(s, group, &odd, factors)
                              : add_factor_terms(s, group, op, factors)) {
        group->varies |= op->recipe != 0;
        return true;
    }
    group->term_count = terms;
    group->predicate_count = predicates;
    return false;
}

typedef enum taking { LEFT, TAKEN, REFUSED } taking;

static taking take_diagonal(sequencer *s, const kt_op *op)
{
    if (op->kind != KT_PARITY && (op->kind != KT_DIAG || op->count > 2))
        return LEFT;
    const bool lanes = op->fixed & s->lanes;
    if (lanes && (op->fixed & s->frame.positions & ~s->lanes))
        return add_single_group(s, op) ? TAKEN : REFUSED;
    if (!add_terms(s, lanes ? &s->along : &s->across, op))
        return LEFT;
    *(lanes ? &s->along_bits : &s->across_bits) |= op->fixed;
    return TAKEN;
}

/* ---- rotations and the rest ---- */

static taking take_rotation(sequencer *s, const kt_op *op)
{
    if (op->kind != KT_ROTATE || (op->moved & s->turned))
        return LEFT;
    s->turned |= op->moved;
    if (!(op->moved & s->lanes)) {
        s->turns[s->turn_count++] = op;
        return TAKEN;
    }
    const int32_t i = s->along.rotation_count++;
    s->along.rotations[i].position = op->qubits[0];
    s->along.rotations[i].data = op->data;
    s->along.varies |= op->recipe != 0;
    return TAKEN;
}

/* Offers every operation that can go now; those taken leave the list. False where memory is
 * refused. */
static bool scan_left(sequencer *s, taking (*take)(sequencer *, const kt_op *))
{
    kt_blocked b = {0};
    size_t kept = 0;
    bool good = true;
    for (size_t i = 0; i < s->count; i++) {
        const kt_op *const op = &s->list->ops[s->left[i]];
        const taking got = good && !kt_op_waits(op, &b) ? take(s, op) : LEFT;
        good = good && got != REFUSED;
        if (got == TAKEN)
            continue;
        kt_op_block(&b, op);
        s->left[kept++] = s->left[i];
    }
    s->count = kept;
    return good;
}

/* How many of the rotations left go into one step: threes, but four as two and two. */
static int32_t block_size(int32_t left)
{
    return left == 4 ? 2 : left < KT_BLOCK_ROTATIONS ? left : KT_BLOCK_ROTATIONS;
}

static void clear_group(kt_group *group, uint64_t *bits)
{
    group->term_count = group->rotation_count = group->predicate_count = 0;
    group->scale = 1;
    group->varies = false;
    *bits = 0;
}

/* The waiting terms, with the rotations found by the last scan. */
static bool add_across(sequencer *s)
{
    int32_t next = 0;
    do {
        kt_group *const group = &s->across;
        group->rotation_count = block_size(s->turn_count - next);
        for (int32_t i = 0; i < group->rotation_count; i++, next++) {
            group->rotations[i].position = s->turns[next]->qubits[0];
            group->rotations[i].data = s->turns[next]->data;
            group->varies |= s->turns[next]->recipe != 0;
        }
        if (group->term_count + group->rotation_count > 0 && !add_group(s, group))
            return false;
        clear_group(group, &s->across_bits);
    } while (next < s->turn_count);
    s->turn_count = 0;
    return true;
}

static bool add_along(sequencer *s)
{
    if (s->along.term_count + s->along.rotation_count > 0 && !add_group(s, &s->along))
        return false;
    clear_group(&s->along, &s->along_bits);
    return true;
}

/* What moves bits that waiting terms look at must let them go first. */
static taking take_other(sequencer *s, const kt_op *op)
{
    if (op->kind == KT_ROTATE || op->kind == KT_PARITY || (op->kind == KT_DIAG && op->count <= 2))
        return LEFT;
    if ((op->moved & s->along_bits) && !add_along(s))
        return REFUSED;
    if ((op->moved & s->across_bits) && !add_across(s))
        return REFUSED;
    return add_single_group(s, op) ? TAKEN : REFUSED;
}

/* Rotations first, with the terms that wait; else the rest; else diagonals, which then wait. */
static bool run_round(sequencer *s)
{
    const size_t before = s->count;
    s->turned = 0;
    if (!scan_left(s, take_rotation))
        return false;
    const bool across = s->turn_count > 0, along = s->along.rotation_count > 0;
    if ((along && !add_along(s)) || (across && !add_across(s)))
        return false;
    if (s->count == before && !scan_left(s, take_other))
        return false;
    if (s->count == before && !scan_left(s, take_diagonal))
        return false;
    return s->count < before || (add_along(s) && add_across(s));
}

bool kt_sequence(kt_group_list *out, const kt_op_list *list, const kt_frame *frame, uint64_t lanes,
                 size_t *left, size_t count, double *scale)
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
    s->across.kind = KT_GROUP_VECTORS;
    s->along.kind = KT_GROUP_LANES;
    s->across.scale = s->along.scale = 1;
    s->across.terms = s->across_terms;
    s->along.terms = s->along_terms;
    bool good = true;
    while (good && s->count > 0)
        good = run_round(s);
    good = good && add_along(s) && add_across(s);
    link_group_terms(out);
    kt_heap_give(s);
    return good;
}
