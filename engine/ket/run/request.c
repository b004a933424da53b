#include "ket/run/request.h"

#include "fields.h"
#include "heap.h"
#include "ket/state/checks.h"
#include "status.h"

/* Bytes of an observable's head: its kind and count. */
enum { HEAD = 16 };

static uint64_t round_to_word(uint64_t size)
{
    return (size + 7) / 8 * 8;
}

static bool has_x_masks(ketch_observe kind)
{
    return kind == KETCH_OBSERVE_PAULI || kind == KETCH_OBSERVE_VARIANCE;
}

static bool has_terms(ketch_observe kind)
{
    return kind == KETCH_OBSERVE_Z || has_x_masks(kind);
}

/* Bytes of the lists of an observable. */
static uint64_t list_size(ketch_observe kind, uint64_t count)
{
    if (kind == KETCH_OBSERVE_PROBABILITIES)
        return round_to_word(count * sizeof(int32_t));
    const uint64_t masks = has_x_masks(kind) ? 2 : 1;
    return has_terms(kind) ? count * (masks * sizeof(uint64_t) + sizeof(double)) : 0;
}

uint64_t ktq_request_size(const ketch_shots *asked)
{
    uint64_t size = 0;
    for (uint64_t i = 0; i < asked->observable_count; i++) {
        const ketch_observable *const each = ktq_observable_at(asked->observables, i);
        size += HEAD + list_size(each->kind, each->count);
    }
    return size;
}

static void encode_one(kt_fields *fields, const ketch_observable *each)
{
    static const unsigned char padding[8] = {0};
    const uint64_t qubits = each->count * sizeof(int32_t);
    kt_put_u64(fields, (uint64_t)each->kind);
    kt_put_u64(fields, each->count);
    if (each->kind == KETCH_OBSERVE_PROBABILITIES) {
        kt_put_bytes(fields, each->qubits, qubits);
        kt_put_bytes(fields, padding, round_to_word(qubits) - qubits);
    } else if (has_terms(each->kind)) {
        const ktq_terms terms = ktq_observable_terms(each);
        for (uint64_t i = 0; has_x_masks(each->kind) && i < each->count; i++)
            kt_put_u64(fields, ktq_terms_x(&terms, i));
        kt_put_bytes(fields, each->masks, each->count * sizeof(uint64_t));
        kt_put_bytes(fields, each->coefficients, each->count * sizeof(double));
    }
}

void ktq_request_encode(void *bytes, const ketch_shots *asked)
{
    kt_fields fields = kt_fields_of(bytes, ktq_request_size(asked));
    for (uint64_t i = 0; i < asked->observable_count; i++)
        encode_one(&fields, ktq_observable_at(asked->observables, i));
}

ketch_status ktq_request_take(ktq_request *request, uint64_t size, const char *function,
                              ketch_error *error)
{
    *request = (ktq_request){.bytes = kt_heap_take(size), .size = size};
    return request->bytes ? KETCH_OK : kt_fail_heap(error, function);
}

/* Reads the head of the next observable; false at the end, and if its lists do not fit. */
static bool decode_head(kt_fields *fields, ketch_observable *each)
{
    *each = (ketch_observable){.size = sizeof *each};
    each->kind = (ketch_observe)kt_get_u64(fields);
    each->count = kt_get_u64(fields);
    const uint64_t left = (uint64_t)(fields->end - fields->at);
    return !fields->failed && each->count <= left / sizeof(int32_t) &&
           list_size(each->kind, each->count) <= left;
}

static void decode_lists(kt_fields *fields, ketch_observable *each)
{
    const uint64_t count = each->count;
    if (each->kind == KETCH_OBSERVE_PROBABILITIES) {
        each->qubits = (const int32_t *)(const void *)kt_fields_next(
            fields, round_to_word(count * sizeof(int32_t)));
    } else if (has_terms(each->kind)) {
        if (has_x_masks(each->kind))
            each->x_masks =
                (const uint64_t *)(const void *)kt_fields_next(fields, count * sizeof(uint64_t));
        each->masks =
            (const uint64_t *)(const void *)kt_fields_next(fields, count * sizeof(uint64_t));
        each->coefficients =
            (const double *)(const void *)kt_fields_next(fields, count * sizeof(double));
    }
}

/* Decodes all observables into list, which may be NULL. Returns their number; SIZE_MAX: the bytes
 * are no request. */
static size_t decode_all(const ktq_request *request, ketch_observable *list)
{
    kt_fields fields = kt_fields_from(request->bytes, request->size);
    size_t count = 0;
    while (!kt_fields_end(&fields)) {
        ketch_observable each;
        if (!decode_head(&fields, &each))
            return SIZE_MAX;
        decode_lists(&fields, &each);
        if (list)
            list[count] = each;
        count++;
    }
    return count;
}

ketch_status ktq_request_decode(ktq_request *request, ketch_shots *asked)
{
    const size_t count = decode_all(request, NULL);
    if (count == SIZE_MAX)
        return KETCH_CORRUPT;
    request->list = kt_heap_take((uint64_t)count * sizeof *request->list);
    if (!request->list)
        return KETCH_MEMORY;
    decode_all(request, request->list);
    asked->observables = request->list;
    asked->observable_count = count;
    return KETCH_OK;
}

void ktq_request_give(ktq_request *request)
{
    kt_heap_give(request->list);
    kt_heap_give(request->bytes);
    *request = (ktq_request){0};
}
