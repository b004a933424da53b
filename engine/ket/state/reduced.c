/* Reduced density matrices. The matrix is cut into blocks; those on and below the diagonal are
 * computed, and each is the sum of the outer products of the amplitudes of its rows and columns, over
 * all indices of the other qubits. Few blocks are cut further, into parts of these indices, whose
 * sums are added in order. The bits depend on the kernel set. */
#include "engine.h"
#include "ket/kernels/kernels.h"
#include "ket/state/checks.h"
#include "ket/state/reader.h"
#include "status.h"

#include <string.h>

/* Blocks times parts: enough for many workers. */
enum { REDUCED_QUBITS_MAX = 12, UNITS_BITS = 6 };

enum { ITEMS = 2 * KTQ_OUTER_SIZE * KTQ_OUTER_COUNT, SUMS = 2 * KTQ_OUTER_SIZE * KTQ_OUTER_SIZE };

/* others: the qubits that are traced out. offsets: the index bits of each number in a block.
 * part_sums: of each block and part; NULL if there is one part, whose block goes to the matrix. */
typedef struct reduction {
    const ktq_kernel_set *set;
    ktq_chunks state;
    int32_t count, block_bits, part_bits;
    const int32_t *qubits;
    uint64_t others;
    uint64_t offsets[KTQ_OUTER_SIZE];
    double *matrix, *part_sums, *scratch; /* scratch: of each worker rows, columns and sums */
} reduction;

/* ---- planning ---- */

/* The index bits of a row or column. */
static uint64_t place_outcome(const reduction *r, uint64_t outcome)
{
    uint64_t index = 0;
    FOR_EACH_BIT(j, outcome)
        index |= kt_bit((uint64_t)r->qubits[j]);
    return index;
}

static void plan_reduction(reduction *r, const ketch_state *state, const ketch_engine *engine,
                           int32_t count, const int32_t *qubits)
{
    const int32_t block_bits = KT_MIN(count, KTQ_OUTER_BITS), cut = 2 * (count - block_bits);
    *r = (reduction){.set = ktq_reader_set(engine, state),
                     .count = count,
                     .qubits = qubits,
                     .block_bits = block_bits,
                     .part_bits = KT_MIN(state->qubits - count, KT_MAX(UNITS_BITS - cut, 0))};
    r->others =
        (kt_bit((uint64_t)state->qubits) - 1) & ~place_outcome(r, kt_bit((uint64_t)count) - 1);
    for (uint64_t i = 0; i >> block_bits == 0; i++)
        r->offsets[i] = place_outcome(r, i);
}

static uint64_t count_block_rows(const reduction *r)
{
    return UINT64_C(1) << (r->count - r->block_bits);
}

/* Blocks on and below the diagonal. */
static uint64_t count_blocks(const reduction *r)
{
    return count_block_rows(r) * (count_block_rows(r) + 1) / 2;
}

static void lay_out_reduction(reduction *r, uint64_t workers, kt_layout *layout)
{
    const uint64_t parts = r->part_bits ? count_blocks(r) << r->part_bits : 0;
    r->scratch = kt_layout_take(layout, workers, (2 * ITEMS + SUMS) * sizeof(double));
    r->part_sums = kt_layout_take(layout, parts, SUMS * sizeof(double));
}

/* ---- a block ---- */

typedef struct block_place {
    uint64_t row, column;
} block_place;

/* Blocks are numbered row by row. */
static block_place place_block(uint64_t number)
{
    block_place place = {0, number};
    while (place.column > place.row)
        place.column -= ++place.row;
    return place;
}

/* Reads the amplitudes of a row of blocks for `count` indices of the other qubits from `at` on.
 * Returns the index that follows. */
static uint64_t read_items(const reduction *r, double *items, uint64_t block, uint64_t at,
                           int32_t count)
{
    const uint64_t base = place_outcome(r, block << r->block_bits);
    for (int32_t e = 0; e < count; e++) {
        double *const item = items + 2 * e * KTQ_OUTER_SIZE;
        for (uint64_t i = 0; i >> r->block_bits == 0; i++) {
            const uint64_t part = 2 * (base | at | r->offsets[i]);
            item[i] = ktq_part_read(r->state.amplitudes, r->state.precision, part);
            item[i + KTQ_OUTER_SIZE] =
                ktq_part_read(r->state.amplitudes, r->state.precision, part + 1);
        }
        at = (at - r->others) & r->others;
    }
    return at;
}

/* Sums a block over a part of the indices of the other qubits. rows, columns: zeros beyond a small
 * block. */
