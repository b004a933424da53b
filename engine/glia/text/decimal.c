#include "glia/text/decimal.h"

#include "numbers.h"

#include <float.h>
#include <stdbool.h>
#include <string.h>

/* ---- digits ---- */

/* The number is `digits` * 10^exponent, without its sign. word: all digits, while they are no more
 * than WORD_DIGITS. More digits than DIGITS_MOST are replaced by one that is not 0, if one of them is
 * not: the number stays on its side of all numbers that have fewer digits, such as float32 and what
 * lies in the middle between two of these. */
enum { DIGITS_MOST = 128, WORD_DIGITS = 19 };

typedef struct decimal_parts {
    bool is_negative, is_number;
    int32_t count;
    uint64_t word;
    int64_t exponent;
    uint8_t digits[DIGITS_MOST + 1];
} decimal_parts;

static bool is_decimal_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

/* Zeros before the first other digit are not kept. */
static void keep_digit(decimal_parts *parts, uint8_t digit, bool is_behind_point)
{
    parts->is_number = true;
    parts->exponent -= is_behind_point;
    if (parts->count == 0 && digit == 0)
        return;
    parts->word = 10 * parts->word + digit;
    if (parts->count < DIGITS_MOST) {
        parts->digits[parts->count++] = digit;
        return;
    }
    parts->exponent++;
    if (digit && parts->count == DIGITS_MOST) {
        parts->digits[parts->count++] = 1;
        parts->exponent--;
    }
}

static const char *read_digits(decimal_parts *parts, const char *at, const char *end)
{
    bool is_behind_point = false;
    for (;; at++) {
        if (is_decimal_digit(at, end))
            keep_digit(parts, (uint8_t)(*at - '0'), is_behind_point);
        else if (at < end && *at == '.' && !is_behind_point)
            is_behind_point = true;
        else
            return at;
    }
}

static const char *read_sign(bool *is_negative, const char *at, const char *end)
{
    *is_negative = at < end && *at == '-';
    return at + (at < end && (*at == '-' || *at == '+'));
}

/* What follows the e. */
static const char *read_exponent(decimal_parts *parts, const char *at, const char *end)
{
    bool is_negative;
    int64_t exponent = 0;
    at = read_sign(&is_negative, at, end);
    parts->is_number = is_decimal_digit(at, end);
    for (; is_decimal_digit(at, end); at++)
        exponent = KT_MIN(10 * exponent + (*at - '0'), (int64_t)UINT32_MAX);
    parts->exponent += is_negative ? -exponent : exponent;
    return at;
}

static const char *read_parts(decimal_parts *parts, const char *at, const char *end)
{
    parts->is_number = false;
    parts->count = 0;
    parts->word = 0;
    parts->exponent = 0;
    at = read_sign(&parts->is_negative, at, end);
    at = read_digits(parts, at, end);
    if (parts->is_number && at < end && (*at == 'e' || *at == 'E'))
        at = read_exponent(parts, at + 1, end);
    return at;
}

/* ---- rounding ---- */

/* The bits of the float32 nearest to (significand + s) * 2^exponent, 0 <= s < 1, where s is not 0 if
 * and only if there is a rest. The significand has its top bit set. Infinity: beyond all. */
static uint32_t round_bits(uint64_t significand, bool has_rest, int32_t exponent)
{
    enum { LEAST = -149, MOST = 104 }; /* exponents of the last of 24 bits */
    const int32_t last = KT_MAX(exponent + 40, LEAST);
    const int32_t shift = last - exponent; /* bits that are cut off */
    if (last > MOST)
        return UINT32_C(0x7f800000);
    if (shift > 64)
        return 0;
    const uint64_t kept = shift == 64 ? 0 : significand >> shift;
    const uint64_t half = UINT64_C(1) << (shift - 1);
    const uint64_t cut = significand & (half | (half - 1));
    const bool is_up = cut > half || (cut == half && (has_rest || (kept & 1)));
    /* A kept bit 23 adds 1 to the exponent field, and so does a carry out of all bits. */
    return (uint32_t)(last - LEAST) * (UINT32_C(1) << 23) + (uint32_t)kept + is_up;
}

/* A number of 64 bits that is not 0, and its rest, times 2^exponent. */
static uint32_t round_word(uint64_t word, bool has_rest, int32_t exponent)
{
    const int zeros = __builtin_clzll(word);
    return round_bits(word << zeros, has_rest, exponent - zeros);
}

/* ---- numbers that fit 128 bits, where the compiler has these ---- */

#ifdef __SIZEOF_INT128__

enum { UP_MOST = 19, DOWN_MOST = 27 };

static const uint64_t powers_of_ten[] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

static uint32_t round_wide(unsigned __int128 wide, bool has_rest, int32_t exponent)
{
    const uint64_t high = (uint64_t)(wide >> 64);
    const int zeros = high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)wide);
    wide <<= zeros;
    return round_bits((uint64_t)(wide >> 64), has_rest || (uint64_t)wide, exponent - zeros + 64);
}

/* number * 10^exponent. */
static uint32_t multiply_word(uint64_t number, int32_t exponent)
{
    return round_wide((unsigned __int128)number * powers_of_ten[exponent], false, 0);
}

