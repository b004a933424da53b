#include "unitary.h"
#include "ket/circuit/gates.h"
#include "runs.h"

#include <math.h>
#include <stdlib.h>

static size_t rows_of(int qubits)
{
    return (size_t)1 << qubits;
}

static unitary make_zeros(int qubits)
{
    if (qubits < 0 || qubits > UNITARY_QUBITS_MAX)
        abort();
    const size_t rows = rows_of(qubits);
    return (unitary){qubits, calloc(rows * rows, sizeof(long double complex))};
}

unitary unitary_one(int qubits)
{
    const unitary one = make_zeros(qubits);
    for (size_t i = 0; i < rows_of(qubits); i++)
        one.entries[i * rows_of(qubits) + i] = 1;
    return one;
}

void unitary_free(unitary *d)
{
    free(d->entries);
    d->entries = NULL;
}

/* ---- algebra ---- */

unitary unitary_product(const unitary *a, const unitary *b)
{
    const size_t rows = rows_of(a->qubits);
    const unitary product = make_zeros(a->qubits);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < rows; j++)
            for (size_t k = 0; k < rows; k++)
                product.entries[i * rows + k] +=
                    a->entries[i * rows + j] * b->entries[j * rows + k];
    return product;
}

unitary unitary_adjoint(const unitary *a)
{
    const size_t rows = rows_of(a->qubits);
    const unitary adjoint = make_zeros(a->qubits);
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

unitary unitary_embed(const unitary *a, int qubits, const int32_t *places)
{
    const size_t rows = rows_of(qubits);
    const unitary wide = make_zeros(qubits);
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < rows; k++)
            if (clear_bits(i, a->qubits, places) == clear_bits(k, a->qubits, places))
                wide.entries[i * rows + k] =
                    a->entries[pick_bits(i, a->qubits, places) * rows_of(a->qubits) +
                               pick_bits(k, a->qubits, places)];
    return wide;
}

unitary unitary_control(const unitary *a, int count, const uint8_t *values)
{
    const unitary wide = unitary_one(a->qubits + count);
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

double unitary_distance(const unitary *a, const unitary *b)
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
static unitary fixed_matrix(const ketch_record *r, const ktq_gate_spec *spec, const double *values)
{
    double complex matrix[256];
    double angles[4];
    const int targets = spec->qubits - spec->controls;
    for (int i = 0; i < r->angle_count; i++)
        angles[i] = angle_value(&r->angles[i], values);
    spec->matrix(matrix, angles);
    unitary base = make_zeros(targets);
    for (size_t i = 0; i < rows_of(targets) * rows_of(targets); i++)
        base.entries[i] = matrix[i];
    const unitary whole = unitary_control(&base, spec->controls, (uint8_t[]){1, 1, 1, 1});
    unitary_free(&base);
    return whole;
}

/* One of I, X, Y, Z at row, column. */
static long double complex pauli_at(int letter, size_t row, size_t column)
{
    static const long double complex paulis[4][4] = {
        {1, 0, 0, 1}, {0, 1, 1, 0}, {0, -1.0L * I, 1.0L * I, 0}, {1, 0, 0, -1}};
    return paulis[letter][2 * row + column];
}

static unitary rotation_matrix(const ketch_record *r, const double *values)
{
    const unitary m = make_zeros(r->qubit_count);
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
static unitary numbers_matrix(const ketch_record *r)
{
    const unitary m = make_zeros(r->qubit_count);
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

static unitary own_matrix(const ketch_record *r, const double *values)
{
    const ktq_gate_spec *const spec = ktq_gate_spec_of((int32_t)r->gate);
    if (spec->matrix)
        return fixed_matrix(r, spec, values);
    return r->gate == KETCH_GATE_PAULI_ROTATION ? rotation_matrix(r, values) : numbers_matrix(r);
}

/* The record's matrix on all qubits: its further controls go before its own qubits. */
static unitary record_matrix(const ketch_record *r, int qubits, const double *values)
{
    int32_t places[UNITARY_QUBITS_MAX];
    for (int i = 0; i < r->control_count; i++)
        places[i] = r->qubits[r->qubit_count + i];
    for (int i = 0; i < r->qubit_count; i++)
        places[r->control_count + i] = r->qubits[i];
    unitary own = own_matrix(r, values);
    unitary controlled = unitary_control(&own, r->control_count, r->values);
    const unitary wide = unitary_embed(&controlled, qubits, places);
    unitary_free(&own);
    unitary_free(&controlled);
    return wide;
}

unitary unitary_of(const ketch_circuit *circuit, const double *values)
{
    const int qubits = ketch_circuit_qubits(circuit);
    unitary whole = unitary_one(qubits);
    for (uint64_t i = 0; i < ketch_circuit_length(circuit); i++) {
        ketch_record r = {.size = sizeof r};
        GOOD(ketch_circuit_read(circuit, i, &r, &error));
        if (r.gate == KETCH_GATE_BARRIER || r.gate == KETCH_GATE_FENCE)
            continue;
        ck_assert(r.gate != KETCH_GATE_MEASURE && r.gate != KETCH_GATE_RESET);
        ck_assert_int_eq(r.condition_count, 0);
        unitary step = record_matrix(&r, qubits, values);
        const unitary product = unitary_product(&step, &whole);
        unitary_free(&step);
        unitary_free(&whole);
        whole = product;
    }
    return whole;
}
