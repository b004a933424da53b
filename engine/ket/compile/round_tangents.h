/* Stage: round tangents.
 * Input:   the operations of one segment of a plan in single precision.
 * Output:  the same with each rotation's tangent as kernels hold it, and its cosine as it is for
 *          that tangent.
 * Purpose: a rotation by a rounded angle instead of a map that is no rotation, so that the norm
 *          drifts less.
 * Cost:    linear in the operations. */
#ifndef KTQ_COMPILE_ROUND_TANGENTS_H
#define KTQ_COMPILE_ROUND_TANGENTS_H

#include "ket/kernels/op.h"
#include <math.h>

/* Of a rotation's two numbers, its tangent and its cosine. */
static inline void ktq_round_tangent(double numbers[2])
{
    numbers[0] = (float)numbers[0];
    numbers[1] = copysign(1 / sqrt(1 + numbers[0] * numbers[0]), numbers[1]);
}

void ktq_round_tangents(ktq_op_list *list);

#endif
