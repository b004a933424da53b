/* Reduced density matrices against a slow sum in long double, on all kernel sets: exactly Hermitian,
 * and the same bits on any number of threads. */
#include "reference.h"
#include "runs.h"
#include "sanitizers.h"
#include "suite.h"
#include <math.h>
#include <stdbool.h>

static const ketch_kernels all_kernels[] = {KETCH_KERNELS_SCALAR, KETCH_KERNELS_AVX2,
                                            KETCH_KERNELS_AVX512, KETCH_KERNELS_NEON};
static const ketch_precision precisions[] = {KETCH_DOUBLE, KETCH_SINGLE};

typedef long double complex number;

static ketch_engine *engine_of(ketch_kernels kernels, int32_t threads)
{
    const ketch_engine_options options = {
        .size = sizeof options, .threads = threads, .kernels = kernels};
    ketch_engine *engine = NULL;
    GOOD(ketch_engine_create(&engine, &options, &error));
    return engine;
}

static ketch_state *random_state(ketch_engine *engine, twin *t, ketch_precision precision)
{
    const uint64_t count = UINT64_C(2) << t->qubits;
    double *const parts = calloc(count, sizeof *parts);
    for (uint64_t i = 0; i < count; i++)
        parts[i] = twin_angle(t);
    ketch_state *const state = make_state(engine, t->qubits, precision);
    GOOD(ketch_state_set_amplitudes(state, parts, count / 2, KETCH_DOUBLE, 1, &error));
    free(parts);
    return state;
}

static number amplitude_at(const ketch_state *state, uint64_t i)
{
    const void *const amplitudes = see_state(state);
    return ketch_state_precision(state) == KETCH_SINGLE
               ? (number)((const float complex *)amplitudes)[i]
               : (number)((const double complex *)amplitudes)[i];
}

/* The index with the bits of outcome at the qubits in place of its own. */
static uint64_t replace_bits(uint64_t index, uint64_t outcome, int32_t count, const int32_t *qubits)
{
    for (int32_t j = 0; j < count; j++) {
        index &= ~(UINT64_C(1) << qubits[j]);
        index |= (outcome >> j & 1) << qubits[j];
    }
    return index;
}

static number expected_element(const ketch_state *state, uint64_t row, uint64_t column,
                               int32_t count, const int32_t *qubits)
{
    number sum = 0;
    for (uint64_t i = 0; i < UINT64_C(1) << ketch_state_qubits(state); i++)
        if (replace_bits(i, 0, count, qubits) == i)
            sum += amplitude_at(state, replace_bits(i, row, count, qubits)) *
                   conjl(amplitude_at(state, replace_bits(i, column, count, qubits)));
    return sum;
}

static double complex *matrix_of(ketch_engine *engine, const ketch_state *state, int32_t count,
                                 const int32_t *qubits)
{
    const uint64_t capacity = UINT64_C(2) << 2 * count;
    double complex *const matrix = calloc(capacity / 2, sizeof *matrix);
    GOOD(ketch_state_reduced((double *)matrix, capacity, engine, state, count, qubits, &error));
    return matrix;
}

/* Hermitian to the bit, of trace 1. */
static void check_shape(const double complex *matrix, int32_t count)
{
    const uint64_t rows = UINT64_C(1) << count;
    double trace = 0;
    for (uint64_t row = 0; row < rows; row++) {
        trace += creal(matrix[row * rows + row]);
        for (uint64_t column = 0; column <= row; column++) {
            const double complex a = matrix[row * rows + column], b = matrix[column * rows + row];
            if (!(creal(a) == creal(b) && cimag(a) == -cimag(b)))
                ck_abort_msg("%d qubits: row %d, column %d", (int)count, (int)row, (int)column);
        }
    }
    ck_assert(fabs(trace - 1) < 1e-6);
}

/* Some elements, chosen by chance, of a large matrix; all of a small one. */
static void check_elements(const ketch_state *state, const double complex *matrix, int32_t count,
                           const int32_t *qubits, twin *t)
{
    const uint64_t most = WITH_TSAN ? 20 : 200;
    const uint64_t rows = UINT64_C(1) << count, all = rows * rows;
    for (uint64_t i = 0; i < (all < most ? all : most); i++) {
        const uint64_t at = all < most ? i : twin_draw(t, all);
        const number expected = expected_element(state, at / rows, at % rows, count, qubits);
        if (!(cabsl(matrix[at] - expected) < 1e-14L))
            ck_abort_msg("%d of %d qubits, element %d: %.17g %.17g, not %.17Lg %.17Lg", (int)count,
                         ketch_state_qubits(state), (int)at, creal(matrix[at]), cimag(matrix[at]),
                         creall(expected), cimagl(expected));
    }
}

