/* Arithmetic on float32 with one rounding an operation. All sources are compiled with contraction
 * on, so a product that is added to something is kept from the compiler first. Rows of numbers have
 * whole groups of KTG_LANES; numbers past their end are 0, and are computed like the others. */
#ifndef KTG_TRAIN_LANES_H
#define KTG_TRAIN_LANES_H

#include "glia/kernels/keep.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { KTG_LANES = 4 };

typedef float ktg_lanes __attribute__((vector_size(16)));

/* The same value, of which the compiler does not know that it is a product. */
static inline float ktg_kept(float product)
{
    KTG_KEEP(product);
    return product;
}

static inline double ktg_kept_double(double product)
{
    KTG_KEEP(product);
    return product;
}

static inline ktg_lanes ktg_kept_lanes(ktg_lanes product)
{
    KTG_KEEP(product);
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

/* ---- products with small numbers ---- */

/* Some processors take a hundred times as long for a product with a number below 2^-126. Averages that
 * only decay end there, and stay. So such numbers are multiplied as what they are, integers of
 * 2^-149: in double the product is exact, and it is rounded once, to even. */

typedef int32_t ktg_lane_bits __attribute__((vector_size(16)));
typedef double ktg_wide_lanes __attribute__((vector_size(32)));

/* In place of a sign bit and the bits below it, those of the magnitude alone. */
static inline ktg_lane_bits ktg_magnitudes(ktg_lanes x)
{
    return (ktg_lane_bits)x & INT32_MAX;
}

/* All bits of a lane where its magnitude is below 2^-125: its bits are then the integer. */
static inline ktg_lane_bits ktg_are_small(ktg_lanes x)
{
    return ktg_magnitudes(x) < 1 << 24;
}

/* Those of them that are not 0. */
static inline ktg_lane_bits ktg_find_small(ktg_lanes x)
{
    return ktg_are_small(x) & (ktg_magnitudes(x) != 0);
}

static inline bool ktg_any(ktg_lane_bits found)
{
    uint64_t halves[2];
    memcpy(halves, &found, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

/* x * factor for the small ones, whose factor is -1..1, as bits. */
static inline ktg_lane_bits ktg_multiply_small(ktg_lanes x, float factor)
{
    const double whole = 0x1p52; /* adding it leaves no bits behind the point */
    const ktg_lane_bits signs =
        ((ktg_lane_bits)x ^ (ktg_lane_bits)ktg_all_lanes(factor)) & INT32_MIN;
    const double size = factor < 0 ? -(double)factor : (double)factor;
    const ktg_wide_lanes exact = __builtin_convertvector(ktg_magnitudes(x), ktg_wide_lanes) * size;
    return __builtin_convertvector((exact + whole) - whole, ktg_lane_bits) | signs;
}

static inline ktg_lanes ktg_times(ktg_lanes x, float factor)
{
    if (!ktg_any(ktg_find_small(x)) || factor > 1 || factor < -1)
        return x * ktg_all_lanes(factor);
    const ktg_lane_bits small = ktg_are_small(x);
    const ktg_lanes others = (ktg_lanes)((ktg_lane_bits)x & ~small);
    const ktg_lanes product = others * ktg_all_lanes(factor);
    return (ktg_lanes)((ktg_multiply_small(x, factor) & small) | ((ktg_lane_bits)product & ~small));
}

/* ---- rows ---- */

/* Rows begin and end with lines of so many groups. */
enum { KTG_LINE_GROUPS = 4 };

static inline void ktg_scale_line(ktg_lanes line[KTG_LINE_GROUPS], float factor)
{
    ktg_lane_bits found = {0};
    for (int g = 0; g < KTG_LINE_GROUPS; g++)
        found |= ktg_find_small(line[g]);
    if (ktg_any(found))
        for (int g = 0; g < KTG_LINE_GROUPS; g++)
            line[g] = ktg_times(line[g], factor);
    else
        for (int g = 0; g < KTG_LINE_GROUPS; g++)
            line[g] *= ktg_all_lanes(factor);
}

/* x *= factor, in all numbers of a row. */
static inline void ktg_scale(float *x, size_t count, float factor)
{
    ktg_lanes *const groups = (ktg_lanes *)__builtin_assume_aligned(x, 64);
    for (size_t g = 0; g < ktg_groups(count); g += KTG_LINE_GROUPS)
        ktg_scale_line(groups + g, factor);
}

/* x = factor * x + y. */
static inline void ktg_scale_add(float *x, const float *y, size_t count, float factor)
{
    ktg_lanes *const to = (ktg_lanes *)__builtin_assume_aligned(x, 16);
    const ktg_lanes *const add = (const ktg_lanes *)__builtin_assume_aligned(y, 16);
    for (size_t g = 0; g < ktg_groups(count); g++)
        to[g] = ktg_kept_lanes(ktg_times(to[g], factor)) + add[g];
}

/* x += factor * y. */
static inline void ktg_add_scaled(float *x, const float *y, size_t count, float factor)
{
    ktg_lanes *const to = (ktg_lanes *)__builtin_assume_aligned(x, 16);
    const ktg_lanes *const add = (const ktg_lanes *)__builtin_assume_aligned(y, 16);
    for (size_t g = 0; g < ktg_groups(count); g++)
        to[g] += ktg_kept_lanes(ktg_times(add[g], factor));
}

#endif
