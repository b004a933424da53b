#include "ket/compile/cost.h"

#include <assert.h>

static int32_t amplitude_log(const ktq_kernel_set *set)
{
    return set->precision == KETCH_SINGLE ? 3 : 4;
}

static double vectors_of(const ktq_kernel_set *set, int32_t bits)
{
    return (double)(UINT64_C(1) << (bits > set->lane_bits ? bits - set->lane_bits : 0));
}

static double kernel_cost(const ktq_kernel_set *set, ktq_cost_kind kind, int32_t bits)
{
    const int32_t bytes = bits + amplitude_log(set);
    const ktq_cost_level level = bytes <= KTQ_L1_BYTES_LOG   ? KTQ_COST_IN_L1
                                 : bytes <= KTQ_L2_BYTES_LOG ? KTQ_COST_IN_L2
                                                             : KTQ_COST_BEYOND_L2;
    return set->costs->kernel[kind][level] / 1000.0;
}

/* ---- operations ---- */

/* For each vector that is touched. vectors, lanes: the numbers of targets of either kind. */
static double dense_cost(const ktq_kernel_set *set, int32_t vectors, int32_t lanes, int32_t bits)
{
    static const ktq_cost_kind few[3][3] = {
        {KTQ_COST_DENSE_1_0, KTQ_COST_DENSE_0_1, KTQ_COST_DENSE_0_2},
        {KTQ_COST_DENSE_1_0, KTQ_COST_DENSE_1_1, KTQ_COST_DENSE_1_1},
        {KTQ_COST_DENSE_2_0, KTQ_COST_DENSE_2_0, KTQ_COST_DENSE_2_0}};
    if (vectors + lanes <= 2)
        return kernel_cost(set, few[vectors][lanes], bits);
    const ktq_cost_kind many = lanes ? KTQ_COST_DENSE_MANY_LANES : KTQ_COST_DENSE_MANY;
    return kernel_cost(set, many, bits) * (double)(1 << (vectors + lanes));
}

/* Rotations are counted as halves of a pair, and diagonals as shares of a table of factors. */
ktq_op_costs ktq_cost_ops(const ktq_kernel_set *set)
{
    enum { TABLE_SHARERS = 8 };
    const ktq_costs *const costs = set->costs;
    const uint32_t diagonal = costs->kernel[KTQ_COST_TERMS_0][KTQ_COST_IN_L1] / TABLE_SHARERS;
    ktq_op_costs ops = {
        .kind = {[KTQ_DIAG] = diagonal,
                 [KTQ_FLIP] = costs->kernel[KTQ_COST_FLIP_WHOLE][KTQ_COST_IN_L1],
                 [KTQ_ROTATE] = costs->kernel[KTQ_COST_ROTATE_2][KTQ_COST_IN_L1] / 2,
                 [KTQ_PARITY] = diagonal}};
    for (int32_t k = 1; k <= KTQ_DENSE_QUBITS_MAX; k++)
        ops.dense[k] = (uint32_t)(1000 * dense_cost(set, k, 0, 0));
    return ops;
}

/* ---- groups ---- */

static double single_cost(const ktq_kernel_set *set, const ktq_op *op, const ktq_frame *frame)
{
    const uint64_t lanes = ktq_lane_positions(set, frame->positions);
    const uint64_t inside = frame->positions & ~lanes;
    const bool in_lanes = (op->moved | op->fixed) & lanes;
    /* Controls in vectors leave vectors out, and those outside leave whole frames out. */
    const double share = 1.0 / (double)(UINT64_C(1) << kt_bit_count(op->control & ~lanes));
    if (op->kind == KTQ_FLIP)
        return share * kernel_cost(set,
                                   !in_lanes            ? KTQ_COST_FLIP_WHOLE
                                   : op->moved & ~lanes ? KTQ_COST_FLIP_MASKED
                                                        : KTQ_COST_FLIP_LANES,
                                   frame->bits);
    if (op->kind == KTQ_DENSE)
        return share * dense_cost(set, kt_bit_count(op->moved & inside),
                                  kt_bit_count(op->moved & lanes), frame->bits);
    return share * kernel_cost(set, KTQ_COST_DIAG, frame->bits);
}

