/* Public functions that read a state or measure it. Each runs its sweeps on an engine, claimed for
 * the call, or (engine NULL) on the calling thread, with the same bits. Expectation values use the
 * engine's kernel set; all other sums are compiled once, for every set. */
#include "cpu.h"
#include "engine.h"
#include "ket/state/checks.h"
#include "ket/state/collapse.h"
#include "ket/state/marginal.h"
#include "ket/state/read_sweep.h"
#include "ket/state/reduce.h"
#include "ket/state/sample.h"
#include "ket/state/state.h"
#include "ket/state/streams.h"
#include "random.h"
#include "status.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* ---- work memory ---- */

/* A claimed engine or NULL, and the memory that one call takes. */
typedef struct reader {
    ketch_engine *engine;
    ketch_block *block;
    kt_layout memory;
} reader;

static uint64_t sums_size(uint64_t count)
{
    return kt_round_line(count * sizeof(double));
}

/* size: of all the memory that is going to be taken from it. */
static ketch_status open_reader(reader *r, ketch_engine *engine, const ketch_state *state,
                                uint64_t size, const char *function, ketch_error *error)
{
    if (engine)
        KT_TRY(kt_engine_claim(engine, function, error));
    kt_refusal refusal = {0};
    *r = (reader){.engine = engine};
    r->block = kt_arena_take_scratch(state->arena, size, &refusal);
    if (!r->block) {
        if (engine)
            kt_engine_release(engine);
        return kt_fail_memory(error, function, "state", "partial sums", &refusal);
    }
    kt_block_written(r->block);
    r->memory.base = kt_block_data(r->block);
    ktq_state_make_readable(state, engine);
    return KETCH_OK;
}

static double *take_sums(reader *r, uint64_t count)
{
    return kt_layout_take(&r->memory, count, sizeof(double));
}

static void close_reader(reader *r)
{
    assert(r->memory.size <= kt_block_size(r->block));
    kt_block_drop(r->block);
    if (r->engine)
        kt_engine_release(r->engine);
}

static uint64_t count_workers(const ketch_engine *engine)
{
    return engine ? (uint64_t)engine->threads : 1;
}

static ktq_chunks chunks_of(const ketch_state *state)
{
    return (ktq_chunks){state->amplitudes, state->qubits, state->precision};
}

static double compute_weight(const reader *r, ktq_weight *weight)
{
    kt_engine_sweep(r->engine, ktq_chunk_count(weight->chunks.qubits), ktq_weight_body, weight);
    return ktq_weight_sum(weight);
}

/* NORM unless there is something to measure. */
static ketch_status check_total(double weight, const char *function, ketch_error *error)
{
    if (weight > 0 && isfinite(weight))
        return KETCH_OK;
    return kt_fail(error, KETCH_NORM, function, "state",
                   isfinite(weight) ? kt_number(sqrt(weight)).text : "no finite number",
                   "a finite norm above 0", "the norm of the state");
}

/* ---- norm and inner product ---- */

ketch_status ketch_state_norm(double *norm, ketch_engine *engine, const ketch_state *state,
                              ketch_error *error)
{
    if (!norm)
        return kt_fail_handle(error, __func__, "norm", "a place for the norm", NULL);
    KT_TRY(ktq_state_check_read(state, __func__, error));
    const uint64_t chunks = ktq_chunk_count(state->qubits);
    reader r;
    KT_TRY(open_reader(&r, engine, state, sums_size(chunks), __func__, error));
    ktq_weight weight = {.chunks = chunks_of(state), .partial = take_sums(&r, chunks)};
    *norm = sqrt(compute_weight(&r, &weight));
    close_reader(&r);
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
    const uint64_t chunks = ktq_chunk_count(a->qubits);
    reader r;
    KT_TRY(open_reader(&r, engine, a, sums_size(2 * chunks), __func__, error));
    ktq_state_make_readable(b, engine);
    ktq_inner product = {
        .a = chunks_of(a), .b = chunks_of(b), .partial = take_sums(&r, 2 * chunks)};
    kt_engine_sweep(engine, chunks, ktq_inner_body, &product);
    ktq_inner_sum(inner, &product);
    close_reader(&r);
    return KETCH_OK;
}

/* ---- probabilities ---- */

