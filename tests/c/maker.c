#include "maker.h"
#include "runs.h"
#include "words.h"

#include <stdbool.h>

enum { ROWS_MAX = 1 << KETCH_UNITARY_QUBITS_MAX, ENTRIES_MAX = ROWS_MAX * ROWS_MAX };

static const double pi = 3.14159265358979323846;

const char maker_text[] = "OPENQASM 2.0;\n"
                          "include \"qelib1.inc\";\n"
                          "gate twist(a) p, q { h p; cu1(a / 2) p, q; barrier p; swap p, q; }\n"
                          "qreg q[6];\n"
                          "creg c[3];\n"
                          "twist(pi / 3) q[0], q[5];\n"
                          "u3(0.1, 0.2, 0.3) q;\n"
                          "measure q[0] -> c[0];\n"
                          "if (c == 1) ccx q[1], q[2], q[3];\n"
                          "reset q[4];\n"
                          "measure q[1] -> c[1];\n";

maker maker_open(int32_t qubits, int32_t bits, uint64_t seed)
{
    maker m = {.qubits = qubits, .random = seed};
    GOOD(ketch_circuit_create(&m.circuit, qubits, bits, &error));
    return m;
}

uint64_t maker_draw(maker *m, uint64_t below)
{
    return next_word(&m->random) % below;
}

double maker_angle(maker *m)
{
    const int64_t turn = (int64_t)maker_draw(m, 1 << 30) - (1 << 29);
    return (double)turn * (pi / (1 << 29));
}

void maker_choose(maker *m, int32_t *qubits, int32_t count)
{
    uint64_t used = 0;
    for (int32_t i = 0; i < count;) {
        const uint64_t q = maker_draw(m, (uint64_t)m->qubits);
        if (used >> q & 1)
            continue;
        used |= UINT64_C(1) << q;
        qubits[i++] = (int32_t)q;
    }
}

maker_controls maker_choose_controls(maker *m, int32_t *qubits, int32_t own, int32_t count)
{
    maker_controls c = {.count = count};
    maker_choose(m, qubits, own + count);
    for (int32_t i = 0; i < count; i++) {
        c.qubits[i] = qubits[own + i];
        c.values[i] = (uint8_t)maker_draw(m, 2);
    }
    return c;
}

/* ---- gates ---- */

static const maker_controls none;

void maker_gate(maker *m, ketch_gate gate, const int32_t *qubits, const double *angles,
                const maker_controls *controls)
{
    const maker_controls *const c = controls ? controls : &none;
    double drawn[4] = {0};
    for (int32_t i = 0; !angles && i < ketch_gate_params(gate); i++)
        drawn[i] = maker_angle(m);
    GOOD(ketch_circuit_controlled(m->circuit, gate, qubits, angles ? angles : drawn, c->count,
                                  c->qubits, c->values, &error));
}

/* A complex number whose parts are whole. */
typedef struct whole {
    int64_t re, im;
} whole;

/* The square matrix n - 2 v v^dagger of a random vector v with v^dagger v = n, which is unitary but
 * for the factor n. */
static int64_t draw_reflector(maker *m, int rows, whole *entries)
{
    whole v[ROWS_MAX];
    int64_t n = 0;
    for (int i = 0; i < rows; i++) {
        v[i].re = (int64_t)maker_draw(m, 7) - 3 + (i == 0 ? 4 : 0);
        v[i].im = (int64_t)maker_draw(m, 7) - 3;
        n += v[i].re * v[i].re + v[i].im * v[i].im;
    }
    for (int i = 0; i < rows; i++)
        for (int k = 0; k < rows; k++) {
            whole *const e = &entries[i * rows + k];
            e->re = (i == k ? n : 0) - 2 * (v[i].re * v[k].re + v[i].im * v[k].im);
            e->im = -2 * (v[i].im * v[k].re - v[i].re * v[k].im);
        }
    return n;
}

/* The product of two reflectors; only the division rounds. */
static void draw_unitary(maker *m, int rows, double *matrix)
{
    static whole a[ENTRIES_MAX], b[ENTRIES_MAX];
    const int64_t n = draw_reflector(m, rows, a) * draw_reflector(m, rows, b);
    for (int i = 0; i < rows; i++)
        for (int k = 0; k < rows; k++) {
            whole sum = {0, 0};
            for (int j = 0; j < rows; j++) {
                const whole x = a[i * rows + j], y = b[j * rows + k];
                sum.re += x.re * y.re - x.im * y.im;
                sum.im += x.re * y.im + x.im * y.re;
            }
            matrix[2 * (i * rows + k)] = (double)sum.re / (double)n;
            matrix[2 * (i * rows + k) + 1] = (double)sum.im / (double)n;
        }
}

