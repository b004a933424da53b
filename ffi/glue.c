/* What the Python extension adds to the public headers: functions that end an object, runs and
 * calls into Python, and the end of the process. ffi/build_ketch.py puts this file into the
 * extension. */
#include "ketch.h"
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ketch declarations begin: for CFFI */

/* ---- places: an object that CFFI ends is in a place of its own, which owns it ---- */

/* Each ends what its place holds; NULL: nothing. CFFI calls them as destructors. They are C so that
 * no Python code runs in a finalizer: an exception that came there would be lost, and the object
 * with it. An engine that carries a run is left as it is. Places of circuits and results are empty
 * then, for the next one. */
void ketch_py_end_arena(ketch_arena **place);
void ketch_py_end_block(ketch_block **place);
void ketch_py_end_circuit(ketch_circuit **place);
void ketch_py_end_cost_table(ketch_cost_table **place);
void ketch_py_end_engine(ketch_engine **place);
void ketch_py_end_glia_net(ketch_glia_net **place);
void ketch_py_end_glia_population(ketch_glia_population **place);
void ketch_py_end_glia_sequence(ketch_glia_sequence **place);
void ketch_py_end_glia_trainer(ketch_glia_trainer **place);
void ketch_py_end_program(ketch_program **place);
void ketch_py_end_result(ketch_result **place);
void ketch_py_end_saved(ketch_saved **place);
void ketch_py_end_state(ketch_state **place);

/* Each puts a new reference into an empty place. A reference that Python had to carry there would
 * be lost by an interrupt. */
void ketch_py_share_arena(ketch_arena **place, ketch_arena *arena);
void ketch_py_share_block(ketch_block **place, ketch_block *block);
void ketch_py_share_glia_net(ketch_glia_net **place, ketch_glia_net *net);
void ketch_py_share_state(ketch_state **place, const ketch_state *state);

/* To be called with the interpreter lock, which CFFI releases: by ctypes. The first two make the
 * classes Owner and Recorder for the calling interpreter, new references; NULL and an exception:
 * refused. The third tells whether this is the main interpreter. */
void *ketch_py_make_owner(void);
void *ketch_py_make_recorder(void);
int ketch_py_is_main(void);

/* ---- calls that may enter Python ---- */

/* As the functions of the library. A thread that Python's end has cut off gets KETCH_PY_ENDED. */
enum { KETCH_PY_ENDED = -9999 };
ketch_status ketch_py_run(ketch_result **result, ketch_engine *engine, ketch_program *program,
                          ketch_state *state, const ketch_shots *shots, const ketch_run *run,
                          ketch_error *error);
ketch_status ketch_py_resume(ketch_engine *engine, ketch_result *result, const ketch_run *run,
                             ketch_error *error);
ketch_status ketch_py_parse(ketch_circuit **circuit, const char *text, size_t length,
                            const ketch_parse_options *options, ketch_error *error);

/* A run of a bundle. program: a place that the caller owns. circuit: NULL, or a place whose circuit
 * is planned first, which fills program's, and is ended. values NULL: none. The seed in *shots does
 * not count. random: 0, 1 where the circuit resets, 3 where it measures; planning sets it. result:
 * what the run left, which the bundle owns until it is exchanged with NULL. */
typedef struct ketch_py_bundled {
    ketch_program **program;
    ketch_circuit **circuit;
    const double *values;
    uint64_t value_count;
    const ketch_shots *shots;
    uint64_t seed;
    uint64_t random;
    ketch_result *result;
} ketch_py_bundled;

/* Runs that one call carries out. done: how many were; seconds: the time that took. options: those
 * of all that are planned; NULL: none is. bound: the last program that was bound to values;
 * bound_from: the one it was bound from. */
typedef struct ketch_py_bundle {
    uint64_t count;
    uint64_t done;
    double seconds;
    const ketch_program_options *options;
    ketch_arena *arena;
    ketch_program *bound;
    ketch_program *bound_from;
    ketch_py_bundled runs[];
} ketch_py_bundle;

