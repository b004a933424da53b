/* Calls that run circuits: begun, run whole, stopped and resumed with hooks, saved and loaded. What
 * they end with is compared by calls_ends.c. */
#include "calls_ends.h"

#include <string.h>
#include <unistd.h>

/* ---- hooks ---- */

enum { ACT_NONE, ACT_TOKEN, ACT_ENGINE, ACT_POSITIVE, ACT_NEGATIVE, ACT_CALLS, ACTS };

/* What a hook may not do with its own engine and run is BUSY, and nothing happens. */
static void call_own_engine(const session *s)
{
    double norm;
    ketch_error e = {.size = sizeof e};
    ketch_result *made = NULL;
    ketch_engine *const engine = s->plan.engine;
    ketch_engine_info info = {.size = sizeof info};
    FUZZ_REQUIRE(ketch_engine_get_info(&info, engine, NULL) == KETCH_OK && info.running);
    FUZZ_REQUIRE(ketch_engine_destroy(engine, &e) == KETCH_BUSY && e.message[0]);
    if (s->program)
        FUZZ_REQUIRE(ketch_program_run(&made, engine, s->program, NULL, NULL, NULL, NULL) ==
                     KETCH_BUSY);
    FUZZ_REQUIRE(!made);
    if (!s->plan.result)
        return;
    ketch_state *const state = ketch_circuit_result_state(s->plan.result);
    /* In a tick before a resumed run goes on, the state is still suspended, and could be set. */
    const ketch_status read = ketch_state_norm(&norm, engine, state, NULL);
    FUZZ_REQUIRE(read == KETCH_SUSPENDED ||
                 (read == KETCH_BUSY && ketch_state_set_ket(state, NULL, NULL) == KETCH_BUSY));
    FUZZ_REQUIRE(ketch_engine_resume(engine, s->plan.result, NULL, NULL) == KETCH_BUSY);
    FUZZ_REQUIRE(ketch_engine_advance(calls_engines[0], s->plan.result, NULL, NULL) == KETCH_BUSY);
    FUZZ_REQUIRE(ketch_result_save(s->plan.result, calls_path, NULL, 0, 1, NULL) == KETCH_BUSY);
    ketch_result_destroy(s->plan.result);
}

/* At a fence the state can be read and is one; in a tick there is none. */
static void look_at_step(const ketch_step *step)
{
    double norm;
    const ketch_state *const state = ketch_step_state(step);
    FUZZ_REQUIRE(step->type == ketch_circuit_type() && !state == !step->view);
    FUZZ_REQUIRE(step->done <= step->total && step->fraction >= 0 && step->fraction <= 1);
    if (!state)
        return;
    const ketch_status status = ketch_state_norm(&norm, NULL, state, NULL);
    FUZZ_REQUIRE(status == KETCH_MEMORY || (status == KETCH_OK && norm > 0.99 && norm < 1.01));
}

int32_t calls_hook(const ketch_step *step, void *user)
{
    session *const s = user;
    look_at_step(step);
    if (s->plan.left-- != 0)
        return 0;
    if (s->plan.act == ACT_TOKEN) {
        ketch_stop_set(&s->plan.stop);
        FUZZ_REQUIRE(ketch_stop_read(&s->plan.stop));
    } else if (s->plan.act == ACT_ENGINE)
        ketch_engine_stop(s->plan.engine);
    else if (s->plan.act == ACT_CALLS)
        call_own_engine(s);
    return s->plan.act == ACT_POSITIVE ? 5 : s->plan.act == ACT_NEGATIVE ? -5 : 0;
}

/* How a run is carried out, with a file for every fourth. */
static ketch_run take_run(session *s, ketch_engine *engine, ketch_result *result)
{
    const uint8_t flags = fuzz_byte(&s->input);
    s->plan = (hook_plan){
        .left = flags >> 3, .act = fuzz_byte(&s->input) % ACTS, .engine = engine, .result = result};
    ketch_stop_clear(&s->plan.stop);
    FUZZ_REQUIRE(!ketch_stop_read(&s->plan.stop));
    const char *const path = (flags & 6) == 4 ? calls_path : NULL;
    return (ketch_run){.size = sizeof(ketch_run),
                       .hook = calls_hook,
                       .user = s,
                       .tick_seconds = flags & 1 ? 1e-9 : -1,
                       .timeout = (flags & 6) == 2 ? 1e-9 : 0,
                       .stop = &s->plan.stop,
                       .save_path = path,
                       .save_note = path ? "note" : NULL,
                       .save_note_size = path ? 4 : 0};
}

