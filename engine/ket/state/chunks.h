/* Amplitudes in chunks of a fixed size: the unit of sweeps over a state, so that sums do not depend
 * on the number of threads. */
#ifndef KTQ_STATE_CHUNKS_H
#define KTQ_STATE_CHUNKS_H

#include "ketch/circuits.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

/* A chunk holds 2^KTQ_CHUNK_BITS amplitudes, or the whole state where that has fewer. */
enum { KTQ_CHUNK_BITS = 14 };

typedef struct ktq_chunks {
    const void *amplitudes;
    int32_t qubits;
    ketch_precision precision;
} ktq_chunks;

/* Bits of an amplitude's index inside its chunk. */
static inline int32_t ktq_chunk_bits(int32_t qubits)
{
    return qubits < KTQ_CHUNK_BITS ? qubits : KTQ_CHUNK_BITS;
}

static inline uint64_t ktq_chunk_count(int32_t qubits)
{
    return UINT64_C(1) << (qubits - ktq_chunk_bits(qubits));
}

/* One real number of interleaved amplitudes: part 2 i is the real part of amplitude i. */
static inline double ktq_part_read(const void *amplitudes, ketch_precision precision, uint64_t part)
{
    return precision == KETCH_SINGLE ? (double)((const float *)amplitudes)[part]
                                     : ((const double *)amplitudes)[part];
}

/* ---- one chunk, read in groups of amplitudes ---- */

/* The amplitudes of a group are added up independently of each other, which hides the latency of
 * additions, and conditions on the lowest three bits of an index select lanes of a group. The order
 * of additions depends on the index alone. */
enum { KTQ_GROUP_BITS = 3, KTQ_GROUP = 1 << KTQ_GROUP_BITS };

/* An amplitude: real and imaginary part. */
typedef double ktq_pair __attribute__((vector_size(16)));
typedef float ktq_pair_single __attribute__((vector_size(8)));

/* base: index of the first amplitude. A state smaller than a group is padded with zeros, in
 * padded. */
typedef struct ktq_chunk_view {
    const char *data;
    uint64_t base;
    uint64_t groups;
    char padded[KTQ_GROUP * sizeof(ktq_pair)];
} ktq_chunk_view;

/* Amplitude number index of memory in either precision. */
typedef ktq_pair ktq_load(const void *data, uint64_t index);

static inline ktq_pair ktq_load_double(const void *data, uint64_t index)
{
    ktq_pair value;
    memcpy(&value, (const char *)data + index * sizeof value, sizeof value);
    return value;
}

static inline ktq_pair ktq_load_single(const void *data, uint64_t index)
{
    ktq_pair_single value;
    memcpy(&value, (const char *)data + index * sizeof value, sizeof value);
    return __builtin_convertvector(value, ktq_pair);
}

static inline void ktq_chunk_open(ktq_chunk_view *view, const ktq_chunks *chunks, uint64_t chunk)
{
    assert(chunk < ktq_chunk_count(chunks->qubits));
    const size_t size =
        chunks->precision == KETCH_SINGLE ? sizeof(ktq_pair_single) : sizeof(ktq_pair);
    const int32_t bits = ktq_chunk_bits(chunks->qubits);
    view->base = chunk << bits;
    view->data = (const char *)chunks->amplitudes + view->base * size;
    view->groups = (UINT64_C(1) << bits) >> KTQ_GROUP_BITS;
    if (bits >= KTQ_GROUP_BITS)
        return;
    memset(view->padded, 0, sizeof view->padded);
    memcpy(view->padded, view->data, size << bits);
    view->data = view->padded;
    view->groups = 1;
}

#endif
