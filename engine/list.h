/* Lists that grow: an array on the heap, how many items it has, and how many fit. */
#ifndef KT_LIST_H
#define KT_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* A list of items of one type. Zeroed, it is an empty one; count <= capacity. Its items are given
 * back by kt_heap_give. */
#define KT_LIST(type)                                                                              \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count, capacity;                                                                    \
    }

/* Makes room in a KT_LIST for `more` items behind those it has. Items may move. False, and the list
 * as it was, where memory is refused. list may be evaluated twice. */
#define KT_LIST_RESERVE(list, more)                                                                \
    kt_list_grow(&(list)->items, &(list)->capacity, (list)->count, (more), sizeof *(list)->items)

/* The same for a list that is three fields of a struct: items is the address of its pointer. New
 * room is zeroed. At least one item fits afterwards, so that items is not NULL. */
bool kt_list_grow(void *items, size_t *capacity, size_t count, size_t more, size_t item_size);

#endif
