#define _GNU_SOURCE
#include "ket/circuit/gates.h"
#include "nearest.h"
#include <math.h>
#include <string.h>

/* The matrices are those of OpenQASM 2's extended qelib1.inc as Qiskit defines them, global phase
 * included. Row-major, target 0 the lowest bit of row and column. */

/* re + i im with the sign of zeros kept; C11's CMPLX is not everywhere. */
static double complex complex_of(double re, double im)
{
    const double parts[2] = {re, im};
    double complex z;
    memcpy(&z, parts, sizeof z);
    return z;
}

static double complex phase_of(double angle)
{
    return complex_of(cos(angle), sin(angle));
}

/* e^(i (a + b)), of the exact sum, also where the rounded one is infinite. */
static double complex phase_of_sum(double a, double b)
{
    const double sum = a + b, of_a = sum - b, of_b = sum - of_a;
    const double rest = (a - of_a) + (b - of_b); /* what rounding took (Knuth's two-sum) */
    if (rest == 0)
        return phase_of(sum);
    return isfinite(sum) ? phase_of(sum) * phase_of(rest) : phase_of(a) * phase_of(b);
}

static void write_2x2(double complex *m, double complex a, double complex b, double complex c,
                      double complex d)
{
    m[0] = a;
    m[1] = b;
    m[2] = c;
    m[3] = d;
}

static void write_phase(double complex *m, double angle)
{
    write_2x2(m, 1, 0, 0, phase_of(angle));
}

static void write_euler(double complex *m, double theta, double phi, double lambda)
{
    const double c = cos(theta / 2), s = sin(theta / 2);
    write_2x2(m, c, -s * phase_of(lambda), s * phase_of(phi), c * phase_of_sum(phi, lambda));
}

static void matrix_id(double complex *m, const double *params)
{
    (void)params;
    write_2x2(m, 1, 0, 0, 1);
}

static void matrix_x(double complex *m, const double *params)
{
    (void)params;
    write_2x2(m, 0, 1, 1, 0);
}

static void matrix_y(double complex *m, const double *params)
{
    (void)params;
    write_2x2(m, 0, complex_of(0, -1), complex_of(0, 1), 0);
}

static void matrix_z(double complex *m, const double *params)
{
    (void)params;
    write_2x2(m, 1, 0, 0, -1);
}

static void matrix_h(double complex *m, const double *params)
{
    (void)params;
    write_2x2(m, M_SQRT1_2, M_SQRT1_2, M_SQRT1_2, -M_SQRT1_2);
}

static void matrix_s(double complex *m, const double *params)
{
    (void)params;
    write_2x2(m, 1, 0, 0, complex_of(0, 1));
}

static void matrix_sdg(double complex *m, const double *params)
{
    (void)params;
    write_2x2(m, 1, 0, 0, complex_of(0, -1));
}

static void matrix_t(double complex *m, const double *params)
{
    (void)params;
    write_2x2(m, 1, 0, 0, complex_of(M_SQRT1_2, M_SQRT1_2));
}

static void matrix_tdg(double complex *m, const double *params)
{
    (void)params;
    write_2x2(m, 1, 0, 0, complex_of(M_SQRT1_2, -M_SQRT1_2));
}

static void matrix_sx(double complex *m, const double *params)
{
    (void)params;
    write_2x2(m, complex_of(0.5, 0.5), complex_of(0.5, -0.5), complex_of(0.5, -0.5),
              complex_of(0.5, 0.5));
}

static void matrix_sxdg(double complex *m, const double *params)
{
    (void)params;
    write_2x2(m, complex_of(0.5, -0.5), complex_of(0.5, 0.5), complex_of(0.5, 0.5),
              complex_of(0.5, -0.5));
}

static void matrix_p(double complex *m, const double *params)
{
    write_phase(m, params[0]);
}

static void matrix_u2(double complex *m, const double *params)
{
    const double r = M_SQRT1_2;
    write_2x2(m, r, -r * phase_of(params[1]), r * phase_of(params[0]),
              r * phase_of_sum(params[0], params[1]));
}

static void matrix_u(double complex *m, const double *params)
{
    write_euler(m, params[0], params[1], params[2]);
}

static void matrix_rx(double complex *m, const double *params)
{
    const double complex c = cos(params[0] / 2), s = complex_of(0, -sin(params[0] / 2));
    write_2x2(m, c, s, s, c);
}

static void matrix_ry(double complex *m, const double *params)
{
    const double c = cos(params[0] / 2), s = sin(params[0] / 2);
    write_2x2(m, c, -s, s, c);
}

