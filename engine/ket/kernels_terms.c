/* Groups of terms and rotations, prepared: tables of factors and the tangents. */
#include "kernels.h"

typedef struct terms_place {
    const kt_group *group;
    uint64_t positions; /* of the frame */
    uint64_t vectors;   /* in it */
    int32_t lane_bits;
    bool single;
    void *table;
} terms_place;

static size_t terms_real(const kt_kernel_set *set)
{
    return set->precision == KETCH_SINGLE ? sizeof(float) : sizeof(double);
}

/* Factors in one table: for each vector, or for each lane. */
static uint64_t table_length(const kt_group *group, const kt_frame *frame, int32_t lane_bits)
{
    if (group->kind == KT_GROUP_LANES)
        return UINT64_C(1) << lane_bits;
    return UINT64_C(1) << (frame->bits > lane_bits ? frame->bits - lane_bits : 0);
}

static size_t tables_size(const kt_kernel_set *set, const kt_group *group, const kt_frame *frame)
{
    const uint64_t length = table_length(group, frame, set->lane_bits);
    return kt_group_scales(group)
               ? kt_round_line(2 * terms_real(set) * length << group->predicate_count)
               : 0;
}

size_t kt_terms_need(const kt_kernel_set *set, const kt_group *group, const kt_frame *frame)
{
    const size_t lanes = group->kind == KT_GROUP_LANES ? (size_t)1 << set->lane_bits : 1;
    return tables_size(set, group, frame) +
           kt_round_line((size_t)group->rotation_count * lanes * terms_real(set));
}

/* ---- tables ---- */

static double read_real(const terms_place *p, const void *memory, uint64_t i)
{
    return p->single ? (double)((const float *)memory)[i] : ((const double *)memory)[i];
}

/* Where the real part of entry i of table number `outcome` is, and how far the imaginary one is
 * from it: VECTORS keep them side by side, LANES in two vectors. */
static uint64_t entry_of_table(const terms_place *p, uint64_t outcome, uint64_t i, uint64_t *apart)
{
    if (p->group->kind == KT_GROUP_LANES) {
        *apart = p->vectors;
        return 2 * outcome * p->vectors + i;
    }
    *apart = 1;
    return 2 * (outcome * p->vectors + i);
}

static void scale_entry(const terms_place *p, uint64_t outcome, uint64_t i, const double f[2])
{
    uint64_t apart = 0;
    const uint64_t at = entry_of_table(p, outcome, i, &apart);
    const double re = read_real(p, p->table, at), im = read_real(p, p->table, at + apart);
    kt_put_real(p->single, p->table, at, re * f[0] - im * f[1]);
    kt_put_real(p->single, p->table, at + apart, re * f[1] + im * f[0]);
}

/* A mask of positions as bits of a table's entry number. */
static uint64_t entry_bits(const terms_place *p, uint64_t mask)
{
    const uint64_t inside = kt_gather(mask & p->positions, p->positions);
    return p->group->kind == KT_GROUP_LANES ? inside : inside >> p->lane_bits;
}

/* Multiplies the entries for which the inside part of the term's condition holds; of a parity,
 * those with an odd number of bits, or an even one. */
static void apply_term(const terms_place *p, uint64_t outcome, const kt_term *term, bool even,
                       const double f[2])
{
    const uint64_t mask = entry_bits(p, term->on.mask), all = p->vectors - 1;
    if (term->on.parity) {
        for (uint64_t i = 0; i < p->vectors; i++)
            if ((bool)(__builtin_popcountll(i & mask) & 1) != even)
                scale_entry(p, outcome, i, f);
        return;
    }
    const uint64_t value = entry_bits(p, term->on.value), free = all & ~mask;
    uint64_t i = 0;
    do {
        scale_entry(p, outcome, i | value, f);
        i = (i - free) & free;
    } while (i);
}

/* Number of the group's predicate that is the outside part of a condition, -1 where there is none.
 */
static int32_t predicate_of(const terms_place *p, const kt_predicate *on)
{
    const uint64_t mask = on->mask & ~p->positions, value = on->value & ~p->positions;
    for (int32_t i = 0; mask && i < p->group->predicate_count; i++) {
        const kt_predicate *const q = &p->group->predicates[i];
        if (q->mask == mask && q->value == value && q->parity == on->parity)
            return i;
    }
    return -1;
}

