/* Lists that grow: an array, how many items it has, and how many fit. The memory of a list is either
 * the heap's or that of one region. */
#ifndef KT_LIST_H
#define KT_LIST_H

#include "region.h"

#include <stdbool.h>
#include <stddef.h>

/* A list of items of one type. Zeroed, it is an empty one; count <= capacity. Its items are given
 * back by kt_heap_give, or with their region. */
#define KT_LIST(type)                                                                              \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count, capacity;                                                                    \
    }

/* Makes room in a KT_LIST for `more` items behind those it has. Items may move. False, and the list
 * is as before, if memory is refused. Both arguments may be evaluated more than once. */
#define KT_LIST_RESERVE(list, more) KT_LIST_RESERVE_IN(list, more, NULL)

/* The same for a list whose memory is a region's; NULL: the heap's. */
#define KT_LIST_RESERVE_IN(list, more, region)                                                     \
    (kt_list_fits((list)->items, (list)->capacity, (list)->count, (more)) ||                       \
     kt_list_grow(&(list)->items, &(list)->capacity, (list)->count, (more), sizeof *(list)->items, \
                  (region)))

/* Replaces the items of a KT_LIST on the heap by copies of those of another list of the same type.
 * False, and the list is as before, if memory is refused. The arguments may be evaluated more than
 * once. */
#define KT_LIST_COPY(list, from)                                                                   \
    kt_list_copy(&(list)->items, &(list)->capacity, &(list)->count, (from)->items, (from)->count,  \
                 sizeof *(list)->items)

/* The address of a KT_LIST's item, or of the place behind its last one; NULL in a list that has no
 * memory. Both arguments may be evaluated more than once. */
#define KT_LIST_AT(list, index) ((list)->items ? (list)->items + (index) : NULL)

static inline bool kt_list_fits(const void *items, size_t capacity, size_t count, uint64_t more)
{
    return items && more <= capacity - count;
}

/* The functions that these macros call. items: the address of the list's pointer. New room is
 * unspecified. At least one item fits afterwards, so that the pointer is not NULL. */
bool kt_list_grow(void *items, size_t *capacity, size_t count, uint64_t more, size_t item_size,
                  kt_region *region);
/* After copying an empty list the pointer may be NULL. */
bool kt_list_copy(void *items, size_t *capacity, size_t *count, const void *from, size_t from_count,
                  size_t item_size);

#endif
