#define _GNU_SOURCE
#include "ket/circuit/checks.h"
#include <assert.h>

kt_text ktq_addition_label(const ktq_addition *a)
{
    const ktq_gate_spec *spec = ktq_gate_spec_of(a->gate);
    return kt_format("gate %llu%s (%s)", (unsigned long long)a->number,
                     a->is_many ? " of the call" : "",
                     a->name ? a->name
                     : spec  ? spec->name
                             : "unknown");
}

ketch_status ktq_fail_null(const ktq_addition *a, const char *argument)
{
    return kt_fail(a->error, KETCH_HANDLE, a->function, argument, "NULL", "an array", "%s",
                   argument);
}

ketch_status ktq_fail_count(const ktq_addition *a, const char *argument, int64_t given,
                            int32_t least, int32_t most, const char *what)
{
    return kt_fail(a->error, KETCH_RANGE, a->function, argument,
                   kt_format("%lld", (long long)given).text, kt_format("%d..%d", least, most).text,
                   "%s, %s", ktq_addition_label(a).text, what);
}

/* ---- qubits and controls ---- */

/* The argument that has qubit i, and its position there; -1: it is no array. Measurements, resets and
 * multiplexers have an argument for their first qubit. */
static const char *row_argument(const ktq_addition *a, const ktq_qubit_row *row, size_t i,
                                int64_t *position)
{
    const bool is_multiplexer = a->gate == KETCH_GATE_MULTIPLEXER;
    const bool is_event =
        !a->name && (a->gate == KETCH_GATE_MEASURE || a->gate == KETCH_GATE_RESET);
    *position = i < row->own_count ? (int64_t)i - is_multiplexer : (int64_t)(i - row->own_count);
    if (i >= row->own_count)
        return "controls";
    if (is_event)
        return *position = -1, "qubit";
    return !is_multiplexer ? "qubits" : i == 0 ? "target" : "selects";
}

static const char *row_array(const ktq_addition *a, const ktq_qubit_row *row, size_t i)
{
    int64_t position;
    return row_argument(a, row, i, &position);
}

static kt_text row_place(const ktq_addition *a, const ktq_qubit_row *row, size_t i)
{
    int64_t position;
    const char *const argument = row_argument(a, row, i, &position);
    return position < 0 ? kt_format("%s", argument)
                        : kt_format("%s[%lld]", argument, (long long)position);
}

ketch_status ktq_fail_qubit(const ktq_addition *a, const ktq_qubit_row *row, size_t i)
{
    return kt_fail(a->error, KETCH_INDEX, a->function, row_array(a, row, i),
                   kt_format("%d", ktq_row_qubit(row, i)).text,
                   kt_format("0..%d", a->circuit->qubit_count - 1).text, "%s, %s",
                   ktq_addition_label(a).text, row_place(a, row, i).text);
}

ketch_status ktq_fail_same_qubit(const ktq_addition *a, const ktq_qubit_row *row, size_t second)
{
    size_t first = 0;
    while (ktq_row_qubit(row, first) != ktq_row_qubit(row, second))
        first++;
    return kt_fail(a->error, KETCH_DUPLICATE, a->function, row_array(a, row, second),
                   kt_format("qubit %d twice", ktq_row_qubit(row, second)).text, "different qubits",
                   "%s, %s and %s", ktq_addition_label(a).text, row_place(a, row, first).text,
                   row_place(a, row, second).text);
}

ketch_status ktq_check_values(uint64_t *open_controls, const ktq_addition *a, int32_t count,
                              const uint8_t *values)
{
    *open_controls = 0;
    for (int32_t i = 0; values && i < count; i++) {
        if (values[i] > 1)
            return ktq_fail_count(a, "values", values[i], 0, 1, kt_format("values[%d]", i).text);
        *open_controls |= (uint64_t)(values[i] == 0) << i;
    }
    return KETCH_OK;
}

ketch_status ktq_check_own(const ktq_addition *a, int32_t count, int32_t most)
{
    const int32_t qubits = a->circuit->qubit_count;
    if (count < 1 || count > most || count > qubits)
        return ktq_fail_count(a, "qubit_count", count, 1, KT_MIN(most, qubits), "number of qubits");
    return KETCH_OK;
}

ketch_status ktq_check_controls(const ktq_addition *a, int32_t own_count, int32_t count,
                                const int32_t *controls)
{
    const int32_t left = KT_MAX(a->circuit->qubit_count - own_count, 0);
    if (count < 0 || count > left)
        return ktq_fail_count(a, "control_count", count, 0, left, "number of controls");
    return count > 0 && !controls ? ktq_fail_null(a, "controls") : KETCH_OK;
}

/* ---- parameters ---- */

ketch_status ktq_fail_nonfinite(const ktq_addition *a, const char *array, size_t position,
                                double given)
{
    return kt_fail(a->error, KETCH_NONFINITE, a->function, array, kt_number(given).text,
                   "finite numbers", "%s, %s[%zu]", ktq_addition_label(a).text, array, position);
}

/* ---- gates ---- */

ketch_status ktq_fail_gate(const ktq_addition *a, const ktq_gate_spec *spec)
{
    if (!spec)
        return kt_fail(a->error, KETCH_GATE, a->function, "gate", kt_format("%d", a->gate).text,
                       kt_format("0..%d", KETCH_GATE_GPHASE).text, "%s: no such gate",
                       ktq_addition_label(a).text);
    return kt_fail(a->error, KETCH_GATE, a->function, "gate", spec->name, "a gate of fixed shape",
                   "%s, ketch_circuit_%s adds it", ktq_addition_label(a).text, spec->name);
}

ketch_status ktq_fail_arity(const ktq_addition *a, const char *argument, uint64_t given,
                            uint64_t wanted)
{
    return kt_fail(a->error, KETCH_ARITY, a->function, argument,
                   kt_format("%llu", (unsigned long long)given).text,
                   kt_format("%llu", (unsigned long long)wanted).text, "%s, number of %s",
                   ktq_addition_label(a).text, argument);
}

ketch_status ktq_add_checked(const ktq_addition *a, const ktq_qubit_row *row, const double *params,
                             size_t param_count, uint64_t open_controls, uint32_t bit)
{
    uint8_t qubits[KETCH_QUBITS_MAX];
    assert(row->own_count + row->control_count <= KETCH_QUBITS_MAX);
    if (row->own_count > 0 && !row->own)
        return ktq_fail_null(a, "qubits");
    KT_TRY(ktq_check_qubits(qubits, a, row));
    const ktq_gate gate = {.gate = (uint16_t)a->gate,
                           .own_count = (uint8_t)row->own_count,
                           .control_count = (uint8_t)row->control_count,
                           .open_controls = open_controls,
                           .bit = bit,
                           .param_count = (uint16_t)param_count};
    return ktq_circuit_append(a->circuit, &gate, qubits, params)
               ? KETCH_OK
               : kt_fail_heap(a->error, a->function);
}
