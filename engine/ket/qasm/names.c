#include "ket/qasm/names.h"
#include "hash.h"
#include "heap.h"
#include "nearest.h"
#include <assert.h>
#include <string.h>

#define FREE_SLOT UINT32_MAX

enum { KIND_MOST = (1 << (32 - KTQ_NAME_NUMBER_BITS)) - 1 };

/* The bits of a slot that hold an index. All of them are set in no index, since the table is never
 * full, and so no slot in use is FREE_SLOT. */
static uint32_t index_mask(const ktq_names *names)
{
    return (uint32_t)(names->slot_count - 1);
}

/* The bits of a slot above its index. */
static uint32_t tag_of(const ktq_names *names, uint64_t hash)
{
    return (uint32_t)(hash >> 32) & ~index_mask(names);
}

/* The slot that holds the name, or the free one where it would go. Names with another tag are not
 * looked at, so that a search misses the cache about twice in a table of any size. */
static uint32_t *find_slot(const ktq_names *names, uint64_t hash, const char *text, size_t length)
{
    const uint32_t mask = index_mask(names), tag = tag_of(names, hash);
    for (uint32_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
        uint32_t *const slot = &names->slots[i];
        if (*slot == FREE_SLOT)
            return slot;
        if ((*slot & ~mask) != tag)
            continue;
        const ktq_name *const name = KT_CHUNKS_AT(&names->items, *slot & mask);
        if (name->length == length && memcmp(name->text, text, length) == 0)
            return slot;
    }
}

const ktq_name *ktq_names_find(const ktq_names *names, const char *text, size_t length)
{
    if (names->slot_count == 0)
        return NULL;
    const uint32_t slot = *find_slot(names, kt_hash_of(text, length), text, length);
    return slot == FREE_SLOT ? NULL : KT_CHUNKS_AT(&names->items, slot & index_mask(names));
}

static void free_slots(ktq_names *names)
{
    memset(names->slots, 0xff, names->slot_count * sizeof *names->slots); /* FREE_SLOT */
}

/* The old slots are given back first: the items say all that they did. */
static bool grow_slots(ktq_names *names)
{
    const size_t count = names->slot_count ? 2 * names->slot_count : 64;
    kt_heap_give(names->slots);
    names->slot_count = 0;
    names->slots = kt_heap_grow(NULL, 0, count * sizeof *names->slots);
    if (!names->slots)
        return false;
    names->slot_count = count;
    free_slots(names);
    for (size_t i = 0; i < names->items.count; i++) {
        const ktq_name *const name = KT_CHUNKS_AT(&names->items, i);
        const uint64_t hash = kt_hash_of(name->text, name->length);
        *find_slot(names, hash, name->text, name->length) = tag_of(names, hash) | (uint32_t)i;
    }
    return true;
}

bool ktq_names_put(ktq_names *names, const char *text, size_t length, ktq_name_kind kind,
                   int32_t number)
{
    const size_t count = names->items.count;
    assert(number >= 0 && number <= KTQ_NAME_NUMBER_MOST);
    if (length > UINT32_MAX || count >= KTQ_NAME_NUMBER_MOST || !KT_CHUNKS_RESERVE(&names->items) ||
        (4 * (count + 1) > 3 * names->slot_count && !grow_slots(names)))
        return false;
    const uint64_t hash = kt_hash_of(text, length);
    uint32_t *const slot = find_slot(names, hash, text, length);
    if (*slot == FREE_SLOT) {
        *slot = tag_of(names, hash) | (uint32_t)count;
        names->items.count++;
    }
    *KT_CHUNKS_AT(&names->items, *slot & index_mask(names)) =
        (ktq_name){.text = text,
                   .length = (uint32_t)length,
                   .kind = kind & KIND_MOST,
                   .number = (uint32_t)number & KTQ_NAME_NUMBER_MOST};
    return true;
}

/* A few names in many slots are taken out one by one: the last goes first, so that the probes of
 * those before it meet no gap. */
void ktq_names_clear(ktq_names *names)
{
    if (names->items.count > names->slot_count / 8) {
        free_slots(names);
        names->items.count = 0;
    }
    for (; names->items.count > 0; names->items.count--) {
        const ktq_name *const name = KT_CHUNKS_AT(&names->items, names->items.count - 1);
        const uint64_t hash = kt_hash_of(name->text, name->length);
        *find_slot(names, hash, name->text, name->length) = FREE_SLOT;
    }
}

const ktq_name *ktq_names_nearest(const ktq_names *names, const char *text, size_t length)
{
    kt_nearest nearest = kt_nearest_begin(text, length);
    for (size_t i = 0; i < names->items.count; i++) {
        const ktq_name *const name = KT_CHUNKS_AT(&names->items, i);
        kt_nearest_offer(&nearest, name->text, name->length);
    }
    return nearest.found ? ktq_names_find(names, nearest.found, nearest.found_length) : NULL;
}

void ktq_names_free(ktq_names *names)
{
    KT_CHUNKS_FREE(&names->items);
    kt_heap_give(names->slots);
    *names = (ktq_names){0};
}
