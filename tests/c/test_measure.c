/* Reductions, sampling and measurement against slow obvious references, and the same bits with any
 * engine. */
#include "engine.h"
#include "ket/state/collapse.h"
#include "ket/state/reduce.h"
#include "ket/state/sample.h"
#include "ket/state/state.h"
#include "ket/state/streams.h"
#include "ketch.h"
#include "random.h"
#include "suite.h"
#include "words.h"
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double random_number(uint64_t *seed)
{
    return (double)(next_word(seed) >> 11) * 0x1p-52 - 1;
}

static const ketch_precision precisions[] = {KETCH_DOUBLE, KETCH_SINGLE};

static ketch_arena *new_arena(void)
{
    ketch_arena *arena;
    ck_assert_int_eq(ketch_arena_create(&arena, NULL, NULL), KETCH_OK);
    return arena;
}

static ketch_engine *new_engine(int32_t threads, ketch_arena *arena)
{
    const ketch_engine_options options = {
        .size = sizeof options, .threads = threads, .arena = arena};
    ketch_engine *engine;
    ck_assert_int_eq(ketch_engine_create(&engine, &options, NULL), KETCH_OK);
    return engine;
}

/* A state of random amplitudes, every `sparse`-th of them not zero. */
static ketch_state *new_state(ketch_arena *arena, int32_t qubits, ketch_precision precision,
                              uint64_t seed, uint64_t sparse)
{
    const uint64_t count = UINT64_C(1) << qubits;
    double *const amplitudes = malloc(2 * count * sizeof *amplitudes);
    for (uint64_t i = 0; i < 2 * count; i++)
        amplitudes[i] = (i / 2 + 1) % sparse ? 0 : random_number(&seed);
    ketch_state *state;
    ck_assert_int_eq(ketch_state_create(&state, arena, qubits, precision, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_state_set_amplitudes(state, amplitudes, count, KETCH_DOUBLE, 1, NULL),
                     KETCH_OK);
    free(amplitudes);
    return state;
}

/* Without ck_assert, which writes to a file each time: this is called for every amplitude. */
static double part_of(const ketch_state *state, uint64_t part)
{
    ktq_state_make_readable(state, NULL);
    return state->precision == KETCH_SINGLE ? (double)((const float *)state->amplitudes)[part]
                                            : ((const double *)state->amplitudes)[part];
}

/* All its numbers, to be freed. */
static double *parts_of(const ketch_state *state)
{
    const uint64_t count = UINT64_C(2) << state->qubits;
    double *const parts = malloc(count * sizeof *parts);
    for (uint64_t i = 0; i < count; i++)
        parts[i] = part_of(state, i);
    return parts;
}

static long double square_of(const ketch_state *state, uint64_t index)
{
    const long double re = part_of(state, 2 * index), im = part_of(state, 2 * index + 1);
    return re * re + im * im;
}

static ktq_chunks view_of(const ketch_state *state)
{
    return (ktq_chunks){state->amplitudes, state->qubits, state->precision};
}

/* ---- sums ------------------------------------------------------------------------------------ */

START_TEST(weights_match_reference)
{
    ketch_arena *const arena = new_arena();
    const ketch_precision precision = precisions[_i];
    uint64_t seed = 1;
    for (int32_t n = 1; n <= 16; n++) {
        ketch_state *const state = new_state(arena, n, precision, (uint64_t)n, 1);
        const uint64_t all = (UINT64_C(1) << n) - 1;
        for (int trial = 0; trial < 12; trial++) {
            const uint64_t mask = trial == 0  ? 0
                                  : trial < 6 ? UINT64_C(1) << next_word(&seed) % (uint64_t)n
                                              : next_word(&seed) & next_word(&seed) & all;
            const uint64_t value = next_word(&seed) & mask;
            double partial[4];
            ck_assert_uint_le(ktq_chunk_count(n), 4);
            ktq_weight weight = {view_of(state), mask, value, partial};
            for (uint64_t chunk = 0; chunk < ktq_chunk_count(n); chunk++)
                ktq_weight_body(chunk, 0, &weight);
            long double expected = 0;
            for (uint64_t i = 0; i <= all; i++)
                if ((i & mask) == value)
                    expected += square_of(state, i);
            ck_assert_double_eq_tol(ktq_weight_sum(&weight), (double)expected, 1e-14);
            ck_assert(ktq_weight_serial(&weight) == ktq_weight_sum(&weight));
        }
        ketch_state_drop(state);
    }
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(norm_and_inner_match_reference)
{
    ketch_arena *const arena = new_arena();
    const ketch_precision precision = precisions[_i];
    for (int32_t n = 1; n <= 16; n++) {
        ketch_state *const a = new_state(arena, n, precision, 10 + (uint64_t)n, 1);
        ketch_state *const b = new_state(arena, n, precision, 50 + (uint64_t)n, 1);
        long double re = 0, im = 0, square = 0;
        for (uint64_t i = 0; i < UINT64_C(1) << n; i++) {
            const long double ar = part_of(a, 2 * i), ai = part_of(a, 2 * i + 1);
            const long double br = part_of(b, 2 * i), bi = part_of(b, 2 * i + 1);
            re += ar * br + ai * bi;
            im += ar * bi - ai * br;
            square += ar * ar + ai * ai;
        }
        double inner[2], norm;
        ck_assert_int_eq(ketch_state_inner(inner, NULL, a, b, NULL), KETCH_OK);
        ck_assert_double_eq_tol(inner[0], (double)re, 1e-14);
        ck_assert_double_eq_tol(inner[1], (double)im, 1e-14);
        ck_assert_int_eq(ketch_state_norm(&norm, NULL, a, NULL), KETCH_OK);
        ck_assert_double_eq_tol(norm, sqrt((double)square), 1e-14);
        ketch_state_drop(a);
        ketch_state_drop(b);
    }
    ketch_arena_drop(arena);
}
END_TEST

/* The first `count` of 0..n-1 in a random order. */
static void shuffle(int32_t *qubits, int32_t n, uint64_t *seed)
{
    for (int32_t i = 0; i < n; i++)
        qubits[i] = i;
    for (int32_t i = n - 1; i > 0; i--) {
        const uint64_t j = next_word(seed) % (uint64_t)(i + 1);
        const int32_t kept = qubits[i];
        qubits[i] = qubits[j];
        qubits[j] = kept;
    }
}

static void check_probabilities(const ketch_state *state, int32_t count, const int32_t *qubits)
{
    const uint64_t outcomes = UINT64_C(1) << count;
    double *const found = malloc((outcomes + 1) * sizeof *found);
    long double *const expected = calloc(outcomes, sizeof *expected);
    found[outcomes] = 7;
    for (uint64_t i = 0; i < UINT64_C(1) << state->qubits; i++) {
        uint64_t outcome = 0;
        for (int32_t j = 0; j < count; j++)
            outcome |= (i >> qubits[j] & 1) << j;
        expected[outcome] += square_of(state, i);
    }
    ck_assert_int_eq(ketch_state_probabilities(found, outcomes, NULL, state, count, qubits, NULL),
                     KETCH_OK);
    for (uint64_t i = 0; i < outcomes; i++)
        if (!(fabs(found[i] - (double)expected[i]) < 1e-14))
            ck_abort_msg("outcome %d", (int)i);
    ck_assert(found[outcomes] == 7);
    free(found);
    free(expected);
}

START_TEST(probabilities_match_reference)
{
    ketch_arena *const arena = new_arena();
    uint64_t seed = 3;
    for (int32_t n = 1; n <= 16; n++) {
        ketch_state *const state = new_state(arena, n, precisions[_i], 90 + (uint64_t)n, 1);
        int32_t qubits[16];
        for (int32_t count = 0; count <= n; count += 1 + n / 6) {
            shuffle(qubits, n, &seed);
            check_probabilities(state, count, qubits);
        }
        shuffle(qubits, n, &seed);
        check_probabilities(state, n, qubits);
        ketch_state_drop(state);
    }
    ketch_arena_drop(arena);
}
END_TEST

/* ---- the same bits --------------------------------------------------------------------------- */

enum { SHOTS = 5000, LOOKED = 9, SAME_QUBITS = 17 };

typedef struct everything {
    double norm, inner[2];
    double few[1 << LOOKED], many[1 << SAME_QUBITS], one[2];
    uint64_t shots[SHOTS];
    int32_t outcomes[SAME_QUBITS];
    double amplitudes[2 << SAME_QUBITS];
} everything;

static void look_at_everything(everything *seen, ketch_engine *engine, ketch_arena *arena,
                               ketch_precision precision)
{
    static const int32_t few[LOOKED] = {16, 2, 7, 0, 11, 12, 5, 6, 9}, one = 8;
    int32_t all[SAME_QUBITS];
    uint64_t seed = 5;
    shuffle(all, SAME_QUBITS, &seed);
    memset(seen, 0, sizeof *seen);
    ketch_state *const a = new_state(arena, SAME_QUBITS, precision, 1, 1);
    ketch_state *const b = new_state(arena, SAME_QUBITS, precision, 2, 1);
    ck_assert_int_eq(ketch_state_norm(&seen->norm, engine, a, NULL), 0);
    ck_assert_int_eq(ketch_state_inner(seen->inner, engine, a, b, NULL), 0);
    ck_assert_int_eq(
        ketch_state_probabilities(seen->few, 1 << LOOKED, engine, a, LOOKED, few, NULL), 0);
    ck_assert_int_eq(
        ketch_state_probabilities(seen->many, 1 << SAME_QUBITS, engine, a, SAME_QUBITS, all, NULL),
        0);
    ck_assert_int_eq(ketch_state_probabilities(seen->one, 2, engine, a, 1, &one, NULL), 0);
    ck_assert_int_eq(ketch_state_sample(seen->shots, SHOTS, engine, a, 77, 5, NULL), 0);
    for (int32_t q = 0; q < SAME_QUBITS; q++)
        ck_assert_int_eq(
            ketch_state_measure(&seen->outcomes[q], engine, a, q, 8, (uint64_t)q, NULL), 0);
    for (uint64_t i = 0; i < 2 << SAME_QUBITS; i++)
        seen->amplitudes[i] = part_of(a, i);
    ketch_state_drop(a);
    ketch_state_drop(b);
}

START_TEST(any_engine_gives_the_same_bits)
{
    static const int32_t threads[] = {1, 2, 3, 8};
    ketch_arena *const arena = new_arena();
    everything *const alone = malloc(sizeof *alone), *const shared = malloc(sizeof *shared);
    look_at_everything(alone, NULL, arena, precisions[_i]);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        ketch_engine *const engine = new_engine(threads[i], arena);
        look_at_everything(shared, engine, arena, precisions[_i]);
        ck_assert_mem_eq(alone, shared, sizeof *alone);
        ck_assert_int_eq(ketch_engine_destroy(engine, NULL), KETCH_OK);
    }
    free(alone);
    free(shared);
    ketch_arena_drop(arena);
}
END_TEST

/* ---- samples --------------------------------------------------------------------------------- */

/* Each shot is where the running sum of the probabilities passes its uniform number. */
static void check_shots(const ketch_state *state, uint64_t seed, uint64_t shots)
{
    const uint64_t count = UINT64_C(1) << state->qubits;
    long double *const below = malloc((count + 1) * sizeof *below);
    below[0] = 0;
    for (uint64_t i = 0; i < count; i++)
        below[i + 1] = below[i] + square_of(state, i);
    uint64_t *const outcomes = malloc(shots * sizeof *outcomes);
    ck_assert_int_eq(ketch_state_sample(outcomes, shots, NULL, state, seed, 0, NULL), KETCH_OK);
    for (uint64_t s = 0; s < shots; s++) {
        const long double u = kt_uniform(seed, KTQ_STREAM_SAMPLE, s) * below[count];
        const uint64_t at = outcomes[s];
        if (at >= count || square_of(state, at) == 0 || below[at] > u + 1e-14L ||
            below[at + 1] <= u - 1e-14L)
            ck_abort_msg("shot %d", (int)s);
    }
    free(outcomes);
    free(below);
}

START_TEST(shots_match_reference)
{
    ketch_arena *const arena = new_arena();
    for (int32_t n = 1; n <= 16; n++)
        for (uint64_t sparse = 1; sparse <= UINT64_C(1) << n; sparse *= 3) {
            ketch_state *const state =
                new_state(arena, n, precisions[_i], 300 + (uint64_t)n, sparse);
            check_shots(state, (uint64_t)n, n % 2 ? 40 : 1500);
            ketch_state_drop(state);
        }
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(splitting_shots_changes_nothing)
{
    enum { COUNT = 20000 };
    static const uint64_t sizes[] = {1, 7, 64, 1000};
    ketch_arena *const arena = new_arena();
    ketch_state *const state = new_state(arena, 10, precisions[_i], 4, 1);
    uint64_t *const whole = malloc(COUNT * sizeof *whole), *const parts = malloc(COUNT * 8);
    ck_assert_int_eq(ketch_state_sample(whole, COUNT, NULL, state, 6, 0, NULL), KETCH_OK);
    for (size_t i = 0; i < 4; i++) {
        memset(parts, 255, COUNT * 8);
        for (uint64_t at = 0; at < COUNT; at += sizes[i]) {
            const uint64_t size = COUNT - at < sizes[i] ? COUNT - at : sizes[i];
            ck_assert_int_eq(ketch_state_sample(parts + at, size, NULL, state, 6, at, NULL), 0);
        }
        ck_assert_mem_eq(whole, parts, COUNT * 8);
    }
    free(whole);
    free(parts);
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(more_shots_than_a_batch)
{
    const uint64_t batch = 1 << 20, shots = batch + 1000;
    ketch_arena *const arena = new_arena();
    ketch_state *const state = new_state(arena, 8, KETCH_DOUBLE, 4, 1);
    uint64_t *const whole = malloc(shots * 8), tail[1000];
    ck_assert_int_eq(ketch_state_sample(whole, shots, NULL, state, 6, 0, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_state_sample(tail, 1000, NULL, state, 6, batch, NULL), KETCH_OK);
    ck_assert_mem_eq(whole + batch, tail, sizeof tail);
    free(whole);
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

/* Weights whose multiples overflow, and such as are smaller than what can be divided by. */
START_TEST(norms_at_the_ends_of_the_range)
{
    static const double sizes[] = {1e153, 4e152, 1e-153, 3e-160, 1e-160};
    enum { DRAWS = 3000, INDICES = 4 };
    ketch_arena *const arena = new_arena();
    ketch_state *const state = new_state(arena, 2, KETCH_DOUBLE, 1, 1);
    const double amplitudes[2 * INDICES] = {sizes[_i], 0, 0, 0, sizes[_i], 0, 0, 0};
    memcpy(state->amplitudes, amplitudes, sizeof amplitudes);
    uint64_t shots[DRAWS], counts[INDICES] = {0};
    ck_assert_int_eq(ketch_state_sample(shots, DRAWS, NULL, state, 6, 0, NULL), KETCH_OK);
    for (int i = 0; i < DRAWS; i++) {
        ck_assert_uint_lt(shots[i], INDICES);
        counts[shots[i]]++;
    }
    ck_assert_uint_eq(counts[0] + counts[2], DRAWS);
    ck_assert_uint_gt(counts[0], DRAWS / 2 - 150);
    ck_assert_uint_gt(counts[2], DRAWS / 2 - 150);
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(shots_pass_chi_square)
{
    enum { COUNT = 1000000, OUTCOMES = 256 };
    ketch_arena *const arena = new_arena();
    ketch_state *const state = new_state(arena, 8, precisions[_i], 12, 1);
    uint64_t *const shots = malloc(COUNT * sizeof *shots);
    for (uint64_t seed = 0; seed < 3; seed++) {
        ck_assert_int_eq(ketch_state_sample(shots, COUNT, NULL, state, seed, 0, NULL), KETCH_OK);
        double counts[OUTCOMES] = {0}, chi = 0, classes = 0;
        for (size_t s = 0; s < COUNT; s++)
            counts[shots[s]]++;
        for (uint64_t i = 0; i < OUTCOMES; i++) {
            const double expected = COUNT * (double)square_of(state, i);
            if (expected < 5)
                continue;
            chi += (counts[i] - expected) * (counts[i] - expected) / expected;
            classes++;
        }
        /* four standard deviations of the distribution's mean */
        ck_assert_double_gt(classes, 200);
        const double off = fabs(chi - (classes - 1)) / sqrt(2 * (classes - 1));
        ck_assert_double_lt(off, 4);
        figure("P28", "chi-square of 1,000,000 shots off its mean, below 4", off, "sigma");
    }
    free(shots);
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

static double correlation(const uint64_t *a, const uint64_t *b, size_t count)
{
    double ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < count; i++)
        ma += (double)a[i] / (double)count, mb += (double)b[i] / (double)count;
    for (size_t i = 0; i < count; i++) {
        const double x = (double)a[i] - ma, y = (double)b[i] - mb;
        ab += x * y, aa += x * x, bb += y * y;
    }
    return ab / sqrt(aa * bb);
}

START_TEST(adjacent_seeds_are_uncorrelated)
{
    enum { COUNT = 100000 };
    ketch_arena *const arena = new_arena();
    ketch_state *state;
    ck_assert_int_eq(ketch_state_create(&state, arena, 8, KETCH_DOUBLE, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_state_set_ket(state, "++++++++", NULL), KETCH_OK);
    uint64_t *const a = malloc((COUNT + 1) * 8), *const b = malloc(COUNT * 8);
    for (uint64_t seed = 0; seed < 8; seed++) {
        ck_assert_int_eq(ketch_state_sample(a, COUNT + 1, NULL, state, seed, 0, NULL), KETCH_OK);
        ck_assert_int_eq(ketch_state_sample(b, COUNT, NULL, state, seed + 1, 0, NULL), KETCH_OK);
        ck_assert_double_lt(fabs(correlation(a, b, COUNT)), 4 / sqrt(COUNT));
        ck_assert_double_lt(fabs(correlation(a, a + 1, COUNT)), 4 / sqrt(COUNT));
    }
    free(a);
    free(b);
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

/* Numbers in order, to outcomes, in a state of four qubits. */
static void locate(uint64_t *outcomes, const double *amplitudes, double *cumulative,
                   double *uniform, uint16_t *order, uint64_t shots)
{
    double scratch[128];
    const ktq_sample sample = {.chunks = {amplitudes, 4, KETCH_DOUBLE},
                               .shots = shots,
                               .cumulative = cumulative,
                               .uniform = uniform,
                               .order = order,
                               .outcomes = outcomes};
    ck_assert_uint_le(ktq_sample_scratch(&sample), sizeof scratch);
    ck_assert_uint_eq(ktq_sample_parts(&sample), 1);
    ktq_sample_locate(&sample, 0, scratch);
}

/* Each number is changed to what no draw gives. */
START_TEST(made_up_numbers_are_told)
{
    double weights[2] = {0, 1}, uniform[3] = {0, 0.5, 0.75};
    uint16_t order[3] = {2, 0, 1};
    uint64_t outcomes[3];
    const ktq_sample sample = {.chunks = {.qubits = 4},
                               .shots = 3,
                               .cumulative = weights,
                               .uniform = uniform,
                               .order = order,
                               .outcomes = outcomes};
    static const double bad_weights[][2] = {{0, 0}, {0, -1}, {0, INFINITY}, {0, NAN}, {0.1, 1}};
    static const double bad_numbers[] = {-0.1, 1, INFINITY, NAN, 0.8};
    ck_assert(ktq_sample_is_valid(&sample, true));
    for (size_t i = 0; i < 5; i++) {
        weights[0] = bad_weights[i][0], weights[1] = bad_weights[i][1];
        ck_assert(!ktq_sample_is_valid(&sample, false));
        weights[0] = 0, weights[1] = 1;
        uniform[1] = bad_numbers[i];
        ck_assert(!ktq_sample_is_valid(&sample, true) && ktq_sample_is_valid(&sample, false));
        uniform[1] = 0.5;
    }
    order[1] = 3;
    ck_assert(!ktq_sample_is_valid(&sample, true) && ktq_sample_is_valid(&sample, false));
}
END_TEST

/* A shot above what the chunk's amplitudes add up to (sums rounded another way) gets the last
 * amplitude that is not zero. */
START_TEST(a_shot_beyond_the_sum_has_weight)
{
    double amplitudes[32] = {0}, start[2] = {0, 1 + 1e-9};
    amplitudes[2 * 3] = 0.6, amplitudes[2 * 9 + 1] = 0.8;
    double uniform[3] = {0.1, 1 + 1e-10, nextafter(1 + 1e-9, 0)};
    uint16_t order[3] = {0, 2, 1};
    uint64_t outcomes[3] = {99, 99, 99};
    locate(outcomes, amplitudes, start, uniform, order, 3);
    ck_assert_uint_eq(outcomes[0], 3);
    ck_assert_uint_eq(outcomes[1], 9);
    ck_assert_uint_eq(outcomes[2], 9);
}
END_TEST

/* Seven weights of 2^-53 vanish one by one beside 1, but not in pairs: the shot between the two
 * sums must not fall on the zero amplitude that follows. */
START_TEST(a_shot_lost_to_rounding_has_weight)
{
    double amplitudes[32] = {1}, start[2] = {0, 2}, uniform[1] = {1 + 0x1p-52};
    for (int part = 2; part < 16; part++)
        amplitudes[part] = 0x1p-27;
    amplitudes[2 * 9] = 1;
    uint16_t order[1] = {0};
    uint64_t outcomes[1] = {99};
    locate(outcomes, amplitudes, start, uniform, order, 1);
    ck_assert_uint_eq(outcomes[0], 9);
}
END_TEST

/* ---- measurement ----------------------------------------------------------------------------- */

START_TEST(outcomes_are_chosen)
{
    ck_assert_int_eq(ktq_outcome_choose(0.25, 0.75, 0.2499).value, 0);
    ck_assert_int_eq(ktq_outcome_choose(0.25, 0.75, 0.25).value, 1);
    ck_assert(ktq_outcome_choose(0.25, 0.75, 0.1).scale == 2);
    ck_assert_int_eq(ktq_outcome_choose(0, 1e-30, 0).value, 1);
    ck_assert_int_eq(ktq_outcome_choose(1e-30, 0, 1 - 0x1p-53).value, 0);
    ck_assert_int_eq(ktq_outcome_choose(1 - 1e-9, 0, 1 - 1e-12).value, 0);
}
END_TEST

static void check_collapse(ketch_state *state, const double *before, int32_t qubit, int32_t outcome,
                           int32_t move)
{
    const uint64_t count = UINT64_C(1) << state->qubits, bit = UINT64_C(1) << qubit;
    ktq_collapse collapse = {
        state->amplitudes, state->qubits, state->precision, qubit, outcome, move, 0.5};
    for (uint64_t chunk = 0; chunk < ktq_collapse_count(state->qubits); chunk++)
        ktq_collapse_body(chunk, 0, &collapse);
    double *const after = parts_of(state);
    for (uint64_t i = 0; i < 2 * count; i++) {
        const uint64_t index = i / 2, from = (index & ~bit) | (outcome ? bit : 0);
        const bool kept = move ? !(index & bit) : index == from;
        if (after[i] != (kept ? before[2 * from + i % 2] * 0.5 : 0))
            ck_abort_msg("part %d", (int)i);
    }
    free(after);
}

START_TEST(collapse_matches_reference)
{
    ketch_arena *const arena = new_arena();
    for (int32_t n = 1; n <= 16; n++) {
        ketch_state *const state = new_state(arena, n, precisions[_i], 9, 1);
        double *const before = parts_of(state);
        for (int32_t q = 0; q < n; q += 1 + n / 5)
            for (int32_t kind = 0; kind < 4; kind++) {
                ck_assert_int_eq(ketch_state_set_amplitudes(state, before, UINT64_C(1) << n,
                                                            KETCH_DOUBLE, 0, NULL),
                                 KETCH_OK);
                check_collapse(state, before, q, kind & 1, kind >> 1);
            }
        free(before);
        ketch_state_drop(state);
    }
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(project_matches_reference)
{
    ketch_arena *const arena = new_arena();
    uint64_t seed = 2;
    for (int32_t n = 1; n <= 15; n++) {
        ketch_state *const before = new_state(arena, n, precisions[_i], 9, 1);
        ketch_state *const state = new_state(arena, n, precisions[_i], 9, 1);
        const uint64_t all = (UINT64_C(1) << n) - 1, mask = next_word(&seed) & all;
        const uint64_t value = next_word(&seed) & mask;
        ktq_project project = {state->amplitudes, n, precisions[_i], mask, value, 2};
        for (uint64_t chunk = 0; chunk < ktq_chunk_count(n); chunk++)
            ktq_project_body(chunk, 0, &project);
        for (uint64_t i = 0; i <= 2 * all + 1; i++)
            if (part_of(state, i) != ((i / 2 & mask) == value ? part_of(before, i) * 2 : 0))
                ck_abort_msg("part %d", (int)i);
        ketch_state_drop(before);
        ketch_state_drop(state);
    }
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(measurement_follows_its_chance)
{
    ketch_arena *const arena = new_arena();
    const double tolerance = precisions[_i] == KETCH_SINGLE ? 1e-6 : 1e-14;
    for (uint64_t seed = 0; seed < 200; seed++) {
        ketch_state *const state = new_state(arena, 5, precisions[_i], 70, 1);
        const int32_t qubit = (int32_t)(seed % 5);
        double p[2], norm;
        int32_t outcome, again;
        ck_assert_int_eq(ketch_state_probabilities(p, 2, NULL, state, 1, &qubit, NULL), 0);
        ck_assert_int_eq(ketch_state_measure(&outcome, NULL, state, qubit, seed, 3, NULL), 0);
        ck_assert_int_eq(outcome, kt_uniform(seed, KTQ_STREAM_MEASURE, 3) * (p[0] + p[1]) >= p[0]);
        ck_assert_int_eq(ketch_state_norm(&norm, NULL, state, NULL), 0);
        ck_assert_double_eq_tol(norm, 1, tolerance);
        for (uint64_t count = 0; count < 5; count++) {
            ck_assert_int_eq(ketch_state_measure(&again, NULL, state, qubit, seed, count, NULL), 0);
            ck_assert_int_eq(again, outcome);
        }
        ketch_state_drop(state);
    }
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(basis_states_measure_to_their_bits)
{
    ketch_arena *const arena = new_arena();
    ketch_state *state;
    ck_assert_int_eq(ketch_state_create(&state, arena, 4, precisions[_i], NULL), KETCH_OK);
    for (uint64_t seed = 0; seed < 20; seed++) {
        ck_assert_int_eq(ketch_state_set_ket(state, "0110", NULL), KETCH_OK);
        for (int32_t q = 0; q < 4; q++) {
            int32_t outcome;
            ck_assert_int_eq(ketch_state_measure(&outcome, NULL, state, q, seed, 0, NULL), 0);
            ck_assert_int_eq(outcome, 6 >> q & 1);
        }
        ck_assert(part_of(state, 12) == 1);
        uint64_t shots[3] = {0};
        ck_assert_int_eq(ketch_state_sample(shots, 3, NULL, state, seed, 0, NULL), 0);
        ck_assert(shots[0] == 6 && shots[1] == 6 && shots[2] == 6);
    }
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(measuring_spares_views)
{
    ketch_arena *const arena = new_arena();
    ketch_state *const state = new_state(arena, 6, precisions[_i], 70, 1);
    ketch_block *view;
    ck_assert_int_eq(ketch_state_block(&view, state, NULL), KETCH_OK);
    const size_t size = ktq_state_size(state);
    void *const before = malloc(size);
    memcpy(before, ketch_block_data(view), size);
    int32_t outcome;
    ck_assert_int_eq(ketch_state_measure(&outcome, NULL, state, 2, 0, 0, NULL), KETCH_OK);
    ck_assert_mem_eq(before, ketch_block_data(view), size);
    ck_assert(memcmp(before, state->amplitudes, size) != 0);
    free(before);
    ketch_state_drop(state);
    ck_assert_int_eq(ketch_block_drop(view), KETCH_OK);
    ketch_arena_drop(arena);
}
END_TEST

/* ---- memory and refusals --------------------------------------------------------------------- */

static void look_once(ketch_engine *engine, ketch_state *state)
{
    static const int32_t qubits[] = {3, 0};
    double norm, inner[2], p[4];
    uint64_t shots[100];
    ck_assert_int_eq(ketch_state_norm(&norm, engine, state, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_state_inner(inner, engine, state, state, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_state_probabilities(p, 4, engine, state, 2, qubits, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_state_sample(shots, 100, engine, state, 0, 0, NULL), KETCH_OK);
}

START_TEST(steady_state_maps_nothing)
{
    ketch_arena *const arena = new_arena();
    ketch_engine *const engine = new_engine(2, arena);
    ketch_state *const state = new_state(arena, 15, precisions[_i], 70, 1);
    look_once(engine, state);
    ketch_arena_stats before = {.size = sizeof before}, after = {.size = sizeof after};
    ck_assert_int_eq(ketch_arena_get_stats(&before, arena, NULL), KETCH_OK);
    for (int i = 0; i < 50; i++)
        look_once(engine, state);
    ck_assert_int_eq(ketch_arena_get_stats(&after, arena, NULL), KETCH_OK);
    ck_assert_uint_eq(before.maps, after.maps);
    ck_assert_uint_eq(before.used, after.used);
    ketch_state_drop(state);
    ck_assert_int_eq(ketch_engine_destroy(engine, NULL), KETCH_OK);
    ketch_arena_drop(arena);
}
END_TEST

#define FAILS(call, code, text)                                                                    \
    do {                                                                                           \
        ketch_error error = {.size = sizeof error};                                                \
        ck_assert_int_eq(call, code);                                                              \
        ck_assert_int_eq(error.status, code);                                                      \
        ck_assert_str_eq(error.message, text);                                                     \
    } while (0)

START_TEST(bad_input_is_refused)
{
    static const int32_t wrong[] = {0, 4}, negative[] = {-1}, twice[] = {1, 2, 1};
    ketch_arena *const arena = new_arena();
    ketch_state *const a = new_state(arena, 4, KETCH_DOUBLE, 1, 1);
    ketch_state *const b = new_state(arena, 5, KETCH_SINGLE, 1, 1);
    double x[16];
    uint64_t s[2];
    int32_t o;
    FAILS(ketch_state_norm(NULL, NULL, a, &error), KETCH_HANDLE,
          "norm: given NULL, allowed a place for the norm");
    FAILS(ketch_state_norm(x, NULL, NULL, &error), KETCH_HANDLE,
          "state: given NULL, allowed a state");
    FAILS(ketch_state_inner(NULL, NULL, a, a, &error), KETCH_HANDLE,
          "inner: given NULL, allowed a place for two numbers");
    FAILS(
        ketch_state_inner(x, NULL, a, b, &error), KETCH_MISMATCH,
        "the two states differ in shape: given 5 qubits in single precision, allowed 4 in double");
    FAILS(ketch_state_probabilities(x, 3, NULL, a, 2, twice, &error), KETCH_BUFFER,
          "no room for 2^2 probabilities: given 24 bytes, allowed 32 bytes");
    FAILS(ketch_state_probabilities(NULL, 4, NULL, a, 2, twice, &error), KETCH_BUFFER,
          "no room for 2^2 probabilities: given NULL, allowed 32 bytes");
    FAILS(ketch_state_probabilities(x, 16, NULL, a, 5, twice, &error), KETCH_RANGE,
          "the number of qubits to read: given 5, allowed 0..4");
    FAILS(ketch_state_probabilities(x, 16, NULL, a, -1, twice, &error), KETCH_RANGE,
          "the number of qubits to read: given -1, allowed 0..4");
    FAILS(ketch_state_probabilities(x, 16, NULL, a, 2, NULL, &error), KETCH_BUFFER,
          "no list of qubits: given NULL, allowed 2 qubits");
    FAILS(ketch_state_probabilities(x, 16, NULL, a, 2, wrong, &error), KETCH_INDEX,
          "no such qubit: given 4, allowed 0..3");
    FAILS(ketch_state_probabilities(x, 16, NULL, a, 1, negative, &error), KETCH_INDEX,
          "no such qubit: given -1, allowed 0..3");
    FAILS(ketch_state_probabilities(x, 16, NULL, a, 3, twice, &error), KETCH_DUPLICATE,
          "qubit 1 comes twice, the second time at position 2: given 1, allowed each qubit once");
    FAILS(ketch_state_sample(NULL, 2, NULL, a, 0, 0, &error), KETCH_BUFFER,
          "no room for the outcomes: given NULL, allowed 2 numbers");
    FAILS(ketch_state_sample(s, UINT64_C(1) << 63, NULL, a, 0, 0, &error), KETCH_RANGE,
          "the number of shots: given 9223372036854775808, allowed 0..2^63 - 1");
    FAILS(ketch_state_sample(s, 2, NULL, a, 0, UINT64_MAX - 1, &error), KETCH_RANGE,
          "shots are numbered by 64 bits: given 18446744073709551614, allowed "
          "0..18446744073709551613");
    FAILS(ketch_state_measure(NULL, NULL, a, 0, 0, 0, &error), KETCH_HANDLE,
          "outcome: given NULL, allowed a place for the outcome");
    FAILS(ketch_state_measure(&o, NULL, a, 4, 0, 0, &error), KETCH_INDEX,
          "no such qubit: given 4, allowed 0..3");
    ck_assert_int_eq(ketch_state_sample(NULL, 0, NULL, a, 0, 0, NULL), KETCH_OK);
    ketch_state_drop(a);
    ketch_state_drop(b);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(a_state_without_weight_is_refused)
{
    ketch_arena *const arena = new_arena();
    _Alignas(16) double buffer[8] = {1};
    ketch_state *state;
    uint64_t shot;
    int32_t outcome;
    ck_assert_int_eq(ketch_state_adopt(&state, arena, 2, KETCH_DOUBLE, buffer, sizeof buffer, NULL),
                     KETCH_OK);
    buffer[0] = 0;
    FAILS(ketch_state_sample(&shot, 1, NULL, state, 0, 0, &error), KETCH_NORM,
          "the norm of the state: given 0, allowed a finite norm above 0");
    FAILS(ketch_state_measure(&outcome, NULL, state, 0, 0, 0, &error), KETCH_NORM,
          "the norm of the state: given 0, allowed a finite norm above 0");
    buffer[3] = NAN;
    FAILS(ketch_state_sample(&shot, 1, NULL, state, 0, 0, &error), KETCH_NORM,
          "the norm of the state: given no finite number, allowed a finite norm above 0");
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(a_busy_engine_is_refused)
{
    ketch_arena *const arena = new_arena();
    ketch_engine *const engine = new_engine(1, arena);
    ketch_state *const state = new_state(arena, 4, KETCH_DOUBLE, 1, 1);
    double norm = 0;
    ck_assert_int_eq(kt_engine_claim(engine, "run", NULL), KETCH_OK);
    ck_assert_int_eq(ketch_state_norm(&norm, engine, state, NULL), KETCH_BUSY);
    ck_assert_int_eq(ketch_state_norm(&norm, NULL, state, NULL), KETCH_OK);
    kt_engine_release(engine);
    ck_assert_int_eq(ketch_state_norm(&norm, engine, state, NULL), KETCH_OK);
    ck_assert_double_eq_tol(norm, 1, 1e-14);
    ketch_state_drop(state);
    ck_assert_int_eq(ketch_engine_destroy(engine, NULL), KETCH_OK);
    ketch_arena_drop(arena);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("measure");
    TCase *const each = tcase_create("each precision"), *const once = tcase_create("once");
    tcase_set_timeout(each, 60);
    tcase_set_timeout(once, 60);
    add_precisions(each, weights_match_reference);
    add_precisions(each, norm_and_inner_match_reference);
    add_precisions(each, probabilities_match_reference);
    add_precisions(each, any_engine_gives_the_same_bits);
    add_precisions(each, shots_match_reference);
    add_precisions(each, splitting_shots_changes_nothing);
    add_precisions(each, shots_pass_chi_square);
    add_precisions(each, collapse_matches_reference);
    add_precisions(each, project_matches_reference);
    add_precisions(each, measurement_follows_its_chance);
    add_precisions(each, basis_states_measure_to_their_bits);
    add_precisions(each, measuring_spares_views);
    add_precisions(each, steady_state_maps_nothing);
    tcase_add_test(once, more_shots_than_a_batch);
    tcase_add_loop_test(once, norms_at_the_ends_of_the_range, 0, 5);
    tcase_add_test(once, adjacent_seeds_are_uncorrelated);
    tcase_add_test(once, made_up_numbers_are_told);
    tcase_add_test(once, a_shot_beyond_the_sum_has_weight);
    tcase_add_test(once, a_shot_lost_to_rounding_has_weight);
    tcase_add_test(once, outcomes_are_chosen);
    tcase_add_test(once, bad_input_is_refused);
    tcase_add_test(once, a_state_without_weight_is_refused);
    tcase_add_test(once, a_busy_engine_is_refused);
    suite_add_tcase(suite, each);
    suite_add_tcase(suite, once);
    return end_with(suite);
}
