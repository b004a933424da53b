#include "ket/state/read_sweep.h"

#include "ket/state/chunks.h"

static ktq_frame lowest_frame(int32_t bits)
{
    return (ktq_frame){.positions = (UINT64_C(1) << bits) - 1, .bits = bits};
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

void ktq_look_plan(ktq_tile_sums *observer, int32_t qubits, int32_t bits)
{
    observer->tile = lowest_frame(smaller(qubits, KTQ_CHUNK_BITS));
    observer->frame = lowest_frame(smaller(observer->tile.bits, smaller(bits, KTQ_PIECE_BITS)));
    observer->bin_count = 0;
    ktq_tile_sums_prepare(observer);
}

ktq_tiles ktq_look_tiles(const ktq_tile_sums *observer, int32_t qubits)
{
    return (ktq_tiles){.varying = ((UINT64_C(1) << qubits) - 1) & ~observer->tile.positions};
}

size_t ktq_look_work(size_t term_count)
{
    const size_t most = (size_t)1 << (KTQ_CHUNK_BITS - KTQ_SUM_LANE_BITS);
    const size_t sums = term_count < most ? term_count : most;
    return ((size_t)2 << KTQ_PIECE_BITS) + sums * KTQ_SUM_LANES;
}

void ktq_look_chunk(const ktq_tile_sums *observer, const ktq_kernel_set *kernels,
                    const void *amplitudes, void *scratch, double *work, uint64_t chunk,
                    double *row)
{
    const ktq_tile_sums_worker observing = {observer, work};
    const uint64_t base = chunk << observer->tile.bits;
    ktq_tile_sums_begin(&observing);
    kernels->sum_tile(&observing, amplitudes, scratch, base);
    ktq_tile_sums_end(&observing, base, row);
}
