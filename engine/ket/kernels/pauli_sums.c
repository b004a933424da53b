#include "ket/kernels/pauli_sums.h"

#include "ket/kernels/pass.h"
#include "numbers.h"
#include "sort.h"

#include <assert.h>
#include <string.h>

/* A group that no sweep has yet. */
static const uint32_t no_sweep = UINT32_MAX;

/* A piece of vectors stays in the first-level cache while groups go through it. */
enum { PIECE_BYTES_LOG = 14 };

/* ---- shapes ---- */

/* Tiles of small states are padded, so that there are enough vectors for every group. */
static int32_t find_tile_bits(const ktq_pauli_sums *s)
{
    return KT_MAX(KT_MIN(s->qubits, KTQ_SPAN_BITS), s->lane_bits + 3);
}

uint64_t ktq_pauli_sums_scratch(const ktq_pauli_sums *s)
{
    return (ktq_amplitude_size(s->precision) + sizeof(double)) << find_tile_bits(s);
}

uint64_t ktq_pauli_apply_scratch(const ktq_pauli_sums *s)
{
    return 2 * ktq_amplitude_size(s->precision) << find_tile_bits(s);
}

uint64_t ktq_pauli_sums_tiles(int32_t qubits)
{
    return kt_bit((uint64_t)KT_MAX(qubits - KTQ_SPAN_BITS, 0));
}

/* A sweep has as many groups as there are generators, unless it is the last one. */
static size_t count_sweeps_most(const ktq_pauli_sums *s)
{
    return s->term_count / (size_t)KT_MAX(ktq_span_room(s->qubits), 1) + 1;
}

void ktq_pauli_sums_take(ktq_pauli_sums *s, kt_layout *layout)
{
    const size_t levels = KTQ_SPAN_BITS - KTQ_SUM_LANE_BITS, count = s->term_count;
    s->terms = kt_layout_take(layout, count, sizeof *s->terms);
    s->groups = kt_layout_take(layout, count, sizeof *s->groups);
    s->sweeps = kt_layout_take(layout, count ? count_sweeps_most(s) : 0, sizeof *s->sweeps);
    s->sums = kt_layout_take(layout, count, sizeof *s->sums);
    s->butterflies = kt_layout_take(layout, count, levels * sizeof *s->butterflies);
}

/* ---- groups ---- */

/* With an odd number of Y the product of the matrices is imaginary. */
static bool is_odd(const ktq_pauli_term *t)
{
    return kt_bit_count(t->x & t->z) & 1;
}

/* Orders terms by groups. */
static bool pauli_before(const void *items, uint64_t a, uint64_t b)
{
    const ktq_pauli_term *const s = (const ktq_pauli_term *)items + a;
    const ktq_pauli_term *const t = (const ktq_pauli_term *)items + b;
    if (s->x != t->x)
        return s->x < t->x;
    if (is_odd(s) != is_odd(t))
        return is_odd(t);
    return s->z != t->z ? s->z < t->z : s->index < t->index;
}

static void exchange_paulis(void *items, uint64_t a, uint64_t b)
{
    ktq_pauli_term *const terms = items;
    const ktq_pauli_term swapped = terms[a];
    terms[a] = terms[b];
    terms[b] = swapped;
}

static bool slot_before(const void *items, uint64_t a, uint64_t b)
{
    const ktq_pauli_term *const s = (const ktq_pauli_term *)items + a;
    const ktq_pauli_term *const t = (const ktq_pauli_term *)items + b;
    return s->slot != t->slot ? s->slot < t->slot : s->index < t->index;
}

static void find_groups(ktq_pauli_sums *s)
{
    kt_sort(s->terms, s->term_count, pauli_before, exchange_paulis);
    s->group_count = 0;
    ktq_pauli_group *last = NULL;
    for (size_t i = 0; i < s->term_count; i++) {
        const ktq_pauli_term *const t = &s->terms[i];
        if (!last || last->x != t->x || last->is_imaginary != is_odd(t)) {
            last = &s->groups[s->group_count++];
            *last = (ktq_pauli_group){
                .x = t->x, .first_term = i, .sweep = no_sweep, .is_imaginary = is_odd(t)};
        }
        last->term_count++;
    }
}

