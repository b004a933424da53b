#include "reference.h"
#include "ket/circuit/gates.h"
#include "words.h"
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Not ck_assert, which writes a message at every pass: gates are added by the hundred thousand. */
static void expect_good(ketch_status status, const ketch_error *error)
{
    if (status != KETCH_OK)
        ck_abort_msg("%s", error->message);
}

enum { ROWS_MAX = 1 << KETCH_DIAGONAL_QUBITS_MAX };

twin twin_create(int qubits, int bits, uint64_t seed)
{
    twin t = {.qubits = qubits, .random = seed};
    ck_assert_int_eq(ketch_circuit_create(&t.circuit, qubits, bits, NULL), KETCH_OK);
    t.amplitudes = calloc((size_t)1 << qubits, sizeof *t.amplitudes);
    t.amplitudes[0] = 1;
    return t;
}

void twin_destroy(twin *t)
{
    ketch_circuit_destroy(t->circuit);
    free(t->amplitudes);
}

void twin_set(twin *t, uint64_t index)
{
    memset(t->amplitudes, 0, sizeof *t->amplitudes << t->qubits);
    t->amplitudes[index] = 1;
}

uint64_t twin_draw(twin *t, uint64_t below)
{
    return next_word(&t->random) % below;
}

double twin_angle(twin *t)
{
    return ((double)twin_draw(t, 1 << 30) / (1 << 29) - 1) * 3.14159265358979323846;
}

void twin_choose(twin *t, int32_t *qubits, int count)
{
    uint64_t used = 0;
    for (int i = 0; i < count;) {
        const uint64_t q = twin_draw(t, (uint64_t)t->qubits);
        if (used >> q & 1)
            continue;
        used |= UINT64_C(1) << q;
        qubits[i++] = (int32_t)q;
    }
}

/* The index with the bits of `row` at the targets. */
static uint64_t place_row(uint64_t index, uint64_t row, int count, const int32_t *targets)
{
    for (int i = 0; i < count; i++)
        index = (index & ~(UINT64_C(1) << targets[i])) | (row >> i & 1) << targets[i];
    return index;
}

static bool controls_hold(uint64_t index, const twin_controls *c)
{
    for (int i = 0; i < c->count; i++)
        if ((index >> c->qubits[i] & 1) != c->values[i])
            return false;
    return true;
}

/* matrix: 2^count x 2^count, or its diagonal alone. */
static void apply_matrix(twin *t, int count, const int32_t *targets, const double complex *matrix,
                         bool diagonal, const twin_controls *controls)
{
    static long double complex in[ROWS_MAX];
    const uint64_t rows = UINT64_C(1) << count;
    for (uint64_t i = 0; i < UINT64_C(1) << t->qubits; i++) {
        if (i != place_row(i, 0, count, targets) || !controls_hold(i, controls))
            continue;
        for (uint64_t row = 0; row < rows; row++)
            in[row] = t->amplitudes[place_row(i, row, count, targets)];
        for (uint64_t row = 0; row < rows; row++) {
            long double complex sum = diagonal ? in[row] * matrix[row] : 0;
            for (uint64_t k = 0; k < rows && !diagonal; k++)
                sum += (long double complex)matrix[row * rows + k] * in[k];
            t->amplitudes[place_row(i, row, count, targets)] = sum;
        }
    }
}

static const twin_controls none;

void twin_gate(twin *t, ketch_gate gate, const int32_t *qubits, const double *params,
               const twin_controls *further)
{
    const twin_controls *const more = further ? further : &none;
    const ktq_gate_spec *const spec = ktq_gate_spec_of((int32_t)gate);
    double complex matrix[256];
    spec->matrix(matrix, params);
    twin_controls controls = *more;
    for (int i = 0; i < spec->controls; i++) {
        controls.qubits[controls.count] = qubits[i];
        controls.values[controls.count++] = 1;
    }
    apply_matrix(t, spec->qubits - spec->controls, qubits + spec->controls, matrix, false,
                 &controls);
    ketch_error error = {.size = sizeof error};
    const ketch_status status = ketch_circuit_controlled(
        t->circuit, gate, qubits, params, more->count, more->qubits, more->values, &error);
    expect_good(status, &error);
}

