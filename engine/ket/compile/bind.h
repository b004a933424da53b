/* Binding: a planned program gets numbers for its circuit's parameters. */
#ifndef KTQ_COMPILE_BIND_H
#define KTQ_COMPILE_BIND_H

#include "ket/compile/group_ops.h"
#include "ket/compile/program.h"

/* A group of a sub-tile sweep, its numbers among those of the book, and the most bytes that the
 * data of its step can need. */
typedef struct ktq_kept {
    ktq_group group;
    ktq_op op; /* the group's, where it has one */
    size_t size;
} ktq_kept;

/* Sub-tile sweep number `sub` of a pass, with groups first..first+count-1 of those kept. All sweeps
 * of a pass are kept where anything in it has a recipe: they hand on the factor that is due. size:
 * bytes of steps and data. */
typedef struct ktq_kept_sub {
    size_t pass, sub;
    size_t first, count;
    size_t size;
} ktq_kept_sub;

/* Keeps the groups of the sub-tile sweep planned last, whose numbers are in the list that the book
 * takes in next. False where memory is refused. */
bool ktq_bind_keep(const ketch_program *program, const ktq_frame *frame,
                   const ktq_group_list *sequence);
/* When all is kept: the lists have moved as they grew, and are linked now. */
void ktq_bind_finish(ktq_book *book);

#endif
