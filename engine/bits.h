/* Sets of small numbers as bits of a word. */
#ifndef KT_BITS_H
#define KT_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* A loop over the bits that are 1 in mask, the lowest first; bit is declared as a uint64_t. mask is
 * evaluated once. */
#define FOR_EACH_BIT(bit, mask)                                                                    \
    for (uint64_t bit##_left = (mask), bit = 0;                                                    \
         bit##_left && (bit = (uint64_t)__builtin_ctzll(bit##_left), true);                        \
         bit##_left &= bit##_left - 1)

static inline uint64_t kt_bit(uint64_t position)
{
    return UINT64_C(1) << position;
}

/* Without an instruction for it the compiler calls a function, which takes longer than to add
 * neighbouring fields in parallel (Warren, Hacker's Delight, section 5-1). */
static inline int32_t kt_bit_count(uint64_t mask)
{
#if defined(__POPCNT__) || defined(__aarch64__)
    return __builtin_popcountll(mask);
#else
    mask -= mask >> 1 & UINT64_C(0x5555555555555555);
    mask = (mask & UINT64_C(0x3333333333333333)) + (mask >> 2 & UINT64_C(0x3333333333333333));
    mask = (mask + (mask >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (int32_t)(mask * UINT64_C(0x0101010101010101) >> 56);
#endif
}

/* Whether the bits that are 1 are the lowest ones. */
static inline bool kt_is_low_mask(uint64_t mask)
{
    return !(mask & (mask + 1));
}

/* Moves the low bits of x to the positions where mask is 1, the lowest first. */
static inline uint64_t kt_deposit(uint64_t x, uint64_t mask)
{
    uint64_t out = 0;
    if (kt_is_low_mask(mask))
        return x & mask;
    for (; x && mask; mask &= mask - 1, x >>= 1)
        if (x & 1)
            out |= mask & -mask;
    return out;
}

/* Moves the bits of x at the positions where mask is 1 to the low ones: the inverse of
 * kt_deposit. */
static inline uint64_t kt_gather(uint64_t x, uint64_t mask)
{
    uint64_t out = 0;
    if (kt_is_low_mask(mask))
        return x & mask;
    FOR_EACH_BIT(position, x & mask)
        out |= kt_bit((uint64_t)kt_bit_count(mask & (kt_bit(position) - 1)));
    return out;
}

#endif