void maker_unitary(maker *m, int32_t count, const int32_t *qubits, const maker_controls *controls)
{
    static double matrix[2 * ENTRIES_MAX];
    const maker_controls *const c = controls ? controls : &none;
    draw_unitary(m, 1 << count, matrix);
    GOOD(ketch_circuit_unitary(m->circuit, count, qubits, matrix, 0, c->count, c->qubits, c->values,
                               &error));
}

/* (a + bi)^2 / (a^2 + b^2) */
static void draw_phase(maker *m, double *phase)
{
    const int64_t a = (int64_t)maker_draw(m, 2000) - 1000, b = (int64_t)maker_draw(m, 1000) + 1;
    const double square = (double)(a * a + b * b);
    phase[0] = (double)(a * a - b * b) / square;
    phase[1] = (double)(2 * a * b) / square;
}

void maker_diagonal(maker *m, int32_t count, const int32_t *qubits, const maker_controls *controls)
{
    static double diagonal[2 << KETCH_DIAGONAL_QUBITS_MAX];
    const maker_controls *const c = controls ? controls : &none;
    for (int i = 0; i < 1 << count; i++)
        draw_phase(m, diagonal + 2 * i);
    GOOD(ketch_circuit_diagonal(m->circuit, count, qubits, diagonal, 0, c->count, c->qubits,
                                c->values, &error));
}

void maker_permutation(maker *m, int32_t count, const int32_t *qubits,
                       const maker_controls *controls)
{
    static uint64_t table[1 << KETCH_PERMUTATION_QUBITS_MAX];
    const maker_controls *const c = controls ? controls : &none;
    for (uint64_t i = 0; i < UINT64_C(1) << count; i++) {
        const uint64_t k = maker_draw(m, i + 1);
        table[i] = table[k];
        table[k] = i;
    }
    GOOD(ketch_circuit_permutation(m->circuit, count, qubits, table, c->count, c->qubits, c->values,
                                   &error));
}

void maker_multiplexer(maker *m, int32_t count, const int32_t *qubits,
                       const maker_controls *controls)
{
    static double matrices[8 << KETCH_SELECTS_MAX];
    const maker_controls *const c = controls ? controls : &none;
    for (size_t i = 0; i < (size_t)1 << (count - 1); i++)
        draw_unitary(m, 2, matrices + 8 * i);
    GOOD(ketch_circuit_multiplexer(m->circuit, qubits[0], count - 1, qubits + 1, matrices, 0,
                                   c->count, c->qubits, c->values, &error));
}

void maker_pauli_rotation(maker *m, int32_t count, const int32_t *qubits,
                          const maker_controls *controls)
{
    char letters[KETCH_QUBITS_MAX + 1] = "";
    const maker_controls *const c = controls ? controls : &none;
    for (int32_t i = 0; i < count; i++)
        letters[i] = "XYZ"[maker_draw(m, 3)];
    const ketch_angle angle = {.parameter = -1, .offset = maker_angle(m)};
    GOOD(ketch_circuit_pauli_rotation(m->circuit, &angle, count, qubits, letters, c->count,
                                      c->qubits, c->values, &error));
}

void maker_layer(maker *m)
{
    for (int32_t q = 0; q < m->qubits; q++)
        maker_gate(m, KETCH_GATE_U3, &q, NULL, NULL);
}

