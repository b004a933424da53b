#include "ket/state/norm.h"

#include "ket/state/reduce.h"
#include "status.h"

#include <math.h>

#define NORM_TOLERANCE 1e-6

static ketch_status find_nonfinite(const ktq_chunks *chunks, const char *argument,
                                   const char *function, ketch_error *error)
{
    const uint64_t parts = UINT64_C(2) << chunks->qubits;
    for (uint64_t part = 0; part < parts; part++) {
        const double value = ktq_part_read(chunks->amplitudes, chunks->precision, part);
        if (isfinite(value))
            continue;
        return kt_fail(error, KETCH_NONFINITE, function, argument,
                       isnan(value) ? "nan"
                       : value > 0  ? "inf"
                                    : "-inf",
                       "finite numbers", "the %s part of amplitude %llu is not finite",
                       part % 2 ? "imaginary" : "real", (unsigned long long)(part / 2));
    }
    return KETCH_OK;
}

ketch_status ktq_norm_read(double *norm, const ktq_chunks *chunks, const char *argument,
                           const char *function, ketch_error *error)
{
    const ktq_weight weight = {.chunks = *chunks};
    *norm = sqrt(ktq_weight_serial(&weight));
    if (isfinite(*norm))
        return KETCH_OK;
    *norm = HUGE_VAL; /* squares overflowed where every number is finite */
    return find_nonfinite(chunks, argument, function, error);
}

ketch_status ktq_norm_check(double norm, const char *argument, const char *function,
                            ketch_error *error)
{
    if (fabs(norm - 1) <= NORM_TOLERANCE)
        return KETCH_OK;
    return kt_fail(error, KETCH_NORM, function, argument, kt_number(norm).text, "1 within 1e-06",
                   "the norm of the amplitudes (ketch_state_set_amplitudes can normalise them)");
}
