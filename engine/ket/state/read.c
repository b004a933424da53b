/* Looking at states: norm, inner product, probabilities, samples, measurement. Each works with an
 * engine, claimed for the call, or on the calling thread alone, with the same bits. */
#include "cpu.h"
#include "engine.h"
#include "ket/state/checks.h"
#include "ket/state/marginal.h"
#include "ket/state/collapse.h"
#include "ket/state/read_sweep.h"
#include "ket/state/reduce.h"
#include "ket/state/sample.h"
#include "ket/state/state.h"
#include "ket/state/streams.h"
#include "ketch/circuits.h"
#include "random.h"
#include "scratch.h"
#include "status.h"
#include <assert.h>
#include <math.h>
#include <string.h>

/* Shots drawn at once: bounds the work memory. */
enum { DRAWN = 1 << 20 };

/* ---- work memory ----------------------------------------------------------------------------- */

/* A claimed engine (or none) and memory for partial sums, for one call. */
typedef struct reader {
    ketch_engine *engine;
    ketch_block *block;
    kt_scratch scratch;
} reader;

/* Room for numbers of 8 bytes, as scratch counts it. */
static uint64_t words(uint64_t count)
{
    return (count * 8 + 63) / 64 * 64;
}

static ketch_status open_reader(reader *at, ketch_engine *engine, const ketch_state *state,
                                uint64_t size, const char *function, ketch_error *error)
{
    if (engine)
        KT_TRY(kt_engine_claim(engine, function, error));
    kt_refusal refusal = {0};
    *at = (reader){.engine = engine};
    at->block = kt_arena_take(state->arena, size, "scratch", &refusal);
    if (!at->block) {
        if (engine)
            kt_engine_release(engine);
        return kt_fail_memory(error, function, "state", "partial sums", &refusal);
    }
    kt_block_written(at->block);
    kt_scratch_init(&at->scratch, kt_block_data(at->block), size);
    ktq_state_settle(state, engine);
    return KETCH_OK;
}

static void *take_words(reader *at, uint64_t count)
{
    void *const memory = kt_scratch_take(&at->scratch, count * 8);
    assert(memory);
    return memory;
}

static void close_reader(reader *at)
{
    kt_block_drop(at->block);
    if (at->engine)
        kt_engine_release(at->engine);
}

static uint64_t count_workers(const ketch_engine *engine)
{
    return engine ? (uint64_t)engine->threads : 1;
}

static ktq_chunks chunks_of(const ketch_state *state)
{
    return (ktq_chunks){state->amplitudes, state->qubits, state->precision};
}

static double weigh_state(const reader *at, ktq_weight *weight)
{
    kt_engine_sweep(at->engine, ktq_chunk_count(weight->chunks.qubits), ktq_weight_body, weight);
    return ktq_weight_sum(weight);
}

static ketch_status fail_weightless(double weight, const char *function, ketch_error *error)
{
    return kt_fail(error, KETCH_NORM, function, "state",
                   isfinite(weight) ? kt_number(sqrt(weight)).text : "no finite number",
                   "a finite norm above 0", "the norm of the state");
}

/* ---- norm, inner product --------------------------------------------------------------------- */

ketch_status ketch_state_norm(double *norm, ketch_engine *engine, const ketch_state *state,
                              ketch_error *error)
{
    if (!norm)
        return kt_fail_handle(error, __func__, "norm", "a place for the norm", NULL);
    KT_TRY(ktq_state_check_read(state, __func__, error));
    const uint64_t count = ktq_chunk_count(state->qubits);
    reader at;
    KT_TRY(open_reader(&at, engine, state, words(count), __func__, error));
    ktq_weight weight = {.chunks = chunks_of(state), .partial = take_words(&at, count)};
    *norm = sqrt(weigh_state(&at, &weight));
    close_reader(&at);
    return KETCH_OK;
}

static ketch_status check_same_shape(const ketch_state *a, const ketch_state *b,
                                     const char *function, ketch_error *error)
{
    static const char *const names[] = {"", "double", "single"};
    if (a->qubits == b->qubits && a->precision == b->precision)
        return KETCH_OK;
    return kt_fail(error, KETCH_MISMATCH, function, "b",
                   kt_format("%d qubits in %s precision", b->qubits, names[b->precision]).text,
                   kt_format("%d in %s", a->qubits, names[a->precision]).text,
                   "the two states differ in shape");
}

