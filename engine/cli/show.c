#include "cli/show.h"

#include <stdlib.h>
#include <string.h>

kt_amplitude kt_amplitude_read(const void *amplitudes, ketch_precision precision, uint64_t index)
{
    kt_amplitude a;
    if (precision == KETCH_SINGLE) {
        const float *const pair = (const float *)amplitudes + 2 * index;
        a.re = (double)pair[0];
        a.im = (double)pair[1];
    } else {
        const double *const pair = (const double *)amplitudes + 2 * index;
        a.re = pair[0];
        a.im = pair[1];
    }
    a.probability = a.re * a.re + a.im * a.im;
    return a;
}

/* Orders probabilities with their last bits cut off, so that rounding does not decide between equal
 * ones. The odd factor keeps powers of two, the most frequent ones, away from where the cut is. */
static uint64_t rank_probability(double probability, ketch_precision precision)
{
    const double shifted = probability * 1.2345678;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    return bits >> (precision == KETCH_SINGLE ? 38 : 16);
}

/* Puts it behind those that rank as high, and drops the last where there are too many. */
static void insert_top(kt_top *top, uint64_t index, uint64_t rank)
{
    int place = top->count < KT_TOP ? top->count++ : KT_TOP - 1;
    for (; place > 0 && top->rank[place - 1] < rank; place--) {
        top->index[place] = top->index[place - 1];
        top->rank[place] = top->rank[place - 1];
    }
    top->index[place] = index;
    top->rank[place] = rank;
}

void kt_top_find(kt_top *top, const void *amplitudes, int32_t qubits, ketch_precision precision)
{
    const double zero = precision == KETCH_SINGLE ? 1e-12 : 1e-16;
    uint64_t found = 0;
    *top = (kt_top){0};
    for (uint64_t i = 0; i < UINT64_C(1) << qubits; i++) {
        const double probability = kt_amplitude_read(amplitudes, precision, i).probability;
        if (probability <= zero)
            continue;
        found++;
        const uint64_t rank = rank_probability(probability, precision);
        if (top->count < KT_TOP || rank > top->rank[KT_TOP - 1])
            insert_top(top, i, rank);
    }
    top->others = found - (uint64_t)top->count;
}

static int compare_counted(const void *left, const void *right)
{
    const kt_counted *const a = left, *const b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

/* One block: the table, and behind it the two arrays that ketch_circuit_result_counts fills, all with room
 * for as many as there are shots. */
static ketch_status fill_counts(kt_counts *counts, kt_work *work)
{
    const uint64_t most = counts->outcomes.shots;
    const uint64_t size = most * (sizeof(kt_counted) + 2 * sizeof(uint64_t));
    ketch_status status =
        ketch_block_take(&counts->block, work->arena, size, "counts", &work->error);
    if (status != KETCH_OK)
        return status;
    counts->rows = ketch_block_data(counts->block);
    uint64_t *const examples = (uint64_t *)(counts->rows + most), *const often = examples + most;
    status = ketch_circuit_result_counts(&counts->distinct, examples, often, most, work->result,
                                         &work->error);
    for (uint64_t i = 0; status == KETCH_OK && i < counts->distinct; i++)
        counts->rows[i] = (kt_counted){often[i], examples[i], i};
    return status;
}

kt_exit kt_counts_take(kt_counts *counts, kt_work *work)
{
    *counts = (kt_counts){.outcomes.size = sizeof counts->outcomes};
    if (ketch_circuit_result_outcomes(&counts->outcomes, work->result, &work->error) != KETCH_OK ||
        fill_counts(counts, work) != KETCH_OK) {
        kt_counts_give(counts);
        return kt_work_fail(work);
    }
    qsort(counts->rows, counts->distinct, sizeof *counts->rows, compare_counted);
    return KT_EXIT_GOOD;
}

void kt_counts_give(kt_counts *counts)
{
    if (counts->block)
        ketch_block_drop(counts->block);
    *counts = (kt_counts){0};
}

void kt_show_ket(FILE *out, uint64_t index, int32_t qubits)
{
    for (int32_t q = qubits - 1; q >= 0; q--)
        putc(index >> q & 1 ? '1' : '0', out);
}

void kt_show_bits(FILE *out, const ketch_circuit *circuit, const uint8_t *row)
{
    int32_t first, size, registers = 0;
    while (ketch_circuit_register(circuit, registers, &first, &size))
        registers++;
    for (int32_t i = registers - 1; i >= 0; i--) {
        ketch_circuit_register(circuit, i, &first, &size);
        for (int32_t b = size - 1; b >= 0; b--)
            putc(row[first + b] ? '1' : '0', out);
        if (i > 0)
            putc(' ', out);
    }
}
