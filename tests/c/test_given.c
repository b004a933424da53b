/* Gates that are given by numbers of the caller's (permutations, multiplexers, Pauli rotations, wide
 * matrices) and prepared states, against the reference: in every order of up to four qubits, under
 * controls, with every kernel set. */
#define _GNU_SOURCE
#include "ket/circuit/circuit.h"
#include "reference.h"
#include "runs.h"
#include "suite.h"
#include <math.h>
#include <stdio.h>

static const ketch_kernels sets[] = {KETCH_KERNELS_SCALAR, KETCH_KERNELS_AVX2, KETCH_KERNELS_AVX512,
                                     KETCH_KERNELS_NEON};

static double bound(ketch_precision precision, uint64_t gates)
{
    return (precision == KETCH_SINGLE ? 1e-6 : 1e-15) * (double)(gates + 3);
}

static void check_state(const twin *t, const ketch_state *state, const run_way *way,
                        const char *what)
{
    const double error = twin_error(t, see_state(state), way->precision);
    const double allowed = bound(way->precision, ketch_circuit_steps(t->circuit));
    if (!(error <= allowed))
        ck_abort_msg("%s on %d qubits, %s, %s, tile %d, plain %d: error %g above %g", what,
                     t->qubits, ketch_kernels_name(way->kernels),
                     way->precision == KETCH_SINGLE ? "single" : "double", way->tile, way->plain,
                     error, allowed);
}

static void check_way(const twin *t, const run_way *way, const char *what)
{
    ketch_state *const state = run_circuit(t->circuit, way);
    check_state(t, state, way, what);
    ketch_state_drop(state);
}

/* Merged and plain, in both precisions. */
static void check_ways(const twin *t, ketch_kernels kernels, int32_t tile, const char *what)
{
    for (int i = 0; i < 4; i++) {
        const run_way way = {.threads = 1,
                             .kernels = kernels,
                             .precision = i % 2 ? KETCH_SINGLE : KETCH_DOUBLE,
                             .plain = i / 2,
                             .tile = tile};
        check_way(t, &way, what);
    }
}

static void check_everywhere(const twin *t, const char *what)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (ketch_kernels_usable(sets[i])) {
            check_ways(t, sets[i], 7, what);
            check_ways(t, sets[i], 0, what);
        }
}

/* A state without any symmetry, of which something is pending on every qubit. */
static void spread(twin *t)
{
    for (int32_t q = 0; q < t->qubits; q++) {
        const double params[3] = {0.3 + 0.4 * q, 0.2 - 0.3 * q, 1.1 + 0.7 * q};
        const int32_t pair[2] = {q, (q + 1) % t->qubits};
        twin_gate(t, KETCH_GATE_U3, &q, params, NULL);
        if (q + 1 < t->qubits && q % 2 == 0)
            twin_gate(t, KETCH_GATE_CX, pair, NULL, NULL);
    }
}

/* ---- kinds of gates ---- */

typedef void add_given(twin *t, const int32_t *qubits, int count, const twin_controls *controls);

static void add_table_gate(twin *t, const int32_t *qubits, int count, const twin_controls *controls)
{
    static uint64_t table[1 << KETCH_PERMUTATION_QUBITS_MAX];
    twin_random_table(t, count, table);
    twin_permutation(t, count, qubits, table, controls);
}

/* The first qubit is the target. */
static void add_multiplexer(twin *t, const int32_t *qubits, int count,
                            const twin_controls *controls)
{
    static double matrices[8 << KETCH_SELECTS_MAX];
    for (int i = 0; i < 1 << (count - 1); i++)
        twin_random_unitary(t, 1, matrices + 8 * i);
    twin_multiplexer(t, qubits[0], count - 1, qubits + 1, matrices, controls);
}

