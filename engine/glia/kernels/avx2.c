/* AVX2: vectors of 32 bytes. */
#include "glia/kernels/chosen.h"
#include "keep.h"
#include "glia/kernels/kernels.h"

#include <stddef.h>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,popcnt")
#endif

#define KTG_LANES 8
#define KTG_K(name) name##_ticks_avx2
#define KTG_BITS(x) ((uint32_t)_mm256_movemask_ps((__m256)(x)))
#define KTG_FUSED(a, b, c) _mm256_fmadd_ps((a), (b), (c))
/* The lowest bit of each flag, in all bits. */
#define KTG_FLAGS(fired, source)                                                                   \
    ((VW)_mm256_srai_epi32(                                                                        \
        _mm256_slli_epi32(_mm256_i32gather_epi32((const int32_t *)(const void *)(fired),           \
                                                 *(const __m256i_u *)(source), 1),                 \
                          31),                                                                     \
        31))
#include "glia/kernels/body_vectors.h"
#include "glia/kernels/body.h"

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

const ktg_kernel_set ktg_kernels_avx2 = KTG_KERNEL_SET(avx2, 8, KETCH_KERNELS_AVX2);
#else
const ktg_kernel_set ktg_kernels_avx2 = {.id = KETCH_KERNELS_AVX2};
#endif
