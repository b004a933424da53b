#define _GNU_SOURCE
#include "ket/circuit/circuit.h"
#include "ket/circuit/gates.h"
#include "status.h"
#include <assert.h>
#include <complex.h>
#include <math.h>
#include <string.h>

/* What is being added and by whom, for checks and the texts of their errors. */
typedef struct adding {
    ketch_circuit *circuit;
    ketch_error *error;
    const char *function;
    uint64_t number; /* of the gate: in the circuit, or in the call where it adds many */
    bool many;
    int32_t gate;
} adding;

/* A gate's qubits: its own, then further controls; most of what is asked of them is asked of both
 * as one row. */
typedef struct qubit_row {
    const int32_t *own, *controls;
    size_t own_count, control_count;
} qubit_row;

static adding begin_adding(ketch_circuit *circuit, ketch_gate gate, const char *function,
                           ketch_error *error)
{
    return (adding){.circuit = circuit,
                    .error = error,
                    .function = function,
                    .number = circuit->steps,
                    .gate = (int32_t)gate};
}

/* "gate 3 (cx)" */
static kt_text gate_label(const adding *a)
{
    const ktq_gate_spec *spec = ktq_gate_spec_of(a->gate);
    return kt_format("gate %llu%s (%s)", (unsigned long long)a->number,
                     a->many ? " of the call" : "", spec ? spec->name : "unknown");
}

static ketch_status fail_null(const adding *a, const char *argument)
{
    return kt_fail(a->error, KETCH_HANDLE, a->function, argument, "NULL", "an array", "%s",
                   argument);
}

static ketch_status fail_count(const adding *a, const char *argument, int64_t given, int32_t least,
                               int32_t most, const char *what)
{
    return kt_fail(a->error, KETCH_RANGE, a->function, argument,
                   kt_format("%lld", (long long)given).text, kt_format("%d..%d", least, most).text,
                   "%s, %s", gate_label(a).text, what);
}

/* ---- qubits ---- */

static int32_t row_qubit(const qubit_row *row, size_t i)
{
    return i < row->own_count ? row->own[i] : row->controls[i - row->own_count];
}

/* measure and reset take one qubit by its number. */
static bool takes_one(const adding *a)
{
    return a->gate == KETCH_GATE_MEASURE || a->gate == KETCH_GATE_RESET;
}

static const char *row_array(const adding *a, const qubit_row *row, size_t i)
{
    return takes_one(a) ? "qubit" : i < row->own_count ? "qubits" : "controls";
}

static kt_text row_place(const adding *a, const qubit_row *row, size_t i)
{
    const size_t position = i < row->own_count ? i : i - row->own_count;
    return takes_one(a) ? kt_format("qubit") : kt_format("%s[%zu]", row_array(a, row, i), position);
}

static ketch_status fail_index(const adding *a, const qubit_row *row, size_t i)
{
    return kt_fail(a->error, KETCH_INDEX, a->function, row_array(a, row, i),
                   kt_format("%d", row_qubit(row, i)).text,
                   kt_format("0..%d", a->circuit->qubit_count - 1).text, "%s, %s",
                   gate_label(a).text, row_place(a, row, i).text);
}

static ketch_status fail_duplicate(const adding *a, const qubit_row *row, size_t second)
{
    size_t first = 0;
    while (row_qubit(row, first) != row_qubit(row, second))
        first++;
    return kt_fail(a->error, KETCH_DUPLICATE, a->function, row_array(a, row, second),
                   kt_format("qubit %d twice", row_qubit(row, second)).text, "different qubits",
                   "%s, %s and %s", gate_label(a).text, row_place(a, row, first).text,
                   row_place(a, row, second).text);
}

/* Checks the row and writes it to out. */
static inline ketch_status take_qubits(uint8_t *out, const adding *a, const qubit_row *row)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < row->own_count + row->control_count; i++) {
        const int32_t qubit = row_qubit(row, i);
        if (qubit < 0 || qubit >= a->circuit->qubit_count)
            return fail_index(a, row, i);
        if (seen >> qubit & 1)
            return fail_duplicate(a, row, i);
        seen |= UINT64_C(1) << qubit;
        out[i] = (uint8_t)qubit;
    }
    return KETCH_OK;
}

