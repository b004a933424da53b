/* Observables of runs against slow sums over the amplitudes that the run left: with tiny tiles, all
 * kernel sets, any number of threads, stopped anywhere; and that they cost no sweep. */
#define _GNU_SOURCE
#include "ket/state/state.h"
#include "paulis.h"
#include "reference.h"
#include "runs.h"
#include "saves.h"
#include "suite.h"
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    ASKED = 10,
    OF_Z = 6, /* the first ones, which the last pass of a run can compute */
    TERMS = 40,
    NUMBERS = 7 + (1 << 2) + (1 << 5) + (1 << 16)
};

static const ketch_kernels all_kernels[] = {KETCH_KERNELS_SCALAR, KETCH_KERNELS_AVX2,
                                            KETCH_KERNELS_AVX512, KETCH_KERNELS_NEON};

/* What a test asks of a run: a norm, two sums, probabilities of two, of five and of all qubits (or
 * as many as there are); a sum of Pauli terms, two variances, and a sum of terms with X. */
typedef struct question {
    int32_t qubits;
    int32_t order[16];
    uint64_t masks[TERMS], x_masks[TERMS];
    double coefficients[TERMS];
    ketch_observable asked[ASKED];
} question;

static int32_t fewer(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static ketch_observable pauli_terms(const question *q, ketch_observe kind, int first,
                                    uint64_t count)
{
    return (ketch_observable){.size = sizeof(ketch_observable),
                              .kind = kind,
                              .count = count,
                              .masks = q->masks + first,
                              .x_masks = q->x_masks + first,
                              .coefficients = q->coefficients + first};
}

static void make_question(question *q, twin *t)
{
    q->qubits = t->qubits;
    twin_choose(t, q->order, t->qubits);
    for (int i = 0; i < TERMS; i++) {
        q->masks[i] = 0;
        for (int k = (int)twin_draw(t, 5); k > 0; k--)
            q->masks[i] ^= UINT64_C(1) << twin_draw(t, (uint64_t)t->qubits);
        q->x_masks[i] = i % 4 ? twin_draw(t, UINT64_C(1) << t->qubits) : 0;
        q->coefficients[i] = twin_angle(t);
    }
    q->masks[TERMS - 1] = (UINT64_C(1) << t->qubits) - 1;
    const ketch_observable asked[ASKED] = {
        {.size = sizeof *asked,
         .kind = KETCH_OBSERVE_Z,
         .count = TERMS,
         .masks = q->masks,
         .coefficients = q->coefficients},
        {.size = sizeof *asked,
         .kind = KETCH_OBSERVE_PROBABILITIES,
         .count = (uint64_t)fewer(2, t->qubits),
         .qubits = q->order},
        {.size = sizeof *asked, .kind = KETCH_OBSERVE_NORM},
        {.size = sizeof *asked,
         .kind = KETCH_OBSERVE_PROBABILITIES,
         .count = (uint64_t)t->qubits,
         .qubits = q->order},
        {.size = sizeof *asked,
         .kind = KETCH_OBSERVE_Z,
         .count = 1,
         .masks = q->masks + TERMS - 1,
         .coefficients = q->coefficients},
        {.size = sizeof *asked,
         .kind = KETCH_OBSERVE_PROBABILITIES,
         .count = (uint64_t)fewer(5, t->qubits),
         .qubits = q->order + (t->qubits > 5 ? t->qubits - 5 : 0)},
        pauli_terms(q, KETCH_OBSERVE_PAULI, 0, TERMS),
        pauli_terms(q, KETCH_OBSERVE_VARIANCE, 0, 10),
        pauli_terms(q, KETCH_OBSERVE_PAULI, 1, 3),
        pauli_terms(q, KETCH_OBSERVE_VARIANCE, 2, 1),
    };
    memcpy(q->asked, asked, sizeof asked);
}

static uint64_t answer_count(const ketch_observable *asked)
{
    return asked->kind == KETCH_OBSERVE_PROBABILITIES ? UINT64_C(1) << asked->count : 1;
}

/* ---- the reference ---- */

static long double weight_at(const ketch_state *state, const void *amplitudes, uint64_t index)
{
    const bool single = ketch_state_precision(state) == KETCH_SINGLE;
    const long double re = single ? (long double)((const float *)amplitudes)[2 * index]
                                  : ((const double *)amplitudes)[2 * index];
    const long double im = single ? (long double)((const float *)amplitudes)[2 * index + 1]
                                  : ((const double *)amplitudes)[2 * index + 1];
    return re * re + im * im;
}

/* What one amplitude adds to the answers. */
static void add_weight(long double *answers, const ketch_observable *asked, uint64_t index,
                       long double weight)
{
    if (asked->kind == KETCH_OBSERVE_NORM) {
        answers[0] += weight;
    } else if (asked->kind == KETCH_OBSERVE_Z) {
        for (uint64_t i = 0; i < asked->count; i++) {
            const bool odd = __builtin_popcountll(asked->masks[i] & index) & 1;
            answers[0] += (odd ? -weight : weight) * asked->coefficients[i];
        }
    } else {
        uint64_t outcome = 0;
        for (uint64_t j = 0; j < asked->count; j++)
            outcome |= (index >> asked->qubits[j] & 1) << j;
        answers[outcome] += weight;
    }
}

/* <O>, or the squared norm of (O - <O>) psi; psi may have any norm. */
static long double sum_paulis(const ketch_observable *asked, const ketch_state *state)
{
    const uint64_t count = UINT64_C(1) << ketch_state_qubits(state);
    const void *const amplitudes = see_state(state);
    long double complex *const image = calloc(count, sizeof *image), mean = 0;
    long double weight = 0, images = 0;
    for (uint64_t k = 0; k < asked->count; k++)
        pauli_apply(image, state, amplitudes, asked->x_masks[k], asked->masks[k],
                    asked->coefficients[k]);
    for (uint64_t i = 0; i < count; i++) {
        const long double complex a = pauli_amplitude(state, amplitudes, i);
        mean += conjl(a) * image[i];
        weight += creall(a * conjl(a));
        images += creall(image[i] * conjl(image[i]));
    }
    free(image);
    return asked->kind == KETCH_OBSERVE_PAULI ? creall(mean)
                                              : images - creall(mean) * creall(mean) / weight;
}

/* Terms with X and variances are computed in the state's precision. */
static void check_paulis(const ketch_observable *asked, const ketch_state *state, double found)
{
    const bool single = ketch_state_precision(state) == KETCH_SINGLE;
    const long double expected = sum_paulis(asked, state);
    double scale = 0;
    for (uint64_t k = 0; k < asked->count; k++)
        scale += fabs(asked->coefficients[k]);
    const double unit = asked->kind == KETCH_OBSERVE_PAULI ? scale : 4 * scale * scale;
    if (!(fabsl(found - expected) <= unit * (single ? 0x1p-22 : 0x1p-50)))
        ck_abort_msg("kind %d: %.17g, not %.17Lg", (int)asked->kind, found, expected);
}

static void check_answer(const ketch_observable *asked, const ketch_state *state,
                         const double *found)
{
    const uint64_t count = answer_count(asked);
    if (asked->kind == KETCH_OBSERVE_PAULI || asked->kind == KETCH_OBSERVE_VARIANCE) {
        check_paulis(asked, state, *found);
        return;
    }
    long double *const expected = calloc(count, sizeof *expected);
    const void *const amplitudes = see_state(state);
    for (uint64_t i = 0; i < UINT64_C(1) << ketch_state_qubits(state); i++)
        add_weight(expected, asked, i, weight_at(state, amplitudes, i));
    if (asked->kind == KETCH_OBSERVE_NORM)
        expected[0] = sqrtl(expected[0]);
    for (uint64_t i = 0; i < count; i++)
        if (!(fabsl(found[i] - expected[i]) < 1e-14L * (1 + TERMS * (asked->count > 1))))
            ck_abort_msg("kind %d, number %d: %.17g, not %.17Lg", (int)asked->kind, (int)i,
                         found[i], expected[i]);
    free(expected);
}

/* ---- runs ---- */

/* All answers in a row, each in the place that its question has. */
static double *read_answers(const question *q, const ketch_result *result)
{
    double *const answers = calloc(NUMBERS, sizeof *answers), *next = answers;
    for (uint64_t i = 0; i < ASKED; i++) {
        const uint64_t count = answer_count(&q->asked[i]);
        GOOD(ketch_circuit_result_observed(next, count, i, result, &error));
        next += count;
    }
    return answers;
}

static void check_answers(const question *q, const ketch_state *state, const double *answers)
{
    for (int i = 0; i < ASKED; i++) {
        check_answer(&q->asked[i], state, answers);
        answers += answer_count(&q->asked[i]);
    }
}

/* Runs the program on the state and returns the answers. */
static double *run_and_ask(const question *q, ketch_engine *engine, ketch_program *program,
                           ketch_state *state, uint64_t shots)
{
    const ketch_shots asked = {.size = sizeof asked,
                               .observables = q->asked,
                               .observable_count = ASKED,
                               .shots = shots,
                               .seed = 3};
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, &asked, NULL, &error));
    double *const answers = read_answers(q, result);
    ketch_result_destroy(result);
    return answers;
}

