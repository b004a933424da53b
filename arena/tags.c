#include "tags.h"
#include "numbers.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* Mostly a pointer is equal, so all of these are compared first. */
static uint32_t search(const kt_tags *tags, const char *name)
{
    uint32_t entry = 0;
    while (entry < tags->count && tags->entries[entry].name != name)
        entry++;
    if (entry < tags->count)
        return entry;
    entry = 0;
    while (entry < tags->count && strcmp(tags->entries[entry].name, name) != 0)
        entry++;
    return entry;
}

uint32_t kt_tags_find(kt_tags *tags, const char *name)
{
    assert(name && tags->count <= KT_TAGS_MAX + 1);
    uint32_t entry = search(tags, name);
    if (entry == tags->count && entry >= KT_TAGS_MAX) {
        name = "other";
        entry = search(tags, name);
    }
    if (entry == tags->count)
        tags->entries[tags->count++].name = name;
    return entry;
}

void kt_tags_take(kt_tags *tags, uint32_t entry, uint64_t size)
{
    assert(entry < tags->count);
    kt_tag *const tag = &tags->entries[entry];
    tag->used += size;
    tag->peak = KT_MAX(tag->peak, tag->used);
}

void kt_tags_give(kt_tags *tags, uint32_t entry, uint64_t size)
{
    assert(entry < tags->count && size <= tags->entries[entry].used);
    tags->entries[entry].used -= size;
}
