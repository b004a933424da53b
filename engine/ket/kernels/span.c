#include "ket/kernels/span.h"

#include "numbers.h"

#include <assert.h>

ktq_span ktq_span_begin(int32_t qubits)
{
    return (ktq_span){.run_bits = qubits > KTQ_SPAN_BITS ? KTQ_SPAN_RUN_BITS : qubits};
}

int32_t ktq_span_room(int32_t qubits)
{
    return qubits > KTQ_SPAN_BITS ? KTQ_SPAN_GENERATORS : 0;
}

/* Puts a generator where its pivot belongs. */
static void insert_generator(ktq_span *span, uint64_t generator, uint64_t pivot)
{
    int32_t place = span->count++;
    for (; place > kt_bit_count(span->pivots & (pivot - 1)); place--)
        span->generators[place] = span->generators[place - 1];
    span->generators[place] = generator;
    span->pivots |= pivot;
}

/* Gauss-Jordan elimination, a row at a time. */
bool ktq_span_add(ktq_span *span, uint64_t x, int32_t qubits)
{
    const uint64_t rest = ktq_span_rest(span, x), pivot = rest & -rest;
    if (!rest)
        return true;
    if (span->count == ktq_span_room(qubits))
        return false;
    for (int32_t k = 0; k < span->count; k++)
        if (span->generators[k] & pivot)
            span->generators[k] ^= rest;
    insert_generator(span, rest, pivot);
    return true;
}

void ktq_span_end(ktq_span *span, int32_t qubits)
{
    for (int32_t position = span->run_bits; position < qubits; position++)
        if (!ktq_span_add(span, kt_bit((uint64_t)position), qubits))
            break;
    uint64_t sum = 0;
    for (int32_t k = 0; k < span->count; k++)
        span->steps[k] = sum ^= span->generators[k];
    assert(span->count == ktq_span_room(qubits));
}