static ketch_status check_capacity(const double *probabilities, uint64_t capacity, int32_t count,
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
    KT_TRY(check_capacity(probabilities, capacity, count, __func__, error));
    ktq_marginal marginal;
    const ktq_chunks chunks = chunks_of(state);
    ktq_marginal_plan(&marginal, &chunks, count, qubits);
    const bool has_slices = marginal.slice_bits > 0;
    const uint64_t sums = has_slices ? ktq_marginal_sum_count(&marginal) : 0;
    reader r;
    KT_TRY(open_reader(&r, engine, state, sums_size(sums + 1), __func__, error));
    marginal.sums = has_slices ? take_sums(&r, sums) : probabilities;
    kt_engine_sweep(engine, ktq_marginal_count(&marginal), ktq_marginal_body, &marginal);
    ktq_marginal_end(&marginal);
    if (has_slices)
        memcpy(probabilities, marginal.sums, sizeof *probabilities << count);
    close_reader(&r);
    return KETCH_OK;
}

/* ---- expectation values ---- */

/* frame_size: of what the kernel set keeps of a worker's scratch; the sums' work memory follows. */
typedef struct expectation_sweep {
    ktq_tile_sums tile_sums;
    const ktq_kernel_set *set;
    const void *amplitudes;
    char *scratch;
    uint64_t frame_size, scratch_size; /* of each worker */
    double *rows;
} expectation_sweep;

static ketch_status expectation_body(uint64_t chunk, int32_t worker, void *user)
{
    const expectation_sweep *const e = user;
    char *const scratch = e->scratch + (uint64_t)worker * e->scratch_size;
    double *const work = (double *)(void *)(scratch + e->frame_size);
    ktq_read_sweep_chunk(&e->tile_sums, e->set, e->amplitudes, scratch, work, chunk,
                         e->rows + chunk);
    return KETCH_OK;
}

static void lay_out_expectation(expectation_sweep *e, int32_t qubits, uint64_t workers,
                                kt_layout *layout)
{
    ktq_tile_sums *const sums = &e->tile_sums;
    e->scratch = kt_layout_take(layout, workers, e->scratch_size);
    e->rows = kt_layout_take(layout, ktq_chunk_count(qubits), sizeof *e->rows);
    sums->terms = kt_layout_take(layout, sums->term_count, sizeof *sums->terms);
    sums->signs = kt_layout_take(layout, sums->term_count, sizeof *sums->signs);
    sums->sums = kt_layout_take(layout, sums->term_count, sizeof *sums->sums);
    sums->butterflies = kt_layout_take(layout, KTQ_BUTTERFLIES_MAX, sizeof *sums->butterflies);
}

/* Tiles and sums are the same for every state of a shape, on any number of threads. */
static void plan_expectation(expectation_sweep *e, const ketch_state *state,
                             const ketch_engine *engine, uint64_t term_count)
{
    const ketch_kernels kernels = engine ? engine->kernels : kt_cpu_best();
    *e = (expectation_sweep){.tile_sums = {.z_count = 1, .term_count = term_count},
                             .set = ktq_kernel_set_find(kernels, state->precision),
                             .amplitudes = state->amplitudes};
    e->frame_size = ktq_kernel_scratch(e->set, KTQ_PIECE_BITS, KTQ_PIECE_BITS);
    e->scratch_size = e->frame_size + sums_size(ktq_read_sweep_work(term_count));
}

static double sum_terms(const reader *r, expectation_sweep *e, int32_t qubits,
                        const uint64_t *masks, const double *coefficients)
{
    for (size_t i = 0; i < e->tile_sums.term_count; i++)
        e->tile_sums.terms[i] = (ktq_z_term){.mask = masks[i], .coefficient = coefficients[i]};
    ktq_read_sweep_prepare(&e->tile_sums, qubits, KTQ_PIECE_BITS);
    const ktq_tiles tiles = ktq_read_sweep_tiles(&e->tile_sums, qubits);
    kt_engine_sweep(r->engine, ktq_tiles_count(&tiles), expectation_body, e);
    return ktq_tile_sums_z(&e->tile_sums, &tiles, e->rows, 0);
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
    expectation_sweep e;
    plan_expectation(&e, state, engine, count);
    kt_layout layout = {0};
    lay_out_expectation(&e, state->qubits, count_workers(engine), &layout);
    reader r;
    KT_TRY(open_reader(&r, engine, state, layout.size, __func__, error));
    lay_out_expectation(&e, state->qubits, count_workers(engine), &r.memory);
    *expectation = sum_terms(&r, &e, state->qubits, masks, coefficients);
    close_reader(&r);
    return KETCH_OK;
}

/* ---- samples ---- */

