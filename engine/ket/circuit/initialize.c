/* Preparing qubits in a state: resets, and then multiplexers (Shende, Bullock, Markov,
 * quant-ph/0406176) or one-qubit gates. */
#define _GNU_SOURCE
#include "heap.h"
#include "ket/circuit/checks.h"
#include <math.h>
#include <string.h>

enum { INITIALIZE_QUBITS_MAX = 1 + KETCH_SELECTS_MAX };

/* The row of the qubits, checked: all that is added acts on some of them. */
typedef struct preparation {
    ktq_addition addition;
    uint8_t qubits[KETCH_QUBITS_MAX];
    size_t count;
} preparation;

/* The resets stand for the whole in errors. */
static ketch_status begin_preparation(preparation *p, ketch_circuit *circuit, int32_t count,
                                      int32_t most, const int32_t *qubits, const char *function,
                                      ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, function, error));
    p->addition = ktq_addition_begin(circuit, KETCH_GATE_RESET, function, error);
    p->addition.name = "initialize";
    KT_TRY(ktq_check_own(&p->addition, count, most));
    if (!qubits)
        return ktq_fail_null(&p->addition, "qubits");
    const ktq_qubit_row row = {qubits, NULL, (size_t)count, 0};
    p->count = row.own_count;
    return ktq_check_qubits(p->qubits, &p->addition, &row);
}

/* Appends a record for which there is room. */
static void append_record(const preparation *p, ketch_gate gate, const uint8_t *qubits,
                          size_t count, const double *params, size_t param_count)
{
    const ktq_gate added = {
        .gate = (uint16_t)gate, .own_count = (uint8_t)count, .param_count = (uint16_t)param_count};
    const bool fits = ktq_circuit_append(p->addition.circuit, &added, qubits, params);
    assert(fits);
    (void)fits;
}

static void append_resets(const preparation *p)
{
    for (size_t i = 0; i < p->count; i++)
        append_record(p, KETCH_GATE_RESET, &p->qubits[i], 1, NULL, 0);
}

/* ---- any state ---- */

/* norms[level]: 2^(count - level) norms, each of 2^level amplitudes in a row. Those of level 0 are
 * not computed. */
typedef struct norm_tree {
    const double *amplitudes; /* re, im */
    double *norms[INITIALIZE_QUBITS_MAX + 1];
} norm_tree;

static void compute_norms(norm_tree *t, size_t count, double *memory)
{
    for (size_t level = 1; level <= count; level++) {
        t->norms[level] = memory;
        memory += (size_t)1 << (count - level);
        for (size_t i = 0; i >> (count - level) == 0; i++) {
            const double *const a =
                level == 1 ? t->amplitudes + 4 * i : t->norms[level - 1] + 2 * i;
            t->norms[level][i] =
                level == 1 ? hypot(hypot(a[0], a[1]), hypot(a[2], a[3])) : hypot(a[0], a[1]);
        }
    }
}

/* Writes the matrix that takes |0> to the halves of entry i of the level, normalized. Returns whether
 * it is not the identity. */
static bool write_split(double matrix[8], const norm_tree *t, size_t level, size_t i)
{
    const double norm = t->norms[level][i];
    double halves[4] = {1, 0, 0, 0};
    if (norm > 0 && level > 1) {
        halves[0] = t->norms[level - 1][2 * i] / norm;
        halves[2] = t->norms[level - 1][2 * i + 1] / norm;
    } else if (norm > 0) {
        for (size_t k = 0; k < 4; k++)
            halves[k] = t->amplitudes[4 * i + k] / norm;
    }
    const double made[8] = {halves[0], halves[1], -halves[2], halves[3],
                            halves[2], halves[3], halves[0],  -halves[1]};
    memcpy(matrix, made, sizeof made);
    return halves[0] != 1 || halves[1] != 0 || halves[2] != 0 || halves[3] != 0;
}

/* Appends the multiplexer that splits each norm of the level between 0 and 1 of its qubit; nothing
 * where all of its matrices are the identity. */
