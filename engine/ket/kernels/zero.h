/* Filling memory with zeros, with stores that bypass the caches if asked for: for memory that is
 * too large to stay in the caches until it is read. Such stores need not fetch the lines they
 * write. */
#ifndef KTQ_KERNELS_ZERO_H
#define KTQ_KERNELS_ZERO_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* non_temporal: bypass the caches, where memory and size are multiples of 64 and the machine can.
 * ktq_non_temporal_end must follow before another thread reads the memory. */
static inline void ktq_zero(void *memory, uint64_t size, bool non_temporal)
{
#if defined(__SSE2__)
    if (non_temporal && ((uintptr_t)memory | size) % 64 == 0) {
        const __m128i zero = _mm_setzero_si128();
        for (__m128i *to = memory, *end = to + size / sizeof zero; to < end; to += 4) {
            _mm_stream_si128(to, zero);
            _mm_stream_si128(to + 1, zero);
            _mm_stream_si128(to + 2, zero);
            _mm_stream_si128(to + 3, zero);
        }
        return;
    }
#endif
    (void)non_temporal;
    memset(memory, 0, (size_t)size);
}

/* Orders non-temporal stores before all later stores. */
static inline void ktq_non_temporal_end(void)
{
#if defined(__SSE2__)
    _mm_sfence();
#endif
}

#endif