void twin_unitary(twin *t, int count, const int32_t *qubits, const double *matrix,
                  const twin_controls *further)
{
    const twin_controls *const more = further ? further : &none;
    apply_matrix(t, count, qubits, (const double complex *)matrix, false, more);
    ketch_error error = {.size = sizeof error};
    const ketch_status status = ketch_circuit_unitary(
        t->circuit, count, qubits, matrix, 100, more->count, more->qubits, more->values, &error);
    expect_good(status, &error);
}

void twin_diagonal(twin *t, int count, const int32_t *qubits, const double *diagonal,
                   const twin_controls *further)
{
    const twin_controls *const more = further ? further : &none;
    apply_matrix(t, count, qubits, (const double complex *)diagonal, true, more);
    ketch_error error = {.size = sizeof error};
    const ketch_status status = ketch_circuit_diagonal(
        t->circuit, count, qubits, diagonal, 0, more->count, more->qubits, more->values, &error);
    expect_good(status, &error);
}

void twin_permutation(twin *t, int count, const int32_t *qubits, const uint64_t *table,
                      const twin_controls *further)
{
    static long double complex in[ROWS_MAX];
    const twin_controls *const more = further ? further : &none;
    for (uint64_t i = 0; i < UINT64_C(1) << t->qubits; i++) {
        if (i != place_row(i, 0, count, qubits) || !controls_hold(i, more))
            continue;
        for (uint64_t row = 0; row >> count == 0; row++)
            in[row] = t->amplitudes[place_row(i, row, count, qubits)];
        for (uint64_t row = 0; row >> count == 0; row++)
            t->amplitudes[place_row(i, table[row], count, qubits)] = in[row];
    }
    ketch_error error = {.size = sizeof error};
    const ketch_status status = ketch_circuit_permutation(
        t->circuit, count, qubits, table, more->count, more->qubits, more->values, &error);
    expect_good(status, &error);
}

void twin_multiplexer(twin *t, int32_t target, int select_count, const int32_t *selects,
                      const double *matrices, const twin_controls *further)
{
    const twin_controls *const more = further ? further : &none;
    for (uint64_t i = 0; i < UINT64_C(1) << t->qubits; i++) {
        if ((i >> target & 1) || !controls_hold(i, more))
            continue;
        uint64_t value = 0;
        for (int k = 0; k < select_count; k++)
            value |= (i >> selects[k] & 1) << k;
        const double complex *const m = (const double complex *)matrices + 4 * value;
        long double complex *const low = &t->amplitudes[i];
        long double complex *const high = &t->amplitudes[i | UINT64_C(1) << target];
        const long double complex a = *low, b = *high;
        *low = m[0] * a + m[1] * b;
        *high = m[2] * a + m[3] * b;
    }
    ketch_error error = {.size = sizeof error};
    const ketch_status status =
        ketch_circuit_multiplexer(t->circuit, target, select_count, selects, matrices, 0,
                                  more->count, more->qubits, more->values, &error);
    expect_good(status, &error);
}

static long double angle_value(const ketch_angle *angle, const double *values)
{
    long double sum = angle->offset;
    if (angle->parameter >= 0)
        sum += (long double)angle->factor * values[angle->parameter];
    for (uint64_t i = 0; i < angle->term_count; i++)
        sum += (long double)angle->terms[i].factor * values[angle->terms[i].parameter];
    return sum;
}