/* Every third matrix is the identity, every other third a flip. */
static void add_sparse_multiplexer(twin *t, const int32_t *qubits, int count,
                                   const twin_controls *controls)
{
    static double matrices[8 << KETCH_SELECTS_MAX];
    static const double flip[8] = {0, 0, 1, 0, 1, 0, 0, 0}, identity[8] = {1, 0, 0, 0, 0, 0, 1, 0};
    for (int i = 0; i < 1 << (count - 1); i++) {
        twin_random_unitary(t, 1, matrices + 8 * i);
        if (i % 3)
            memcpy(matrices + 8 * i, i % 3 == 1 ? flip : identity, sizeof flip);
    }
    twin_multiplexer(t, qubits[0], count - 1, qubits + 1, matrices, controls);
}

static void add_diagonal_multiplexer(twin *t, const int32_t *qubits, int count,
                                     const twin_controls *controls)
{
    static double matrices[8 << KETCH_SELECTS_MAX];
    for (int i = 0; i < 1 << (count - 1); i++) {
        const double a = twin_angle(t), b = twin_angle(t);
        const double m[8] = {cos(a), sin(a), 0, 0, 0, 0, cos(b), sin(b)};
        memcpy(matrices + 8 * i, m, sizeof m);
    }
    twin_multiplexer(t, qubits[0], count - 1, qubits + 1, matrices, controls);
}

static void add_pauli_rotation(twin *t, const int32_t *qubits, int count,
                               const twin_controls *controls)
{
    char letters[KETCH_QUBITS_MAX + 1] = "";
    const ketch_angle angle = {.parameter = -1, .offset = twin_angle(t)};
    for (int i = 0; i < count; i++)
        letters[i] = "XYZI"[twin_draw(t, 4)];
    twin_pauli_rotation(t, &angle, NULL, count, qubits, letters, controls);
}

static void add_matrix_gate(twin *t, const int32_t *qubits, int count,
                            const twin_controls *controls)
{
    static double matrix[2 << 2 * KETCH_UNITARY_QUBITS_MAX];
    twin_random_unitary(t, count, matrix);
    twin_unitary(t, count, qubits, matrix, controls);
}

static const struct {
    const char *name;
    add_given *add;
    int most; /* qubits */
} kinds[] = {{"permutation", add_table_gate, KETCH_PERMUTATION_QUBITS_MAX},
             {"multiplexer", add_multiplexer, 1 + KETCH_SELECTS_MAX},
             {"sparse multiplexer", add_sparse_multiplexer, 1 + KETCH_SELECTS_MAX},
             {"diagonal multiplexer", add_diagonal_multiplexer, 1 + KETCH_SELECTS_MAX},
             {"Pauli rotation", add_pauli_rotation, 11},
             {"matrix", add_matrix_gate, KETCH_UNITARY_QUBITS_MAX}};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* ---- every order of up to four qubits ---- */

/* The next choice of `count` different qubits out of `qubits`, in order; false past the last. */
static bool next_choice(int32_t *choice, int count, int qubits)
{
    for (;;) {
        int i = count - 1;
        while (i >= 0 && choice[i] == qubits - 1)
            choice[i--] = 0;
        if (i < 0)
            return false;
        choice[i]++;
        uint64_t seen = 0;
        for (int k = 0; k < count; k++)
            seen |= kt_bit((uint64_t)choice[k]);
        if (kt_bit_count(seen) == count)
            return true;
    }
}

/* count qubits of a choice: the last `controls` are controls, on values. */
static void try_choice(int kind, const int32_t *choice, int count, int qubits, int controls,
                       unsigned values)
{
    twin t = twin_create(qubits, 0, (uint64_t)choice[0] + values + 8 * (uint64_t)count);
    twin_controls c = {.count = controls};
    for (int i = 0; i < controls; i++) {
        c.qubits[i] = choice[count + i];
        c.values[i] = values >> i & 1;
    }
    spread(&t);
    kinds[kind].add(&t, choice, count, &c);
    spread(&t);
    check_ways(&t, KETCH_KERNELS_AUTO, 0, kinds[kind].name);
    twin_destroy(&t);
}

static void try_choices(int kind, int count, int qubits, int controls)
{
    int32_t choice[8] = {0};
    const int all = count + controls;
    bool more = all == 1 || (all <= qubits && next_choice(choice, all, qubits));
    for (; more; more = next_choice(choice, all, qubits))
        for (unsigned values = 0; values >> controls == 0; values++)
            try_choice(kind, choice, count, qubits, controls, values);
}