/* Bit i of *open: control i acts on 0. */
static ketch_status take_values(uint64_t *open, const adding *a, int32_t count,
                                const uint8_t *values)
{
    *open = 0;
    for (int32_t i = 0; values && i < count; i++) {
        if (values[i] > 1)
            return fail_count(a, "values", values[i], 0, 1, kt_format("values[%d]", i).text);
        *open |= (uint64_t)(values[i] == 0) << i;
    }
    return KETCH_OK;
}

static ketch_status check_controls(const adding *a, int32_t own, int32_t count,
                                   const int32_t *controls)
{
    const int32_t left = a->circuit->qubit_count > own ? a->circuit->qubit_count - own : 0;
    if (count < 0 || count > left)
        return fail_count(a, "control_count", count, 0, left, "number of controls");
    return count > 0 && !controls ? fail_null(a, "controls") : KETCH_OK;
}

/* ---- parameters ---- */

static ketch_status fail_nonfinite(const adding *a, const char *array, size_t position,
                                   double given)
{
    return kt_fail(a->error, KETCH_NONFINITE, a->function, array, kt_number(given).text,
                   "finite numbers", "%s, %s[%zu]", gate_label(a).text, array, position);
}

static inline ketch_status check_finite(const adding *a, const char *array, const double *numbers,
                                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(numbers[i]))
            return fail_nonfinite(a, array, i, numbers[i]);
    return KETCH_OK;
}

/* ---- gates ---- */

static ketch_status fail_gate(const adding *a, const ktq_gate_spec *spec)
{
    if (!spec)
        return kt_fail(a->error, KETCH_GATE, a->function, "gate", kt_format("%d", a->gate).text,
                       kt_format("0..%d", KETCH_GATE_ECR).text, "%s: no such gate",
                       gate_label(a).text);
    return kt_fail(a->error, KETCH_GATE, a->function, "gate", spec->name, "a gate of fixed shape",
                   "%s, ketch_circuit_%s adds it", gate_label(a).text, spec->name);
}

/* The spec of a gate that the general calls may add. */
static inline ketch_status find_spec(const ktq_gate_spec **spec, const adding *a)
{
    *spec = ktq_gate_spec_of(a->gate);
    return *spec && (*spec)->matrix ? KETCH_OK : fail_gate(a, *spec);
}

static ketch_status fail_arity(const adding *a, const char *argument, uint64_t given,
                               uint64_t wanted)
{
    return kt_fail(a->error, KETCH_ARITY, a->function, argument,
                   kt_format("%llu", (unsigned long long)given).text,
                   kt_format("%llu", (unsigned long long)wanted).text, "%s, number of %s",
                   gate_label(a).text, argument);
}

/* The one road for a single gate of any kind; its parameters have been checked. */
static ketch_status add_one(const adding *a, const qubit_row *row, const double *params,
                            size_t param_count, uint64_t open, uint32_t bit)
{
    uint8_t qubits[KETCH_QUBITS_MAX];
    assert(row->own_count + row->control_count <= KETCH_QUBITS_MAX);
    if (row->own_count > 0 && !row->own)
        return fail_null(a, "qubits");
    KT_TRY(take_qubits(qubits, a, row));
    const ktq_gate gate = {.gate = (uint16_t)a->gate,
                           .own = (uint8_t)row->own_count,
                           .controls = (uint8_t)row->control_count,
                           .open = open,
                           .bit = bit,
                           .param_count = (uint16_t)param_count};
    return ktq_circuit_append(a->circuit, &gate, qubits, params)
               ? KETCH_OK
               : kt_fail_heap(a->error, a->function);
}

static ketch_status add_controlled(const adding *a, const int32_t *qubits, const double *params,
                                   int32_t control_count, const int32_t *controls,
                                   const uint8_t *values)
{
    const ktq_gate_spec *spec;
    uint64_t open;
    KT_TRY(find_spec(&spec, a));
    KT_TRY(check_controls(a, spec->qubits, control_count, controls));
    KT_TRY(take_values(&open, a, control_count, values));
    if (spec->params > 0 && !params)
        return fail_arity(a, "params", 0, (uint64_t)spec->params);
    KT_TRY(check_finite(a, "params", params, (size_t)spec->params));
    const qubit_row row = {qubits, controls, (size_t)spec->qubits, (size_t)control_count};
    return add_one(a, &row, params, (size_t)spec->params, open, 0);
}

