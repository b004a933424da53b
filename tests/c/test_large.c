/* States larger than caches, in memory that held others before: what is written past the caches. */
#include "runs.h"
#include "suite.h"

#include <complex.h>
#include <math.h>
#include <stdbool.h>

enum { QUBITS = 23, TURNED = 9 };

static const double last_angle = 1.1;

static const run_way ways[] = {
    {.threads = 2, .kernels = KETCH_KERNELS_SCALAR, .precision = KETCH_SINGLE},
    {.threads = 1, .kernels = KETCH_KERNELS_SCALAR, .precision = KETCH_DOUBLE},
    {.threads = 2, .kernels = KETCH_KERNELS_AVX2, .precision = KETCH_SINGLE},
    {.threads = 1, .kernels = KETCH_KERNELS_AVX2, .precision = KETCH_DOUBLE},
    {.threads = 2, .kernels = KETCH_KERNELS_AVX512, .precision = KETCH_SINGLE},
    {.threads = 2, .kernels = KETCH_KERNELS_AVX512, .precision = KETCH_DOUBLE},
    {.threads = 2, .kernels = KETCH_KERNELS_NEON, .precision = KETCH_DOUBLE},
};

static ketch_circuit *make_circuit(void)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, QUBITS, 0, &error));
    return circuit;
}

/* |k> to the sum over j of e^(2 pi i j k / 2^n) |j>, over the root of 2^n, and a rotation about z
 * by last_angle: a phase of all and one of half the amplitudes. */
static ketch_circuit *make_fourier(uint64_t k)
{
    ketch_circuit *const circuit = make_circuit();
    for (int32_t q = 0; q < QUBITS; q++)
        if (k >> q & 1)
            GOOD(ketch_x(circuit, q, &error));
    for (int32_t q = QUBITS; q-- > 0;) {
        GOOD(ketch_gate1(circuit, KETCH_GATE_H, q, &error));
        for (int32_t r = q; r-- > 0;) {
            const int32_t pair[] = {r, q};
            const double angle = ldexp(acos(-1), r - q);
            GOOD(ketch_circuit_gate(circuit, KETCH_GATE_CP, pair, &angle, NULL));
        }
    }
    for (int32_t q = 0; q < QUBITS / 2; q++)
        GOOD(ketch_gate2(circuit, KETCH_GATE_SWAP, q, QUBITS - 1 - q, &error));
    const int32_t turned = TURNED;
    GOOD(ketch_circuit_gate(circuit, KETCH_GATE_RZ, &turned, &last_angle, NULL));
    return circuit;
}

static ketch_circuit *make_ghz(void)
{
    ketch_circuit *const circuit = make_circuit();
    GOOD(ketch_gate1(circuit, KETCH_GATE_H, 0, &error));
    for (int32_t q = 1; q < QUBITS; q++)
        GOOD(ketch_gate2(circuit, KETCH_GATE_CX, q - 1, q, &error));
    return circuit;
}

static double complex amplitude(const void *amplitudes, uint64_t index, ketch_precision precision)
{
    return precision == KETCH_SINGLE ? ((const float complex *)amplitudes)[index]
                                     : ((const double complex *)amplitudes)[index];
}

static bool is_normal(const void *amplitudes, ketch_precision precision)
{
    long double weight = 0;
    for (uint64_t j = 0; j >> QUBITS == 0; j++) {
        const double complex a = amplitude(amplitudes, j, precision);
        weight += creal(a) * creal(a) + cimag(a) * cimag(a);
    }
    return fabsl(sqrtl(weight) - 1) <= (precision == KETCH_SINGLE ? 1e-4L : 1e-10L);
}

static bool is_fourier(const void *amplitudes, uint64_t k, ketch_precision precision)
{
    const double bound = precision == KETCH_SINGLE ? 2e-5 : 1e-12;
    if (!is_normal(amplitudes, precision))
        return false;
    for (uint64_t j = 0; j >> QUBITS == 0; j += 61) {
        const double turn = ldexp((double)(j * k % (UINT64_C(1) << QUBITS)), -QUBITS);
        const double angle = 2 * acos(-1) * turn + (j >> TURNED & 1 ? 0.5 : -0.5) * last_angle;
        const double complex wanted = cexp(angle * I);
        if (!(cabs(amplitude(amplitudes, j, precision) * sqrt(ldexp(1, QUBITS)) - wanted) <= bound))
            return false;
    }
    return true;
}

static bool is_ghz(const void *amplitudes, ketch_precision precision)
{
    const uint64_t last = (UINT64_C(1) << QUBITS) - 1;
    const double bound = precision == KETCH_SINGLE ? 1e-7 : 1e-14;
    for (uint64_t j = 1; j < last; j++)
        if (amplitude(amplitudes, j, precision) != 0)
            return false;
    return cabs(amplitude(amplitudes, 0, precision) - sqrt(0.5)) < bound &&
           cabs(amplitude(amplitudes, last, precision) - sqrt(0.5)) < bound;
}

/* Each run's state is dropped, so that the next one finds what it left in the same memory. */
static bool check_run(ketch_engine *engine, ketch_circuit *circuit, const run_way *way, uint64_t k)
{
    ketch_program *const program = make_program(circuit, way);
    ketch_state *const state = make_state(engine, QUBITS, way->precision);
    const ketch_run run = {.size = sizeof run};
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, NULL, &run, &error));
    ketch_result_destroy(result);
    const void *const amplitudes = see_state(state);
    const bool good =
        k ? is_fourier(amplitudes, k, way->precision) : is_ghz(amplitudes, way->precision);
    ketch_state_drop(state);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    return good;
}

START_TEST(states_larger_than_caches)
{
    const run_way *const way = &ways[_i];
    ketch_engine *const engine = make_engine(way->threads);
    ck_assert(check_run(engine, make_ghz(), way, 0));
    ck_assert(check_run(engine, make_fourier(1), way, 1));
    ck_assert(check_run(engine, make_ghz(), way, 0));
    ck_assert(check_run(engine, make_fourier(123457), way, 123457));
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

/* The scalar set would show the thread sanitizer no more than the others do. */
static bool is_left_to_others(const run_way *way)
{
    return way->threads == 1 || way->kernels == KETCH_KERNELS_SCALAR;
}

static void add_ways(TCase *several, TCase *alone)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const run_way *const way = &ways[i];
        TCase *const cases = is_left_to_others(way) ? alone : several;
        if (ketch_kernels_usable(way->kernels))
            add_indexed(cases, states_larger_than_caches, (int)i, "%s, %s, %d threads",
                        ketch_kernels_name(way->kernels),
                        way->precision == KETCH_SINGLE ? "single" : "double", way->threads);
        else
            add_skipped(cases, states_larger_than_caches, "this machine does not run %s",
                        ketch_kernels_name(way->kernels));
    }
}

int main(void)
{
    Suite *const suite = suite_create("large");
    TCase *const several = tcase_create("several threads");
    TCase *const alone = tcase_create("one thread");
    tcase_set_timeout(several, 120);
    tcase_set_timeout(alone, 120);
    tcase_set_tags(alone, "one-thread");
    add_ways(several, alone);
    suite_add_tcase(suite, several);
    suite_add_tcase(suite, alone);
    return end_with(suite);
}