static void matrix_rz(double complex *m, const double *params)
{
    write_2x2(m, phase_of(-params[0] / 2), 0, 0, phase_of(params[0] / 2));
}

/* exp(i gamma) U(theta, phi, lambda), the phase being one of the control once controlled. */
static void matrix_cu(double complex *m, const double *params)
{
    write_euler(m, params[0], params[1], params[2]);
    for (int i = 0; i < 4; i++)
        m[i] *= phase_of(params[3]);
}

typedef struct matrix_entry {
    uint8_t row, column;
    double re, im;
} matrix_entry;

static void write_entries(double complex *m, size_t dimension, const matrix_entry *entries,
                          size_t count)
{
    for (size_t i = 0; i < dimension * dimension; i++)
        m[i] = 0;
    for (size_t i = 0; i < count; i++)
        m[entries[i].row * dimension + entries[i].column] =
            complex_of(entries[i].re, entries[i].im);
}

static void matrix_swap(double complex *m, const double *params)
{
    static const matrix_entry entries[] = {{0, 0, 1, 0}, {1, 2, 1, 0}, {2, 1, 1, 0}, {3, 3, 1, 0}};
    (void)params;
    write_entries(m, 4, entries, sizeof entries / sizeof entries[0]);
}

static void matrix_iswap(double complex *m, const double *params)
{
    static const matrix_entry entries[] = {{0, 0, 1, 0}, {1, 2, 0, 1}, {2, 1, 0, 1}, {3, 3, 1, 0}};
    (void)params;
    write_entries(m, 4, entries, sizeof entries / sizeof entries[0]);
}

static void matrix_ecr(double complex *m, const double *params)
{
    static const double r = M_SQRT1_2;
    const matrix_entry entries[] = {{0, 1, r, 0}, {0, 3, 0, r}, {1, 0, r, 0},  {1, 2, 0, -r},
                                    {2, 1, 0, r}, {2, 3, r, 0}, {3, 0, 0, -r}, {3, 2, r, 0}};
    (void)params;
    write_entries(m, 4, entries, sizeof entries / sizeof entries[0]);
}

/* Margolus' gate: a Toffoli up to phases (D. Maslov, arXiv:1508.03273). */
static void matrix_rccx(double complex *m, const double *params)
{
    static const matrix_entry entries[] = {{0, 0, 1, 0}, {1, 1, 1, 0},  {2, 2, 1, 0}, {3, 7, 0, -1},
                                           {4, 4, 1, 0}, {5, 5, -1, 0}, {6, 6, 1, 0}, {7, 3, 0, 1}};
    (void)params;
    write_entries(m, 8, entries, sizeof entries / sizeof entries[0]);
}

/* A Toffoli with three controls up to phases (the same paper). */
static void matrix_rc3x(double complex *m, const double *params)
{
    static const matrix_entry entries[] = {
        {0, 0, 1, 0},   {1, 1, 1, 0},   {2, 2, 1, 0},   {3, 3, 0, 1},
        {4, 4, 1, 0},   {5, 5, 1, 0},   {6, 6, 1, 0},   {7, 15, 1, 0},
        {8, 8, 1, 0},   {9, 9, 1, 0},   {10, 10, 1, 0}, {11, 11, 0, -1},
        {12, 12, 1, 0}, {13, 13, 1, 0}, {14, 14, 1, 0}, {15, 7, -1, 0}};
    (void)params;
    write_entries(m, 16, entries, sizeof entries / sizeof entries[0]);
}

/* cos(angle/2) - i sin(angle/2) P for a two-qubit Pauli product P with P[row][row ^ flip] =
 * pauli[row]. */
static void write_rotation(double complex *m, double angle, size_t flip,
                           const double complex pauli[4])
{
    const double complex s = complex_of(0, -sin(angle / 2));
    for (size_t i = 0; i < 16; i++)
        m[i] = 0;
    for (size_t row = 0; row < 4; row++) {
        m[5 * row] += cos(angle / 2);
        m[4 * row + (row ^ flip)] += s * pauli[row];
    }
}

static void matrix_rxx(double complex *m, const double *params)
{
    const double complex pauli[4] = {1, 1, 1, 1};
    write_rotation(m, params[0], 3, pauli);
}

static void matrix_ryy(double complex *m, const double *params)
{
    const double complex pauli[4] = {-1, 1, 1, -1};
    write_rotation(m, params[0], 3, pauli);
}

