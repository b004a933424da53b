/* Lists that grow without being copied: chunks of equal size on the heap. While one grows it takes
 * its items, a chunk and the addresses of the chunks, where a KT_LIST takes up to twice its items. */
#ifndef KT_CHUNKS_H
#define KT_CHUNKS_H

#include "list.h"

enum { KT_CHUNK_ITEMS = 256 };

/* Items of one type, which never move. Zeroed, it is an empty list; count <= KT_CHUNK_ITEMS *
 * chunks.count. */
#define KT_CHUNKS(type)                                                                            \
    struct {                                                                                       \
        KT_LIST(type *) chunks;                                                                    \
        size_t count;                                                                              \
    }

/* The address of an item, or of the place that was made behind the last one. Both arguments may be
 * evaluated more than once. */
#define KT_CHUNKS_AT(list, index)                                                                  \
    (&(list)->chunks.items[(index) / KT_CHUNK_ITEMS][(index) % KT_CHUNK_ITEMS])

/* Makes a place behind the last item. False, and the list is as before, if memory is refused. The
 * argument may be evaluated more than once. */
#define KT_CHUNKS_RESERVE(list)                                                                    \
    ((list)->count < (list)->chunks.count * KT_CHUNK_ITEMS ||                                      \
     kt_chunks_grow(&(list)->chunks.items, &(list)->chunks.capacity, &(list)->chunks.count,        \
                    sizeof **(list)->chunks.items))

/* Gives the list's memory back; the list itself may not be used again. */
#define KT_CHUNKS_FREE(list) kt_chunks_free((list)->chunks.items, (list)->chunks.count)

/* The functions that these macros call. chunks: the address of the list's pointer to chunks. New
 * items are unspecified. */
bool kt_chunks_grow(void *chunks, size_t *capacity, size_t *count, size_t item_size);
void kt_chunks_free(void *chunks, size_t count);

#endif
