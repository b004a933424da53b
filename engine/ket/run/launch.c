/* The public functions that run circuits, and the memory that a run takes. */
#include "ket/run/prepare.h"
#include "ket/run/run.h"

#include "engine.h"
#include "job.h"
#include "ket/state/checks.h"
#include "status.h"

/* kt_run_begin or kt_run_whole. */
typedef ketch_status carry(ketch_result **, ketch_engine *, const ketch_job *, const ketch_run *,
                           const char *, ketch_error *);

static ketch_status launch_circuit(carry *start, ketch_result **result, ketch_engine *engine,
                                   const ktq_launch *l, const ketch_run *run, ketch_error *error)
{
    if (result)
        *result = NULL;
    KT_TRY(ktq_program_check(l->program, l->function, error));
    const ketch_job job = {.size = sizeof job,
                           .type = &ktq_circuit_type,
                           .kernels = l->program->plan->set->id,
                           .user = (void *)l};
    return start(result, engine, &job, run, l->function, error);
}

ketch_status ketch_program_begin(ketch_result **result, ketch_engine *engine,
                                 ketch_program *program, ketch_state *state,
                                 const ketch_shots *shots, const ketch_run *run, ketch_error *error)
{
    const ktq_launch l = {.program = program, .state = state, .shots = shots, .function = __func__};
    return launch_circuit(kt_run_begin, result, engine, &l, run, error);
}

ketch_status ketch_program_run(ketch_result **result, ketch_engine *engine, ketch_program *program,
                               ketch_state *state, const ketch_shots *shots, const ketch_run *run,
                               ketch_error *error)
{
    const ktq_launch l = {.program = program, .state = state, .shots = shots, .function = __func__};
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
    if (!wanted.arena)
        wanted.arena = engine->arena;
    ketch_program *program = NULL;
    KT_TRY(ketch_program_create(&program, circuit, &wanted, error));
    const ktq_launch l = {.program = program, .shots = shots, .function = __func__};
    const ketch_status status = launch_circuit(kt_run_whole, result, engine, &l, run, error);
    ketch_program_drop(program);
    return status;
}

/* ---- what a run takes ---- */

/* What the program, and the one it was bound from, have of the arena. */
static void add_program_need(ketch_need *need, const ketch_program *program,
                             const ketch_arena *arena)
{
    for (; program; program = program->origin)
        if (kt_block_arena(program->block) == arena)
            ketch_need_add(need, "program", kt_block_size(program->block));
}

/* Opens the observables once, to learn how much memory they take. */
static ketch_status add_observables_need(ketch_need *need, uint64_t *scratch,
                                         const ketch_program *program, const ketch_shots *asked,
                                         ketch_arena *arena, const char *function,
                                         ketch_error *error)
{
    const ktq_observables_request plan = {.program = program,
                                          .arena = arena,
                                          .from_basis = true,
                                          .is_single =
                                              program->plan->is_sampled || asked->shots <= 1,
                                          .collapses = asked->shots == 0,
                                          .count = asked->observable_count,
                                          .observables = asked->observables};
    ktq_observables gathered = {0};
    KT_TRY(ktq_observables_open(&gathered, &plan, function, error));
    ketch_need_add(need, "result", gathered.block ? kt_block_size(gathered.block) : 0);
    ketch_need_add(need, "result", ktq_observables_image_size(&gathered, program));
    *scratch = ktq_run_scratch(program->plan, &gathered, asked->shots ? asked->shots : 1);
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
    KT_TRY(ktq_launch_check_shots(program, NULL, &asked, __func__, error));
    KT_TRY(ktq_observables_check(program->plan->qubits, program->plan->is_sampled, &asked, __func__,
                                 error));
    const uint64_t rows = asked.shots ? asked.shots : 1;
    ketch_need out = {.size = sizeof out};
    add_program_need(&out, program, engine->arena);
    ketch_need_add(&out, "state",
                   ktq_amplitude_size(program->plan->precision) << program->plan->qubits);
    ketch_need_add(&out, "state", sizeof(ketch_state));
    ketch_need_add(&out, "result", sizeof(ktq_run));
    ketch_need_add(&out, "result", ktq_run_work_size(program->plan, rows));
    ketch_need_add(&out, "result", rows * (uint64_t)program->plan->bits);
    ketch_job job = {.type = &ktq_circuit_type};
    KT_TRY(
        add_observables_need(&out, &job.scratch, program, &asked, engine->arena, __func__, error));
    kt_job_add_need(&out, engine, &job);
    return kt_write_report(need, &out, sizeof out, __func__, "need", error);
}