/* ---- sweeps ---- */

static uint64_t mask_of(int32_t qubits)
{
    return (UINT64_C(1) << qubits) - 1;
}

/* The position of those chosen that the fewest groups within them need; the highest of several. */
static uint64_t find_rarest(const ktq_pauli_sums *s, uint64_t chosen, uint64_t within)
{
    size_t counts[KETCH_QUBITS_MAX] = {0};
    for (size_t i = 0; i < s->group_count; i++)
        if (s->groups[i].sweep == no_sweep && !(s->groups[i].x & ~within))
            FOR_EACH_BIT(position, s->groups[i].x & chosen)
                counts[position]++;
    uint64_t rarest = (uint64_t)__builtin_ctzll(chosen);
    FOR_EACH_BIT(position, chosen)
        if (counts[position] <= counts[rarest])
            rarest = position;
    return rarest;
}

/* A span of single positions: starts with all and leaves out the rarest, one after the other. */
static ktq_span span_positions(const ktq_pauli_sums *s)
{
    ktq_span span = ktq_span_begin(s->qubits);
    const uint64_t run = mask_of(span.run_bits);
    uint64_t chosen = mask_of(s->qubits) & ~run;
    while (kt_bit_count(chosen) > ktq_span_room(s->qubits))
        chosen &= ~kt_bit(find_rarest(s, chosen, chosen | run));
    FOR_EACH_BIT(position, chosen)
        ktq_span_add(&span, kt_bit(position), s->qubits);
    ktq_span_end(&span, s->qubits);
    return span;
}

/* A span of the first X masks that are left. */
static ktq_span span_masks(const ktq_pauli_sums *s)
{
    ktq_span span = ktq_span_begin(s->qubits);
    for (size_t i = 0; i < s->group_count && span.count < ktq_span_room(s->qubits); i++)
        if (s->groups[i].sweep == no_sweep)
            ktq_span_add(&span, s->groups[i].x, s->qubits);
    ktq_span_end(&span, s->qubits);
    return span;
}

/* Gives the groups that the span has to the sweep, or only counts them (no_sweep). */
static size_t claim_groups(const ktq_pauli_sums *s, const ktq_span *span, uint32_t sweep)
{
    size_t count = 0;
    for (size_t i = 0; i < s->group_count; i++)
        if (s->groups[i].sweep == no_sweep && !ktq_span_rest(span, s->groups[i].x)) {
            s->groups[i].sweep = sweep;
            count++;
        }
    return count;
}

static void find_sweeps(ktq_pauli_sums *s)
{
    size_t left = s->group_count;
    for (s->sweep_count = 0; left; s->sweep_count++) {
        assert(s->sweep_count < count_sweeps_most(s));
        const ktq_span positions = span_positions(s), masks = span_masks(s);
        const bool fits =
            claim_groups(s, &positions, no_sweep) >= claim_groups(s, &masks, no_sweep);
        ktq_pauli_sweep *const sweep = &s->sweeps[s->sweep_count];
        *sweep = (ktq_pauli_sweep){.span = fits ? positions : masks};
        sweep->group_count = claim_groups(s, &sweep->span, (uint32_t)s->sweep_count);
        sweep->first_group = s->group_count - left;
        left -= sweep->group_count;
    }
}

/* Orders groups by sweeps, and then so that neighbours share pieces. */
static bool group_before(const void *items, uint64_t a, uint64_t b)
{
    const ktq_pauli_group *const g = (const ktq_pauli_group *)items + a;
    const ktq_pauli_group *const h = (const ktq_pauli_group *)items + b;
    if (g->sweep != h->sweep)
        return g->sweep < h->sweep;
    if (g->flip != h->flip)
        return g->flip < h->flip;
    return g->first_term < h->first_term;
}

