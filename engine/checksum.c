/* Each of the eight words of a block has a lane of its own, so that eight chains of multiplications
 * are under way at once. A step is XXH64's: a bijection of the lane for a given word and of the word
 * for a given lane. The end is a bijection of every lane, so that what differs in one word differs
 * at the end. (hash.h, for tables and fingerprints, takes pieces of any size and is half as fast on
 * what is not in a cache.) */
#include "checksum.h"
#include <assert.h>
#include <string.h>

/* Bytes between what is taken in and what is asked of memory. */
enum { AHEAD = 2048 };

/* Odd and of no pattern: fractions of the square roots of 2, 3 and 5. */
static const uint64_t word_factor = 0x6a09e667f3bcc909;
static const uint64_t lane_factor = 0xbb67ae8584caa73b;
static const uint64_t last_factor = 0x3c6ef372fe94f82b;

static inline uint64_t turn_word(uint64_t value, int bits)
{
    return value << bits | value >> (64 - bits);
}

static inline uint64_t load_word(const unsigned char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline uint64_t take_word(uint64_t lane, const unsigned char *bytes)
{
    return turn_word(lane + load_word(bytes) * word_factor, 31) * lane_factor;
}

/* The address may lie behind the text: nothing is read there. */
static inline void ask_ahead(const unsigned char *bytes)
{
    __builtin_prefetch((const void *)((uintptr_t)bytes + AHEAD));
}

/* The lanes are kept in registers by name: as an array, compilers put them into vectors, which have
 * no such multiplication. */
static void add_blocks(uint64_t lanes[KT_CHECKSUM_LANES], const unsigned char *bytes, uint64_t size)
{
    uint64_t a = lanes[0], b = lanes[1], c = lanes[2], d = lanes[3];
    uint64_t e = lanes[4], f = lanes[5], g = lanes[6], h = lanes[7];
    for (const unsigned char *const end = bytes + size; bytes < end; bytes += KT_CHECKSUM_BLOCK) {
        ask_ahead(bytes);
        a = take_word(a, bytes);
        b = take_word(b, bytes + 8);
        c = take_word(c, bytes + 16);
        d = take_word(d, bytes + 24);
        e = take_word(e, bytes + 32);
        f = take_word(f, bytes + 40);
        g = take_word(g, bytes + 48);
        h = take_word(h, bytes + 56);
    }
    const uint64_t after[KT_CHECKSUM_LANES] = {a, b, c, d, e, f, g, h};
    memcpy(lanes, after, sizeof after);
}

void kt_checksum_begin(kt_checksum *sum)
{
    sum->size = 0;
    for (uint64_t i = 0; i < KT_CHECKSUM_LANES; i++)
        sum->lanes[i] = (i + 1) * lane_factor;
}

/* The rest of a block is taken as zeros: the size, which goes into the end, tells it from a text
 * that has them. */
void kt_checksum_add(kt_checksum *sum, const void *data, uint64_t size)
{
    assert(sum->size % KT_CHECKSUM_BLOCK == 0);
    const unsigned char *const bytes = data;
    const uint64_t rest = size % KT_CHECKSUM_BLOCK;
    if (size > rest)
        add_blocks(sum->lanes, bytes, size - rest);
    if (rest) {
        unsigned char block[KT_CHECKSUM_BLOCK] = {0};
        memcpy(block, bytes + (size - rest), rest);
        add_blocks(sum->lanes, block, sizeof block);
    }
    sum->size += size;
}

uint64_t kt_checksum_end(const kt_checksum *sum)
{
    uint64_t hash = sum->size * last_factor;
    for (int i = 0; i < KT_CHECKSUM_LANES; i++)
        hash = turn_word(hash ^ sum->lanes[i], 31) * lane_factor;
    hash = (hash ^ hash >> 32) * last_factor;
    hash = (hash ^ hash >> 29) * word_factor;
    return hash ^ hash >> 32;
}

uint64_t kt_checksum_of(const void *data, uint64_t size)
{
    kt_checksum sum;
    kt_checksum_begin(&sum);
    kt_checksum_add(&sum, data, size);
    return kt_checksum_end(&sum);
}