/* number / 10^exponent. The quotient has at least 27 bits, and a rest decides where they do not. */
static uint32_t divide_word(uint64_t number, int32_t exponent)
{
    const int zeros = __builtin_clzll(number);
    if (exponent <= 11) {
        const uint64_t top = number << zeros, power = powers_of_ten[exponent];
        return round_wide(top / power, top % power, -zeros);
    }
    const unsigned __int128 top = (unsigned __int128)(number << zeros) << 64;
    const int32_t rest = KT_MIN(exponent, UP_MOST);
    const unsigned __int128 power =
        (unsigned __int128)powers_of_ten[rest] * powers_of_ten[exponent - rest];
    return round_wide(top / power, top % power, -zeros - 64);
}

static bool convert_word(uint32_t *bits, const decimal_parts *parts)
{
    if (parts->count > WORD_DIGITS || parts->exponent > UP_MOST || parts->exponent < -DOWN_MOST)
        return false;
    const int32_t exponent = (int32_t)parts->exponent;
    *bits =
        exponent >= 0 ? multiply_word(parts->word, exponent) : divide_word(parts->word, -exponent);
    return true;
}

#else

static bool convert_word(uint32_t *bits, const decimal_parts *parts)
{
    (void)bits;
    (void)parts;
    return false;
}

#endif

/* ---- others ---- */

/* A whole number of at most BIG_WORDS * 32 bits, its lowest word first. */
enum { BIG_WORDS = 40, QUOTIENT_BITS = 40 };

typedef struct big_number {
    uint32_t words[BIG_WORDS];
} big_number;

static void multiply_add(big_number *number, uint32_t factor, uint32_t more)
{
    uint64_t carry = more;
    for (int i = 0; i < BIG_WORDS; i++) {
        carry += (uint64_t)number->words[i] * factor;
        number->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static void multiply_by_power(big_number *number, int64_t power)
{
    for (; power > 0; power--)
        multiply_add(number, 10, 0);
}

static int bit_length(const big_number *number)
{
    int i = BIG_WORDS;
    while (i > 0 && number->words[i - 1] == 0)
        i--;
    return i ? 32 * i - __builtin_clz(number->words[i - 1]) : 0;
}

static void shift_left(big_number *number, int bits)
{
    for (; bits > 0; bits -= KT_MIN(bits, 16))
        multiply_add(number, UINT32_C(1) << KT_MIN(bits, 16), 0);
}

/* Takes `less` away where that leaves no negative number. */
static bool subtract_if_less(big_number *number, const big_number *less)
{
    big_number rest;
    uint64_t borrow = 0;
    for (int i = 0; i < BIG_WORDS; i++) {
        const uint64_t word = (uint64_t)number->words[i] - less->words[i] - borrow;
        rest.words[i] = (uint32_t)word;
        borrow = word >> 63;
    }
    if (!borrow)
        *number = rest;
    return !borrow;
}

/* above / below, by long division. They are shifted so that the quotient has QUOTIENT_BITS bits, or
 * one less. Both arguments are changed. */
static uint32_t divide_big(big_number *above, big_number *below)
{
    const int shift = bit_length(below) + QUOTIENT_BITS - 1 - bit_length(above);
    shift_left(above, KT_MAX(shift, 0));
    shift_left(below, KT_MAX(-shift, 0));
    uint64_t quotient = 0;
    shift_left(below, QUOTIENT_BITS - 1);
    for (int i = 0; i < QUOTIENT_BITS; i++) {
        quotient = 2 * quotient + subtract_if_less(above, below);
        multiply_add(above, 2, 0);
    }
    return round_word(quotient, bit_length(above) > 0, -shift);
}

/* 10^40 is beyond all float32, 10^-46 below half of the least. */
static uint32_t convert_big(const decimal_parts *parts)
{
    const int64_t first = parts->exponent + parts->count; /* the number is below 10^first */
    big_number above = {{0}}, below = {{1}};
    if (first > 40)
        return UINT32_C(0x7f800000);
    if (first < -45)
        return 0;
    for (int32_t i = 0; i < parts->count; i++)
        multiply_add(&above, 10, parts->digits[i]);
    multiply_by_power(&above, parts->exponent);
    multiply_by_power(&below, -parts->exponent);
    return divide_big(&above, &below);
}

static uint32_t convert_decimal(const decimal_parts *parts)
{
    if (parts->count == 0)
        return 0;
    uint32_t bits;
    return convert_word(&bits, parts) ? bits : convert_big(parts);
}

ktg_decimal ktg_read_decimal(float *value, const char **at, const char *end)
{
    decimal_parts parts;
    *at = read_parts(&parts, *at, end);
    uint32_t bits = parts.is_number ? convert_decimal(&parts) : 0;
    const bool is_large = bits >= UINT32_C(0x7f800000);
    bits = is_large ? UINT32_C(0x7f7fffff) : bits;
    bits |= parts.is_number && parts.is_negative ? UINT32_C(1) << 31 : 0;
    memcpy(value, &bits, sizeof *value);
    return is_large ? KTG_DECIMAL_LARGE : parts.is_number ? KTG_DECIMAL_FINE : KTG_DECIMAL_NONE;
}

/* ---- writing ---- */

static bool reads_back(const char *text, float value)
{
    float back;
    ktg_read_decimal(&back, &text, text + strlen(text));
    return memcmp(&back, &value, sizeof back) == 0;
}

kt_text ktg_decimal_text(float value, bool is_exact)
{
    enum { GLIA_DIGITS = 6 };
    kt_text out = kt_significant((double)value, GLIA_DIGITS);
    for (int digits = GLIA_DIGITS + 1;
         is_exact && !reads_back(out.text, value) && digits <= FLT_DECIMAL_DIG; digits++)
        out = kt_significant((double)value, digits);
    return out;
}
