#include "ket/compile/register_groups.h"

#include "heap.h"
#include "ket/compile/choose_tile.h"
#include "ket/compile/cost.h"

#include <string.h>

/* One sub-tile on its way to groups. */
typedef struct holder {
    const ktq_kernel_set *set;
    const ktq_op_list *list;
    ktq_frame frame;
    uint64_t lanes;
    size_t *taken; /* work memory for as many operations as there are */
} holder;

static bool can_hold(const ktq_group *group)
{
    return group->kind != KTQ_GROUP_SINGLE ||
           (group->op->kind == KTQ_FLIP && !(group->op->moved & (group->op->moved - 1)));
}

bool ktq_add_resident_groups(ktq_group_list *out, size_t first, uint64_t held)
{
    while (first < out->count) {
        size_t last = first;
        while (last < out->count && last - first < KTQ_RESIDENT_MEMBERS_MAX &&
               can_hold(&out->groups[last]))
            last++;
        if (last - first < 2) {
            first = last + (last == first);
            continue;
        }
        if (!ktq_reserve((void **)&out->groups, &out->capacity, out->count + 1,
                         sizeof *out->groups))
            return false;
        for (size_t i = first; i < last; i++)
            out->groups[i].resident = held;
        ktq_group *const head = &out->groups[first];
        memmove(head + 1, head, (out->count - first) * sizeof *head);
        *head = (ktq_group){
            .kind = KTQ_GROUP_RESIDENT, .resident = held, .members = (int32_t)(last - first)};
        out->count++;
        first = last + 1;
    }
    return true;
}

/* The third level: what fits the registers at a time. */
static bool hold_all(const holder *h, ktq_group_list *out, size_t *left, size_t count,
                     double *scale)
{
    const ktq_tile_limits room = {.allowed = h->frame.positions,
                                  .required = h->lanes,
                                  .bits = h->set->lane_bits + h->set->resident_bits,
                                  .in_registers = true,
                                  .set = h->set};
    ktq_remaining queue = {.indices = left, .last = count};
    while (queue.first < queue.last) {
        size_t some = 0;
        const size_t before = out->count;
        const uint64_t positions = ktq_choose_tile(h->list, &queue, h->taken, &some, &room);
        if (some == 0)
            return ktq_group_ops(out, h->list, &h->frame, h->lanes, left + queue.first,
                                 queue.last - queue.first, scale);
        if (!ktq_group_ops(out, h->list, &h->frame, h->lanes, h->taken, some, scale) ||
            !ktq_add_resident_groups(out, before, positions & ~h->lanes))
            return false;
    }
    return true;
}

static void exchange(ktq_group_list *a, ktq_group_list *b)
{
    const ktq_group_list held = *a;
    *a = *b;
    *b = held;
}

bool ktq_group_for_registers(ktq_group_list *out, ktq_group_list *spare, const ktq_kernel_set *set,
                             const ktq_op_list *list, const ktq_frame *frame, size_t *left,
                             size_t count, double *scale)
{
    const uint64_t lanes = ktq_lane_positions(set, frame->positions);
    holder h = {.set = set, .list = list, .frame = *frame, .lanes = lanes};
    double held_scale = scale ? *scale : 1;
    ktq_group_list_clear(out);
    ktq_group_list_clear(spare);
    if (frame->bits < set->lane_bits + set->resident_bits)
        return ktq_group_ops(out, list, frame, h.lanes, left, count, scale);
    size_t *const work = kt_heap_take(2 * count * sizeof *work);
    if (!work)
        return false;
    memcpy(work, left, count * sizeof *work);
    h.taken = work + count;
    const bool good = ktq_group_ops(out, list, frame, h.lanes, left, count, scale) &&
                      hold_all(&h, spare, work, count, scale ? &held_scale : NULL);
    kt_heap_give(work);
    if (good && ktq_cost_groups(set, spare->groups, spare->count, frame) <
                    ktq_cost_groups(set, out->groups, out->count, frame)) {
        exchange(out, spare);
        if (scale)
            *scale = held_scale;
    }
    return good;
}
