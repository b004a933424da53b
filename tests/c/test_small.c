/* Circuits of few qubits, whose state stays in registers, against the reference. */
#include "cpu.h"
#include "kernels_wide.h"
#include "ket/compile/lower.h"
#include "ket/compile/small.h"
#include "reference.h"
#include "regions.h"
#include "runs.h"
#include "suite.h"

static const ketch_precision precisions[] = {KETCH_DOUBLE, KETCH_SINGLE};

static double bound(ketch_precision precision, uint64_t gates)
{
    return (precision == KETCH_SINGLE ? 1e-6 : 1e-15) * (double)(gates + 3);
}

/* ---- the kernels of every set, those too that no program on this machine chooses ---- */

/* Sets of this machine, and vectors as wide as AVX-512's without its shuffles; NULL past the last.
 */
static const ktq_kernel_set *numbered_set(int number, ketch_precision precision)
{
    if (number == KETCH_KERNELS_AUTO)
        return kernels_wide(precision);
    return kt_cpu_runs((ketch_kernels)number)
               ? ktq_kernel_set_find((ketch_kernels)number, precision)
               : NULL;
}

/* The state in the middle of a buffer whose ends must stay: aligned as a caller's may be. */
static void check_set(const twin *t, const ktq_op_list *list, const ktq_kernel_set *set)
{
    enum { GUARD = 64 };
    const bool single = set->precision == KETCH_SINGLE;
    char buffer[2 * GUARD + 16 * KTQ_SMALL_AMPLITUDES] __attribute__((aligned(64)));
    char *const state = buffer + GUARD + 16;
    const size_t size = (size_t)(single ? 8 : 16) << t->qubits;
    memset(buffer, 0x5a, sizeof buffer);
    memset(state, 0, size);
    ktq_put_real(single, state, 0, 1);
    ktq_small small;
    ck_assert(ktq_small_build(&small, set, list, t->qubits));
    set->apply_small(&small, state);
    const double error = twin_error(t, state, set->precision);
    ck_assert_double_le(error, bound(set->precision, ketch_circuit_steps(t->circuit)));
    for (const char *at = buffer; at < buffer + sizeof buffer; at++)
        if ((at < state || at >= state + size) && *at != 0x5a)
            ck_abort_msg("wrote beyond the state");
}

/* The circuit's operations, with every qubit at its own place in the end. From |0...0> it does not
 * matter where they begin. */
static void lower_all(ktq_op_list *list, const ketch_circuit *circuit)
{
    uint8_t wire[64], start[64];
    for (int q = 0; q < 64; q++)
        wire[q] = (uint8_t)q;
    ktq_lowering *const l = ktq_lowering_take(list->region);
    ck_assert_ptr_nonnull(l);
    ck_assert(ktq_lower(l, list, NULL, circuit, 0, ktq_circuit_gate_count(circuit), wire, false));
    for (int q = 0; q < 64; q++)
        start[wire[q]] = (uint8_t)q;
    ktq_op_list_clear(list);
    ck_assert(ktq_lower(l, list, NULL, circuit, 0, ktq_circuit_gate_count(circuit), start, false));
}

static void check_sets(const twin *t)
{
    kt_region region;
    ketch_arena *const arena = region_open(&region);
    ktq_op_list list = {.region = &region};
    lower_all(&list, t->circuit);
    for (int number = 0; number <= (int)kt_cpu_kernels_last(); number++) {
        for (size_t p = 0; p < 2; p++) {
            const ktq_kernel_set *const set = numbered_set(number, precisions[p]);
            if (set)
                check_set(t, &list, set);
        }
    }
    region_close(&region, arena);
}

START_TEST(sets)
{
    twin t = twin_create(1 + _i % KTQ_SMALL_QUBITS_MAX, 0, (uint64_t)_i + 500);
    for (int i = 0; i < 40; i++)
        twin_random_gate(&t);
    check_sets(&t);
    twin_destroy(&t);
}
END_TEST

/* ---- programs ---- */

static void check_program(const twin *t, const run_way *way)
{
    ketch_state *const state = run_circuit(t->circuit, way);
    ck_assert_double_le(twin_error(t, see_state(state), way->precision),
                        bound(way->precision, ketch_circuit_steps(t->circuit)));
    ketch_state_drop(state);
}

/* Long ones, whole and cut by fences. */
START_TEST(circuits)
{
    twin t = twin_create(1 + _i % KTQ_SMALL_QUBITS_MAX, 0, (uint64_t)_i + 900);
    for (int i = 0; i < 250; i++)
        twin_random_gate(&t);
    for (int kernels = KETCH_KERNELS_SCALAR; kernels <= (int)kt_cpu_kernels_last(); kernels++) {
        run_way way = {.threads = 1, .kernels = (ketch_kernels)kernels};
        for (size_t p = 0; p < 2 && ketch_kernels_usable(way.kernels); p++) {
            way.precision = precisions[p];
            way.fence_every = 0;
            check_program(&t, &way);
            way.fence_every = 7;
            check_program(&t, &way);
        }
    }
    twin_destroy(&t);
}
END_TEST

