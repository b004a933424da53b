/* AVX2 with fused multiply-add: vectors of 32 bytes, 16 registers. */
#include "ket/kernels/kernels.h"

#include "ket/kernels/cost_tables.h"
#include "ket/kernels/zero.h"

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

/* Shuffles within the halves, then across them if the index demands it. On several machines that is
 * faster than one shuffle of eight words, and the branch goes the same way all through a tile. */
static inline __attribute__((always_inline)) __m256 shuffle_avx2(__m256 x, __m256i index)
{
    x = _mm256_permutevar_ps(x, index);
    if (_mm256_extract_epi32(index, 0) & 4)
        x = _mm256_permute2f128_ps(x, x, 1);
    return x;
}

#define KTQ_XOR_SHUFFLE(x, index) shuffle_avx2((__m256)(x), (__m256i)(index))
#define KTQ_STREAM_STORE(to, x) _mm256_stream_si256((void *)(to), (__m256i)(x))
#define KTQ_PERMUTE(x, index) _mm256_permutevar8x32_ps((__m256)(x), (__m256i)(index))

#define KTQ_REAL double
#define KTQ_LANE_BITS 2
#define KTQ_K(name) name##_avx2_double
#define KTQ_ID KETCH_KERNELS_AVX2
#define KTQ_PRECISION KETCH_DOUBLE
#define KTQ_COSTS KTQ_COSTS_AVX2_DOUBLE
#include "ket/kernels/body.h"

#define KTQ_REAL float
#define KTQ_LANE_BITS 3
#define KTQ_K(name) name##_avx2_single
#define KTQ_ID KETCH_KERNELS_AVX2
#define KTQ_PRECISION KETCH_SINGLE
#define KTQ_COSTS KTQ_COSTS_AVX2_SINGLE
#include "ket/kernels/body.h"

#undef KTQ_XOR_SHUFFLE
#undef KTQ_PERMUTE
#undef KTQ_STREAM_STORE

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

const ktq_kernel_sets ktq_kernels_avx2[2] = {KTQ_KERNEL_SETS(sets_avx2_double),
                                             KTQ_KERNEL_SETS(sets_avx2_single)};
#else
const ktq_kernel_sets ktq_kernels_avx2[2] = {{NULL, 0}, {NULL, 0}};
#endif
