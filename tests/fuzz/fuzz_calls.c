/* Fuzz target: calls of public functions, which the bytes of the input choose: circuits are built,
 * parsed, planned, bound, begun, stopped, resumed, saved and loaded, states and memory are used
 * meanwhile, memory is refused on the way, and wrong calls are made. What a run ends with must agree
 * with a dense simulator. The calls are in calls_*.c. */
#define _GNU_SOURCE
#include "calls.h"
#include "heap.h"

#include <string.h>
#include <unistd.h>

enum { CALLS_MOST = 400 };

ketch_engine *calls_engines[2];
char calls_path[64];

static void make_places(void)
{
    if (calls_engines[0])
        return;
    FUZZ_REQUIRE(!strcmp(ketch_version(), KETCH_VERSION_STRING));
    for (int i = 0; i < 2; i++) {
        const ketch_engine_options options = {
            .size = sizeof options, .threads = i + 1, .memory = 64 << 20};
        FUZZ_REQUIRE(ketch_engine_create(&calls_engines[i], &options, NULL) == KETCH_OK);
    }
    /* Where syncing costs nothing. */
    const char *const folder = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
    snprintf(calls_path, sizeof calls_path, "%s/ketch-fuzz-%ld", folder, (long)getpid());
}

/* ---- how a call is made ---- */

void calls_arm(session *s)
{
    s->error = (ketch_error){.size = sizeof s->error};
    kt_fault_arm(s->fault, s->onwards);
}

void calls_check_error(const ketch_error *error, ketch_status status)
{
    if (status < 0)
        FUZZ_REQUIRE(error->status == status && error->function[0] && error->message[0] &&
                     strcmp(ketch_status_name(status), "?") != 0);
    if (status == KETCH_OK)
        FUZZ_REQUIRE(error->status == KETCH_OK && !error->message[0]);
}

bool calls_refused(session *s, ketch_status status)
{
    const bool armed = s->fault;
    kt_fault_arm(0, false);
    s->fault = 0;
    FUZZ_REQUIRE(status != KETCH_MEMORY || armed);
    calls_check_error(&s->error, status);
    return status == KETCH_MEMORY;
}

/* The next call that requests memory is refused it. */
static void plan_fault(session *s)
{
    const uint8_t byte = fuzz_byte(&s->input);
    s->fault = 1 + byte % 32;
    s->onwards = byte & 0x80;
}

/* ---- what more than one file needs ---- */

ketch_engine *calls_pick_engine(session *s)
{
    const uint8_t byte = fuzz_byte(&s->input) % 3;
    return byte == 2 && s->engine ? s->engine : calls_engines[byte & 1];
}

double calls_angle(session *s)
{
    return (fuzz_byte(&s->input) - 128) * (3.14159265358979323846 / 16);
}

double calls_tolerance(ketch_precision precision)
{
    return precision == KETCH_SINGLE ? 1e-4 : 1e-9;
}

double complex calls_amplitude(const void *amplitudes, ketch_precision precision, size_t index)
{
    return precision == KETCH_SINGLE ? ((const float complex *)amplitudes)[index]
                                     : ((const double complex *)amplitudes)[index];
}

int32_t calls_two_qubits(int32_t pair[2], session *s, int32_t qubits)
{
    const uint8_t byte = fuzz_byte(&s->input);
    pair[0] = byte % qubits;
    pair[1] = (pair[0] + 1 + (qubits > 1 ? byte / qubits % (qubits - 1) : 0)) % qubits;
    return qubits > 1 ? 2 : 1;
}

/* ---- the session ---- */

/* Every public function is called. Not reached: FORKED, which needs another process; calls from
 * other threads, of which a stop is made by hooks; a timeout or a save period in the middle of a run,
 * as a run here is over at once. Calls that come several times are to be chosen more often. */
static fuzz_call *const all_calls[] = {
    calls_add_gate,        calls_add_parametric, calls_add_gate,
    calls_add_parametric,  calls_add_gates,      calls_add_unitary,
    calls_add_diagonal,    calls_add_event,      calls_add_event,
    calls_replace_circuit, calls_copy_circuit,   calls_bind_circuit,
    calls_parse_text,      calls_make_program,   calls_make_program,
    calls_bind_program,    calls_bind_program,   calls_make_state,
    calls_adopt_state,     calls_set_state,      calls_share_state,
    calls_read_state,      calls_sample_state,   calls_measure_state,
    calls_view_state,      calls_begin,          calls_begin,
    calls_run_program,     calls_run_circuit,    calls_resume,
    calls_advance,         calls_resume,         calls_advance,
    calls_save_and_load,   calls_read_result,    calls_swap_runs,
    calls_end_first,       calls_make_engine,    calls_make_arena,
    calls_take_block,      calls_drop_block,     calls_read_arena,
    calls_run_job,         calls_make_mistake,   calls_make_mistake,
    calls_make_mistake,    plan_fault,           plan_fault,
    calls_run_within_need, calls_add_table,      calls_add_choices,
    calls_add_pauli,       calls_initialize,     calls_transform_circuit,
};

static void make_call(session *s)
{
    const int32_t count = sizeof all_calls / sizeof *all_calls;
    fuzz_call *const call = all_calls[fuzz_below(&s->input, count)];
    if (ketch_circuit_steps(s->circuit) >= STEPS_MOST)
        calls_replace_circuit(s);
    call(s);
}

/* Runs what is suspended to its end, so that every run that was begun is compared. */
static void finish(session *s)
{
    kt_fault_arm(0, false);
    s->fault = 0;
    s->input.size = 0;
    for (int i = 0; i < 2; i++) {
        calls_resume(s);
        calls_swap_runs(s);
    }
    calls_check_views(s);
    for (int i = 0; i < 2; i++)
        calls_end_run(&s->runs[i]);
    ketch_state_drop(s->state);
    ketch_program_drop(s->bound);
    ketch_program_drop(s->program);
    ketch_circuit_destroy(s->planned);
    ketch_circuit_destroy(s->circuit);
    calls_end_memory(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static session s;
    memset(&s, 0, sizeof s);
    s.input = (fuzz_input){data, size};
    s.basis = -1;
    make_places();
    calls_replace_circuit(&s);
    for (int i = 0; i < CALLS_MOST && s.input.size; i++)
        make_call(&s);
    finish(&s);
    return 0;
}
