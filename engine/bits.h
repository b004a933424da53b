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

static inline int32_t kt_bit_count(uint64_t mask)
{
    return __builtin_popcountll(mask);
}

/* Moves the low bits of x to the positions where mask is 1, the lowest first. */
static inline uint64_t kt_deposit(uint64_t x, uint64_t mask)
{
    uint64_t out = 0;
    for (; mask; mask &= mask - 1, x >>= 1)
        if (x & 1)
            out |= mask & -mask;
    return out;
}

/* Moves the bits of x at the positions where mask is 1 to the low ones: the inverse of
 * kt_deposit. */
static inline uint64_t kt_gather(uint64_t x, uint64_t mask)
{
    uint64_t out = 0;
    for (uint64_t bit = 1; mask; mask &= mask - 1, bit <<= 1)
        if (x & mask & -mask)
            out |= bit;
    return out;
}

#endif
