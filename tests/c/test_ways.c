/* Every way to run a circuit ends where the reference does: each kernel set and precision, merged
 * and plain, in tiles of 7 qubits with runs of 5 and in those chosen, on 1, 2, 3 and 8 threads to
 * the same bits. KETCH_LONG=1 tries more circuits. */
#include "ket/circuit/gates.h"
#include "reference.h"
#include "runs.h"
#include "sanitizers.h"
#include "suite.h"
#include <math.h>
#include <stdio.h>

enum { THREADS = 4, BITS = 12, WAYS = 4 * 2 * 2 * 2 };

static const int32_t thread_counts[THREADS] = {1, 2, 3, 8};
static ketch_engine *engines[THREADS];

static void open_engines(void)
{
    for (int i = 0; i < THREADS; i++)
        engines[i] = make_engine(thread_counts[i]);
}

static void close_engines(void)
{
    for (int i = 0; i < THREADS; i++)
        GOOD(ketch_engine_destroy(engines[i], &error));
}

static run_way way_of(int i)
{
    static const ketch_kernels sets[] = {KETCH_KERNELS_SCALAR, KETCH_KERNELS_AVX2,
                                         KETCH_KERNELS_AVX512, KETCH_KERNELS_NEON};
    return (run_way){.kernels = sets[i % 4],
                     .precision = i / 4 % 2 ? KETCH_SINGLE : KETCH_DOUBLE,
                     .plain = i / 8 % 2,
                     .tile = i / 16 ? 0 : 7,
                     .run_bits = i / 16 ? 0 : 5};
}

/* ---- one circuit, one way ---- */

/* What a run left: its state, and the bits that it measured. */
typedef struct outcome {
    ketch_state *state;
    uint8_t bits[BITS];
} outcome;

static outcome run_state(ketch_engine *engine, ketch_program *program, ketch_state *state)
{
    outcome o = {.state = state};
    const ketch_shots shots = {.size = sizeof shots, .seed = 5};
    ketch_outcomes rows = {.size = sizeof rows};
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, o.state, &shots, NULL, &error));
    GOOD(ketch_circuit_result_outcomes(&rows, result, &error));
    if (rows.shots && rows.bits)
        memcpy(o.bits, rows.rows, rows.bits);
    ketch_result_destroy(result);
    return o;
}

static outcome run_on(ketch_engine *engine, ketch_program *program, int qubits,
                      ketch_precision precision)
{
    return run_state(engine, program, make_state(engine, qubits, precision));
}

/* Whether the same again gives the same, in memory that the run before it has written. */
static bool runs_again(ketch_engine *engine, ketch_program *program, const outcome *o)
{
    const size_t size = state_size(o->state);
    void *const before = malloc(size);
    memcpy(before, see_state(o->state), size);
    GOOD(ketch_state_set_ket(o->state, NULL, &error));
    const outcome again = run_state(engine, program, o->state);
    const bool same =
        memcmp(before, see_state(again.state), size) == 0 && memcmp(o->bits, again.bits, BITS) == 0;
    free(before);
    return same;
}

static bool same_outcome(const outcome *a, const outcome *b)
{
    return memcmp(see_state(a->state), see_state(b->state), state_size(a->state)) == 0 &&
           memcmp(a->bits, b->bits, BITS) == 0;
}

/* On one thread; false where more threads, or used memory, give other bits. */
static bool run_on_all(outcome *first, const ketch_circuit *circuit, const run_way *way)
{
    ketch_program *const program = make_program(circuit, way);
    const int qubits = ketch_circuit_qubits(circuit);
    *first = run_on(engines[0], program, qubits, way->precision);
    bool same = runs_again(engines[0], program, first);
    for (int i = 1; i < THREADS; i++) {
        const outcome other = run_on(engines[i], program, qubits, way->precision);
        same = same && same_outcome(first, &other);
        ketch_state_drop(other.state);
    }
    ketch_program_drop(program);
    return same;
}

static double allowed_error(const twin *t, ketch_precision precision)
{
    return (precision == KETCH_SINGLE ? 1e-6 : 1e-15) *
           (double)(ketch_circuit_steps(t->circuit) + 3);
}

/* ---- random circuits of everything there is ---- */

/* odds: the probability of the outcomes that the reference was led along. */
typedef struct script {
    twin t;
    const uint8_t *outcomes; /* NULL: the likelier ones */
    uint8_t bits[BITS];
    int measured;
    double odds;
} script;

