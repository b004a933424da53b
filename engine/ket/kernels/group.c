#include "ket/kernels/group.h"

static bool are_counts_in_range(const ktq_group *group)
{
    const int32_t rotations = group->kind == KTQ_GROUP_VECTORS ? KTQ_VECTOR_ROTATIONS_MAX
                              : group->kind == KTQ_GROUP_LANES ? KTQ_LANE_ROTATIONS_MAX
                                                               : 0;
    const int32_t terms = rotations ? KTQ_TERMS_MAX : 0;
    for (int32_t i = 0; i < group->predicate_count && i < KTQ_PREDICATES_MAX; i++)
        if (group->predicates[i] >= group->term_count)
            return false;
    return group->rotation_count <= rotations && group->term_count <= terms &&
           group->predicate_count <= KTQ_PREDICATES_MAX &&
           group->predicate_count <= group->term_count;
}

bool ktq_group_is_valid(const ktq_group *group)
{
    const bool is_resident = group->kind == KTQ_GROUP_RESIDENT;
    const int32_t members = is_resident ? KTQ_RESIDENT_MEMBERS_MAX : 0;
    return are_counts_in_range(group) && group->members <= members &&
           (!is_resident || group->resident) && (group->term_count == 0 || group->terms) &&
           (group->kind != KTQ_GROUP_SINGLE || (group->op && ktq_op_is_valid(group->op)));
}

uint64_t ktq_group_moved(const ktq_group *group)
{
    uint64_t moved = group->kind == KTQ_GROUP_SINGLE ? group->op->moved : group->resident;
    for (int32_t i = 0; i < group->rotation_count; i++)
        moved |= UINT64_C(1) << group->rotations[i].position;
    return moved;
}