ketch_status ketch_state_inner(double inner[2], ketch_engine *engine, const ketch_state *a,
                               const ketch_state *b, ketch_error *error)
{
    if (!inner)
        return kt_fail_handle(error, __func__, "inner", "a place for two numbers", NULL);
    KT_TRY(ktq_state_check_read(a, __func__, error));
    KT_TRY(ktq_state_check_read(b, __func__, error));
    KT_TRY(check_same_shape(a, b, __func__, error));
    const uint64_t count = ktq_chunk_count(a->qubits);
    reader at;
    KT_TRY(open_reader(&at, engine, a, words(2 * count), __func__, error));
    ktq_state_settle(b, engine);
    ktq_inner product = {
        .a = chunks_of(a), .b = chunks_of(b), .partial = take_words(&at, 2 * count)};
    kt_engine_sweep(engine, count, ktq_inner_body, &product);
    ktq_inner_sum(inner, &product);
    close_reader(&at);
    return KETCH_OK;
}

/* ---- probabilities --------------------------------------------------------------------------- */

static ketch_status check_qubit(const ketch_state *state, int32_t qubit, const char *argument,
                                const char *function, ketch_error *error)
{
    if (qubit >= 0 && qubit < state->qubits)
        return KETCH_OK;
    return kt_fail(error, KETCH_INDEX, function, argument, kt_format("%d", qubit).text,
                   kt_format("0..%d", state->qubits - 1).text, "no such qubit");
}

static ketch_status check_room(const double *probabilities, uint64_t capacity, int32_t count,
                               const char *function, ketch_error *error)
{
    const unsigned long long needed = 1ULL << count;
    if (probabilities && capacity >= needed)
        return KETCH_OK;
    const kt_text given = kt_format("%llu bytes", (unsigned long long)capacity * 8);
    return kt_fail(error, KETCH_BUFFER, function, probabilities ? "capacity" : "probabilities",
                   probabilities ? given.text : "NULL", kt_format("%llu bytes", 8 * needed).text,
                   "no room for 2^%d probabilities", count);
}

ketch_status ketch_state_probabilities(double *probabilities, uint64_t capacity,
                                       ketch_engine *engine, const ketch_state *state,
                                       int32_t count, const int32_t *qubits, ketch_error *error)
{
    KT_TRY(ktq_state_check_read(state, __func__, error));
    KT_TRY(ktq_qubits_check(state->qubits, count, qubits, __func__, error));
    KT_TRY(check_room(probabilities, capacity, count, __func__, error));
    ktq_marginal marginal;
    const ktq_chunks chunks = chunks_of(state);
    ktq_marginal_plan(&marginal, &chunks, count, qubits);
    const uint64_t room = marginal.slice_bits ? ktq_marginal_room(&marginal) : 0;
    reader at;
    KT_TRY(open_reader(&at, engine, state, words(room + 1), __func__, error));
    marginal.sums = room ? take_words(&at, room) : probabilities;
    kt_engine_sweep(engine, ktq_marginal_count(&marginal), ktq_marginal_body, &marginal);
    ktq_marginal_end(&marginal);
    if (room)
        memcpy(probabilities, marginal.sums, sizeof *probabilities << count);
    close_reader(&at);
    return KETCH_OK;
}

/* ---- expectation ----------------------------------------------------------------------------- */

/* Tile sums of the state, and memory for each worker: a packed frame, then sums. */
typedef struct expecting {
    ktq_tile_sums tile_sums;
    const ktq_kernel_set *kernels;
    const void *amplitudes;
    char *scratch;
    uint64_t frame_size, scratch_each;
    double *rows;
} expecting;

static ketch_status expect_body(uint64_t chunk, int32_t worker, void *user)
{
    const expecting *const e = user;
    char *const scratch = e->scratch + (uint64_t)worker * e->scratch_each;
    double *const work = (double *)(void *)(scratch + e->frame_size);
    ktq_read_sweep_chunk(&e->tile_sums, e->kernels, e->amplitudes, scratch, work, chunk,
                         e->rows + chunk);
    return KETCH_OK;
}

/* The same for every state of that shape, at any number of threads. */
static void set_expecting(expecting *e, const ketch_state *state, const ketch_engine *engine,
                          uint64_t count)
{
    const ketch_kernels kernels = engine ? engine->kernels : kt_cpu_best();
    e->kernels = ktq_kernel_set_find(kernels, state->precision);
    e->frame_size = ktq_kernel_scratch(e->kernels, KTQ_PIECE_BITS, KTQ_PIECE_BITS);
    e->scratch_each = e->frame_size + words(ktq_read_sweep_work(count));
    e->tile_sums = (ktq_tile_sums){.z_count = 1, .term_count = count};
}

