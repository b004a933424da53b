/* What a gate looks like, wherever it stands. */
#ifndef KTQ_DRAW_LOOKS_H
#define KTQ_DRAW_LOOKS_H

#include "ket/draw/labels.h"

typedef enum ktq_style {
    KTQ_STYLE_BOX,    /* a box around the targets */
    KTQ_STYLE_MARKS,  /* a mark on each target */
    KTQ_STYLE_TEXT,   /* the label on the one target's wire */
    KTQ_STYLE_BARRIER /* marks without a line between them */
} ktq_style;

/* Masks are of qubits. first, last: the first and the last qubit's wire of the gate. box_first,
 * box_last: those of its box; -1, -2: it has none. register_count: it reaches down to the last of so
 * many classical registers, 0: to none. mark: of targets. label: beside the line where the style is
 * marks. has_places: the box shows which target is which; place: of each target, by qubit. center:
 * the column of vertical lines, of width columns. */
typedef struct ktq_look {
    ktq_style style;
    uint64_t targets, closed, open;
    int32_t first, last, box_first, box_last;
    size_t register_count;
    ktq_cell mark;
    ktq_cell label[KTQ_LABEL_MOST + 1];
    size_t label_length;
    bool has_places;
    char place[KETCH_QUBITS_MAX];
    int32_t box_width, width, center;
} ktq_look;

enum { KTQ_LOOK_WIDTH_MOST = 128 };

/* False for a gate that is on no wire: a phase of the whole state. */
bool ktq_look_at(ktq_look *look, const ktq_picture *p, const ktq_gate *gate);

/* Where the text of that length begins that is below classical register `number`, in columns from
 * the look's left one: beside the line where that leads on. */
int32_t ktq_look_bits_left(const ktq_look *look, size_t number, size_t length);

#endif
