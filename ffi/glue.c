/* What the Python extension adds to the public headers: functions that end an object, runs and
 * calls into Python, and the end of the process. ffi/build_ketch.py puts this file into the
 * extension. */
#include "ketch.h"
#include <stdbool.h>
#include <time.h>

/* ketch declarations begin: for CFFI */

/* ---- places: an object that CFFI ends is in a place of its own, which owns it ---- */

/* Each ends what its place holds; NULL: nothing. CFFI calls them as destructors. They are C so that
 * no Python code runs in a finalizer: an exception that came there would be lost, and the object
 * with it. An engine that carries a run is left as it is. A circuit's place is empty then, for the
 * next one. */
void ketch_py_end_arena(ketch_arena **place);
void ketch_py_end_block(ketch_block **place);
void ketch_py_end_circuit(ketch_circuit **place);
void ketch_py_end_cost_table(ketch_cost_table **place);
void ketch_py_end_engine(ketch_engine **place);
void ketch_py_end_program(ketch_program **place);
void ketch_py_end_result(ketch_result **place);
void ketch_py_end_saved(ketch_saved **place);
void ketch_py_end_state(ketch_state **place);

/* Each puts a new reference into an empty place. A reference that Python had to carry there would
 * be lost by an interrupt. */
void ketch_py_share_arena(ketch_arena **place, ketch_arena *arena);
void ketch_py_share_block(ketch_block **place, ketch_block *block);
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

/* The hook and the resolver for C. They call ketch_py_hook and ketch_py_resolve, which are Python,
 * unless the thread is cut off: then the run stops, and there is no such include. */
int32_t ketch_py_call_hook(const ketch_step *step, void *user);
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

void ketch_py_end_program(ketch_program **place)
{
    ketch_program_drop(*place);
}

void ketch_py_end_result(ketch_result **place)
{
    ketch_result_destroy(*place);
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

/* CFFI defines them after this file. */
static int32_t ketch_py_hook(const ketch_step *step, void *user);
static const char *ketch_py_resolve(const char *name, size_t *length, void *user);

int32_t ketch_py_call_hook(const ketch_step *step, void *user)
{
    return is_cut_off() ? 1 : ketch_py_hook(step, user);
}

const char *ketch_py_call_resolve(const char *name, size_t *length, void *user)
{
    return is_cut_off() ? NULL : ketch_py_resolve(name, length, user);
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
