/* Reusable big memory: blocks with reference counts, a budget, reuse of freed blocks, statistics.
 * Knows nothing of the engine. All functions may be called from several threads at once. */
#ifndef KT_ARENA_H
#define KT_ARENA_H

#include "tags.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct ketch_arena ketch_arena;
typedef struct ketch_block ketch_block;

/* Why memory was refused. limit: "memory budget"; "physical memory", "cgroup memory limit" or
 * "address space limit" for a default budget; "free memory" where other processes have the rest;
 * "operating system" when the map itself, or memory for records, failed. */
typedef struct kt_refusal {
    uint64_t needed;  /* bytes asked for, rounded to what would be mapped */
    uint64_t allowed; /* bytes that could still be taken, cached ones counted as free; by the
                         operating system: needed halved until it was granted, or 0 */
    const char *limit;
} kt_refusal;

/* Bytes are mapped ones: a block counts with its rounding and slack. maps: for blocks; reuses: of
 * the takes, those served by a cached block. tags: how many kt_arena_read_tag lists. */
typedef struct kt_arena_stats {
    uint64_t budget, held, used, peak_held, peak_used, maps, takes, reuses, tags;
} kt_arena_stats;

/* budget 0: the process's limit less a margin. NULL and *refusal where records cannot be had. */
ketch_arena *kt_arena_create(uint64_t budget, kt_refusal *refusal);
ketch_arena *kt_arena_share(ketch_arena *arena);
void kt_arena_drop(ketch_arena *arena);
bool kt_arena_alive(const ketch_arena *arena);
uint64_t kt_arena_trim(ketch_arena *arena);
void kt_arena_read_stats(kt_arena_stats *stats, ketch_arena *arena);
/* Tag number `index`, in order of first use; false, and *tag as it was, past the last. A tag stays
 * when its blocks have gone. */
bool kt_arena_read_tag(kt_tag *tag, ketch_arena *arena, uint64_t index);

/* A block of size bytes with one reference; it keeps the arena. tag: what its bytes are counted as,
 * a static text. Best fit among cached blocks with at most 25 % slack, else newly mapped; cached
 * ones are unmapped first where the budget or the system asks for it. NULL and *refusal (if any)
 * otherwise. Aligned to a page, to 2 MiB from that size on. */
ketch_block *kt_arena_take(ketch_arena *arena, uint64_t size, const char *tag, kt_refusal *refusal);
void *kt_block_data(const ketch_block *block);
/* What was asked for; there is nothing to use behind it. */
uint64_t kt_block_size(const ketch_block *block);
ketch_arena *kt_block_arena(const ketch_block *block);
/* True while nobody can have written it: mapped for this take and not marked written since. */
bool kt_block_zero(const ketch_block *block);
void kt_block_written(ketch_block *block);
uint32_t kt_block_references(const ketch_block *block);
ketch_block *kt_block_share(ketch_block *block);
/* False, and nothing done, for a block that is not taken (a double give). */
bool kt_block_drop(ketch_block *block);
/* True for a taken block. Safe on a given-back block as long as its arena lives; right about one
 * until 15 more blocks have been taken from the arena, when its record may serve a new one. */
bool kt_block_alive(const ketch_block *block);

#endif
