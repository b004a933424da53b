#include "ket/qasm/names.h"
#include "hash.h"
#include "heap.h"
#include "nearest.h"
#include <string.h>

#define FREE_SLOT UINT32_MAX

/* The slot that holds the name, or the free one where it would go. */
static uint32_t *find_slot(const ktq_names *names, const char *text, size_t length)
{
    const size_t mask = names->slot_count - 1;
    for (size_t i = (size_t)kt_hash_of(text, length) & mask;; i = (i + 1) & mask) {
        uint32_t *const slot = &names->slots[i];
        if (*slot == FREE_SLOT)
            return slot;
        const ktq_name *const name = &names->items.items[*slot];
        if (name->length == length && memcmp(name->text, text, length) == 0)
            return slot;
    }
}

const ktq_name *ktq_names_find(const ktq_names *names, const char *text, size_t length)
{
    if (names->items.count == 0)
        return NULL;
    const uint32_t slot = *find_slot(names, text, length);
    return slot == FREE_SLOT ? NULL : &names->items.items[slot];
}

static bool grow_slots(ktq_names *names)
{
    const size_t count = names->slot_count ? 2 * names->slot_count : 64;
    uint32_t *const slots = kt_heap_take(count * sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < count; i++)
        slots[i] = FREE_SLOT;
    kt_heap_give(names->slots);
    names->slots = slots;
    names->slot_count = count;
    for (size_t i = 0; i < names->items.count; i++) {
        const ktq_name *const name = &names->items.items[i];
        *find_slot(names, name->text, name->length) = (uint32_t)i;
    }
    return true;
}

bool ktq_names_put(ktq_names *names, const ktq_name *name)
{
    const size_t count = names->items.count;
    if (count >= INT32_MAX || !KT_LIST_RESERVE(&names->items, 1) ||
        (2 * (count + 1) > names->slot_count && !grow_slots(names)))
        return false;
    uint32_t *const slot = find_slot(names, name->text, name->length);
    if (*slot == FREE_SLOT) {
        *slot = (uint32_t)count;
        names->items.count++;
    }
    names->items.items[*slot] = *name;
    return true;
}

/* The last name goes first, so that the probes of those before it meet no gap. */
void ktq_names_clear(ktq_names *names)
{
    for (; names->items.count > 0; names->items.count--) {
        const ktq_name *const name = &names->items.items[names->items.count - 1];
        *find_slot(names, name->text, name->length) = FREE_SLOT;
    }
}

const ktq_name *ktq_names_nearest(const ktq_names *names, const char *text, size_t length)
{
    kt_nearest nearest = kt_nearest_begin(text, length);
    for (size_t i = 0; i < names->items.count; i++)
        kt_nearest_offer(&nearest, names->items.items[i].text, names->items.items[i].length);
    return nearest.found ? ktq_names_find(names, nearest.found, nearest.found_length) : NULL;
}

void ktq_names_free(ktq_names *names)
{
    kt_heap_give(names->items.items);
    kt_heap_give(names->slots);
    *names = (ktq_names){0};
}