static void project(script *s, int32_t qubit)
{
    long double weight[2] = {0, 0};
    for (size_t i = 0; i >> s->t.qubits == 0; i++)
        weight[i >> qubit & 1] += cabsl(s->t.amplitudes[i]) * cabsl(s->t.amplitudes[i]);
    const uint8_t bit = s->outcomes ? s->outcomes[s->measured] : weight[1] > weight[0];
    for (size_t i = 0; i >> s->t.qubits == 0; i++)
        s->t.amplitudes[i] = (i >> qubit & 1) == bit ? s->t.amplitudes[i] / sqrtl(weight[bit]) : 0;
    s->odds *= (double)(weight[bit] / (weight[0] + weight[1]));
    s->bits[s->measured++] = bit;
}

/* A measurement; as often as not a reset after it, whose outcome is known then. */
static void add_measurement(script *s)
{
    const int32_t qubit = (int32_t)twin_draw(&s->t, (uint64_t)s->t.qubits);
    const size_t mask = (size_t)1 << qubit;
    const bool reset = twin_draw(&s->t, 2);
    if (s->measured == BITS)
        return;
    GOOD(ketch_circuit_measure(s->t.circuit, qubit, s->measured, &error));
    project(s, qubit);
    if (!reset)
        return;
    GOOD(ketch_circuit_reset(s->t.circuit, qubit, &error));
    for (size_t i = 0; i >> s->t.qubits == 0 && s->bits[s->measured - 1]; i++)
        if (i & mask) {
            s->t.amplitudes[i ^ mask] = s->t.amplitudes[i];
            s->t.amplitudes[i] = 0;
        }
}

/* A gate under a condition on neighbouring bits, which may hold or not. */
static void add_condition(script *s)
{
    const int count = 1 + (int)twin_draw(&s->t, 3);
    const int first = (int)twin_draw(&s->t, (uint64_t)(BITS - count + 1));
    const uint64_t value = twin_draw(&s->t, UINT64_C(1) << count);
    const size_t size = sizeof *s->t.amplitudes << s->t.qubits;
    long double complex *const before = malloc(size);
    uint64_t seen = 0;
    for (int i = 0; i < count; i++)
        seen |= (uint64_t)s->bits[first + i] << i;
    memcpy(before, s->t.amplitudes, size);
    GOOD(ketch_circuit_condition(s->t.circuit, first, count, value, &error));
    twin_random_gate(&s->t);
    GOOD(ketch_circuit_condition(s->t.circuit, 0, 0, 0, &error));
    if (seen != value)
        memcpy(s->t.amplitudes, before, size);
    free(before);
}

static void add_anything(script *s)
{
    switch (twin_draw(&s->t, 24)) {
    case 0:
        add_measurement(s);
        break;
    case 1:
        add_condition(s);
        break;
    case 2:
        GOOD(ketch_circuit_barrier(s->t.circuit, 0, NULL, &error));
        break;
    case 3:
        GOOD(ketch_circuit_fence(s->t.circuit, &error));
        break;
    default:
        twin_random_gate(&s->t);
    }
}

/* The first `count` operations that `seed` stands for, and the reference after those outcomes. */
static script make_script(uint64_t seed, int count, const uint8_t *outcomes)
{
    script s = {.outcomes = outcomes, .odds = 1};
    s.t = twin_create(1 + (int)(seed % 12), BITS, seed);
    for (int i = 0; i < count; i++)
        add_anything(&s);
    return s;
}

/* The largest error so far, as a share of what is allowed. */
static double worst;

/* What is wrong with the script's circuit run that way; the empty text: nothing. Makes the script
 * anew where the run has other outcomes. */
static const char *fault_of(script *s, uint64_t seed, int count, const run_way *way)
{
    static char text[64];
    outcome o;
    const bool same = run_on_all(&o, s->t.circuit, way);
    if (memcmp(s->bits, o.bits, (size_t)s->measured) != 0) {
        twin_destroy(&s->t);
        *s = make_script(seed, count, o.bits);
    }
    const double error = twin_error(&s->t, see_state(o.state), way->precision);
    const double allowed = allowed_error(&s->t, way->precision) / sqrt(s->odds);
    worst = fmax(worst, error / allowed);
    snprintf(text, sizeof text, "error %g above %g", error, allowed);
    ketch_state_drop(o.state);
    return !same ? "other bits on more threads or in used memory" : error <= allowed ? "" : text;
}

/* Tells a failure with the shortest beginning of the circuit that still has it. */
static void tell_fault(uint64_t seed, int count, const run_way *way)
{
    const char *fault = "";
    for (int least = 1; least <= count && !*fault; least++) {
        script s = make_script(seed, least, NULL);
        fault = fault_of(&s, seed, least, way);
        twin_destroy(&s.t);
        if (*fault)
            ck_abort_msg("seed %llu, %d operations, %s %s%s, tile %d: %s", (unsigned long long)seed,
                         least, ketch_kernels_name(way->kernels),
                         way->precision == KETCH_SINGLE ? "single" : "double",
                         way->plain ? " plain" : "", way->tile, fault);
    }
    ck_abort_msg("seed %llu: a fault that came once", (unsigned long long)seed);
}

