/* Wrong calls: each has a status and a text, makes nothing, and leaves all handles as they were. */
#include "calls.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* What a mistake could change. */
typedef struct all_seen {
    uint64_t steps;
    int32_t bits, parameters;
    ketch_status readable;
    double complex amplitudes[1 << DENSE_QUBITS];
    ketch_status statuses[2];
    uint64_t done[2], next[2];
} all_seen;

static void see_all(all_seen *seen, const session *s)
{
    const void *amplitudes;
    memset(seen, 0, sizeof *seen);
    seen->steps = ketch_circuit_steps(s->circuit);
    seen->bits = ketch_circuit_bits(s->circuit);
    seen->parameters = ketch_circuit_parameters(s->circuit);
    if (s->state && s->basis < 0)
        seen->readable = ketch_state_amplitudes(&amplitudes, s->state, NULL);
    if (s->state && s->basis < 0 && !seen->readable)
        for (size_t i = 0; i < (size_t)1 << ketch_state_qubits(s->state); i++)
            seen->amplitudes[i] = calls_amplitude(amplitudes, ketch_state_precision(s->state), i);
    for (int i = 0; i < 2; i++) {
        ketch_position position = {.size = sizeof position};
        seen->statuses[i] = ketch_result_status(s->runs[i].result);
        if (ketch_result_get_position(&position, s->runs[i].result, NULL) == KETCH_OK) {
            seen->done[i] = position.done;
            seen->next[i] = position.next;
        }
    }
}

/* ---- mistakes: each returns the status of a call, to s->error ---- */

typedef ketch_status mistake(session *s);

#define MISTAKE(name, call)                                                                        \
    static ketch_status name(session *s)                                                           \
    {                                                                                              \
        ketch_error *const e = &s->error;                                                          \
        return call;                                                                               \
    }

/* Makes something, which must not be made. */
#define NOTHING_MADE(name, type, call)                                                             \
    static ketch_status name(session *s)                                                           \
    {                                                                                              \
        ketch_error *const e = &s->error;                                                          \
        type *made = NULL;                                                                         \
        const ketch_status status = call;                                                          \
        FUZZ_REQUIRE(!made);                                                                       \
        return status;                                                                             \
    }

static const int32_t qubits[] = {0, 99, 0}, twice[] = {0, 0};
static const double numbers[64] = {NAN};
static const double zeros[2 << DENSE_QUBITS];
static const uint64_t masks[] = {UINT64_C(1) << 50};
static const ketch_angle foreign = {.parameter = PARAMETERS, .factor = 1};
static double place[4];

/* A handle of another kind. */
#define AS(type, handle) ((type *)(void *)(handle))

NOTHING_MADE(no_circuit, ketch_program, ketch_program_create(&made, NULL, NULL, e))
NOTHING_MADE(engine_as_circuit, ketch_program,
             ketch_program_create(&made, AS(ketch_circuit, calls_engines[0]), NULL, e))
NOTHING_MADE(no_engine, ketch_result,
             ketch_program_run(&made, NULL, s->program, NULL, NULL, NULL, e))
NOTHING_MADE(circuit_as_engine, ketch_result,
             ketch_circuit_run(&made, AS(ketch_engine, s->circuit), s->circuit, NULL, NULL, NULL,
                               e))
NOTHING_MADE(engine_as_program, ketch_result,
             ketch_program_begin(&made, calls_engines[0], AS(ketch_program, calls_engines[1]), NULL,
                                 NULL, NULL, e))
NOTHING_MADE(engine_as_arena, ketch_block,
             ketch_block_take(&made, AS(ketch_arena, calls_engines[0]), 8, NULL, e))
NOTHING_MADE(no_bytes, ketch_block,
             ketch_block_take(&made, ketch_engine_arena(calls_engines[0]), 0, NULL, e))
NOTHING_MADE(all_bytes, ketch_block,
             ketch_block_take(&made, ketch_engine_arena(calls_engines[0]), UINT64_MAX, NULL, e))
NOTHING_MADE(open_parameters, ketch_result,
             ketch_circuit_run(&made, calls_engines[0], s->circuit, NULL, NULL, NULL, e))
NOTHING_MADE(no_text, ketch_circuit, ketch_circuit_parse(&made, "qreg q[2]; x q[2];", 18, NULL, e))
NOTHING_MADE(no_file, ketch_saved, ketch_saved_open(&made, "/nonexistent/file", e))
NOTHING_MADE(no_saved_run, ketch_saved, ketch_saved_open(&made, "/proc/self/cmdline", e))
NOTHING_MADE(other_type, ketch_result,
             ketch_result_load(&made, calls_engines[0], NULL, NULL, calls_path, e))
NOTHING_MADE(no_qubits, ketch_circuit, ketch_circuit_create(&made, 0, 0, e))
NOTHING_MADE(huge_state, ketch_state,
             ketch_state_create(&made, ketch_engine_arena(calls_engines[0]), 40, KETCH_DOUBLE, e))
