/* The gate table against textbook formulas. */
#define _GNU_SOURCE
#include "ket/circuit/gates.h"
#include "suite.h"

#include <check.h>
#include <complex.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef double complex cell;

enum { MOST = 32 };

/* Row-major, the gate's first qubit the lowest bit. */
typedef struct dense {
    size_t size;
    cell at[MOST][MOST];
} dense;

/* ---- textbook ---- */

static dense scaled(cell factor, dense m)
{
    for (size_t i = 0; i < m.size; i++)
        for (size_t j = 0; j < m.size; j++)
            m.at[i][j] *= factor;
    return m;
}

static dense sum(dense a, dense b)
{
    for (size_t i = 0; i < a.size; i++)
        for (size_t j = 0; j < a.size; j++)
            a.at[i][j] += b.at[i][j];
    return a;
}

static dense product(const dense *a, const dense *b)
{
    dense m = {.size = a->size};
    for (size_t i = 0; i < m.size; i++)
        for (size_t j = 0; j < m.size; j++)
            for (size_t k = 0; k < m.size; k++)
                m.at[i][j] += a->at[i][k] * b->at[k][j];
    return m;
}

static dense one(void)
{
    return (dense){2, {{1, 0}, {0, 1}}};
}

static dense pauli(char name)
{
    if (name == 'X')
        return (dense){2, {{0, 1}, {1, 0}}};
    if (name == 'Y')
        return (dense){2, {{0, -I}, {I, 0}}};
    return name == 'Z' ? (dense){2, {{1, 0}, {0, -1}}} : one();
}

/* high tensor low */
static dense tensor(dense high, dense low)
{
    dense m = {.size = high.size * low.size};
    for (size_t i = 0; i < m.size; i++)
        for (size_t j = 0; j < m.size; j++)
            m.at[i][j] = high.at[i / low.size][j / low.size] * low.at[i % low.size][j % low.size];
    return m;
}

/* names[0] on the highest qubit, as one writes it */
static dense word(const char *names)
{
    dense m = pauli(names[0]);
    for (size_t i = 1; names[i]; i++)
        m = tensor(m, pauli(names[i]));
    return m;
}

/* exp(-i angle/2 P) */
static dense rotation(const char *names, double angle)
{
    const dense p = word(names);
    dense unit = {.size = p.size};
    for (size_t i = 0; i < p.size; i++)
        unit.at[i][i] = 1;
    return sum(scaled(cos(angle / 2), unit), scaled(-I * sin(angle / 2), p));
}

static dense phase(double angle)
{
    return (dense){2, {{1, 0}, {0, cexp(I * angle)}}};
}

/* exp(i (phi + lambda) / 2) Rz(phi) Ry(theta) Rz(lambda) */
static dense euler(double theta, double phi, double lambda)
{
    const dense a = rotation("Z", phi), b = rotation("Y", theta), c = rotation("Z", lambda);
    const dense ab = product(&a, &b);
    return scaled(cexp(I * (phi + lambda) / 2), product(&ab, &c));
}

static dense hadamard(void)
{
    return scaled(M_SQRT1_2, sum(pauli('X'), pauli('Z')));
}

/* The lowest qubits are the controls. */
static dense controlled(int controls, dense base)
{
    const size_t width = (size_t)1 << controls;
    dense m = {.size = base.size * width};
    for (size_t i = 0; i < m.size; i++)
        for (size_t j = 0; j < m.size; j++)
            if (i % width == width - 1 && j % width == width - 1)
                m.at[i][j] = base.at[i / width][j / width];
            else
                m.at[i][j] = i == j;
    return m;
}

static dense swapped(void)
{
    return scaled(0.5, sum(sum(word("II"), word("XX")), sum(word("YY"), word("ZZ"))));
}

static dense iswapped(void)
{
    return sum(scaled(0.5, sum(word("II"), word("ZZ"))),
               scaled(0.5 * I, sum(word("XX"), word("YY"))));
}

