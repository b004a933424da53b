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

static bool comes_before(kt_ranked a, kt_ranked b)
{
    return a.rank > b.rank || (a.rank == b.rank && a.index < b.index);
}

static int compare_ranked(const void *left, const void *right)
{
    const kt_ranked *const a = left, *const b = right;
    return comes_before(*a, *b) ? -1 : comes_before(*b, *a);
}

/* Lets row number i of the heap, whose root is the row that comes last, sink to its place. */
static void sink_row(kt_ranked *rows, uint64_t count, uint64_t i)
{
    const kt_ranked row = rows[i];
    for (uint64_t child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && comes_before(rows[child], rows[child + 1]))
            child++;
        if (!comes_before(row, rows[child]))
            break;
        rows[i] = rows[child];
    }
    rows[i] = row;
}

static bool is_shown(double probability, ketch_precision precision)
{
    return probability > (precision == KETCH_SINGLE ? 1e-12 : 1e-16);
}

static uint64_t count_shown(const void *amplitudes, int32_t qubits, ketch_precision precision)
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < UINT64_C(1) << qubits; i++)
        count += is_shown(kt_amplitude_read(amplitudes, precision, i).probability, precision);
    return count;
}

/* The first rows fill the heap in the order of their indices; each of the others replaces its root
 * where it comes before that. */
static void fill_top(kt_top *top, uint64_t most, const void *amplitudes, ketch_precision precision)
{
    for (uint64_t i = 0, left = most + top->others; left > 0; i++) {
        const double probability = kt_amplitude_read(amplitudes, precision, i).probability;
        if (!is_shown(probability, precision))
            continue;
        left--;
        const kt_ranked row = {rank_probability(probability, precision), i};
        if (top->count < most) {
            top->rows[top->count++] = row;
            for (uint64_t parent = top->count / 2; top->count == most && parent-- > 0;)
                sink_row(top->rows, most, parent);
        } else if (comes_before(row, top->rows[0])) {
            top->rows[0] = row;
            sink_row(top->rows, most, 0);
        }
    }
}

kt_exit kt_top_take(kt_top *top, kt_work *work, const void *amplitudes)
{
    const ketch_precision precision = ketch_state_precision(work->state);
    const uint64_t shown = count_shown(amplitudes, ketch_state_qubits(work->state), precision);
    const uint64_t asked = work->options->top ? work->options->top : KT_TOP;
    const uint64_t most = asked < shown ? asked : shown;
    *top = (kt_top){.others = shown - most};
    if (most == 0)
        return KT_EXIT_GOOD;
    if (ketch_block_take(&top->block, work->arena, most * sizeof *top->rows, "top", &work->error))
        return kt_work_fail(work);
    top->rows = ketch_block_data(top->block);
    fill_top(top, most, amplitudes, precision);
    qsort(top->rows, (size_t)top->count, sizeof *top->rows, compare_ranked);
    return KT_EXIT_GOOD;
}

void kt_top_give(kt_top *top)
{
    if (top->block)
        ketch_block_drop(top->block);
    *top = (kt_top){0};
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
    qsort(counts->rows, (size_t)counts->distinct, sizeof *counts->rows, compare_counted);
    const uint64_t top = work->options->top;
    counts->shown = top && top < counts->distinct ? top : counts->distinct;
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