static void exchange_groups(void *items, uint64_t a, uint64_t b)
{
    ktq_pauli_group *const groups = items;
    const ktq_pauli_group swapped = groups[a];
    groups[a] = groups[b];
    groups[b] = swapped;
}

/* ---- a group in its tile ---- */

static uint64_t lowest_of(uint64_t mask, int32_t count)
{
    return kt_deposit((UINT64_C(1) << count) - 1, mask);
}

/* Of the two vectors of a pair the one is taken whose highest bit of flip is 0. */
static void plan_pairs(const ktq_pauli_sums *s, const ktq_span *span, ktq_pauli_group *g)
{
    const uint64_t number = ktq_span_number(span, g->x);
    const int32_t vector_bits = s->tile_bits - s->lane_bits;
    g->flip = (uint32_t)(number >> s->lane_bits);
    g->flip_lanes = (uint32_t)(number & mask_of(s->lane_bits));
    const int32_t highest = g->flip ? 31 - __builtin_clz(g->flip) : vector_bits;
    const uint64_t all = mask_of(vector_bits) & ~kt_bit((uint64_t)highest);
    g->piece = (uint32_t)lowest_of(all, KT_MIN(s->piece_bits, kt_bit_count(all)));
    g->gate = 0;
    if (highest < vector_bits && vector_bits > s->piece_bits)
        g->gate = UINT32_C(1) << KT_MAX(highest, s->piece_bits);
}

/* The bits in which the terms differ number the row; the others have the signs of the first. */
static void plan_rows(const ktq_pauli_sums *s, ktq_pauli_group *g)
{
    const ktq_pauli_term *const terms = s->terms + g->first_term;
    const uint32_t half = g->flip ? UINT32_C(1) << (31 - __builtin_clz(g->flip)) : 0;
    const uint32_t all = (uint32_t)mask_of(s->tile_bits - s->lane_bits) & ~half;
    uint32_t differ = 0;
    for (size_t i = 1; i < g->term_count; i++)
        differ |= (terms[0].mask ^ terms[i].mask) >> s->lane_bits;
    g->rows = (differ & all) | (uint32_t)lowest_of(g->piece, 2);
    g->signs = terms[0].mask >> s->lane_bits & all & ~g->rows;
}

/* i^count for count matrices Y, times i for an imaginary part. */
static double factor_of(const ktq_pauli_group *g, const ktq_pauli_term *t)
{
    const int32_t quarters = kt_bit_count(t->x & t->z) + g->is_imaginary;
    return quarters & 2 ? -t->coefficient : t->coefficient;
}

static void place_paulis(const ktq_pauli_sums *s, const ktq_span *span, const ktq_pauli_group *g)
{
    for (ktq_pauli_term *t = s->terms + g->first_term; t < s->terms + g->first_term + g->term_count;
         t++) {
        t->mask = (uint32_t)ktq_span_mask(span, t->z);
        t->factor = factor_of(g, t);
    }
}

static void plan_slots(const ktq_pauli_sums *s, const ktq_pauli_group *g)
{
    ktq_pauli_term *const terms = s->terms + g->first_term;
    const uint64_t rows = (uint64_t)g->rows << s->lane_bits | mask_of(s->lane_bits);
    for (size_t i = 0; i < g->term_count; i++)
        terms[i].slot = (uint32_t)kt_gather(terms[i].mask, rows);
    kt_sort(terms, g->term_count, slot_before, exchange_paulis);
}

/* A group's sums, which differ in more than the lanes, in ascending order. */
static void plan_sums(ktq_pauli_sums *s, ktq_pauli_group *g)
{
    g->first_sum = s->sum_count;
    for (size_t i = 0; i < g->term_count; i++) {
        const uint32_t slot = s->terms[g->first_term + i].slot;
        const uint32_t sum = slot - slot % KTQ_SUM_LANES;
        if (s->sum_count == g->first_sum || s->sums[s->sum_count - 1] != sum)
            s->sums[s->sum_count++] = sum;
    }
    g->sum_count = s->sum_count - g->first_sum;
}

/* The number of sums that begin in the 2 * half numbers behind `at`; adds the kinds of butterflies
 * that they need. */
