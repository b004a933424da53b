/* Random numbers inside: the block cipher behind them, and single numbers by their place. */
#ifndef KT_RANDOM_H
#define KT_RANDOM_H

#include "ketch/core.h"

#include <stdint.h>

void kt_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);
/* What ketch_random_uniform gives at that place. */
double kt_uniform(uint64_t seed, uint64_t stream, uint64_t draw);

#endif