/* Alone and under one control and two, of either value, on four qubits and fewer. */
START_TEST(every_order_of_four_qubits)
{
    for (int qubits = 1; qubits <= 4; qubits++)
        for (int count = 1; count <= qubits; count++)
            for (int controls = 0; controls <= 2; controls++)
                try_choices(_i, count, qubits, controls);
}
END_TEST

/* ---- larger ones, in lanes, in vectors and outside of tiles ---- */

START_TEST(any_size_any_place)
{
    const int kind = _i % KINDS;
    for (int count = 1; count <= kinds[kind].most; count++) {
        twin t = twin_create(11, 0, (uint64_t)(100 * _i + count));
        int32_t qubits[16];
        twin_controls c = {.count = (int)twin_draw(&t, (uint64_t)(count < 9 ? 3 : 12 - count))};
        twin_choose(&t, qubits, count + c.count);
        for (int i = 0; i < c.count; i++) {
            c.qubits[i] = qubits[count + i];
            c.values[i] = (uint8_t)twin_draw(&t, 2);
        }
        spread(&t);
        kinds[kind].add(&t, qubits, count, &c);
        spread(&t);
        check_everywhere(&t, kinds[kind].name);
        twin_destroy(&t);
    }
}
END_TEST

/* A tile of 5 qubits, or runs of 4 in one of 7, has no room for the widest matrix: it gets more. */
START_TEST(a_tile_has_room_for_the_widest_matrix)
{
    static const run_way ways[] = {{.threads = 1, .tile = 5},
                                   {.threads = 1, .tile = 7, .run_bits = 4},
                                   {.threads = 1, .tile = 5, .run_bits = 5},
                                   {.threads = 1, .tile = 6, .plain = 1}};
    static const int32_t qubits[] = {9, 2, 10, 4, 7, 8};
    twin t = twin_create(11, 0, 5);
    spread(&t);
    add_matrix_gate(&t, qubits, 6, NULL);
    spread(&t);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        check_way(&t, &ways[i], "matrix");
    twin_destroy(&t);
}
END_TEST

/* ---- Pauli rotations ---- */

/* One and two letters are gates of the table where that has them. */
START_TEST(short_rotations_are_gates_of_the_table)
{
    static const struct {
        const char *letters;
        ketch_gate gate;
        uint8_t qubits[2];
    } rows[] = {{"IXI", KETCH_GATE_RX, {3}},
                {"YII", KETCH_GATE_RY, {5}},
                {"IIZ", KETCH_GATE_RZ, {1}},
                {"XIX", KETCH_GATE_RXX, {5, 1}},
                {"YYI", KETCH_GATE_RYY, {5, 3}},
                {"IZZ", KETCH_GATE_RZZ, {3, 1}},
                {"ZXI", KETCH_GATE_RZX, {5, 3}},
                {"XIZ", KETCH_GATE_RZX, {1, 5}},
                {"XYI", KETCH_GATE_PAULI_ROTATION, {5, 3}},
                {"III", KETCH_GATE_PAULI_ROTATION, {5, 3}}};
    static const int32_t qubits[] = {5, 3, 1};
    const ketch_angle angle = {.parameter = -1, .offset = 0.7};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        twin t = twin_create(6, 0, 1);
        spread(&t);
        const size_t before = ktq_circuit_gate_count(t.circuit);
        twin_pauli_rotation(&t, &angle, NULL, 3, qubits, rows[i].letters, NULL);
        const ktq_gate *const gate = ktq_circuit_gate_at(t.circuit, before);
        ck_assert_int_eq(gate->gate, rows[i].gate);
        for (int k = 0; k < gate->own_count && k < 2; k++)
            ck_assert_int_eq(ktq_gate_qubits(t.circuit, gate)[k], rows[i].qubits[k]);
        check_ways(&t, KETCH_KERNELS_AUTO, 0, rows[i].letters);
        twin_destroy(&t);
    }
}
END_TEST