static void append_splits(const preparation *p, const norm_tree *t, size_t level)
{
    ketch_circuit *const circuit = p->addition.circuit;
    double *const matrices = circuit->params.items + circuit->params.count;
    const size_t values = (size_t)1 << (p->count - level);
    bool acts = false;
    for (size_t i = 0; i < values; i++)
        acts |= write_split(matrices + 8 * i, t, level, i);
    if (acts)
        append_record(p, KETCH_GATE_MULTIPLEXER, p->qubits + level - 1, p->count - level + 1,
                      matrices, 8 * values);
}

static ketch_status check_prepared(const preparation *p, const double *amplitudes)
{
    const ktq_addition *const a = &p->addition;
    double sum = 0;
    if (!amplitudes)
        return ktq_fail_null(a, "amplitudes");
    KT_TRY(ktq_check_finite(a, "amplitudes", amplitudes, (size_t)2 << p->count));
    for (size_t i = 0; i >> p->count < 2; i++)
        sum += amplitudes[i] * amplitudes[i];
    const double norm = sqrt(sum);
    if (fabs(norm - 1) <= 1e-6)
        return KETCH_OK;
    return kt_fail(a->error, KETCH_NORM, a->function, "amplitudes",
                   kt_format("norm %s", kt_number(norm).text).text, "norm 1 within 1e-6",
                   "%s, amplitudes", ktq_addition_label(a).text);
}

/* Room for everything, so that all is added or nothing: the multiplexers have 2^count - 1 matrices and
 * less than count^2 qubits together. */
static bool reserve_splits(const preparation *p)
{
    return ktq_circuit_reserve(p->addition.circuit, 2 * p->count, p->count + p->count * p->count,
                               (size_t)8 << p->count);
}

ketch_status ketch_circuit_initialize(ketch_circuit *circuit, int32_t qubit_count,
                                      const int32_t *qubits, const double *amplitudes,
                                      ketch_error *error)
{
    preparation p;
    norm_tree t = {.amplitudes = amplitudes};
    KT_TRY(begin_preparation(&p, circuit, qubit_count, INITIALIZE_QUBITS_MAX, qubits, __func__,
                             error));
    KT_TRY(check_prepared(&p, amplitudes));
    double *const memory = kt_heap_take(sizeof *memory << p.count);
    if (!memory || !reserve_splits(&p)) {
        kt_heap_give(memory);
        return kt_fail_heap(error, __func__);
    }
    compute_norms(&t, p.count, memory);
    append_resets(&p);
    for (size_t level = p.count; level > 0; level--)
        append_splits(&p, &t, level);
    kt_heap_give(memory);
    return KETCH_OK;
}

/* ---- product states ---- */

static ketch_status check_ket(const preparation *p, const char *ket)
{
    const ktq_addition *const a = &p->addition;
    const size_t length = strlen(ket), wrong = strspn(ket, "01+-");
    if (length != p->count)
        return kt_fail(a->error, KETCH_SHAPE, a->function, "ket",
                       kt_format("%zu characters", length).text, kt_format("%zu", p->count).text,
                       "%s, one character for each qubit", ktq_addition_label(a).text);
    if (wrong == length)
        return KETCH_OK;
    return kt_fail(a->error, KETCH_SYNTAX, a->function, "ket", kt_character(ket[wrong]).text,
                   "0 1 + -", "%s, ket[%zu]", ktq_addition_label(a).text, wrong);
}

ketch_status ketch_circuit_initialize_ket(ketch_circuit *circuit, int32_t qubit_count,
                                          const int32_t *qubits, const char *ket,
                                          ketch_error *error)
{
    preparation p;
    KT_TRY(begin_preparation(&p, circuit, qubit_count, KETCH_QUBITS_MAX, qubits, __func__, error));
    if (ket)
        KT_TRY(check_ket(&p, ket));
    if (!ktq_circuit_reserve(circuit, 3 * p.count, 3 * p.count, 0))
        return kt_fail_heap(error, __func__);
    append_resets(&p);
    for (size_t i = 0; ket && i < p.count; i++) {
        const char one = ket[p.count - 1 - i];
        if (one == '1' || one == '-')
            append_record(&p, KETCH_GATE_X, &p.qubits[i], 1, NULL, 0);
        if (one == '+' || one == '-')
            append_record(&p, KETCH_GATE_H, &p.qubits[i], 1, NULL, 0);
    }
    return KETCH_OK;
}
