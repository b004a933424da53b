/* Vectors of 16 bytes, which every compiler has or lowers: no instruction set is needed. */
#include "ket/kernels/kernels.h"

#include "ket/kernels/cost_tables.h"
#include "ket/kernels/zero.h"

#define KTQ_REAL double
#define KTQ_LANE_BITS 1
#define KTQ_K(name) name##_scalar_double
#define KTQ_ID KETCH_KERNELS_SCALAR
#define KTQ_PRECISION KETCH_DOUBLE
#define KTQ_COSTS KTQ_COSTS_SCALAR_DOUBLE
#include "ket/kernels/body.h"

#define KTQ_REAL float
#define KTQ_LANE_BITS 2
#define KTQ_K(name) name##_scalar_single
#define KTQ_ID KETCH_KERNELS_SCALAR
#define KTQ_PRECISION KETCH_SINGLE
#define KTQ_COSTS KTQ_COSTS_SCALAR_SINGLE
#include "ket/kernels/body.h"

const ktq_kernel_sets ktq_kernels_scalar[2] = {KTQ_KERNEL_SETS(sets_scalar_double),
                                               KTQ_KERNEL_SETS(sets_scalar_single)};
