#include "ket/state/read_sweep.h"

#include "ket/state/measure.h"

static kt_frame lowest_frame(int32_t bits)
{
    return (kt_frame){.positions = (UINT64_C(1) << bits) - 1, .bits = bits};
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

void kt_look_plan(kt_observer *observer, int32_t qubits, int32_t bits)
{
    observer->tile = lowest_frame(smaller(qubits, KT_CHUNK_BITS));
    observer->frame = lowest_frame(smaller(observer->tile.bits, smaller(bits, KT_PIECE_BITS)));
    observer->bin_count = 0;
    kt_observer_plan(observer);
}

kt_tiles kt_look_tiles(const kt_observer *observer, int32_t qubits)
{
    return (kt_tiles){.varying = ((UINT64_C(1) << qubits) - 1) & ~observer->tile.positions};
}

size_t kt_look_work(size_t term_count)
{
    const size_t most = (size_t)1 << (KT_CHUNK_BITS - KT_PIECE_LANES);
    const size_t sums = term_count < most ? term_count : most;
    return ((size_t)2 << KT_PIECE_BITS) + sums * KT_LANE_COUNT;
}

void kt_look_chunk(const kt_observer *observer, const kt_kernel_set *kernels,
                   const void *amplitudes, void *scratch, double *work, uint64_t chunk, double *row)
{
    const kt_observing observing = {observer, work};
    const uint64_t base = chunk << observer->tile.bits;
    kt_observing_begin(&observing);
    kernels->look(&observing, amplitudes, scratch, base);
    kt_observing_end(&observing, base, row);
}
