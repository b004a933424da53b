#include "ket/state/reduce.h"

#include "sum.h"

/* ---- weights ---- */

/* sums[j] += squares of the parts of lane j, over the groups with (group & mask) == value. */
static inline __attribute__((always_inline)) void add_squares(ktq_pair sums[KTQ_GROUP],
                                                              const ktq_chunk_view *view,
                                                              uint64_t mask, uint64_t value,
                                                              ktq_load *load)
{
    ktq_pair s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, s4 = {0}, s5 = {0}, s6 = {0}, s7 = {0};
    for (uint64_t group = value; group < view->groups;
         group = (((group | mask) + 1) & ~mask) | value) {
        const uint64_t i = group << KTQ_GROUP_BITS;
        const ktq_pair a0 = load(view->data, i), a1 = load(view->data, i + 1);
        const ktq_pair a2 = load(view->data, i + 2), a3 = load(view->data, i + 3);
        const ktq_pair a4 = load(view->data, i + 4), a5 = load(view->data, i + 5);
        const ktq_pair a6 = load(view->data, i + 6), a7 = load(view->data, i + 7);
        s0 += a0 * a0, s1 += a1 * a1, s2 += a2 * a2, s3 += a3 * a3;
        s4 += a4 * a4, s5 += a5 * a5, s6 += a6 * a6, s7 += a7 * a7;
    }
    const ktq_pair all[KTQ_GROUP] = {s0, s1, s2, s3, s4, s5, s6, s7};
    memcpy(sums, all, sizeof all);
}

static double sum_chunk(const ktq_weight *weight, uint64_t chunk)
{
    ktq_chunk_view view;
    ktq_chunk_open(&view, &weight->chunks, chunk);
    const uint64_t inside = view.groups * KTQ_GROUP - 1;
    const uint64_t mask = weight->mask & inside, value = weight->value & inside;
    if ((view.base & weight->mask) != (weight->value & ~inside))
        return 0;
    ktq_pair sums[KTQ_GROUP];
    if (weight->chunks.precision == KETCH_SINGLE)
        add_squares(sums, &view, mask >> KTQ_GROUP_BITS, value >> KTQ_GROUP_BITS, ktq_load_single);
    else
        add_squares(sums, &view, mask >> KTQ_GROUP_BITS, value >> KTQ_GROUP_BITS, ktq_load_double);
    double sum = 0;
    for (uint64_t j = 0; j < KTQ_GROUP; j++)
        if ((j & mask) == (value & (KTQ_GROUP - 1)))
            sum += sums[j][0] + sums[j][1];
    return sum;
}

ketch_status ktq_weight_body(uint64_t chunk, int32_t worker, void *user)
{
    (void)worker;
    const ktq_weight *weight = user;
    weight->partial[chunk] = sum_chunk(weight, chunk);
    return KETCH_OK;
}

double ktq_weight_sum(const ktq_weight *weight)
{
    return kt_sum_of(weight->partial, ktq_chunk_count(weight->chunks.qubits), 1);
}

double ktq_weight_serial(const ktq_weight *weight)
{
    kt_sum total = {0, 0};
    const uint64_t count = ktq_chunk_count(weight->chunks.qubits);
    for (uint64_t chunk = 0; chunk < count; chunk++)
        kt_sum_add(&total, sum_chunk(weight, chunk));
    return kt_sum_total(&total);
}

static inline ktq_pair swap_parts(ktq_pair a)
{
    const ktq_pair swapped = {a[1], a[0]};
    return swapped;
}

/* same gathers re*re and im*im, cross re*im and im*re, each over all pairs of the chunk. */
static inline __attribute__((always_inline)) void add_products(ktq_pair *same, ktq_pair *cross,
                                                               const ktq_chunk_view *a,
                                                               const ktq_chunk_view *b,
                                                               ktq_load *load)
{
    ktq_pair s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, c0 = {0}, c1 = {0}, c2 = {0}, c3 = {0};
    for (uint64_t i = 0; i < a->groups << KTQ_GROUP_BITS; i += 4) {
        const ktq_pair a0 = load(a->data, i), a1 = load(a->data, i + 1);
        const ktq_pair a2 = load(a->data, i + 2), a3 = load(a->data, i + 3);
        const ktq_pair b0 = load(b->data, i), b1 = load(b->data, i + 1);
        const ktq_pair b2 = load(b->data, i + 2), b3 = load(b->data, i + 3);
        s0 += a0 * b0, s1 += a1 * b1, s2 += a2 * b2, s3 += a3 * b3;
        c0 += a0 * swap_parts(b0), c1 += a1 * swap_parts(b1);
        c2 += a2 * swap_parts(b2), c3 += a3 * swap_parts(b3);
    }
    *same = (s0 + s1) + (s2 + s3);
    *cross = (c0 + c1) + (c2 + c3);
}

ketch_status ktq_inner_body(uint64_t chunk, int32_t worker, void *user)
{
    (void)worker;
    const ktq_inner *inner = user;
    ktq_chunk_view a, b;
    ktq_chunk_open(&a, &inner->a, chunk);
    ktq_chunk_open(&b, &inner->b, chunk);
    ktq_pair same, cross;
    if (inner->a.precision == KETCH_SINGLE)
        add_products(&same, &cross, &a, &b, ktq_load_single);
    else
        add_products(&same, &cross, &a, &b, ktq_load_double);
    inner->partial[2 * chunk] = same[0] + same[1];
    inner->partial[2 * chunk + 1] = cross[0] - cross[1];
    return KETCH_OK;
}

void ktq_inner_sum(double sum[2], const ktq_inner *inner)
{
    const uint64_t count = ktq_chunk_count(inner->a.qubits);
    for (int part = 0; part < 2; part++)
        sum[part] = kt_sum_of(inner->partial + part, count, 2);
}

/* ---- residuals ---- */

static inline __attribute__((always_inline)) double
sum_residual(const ktq_chunk_view *a, const ktq_chunk_view *b, double factor, ktq_load *load)
{
    ktq_pair sums[4] = {{0}};
    for (uint64_t i = 0; i < a->groups << KTQ_GROUP_BITS; i += 4)
        for (uint64_t j = 0; j < 4; j++) {
            const ktq_pair rest = load(b->data, i + j) - factor * load(a->data, i + j);
            sums[j] += rest * rest;
        }
    const ktq_pair sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    return sum[0] + sum[1];
}

ketch_status ktq_residual_body(uint64_t chunk, int32_t worker, void *user)
{
    (void)worker;
    const ktq_residual *residual = user;
    ktq_chunk_view a, b;
    ktq_chunk_open(&a, &residual->a, chunk);
    ktq_chunk_open(&b, &residual->b, chunk);
    residual->partial[chunk] = residual->a.precision == KETCH_SINGLE
                                   ? sum_residual(&a, &b, residual->factor, ktq_load_single)
                                   : sum_residual(&a, &b, residual->factor, ktq_load_double);
    return KETCH_OK;
}

double ktq_residual_sum(const ktq_residual *residual)
{
    return kt_sum_of(residual->partial, ktq_chunk_count(residual->a.qubits), 1);
}
