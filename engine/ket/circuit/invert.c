/* The inverse of a circuit: the inverses of its gates in reverse order.
 *
 * An inverse has the same numbers as its gate, negated, conjugated or in another order; nothing is
 * rounded. u2(phi, lambda) becomes u3(-pi/2, -lambda, -phi), because u2(-lambda - pi, pi - phi),
 * the other form, rounds. */
#define _GNU_SOURCE
#include "ket/circuit/gates.h"
#include "ket/circuit/transfer.h"
#include "status.h"

#include <math.h>
#include <string.h>

/* ---- the table ---- */

/* The inverse is a `gate` whose angle i is the negated angle angles[i] of the gate; CONSTANT: the
 * number `constant`. UNITARY for a gate of fixed shape: none has a name, and the inverse is the
 * conjugate transpose of its matrix. Where it has fewer controls of its own than the gate, the
 * gate's first qubits become further controls. */
enum { CONSTANT_ANGLE = -1 };

typedef struct inversion {
    uint16_t gate;
    int8_t angles[4];
    double constant;
} inversion;

#define SAME(gate) [gate] = {gate, {0, 1, 2, 3}, 0}
#define OTHER(gate, inverse) [gate] = {inverse, {0, 1, 2, 3}, 0}
/* theta, phi and lambda: the last two change places. */
#define EULER(gate) [gate] = {gate, {0, 2, 1, 3}, 0}

static const inversion inversions[KETCH_GATES] = {
    SAME(KETCH_GATE_ID),
    SAME(KETCH_GATE_X),
    SAME(KETCH_GATE_Y),
    SAME(KETCH_GATE_Z),
    SAME(KETCH_GATE_H),
    OTHER(KETCH_GATE_S, KETCH_GATE_SDG),
    OTHER(KETCH_GATE_SDG, KETCH_GATE_S),
    OTHER(KETCH_GATE_T, KETCH_GATE_TDG),
    OTHER(KETCH_GATE_TDG, KETCH_GATE_T),
    OTHER(KETCH_GATE_SX, KETCH_GATE_SXDG),
    OTHER(KETCH_GATE_SXDG, KETCH_GATE_SX),
    OTHER(KETCH_GATE_U0, KETCH_GATE_ID),
    SAME(KETCH_GATE_U1),
    [KETCH_GATE_U2] = {KETCH_GATE_U3, {CONSTANT_ANGLE, 1, 0, 0}, -M_PI_2},
    EULER(KETCH_GATE_U3),
    EULER(KETCH_GATE_U),
    SAME(KETCH_GATE_P),
    SAME(KETCH_GATE_RX),
    SAME(KETCH_GATE_RY),
    SAME(KETCH_GATE_RZ),
    SAME(KETCH_GATE_CX),
    SAME(KETCH_GATE_CY),
    SAME(KETCH_GATE_CZ),
    SAME(KETCH_GATE_CH),
    OTHER(KETCH_GATE_CS, KETCH_GATE_CSDG),
    OTHER(KETCH_GATE_CSDG, KETCH_GATE_CS),
    OTHER(KETCH_GATE_CSX, KETCH_GATE_SXDG),
    SAME(KETCH_GATE_CRX),
    SAME(KETCH_GATE_CRY),
    SAME(KETCH_GATE_CRZ),
    SAME(KETCH_GATE_CU1),
    SAME(KETCH_GATE_CP),
    EULER(KETCH_GATE_CU3),
    EULER(KETCH_GATE_CU),
    SAME(KETCH_GATE_SWAP),
    SAME(KETCH_GATE_CSWAP),
    OTHER(KETCH_GATE_ISWAP, KETCH_GATE_UNITARY),
    SAME(KETCH_GATE_CCX),
    SAME(KETCH_GATE_CCZ),
    SAME(KETCH_GATE_RCCX),
    OTHER(KETCH_GATE_RC3X, KETCH_GATE_UNITARY),
    SAME(KETCH_GATE_C3X),
    OTHER(KETCH_GATE_C3SQRTX, KETCH_GATE_SXDG),
    SAME(KETCH_GATE_C4X),
    SAME(KETCH_GATE_RXX),
    SAME(KETCH_GATE_RYY),
    SAME(KETCH_GATE_RZZ),
    SAME(KETCH_GATE_RZX),
    SAME(KETCH_GATE_ECR),
    SAME(KETCH_GATE_GPHASE),
    SAME(KETCH_GATE_UNITARY),
    SAME(KETCH_GATE_DIAGONAL),
    SAME(KETCH_GATE_PERMUTATION),
    SAME(KETCH_GATE_MULTIPLEXER),
    SAME(KETCH_GATE_PAULI_ROTATION),
    SAME(KETCH_GATE_BARRIER),
    SAME(KETCH_GATE_FENCE),
};