static double expect_terms(reader *at, expecting *e, const ketch_state *state,
                           const uint64_t *masks, const double *coefficients)
{
    ktq_tile_sums *const o = &e->tile_sums;
    for (size_t i = 0; i < o->term_count; i++)
        o->terms[i] = (ktq_z_term){.mask = masks[i], .coefficient = coefficients[i]};
    ktq_read_sweep_prepare(o, state->qubits, KTQ_PIECE_BITS);
    const ktq_tiles tiles = ktq_read_sweep_tiles(o, state->qubits);
    e->amplitudes = state->amplitudes;
    kt_engine_sweep(at->engine, ktq_tiles_count(&tiles), expect_body, e);
    return ktq_tile_sums_z(o, &tiles, e->rows, 0);
}

ketch_status ketch_state_expectation(double *expectation, ketch_engine *engine,
                                     const ketch_state *state, uint64_t count,
                                     const uint64_t *masks, const double *coefficients,
                                     ketch_error *error)
{
    if (!expectation)
        return kt_fail_handle(error, __func__, "expectation", "a place for a number", NULL);
    KT_TRY(ktq_state_check_read(state, __func__, error));
    KT_TRY(ktq_terms_check(state->qubits, count, masks, coefficients, __func__, error));
    if (engine)
        KT_TRY(kt_engine_check(engine, __func__, error));
    expecting e;
    set_expecting(&e, state, engine, count);
    const uint64_t workers = engine ? (uint64_t)engine->threads : 1;
    const uint64_t chunks = ktq_chunk_count(state->qubits), term_words = sizeof(ktq_z_term) / 8;
    reader at;
    KT_TRY(open_reader(&at, engine, state,
                       workers * e.scratch_each + words(chunks) + words(term_words * count) +
                           words(2 * count) + words(count) + words(2 * KTQ_BUTTERFLIES_MAX),
                       __func__, error));
    e.scratch = take_words(&at, workers * e.scratch_each / 8);
    e.rows = take_words(&at, chunks);
    e.tile_sums.terms = take_words(&at, term_words * count);
    e.tile_sums.signs = take_words(&at, 2 * count);
    e.tile_sums.sums = take_words(&at, count);
    e.tile_sums.butterflies = take_words(&at, 2 * KTQ_BUTTERFLIES_MAX);
    *expectation = expect_terms(&at, &e, state, masks, coefficients);
    close_reader(&at);
    return KETCH_OK;
}

/* ---- samples --------------------------------------------------------------------------------- */

static ketch_status check_draws(const uint64_t *outcomes, uint64_t shots, uint64_t first,
                                const char *function, ketch_error *error)
{
    if (shots > INT64_MAX)
        return kt_fail(error, KETCH_RANGE, function, "shots",
                       kt_format("%llu", (unsigned long long)shots).text, "0..2^63 - 1",
                       "the number of shots");
    if (first > UINT64_MAX - shots)
        return kt_fail(error, KETCH_RANGE, function, "first",
                       kt_format("%llu", (unsigned long long)first).text,
                       kt_format("0..%llu", (unsigned long long)(UINT64_MAX - shots)).text,
                       "shots are numbered by 64 bits");
    if (shots && !outcomes)
        return kt_fail(error, KETCH_BUFFER, function, "outcomes", "NULL",
                       kt_format("%llu numbers", (unsigned long long)shots).text,
                       "no room for the outcomes");
    return KETCH_OK;
}

/* One sweep's worth of drawing: scratch for each worker. */
typedef struct sampling {
    ktq_sample sample;
    char *scratch;
    uint64_t scratch_size; /* of each worker */
} sampling;

static ketch_status draw_body(uint64_t batch, int32_t worker, void *user)
{
    const sampling *const s = user;
    ktq_sample_draw(&s->sample, batch, s->scratch + (uint64_t)worker * s->scratch_size);
    return KETCH_OK;
}

static ketch_status locate_body(uint64_t part, int32_t worker, void *user)
{
    const sampling *const s = user;
    ktq_sample_locate(&s->sample, part, s->scratch + (uint64_t)worker * s->scratch_size);
    return KETCH_OK;
}