static twin make_twin(int qubits, int gates, uint64_t seed)
{
    twin t = twin_create(qubits, 2, seed);
    for (int i = 0; i < gates; i++)
        twin_random_gate(&t);
    return t;
}

static ketch_state *random_state(ketch_engine *engine, twin *t, ketch_precision precision)
{
    const uint64_t count = UINT64_C(1) << t->qubits;
    double *const numbers = malloc(2 * count * sizeof *numbers);
    for (uint64_t i = 0; i < 2 * count; i++)
        numbers[i] = twin_angle(t);
    ketch_state *const state = make_state(engine, t->qubits, precision);
    GOOD(ketch_state_set_amplitudes(state, numbers, count, KETCH_DOUBLE, 1, &error));
    free(numbers);
    return state;
}

/* From |0...0> again, in memory that is no longer zero: the same bits. */
static void ask_again(const question *q, ketch_engine *engine, ketch_program *program,
                      ketch_state *state, const double *answers)
{
    GOOD(ketch_state_set_ket(state, NULL, &error));
    double *const again = run_and_ask(q, engine, program, state, 0);
    ck_assert_int_eq(memcmp(answers, again, NUMBERS * sizeof *again), 0);
    free(again);
}

/* From the basis state, twice, and from a given one, at 1, 2, 3 and 8 threads to the same bits. */
static void check_way(const run_way *way, twin *t)
{
    static const int32_t threads[] = {1, 2, 3, 8};
    question q;
    make_question(&q, t);
    ketch_program *const program = make_program(t->circuit, way);
    for (int given = 0; given < 2; given++) {
        double *first = NULL;
        const uint64_t random = t->random;
        for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
            t->random = random;
            ketch_engine *const engine = make_engine(threads[i]);
            ketch_state *const state = given ? random_state(engine, t, way->precision)
                                             : make_state(engine, t->qubits, way->precision);
            double *const answers = run_and_ask(&q, engine, program, state, 0);
            if (!first)
                check_answers(&q, state, answers);
            else
                ck_assert_int_eq(memcmp(first, answers, NUMBERS * sizeof *first), 0);
            if (!given)
                ask_again(&q, engine, program, state, answers);
            free(first);
            first = answers;
            ketch_state_drop(state);
            GOOD(ketch_engine_destroy(engine, &error));
        }
        free(first);
    }
    ketch_program_drop(program);
}