/* A gate on one qubit of several, or with control `control` where that is not -1. */
static dense placed(int qubits, dense base, int target, int control)
{
    dense m = {.size = (size_t)1 << qubits};
    for (size_t i = 0; i < m.size; i++) {
        const size_t flipped = i ^ (size_t)1 << target, bit = i >> target & 1;
        if (control >= 0 && !(i >> control & 1)) {
            m.at[i][i] = 1;
        } else {
            m.at[i][i] = base.at[bit][bit];
            m.at[i][flipped] = base.at[bit][1 - bit];
        }
    }
    return m;
}

/* Steps on the last qubit, as qelib1.inc defines rccx and rc3x: h, t, d (t dagger), or a control's
 * letter for cx. */
static dense steps_on_last(int qubits, const char *steps)
{
    dense m = placed(qubits, one(), 0, -1);
    for (; *steps; steps++) {
        const dense base = *steps == 'h'   ? hadamard()
                           : *steps == 't' ? phase(M_PI / 4)
                           : *steps == 'd' ? phase(-M_PI / 4)
                                           : pauli('X');
        const int control = *steps >= 'A' && *steps <= 'C' ? *steps - 'A' : -1;
        const dense step = placed(qubits, base, qubits - 1, control);
        m = product(&step, &m);
    }
    return m;
}

static const double angles[4] = {0.37, -1.9, 2.6, 0.81};

static dense expected(ketch_gate gate)
{
    const double a = angles[0], b = angles[1], c = angles[2], d = angles[3];
    const dense sx = scaled(cexp(I * M_PI / 4), rotation("X", M_PI / 2));
    switch (gate) {
    case KETCH_GATE_ID:
    case KETCH_GATE_U0:
        return one();
    case KETCH_GATE_X:
        return pauli('X');
    case KETCH_GATE_Y:
        return pauli('Y');
    case KETCH_GATE_Z:
        return pauli('Z');
    case KETCH_GATE_H:
        return hadamard();
    case KETCH_GATE_S:
        return phase(M_PI / 2);
    case KETCH_GATE_SDG:
        return phase(-M_PI / 2);
    case KETCH_GATE_T:
        return phase(M_PI / 4);
    case KETCH_GATE_TDG:
        return phase(-M_PI / 4);
    case KETCH_GATE_SX:
        return sx;
    case KETCH_GATE_SXDG:
        return scaled(cexp(-I * M_PI / 4), rotation("X", -M_PI / 2));
    case KETCH_GATE_U1:
    case KETCH_GATE_P:
        return phase(a);
    case KETCH_GATE_U2:
        return euler(M_PI / 2, a, b);
    case KETCH_GATE_U3:
    case KETCH_GATE_U:
        return euler(a, b, c);
    case KETCH_GATE_RX:
        return rotation("X", a);
    case KETCH_GATE_RY:
        return rotation("Y", a);
    case KETCH_GATE_RZ:
        return rotation("Z", a);
    case KETCH_GATE_CX:
        return controlled(1, pauli('X'));
    case KETCH_GATE_CY:
        return controlled(1, pauli('Y'));
    case KETCH_GATE_CZ:
        return controlled(1, pauli('Z'));
    case KETCH_GATE_CH:
        return controlled(1, hadamard());
    case KETCH_GATE_CS:
        return controlled(1, phase(M_PI / 2));
    case KETCH_GATE_CSDG:
        return controlled(1, phase(-M_PI / 2));
    case KETCH_GATE_CSX:
        return controlled(1, sx);
    case KETCH_GATE_CRX:
        return controlled(1, rotation("X", a));
    case KETCH_GATE_CRY:
        return controlled(1, rotation("Y", a));
    case KETCH_GATE_CRZ:
        return controlled(1, rotation("Z", a));
    case KETCH_GATE_CU1:
    case KETCH_GATE_CP:
        return controlled(1, phase(a));
    case KETCH_GATE_CU3:
        return controlled(1, euler(a, b, c));
    case KETCH_GATE_CU:
        return controlled(1, scaled(cexp(I * d), euler(a, b, c)));
    case KETCH_GATE_SWAP:
        return swapped();
    case KETCH_GATE_CSWAP:
        return controlled(1, swapped());
    case KETCH_GATE_ISWAP:
        return iswapped();
    case KETCH_GATE_CCX:
        return controlled(2, pauli('X'));
    case KETCH_GATE_CCZ:
        return controlled(2, pauli('Z'));
    case KETCH_GATE_C3X:
        return controlled(3, pauli('X'));
    case KETCH_GATE_C3SQRTX:
        return controlled(3, sx);
    case KETCH_GATE_C4X:
        return controlled(4, pauli('X'));
    case KETCH_GATE_RCCX:
        return steps_on_last(3, "htBdAtBdh");
    case KETCH_GATE_RC3X:
        return steps_on_last(4, "htCdhAtBdAtBdhtCdh");
    case KETCH_GATE_RXX:
        return rotation("XX", a);
    case KETCH_GATE_RYY:
        return rotation("YY", a);
    case KETCH_GATE_RZZ:
        return rotation("ZZ", a);
    case KETCH_GATE_RZX:
        return rotation("XZ", a); /* Z on the first qubit */
    case KETCH_GATE_ECR:
        return scaled(M_SQRT1_2, sum(word("IX"), scaled(-1, word("XY"))));
    case KETCH_GATE_GPHASE:
        return (dense){1, {{cexp(I * a)}}};
    default:
        ck_abort_msg("no expectation for %s", ketch_gate_name(gate));
    }
}

