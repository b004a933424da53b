/* Random numbers inside: the block cipher behind them, and single numbers by their place. */
#ifndef KT_RANDOM_H
#define KT_RANDOM_H

#include "ketch.h"

#include <stdint.h>

#ifndef KETCH_CORE_H /* until that header has them */

/* Counter-based: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011). The seed is the key; stream
 * and draw are the counter, so that any number can be had at any time by any thread. Every function
 * below takes its numbers from draw on and moves it. NULL gives zeros. Streams below 2^48 are
 * circuits'; others come from ketch_random_stream. */
typedef struct ketch_random {
    uint64_t seed;
    uint64_t stream;
    uint64_t draw;
} ketch_random;

/* A stream for 15 bits of workload or user id, 16 bits of purpose and 32 bits of index; higher bits
 * are cut off. */
uint64_t ketch_random_stream(uint32_t id, uint32_t purpose, uint32_t index);
/* A seed of its own for each index, where one index of a stream is not enough. Different indices
 * give different seeds. */
uint64_t ketch_random_split(uint64_t seed, uint64_t index);
/* count words of 64 bits; two a draw. */
void ketch_random_words(ketch_random *random, uint64_t *words, uint64_t count);
/* Uniform in [0, 1), a multiple of 2^-53; one draw. */
double ketch_random_uniform(ketch_random *random);
/* Uniform in 0..bound-1 without bias (Lemire, ACM TOMACS 29, 2019); one draw or, rarely, more.
 * bound 0: 0. */
uint64_t ketch_random_below(ketch_random *random, uint64_t bound);
/* Normal with mean 0 and variance 1 (Box and Muller, 1958: of the pair, the one with the cosine);
 * one draw. At most 8.6 in size. */
double ketch_random_normal(ketch_random *random);
/* count numbers as ketch_random_uniform gives them. */
void ketch_random_fill(ketch_random *random, double *numbers, uint64_t count);

#endif

void kt_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);
/* What ketch_random_uniform gives at that place. */
double kt_uniform(uint64_t seed, uint64_t stream, uint64_t draw);

#endif
