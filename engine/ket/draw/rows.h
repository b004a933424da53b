/* Rows of text: a picture, block after block. */
#ifndef KTQ_DRAW_ROWS_H
#define KTQ_DRAW_ROWS_H

#include "ket/draw/columns.h"

/* Prints the picture in blocks of at most `width` columns of text, but of one column of gates at
 * least; 0: in one block. False where memory is refused. */
bool ktq_print_rows(kt_printer *out, const ktq_picture *p, const ktq_columns *columns,
                    int32_t width);
/* The columns of text that an unfolded row takes. */
uint64_t ktq_rows_width(const ktq_picture *p, const ktq_columns *columns);

#endif
