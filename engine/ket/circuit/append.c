/* Appending a circuit to another. */
#define _GNU_SOURCE
#include "heap.h"
#include "ket/circuit/transfer.h"
#include "status.h"

/* The arguments of the call, and of its error. */
typedef struct appending {
    ketch_circuit *circuit;
    const ketch_circuit *other;
    const int32_t *qubits, *bits;
    const char *function;
    ketch_error *error;
} appending;

/* ---- checks ---- */

/* what: "qubits" */
static ketch_status check_fits(const appending *a, const char *what, int32_t count, int32_t most)
{
    if (count <= most)
        return KETCH_OK;
    return kt_fail(a->error, KETCH_RANGE, a->function, "other", kt_format("%d", count).text,
                   kt_format("0..%d (the circuit's own)", most).text,
                   "number of %s of the circuit that is appended", what);
}

/* That each of count numbers is below `limit`, and none is there twice. seen: limit bytes of 0. */
static ketch_status check_places(const appending *a, const char *what, const int32_t *places,
                                 int32_t count, int32_t limit, uint8_t *seen)
{
    for (int32_t i = 0; i < count; i++) {
        const int32_t place = places[i];
        if (place < 0 || place >= limit)
            return kt_fail(a->error, KETCH_INDEX, a->function, what, kt_format("%d", place).text,
                           kt_format("0..%d", limit - 1).text, "%s[%d]", what, i);
        if (seen[place])
            return kt_fail(a->error, KETCH_DUPLICATE, a->function, what,
                           kt_format("%d twice", place).text, "different numbers", "%s[%d]", what,
                           i);
        seen[place] = 1;
    }
    return KETCH_OK;
}

static ketch_status check_qubit_places(const appending *a)
{
    uint8_t seen[KETCH_QUBITS_MAX] = {0};
    const int32_t count = a->other->qubit_count, limit = a->circuit->qubit_count;
    KT_TRY(check_fits(a, "qubits", count, limit));
    return a->qubits ? check_places(a, "qubits", a->qubits, count, limit, seen) : KETCH_OK;
}

static ketch_status check_bit_places(const appending *a)
{
    const int32_t count = a->other->bit_count, limit = a->circuit->bit_count;
    KT_TRY(check_fits(a, "bits", count, limit));
    if (!a->bits)
        return KETCH_OK;
    uint8_t *const seen = kt_heap_take((size_t)limit);
    if (!seen)
        return kt_fail_heap(a->error, a->function);
    const ketch_status status = check_places(a, "bits", a->bits, count, limit, seen);
    kt_heap_give(seen);
    return status;
}

/* That the bits of a condition of the record stay neighbours in order, and that there is no other
 * condition in force. */
static ketch_status check_moved_condition(const appending *a, size_t index)
{
    const ktq_condition *const own =
        ktq_gate_condition(a->other, ktq_circuit_gate_at(a->other, index));
    if (own->count > 0 && a->circuit->condition != 0)
        return kt_fail(a->error, KETCH_GATE, a->function, "other", "a condition",
                       "no condition, for there is one in force (count 0 ends it)",
                       "%s has a condition of its own", ktq_record_label(a->other, index).text);
    const int32_t *const places = a->bits ? a->bits + own->first : NULL;
    for (uint32_t i = 1; places && i < own->count; i++)
        if (places[i] != places[i - 1] + 1)
            return kt_fail(a->error, KETCH_RANGE, a->function, "bits",
                           kt_format("bit %d after bit %d", places[i], places[i - 1]).text,
                           "bits that stay neighbours in order", "%s, bits of its condition",
                           ktq_record_label(a->other, index).text);
    return KETCH_OK;
}

static ketch_status check_appending(const appending *a)
{
    KT_TRY(ktq_circuit_check(a->circuit, a->function, a->error));
    if (ktq_circuit_check(a->other, a->function, NULL))
        return kt_fail_handle(a->error, a->function, "other", "a circuit", a->other);
    KT_TRY(check_qubit_places(a));
    KT_TRY(check_bit_places(a));
    for (size_t i = 0; i < ktq_circuit_gate_count(a->other); i++)
        KT_TRY(check_moved_condition(a, i));
    return KETCH_OK;
}

/* ---- appending ---- */

static bool reserve_records(ketch_circuit *to, const ketch_circuit *from)
{
    return ktq_circuit_reserve(to, from->gates.count, from->qubits.count, from->params.count) &&
           KT_LIST_RESERVE(&to->conditions, from->conditions.count);
}

ketch_status ketch_circuit_append(ketch_circuit *circuit, const ketch_circuit *other,
                                  const int32_t *qubits, const int32_t *bits, ketch_error *error)
{
    const appending a = {circuit, other, qubits, bits, __func__, error};
    ktq_transfer transfer;
    KT_TRY(check_appending(&a));
    if (!reserve_records(circuit, other) || !ktq_transfer_begin(&transfer, circuit, other, 1))
        return kt_fail_heap(error, __func__);
    for (int32_t i = 0; qubits && i < other->qubit_count; i++)
        transfer.qubits[i] = (uint8_t)qubits[i];
    transfer.bits = bits;
    const size_t count = ktq_circuit_gate_count(other); /* which grows if it is the same circuit */
    bool added = true;
    for (size_t i = 0; i < count; i++)
        added = added && ktq_transfer_record(&transfer, i);
    assert(added);
    ktq_transfer_end(&transfer);
    return KETCH_OK;
}
