#define _GNU_SOURCE
#include "arena.h"
#include "account.h"
#include "heap.h"
#include "origin.h"
#include "pages.h"
#include "seal.h"
#include "spans.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define ARENA_MAGIC UINT64_C(0x6b746172656e6131)
#define BLOCK_MAGIC UINT64_C(0x6b74626c6f636b31)

/* A record that was given back is reused only after KT_QUARANTINE others, so that a handle that is
 * dropped twice finds its own unused record and not a new block's. */
enum { KT_SLAB = 64, KT_QUARANTINE = 16 };

/* A taken block has references > 0, and its memory is span, of which the holder may use the first
 * `size` bytes. An idle record has references 0, no memory, and is in the arena's queue. arena and
 * magic never change while the record exists. */
struct ketch_block {
    uint64_t magic;
    ketch_arena *arena;
    kt_span span;
    uint64_t size;
    _Atomic uint32_t references;
    atomic_bool zero;
    uint32_t tag; /* entry of the arena's tags */
    ketch_block *next;
};

typedef struct kt_slab kt_slab;
struct kt_slab {
    kt_slab *next;
    ketch_block blocks[KT_SLAB];
};

/* references: one for each handle, and one for all taken blocks together. origin: the process to
 * which the lock and all fields below it belong. lock guards all fields below it. taken: the number
 * of taken blocks. cached: spans that no block uses; it has room for all span_count spans, so giving
 * a block back never allocates. stats.held is the sum of all spans, stats.used that of taken blocks;
 * used and maps are also read without the lock.
 * clear: cached memory is zeroed before it is taken again. */
struct ketch_arena {
    uint64_t magic;
    const char *limit;
    _Atomic uint32_t references;
    bool clear;
    kt_origin origin;
    pthread_mutex_t lock;
    kt_arena_stats stats;
    kt_tags tags;
    kt_slab *slabs;
    ketch_block *idle, **idle_end;
    size_t idle_count, taken;
    kt_spans cached;
    size_t span_count;
};

/* ---- records ---- */

static void lock_arena(ketch_arena *arena)
{
    assert(!kt_arena_forked(arena));
    pthread_mutex_lock(&arena->lock);
}

static void unlock_arena(ketch_arena *arena)
{
    pthread_mutex_unlock(&arena->lock);
}

static void queue_record(ketch_arena *arena, ketch_block *block)
{
    block->next = NULL;
    *arena->idle_end = block;
    arena->idle_end = &block->next;
    arena->idle_count++;
}

static ketch_block *unqueue_record(ketch_arena *arena)
{
    ketch_block *const block = arena->idle;
    arena->idle = block->next;
    if (!arena->idle)
        arena->idle_end = &arena->idle;
    arena->idle_count--;
    return block;
}

static void install_slab(ketch_arena *arena, kt_slab *slab)
{
    slab->next = arena->slabs;
    arena->slabs = slab;
    for (size_t i = 0; i < KT_SLAB; i++) {
        slab->blocks[i].magic = BLOCK_MAGIC;
        slab->blocks[i].arena = arena;
        queue_record(arena, &slab->blocks[i]);
    }
}

static void free_slabs(ketch_arena *arena)
{
    while (arena->slabs) {
        kt_slab *const slab = arena->slabs;
        arena->slabs = slab->next;
        for (size_t i = 0; i < KT_SLAB; i++)
            slab->blocks[i].magic = 0;
        kt_heap_give(slab);
    }
}

/* ---- spans ---- */

static kt_span pop_cached(ketch_arena *arena, size_t index)
{
    const kt_span span = kt_spans_remove(&arena->cached, index);
    kt_unseal(span.memory, span.size);
    return span;
}

static void unmap_cached(ketch_arena *arena, size_t index)
{
    const kt_span span = pop_cached(arena, index);
    arena->stats.held -= span.size;
    arena->span_count--;
    kt_pages_unmap(span.memory, span.size);
    kt_account_unmapped(&kt_account_process, span.size);
}

static uint64_t unmap_all_cached(ketch_arena *arena)
{
    const uint64_t held = arena->stats.held;
    while (arena->cached.count)
        unmap_cached(arena, arena->cached.count - 1);
    return held - arena->stats.held;
}

/* Unmaps cached spans, smallest sufficient ones first, until size more bytes fit the budget. */
static void make_room(ketch_arena *arena, size_t size)
{
    const uint64_t most = arena->stats.budget - size;
    while (arena->stats.held > most) {
        const size_t index = kt_spans_find(&arena->cached, arena->stats.held - most);
        unmap_cached(arena, index < arena->cached.count ? index : index - 1);
    }
}