START_TEST(match_reference)
{
    const ketch_kernels kernels = all_kernels[_i / 2];
    const ketch_precision precision = _i % 2 ? KETCH_SINGLE : KETCH_DOUBLE;
    for (int qubits = 1; qubits <= 11; qubits++) {
        twin t = make_twin(qubits, 25, (uint64_t)(100 * _i + qubits));
        const run_way tiny = {
            .kernels = kernels, .precision = precision, .tile = 7, .run_bits = 1 + qubits % 3};
        check_way(&tiny, &t);
        const run_way usual = {.kernels = kernels, .precision = precision};
        check_way(&usual, &t);
        twin_destroy(&t);
    }
}
END_TEST

/* More than one chunk, tiles larger than a piece. */
START_TEST(match_reference_in_large)
{
    const ketch_precision precision = _i % 2 ? KETCH_SINGLE : KETCH_DOUBLE;
    twin t = make_twin(16, 30, 77 + (uint64_t)_i);
    const run_way ways[] = {{.precision = precision, .tile = 12},
                            {.precision = precision, .tile = 15, .run_bits = 4},
                            {.precision = precision}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        check_way(&ways[i], &t);
    twin_destroy(&t);
}
END_TEST

/* ---- where the last pass does not leave the final state ---- */

static void check_circuit(const ketch_circuit *circuit, const question *q, const run_way *way,
                          uint64_t shots)
{
    ketch_engine *const engine = make_engine(way->threads);
    ketch_program *const program = make_program(circuit, way);
    ketch_state *const state = make_state(engine, q->qubits, way->precision);
    double *const answers = run_and_ask(q, engine, program, state, shots);
    check_answers(q, state, answers);
    free(answers);
    ketch_state_drop(state);
    ketch_program_drop(program);
    GOOD(ketch_engine_destroy(engine, &error));
}

START_TEST(after_other_endings)
{
    const run_way way = {
        .threads = 2, .precision = _i % 2 ? KETCH_SINGLE : KETCH_DOUBLE, .tile = 7};
    enum { QUBITS = 10 };
    for (int ending = 0; ending < 7; ending++) {
        twin t = make_twin(QUBITS, ending == 6 ? 0 : 20, 500 + (uint64_t)(10 * _i + ending));
        question q;
        make_question(&q, &t);
        if (ending == 0 || ending == 1)
            GOOD(ketch_circuit_measure(t.circuit, 3, 0, &error)); /* final: collapses at the end */
        if (ending == 1)
            GOOD(ketch_h(t.circuit, 3, &error)); /* in the middle, then gates */
        if (ending == 2)
            GOOD(ketch_circuit_reset(t.circuit, 9, &error));
        if (ending == 3 || ending == 4) { /* gates that happen, or do not */
            GOOD(ketch_x(t.circuit, 2, &error));
            GOOD(ketch_circuit_condition(t.circuit, 0, 1, ending == 3, &error));
            GOOD(ketch_h(t.circuit, 8, &error));
        }
        if (ending == 5)
            GOOD(ketch_circuit_fence(t.circuit, &error));
        check_circuit(t.circuit, &q, &way, 0);
        twin_destroy(&t);
    }
}
END_TEST

/* Shots of final measurements leave the state before them. */
START_TEST(before_shots)
{
    const run_way way = {.threads = 2, .precision = KETCH_DOUBLE, .tile = 7};
    twin t = make_twin(10, 20, 900);
    question q;
    make_question(&q, &t);
    GOOD(ketch_circuit_measure(t.circuit, 3, 0, &error));
    check_circuit(t.circuit, &q, &way, 100);
    twin_destroy(&t);
}
END_TEST

/* Amplitudes that a matrix which is not unitary made larger, and factors with a phase. */
START_TEST(other_norms)
{
    const run_way way = {.threads = 1, .precision = _i ? KETCH_SINGLE : KETCH_DOUBLE, .tile = 7};
    static const double matrix[8] = {0.5, 0.25, 0, 0.5, 0.25, 0, 0, 0.125};
    const int32_t qubit = 9;
    twin t = make_twin(10, 20, 950);
    question q;
    make_question(&q, &t);
    const double angle = 0.3;
    GOOD(ketch_circuit_gate(t.circuit, KETCH_GATE_RZ, &qubit, &angle, &error));
    GOOD(ketch_circuit_unitary(t.circuit, 1, &qubit, matrix, 1e9, 0, NULL, NULL, &error));
    check_circuit(t.circuit, &q, &way, 0);
    twin_destroy(&t);
}
END_TEST

/* ---- stop and resume, fences ---- */

/* A stop token that sets itself at the k-th tick; views taken at fences hold on to the memory. */
typedef struct pauses {
    ketch_stop stop;
    uint64_t left;
    ketch_block *view;
} pauses;

static int32_t pause_run(const ketch_step *step, void *user)
{
    pauses *const p = user;
    if (step->view) {
        if (p->view)
            GOOD(ketch_block_drop(p->view));
        GOOD(ketch_state_block(&p->view, ketch_step_state(step), &error));
    }
    if (p->left-- == 1)
        ketch_stop_set(&p->stop);
    return 0;
}

static double *answers_in_pieces(const question *q, ketch_engine *engine, ketch_program *program,
                                 uint64_t k, uint64_t shots, int *stops)
{
    ketch_state *const state = make_state(engine, q->qubits, KETCH_DOUBLE);
    pauses p = {.left = k};
    const ketch_run run = {
        .size = sizeof run, .hook = pause_run, .user = &p, .tick_seconds = 1e-12, .stop = &p.stop};
    const ketch_shots asked = {
        .size = sizeof asked, .shots = shots, .observables = q->asked, .observable_count = ASKED};
    ketch_result *result = NULL;
    ketch_status status = ketch_program_run(&result, engine, program, state, &asked, &run, NULL);
    for (*stops = 0; status == KETCH_STOPPED; ++*stops) {
        double norm;
        ck_assert_int_eq(ketch_circuit_result_observed(&norm, 1, 2, result, NULL), KETCH_SUSPENDED);
        ketch_stop_clear(&p.stop);
        p.left = k;
        status = ketch_engine_resume(engine, result, &run, NULL);
    }
    ck_assert_int_eq(status, KETCH_OK);
    double *const answers = read_answers(q, result);
    check_answers(q, state, answers);
    ketch_result_destroy(result);
    ketch_state_drop(state);
    if (p.view)
        GOOD(ketch_block_drop(p.view));
    return answers;
}

/* ending 0: gates; 1: a measurement in the middle; 2: final ones, with shots or collapsing. */
START_TEST(stop_anywhere_resume_same_answers)
{
    enum { QUBITS = 10 };
    const int ending = _i % 3;
    twin t = make_twin(QUBITS, 20, 40 + (uint64_t)_i);
    question q;
    make_question(&q, &t);
    if (ending > 0)
        GOOD(ketch_circuit_measure(t.circuit, 3, 0, &error));
    if (ending == 1)
        GOOD(ketch_circuit_measure(t.circuit, 3, 1, &error));
    const run_way way = {.precision = KETCH_DOUBLE, .tile = 7, .fence_every = _i >= 6 ? 7 : 0};
    ketch_engine *const engine = make_engine(1 + _i % 2);
    ketch_program *const program = make_program(t.circuit, &way);
    const uint64_t shots = ending == 2 && _i >= 3 ? 50 : 0;
    int stops = 1;
    double *const straight =
        answers_in_pieces(&q, engine, program, UINT64_C(1) << 40, shots, &stops);
    ck_assert_int_eq(stops, 0);
    stops = 1;
    for (uint64_t k = 2; stops > 0; k++) { /* with 1 nothing is ever done */
        double *const pieces = answers_in_pieces(&q, engine, program, k, shots, &stops);
        ck_assert_int_eq(memcmp(straight, pieces, NUMBERS * sizeof *pieces), 0);
        free(pieces);
    }
    free(straight);
    ketch_program_drop(program);
    GOOD(ketch_engine_destroy(engine, &error));
    twin_destroy(&t);
}
END_TEST

/* ---- saved and loaded ---- */

static int32_t stop_at_tick(const ketch_step *step, void *user)
{
    (void)step;
    uint64_t *const left = user;
    return *left > 0 && --*left == 0;
}

/* Stops at tick k, saves, loads, and goes on. False: the run ended before. */
static bool answers_from_file(double values[2], ketch_engine *engine, ketch_program *program,
                              const ketch_shots *asked, uint64_t k)
{
    const ketch_run run = {
        .size = sizeof run, .hook = stop_at_tick, .user = &k, .tick_seconds = 1e-12};
    ketch_result *result = NULL;
    const ketch_status status =
        ketch_program_run(&result, engine, program, NULL, asked, &run, NULL);
    if (status == KETCH_STOPPED) {
        GOOD(ketch_result_save(result, save_path, NULL, 0, 1, &error));
        ketch_result_destroy(result);
        GOOD(ketch_circuit_load(&result, engine, program, save_path, &error));
        GOOD(ketch_engine_resume(engine, result, NULL, &error));
    }
    for (uint64_t i = 0; i < 2; i++)
        GOOD(ketch_circuit_result_observed(values + i, 1, i, result, &error));
    ketch_result_destroy(result);
    return status == KETCH_STOPPED;
}

/* X on each of 16 qubits: two sweeps for the sum, and more for its variance. */
START_TEST(saved_between_sweeps)
{
    enum { QUBITS = 16 };
    uint64_t x[QUBITS], z[QUBITS] = {0};
    double coefficients[QUBITS];
    twin t = make_twin(QUBITS, 0, 55);
    for (int32_t q = 0; q < QUBITS; q++) {
        x[q] = UINT64_C(1) << q;
        coefficients[q] = twin_angle(&t);
        const double angle = twin_angle(&t);
        GOOD(ketch_circuit_gate(t.circuit, KETCH_GATE_RY, &q, &angle, &error));
    }
    const ketch_observable sum = {.size = sizeof sum,
                                  .kind = KETCH_OBSERVE_PAULI,
                                  .count = QUBITS,
                                  .masks = z,
                                  .coefficients = coefficients,
                                  .x_masks = x};
    ketch_observable both[] = {sum, sum};
    both[1].kind = KETCH_OBSERVE_VARIANCE;
    const ketch_shots asked = {.size = sizeof asked, .observables = both, .observable_count = 2};
    ketch_engine *const engine = make_engine(1);
    ketch_program *const program = make_program(t.circuit, &(run_way){.precision = KETCH_DOUBLE});
    make_directory();
    double straight[2], pieces[2];
    ck_assert(!answers_from_file(straight, engine, program, &asked, 0));
    int stops = 0;
    for (uint64_t k = 2; answers_from_file(pieces, engine, program, &asked, k); k++, stops++)
        ck_assert_mem_eq(pieces, straight, sizeof pieces);
    ck_assert_int_gt(stops, 27); /* four tiles in each of seven sweeps, and what comes before */
    remove_directory();
    ketch_program_drop(program);
    GOOD(ketch_engine_destroy(engine, &error));
    twin_destroy(&t);
}
END_TEST

/* ---- what it costs ---- */

/* The second of two runs: the first finds memory that is zero already. */
static ketch_report report_of(ketch_engine *engine, ketch_program *program,
                              const ketch_shots *asked, uint64_t *outcomes)
{
    ketch_program_info info = {.size = sizeof info};
    GOOD(ketch_program_get_info(&info, program, &error));
    ketch_state *const state = make_state(engine, info.qubits, info.precision);
    ketch_result *result = NULL;
    ketch_report report = {.size = sizeof report};
    GOOD(ketch_program_run(&result, engine, program, state, NULL, NULL, &error));
    ketch_result_destroy(result);
    GOOD(ketch_state_set_ket(state, NULL, &error));
    GOOD(ketch_program_run(&result, engine, program, state, asked, NULL, &error));
    GOOD(ketch_result_get_report(&report, result, &error));
    if (outcomes)
        GOOD(ketch_state_sample(outcomes, asked->shots, engine, state, asked->seed, 0, &error));
    for (uint64_t shot = 0; outcomes && shot < asked->shots; shot++) {
        ketch_outcomes rows = {.size = sizeof rows};
        GOOD(ketch_circuit_result_outcomes(&rows, result, &error));
        for (uint64_t b = 0; b < rows.bits; b++)
            if (rows.rows[shot * rows.bits + b] != (outcomes[shot] >> b & 1))
                ck_abort_msg("shot %d", (int)shot);
    }
    ketch_result_destroy(result);
    ketch_state_drop(state);
    return report;
}

START_TEST(cost_no_sweep)
{
    const run_way way = {.precision = _i ? KETCH_SINGLE : KETCH_DOUBLE};
    twin t = make_twin(16, 30, 77 + (uint64_t)_i);
    question q;
    make_question(&q, &t);
    ketch_engine *const engine = make_engine(2);
    ketch_program *const program = make_program(t.circuit, &way);
    const ketch_report plain = report_of(engine, program, NULL, NULL);
    q.asked[3].count = 3; /* not all qubits */
    const ketch_shots asked = {
        .size = sizeof asked, .observables = q.asked, .observable_count = OF_Z};
    const ketch_report watched = report_of(engine, program, &asked, NULL);
    ck_assert_uint_eq(plain.sweeps, watched.sweeps);
    ck_assert_uint_eq(plain.bytes, watched.bytes);
    ck_assert_uint_eq(plain.indices, watched.indices);
    ketch_program_drop(program);
    GOOD(ketch_engine_destroy(engine, &error));
    twin_destroy(&t);
}
END_TEST

/* Shots take one more sweep than the gates, the one that finds them, and one over their rows; they
 * are those of the state. */
START_TEST(shots_take_the_chunk_sums)
{
    enum { QUBITS = 17, SHOTS = 3000 };
    uint64_t outcomes[SHOTS];
    const ketch_precision precision = _i % 2 ? KETCH_SINGLE : KETCH_DOUBLE;
    const run_way way = {.precision = precision, .tile = _i / 2 ? 11 : 0};
    twin t = twin_create(QUBITS, QUBITS, 30 + (uint64_t)_i);
    for (int i = 0; i < 40; i++)
        twin_random_gate(&t);
    ketch_engine *const engine = make_engine(2);
    ketch_program *program = make_program(t.circuit, &way);
    const ketch_report plain = report_of(engine, program, NULL, NULL);
    ketch_program_drop(program);
    for (int q = 0; q < QUBITS; q++)
        GOOD(ketch_circuit_measure(t.circuit, q, q, &error));
    program = make_program(t.circuit, &way);
    const ketch_shots asked = {.size = sizeof asked, .shots = SHOTS, .seed = 9};
    const ketch_report drawn = report_of(engine, program, &asked, outcomes);
    ck_assert_uint_eq(plain.sweeps + 1, drawn.sweeps); /* numbers and rows are too few for one */
    ck_assert_uint_eq(plain.bytes + (uint64_t)((precision == KETCH_SINGLE ? 8 : 16) << QUBITS),
                      drawn.bytes);
    ketch_program_drop(program);
    GOOD(ketch_engine_destroy(engine, &error));
    twin_destroy(&t);
}
END_TEST

/* ---- of a state ---- */

START_TEST(expectations_match_reference)
{
    static const int32_t threads[] = {2, 3, 8};
    for (int qubits = 1; qubits <= 16; qubits++) {
        twin t = make_twin(qubits, 0, 60 + (uint64_t)qubits);
        question q;
        make_question(&q, &t);
        ketch_engine *engine = make_engine(1);
        ketch_state *const state = random_state(engine, &t, _i ? KETCH_SINGLE : KETCH_DOUBLE);
        double alone = 0, shared = 0;
        GOOD(ketch_state_expectation(&alone, NULL, state, TERMS, q.masks, q.coefficients, &error));
        check_answer(&q.asked[0], state, &alone);
        GOOD(ketch_engine_destroy(engine, &error));
        for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
            engine = make_engine(threads[i]);
            GOOD(ketch_state_expectation(&shared, engine, state, TERMS, q.masks, q.coefficients,
                                         &error));
            ck_assert(alone == shared);
            GOOD(ketch_engine_destroy(engine, &error));
        }
        GOOD(ketch_state_expectation(&alone, NULL, state, 0, NULL, NULL, &error));
        ck_assert(alone == 0);
        ketch_state_drop(state);
        twin_destroy(&t);
    }
}
END_TEST

