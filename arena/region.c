#include "region.h"

#include "heap.h"
#include "seal.h"

#include <assert.h>
#include <string.h>

/* The least size of a block. Sizes are powers of two, so that a block that was given back fits the
 * next region. */
enum { REGION_BLOCK_LEAST = 64 << 10 };

static size_t power_of_two(size_t least)
{
    size_t size = REGION_BLOCK_LEAST;
    while (size < least)
        if (!kt_mul(&size, size, 2))
            return 0;
    return size;
}

void kt_region_begin(kt_region *region, ketch_arena *arena, const char *tag, size_t size)
{
    *region = (kt_region){.arena = arena, .tag = tag, .block_size = power_of_two(size)};
}

static void note_no_fit(kt_region *region, size_t size)
{
    region->refusal = (kt_refusal){.needed = size, .limit = "operating system"};
}

/* Begins a new block with room for size bytes. What is left of the old one stays unused. */
static bool add_region_block(kt_region *region, size_t size)
{
    const size_t wanted = power_of_two(KT_MAX(size, region->block_size));
    if (!wanted || region->block_count == KT_REGION_BLOCKS_MAX || kt_fault_now()) {
        note_no_fit(region, size);
        return false;
    }
    ketch_block *const block = kt_arena_take(region->arena, wanted, region->tag, &region->refusal);
    if (!block)
        return false;
    region->blocks[region->block_count++] = block;
    region->block_size = 2 * wanted;
    region->next = kt_block_data(block);
    region->end = region->next + wanted;
    kt_block_written(block);
    kt_seal(region->next, wanted);
    return true;
}

void *kt_region_take(kt_region *region, size_t size)
{
    if (size > PTRDIFF_MAX - KT_LINE || kt_fault_now()) {
        note_no_fit(region, size);
        return NULL;
    }
    const size_t rounded = size ? kt_round_line(size) : KT_LINE;
    if (rounded > (size_t)(region->end - region->next) && !add_region_block(region, rounded))
        return NULL;
    void *const memory = region->next;
    region->next += rounded;
    kt_unseal(memory, rounded);
    return memory;
}

/* Grows the last piece where it is. */
static bool extend_piece(kt_region *region, char *memory, size_t old, size_t size)
{
    const size_t before = kt_round_line(old), after = kt_round_line(size);
    if (!memory || !old || memory + before != region->next ||
        after - before > (size_t)(region->end - region->next))
        return false;
    kt_unseal(region->next, after - before);
    region->next += after - before;
    return true;
}

void *kt_region_grow(kt_region *region, void *memory, size_t old, size_t size)
{
    assert(old <= size);
    if (size <= PTRDIFF_MAX - KT_LINE && extend_piece(region, memory, old, size))
        return memory;
    void *const grown = kt_region_take(region, size);
    if (grown && memory && old)
        memcpy(grown, memory, old);
    return grown;
}

size_t kt_region_size(const kt_region *region)
{
    size_t size = 0;
    for (int32_t i = 0; i < region->block_count; i++)
        size += (size_t)kt_block_size(region->blocks[i]);
    return size;
}

void kt_region_end(kt_region *region)
{
    for (int32_t i = 0; i < region->block_count; i++)
        kt_block_drop(region->blocks[i]);
    *region = (kt_region){0};
}
