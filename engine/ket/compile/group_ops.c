/* Diagonals are deferred as long as possible, so that many become one table of factors, which the
 * next rotations that do not commute with them multiply in. Flips are commuted through deferred
 * diagonals. Other operations become groups of their own. */
#include "ket/compile/group_ops.h"

#include "list.h"
#include "numbers.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* The deferred terms for one kind of group, and the positions that they depend on. rotations: those
 * of that kind found in a scan, each on a position of its own. */
typedef struct deferred_terms {
    ktq_group group;
    ktq_term terms[KTQ_TERMS_MAX];
    uint64_t positions;
    const ktq_op *rotations[64];
    int32_t rotation_count;
} deferred_terms;

/* The operations of a subtile on their way to groups: ops[0..count-1] are left. vector: terms that
 * depend on no lanes, for VECTORS; lane: terms that depend on lanes and on positions outside the
 * frame alone, for LANES. rotated: the positions of all rotations found in a scan. */
struct ktq_grouper {
    const ktq_op_list *list;
    ktq_frame frame;
    uint64_t lanes;
    ktq_candidate *ops;
    size_t count;
    ktq_group_list *out;
    deferred_terms vector, lane;
    uint64_t rotated;
    double *scale;
};

/* Rotations without their cosines let amplitudes grow. The deferred scale stays above this, but for
 * the cosines of one group, so that a float's exponents suffice. */
static const double scale_min = 0x1p-100;

/* ---- lists of groups ---- */

void ktq_group_list_clear(ktq_group_list *list)
{
    list->count = list->term_count = 0;
}

void ktq_group_list_link(ktq_group_list *list)
{
    size_t first = 0;
    for (size_t i = 0; i < list->count; i++) {
        ktq_group *const group = &list->groups[i];
        group->terms = group->term_count ? &list->terms[first] : NULL;
        first += group->term_count;
    }
    assert(first == list->term_count);
}

/* A new group at the end, NULL where memory is refused. */
static ktq_group *new_group(ktq_group_list *list)
{
    if (!kt_list_grow(&list->groups, &list->capacity, list->count, 1, sizeof *list->groups,
                      list->region))
        return NULL;
    return &list->groups[list->count++];
}

/* ---- adding groups ---- */

double ktq_group_take_scale(const ktq_group *group, const double *data, double *scale)
{
    double cosines = 1;
    assert(group->kind == KTQ_GROUP_VECTORS || group->kind == KTQ_GROUP_LANES);
    for (int32_t i = 0; i < group->rotation_count; i++)
        cosines *= data[group->rotations[i].data + 1];
    const bool takes = group->term_count > 0 || fabs(*scale * cosines) < scale_min;
    const double taken = takes ? *scale : 1;
    *scale = takes ? cosines : *scale * cosines;
    return taken;
}

static bool add_group(ktq_grouper *g, ktq_group *group)
{
    ktq_group_list *const out = g->out;
    assert(group->term_count <= KTQ_TERMS_MAX && group->predicate_count <= KTQ_PREDICATES_MAX);
    ktq_group *const added = new_group(out);
    if (!added || !kt_list_grow(&out->terms, &out->term_capacity, out->term_count,
                                group->term_count, sizeof *out->terms, out->region))
        return false;
    if (g->scale)
        group->scale = ktq_group_take_scale(group, g->list->data, g->scale);
    *added = *group;
    for (int32_t i = 0; i < group->term_count; i++)
        out->terms[out->term_count++] = group->terms[i];
    return true;
}

static bool add_single_group(ktq_grouper *g, const ktq_op *op)
{
    assert(!(op->moved & ~g->frame.positions));
    ktq_group *const added = new_group(g->out);
    if (!added)
        return false;
    *added = (ktq_group){
        .kind = KTQ_GROUP_SINGLE, .is_parametric = op->is_parametric, .op = op, .scale = 1};
    return true;
}

/* ---- terms of diagonals ---- */

/* Makes the part of a condition outside the frame one of the group's predicates; false where there
 * would be too many. */
