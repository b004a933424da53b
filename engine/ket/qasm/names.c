#define _GNU_SOURCE
#include "ket/qasm/parser.h"
#include "heap.h"
#include "nearest.h"
#include <string.h>

/* FNV-1a, its high bits folded down. */
static size_t hash_name(const char *text, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)text[i]) * UINT64_C(1099511628211);
    return (size_t)(hash ^ hash >> 32);
}

/* The slot that holds the name, or the empty one where it would go. capacity is a power of two. */
static ktq_name *name_slot(const ktq_names *names, const char *text, size_t length)
{
    const size_t mask = names->capacity - 1;
    for (size_t i = hash_name(text, length) & mask;; i = (i + 1) & mask) {
        ktq_name *slot = &names->slots[i];
        if (slot->stamp != names->stamp ||
            (slot->length == length && memcmp(slot->text, text, length) == 0))
            return slot;
    }
}

const ktq_name *ktq_names_find(const ktq_names *names, const char *text, size_t length)
{
    if (names->count == 0)
        return NULL;
    const ktq_name *slot = name_slot(names, text, length);
    return slot->stamp == names->stamp ? slot : NULL;
}

static bool grow_names(ktq_names *names)
{
    ktq_names grown = {.capacity = names->capacity ? 2 * names->capacity : 64, .stamp = 1};
    grown.slots = kt_heap_take(grown.capacity * sizeof *grown.slots);
    if (!grown.slots)
        return false;
    for (size_t i = 0; i < names->capacity; i++) {
        const ktq_name *old = &names->slots[i];
        if (old->stamp == names->stamp)
            *name_slot(&grown, old->text, old->length) =
                (ktq_name){old->text, old->length, grown.stamp, old->number};
    }
    grown.count = names->count;
    ktq_names_free(names);
    *names = grown;
    return true;
}

bool ktq_names_put(ktq_names *names, const char *text, size_t length, int32_t number)
{
    if (2 * (names->count + 1) > names->capacity && !grow_names(names))
        return false;
    ktq_name *slot = name_slot(names, text, length);
    if (slot->stamp != names->stamp)
        names->count++;
    *slot = (ktq_name){text, length, names->stamp, number};
    return true;
}

void ktq_names_clear(ktq_names *names)
{
    names->count = 0;
    if (++names->stamp != 0 || !names->slots)
        return;
    memset(names->slots, 0, names->capacity * sizeof *names->slots);
    names->stamp = 1;
}

kt_text ktq_names_hint(const ktq_names *names, const char *text, size_t length)
{
    kt_nearest nearest = kt_nearest_begin(text, length);
    for (size_t i = 0; i < names->capacity; i++)
        if (names->slots[i].stamp == names->stamp)
            kt_nearest_offer(&nearest, names->slots[i].text, names->slots[i].length);
    if (!nearest.found)
        return (kt_text){""};
    return kt_format("did you mean %s?", ktq_quote_text(nearest.found, nearest.found_length).text);
}

void ktq_names_free(ktq_names *names)
{
    kt_heap_give(names->slots);
    *names = (ktq_names){.stamp = 1};
}
