/* Prepares calls of VECTORS and LANES: tables of factors, and tangents. */
#include "ket/kernels/prepare.h"

#include <assert.h>
#include <string.h>

/* The part of a term's condition inside the frame, as bits of the number of a table's entry, and
 * the number of the predicate that is the part outside, or -1. */
typedef struct inside_predicate {
    uint32_t mask, value;
    int32_t predicate;
} inside_predicate;

/* How the factors of a group are stored. bits: of a vector's index, or of a lane's number. used: of a
 * vector's index, the bits that a table has an entry for each value of. Where that and an index take
 * less than half of a table with an entry for each vector, these are the bits that terms depend on;
 * else all, and index_size is 0. */
typedef struct table_shape {
    int32_t bits, entry_bits;
    uint64_t used;
    size_t index_size;
} table_shape;

/* A group relative to a frame. */
typedef struct placed_terms {
    const ktq_group *group;
    const double *data;
    double scale;
    uint64_t positions; /* of the frame */
    table_shape shape;
    uint64_t entries; /* of a table */
    int32_t lane_bits;
    bool single;
    void *table;
    ktq_predicate *predicates;
    inside_predicate inside[KTQ_TERMS_MAX];
} placed_terms;

static size_t real_size(const ktq_kernel_set *set)
{
    return set->precision == KETCH_SINGLE ? sizeof(float) : sizeof(double);
}

/* Bytes of a table that stays in the first-level cache. For those an index pays only where it is
 * read for four vectors or more at a time. */
enum { CACHED_TABLE = 8 << 10 };

static size_t index_size(int32_t bits)
{
    const int32_t high = bits > KTQ_INDEX_BITS ? bits - KTQ_INDEX_BITS : 0;
    return sizeof(ktq_table_index) + (sizeof(uint16_t) << high);
}

/* The bits of a vector's index that the group's terms depend on. */
static uint64_t used_bits(const ktq_kernel_set *set, const ktq_group *group, const ktq_frame *frame)
{
    uint64_t positions = 0;
    for (int32_t i = 0; i < group->term_count; i++)
        positions |= group->terms[i].on.mask;
    return kt_gather(positions & frame->positions, frame->positions) >> set->lane_bits;
}

static table_shape shape_table(const ktq_kernel_set *set, const ktq_group *group,
                               const ktq_frame *frame)
{
    if (group->kind == KTQ_GROUP_LANES)
        return (table_shape){.bits = set->lane_bits, .entry_bits = set->lane_bits};
    const int32_t above = frame->bits - set->lane_bits, bits = above > 0 ? above : 0;
    const uint64_t used = used_bits(set, group, frame);
    const int32_t few = kt_bit_count(used);
    const size_t number = 2 * real_size(set), size = index_size(bits);
    const size_t plain = number << bits, indexed = (number << few) + size;
    const bool is_shared = group->resident || group->rotation_count > 1;
    if (bits > KTQ_INDEX_BITS_MAX || indexed > plain / 2 || (plain <= CACHED_TABLE && !is_shared))
        return (table_shape){.bits = bits, .entry_bits = bits, .used = (UINT64_C(1) << bits) - 1};
    return (table_shape){.bits = bits, .entry_bits = few, .used = used, .index_size = size};
}

/* Bytes of the tables of all outcomes. */
static size_t tables_size(const ktq_kernel_set *set, const ktq_group *group,
                          const table_shape *shape)
{
    return kt_round_line((2 * real_size(set) << shape->entry_bits) << group->predicate_count);
}

static size_t tangents_size(const ktq_kernel_set *set, const ktq_group *group)
{
    const size_t lanes = group->kind == KTQ_GROUP_LANES ? (size_t)1 << set->lane_bits : 1;
    return kt_round_line((size_t)group->rotation_count * lanes * real_size(set));
}

static size_t predicates_size(const ktq_group *group)
{
    return kt_round_line(group->predicate_count * sizeof(ktq_predicate));
}

