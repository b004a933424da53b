/* Making and ending a circuit's run. */
#include "ket/run/run.h"

#include "engine.h"
#include "status.h"

#include <string.h>

static ketch_status take_block(ketch_block **block, ketch_state *state, uint64_t size,
                               const char *what, const char *function, ketch_error *error)
{
    if (!size)
        return KETCH_OK;
    kt_refusal refusal;
    *block = kt_arena_take(state->arena, size, "result", &refusal);
    return *block ? KETCH_OK : kt_fail_memory(error, function, "shots", what, &refusal);
}

static void drop_block(ketch_block *block)
{
    if (block)
        kt_block_drop(block);
}

/* Gives up everything that the run holds. A state between two fences stays suspended. */
void ktq_run_release(void *user)
{
    ktq_run *const run = user;
    if (run->state->mode == KTQ_STATE_FENCE && run->state->changes == run->changes)
        run->state->mode = KTQ_STATE_READY;
    ketch_state_drop(run->state);
    ketch_program_drop(run->program);
    drop_block(run->rows_block);
    drop_block(run->work_block);
    ktq_observables_close(&run->observables);
    drop_block(run->record);
}

/* The number of shots that are drawn from one final state. */
static uint64_t count_drawn(const ktq_plan *plan, uint64_t shots)
{
    return plan->measured.count ? shots : 0;
}

/* Lays out the working memory for drawing outcomes: the chunks' sums, and the shots' numbers. */
static void lay_out_work(ktq_sample *sample, double **partial, const ktq_plan *plan, uint64_t shots,
                         kt_layout *layout)
{
    *partial = kt_layout_take(layout, 2 * ktq_chunk_count(plan->qubits), sizeof **partial);
    *sample = (ktq_sample){.chunks = {.qubits = plan->qubits, .precision = plan->precision},
                           .shots = count_drawn(plan, shots)};
    if (sample->shots) {
        ktq_sample_take(sample, layout);
        sample->outcomes = kt_layout_take(layout, sample->shots, sizeof *sample->outcomes);
    }
}

uint64_t ktq_run_work_size(const ktq_plan *plan, uint64_t shots)
{
    ktq_sample sample;
    double *partial;
    kt_layout layout = {0};
    if (plan->draws)
        lay_out_work(&sample, &partial, plan, shots, &layout);
    return layout.size;
}

uint64_t ktq_run_scratch(const ktq_plan *plan, const ktq_observables *observables, uint64_t shots)
{
    const uint64_t passes = observables->scratch ? observables->scratch : ktq_plan_scratch(plan);
    const ktq_sample sample = {.chunks = {.qubits = plan->qubits},
                               .shots = count_drawn(plan, shots)};
    const uint64_t drawing = sample.shots ? ktq_sample_scratch(&sample) : 0;
    return KT_MAX(passes, drawing);
}

static ketch_status take_work(ktq_run *run, const char *function, ketch_error *error)
{
    if (!run->program->plan->draws)
        return KETCH_OK;
    KT_TRY(take_block(&run->work_block, run->state,
                      ktq_run_work_size(run->program->plan, run->shots), "drawing shots", function,
                      error));
    kt_layout layout = {.base = kt_block_data(run->work_block)};
    lay_out_work(&run->sample, &run->partial, run->program->plan, run->shots, &layout);
    run->sample.seed = run->seed;
    return KETCH_OK;
}

static ketch_status take_rows(ktq_run *run, const char *function, ketch_error *error)
{
    const uint64_t size = run->shots * (uint64_t)run->program->plan->bits;
    KT_TRY(take_block(&run->rows_block, run->state, size, "the shots' bits", function, error));
    if (size) {
        run->rows = kt_block_data(run->rows_block);
        memset(run->rows, 0, (size_t)size);
    }
    return KETCH_OK;
}

/* Marks the state as the run's: until the result is destroyed nothing else may write it. */
static ketch_status take_state(ktq_run *run, const char *function, ketch_error *error)
{
    ketch_state *const state = run->state;
    KT_TRY(ktq_state_own(state, !state->is_basis, function, error));
    run->changes = state->changes;
    state->mode = KTQ_STATE_FENCE;
    return KETCH_OK;
}

static ketch_status open_observables(ktq_run *run, const ketch_shots *asked, const char *function,
                                     ketch_error *error)
{
    const ktq_observables_request request = {.program = run->program,
                                             .arena = run->state->arena,
                                             .from_basis = run->from_basis,
                                             .is_single = run->repeats == 1,
                                             .collapses = run->collapses,
                                             .count = asked->observable_count,
                                             .observables = asked->observables};
    KT_TRY(ktq_observables_open(&run->observables, &request, function, error));
    return ktq_observables_take_image(&run->observables, &request, function, error);
}

static ketch_status fill_run(ktq_run *run, const ketch_shots *asked, const char *function,
                             ketch_error *error)
{
    run->collapses = asked->shots == 0;
    run->shots = asked->shots ? asked->shots : 1;
    run->repeats = run->program->plan->is_sampled ? 1 : run->shots;
    run->seed = asked->seed;
    KT_TRY(take_work(run, function, error));
    KT_TRY(take_rows(run, function, error));
    KT_TRY(open_observables(run, asked, function, error));
    return take_state(run, function, error);
}

static ketch_status find_state(ketch_state **state, const ktq_launch *l, ketch_engine *engine,
                               ketch_error *error)
{
    if (l->state)
        *state = ketch_state_share(l->state);
    else
        KT_TRY(ktq_state_make(state, engine->arena, l->program->plan->qubits,
                              l->program->plan->precision, l->function, error));
    return KETCH_OK;
}

ketch_status ktq_run_make(ktq_run **made, const ktq_launch *l, const ketch_shots *asked,
                          ketch_engine *engine, ketch_error *error)
{
    ketch_state *state = NULL;
    KT_TRY(find_state(&state, l, engine, error));
    ketch_block *record = NULL;
    ketch_status status =
        take_block(&record, state, sizeof **made, "the run's record", l->function, error);
    if (status != KETCH_OK) {
        ketch_state_drop(state);
        return status;
    }
    ktq_run *const run = kt_block_data(record);
    *run = (ktq_run){.record = record,
                     .state = state,
                     .from_basis = l->is_loaded ? l->from_basis : state->is_basis,
                     .basis_index = state->index};
    run->program = ketch_program_share(l->program);
    status = fill_run(run, asked, l->function, error);
    if (status != KETCH_OK)
        ktq_run_release(run);
    else
        *made = run;
    return status;
}

/* Less than about 0.1 ms: a gate, and a term of an observable, take a few tenths of a nanosecond for
 * each amplitude, and a shot takes some tens of nanoseconds. */
static bool is_brief(const ktq_run *run)
{
    const ktq_plan *const plan = run->program->plan;
    const ktq_observables *const o = &run->observables;
    const uint64_t sweeps = plan->steps + o->term_count + o->value_count;
    const uint64_t most = plan->qubits < 32 ? 100000 >> plan->qubits : 0;
    return sweeps < most && run->shots < 1000 && run->repeats * sweeps < most && !o->variance_count;
}

void ktq_run_describe(ketch_job *job, ktq_run *run)
{
    job->brief = is_brief(run);
    job->steps = run->program->plan->steps * run->repeats;
    job->scratch = ktq_run_scratch(run->program->plan, &run->observables, run->shots);
    job->kernels = run->program->plan->set->id;
    job->user = run;
}
