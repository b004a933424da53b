/* Arithmetic on float32 with one rounding an operation. All sources are compiled with contraction
 * on, so a product that is added to something is kept from the compiler first. Rows of numbers have
 * whole groups of KTG_LANES; numbers past their end are 0, and are computed like the others. */
#ifndef KTG_TRAIN_LANES_H
#define KTG_TRAIN_LANES_H

#include <stddef.h>
#include <stdint.h>

enum { KTG_LANES = 4 };

typedef float ktg_lanes __attribute__((vector_size(16)));

/* The same value, of which the compiler does not know that it is a product. */
static inline float ktg_kept(float product)
{
#if defined __x86_64__
    __asm__("" : "+x"(product));
#elif defined __aarch64__
    __asm__("" : "+w"(product));
#else
    volatile float stored = product;
    product = stored;
#endif
    return product;
}

static inline double ktg_kept_double(double product)
{
#if defined __x86_64__
    __asm__("" : "+x"(product));
#elif defined __aarch64__
    __asm__("" : "+w"(product));
#else
    volatile double stored = product;
    product = stored;
#endif
    return product;
}

static inline ktg_lanes ktg_kept_lanes(ktg_lanes product)
{
#if defined __x86_64__
    __asm__("" : "+x"(product));
#elif defined __aarch64__
    __asm__("" : "+w"(product));
#else
    volatile ktg_lanes stored = product;
    product = stored;
#endif
    return product;
}

/* How many groups hold that many numbers. */
static inline size_t ktg_groups(size_t count)
{
    return (count + KTG_LANES - 1) / KTG_LANES;
}

static inline ktg_lanes ktg_all_lanes(float x)
{
    return (ktg_lanes){x, x, x, x};
}

/* x *= factor, in all numbers of a row. */
static inline void ktg_scale(float *x, size_t count, float factor)
{
    ktg_lanes *const groups = (ktg_lanes *)__builtin_assume_aligned(x, 16);
    const ktg_lanes factors = ktg_all_lanes(factor);
    for (size_t g = 0; g < ktg_groups(count); g++)
        groups[g] *= factors;
}

/* x = factor * x + y. */
static inline void ktg_scale_add(float *x, const float *y, size_t count, float factor)
{
    ktg_lanes *const to = (ktg_lanes *)__builtin_assume_aligned(x, 16);
    const ktg_lanes *const add = (const ktg_lanes *)__builtin_assume_aligned(y, 16);
    const ktg_lanes factors = ktg_all_lanes(factor);
    for (size_t g = 0; g < ktg_groups(count); g++)
        to[g] = ktg_kept_lanes(to[g] * factors) + add[g];
}

#endif