size_t ktq_terms_need(const ktq_kernel_set *set, const ktq_group *group, const ktq_frame *frame)
{
    const size_t others = tangents_size(set, group) + predicates_size(group);
    if (!ktq_group_has_factors(group, group->scale))
        return others;
    const table_shape shape = shape_table(set, group, frame);
    return others + tables_size(set, group, &shape) + kt_round_line(shape.index_size);
}

/* ---- tables ---- */

/* A mask of positions as bits of a vector's index, or of a lane's number. */
static uint64_t index_bits(const placed_terms *p, uint64_t mask)
{
    const uint64_t inside = kt_gather(mask & p->positions, p->positions);
    return p->group->kind == KTQ_GROUP_LANES ? inside : inside >> p->lane_bits;
}

/* A mask of positions as bits of the number of a table's entry. */
static uint64_t entry_bits(const placed_terms *p, uint64_t mask)
{
    const uint64_t inside = index_bits(p, mask);
    return p->group->kind == KTQ_GROUP_LANES ? inside : kt_gather(inside, p->shape.used);
}

/* The number of the predicate that is the outside part of a condition; -1: it has none. */
static int32_t predicate_of(const placed_terms *p, const ktq_predicate *on)
{
    const ktq_predicate outside = ktq_predicate_outside(on, p->positions);
    for (int32_t i = 0; outside.mask && i < p->group->predicate_count; i++)
        if (ktq_predicate_is_same(&p->predicates[i], &outside))
            return i;
    return -1;
}

static void place_terms(placed_terms *p)
{
    const ktq_group *const group = p->group;
    for (int32_t i = 0; i < group->predicate_count; i++)
        p->predicates[i] =
            ktq_predicate_outside(&group->terms[group->predicates[i]].on, p->positions);
    for (int32_t i = 0; i < group->term_count; i++) {
        const ktq_predicate *const on = &group->terms[i].on;
        assert((on->value & ~on->mask) == 0 && (!on->parity || on->value == 0));
        p->inside[i].mask = (uint32_t)entry_bits(p, on->mask);
        p->inside[i].value = (uint32_t)entry_bits(p, on->value);
        p->inside[i].predicate = predicate_of(p, on);
    }
}

/* VECTORS store the parts of an entry side by side, LANES store real parts in one register and
 * imaginary parts in another: how far an entry is from the next, and its parts from each other. */
static uint64_t entry_stride(const placed_terms *p)
{
    return p->group->kind == KTQ_GROUP_LANES ? 1 : 2;
}

static uint64_t parts_apart(const placed_terms *p)
{
    return p->group->kind == KTQ_GROUP_LANES ? p->entries : 1;
}

/* Multiplies `count` entries by f. */
static inline void multiply_doubles(double *entry, uint64_t count, uint64_t stride, uint64_t apart,
                                    const double f[2])
{
    for (; count > 0; count--, entry += stride) {
        const double re = entry[0], im = entry[apart];
        entry[0] = re * f[0] - im * f[1];
        entry[apart] = re * f[1] + im * f[0];
    }
}

static inline void multiply_floats(float *entry, uint64_t count, uint64_t stride, uint64_t apart,
                                   const double f[2])
{
    for (; count > 0; count--, entry += stride) {
        const double re = (double)entry[0], im = (double)entry[apart];
        entry[0] = (float)(re * f[0] - im * f[1]);
        entry[apart] = (float)(re * f[1] + im * f[0]);
    }
}

static void multiply_entries(const placed_terms *p, void *table, uint64_t first, uint64_t count,
                             const ktq_term *term)
{
    const double f[2] = {p->data[term->data], p->data[term->data + 1]};
    const bool by_lane = p->group->kind == KTQ_GROUP_LANES;
    /* Strides that are constants let the compiler use vectors. */
    if (by_lane && p->single)
        multiply_floats((float *)table + first, count, 1, p->entries, f);
    else if (by_lane)
        multiply_doubles((double *)table + first, count, 1, p->entries, f);
    else if (p->single)
        multiply_floats((float *)table + 2 * first, count, 2, 1, f);
    else
        multiply_doubles((double *)table + 2 * first, count, 2, 1, f);
}

