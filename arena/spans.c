#include "spans.h"
#include "numbers.h"

#include <assert.h>
#include <string.h>

size_t kt_spans_bytes(size_t capacity)
{
    return capacity * (sizeof(kt_span_node) + sizeof(kt_span_stack));
}

void *kt_spans_move(kt_spans *spans, void *memory, size_t capacity)
{
    assert(capacity > spans->capacity);
    kt_span_node *const old = spans->nodes, *const nodes = memory;
    kt_span_stack *const stacks = (kt_span_stack *)(void *)(nodes + capacity);
    if (old) {
        memcpy(nodes, old, spans->used * sizeof *nodes);
        memcpy(stacks, spans->stacks, spans->count * sizeof *stacks);
    } else {
        spans->free = KT_NONE;
    }
    spans->nodes = nodes;
    spans->stacks = stacks;
    spans->capacity = capacity;
    return old;
}

size_t kt_spans_find(const kt_spans *spans, uint64_t size)
{
    size_t low = 0, high = spans->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (spans->stacks[middle].size < size)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t take_node(kt_spans *spans)
{
    const size_t node = spans->free;
    if (node == KT_NONE) {
        assert(spans->used < spans->capacity);
        return spans->used++;
    }
    spans->free = spans->nodes[node].below;
    return node;
}

/* An empty stack of that size before stack number `index`. */
static void open_stack(kt_spans *spans, size_t index, size_t size)
{
    kt_span_stack *const place = spans->stacks + index;
    memmove(place + 1, place, (spans->count - index) * sizeof *place);
    *place = (kt_span_stack){.size = size, .top = KT_NONE};
    spans->count++;
}

static void close_stack(kt_spans *spans, size_t index)
{
    kt_span_stack *const place = spans->stacks + index;
    spans->count--;
    memmove(place, place + 1, (spans->count - index) * sizeof *place);
}

void kt_spans_insert(kt_spans *spans, kt_span span)
{
    const size_t index = kt_spans_find(spans, span.size), node = take_node(spans);
    if (index == spans->count || spans->stacks[index].size != span.size)
        open_stack(spans, index, span.size);
    kt_span_stack *const stack = &spans->stacks[index];
    spans->nodes[node] = (kt_span_node){.span = span, .below = stack->top};
    stack->top = node;
}

kt_span kt_spans_remove(kt_spans *spans, size_t stack)
{
    assert(stack < spans->count);
    const size_t node = spans->stacks[stack].top;
    kt_span_node *const taken = &spans->nodes[node];
    const kt_span span = taken->span;
    spans->stacks[stack].top = taken->below;
    taken->below = spans->free;
    spans->free = node;
    if (spans->stacks[stack].top == KT_NONE)
        close_stack(spans, stack);
    return span;
}
