/* The kernels at AVX-512's width for any machine: the compiler lowers the vectors. */
#ifndef KERNELS_WIDE_H
#define KERNELS_WIDE_H

#include "ket/kernels/kernels.h"

const ktq_kernel_set *kernels_wide(ketch_precision precision);

#endif