/* Multiplies those of the first `count` entries for which the inside part of the term's condition
 * holds. Of a parity: those with an odd number of 1s or, with even set, an even number. */
static void apply_term(const placed_terms *p, void *table, int32_t number, bool even,
                       uint64_t count)
{
    const ktq_term *const term = &p->group->terms[number];
    const uint64_t mask = p->inside[number].mask, value = p->inside[number].value;
    const uint64_t run = mask ? mask & -mask : 1; /* entries in a row that share the outcome */
    if (term->on.parity) {
        for (uint64_t i = 0; i < count; i += run)
            if ((bool)(kt_bit_count(i & mask) & 1) != even)
                multiply_entries(p, table, i, run, term);
        return;
    }
    const uint64_t free = (count - 1) & ~mask & ~(run - 1);
    uint64_t i = 0;
    do {
        multiply_entries(p, table, i | value, run, term);
        i = (i - free) & free;
    } while (i);
}

/* Applies a term for one outcome of the predicates. The part of its condition outside the frame
 * must hold. Of a parity, an odd part outside gives the factor to the even entries instead of the
 * odd. */
static void apply_outcome(const placed_terms *p, void *table, int32_t number, uint64_t outcome,
                          uint64_t count)
{
    const int32_t predicate = p->inside[number].predicate;
    const bool holds = predicate >= 0 && (outcome >> predicate & 1);
    const bool parity = p->group->terms[number].on.parity;
    if (parity || predicate < 0 || holds)
        apply_term(p, table, number, parity && holds, count);
}

/* Copies the first `count` entries to the `count` entries behind them. */
static void double_table(const placed_terms *p, void *table, uint64_t count)
{
    const size_t real = p->single ? sizeof(float) : sizeof(double);
    const size_t size = (size_t)(count * entry_stride(p)) * real;
    memcpy((char *)table + size, table, size);
    if (p->group->kind != KTQ_GROUP_LANES)
        return;
    char *const imaginary = (char *)table + parts_apart(p) * real;
    memcpy(imaginary + size, imaginary, size);
}

/* Fills a table by doubling: for each bit of the entries' numbers, ascending, copies the entries so
 * far, then applies the terms for which this bit is the highest that they depend on. */
static void fill_table(const placed_terms *p, void *table, uint64_t outcome)
{
    ktq_put_real(p->single, table, 0, p->scale);
    ktq_put_real(p->single, table, parts_apart(p), 0);
    for (uint64_t count = 1;; count *= 2) {
        for (int32_t i = 0; i < p->group->term_count; i++) {
            const uint64_t mask = p->inside[i].mask;
            if (mask < count && mask >= count / 2)
                apply_outcome(p, table, i, outcome, count);
        }
        if (count == p->entries)
            return;
        double_table(p, table, count);
    }
}

static void fill_tables(const placed_terms *p)
{
    const size_t size = (size_t)(2 * p->entries) * (p->single ? sizeof(float) : sizeof(double));
    for (uint64_t outcome = 0; outcome >> p->group->predicate_count == 0; outcome++)
        fill_table(p, (char *)p->table + outcome * size, outcome);
}

/* ---- rotations ---- */

/* The rotations' positions as bits of a vector's index or of a lane's number. */
static uint64_t rotation_bits(const placed_terms *p)
{
    uint64_t mask = 0;
    for (int32_t i = 0; i < p->group->rotation_count; i++)
        mask |= index_bits(p, UINT64_C(1) << p->group->rotations[i].position);
    return mask;
}

/* Stores the tangents by ascending bit. Those of lane bits carry the sign of each lane. */
static void put_tangents(const placed_terms *p, uint64_t mask, void *tangents)
{
    const bool by_lane = p->group->kind == KTQ_GROUP_LANES;
    const uint64_t width = by_lane ? p->entries : 1;
    for (int32_t i = 0; i < p->group->rotation_count; i++) {
        const uint64_t bit = index_bits(p, UINT64_C(1) << p->group->rotations[i].position);
        const uint64_t rank = (uint64_t)kt_bit_count(mask & (bit - 1));
        const double t = p->data[p->group->rotations[i].data];
        for (uint64_t lane = 0; lane < width; lane++)
            ktq_put_real(p->single, tangents, rank * width + lane,
                         by_lane && !(lane & bit) ? -t : t);
    }
}