/* Carries out the runs from number `done` on, up to one that fails. OK: all are done, or the token
 * is set; the run that was on then is done and has stopped. A failure is that of run number `done`,
 * which may have left a result. KETCH_PY_UNMEASURED: it has shots, and nothing to draw. */
enum { KETCH_PY_UNMEASURED = -9998 };
ketch_status ketch_py_run_bundle(ketch_py_bundle *bundle, ketch_engine *engine,
                                 const ketch_stop *stop, const ketch_run *run, ketch_error *error);
/* Ends what a bundle owns. */
void ketch_py_end_bundle(ketch_py_bundle *bundle);

/* ---- networks ---- */

/* Adds neurons, whose ids follow each other in `ids`, each with its NUL. What fails leaves those
 * before it. */
ketch_status ketch_py_glia_add_neurons(ketch_glia_net *net, uint64_t count, const char *ids,
                                       const float *thresholds, const float *leaks,
                                       const float *restings, ketch_error *error);
/* Copies the ids in tick order that fit in capacity bytes, each with its NUL, and how many bytes all
 * of them are. */
ketch_status ketch_py_glia_ids(char *ids, size_t capacity, size_t *length, ketch_glia_net *net,
                               ketch_error *error);
/* Adds, in this order, an injection at ticks[i] into the neuron of the id that begins at
 * ids[places[i]]. What fails leaves those before it. */
ketch_status ketch_py_glia_add_events(ketch_glia_sequence *sequence, uint64_t count,
                                      const uint32_t *ticks, const char *ids,
                                      const uint32_t *places, const float *amounts,
                                      ketch_error *error);

ketch_status ketch_py_glia_run(ketch_result **result, ketch_engine *engine, ketch_glia_net *net,
                               const ketch_glia_feed *feed, const ketch_run *run,
                               ketch_error *error);
ketch_status ketch_py_glia_train(ketch_result **result, ketch_engine *engine,
                                 ketch_glia_trainer *trainer, const ketch_glia_training *training,
                                 const ketch_run *run, ketch_error *error);
ketch_status ketch_py_glia_evolve(ketch_result **result, ketch_engine *engine, ketch_glia_net *net,
                                  const ketch_glia_evolution *evolution, const ketch_run *run,
                                  ketch_error *error);
ketch_status ketch_py_glia_evaluate(ketch_result **result, ketch_engine *engine,
                                    ketch_glia_trainer *trainer,
                                    const ketch_glia_evaluation *evaluation, const ketch_run *run,
                                    ketch_error *error);
ketch_status ketch_py_glia_fit(ketch_result **result, ketch_engine *engine, ketch_glia_net *net,
                               const ketch_glia_fit *fit, const ketch_run *run, ketch_error *error);
ketch_status ketch_py_glia_read(ketch_glia_net *net, const char *text, size_t length,
                                const ketch_glia_read_options *options, ketch_error *error);
ketch_status ketch_py_glia_sequence_read(ketch_glia_sequence *sequence, const char *text,
                                         size_t length, const ketch_glia_read_options *options,
                                         ketch_error *error);

/* What C calls back: ketch_py_hook, ketch_py_fitness, ketch_py_resolve and ketch_py_skipped, which
 * are Python, unless the thread is cut off: then the run stops, there is no such include, and nobody
 * is told. */
void ketch_py_call_skipped(int32_t line, int32_t column, const char *found, const char *why,
                           void *user);
int32_t ketch_py_call_hook(const ketch_step *step, void *user);
ketch_status ketch_py_call_fitness(double *fitness, const ketch_glia_candidate *candidate,
                                   void *user);

enum { KETCH_PY_ALL_TICKS = -1, KETCH_PY_NO_TICKS = -2 };

