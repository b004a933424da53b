/* Zeros, also past the caches: for memory that is written before it is read, and too large to stay
 * in them until then. Lines need not be fetched for that. */
#ifndef KTQ_KERNELS_ZERO_H
#define KTQ_KERNELS_ZERO_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* past: past the caches, which ktq_non_temporal_end ends. */
static inline void ktq_zero(void *memory, size_t size, bool past)
{
#if defined(__SSE2__)
    if (past && ((uintptr_t)memory | size) % 64 == 0) {
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
    (void)past;
    memset(memory, 0, size);
}

/* Before another thread reads it. */
static inline void ktq_non_temporal_end(void)
{
#if defined(__SSE2__)
    _mm_sfence();
#endif
}

#endif
