/* Philox 4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC
 * 2011. Constants from its table 2 and the Random123 distribution. */
#define _GNU_SOURCE
#include "random.h"
#include "wide.h"

#include <math.h>

/* A stream that no other use has: those of ketch_random_stream begin at 2^63, the rest end at
 * 2^48. */
static const uint64_t split_stream = UINT64_C(1) << 62;

/* Inlined where it is used: a call through memory takes half as long again. */
static inline __attribute__((always_inline)) void philox(uint32_t x[4], uint32_t key0,
                                                         uint32_t key1)
{
    for (int i = 0; i < 10; i++) {
        const uint64_t a = (uint64_t)0xD2511F53u * x[0];
        const uint64_t b = (uint64_t)0xCD9E8D57u * x[2];
        x[0] = (uint32_t)(b >> 32) ^ x[1] ^ key0;
        x[1] = (uint32_t)b;
        x[2] = (uint32_t)(a >> 32) ^ x[3] ^ key1;
        x[3] = (uint32_t)a;
        key0 += 0x9E3779B9u; /* golden ratio */
        key1 += 0xBB67AE85u; /* sqrt(3) - 1 */
    }
}

void kt_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t x[4] = {counter[0], counter[1], counter[2], counter[3]};
    philox(x, key[0], key[1]);
    for (int i = 0; i < 4; i++)
        out[i] = x[i];
}

/* ---- one draw ---- */

typedef struct word_pair {
    uint64_t first, second;
} word_pair;

/* The counter is (draw, stream), low words first. */
static word_pair draw_at(uint64_t seed, uint64_t stream, uint64_t draw)
{
    uint32_t x[4] = {(uint32_t)draw, (uint32_t)(draw >> 32), (uint32_t)stream,
                     (uint32_t)(stream >> 32)};
    philox(x, (uint32_t)seed, (uint32_t)(seed >> 32));
    return (word_pair){(uint64_t)x[1] << 32 | x[0], (uint64_t)x[3] << 32 | x[2]};
}

static word_pair next_draw(ketch_random *random)
{
    return draw_at(random->seed, random->stream, random->draw++);
}

/* In [0, 1). */
static double unit_of(uint64_t word)
{
    return (double)(word >> 11) * 0x1p-53;
}

double kt_uniform(uint64_t seed, uint64_t stream, uint64_t draw)
{
    return unit_of(draw_at(seed, stream, draw).first);
}

/* ---- streams and seeds ---- */

uint64_t ketch_random_stream(uint32_t id, uint32_t purpose, uint32_t index)
{
    return UINT64_C(1) << 63 | (uint64_t)(id & 0x7fff) << 48 | (uint64_t)(purpose & 0xffff) << 32 |
           index;
}

/* A bijection of 64-bit numbers that mixes all bits: the end of SplitMix64 (Steele, Lea, Flood,
 * OOPSLA 2014). */
static uint64_t mix_bits(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

uint64_t ketch_random_split(uint64_t seed, uint64_t index)
{
    const word_pair of_seed = draw_at(seed, split_stream, 0);
    return mix_bits(index + of_seed.first) ^ of_seed.second;
}

/* ---- numbers ---- */

void ketch_random_words(ketch_random *random, uint64_t *words, uint64_t count)
{
    for (uint64_t i = 0; i < count; i += 2) {
        const word_pair pair = random ? next_draw(random) : (word_pair){0, 0};
        words[i] = pair.first;
        if (i + 1 < count)
            words[i + 1] = pair.second;
    }
}

double ketch_random_uniform(ketch_random *random)
{
    return random ? unit_of(next_draw(random).first) : 0;
}

/* word * bound / 2^64 takes each value for 2^64 / bound words, and some values for one word more.
 * The product's low half tells such a word, which is rejected and drawn again. */
uint64_t ketch_random_below(ketch_random *random, uint64_t bound)
{
    if (!random)
        return 0;
    kt_wide scaled = kt_multiply(next_draw(random).first, bound);
    if (scaled.low < bound) {
        const uint64_t excess = -bound % bound;
        while (scaled.low < excess)
            scaled = kt_multiply(next_draw(random).first, bound);
    }
    return scaled.high;
}

double ketch_random_normal(ketch_random *random)
{
    if (!random)
        return 0;
    const word_pair pair = next_draw(random);
    const double above_zero = (double)((pair.first >> 11) + 1) * 0x1p-53;
    return sqrt(-2 * log(above_zero)) * cos(2 * M_PI * unit_of(pair.second));
}

void ketch_random_fill(ketch_random *random, double *numbers, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        numbers[i] = ketch_random_uniform(random);
}