static void check_script(uint64_t seed, int count)
{
    script s = make_script(seed, count, NULL);
    for (int i = 0; i < WAYS; i++) {
        const run_way way = way_of(i);
        if (ketch_kernels_usable(way.kernels) && *fault_of(&s, seed, count, &way))
            tell_fault(seed, count, &way);
    }
    twin_destroy(&s.t);
}

START_TEST(anything_every_way)
{
    const uint64_t most = getenv("KETCH_LONG") ? 5000 : WITH_TSAN ? 20 : 60;
    for (uint64_t seed = (uint64_t)_i; seed < most; seed += 10)
        check_script(seed, 40);
    figure("P26", "largest error of random circuits every way, of what is allowed", 100 * worst,
           "%");
    if (_i == 0)
        figure("P26", "random circuits, each in every way", (double)most, "");
}
END_TEST

/* ---- every gate ---- */

/* Neighbours to merge with on both sides, and no symmetry. */
static void add_layer(twin *t, double turn)
{
    for (int32_t q = 0; q < t->qubits; q++) {
        const double angles[3] = {0.3 + turn * q, 0.2 - 0.3 * q, 1.1 + 0.7 * q};
        const int32_t pair[2] = {q, (q + 1) % t->qubits};
        twin_gate(t, KETCH_GATE_U3, &q, angles, NULL);
        if (q % 3 == 0)
            twin_gate(t, KETCH_GATE_CX, pair, NULL, NULL);
    }
}

/* The gate on random qubits of ten, with up to two controls of either kind. */
static twin place_gate(ketch_gate gate, uint64_t seed)
{
    twin t = twin_create(10, 0, seed);
    const int own = ktq_gate_spec_of((int32_t)gate)->qubits;
    twin_controls controls = {.count = (int)twin_draw(&t, 3)};
    const double angles[4] = {0.7, -1.3, 2.1, 0.4};
    int32_t qubits[16];
    add_layer(&t, 0.4);
    twin_choose(&t, qubits, own + controls.count);
    for (int i = 0; i < controls.count; i++) {
        controls.qubits[i] = qubits[own + i];
        controls.values[i] = (uint8_t)twin_draw(&t, 2);
    }
    twin_gate(&t, gate, qubits, angles, &controls);
    add_layer(&t, 0.1);
    return t;
}

static void check_gate(const twin *t, ketch_gate gate, const run_way *way)
{
    outcome o;
    const bool same = run_on_all(&o, t->circuit, way);
    const double error = twin_error(t, see_state(o.state), way->precision);
    ketch_state_drop(o.state);
    if (!same || !(error <= allowed_error(t, way->precision)))
        ck_abort_msg("%s, %s, plain %d, tile %d, bytes a number %d: error %g, same bits %d",
                     ketch_gate_name(gate), ketch_kernels_name(way->kernels), way->plain, way->tile,
                     way->precision == KETCH_SINGLE ? 4 : 8, error, same);
}

START_TEST(each_gate_every_way)
{
    const ketch_gate gate = (ketch_gate)_i;
    for (uint64_t seed = 1; seed <= (WITH_TSAN ? 1 : 4); seed++) {
        twin t = place_gate(gate, seed + 100 * (uint64_t)_i);
        for (int i = 0; i < WAYS; i++) {
            const run_way way = way_of(i);
            if (ketch_kernels_usable(way.kernels))
                check_gate(&t, gate, &way);
        }
        twin_destroy(&t);
    }
}
END_TEST

/* Zero times -1 is not zero to the bit: what is left out while it is zero must be left out in new
 * memory, too. */
START_TEST(zeros_with_a_sign)
{
    const int32_t pair[] = {5, 6};
    const double angle = -1;
    twin t = twin_create(10, 0, 1);
    twin_gate(&t, KETCH_GATE_CZ, pair, NULL, NULL);
    twin_gate(&t, KETCH_GATE_RY, pair, &angle, NULL);
    for (int i = 0; i < WAYS; i++) {
        const run_way way = way_of(i);
        if (ketch_kernels_usable(way.kernels))
            check_gate(&t, KETCH_GATE_RY, &way);
    }
    twin_destroy(&t);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("ways");
    TCase *const all = tcase_create("all");
    tcase_set_timeout(all, getenv("KETCH_LONG") ? 3000 : 240);
    tcase_add_checked_fixture(all, open_engines, close_engines);
    for (int gate = 0; gate < KETCH_GATE_UNITARY; gate++)
        add_indexed(all, each_gate_every_way, gate, "%s", ketch_gate_name((ketch_gate)gate));
    tcase_add_test(all, zeros_with_a_sign);
    add_seeds(all, anything_every_way, 10);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
