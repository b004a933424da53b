/* The picture of a circuit: what its files share.
 *
 *   draw.c      the public function
 *   rows.c      rows of text, of blocks of columns
 *   columns.c   which column each gate is in
 *   paint.c     one gate in one row
 *   looks.c     what a gate looks like
 *   labels.c    names and angles
 *   cells.c     characters and lines
 *
 * Wires are the qubits, and below them the classical registers. A picture has a row for each wire,
 * number 2 * wire, and rows between them, from -1 on, with the odd numbers. */
#ifndef KTQ_DRAW_PICTURE_H
#define KTQ_DRAW_PICTURE_H

#include "ket/circuit/circuit.h"
#include "ket/draw/cells.h"

/* parameters: the caller's names, NULL: there are none. */
typedef struct ktq_picture {
    const ketch_circuit *circuit;
    const char *const *parameters;
    bool is_ascii;
} ktq_picture;

static inline int32_t ktq_picture_wires(const ktq_picture *p)
{
    return p->circuit->qubit_count + (int32_t)p->circuit->registers.count;
}

#endif
