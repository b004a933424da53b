/* A program on a state as a job: a small machine whose every sweep can be suspended and called
 * again. */
#include "ket/run/execute.h"

#include "engine.h"
#include "heap.h"
#include "ket/run/coverage.h"
#include "ket/state/streams.h"
#include "random.h"
#include "status.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Rows of bits that are written at a time. */
enum { ROWS = 4096 };

static void pass_body(uint64_t tile, int32_t worker, void *user)
{
    const ktq_circuit_run *const run = user;
    const ketch_program *const p = run->program;
    const ktq_pass *const pass = &p->passes[run->pass];
    if (p->tiny) {
        p->kernels->tiny(&pass->tiny, run->state->amplitudes);
        return;
    }
    void *const scratch = ketch_context_scratch(run->context, worker);
    void *const amplitudes = run->state->amplitudes;
    const ktq_tiles tiles = ktq_basis_tiles(run, pass);
    const ktq_visit visit = {.base = ktq_tiles_base(&tiles, tile),
                             .fresh = ktq_basis_fresh(run, pass),
                             .index = run->index,
                             .blank = run->blank,
                             .past = ktq_state_past(run->state)};
    if (run->pass == run->watch.pass)
        ktq_watch_tile(&run->watch, p, amplitudes, scratch, tile, &visit);
    else
        p->kernels->tile(pass, amplitudes, scratch, &visit);
}

/* Steps that are done when this pass is and were not before. */
static uint64_t pass_steps(const ktq_circuit_run *run, const ktq_pass *pass)
{
    return pass->retired - run->retired;
}

/* All amplitudes of the tiles are written, and read where they were in memory before. */
static uint64_t pass_bytes(const ktq_circuit_run *run, const ktq_pass *pass, uint64_t tiles)
{
    const uint64_t size = (ktq_amplitude_size(run->program->precision) * tiles) << pass->frame.bits;
    return size + (size >> __builtin_popcountll(ktq_basis_fresh(run, pass)));
}

static ketch_status run_gates(ketch_context *context, ktq_circuit_run *run, const ktq_segment *s)
{
    const ketch_program *const p = run->program;
    const bool arranged = run->from_basis && s == p->segments;
    if (run->stage == 0) {
        run->pass = s->first_pass + (arranged ? s->arrange_count : 0);
        run->stage = 1;
    }
    for (; run->pass < s->first_pass + s->pass_count; run->pass++) {
        const ktq_pass *const pass = &p->passes[run->pass];
        const ktq_tiles tiles = ktq_basis_tiles(run, pass);
        const uint64_t count = ktq_tiles_count(&tiles);
        run->watch.tiles = tiles;
        KT_TRY(ketch_context_parallel(context, count, pass_steps(run, pass), pass_body, run));
        run->retired = pass->retired;
        run->watch.filled = run->pass == run->watch.pass;
        ketch_context_count(context, pass_bytes(run, pass, count));
        ktq_basis_passed(run, pass);
    }
    return KETCH_OK;
}

static ktq_chunks state_chunks(const ktq_circuit_run *run)
{
    return (ktq_chunks){run->state->amplitudes, run->program->qubits, run->program->precision};
}

/* Sum of |a|^2 over the amplitudes with these bits, to *sum. */
static ketch_status weigh(ketch_context *context, ktq_circuit_run *run, uint64_t mask,
                          uint64_t value, double *sum)
{
    run->weight = (ktq_weight){state_chunks(run), mask, value, run->partial};
    const uint64_t chunks = ktq_chunk_count(run->program->qubits);
    KT_TRY(ketch_context_parallel(context, chunks, 0, ktq_weight_body, &run->weight));
    ketch_context_count(context, ktq_state_size(run->state));
    *sum = ktq_weight_sum(&run->weight);
    return KETCH_OK;
}

/* Matrices that are not unitary, where they were allowed, may leave nothing to measure. */
static ketch_status check_weight(ketch_context *context, double weight)
{
    if (weight > 0 && isfinite(weight))
        return KETCH_OK;
    ketch_context_explain(context, "the state's norm is zero or not finite: there is nothing to "
                                   "measure");
    return KETCH_NORM;
}

static uint8_t *shot_row(const ktq_circuit_run *run, uint64_t shot)
{
    return run->rows + shot * (uint64_t)run->program->bits;
}

static void decide(ktq_circuit_run *run)
{
    const double u = kt_uniform(run->seed, KTQ_STREAM_SHOT + run->shot, run->measured++);
    run->outcome = ktq_outcome_choose(run->weights[0], run->weights[1], u);
}