static bool add_predicate(const ktq_grouper *g, ktq_group *group, const ktq_predicate *on)
{
    const uint64_t inside = g->frame.positions;
    if (!(on->mask & ~inside))
        return true;
    const ktq_predicate outside = ktq_predicate_outside(on, inside);
    for (int32_t i = 0; i < group->predicate_count; i++) {
        const ktq_predicate other =
            ktq_predicate_outside(&group->terms[group->predicates[i]].on, inside);
        if (ktq_predicate_is_same(&other, &outside))
            return true;
    }
    if (group->predicate_count == KTQ_PREDICATES_MAX)
        return false;
    group->predicates[group->predicate_count++] = group->term_count;
    return true;
}

/* False where the group would have too many terms or predicates. */
static bool add_term(const ktq_grouper *g, ktq_group *group, const ktq_predicate *on,
                     const double *factor)
{
    if (factor[0] == 1 && factor[1] == 0)
        return true;
    if (group->term_count == KTQ_TERMS_MAX || !add_predicate(g, group, on))
        return false;
    group->terms[group->term_count++] = (ktq_term){*on, (uint64_t)(factor - g->list->data)};
    return true;
}

static bool add_factor_terms(const ktq_grouper *g, ktq_group *group, const ktq_op *op,
                             const double *factors)
{
    for (uint64_t row = 0; row < UINT64_C(1) << op->count; row++) {
        ktq_predicate on = {op->control, op->value, false};
        for (int32_t i = 0; i < op->count; i++) {
            on.mask |= UINT64_C(1) << op->qubits[i];
            on.value |= (row >> i & 1) << op->qubits[i];
        }
        if (!add_term(g, group, &on, factors + 2 * row))
            return false;
    }
    return true;
}

/* Adds all terms of the operation to the group, or, where there would be too many, none. */
static bool add_terms(const ktq_grouper *g, ktq_group *group, const ktq_op *op)
{
    const uint8_t terms = group->term_count, predicates = group->predicate_count;
    const double *const factors = g->list->data + op->data;
    const ktq_predicate odd = {op->fixed, 0, true};
    if (op->kind == KTQ_PARITY ? add_term(g, group, &odd, factors)
                               : add_factor_terms(g, group, op, factors)) {
        group->is_parametric |= op->is_parametric;
        return true;
    }
    group->term_count = terms;
    group->predicate_count = predicates;
    return false;
}

/* What became of an operation that was examined. FAILED: memory was refused. */
typedef enum taking { LEFT, TAKEN, FAILED } taking;

static taking take_diagonal(ktq_grouper *g, const ktq_op *op)
{
    const bool has_lanes = op->fixed & g->lanes;
    if (has_lanes && (op->fixed & g->frame.positions & ~g->lanes))
        return add_single_group(g, op) ? TAKEN : FAILED;
    deferred_terms *const terms = has_lanes ? &g->lane : &g->vector;
    if (!add_terms(g, &terms->group, op))
        return LEFT;
    terms->positions |= op->fixed;
    return TAKEN;
}

/* ---- rotations ---- */

static deferred_terms *terms_of_rotation(ktq_grouper *g, const ktq_op *op)
{
    return op->moved & g->lanes ? &g->lane : &g->vector;
}

static taking take_rotation(ktq_grouper *g, const ktq_op *op)
{
    if (op->moved & g->rotated)
        return LEFT;
    g->rotated |= op->moved;
    deferred_terms *const terms = terms_of_rotation(g, op);
    terms->rotations[terms->rotation_count++] = op;
    return TAKEN;
}

/* Takes a rotation that commutes with the deferred terms of its kind of group. */
static taking take_free_rotation(ktq_grouper *g, const ktq_op *op)
{
    return op->moved & terms_of_rotation(g, op)->positions ? LEFT : take_rotation(g, op);
}

/* How many of the rotations that are left go into one group: of lanes all; else three, but four as
 * two and two. */
static int32_t rotations_in_group(const ktq_group *group, int32_t left)
{
    if (group->kind == KTQ_GROUP_LANES)
        return left;
    return left == 4 ? 2 : KT_MIN(left, KTQ_VECTOR_ROTATIONS_MAX);
}

