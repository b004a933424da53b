/* Steps as members of a group that is resident in registers. */
#include "ket/kernels/kernels.h"

static uint64_t vector_bits(const ktq_kernel_set *set, const ktq_frame *frame, uint64_t positions)
{
    return ktq_extract(positions, frame->positions) >> set->lane_bits;
}

static uint64_t turned_positions(const ktq_group *group)
{
    uint64_t mask = 0;
    for (int32_t i = 0; i < group->rotation_count; i++)
        mask |= UINT64_C(1) << group->rotations[i].position;
    return mask;
}

/* Flips have no positions outside left but controls, which the step checks itself. */
static void make_flip_resident(const ktq_kernel_set *set, ktq_call *step, uint64_t resident)
{
    const uint64_t controls = (step->vectors - 1) & ~(step->free | step->targets);
    const int32_t rank = __builtin_popcountll(resident & (step->targets - 1));
    step->resident.guard = controls & ~resident;
    step->resident.value = step->value & ~resident;
    for (uint32_t j = 0; j < 1U << set->resident_bits; j++)
        if ((ktq_deposit(j, resident) & controls) == (step->value & resident))
            step->resident.mask |= 1U << j;
    step->resident.code = !step->targets                          ? KTQ_RESIDENT_FLIP_LANES
                          : step->apply == set->table->flip_plain ? KTQ_RESIDENT_FLIP + rank
                                                                  : KTQ_RESIDENT_FLIP_MASKED + rank;
}

void ktq_call_make_resident(const ktq_kernel_set *set, ktq_call *step, const ktq_group *group,
                            const ktq_frame *frame)
{
    const uint64_t bits = vector_bits(set, frame, group->resident),
                   turned = turned_positions(group);
    if (group->kind == KTQ_GROUP_SINGLE) {
        make_flip_resident(set, step, bits);
        return;
    }
    const bool along = group->kind == KTQ_GROUP_LANES;
    step->resident.code = along ? KTQ_RESIDENT_LANES : KTQ_RESIDENT_VECTORS;
    step->resident.mask = (uint32_t)(along ? ktq_extract(turned, frame->positions)
                                           : ktq_extract(vector_bits(set, frame, turned), bits));
}
