/* Counter-based random numbers: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011). The seed is
 * the key, stream and index are the counter, so any number can be had at any time by any thread. */
#ifndef KT_RNG_H
#define KT_RNG_H

#include <stdint.h>

/* Who draws: each use has its own streams, so that they never share numbers. */
enum { KT_STREAM_SAMPLE = 0, KT_STREAM_MEASURE = 1, KT_STREAM_SHOT = 2 /* + shot number */ };

void kt_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);
/* Uniform in [0, 1), 53 bits, from counter (index, stream), low words first. */
double kt_uniform(uint64_t seed, uint64_t stream, uint64_t index);

#endif