/* Everything but the terms, of which there may be many. */
static placed_terms place_group(const ktq_kernel_set *set, const ktq_group *group, double scale,
                                const double *data, const ktq_frame *frame)
{
    placed_terms p;
    p.group = group;
    p.data = data;
    p.scale = scale;
    p.positions = frame->positions;
    p.shape = shape_table(set, group, frame);
    p.entries = UINT64_C(1) << p.shape.entry_bits;
    p.lane_bits = set->lane_bits;
    p.single = set->precision == KETCH_SINGLE;
    return p;
}

/* ---- the index ---- */

/* Entry numbers for all values of some bits of a vector's index, of which bit i is `first` + i. */
static void fill_index(const placed_terms *p, uint16_t *to, int32_t first, int32_t bits)
{
    to[0] = 0;
    for (int32_t i = 0; i < bits; i++) {
        const uint64_t entry = kt_gather(UINT64_C(1) << (first + i), p->shape.used);
        for (size_t k = 0; k < (size_t)1 << i; k++)
            to[((size_t)1 << i) + k] = (uint16_t)(to[k] + entry);
    }
}

/* together: the bits in which the vectors differ that a kernel works on at a time. */
static void put_index(const placed_terms *p, ktq_table_index *index, uint64_t together)
{
    const int32_t low = KT_MIN(p->shape.bits, KTQ_INDEX_BITS);
    fill_index(p, index->low, 0, low);
    fill_index(p, index->high, low, p->shape.bits - low);
    for (uint64_t j = 0; j < KTQ_INDEX_BLOCK; j++)
        index->block[j] = kt_gather(kt_deposit(j, together), p->shape.used);
}

/* ---- all ---- */

/* Takes the next part of memory. */
static void *next_part(char **memory, size_t size)
{
    char *const part = *memory;
    *memory += kt_round_line(size);
    return part;
}

static void prepare_tables(placed_terms *p, ktq_call *call, const ktq_kernel_set *set,
                           char **memory)
{
    p->table = next_part(memory, tables_size(set, p->group, &p->shape));
    call->entries = (uint32_t)p->entries;
    place_terms(p);
    fill_tables(p);
}

void ktq_terms_prepare(const ktq_kernel_set *set, ktq_call *call, const ktq_group *group,
                       double scale, const double *data, const ktq_frame *frame, void *memory)
{
    placed_terms p = place_group(set, group, scale, data, frame);
    const bool has_factors = ktq_group_has_factors(group, scale);
    char *next = memory;
    p.table = memory; /* where there is none, kernels count on no NULL */
    assert(has_factors || group->predicate_count == 0);
    const uint64_t mask = rotation_bits(&p);
    assert(kt_bit_count(mask) == group->rotation_count);
    p.predicates = next_part(&next, group->predicate_count * sizeof *p.predicates);
    if (has_factors)
        prepare_tables(&p, call, set, &next);
    call->aux = next_part(&next, tangents_size(set, group));
    put_tangents(&p, mask, call->aux);
    if (has_factors && p.shape.index_size) {
        ktq_table_index *const index = next_part(&next, p.shape.index_size);
        put_index(&p, index, group->resident ? index_bits(&p, group->resident) : mask);
        call->index = index;
    }
    call->data = p.table;
    call->resident.has_factors = has_factors;
    call->predicate_count = group->predicate_count;
    call->predicates = p.predicates;
    if (group->kind == KTQ_GROUP_LANES) {
        call->kernel = set->table->rotate_lanes[has_factors][mask];
        return;
    }
    call->targets = mask;
    call->free = (call->vectors - 1) & ~mask;
    call->kernel = set->table->rotate_vectors[has_factors][group->rotation_count];
}
