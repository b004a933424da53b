#include "ket/state/marginal.h"

#include "bits.h"
#include "numbers.h"

/* Slices make at least 2^SPREAD_BITS items, where the qubits allow, for the threads to share. */
enum { LOW = 1 << KTQ_MARGINAL_LOW, SPREAD_BITS = 8 };

/* The bits of an outcome that an index has, the others 0. */
static uint64_t outcome_of(const ktq_marginal *marginal, uint64_t index)
{
    uint64_t outcome = 0;
    for (int32_t j = 0; j < marginal->count; j++)
        outcome |= (index >> marginal->qubits[j] & 1) << j;
    return outcome;
}

void ktq_marginal_plan(ktq_marginal *marginal, const ktq_chunks *chunks, int32_t count,
                       const int32_t *qubits)
{
    uint64_t chosen = 0;
    for (int32_t j = 0; j < count; j++)
        chosen |= UINT64_C(1) << qubits[j];
    const int32_t low = KT_MIN(chunks->qubits, KTQ_MARGINAL_LOW);
    const uint64_t all = (UINT64_C(1) << (chunks->qubits - low)) - 1;
    *marginal =
        (ktq_marginal){.chunks = *chunks, .count = count, .qubits = qubits, .low_bits = low};
    marginal->high = chosen >> low;
    marginal->rest = all & ~marginal->high;
    marginal->high_bits = kt_bit_count(marginal->high);
    const int32_t rest = kt_bit_count(marginal->rest);
    const int32_t missing = SPREAD_BITS - marginal->high_bits;
    marginal->slice_bits = missing > 0 ? KT_MIN(missing, rest) : 0;
    marginal->rest_bits = rest - marginal->slice_bits;
    const int32_t read_bits = low + marginal->rest_bits;
    const int32_t fill = read_bits < KTQ_CHUNK_BITS ? KTQ_CHUNK_BITS - read_bits : 0;
    marginal->group_bits = KT_MIN(fill, marginal->high_bits + marginal->slice_bits);
    for (uint64_t i = 0; i < UINT64_C(1) << low; i++)
        marginal->low_outcome[i] = outcome_of(marginal, i);
}

uint64_t ktq_marginal_sum_count(const ktq_marginal *marginal)
{
    return UINT64_C(1) << (marginal->count + marginal->slice_bits);
}

uint64_t ktq_marginal_count(const ktq_marginal *marginal)
{
    return UINT64_C(1) << (marginal->high_bits + marginal->slice_bits - marginal->group_bits);
}

static void add_row_double(double sums[LOW], const double *row, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        sums[i] += row[2 * i] * row[2 * i] + row[2 * i + 1] * row[2 * i + 1];
}

static void add_row_single(double sums[LOW], const float *row, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        const double re = row[2 * i], im = row[2 * i + 1];
        sums[i] += re * re + im * im;
    }
}

/* One value of the high bits in one slice. */
static void add_item(const ktq_marginal *marginal, uint64_t item)
{
    const uint64_t value = item & ((UINT64_C(1) << marginal->high_bits) - 1);
    const uint64_t slice = item >> marginal->high_bits;
    const uint64_t fixed = kt_deposit(value, marginal->high);
    const uint64_t lanes = UINT64_C(1) << marginal->low_bits;
    uint64_t rest = kt_deposit(slice << marginal->rest_bits, marginal->rest);
    double sums[LOW] = {0};
    for (uint64_t i = 0; i < UINT64_C(1) << marginal->rest_bits; i++) {
        const uint64_t first = (fixed | rest) << (marginal->low_bits + 1);
        if (marginal->chunks.precision == KETCH_SINGLE)
            add_row_single(sums, (const float *)marginal->chunks.amplitudes + first, lanes);
        else
            add_row_double(sums, (const double *)marginal->chunks.amplitudes + first, lanes);
        rest = ((rest | ~marginal->rest) + 1) & marginal->rest;
    }
    double *const out = marginal->sums + (slice << marginal->count) +
                        outcome_of(marginal, fixed << marginal->low_bits);
    for (uint64_t i = 0; i < lanes; i++)
        out[marginal->low_outcome[i]] = 0;
    for (uint64_t i = 0; i < lanes; i++)
        out[marginal->low_outcome[i]] += sums[i];
}

ketch_status ktq_marginal_body(uint64_t index, int32_t worker, void *user)
{
    (void)worker;
    const ktq_marginal *const marginal = user;
    const uint64_t first = index << marginal->group_bits;
    for (uint64_t item = 0; item < UINT64_C(1) << marginal->group_bits; item++)
        add_item(marginal, first + item);
    return KETCH_OK;
}

void ktq_marginal_end(const ktq_marginal *marginal)
{
    const uint64_t outcomes = UINT64_C(1) << marginal->count;
    for (uint64_t slice = 1; slice < UINT64_C(1) << marginal->slice_bits; slice++)
        for (uint64_t i = 0; i < outcomes; i++)
            marginal->sums[i] += marginal->sums[slice * outcomes + i];
}