/* At most DRAWN shots at once, which bounds the memory. */
static void draw_shots(const reader *at, sampling *s, uint64_t shots)
{
    ktq_sample *const sample = &s->sample;
    for (uint64_t done = 0; done < shots; done += sample->shots) {
        sample->shots = KT_MIN(shots - done, DRAWN);
        kt_engine_sweep(at->engine, ktq_sample_batches(sample), draw_body, s);
        kt_engine_sweep(at->engine, ktq_sample_parts(sample), locate_body, s);
        sample->first += sample->shots;
        sample->outcomes += sample->shots;
    }
}

static void lay_out_sampling(sampling *s, ktq_weight *weight, uint64_t workers, kt_layout *layout)
{
    weight->partial =
        kt_layout_take(layout, ktq_chunk_count(weight->chunks.qubits), sizeof *weight->partial);
    ktq_sample_take(&s->sample, layout);
    s->scratch_size = kt_round_line(ktq_sample_scratch(&s->sample));
    s->scratch = kt_layout_take(layout, workers, s->scratch_size);
}

ketch_status ketch_state_sample(uint64_t *outcomes, uint64_t shots, ketch_engine *engine,
                                const ketch_state *state, uint64_t seed, uint64_t first,
                                ketch_error *error)
{
    KT_TRY(ktq_state_check_read(state, __func__, error));
    KT_TRY(check_draws(outcomes, shots, first, __func__, error));
    if (engine)
        KT_TRY(kt_engine_check(engine, __func__, error));
    if (shots == 0)
        return KETCH_OK;
    ktq_weight weight = {.chunks = chunks_of(state)};
    sampling s = {.sample = {.chunks = weight.chunks,
                             .shots = KT_MIN(shots, DRAWN),
                             .seed = seed,
                             .first = first,
                             .outcomes = outcomes}};
    kt_layout layout = {0};
    lay_out_sampling(&s, &weight, count_workers(engine), &layout);
    reader at;
    KT_TRY(open_reader(&at, engine, state, layout.size, __func__, error));
    layout = (kt_layout){.base = kt_block_data(at.block)};
    lay_out_sampling(&s, &weight, count_workers(engine), &layout);
    s.sample.chunks = weight.chunks = chunks_of(state);
    const double total = weigh_state(&at, &weight);
    const bool has_weight = total > 0 && isfinite(total);
    if (has_weight) {
        ktq_sample_begin(&s.sample, weight.partial);
        draw_shots(&at, &s, shots);
    }
    close_reader(&at);
    return has_weight ? KETCH_OK : fail_weightless(total, __func__, error);
}

/* ---- measurement ----------------------------------------------------------------------------- */

static ketch_status collapse_state(const reader *at, int32_t *outcome, ketch_state *state,
                                   int32_t qubit, double chance, double *partial,
                                   const char *function, ketch_error *error)
{
    const uint64_t bit = UINT64_C(1) << qubit;
    double weights[2];
    for (int side = 0; side < 2; side++) {
        ktq_weight weight = {chunks_of(state), bit, side ? bit : 0, partial};
        weights[side] = weigh_state(at, &weight);
    }
    const double total = weights[0] + weights[1];
    if (!(total > 0 && isfinite(total)))
        return fail_weightless(total, function, error);
    KT_TRY(ktq_state_own(state, true, function, error));
    const ktq_outcome chosen = ktq_outcome_choose(weights[0], weights[1], chance);
    ktq_collapse collapse = {.amplitudes = state->amplitudes,
                             .qubits = state->qubits,
                             .precision = state->precision,
                             .qubit = qubit,
                             .outcome = chosen.value,
                             .scale = chosen.scale};
    kt_engine_sweep(at->engine, ktq_collapse_count(state->qubits), ktq_collapse_body, &collapse);
    *outcome = chosen.value;
    return KETCH_OK;
}

ketch_status ketch_state_measure(int32_t *outcome, ketch_engine *engine, ketch_state *state,
                                 int32_t qubit, uint64_t seed, uint64_t count, ketch_error *error)
{
    if (!outcome)
        return kt_fail_handle(error, __func__, "outcome", "a place for the outcome", NULL);
    KT_TRY(ktq_state_check_read(state, __func__, error));
    KT_TRY(check_qubit(state, qubit, "qubit", __func__, error));
    const uint64_t chunks = ktq_chunk_count(state->qubits);
    reader at;
    KT_TRY(open_reader(&at, engine, state, words(chunks), __func__, error));
    const double chance = kt_uniform(seed, KTQ_STREAM_MEASURE, count);
    double *const partial = take_words(&at, chunks);
    const ketch_status status =
        collapse_state(&at, outcome, state, qubit, chance, partial, __func__, error);
    close_reader(&at);
    return status;
}
