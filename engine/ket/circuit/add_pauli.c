/* Rotations about products of Paulis. */
#define _GNU_SOURCE
#include "ket/circuit/add.h"
#include "ket/circuit/checks.h"
#include "ket/circuit/parameter.h"
#include <string.h>

static const char pauli_letters[] = "IXYZ"; /* by their numbers */

/* Letter i acts on qubits[i]. */
typedef struct pauli_string {
    const char *letters;
    const int32_t *qubits;
    size_t count;
} pauli_string;

static ketch_status check_letters(const ktq_addition *a, const pauli_string *p)
{
    if (!p->letters)
        return ktq_fail_null(a, "letters");
    const size_t length = strlen(p->letters), wrong = strspn(p->letters, pauli_letters);
    if (length != p->count)
        return kt_fail(a->error, KETCH_SHAPE, a->function, "letters",
                       kt_format("%zu letters", length).text, kt_format("%zu", p->count).text,
                       "%s, one letter for each qubit", ktq_addition_label(a).text);
    if (wrong == length)
        return KETCH_OK;
    return kt_fail(a->error, KETCH_SYNTAX, a->function, "letters",
                   kt_character(p->letters[wrong]).text, "X Y Z I", "%s, letters[%zu]",
                   ktq_addition_label(a).text, wrong);
}

static ketch_status check_angle(const ktq_addition *a, const ketch_angle *angle)
{
    if (!angle)
        return kt_fail(a->error, KETCH_HANDLE, a->function, "angle", "NULL", "an angle", "angle");
    return ktq_angle_check(a->circuit, "pauli_rotation", angle, -1, a->function, a->error);
}

/* ---- gates of the table ---- */

/* A gate of the table that a string of one or two letters is, and its qubits. */
typedef struct named_rotation {
    ketch_gate gate;
    int32_t qubits[2];
} named_rotation;

/* Finds the gate that a string is but for its Is. False: there is none. */
static bool find_named(named_rotation *named, const pauli_string *p)
{
    static const struct {
        const char *letters;
        ketch_gate gate;
        bool is_swapped;
    } table[] = {{"X", KETCH_GATE_RX, false},   {"Y", KETCH_GATE_RY, false},
                 {"Z", KETCH_GATE_RZ, false},   {"XX", KETCH_GATE_RXX, false},
                 {"YY", KETCH_GATE_RYY, false}, {"ZZ", KETCH_GATE_RZZ, false},
                 {"ZX", KETCH_GATE_RZX, false}, {"XZ", KETCH_GATE_RZX, true}};
    char found[3] = "";
    int32_t qubits[2];
    size_t count = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (p->letters[i] == 'I')
            continue;
        if (count == 2)
            return false;
        qubits[count] = p->qubits[i];
        found[count++] = p->letters[i];
    }
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].letters, found) == 0) {
            named->gate = table[i].gate;
            memcpy(named->qubits, qubits, count * sizeof *qubits);
            if (table[i].is_swapped) {
                named->qubits[0] = qubits[1];
                named->qubits[1] = qubits[0];
            }
            return true;
        }
    return false;
}

/* ---- adding ---- */

/* The angle, as its offset, and the letters' numbers. */
static void write_params(double *params, double offset, const pauli_string *p)
{
    params[0] = offset;
    for (size_t i = 0; i < p->count; i++)
        params[1 + i] = (double)(strchr(pauli_letters, p->letters[i]) - pauli_letters);
}

static ketch_status add_string(const ktq_addition *a, const pauli_string *p, double offset,
                               const ktq_qubit_row *row, const uint8_t *values)
{
    double params[1 + KETCH_QUBITS_MAX];
    uint8_t qubits[KETCH_QUBITS_MAX];
    uint64_t open_controls;
    named_rotation named;
    KT_TRY(ktq_check_values(&open_controls, a, (int32_t)row->control_count, values));
    KT_TRY(ktq_check_qubits(qubits, a, row));
    if (find_named(&named, p))
        return ktq_add_gate(a->circuit, named.gate, named.qubits, &offset,
                            (int32_t)row->control_count, row->controls, values, a->function,
                            a->error);
    write_params(params, offset, p);
    return ktq_add_checked(a, row, params, 1 + p->count, open_controls, 0);
}

ketch_status ketch_circuit_pauli_rotation(ketch_circuit *circuit, const ketch_angle *angle,
                                          int32_t qubit_count, const int32_t *qubits,
                                          const char *letters, int32_t control_count,
                                          const int32_t *controls, const uint8_t *values,
                                          ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const ktq_addition a = ktq_addition_begin(circuit, KETCH_GATE_PAULI_ROTATION, __func__, error);
    KT_TRY(ktq_check_own(&a, qubit_count, KETCH_QUBITS_MAX));
    KT_TRY(ktq_check_controls(&a, qubit_count, control_count, controls));
    if (!qubits)
        return ktq_fail_null(&a, "qubits");
    const pauli_string string = {letters, qubits, (size_t)qubit_count};
    const ktq_qubit_row row = {qubits, controls, string.count, (size_t)control_count};
    KT_TRY(check_letters(&a, &string));
    KT_TRY(check_angle(&a, angle));
    if (!ktq_angles_reserve(circuit, angle, 1))
        return kt_fail_heap(error, __func__);
    KT_TRY(add_string(&a, &string, angle->offset, &row, values));
    ktq_angles_put(circuit, angle);
    return KETCH_OK;
}