/* A run's sweeps add a sum of terms with X up as a call of its own does. */
START_TEST(runs_and_states_have_the_same_bits)
{
    const run_way way = {.precision = _i ? KETCH_SINGLE : KETCH_DOUBLE};
    twin t = make_twin(17, 30, 88);
    question q;
    make_question(&q, &t);
    ketch_engine *const engine = make_engine(2);
    ketch_program *const program = make_program(t.circuit, &way);
    ketch_state *const state = make_state(engine, 17, way.precision);
    const ketch_shots asked = {
        .size = sizeof asked, .observables = q.asked + OF_Z + 1, .observable_count = 3};
    double values[3], expected[3];
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, &asked, NULL, &error));
    for (uint64_t i = 0; i < 3; i++) {
        const ketch_observable *const o = &q.asked[OF_Z + 1 + i];
        GOOD(ketch_circuit_result_observed(values + i, 1, i, result, &error));
        GOOD((i == 1 ? ketch_state_pauli : ketch_state_variance)(
            expected + i, engine, state, o->count, o->x_masks, o->masks, o->coefficients, &error));
    }
    ck_assert_mem_eq(values, expected, sizeof values);
    ketch_result_destroy(result);
    ketch_state_drop(state);
    ketch_program_drop(program);
    GOOD(ketch_engine_destroy(engine, &error));
    twin_destroy(&t);
}
END_TEST

