#include "ket/kernels/kernels.h"

#include <assert.h>

typedef const ktq_kernel_set *kernel_row(ketch_precision precision);

static kernel_row *const kernel_rows[] = {
    [KETCH_KERNELS_SCALAR] = ktq_kernels_scalar,
    [KETCH_KERNELS_AVX2] = ktq_kernels_avx2,
    [KETCH_KERNELS_AVX512] = ktq_kernels_avx512,
    [KETCH_KERNELS_NEON] = ktq_kernels_neon,
};

const ktq_kernel_set *ktq_kernel_set_find(ketch_kernels kernels, ketch_precision precision)
{
    const size_t row = (size_t)kernels;
    if (row >= sizeof kernel_rows / sizeof *kernel_rows || !kernel_rows[row])
        return NULL;
    return kernel_rows[row](precision);
}

/* log2 of the blocks that so many amplitudes take. */
static int32_t block_bits(const ktq_kernel_set *set, int32_t bits)
{
    return bits > set->lane_bits ? bits - set->lane_bits : 0;
}

uint64_t ktq_kernel_scratch(const ktq_kernel_set *set, int32_t tile_bits, int32_t subtile_bits)
{
    assert(tile_bits >= 0 && tile_bits < 48);
    const uint64_t tile = UINT64_C(1) << block_bits(set, tile_bits);
    const uint64_t buffer =
        subtile_bits < tile_bits ? UINT64_C(1) << block_bits(set, subtile_bits) : 0;
    const uint64_t real = set->precision == KETCH_SINGLE ? sizeof(float) : sizeof(double);
    /* The tile, the buffer for its sub-tiles, and what DENSE puts behind either. */
    const uint64_t blocks = tile + buffer + KTQ_DENSE_INPUTS_MAX;
    return (blocks * (2 * real << set->lane_bits) + 63) & ~UINT64_C(63);
}
