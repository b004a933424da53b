/* Cached spans: mapped memory that no block uses, by size. Plain data, guarded by its owner's lock;
 * never allocates. */
#ifndef KT_SPANS_H
#define KT_SPANS_H

#include <stddef.h>
#include <stdint.h>

typedef struct kt_span {
    void *memory;
    size_t size;
} kt_span;

/* A span, and the number of the node below it in its stack, or of the next free node. */
typedef struct kt_span_node {
    kt_span span;
    size_t below;
} kt_span_node;

/* The spans of one size, the last inserted on top. There is at least one. */
typedef struct kt_span_stack {
    size_t size, top;
} kt_span_stack;

/* stacks[0..count-1] in ascending order of size, so that what is taken and given again and again
 * moves sizes, of which there are few, and never thousands of spans. nodes[0..used-1] are in stacks
 * or, from `free` on, free. Both arrays are one piece of memory, which the owner replaces by a
 * larger one where more than capacity spans could be cached. Zeroed, there is no span and no
 * memory. */
typedef struct kt_spans {
    kt_span_node *nodes;
    kt_span_stack *stacks;
    size_t count, used, free, capacity;
} kt_spans;

/* Bytes of memory for so many spans. */
size_t kt_spans_bytes(size_t capacity);
/* Moves the spans to such memory, for more of them; returns the old memory. */
void *kt_spans_move(kt_spans *spans, void *memory, size_t capacity);
/* The number of the stack of the smallest spans of at least size bytes; count: there is none. */
size_t kt_spans_find(const kt_spans *spans, uint64_t size);
void kt_spans_insert(kt_spans *spans, kt_span span);
/* Takes the last inserted span of a stack. */
kt_span kt_spans_remove(kt_spans *spans, size_t stack);

#endif