/* Operations on few of the qubits, so that others wait far ahead: the order must hold. */
START_TEST(long_waits)
{
    twin t = twin_create(5, 0, 1);
    for (int32_t i = 0; i < 2000; i++) {
        const double angle = 0.1 + 0.001 * i;
        const int32_t qubits[2] = {i % 2, i % 500 == 499 ? 4 : 1 - i % 2};
        twin_gate(&t, KETCH_GATE_RX, qubits, &angle, NULL);
        twin_gate(&t, i % 3 ? KETCH_GATE_CZ : KETCH_GATE_CX, qubits, NULL, NULL);
    }
    const run_way way = {.threads = 1, .precision = KETCH_DOUBLE};
    check_program(&t, &way);
    twin_destroy(&t);
}
END_TEST

/* Gates with measurements, a reset and a condition among them. */
static ketch_circuit *make_measured(uint64_t seed, int32_t qubits)
{
    twin t = twin_create(qubits, 2, seed);
    for (int32_t part = 0; part < 4; part++) {
        GOOD(ketch_circuit_condition(t.circuit, 0, part == 2 ? 1 : 0, 1, &error));
        for (int i = 0; i < 10; i++)
            twin_random_gate(&t);
        GOOD(ketch_circuit_condition(t.circuit, 0, 0, 0, &error));
        if (part == 3)
            GOOD(ketch_circuit_reset(t.circuit, 0, &error));
        else
            GOOD(ketch_circuit_measure(t.circuit, part % qubits, part % 2, &error));
    }
    free(t.amplitudes);
    return t.circuit;
}

typedef struct outcome {
    uint8_t rows[64], state[16 * KTQ_SMALL_AMPLITUDES];
} outcome;

static void run_measured(outcome *o, ketch_program *program, int32_t qubits, int32_t threads)
{
    ketch_engine *const engine = make_engine(threads);
    ketch_state *const state = make_state(engine, qubits, KETCH_DOUBLE);
    const ketch_shots shots = {.size = sizeof shots, .shots = 20, .seed = 11};
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, &shots, NULL, &error));
    ketch_outcomes outcomes = {.size = sizeof outcomes};
    GOOD(ketch_circuit_result_outcomes(&outcomes, result, &error));
    ck_assert_uint_eq(outcomes.shots * outcomes.bits, 40);
    *o = (outcome){0};
    memcpy(o->rows, outcomes.rows, 40);
    memcpy(o->state, see_state(state), state_size(state));
    ketch_result_destroy(result);
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, &error));
}

START_TEST(same_bits)
{
    static const int32_t counts[] = {2, 3, 8};
    const int32_t qubits = 1 + _i % KTQ_SMALL_QUBITS_MAX;
    ketch_circuit *const circuit = make_measured((uint64_t)_i + 1, qubits);
    const run_way way = {.precision = KETCH_DOUBLE};
    ketch_program *const program = make_program(circuit, &way);
    outcome one, many;
    run_measured(&one, program, qubits, 1);
    for (size_t i = 0; i < 3; i++) {
        run_measured(&many, program, qubits, counts[i]);
        ck_assert_mem_eq(&one, &many, sizeof one);
    }
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* As operations of a small state and, plain, as an ordinary pass: the same outcomes of the same
 * draws. */
START_TEST(same_outcomes_as_plain)
{
    const int32_t qubits = 1 + _i % KTQ_SMALL_QUBITS_MAX;
    ketch_circuit *const circuit = make_measured((uint64_t)_i + 40, qubits);
    const run_way way = {.precision = KETCH_DOUBLE},
                  plain = {.precision = KETCH_DOUBLE, .plain = 1};
    ketch_program *const first = make_program(circuit, &way);
    ketch_program *const second = make_program(circuit, &plain);
    outcome mine, theirs;
    run_measured(&mine, first, qubits, 1);
    run_measured(&theirs, second, qubits, 1);
    ck_assert_mem_eq(mine.rows, theirs.rows, sizeof mine.rows);
    ketch_program_drop(first);
    ketch_program_drop(second);
    ketch_circuit_destroy(circuit);
}
END_TEST

static Suite *small_suite(void)
{
    Suite *const suite = suite_create("small");
    TCase *const all = tcase_create("all");
    tcase_set_timeout(all, 120);
    add_seeds(all, sets, 40);
    add_seeds(all, circuits, 20);
    tcase_add_test(all, long_waits);
    add_seeds(all, same_bits, 10);
    add_seeds(all, same_outcomes_as_plain, 10);
    suite_add_tcase(suite, all);
    return suite;
}

int main(void)
{
    return end_with(small_suite());
}