/* A hook that is called at fences at most every `period` seconds, and in ticks: in all, in none, or
 * where a byte can be read from the descriptor `signals`, which Python writes when a signal comes.
 * Other fences do not take Python's lock, but where the last tick was `tick` seconds ago they are
 * ticks, as the run makes none while its fences follow each other faster. due, tick_due: when. */
typedef struct ketch_py_pace {
    double period;
    double tick;
    double due;
    double tick_due;
    int32_t signals;
    void *user;
} ketch_py_pace;
int32_t ketch_py_call_paced(const ketch_step *step, void *pace);
const char *ketch_py_call_resolve(const char *name, size_t *length, void *user);

/* ---- the end of the process ---- */

/* Cuts all other threads off from Python for good, which stops their runs, and waits for these to
 * end, so many seconds at most. Python calls it before it ends: entering Python afterwards is a
 * crash. The calling thread goes on as before. */
void ketch_py_end(double seconds);
/* For a child process: the calls of other threads are not on in it. */
void ketch_py_forked(void);

/* ketch declarations end */

/* ---- places ---- */

void ketch_py_end_arena(ketch_arena **place)
{
    ketch_arena_drop(*place);
}

void ketch_py_end_block(ketch_block **place)
{
    ketch_block_drop(*place);
}

void ketch_py_end_circuit(ketch_circuit **place)
{
    ketch_circuit_destroy(*place);
    *place = NULL;
}

void ketch_py_end_cost_table(ketch_cost_table **place)
{
    ketch_cost_table_drop(*place);
}

void ketch_py_end_engine(ketch_engine **place)
{
    ketch_engine_destroy(*place, NULL);
}

void ketch_py_end_glia_net(ketch_glia_net **place)
{
    ketch_glia_net_drop(*place);
}

void ketch_py_end_glia_population(ketch_glia_population **place)
{
    ketch_glia_population_drop(*place);
}

void ketch_py_end_glia_sequence(ketch_glia_sequence **place)
{
    ketch_glia_sequence_drop(*place);
}

void ketch_py_end_glia_trainer(ketch_glia_trainer **place)
{
    ketch_glia_trainer_drop(*place);
}

void ketch_py_end_program(ketch_program **place)
{
    ketch_program_drop(*place);
}

void ketch_py_end_result(ketch_result **place)
{
    ketch_result_destroy(*place);
    *place = NULL;
}

void ketch_py_end_saved(ketch_saved **place)
{
    ketch_saved_close(*place);
}

void ketch_py_end_state(ketch_state **place)
{
    ketch_state_drop(*place);
}

void ketch_py_share_arena(ketch_arena **place, ketch_arena *arena)
{
    *place = ketch_arena_share(arena);
}

void ketch_py_share_block(ketch_block **place, ketch_block *block)
{
    *place = ketch_block_share(block);
}

void ketch_py_share_glia_net(ketch_glia_net **place, ketch_glia_net *net)
{
    *place = ketch_glia_net_share(net);
}

void ketch_py_share_state(ketch_state **place, const ketch_state *state)
{
    *place = ketch_state_share((ketch_state *)state);
}

/* ---- calls that may enter Python ---- */

/* Whether Python ends, and how many calls are on. They are read and written in one order for all
 * threads: a call sees the end, or the end sees the call. */
static int is_ending;
static int calls;

/* Of this thread. */
static _Thread_local bool ends_python;
static _Thread_local int calls_here;

static bool is_cut_off(void)
{
    return __atomic_load_n(&is_ending, __ATOMIC_SEQ_CST) && !ends_python;
}

