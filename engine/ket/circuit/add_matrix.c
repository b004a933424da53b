/* Gates that are given as a matrix, as a diagonal, or as a matrix for each value of selects. */
#define _GNU_SOURCE
#include "ket/circuit/checks.h"
#include <math.h>

/* The caller's matrices, one after the other; or a diagonal where there are as many pairs as rows.
 * tolerance: how far they may be from unitary. */
typedef struct given_matrix {
    const char *array;
    const double *numbers; /* re, im pairs */
    size_t rows, pairs;
    double tolerance;
} given_matrix;

/* The largest entry of |M M^dagger - 1|. */
static double dense_deviation(const double *numbers, size_t rows)
{
    double worst = 0;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = i; j < rows; j++) {
            const double *a = numbers + 2 * i * rows;
            const double *b = numbers + 2 * j * rows;
            double re = i == j ? -1 : 0, im = 0;
            for (size_t k = 0; k < 2 * rows; k += 2) {
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

/* The largest deviation of all, and the number of the matrix that has it. */
static double largest_deviation(const given_matrix *m, size_t *worst)
{
    double largest = 0;
    *worst = 0;
    if (m->pairs == m->rows)
        return diagonal_deviation(m);
    for (size_t i = 0; i < m->pairs / (m->rows * m->rows); i++) {
        const double deviation = dense_deviation(m->numbers + 2 * i * m->rows * m->rows, m->rows);
        if (deviation <= largest)
            continue;
        largest = deviation;
        *worst = i;
    }
    return largest;
}

static ketch_status check_unitary(const ktq_addition *a, const given_matrix *m)
{
    size_t worst;
    if (!(m->tolerance >= 0) || isinf(m->tolerance))
        return kt_fail(a->error, KETCH_RANGE, a->function, "tolerance",
                       kt_number(m->tolerance).text, "0 (for 1e-10) or a finite positive number",
                       "%s, tolerance", ktq_addition_label(a).text);
    if (!m->numbers)
        return ktq_fail_null(a, m->array);
    KT_TRY(ktq_check_finite(a, m->array, m->numbers, 2 * m->pairs));
    const double deviation = largest_deviation(m, &worst);
    const double tolerance = m->tolerance > 0 ? m->tolerance : 1e-10;
    if (deviation <= tolerance)
        return KETCH_OK;
    return kt_fail(a->error, KETCH_UNITARY, a->function, m->array,
                   kt_format("deviation %s", kt_number(deviation).text).text,
                   kt_format("%s (a larger tolerance allows it)", kt_number(tolerance).text).text,
                   a->gate == KETCH_GATE_MULTIPLEXER ? "%s, matrix %zu is not unitary"
                                                     : "%s is not unitary",
                   ktq_addition_label(a).text, worst);
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
    KT_TRY(ktq_check_own(&a, qubit_count, KETCH_UNITARY_QUBITS_MAX));
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
    KT_TRY(ktq_check_own(&a, qubit_count, KETCH_DIAGONAL_QUBITS_MAX));
    KT_TRY(ktq_check_controls(&a, qubit_count, control_count, controls));
    const size_t dimension = (size_t)1 << qubit_count;
    const given_matrix m = {"diagonal", diagonal, dimension, dimension, tolerance};
    const ktq_qubit_row row = {qubits, controls, (size_t)qubit_count, (size_t)control_count};
    return add_matrix(&a, &m, &row, values);
}

static ketch_status check_selects(const ktq_addition *a, int32_t count, const int32_t *selects)
{
    const int32_t most = KT_MIN(KETCH_SELECTS_MAX, a->circuit->qubit_count - 1);
    if (count < 0 || count > most)
        return ktq_fail_count(a, "select_count", count, 0, most, "number of selects");
    return count > 0 && !selects ? ktq_fail_null(a, "selects") : KETCH_OK;
}

ketch_status ketch_circuit_multiplexer(ketch_circuit *circuit, int32_t target, int32_t select_count,
                                       const int32_t *selects, const double *matrices,
                                       double tolerance, int32_t control_count,
                                       const int32_t *controls, const uint8_t *values,
                                       ketch_error *error)
{
    int32_t own[1 + KETCH_SELECTS_MAX] = {target};
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    ktq_addition a = ktq_addition_begin(circuit, KETCH_GATE_MULTIPLEXER, __func__, error);
    KT_TRY(check_selects(&a, select_count, selects));
    KT_TRY(ktq_check_controls(&a, 1 + select_count, control_count, controls));
    for (int32_t i = 0; i < select_count; i++)
        own[1 + i] = selects[i];
    const given_matrix m = {"matrices", matrices, 2, (size_t)4 << select_count, tolerance};
    const ktq_qubit_row row = {own, controls, 1 + (size_t)select_count, (size_t)control_count};
    return add_matrix(&a, &m, &row, values);
}
