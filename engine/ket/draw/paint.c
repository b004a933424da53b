#define _GNU_SOURCE
#include "ket/draw/paint.h"
#include <string.h>

/* Where a gate is painted. left: the first of the look's columns; center: of vertical lines. */
typedef struct paint_place {
    ktq_cell *cells;
    const ktq_look *look;
    int32_t left, center;
    int64_t row;
} paint_place;

static void paint_text(ktq_cell *cells, const ktq_cell *text, size_t length)
{
    memcpy(cells, text, length * sizeof *text);
}

/* ---- boxes ---- */

static int32_t box_right(const paint_place *at)
{
    return at->left + at->look->box_width - 1;
}

/* side: down from the upper border, up from the lower one. */
static void paint_border(const paint_place *at, ktq_cell side, bool has_line, ktq_cell line)
{
    const int32_t right = box_right(at);
    ktq_cell_add(&at->cells[at->left], side | KTQ_CELL_RIGHT);
    ktq_cell_add(&at->cells[right], side | KTQ_CELL_LEFT);
    for (int32_t x = at->left + 1; x < right; x++)
        ktq_cell_add(&at->cells[x], KTQ_CELL_LEFT | KTQ_CELL_RIGHT);
    if (has_line)
        ktq_cell_add(&at->cells[at->center], line);
}

static void paint_box_label(const paint_place *at)
{
    const ktq_look *const look = at->look;
    const int32_t beside = look->box_width - (int32_t)look->label_length;
    paint_text(at->cells + at->left + (beside == 2 ? 1 : beside - 2), look->label,
               look->label_length);
}

/* The row of a wire: the wire ends at the box, which shows what the wire is to the gate. */
static void paint_box_wire(const paint_place *at, int32_t wire)
{
    const ktq_look *const look = at->look;
    const int32_t right = box_right(at);
    ktq_cell *const place = &at->cells[at->left + 1];
    at->cells[at->left] = KTQ_CELL_UP | KTQ_CELL_DOWN | KTQ_CELL_LEFT;
    at->cells[right] = KTQ_CELL_UP | KTQ_CELL_DOWN | KTQ_CELL_RIGHT;
    for (int32_t x = at->left + 1; x < right; x++)
        at->cells[x] = 0;
    if (look->closed >> wire & 1)
        *place = KTQ_CELL_CLOSED;
    else if (look->open >> wire & 1)
        *place = KTQ_CELL_OPEN;
    else if (look->has_places && look->targets >> wire & 1)
        *place = (unsigned char)look->place[wire];
}

static void paint_box(const paint_place *at)
{
    const ktq_look *const look = at->look;
    const int64_t top = 2 * look->box_first - 1, bottom = 2 * look->box_last + 1;
    const bool goes_down = look->last > look->box_last;
    if (at->row == top) {
        paint_border(at, KTQ_CELL_DOWN, look->first < look->box_first, KTQ_CELL_UP);
    } else if (at->row == bottom) {
        paint_border(at, KTQ_CELL_UP, goes_down || look->register_count,
                     goes_down ? KTQ_CELL_DOWN : KTQ_CELL_DOWN | KTQ_CELL_TO_BITS);
    } else if (at->row % 2 == 0) {
        paint_box_wire(at, (int32_t)(at->row / 2));
    } else {
        at->cells[at->left] = at->cells[box_right(at)] = KTQ_CELL_UP | KTQ_CELL_DOWN;
    }
    if (at->row == look->box_first + look->box_last)
        paint_box_label(at);
}

static bool is_in_box(const paint_place *at)
{
    return at->row >= 2 * at->look->box_first - 1 && at->row <= 2 * at->look->box_last + 1;
}

/* ---- rows of wires and between them ---- */