/* ---- memory for records ---- */

/* True if records are lacking. The heap is then called with the lock released, so that no thread
 * waits for it in another's take. */

static bool lacks_slab(const ketch_arena *arena)
{
    return arena->idle_count < KT_QUARANTINE;
}

static bool lacks_span(const ketch_arena *arena)
{
    return arena->span_count >= arena->cached.capacity;
}

/* Releases the lock meanwhile. False if memory is refused. */
static bool add_slab(ketch_arena *arena)
{
    unlock_arena(arena);
    kt_slab *const slab = kt_heap_take(sizeof *slab);
    lock_arena(arena);
    if (slab)
        install_slab(arena, slab);
    return slab != NULL;
}

/* Releases the lock meanwhile, so another thread may have grown the array. False if memory is
 * refused. */
static bool grow_cached(ketch_arena *arena)
{
    const size_t old = arena->cached.capacity, capacity = old ? 2 * old : KT_SLAB;
    unlock_arena(arena);
    void *memory = kt_heap_take(kt_spans_bytes(capacity));
    lock_arena(arena);
    if (!memory)
        return false;
    if (arena->cached.capacity < capacity)
        memory = kt_spans_move(&arena->cached, memory, capacity);
    unlock_arena(arena);
    kt_heap_give(memory);
    lock_arena(arena);
    return true;
}

/* Makes room for the records of one more block and its span. May release the lock meanwhile. */
static bool reserve_records(ketch_arena *arena)
{
    while (lacks_slab(arena) || lacks_span(arena))
        if (lacks_slab(arena) ? !add_slab(arena) : !grow_cached(arena))
            return false;
    return true;
}

/* ---- taking ---- */

static void note_refusal(kt_refusal *refusal, uint64_t needed, uint64_t allowed, const char *limit)
{
    if (refusal)
        *refusal = (kt_refusal){.needed = needed, .allowed = allowed, .limit = limit};
}

static void note_system_refusal(kt_refusal *refusal, uint64_t needed, uint64_t allowed)
{
    note_refusal(refusal, needed, allowed, "operating system");
}

/* The largest of size/2, size/4, ... that the system would map now. */
static uint64_t probe_system(size_t size)
{
    for (size_t half = size / 2; half >= KT_HUGE; half /= 2) {
        const size_t rounded = kt_pages_round(half);
        void *const memory = kt_pages_map(rounded, "ketch");
        kt_pages_unmap(memory, rounded);
        if (memory)
            return rounded;
    }
    return 0;
}

/* A map that the system grants and cannot back would kill the process, so the account is asked
 * first. */
static void *map_granted(size_t size, kt_refusal *refusal)
{
    uint64_t left;
    const char *limit;
    if (!kt_account_grant(&kt_account_process, &kt_memory_system, size, &left, &limit)) {
        note_refusal(refusal, size, left, limit);
        return NULL;
    }
    void *const memory = kt_pages_map(size, "ketch");
    kt_account_mapped(&kt_account_process, size, memory != NULL);
    if (!memory)
        note_system_refusal(refusal, size, probe_system(size));
    return memory;
}

/* After a refusal the cached spans are unmapped, and it is tried again. */
static void *map_memory(ketch_arena *arena, size_t size, kt_refusal *refusal)
{
    void *memory;
    do
        memory = map_granted(size, refusal);
    while (!memory && unmap_all_cached(arena));
    return memory;
}

/* With the lock held; readers need no lock. */
static void publish(uint64_t *number, uint64_t value)
{
    __atomic_store_n(number, value, __ATOMIC_RELAXED);
}

static bool map_span(kt_span *span, ketch_arena *arena, size_t size, kt_refusal *refusal)
{
    make_room(arena, size);
    void *const memory = map_memory(arena, size, refusal);
    if (!memory)
        return false;
    *span = (kt_span){.memory = memory, .size = size};
    kt_arena_stats *const stats = &arena->stats;
    arena->span_count++;
    publish(&stats->maps, stats->maps + 1);
    stats->held += size;
    stats->peak_held = KT_MAX(stats->peak_held, stats->held);
    return true;
}

static void count_taken(ketch_arena *arena, uint32_t tag, size_t size)
{
    kt_arena_stats *const stats = &arena->stats;
    stats->takes++;
    publish(&stats->used, stats->used + size);
    stats->peak_used = KT_MAX(stats->peak_used, stats->used);
    kt_tags_take(&arena->tags, tag, size);
}