/* Neither terms nor X masks. */
START_TEST(empty_sums_are_zero)
{
    twin t = make_twin(5 + 6 * _i, 9, 89);
    const run_way way = {.precision = KETCH_DOUBLE};
    ketch_engine *const engine = make_engine(1);
    ketch_program *const program = make_program(t.circuit, &way);
    const ketch_observable none[] = {{.size = sizeof *none, .kind = KETCH_OBSERVE_PAULI},
                                     {.size = sizeof *none, .kind = KETCH_OBSERVE_VARIANCE}};
    const ketch_shots asked = {.size = sizeof asked, .observables = none, .observable_count = 2};
    double values[2] = {7, 7};
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, NULL, &asked, NULL, &error));
    for (uint64_t i = 0; i < 2; i++)
        GOOD(ketch_circuit_result_observed(values + i, 1, i, result, &error));
    ck_assert(values[0] == 0 && values[1] == 0);
    ketch_result_destroy(result);
    ketch_program_drop(program);
    GOOD(ketch_engine_destroy(engine, &error));
    twin_destroy(&t);
}
END_TEST

/* A caller whose header had no X masks: its structs are smaller. */
START_TEST(older_structs_have_no_x_masks)
{
    enum { OLD = offsetof(ketch_observable, x_masks) };
    const uint64_t mask = 5;
    const double coefficient = 2;
    char old[2 * OLD];
    for (int i = 0; i < 2; i++) {
        const ketch_observable each = {.size = OLD,
                                       .kind = i ? KETCH_OBSERVE_PAULI : KETCH_OBSERVE_Z,
                                       .count = 1,
                                       .masks = &mask,
                                       .coefficients = &coefficient,
                                       .x_masks = &mask};
        memcpy(old + i * OLD, &each, OLD);
    }
    ketch_engine *const engine = make_engine(1);
    twin t = make_twin(6, 9, 89);
    ketch_program *const program = make_program(t.circuit, &(run_way){.precision = KETCH_DOUBLE});
    const ketch_shots asked = {.size = sizeof asked,
                               .observables = (const ketch_observable *)(const void *)old,
                               .observable_count = 2};
    double values[2];
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, NULL, &asked, NULL, &error));
    for (uint64_t i = 0; i < 2; i++)
        GOOD(ketch_circuit_result_observed(values + i, 1, i, result, &error));
    ck_assert(values[0] == values[1] && values[0] != 0);
    ketch_result_destroy(result);
    ketch_program_drop(program);
    twin_destroy(&t);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