/* The file that a run wrote, if it was to, says where it stands. */
static void check_file(session *s, const ketch_run *run, const ketch_result *result)
{
    ketch_saved *saved = NULL;
    ketch_saved_info info = {.size = sizeof info};
    ketch_position position = {.size = sizeof position};
    if (!run->save_path)
        return;
    if (result && ketch_saved_open(&saved, calls_path, NULL) == KETCH_OK) {
        GOOD(s, ketch_saved_get_info(&info, saved, &s->error));
        GOOD(s, ketch_result_get_position(&position, result, &s->error));
        FUZZ_REQUIRE(info.done == position.done && info.ended == position.ended);
        FUZZ_REQUIRE(info.note_size == 4 && !memcmp(ketch_saved_note(saved), "note", 4));
        ketch_saved_close(saved);
    }
    unlink(calls_path);
}

/* Whether a run that was carried on may say so. */
static bool is_ending(ketch_status status, const session *s)
{
    if (status == KETCH_HOOK)
        return s->plan.act == ACT_NEGATIVE && s->plan.left < 0;
    return status == KETCH_OK || status == KETCH_STOPPED || status == KETCH_TIMEOUT ||
           status == KETCH_MEMORY;
}

/* ---- why a run may be refused ---- */

/* Where the run begins: the state, or |0...0> without one. False: it cannot be read. */
static bool note_start(begun_run *r, const session *s, const ketch_state *state, int32_t qubits)
{
    const void *amplitudes;
    memset(r->start, 0, sizeof r->start);
    if (!state || s->basis >= 0)
        r->start[state ? s->basis : 0] = 1;
    else if (ketch_state_qubits(state) != qubits ||
             ketch_state_amplitudes(&amplitudes, state, NULL))
        return false;
    else
        for (size_t i = 0; i < (size_t)1 << qubits; i++)
            r->start[i] = calls_amplitude(amplitudes, ketch_state_precision(state), i);
    return true;
}

/* The status that the state alone would be refused with: OK where it would not. */
static ketch_status state_refusal(const session *s, const ketch_state *state,
                                  const ketch_program_info *info)
{
    const void *amplitudes;
    if (!state)
        return KETCH_OK;
    if (s->basis < 0) {
        const ketch_status status = ketch_state_amplitudes(&amplitudes, state, NULL);
        if (status)
            return status;
    }
    if (ketch_state_qubits(state) != info->qubits ||
        ketch_state_precision(state) != info->precision)
        return KETCH_MISMATCH;
    for (int i = 0; i < 2; i++)
        if (ketch_circuit_result_state(s->runs[i].result) == state &&
            !calls_has_ended(s->runs[i].result) && s->basis < 0)
            return KETCH_BUSY;
    return KETCH_OK;
}

/* A run is refused exactly where something is wrong with it, and for one of these reasons. A state
 * that was set while its run was suspended is nobody's, hence BUSY may be wrong. */
static void check_start(const session *s, ketch_status status, const ketch_engine *engine,
                        const ketch_program *program, const ketch_state *state, const begun_run *r)
{
    ketch_program_info info = {.size = sizeof info};
    ketch_engine_info about = {.size = sizeof about};
    FUZZ_REQUIRE(ketch_program_get_info(&info, program, NULL) == KETCH_OK &&
                 ketch_engine_get_info(&about, engine, NULL) == KETCH_OK);
    const ketch_status by_state = state_refusal(s, state, &info);
    const bool unfit = about.kernels_given && about.kernels != info.kernels;
    const bool aimless = r->shots && !r->observes && !info.measures;
    const bool repeated = r->shots > 1 && !info.sampled && (r->observes || (state && s->basis < 0));
    if (status == KETCH_OK) {
        FUZZ_REQUIRE(!info.parameters && !unfit && !aimless && !repeated);
        FUZZ_REQUIRE(!by_state || by_state == KETCH_BUSY);
        return;
    }
    FUZZ_REQUIRE((status == KETCH_ARITY && info.parameters) ||
                 (status == KETCH_MISMATCH && unfit) || (status == by_state) ||
                 (status == KETCH_RANGE && (aimless || repeated)));
}

