/* Texts in pictures: names of gates with their angles, of wires, and what is done with bits. */
#ifndef KTQ_DRAW_LABELS_H
#define KTQ_DRAW_LABELS_H

#include "ket/draw/picture.h"

/* The most cells that a text of each kind takes. */
enum { KTQ_LABEL_MOST = 48, KTQ_NAME_MOST = 24, KTQ_BITS_MOST = 56 };

/* Prints the name that pictures have for a gate without its controls, as "Rx". */
void ktq_print_gate_name(kt_printer *out, const ktq_picture *p, const ktq_gate *gate);
/* Prints angle i of the gate, as "π/2", "0.1235" or "2*a+π". */
void ktq_print_angle(kt_printer *out, const ktq_picture *p, const ktq_gate *gate, int i);
/* Writes a name, and the gate's angles in parentheses, if any, to cells[KTQ_LABEL_MOST]; the number
 * of cells. name NULL: the gate's. */
size_t ktq_gate_label(ktq_cell *cells, const ktq_picture *p, const ktq_gate *gate,
                      const char *name);
/* Writes the name of a wire to cells[KTQ_NAME_MOST]; the number of cells. */
size_t ktq_wire_label(ktq_cell *cells, const ktq_picture *p, int32_t wire);

/* What a gate does with the bits of a classical register. */
typedef struct ktq_bits_use {
    bool is_measured, is_tested;
    kt_text label; /* the bit's number, and the condition, as "0", "=3", "[1]=0", "[1-2]=3" */
} ktq_bits_use;

ktq_bits_use ktq_use_of_bits(const ktq_picture *p, const ktq_gate *gate, size_t number);

#endif
