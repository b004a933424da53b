/* Stage: register groups.
 * Input:   the operations of a subtile.
 * Output:  its groups, runs of which are members of RESIDENT groups where that costs less.
 * Purpose: many operations on a few blocks while these are in registers, without loads and stores
 *          in between.
 * Cost:    that of choosing register tiles and of grouping operations. */
#ifndef KTQ_COMPILE_REGISTER_GROUPS_H
#define KTQ_COMPILE_REGISTER_GROUPS_H

#include "ket/compile/group_ops.h"

/* As ktq_group_ops for a subtile, with RESIDENT groups where they pay. Empties *out first.
 * exchanges: as in ktq_tile_limits, for the positions in registers. The `count` candidates at `work`
 * are work memory. */
bool ktq_group_for_registers(ktq_grouper *grouper, ktq_group_list *out, const ktq_kernel_set *set,
                             const ktq_op_list *list, const ktq_frame *frame, ktq_candidate *ops,
                             size_t count, int32_t exchanges, ktq_candidate *work, double *scale);

/* Inserts RESIDENT groups with these positions, as many as registers hold, before each run of two
 * or more groups from `first` on that can be members. False where memory is refused. */
bool ktq_add_resident_groups(ktq_group_list *out, size_t first, uint64_t resident);

#endif
