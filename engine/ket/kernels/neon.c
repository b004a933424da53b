/* NEON of AArch64: vectors of 16 bytes, 32 registers. */
#include "ket/kernels/kernels.h"

#include "ket/kernels/cost_tables.h"
#include "ket/kernels/zero.h"

#if defined(__aarch64__)
#include <arm_neon.h>

/* Turns word indices into the byte indices of a table look-up, which loops keep in a register. */
static inline __attribute__((always_inline)) uint8x16_t shuffle_neon(uint8x16_t x, uint32x4_t index)
{
    const uint32x4_t bytes = vmlaq_n_u32(vdupq_n_u32(0x03020100), index, 0x04040404);
    return vqtbl1q_u8(x, vreinterpretq_u8_u32(bytes));
}

#define KTQ_XOR_SHUFFLE(x, index) shuffle_neon((uint8x16_t)(x), (uint32x4_t)(index))
#define KTQ_PERMUTE KTQ_XOR_SHUFFLE

/* Not measured: it is taken to cost what AVX2 does for each vector. */
#define COSTS_NEON_DOUBLE(row)                                                                     \
    row(KT_FAMILY_ZEN5, ktq_costs_avx2_double_zen5) row(KT_FAMILY_ZEN4, ktq_costs_avx2_double_zen4)
#define COSTS_NEON_SINGLE(row)                                                                     \
    row(KT_FAMILY_ZEN5, ktq_costs_avx2_single_zen5) row(KT_FAMILY_ZEN4, ktq_costs_avx2_single_zen4)

#define KTQ_REAL double
#define KTQ_REGISTERS 32
#define KTQ_LANE_BITS 1
#define KTQ_K(name) name##_neon_double
#define KTQ_ID KETCH_KERNELS_NEON
#define KTQ_PRECISION KETCH_DOUBLE
#define KTQ_COSTS COSTS_NEON_DOUBLE
#include "ket/kernels/body.h"

#define KTQ_REAL float
#define KTQ_REGISTERS 32
#define KTQ_LANE_BITS 2
#define KTQ_K(name) name##_neon_single
#define KTQ_ID KETCH_KERNELS_NEON
#define KTQ_PRECISION KETCH_SINGLE
#define KTQ_COSTS COSTS_NEON_SINGLE
#include "ket/kernels/body.h"

#undef KTQ_XOR_SHUFFLE
#undef KTQ_PERMUTE

const ktq_kernel_sets ktq_kernels_neon[2] = {KTQ_KERNEL_SETS(sets_neon_double),
                                             KTQ_KERNEL_SETS(sets_neon_single)};
#else
const ktq_kernel_sets ktq_kernels_neon[2] = {{NULL, 0}, {NULL, 0}};
#endif
