/* NEON of AArch64: vectors of 16 bytes. */
#include "glia/kernels/chosen.h"
#include "keep.h"
#include "glia/kernels/kernels.h"

#include <stddef.h>

#if defined(__aarch64__)
#include <arm_neon.h>

static inline __attribute__((always_inline)) uint32_t bits_neon(uint32x4_t x)
{
    const uint32x4_t bit = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(x, bit));
}

#define KTG_LANES 4
#define KTG_K(name) name##_ticks_neon
#define KTG_BITS(x) bits_neon((uint32x4_t)(x))
#include "glia/kernels/body_vectors.h"
#include "glia/kernels/body.h"

const ktg_kernel_set ktg_kernels_neon = KTG_KERNEL_SET(neon, 4, KETCH_KERNELS_NEON);
#else
const ktg_kernel_set ktg_kernels_neon = {.id = KETCH_KERNELS_NEON};
#endif