static void pause_for(long milliseconds)
{
    const struct timespec time = {.tv_sec = milliseconds / 1000,
                                  .tv_nsec = milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static double seconds_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void leave_call(void)
{
    calls_here--;
    __atomic_sub_fetch(&calls, 1, __ATOMIC_SEQ_CST);
}

/* False: the thread is cut off. The answer comes late, so that a thread that begins one run after
 * the other is still here when the process ends, and neither spins nor prints a traceback. */
static bool enter_call(void)
{
    calls_here++;
    __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    if (!is_cut_off())
        return true;
    leave_call();
    pause_for(1000);
    return false;
}

ketch_status ketch_py_run(ketch_result **result, ketch_engine *engine, ketch_program *program,
                          ketch_state *state, const ketch_shots *shots, const ketch_run *run,
                          ketch_error *error)
{
    if (!enter_call())
        return (ketch_status)KETCH_PY_ENDED;
    const ketch_status status =
        ketch_program_run(result, engine, program, state, shots, run, error);
    leave_call();
    return status;
}

ketch_status ketch_py_resume(ketch_engine *engine, ketch_result *result, const ketch_run *run,
                             ketch_error *error)
{
    if (!enter_call())
        return (ketch_status)KETCH_PY_ENDED;
    const ketch_status status = ketch_engine_resume(engine, result, run, error);
    leave_call();
    return status;
}

ketch_status ketch_py_parse(ketch_circuit **circuit, const char *text, size_t length,
                            const ketch_parse_options *options, ketch_error *error)
{
    if (!enter_call())
        return (ketch_status)KETCH_PY_ENDED;
    const ketch_status status = ketch_circuit_parse(circuit, text, length, options, error);
    leave_call();
    return status;
}

/* ---- bundles of runs ---- */

static ketch_status plan_bundled(const ketch_py_bundle *bundle, ketch_py_bundled *one,
                                 ketch_error *error)
{
    ketch_program_options options = *bundle->options;
    options.arena = bundle->arena;
    ketch_program_info info = {.size = sizeof info};
    ketch_status status = ketch_program_create(one->program, *one->circuit, &options, error);
    if (status == KETCH_OK)
        status = ketch_program_get_info(&info, *one->program, error);
    ketch_py_end_circuit(one->circuit);
    one->circuit = NULL;
    one->random = (uint64_t)(info.draws + 2 * info.measures);
    return status;
}

/* Binds in the memory of the last bound program where that is of the same one and nothing else
 * holds it. */
static ketch_status bind_bundled(ketch_py_bundle *bundle, const ketch_py_bundled *one,
                                 ketch_error *error)
{
    if (bundle->bound_from != *one->program) {
        ketch_program_drop(bundle->bound);
        bundle->bound = NULL;
        bundle->bound_from = *one->program;
    }
    return ketch_program_bind(&bundle->bound, *one->program, one->values, one->value_count, error);
}

static ketch_status run_bundled(ketch_py_bundle *bundle, ketch_py_bundled *one,
                                ketch_engine *engine, const ketch_run *run, ketch_error *error)
{
    ketch_status status = one->circuit ? plan_bundled(bundle, one, error) : KETCH_OK;
    if (status == KETCH_OK && one->values)
        status = bind_bundled(bundle, one, error);
    if (status != KETCH_OK)
        return status;
    ketch_shots shots = *one->shots;
    shots.seed = one->seed;
    const bool draws = one->random || shots.observable_count;
    if (shots.shots && one->random < 3 && !shots.observable_count)
        return (ketch_status)KETCH_PY_UNMEASURED;
    return ketch_program_run(&one->result, engine, one->values ? bundle->bound : *one->program,
                             NULL, draws ? &shots : NULL, run, error);
}

static ketch_status run_all(ketch_py_bundle *bundle, ketch_engine *engine, const ketch_stop *stop,
                            const ketch_run *run, ketch_error *error)
{
    for (; bundle->done < bundle->count; bundle->done++) {
        if (ketch_stop_read(stop) || is_cut_off())
            break;
        const ketch_status status =
            run_bundled(bundle, &bundle->runs[bundle->done], engine, run, error);
        if (status < KETCH_OK)
            return status;
    }
    return KETCH_OK;
}

ketch_status ketch_py_run_bundle(ketch_py_bundle *bundle, ketch_engine *engine,
                                 const ketch_stop *stop, const ketch_run *run, ketch_error *error)
{
    if (!enter_call())
        return (ketch_status)KETCH_PY_ENDED;
    const double begun = seconds_now();
    const ketch_status status = run_all(bundle, engine, stop, run, error);
    bundle->seconds += seconds_now() - begun;
    leave_call();
    return status;
}

void ketch_py_end_bundle(ketch_py_bundle *bundle)
{
    for (uint64_t i = 0; i < bundle->count; i++)
        ketch_result_destroy(bundle->runs[i].result);
    ketch_program_drop(bundle->bound);
}

ketch_status ketch_py_glia_run(ketch_result **result, ketch_engine *engine, ketch_glia_net *net,
                               const ketch_glia_feed *feed, const ketch_run *run,
                               ketch_error *error)
{
    if (!enter_call())
        return (ketch_status)KETCH_PY_ENDED;
    const ketch_status status = ketch_glia_run(result, engine, net, feed, run, error);
    leave_call();
    return status;
}

ketch_status ketch_py_glia_train(ketch_result **result, ketch_engine *engine,
                                 ketch_glia_trainer *trainer, const ketch_glia_training *training,
                                 const ketch_run *run, ketch_error *error)
{
    if (!enter_call())
        return (ketch_status)KETCH_PY_ENDED;
    const ketch_status status = ketch_glia_train(result, engine, trainer, training, run, error);
    leave_call();
    return status;
}

ketch_status ketch_py_glia_evolve(ketch_result **result, ketch_engine *engine, ketch_glia_net *net,
                                  const ketch_glia_evolution *evolution, const ketch_run *run,
                                  ketch_error *error)
{
    if (!enter_call())
        return (ketch_status)KETCH_PY_ENDED;
    const ketch_status status = ketch_glia_evolve(result, engine, net, evolution, run, error);
    leave_call();
    return status;
}

ketch_status ketch_py_glia_evaluate(ketch_result **result, ketch_engine *engine,
                                    ketch_glia_trainer *trainer,
                                    const ketch_glia_evaluation *evaluation, const ketch_run *run,
                                    ketch_error *error)
{
    if (!enter_call())
        return (ketch_status)KETCH_PY_ENDED;
    const ketch_status status =
        ketch_glia_evaluate_all(result, engine, trainer, evaluation, run, error);
    leave_call();
    return status;
}

ketch_status ketch_py_glia_fit(ketch_result **result, ketch_engine *engine, ketch_glia_net *net,
                               const ketch_glia_fit *fit, const ketch_run *run, ketch_error *error)
{
    if (!enter_call())
        return (ketch_status)KETCH_PY_ENDED;
    const ketch_status status = ketch_glia_fit_run(result, engine, net, fit, run, error);
    leave_call();
    return status;
}

ketch_status ketch_py_glia_read(ketch_glia_net *net, const char *text, size_t length,
                                const ketch_glia_read_options *options, ketch_error *error)
{
    if (!enter_call())
        return (ketch_status)KETCH_PY_ENDED;
    const ketch_status status = ketch_glia_read(net, text, length, options, error);
    leave_call();
    return status;
}

ketch_status ketch_py_glia_sequence_read(ketch_glia_sequence *sequence, const char *text,
                                         size_t length, const ketch_glia_read_options *options,
                                         ketch_error *error)
{
    if (!enter_call())
        return (ketch_status)KETCH_PY_ENDED;
    const ketch_status status = ketch_glia_sequence_read(sequence, text, length, options, error);
    leave_call();
    return status;
}

/* ---- networks ---- */

ketch_status ketch_py_glia_add_neurons(ketch_glia_net *net, uint64_t count, const char *ids,
                                       const float *thresholds, const float *leaks,
                                       const float *restings, ketch_error *error)
{
    for (uint64_t i = 0; i < count; i++) {
        const ketch_status status =
            ketch_glia_add_neuron(net, ids, thresholds[i], leaks[i], restings[i], error);
        if (status < 0)
            return status;
        ids += strlen(ids) + 1;
    }
    return KETCH_OK;
}

ketch_status ketch_py_glia_add_events(ketch_glia_sequence *sequence, uint64_t count,
                                      const uint32_t *ticks, const char *ids,
                                      const uint32_t *places, const float *amounts,
                                      ketch_error *error)
{
    for (uint64_t i = 0; i < count; i++) {
        const ketch_status status =
            ketch_glia_sequence_add(sequence, ticks[i], ids + places[i], amounts[i], error);
        if (status < KETCH_OK)
            return status;
    }
    return KETCH_OK;
}

ketch_status ketch_py_glia_ids(char *ids, size_t capacity, size_t *length, ketch_glia_net *net,
                               ketch_error *error)
{
    ketch_glia_net_info info = {.size = sizeof info};
    ketch_status status = ketch_glia_net_get_info(&info, net, error);
    *length = 0;
    for (uint64_t i = 0; i < info.neurons && status >= 0;) {
        const char *const id = ketch_glia_id(net, i);
        if (!id) { /* another thread has the network: BUSY, unless it has just given it back */
            status = ketch_glia_net_get_info(&info, net, error);
            continue;
        }
        const size_t size = strlen(id) + 1;
        if (*length + size <= capacity)
            memcpy(ids + *length, id, size);
        *length += size;
        i++;
    }
    return status;
}

/* CFFI defines them after this file. */
static int32_t ketch_py_hook(const ketch_step *step, void *user);
static int32_t ketch_py_fitness(double *fitness, const ketch_glia_candidate *candidate, void *user);
static const char *ketch_py_resolve(const char *name, size_t *length, void *user);
static void ketch_py_skipped(int32_t line, int32_t column, const char *found, const char *why,
                             void *user);

int32_t ketch_py_call_hook(const ketch_step *step, void *user)
{
    return is_cut_off() ? 1 : ketch_py_hook(step, user);
}

ketch_status ketch_py_call_fitness(double *fitness, const ketch_glia_candidate *candidate,
                                   void *user)
{
    const bool failed = is_cut_off() || ketch_py_fitness(fitness, candidate, user);
    return failed ? KETCH_HOOK : KETCH_OK;
}

static bool enters_python(const ketch_py_pace *pace)
{
    char bytes[64];
    if (pace->signals < 0)
        return pace->signals == KETCH_PY_ALL_TICKS;
    return read(pace->signals, bytes, sizeof bytes) > 0;
}

int32_t ketch_py_call_paced(const ketch_step *step, void *user)
{
    ketch_py_pace *const pace = user;
    ketch_step seen = *step;
    if (step->view && step->seconds < pace->due) {
        if (step->seconds < pace->tick_due)
            return 0;
        seen.view = NULL;
    }
    pace->tick_due = step->seconds + pace->tick;
    if (seen.view)
        pace->due = step->seconds + pace->period;
    else if (!enters_python(pace))
        return is_cut_off();
    return ketch_py_call_hook(&seen, pace->user);
}

const char *ketch_py_call_resolve(const char *name, size_t *length, void *user)
{
    return is_cut_off() ? NULL : ketch_py_resolve(name, length, user);
}

void ketch_py_call_skipped(int32_t line, int32_t column, const char *found, const char *why,
                           void *user)
{
    if (!is_cut_off())
        ketch_py_skipped(line, column, found, why, user);
}

/* ---- the end of the process ---- */

void ketch_py_end(double seconds)
{
    ends_python = true;
    __atomic_store_n(&is_ending, 1, __ATOMIC_SEQ_CST);
    const double deadline = seconds_now() + seconds;
    while (__atomic_load_n(&calls, __ATOMIC_SEQ_CST) > calls_here && seconds_now() < deadline)
        pause_for(1);
}

void ketch_py_forked(void)
{
    __atomic_store_n(&calls, calls_here, __ATOMIC_SEQ_CST);
}
