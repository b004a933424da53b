#include "kernels_wide.h"

#define KT_REAL double
#define KT_REGISTERS 32
#define KT_LANE_BITS 3
#define KT_K(name) name##_wide_double
#define KT_ID KETCH_KERNELS_AVX512
#define KT_PRECISION KETCH_DOUBLE
#include "ket/kernels/body.h"

#define KT_REAL float
#define KT_REGISTERS 32
#define KT_LANE_BITS 4
#define KT_K(name) name##_wide_single
#define KT_ID KETCH_KERNELS_AVX512
#define KT_PRECISION KETCH_SINGLE
#include "ket/kernels/body.h"

const kt_kernel_set *kernels_wide(ketch_precision precision)
{
    return precision == KETCH_SINGLE ? &set_wide_single : &set_wide_double;
}