static dense given(ketch_gate gate)
{
    cell base[256];
    const ktq_gate_spec *spec = ktq_gate_spec_of((int32_t)gate);
    spec->matrix(base, angles);
    dense m = {.size = (size_t)1 << (spec->qubits - spec->controls)};
    for (size_t i = 0; i < m.size * m.size; i++)
        m.at[i / m.size][i % m.size] = base[i];
    return controlled(spec->controls, m);
}

START_TEST(matrix_is_the_textbooks)
{
    const ketch_gate gate = (ketch_gate)_i;
    const dense have = given(gate), want = expected(gate);
    ck_assert_uint_eq(have.size, want.size);
    for (size_t i = 0; i < want.size; i++)
        for (size_t j = 0; j < want.size; j++)
            ck_assert_msg(cabs(have.at[i][j] - want.at[i][j]) < 1e-15, "%s[%zu][%zu]",
                          ketch_gate_name(gate), i, j);
}
END_TEST

START_TEST(matrix_is_unitary_and_diagonal_as_said)
{
    const ketch_gate gate = (ketch_gate)_i;
    const dense m = given(gate);
    bool diagonal = true;
    for (size_t i = 0; i < m.size; i++)
        for (size_t j = 0; j < m.size; j++) {
            cell inner = 0;
            for (size_t k = 0; k < m.size; k++)
                inner += m.at[i][k] * conj(m.at[j][k]);
            ck_assert(cabs(inner - (i == j)) < 1e-15);
            diagonal = diagonal && (i == j || m.at[i][j] == 0);
        }
    ck_assert_int_eq(diagonal, ktq_gate_spec_of(_i)->is_diagonal);
}
END_TEST

/* ---- large angles ---- */

enum { LARGE_DRAWS = 20000 };

typedef long double complex wide;

/* 0, multiples of pi / 4, random ones, and whole numbers and random ones up to 1e16. */
static double draw_angle(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    const double unit = (double)(*random >> 11) * 0x1p-53;
    const double signed_unit = 2 * unit - 1;
    switch (*random >> 8 & 3) {
    case 0:
        return M_PI_4 * floor(17 * signed_unit);
    case 1:
        return 10 * signed_unit;
    case 2:
        return copysign(pow(10, 16 * fabs(signed_unit)), signed_unit);
    default:
        return copysign(floor(pow(10, 16 * fabs(signed_unit))), signed_unit);
    }
}

