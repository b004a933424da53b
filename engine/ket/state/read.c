/* Public functions that read a state or measure it. Each runs its sweeps on an engine, claimed for
 * the call, or (engine NULL) on the calling thread, with the same bits. The sums are compiled once, for
 * every kernel set. */
#include "engine.h"
#include "ket/state/checks.h"
#include "ket/state/collapse.h"
#include "ket/state/marginal.h"
#include "ket/state/reader.h"
#include "ket/state/reduce.h"
#include "ket/state/sample.h"
#include "ket/state/state.h"
#include "ket/state/streams.h"
#include "random.h"
#include "status.h"

#include <math.h>
#include <string.h>

static double *take_sums(ktq_reader *r, uint64_t count)
{
    return kt_layout_take(&r->memory, count, sizeof(double));
}

static double compute_weight(const ktq_reader *r, ktq_weight *weight)
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
    ktq_reader r;
    KT_TRY(ktq_reader_open(&r, engine, state, ktq_sums_size(chunks), __func__, error));
    ktq_weight weight = {.chunks = ktq_chunks_of(state), .partial = take_sums(&r, chunks)};
    *norm = sqrt(compute_weight(&r, &weight));
    ktq_reader_close(&r);
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
    ktq_reader r;
    KT_TRY(ktq_reader_open(&r, engine, a, ktq_sums_size(2 * chunks), __func__, error));
    ktq_state_make_readable(b, engine);
    ktq_inner product = {
        .a = ktq_chunks_of(a), .b = ktq_chunks_of(b), .partial = take_sums(&r, 2 * chunks)};
    kt_engine_sweep(engine, chunks, ktq_inner_body, &product);
    ktq_inner_sum(inner, &product);
    ktq_reader_close(&r);
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
    const ktq_chunks chunks = ktq_chunks_of(state);
    ktq_marginal_plan(&marginal, &chunks, count, qubits);
    const bool has_slices = marginal.slice_bits > 0;
    const uint64_t sums = has_slices ? ktq_marginal_sum_count(&marginal) : 0;
    ktq_reader r;
    KT_TRY(ktq_reader_open(&r, engine, state, ktq_sums_size(sums + 1), __func__, error));
    marginal.sums = has_slices ? take_sums(&r, sums) : probabilities;
    kt_engine_sweep(engine, ktq_marginal_count(&marginal), ktq_marginal_body, &marginal);
    ktq_marginal_end(&marginal);
    if (has_slices)
        memcpy(probabilities, marginal.sums, sizeof *probabilities << count);
    ktq_reader_close(&r);
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
    s->scratch_size = kt_round_line_wide(ktq_sample_scratch(&s->sample));
    s->scratch = kt_layout_take(layout, workers, s->scratch_size);
}

static void draw_shots(const ktq_reader *r, sampling *s, uint64_t shots)
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
    sampling s = {.weight = {.chunks = ktq_chunks_of(state)},
                  .sample = {.chunks = ktq_chunks_of(state),
                             .shots = KT_MIN(shots, DRAWN),
                             .seed = seed,
                             .first = first,
                             .outcomes = outcomes}};
    kt_layout layout = {0};
    lay_out_sampling(&s, ktq_reader_workers(engine), &layout);
    ktq_reader r;
    KT_TRY(ktq_reader_open(&r, engine, state, layout.size, __func__, error));
    lay_out_sampling(&s, ktq_reader_workers(engine), &r.memory);
    const ketch_status status = check_total(compute_weight(&r, &s.weight), __func__, error);
    if (status == KETCH_OK)
        draw_shots(&r, &s, shots);
    ktq_reader_close(&r);
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

static ketch_status collapse_state(ktq_reader *r, int32_t *outcome, ketch_state *state,
                                   int32_t qubit, double uniform, const char *function,
                                   ketch_error *error)
{
    const uint64_t bit = UINT64_C(1) << qubit;
    double *const partial = take_sums(r, ktq_chunk_count(state->qubits));
    ktq_weight weight0 = {ktq_chunks_of(state), bit, 0, partial};
    const double sum0 = compute_weight(r, &weight0);
    ktq_weight weight1 = {ktq_chunks_of(state), bit, bit, partial};
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
    const uint64_t size = ktq_sums_size(ktq_chunk_count(state->qubits));
    ktq_reader r;
    KT_TRY(ktq_reader_open(&r, engine, state, size, __func__, error));
    const double uniform = kt_uniform(seed, KTQ_STREAM_MEASURE, count);
    const ketch_status status = collapse_state(&r, outcome, state, qubit, uniform, __func__, error);
    ktq_reader_close(&r);
    return status;
}
