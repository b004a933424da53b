/* Cases to measure: a group of operations of each kind that has a cost. */
#ifndef KTQ_KERNELS_MEASURE_CASE_H
#define KTQ_KERNELS_MEASURE_CASE_H

#include "ket/kernels/costs.h"
#include "ket/kernels/group.h"

/* A group, with the operation and its data if it is a SINGLE. share: what the cost of a vector is
 * divided by. */
typedef struct ktq_measure_case {
    ktq_group group;
    ktq_op op;
    ktq_term terms[KTQ_TERMS_MAX];
    double data[2 << 10];
    double share;
} ktq_measure_case;

/* For a kernel set with 2^lane_bits amplitudes in a vector, which has such a kernel. */
void ktq_measure_case_kernel(ktq_measure_case *c, ktq_cost_kind kind, int32_t lane_bits);
/* A member of a RESIDENT group; of KTQ_COST_RESIDENT as ROTATE. */
void ktq_measure_case_member(ktq_measure_case *c, ktq_cost_member member, int32_t lane_bits);
/* Many terms on one position and on two neighbours of a frame of 2^bits amplitudes: a table of
 * factors. */
void ktq_measure_case_factors(ktq_measure_case *c, int32_t lane_bits, int32_t bits);

#endif
