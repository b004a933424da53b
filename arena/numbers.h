/* Arithmetic on sizes and indices. */
#ifndef KT_NUMBERS_H
#define KT_NUMBERS_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

_Static_assert(FLT_EVAL_METHOD <= 0, "double has more bits in x87: -msse2 -mfpmath=sse are needed");

/* The lesser and the greater of two numbers, each of which may be evaluated twice. */
#define KT_MIN(a, b) ((a) < (b) ? (a) : (b))
#define KT_MAX(a, b) ((a) > (b) ? (a) : (b))

/* An index that names nothing. */
#define KT_NONE SIZE_MAX

/* Bytes of a cache line: data of different threads lie on different lines. */
enum { KT_LINE = 64 };

/* *product = a * b; false where it does not fit. */
static inline bool kt_mul(size_t *product, uint64_t a, uint64_t b)
{
    return !__builtin_mul_overflow(a, b, product);
}

/* *sum = a + b; false where it does not fit. */
static inline bool kt_add(size_t *sum, uint64_t a, uint64_t b)
{
    return !__builtin_add_overflow(a, b, sum);
}

/* A size or count; SIZE_MAX, which no allocator grants, where it does not fit. */
static inline size_t kt_to_size(uint64_t count)
{
    return (size_t)count == count ? (size_t)count : SIZE_MAX;
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

/* a * b, or UINT64_MAX where it does not fit. */
static inline uint64_t kt_mul_most(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/* size rounded up to whole cache lines. It must be below SIZE_MAX - KT_LINE. */
static inline size_t kt_round_line(size_t size)
{
    return (size + (KT_LINE - 1)) & ~(size_t)(KT_LINE - 1);
}

/* The same of a size that need not fit into memory. */
static inline uint64_t kt_round_line_wide(uint64_t size)
{
    return (size + (KT_LINE - 1)) & ~(uint64_t)(KT_LINE - 1);
}

#endif
