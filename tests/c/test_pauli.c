/* Expectation values and variances of sums of Pauli terms in a state: against a dense reference in
 * long double that multiplies the matrices out, on all kernel sets; the same bits on any number of
 * threads. */
#include "paulis.h"
#include "reference.h"
#include "runs.h"
#include "sanitizers.h"
#include "suite.h"
#include <math.h>
#include <stdbool.h>

enum { SETS = 4 };
static const ketch_kernels all_kernels[SETS] = {KETCH_KERNELS_SCALAR, KETCH_KERNELS_AVX2,
                                                KETCH_KERNELS_AVX512, KETCH_KERNELS_NEON};
static const ketch_precision precisions[] = {KETCH_DOUBLE, KETCH_SINGLE};

typedef long double complex number;

/* A sum of terms. */
typedef struct sum {
    uint64_t count;
    uint64_t *x, *z;
    double *coefficients;
} sum;

static sum make_sum(uint64_t count)
{
    return (sum){count, calloc(count, sizeof(uint64_t)), calloc(count, sizeof(uint64_t)),
                 calloc(count, sizeof(double))};
}

static void give_sum(sum *s)
{
    free(s->x);
    free(s->z);
    free(s->coefficients);
}

/* Up to weight letters on random qubits; weight 0: a random letter on every qubit. */
static void draw_term(twin *t, sum *s, uint64_t i, int weight)
{
    const uint64_t all = (UINT64_C(1) << t->qubits) - 1;
    uint64_t chosen = weight ? 0 : all;
    for (; weight > 0; weight--)
        chosen |= UINT64_C(1) << twin_draw(t, (uint64_t)t->qubits);
    s->x[i] = twin_draw(t, all + 1) & chosen;
    s->z[i] = twin_draw(t, all + 1) & chosen;
    s->coefficients[i] = twin_angle(t);
}

/* ---- the reference ---- */

/* O psi. */
static number *apply_sum(const sum *s, const ketch_state *state)
{
    const int qubits = ketch_state_qubits(state);
    const void *const amplitudes = see_state(state);
    number *const image = calloc(UINT64_C(1) << qubits, sizeof *image);
    for (uint64_t k = 0; k < s->count; k++)
        pauli_apply(image, state, amplitudes, s->x[k], s->z[k], s->coefficients[k]);
    return image;
}

static long double expected_value(const sum *s, const ketch_state *state)
{
    const void *const amplitudes = see_state(state);
    number *const image = apply_sum(s, state);
    number value = 0;
    for (uint64_t i = 0; i < UINT64_C(1) << ketch_state_qubits(state); i++)
        value += conjl(pauli_amplitude(state, amplitudes, i)) * image[i];
    free(image);
    return creall(value);
}

static double scale_of(const sum *s)
{
    double scale = 0;
    for (uint64_t i = 0; i < s->count; i++)
        scale += fabs(s->coefficients[i]);
    return scale;
}

/* ---- states ---- */

static ketch_engine *engine_of(ketch_kernels kernels, int32_t threads)
{
    const ketch_engine_options options = {
        .size = sizeof options, .threads = threads, .kernels = kernels};
    ketch_engine *engine = NULL;
    GOOD(ketch_engine_create(&engine, &options, &error));
    return engine;
}

/* A state of random amplitudes. */
static ketch_state *random_state(ketch_engine *engine, twin *t, ketch_precision precision)
{
    const uint64_t count = UINT64_C(1) << t->qubits;
    double *const parts = calloc(2 * count, sizeof *parts);
    float *const narrow = calloc(2 * count, sizeof *narrow);
    double weight = 0;
    for (uint64_t i = 0; i < 2 * count; i++) {
        parts[i] = twin_angle(t);
        weight += parts[i] * parts[i];
    }
    for (uint64_t i = 0; i < 2 * count; i++)
        narrow[i] = (float)(parts[i] /= sqrt(weight));
    ketch_state *const state = make_state(engine, t->qubits, precision);
    const void *const given = precision == KETCH_SINGLE ? (void *)narrow : (void *)parts;
    GOOD(ketch_state_set_amplitudes(state, given, count, precision, 1, &error));
    free(parts);
    free(narrow);
    return state;
}

