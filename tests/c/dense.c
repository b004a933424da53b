#include "dense.h"
#include "ket/circuit/gates.h"
#include "runs.h"

#include <math.h>
#include <stdlib.h>

static size_t rows_of(int qubits)
{
    return (size_t)1 << qubits;
}

static dense make_zeros(int qubits)
{
    if (qubits < 0 || qubits > DENSE_QUBITS_MAX)
        abort();
    const size_t rows = rows_of(qubits);
    return (dense){qubits, calloc(rows * rows, sizeof(long double complex))};
}

dense dense_one(int qubits)
{
    const dense one = make_zeros(qubits);
    for (size_t i = 0; i < rows_of(qubits); i++)
        one.entries[i * rows_of(qubits) + i] = 1;
    return one;
}

void dense_free(dense *d)
{
    free(d->entries);
    d->entries = NULL;
}

/* ---- algebra ---- */

dense dense_product(const dense *a, const dense *b)
{
    const size_t rows = rows_of(a->qubits);
    const dense product = make_zeros(a->qubits);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < rows; j++)
            for (size_t k = 0; k < rows; k++)
                product.entries[i * rows + k] +=
                    a->entries[i * rows + j] * b->entries[j * rows + k];
    return product;
}

dense dense_adjoint(const dense *a)
{
    const size_t rows = rows_of(a->qubits);
    const dense adjoint = make_zeros(a->qubits);
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < rows; k++)
            adjoint.entries[i * rows + k] = conjl(a->entries[k * rows + i]);
    return adjoint;
}

/* The bits of `index` at these places, the first one lowest. */
static size_t pick_bits(size_t index, int count, const int32_t *places)
{
    size_t bits = 0;
    for (int i = 0; i < count; i++)
        bits |= (index >> places[i] & 1) << i;
    return bits;
}

static size_t clear_bits(size_t index, int count, const int32_t *places)
{
    for (int i = 0; i < count; i++)
        index &= ~((size_t)1 << places[i]);
    return index;
}

dense dense_embed(const dense *a, int qubits, const int32_t *places)
{
    const size_t rows = rows_of(qubits);
    const dense wide = make_zeros(qubits);
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < rows; k++)
            if (clear_bits(i, a->qubits, places) == clear_bits(k, a->qubits, places))
                wide.entries[i * rows + k] =
                    a->entries[pick_bits(i, a->qubits, places) * rows_of(a->qubits) +
                               pick_bits(k, a->qubits, places)];
    return wide;
}

dense dense_control(const dense *a, int count, const uint8_t *values)
{
    const dense wide = dense_one(a->qubits + count);
    const size_t rows = rows_of(wide.qubits);
    size_t on = 0;
    for (int i = 0; i < count; i++)
        on |= (size_t)values[i] << i;
    for (size_t i = 0; i < rows_of(a->qubits); i++)
        for (size_t k = 0; k < rows_of(a->qubits); k++)
            wide.entries[(i << count | on) * rows + (k << count | on)] =
                a->entries[i * rows_of(a->qubits) + k];
    return wide;
}

double dense_distance(const dense *a, const dense *b)
{
    const size_t rows = rows_of(a->qubits);
    double worst = a->qubits == b->qubits ? 0 : INFINITY;
    for (size_t i = 0; a->qubits == b->qubits && i < rows * rows; i++) {
        const double off = (double)cabsl(a->entries[i] - b->entries[i]);
        worst = off <= worst ? worst : off; /* nan is the worst */
    }
    return worst;
}

/* ---- records ---- */

static double angle_value(const ketch_angle *angle, const double *values)
{
    double sum = angle->offset;
    if (angle->parameter >= 0)
        sum += angle->factor * values[angle->parameter];
    for (uint64_t i = 0; i < angle->term_count; i++)
        sum += angle->terms[i].factor * values[angle->terms[i].parameter];
    return sum;
}

/* Number i of pairs re, im. */
static long double complex pair_at(const double *numbers, size_t i)
{
    return (long double)numbers[2 * i] + (long double)numbers[2 * i + 1] * I;
}