ketch_status ktq_circuit_add_gate(ketch_circuit *circuit, ketch_gate gate, const int32_t *qubits,
                                  const double *params, int32_t control_count,
                                  const int32_t *controls, const uint8_t *values,
                                  const char *function, ketch_error *error)
{
    const adding a = begin_adding(circuit, gate, function, error);
    return add_controlled(&a, qubits, params, control_count, controls, values);
}

ketch_status ketch_circuit_gate(ketch_circuit *circuit, ketch_gate gate, const int32_t *qubits,
                                const double *params, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    return ktq_circuit_add_gate(circuit, gate, qubits, params, 0, NULL, NULL, __func__, error);
}

ketch_status ketch_circuit_controlled(ketch_circuit *circuit, ketch_gate gate,
                                      const int32_t *qubits, const double *params,
                                      int32_t control_count, const int32_t *controls,
                                      const uint8_t *values, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    return ktq_circuit_add_gate(circuit, gate, qubits, params, control_count, controls, values,
                                __func__, error);
}

/* ---- many gates ---- */

/* The arrays of a call that adds many, with what is left of each. */
typedef struct gate_arrays {
    const int32_t *gates, *qubits;
    const double *params;
    uint64_t gate_count, qubit_count, param_count;
} gate_arrays;

/* Writes the gates behind the circuit's lists, which have room, counting none of them yet. *a says
 * which gate failed, *arrays what is left. */
static ketch_status write_gates(adding *a, gate_arrays *arrays)
{
    ketch_circuit *circuit = a->circuit;
    gate_arrays left = *arrays;
    ktq_gate *gate = circuit->gates + circuit->gate_list.count;
    uint64_t qubit = circuit->qubit_list.count, param = circuit->param_list.count;
    for (; a->number < left.gate_count; a->number++, gate++) {
        const ktq_gate_spec *spec;
        a->gate = left.gates[a->number];
        KT_TRY(find_spec(&spec, a));
        const size_t own = (size_t)spec->qubits, params = (size_t)spec->params;
        if (own > left.qubit_count)
            return fail_arity(a, "qubits", left.qubit_count, own);
        if (params > left.param_count)
            return fail_arity(a, "params", left.param_count, params);
        const qubit_row row = {left.qubits, NULL, own, 0};
        KT_TRY(take_qubits(circuit->qubits + qubit, a, &row));
        KT_TRY(check_finite(a, "params", left.params, params));
        for (size_t i = 0; i < params; i++)
            circuit->params[param + i] = left.params[i];
        *gate = (ktq_gate){.gate = (uint16_t)a->gate,
                           .own = (uint8_t)own,
                           .condition = circuit->condition,
                           .qubits = qubit,
                           .params = param,
                           .param_count = (uint16_t)params};
        qubit += own, left.qubits += own, left.qubit_count -= own;
        param += params, left.params += params, left.param_count -= params;
    }
    *arrays = left;
    return KETCH_OK;
}

static ketch_status check_used_up(const adding *a, const char *argument, uint64_t given,
                                  uint64_t left)
{
    if (left == 0)
        return KETCH_OK;
    return kt_fail(a->error, KETCH_ARITY, a->function, argument,
                   kt_format("%llu", (unsigned long long)given).text,
                   kt_format("%llu", (unsigned long long)(given - left)).text,
                   "number of %s for all gates of the call", argument);
}

