/* Prepares calls as members of a RESIDENT. */
#include "ket/kernels/prepare.h"

#include <assert.h>

/* Positions of the frame as bits of a vector's index. */
static uint64_t vector_bits(const ktq_kernel_set *set, const ktq_frame *frame, uint64_t positions)
{
    return kt_gather(positions, frame->positions) >> set->lane_bits;
}

static uint64_t rotated_positions(const ktq_group *group)
{
    uint64_t mask = 0;
    for (int32_t i = 0; i < group->rotation_count; i++)
        mask |= UINT64_C(1) << group->rotations[i].position;
    return mask;
}

/* A flip depends on no positions outside the frame but its controls, which the call checks. */
static void make_flip_resident(const ktq_kernel_set *set, ktq_call *call, uint64_t resident)
{
    const uint64_t controls = (call->vectors - 1) & ~(call->free | call->targets);
    const int32_t rank = kt_bit_count(resident & (call->targets - 1));
    call->resident.guard = controls & ~resident;
    call->resident.value = call->first & ~resident;
    for (uint32_t j = 0; j < 1U << set->resident_bits; j++)
        if ((kt_deposit(j, resident) & controls) == (call->first & resident))
            call->resident.mask |= 1U << j;
    const int32_t code = !call->targets                           ? KTQ_RESIDENT_FLIP_LANES
                         : call->kernel == set->table->flip_whole ? KTQ_RESIDENT_FLIP + rank
                                                                  : KTQ_RESIDENT_FLIP_MASKED + rank;
    call->resident.code = (uint8_t)code;
}

void ktq_call_make_resident(const ktq_kernel_set *set, ktq_call *call, const ktq_group *group,
                            const ktq_frame *frame)
{
    const uint64_t bits = vector_bits(set, frame, group->resident),
                   rotated = rotated_positions(group);
    assert(kt_bit_count(bits) == set->resident_bits);
    assert((call->targets & ~bits) == 0);
    if (group->kind == KTQ_GROUP_SINGLE) {
        make_flip_resident(set, call, bits);
        return;
    }
    const bool by_lane = group->kind == KTQ_GROUP_LANES;
    call->resident.code = by_lane ? KTQ_RESIDENT_LANES : KTQ_RESIDENT_VECTORS;
    call->resident.mask = (uint32_t)(by_lane ? kt_gather(rotated, frame->positions)
                                             : kt_gather(vector_bits(set, frame, rotated), bits));
}