static wide wide_phase(double angle)
{
    return cosl(angle) + I * sinl(angle);
}

/* U(theta, phi, lambda), with products of phases. */
static void wide_euler(wide m[4], double theta, double phi, double lambda)
{
    const long double c = cosl((long double)theta / 2), s = sinl((long double)theta / 2);
    m[0] = c;
    m[1] = -s * wide_phase(lambda);
    m[2] = s * wide_phase(phi);
    m[3] = c * wide_phase(phi) * wide_phase(lambda);
}

/* Those with sums of angles in an entry. */
static const ketch_gate with_sums[] = {KETCH_GATE_U, KETCH_GATE_U2, KETCH_GATE_U3, KETCH_GATE_CU3,
                                       KETCH_GATE_CU};

static void wide_matrix(wide m[4], ketch_gate gate, const double *params)
{
    if (gate == KETCH_GATE_U2)
        wide_euler(m, M_PI_2, params[0], params[1]);
    else
        wide_euler(m, params[0], params[1], params[2]);
    for (int i = 0; i < 4; i++)
        m[i] *= gate == KETCH_GATE_CU ? wide_phase(params[3]) : 1;
}

/* The largest entry of m m^H - 1. */
static long double miss_of_unitary(const cell m[4])
{
    const wide first = (wide)m[0] * conjl(m[0]) + (wide)m[1] * conjl(m[1]) - 1;
    const wide second = (wide)m[2] * conjl(m[2]) + (wide)m[3] * conjl(m[3]) - 1;
    const wide both = (wide)m[0] * conjl(m[2]) + (wide)m[1] * conjl(m[3]);
    return fmaxl(cabsl(both), fmaxl(cabsl(first), cabsl(second)));
}

START_TEST(sums_of_angles_are_exact)
{
    const ketch_gate gate = with_sums[_i];
    uint64_t random = 11;
    for (int draw = 0; draw < LARGE_DRAWS; draw++) {
        double params[4];
        cell m[4];
        wide want[4];
        for (int i = 0; i < 4; i++)
            params[i] = draw_angle(&random);
        ktq_gate_spec_of((int32_t)gate)->matrix(m, params);
        wide_matrix(want, gate, params);
        ck_assert_ldouble_le(miss_of_unitary(m), 4 * (long double)DBL_EPSILON);
        for (int i = 0; i < 4; i++)
            ck_assert_ldouble_le(cabsl(m[i] - want[i]), 2 * (long double)DBL_EPSILON);
    }
}
END_TEST

START_TEST(every_gate_is_unitary_at_any_angle)
{
    static const double extremes[] = {1e9, 1e16, 1e300, DBL_MAX, -DBL_MAX, DBL_MIN, 1e-300, -0.0};
    enum { EXTREMES = sizeof extremes / sizeof *extremes };
    const ktq_gate_spec *const spec = ktq_gate_spec_of(_i);
    const size_t rows = (size_t)1 << (spec->qubits - spec->controls);
    uint64_t random = 5;
    for (int draw = 0; draw < 2000; draw++) {
        double params[4];
        cell m[16], inner;
        for (int i = 0; i < 4; i++)
            params[i] = draw % 2 ? draw_angle(&random) : extremes[(draw >> 3 * i) % EXTREMES];
        spec->matrix(m, params);
        for (size_t k = 0; k < rows * rows; k++) {
            inner = 0;
            for (size_t j = 0; j < rows; j++)
                inner += m[k / rows * rows + j] * conj(m[k % rows * rows + j]);
            ck_assert_double_le(cabs(inner - (k / rows == k % rows)), 4 * DBL_EPSILON);
        }
    }
}
END_TEST

