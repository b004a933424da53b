/* Vectors of 16 bytes, which every compiler has or lowers: no instruction set is asked for. */
#include "ket/kernels/kernels.h"

#define KTQ_REAL double
#define KTQ_LANE_BITS 1
#define KTQ_K(name) name##_scalar_double
#define KTQ_ID KETCH_KERNELS_SCALAR
#define KTQ_PRECISION KETCH_DOUBLE
#include "ket/kernels/body.h"

#define KTQ_REAL float
#define KTQ_LANE_BITS 2
#define KTQ_K(name) name##_scalar_single
#define KTQ_ID KETCH_KERNELS_SCALAR
#define KTQ_PRECISION KETCH_SINGLE
#include "ket/kernels/body.h"

const ktq_kernel_set *ktq_kernels_scalar(ketch_precision precision)
{
    return precision == KETCH_SINGLE ? &set_scalar_single : &set_scalar_double;
}