static uint64_t least_count(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Room for what may be right: each gate takes a qubit or more, and no more of either than
 * MANY_MOST. Counts that are wrong then cost no memory before it is found which gate lacks some. */
static bool reserve_gates(ketch_circuit *circuit, uint64_t count, uint64_t qubits, uint64_t params)
{
    enum { MANY_MOST = 8 };
    const uint64_t gates = least_count(count, qubits);
    const uint64_t most = gates < UINT64_MAX / MANY_MOST ? gates * MANY_MOST : UINT64_MAX;
    return ktq_circuit_reserve(circuit, gates, least_count(qubits, most),
                               least_count(params, most));
}

ketch_status ketch_circuit_gates(ketch_circuit *circuit, uint64_t count, const int32_t *gates,
                                 const int32_t *qubits, uint64_t qubit_count, const double *params,
                                 uint64_t param_count, ketch_error *error)
{
    static const double none = 0;
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    adding a = begin_adding(circuit, KETCH_GATE_ID, __func__, error);
    if (count > 0 && !gates)
        return fail_null(&a, "gates");
    if (qubit_count > 0 && !qubits)
        return fail_null(&a, "qubits");
    if (param_count > 0 && !params)
        return fail_null(&a, "params");
    if (!reserve_gates(circuit, count, qubit_count, param_count))
        return kt_fail_heap(error, __func__);
    a.many = true;
    a.number = 0;
    gate_arrays left = {gates, qubits, params ? params : &none, count, qubit_count, param_count};
    KT_TRY(write_gates(&a, &left));
    KT_TRY(check_used_up(&a, "qubits", qubit_count, left.qubit_count));
    KT_TRY(check_used_up(&a, "params", param_count, left.param_count));
    circuit->gate_list.count += count;
    circuit->qubit_list.count += qubit_count;
    circuit->param_list.count += param_count;
    circuit->steps += count;
    return KETCH_OK;
}

/* ---- matrices ---- */

/* The caller's matrix or diagonal on qubit_count qubits, and how far it may be from unitary. */
typedef struct given_matrix {
    const char *array;
    const double *numbers; /* re, im pairs */
    size_t dimension, pairs;
    double tolerance;
} given_matrix;

/* The largest entry of |M M^dagger - 1|. */
static double dense_deviation(const given_matrix *m)
{
    double worst = 0;
    for (size_t i = 0; i < m->dimension; i++)
        for (size_t j = i; j < m->dimension; j++) {
            const double *a = m->numbers + 2 * i * m->dimension;
            const double *b = m->numbers + 2 * j * m->dimension;
            double re = i == j ? -1 : 0, im = 0;
            for (size_t k = 0; k < 2 * m->dimension; k += 2) {
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
    for (size_t i = 0; i < 2 * m->dimension; i += 2)
        worst = fmax(worst, fabs(hypot(m->numbers[i], m->numbers[i + 1]) - 1));
    return worst;
}

static ketch_status check_unitary(const adding *a, const given_matrix *m)
{
    if (!(m->tolerance >= 0) || isinf(m->tolerance))
        return kt_fail(a->error, KETCH_RANGE, a->function, "tolerance",
                       kt_number(m->tolerance).text, "0 (for 1e-10) or a finite positive number",
                       "%s, tolerance", gate_label(a).text);
    if (!m->numbers)
        return fail_null(a, m->array);
    KT_TRY(check_finite(a, m->array, m->numbers, 2 * m->pairs));
    const double deviation = m->pairs == m->dimension ? diagonal_deviation(m) : dense_deviation(m);
    const double tolerance = m->tolerance > 0 ? m->tolerance : 1e-10;
    if (deviation <= tolerance)
        return KETCH_OK;
    return kt_fail(a->error, KETCH_UNITARY, a->function, m->array,
                   kt_format("deviation %s", kt_number(deviation).text).text,
                   kt_format("%s (a larger tolerance allows it)", kt_number(tolerance).text).text,
                   "%s is not unitary", gate_label(a).text);
}

static ketch_status check_targets(const adding *a, int32_t count, int32_t most)
{
    const int32_t qubits = a->circuit->qubit_count;
    if (count < 1 || count > most || count > qubits)
        return fail_count(a, "qubit_count", count, 1, most < qubits ? most : qubits,
                          "number of qubits");
    return KETCH_OK;
}

static ketch_status add_matrix(const adding *a, const given_matrix *m, const qubit_row *row,
                               const uint8_t *values)
{
    uint64_t open;
    const int32_t controls = (int32_t)row->control_count;
    KT_TRY(take_values(&open, a, controls, values));
    KT_TRY(check_unitary(a, m));
    return add_one(a, row, m->numbers, 2 * m->pairs, open, 0);
}

ketch_status ketch_circuit_unitary(ketch_circuit *circuit, int32_t qubit_count,
                                   const int32_t *qubits, const double *matrix, double tolerance,
                                   int32_t control_count, const int32_t *controls,
                                   const uint8_t *values, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const adding a = begin_adding(circuit, KETCH_GATE_UNITARY, __func__, error);
    KT_TRY(check_targets(&a, qubit_count, KETCH_UNITARY_QUBITS_MAX));
    KT_TRY(check_controls(&a, qubit_count, control_count, controls));
    const size_t dimension = (size_t)1 << qubit_count;
    const given_matrix m = {"matrix", matrix, dimension, dimension * dimension, tolerance};
    const qubit_row row = {qubits, controls, (size_t)qubit_count, (size_t)control_count};
    return add_matrix(&a, &m, &row, values);
}

ketch_status ketch_circuit_diagonal(ketch_circuit *circuit, int32_t qubit_count,
                                    const int32_t *qubits, const double *diagonal, double tolerance,
                                    int32_t control_count, const int32_t *controls,
                                    const uint8_t *values, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const adding a = begin_adding(circuit, KETCH_GATE_DIAGONAL, __func__, error);
    KT_TRY(check_targets(&a, qubit_count, KETCH_DIAGONAL_QUBITS_MAX));
    KT_TRY(check_controls(&a, qubit_count, control_count, controls));
    const size_t dimension = (size_t)1 << qubit_count;
    const given_matrix m = {"diagonal", diagonal, dimension, dimension, tolerance};
    const qubit_row row = {qubits, controls, (size_t)qubit_count, (size_t)control_count};
    return add_matrix(&a, &m, &row, values);
}

/* ---- what is no gate ---- */

ketch_status ketch_circuit_measure(ketch_circuit *circuit, int32_t qubit, int32_t bit,
                                   ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const adding a = begin_adding(circuit, KETCH_GATE_MEASURE, __func__, error);
    if (bit < 0 || bit >= circuit->bit_count)
        return kt_fail(error, KETCH_INDEX, __func__, "bit", kt_format("%d", bit).text,
                       circuit->bit_count ? kt_format("0..%d", circuit->bit_count - 1).text
                                          : "none: the circuit has no classical bits",
                       "%s, classical bit", gate_label(&a).text);
    const qubit_row row = {&qubit, NULL, 1, 0};
    return add_one(&a, &row, NULL, 0, 0, (uint32_t)bit);
}

ketch_status ketch_circuit_reset(ketch_circuit *circuit, int32_t qubit, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const adding a = begin_adding(circuit, KETCH_GATE_RESET, __func__, error);
    const qubit_row row = {&qubit, NULL, 1, 0};
    return add_one(&a, &row, NULL, 0, 0, 0);
}

ketch_status ketch_circuit_barrier(ketch_circuit *circuit, int32_t count, const int32_t *qubits,
                                   ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const adding a = begin_adding(circuit, KETCH_GATE_BARRIER, __func__, error);
    if (count < 0 || count > circuit->qubit_count)
        return fail_count(&a, "count", count, 0, circuit->qubit_count, "number of qubits");
    const qubit_row row = {qubits, NULL, (size_t)count, 0};
    return add_one(&a, &row, NULL, 0, 0, 0);
}

ketch_status ketch_circuit_fence(ketch_circuit *circuit, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const adding a = begin_adding(circuit, KETCH_GATE_FENCE, __func__, error);
    const qubit_row row = {NULL, NULL, 0, 0};
    return add_one(&a, &row, NULL, 0, 0, 0);
}

/* ---- condition ---- */

static ketch_status check_condition(const ketch_circuit *circuit, int32_t first, int32_t count,
                                    uint64_t value, const char *function, ketch_error *error)
{
    const int32_t bits = circuit->bit_count;
    if (first < 0 || first >= bits)
        return kt_fail(error, KETCH_INDEX, function, "first", kt_format("%d", first).text,
                       bits ? kt_format("0..%d", bits - 1).text
                            : "none: the circuit has no classical bits",
                       "first bit of the condition");
    const int32_t most = bits - first < 64 ? bits - first : 64;
    if (count > most)
        return kt_fail(error, KETCH_RANGE, function, "count", kt_format("%d", count).text,
                       kt_format("0..%d", most).text, "bits of the condition");
    if (count < 64 && value >> count)
        return kt_fail(error, KETCH_RANGE, function, "value",
                       kt_format("%llu", (unsigned long long)value).text,
                       kt_format("0..%llu", (1ULL << count) - 1).text, "value of the condition");
    return KETCH_OK;
}

ketch_status ketch_circuit_condition(ketch_circuit *circuit, int32_t first, int32_t count,
                                     uint64_t value, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    if (count < 0)
        return kt_fail(error, KETCH_RANGE, __func__, "count", kt_format("%d", count).text, "0..64",
                       "bits of the condition");
    const ktq_condition condition = {(uint32_t)first, (uint32_t)count, value};
    if (count > 0)
        KT_TRY(check_condition(circuit, first, count, value, __func__, error));
    if (!ktq_circuit_put_condition(circuit, count > 0 ? &condition : NULL))
        return kt_fail_heap(error, __func__);
    return KETCH_OK;
}
