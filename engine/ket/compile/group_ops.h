/* Stage: group operations.
 * Input:   the operations of a subtile.
 * Output:  groups, each of which becomes one kernel call.
 * Purpose: rotations and factors that share loads and stores. Diagonals are deferred, and commuted
 *          through CX, so that many become one table of factors, which a rotation multiplies in.
 * Cost:    linear in the operations for each scan; a few scans for most circuits. */
#ifndef KTQ_COMPILE_GROUP_OPS_H
#define KTQ_COMPILE_GROUP_OPS_H

#include "ket/compile/choose_tile.h"

/* terms: of all groups, one group's after the other's. A group's `terms` is valid from
 * ktq_group_list_link to the next call that adds to the list. The memory is the region's. */
typedef struct ktq_group_list {
    kt_region *region;
    ktq_group *groups;
    ktq_term *terms;
    size_t count, capacity, term_count, term_capacity;
} ktq_group_list;

void ktq_group_list_clear(ktq_group_list *list);
/* Gives each group its terms, when all are added and move no more. */
void ktq_group_list_link(ktq_group_list *list);

/* Work memory, which every call may use again. NULL where memory is refused. */
typedef struct ktq_grouper ktq_grouper;
ktq_grouper *ktq_grouper_take(kt_region *region);

/* Appends groups for the operations ops[0..count-1] of the list, in order, whose moved
 * positions are all in the frame; ops is overwritten. lanes: the frame's positions that are lanes.
 * *scale: a factor of all amplitudes that no group has been given yet, before and after the call;
 * NULL: it is left to ktq_group_take_scale. False where memory is refused. */
bool ktq_group_ops(ktq_grouper *grouper, ktq_group_list *out, const ktq_op_list *list,
                   const ktq_frame *frame, uint64_t lanes, ktq_candidate *ops, size_t count,
                   double *scale);

/* The part of the deferred scale that a group multiplies in: all of it where the group has factors
 * anyway, or where more deferring would overflow. The cosines of its rotations are deferred to
 * later groups. Not for SINGLE. */
double ktq_group_take_scale(const ktq_group *group, const double *data, double *scale);

#endif