/* Qiskit takes the phase of the rounded sum. These sums are exact. */
START_TEST(exact_sums_have_qiskits_bits)
{
    uint64_t random = 23;
    for (int draw = 0; draw < LARGE_DRAWS; draw++) {
        const double unit = draw % 2 ? 0x1p-20 : M_PI_2;
        const double range = draw % 2 ? 0x1p+50 : 2;
        const double phi = unit * rint(range / 1e16 * draw_angle(&random));
        const double lambda = draw % 2 ? unit * rint(range / 1e16 * draw_angle(&random)) : phi;
        const double params[3] = {0, phi, lambda};
        cell m[4];
        ktq_gate_spec_of(KETCH_GATE_U)->matrix(m, params);
        ck_assert(creal(m[3]) == cos(phi + lambda) && cimag(m[3]) == sin(phi + lambda));
    }
}
END_TEST

START_TEST(gates_have_names_and_shapes)
{
    for (int32_t gate = 0; gate < KETCH_GATES; gate++)
        ck_assert_int_eq(ketch_gate_find(ketch_gate_name((ketch_gate)gate)), gate);
    ck_assert_ptr_null(ketch_gate_name(KETCH_GATES));
    ck_assert_ptr_null(ketch_gate_name((ketch_gate)-1));
    ck_assert_int_eq(ketch_gate_find("cnot"), -1);
    ck_assert_int_eq(ketch_gate_find(""), -1);
    ck_assert_int_eq(ketch_gate_find(NULL), -1);
    ck_assert_int_eq(ktq_gate_lookup("cxy", 2), KETCH_GATE_CX);
    ck_assert_int_eq(ketch_gate_qubits(KETCH_GATE_C4X), 5);
    ck_assert_int_eq(ketch_gate_qubits(KETCH_GATE_GPHASE), 0);
    ck_assert_int_eq(ketch_gate_qubits(KETCH_GATE_UNITARY), -1);
    ck_assert_int_eq(ketch_gate_params(KETCH_GATE_CU), 4);
    ck_assert_int_eq(ketch_gate_params(KETCH_GATES), -1);
}
END_TEST

START_TEST(nearest_name_is_offered)
{
    static const struct {
        const char *wrong, *near;
    } names[] = {{"cnot", "cx"},     {"CNOT", "cx"},  {"H", "h"},         {"cxx", "cx"},
                 {"swpa", NULL},     {"swp", "swap"}, {"toffoli", "ccx"}, {"c3sqrt", "c3sqrtx"},
                 {"whatever", NULL}, {"q", NULL},     {"gphas", NULL}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *near = ktq_gate_nearest(names[i].wrong, strlen(names[i].wrong));
        ck_assert_pstr_eq(near, names[i].near);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gates");
    TCase *gates = tcase_create("gates");
    tcase_set_timeout(gates, 60);
    keep_one_thread(gates);
    for (int gate = 0; gate < KETCH_GATE_UNITARY; gate++) {
        const char *const name = ketch_gate_name((ketch_gate)gate);
        add_indexed(gates, matrix_is_the_textbooks, gate, "%s", name);
        add_indexed(gates, matrix_is_unitary_and_diagonal_as_said, gate, "%s", name);
        if (ktq_gate_spec_of(gate)->params > 0)
            add_indexed(gates, every_gate_is_unitary_at_any_angle, gate, "%s", name);
    }
    for (size_t i = 0; i < sizeof with_sums / sizeof *with_sums; i++)
        add_indexed(gates, sums_of_angles_are_exact, (int)i, "%s", ketch_gate_name(with_sums[i]));
    tcase_add_test(gates, exact_sums_have_qiskits_bits);
    tcase_add_test(gates, gates_have_names_and_shapes);
    tcase_add_test(gates, nearest_name_is_offered);
    suite_add_tcase(suite, gates);
    return end_with(suite);
}