/* Z on the first target, X on the second. */
static void matrix_rzx(double complex *m, const double *params)
{
    const double complex pauli[4] = {1, -1, 1, -1};
    write_rotation(m, params[0], 2, pauli);
}

static void matrix_rzz(double complex *m, const double *params)
{
    const double complex minus = phase_of(-params[0] / 2), plus = phase_of(params[0] / 2);
    for (size_t i = 0; i < 16; i++)
        m[i] = 0;
    m[0] = m[15] = minus;
    m[5] = m[10] = plus;
}

/* Without targets: one row. */
static void matrix_gphase(double complex *m, const double *params)
{
    m[0] = phase_of(params[0]);
}

static const ktq_gate_spec gate_specs[KETCH_GATES] = {
    /* number               name     qubits controls params diagonal matrix */
    [KETCH_GATE_ID] = {"id", 1, 0, 0, true, matrix_id},
    [KETCH_GATE_X] = {"x", 1, 0, 0, false, matrix_x},
    [KETCH_GATE_Y] = {"y", 1, 0, 0, false, matrix_y},
    [KETCH_GATE_Z] = {"z", 1, 0, 0, true, matrix_z},
    [KETCH_GATE_H] = {"h", 1, 0, 0, false, matrix_h},
    [KETCH_GATE_S] = {"s", 1, 0, 0, true, matrix_s},
    [KETCH_GATE_SDG] = {"sdg", 1, 0, 0, true, matrix_sdg},
    [KETCH_GATE_T] = {"t", 1, 0, 0, true, matrix_t},
    [KETCH_GATE_TDG] = {"tdg", 1, 0, 0, true, matrix_tdg},
    [KETCH_GATE_SX] = {"sx", 1, 0, 0, false, matrix_sx},
    [KETCH_GATE_SXDG] = {"sxdg", 1, 0, 0, false, matrix_sxdg},
    [KETCH_GATE_U0] = {"u0", 1, 0, 1, true, matrix_id},
    [KETCH_GATE_U1] = {"u1", 1, 0, 1, true, matrix_p},
    [KETCH_GATE_U2] = {"u2", 1, 0, 2, false, matrix_u2},
    [KETCH_GATE_U3] = {"u3", 1, 0, 3, false, matrix_u},
    [KETCH_GATE_U] = {"u", 1, 0, 3, false, matrix_u},
    [KETCH_GATE_P] = {"p", 1, 0, 1, true, matrix_p},
    [KETCH_GATE_RX] = {"rx", 1, 0, 1, false, matrix_rx},
    [KETCH_GATE_RY] = {"ry", 1, 0, 1, false, matrix_ry},
    [KETCH_GATE_RZ] = {"rz", 1, 0, 1, true, matrix_rz},
    [KETCH_GATE_CX] = {"cx", 2, 1, 0, false, matrix_x},
    [KETCH_GATE_CY] = {"cy", 2, 1, 0, false, matrix_y},
    [KETCH_GATE_CZ] = {"cz", 2, 1, 0, true, matrix_z},
    [KETCH_GATE_CH] = {"ch", 2, 1, 0, false, matrix_h},
    [KETCH_GATE_CS] = {"cs", 2, 1, 0, true, matrix_s},
    [KETCH_GATE_CSDG] = {"csdg", 2, 1, 0, true, matrix_sdg},
    [KETCH_GATE_CSX] = {"csx", 2, 1, 0, false, matrix_sx},
    [KETCH_GATE_CRX] = {"crx", 2, 1, 1, false, matrix_rx},
    [KETCH_GATE_CRY] = {"cry", 2, 1, 1, false, matrix_ry},
    [KETCH_GATE_CRZ] = {"crz", 2, 1, 1, true, matrix_rz},
    [KETCH_GATE_CU1] = {"cu1", 2, 1, 1, true, matrix_p},
    [KETCH_GATE_CP] = {"cp", 2, 1, 1, true, matrix_p},
    [KETCH_GATE_CU3] = {"cu3", 2, 1, 3, false, matrix_u},
    [KETCH_GATE_CU] = {"cu", 2, 1, 4, false, matrix_cu},
    [KETCH_GATE_SWAP] = {"swap", 2, 0, 0, false, matrix_swap},
    [KETCH_GATE_CSWAP] = {"cswap", 3, 1, 0, false, matrix_swap},
    [KETCH_GATE_ISWAP] = {"iswap", 2, 0, 0, false, matrix_iswap},
    [KETCH_GATE_CCX] = {"ccx", 3, 2, 0, false, matrix_x},
    [KETCH_GATE_CCZ] = {"ccz", 3, 2, 0, true, matrix_z},
    [KETCH_GATE_RCCX] = {"rccx", 3, 0, 0, false, matrix_rccx},
    [KETCH_GATE_RC3X] = {"rc3x", 4, 0, 0, false, matrix_rc3x},
    [KETCH_GATE_C3X] = {"c3x", 4, 3, 0, false, matrix_x},
    [KETCH_GATE_C3SQRTX] = {"c3sqrtx", 4, 3, 0, false, matrix_sx},
    [KETCH_GATE_C4X] = {"c4x", 5, 4, 0, false, matrix_x},
    [KETCH_GATE_RXX] = {"rxx", 2, 0, 1, false, matrix_rxx},
    [KETCH_GATE_RYY] = {"ryy", 2, 0, 1, false, matrix_ryy},
    [KETCH_GATE_RZZ] = {"rzz", 2, 0, 1, true, matrix_rzz},
    [KETCH_GATE_RZX] = {"rzx", 2, 0, 1, false, matrix_rzx},
    [KETCH_GATE_ECR] = {"ecr", 2, 0, 0, false, matrix_ecr},
    [KETCH_GATE_GPHASE] = {"gphase", 0, 0, 1, true, matrix_gphase},
    [KETCH_GATE_UNITARY] = {"unitary", -1, 0, 0, false, NULL},
    [KETCH_GATE_DIAGONAL] = {"diagonal", -1, 0, 0, true, NULL},
    [KETCH_GATE_PERMUTATION] = {"permutation", -1, 0, 0, false, NULL},
    [KETCH_GATE_MULTIPLEXER] = {"multiplexer", -1, 0, 0, false, NULL},
    [KETCH_GATE_PAULI_ROTATION] = {"pauli_rotation", -1, 0, 1, false, NULL},
    [KETCH_GATE_MEASURE] = {"measure", 1, 0, 0, false, NULL},
    [KETCH_GATE_RESET] = {"reset", 1, 0, 0, false, NULL},
    [KETCH_GATE_BARRIER] = {"barrier", -1, 0, 0, false, NULL},
    [KETCH_GATE_FENCE] = {"fence", 0, 0, 0, false, NULL},
};