/* Runs the twin's circuit bound to the values. */
static void check_bound(const twin *t, const double *values, uint64_t count, const run_way *way)
{
    ketch_engine *const engine = make_engine(1);
    ketch_program *const program = make_program(t->circuit, way);
    ketch_state *const state = make_state(engine, t->qubits, way->precision);
    ketch_program *run = NULL;
    ketch_result *result = NULL;
    GOOD(ketch_program_bind(&run, program, values, count, &error));
    GOOD(ketch_program_run(&result, engine, run, state, NULL, NULL, &error));
    ketch_result_destroy(result);
    check_state(t, state, way, "bound Pauli rotations");
    ketch_state_drop(state);
    ketch_program_drop(run);
    ketch_program_drop(program);
    GOOD(ketch_engine_destroy(engine, &error));
}

/* Sums of parameters, on strings of every length, with controls or without. */
START_TEST(open_rotations_are_bound)
{
    static const double values[3] = {0.6, -1.9, 2.7};
    static const ketch_term terms[2] = {{2, 0.5}, {0, -1}};
    twin t = twin_create(10, 0, (uint64_t)_i + 3);
    GOOD(ketch_circuit_add_parameters(t.circuit, 3, &error));
    spread(&t);
    for (int count = 1; count <= 10; count++) {
        const ketch_angle angle = {.parameter = (int32_t)twin_draw(&t, 4) - 1,
                                   .factor = 0.75,
                                   .offset = count % 2 ? 0.3 : 0,
                                   .terms = terms,
                                   .term_count = twin_draw(&t, 3)};
        twin_controls c = {.count = count < 9 ? (int)twin_draw(&t, 3) : 0, .values = {0, 1}};
        int32_t qubits[16];
        char letters[16] = "";
        twin_choose(&t, qubits, count + c.count);
        memcpy(c.qubits, qubits + count, (size_t)c.count * sizeof *qubits);
        for (int i = 0; i < count; i++)
            letters[i] = _i == 0 ? 'I' : "XYZZI"[twin_draw(&t, 5)];
        twin_pauli_rotation(&t, &angle, values, count, qubits, letters, &c);
    }
    for (int i = 0; i < 4; i++) {
        const run_way way = {.threads = 1,
                             .precision = i % 2 ? KETCH_SINGLE : KETCH_DOUBLE,
                             .plain = i / 2,
                             .tile = 7};
        check_bound(&t, values, 3, &way);
    }
    twin_destroy(&t);
}
END_TEST

/* On more qubits than an operation has targets, with qubits that stay |0> among them. */
START_TEST(a_rotation_on_many_qubits)
{
    int32_t qubits[18];
    const ketch_angle angle = {.parameter = -1, .offset = 1.25};
    twin t = twin_create(18, 0, 7);
    for (int i = 0; i < 18; i++)
        qubits[i] = (7 * i + 3) % 18;
    spread(&t);
    twin_pauli_rotation(&t, &angle, NULL, 18, qubits, "XYZZXYIZXYZXYZZXYX", NULL);
    check_ways(&t, KETCH_KERNELS_AUTO, 0, "wide Pauli rotation");
    check_ways(&t, KETCH_KERNELS_AUTO, 9, "wide Pauli rotation");
    twin_destroy(&t);
}
END_TEST

/* ---- preparing states ---- */

/* The state of the twin's qubits, all |0> before, becomes a product with the vector. */
static void put_vector(twin *t, int count, const int32_t *qubits, const double *vector)
{
    long double norm = 0;
    for (int i = 0; i < 2 << count; i++)
        norm += (long double)vector[i] * vector[i];
    norm = sqrtl(norm);
    for (uint64_t i = UINT64_C(1) << t->qubits; i-- > 0;) {
        uint64_t row = 0, rest = i;
        for (int k = 0; k < count; k++) {
            row |= (i >> qubits[k] & 1) << k;
            rest &= ~kt_bit((uint64_t)qubits[k]);
        }
        const double complex entry = ((const double complex *)vector)[row];
        t->amplitudes[i] = t->amplitudes[rest] * (entry / norm);
    }
    GOOD(ketch_circuit_initialize(t->circuit, count, qubits, vector, &error));
}

