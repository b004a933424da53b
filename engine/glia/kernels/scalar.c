/* Vectors of 16 bytes, which every compiler has or lowers: no instruction set is needed. */
#include "glia/kernels/chosen.h"
#include "keep.h"
#include "glia/kernels/kernels.h"

#include <stddef.h>

#define KTG_LANES 4
#define KTG_K(name) name##_ticks_scalar
#include "glia/kernels/body_vectors.h"
#include "glia/kernels/body.h"

const ktg_kernel_set ktg_kernels_scalar = KTG_KERNEL_SET(scalar, 4, KETCH_KERNELS_SCALAR);
