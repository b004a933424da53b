/* One piece of memory with several parts, each on cache lines of its own. The code that takes the
 * parts runs twice: on a layout without memory it adds up the size, on one with memory it gets the
 * parts' addresses. */
#ifndef KT_LAYOUT_H
#define KT_LAYOUT_H

#include "numbers.h"

/* base: NULL while the size is added up. size: the size of the parts so far; SIZE_MAX after an
 * overflow, which no allocator grants. */
typedef struct kt_layout {
    char *base;
    size_t size;
} kt_layout;

/* The next part, count items of item_size bytes; NULL while the size is added up. */
static inline void *kt_layout_take(kt_layout *layout, uint64_t count, uint64_t item_size)
{
    const size_t at = layout->size;
    size_t size;
    if (!kt_mul(&size, count, item_size) || size > SIZE_MAX - KT_LINE ||
        !kt_add(&layout->size, at, kt_round_line(size)))
        layout->size = SIZE_MAX;
    return layout->base ? layout->base + at : NULL;
}

#endif
