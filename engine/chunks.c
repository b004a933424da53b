#include "chunks.h"
#include "heap.h"

#include <string.h>

/* Addresses of chunks are copied as bytes, since they are pointers of any type. */
bool kt_chunks_grow(void *chunks, size_t *capacity, size_t *count, size_t item_size)
{
    char *addresses;
    if (!kt_list_grow(chunks, capacity, *count, 1, sizeof(void *), NULL))
        return false;
    void *const chunk = kt_heap_grow(NULL, 0, KT_CHUNK_ITEMS * item_size);
    if (!chunk)
        return false;
    memcpy(&addresses, chunks, sizeof addresses);
    memcpy(addresses + *count * sizeof chunk, &chunk, sizeof chunk);
    ++*count;
    return true;
}

void kt_chunks_free(void *chunks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        void *chunk;
        memcpy(&chunk, (const char *)chunks + i * sizeof chunk, sizeof chunk);
        kt_heap_give(chunk);
    }
    kt_heap_give(chunks);
}
