/* Gates that are given as a matrix or a diagonal. */
#define _GNU_SOURCE
#include "ket/circuit/checks.h"
#include <math.h>

/* The caller's matrix, or diagonal where there are as many pairs as rows. tolerance: how far it may
 * be from unitary. */
typedef struct given_matrix {
    const char *array;
    const double *numbers; /* re, im pairs */
    size_t rows, pairs;
    double tolerance;
} given_matrix;

/* The largest entry of |M M^dagger - 1|. */
static double dense_deviation(const given_matrix *m)
{
    double worst = 0;
    for (size_t i = 0; i < m->rows; i++)
        for (size_t j = i; j < m->rows; j++) {
            const double *a = m->numbers + 2 * i * m->rows;
            const double *b = m->numbers + 2 * j * m->rows;
            double re = i == j ? -1 : 0, im = 0;
            for (size_t k = 0; k < 2 * m->rows; k += 2) {
                re += a[k] * b[k] + a[k + 1] * b[k + 1];
                im += a[k + 1] * b[k] - a[k] * b[k + 1];
            }
            worst = fmax(worst, hypot(re, im));
        }
    return worst;
}

static double diagonal_deviation(const given_matrix *m)
{
    double worst = 0;
    for (size_t i = 0; i < 2 * m->rows; i += 2)
        worst = fmax(worst, fabs(hypot(m->numbers[i], m->numbers[i + 1]) - 1));
    return worst;
}

static ketch_status check_unitary(const ktq_addition *a, const given_matrix *m)
{
    if (!(m->tolerance >= 0) || isinf(m->tolerance))
        return kt_fail(a->error, KETCH_RANGE, a->function, "tolerance",
                       kt_number(m->tolerance).text, "0 (for 1e-10) or a finite positive number",
                       "%s, tolerance", ktq_addition_label(a).text);
    if (!m->numbers)
        return ktq_fail_null(a, m->array);
    KT_TRY(ktq_check_finite(a, m->array, m->numbers, 2 * m->pairs));
    const double deviation = m->pairs == m->rows ? diagonal_deviation(m) : dense_deviation(m);
    const double tolerance = m->tolerance > 0 ? m->tolerance : 1e-10;
    if (deviation <= tolerance)
        return KETCH_OK;
    return kt_fail(a->error, KETCH_UNITARY, a->function, m->array,
                   kt_format("deviation %s", kt_number(deviation).text).text,
                   kt_format("%s (a larger tolerance allows it)", kt_number(tolerance).text).text,
                   "%s is not unitary", ktq_addition_label(a).text);
}

static ketch_status check_targets(const ktq_addition *a, int32_t count, int32_t most)
{
    const int32_t qubits = a->circuit->qubit_count;
    if (count < 1 || count > most || count > qubits)
        return ktq_fail_count(a, "qubit_count", count, 1, KT_MIN(most, qubits), "number of qubits");
    return KETCH_OK;
}

static ketch_status add_matrix(const ktq_addition *a, const given_matrix *m,
                               const ktq_qubit_row *row, const uint8_t *values)
{
    uint64_t open_controls;
    const int32_t controls = (int32_t)row->control_count;
    KT_TRY(ktq_check_values(&open_controls, a, controls, values));
    KT_TRY(check_unitary(a, m));
    return ktq_add_checked(a, row, m->numbers, 2 * m->pairs, open_controls, 0);
}

ketch_status ketch_circuit_unitary(ketch_circuit *circuit, int32_t qubit_count,
                                   const int32_t *qubits, const double *matrix, double tolerance,
                                   int32_t control_count, const int32_t *controls,
                                   const uint8_t *values, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const ktq_addition a = ktq_addition_begin(circuit, KETCH_GATE_UNITARY, __func__, error);
    KT_TRY(check_targets(&a, qubit_count, KETCH_UNITARY_QUBITS_MAX));
    KT_TRY(ktq_check_controls(&a, qubit_count, control_count, controls));
    const size_t dimension = (size_t)1 << qubit_count;
    const given_matrix m = {"matrix", matrix, dimension, dimension * dimension, tolerance};
    const ktq_qubit_row row = {qubits, controls, (size_t)qubit_count, (size_t)control_count};
    return add_matrix(&a, &m, &row, values);
}

ketch_status ketch_circuit_diagonal(ketch_circuit *circuit, int32_t qubit_count,
                                    const int32_t *qubits, const double *diagonal, double tolerance,
                                    int32_t control_count, const int32_t *controls,
                                    const uint8_t *values, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const ktq_addition a = ktq_addition_begin(circuit, KETCH_GATE_DIAGONAL, __func__, error);
    KT_TRY(check_targets(&a, qubit_count, KETCH_DIAGONAL_QUBITS_MAX));
    KT_TRY(ktq_check_controls(&a, qubit_count, control_count, controls));
    const size_t dimension = (size_t)1 << qubit_count;
    const given_matrix m = {"diagonal", diagonal, dimension, dimension, tolerance};
    const ktq_qubit_row row = {qubits, controls, (size_t)qubit_count, (size_t)control_count};
    return add_matrix(&a, &m, &row, values);
}
