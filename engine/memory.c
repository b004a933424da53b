/* The public functions of arenas and blocks: they check arguments and turn refusals into
 * statuses. */
#include "ketch/core.h"
#include "arena.h"
#include "status.h"
#include <assert.h>
#include <stdbool.h>

_Static_assert((int)KETCH_TAGS_MAX == (int)KT_TAGS_MAX, "the public limit is the arena's");

static ketch_status check_arena(const ketch_arena *arena, const char *function, ketch_error *error)
{
    if (arena && kt_arena_alive(arena))
        return KETCH_OK;
    return kt_fail_handle(error, function, "arena", "an arena", arena);
}

ketch_status ketch_arena_create(ketch_arena **arena, const ketch_arena_options *options,
                                ketch_error *error)
{
    if (!arena)
        return kt_fail_handle(error, __func__, "arena", "a place for the new arena", NULL);
    *arena = NULL;
    ketch_arena_options asked;
    KT_TRY(kt_read_options(&asked, sizeof asked, options, __func__, "options", error));
    kt_refusal refusal = {0};
    *arena = kt_arena_create(asked.memory, asked.clear != 0, &refusal);
    return *arena ? KETCH_OK : kt_fail_memory(error, __func__, "options", "an arena", &refusal);
}

ketch_arena *ketch_arena_share(ketch_arena *arena)
{
    return arena && kt_arena_alive(arena) ? kt_arena_share(arena) : NULL;
}

void ketch_arena_drop(ketch_arena *arena)
{
    if (arena && kt_arena_alive(arena))
        kt_arena_drop(arena);
}

uint64_t ketch_arena_trim(ketch_arena *arena)
{
    return arena && kt_arena_alive(arena) ? kt_arena_trim(arena) : 0;
}

ketch_status ketch_arena_get_stats(ketch_arena_stats *stats, ketch_arena *arena, ketch_error *error)
{
    KT_TRY(check_arena(arena, __func__, error));
    kt_arena_stats now;
    if (!kt_arena_read_stats(&now, arena))
        return kt_fail_forked(error, __func__, "arena", "the arena");
    ketch_arena_stats out = {
        .size = sizeof out,
        .budget = now.budget,
        .held = now.held,
        .used = now.used,
        .peak_held = now.peak_held,
        .peak_used = now.peak_used,
        .maps = now.maps,
        .takes = now.takes,
        .reuses = now.reuses,
        .tags = now.tags,
    };
    return kt_write_report(stats, &out, sizeof out, __func__, "stats", error);
}

ketch_status ketch_arena_get_tag(ketch_arena_tag *tag, ketch_arena *arena, int32_t index,
                                 ketch_error *error)
{
    KT_TRY(check_arena(arena, __func__, error));
    if (kt_arena_forked(arena))
        return kt_fail_forked(error, __func__, "arena", "the arena");
    kt_tag found;
    if (index < 0 || !kt_arena_read_tag(&found, arena, (uint64_t)index))
        return kt_fail(error, KETCH_INDEX, __func__, "index", kt_format("%d", index).text,
                       "below the number of tags in the arena's statistics", "no such tag");
    const ketch_arena_tag out = {sizeof out, found.name, found.used, found.peak};
    return kt_write_report(tag, &out, sizeof out, __func__, "tag", error);
}

ketch_status ketch_block_take(ketch_block **block, ketch_arena *arena, uint64_t size,
                              const char *tag, ketch_error *error)
{
    if (!block)
        return kt_fail_handle(error, __func__, "block", "a place for the new block", NULL);
    *block = NULL;
    KT_TRY(check_arena(arena, __func__, error));
    if (size == 0)
        return kt_fail(error, KETCH_RANGE, __func__, "size", "0", "1 or more",
                       "a block has at least one byte");
    kt_refusal refusal = {0};
    *block = kt_arena_take(arena, size, tag ? tag : "user", &refusal);
    return *block ? KETCH_OK : kt_fail_memory(error, __func__, "size", "a block", &refusal);
}

void *ketch_block_data(const ketch_block *block)
{
    return block && kt_block_alive(block) ? kt_block_data(block) : NULL;
}

uint64_t ketch_block_size(const ketch_block *block)
{
    return block && kt_block_alive(block) ? kt_block_size(block) : 0;
}

ketch_block *ketch_block_share(ketch_block *block)
{
    return block && kt_block_alive(block) ? kt_block_share(block) : NULL;
}

ketch_status ketch_block_drop(ketch_block *block)
{
    return !block || kt_block_drop(block) ? KETCH_OK : KETCH_HANDLE;
}