static void check_reduced(ketch_engine *engine, ketch_precision precision, int qubits,
                          int32_t count)
{
    twin t = twin_create(qubits, 0, (uint64_t)(20 * qubits + count));
    ketch_state *const state = random_state(engine, &t, precision);
    int32_t order[16];
    twin_choose(&t, order, qubits);
    double complex *const matrix = matrix_of(engine, state, count, order);
    check_shape(matrix, count);
    check_elements(state, matrix, count, order, &t);
    free(matrix);
    ketch_state_drop(state);
    twin_destroy(&t);
}

START_TEST(of_any_qubits)
{
    ketch_engine *const engine = engine_of(all_kernels[_i / 2], 2);
    for (int n = 1; n <= 9; n++)
        for (int32_t count = 0; count <= n; count++)
            check_reduced(engine, precisions[_i % 2], n, count);
    for (int32_t count = 1; count <= 12; count++)
        check_reduced(engine, precisions[_i % 2], 13, count);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

/* Numbers of a GHZ state and of a product: no coherence between 00 and 11, and all of it. */
START_TEST(of_known_states)
{
    ketch_engine *const engine = engine_of(0, 1);
    ketch_state *const state = make_state(engine, 3, KETCH_DOUBLE);
    const double h = sqrt(0.5), ghz[16] = {h, [14] = h}, pair[16] = {h, [4] = 0, [6] = h};
    const int32_t qubits[] = {1, 0};
    GOOD(ketch_state_set_amplitudes(state, ghz, 8, KETCH_DOUBLE, 0, &error));
    double complex *const mixed = matrix_of(engine, state, 2, qubits);
    GOOD(ketch_state_set_amplitudes(state, pair, 8, KETCH_DOUBLE, 0, &error));
    double complex *const pure = matrix_of(engine, state, 2, qubits);
    for (int i = 0; i < 16; i++) {
        const bool is_corner = i == 0 || i == 3 || i == 12 || i == 15;
        ck_assert(cabs(mixed[i] - (i == 0 || i == 15 ? 0.5 : 0)) < 1e-15);
        ck_assert(cabs(pure[i] - (is_corner ? 0.5 : 0)) < 1e-15);
    }
    free(mixed);
    free(pure);
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

START_TEST(the_same_bits_on_any_number_of_threads)
{
    static const int32_t threads[] = {1, 2, 3, 8}, qubits[] = {9, 3, 11, 0, 15, 7, 2, 4};
    for (int32_t count = 1; count <= 8; count++) {
        double complex *matrices[4];
        const size_t size = sizeof(double complex) << 2 * count;
        for (int i = 0; i < 4; i++) {
            ketch_engine *const engine = engine_of(all_kernels[_i / 2], threads[i]);
            twin t = twin_create(16, 0, 7);
            ketch_state *const state = random_state(engine, &t, precisions[_i % 2]);
            matrices[i] = matrix_of(engine, state, count, qubits);
            ck_assert_mem_eq(matrices[i], matrices[0], size);
            ketch_state_drop(state);
            twin_destroy(&t);
            GOOD(ketch_engine_destroy(engine, &error));
        }
        for (int i = 0; i < 4; i++)
            free(matrices[i]);
    }
}
END_TEST

/* Threads share in the same way with each kernel set: to the thread sanitizer the first one shows it
 * all. */
static void add_sets(TCase *cases, const TTest *test)
{
    for (int i = 0; i < (WITH_TSAN ? 2 : 8); i++) {
        const char *const name = ketch_kernels_name(all_kernels[i / 2]);
        if (ketch_kernels_usable(all_kernels[i / 2]))
            add_indexed(cases, test, i, "%s, %s", name, i % 2 ? "single" : "double");
    }
}

int main(void)
{
    Suite *const suite = suite_create("reduced");
    TCase *const all = tcase_create("all");
    suite_add_tcase(suite, all);
    tcase_set_timeout(all, 120);
    add_sets(all, of_any_qubits);
    tcase_add_test(all, of_known_states);
    add_sets(all, the_same_bits_on_any_number_of_threads);
    return end_with(suite);
}