/* The kind of a VECTORS or LANES group's kernel. */
static ktq_cost_kind rotations_kind(const ktq_group *group)
{
    static const int32_t without_rotations[2][2] = {{KTQ_COST_ROTATE_1 - 1, KTQ_COST_TERMS_0},
                                                    {KTQ_COST_LANES_1 - 1, KTQ_COST_LANE_TERMS_0}};
    const bool has_factors = ktq_group_has_factors(group, group->scale);
    assert(group->rotation_count > 0 || has_factors);
    return (ktq_cost_kind)(without_rotations[group->kind == KTQ_GROUP_LANES][has_factors] +
                           group->rotation_count);
}

/* The vectors of the frame that are worked on, where amplitudes move along `moved` alone. */
static double reached_vectors(const ktq_kernel_set *set, const ktq_frame *frame, uint64_t moved,
                              uint64_t reached)
{
    const uint64_t lanes = ktq_lane_positions(set, frame->positions);
    const uint64_t zero = frame->positions & ~(lanes | moved | reached);
    return vectors_of(set, frame->bits) / (double)(UINT64_C(1) << kt_bit_count(zero));
}

static double group_cost(const ktq_kernel_set *set, const ktq_group *group, const ktq_frame *frame,
                         uint64_t reached)
{
    const uint64_t known = group->kind == KTQ_GROUP_VECTORS ? reached : ~UINT64_C(0);
    const double vector = group->kind == KTQ_GROUP_SINGLE
                              ? single_cost(set, group->op, frame)
                              : kernel_cost(set, rotations_kind(group), frame->bits);
    return vector * reached_vectors(set, frame, ktq_group_moved(group), known) +
           set->costs->call / 1000.0;
}

/* Picoseconds for each vector. A flip costs less for fewer vectors, but not in proportion. */
static uint32_t member_cost(const ktq_kernel_set *set, const ktq_group *group, uint64_t lanes)
{
    const uint32_t *const costs = set->costs->resident;
    const uint32_t rotations = (uint32_t)group->rotation_count,
                   tables = ktq_group_has_factors(group, group->scale);
    if (group->kind == KTQ_GROUP_VECTORS)
        return rotations * costs[KTQ_COST_RESIDENT_ROTATE] +
               tables * costs[KTQ_COST_RESIDENT_FACTORS];
    if (group->kind == KTQ_GROUP_LANES)
        return rotations * costs[KTQ_COST_RESIDENT_LANE_ROTATE] +
               tables * costs[KTQ_COST_RESIDENT_LANE_FACTORS];
    return costs[group->op->moved & lanes   ? KTQ_COST_RESIDENT_FLIP_LANES
                 : group->op->fixed & lanes ? KTQ_COST_RESIDENT_FLIP_MASKED
                                            : KTQ_COST_RESIDENT_FLIP];
}

/* For a RESIDENT group and its members. */
static double resident_cost(const ktq_kernel_set *set, const ktq_group *head,
                            const ktq_frame *frame, uint64_t reached)
{
    const uint64_t lanes = ktq_lane_positions(set, frame->positions);
    uint32_t vector = set->costs->resident[KTQ_COST_RESIDENT];
    for (int32_t i = 1; i <= head->members; i++)
        vector += member_cost(set, &head[i], lanes);
    return (vector * reached_vectors(set, frame, head->resident, reached) + set->costs->call) /
           1000.0;
}

double ktq_cost_groups(const ktq_kernel_set *set, const ktq_group *groups, size_t count,
                       const ktq_frame *frame, uint64_t *reached)
{
    double cost = 0;
    for (size_t i = 0; i < count; i += 1 + (size_t)groups[i].members) {
        const ktq_group *const group = &groups[i];
        cost += group->kind == KTQ_GROUP_RESIDENT ? resident_cost(set, group, frame, *reached)
                                                  : group_cost(set, group, frame, *reached);
        *reached |= ktq_group_moved(group);
    }
    return cost;
}

/* ---- passes ---- */

double ktq_cost_transfer(const ktq_kernel_set *set, const ktq_frame *tile, int32_t qubits)
{
    const int32_t log = amplitude_log(set);
    const int32_t run = __builtin_ctzll(~tile->positions) - KTQ_COST_RUN_MIN;
    const int row = qubits + log <= 24 ? 2 : tile->bits + log > KTQ_L2_BYTES_LOG;
    const int column = run < 0 ? 0 : run < KTQ_COST_RUNS ? run : KTQ_COST_RUNS - 1;
    return set->costs->transfer[row][column] / 1000.0;
}

double ktq_cost_prepare(const ktq_kernel_set *set, size_t size)
{
    return set->costs->prepare / 1000.0 * (double)size;
}