NOTHING_MADE(few_values, ketch_circuit, ketch_circuit_bind(&made, s->circuit, place, 1, e))
NOTHING_MADE(nan_values, ketch_circuit,
             ketch_circuit_bind(&made, s->circuit, numbers, PARAMETERS, e))
NOTHING_MADE(many_threads, ketch_engine,
             ketch_engine_create(&made,
                                 &(ketch_engine_options){.size = sizeof(ketch_engine_options),
                                                         .threads = 65},
                                 e))
NOTHING_MADE(no_size, ketch_engine, ketch_engine_create(&made, &(ketch_engine_options){0}, e))
NOTHING_MADE(zero_buffer, ketch_state,
             ketch_state_adopt(&made, ketch_engine_arena(calls_engines[0]), 1, KETCH_DOUBLE,
                               (void *)(uintptr_t)zeros, sizeof zeros, e))
MISTAKE(no_gate, ketch_circuit_gate(s->circuit, (ketch_gate)9999, qubits, numbers, e))
MISTAKE(no_qubit, ketch_circuit_gate(s->circuit, KETCH_GATE_SWAP, qubits, NULL, e))
MISTAKE(same_qubit, ketch_circuit_gate(s->circuit, KETCH_GATE_SWAP, twice, NULL, e))
MISTAKE(nan_angle, ketch_circuit_gate(s->circuit, KETCH_GATE_RX, qubits, numbers, e))
MISTAKE(no_parameter,
        ketch_circuit_parametric(s->circuit, KETCH_GATE_RX, qubits, &foreign, 0, NULL, NULL, e))
MISTAKE(no_unitary, ketch_circuit_unitary(s->circuit, 1, qubits, zeros, 0, 0, NULL, NULL, e))
MISTAKE(no_diagonal, ketch_circuit_diagonal(s->circuit, 1, qubits, zeros, 0, 0, NULL, NULL, e))
MISTAKE(no_permutation, ketch_circuit_permutation(s->circuit, 1, qubits, masks, 0, NULL, NULL, e))
MISTAKE(no_multiplexer,
        ketch_circuit_multiplexer(s->circuit, 0, 0, NULL, zeros, 0, 0, NULL, NULL, e))
MISTAKE(no_letters,
        ketch_circuit_pauli_rotation(s->circuit, &foreign, 1, qubits, "XX", 0, NULL, NULL, e))
MISTAKE(no_vector, ketch_circuit_initialize(s->circuit, 1, qubits, zeros, e))
MISTAKE(no_basis, ketch_circuit_initialize_ket(s->circuit, 1, qubits, "2", e))
MISTAKE(no_bit, ketch_circuit_measure(s->circuit, 0, 99, e))
MISTAKE(no_bits, ketch_circuit_condition(s->circuit, 60, 9, 0, e))
MISTAKE(many_qubits, ketch_circuit_gates(s->circuit, 1, twice, qubits, 3, NULL, 0, e))
MISTAKE(bad_ket, ketch_state_set_ket(s->state, &"xxxxxxx"[7 - ketch_state_qubits(s->state)], e))
MISTAKE(long_ket, ketch_state_set_ket(s->state, "00000000", e))
MISTAKE(no_norm,
        ketch_state_set_amplitudes(s->state, zeros, UINT64_C(1) << ketch_state_qubits(s->state),
                                   KETCH_DOUBLE, 1, e))
MISTAKE(few_amplitudes, ketch_state_set_amplitudes(s->state, numbers, 3, KETCH_DOUBLE, 0, e))
MISTAKE(circuit_as_state, ketch_state_norm(place, NULL, AS(ketch_state, s->circuit), e))
MISTAKE(no_such_qubit, ketch_state_probabilities(place, 4, NULL, s->state, 2, qubits, e))
MISTAKE(no_room, ketch_state_probabilities(place, 1, NULL, s->state, 1, qubits, e))
MISTAKE(no_such_mask, ketch_state_expectation(place, NULL, s->state, 1, masks, place, e))
MISTAKE(other_state, ketch_state_inner(place, NULL, s->state, NULL, e))
MISTAKE(no_tag, ketch_arena_get_tag(&(ketch_arena_tag){.size = sizeof(ketch_arena_tag)},
                                    ketch_engine_arena(calls_engines[0]), 99, e))
MISTAKE(state_as_result,
        ketch_result_get_position(&(ketch_position){.size = sizeof(ketch_position)},
                                  AS(ketch_result, calls_engines[0]), e))
MISTAKE(no_result, ketch_engine_resume(calls_engines[0], NULL, NULL, e))
MISTAKE(resume_without_engine, ketch_engine_resume(NULL, s->runs[0].result, NULL, e))
MISTAKE(no_observable, ketch_circuit_result_observed(place, 4, 99, s->runs[0].result, e))
MISTAKE(save_nowhere, ketch_result_save(s->runs[0].result, "/nonexistent/file", NULL, 0, 0, e))
MISTAKE(save_over, ketch_result_save(s->runs[0].result, "/proc/self/cmdline", NULL, 0, 0, e))
MISTAKE(no_ticks, ketch_engine_resume(calls_engines[0], s->runs[0].result,
                                      &(ketch_run){.size = sizeof(ketch_run), .timeout = NAN}, e))