/* The entry of the product of Paulis in row `row`, and its column. */
static long double complex pauli_entry(uint64_t row, int count, const int32_t *qubits,
                                       const char *letters, uint64_t *column)
{
    long double complex entry = 1;
    *column = row;
    for (int k = 0; k < count; k++) {
        const int bit = row >> qubits[k] & 1;
        if (letters[k] == 'X' || letters[k] == 'Y')
            *column ^= UINT64_C(1) << qubits[k];
        if (letters[k] == 'Y')
            entry *= bit ? I : -I;
        if (letters[k] == 'Z')
            entry *= bit ? -1 : 1;
    }
    return entry;
}

void twin_pauli_rotation(twin *t, const ketch_angle *angle, const double *values, int count,
                         const int32_t *qubits, const char *letters, const twin_controls *further)
{
    const twin_controls *const more = further ? further : &none;
    const long double half = angle_value(angle, values) / 2;
    long double complex *const in = malloc(sizeof *in << t->qubits);
    memcpy(in, t->amplitudes, sizeof *in << t->qubits);
    for (uint64_t i = 0; i < UINT64_C(1) << t->qubits; i++) {
        uint64_t column;
        const long double complex entry = pauli_entry(i, count, qubits, letters, &column);
        if (controls_hold(i, more))
            t->amplitudes[i] = cosl(half) * in[i] - I * sinl(half) * entry * in[column];
    }
    free(in);
    ketch_error error = {.size = sizeof error};
    const ketch_status status = ketch_circuit_pauli_rotation(
        t->circuit, angle, count, qubits, letters, more->count, more->qubits, more->values, &error);
    expect_good(status, &error);
}

void twin_random_table(twin *t, int count, uint64_t *table)
{
    for (uint64_t i = 0; i >> count == 0; i++) {
        const uint64_t other = twin_draw(t, i + 1);
        table[i] = table[other];
        table[other] = i;
    }
}

/* Gram-Schmidt on random rows, in long double. */
void twin_random_unitary(twin *t, int count, double *matrix)
{
    const int rows = 1 << count;
    static long double complex row[1 << KETCH_UNITARY_QUBITS_MAX][1 << KETCH_UNITARY_QUBITS_MAX];
    for (int i = 0; i < rows; i++) {
        for (int k = 0; k < rows; k++)
            row[i][k] = (long double)twin_angle(t) + (long double)twin_angle(t) * I;
        for (int twice = 0; twice < 2; twice++) {
            for (int j = 0; j < i; j++) {
                long double complex dot = 0;
                for (int k = 0; k < rows; k++)
                    dot += conjl(row[j][k]) * row[i][k];
                for (int k = 0; k < rows; k++)
                    row[i][k] -= dot * row[j][k];
            }
        }
        long double norm = 0;
        for (int k = 0; k < rows; k++)
            norm += cabsl(row[i][k]) * cabsl(row[i][k]);
        for (int k = 0; k < rows; k++) {
            row[i][k] /= sqrtl(norm);
            matrix[2 * (i * rows + k)] = (double)creall(row[i][k]);
            matrix[2 * (i * rows + k) + 1] = (double)cimagl(row[i][k]);
        }
    }
}

static twin_controls choose_controls(twin *t, int32_t *qubits, int own)
{
    twin_controls controls = {0};
    const int room = t->qubits - own;
    if (room > 0 && twin_draw(t, 3) == 0)
        controls.count = 1 + (int)twin_draw(t, (uint64_t)(room < 3 ? room : 3));
    twin_choose(t, qubits, own + controls.count);
    for (int i = 0; i < controls.count; i++) {
        controls.qubits[i] = qubits[own + i];
        controls.values[i] = (uint8_t)twin_draw(t, 2);
    }
    return controls;
}

static int least_of(int a, int b)
{
    return a < b ? a : b;
}

