/* Plans as data: what they promise, what trials keep, what fingerprints tell apart. */
#include "ket/compile/fingerprint.h"
#include "ket/compile/invariants.h"
#include "ket/compile/plan_hash.h"
#include "ket/compile/stages.h"
#include "reference.h"
#include "regions.h"
#include "runs.h"
#include "suite.h"
#include <math.h>

static const ketch_kernels sets[] = {KETCH_KERNELS_SCALAR, KETCH_KERNELS_AVX2, KETCH_KERNELS_AVX512,
                                     KETCH_KERNELS_NEON};

/* Random gates of all kinds with fences, resets and measurements in between. */
static twin make_twin(int qubits, int gates, uint64_t seed)
{
    twin t = twin_create(qubits, qubits, seed);
    for (int i = 0; i < gates; i++) {
        const int32_t qubit = (int32_t)twin_draw(&t, (uint64_t)qubits);
        const uint64_t event = twin_draw(&t, 120);
        twin_random_gate(&t);
        if (event == 0)
            GOOD(ketch_circuit_fence(t.circuit, &error));
        if (event == 1)
            GOOD(ketch_circuit_reset(t.circuit, qubit, &error));
        if (event == 2)
            GOOD(ketch_circuit_measure(t.circuit, qubit, qubit, &error));
        if (event == 3)
            GOOD(ketch_circuit_condition(t.circuit, 0, (int32_t)twin_draw(&t, 2), 1, &error));
    }
    return t;
}

/* Layers of rotations by parameters, and of cz. */
static ketch_circuit *make_ansatz(int32_t qubits, int32_t layers)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, qubits, 0, &error));
    GOOD(ketch_circuit_add_parameters(circuit, layers, &error));
    for (int32_t layer = 0; layer < layers; layer++) {
        for (int32_t q = 0; q < qubits; q++) {
            const ketch_angle angle = {.parameter = layer, .factor = 1 + q, .offset = 0.1 * q};
            const ketch_gate gate = q % 3 == 1 ? KETCH_GATE_RZ : KETCH_GATE_RY;
            GOOD(ketch_circuit_parametric(circuit, gate, &q, &angle, 0, NULL, NULL, &error));
        }
        for (int32_t q = layer % 2; q + 1 < qubits; q += 2) {
            const int32_t pair[2] = {q, q + 1};
            GOOD(ketch_circuit_gate(circuit, KETCH_GATE_CZ, pair, NULL, &error));
        }
    }
    return circuit;
}

static ktq_plan_source source_of(kt_region *region, const ketch_circuit *circuit,
                                 ketch_kernels kernels, ketch_precision precision)
{
    return (ktq_plan_source){
        .region = region, .circuit = circuit, .set = ktq_kernel_set_find(kernels, precision)};
}

/* ---- plans ---- */

/* Of every kernel set that was built, those too that this machine does not run. */
START_TEST(plans_keep_their_invariants)
{
    twin t = make_twin(1 + _i % 12, 150, (uint64_t)_i + 40);
    kt_region region;
    ketch_arena *const arena = region_open(&region);
    for (size_t i = 0; i < 2 * sizeof sets / sizeof *sets; i++) {
        ktq_plan_source source =
            source_of(&region, t.circuit, sets[i / 2], i % 2 ? KETCH_SINGLE : KETCH_DOUBLE);
        source.is_plain = _i % 5 == 4;
        source.fence_every = _i % 3 == 2 ? 7 : 0;
        for (int32_t tile = 0; source.set && tile <= 7; tile += 7) {
            const ketch_program_options options = {.precision = source.set->precision,
                                                   .tile_bits = tile};
            ktq_plan plan;
            ck_assert(ktq_plan_with_best_tiles(&plan, &source, &options));
            ck_assert(ktq_plan_is_valid(&plan, ketch_circuit_steps(t.circuit)));
        }
    }
    region_close(&region, arena);
    twin_destroy(&t);
}
END_TEST

