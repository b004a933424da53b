/* Products of two numbers of 64 bits. */
#ifndef KT_WIDE_H
#define KT_WIDE_H

#include <assert.h>
#include <stdint.h>

/* high * 2^64 + low. */
typedef struct kt_wide {
    uint64_t high, low;
} kt_wide;

#ifdef __SIZEOF_INT128__

static inline kt_wide kt_multiply(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 product;
    const product made = (product)a * b;
    return (kt_wide){(uint64_t)(made >> 64), (uint64_t)made};
}

/* floor(a / b), which must fit: a.high < b. */
static inline uint64_t kt_divide(kt_wide a, uint64_t b)
{
    __extension__ typedef unsigned __int128 product;
    assert(a.high < b);
    return (uint64_t)(((product)a.high << 64 | a.low) / b);
}

#else

/* Machines of 32 bits: by halves, and bit by bit. */
static inline kt_wide kt_multiply(uint64_t a, uint64_t b)
{
    const uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    const uint64_t low = al * bl, first = ah * bl + (low >> 32), second = al * bh + (uint32_t)first;
    return (kt_wide){ah * bh + (first >> 32) + (second >> 32), second << 32 | (uint32_t)low};
}

static inline uint64_t kt_divide(kt_wide a, uint64_t b)
{
    assert(a.high < b);
    uint64_t rest = a.high, quotient = 0;
    for (int bit = 63; bit >= 0; bit--) {
        const uint64_t carry = rest >> 63;
        rest = rest << 1 | (a.low >> bit & 1);
        quotient <<= 1;
        if (carry || rest >= b) {
            rest -= b;
            quotient |= 1;
        }
    }
    return quotient;
}

#endif

#endif
