/* Beginning a circuit's run: every check, and every piece of memory it will use. */
#include "ket/run/execute.h"

#include "ket/state/checks.h"
#include "status.h"

#include <math.h>
#include <string.h>

static const uint64_t shots_max = UINT64_C(1) << 32;

static ketch_status check_fit(const ketch_program *program, const ketch_state *state,
                              const char *function, ketch_error *error)
{
    if (state->qubits != program->qubits)
        return kt_fail(
            error, KETCH_MISMATCH, function, "state", kt_format("%d qubits", state->qubits).text,
            kt_format("%d qubits", program->qubits).text, "the state does not fit the program");
    if (state->precision == program->precision)
        return KETCH_OK;
    const bool single = state->precision == KETCH_SINGLE;
    return kt_fail(error, KETCH_MISMATCH, function, "state", single ? "single" : "double",
                   single ? "double" : "single", "the state's precision is not the program's");
}

static ketch_status check_bound(const ketch_program *program, const char *function,
                                ketch_error *error)
{
    if (!program->book || program->plan)
        return KETCH_OK;
    return kt_fail(error, KETCH_ARITY, function, "program", "no values",
                   kt_format("values for its %zu parameters", program->book->parameter_count).text,
                   "the program is not bound: ketch_program_bind");
}

static ketch_status check_shots(const ketch_program *program, const ketch_state *state,
                                uint64_t shots, const char *function, ketch_error *error)
{
    if (shots > shots_max)
        return kt_fail(error, KETCH_RANGE, function, "shots",
                       kt_format("%llu", (unsigned long long)shots).text,
                       kt_format("0..%llu", (unsigned long long)shots_max).text, "too many shots");
    if (shots > 1 && !program->sampled && !state->basis)
        return kt_fail(error, KETCH_RANGE, function, "shots",
                       kt_format("%llu", (unsigned long long)shots).text, "0 or 1",
                       "each shot is a run of its own, which needs a state set to a basis state");
    return KETCH_OK;
}

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

/* Whatever ends it: what it keeps is let go. A state left between fences stays suspended. */
static void release_run(void *user)
{
    ktq_circuit_run *const run = user;
    if (run->state->phase == KTQ_STATE_FENCE && run->state->changes == run->changes)
        run->state->phase = KTQ_STATE_READY;
    ketch_state_drop(run->state);
    ketch_program_drop(run->program);
    drop_block(run->rows_block);
    drop_block(run->work_block);
    ktq_watch_close(&run->watch);
    drop_block(run->record);
}

/* What drawing outcomes takes: partial sums, running sums, and for sampled shots their order,
 * uniforms and outcomes. */
static ketch_status take_work(ktq_circuit_run *run, const char *function, ketch_error *error)
{
    if (!run->program->draws)
        return KETCH_OK;
    const uint64_t chunks = ktq_chunk_count(run->program->qubits);
    const uint64_t drawn = run->program->measured_count ? run->shots : 0;
    const uint64_t size = (2 * chunks + 1 + 3 * drawn) * sizeof(double);
    KT_TRY(take_block(&run->work_block, run->state, size, "drawing shots", function, error));
    double *const work = kt_block_data(run->work_block);
    run->partial = work;
    run->sample.start = work + chunks;
    run->sample.uniform = work + 2 * chunks + 1;
    run->sample.order = (uint64_t *)(void *)(run->sample.uniform + drawn);
    run->sample.outcomes = run->sample.order + drawn;
    run->sample.shots = drawn;
    return KETCH_OK;
}

static ketch_status take_rows(ktq_circuit_run *run, const char *function, ketch_error *error)
{
    const uint64_t size = run->shots * (uint64_t)run->program->bits;
    KT_TRY(take_block(&run->rows_block, run->state, size, "the shots' bits", function, error));
    if (size) {
        run->rows = kt_block_data(run->rows_block);
        memset(run->rows, 0, size);
    }
    return KETCH_OK;
}

