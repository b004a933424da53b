/* Which column of the picture each gate is in. */
#ifndef KTQ_DRAW_COLUMNS_H
#define KTQ_DRAW_COLUMNS_H

#include "ket/draw/picture.h"

/* A gate in a column. first, last: its wires; all classical registers count as one, behind the
 * qubits. */
typedef struct ktq_placed_look {
    size_t record;
    uint8_t first, last;
    uint8_t width; /* of what it looks like */
} ktq_placed_look;

/* gates: those of each column together, from the top down. first: where each column's begin, and
 * where the last one ends. width: of each column. */
typedef struct ktq_columns {
    ktq_placed_look *gates;
    size_t *first;
    uint8_t *width;
    size_t count;
} ktq_columns;

/* Puts each gate in the first column behind those before it on all wires from its first to its last.
 * False where memory is refused. ktq_columns_free ends them in any case. Cost: linear in the gates. */
bool ktq_columns_make(ktq_columns *columns, const ktq_picture *p);
void ktq_columns_free(ktq_columns *columns);

#endif
