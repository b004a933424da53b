/* A picture's cells: pieces of lines, and characters. Every cell is one column wide. */
#ifndef KTQ_DRAW_CELLS_H
#define KTQ_DRAW_CELLS_H

#include "text.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0: a blank. Up to KTQ_CELL_CHARACTERS: the code of a Unicode character. Else the pieces of lines
 * that meet in the cell. */
typedef uint32_t ktq_cell;

enum {
    KTQ_CELL_CHARACTERS = 0x10ffff,
    KTQ_CELL_LEFT = 1 << 24,
    KTQ_CELL_RIGHT = 2 << 24,
    KTQ_CELL_UP = 4 << 24,
    KTQ_CELL_DOWN = 8 << 24,
    KTQ_CELL_TO_BITS = 16 << 24, /* the vertical line is double: it leads to classical bits */
    KTQ_CELL_OF_BITS = 32 << 24  /* the horizontal line is double: the wire of classical bits */
};

/* Characters of pictures. In ASCII each is shown as another one. */
enum {
    KTQ_CELL_CLOSED = 0x25a0,
    KTQ_CELL_OPEN = 0x25cb,
    KTQ_CELL_FLIP = 0x2295,
    KTQ_CELL_CROSS = 0x2573,
    KTQ_CELL_BARRIER = 0x2591,
    KTQ_CELL_FENCE = 0x2593,
    KTQ_CELL_GOES_ON = 0xbb,
    KTQ_CELL_WENT_ON = 0xab,
    KTQ_CELL_CUT = 0x2026,
    KTQ_CELL_ROOT = 0x221a
};

/* A line of text that is being printed. blanks: spaces that are printed once something follows. */
typedef struct ktq_line {
    kt_printer *out;
    bool is_ascii, has_ink;
    size_t blanks;
} ktq_line;

void ktq_line_print(ktq_line *line, const ktq_cell *cells, size_t count);

/* Writes the text's characters to cells, one each, at most `most` of them; the last of a text that
 * has more is KTQ_CELL_CUT. What cannot be shown is a question mark. Returns how many there are. */
size_t ktq_cells_of(ktq_cell *cells, size_t most, const char *text);
/* Adds pieces of lines to a cell that has no character. */
static inline void ktq_cell_add(ktq_cell *cell, ktq_cell lines)
{
    if (*cell == 0 || *cell > KTQ_CELL_CHARACTERS)
        *cell |= lines;
}

#endif
