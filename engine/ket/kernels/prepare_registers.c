/* Steps as members of a group that is held in registers. */
#include "ket/kernels/kernels.h"

static uint64_t vector_bits(const ktq_kernel_set *set, const ktq_frame *frame, uint64_t positions)
{
    return ktq_gather(positions, frame->positions) >> set->lane_bits;
}

static uint64_t turned_positions(const ktq_group *group)
{
    uint64_t mask = 0;
    for (int32_t i = 0; i < group->rotation_count; i++)
        mask |= UINT64_C(1) << group->rotations[i].position;
    return mask;
}

/* Flips have no positions outside left but controls, which the step checks itself. */
static void hold_flip(const ktq_kernel_set *set, ktq_step *step, uint64_t held)
{
    const uint64_t controls = (step->vectors - 1) & ~(step->free | step->targets);
    const int32_t rank = __builtin_popcountll(held & (step->targets - 1));
    step->held.guard = controls & ~held;
    step->held.value = step->value & ~held;
    for (uint32_t j = 0; j < 1U << set->held_bits; j++)
        if ((ktq_deposit(j, held) & controls) == (step->value & held))
            step->held.mask |= 1U << j;
    step->held.code = !step->targets                          ? KTQ_HELD_FLIP_LANES
                      : step->apply == set->table->flip_plain ? KTQ_HELD_FLIP + rank
                                                              : KTQ_HELD_FLIP_SOME + rank;
}

void ktq_step_hold(const ktq_kernel_set *set, ktq_step *step, const ktq_group *group,
                   const ktq_frame *frame)
{
    const uint64_t bits = vector_bits(set, frame, group->held), turned = turned_positions(group);
    if (group->kind == KTQ_GROUP_SINGLE) {
        hold_flip(set, step, bits);
        return;
    }
    const bool along = group->kind == KTQ_GROUP_LANES;
    step->held.code = along ? KTQ_HELD_LANES : KTQ_HELD_VECTORS;
    step->held.mask = (uint32_t)(along ? ktq_gather(turned, frame->positions)
                                       : ktq_gather(vector_bits(set, frame, turned), bits));
}
