#include "list.h"
#include "heap.h"

#include <assert.h>
#include <string.h>

/* Items that a list has room for at first, so that short ones grow once. */
enum { KT_LIST_LEAST = 16 };

bool kt_list_grow(void *items, size_t *capacity, size_t count, uint64_t more, size_t item_size,
                  kt_region *region)
{
    void *memory;
    memcpy(&memory, items, sizeof memory); /* a pointer of any type */
    assert(count <= *capacity && (memory || *capacity == 0));
    if (kt_list_fits(memory, *capacity, count, more))
        return true;
    size_t wanted, size;
    if (!kt_add(&wanted, count, more))
        return false;
    wanted = KT_MAX(wanted, KT_MAX(2 * *capacity, KT_LIST_LEAST));
    if (!kt_mul(&size, wanted, item_size))
        return false;
    const size_t old = *capacity * item_size;
    void *const grown =
        region ? kt_region_grow(region, memory, old, size) : kt_heap_grow(memory, old, size);
    if (!grown)
        return false;
    memcpy(items, &grown, sizeof grown);
    *capacity = wanted;
    return true;
}

bool kt_list_copy(void *items, size_t *capacity, size_t *count, const void *from, size_t from_count,
                  size_t item_size)
{
    void *memory;
    if (from_count == 0) {
        *count = 0;
        return true;
    }
    if (!kt_list_grow(items, capacity, 0, from_count, item_size, NULL))
        return false;
    memcpy(&memory, items, sizeof memory);
    memcpy(memory, from, from_count * item_size);
    *count = from_count;
    return true;
}
