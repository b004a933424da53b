#include "kernels_wide.h"

#include "ket/kernels/cost_tables.h"
#include "ket/kernels/zero.h"

/* Vectors wider than the machine's are arguments of inlined functions alone, which have no ABI. */
#pragma GCC diagnostic ignored "-Wpsabi"

#define KTQ_REAL double
#define KTQ_REGISTERS 32
#define KTQ_LANE_BITS 3
#define KTQ_K(name) name##_wide_double
#define KTQ_ID KETCH_KERNELS_AVX512
#define KTQ_PRECISION KETCH_DOUBLE
#define KTQ_COSTS KTQ_COSTS_AVX512_DOUBLE
#include "ket/kernels/body.h"

#define KTQ_REAL float
#define KTQ_REGISTERS 32
#define KTQ_LANE_BITS 4
#define KTQ_K(name) name##_wide_single
#define KTQ_ID KETCH_KERNELS_AVX512
#define KTQ_PRECISION KETCH_SINGLE
#define KTQ_COSTS KTQ_COSTS_AVX512_SINGLE
#include "ket/kernels/body.h"

const ktq_kernel_set *kernels_wide(ketch_precision precision)
{
    return precision == KETCH_SINGLE ? sets_wide_single : sets_wide_double;
}