const ktq_gate_spec *ktq_gate_spec_of(int32_t gate)
{
    return gate >= 0 && gate < KETCH_GATES ? &gate_specs[gate] : NULL;
}

int32_t ktq_gate_lookup(const char *name, size_t length)
{
    for (int32_t gate = 0; gate < KETCH_GATES; gate++) {
        const char *known = gate_specs[gate].name;
        if (strncmp(known, name, length) == 0 && known[length] == 0)
            return gate;
    }
    return -1;
}

/* Names that other libraries and textbooks use. */
static const char *const other_names[][2] = {
    {"cnot", "cx"},       {"not", "x"},        {"i", "id"},        {"hadamard", "h"},
    {"phase", "p"},       {"cphase", "cp"},    {"toffoli", "ccx"}, {"ccnot", "ccx"},
    {"fredkin", "cswap"}, {"c3sx", "c3sqrtx"}, {"rcccx", "rc3x"},  {"mcx", "ccx"},
};

const char *ktq_gate_nearest(const char *name, size_t length)
{
    kt_nearest nearest = kt_nearest_begin(name, length);
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++)
        if (kt_same_letters(name, length, other_names[i][0], strlen(other_names[i][0])))
            return other_names[i][1];
    for (int32_t gate = 0; gate < KETCH_GATES; gate++)
        if (gate_specs[gate].matrix && gate_specs[gate].qubits > 0)
            kt_nearest_offer(&nearest, gate_specs[gate].name, strlen(gate_specs[gate].name));
    return nearest.found;
}

const char *ketch_gate_name(ketch_gate gate)
{
    const ktq_gate_spec *spec = ktq_gate_spec_of((int32_t)gate);
    return spec ? spec->name : NULL;
}

int32_t ketch_gate_find(const char *name)
{
    return name ? ktq_gate_lookup(name, strlen(name)) : -1;
}

int32_t ketch_gate_qubits(ketch_gate gate)
{
    const ktq_gate_spec *spec = ktq_gate_spec_of((int32_t)gate);
    return spec ? spec->qubits : -1;
}

int32_t ketch_gate_params(ketch_gate gate)
{
    const ktq_gate_spec *spec = ktq_gate_spec_of((int32_t)gate);
    return spec ? spec->params : -1;
}
