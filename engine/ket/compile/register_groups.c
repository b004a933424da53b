#include "ket/compile/register_groups.h"

#include "list.h"

#include <assert.h>
#include <string.h>

/* A subtile on its way to groups. taken: work memory for all its operations. */
typedef struct register_grouper {
    ktq_grouper *grouper;
    const ktq_kernel_set *set;
    const ktq_op_list *list;
    ktq_frame frame;
    uint64_t lanes;
    ktq_candidate *taken;
    int32_t exchanges;
} register_grouper;

/* Whether the group can be a member of a RESIDENT one: rotations, factors, and flips of one bit. */
static bool can_be_member(const ktq_group *group)
{
    return group->kind != KTQ_GROUP_SINGLE ||
           (group->op->kind == KTQ_FLIP && !(group->op->moved & (group->op->moved - 1)));
}

/* Makes groups first..last-1 members of a RESIDENT group, which is inserted before them. */
static bool insert_resident(ktq_group_list *list, size_t first, size_t last, uint64_t resident)
{
    if (!kt_list_grow(&list->groups, &list->capacity, list->count, 1, sizeof *list->groups,
                      list->region))
        return false;
    for (size_t i = first; i < last; i++)
        list->groups[i].resident = resident;
    ktq_group *const head = &list->groups[first];
    memmove(head + 1, head, (list->count - first) * sizeof *head);
    *head = (ktq_group){
        .kind = KTQ_GROUP_RESIDENT, .resident = resident, .members = (uint8_t)(last - first)};
    list->count++;
    return true;
}

bool ktq_add_resident_groups(ktq_group_list *out, size_t first, uint64_t resident)
{
    while (first < out->count) {
        size_t last = first;
        while (last < out->count && last - first < KTQ_RESIDENT_MEMBERS_MAX &&
               can_be_member(&out->groups[last]))
            last++;
        if (last - first < 2) {
            first = last + (last == first);
            continue;
        }
        if (!insert_resident(out, first, last, resident))
            return false;
        first = last + 1;
    }
    return true;
}

/* Appends the groups of operations that fit registers at a time, until none is left. */
static bool group_resident(const register_grouper *r, ktq_group_list *out, ktq_candidate *ops,
                           size_t count, double *scale)
{
    const ktq_tile_limits limits = {.allowed = r->frame.positions,
                                    .required = r->lanes,
                                    .bits = r->set->lane_bits + r->set->resident_bits,
                                    .exchanges = r->exchanges,
                                    .in_registers = true,
                                    .set = r->set};
    ktq_remaining remaining = {.items = ops, .last = count};
    while (remaining.first < remaining.last) {
        size_t taken = 0;
        const size_t before = out->count;
        const uint64_t positions = ktq_choose_tile(&remaining, r->taken, &taken, &limits);
        if (taken == 0)
            return ktq_group_ops(r->grouper, out, r->list, &r->frame, r->lanes,
                                 ops + remaining.first, remaining.last - remaining.first, scale);
        if (!ktq_group_ops(r->grouper, out, r->list, &r->frame, r->lanes, r->taken, taken, scale) ||
            !ktq_add_resident_groups(out, before, positions & ~r->lanes))
            return false;
    }
    return true;
}

/* Whether RESIDENT groups pay. They save what members load and store, which is most for flips; but
 * registers hold few positions, so that diagonals and rotations need more groups than in a whole
 * subtile. For many circuits this choice gave plans whose cost is within 2 % of the cheaper of both
 * ways: RESIDENT groups where at least an eighth of the operations are flips. */
static bool pays_in_registers(const ktq_candidate *ops, size_t count)
{
    enum { LEAST_SHARE = 8 };
    size_t flips = 0;
    for (size_t i = 0; i < count; i++)
        flips += ops[i].kind == KTQ_FLIPS;
    return flips * LEAST_SHARE >= count;
}

bool ktq_group_for_registers(ktq_grouper *grouper, ktq_group_list *out, const ktq_kernel_set *set,
                             const ktq_op_list *list, const ktq_frame *frame, ktq_candidate *ops,
                             size_t count, int32_t exchanges, ktq_candidate *work, double *scale)
{
    const uint64_t lanes = ktq_lane_positions(set, frame->positions);
    const register_grouper r = {.grouper = grouper,
                                .set = set,
                                .list = list,
                                .frame = *frame,
                                .lanes = lanes,
                                .taken = work,
                                .exchanges = exchanges};
    const bool is_resident =
        frame->bits >= set->lane_bits + set->resident_bits && pays_in_registers(ops, count);
    ktq_group_list_clear(out);
    if (!(is_resident ? group_resident(&r, out, ops, count, scale)
                      : ktq_group_ops(grouper, out, list, frame, lanes, ops, count, scale)))
        return false;
    ktq_group_list_link(out);
    return true;
}