/* Outcome 0: terms without a predicate, and parities as if the outside part were even. */
static void fill_first_table(const terms_place *p)
{
    for (uint64_t i = 0; i < p->vectors; i++) {
        uint64_t apart = 0;
        const uint64_t at = entry_of_table(p, 0, i, &apart);
        kt_put_real(p->single, p->table, at, p->group->scale);
        kt_put_real(p->single, p->table, at + apart, 0);
    }
    for (int32_t i = 0; i < p->group->term_count; i++) {
        const kt_term *const term = &p->group->terms[i];
        const double f[2] = {term->re, term->im};
        if (term->on.parity || predicate_of(p, &term->on) < 0)
            apply_term(p, 0, term, false, f);
    }
}

/* A predicate that holds brings its factors; a parity moves its factor from the odd entries to the
 * even ones. */
static void apply_predicate(const terms_place *p, uint64_t outcome, int32_t number)
{
    for (int32_t i = 0; i < p->group->term_count; i++) {
        const kt_term *const term = &p->group->terms[i];
        if (predicate_of(p, &term->on) != number)
            continue;
        const double f[2] = {term->re, term->im}, norm = f[0] * f[0] + f[1] * f[1];
        const double back[2] = {f[0] / norm, -f[1] / norm};
        apply_term(p, outcome, term, term->on.parity, f);
        if (term->on.parity)
            apply_term(p, outcome, term, false, back);
    }
}

/* Each further table is an earlier one and one predicate more. */
static void fill_tables(const terms_place *p)
{
    fill_first_table(p);
    const size_t size = (size_t)(2 * p->vectors) * (p->single ? sizeof(float) : sizeof(double));
    for (uint64_t outcome = 1; outcome >> p->group->predicate_count == 0; outcome++) {
        char *const tables = p->table;
        const uint64_t earlier = outcome & (outcome - 1);
        memcpy(tables + outcome * size, tables + earlier * size, size);
        apply_predicate(p, outcome, __builtin_ctzll(outcome));
    }
}

/* ---- rotations ---- */

/* The mask of the rotations' bits, as bits of a vector's index or of a lane's number. */
static uint64_t rotation_bits(const terms_place *p)
{
    uint64_t mask = 0;
    for (int32_t i = 0; i < p->group->rotation_count; i++)
        mask |= entry_bits(p, UINT64_C(1) << p->group->rotations[i].position);
    return mask;
}

static void put_tangents(const terms_place *p, uint64_t mask, void *tangents)
{
    const bool along = p->group->kind == KT_GROUP_LANES;
    const uint64_t width = along ? p->vectors : 1;
    for (int32_t i = 0; i < p->group->rotation_count; i++) {
        const uint64_t bit = entry_bits(p, UINT64_C(1) << p->group->rotations[i].position);
        const uint64_t rank = (uint64_t)__builtin_popcountll(mask & (bit - 1));
        const double t = p->group->rotations[i].tangent;
        for (uint64_t lane = 0; lane < width; lane++)
            kt_put_real(p->single, tangents, rank * width + lane, along && !(lane & bit) ? -t : t);
    }
}

void kt_terms_prepare(const kt_kernel_set *set, kt_step *step, const kt_group *group,
                      const kt_frame *frame, void *memory)
{
    const terms_place p = {.group = group,
                           .positions = frame->positions,
                           .vectors = table_length(group, frame, set->lane_bits),
                           .lane_bits = set->lane_bits,
                           .single = set->precision == KETCH_SINGLE,
                           .table = memory};
    const bool terms = kt_group_scales(group);
    const uint64_t mask = rotation_bits(&p);
    step->more = (char *)memory + tables_size(set, group, frame);
    put_tangents(&p, mask, step->more);
    if (terms)
        fill_tables(&p);
    step->predicate_count = group->predicate_count;
    memcpy(step->predicates, group->predicates, sizeof step->predicates);
    if (group->kind == KT_GROUP_LANES) {
        step->apply = set->table->lanes[terms][mask];
        return;
    }
    step->targets = mask;
    step->free = (step->vectors - 1) & ~mask;
    step->apply = set->table->turn[terms][group->rotation_count];
}
