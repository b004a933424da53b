#include "glia/net/names.h"

#include "hash.h"
#include "heap.h"

#include <assert.h>
#include <string.h>

/* ---- the table ---- */

static size_t first_place(const ktg_names *names, const char *id, size_t length)
{
    return (size_t)kt_hash_of(id, length) & (names->capacity - 1);
}

static bool is_id(const ktg_names *names, uint32_t slot, const char *id, size_t length)
{
    const char *const text = ktg_names_text(names, slot);
    return strlen(text) == length && memcmp(text, id, length) == 0;
}

/* Where the id is, or the free place where it would be. */
static size_t find_place(const ktg_names *names, const char *id, size_t length)
{
    size_t place = first_place(names, id, length);
    while (names->table[place] && !is_id(names, names->table[place] - 1, id, length))
        place = (place + 1) & (names->capacity - 1);
    return place;
}

static void enter(ktg_names *names, uint32_t slot)
{
    const char *const id = ktg_names_text(names, slot);
    names->table[find_place(names, id, strlen(id))] = slot + 1;
}

static bool grow_table(ktg_names *names)
{
    const size_t capacity = names->capacity ? 2 * names->capacity : 64;
    uint32_t *const table = kt_heap_take(capacity * sizeof *table);
    if (!table)
        return false;
    kt_heap_give(names->table);
    names->table = table;
    names->capacity = capacity;
    for (uint32_t slot = 0; slot < ktg_names_count(names); slot++)
        enter(names, slot);
    return true;
}

/* ---- ids ---- */

uint32_t ktg_names_find(const ktg_names *names, const char *id, size_t length)
{
    if (names->capacity == 0)
        return KTG_NO_SLOT;
    const uint32_t entry = names->table[find_place(names, id, length)];
    return entry ? entry - 1 : KTG_NO_SLOT;
}

bool ktg_names_add(ktg_names *names, const char *id, size_t length)
{
    assert(ktg_names_find(names, id, length) == KTG_NO_SLOT);
    if (length >= UINT32_MAX - names->text.count)
        return false;
    if (2 * (names->start.count + 1) > names->capacity && !grow_table(names))
        return false;
    if (!KT_LIST_RESERVE(&names->text, length + 1) || !KT_LIST_RESERVE(&names->start, 1))
        return false;
    const uint32_t slot = ktg_names_count(names);
    names->start.items[names->start.count++] = (uint32_t)names->text.count;
    memcpy(names->text.items + names->text.count, id, length);
    names->text.items[names->text.count + length] = 0;
    names->text.count += length + 1;
    enter(names, slot);
    return true;
}

/* The newest id was the last to be entered, so no other one was moved on by it. */
void ktg_names_remove_last(ktg_names *names)
{
    assert(names->start.count > 0);
    const uint32_t slot = ktg_names_count(names) - 1;
    const char *const id = ktg_names_text(names, slot);
    names->table[find_place(names, id, strlen(id))] = 0;
    names->text.count = names->start.items[slot];
    names->start.count--;
}

bool ktg_names_copy(ktg_names *names, const ktg_names *from)
{
    *names = (ktg_names){0};
    const size_t size = from->capacity * sizeof *from->table;
    if (from->capacity == 0)
        return true;
    names->table = kt_heap_take(size);
    names->capacity = from->capacity;
    if (!names->table || !KT_LIST_COPY(&names->text, &from->text) ||
        !KT_LIST_COPY(&names->start, &from->start)) {
        ktg_names_end(names);
        return false;
    }
    memcpy(names->table, from->table, size);
    return true;
}

void ktg_names_end(ktg_names *names)
{
    kt_heap_give(names->table);
    kt_heap_give(names->text.items);
    kt_heap_give(names->start.items);
    *names = (ktg_names){0};
}
