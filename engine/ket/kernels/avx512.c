/* AVX-512 (F, DQ, BW, VL): vectors of 64 bytes, 32 registers. */
#include "ket/kernels/kernels.h"

#include "ket/kernels/cost_tables.h"
#include "ket/kernels/zero.h"

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>

/* Its machines have a second-level cache of 1 MiB or more: tiles of 1 MiB, or of 512 KiB without
 * subtiles, if there are enough of them for many threads. A state that is one tile is as fast
 * without subtiles. */
static const ktq_tile_sizes tile_sizes_avx512[] = {
    {.state_min = 24, .state_max = 63, .tile = 20, .subtile = 15},
    {.state_min = 24, .state_max = 63, .tile = 19, .subtile = 19},
    {.state_min = 0, .state_max = 18, .tile = 18, .subtile = 18},
    {.state_min = 19, .state_max = 23, .tile = 18, .subtile = 15},
    {.state_min = 22, .state_max = 23, .tile = 18, .subtile = 18},
};

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
#define KTQ_COSTS KTQ_COSTS_AVX512_DOUBLE
#define KTQ_TILE_SIZES tile_sizes_avx512
#include "ket/kernels/body.h"

#define KTQ_PERMUTE_TWO(a, b, index) _mm512_permutex2var_ps(a, (__m512i)(index), b)
#define KTQ_REAL float
#define KTQ_REGISTERS 32
#define KTQ_LANE_BITS 4
#define KTQ_K(name) name##_avx512_single
#define KTQ_ID KETCH_KERNELS_AVX512
#define KTQ_PRECISION KETCH_SINGLE
#define KTQ_COSTS KTQ_COSTS_AVX512_SINGLE
#define KTQ_TILE_SIZES tile_sizes_avx512
#include "ket/kernels/body.h"

#undef KTQ_XOR_SHUFFLE
#undef KTQ_PERMUTE
#undef KTQ_STREAM_STORE

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

const ktq_kernel_sets ktq_kernels_avx512[2] = {KTQ_KERNEL_SETS(sets_avx512_double),
                                               KTQ_KERNEL_SETS(sets_avx512_single)};
#else
const ktq_kernel_sets ktq_kernels_avx512[2] = {{NULL, 0}, {NULL, 0}};
#endif
