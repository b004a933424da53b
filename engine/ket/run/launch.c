/* Beginning a circuit's run: every check, and every piece of memory it will use. */
#include "ket/run/run.h"

#include "engine.h"
#include "job.h"
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

/* Shots give classical bits; without a measurement there are none. */
static ketch_status check_purpose(const ketch_program *program, const ketch_shots *asked,
                                  const char *function, ketch_error *error)
{
    if (!asked->shots || program->measures || asked->observable_count)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, "shots",
                   kt_format("%llu", (unsigned long long)asked->shots).text,
                   "0, a circuit that measures, or observables",
                   "the circuit measures nothing, so shots have no outcome: add measurements, or "
                   "run it once and read the state");
}

static ketch_status check_shots(const ketch_program *program, const ketch_state *state,
                                const ketch_shots *asked, const char *function, ketch_error *error)
{
    if (asked->shots > shots_max)
        return kt_fail(error, KETCH_RANGE, function, "shots",
                       kt_format("%llu", (unsigned long long)asked->shots).text,
                       kt_format("0..%llu", (unsigned long long)shots_max).text, "too many shots");
    KT_TRY(check_purpose(program, asked, function, error));
    if (asked->shots > 1 && !program->sampled && state && !state->basis)
        return kt_fail(error, KETCH_RANGE, function, "shots",
                       kt_format("%llu", (unsigned long long)asked->shots).text, "0 or 1",
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
    ktq_run *const run = user;
    if (run->state->phase == KTQ_STATE_FENCE && run->state->changes == run->changes)
        run->state->phase = KTQ_STATE_READY;
    ketch_state_drop(run->state);
    ketch_program_drop(run->program);
    drop_block(run->rows_block);
    drop_block(run->work_block);
    ktq_observables_close(&run->observables);
    drop_block(run->record);
}

/* What drawing outcomes takes: partial sums, running sums, and for sampled shots their order,
 * uniforms and outcomes. */
static uint64_t work_size(const ketch_program *program, uint64_t shots)
{
    const uint64_t drawn = program->measured_count ? shots : 0;
    return program->draws ? (2 * ktq_chunk_count(program->qubits) + 1 + 3 * drawn) * sizeof(double)
                          : 0;
}

static ketch_status take_work(ktq_run *run, const char *function, ketch_error *error)
{
    if (!run->program->draws)
        return KETCH_OK;
    const uint64_t chunks = ktq_chunk_count(run->program->qubits);
    const uint64_t drawn = run->program->measured_count ? run->shots : 0;
    KT_TRY(take_block(&run->work_block, run->state, work_size(run->program, run->shots),
                      "drawing shots", function, error));
    double *const work = kt_block_data(run->work_block);
    run->partial = work;
    run->sample.partial = work;
    run->sample.start = work + chunks;
    run->sample.uniform = work + 2 * chunks + 1;
    run->sample.order = (uint64_t *)(void *)(run->sample.uniform + drawn);
    run->sample.outcomes = run->sample.order + drawn;
    run->sample.shots = drawn;
    return KETCH_OK;
}

static ketch_status take_rows(ktq_run *run, const char *function, ketch_error *error)
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
static ketch_status take_state(ktq_run *run, const char *function, ketch_error *error)
{
    ketch_state *const state = run->state;
    KT_TRY(ktq_state_own(state, !state->basis, function, error));
    run->from_basis = state->basis;
    run->basis_index = state->index;
    run->changes = state->changes;
    state->phase = KTQ_STATE_FENCE;
    return KETCH_OK;
}

static ketch_status open_observables(ktq_run *run, const ketch_shots *asked, const char *function,
                                     ketch_error *error)
{
    const ktq_observables_request plan = {.program = run->program,
                                          .arena = run->state->arena,
                                          .from_basis = run->state->basis,
                                          .is_single = run->repeats == 1,
                                          .collapses = run->collapses,
                                          .count = asked->observable_count,
                                          .observables = asked->observables};
    return ktq_observables_open(&run->observables, &plan, function, error);
}

static ketch_status fill_run(ktq_run *run, const ketch_shots *asked, const char *function,
                             ketch_error *error)
{
    run->collapses = asked->shots == 0;
    run->shots = asked->shots ? asked->shots : 1;
    run->repeats = run->program->sampled ? 1 : run->shots;
    run->seed = asked->seed;
    KT_TRY(take_work(run, function, error));
    KT_TRY(take_rows(run, function, error));
    KT_TRY(open_observables(run, asked, function, error));
    return take_state(run, function, error);
}

/* What a caller asks for; state NULL: |0...0>. */
typedef struct launch {
    ketch_program *program;
    ketch_state *state;
    const ketch_shots *shots;
    const char *function;
} launch;

static ketch_status find_state(ketch_state **state, const launch *l, ketch_engine *engine,
                               ketch_error *error)
{
    if (l->state)
        *state = ketch_state_share(l->state);
    else
        KT_TRY(ktq_state_make(state, engine->arena, l->program->qubits, l->program->precision,
                              l->function, error));
    return KETCH_OK;
}

static ketch_status make_run(ktq_run **made, const launch *l, const ketch_shots *asked,
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
    *run = (ktq_run){.record = record, .state = state};
    run->program = ketch_program_share(l->program);
    status = fill_run(run, asked, l->function, error);
    if (status != KETCH_OK)
        release_run(run);
    else
        *made = run;
    return status;
}

static ketch_status check_launch(const launch *l, ketch_shots *asked, ketch_error *error)
{
    KT_TRY(check_bound(l->program, l->function, error));
    if (l->state) {
        KT_TRY(ktq_state_check_read(l->state, l->function, error));
        KT_TRY(check_fit(l->program, l->state, l->function, error));
    }
    KT_TRY(kt_read_options(asked, sizeof *asked, l->shots, l->function, "shots", error));
    KT_TRY(check_shots(l->program, l->state, asked, l->function, error));
    return ktq_observables_check(l->program->qubits, l->program->sampled, asked, l->function,
                                 error);
}

static ketch_status prepare_run(ketch_job *job, ketch_engine *engine, ketch_error *error)
{
    const launch *const l = job->user;
    ketch_shots asked;
    KT_TRY(check_launch(l, &asked, error));
    ktq_run *made = NULL;
    KT_TRY(make_run(&made, l, &asked, engine, error));
    job->steps = made->program->steps * made->repeats;
    job->scratch =
        made->observables.scratch ? made->observables.scratch : ktq_program_scratch(made->program);
    job->user = made;
    return KETCH_OK;
}

const ketch_job_type ktq_circuit_type = {
    .size = sizeof(ketch_job_type),
    .name = "ketch.circuit",
    .version = 1,
    .advance = ktq_run_advance,
    .release = release_run,
    .prepare = prepare_run,
};

/* kt_run_begin or kt_run_whole. */
typedef ketch_status carry(ketch_result **, ketch_engine *, const ketch_job *, const ketch_run *,
                           const char *, ketch_error *);

static ketch_status launch_circuit(carry *start, ketch_result **result, ketch_engine *engine,
                                   const launch *l, const ketch_run *run, ketch_error *error)
{
    if (result)
        *result = NULL;
    KT_TRY(ktq_program_check(l->program, l->function, error));
    const ketch_job job = {.size = sizeof job,
                           .type = &ktq_circuit_type,
                           .kernels = l->program->kernels->id,
                           .user = (void *)l};
    return start(result, engine, &job, run, l->function, error);
}

ketch_status ketch_program_begin(ketch_result **result, ketch_engine *engine,
                                 ketch_program *program, ketch_state *state,
                                 const ketch_shots *shots, const ketch_run *run, ketch_error *error)
{
    const launch l = {program, state, shots, __func__};
    return launch_circuit(kt_run_begin, result, engine, &l, run, error);
}

ketch_status ketch_program_run(ketch_result **result, ketch_engine *engine, ketch_program *program,
                               ketch_state *state, const ketch_shots *shots, const ketch_run *run,
                               ketch_error *error)
{
    const launch l = {program, state, shots, __func__};
    return launch_circuit(kt_run_whole, result, engine, &l, run, error);
}

ketch_status ketch_circuit_run(ketch_result **result, ketch_engine *engine,
                               const ketch_circuit *circuit, const ketch_program_options *options,
                               const ketch_shots *shots, const ketch_run *run, ketch_error *error)
{
    if (!result)
        return kt_fail_handle(error, __func__, "result", "a place for the result", NULL);
    *result = NULL;
    KT_TRY(kt_engine_check(engine, __func__, error));
    ketch_program_options wanted;
    KT_TRY(kt_read_options(&wanted, sizeof wanted, options, __func__, "options", error));
    wanted.size = sizeof wanted;
    if (!wanted.kernels)
        wanted.kernels = engine->kernels;
    ketch_program *program = NULL;
    KT_TRY(ketch_program_create(&program, circuit, &wanted, error));
    const launch l = {program, NULL, shots, __func__};
    const ketch_status status = launch_circuit(kt_run_whole, result, engine, &l, run, error);
    ketch_program_drop(program);
    return status;
}

/* ---- what a run takes ---- */

/* What is observed is laid out once to be measured. */
static ketch_status add_observables_need(ketch_need *need, uint64_t *scratch,
                                         const ketch_program *program, const ketch_shots *asked,
                                         ketch_arena *arena, const char *function,
                                         ketch_error *error)
{
    const ktq_observables_request plan = {.program = program,
                                          .arena = arena,
                                          .from_basis = true,
                                          .is_single = program->sampled || asked->shots <= 1,
                                          .collapses = asked->shots == 0,
                                          .count = asked->observable_count,
                                          .observables = asked->observables};
    ktq_observables gathered;
    KT_TRY(ktq_observables_open(&gathered, &plan, function, error));
    ketch_need_add(need, "result", gathered.block ? kt_block_size(gathered.block) : 0);
    *scratch = gathered.scratch ? gathered.scratch : ktq_program_scratch(program);
    ktq_observables_close(&gathered);
    return KETCH_OK;
}

ketch_status ketch_program_need(ketch_need *need, const ketch_engine *engine,
                                const ketch_program *program, const ketch_shots *shots,
                                ketch_error *error)
{
    KT_TRY(kt_engine_check(engine, __func__, error));
    KT_TRY(ktq_program_check(program, __func__, error));
    ketch_shots asked;
    KT_TRY(kt_read_options(&asked, sizeof asked, shots, __func__, "shots", error));
    KT_TRY(check_shots(program, NULL, &asked, __func__, error));
    KT_TRY(ktq_observables_check(program->qubits, program->sampled, &asked, __func__, error));
    const uint64_t rows = asked.shots ? asked.shots : 1;
    ketch_need out = {.size = sizeof out};
    ketch_need_add(&out, "state", ktq_amplitude_size(program->precision) << program->qubits);
    ketch_need_add(&out, "state", sizeof(ketch_state));
    ketch_need_add(&out, "result", sizeof(ktq_run));
    ketch_need_add(&out, "result", work_size(program, rows));
    ketch_need_add(&out, "result", rows * (uint64_t)program->bits);
    ketch_job job = {.type = &ktq_circuit_type};
    KT_TRY(
        add_observables_need(&out, &job.scratch, program, &asked, engine->arena, __func__, error));
    kt_job_add_need(&out, engine, &job);
    return kt_write_report(need, &out, sizeof out, __func__, "need", error);
}
