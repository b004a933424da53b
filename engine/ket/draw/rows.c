#define _GNU_SOURCE
#include "ket/draw/rows.h"
#include "heap.h"
#include "ket/draw/labels.h"
#include "ket/draw/looks.h"
#include "ket/draw/paint.h"

/* A part of the picture, from column `begin` up to `end`. next: of each column, the first gate that
 * the rows printed so far did not end. margin: columns of text for the names of wires. */
typedef struct picture_block {
    const ktq_picture *picture;
    const ktq_columns *columns;
    size_t begin, end;
    size_t *next;
    size_t margin;
} picture_block;

/* ---- cells of a row ---- */

/* What the row has where no gate is. */
static ktq_cell background(const ktq_picture *p, int64_t row)
{
    if (row % 2 != 0)
        return 0;
    const bool is_bits = row >= 2 * p->circuit->qubit_count;
    return KTQ_CELL_LEFT | KTQ_CELL_RIGHT | (is_bits ? KTQ_CELL_OF_BITS : 0);
}

/* Gates of the column that are in the row: one on a wire, up to two between wires. */
static void paint_column(ktq_cell *cells, picture_block *block, size_t column, int64_t row)
{
    const ktq_columns *const columns = block->columns;
    const ktq_picture *const p = block->picture;
    size_t *const next = &block->next[column];
    const size_t end = columns->first[column + 1];
    const int32_t qubits = p->circuit->qubit_count;
    while (*next < end && columns->gates[*next].last < qubits &&
           2 * columns->gates[*next].last + 1 < row)
        ++*next;
    for (size_t i = *next; i < end && 2 * columns->gates[i].first - 1 <= row; i++) {
        ktq_look look;
        const ktq_gate *const gate = ktq_circuit_gate_at(p->circuit, columns->gates[i].record);
        ktq_look_at(&look, p, gate);
        ktq_paint(cells, columns->width[column], &look, p, gate, row);
    }
}

static void print_column(ktq_line *line, picture_block *block, size_t column, int64_t row)
{
    ktq_cell cells[KTQ_LOOK_WIDTH_MOST];
    const size_t width = block->columns->width[column];
    for (size_t i = 0; i < width; i++)
        cells[i] = background(block->picture, row);
    paint_column(cells, block, column, row);
    ktq_line_print(line, cells, width);
}

/* The wire's name, right-aligned. */
static void print_margin(ktq_line *line, const picture_block *block, int64_t row)
{
    ktq_cell name[KTQ_NAME_MOST];
    const size_t length =
        row % 2 == 0 ? ktq_wire_label(name, block->picture, (int32_t)(row / 2)) : 0;
    line->blanks += block->margin - length;
    ktq_line_print(line, name, length);
}

static void print_character(ktq_line *line, ktq_cell character)
{
    ktq_line_print(line, &character, 1);
}

/* ---- rows and blocks ---- */

/* A row without anything ends no line, if it may be left out. */
static void print_row(kt_printer *out, picture_block *block, int64_t row, bool is_optional)
{
    ktq_line line = {.out = out, .is_ascii = block->picture->is_ascii};
    if (block->begin > 0)
        print_character(&line, KTQ_CELL_WENT_ON);
    print_margin(&line, block, row);
    for (size_t column = block->begin; column < block->end; column++)
        print_column(&line, block, column, row);
    if (block->end < block->columns->count)
        print_character(&line, KTQ_CELL_GOES_ON);
    if (line.has_ink || !is_optional)
        kt_print_bytes(out, "\n", 1);
}

static void print_block(kt_printer *out, picture_block *block)
{
    const int64_t last = 2 * (int64_t)ktq_picture_wires(block->picture) - 1;
    for (size_t column = block->begin; column < block->end; column++)
        block->next[column] = block->columns->first[column];
    for (int64_t row = -1; row <= last; row++)
        print_row(out, block, row, row == -1 || row == last);
}

static size_t find_margin(const ktq_picture *p)
{
    ktq_cell name[KTQ_NAME_MOST];
    size_t margin = 0;
    for (int32_t wire = 0; wire < ktq_picture_wires(p); wire++)
        margin = KT_MAX(margin, ktq_wire_label(name, p, wire));
    return margin;
}

/* The end of the block from `begin` on. Its marks take a column of text at either side. */
static size_t find_end(const picture_block *block, size_t begin, int32_t width)
{
    const ktq_columns *const columns = block->columns;
    uint64_t used = block->margin + 2;
    size_t end = begin;
    if (width == 0)
        return columns->count;
    do
        used += columns->width[end++];
    while (end < columns->count && used + columns->width[end] <= (uint64_t)width);
    return KT_MIN(end, columns->count);
}

bool ktq_print_rows(kt_printer *out, const ktq_picture *p, const ktq_columns *columns,
                    int32_t width)
{
    picture_block block = {.picture = p, .columns = columns, .margin = find_margin(p)};
    block.next = kt_heap_take(columns->count * sizeof *block.next);
    if (!block.next)
        return false;
    do {
        block.begin = block.end;
        block.end = columns->count ? find_end(&block, block.begin, width) : 0;
        print_block(out, &block);
    } while (block.end < columns->count);
    kt_heap_give(block.next);
    return true;
}

uint64_t ktq_rows_width(const ktq_picture *p, const ktq_columns *columns)
{
    uint64_t width = find_margin(p);
    for (size_t i = 0; i < columns->count; i++)
        width += columns->width[i];
    return width;
}
