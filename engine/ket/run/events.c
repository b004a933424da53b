#include "ket/run/events.h"

#include "ket/state/streams.h"
#include "random.h"
#include "status.h"
#include "sum.h"

#include <math.h>

/* The number of rows that one index writes. */
enum { ROWS = 4096 };

static ktq_chunks state_chunks(const ktq_run *run)
{
    return (ktq_chunks){run->state->amplitudes, run->program->plan->qubits,
                        run->program->plan->precision};
}

static uint64_t count_chunks(const ktq_run *run)
{
    return ktq_chunk_count(run->program->plan->qubits);
}

/* ---- weights: sums of |a|^2 over the amplitudes with some bits ---- */

static uint64_t measured_mask(const ketch_program *p)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < p->plan->measured.count; i++)
        mask |= UINT64_C(1) << p->plan->measured.items[i].qubit;
    return mask;
}

/* The sum of this stage. It is set up again for each chunk, because the state may have moved to
 * other memory since the stage began. */
static ktq_weight stage_weight(const ktq_run *run)
{
    const uint64_t measured = measured_mask(run->program);
    const ktq_chunks chunks = state_chunks(run);
    switch (run->at.stage) {
    case KTQ_STAGE_WEIGHT_OUTCOME:
        return (ktq_weight){chunks, measured, run->sample.outcomes[0] & measured, run->partial};
    default:
        return (ktq_weight){chunks, 0, 0, run->partial};
    }
}

ketch_status ktq_weight_begin(ketch_context *context, ketch_sweep *sweep, void *user)
{
    sweep->count = count_chunks(user);
    ketch_context_count(context, ktq_state_size(((ktq_run *)user)->state));
    return KETCH_OK;
}

ketch_status ktq_run_weight_body(uint64_t chunk, int32_t worker, void *user)
{
    ktq_weight weight = stage_weight(user);
    return ktq_weight_body(chunk, worker, &weight);
}

/* Of the outcome: the first chunks' sums are of outcome 0, those behind them of outcome 1. */
static double sum_weight(const ktq_run *run, uint64_t outcome)
{
    return kt_sum_of(run->partial + outcome * count_chunks(run), count_chunks(run), 1);
}

/* Matrices that are not unitary, which a large tolerance allows, may leave a state of norm 0. */
static ketch_status check_weight(ketch_context *context, double weight)
{
    if (weight > 0 && isfinite(weight))
        return KETCH_OK;
    return ketch_context_fail(context, 0, KETCH_NORM, "state", NULL, NULL,
                              "the state's norm is zero or not finite: there is nothing to "
                              "measure");
}

/* ---- measurement or reset of one qubit ---- */

/* Both outcomes of a chunk follow each other, while it is in the cache. */
ketch_status ktq_outcomes_body(uint64_t chunk, int32_t worker, void *user)
{
    const ktq_run *const run = user;
    const uint64_t bit = UINT64_C(1) << ktq_run_segment(run)->qubit;
    ktq_weight none = {state_chunks(run), bit, 0, run->partial};
    ktq_weight one = {none.chunks, bit, bit, run->partial + count_chunks(run)};
    KT_TRY(ktq_weight_body(chunk, worker, &none));
    return ktq_weight_body(chunk, worker, &one);
}

/* Draws the outcome. */
ketch_status ktq_outcomes_end(ketch_context *context, ketch_next *next, void *user)
{
    (void)next;
    ktq_run *const run = user;
    ktq_position *const at = &run->at;
    for (uint64_t outcome = 0; outcome < 2; outcome++)
        at->weights[outcome] = sum_weight(run, outcome);
    KT_TRY(check_weight(context, at->weights[0] + at->weights[1]));
    const double u = kt_uniform(run->seed, KTQ_STREAM_SHOT + at->shot, at->measured++);
    at->outcome = ktq_outcome_choose(at->weights[0], at->weights[1], u);
    return KETCH_OK;
}

ketch_status ktq_collapse_begin(ketch_context *context, ketch_sweep *sweep, void *user)
{
    const ktq_run *const run = user;
    sweep->count = ktq_collapse_count(run->program->plan->qubits);
    ketch_context_count(context, 2 * ktq_state_size(run->state));
    return KETCH_OK;
}

/* Scales the amplitudes of the outcome to norm 1 and zeroes the others; a reset moves them to
 * outcome 0. */
ketch_status ktq_run_collapse_body(uint64_t chunk, int32_t worker, void *user)
{
    const ktq_run *const run = user;
    const ktq_segment *const s = ktq_run_segment(run);
    ktq_collapse collapse = {.amplitudes = run->state->amplitudes,
                             .qubits = run->program->plan->qubits,
                             .precision = run->program->plan->precision,
                             .qubit = s->qubit,
                             .outcome = run->at.outcome.value,
                             .resets = s->kind == KTQ_SEGMENT_RESET,
                             .scale = run->at.outcome.scale};
    return ktq_collapse_body(chunk, worker, &collapse);
}