/* kind 0: any numbers, 1: real ones, 2: half of them zero, 3: one that is not zero. */
static void draw_vector(twin *t, int count, int kind, double *vector)
{
    const uint64_t only = twin_draw(t, UINT64_C(1) << count);
    double norm = 0;
    for (uint64_t i = 0; i >> count == 0; i++) {
        const bool is_zero = kind == 3 ? i != only : kind == 2 && i != only && twin_draw(t, 2);
        vector[2 * i] = is_zero ? 0 : twin_angle(t);
        vector[2 * i + 1] = is_zero || kind == 1 ? 0 : twin_angle(t);
        norm = hypot(norm, hypot(vector[2 * i], vector[2 * i + 1]));
    }
    for (int i = 0; i < 2 << count; i++)
        vector[i] *= (1 + 4e-7) / norm; /* it need not be exact */
}

START_TEST(a_vector_is_prepared)
{
    static double vector[2 << (1 + KETCH_SELECTS_MAX)];
    for (int count = 1; count <= 1 + KETCH_SELECTS_MAX; count++) {
        int32_t qubits[16];
        twin t = twin_create(10, 0, (uint64_t)(20 * _i + count));
        twin_choose(&t, qubits, 10);
        for (int i = count; i < 10; i++) {
            const double params[3] = {0.4 + i, 0.2 * i, -0.7};
            twin_gate(&t, KETCH_GATE_U3, &qubits[i], params, NULL);
        }
        draw_vector(&t, count, _i, vector);
        put_vector(&t, count, qubits, vector);
        check_ways(&t, KETCH_KERNELS_AUTO, 7, "initialize");
        twin_destroy(&t);
    }
}
END_TEST

/* Whatever was there: then the state is right but for a phase, which depends on outcomes. */
START_TEST(preparing_resets_first)
{
    static double vector[2 << 4];
    static const int32_t qubits[] = {2, 0, 3, 1};
    twin t = twin_create(4, 0, (uint64_t)_i + 1);
    for (int i = 0; i < 20; i++)
        twin_random_gate(&t);
    draw_vector(&t, 4, 0, vector);
    GOOD(ketch_circuit_initialize(t.circuit, 4, qubits, vector, &error));
    const run_way way = {.threads = 1, .precision = KETCH_DOUBLE};
    ketch_state *const state = run_circuit(t.circuit, &way);
    const double complex *const made = see_state(state);
    double complex inner = 0;
    for (size_t row = 0; row < 16; row++) {
        size_t index = 0;
        for (int k = 0; k < 4; k++)
            index |= (row >> k & 1) << qubits[k];
        inner += conj(((double complex *)vector)[row]) * made[index];
    }
    ck_assert_double_le(fabs(cabs(inner) - 1), 1e-6);
    ketch_state_drop(state);
    twin_destroy(&t);
}
END_TEST

/* What does nothing is not recorded. */
START_TEST(zero_and_basis_states_take_few_gates)
{
    static const struct {
        double vector[16];
        uint64_t steps;
    } rows[] = {{{1}, 3}, {{[2] = 1}, 4}, {{[8] = 1}, 4}, {{[0] = 0.6, [14] = 0.8}, 6}};
    static const int32_t qubits[] = {0, 1, 2};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ketch_circuit *circuit = NULL;
        GOOD(ketch_circuit_create(&circuit, 3, 0, &error));
        GOOD(ketch_circuit_initialize(circuit, 3, qubits, rows[i].vector, &error));
        ck_assert_uint_eq(ketch_circuit_steps(circuit), rows[i].steps);
        ketch_circuit_destroy(circuit);
    }
}
END_TEST

START_TEST(a_ket_is_prepared)
{
    static const int32_t qubits[] = {1, 4, 0, 3};
    static const char *const kets[] = {"0000", "01+-", "-+10", "1111", NULL};
    for (size_t i = 0; i < sizeof kets / sizeof *kets; i++) {
        char wanted[] = "00000";
        twin t = twin_create(5, 0, 1);
        ketch_engine *const engine = make_engine(1);
        ketch_state *const state = make_state(engine, 5, KETCH_DOUBLE);
        for (int k = 0; kets[i] && k < 4; k++)
            wanted[4 - qubits[k]] = kets[i][3 - k];
        GOOD(ketch_circuit_initialize_ket(t.circuit, 4, qubits, kets[i], &error));
        GOOD(ketch_state_set_ket(state, wanted, &error));
        for (size_t k = 0; k < 32; k++)
            t.amplitudes[k] = ((const double complex *)see_state(state))[k];
        check_ways(&t, KETCH_KERNELS_AUTO, 0, wanted);
        ketch_state_drop(state);
        GOOD(ketch_engine_destroy(engine, &error));
        twin_destroy(&t);
    }
}
END_TEST

