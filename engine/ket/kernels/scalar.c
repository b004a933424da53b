/* Vectors of 16 bytes, which every compiler has or lowers: no instruction set is asked for. */
#include "ket/kernels/kernels.h"

#define KT_REAL double
#define KT_LANE_BITS 1
#define KT_K(name) name##_scalar_double
#define KT_ID KETCH_KERNELS_SCALAR
#define KT_PRECISION KETCH_DOUBLE
#include "ket/kernels/body.h"

#define KT_REAL float
#define KT_LANE_BITS 2
#define KT_K(name) name##_scalar_single
#define KT_ID KETCH_KERNELS_SCALAR
#define KT_PRECISION KETCH_SINGLE
#include "ket/kernels/body.h"

const kt_kernel_set *kt_kernels_scalar(ketch_precision precision)
{
    return precision == KETCH_SINGLE ? &set_scalar_single : &set_scalar_double;
}
