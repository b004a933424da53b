#include "ket/state/checks.h"

#include "ket/run/execute.h"
#include "status.h"

#include <math.h>
#include <string.h>

/* ---- checks ---- */

ketch_status ktq_qubits_check(int32_t state_qubits, int64_t count, const int32_t *qubits,
                              const char *function, ketch_error *error)
{
    if (count < 0 || count > state_qubits)
        return kt_fail(error, KETCH_RANGE, function, "count",
                       kt_format("%lld", (long long)count).text,
                       kt_format("0..%d", state_qubits).text, "the number of qubits to look at");
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

static ketch_status check_term(int32_t state_qubits, uint64_t mask, double coefficient,
                               const char *function, ketch_error *error)
{
    const int32_t highest = mask ? 63 - __builtin_clzll(mask) : 0;
    if (highest >= state_qubits)
        return kt_fail(error, KETCH_INDEX, function, "masks", kt_format("bit %d", highest).text,
                       kt_format("bits 0..%d", state_qubits - 1).text, "no such qubit");
    if (isfinite(coefficient))
        return KETCH_OK;
    return kt_fail(error, KETCH_NONFINITE, function, "coefficients", kt_number(coefficient).text,
                   "finite numbers", "a coefficient");
}

ketch_status ktq_terms_check(int32_t state_qubits, uint64_t count, const uint64_t *masks,
                             const double *coefficients, const char *function, ketch_error *error)
{
    const uint64_t terms_max = UINT64_C(1) << 28;
    if (count > terms_max)
        return kt_fail(error, KETCH_RANGE, function, "count",
                       kt_format("%llu", (unsigned long long)count).text,
                       kt_format("0..%llu", (unsigned long long)terms_max).text,
                       "the number of terms");
    if (count && (!masks || !coefficients))
        return kt_fail(error, KETCH_BUFFER, function, masks ? "coefficients" : "masks", "NULL",
                       kt_format("%llu numbers", (unsigned long long)count).text,
                       "no list of terms");
    for (uint64_t i = 0; i < count; i++)
        KT_TRY(check_term(state_qubits, masks[i], coefficients[i], function, error));
    return KETCH_OK;
}

static ketch_status check_observable(int32_t qubits, const ketch_observable *observable,
                                     const char *function, ketch_error *error)
{
    switch (observable->kind) {
    case KETCH_OBSERVE_NORM:
        return KETCH_OK;
    case KETCH_OBSERVE_PROBABILITIES:
        return ktq_qubits_check(
            qubits, observable->count < INT64_MAX ? (int64_t)observable->count : INT64_MAX,
            observable->qubits, function, error);
    case KETCH_OBSERVE_Z:
        return ktq_terms_check(qubits, observable->count, observable->masks,
                               observable->coefficients, function, error);
    }
    return kt_fail(error, KETCH_RANGE, function, "observables",
                   kt_format("%d", (int)observable->kind).text,
                   "1 (norm), 2 (probabilities) or 3 (Z)", "no such kind of observable");
}

ketch_status ktq_observables_check(const ketch_program *program, const ketch_run *run,
                                   const char *function, ketch_error *error)
{
    const uint64_t observables_max = UINT64_C(1) << 20;
    if (run->observable_count > observables_max)
        return kt_fail(error, KETCH_RANGE, function, "observable_count",
                       kt_format("%llu", (unsigned long long)run->observable_count).text,
                       kt_format("0..%llu", (unsigned long long)observables_max).text,
                       "too many observables");
    if (run->observable_count && !run->observables)
        return kt_fail(
            error, KETCH_BUFFER, function, "observables", "NULL",
            kt_format("%llu observables", (unsigned long long)run->observable_count).text,
            "no list of observables");
    if (run->observable_count && run->shots > 1 && !program->sampled)
        return kt_fail(error, KETCH_RANGE, function, "shots",
                       kt_format("%llu", (unsigned long long)run->shots).text, "0 or 1",
                       "each shot is a run of its own, and observables are of one final state");
    for (uint64_t i = 0; i < run->observable_count; i++)
        KT_TRY(check_observable(program->qubits, &run->observables[i], function, error));
    return KETCH_OK;
}

/* ---- what a run observed ---- */

ketch_status ketch_result_observed(double *values, uint64_t capacity, uint64_t index,
                                   const ketch_result *result, ketch_error *error)
{
    const ktq_circuit_run *const run = result ? kt_result_user(result, ktq_circuit_advance) : NULL;
    if (!run)
        return kt_fail_handle(error, __func__, "result", "a circuit's result", result);
    const ktq_watch *const w = &run->watch;
    if (index >= w->count)
        return kt_fail(error, KETCH_INDEX, __func__, "index",
                       kt_format("%llu", (unsigned long long)index).text,
                       kt_format("below %zu", w->count).text, "no such observable");
    const ktq_watched *const each = &w->watched[index];
    const uint64_t count =
        each->kind == KETCH_OBSERVE_PROBABILITIES ? UINT64_C(1) << each->count : 1;
    if (!values || capacity < count)
        return kt_fail(error, KETCH_BUFFER, __func__, values ? "capacity" : "values",
                       values ? kt_format("%llu bytes", (unsigned long long)capacity * 8).text
                              : "NULL",
                       kt_format("%llu bytes", 8 * (unsigned long long)count).text,
                       "no room for the observable's numbers");
    if (w->stage != KTQ_WATCH_ENDED)
        return kt_fail(error, KETCH_SUSPENDED, __func__, "result", NULL, NULL,
                       "the run has not ended: resume it");
    memcpy(values, w->values + each->value, count * sizeof *values);
    return KETCH_OK;
}
