/* The observables' numbers, for callers. */
#include "ket/run/run.h"

#include "status.h"

#include <string.h>

static ketch_status check_place(const double *values, uint64_t capacity, uint64_t count,
                                const char *function, ketch_error *error)
{
    if (values && capacity >= count)
        return KETCH_OK;
    const kt_text given = kt_format("%llu bytes", (unsigned long long)capacity * 8);
    return kt_fail(error, KETCH_BUFFER, function, values ? "capacity" : "values",
                   values ? given.text : "NULL",
                   kt_format("%llu bytes", 8 * (unsigned long long)count).text,
                   "no room for the observable's numbers");
}

ketch_status ketch_circuit_result_observed(double *values, uint64_t capacity, uint64_t index,
                                           const ketch_result *result, ketch_error *error)
{
    const ktq_run *run = NULL;
    KT_TRY(ktq_run_find(&run, result, __func__, error));
    const ktq_observables *const obs = &run->observables;
    if (index >= obs->count)
        return kt_fail(error, KETCH_INDEX, __func__, "index",
                       kt_format("%llu", (unsigned long long)index).text,
                       kt_format("below %zu", obs->count).text, "no such observable");
    const ktq_observed *const each = &obs->observed[index];
    const bool many = each->kind == KETCH_OBSERVE_PROBABILITIES;
    const uint64_t count = many ? UINT64_C(1) << each->count : 1;
    KT_TRY(check_place(values, capacity, count, __func__, error));
    if (!obs->has_ended)
        return kt_fail(error, KETCH_SUSPENDED, __func__, "result", NULL, NULL,
                       "the run has not ended: resume it");
    memcpy(values, obs->values + each->value, (size_t)count * sizeof *values);
    return KETCH_OK;
}