static void random_matrix_gate(twin *t, bool diagonal)
{
    static double matrix[2 << 2 * KETCH_UNITARY_QUBITS_MAX];
    int32_t qubits[16];
    const int most = diagonal ? KETCH_DIAGONAL_QUBITS_MAX : KETCH_UNITARY_QUBITS_MAX;
    const int count = 1 + (int)twin_draw(t, (uint64_t)least_of(most, t->qubits));
    const twin_controls controls = choose_controls(t, qubits, count);
    if (!diagonal) {
        twin_random_unitary(t, count, matrix);
        twin_unitary(t, count, qubits, matrix, &controls);
        return;
    }
    for (int i = 0; i < 1 << count; i++) {
        const double angle = twin_angle(t);
        matrix[2 * i] = cos(angle);
        matrix[2 * i + 1] = sin(angle);
    }
    twin_diagonal(t, count, qubits, matrix, &controls);
}

static void random_table_gate(twin *t)
{
    uint64_t table[16];
    int32_t qubits[16];
    const int count = 1 + (int)twin_draw(t, (uint64_t)least_of(4, t->qubits));
    const twin_controls controls = choose_controls(t, qubits, count);
    twin_random_table(t, count, table);
    twin_permutation(t, count, qubits, table, &controls);
}

/* Some of the matrices are the identity, or all of them diagonal. */
static void random_multiplexer(twin *t)
{
    double matrices[8 << 3];
    int32_t qubits[16];
    const int count = 1 + (int)twin_draw(t, (uint64_t)least_of(4, t->qubits));
    const twin_controls controls = choose_controls(t, qubits, count);
    const bool all_diagonal = twin_draw(t, 4) == 0;
    for (int i = 0; i < 1 << (count - 1); i++) {
        double *const m = matrices + 8 * i;
        const double angle = twin_draw(t, 4) ? twin_angle(t) : 0;
        const double diagonal[8] = {cos(angle), sin(angle), 0, 0, 0, 0, 1, 0};
        memcpy(m, diagonal, sizeof diagonal);
        if (angle != 0 && !all_diagonal)
            twin_random_unitary(t, 1, m);
    }
    twin_multiplexer(t, qubits[0], count - 1, qubits + 1, matrices, &controls);
}

static void random_pauli_rotation(twin *t)
{
    char letters[16] = "";
    int32_t qubits[16];
    const int count = 1 + (int)twin_draw(t, (uint64_t)least_of(12, t->qubits));
    const twin_controls controls = choose_controls(t, qubits, count);
    const ketch_angle angle = {.parameter = -1, .offset = twin_angle(t)};
    for (int i = 0; i < count; i++)
        letters[i] = "XYZI"[twin_draw(t, 4)];
    twin_pauli_rotation(t, &angle, NULL, count, qubits, letters, &controls);
}

void twin_random_gate(twin *t)
{
    const uint64_t kind = twin_draw(t, 15);
    switch (kind) {
    case 0:
    case 1:
        random_matrix_gate(t, kind == 0);
        return;
    case 2:
        random_table_gate(t);
        return;
    case 3:
        random_multiplexer(t);
        return;
    case 4:
        random_pauli_rotation(t);
        return;
    default:
        break;
    }
    const ketch_gate gate = (ketch_gate)twin_draw(t, KETCH_GATE_UNITARY);
    const ktq_gate_spec *const spec = ktq_gate_spec_of((int32_t)gate);
    if (spec->qubits > t->qubits)
        return;
    int32_t qubits[16];
    double params[4];
    for (int i = 0; i < spec->params; i++)
        params[i] = twin_draw(t, 8) ? twin_angle(t) : 0;
    const twin_controls controls = choose_controls(t, qubits, spec->qubits);
    twin_gate(t, gate, qubits, params, &controls);
}

double twin_error(const twin *t, const void *amplitudes, ketch_precision precision)
{
    double worst = 0;
    for (size_t i = 0; i < (size_t)1 << t->qubits; i++) {
        const double complex a = precision == KETCH_SINGLE
                                     ? ((const float complex *)amplitudes)[i]
                                     : ((const double complex *)amplitudes)[i];
        const double off = (double)cabsl(t->amplitudes[i] - a);
        worst = off <= worst ? worst : off; /* nan is the worst */
    }
    return worst;
}