void ktq_collapse_done(ktq_run *run)
{
    const ktq_segment *const s = ktq_run_segment(run);
    if (s->kind == KTQ_SEGMENT_MEASURE)
        ktq_run_row(run, run->at.shot)[s->bit] = (uint8_t)run->at.outcome.value;
}

/* ---- the final measurements ---- */

/* True if the last pass has computed the chunk sums. */
static bool has_sums(const ktq_run *run)
{
    return run->observables.has_chunk_sums && run->observables.is_filled;
}

ketch_status ktq_weight_begin_all(ketch_context *context, ketch_sweep *sweep, void *user)
{
    return has_sums(user) ? KETCH_OK : ktq_weight_begin(context, sweep, user);
}

ketch_status ktq_weight_end_all(ketch_context *context, ketch_next *next, void *user)
{
    (void)next;
    ktq_run *const run = user;
    if (has_sums(run))
        ktq_observables_chunk_sums(&run->observables, run->partial);
    run->at.weights[0] = sum_weight(run, 0);
    KT_TRY(check_weight(context, run->at.weights[0]));
    ktq_sample_begin(&run->sample, run->partial);
    return KETCH_OK;
}

/* Begins a stage. A single index, of a small state or few shots, is not worth a sweep. */
static ketch_status begin_indices(ketch_sweep *sweep, uint64_t count, ketch_body body, void *user)
{
    if (count == 1)
        return body(0, 0, user);
    sweep->count = count;
    return KETCH_OK;
}

ketch_status ktq_draw_begin(ketch_context *context, ketch_sweep *sweep, void *user)
{
    (void)context;
    const ktq_run *const run = user;
    return begin_indices(sweep, ktq_sample_batches(&run->sample), ktq_draw_body, user);
}

ketch_status ktq_draw_body(uint64_t batch, int32_t worker, void *user)
{
    const ktq_run *const run = user;
    ktq_sample_draw(&run->sample, batch, ketch_context_scratch(run->context, worker));
    return KETCH_OK;
}

ketch_status ktq_locate_begin(ketch_context *context, ketch_sweep *sweep, void *user)
{
    const ktq_run *const run = user;
    ketch_context_count(context, ktq_state_size(run->state));
    return begin_indices(sweep, ktq_sample_parts(&run->sample), ktq_locate_body, user);
}

ketch_status ktq_locate_body(uint64_t part, int32_t worker, void *user)
{
    const ktq_run *const run = user;
    ktq_sample sample = run->sample;
    sample.chunks = state_chunks(run);
    ktq_sample_locate(&sample, part, ketch_context_scratch(run->context, worker));
    return KETCH_OK;
}

ketch_status ktq_rows_begin(ketch_context *context, ketch_sweep *sweep, void *user)
{
    (void)context;
    const uint64_t count = (((ktq_run *)user)->shots + ROWS - 1) / ROWS;
    return begin_indices(sweep, count, ktq_rows_body, user);
}

ketch_status ktq_rows_body(uint64_t chunk, int32_t worker, void *user)
{
    (void)worker;
    const ktq_run *const run = user;
    const ketch_program *const p = run->program;
    const uint64_t last = run->shots < (chunk + 1) * ROWS ? run->shots : (chunk + 1) * ROWS;
    for (uint64_t shot = chunk * ROWS; shot < last; shot++)
        for (size_t i = 0; i < p->plan->measured.count; i++)
            ktq_run_row(run, shot)[p->plan->measured.items[i].bit] =
                run->sample.outcomes[shot] >> p->plan->measured.items[i].qubit & 1;
    return KETCH_OK;
}

ketch_status ktq_rows_end(ketch_context *context, ketch_next *next, void *user)
{
    (void)context;
    const ktq_run *const run = user;
    next->stage = run->collapses ? KTQ_STAGE_WEIGHT_OUTCOME : KTQ_STAGE_FILL_AFTER;
    return KETCH_OK;
}

/* ---- the state of a run without shots collapses onto the one outcome ---- */

ketch_status ktq_weight_end_outcome(ketch_context *context, ketch_next *next, void *user)
{
    (void)context;
    (void)next;
    ktq_run *const run = user;
    run->at.weights[0] = sum_weight(run, 0);
    return KETCH_OK;
}

ketch_status ktq_project_begin(ketch_context *context, ketch_sweep *sweep, void *user)
{
    sweep->count = count_chunks(user);
    ketch_context_count(context, 2 * ktq_state_size(((ktq_run *)user)->state));
    return KETCH_OK;
}

ketch_status ktq_run_project_body(uint64_t chunk, int32_t worker, void *user)
{
    const ktq_run *const run = user;
    const uint64_t mask = measured_mask(run->program);
    ktq_project project = {.amplitudes = run->state->amplitudes,
                           .qubits = run->program->plan->qubits,
                           .precision = run->program->plan->precision,
                           .mask = mask,
                           .value = run->sample.outcomes[0] & mask,
                           .scale = 1 / sqrt(run->at.weights[0])};
    return ktq_project_body(chunk, worker, &project);
}