static double value_of(ketch_engine *engine, const ketch_state *state, const sum *s)
{
    double value = NAN;
    GOOD(ketch_state_pauli(&value, engine, state, s->count, s->x, s->z, s->coefficients, &error));
    return value;
}

/* Products of single precision are rounded to it: half a unit in the last place of each factor's
 * product and of the sum of two. */
static void expect_value(ketch_engine *engine, const ketch_state *state, const sum *s,
                         long double expected)
{
    const double unit = ketch_state_precision(state) == KETCH_SINGLE ? 0x1p-23 : 0x1p-50;
    const double value = value_of(engine, state, s);
    if (!(fabsl(value - expected) <= unit * scale_of(s)))
        ck_abort_msg("%d qubits, %d terms: %.17g, not %.17Lg", ketch_state_qubits(state),
                     (int)s->count, value, expected);
}

static void check_value(ketch_engine *engine, const ketch_state *state, const sum *s)
{
    expect_value(engine, state, s, expected_value(s, state));
}

/* ||O psi||^2 - <O>^2. */
static long double expected_variance(const sum *s, const ketch_state *state)
{
    const long double value = expected_value(s, state);
    number *const image = apply_sum(s, state);
    long double weight = 0;
    for (uint64_t i = 0; i < UINT64_C(1) << ketch_state_qubits(state); i++)
        weight += creall(image[i] * conjl(image[i]));
    free(image);
    return weight - value * value;
}

static double variance_of(ketch_engine *engine, const ketch_state *state, const sum *s)
{
    double value = NAN;
    GOOD(
        ketch_state_variance(&value, engine, state, s->count, s->x, s->z, s->coefficients, &error));
    return value;
}

/* The image has the state's precision. */
static void check_variance(ketch_engine *engine, const ketch_state *state, const sum *s)
{
    const double unit = ketch_state_precision(state) == KETCH_SINGLE ? 0x1p-21 : 0x1p-50;
    const double scale = scale_of(s), value = variance_of(engine, state, s);
    const long double expected = expected_variance(s, state);
    if (!(fabsl(value - expected) <= unit * scale * scale))
        ck_abort_msg("%d qubits, %d terms: %.17g, not %.17Lg", ketch_state_qubits(state),
                     (int)s->count, value, expected);
}

/* ---- tests ---- */

/* Index: kernel set and precision. */
static ketch_kernels kernels_of(int index)
{
    return all_kernels[index / 2];
}