/* The qubit's amplitudes of the outcome, all there is; a reset moves them to 0. */
static ketch_status collapse_qubit(ketch_context *context, ktq_circuit_run *run, int32_t qubit,
                                   bool reset)
{
    run->collapse = (ktq_collapse){.amplitudes = run->state->amplitudes,
                                   .qubits = run->program->qubits,
                                   .precision = run->program->precision,
                                   .qubit = qubit,
                                   .outcome = run->outcome.value,
                                   .move = reset,
                                   .scale = run->outcome.scale};
    const uint64_t count = ktq_collapse_count(run->program->qubits);
    KT_TRY(ketch_context_parallel(context, count, 0, ktq_collapse_body, &run->collapse));
    ketch_context_count(context, 2 * ktq_state_size(run->state));
    return KETCH_OK;
}

/* Measurement or reset of one qubit: two weights, a draw, a collapse. */
static ketch_status run_event(ketch_context *context, ktq_circuit_run *run, const ktq_segment *s)
{
    const uint64_t bit = UINT64_C(1) << s->qubit;
    for (; run->stage < 2; run->stage++)
        KT_TRY(weigh(context, run, bit, run->stage ? bit : 0, &run->weights[run->stage]));
    if (run->stage == 2) {
        KT_TRY(check_weight(context, run->weights[0] + run->weights[1]));
        decide(run);
        run->stage = 3;
    }
    const bool reset = s->kind == KTQ_SEGMENT_RESET;
    KT_TRY(collapse_qubit(context, run, s->qubit, reset));
    if (!reset)
        shot_row(run, run->shot)[s->bit] = (uint8_t)run->outcome.value;
    return KETCH_OK;
}

static void rows_body(uint64_t chunk, int32_t worker, void *user)
{
    (void)worker;
    const ktq_circuit_run *const run = user;
    const ketch_program *const p = run->program;
    const uint64_t last = run->shots < (chunk + 1) * ROWS ? run->shots : (chunk + 1) * ROWS;
    for (uint64_t shot = chunk * ROWS; shot < last; shot++)
        for (size_t i = 0; i < p->measured_count; i++)
            shot_row(run, shot)[p->measured[i].bit] =
                run->sample.outcomes[shot] >> p->measured[i].qubit & 1;
}

/* All chunk sums, to *sum the sum of them. */
static ketch_status weigh_all(ketch_context *context, ktq_circuit_run *run, double *sum)
{
    if (!run->watch.weighs || !run->watch.filled)
        return weigh(context, run, 0, 0, sum);
    ktq_watch_weigh(&run->watch, run->partial);
    *sum = ktq_sum_carefully(run->partial, ktq_chunk_count(run->program->qubits), 1);
    return KETCH_OK;
}

static ketch_status draw_shots(ketch_context *context, ktq_circuit_run *run)
{
    if (run->stage == 0) {
        KT_TRY(weigh_all(context, run, &run->weights[0]));
        KT_TRY(check_weight(context, run->weights[0]));
        run->sample.chunks = state_chunks(run);
        run->sample.partial = run->partial;
        ktq_sample_begin(&run->sample, run->seed, 0);
        run->stage = 1;
    }
    if (run->stage == 1) {
        const uint64_t chunks = ktq_chunk_count(run->program->qubits);
        KT_TRY(ketch_context_parallel(context, chunks, 0, ktq_sample_body, &run->sample));
        ketch_context_count(context, ktq_state_size(run->state));
        run->stage = 2;
    }
    if (run->stage == 2) {
        KT_TRY(ketch_context_parallel(context, (run->shots + ROWS - 1) / ROWS, 0, rows_body, run));
        run->stage = 3;
    }
    return KETCH_OK;
}

static uint64_t measured_mask(const ketch_program *p)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < p->measured_count; i++)
        mask |= UINT64_C(1) << p->measured[i].qubit;
    return mask;
}

/* The state of a run without shots collapses onto the one outcome. */
static ketch_status project_outcome(ketch_context *context, ktq_circuit_run *run)
{
    const uint64_t mask = measured_mask(run->program);
    const uint64_t value = run->sample.outcomes[0] & mask;
    if (run->stage == 3) {
        double weight = 0;
        KT_TRY(weigh(context, run, mask, value, &weight));
        run->project = (ktq_project){.amplitudes = run->state->amplitudes,
                                     .qubits = run->program->qubits,
                                     .precision = run->program->precision,
                                     .mask = mask,
                                     .value = value,
                                     .scale = 1 / sqrt(weight)};
        run->stage = 4;
    }
    const uint64_t chunks = ktq_chunk_count(run->program->qubits);
    KT_TRY(ketch_context_parallel(context, chunks, 0, ktq_project_body, &run->project));
    ketch_context_count(context, 2 * ktq_state_size(run->state));
    return KETCH_OK;
}

