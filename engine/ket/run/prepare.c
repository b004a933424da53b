/* The checks of a run, which come before it takes memory. */
#include "ket/run/prepare.h"

#include "engine.h"
#include "ket/state/checks.h"
#include "status.h"

static const uint64_t shots_max = UINT64_C(1) << 32;

static ketch_status check_fit(const ketch_program *program, const ketch_state *state,
                              const char *function, ketch_error *error)
{
    if (state->qubits != program->plan->qubits)
        return kt_fail(error, KETCH_MISMATCH, function, "state",
                       kt_format("%d qubits", state->qubits).text,
                       kt_format("%d qubits", program->plan->qubits).text,
                       "the state does not fit the program");
    if (state->precision == program->plan->precision)
        return KETCH_OK;
    return kt_fail(error, KETCH_MISMATCH, function, "state", ktq_precision_name(state->precision),
                   ktq_precision_name(program->plan->precision),
                   "the state's precision is not the program's");
}

ketch_status ktq_launch_check_bound(const ketch_program *program, const char *function,
                                    ketch_error *error)
{
    const size_t open = ktq_program_open_parameters(program);
    if (!open)
        return KETCH_OK;
    return kt_fail(error, KETCH_ARITY, function, "program", "no values",
                   kt_format("values for its %zu parameters", open).text,
                   "the program is not bound: ketch_program_bind");
}

/* Shots have classical bits as their result, and a circuit that measures nothing has none. */
static ketch_status check_purpose(const ketch_program *program, const ketch_shots *asked,
                                  const char *function, ketch_error *error)
{
    if (!asked->shots || program->plan->measures || asked->observable_count)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, "shots",
                   kt_format("%llu", (unsigned long long)asked->shots).text,
                   "0, a circuit that measures, or observables",
                   "the circuit measures nothing, so shots have no outcome: add measurements, or "
                   "run it once and read the state");
}

ketch_status ktq_launch_check_shots(const ketch_program *program, const ketch_state *state,
                                    const ketch_shots *asked, const char *function,
                                    ketch_error *error)
{
    if (asked->shots > shots_max)
        return kt_fail(error, KETCH_RANGE, function, "shots",
                       kt_format("%llu", (unsigned long long)asked->shots).text, "0..2^32",
                       "too many shots");
    KT_TRY(check_purpose(program, asked, function, error));
    const bool is_one_run = program->plan->is_sampled && !program->plan->first_resets;
    if (asked->shots > 1 && !is_one_run && state && !state->is_basis)
        return kt_fail(error, KETCH_RANGE, function, "shots",
                       kt_format("%llu", (unsigned long long)asked->shots).text, "0 or 1",
                       "each shot is a run of its own, which needs a state set to a basis state");
    return KETCH_OK;
}

static ketch_status check_launch(const ktq_launch *l, ketch_shots *asked, ketch_error *error)
{
    KT_TRY(ktq_launch_check_bound(l->program, l->function, error));
    if (l->state) {
        KT_TRY(ktq_state_check_read(l->state, l->function, error));
        KT_TRY(check_fit(l->program, l->state, l->function, error));
    }
    KT_TRY(kt_read_options(asked, sizeof *asked, l->shots, l->function, "shots", error));
    KT_TRY(ktq_launch_check_shots(l->program, l->state, asked, l->function, error));
    return ktq_observables_check(l->program->plan->qubits, l->program->plan->is_sampled, asked,
                                 l->function, error);
}

ketch_status ktq_run_prepare(ketch_job *job, ketch_engine *engine, ketch_error *error)
{
    const ktq_launch *const l = job->user;
    ketch_shots asked;
    KT_TRY(check_launch(l, &asked, error));
    ktq_run *made = NULL;
    KT_TRY(ktq_run_make(&made, l, &asked, engine, error));
    ktq_run_describe(job, made);
    return KETCH_OK;
}