/* ---- beginning ---- */

/* Room for another run, in which all is known but the result. */
static begun_run *take_shots(session *s, uint8_t flags)
{
    begun_run *const r = &s->runs[0];
    calls_end_run(r);
    r->shots = flags & 8 ? flags >> 4 & 7 : 0;
    r->observes = flags & 0x80;
    r->seed = fuzz_byte(&s->input);
    return r;
}

typedef ketch_status starter(ketch_result **, ketch_engine *, ketch_program *, ketch_state *,
                             const ketch_shots *, const ketch_run *, ketch_error *);

static void start_run(session *s, starter *start, bool is_whole)
{
    const uint8_t flags = fuzz_byte(&s->input);
    ketch_engine *const engine = calls_pick_engine(s);
    ketch_program *const program = flags & 2 ? s->program : s->bound;
    ketch_state *const state = flags & 4 ? s->state : NULL;
    if (!program)
        return;
    begun_run *const r = take_shots(s, flags);
    ketch_observable observables[CALLS_OBSERVABLES];
    const ketch_run run = take_run(s, engine, NULL);
    const ketch_shots shots =
        calls_describe_shots(r, observables, ketch_circuit_qubits(s->planned));
    const bool readable = note_start(r, s, state, ketch_circuit_qubits(s->planned));
    ketch_status status;
    do {
        calls_arm(s);
        status = start(&r->result, engine, program, state, &shots, &run, &s->error);
    } while (calls_refused(s, status) && !r->result);
    if (!r->result || !is_whole)
        check_start(s, r->result ? KETCH_OK : status, engine, program, state, r);
    FUZZ_REQUIRE(is_whole || (status == KETCH_OK) == (r->result != NULL));
    FUZZ_REQUIRE(!r->result || is_ending(status, s));
    check_file(s, &run, is_whole ? r->result : NULL);
    if (!r->result)
        return;
    if (state)
        s->basis = -1;
    memcpy(r->values, s->bound_values, sizeof r->values);
    calls_note_run(r, s->planned, program, !state, readable);
    calls_compare_end(r);
}

void calls_begin(session *s)
{
    start_run(s, ketch_program_begin, false);
}

void calls_run_program(session *s)
{
    start_run(s, ketch_program_run, true);
}

/* A circuit with values is run in one call. Its program is made, too, for what is done later. */
void calls_run_circuit(session *s)
{
    static const double values[PARAMETERS] = {0.5, -1, 2};
    const uint8_t flags = fuzz_byte(&s->input);
    const ketch_program_options options = {.size = sizeof options,
                                           .fence_every = fuzz_byte(&s->input) % 6,
                                           .precision = flags & 2 ? KETCH_SINGLE : KETCH_DOUBLE};
    ketch_engine *const engine = calls_engines[flags & 1];
    begun_run *const r = take_shots(s, flags);
    ketch_circuit *bound = NULL;
    ketch_program *program = NULL;
    GOOD(s, ketch_circuit_bind(&bound, s->circuit, values, PARAMETERS, &s->error));
    GOOD(s, ketch_program_create(&program, bound, &options, &s->error));
    ketch_observable observables[CALLS_OBSERVABLES];
    const ketch_run run = take_run(s, engine, NULL);
    const ketch_shots shots = calls_describe_shots(r, observables, ketch_circuit_qubits(bound));
    note_start(r, s, NULL, 0);
    ketch_status status;
    do {
        calls_arm(s);
        status = ketch_circuit_run(&r->result, engine, bound, &options, &shots, &run, &s->error);
    } while (calls_refused(s, status) && !r->result);
    check_start(s, r->result ? KETCH_OK : status, engine, program, NULL, r);
    check_file(s, &run, r->result);
    if (r->result) {
        calls_note_run(r, bound, program, true, true);
        calls_compare_end(r);
    }
    ketch_program_drop(program);
    ketch_circuit_destroy(bound);
}

