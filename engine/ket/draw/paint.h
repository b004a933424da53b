/* One gate in one row of its column. */
#ifndef KTQ_DRAW_PAINT_H
#define KTQ_DRAW_PAINT_H

#include "ket/draw/looks.h"

/* Adds what the row has of the gate to the row's cells in a column of that width, which have the
 * wire already. In a row between wires the gates above and below may both add. */
void ktq_paint(ktq_cell *cells, int32_t width, const ktq_look *look, const ktq_picture *p,
               const ktq_gate *gate, int64_t row);

#endif
