/* Philox 4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC
 * 2011. Constants from its table 2 and the Random123 distribution. */
#include "rng.h"

static void philox_round(uint32_t x[4], const uint32_t key[2])
{
    const uint64_t a = (uint64_t)0xD2511F53u * x[0];
    const uint64_t b = (uint64_t)0xCD9E8D57u * x[2];
    const uint32_t first = (uint32_t)(b >> 32) ^ x[1] ^ key[0];
    const uint32_t third = (uint32_t)(a >> 32) ^ x[3] ^ key[1];
    x[0] = first;
    x[1] = (uint32_t)b;
    x[2] = third;
    x[3] = (uint32_t)a;
}

void kt_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t x[4] = {counter[0], counter[1], counter[2], counter[3]};
    uint32_t k[2] = {key[0], key[1]};
    for (int i = 0; i < 10; i++) {
        philox_round(x, k);
        k[0] += 0x9E3779B9u; /* golden ratio */
        k[1] += 0xBB67AE85u; /* sqrt(3) - 1 */
    }
    for (int i = 0; i < 4; i++)
        out[i] = x[i];
}

double kt_uniform(uint64_t seed, uint64_t stream, uint64_t index)
{
    const uint32_t counter[4] = {(uint32_t)index, (uint32_t)(index >> 32), (uint32_t)stream,
                                 (uint32_t)(stream >> 32)};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    uint32_t out[4];
    kt_philox(out, counter, key);
    const uint64_t bits = (uint64_t)out[1] << 32 | out[0];
    return (double)(bits >> 11) * 0x1p-53;
}