/* Shots drawn at once: bounds the work memory. */
enum { DRAWN = 1 << 20 };

typedef struct sampling {
    ktq_weight weight;
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

static void lay_out_sampling(sampling *s, uint64_t workers, kt_layout *layout)
{
    const uint64_t chunks = ktq_chunk_count(s->weight.chunks.qubits);
    s->weight.partial = kt_layout_take(layout, chunks, sizeof *s->weight.partial);
    ktq_sample_take(&s->sample, layout);
    s->scratch_size = kt_round_line(ktq_sample_scratch(&s->sample));
    s->scratch = kt_layout_take(layout, workers, s->scratch_size);
}

static void draw_shots(const reader *r, sampling *s, uint64_t shots)
{
    ktq_sample *const sample = &s->sample;
    ktq_sample_begin(sample, s->weight.partial);
    for (uint64_t done = 0; done < shots; done += sample->shots) {
        sample->shots = KT_MIN(shots - done, DRAWN);
        kt_engine_sweep(r->engine, ktq_sample_batches(sample), draw_body, s);
        kt_engine_sweep(r->engine, ktq_sample_parts(sample), locate_body, s);
        sample->first += sample->shots;
        sample->outcomes += sample->shots;
    }
}

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
    sampling s = {.weight = {.chunks = chunks_of(state)},
                  .sample = {.chunks = chunks_of(state),
                             .shots = KT_MIN(shots, DRAWN),
                             .seed = seed,
                             .first = first,
                             .outcomes = outcomes}};
    kt_layout layout = {0};
    lay_out_sampling(&s, count_workers(engine), &layout);
    reader r;
    KT_TRY(open_reader(&r, engine, state, layout.size, __func__, error));
    lay_out_sampling(&s, count_workers(engine), &r.memory);
    const ketch_status status = check_total(compute_weight(&r, &s.weight), __func__, error);
    if (status == KETCH_OK)
        draw_shots(&r, &s, shots);
    close_reader(&r);
    return status;
}

/* ---- measurement ---- */

static ketch_status check_qubit(const ketch_state *state, int32_t qubit, const char *function,
                                ketch_error *error)
{
    if (qubit >= 0 && qubit < state->qubits)
        return KETCH_OK;
    return kt_fail(error, KETCH_INDEX, function, "qubit", kt_format("%d", qubit).text,
                   kt_format("0..%d", state->qubits - 1).text, "no such qubit");
}

static ketch_status collapse_state(reader *r, int32_t *outcome, ketch_state *state, int32_t qubit,
                                   double uniform, const char *function, ketch_error *error)
{
    const uint64_t bit = UINT64_C(1) << qubit;
    double *const partial = take_sums(r, ktq_chunk_count(state->qubits));
    ktq_weight weight0 = {chunks_of(state), bit, 0, partial};
    const double sum0 = compute_weight(r, &weight0);
    ktq_weight weight1 = {chunks_of(state), bit, bit, partial};
    const double sum1 = compute_weight(r, &weight1);
    KT_TRY(check_total(sum0 + sum1, function, error));
    KT_TRY(ktq_state_own(state, true, function, error));
    const ktq_outcome chosen = ktq_outcome_choose(sum0, sum1, uniform);
    ktq_collapse collapse = {.amplitudes = state->amplitudes,
                             .qubits = state->qubits,
                             .precision = state->precision,
                             .qubit = qubit,
                             .outcome = chosen.value,
                             .scale = chosen.scale};
    kt_engine_sweep(r->engine, ktq_collapse_count(state->qubits), ktq_collapse_body, &collapse);
    *outcome = chosen.value;
    return KETCH_OK;
}

ketch_status ketch_state_measure(int32_t *outcome, ketch_engine *engine, ketch_state *state,
                                 int32_t qubit, uint64_t seed, uint64_t count, ketch_error *error)
{
    if (!outcome)
        return kt_fail_handle(error, __func__, "outcome", "a place for the outcome", NULL);
    KT_TRY(ktq_state_check_own(state, true, __func__, error));
    KT_TRY(check_qubit(state, qubit, __func__, error));
    const uint64_t size = sums_size(ktq_chunk_count(state->qubits));
    reader r;
    KT_TRY(open_reader(&r, engine, state, size, __func__, error));
    const double uniform = kt_uniform(seed, KTQ_STREAM_MEASURE, count);
    const ketch_status status = collapse_state(&r, outcome, state, qubit, uniform, __func__, error);
    close_reader(&r);
    return status;
}