START_TEST(parametric_plans_keep_their_invariants)
{
    ketch_circuit *const circuit = make_ansatz(3 + _i, 4);
    kt_region region;
    ketch_arena *const arena = region_open(&region);
    const ktq_plan_source source = source_of(&region, circuit, KETCH_KERNELS_SCALAR, KETCH_DOUBLE);
    const ketch_program_options options = {.precision = KETCH_DOUBLE, .tile_bits = 7};
    ktq_plan plan;
    ck_assert(ktq_plan_with_best_tiles(&plan, &source, &options));
    ck_assert(ktq_plan_is_valid(&plan, ketch_circuit_steps(circuit)));
    ck_assert(ktq_plan_is_parametric(&plan) && plan.rules.rules.count > 0);
    region_close(&region, arena);
    ketch_circuit_destroy(circuit);
}
END_TEST

static bool build_plan(ktq_plan *plan, const ktq_plan_source *source, const ktq_tiling *tiling,
                       size_t gates)
{
    ktq_lowered lowered;
    ktq_pass_work work = {.region = source->region};
    return ktq_lowered_build(&lowered, source, gates) &&
           ktq_plan_build(plan, &work, source, &lowered, tiling);
}

/* A trial that covers the circuit is the plan: the same as one made with its tiling alone. */
START_TEST(a_kept_trial_is_the_plan_itself)
{
    ketch_circuit *const circuit = make_ansatz(20, _i ? 40 : 3);
    kt_region region;
    ketch_arena *const arena = region_open(&region);
    const ktq_plan_source source = source_of(&region, circuit, KETCH_KERNELS_SCALAR, KETCH_DOUBLE);
    const ketch_program_options options = {.precision = KETCH_DOUBLE};
    ktq_plan best, again;
    ck_assert(ktq_plan_with_best_tiles(&best, &source, &options));
    ck_assert(build_plan(&again, &source, &best.tiling, ktq_circuit_gate_count(circuit)));
    ck_assert_uint_eq(ktq_plan_hash(&best), ktq_plan_hash(&again));
    region_close(&region, arena);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* A plan of the first gates ends with the steps among them. */
START_TEST(a_plan_of_the_first_gates)
{
    twin t = make_twin(9, 100, 3);
    kt_region region;
    ketch_arena *const arena = region_open(&region);
    const ktq_plan_source source =
        source_of(&region, t.circuit, KETCH_KERNELS_SCALAR, KETCH_DOUBLE);
    const ktq_tiling tiling = {.tile_bits = 7, .run_bits = 2, .subtile_bits = 5};
    const size_t gates = 50;
    uint64_t steps = 0;
    for (size_t i = 0; i < gates; i++)
        steps += ktq_gate_is_step(ktq_circuit_gate_at(t.circuit, i));
    ktq_plan plan;
    ck_assert(build_plan(&plan, &source, &tiling, gates));
    ck_assert(ktq_plan_is_valid(&plan, steps));
    ck_assert(!ktq_plan_is_valid(&plan, steps + 1));
    region_close(&region, arena);
    twin_destroy(&t);
}
END_TEST

/* ---- fingerprints ---- */

static ktq_fingerprint fingerprint_of(const ketch_circuit *circuit, const run_way *way)
{
    ketch_program *const program = make_program(circuit, way);
    const ktq_fingerprint fingerprint = ktq_program_fingerprint(program);
    ketch_program_drop(program);
    return fingerprint;
}

/* What differs between two circuits' programs, "" where nothing does. */
static const char *difference(const ketch_circuit *a, const run_way *way_a, const ketch_circuit *b,
                              const run_way *way_b)
{
    const ktq_fingerprint of_a = fingerprint_of(a, way_a), of_b = fingerprint_of(b, way_b);
    const char *const text = ktq_fingerprint_difference(&of_a, &of_b);
    return text ? text : "";
}

START_TEST(equal_circuits_have_equal_fingerprints)
{
    const int qubits = 1 + _i * 2;
    twin a = make_twin(qubits, 90, 5), b = make_twin(qubits, 90, 5), c = make_twin(qubits, 90, 6);
    const run_way way = {.precision = KETCH_DOUBLE};
    ck_assert_str_eq(difference(a.circuit, &way, b.circuit, &way), "");
    ck_assert_str_eq(difference(a.circuit, &way, c.circuit, &way), "program");
    twin_destroy(&a);
    twin_destroy(&b);
    twin_destroy(&c);
}
END_TEST

static ketch_circuit *make_rotations(int32_t qubits, double last)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, qubits, 0, &error));
    for (int32_t q = 0; q < qubits; q++) {
        const double angle = q + 1 < qubits ? 0.3 + q : last;
        GOOD(ketch_circuit_gate(circuit, KETCH_GATE_RX, &q, &angle, &error));
    }
    return circuit;
}

