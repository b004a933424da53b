#include "hash.h"
#include "numbers.h"

#include <string.h>

static const uint64_t prime_1 = UINT64_C(0x9E3779B185EBCA87);
static const uint64_t prime_2 = UINT64_C(0xC2B2AE3D27D4EB4F);
static const uint64_t prime_3 = UINT64_C(0x165667B19E3779F9);
static const uint64_t prime_4 = UINT64_C(0x85EBCA77C2B2AE63);
static const uint64_t prime_5 = UINT64_C(0x27D4EB2F165667C5);

static inline uint64_t rotate_left(uint64_t value, int bits)
{
    return value << bits | value >> (64 - bits);
}

static inline uint64_t load_64(const unsigned char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline uint64_t load_32(const unsigned char *bytes)
{
    return bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 | (uint64_t)bytes[3] << 24;
}

static inline uint64_t mix_lane(uint64_t lane, uint64_t word)
{
    return rotate_left(lane + word * prime_2, 31) * prime_1;
}

/* Bytes ahead of the stripe that are fetched into the cache: two multiplications a word leave a
 * processor little room to look ahead itself. */
enum { KT_HASH_AHEAD = 2048 };

/* Takes in whole stripes. Lanes are locals, so that the four chains stay in registers. */
static void add_stripes(uint64_t lanes[KT_HASH_LANES], const unsigned char *bytes, size_t stripes)
{
    uint64_t a = lanes[0], b = lanes[1], c = lanes[2], d = lanes[3];
    for (; stripes > 0; stripes--, bytes += KT_HASH_STRIPE) {
        __builtin_prefetch((const void *)((uintptr_t)bytes + KT_HASH_AHEAD));
        a = mix_lane(a, load_64(bytes));
        b = mix_lane(b, load_64(bytes + 8));
        c = mix_lane(c, load_64(bytes + 16));
        d = mix_lane(d, load_64(bytes + 24));
    }
    const uint64_t after[KT_HASH_LANES] = {a, b, c, d};
    memcpy(lanes, after, sizeof after);
}

/* Of sizes from a stripe up. */
static uint64_t merge_lanes(const uint64_t lanes[KT_HASH_LANES])
{
    uint64_t sum = rotate_left(lanes[0], 1) + rotate_left(lanes[1], 7) + rotate_left(lanes[2], 12) +
                   rotate_left(lanes[3], 18);
    for (int i = 0; i < KT_HASH_LANES; i++)
        sum = (sum ^ mix_lane(0, lanes[i])) * prime_1 + prime_4;
    return sum;
}

/* Takes in the bytes behind the last whole stripe. */
static uint64_t add_rest(uint64_t sum, const unsigned char *bytes, size_t size)
{
    const unsigned char *const end = bytes + size;
    for (; end - bytes >= 8; bytes += 8)
        sum = rotate_left(sum ^ mix_lane(0, load_64(bytes)), 27) * prime_1 + prime_4;
    if (end - bytes >= 4) {
        sum = rotate_left(sum ^ load_32(bytes) * prime_1, 23) * prime_2 + prime_3;
        bytes += 4;
    }
    for (; bytes < end; bytes++)
        sum = rotate_left(sum ^ *bytes * prime_5, 11) * prime_1;
    return sum;
}

/* Lets every bit change every other. */
static uint64_t avalanche(uint64_t sum)
{
    sum = (sum ^ sum >> 33) * prime_2;
    sum = (sum ^ sum >> 29) * prime_3;
    return sum ^ sum >> 32;
}

void kt_hash_begin(kt_hash *hash, uint64_t seed)
{
    *hash = (kt_hash){.lanes = {seed + prime_1 + prime_2, seed + prime_2, seed, seed - prime_1},
                      .seed = seed};
}

void kt_hash_add(kt_hash *hash, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    const size_t waiting = hash->size % KT_HASH_STRIPE;
    hash->size += size;
    if (waiting > 0) {
        const size_t taken = KT_MIN(size, KT_HASH_STRIPE - waiting);
        if (taken > 0)
            memcpy(hash->rest + waiting, bytes, taken);
        if (waiting + taken < KT_HASH_STRIPE)
            return;
        add_stripes(hash->lanes, hash->rest, 1);
        bytes += taken;
        size -= taken;
    }
    const size_t stripes = size / KT_HASH_STRIPE, rest = size % KT_HASH_STRIPE;
    add_stripes(hash->lanes, bytes, stripes);
    if (rest > 0)
        memcpy(hash->rest, bytes + stripes * KT_HASH_STRIPE, rest);
}

static uint64_t finish(const kt_hash *hash, const unsigned char *rest)
{
    uint64_t sum = hash->size >= KT_HASH_STRIPE ? merge_lanes(hash->lanes) : hash->seed + prime_5;
    sum = add_rest(sum + hash->size, rest, hash->size % KT_HASH_STRIPE);
    return avalanche(sum);
}

uint64_t kt_hash_end(const kt_hash *hash)
{
    return finish(hash, hash->rest);
}

uint64_t kt_hash_of(const void *data, size_t size)
{
    const unsigned char *const bytes = data;
    if (size < KT_HASH_STRIPE)
        return avalanche(add_rest(prime_5 + size, bytes, size));
    kt_hash hash;
    kt_hash_begin(&hash, 0);
    add_stripes(hash.lanes, bytes, size / KT_HASH_STRIPE);
    hash.size = size;
    return finish(&hash, bytes + size / KT_HASH_STRIPE * KT_HASH_STRIPE);
}