/* ---- bad input ---- */

/* Every one of them leaves the circuit as it was. */
static void expect_refused(ketch_circuit *circuit, ketch_status got, ketch_status wanted)
{
    ck_assert_int_eq(got, wanted);
    ck_assert_uint_eq(ktq_circuit_gate_count(circuit), 1);
    ck_assert_uint_eq(circuit->params.count, 0);
    ck_assert_uint_eq(circuit->qubits.count, 1);
    ck_assert_uint_eq(ketch_circuit_steps(circuit), 1);
}

START_TEST(what_is_refused_changes_nothing)
{
    static const int32_t qubits[] = {0, 1, 2, 2};
    static const uint64_t twice[] = {0, 1, 1, 3}, table[] = {0, 1, 2, 3, 4, 5, 6, 7};
    static const double unit[16] = {1};
    const ketch_angle angle = {.parameter = -1, .offset = 1}, open = {.parameter = 0, .factor = 1};
    ketch_circuit *c = NULL;
    GOOD(ketch_circuit_create(&c, 3, 0, &error));
    GOOD(ketch_h(c, 0, &error));
    expect_refused(c, ketch_circuit_permutation(c, 2, qubits, twice, 0, NULL, NULL, NULL),
                   KETCH_RANGE);
    expect_refused(c, ketch_circuit_permutation(c, 3, qubits + 1, table, 0, NULL, NULL, NULL),
                   KETCH_DUPLICATE);
    expect_refused(c, ketch_circuit_multiplexer(c, 0, 1, qubits, unit, 0, 0, NULL, NULL, NULL),
                   KETCH_UNITARY);
    expect_refused(c, ketch_circuit_pauli_rotation(c, &angle, 3, qubits, "XY", 0, NULL, NULL, NULL),
                   KETCH_SHAPE);
    expect_refused(c, ketch_circuit_pauli_rotation(c, &open, 3, qubits, "XYZ", 0, NULL, NULL, NULL),
                   KETCH_INDEX);
    expect_refused(
        c, ketch_circuit_pauli_rotation(c, &angle, 3, qubits + 1, "XII", 0, NULL, NULL, NULL),
        KETCH_DUPLICATE);
    expect_refused(c, ketch_circuit_initialize(c, 3, qubits + 1, unit, NULL), KETCH_DUPLICATE);
    expect_refused(c, ketch_circuit_initialize(c, 2, qubits, unit + 1, NULL), KETCH_NORM);
    expect_refused(c, ketch_circuit_initialize_ket(c, 3, qubits, "01*", NULL), KETCH_SYNTAX);
    ketch_circuit_destroy(c);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("given");
    TCase *const all = tcase_create("all");
    tcase_set_timeout(all, 240);
    keep_one_thread(all);
    for (int kind = 0; kind < KINDS; kind++) {
        add_indexed(all, every_order_of_four_qubits, kind, "%s", kinds[kind].name);
        add_indexed(all, any_size_any_place, kind, "%s", kinds[kind].name);
    }
    tcase_add_test(all, a_tile_has_room_for_the_widest_matrix);
    tcase_add_test(all, short_rotations_are_gates_of_the_table);
    add_seeds(all, open_rotations_are_bound, 6);
    tcase_add_test(all, a_rotation_on_many_qubits);
    add_seeds(all, a_vector_is_prepared, 4);
    add_seeds(all, preparing_resets_first, 4);
    tcase_add_test(all, zero_and_basis_states_take_few_gates);
    tcase_add_test(all, a_ket_is_prepared);
    tcase_add_test(all, what_is_refused_changes_nothing);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
