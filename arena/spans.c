#include "spans.h"

#include <assert.h>
#include <string.h>

/* The number of spans of less than size bytes. The first `low` are such. */
static size_t count_smaller(const kt_spans *spans, size_t low, uint64_t size)
{
    size_t high = spans->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (spans->items[middle].size < size)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t kt_spans_find(const kt_spans *spans, uint64_t size)
{
    const size_t first = count_smaller(spans, 0, size);
    if (first == spans->count)
        return first;
    return count_smaller(spans, first + 1, (uint64_t)spans->items[first].size + 1) - 1;
}

void kt_spans_insert(kt_spans *spans, kt_span span)
{
    assert(spans->count < spans->capacity);
    const size_t index = count_smaller(spans, 0, (uint64_t)span.size + 1);
    kt_span *const place = spans->items + index;
    memmove(place + 1, place, (spans->count - index) * sizeof *place);
    *place = span;
    spans->count++;
}

kt_span kt_spans_remove(kt_spans *spans, size_t index)
{
    assert(index < spans->count);
    kt_span *const place = spans->items + index;
    const kt_span span = *place;
    spans->count--;
    memmove(place, place + 1, (spans->count - index) * sizeof *place);
    return span;
}