static void paint_mark(const paint_place *at, int32_t wire)
{
    const ktq_look *const look = at->look;
    ktq_cell *const cell = &at->cells[at->center];
    if (look->closed >> wire & 1)
        *cell = KTQ_CELL_CLOSED;
    else if (look->open >> wire & 1)
        *cell = KTQ_CELL_OPEN;
    else if (!(look->targets >> wire & 1))
        ktq_cell_add(cell, wire > look->last ? KTQ_CELL_UP | KTQ_CELL_DOWN | KTQ_CELL_TO_BITS
                                             : KTQ_CELL_UP | KTQ_CELL_DOWN);
    else if (look->style == KTQ_STYLE_TEXT)
        paint_text(at->cells + at->left + 1, look->label, look->label_length);
    else
        *cell = look->mark;
}

/* The line between two wires, and the label beside it above the lowest one. */
static void paint_line(const paint_place *at)
{
    const ktq_look *const look = at->look;
    const bool leads_to_bits = at->row > 2 * look->last;
    if (at->row < 2 * look->first || (leads_to_bits && !look->register_count))
        return;
    ktq_cell_add(&at->cells[at->center], leads_to_bits
                                             ? KTQ_CELL_UP | KTQ_CELL_DOWN | KTQ_CELL_TO_BITS
                                             : KTQ_CELL_UP | KTQ_CELL_DOWN);
    if (look->style == KTQ_STYLE_MARKS && at->row == 2 * look->last - 1)
        paint_text(at->cells + at->center + 1, look->label, look->label_length);
}

/* On its wires, and between two of them that are neighbours. */
static void paint_barrier(const paint_place *at)
{
    if (at->row < 0)
        return;
    const uint64_t above = kt_bit((uint64_t)at->row / 2), below = kt_bit((uint64_t)at->row / 2 + 1);
    const uint64_t wires = at->row % 2 == 0 ? above : above | below;
    if ((at->look->targets & wires) == wires)
        at->cells[at->center] = at->look->mark;
}

/* ---- classical registers ---- */

static void paint_register(const paint_place *at, const ktq_picture *p, const ktq_gate *gate,
                           size_t number)
{
    const ktq_bits_use use = ktq_use_of_bits(p, gate, number);
    const bool goes_on = number + 1 < at->look->register_count;
    ktq_cell *const cell = &at->cells[at->center];
    if (use.is_tested)
        *cell = KTQ_CELL_CLOSED;
    else
        ktq_cell_add(cell, KTQ_CELL_UP | KTQ_CELL_TO_BITS | (goes_on ? KTQ_CELL_DOWN : 0));
}

/* The row below a register. */
static void paint_bits(const paint_place *at, const ktq_picture *p, const ktq_gate *gate,
                       size_t number)
{
    ktq_cell text[KTQ_BITS_MOST];
    const ktq_bits_use use = ktq_use_of_bits(p, gate, number);
    const size_t length = ktq_cells_of(text, KTQ_BITS_MOST, use.label.text);
    const bool goes_on = number + 1 < at->look->register_count;
    const int32_t left = at->left + ktq_look_bits_left(at->look, number, length);
    if (goes_on)
        ktq_cell_add(&at->cells[at->center], KTQ_CELL_UP | KTQ_CELL_DOWN | KTQ_CELL_TO_BITS);
    paint_text(at->cells + left, text, length);
}

void ktq_paint(ktq_cell *cells, int32_t width, const ktq_look *look, const ktq_picture *p,
               const ktq_gate *gate, int64_t row)
{
    const int32_t left = (width - look->width) / 2;
    const paint_place at = {cells, look, left, left + look->center, row};
    const int64_t beyond = row - 2 * p->circuit->qubit_count; /* rows of registers: from 0 on */
    if (beyond >= 0 && (size_t)beyond / 2 >= look->register_count)
        return;
    if (beyond >= 0 && beyond % 2 == 0)
        paint_register(&at, p, gate, (size_t)beyond / 2);
    else if (beyond >= 0)
        paint_bits(&at, p, gate, (size_t)beyond / 2);
    else if (look->style == KTQ_STYLE_BARRIER)
        paint_barrier(&at);
    else if (is_in_box(&at))
        paint_box(&at);
    else if (row % 2 == 0)
        paint_mark(&at, (int32_t)(row / 2));
    else
        paint_line(&at);
}