/* ---- numbers ---- */

/* Replaces a matrix of re, im pairs by its conjugate transpose. */
static void take_adjoint(double *matrix, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        matrix[2 * (i * rows + i) + 1] *= -1;
        for (size_t k = i + 1; k < rows; k++) {
            double *const a = matrix + 2 * (i * rows + k), *const b = matrix + 2 * (k * rows + i);
            const double re = a[0], im = a[1];
            a[0] = b[0], a[1] = -b[1];
            b[0] = re, b[1] = -im;
        }
    }
}

/* Each of these writes the count numbers of the inverse. */

static void invert_unitary(double *out, const double *in, size_t count)
{
    size_t rows = 2;
    while (2 * rows * rows < count)
        rows *= 2;
    memcpy(out, in, count * sizeof *out);
    take_adjoint(out, rows);
}

static void invert_diagonal(double *out, const double *in, size_t count)
{
    for (size_t i = 0; i < count; i += 2) {
        out[i] = in[i];
        out[i + 1] = -in[i + 1];
    }
}

static void invert_permutation(double *out, const double *in, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[(size_t)in[i]] = (double)i;
}

static void invert_multiplexer(double *out, const double *in, size_t count)
{
    memcpy(out, in, count * sizeof *out);
    for (size_t i = 0; i < count; i += 8)
        take_adjoint(out + i, 2);
}

/* P is its own inverse; the angle is negated. */
static void keep_letters(double *out, const double *in, size_t count)
{
    memcpy(out, in, count * sizeof *out);
}

static void (*const number_inversions[KETCH_GATES])(double *out, const double *in, size_t count) = {
    [KETCH_GATE_UNITARY] = invert_unitary,         [KETCH_GATE_DIAGONAL] = invert_diagonal,
    [KETCH_GATE_PERMUTATION] = invert_permutation, [KETCH_GATE_MULTIPLEXER] = invert_multiplexer,
    [KETCH_GATE_PAULI_ROTATION] = keep_letters,
};

/* ---- gates ---- */

/* Writes the angles of the inverse. Indices of angles stay: the angles are negated in their list.
 */
static void invert_angles(ktq_gate *inverse, double *out, const ktq_gate *gate, const double *in)
{
    const inversion *const how = &inversions[gate->gate];
    inverse->angle_mask = 0;
    for (int i = 0; i < ktq_gate_spec_of(how->gate)->params; i++) {
        const int from = how->angles[i];
        const bool is_open = from >= 0 && (gate->angle_mask >> from & 1);
        out[i] = from < 0 ? how->constant : is_open ? in[from] : -in[from];
        inverse->angle_mask |= (uint16_t)(is_open << i);
    }
}

/* Writes the inverse of a gate of fixed shape that has no name: a matrix on its targets. */
static void invert_matrix(double *out, const ktq_gate_spec *spec)
{
    double complex *const matrix = (double complex *)(void *)out;
    spec->matrix(matrix, NULL);
    take_adjoint(out, (size_t)1 << (spec->qubits - spec->controls));
}

