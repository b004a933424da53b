/* AVX-512 (F, DQ, BW, VL): vectors of 64 bytes. */
#include "keep.h"
#include "glia/kernels/kernels.h"

#include <stddef.h>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,popcnt"))),                 \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,popcnt")
#endif

/* Without optimization, gathers and scatters are macros, which convert masks to another sign. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"

/* 0x20 is the class of numbers below 2^-126. */
static inline __attribute__((always_inline)) uint32_t find_small_avx512(__m512 x)
{
    return _mm512_fpclass_ps_mask(x, 0x20);
}

#define KTG_LANES 16
#define KTG_K(name) name##_ticks_avx512
#define KTG_BITS(x) ((uint32_t)_mm512_movepi32_mask((__m512i)(x)))
#define KTG_FUSED(a, b, c) _mm512_fmadd_ps((a), (b), (c))
#define KTG_SMALL find_small_avx512
#include "glia/kernels/body_vectors.h"

/* A block is a vector. 0 is the first operand of the maximum, so that -0 and NaN stay. */
static inline __attribute__((always_inline)) uint32_t
update_avx512(const ktg_update *u, uint32_t at, uint32_t count, const bool has_small)
{
    const __m512 zero = _mm512_setzero_ps();
    __m512 next = multiply_ticks_avx512(_mm512_load_ps(u->value + at), _mm512_load_ps(u->leak + at),
                                        has_small);
    next = _mm512_max_ps(zero, next + _mm512_load_ps(u->delta + at));
    const __mmask16 fires = _mm512_cmp_ps_mask(next, _mm512_load_ps(u->threshold + at), _CMP_GT_OQ);
    _mm512_store_ps(u->delta + at, zero);
    _mm512_store_ps(u->value + at,
                    _mm512_mask_blend_ps(fires, next, _mm512_load_ps(u->resting + at)));
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) +
                          _mm512_set1_epi32((int32_t)at);
    _mm512_storeu_si512(u->fired + count, _mm512_maskz_compress_epi32(fires, lanes));
    return count + (uint32_t)_mm_popcnt_u32(fires);
}

static inline __attribute__((always_inline)) void
gather_posts_avx512(float *trace, const float *post, const uint32_t *target, uint32_t count)
{
    const __m512 zero = _mm512_setzero_ps();
    for (uint32_t s = 0; s < count; s += 16) {
        const uint32_t left = count - s;
        const __mmask16 lanes = left < 16 ? (__mmask16)((1U << left) - 1) : UINT16_MAX;
        const __m512i at = _mm512_maskz_loadu_epi32(lanes, target + s);
        const __m512 posts = _mm512_mask_i32gather_ps(zero, lanes, at, post, 4);
        const __m512 sum = _mm512_maskz_loadu_ps(lanes, trace + s) + posts;
        _mm512_mask_storeu_ps(trace + s, lanes, sum);
    }
}

/* Sums of later and earlier targets are addressed from the same place. */
static inline __attribute__((always_inline)) void scatter_row_avx512(const ktg_delivery *d,
                                                                     uint32_t source)
{
    const __m512i from = _mm512_set1_epi32((int32_t)source),
                  later = _mm512_set1_epi32((int32_t)(d->later - d->earlier));
    for (uint32_t s = d->begin[source], end = d->end[source]; s < end; s += 16) {
        const uint32_t left = end - s;
        const __mmask16 lanes = left < 16 ? (__mmask16)((1U << left) - 1) : UINT16_MAX;
        const __m512i target = _mm512_maskz_loadu_epi32(lanes, d->target + s);
        const __mmask16 is_later = _mm512_cmpgt_epi32_mask(target, from);
        const __m512i at = _mm512_mask_add_epi32(target, is_later, target, later);
        const __m512 weight = _mm512_maskz_loadu_ps(lanes, d->weight + s);
        const __m512 sum = _mm512_mask_i32gather_ps(weight, lanes, at, d->earlier, 4) + weight;
        _mm512_mask_i32scatter_ps(d->earlier, lanes, at, sum, 4);
    }
}

/* Where it was measured, on Intel's processors, it is faster than lane by lane. */
#define KTG_HAS_SCATTER __builtin_cpu_is("intel")
#define KTG_SCATTER_ROW scatter_row_avx512
#define KTG_UPDATE update_avx512
#define KTG_FLAGS(fired, source)                                                                   \
    ((VW)_mm512_srai_epi32(                                                                        \
        _mm512_slli_epi32(_mm512_i32gather_epi32(_mm512_loadu_si512(source), (fired), 1), 31),     \
        31))
#define KTG_GATHER_POSTS gather_posts_avx512
/* A row is a vector. */
#define KTG_SPREAD(lanes, v) ((VW)_mm512_movm_epi32((__mmask16)(lanes)))
#define KTG_PICK(x, lanes, v) ((V)_mm512_maskz_mov_ps((__mmask16)(lanes), (__m512)(x)))
#define KTG_ADD_LANES(sum, x, lanes, v)                                                            \
    ((V)_mm512_mask_add_ps((__m512)(sum), (__mmask16)(lanes), (__m512)(sum), (__m512)(x)))
#include "glia/kernels/body.h"

#pragma GCC diagnostic pop
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

const ktg_kernel_set ktg_kernels_avx512 = KTG_KERNEL_SET(avx512, 16, KETCH_KERNELS_AVX512);
#else
const ktg_kernel_set ktg_kernels_avx512 = {.id = KETCH_KERNELS_AVX512};
#endif
