#include "ket/compile/register_groups.h"

#include "ket/compile/cost.h"
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

static void exchange(ktq_group_list *a, ktq_group_list *b)
{
    const ktq_group_list first = *a;
    *a = *b;
    *b = first;
}

/* Groups the operations with and without RESIDENT groups, and leaves the cheaper groups in *out and
 * their scale in *scale. work: for twice as many operations. */
static bool group_both_ways(register_grouper *r, ktq_group_list *out, ktq_group_list *spare,
                            ktq_candidate *work, ktq_candidate *ops, size_t count, double *scale)
{
    double resident_scale = scale ? *scale : 1;
    memcpy(work, ops, count * sizeof *work);
    r->taken = work + count;
    if (!ktq_group_ops(r->grouper, out, r->list, &r->frame, r->lanes, ops, count, scale) ||
        !group_resident(r, spare, work, count, scale ? &resident_scale : NULL))
        return false;
    if (ktq_cost_groups(r->set, spare->groups, spare->count, &r->frame) <
        ktq_cost_groups(r->set, out->groups, out->count, &r->frame)) {
        exchange(out, spare);
        if (scale)
            *scale = resident_scale;
    }
    return true;
}

bool ktq_group_for_registers(ktq_grouper *grouper, ktq_group_list *out, ktq_group_list *spare,
                             const ktq_kernel_set *set, const ktq_op_list *list,
                             const ktq_frame *frame, ktq_candidate *ops, size_t count,
                             ktq_candidate *work, double *scale)
{
    const uint64_t lanes = ktq_lane_positions(set, frame->positions);
    register_grouper r = {
        .grouper = grouper, .set = set, .list = list, .frame = *frame, .lanes = lanes};
    ktq_group_list_clear(out);
    ktq_group_list_clear(spare);
    if (frame->bits < set->lane_bits + set->resident_bits)
        return ktq_group_ops(grouper, out, list, frame, lanes, ops, count, scale);
    return group_both_ways(&r, out, spare, work, ops, count, scale);
}