static void sum_block(const reduction *r, block_place place, uint64_t part, double *rows,
                      double *columns, double *sums)
{
    const int32_t bits = kt_bit_count(r->others) - r->part_bits;
    const uint64_t count = UINT64_C(1) << bits;
    const int32_t batch = (int32_t)KT_MIN(count, KTQ_OUTER_COUNT);
    const ktq_outer outer = {.size = 1 << r->block_bits,
                             .count = batch,
                             .rows = rows,
                             .columns = place.row == place.column ? rows : columns,
                             .sums = sums};
    memset(sums, 0, SUMS * sizeof *sums);
    uint64_t at = kt_deposit(part << bits, r->others);
    for (uint64_t done = 0; done < count; done += (uint64_t)batch) {
        const uint64_t next = read_items(r, rows, place.row, at, batch);
        if (place.row != place.column)
            read_items(r, columns, place.column, at, batch);
        r->set->add_outer(&outer);
        at = next;
    }
}

static void put_number(const reduction *r, uint64_t row, uint64_t column, double re, double im)
{
    double *const to = r->matrix + 2 * (row << r->count | column);
    to[0] = re;
    to[1] = im;
}

/* Writes what lies on and below the diagonal, and its conjugate above. */
static void write_block(const reduction *r, block_place place, const double *sums)
{
    const uint64_t first_row = place.row << r->block_bits;
    const uint64_t first_column = place.column << r->block_bits;
    for (uint64_t i = 0; i >> r->block_bits == 0; i++)
        for (uint64_t j = 0; j >> r->block_bits == 0; j++) {
            const uint64_t row = first_row + i, column = first_column + j;
            const double re = sums[i * KTQ_OUTER_SIZE + j];
            const double im = sums[(i + KTQ_OUTER_SIZE) * KTQ_OUTER_SIZE + j];
            if (column > row)
                break;
            put_number(r, column, row, re, -im);
            put_number(r, row, column, re, row == column ? 0 : im);
        }
}

static ketch_status reduction_body(uint64_t unit, int32_t worker, void *user)
{
    const reduction *const r = user;
    double *const rows = r->scratch + (uint64_t)worker * (2 * ITEMS + SUMS);
    double *const columns = rows + ITEMS, *const own = columns + ITEMS;
    double *const sums = r->part_sums ? r->part_sums + unit * SUMS : own;
    const block_place place = place_block(unit >> r->part_bits);
    memset(rows, 0, 2 * ITEMS * sizeof *rows);
    sum_block(r, place, unit & (kt_bit((uint64_t)r->part_bits) - 1), rows, columns, sums);
    if (!r->part_sums)
        write_block(r, place, sums);
    return KETCH_OK;
}

/* Adds the parts of each block up, in order. */
static void add_parts(const reduction *r)
{
    for (uint64_t block = 0; r->part_sums && block < count_blocks(r); block++) {
        double *const sums = r->part_sums + (block << r->part_bits) * SUMS;
        for (uint64_t part = 1; part >> r->part_bits == 0; part++)
            for (uint64_t i = 0; i < SUMS; i++)
                sums[i] += sums[part * SUMS + i];
        write_block(r, place_block(block), sums);
    }
}

/* ---- for callers ---- */

static ketch_status check_reduction(const double *matrix, uint64_t capacity,
                                    const ketch_state *state, int32_t count, const int32_t *qubits,
                                    const char *function, ketch_error *error)
{
    if (count > REDUCED_QUBITS_MAX)
        return kt_fail(error, KETCH_RANGE, function, "count", kt_format("%d", count).text,
                       kt_format("0..%d", REDUCED_QUBITS_MAX).text,
                       "the number of qubits of a reduced density matrix");
    KT_TRY(ktq_qubits_check(state->qubits, count, qubits, function, error));
    const unsigned long long needed = 2ULL << 2 * count;
    if (matrix && capacity >= needed)
        return KETCH_OK;
    const kt_text given = kt_format("%llu bytes", (unsigned long long)capacity * 8);
    return kt_fail(error, KETCH_BUFFER, function, matrix ? "capacity" : "matrix",
                   matrix ? given.text : "NULL", kt_format("%llu bytes", 8 * needed).text,
                   "no room for a matrix of 2^%d rows", count);
}

ketch_status ketch_state_reduced(double *matrix, uint64_t capacity, ketch_engine *engine,
                                 const ketch_state *state, int32_t count, const int32_t *qubits,
                                 ketch_error *error)
{
    KT_TRY(ktq_state_check_read(state, __func__, error));
    KT_TRY(check_reduction(matrix, capacity, state, count, qubits, __func__, error));
    if (engine)
        KT_TRY(kt_engine_check(engine, __func__, error));
    reduction r;
    plan_reduction(&r, state, engine, count, qubits);
    kt_layout layout = {0};
    lay_out_reduction(&r, ktq_reader_workers(engine), &layout);
    ktq_reader reader;
    KT_TRY(ktq_reader_open(&reader, engine, state, layout.size, __func__, error));
    lay_out_reduction(&r, ktq_reader_workers(engine), &reader.memory);
    r.state = ktq_chunks_of(state);
    r.matrix = matrix;
    if (!r.part_bits)
        r.part_sums = NULL;
    kt_engine_sweep(engine, count_blocks(&r) << r.part_bits, reduction_body, &r);
    add_parts(&r);
    ktq_reader_close(&reader);
    return KETCH_OK;
}
