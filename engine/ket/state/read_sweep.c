#include "ket/state/read_sweep.h"

#include "ket/state/chunks.h"
#include "numbers.h"

static ktq_frame lowest_frame(int32_t bits)
{
    return (ktq_frame){.positions = (UINT64_C(1) << bits) - 1, .bits = bits};
}

void ktq_read_sweep_prepare(ktq_tile_sums *sums, int32_t qubits, int32_t bits)
{
    sums->tile = lowest_frame(KT_MIN(qubits, KTQ_CHUNK_BITS));
    sums->frame = lowest_frame(KT_MIN(sums->tile.bits, KT_MIN(bits, KTQ_PIECE_BITS)));
    sums->bin_count = 0;
    ktq_tile_sums_prepare(sums);
}

ktq_tiles ktq_read_sweep_tiles(const ktq_tile_sums *sums, int32_t qubits)
{
    return (ktq_tiles){.varying = ((UINT64_C(1) << qubits) - 1) & ~sums->tile.positions};
}

size_t ktq_read_sweep_work(size_t term_count)
{
    const size_t most = (size_t)1 << (KTQ_CHUNK_BITS - KTQ_SUM_LANE_BITS);
    const size_t sums = KT_MIN(term_count, most);
    return ((size_t)2 << KTQ_PIECE_BITS) + sums * KTQ_SUM_LANES;
}

void ktq_read_sweep_chunk(const ktq_tile_sums *sums, const ktq_kernel_set *kernels,
                          const void *amplitudes, void *scratch, double *work, uint64_t chunk,
                          double *row)
{
    const ktq_tile_sums_worker worker_sums = {sums, work};
    const uint64_t base = chunk << sums->tile.bits;
    ktq_tile_sums_begin(&worker_sums);
    kernels->sum_tile(&worker_sums, amplitudes, scratch, base);
    ktq_tile_sums_end(&worker_sums, base, row);
}