/* Adds groups for the rotations found by the last scan. The first of them is `group`, with its
 * terms. */
static bool add_rotations(ktq_grouper *g, deferred_terms *from, ktq_group *group)
{
    int32_t next = 0;
    do {
        group->rotation_count = (uint8_t)rotations_in_group(group, from->rotation_count - next);
        assert(group->rotation_count <= KTQ_LANE_ROTATIONS_MAX);
        for (int32_t i = 0; i < group->rotation_count; i++, next++) {
            const ktq_op *const op = from->rotations[next];
            assert(op->data < KTQ_ROTATION_DATA_END);
            group->rotations[i].position = op->qubits[0];
            group->rotations[i].data = op->data & (KTQ_ROTATION_DATA_END - 1);
            group->is_parametric |= op->is_parametric;
        }
        if (group->term_count + group->rotation_count > 0 && !add_group(g, group))
            return false;
        *group = (ktq_group){.kind = group->kind, .scale = 1};
    } while (next < from->rotation_count);
    from->rotation_count = 0;
    return true;
}

/* Adds the rotations found without the deferred terms. */
static bool add_free_rotations(ktq_grouper *g, deferred_terms *from)
{
    ktq_group group = {.kind = from->group.kind, .scale = 1};
    return add_rotations(g, from, &group);
}

static void clear_terms(deferred_terms *terms)
{
    terms->group.term_count = terms->group.predicate_count = 0;
    terms->group.is_parametric = false;
    terms->positions = 0;
}

/* Adds all deferred terms, with the rotations found. */
static bool add_deferred(ktq_grouper *g, deferred_terms *from)
{
    ktq_group group = from->group;
    clear_terms(from);
    return add_rotations(g, from, &group);
}

/* ---- flips, and what is left ---- */

/* Whether the condition is the parity of its bits: a single bit that must be 1 is, too. */
static bool is_parity(const ktq_predicate *on)
{
    return on->parity || (on->value == on->mask && !(on->mask & (on->mask - 1)));
}

/* Commutes a CX through the terms. A factor where bits have odd parity, and then a flip of one of
 * them by a control, is the flip, and then the factor where these bits and the control have odd
 * parity together. False where a term that the CX moves is none of that kind. */
static bool commute_flip(deferred_terms *terms, const ktq_op *op)
{
    ktq_group *const group = &terms->group;
    for (int32_t i = 0; i < group->term_count; i++)
        if ((group->terms[i].on.mask & op->moved) && !is_parity(&group->terms[i].on))
            return false;
    for (int32_t i = 0; i < group->term_count; i++)
        if (group->terms[i].on.mask & op->moved)
            group->terms[i].on = (ktq_predicate){group->terms[i].on.mask ^ op->control, 0, true};
    terms->positions |= op->control;
    return true;
}

/* Whether the operation is a CX on positions that these terms may depend on. */
static bool is_cx_among(const ktq_grouper *g, const deferred_terms *terms, const ktq_op *op)
{
    const uint64_t all = terms == &g->lane ? g->lanes : g->frame.positions & ~g->lanes;
    return op->kind == KTQ_FLIP && op->control && !(op->control & (op->control - 1)) &&
           op->value == op->control && !(op->moved & (op->moved - 1)) &&
           !((op->control | op->moved) & ~all);
}

/* Whether a flip can go before the terms, which may be changed for it. */
static bool passes_terms(const ktq_grouper *g, deferred_terms *terms, const ktq_op *op)
{
    return !(op->moved & terms->positions) ||
           (is_cx_among(g, terms, op) && commute_flip(terms, op));
}

/* Takes diagonals, and flips that leave terms deferred. */
static taking take_diagonal_or_flip(ktq_grouper *g, const ktq_op *op)
{
    if (op->kind != KTQ_FLIP)
        return take_diagonal(g, op);
    if (!passes_terms(g, &g->lane, op) || !passes_terms(g, &g->vector, op))
        return LEFT;
    return add_single_group(g, op) ? TAKEN : FAILED;
}