/* The final measurements, all at once. */
static ketch_status run_sampling(ketch_context *context, ktq_circuit_run *run, const ktq_segment *s)
{
    (void)s;
    KT_TRY(draw_shots(context, run));
    return run->collapses ? project_outcome(context, run) : KETCH_OK;
}

static bool holds(const ktq_circuit_run *run, const ktq_condition *condition)
{
    if (!condition->count)
        return true;
    const uint8_t *const row = shot_row(run, run->shot) + condition->first;
    for (uint32_t i = 0; i < condition->count; i++)
        if (row[i] != (i < 64 ? condition->value >> i & 1 : 0))
            return false;
    return true;
}

typedef ketch_status (*segment_runner)(ketch_context *, ktq_circuit_run *, const ktq_segment *);

static ketch_status run_segment(ketch_context *context, ktq_circuit_run *run)
{
    static const segment_runner runners[] = {[KTQ_SEGMENT_GATES] = run_gates,
                                             [KTQ_SEGMENT_MEASURE] = run_event,
                                             [KTQ_SEGMENT_RESET] = run_event,
                                             [KTQ_SEGMENT_SAMPLE] = run_sampling};
    const ktq_segment *const s = &run->program->segments[run->segment];
    if (s->kind != KTQ_SEGMENT_GATES)
        KT_TRY(ktq_basis_complete(context, run));
    if (run->stage > 0 || holds(run, &s->condition))
        KT_TRY(runners[s->kind](context, run, s));
    if (s->fence)
        KT_TRY(ktq_basis_complete(context, run));
    if (s->retired > run->retired)
        ketch_context_retire(context, s->retired - run->retired);
    run->retired = s->retired > run->retired ? s->retired : run->retired;
    run->stage = 0;
    run->segment++;
    return KETCH_OK;
}

/* One shot to its end or the next fence. */
static ketch_status run_shot(ketch_context *context, ktq_circuit_run *run, bool *fence)
{
    const ketch_program *const p = run->program;
    if (!run->started)
        KT_TRY(ktq_basis_start(context, run));
    run->started = true;
    while (run->segment < p->segment_count && !*fence) {
        KT_TRY(run_segment(context, run));
        *fence = p->segments[run->segment - 1].fence;
    }
    return ktq_basis_complete(context, run);
}

static void next_shot(ktq_circuit_run *run)
{
    run->shot++;
    run->started = false;
    run->segment = 0;
    run->retired = 0;
}

static ketch_status run_shots(ketch_context *context, ktq_circuit_run *run, bool *fence)
{
    while (run->shot < run->repeats) {
        KT_TRY(run_shot(context, run, fence));
        if (*fence)
            return KETCH_OK;
        KT_TRY(ktq_watch_finish(&run->watch, context, run->program, run->state->amplitudes));
        next_shot(run);
    }
    return KETCH_OK;
}

/* The state must be as the run left it; where somebody took a view of it at a fence it moves to
 * other memory. */
static ketch_status regain_state(ketch_context *context, ktq_circuit_run *run)
{
    if (run->state->changes != run->changes) {
        ketch_context_explain(context, "the state was set anew since the run was suspended: the "
                                       "run cannot go on");
        return KETCH_MISMATCH;
    }
    const bool keep = !run->state->basis && (run->started || !run->from_basis);
    const ketch_status status = ktq_state_unshare(run->state, keep, __func__, NULL);
    if (status)
        ketch_context_explain(context, "not enough memory to move the state away from a view that "
                                       "holds its block: drop the view");
    return status;
}

/* Stopped before anything was done: the state stands at the fence it stood at. */
static void undo_start(ktq_circuit_run *run)
{
    if (run->from_basis && !run->started && run->shot == 0) {
        run->state->basis = true;
        run->blank = false;
    }
    run->state->phase = KTQ_STATE_FENCE;
}

ketch_status ktq_circuit_advance(ketch_context *context, void *user)
{
    ktq_circuit_run *const run = user;
    ketch_state *const state = run->state;
    KT_TRY(regain_state(context, run));
    bool fence = false;
    run->context = context;
    state->phase = KTQ_STATE_RUNNING;
    const ketch_status status = run_shots(context, run, &fence);
    state->phase = status ? KTQ_STATE_SUSPENDED : fence ? KTQ_STATE_FENCE : KTQ_STATE_READY;
    state->done = run->shot * run->program->steps + run->retired;
    if (status && ketch_context_clean(context))
        undo_start(run);
    if (!status && fence)
        ketch_context_fence(context, state);
    return status;
}
