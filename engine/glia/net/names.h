/* Ids of neurons: each gets the next number, its slot, and is found by its text. */
#ifndef KTG_NET_NAMES_H
#define KTG_NET_NAMES_H

#include "list.h"

#include <stdbool.h>
#include <stdint.h>

/* text: all ids, each with a final 0. start: where that of each slot begins. table: a hash table of
 * slots plus 1 with linear probing, 0 where free; its capacity is 0 or a power of 2, of which at
 * most half is used. Zeroed, there are no ids. */
typedef struct ktg_names {
    KT_LIST(char) text;
    KT_LIST(uint32_t) start;
    uint32_t *table;
    size_t capacity;
} ktg_names;

enum { KTG_NO_SLOT = UINT32_MAX };

/* The slot of an id of `length` bytes; KTG_NO_SLOT: there is none. */
uint32_t ktg_names_find(const ktg_names *names, const char *id, size_t length);
/* Adds an id that is not there. False, and nothing has changed, if memory is refused, or if all ids
 * would have 4 GiB or more. */
bool ktg_names_add(ktg_names *names, const char *id, size_t length);
/* Takes the newest id out. */
void ktg_names_remove_last(ktg_names *names);
bool ktg_names_copy(ktg_names *names, const ktg_names *from);
void ktg_names_end(ktg_names *names);

static inline uint32_t ktg_names_count(const ktg_names *names)
{
    return (uint32_t)names->start.count;
}

static inline const char *ktg_names_text(const ktg_names *names, uint32_t slot)
{
    return names->text.items + names->start.items[slot];
}

#endif