/* ---- going on ---- */

static bool has_lost_state(const session *s, ketch_result *result)
{
    const ketch_state *const state = ketch_circuit_result_state(result);
    for (int i = 0; i < 2; i++)
        if (s->runs[i].result != result && ketch_circuit_result_state(s->runs[i].result) == state)
            return true;
    return state == s->state;
}

/* Whether the call was refused because the run's state was set while it was suspended, which may be
 * long ago. */
static bool was_set_anew(const session *s)
{
    return s->error.status == KETCH_MISMATCH && strcmp(s->error.argument, "state") == 0;
}

/* Carries the run on, until a stop perhaps. */
static void go_on(session *s, bool to_fence)
{
    begun_run *const r = &s->runs[0];
    ketch_engine *const engine = calls_pick_engine(s);
    const ketch_run run = take_run(s, engine, r->result);
    if (!r->result)
        return;
    calls_arm(s);
    const ketch_status status = to_fence ? ketch_engine_advance(engine, r->result, &run, &s->error)
                                         : ketch_engine_resume(engine, r->result, &run, &s->error);
    calls_refused(s, status);
    FUZZ_REQUIRE(is_ending(status, s) || (status == KETCH_BUSY && has_lost_state(s, r->result)) ||
                 (status == KETCH_MISMATCH && (engine == s->engine || was_set_anew(s))));
    FUZZ_REQUIRE(ketch_result_status(r->result) != KETCH_OK || calls_has_ended(r->result));
    check_file(s, &run, is_ending(status, s) ? r->result : NULL);
    calls_compare_end(r);
}

void calls_resume(session *s)
{
    go_on(s, false);
}

void calls_advance(session *s)
{
    go_on(s, true);
}

/* ---- saving ---- */

static void check_saved(session *s, const begun_run *r)
{
    ketch_saved *saved = NULL;
    ketch_saved_info info = {.size = sizeof info};
    ketch_program_options options = {.size = sizeof options};
    double values[PARAMETERS];
    uint64_t count;
    GOOD(s, ketch_saved_open(&saved, calls_path, &s->error));
    GOOD(s, ketch_saved_get_info(&info, saved, &s->error));
    GOOD(s, ketch_circuit_saved(&options, values, PARAMETERS, &count, saved, &s->error));
    FUZZ_REQUIRE(info.ended == calls_has_ended(r->result) && info.note_size == 0 &&
                 !ketch_saved_note(saved) && options.precision == r->precision);
    FUZZ_REQUIRE(count <= PARAMETERS && !memcmp(values, r->values, count * sizeof *values));
    ketch_saved_close(saved);
}

/* Saves the run, and goes on with what is loaded in its place. */
void calls_save_and_load(session *s)
{
    begun_run *const r = &s->runs[0];
    ketch_result *loaded = NULL;
    ketch_status status;
    const uint8_t which = fuzz_byte(&s->input) % 4;
    ketch_engine *const engine = calls_pick_engine(s);
    if (!r->result)
        return;
    CALL(s, status, ketch_result_save(r->result, calls_path, NULL, 0, 1, &s->error));
    FUZZ_REQUIRE(status == KETCH_OK || has_lost_state(s, r->result) || was_set_anew(s));
    if (status)
        return;
    check_saved(s, r);
    ketch_program *const program = which == 2 ? s->bound : which == 3 ? s->program : r->program;
    CALL(s, status, ketch_circuit_load(&loaded, engine, program, calls_path, &s->error));
    FUZZ_REQUIRE(unlink(calls_path) == 0);
    FUZZ_REQUIRE((status == KETCH_OK) == (loaded != NULL));
    if (status) { /* another program's, or another kernel set */
        FUZZ_REQUIRE(program != r->program || engine == s->engine);
        return;
    }
    ketch_result_destroy(r->result);
    r->result = loaded;
    /* The program may be another one, with other values, where they have no effect. */
    if (program == s->bound)
        memcpy(r->values, s->bound_values, sizeof r->values);
    ketch_program_drop(r->program);
    r->program = ketch_program_share(program);
    calls_compare_end(r);
}
