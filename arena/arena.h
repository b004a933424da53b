/* Blocks of memory with reference counts and a budget. Blocks that are given back are reused. The
 * arena knows nothing of engines. All functions may be called by several threads at the same
 * time.
 *
 * An arena belongs to the process that made it. In a forked child its lock may be held by a thread
 * that does not exist there, and its lists may be half changed. There references are counted,
 * blocks can be read and written, and nothing is taken, unmapped or freed; no call waits. */
#ifndef KT_ARENA_H
#define KT_ARENA_H

#include "tags.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct ketch_arena ketch_arena;
typedef struct ketch_block ketch_block;

/* Why memory was refused. limit: "memory budget"; "physical memory", "cgroup memory limit" or
 * "address space limit" for a default budget; "free memory" or "cgroup memory limit" where the rest
 * is in use or was granted before; "operating system" when the map itself, or memory for records,
 * failed. forked: the arena was made in another process, and the rest is 0. */
typedef struct kt_refusal {
    uint64_t needed;  /* bytes asked for, rounded to what would be mapped */
    uint64_t allowed; /* bytes that could still be taken, cached ones counted as free; by the
                         operating system: needed halved until it was granted, or 0 */
    const char *limit;
    bool forked;
} kt_refusal;

/* Bytes are counted as they are mapped: a block with its rounding and slack. maps: calls to the
 * system for blocks. reuses: takes that a cached span served. tags: the number that
 * kt_arena_read_tag lists. */
typedef struct kt_arena_stats {
    uint64_t budget, held, used, peak_held, peak_used, maps, takes, reuses, tags;
} kt_arena_stats;

/* budget 0: the process's limit, less a margin. clear: every block is zero when it is taken. NULL,
 * and *refusal is filled in, if memory for records is refused. */
ketch_arena *kt_arena_create(uint64_t budget, bool clear, kt_refusal *refusal);
ketch_arena *kt_arena_share(ketch_arena *arena);
void kt_arena_drop(ketch_arena *arena);
bool kt_arena_alive(const ketch_arena *arena);
/* True in another process than the one that made the arena. */
bool kt_arena_forked(const ketch_arena *arena);
/* 0 in a forked child. */
uint64_t kt_arena_trim(ketch_arena *arena);
/* False, and all 0, in a forked child. */
bool kt_arena_read_stats(kt_arena_stats *stats, ketch_arena *arena);
/* stats.used and stats.maps without the lock; in a forked child, those at the fork. */
uint64_t kt_arena_used(const ketch_arena *arena);
uint64_t kt_arena_maps(const ketch_arena *arena);
/* Tag number `index`, in order of first use; false, and *tag as it was, past the last and in a
 * forked child. A tag stays when its blocks have gone. */
bool kt_arena_read_tag(kt_tag *tag, ketch_arena *arena, uint64_t index);

/* Takes a block of size bytes with one reference; the block keeps the arena. tag: the name its
 * bytes are counted under, a static text. The memory is the best fit among cached spans with at
 * most 25 % slack, else a new map; cached spans are unmapped first if the budget or the system
 * requires it. NULL, and *refusal (if any) is filled in, if that does not suffice. Aligned to a
 * page, and to 2 MiB from that size on. */
ketch_block *kt_arena_take(ketch_arena *arena, uint64_t size, const char *tag, kt_refusal *refusal);
/* The same for a block that lives no longer than a call that only reads. In a forked child it lies in
 * an arena of its own, so that what was inherited can be read. */
ketch_block *kt_arena_take_scratch(ketch_arena *arena, uint64_t size, kt_refusal *refusal);
void *kt_block_data(const ketch_block *block);
/* The bytes that were asked for; the holder may use no more. */
uint64_t kt_block_size(const ketch_block *block);
ketch_arena *kt_block_arena(const ketch_block *block);
/* True if the block is known to be zero: it was mapped or cleared for this take, and not marked
 * written since. */
bool kt_block_zero(const ketch_block *block);
void kt_block_written(ketch_block *block);
uint32_t kt_block_references(const ketch_block *block);
ketch_block *kt_block_share(ketch_block *block);
/* Gives up one reference. False, and nothing is done, for a block that is not taken (a double
 * give). In a forked child the memory stays mapped until the process ends. */
bool kt_block_drop(ketch_block *block);
/* True for a taken block. It may be called with a block that was given back as long as its arena
 * exists; the answer is right until 15 more blocks have been taken, when the record may belong to a
 * new block. */
bool kt_block_alive(const ketch_block *block);

#endif