static size_t find_kinds(const uint32_t *sums, size_t count, uint32_t at, uint32_t half, bool *add,
                         bool *subtract)
{
    size_t found = 0;
    for (; found < count && sums[found] - at < 2 * half; found++)
        *(sums[found] & half ? subtract : add) = true;
    return found;
}

/* Bit after bit, the highest first: only those that lead to a sum. */
static void plan_transform(ktq_pauli_sums *s, ktq_pauli_group *g)
{
    const int32_t row_bits = kt_bit_count(g->rows) + s->lane_bits;
    g->first_butterfly = s->butterfly_count;
    for (uint32_t half = UINT32_C(1) << row_bits >> 1; half >= KTQ_SUM_LANES; half /= 2)
        for (size_t i = 0; i < g->sum_count;) {
            const uint32_t *const sums = s->sums + g->first_sum + i;
            const uint32_t at = sums[0] & ~(2 * half - 1);
            bool add = false, subtract = false;
            i += find_kinds(sums, g->sum_count - i, at, half, &add, &subtract);
            s->butterflies[s->butterfly_count++] =
                (ktq_butterfly){at, half, ktq_butterfly_kind_of(add, subtract)};
        }
    g->butterfly_count = s->butterfly_count - g->first_butterfly;
}

/* Rows lie one behind the other until work memory is full. */
static void plan_batches(ktq_pauli_sums *s, const ktq_pauli_sweep *sweep)
{
    size_t at = 0;
    for (size_t i = 0; i < sweep->group_count; i++) {
        ktq_pauli_group *const g = &s->groups[sweep->first_group + i];
        const size_t size = (size_t)1 << (kt_bit_count(g->rows) + s->lane_bits);
        if (at + size > (size_t)1 << s->tile_bits)
            at = 0;
        g->row = at;
        at += size;
    }
}

void ktq_pauli_sums_prepare(ktq_pauli_sums *s)
{
    const int32_t vector_log = s->lane_bits + (s->precision == KETCH_SINGLE ? 3 : 4);
    s->piece_bits = PIECE_BYTES_LOG - vector_log;
    s->tile_bits = find_tile_bits(s);
    s->sum_count = s->butterfly_count = 0;
    find_groups(s);
    find_sweeps(s);
    for (size_t i = 0; i < s->group_count; i++)
        plan_pairs(s, &s->sweeps[s->groups[i].sweep].span, &s->groups[i]);
    kt_sort(s->groups, s->group_count, group_before, exchange_groups);
    for (size_t i = 0; i < s->group_count; i++) {
        ktq_pauli_group *const g = &s->groups[i];
        place_paulis(s, &s->sweeps[g->sweep].span, g);
        plan_rows(s, g);
        plan_slots(s, g);
        plan_sums(s, g);
        plan_transform(s, g);
    }
    for (size_t i = 0; i < s->sweep_count; i++)
        plan_batches(s, &s->sweeps[i]);
}

/* ---- a tile ---- */

size_t ktq_pauli_sums_batch(const ktq_pauli_sums *s, const ktq_pauli_sweep *sweep, size_t first)
{
    const size_t end = sweep->first_group + sweep->group_count;
    size_t next = first + 1;
    while (next < end && s->groups[next].row)
        next++;
    return next - first;
}

void ktq_pauli_sums_add(const ktq_pauli_sums *s, const ktq_pauli_group *g, double *products,
                        uint64_t base, double *row)
{
    /* Two amplitudes of a pair give conjugate products, of which one is summed. */
    const double times = g->flip ? 2 : 1;
    for (size_t i = 0; i < g->sum_count; i++)
        ktq_transform_lanes(products + s->sums[g->first_sum + i]);
    for (size_t i = 0; i < g->term_count; i++) {
        const ktq_pauli_term *const t = &s->terms[g->first_term + i];
        const double sum = times * products[t->slot];
        row[t->index] += t->factor * (kt_bit_count(base & t->z) & 1 ? -sum : sum);
    }
}
