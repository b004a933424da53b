/* Arithmetic on sizes and indices. */
#ifndef KT_NUMBERS_H
#define KT_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

_Static_assert(sizeof(size_t) == 8, "ketch is for 64-bit targets only");

/* The lesser and the greater of two numbers, each of which may be evaluated twice. */
#define KT_MIN(a, b) ((a) < (b) ? (a) : (b))
#define KT_MAX(a, b) ((a) > (b) ? (a) : (b))

/* An index that names nothing. */
#define KT_NONE SIZE_MAX

/* Bytes of a cache line: data of different threads lie on different lines. */
enum { KT_LINE = 64 };

/* *product = a * b; false where it does not fit. */
static inline bool kt_mul(size_t *product, size_t a, size_t b)
{
    return !__builtin_mul_overflow(a, b, product);
}

/* *sum = a + b; false where it does not fit. */
static inline bool kt_add(size_t *sum, size_t a, size_t b)
{
    return !__builtin_add_overflow(a, b, sum);
}

/* a + b, or UINT64_MAX where it does not fit; a - b, or 0 where b is greater. */
static inline uint64_t kt_add_most(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static inline uint64_t kt_subtract_least(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* size rounded up to whole cache lines. It must be below SIZE_MAX - KT_LINE. */
static inline size_t kt_round_line(size_t size)
{
    return (size + (KT_LINE - 1)) & ~(size_t)(KT_LINE - 1);
}

#endif