/* Finds a cached span with at most 25 % slack, or maps a new one. */
static bool find_span(kt_span *span, bool *fresh, ketch_arena *arena, size_t size,
                      kt_refusal *refusal)
{
    const size_t index = kt_spans_find(&arena->cached, size);
    *fresh = index == arena->cached.count || arena->cached.stacks[index].size - size > size / 4;
    if (*fresh)
        return map_span(span, arena, size, refusal);
    *span = pop_cached(arena, index);
    arena->stats.reuses++;
    return true;
}

/* size: asked, rounded; 0 if it is too large to be rounded. */
static bool fits_budget(const ketch_arena *arena, uint64_t asked, size_t size, kt_refusal *refusal)
{
    const uint64_t allowed = arena->stats.budget - arena->stats.used;
    const uint64_t needed = size ? size : asked;
    if (needed <= allowed)
        return true;
    note_refusal(refusal, needed, allowed, arena->limit);
    return false;
}

/* More bytes than a process has addresses. */
static ketch_block *refuse_unroundable(ketch_arena *arena, uint64_t asked, kt_refusal *refusal)
{
    unmap_all_cached(arena);
    note_system_refusal(refusal, asked, probe_system(SIZE_MAX));
    return NULL;
}

/* Checks the budget after making room for records, which may release the lock. */
static ketch_block *take_locked(ketch_arena *arena, uint64_t asked, size_t size, const char *name,
                                kt_refusal *refusal)
{
    if (!fits_budget(arena, asked, size, refusal))
        return NULL;
    if (size == 0)
        return refuse_unroundable(arena, asked, refusal);
    if (!reserve_records(arena)) {
        note_system_refusal(refusal, size, 0);
        return NULL;
    }
    kt_span span;
    bool fresh;
    if (!fits_budget(arena, asked, size, refusal) ||
        !find_span(&span, &fresh, arena, size, refusal))
        return NULL;
    const uint32_t tag = kt_tags_find(&arena->tags, name);
    count_taken(arena, tag, span.size);
    ketch_block *const block = unqueue_record(arena);
    block->span = span;
    block->size = asked;
    block->tag = tag;
    atomic_store_explicit(&block->zero, fresh, memory_order_relaxed);
    atomic_store_explicit(&block->references, 1, memory_order_relaxed);
    if (arena->taken++ == 0)
        kt_arena_share(arena);
    return block;
}

static void clear_block(ketch_block *block)
{
    memset(block->span.memory, 0, (size_t)block->size);
    atomic_store_explicit(&block->zero, true, memory_order_relaxed);
}

ketch_block *kt_arena_take(ketch_arena *arena, uint64_t size, const char *tag, kt_refusal *refusal)
{
    assert(kt_arena_alive(arena) && tag);
    if (kt_arena_forked(arena)) {
        if (refusal)
            *refusal = (kt_refusal){.forked = true};
        return NULL;
    }
    const size_t rounded = size <= SIZE_MAX ? kt_pages_round((size_t)size) : 0;
    lock_arena(arena);
    ketch_block *const block = take_locked(arena, size, rounded, tag, refusal);
    unlock_arena(arena);
    if (!block)
        return NULL;
    kt_seal_rest(block->span.memory, (size_t)size, block->span.size);
    if (arena->clear && !kt_block_zero(block))
        clear_block(block);
    return block;
}

ketch_block *kt_arena_take_scratch(ketch_arena *arena, uint64_t size, kt_refusal *refusal)
{
    if (!kt_arena_forked(arena))
        return kt_arena_take(arena, size, "scratch", refusal);
    ketch_arena *const own = kt_arena_create(arena->stats.budget, arena->clear, refusal);
    if (!own)
        return NULL;
    ketch_block *const block = kt_arena_take(own, size, "scratch", refusal);
    kt_arena_drop(own);
    return block;
}

/* Called when the last reference is gone. The record joins the queue, the memory is cached. */
static void retire_block(ketch_block *block)
{
    ketch_arena *const arena = block->arena;
    if (kt_arena_forked(arena))
        return;
    const kt_span span = block->span;
    kt_unseal_rest(span.memory, (size_t)block->size, span.size);
    kt_seal(span.memory, span.size);
    lock_arena(arena);
    publish(&arena->stats.used, arena->stats.used - span.size);
    kt_tags_give(&arena->tags, block->tag, span.size);
    kt_spans_insert(&arena->cached, span);
    block->span = (kt_span){0};
    queue_record(arena, block);
    const bool last = --arena->taken == 0;
    unlock_arena(arena);
    if (last)
        kt_arena_drop(arena);
}

/* ---- blocks ---- */