static int32_t least_of(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* None as a rule, else up to three, as many as there is room for. */
static int32_t draw_control_count(maker *m, int32_t own)
{
    const int32_t room = m->qubits - own;
    if (room == 0 || maker_draw(m, 3))
        return 0;
    return 1 + (int32_t)maker_draw(m, (uint64_t)least_of(room, 3));
}

static void add_random_matrix(maker *m, bool diagonal)
{
    int32_t qubits[16];
    const int32_t most = diagonal ? KETCH_DIAGONAL_QUBITS_MAX : MAKER_UNITARY_QUBITS;
    const int32_t count = 1 + (int32_t)maker_draw(m, (uint64_t)least_of(most, m->qubits));
    const maker_controls c = maker_choose_controls(m, qubits, count, draw_control_count(m, count));
    (diagonal ? maker_diagonal : maker_unitary)(m, count, qubits, &c);
}

static void add_random_gate(maker *m)
{
    const ketch_gate gate = (ketch_gate)maker_draw(m, MAKER_GATES);
    const int32_t own = ketch_gate_qubits(gate);
    int32_t qubits[16];
    if (own > m->qubits)
        return;
    const maker_controls c = maker_choose_controls(m, qubits, own, draw_control_count(m, own));
    maker_gate(m, gate, qubits, NULL, &c);
}

void maker_random_gates(maker *m, int count)
{
    for (int i = 0; i < count; i++) {
        const uint64_t kind = maker_draw(m, 12);
        if (kind < 2)
            add_random_matrix(m, kind == 0);
        else
            add_random_gate(m);
    }
}

void maker_measure(maker *m, int32_t count)
{
    for (int32_t q = 0; q < count; q++)
        GOOD(ketch_circuit_measure(m->circuit, q, q, &error));
}

/* ---- families ---- */

static void add_pair(maker *m, ketch_gate gate, int32_t a, int32_t b, const double *angle)
{
    const int32_t pair[2] = {a, b};
    maker_gate(m, gate, pair, angle, NULL);
}

static void add_ring(maker *m)
{
    for (int32_t q = 0; q < m->qubits; q++)
        add_pair(m, KETCH_GATE_CX, q, (q + 1) % m->qubits, NULL);
}

static void add_ghz(maker *m)
{
    const int32_t first = 0;
    maker_gate(m, KETCH_GATE_H, &first, NULL, NULL);
    for (int32_t q = 0; q + 1 < m->qubits; q++)
        add_pair(m, KETCH_GATE_CX, q, q + 1, NULL);
}

/* After a layer: of a basis state it would be a product. */
static void add_qft(maker *m)
{
    maker_layer(m);
    for (int32_t target = m->qubits - 1; target >= 0; target--) {
        maker_gate(m, KETCH_GATE_H, &target, NULL, NULL);
        for (int32_t control = target - 1; control >= 0; control--) {
            const double angle = pi / (double)(UINT64_C(1) << (target - control));
            add_pair(m, KETCH_GATE_CU1, control, target, &angle);
        }
    }
    for (int32_t q = 0; q < m->qubits / 2; q++)
        add_pair(m, KETCH_GATE_SWAP, q, m->qubits - 1 - q, NULL);
}

/* Bricks of cz. */
static void add_rcz(maker *m)
{
    for (int layer = 0; layer < 8; layer++) {
        maker_layer(m);
        for (int32_t q = layer % 2; q + 1 < m->qubits; q += 2)
            add_pair(m, KETCH_GATE_CZ, q, q + 1, NULL);
    }
}

static void add_rcx(maker *m)
{
    static const ketch_gate gates[] = {KETCH_GATE_H,  KETCH_GATE_T,  KETCH_GATE_S,
                                       KETCH_GATE_RX, KETCH_GATE_RY, KETCH_GATE_RZ};
    for (int layer = 0; layer < 10; layer++) {
        int32_t order[32];
        for (int32_t q = 0; q < m->qubits; q++)
            maker_gate(m, gates[maker_draw(m, 6)], &q, NULL, NULL);
        maker_choose(m, order, m->qubits);
        for (int32_t i = 0; i + 1 < m->qubits; i += 2)
            add_pair(m, KETCH_GATE_CX, order[i], order[i + 1], NULL);
    }
}

static void add_ansatz(maker *m)
{
    for (int layer = 0; layer < 4; layer++) {
        for (int32_t q = 0; q < m->qubits; q++) {
            maker_gate(m, KETCH_GATE_RY, &q, NULL, NULL);
            maker_gate(m, KETCH_GATE_RZ, &q, NULL, NULL);
        }
        add_ring(m);
    }
}

static void add_ising(maker *m)
{
    static const double coupling = 0.2, field = 0.14;
    for (int step = 0; step < 5; step++) {
        for (int32_t q = 0; q < m->qubits; q++) {
            const int32_t next = (q + 1) % m->qubits;
            add_pair(m, KETCH_GATE_CX, q, next, NULL);
            maker_gate(m, KETCH_GATE_RZ, &next, &coupling, NULL);
            add_pair(m, KETCH_GATE_CX, q, next, NULL);
        }
        for (int32_t q = 0; q < m->qubits; q++)
            maker_gate(m, KETCH_GATE_RX, &q, &field, NULL);
    }
}

/* Random matrices on random pairs. */
static void add_volume(maker *m)
{
    for (int layer = 0; layer < 6; layer++) {
        int32_t order[32];
        maker_choose(m, order, m->qubits);
        for (int32_t i = 0; i + 1 < m->qubits; i += 2)
            maker_unitary(m, 2, order + i, NULL);
    }
}

const maker_family maker_families[MAKER_FAMILIES] = {
    {"ghz", add_ghz},       {"qft", add_qft},     {"rcz", add_rcz},       {"rcx", add_rcx},
    {"ansatz", add_ansatz}, {"ising", add_ising}, {"volume", add_volume},
};

const maker_family *maker_find(const char *name)
{
    int i = 0;
    while (strcmp(maker_families[i].name, name) != 0)
        i++;
    return &maker_families[i];
}

ketch_circuit *maker_family_circuit(const char *family, int32_t qubits)
{
    maker m = maker_open(qubits, 0, (uint64_t)qubits);
    maker_find(family)->add(&m);
    return m.circuit;
}

maker maker_random(int32_t qubits, int gates, uint64_t seed)
{
    maker m = maker_open(qubits, qubits, seed);
    maker_layer(&m);
    maker_random_gates(&m, gates);
    return m;
}