/* ---- mistakes that need more than one call ---- */

/* Binding into the bound program of another one. What was bound stays. */
static ketch_status bind_other(session *s)
{
    ketch_program *const before = s->bound;
    ketch_program *other = NULL;
    if (!before || ketch_program_create(&other, s->circuit, NULL, NULL))
        return ketch_program_bind(NULL, NULL, place, PARAMETERS, &s->error);
    const ketch_status status = ketch_program_bind(&s->bound, other, zeros, PARAMETERS, &s->error);
    FUZZ_REQUIRE(s->bound == before);
    ketch_program_drop(other);
    return status;
}

static ketch_status bind_few(session *s)
{
    ketch_program *const before = s->bound;
    const ketch_status status = ketch_program_bind(&s->bound, s->program, zeros, 1, &s->error);
    FUZZ_REQUIRE(s->bound == before);
    return status;
}

static ketch_status bind_nan(session *s)
{
    ketch_program *const before = s->bound;
    const ketch_status status =
        ketch_program_bind(&s->bound, s->program, numbers, PARAMETERS, &s->error);
    FUZZ_REQUIRE(s->bound == before);
    return status;
}

/* A state of one qubit more than the program's. */
static ketch_status run_on_other(session *s)
{
    ketch_state *other = NULL;
    ketch_result *made = NULL;
    const int32_t count = s->planned ? ketch_circuit_qubits(s->planned) + 1 : 1;
    FUZZ_REQUIRE(ketch_state_create(&other, ketch_engine_arena(calls_engines[0]), count,
                                    KETCH_DOUBLE, NULL) == KETCH_OK);
    const ketch_status status =
        ketch_program_run(&made, calls_engines[0], s->bound, other, NULL, NULL, &s->error);
    FUZZ_REQUIRE(!made);
    ketch_state_drop(other);
    return status;
}

/* A run that is loaded with the program of another circuit. */
static ketch_status load_other(session *s)
{
    ketch_circuit *circuit = NULL;
    ketch_program *other = NULL;
    ketch_result *made = NULL;
    if (ketch_result_save(s->runs[0].result, calls_path, NULL, 0, 1, NULL))
        return ketch_circuit_load(&made, calls_engines[0], NULL, calls_path, &s->error);
    FUZZ_REQUIRE(ketch_circuit_copy(&circuit, s->runs[0].circuit, NULL) == KETCH_OK &&
                 ketch_circuit_condition(circuit, 0, 0, 0, NULL) == KETCH_OK &&
                 ketch_rx(circuit, 0.375, 0, NULL) == KETCH_OK &&
                 ketch_program_create(&other, circuit, NULL, NULL) == KETCH_OK);
    const ketch_status status =
        ketch_circuit_load(&made, calls_engines[0], other, calls_path, &s->error);
    FUZZ_REQUIRE(!made && unlink(calls_path) == 0);
    ketch_program_drop(other);
    ketch_circuit_destroy(circuit);
    return status;
}

/* ---- the call ---- */

static mistake *const mistakes[] = {
    no_circuit,        engine_as_circuit, no_engine,
    circuit_as_engine, engine_as_program, engine_as_arena,
    no_bytes,          all_bytes,         open_parameters,
    no_text,           no_file,           no_saved_run,
    other_type,        no_qubits,         huge_state,
    few_values,        nan_values,        many_threads,
    no_size,           zero_buffer,       no_gate,
    no_qubit,          same_qubit,        nan_angle,
    no_parameter,      no_unitary,        no_diagonal,
    no_permutation,    no_multiplexer,    no_letters,
    no_vector,         no_basis,          no_bit,
    no_bits,           many_qubits,       bad_ket,
    long_ket,          no_norm,           few_amplitudes,
    circuit_as_state,  no_such_qubit,     no_room,
    no_such_mask,      other_state,       no_tag,
    state_as_result,   no_result,         resume_without_engine,
    no_observable,     save_nowhere,      save_over,
    no_ticks,          bind_other,        bind_few,
    bind_nan,          run_on_other,      load_other,
};

void calls_make_mistake(session *s)
{
    static all_seen before, after;
    mistake *const make = mistakes[fuzz_byte(&s->input) % (sizeof mistakes / sizeof *mistakes)];
    see_all(&before, s);
    s->error = (ketch_error){.size = sizeof s->error};
    const ketch_status status = make(s);
    FUZZ_REQUIRE(status < 0);
    calls_check_error(&s->error, status);
    see_all(&after, s);
    FUZZ_REQUIRE(!memcmp(&before, &after, sizeof before));
}
