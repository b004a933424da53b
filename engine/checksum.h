/* A 64-bit checksum of bytes in a file: finds damage, not forgery. Two texts of one length that
 * differ within one aligned word of 8 bytes, so by any single bit, never have the same checksum;
 * others have it with probability 2^-64. The same number on every machine. */
#ifndef KT_CHECKSUM_H
#define KT_CHECKSUM_H

#include <stdint.h>

/* What is taken in at once: every piece of a text but its last is a multiple of it. */
enum { KT_CHECKSUM_BLOCK = 64, KT_CHECKSUM_LANES = KT_CHECKSUM_BLOCK / 8 };

/* A checksum in progress: a running hash for each word of a block, and the bytes so far. */
typedef struct kt_checksum {
    uint64_t lanes[KT_CHECKSUM_LANES];
    uint64_t size;
} kt_checksum;

void kt_checksum_begin(kt_checksum *sum);
/* Takes in the next `size` bytes. After a piece that is no multiple of a block, only the end. */
void kt_checksum_add(kt_checksum *sum, const void *data, uint64_t size);
uint64_t kt_checksum_end(const kt_checksum *sum);
/* Of a whole text. */
uint64_t kt_checksum_of(const void *data, uint64_t size);

#endif