/* On a gate's own qubits, of which the first `controls` are controls. */
static dense fixed_matrix(const ketch_record *r, const ktq_gate_spec *spec, const double *values)
{
    double complex matrix[256];
    double angles[4];
    const int targets = spec->qubits - spec->controls;
    for (int i = 0; i < r->angle_count; i++)
        angles[i] = angle_value(&r->angles[i], values);
    spec->matrix(matrix, angles);
    dense base = make_zeros(targets);
    for (size_t i = 0; i < rows_of(targets) * rows_of(targets); i++)
        base.entries[i] = matrix[i];
    const dense whole = dense_control(&base, spec->controls, (uint8_t[]){1, 1, 1, 1});
    dense_free(&base);
    return whole;
}

/* One of I, X, Y, Z at row, column. */
static long double complex pauli_at(int letter, size_t row, size_t column)
{
    static const long double complex paulis[4][4] = {
        {1, 0, 0, 1}, {0, 1, 1, 0}, {0, -1.0L * I, 1.0L * I, 0}, {1, 0, 0, -1}};
    return paulis[letter][2 * row + column];
}

static dense rotation_matrix(const ketch_record *r, const double *values)
{
    const dense m = make_zeros(r->qubit_count);
    const size_t rows = rows_of(r->qubit_count);
    const long double half = (long double)angle_value(&r->angles[0], values) / 2;
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < rows; k++) {
            long double complex product = 1;
            for (int q = 0; q < r->qubit_count; q++)
                product *= pauli_at((int)r->numbers[q], i >> q & 1, k >> q & 1);
            m.entries[i * rows + k] = (i == k) * cosl(half) - I * sinl(half) * product;
        }
    return m;
}

/* Of what is given by its numbers. */
static dense numbers_matrix(const ketch_record *r)
{
    const dense m = make_zeros(r->qubit_count);
    const size_t rows = rows_of(r->qubit_count);
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < rows; k++)
            if (r->gate == KETCH_GATE_UNITARY)
                m.entries[i * rows + k] = pair_at(r->numbers, i * rows + k);
            else if (r->gate == KETCH_GATE_DIAGONAL)
                m.entries[i * rows + k] = i == k ? pair_at(r->numbers, i) : 0;
            else if (r->gate == KETCH_GATE_PERMUTATION)
                m.entries[i * rows + k] = r->numbers[k] == (double)i;
            else if (i >> 1 == k >> 1) /* a multiplexer: the target is the lowest bit */
                m.entries[i * rows + k] = pair_at(r->numbers, 4 * (i >> 1) + 2 * (i & 1) + (k & 1));
    return m;
}

static dense own_matrix(const ketch_record *r, const double *values)
{
    const ktq_gate_spec *const spec = ktq_gate_spec_of((int32_t)r->gate);
    if (spec->matrix)
        return fixed_matrix(r, spec, values);
    return r->gate == KETCH_GATE_PAULI_ROTATION ? rotation_matrix(r, values) : numbers_matrix(r);
}

/* The record's matrix on all qubits: its further controls go before its own qubits. */
static dense record_matrix(const ketch_record *r, int qubits, const double *values)
{
    int32_t places[DENSE_QUBITS_MAX];
    for (int i = 0; i < r->control_count; i++)
        places[i] = r->qubits[r->qubit_count + i];
    for (int i = 0; i < r->qubit_count; i++)
        places[r->control_count + i] = r->qubits[i];
    dense own = own_matrix(r, values);
    dense controlled = dense_control(&own, r->control_count, r->values);
    const dense wide = dense_embed(&controlled, qubits, places);
    dense_free(&own);
    dense_free(&controlled);
    return wide;
}

dense dense_of(const ketch_circuit *circuit, const double *values)
{
    const int qubits = ketch_circuit_qubits(circuit);
    dense whole = dense_one(qubits);
    for (uint64_t i = 0; i < ketch_circuit_length(circuit); i++) {
        ketch_record r = {.size = sizeof r};
        GOOD(ketch_circuit_read(circuit, i, &r, &error));
        if (r.gate == KETCH_GATE_BARRIER || r.gate == KETCH_GATE_FENCE)
            continue;
        ck_assert(r.gate != KETCH_GATE_MEASURE && r.gate != KETCH_GATE_RESET);
        ck_assert_int_eq(r.condition_count, 0);
        dense step = record_matrix(&r, qubits, values);
        const dense product = dense_product(&step, &whole);
        dense_free(&step);
        dense_free(&whole);
        whole = product;
    }
    return whole;
}
