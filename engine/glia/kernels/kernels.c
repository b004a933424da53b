/* The table of kernel sets. */
#include "glia/kernels/kernels.h"

#include <stddef.h>

/* Each is defined in the file of its name; without an update: not in this build. */
extern const ktg_kernel_set ktg_kernels_scalar, ktg_kernels_avx2, ktg_kernels_avx512,
    ktg_kernels_neon;

static const ktg_kernel_set *const tick_kernels[] = {
    [KETCH_KERNELS_SCALAR] = &ktg_kernels_scalar,
    [KETCH_KERNELS_AVX2] = &ktg_kernels_avx2,
    [KETCH_KERNELS_AVX512] = &ktg_kernels_avx512,
    [KETCH_KERNELS_NEON] = &ktg_kernels_neon,
};

const ktg_kernel_set *ktg_kernel_set_find(ketch_kernels kernels)
{
    const size_t row = (size_t)kernels;
    if (row >= sizeof tick_kernels / sizeof *tick_kernels || !tick_kernels[row])
        return NULL;
    return tick_kernels[row]->update ? tick_kernels[row] : NULL;
}