/* Takes what is neither a diagonal nor a rotation. Terms that it does not commute with are added
 * before it. */
static taking take_other(ktq_grouper *g, const ktq_op *op)
{
    if (((op->moved & g->lane.positions) && !add_deferred(g, &g->lane)) ||
        ((op->moved & g->vector.positions) && !add_deferred(g, &g->vector)))
        return FAILED;
    return add_single_group(g, op) ? TAKEN : FAILED;
}

/* ---- rounds ---- */

/* Offers the operations of these kinds that are not blocked to `take`, up to where all of the frame
 * is blocked. Those taken leave the list. False where memory is refused. */
static bool scan(ktq_grouper *g, uint32_t kinds, taking (*take)(ktq_grouper *, const ktq_op *))
{
    const uint64_t frame = g->frame.positions;
    ktq_scan skipped = {0};
    size_t kept = 0, i = 0;
    taking got = LEFT;
    g->rotated = 0;
    for (; got != FAILED && i < g->count && (frame & ~skipped.moved); i++) {
        const ktq_candidate op = g->ops[i];
        const bool is_left = ktq_scan_skips(&skipped, op.moved, op.fixed) || !(op.kind & kinds);
        got = is_left ? LEFT : take(g, &g->list->ops[op.index]);
        if (got == TAKEN)
            continue;
        ktq_scan_skip(&skipped, op.moved, op.fixed);
        g->ops[kept++] = op;
    }
    if (kept < i)
        memmove(g->ops + i - kept, g->ops, kept * sizeof *g->ops);
    g->ops += i - kept;
    g->count -= i - kept;
    return got != FAILED;
}

/* Adds the rotations that can go now, with the deferred terms of their kind of group. */
static bool take_rotations(ktq_grouper *g)
{
    if (!scan(g, KTQ_ROTATIONS, take_rotation))
        return false;
    return (!g->lane.rotation_count || add_deferred(g, &g->lane)) &&
           (!g->vector.rotation_count || add_deferred(g, &g->vector));
}

/* Takes first what leaves terms deferred; where there is no such operation, rotations that need the
 * terms, and then the rest. */
static bool run_round(ktq_grouper *g)
{
    const size_t before = g->count;
    if (!scan(g, KTQ_DIAGONALS | KTQ_FLIPS, take_diagonal_or_flip) ||
        !scan(g, KTQ_ROTATIONS, take_free_rotation) || !add_free_rotations(g, &g->lane) ||
        !add_free_rotations(g, &g->vector))
        return false;
    if (g->count == before && !take_rotations(g))
        return false;
    if (g->count == before && !scan(g, KTQ_FLIPS | KTQ_OTHERS, take_other))
        return false;
    return g->count < before || (add_deferred(g, &g->lane) && add_deferred(g, &g->vector));
}

static void begin_terms(deferred_terms *terms, ktq_group_kind kind)
{
    terms->group = (ktq_group){.kind = (uint8_t)kind, .scale = 1, .terms = terms->terms};
    terms->positions = 0;
    terms->rotation_count = 0;
}

ktq_grouper *ktq_grouper_take(kt_region *region)
{
    return kt_region_take(region, sizeof(ktq_grouper));
}

bool ktq_group_ops(ktq_grouper *g, ktq_group_list *out, const ktq_op_list *list,
                   const ktq_frame *frame, uint64_t lanes, ktq_candidate *ops, size_t count,
                   double *scale)
{
    assert(ktq_frame_is_valid(frame) && !(lanes & ~frame->positions));
    g->list = list;
    g->frame = *frame;
    g->lanes = lanes;
    g->ops = ops;
    g->count = count;
    g->out = out;
    g->scale = scale;
    begin_terms(&g->vector, KTQ_GROUP_VECTORS);
    begin_terms(&g->lane, KTQ_GROUP_LANES);
    bool good = true;
    while (good && g->count > 0)
        good = run_round(g);
    return good && add_deferred(g, &g->lane) && add_deferred(g, &g->vector);
}