int main(void)
{
    static const char *const endings[] = {"gates", "a measurement in the middle", "final ones"};
    static const char *const tiles[] = {"double, tiles as chosen", "single, tiles as chosen",
                                        "double, small tiles", "single, small tiles"};
    Suite *const suite = suite_create("observe");
    TCase *const all = tcase_create("all");
    tcase_set_timeout(all, 300);
    for (int i = 0; i < (WITH_TSAN ? 2 : 6); i++) /* threads share alike with each kernel set */
        if (ketch_kernels_usable(all_kernels[i / 2]))
            add_indexed(all, match_reference, i, "%s, %s", ketch_kernels_name(all_kernels[i / 2]),
                        i % 2 ? "single" : "double");
        else
            add_skipped(all, match_reference, "this machine does not run %s",
                        ketch_kernels_name(all_kernels[i / 2]));
    add_precisions(all, match_reference_in_large);
    add_seeds(all, after_other_endings, 4);
    tcase_add_test(all, before_shots);
    add_precisions(all, other_norms);
    for (int i = 0; i < 9; i++)
        add_indexed(all, stop_anywhere_resume_same_answers, i, "%s, %d threads%s", endings[i % 3],
                    1 + i % 2, i >= 6 ? ", with fences" : "");
    tcase_add_test(all, saved_between_sweeps);
    add_precisions(all, cost_no_sweep);
    add_list(all, shots_take_the_chunk_sums, tiles, 4);
    add_precisions(all, expectations_match_reference);
    add_precisions(all, runs_and_states_have_the_same_bits);
    add_numbers(all, empty_sums_are_zero, 0, 1, "times 6 more than 5 qubits");
    tcase_add_test(all, older_structs_have_no_x_masks);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
