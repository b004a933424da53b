#include "ket/kernels/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")
#endif

#define KTQ_XOR_SHUFFLE(x, index) _mm512_permutexvar_epi32((__m512i)(index), (__m512i)(x))
#define KTQ_PERMUTE KTQ_XOR_SHUFFLE
#define KTQ_STREAM_STORE(to, x) _mm512_stream_si512((void *)(to), (__m512i)(x))

#define KTQ_PERMUTE_TWO(a, b, index) _mm512_permutex2var_pd(a, (__m512i)(index), b)
#define KTQ_REAL double
#define KTQ_REGISTERS 32
#define KTQ_LANE_BITS 3
#define KTQ_K(name) name##_avx512_double
#define KTQ_ID KETCH_KERNELS_AVX512
#define KTQ_PRECISION KETCH_DOUBLE
#include "ket/kernels/body.h"

#define KTQ_PERMUTE_TWO(a, b, index) _mm512_permutex2var_ps(a, (__m512i)(index), b)
#define KTQ_REAL float
#define KTQ_REGISTERS 32
#define KTQ_LANE_BITS 4
#define KTQ_K(name) name##_avx512_single
#define KTQ_ID KETCH_KERNELS_AVX512
#define KTQ_PRECISION KETCH_SINGLE
#include "ket/kernels/body.h"

#undef KTQ_XOR_SHUFFLE
#undef KTQ_PERMUTE
#undef KTQ_STREAM_STORE

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

const ktq_kernel_set *ktq_kernels_avx512(ketch_precision precision)
{
    return precision == KETCH_SINGLE ? &set_avx512_single : &set_avx512_double;
}
#else
const ktq_kernel_set *ktq_kernels_avx512(ketch_precision precision)
{
    (void)precision;
    return NULL;
}
#endif