bool kt_block_alive(const ketch_block *block)
{
    return block && block->magic == BLOCK_MAGIC && kt_block_references(block) > 0;
}

uint32_t kt_block_references(const ketch_block *block)
{
    return atomic_load(&block->references);
}

void *kt_block_data(const ketch_block *block)
{
    return block->span.memory;
}

uint64_t kt_block_size(const ketch_block *block)
{
    return block->size;
}

ketch_arena *kt_block_arena(const ketch_block *block)
{
    return block->arena;
}

bool kt_block_zero(const ketch_block *block)
{
    return atomic_load(&block->zero);
}

void kt_block_written(ketch_block *block)
{
    atomic_store_explicit(&block->zero, false, memory_order_relaxed);
}

ketch_block *kt_block_share(ketch_block *block)
{
    assert(kt_block_alive(block));
    atomic_fetch_add(&block->references, 1);
    return block;
}

/* The count never falls below 0, also if threads race: this is how a double give is found. */
bool kt_block_drop(ketch_block *block)
{
    if (!block || block->magic != BLOCK_MAGIC)
        return false;
    uint32_t references = atomic_load(&block->references);
    do {
        if (references == 0)
            return false;
    } while (!atomic_compare_exchange_weak(&block->references, &references, references - 1));
    if (references == 1)
        retire_block(block);
    return true;
}

/* ---- arenas ---- */

ketch_arena *kt_arena_create(uint64_t budget, bool clear, kt_refusal *refusal)
{
    ketch_arena *const arena = kt_heap_take(sizeof *arena);
    if (!arena) {
        note_system_refusal(refusal, sizeof *arena, 0);
        return NULL;
    }
    if (pthread_mutex_init(&arena->lock, NULL) != 0) {
        kt_heap_give(arena);
        note_system_refusal(refusal, sizeof *arena, 0);
        return NULL;
    }
    arena->limit = "memory budget";
    arena->stats.budget = budget ? budget : kt_pages_budget(&arena->limit);
    arena->clear = clear;
    arena->idle_end = &arena->idle;
    atomic_init(&arena->references, 1);
    kt_origin_note(&arena->origin);
    arena->magic = ARENA_MAGIC;
    return arena;
}

bool kt_arena_alive(const ketch_arena *arena)
{
    return arena && arena->magic == ARENA_MAGIC;
}

bool kt_arena_forked(const ketch_arena *arena)
{
    return kt_origin_forked(&arena->origin);
}

ketch_arena *kt_arena_share(ketch_arena *arena)
{
    assert(kt_arena_alive(arena));
    atomic_fetch_add(&arena->references, 1);
    return arena;
}

void kt_arena_drop(ketch_arena *arena)
{
    if (!arena)
        return;
    assert(kt_arena_alive(arena));
    if (atomic_fetch_sub(&arena->references, 1) != 1 || kt_arena_forked(arena))
        return;
    unmap_all_cached(arena);
    assert(arena->stats.held == 0 && arena->stats.used == 0);
    free_slabs(arena);
    kt_heap_give(arena->cached.nodes);
    pthread_mutex_destroy(&arena->lock);
    kt_origin_end(&arena->origin);
    arena->magic = 0;
    kt_heap_give(arena);
}

uint64_t kt_arena_trim(ketch_arena *arena)
{
    assert(kt_arena_alive(arena));
    if (kt_arena_forked(arena))
        return 0;
    lock_arena(arena);
    const uint64_t size = unmap_all_cached(arena);
    unlock_arena(arena);
    return size;
}

bool kt_arena_read_stats(kt_arena_stats *stats, ketch_arena *arena)
{
    assert(kt_arena_alive(arena));
    *stats = (kt_arena_stats){0};
    if (kt_arena_forked(arena))
        return false;
    lock_arena(arena);
    *stats = arena->stats;
    stats->tags = arena->tags.count;
    unlock_arena(arena);
    return true;
}

uint64_t kt_arena_used(const ketch_arena *arena)
{
    return __atomic_load_n(&arena->stats.used, __ATOMIC_RELAXED);
}

uint64_t kt_arena_maps(const ketch_arena *arena)
{
    return __atomic_load_n(&arena->stats.maps, __ATOMIC_RELAXED);
}

bool kt_arena_read_tag(kt_tag *tag, ketch_arena *arena, uint64_t index)
{
    assert(kt_arena_alive(arena));
    if (kt_arena_forked(arena))
        return false;
    lock_arena(arena);
    const bool known = index < arena->tags.count;
    if (known)
        *tag = arena->tags.entries[index];
    unlock_arena(arena);
    return known;
}
