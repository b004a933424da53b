/* The table of kernel sets. */
#include "ket/kernels/kernels.h"

#include "numbers.h"

#include <assert.h>

/* Each is defined in the file of its name: double, then single precision. */
extern const ktq_kernel_sets ktq_kernels_scalar[2], ktq_kernels_avx2[2], ktq_kernels_avx512[2],
    ktq_kernels_neon[2];

static const ktq_kernel_sets *const kernel_rows[] = {
    [KETCH_KERNELS_SCALAR] = ktq_kernels_scalar,
    [KETCH_KERNELS_AVX2] = ktq_kernels_avx2,
    [KETCH_KERNELS_AVX512] = ktq_kernels_avx512,
    [KETCH_KERNELS_NEON] = ktq_kernels_neon,
};

const ktq_kernel_set *ktq_kernel_set_get(ketch_kernels kernels, ketch_precision precision, size_t i)
{
    const size_t row = (size_t)kernels;
    if (row >= sizeof kernel_rows / sizeof *kernel_rows || !kernel_rows[row])
        return NULL;
    const ktq_kernel_sets *const found = &kernel_rows[row][precision == KETCH_SINGLE];
    return i < found->count ? &found->sets[i] : NULL;
}

const ktq_kernel_set *ktq_kernel_set_find(ketch_kernels kernels, ketch_precision precision)
{
    return ktq_kernel_set_get(kernels, precision, 0);
}

const ktq_kernel_set *ktq_kernel_set_find_for(ketch_kernels kernels, ketch_precision precision,
                                              kt_cpu_family family)
{
    const ktq_kernel_set *set;
    for (size_t i = 0; (set = ktq_kernel_set_get(kernels, precision, i)); i++)
        if (set->family == family)
            return set;
    return NULL;
}

/* log2 of the vectors that 2^bits amplitudes take. */
static int32_t vector_bits_of(const ktq_kernel_set *set, int32_t bits)
{
    return bits > set->lane_bits ? bits - set->lane_bits : 0;
}

uint64_t ktq_kernel_scratch(const ktq_kernel_set *set, int32_t tile_bits, int32_t subtile_bits)
{
    assert(tile_bits >= 0 && tile_bits < 48);
    assert(subtile_bits >= 0 && subtile_bits <= tile_bits);
    const uint64_t tile = UINT64_C(1) << vector_bits_of(set, tile_bits);
    const uint64_t buffer =
        subtile_bits < tile_bits ? UINT64_C(1) << vector_bits_of(set, subtile_bits) : 0;
    const uint64_t real = set->precision == KETCH_SINGLE ? sizeof(float) : sizeof(double);
    /* The tile, the buffer for its subtiles, and what DENSE puts behind either. */
    const uint64_t vectors = tile + buffer + KTQ_DENSE_INPUTS_MAX;
    return kt_round_line_wide(vectors * (2 * real << set->lane_bits));
}
