/* In what steps the operations of a sub-tile are carried out. */
#ifndef KTQ_COMPILE_GROUP_OPS_H
#define KTQ_COMPILE_GROUP_OPS_H

#include "ket/kernels/kernels.h"

/* terms: of all groups, one group's after the other's. */
typedef struct ktq_group_list {
    ktq_group *groups;
    ktq_term *terms;
    size_t count, capacity, term_count, term_capacity;
} ktq_group_list;

void ktq_group_list_clear(ktq_group_list *list);
void ktq_group_list_free(ktq_group_list *list);

/* Groups for the operations left[0..count-1] (numbers of list->ops, in order, all of whose moved
 * positions are in the frame), at the end of *out. lanes: positions of the frame that are lanes.
 * Uses up `left`. *scale: a factor of all amplitudes that is still due, before and after: the
 * rotations' cosines gather there until factors take them along; NULL: left to ktq_group_settle.
 * False where memory is refused. */
bool ktq_sequence(ktq_group_list *out, const ktq_op_list *list, const ktq_frame *frame,
                  uint64_t lanes, size_t *left, size_t count, double *scale);

/* What the group takes along of the factor that is due: all of it where it has factors of its own,
 * or must. Its rotations' cosines are due after it. Not for SINGLE. */
double ktq_group_settle(const ktq_group *group, const double *data, double *due);

#endif