/* Until the result is destroyed nobody else may write the state. */
static ketch_status take_state(ktq_circuit_run *run, const char *function, ketch_error *error)
{
    ketch_state *const state = run->state;
    KT_TRY(ktq_state_own(state, !state->basis, function, error));
    run->from_basis = state->basis;
    run->basis_index = state->index;
    run->changes = state->changes;
    state->phase = KTQ_STATE_FENCE;
    return KETCH_OK;
}

static ketch_status open_watch(ktq_circuit_run *run, const ketch_run *options, const char *function,
                               ketch_error *error)
{
    const ktq_watch_plan plan = {.program = run->program,
                                 .arena = run->state->arena,
                                 .from_basis = run->state->basis,
                                 .once = run->repeats == 1,
                                 .collapses = run->collapses,
                                 .count = options->observable_count,
                                 .observables = options->observables};
    return ktq_watch_open(&run->watch, &plan, function, error);
}

static ketch_status fill_run(ktq_circuit_run *run, const ketch_run *options, const char *function,
                             ketch_error *error)
{
    run->collapses = options->shots == 0;
    run->shots = options->shots ? options->shots : 1;
    run->repeats = run->program->sampled ? 1 : run->shots;
    run->seed = options->seed;
    KT_TRY(take_work(run, function, error));
    KT_TRY(take_rows(run, function, error));
    KT_TRY(open_watch(run, options, function, error));
    return take_state(run, function, error);
}

static ketch_status make_run(ktq_circuit_run **made, ketch_program *program, ketch_state *state,
                             const ketch_run *options, const char *function, ketch_error *error)
{
    ketch_block *record = NULL;
    KT_TRY(take_block(&record, state, sizeof **made, "the run's record", function, error));
    ktq_circuit_run *const run = kt_block_data(record);
    *run = (ktq_circuit_run){.record = record};
    run->program = ketch_program_share(program);
    run->state = ketch_state_share(state);
    const ketch_status status = fill_run(run, options, function, error);
    if (status)
        release_run(run);
    else
        *made = run;
    return status;
}

/* kt_run_begin or kt_run_whole. */
typedef ketch_status carry(ketch_result **, ketch_engine *, const ketch_job *, const ketch_run *,
                           const char *, ketch_error *);

static ketch_status launch_circuit(carry *start, ketch_result **result, ketch_engine *engine,
                                   ketch_program *program, ketch_state *state,
                                   const ketch_run *options, const char *function,
                                   ketch_error *error)
{
    if (!result)
        return kt_fail_handle(error, function, "result", "a place for the result", NULL);
    *result = NULL;
    KT_TRY(kt_engine_check(engine, function, error));
    KT_TRY(ktq_program_check(program, function, error));
    KT_TRY(check_bound(program, function, error));
    KT_TRY(ktq_state_check_read(state, function, error));
    KT_TRY(check_fit(program, state, function, error));
    ketch_run run;
    KT_TRY(kt_read_options(&run, sizeof run, options, function, "run", error));
    run.size = sizeof run;
    KT_TRY(check_shots(program, state, run.shots, function, error));
    KT_TRY(ktq_observables_check(program, &run, function, error));
    ktq_circuit_run *made = NULL;
    KT_TRY(make_run(&made, program, state, &run, function, error));
    const ketch_job job = {
        .size = sizeof job,
        .steps = program->steps * made->repeats,
        .scratch = made->watch.scratch ? made->watch.scratch : ktq_program_scratch(program),
        .advance = ktq_circuit_advance,
        .release = release_run,
        .user = made,
    };
    const ketch_status status = start(result, engine, &job, &run, function, error);
    if (!*result)
        release_run(made);
    return status;
}

ketch_status ketch_program_begin(ketch_result **result, ketch_engine *engine,
                                 ketch_program *program, ketch_state *state, const ketch_run *run,
                                 ketch_error *error)
{
    return launch_circuit(kt_run_begin, result, engine, program, state, run, __func__, error);
}

ketch_status ketch_program_run(ketch_result **result, ketch_engine *engine, ketch_program *program,
                               ketch_state *state, const ketch_run *run, ketch_error *error)
{
    return launch_circuit(kt_run_whole, result, engine, program, state, run, __func__, error);
}
