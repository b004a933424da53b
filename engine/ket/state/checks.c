#include "ket/state/checks.h"

#include "status.h"

#include <math.h>
#include <stddef.h>

ketch_status ktq_qubits_check(int32_t state_qubits, int64_t count, const int32_t *qubits,
                              const char *function, ketch_error *error)
{
    if (count < 0 || count > state_qubits)
        return kt_fail(error, KETCH_RANGE, function, "count",
                       kt_format("%lld", (long long)count).text,
                       kt_format("0..%d", state_qubits).text, "the number of qubits to read");
    if (count && !qubits)
        return kt_fail(error, KETCH_BUFFER, function, "qubits", "NULL",
                       kt_format("%d qubits", (int)count).text, "no list of qubits");
    uint64_t seen = 0;
    for (int32_t i = 0; i < count; i++) {
        if (qubits[i] < 0 || qubits[i] >= state_qubits)
            return kt_fail(error, KETCH_INDEX, function, "qubits", kt_format("%d", qubits[i]).text,
                           kt_format("0..%d", state_qubits - 1).text, "no such qubit");
        if (seen >> qubits[i] & 1)
            return kt_fail(error, KETCH_DUPLICATE, function, "qubits",
                           kt_format("%d", qubits[i]).text, "each qubit once",
                           "qubit %d comes twice, the second time at position %d", qubits[i], i);
        seen |= UINT64_C(1) << qubits[i];
    }
    return KETCH_OK;
}

static ketch_status check_mask(int32_t state_qubits, uint64_t mask, const char *name,
                               const char *function, ketch_error *error)
{
    const int32_t highest = mask ? 63 - __builtin_clzll(mask) : 0;
    if (highest < state_qubits)
        return KETCH_OK;
    return kt_fail(error, KETCH_INDEX, function, name, kt_format("bit %d", highest).text,
                   kt_format("bits 0..%d", state_qubits - 1).text, "no such qubit");
}

static ketch_status check_term(int32_t state_qubits, const ktq_terms *terms, uint64_t i,
                               const char *function, ketch_error *error)
{
    const double coefficient = terms->coefficients[i];
    KT_TRY(check_mask(state_qubits, ktq_terms_x(terms, i), "x_masks", function, error));
    KT_TRY(check_mask(state_qubits, terms->z_masks[i], terms->z_name, function, error));
    if (isfinite(coefficient))
        return KETCH_OK;
    return kt_fail(error, KETCH_NONFINITE, function, "coefficients", kt_number(coefficient).text,
                   "finite numbers", "a coefficient");
}

uint64_t ktq_terms_count_z(const ktq_terms *terms)
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < terms->count; i++)
        count += !ktq_terms_x(terms, i);
    return count;
}

ketch_status ktq_terms_check(int32_t state_qubits, const ktq_terms *terms, const char *function,
                             ketch_error *error)
{
    const uint64_t terms_max = UINT64_C(1) << 28, count = terms->count;
    if (count > terms_max)
        return kt_fail(error, KETCH_RANGE, function, "count",
                       kt_format("%llu", (unsigned long long)count).text,
                       kt_format("0..%llu", (unsigned long long)terms_max).text,
                       "the number of terms");
    if (count && (!terms->z_masks || !terms->coefficients))
        return kt_fail(
            error, KETCH_BUFFER, function, terms->z_masks ? "coefficients" : terms->z_name, "NULL",
            kt_format("%llu numbers", (unsigned long long)count).text, "no list of terms");
    for (uint64_t i = 0; i < count; i++)
        KT_TRY(check_term(state_qubits, terms, i, function, error));
    return KETCH_OK;
}

/* Where a struct of the first version ends. */
static const size_t first_size = offsetof(ketch_observable, x_masks);

ktq_terms ktq_observable_terms(const ketch_observable *o)
{
    const bool has_x = o->kind != KETCH_OBSERVE_Z && o->size > first_size;
    return (ktq_terms){o->count, has_x ? o->x_masks : NULL, o->masks, o->coefficients, "masks"};
}

static ketch_status check_observable(int32_t qubits, const ketch_observable *observable,
                                     const char *function, ketch_error *error)
{
    const ktq_terms terms = ktq_observable_terms(observable);
    switch (observable->kind) {
    case KETCH_OBSERVE_NORM:
        return KETCH_OK;
    case KETCH_OBSERVE_PROBABILITIES:
        return ktq_qubits_check(
            qubits, observable->count < INT64_MAX ? (int64_t)observable->count : INT64_MAX,
            observable->qubits, function, error);
    case KETCH_OBSERVE_Z:
    case KETCH_OBSERVE_PAULI:
    case KETCH_OBSERVE_VARIANCE:
        return ktq_terms_check(qubits, &terms, function, error);
    }
    return kt_fail(error, KETCH_RANGE, function, "observables",
                   kt_format("%d", (int)observable->kind).text,
                   "1 (norm), 2 (probabilities), 3 (Z), 4 (Pauli terms) or 5 (variance)",
                   "no such kind of observable");
}

/* The array's stride is the first one's size, which all must have. */
static ketch_status check_stride(const ketch_shots *asked, const char *function, ketch_error *error)
{
    const size_t size = asked->observables->size;
    for (uint64_t i = 0; i < asked->observable_count; i++) {
        const ketch_observable *const each = ktq_observable_at(asked->observables, i);
        if (size >= first_size && each->size == size)
            continue;
        return kt_fail(error, KETCH_MISMATCH, function, "observables",
                       kt_format("%zu", each->size).text,
                       kt_format("%zu in all of them", sizeof(ketch_observable)).text,
                       "the size of observable %llu: set it to sizeof", (unsigned long long)i);
    }
    return KETCH_OK;
}

ketch_status ktq_observables_check(int32_t qubits, bool is_sampled, const ketch_shots *asked,
                                   const char *function, ketch_error *error)
{
    const uint64_t count = asked->observable_count, observables_max = UINT64_C(1) << 20;
    if (count == 0)
        return KETCH_OK;
    if (count > observables_max)
        return kt_fail(error, KETCH_RANGE, function, "observable_count",
                       kt_format("%llu", (unsigned long long)count).text,
                       kt_format("0..%llu", (unsigned long long)observables_max).text,
                       "too many observables");
    if (!asked->observables)
        return kt_fail(error, KETCH_BUFFER, function, "observables", "NULL",
                       kt_format("%llu observables", (unsigned long long)count).text,
                       "no list of observables");
    if (asked->shots > 1 && !is_sampled)
        return kt_fail(error, KETCH_RANGE, function, "shots",
                       kt_format("%llu", (unsigned long long)asked->shots).text, "0 or 1",
                       "each shot is a run of its own, and observables are of one final state");
    KT_TRY(check_stride(asked, function, error));
    for (uint64_t i = 0; i < count; i++)
        KT_TRY(check_observable(qubits, ktq_observable_at(asked->observables, i), function, error));
    return KETCH_OK;
}