/* The number of params that the inverse has. */
static size_t inverse_param_count(const ktq_gate *gate)
{
    const ktq_gate_spec *const spec = ktq_gate_spec_of(gate->gate);
    const ktq_gate_spec *const inverse = ktq_gate_spec_of(inversions[gate->gate].gate);
    if (inverse->matrix)
        return (size_t)inverse->params;
    return spec->matrix ? (size_t)2 << 2 * (spec->qubits - spec->controls) : gate->param_count;
}

static void write_inverse_params(ktq_gate *inverse, double *out, const ktq_gate *gate,
                                 const double *in)
{
    const ktq_gate_spec *const spec = ktq_gate_spec_of(gate->gate);
    const size_t angles = (size_t)spec->params;
    if (spec->matrix && inverse->gate == KETCH_GATE_UNITARY) {
        invert_matrix(out, spec);
        return;
    }
    invert_angles(inverse, out, gate, in);
    if (number_inversions[gate->gate])
        number_inversions[gate->gate](out + angles, in + angles, gate->param_count - angles);
}

/* How many of the gate's own controls become further controls of the inverse. */
static uint8_t count_moved_controls(const ktq_gate *gate)
{
    const ktq_gate_spec *const inverse = ktq_gate_spec_of(inversions[gate->gate].gate);
    return (uint8_t)(ktq_gate_spec_of(gate->gate)->controls - inverse->controls);
}

/* Writes the inverse's qubits: those of the gate, with its first `moved` ones behind its other own
 * ones. */
static void move_controls(uint8_t *out, ktq_gate *inverse, const uint8_t *qubits, uint8_t moved)
{
    const size_t own = inverse->own_count, left = own - moved;
    memcpy(out, qubits + moved, left);
    memcpy(out + left, qubits, moved);
    memcpy(out + own, qubits + own, inverse->control_count);
    inverse->own_count = (uint8_t)left;
    inverse->control_count = (uint8_t)(inverse->control_count + moved);
    inverse->open_controls <<= moved;
}

/* Adds the inverse of record number `index`; its params are written where they will be. */
static bool append_inverse(const ktq_transfer *t, size_t index)
{
    uint8_t qubits[KETCH_QUBITS_MAX];
    const ktq_gate *const gate = ktq_circuit_gate_at(t->from, index);
    ktq_gate inverse = *gate;
    inverse.gate = inversions[gate->gate].gate;
    inverse.param_count = (uint16_t)inverse_param_count(gate);
    move_controls(qubits, &inverse, ktq_gate_qubits(t->from, gate), count_moved_controls(gate));
    if (!ktq_circuit_reserve(t->to, 1, ktq_gate_qubit_count(gate), inverse.param_count))
        return false;
    double *const params = t->to->params.items + t->to->params.count;
    write_inverse_params(&inverse, params, gate, ktq_gate_params(t->from, gate));
    return ktq_transfer_gate(t, &inverse, qubits, params);
}

/* ---- circuits ---- */

static bool invert_records(ketch_circuit *made, const ketch_circuit *circuit)
{
    ktq_transfer transfer;
    bool added = ktq_transfer_begin(&transfer, made, circuit, -1);
    for (size_t i = ktq_circuit_gate_count(circuit); i > 0 && added; i--)
        added = append_inverse(&transfer, i - 1);
    ktq_transfer_end(&transfer);
    return added;
}

ketch_circuit *ktq_circuit_invert(const ketch_circuit *circuit)
{
    ketch_circuit *const made = ktq_circuit_make_like(circuit, circuit->qubit_count);
    if (made && invert_records(made, circuit))
        return made;
    ketch_circuit_destroy(made);
    return NULL;
}

ketch_status ketch_circuit_inverse(ketch_circuit **made, const ketch_circuit *circuit,
                                   ketch_error *error)
{
    KT_TRY(ktq_check_making(made, circuit, __func__, error));
    KT_TRY(ktq_check_is_unitary(circuit, "inverted", __func__, error));
    *made = ktq_circuit_invert(circuit);
    return *made ? KETCH_OK : kt_fail_heap(error, __func__);
}
