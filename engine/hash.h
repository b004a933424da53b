/* A 64-bit hash of bytes: XXH64 (Collet, xxHash specification 0.1.1). The same number on every
 * machine, however the bytes are cut into pieces. For tables, checksums and fingerprints: it
 * finds damage, not forgery. */
#ifndef KT_HASH_H
#define KT_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { KT_HASH_STRIPE = 32, KT_HASH_LANES = KT_HASH_STRIPE / 8 };

/* A hash in progress. size: bytes so far, of which the last size % KT_HASH_STRIPE wait in
 * `rest`. */
typedef struct kt_hash {
    uint64_t lanes[KT_HASH_LANES];
    uint64_t seed, size;
    unsigned char rest[KT_HASH_STRIPE];
} kt_hash;

/* Two hashes of the same bytes with different seeds serve as one of 128 bits. */
void kt_hash_begin(kt_hash *hash, uint64_t seed);
void kt_hash_add(kt_hash *hash, const void *data, size_t size);
/* The hash of all bytes so far; more can be added afterwards. */
uint64_t kt_hash_end(const kt_hash *hash);

/* Of one piece, seed 0. */
uint64_t kt_hash_of(const void *data, size_t size);

#endif
