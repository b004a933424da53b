/* Pseudo-random words for tests. */
#ifndef KT_TEST_WORDS_H
#define KT_TEST_WORDS_H

#include <stdint.h>

/* splitmix64 (Steele, Lea, Flood, OOPSLA 2014) */
static inline uint64_t next_word(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

#endif