/* A number that differs in its last bit, in a small program, in one tile and in many. */
START_TEST(one_bit_changes_a_fingerprint)
{
    static const int32_t counts[] = {4, 9, 17};
    const run_way way = {.precision = KETCH_DOUBLE};
    ketch_circuit *const a = make_rotations(counts[_i], 0.7);
    ketch_circuit *const b = make_rotations(counts[_i], nextafter(0.7, 1));
    ck_assert_str_eq(difference(a, &way, a, &way), "");
    ck_assert_str_eq(difference(a, &way, b, &way), "program");
    ketch_circuit_destroy(a);
    ketch_circuit_destroy(b);
}
END_TEST

START_TEST(a_difference_names_what_differs_first)
{
    ketch_circuit *const circuit = make_rotations(12, 0.7);
    const run_way usual = {.kernels = KETCH_KERNELS_SCALAR, .precision = KETCH_DOUBLE};
    run_way other = usual;
    other.precision = KETCH_SINGLE;
    ck_assert_str_eq(difference(circuit, &usual, circuit, &other), "precision");
    other = usual;
    other.tile = 7;
    ck_assert_str_eq(difference(circuit, &usual, circuit, &other), "program");
    other = usual;
    other.fence_every = 5;
    ck_assert_str_eq(difference(circuit, &usual, circuit, &other), "program");
    other = usual;
    other.plain = 1;
    ck_assert_str_eq(difference(circuit, &usual, circuit, &other), "program");
    ktq_fingerprint a = fingerprint_of(circuit, &usual), b = a;
    b.executor_format++;
    ck_assert_str_eq(ktq_fingerprint_difference(&a, &b), "format of the executor");
    b.kernels = KETCH_KERNELS_AVX2;
    ck_assert_str_eq(ktq_fingerprint_difference(&a, &b), "kernel set");
    ketch_circuit_destroy(circuit);
}
END_TEST

static uint64_t bound_hash(ketch_program **bound, ketch_program *program, const double values[4])
{
    GOOD(ketch_program_bind(bound, program, values, 4, &error));
    return ktq_program_fingerprint(*bound).program;
}

/* Also where the memory of the program bound before is used again. */
START_TEST(bound_values_are_in_the_fingerprint)
{
    const double values[2][4] = {{0.1, 0.2, 0.3, 0.4}, {0.1, 0.2, 0.3, nextafter(0.4, 1)}};
    const run_way way = {.precision = KETCH_DOUBLE};
    ketch_circuit *const circuit = make_ansatz(9, 4);
    ketch_program *const program = make_program(circuit, &way), *bound = NULL, *other = NULL;
    const uint64_t open = ktq_program_fingerprint(program).program;
    const uint64_t first = bound_hash(&bound, program, values[0]);
    ck_assert_uint_ne(first, open);
    ck_assert_uint_ne(first, bound_hash(&bound, program, values[1]));
    ck_assert_uint_eq(first, bound_hash(&bound, program, values[0]));
    ck_assert_uint_eq(first, bound_hash(&other, bound, values[0]));
    ck_assert_uint_eq(open, ktq_program_fingerprint(program).program);
    ketch_program_drop(bound);
    ketch_program_drop(other);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("plan");
    TCase *const all = tcase_create("all");
    tcase_set_timeout(all, 120);
    keep_one_thread(all);
    tcase_add_loop_test(all, plans_keep_their_invariants, 0, 24);
    tcase_add_loop_test(all, parametric_plans_keep_their_invariants, 0, 8);
    tcase_add_loop_test(all, a_kept_trial_is_the_plan_itself, 0, 2);
    tcase_add_test(all, a_plan_of_the_first_gates);
    tcase_add_loop_test(all, equal_circuits_have_equal_fingerprints, 0, 5);
    tcase_add_loop_test(all, one_bit_changes_a_fingerprint, 0, 3);
    tcase_add_test(all, a_difference_names_what_differs_first);
    tcase_add_test(all, bound_values_are_in_the_fingerprint);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