START_TEST(every_string_of_few_qubits)
{
    ketch_engine *const engine = engine_of(kernels_of(_i), 1);
    for (int n = 1; n <= 4; n++) {
        twin t = twin_create(n, 0, (uint64_t)n);
        ketch_state *const state = random_state(engine, &t, precisions[_i % 2]);
        for (uint64_t x = 0; x >> n == 0; x++)
            for (uint64_t z = 0; z >> n == 0; z++)
                check_value(engine, state, &(sum){1, &x, &z, &(double){1}});
        ketch_state_drop(state);
        twin_destroy(&t);
    }
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

typedef void check(ketch_engine *engine, const ketch_state *state, const sum *s);

static void check_random_sum(check *check_it, ketch_engine *engine, ketch_precision precision,
                             int qubits, uint64_t count, int weight)
{
    twin t = twin_create(qubits, 0, count + (uint64_t)weight);
    ketch_state *const state = random_state(engine, &t, precision);
    sum s = make_sum(count);
    for (uint64_t i = 0; i < count; i++)
        draw_term(&t, &s, i, weight);
    check_it(engine, state, &s);
    give_sum(&s);
    ketch_state_drop(state);
    twin_destroy(&t);
}

START_TEST(random_sums)
{
    ketch_engine *const engine = engine_of(kernels_of(_i), 2);
    for (int n = 1; n <= 10; n++)
        for (int weight = 0; weight <= 4; weight += 2)
            for (uint64_t count = 1; count <= 300; count = 3 * count + 1)
                check_random_sum(check_value, engine, precisions[_i % 2], n, count, weight);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

/* The reference takes longer than all kernel sets. */
static void check_value_of_sets(ketch_engine *first, const ketch_state *state, const sum *s)
{
    const long double expected = expected_value(s, state);
    expect_value(first, state, s, expected);
    for (int set = 1; set < SETS; set++)
        if (ketch_kernels_usable(all_kernels[set])) {
            ketch_engine *const engine = engine_of(all_kernels[set], 2);
            expect_value(engine, state, s, expected);
            GOOD(ketch_engine_destroy(engine, &error));
        }
}

/* _i: qubits, more than a tile has, so that there are several sweeps. */
START_TEST(random_sums_of_many_qubits)
{
    ketch_engine *const engine = engine_of(all_kernels[0], 2);
    for (int precision = 0; precision < 2; precision++)
        for (int weight = 0; weight <= 4; weight += 2)
            check_random_sum(check_value_of_sets, engine, precisions[precision], _i, 30, weight);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

/* Terms of two X masks and many Z masks: rows of products that fill the memory for them. */
START_TEST(many_terms_of_one_x_mask)
{
    ketch_engine *const engine = engine_of(kernels_of(_i), 2);
    for (int n = 3; n <= 15; n += 4) {
        twin t = twin_create(n, 0, (uint64_t)n);
        ketch_state *const state = random_state(engine, &t, precisions[_i % 2]);
        sum s = make_sum(60);
        for (uint64_t i = 0; i < s.count; i++) {
            draw_term(&t, &s, i, 0);
            s.x[i] = i % 2 ? 5 : (UINT64_C(1) << n) - 2;
        }
        check_value(engine, state, &s);
        give_sum(&s);
        ketch_state_drop(state);
        twin_destroy(&t);
    }
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

START_TEST(variances_of_random_sums)
{
    ketch_engine *const engine = engine_of(kernels_of(_i), 2);
    for (int n = 1; n <= 10; n++)
        for (int weight = 0; weight <= 4; weight += 2)
            for (uint64_t count = 1; count <= 100; count = 3 * count + 1)
                check_random_sum(check_variance, engine, precisions[_i % 2], n, count, weight);
    for (int n = 14; n <= 16; n++)
        check_random_sum(check_variance, engine, precisions[_i % 2], n, 30, 0);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

/* |0...0> is an eigenstate of Z and its products, whose variance is 0; X has variance 1 in it, and
 * each of several X on different qubits adds its own. */
START_TEST(variances_of_known_states)
{
    ketch_engine *const engine = engine_of(kernels_of(_i), 2);
    for (int n = 3; n <= 16; n += 13) {
        ketch_state *const state = make_state(engine, n, precisions[_i % 2]);
        uint64_t z[] = {1, 3, 7, 0}, x[] = {1, 2, 4, 0};
        double large[] = {1e3, 2e3, -5e3, 1e4};
        const sum eigen = {4, NULL, z, large},
                  flips = {3, x, (uint64_t[3]){0}, (double[]){1, 2, 3}};
        ck_assert(variance_of(engine, state, &eigen) == 0);
        ck_assert(variance_of(engine, state, &flips) == 14);
        ck_assert(variance_of(engine, state, &(sum){0}) == 0);
        ketch_state_drop(state);
    }
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

/* Every qubit in |+>, which rounds: the variance of a sum of X is that of the rounding, and not
 * below 0. */
START_TEST(variances_of_eigenstates_are_tiny)
{
    ketch_engine *const engine = engine_of(kernels_of(_i), 2);
    const bool single = _i % 2;
    const int n = 15;
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, n, 0, &error));
    for (int q = 0; q < n; q++)
        GOOD(ketch_h(circuit, q, &error));
    const run_way way = {.precision = precisions[_i % 2], .kernels = kernels_of(_i)};
    ketch_program *const program = make_program(circuit, &way);
    ketch_state *const state = make_state(engine, n, way.precision);
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, NULL, NULL, &error));
    ketch_result_destroy(result);
    sum s = make_sum((uint64_t)n);
    for (int q = 0; q < n; q++) {
        s.x[q] = UINT64_C(1) << q;
        s.coefficients[q] = 1 + q;
    }
    const double variance = variance_of(engine, state, &s), scale = scale_of(&s);
    ck_assert(variance >= 0 && variance <= scale * scale * (single ? 1e-12 : 1e-28));
    give_sum(&s);
    ketch_state_drop(state);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

START_TEST(the_same_bits_on_any_number_of_threads)
{
    twin t = twin_create(17, 0, 3);
    sum s = make_sum(WITH_TSAN ? 100 : 500);
    for (uint64_t i = 0; i < s.count; i++)
        draw_term(&t, &s, i, (int)(i % 5));
    static const int32_t threads[] = {1, 2, 3, 8};
    double values[4][2];
    for (int i = 0; i < 4; i++) {
        ketch_engine *const engine = engine_of(kernels_of(_i), threads[i]);
        twin same = twin_create(17, 0, 7);
        ketch_state *const state = random_state(engine, &same, precisions[_i % 2]);
        values[i][0] = value_of(engine, state, &s);
        values[i][1] = variance_of(engine, state, &s);
        ck_assert_mem_eq(values[i], values[0], sizeof *values);
        ketch_state_drop(state);
        twin_destroy(&same);
        GOOD(ketch_engine_destroy(engine, &error));
    }
    give_sum(&s);
    twin_destroy(&t);
}
END_TEST

START_TEST(terms_without_x_are_expectation_values_of_z)
{
    ketch_engine *const engine = engine_of(kernels_of(_i), 2);
    twin t = twin_create(16, 0, 5);
    ketch_state *const state = random_state(engine, &t, precisions[_i % 2]);
    sum s = make_sum(50);
    for (uint64_t i = 0; i < s.count; i++) {
        draw_term(&t, &s, i, 3);
        s.x[i] = 0;
    }
    double expected;
    GOOD(ketch_state_expectation(&expected, engine, state, s.count, s.z, s.coefficients, &error));
    const double value = value_of(engine, state, &s);
    ck_assert_mem_eq(&value, &expected, sizeof value);
    free(s.x);
    s.x = NULL;
    const double again = value_of(engine, state, &s);
    ck_assert_mem_eq(&again, &expected, sizeof value);
    give_sum(&s);
    ketch_state_drop(state);
    twin_destroy(&t);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

START_TEST(no_terms_are_zero)
{
    ketch_engine *const engine = engine_of(kernels_of(_i), 1);
    ketch_state *const state = make_state(engine, 3, precisions[_i % 2]);
    const double value = value_of(engine, state, &(sum){0});
    ck_assert(value == 0 && !signbit(value));
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

/* Threads share in the same way with each kernel set: to the thread sanitizer the first one shows it
 * all. */
static void add_sets(TCase *cases, const TTest *test)
{
    for (int i = 0; i < (WITH_TSAN ? 2 : 2 * SETS); i++) {
        const char *const name = ketch_kernels_name(all_kernels[i / 2]);
        if (ketch_kernels_usable(all_kernels[i / 2]))
            add_indexed(cases, test, i, "%s, %s", name, i % 2 ? "single" : "double");
    }
}

int main(void)
{
    Suite *const suite = suite_create("pauli");
    TCase *const all = tcase_create("all");
    suite_add_tcase(suite, all);
    tcase_set_timeout(all, 120);
    add_sets(all, every_string_of_few_qubits);
    add_sets(all, random_sums);
    add_numbers(all, random_sums_of_many_qubits, 13, WITH_TSAN ? 15 : 17, "qubits");
    add_sets(all, many_terms_of_one_x_mask);
    add_sets(all, variances_of_random_sums);
    add_sets(all, variances_of_known_states);
    add_sets(all, variances_of_eigenstates_are_tiny);
    add_sets(all, the_same_bits_on_any_number_of_threads);
    add_sets(all, terms_without_x_are_expectation_values_of_z);
    add_sets(all, no_terms_are_zero);
    return end_with(suite);
}
