/* Cached spans: mapped memory that no block uses, sorted by size. Plain data, guarded by its
 * owner's lock; never allocates. */
#ifndef KT_SPANS_H
#define KT_SPANS_H

#include <stddef.h>
#include <stdint.h>

typedef struct kt_span {
    void *memory;
    size_t size;
} kt_span;

/* items[0..count-1] in ascending order of size; of equal ones the last inserted comes last, so that
 * among thousands of one size taking and giving move no others. The owner replaces items by a larger array where count could exceed capacity. */
typedef struct kt_spans {
    kt_span *items;
    size_t count, capacity;
} kt_spans;

/* The index of the smallest span of at least size bytes, of equal ones the last inserted; count:
 * there is none. */
size_t kt_spans_find(const kt_spans *spans, uint64_t size);
void kt_spans_insert(kt_spans *spans, kt_span span);
kt_span kt_spans_remove(kt_spans *spans, size_t index);

#endif
