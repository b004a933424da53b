#define _GNU_SOURCE
#include "ket/draw/cells.h"
#include <string.h>

/* ---- lines ---- */

/* Of the number that a cell's pieces of lines are. */
enum { LEFT_SIDE = 1, UP_SIDE = 4, DOWN_SIDE = 8, ALL_SIDES = 15, OF_BITS = 32 };

static unsigned pieces_of(ktq_cell cell)
{
    return cell / KTQ_CELL_LEFT;
}

/* Of single lines, by the sides that they go to. */
static const char *const single_lines[ALL_SIDES + 1] = {" ", "─", "─", "─", "│", "┘", "└", "┴",
                                                        "│", "┐", "┌", "┬", "│", "┤", "├", "┼"};
/* With a double vertical line. */
static const char *const bits_lines[ALL_SIDES + 1] = {" ", "─", "─", "─", "║", "╜", "╙", "╨",
                                                      "║", "╖", "╓", "╥", "║", "╢", "╟", "╫"};
/* With a double horizontal line, and both. */
static const char *const wire_lines[ALL_SIDES + 1] = {" ", "═", "═", "═", "│", "╛", "╘", "╧",
                                                      "│", "╕", "╒", "╤", "│", "╡", "╞", "╪"};
static const char *const double_lines[ALL_SIDES + 1] = {" ", "═", "═", "═", "║", "╝", "╚", "╩",
                                                        "║", "╗", "╔", "╦", "║", "╣", "╠", "╬"};

static const char *line_text(unsigned pieces)
{
    static const char *const *const kinds[] = {single_lines, bits_lines, wire_lines, double_lines};
    return kinds[pieces / (ALL_SIDES + 1)][pieces & ALL_SIDES];
}

static const char *ascii_line_text(unsigned pieces)
{
    static const char *const texts[ALL_SIDES + 1] = {" ", "-", "-", "-", "|", "+", "+", "+",
                                                     "|", "+", "+", "+", "|", "|", "|", "+"};
    if (!(pieces & OF_BITS) || !(pieces & LEFT_SIDE))
        return texts[pieces & ALL_SIDES];
    return !(pieces & UP_SIDE) ? "=" : pieces & DOWN_SIDE ? "+" : "v";
}

/* ---- characters ---- */

static const char *ascii_character(ktq_cell code)
{
    static const struct {
        ktq_cell code;
        const char *text;
    } known[] = {{KTQ_CELL_CLOSED, "*"},  {KTQ_CELL_OPEN, "o"},    {KTQ_CELL_FLIP, "X"},
                 {KTQ_CELL_CROSS, "x"},   {KTQ_CELL_BARRIER, ":"}, {KTQ_CELL_FENCE, "%"},
                 {KTQ_CELL_GOES_ON, ">"}, {KTQ_CELL_WENT_ON, "<"}, {KTQ_CELL_CUT, "~"},
                 {KTQ_CELL_ROOT, "S"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].code == code)
            return known[i].text;
    return "?";
}

/* UTF-8 (RFC 3629), with a final 0. */
static void encode_character(char text[5], ktq_cell code)
{
    static const ktq_cell first_bytes[] = {0, 0, 0xc0, 0xe0, 0xf0};
    const int size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (int i = size - 1; i > 0; i--, code >>= 6)
        text[i] = (char)(0x80 | (code & 0x3f));
    text[0] = (char)(first_bytes[size] | code);
    text[size] = 0;
}

static ktq_cell decode_character(const char *text, int size)
{
    ktq_cell code = (unsigned char)text[0] & (size == 1 ? 0x7f : 0x7f >> size);
    for (int i = 1; i < size; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    return code;
}

size_t ktq_cells_of(ktq_cell *cells, size_t most, const char *text)
{
    size_t count = 0;
    while (*text && count < most) {
        const int size = kt_printable(text);
        cells[count++] = size ? decode_character(text, size) : '?';
        text += size ? size : 1;
    }
    if (*text && most > 0)
        cells[most - 1] = KTQ_CELL_CUT;
    return count;
}

/* ---- printing ---- */

/* The spaces that come before the next character. */
static void print_blanks(ktq_line *line)
{
    static const char spaces[] = "                                ";
    for (; line->blanks > sizeof spaces - 1; line->blanks -= sizeof spaces - 1)
        kt_print_bytes(line->out, spaces, sizeof spaces - 1);
    kt_print_bytes(line->out, spaces, line->blanks);
    line->blanks = 0;
    line->has_ink = true;
}

static void print_cell(ktq_line *line, ktq_cell cell)
{
    char character[5];
    const char *text = character;
    if (cell > KTQ_CELL_CHARACTERS)
        text = line->is_ascii ? ascii_line_text(pieces_of(cell)) : line_text(pieces_of(cell));
    else if (line->is_ascii && cell >= 0x80)
        text = ascii_character(cell);
    else
        encode_character(character, cell);
    kt_print_bytes(line->out, text, strlen(text));
}

void ktq_line_print(ktq_line *line, const ktq_cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (cells[i] == 0 || cells[i] == ' ') {
            line->blanks++;
            continue;
        }
        print_blanks(line);
        print_cell(line, cells[i]);
    }
}
