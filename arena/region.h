/* Regions: work memory that is taken piece by piece and given back all at once. Pieces are cut from
 * blocks of an arena, which are given back to it at the end, so that the next region finds them
 * there. A region belongs to one thread at a time. */
#ifndef KT_REGION_H
#define KT_REGION_H

#include "arena.h"

#include <stddef.h>

/* Each block is at least twice as large as the one before it. */
enum { KT_REGION_BLOCKS_MAX = 48 };

/* next..end-1 is what is left of the newest block. refusal: why the last request was refused. */
typedef struct kt_region {
    ketch_arena *arena;
    const char *tag;
    char *next, *end;
    size_t block_size; /* of the next block at least */
    int32_t block_count;
    ketch_block *blocks[KT_REGION_BLOCKS_MAX];
    kt_refusal refusal;
} kt_region;

/* Begins a region without memory. tag: a static text, as for blocks. size: what will be needed, as
 * far as it is known; the first block has at least so many bytes. */
void kt_region_begin(kt_region *region, ketch_arena *arena, const char *tag, size_t size);
/* A piece of unspecified contents on cache lines of its own; NULL if refused. size 0 gives a valid
 * pointer, too. */
void *kt_region_take(kt_region *region, size_t size);
/* Grows a piece, or makes one of no memory, where old is 0. The first `old` bytes are kept, the rest
 * is unspecified. NULL if refused, and then the piece is as before. */
void *kt_region_grow(kt_region *region, void *memory, size_t old, size_t size);
/* Bytes of all blocks. */
size_t kt_region_size(const kt_region *region);
/* Gives all of it back. A zeroed region may be ended, too. */
void kt_region_end(kt_region *region);

#endif
