/* Fuzz target: calls of public functions, which the bytes of the input choose: circuits are built,
 * planned, bound, begun, stopped, resumed, saved and loaded, with memory refused on the way. What a
 * run ends with must agree with a dense simulator. */
#define _GNU_SOURCE
#include "dense.h"
#include "fuzz.h"
#include "heap.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum { PARAMETERS = 3, STEPS_MOST = 200, CALLS_MOST = 400 };

/* Handles are NULL where there is none. planned is the circuit that program was made of. While
 * result is a run that is compared, start and values are what it began with. fault: the number of the
 * request for memory that the next call is refused; 0: none. */
typedef struct session {
    fuzz_input input;
    ketch_circuit *circuit, *planned;
    ketch_program *program, *bound;
    ketch_state *state;
    ketch_result *result;
    double bound_values[PARAMETERS], values[PARAMETERS];
    double complex start[1 << DENSE_QUBITS];
    ketch_circuit *running;
    bool compares;
    ketch_stop stop;
    int32_t left;
    uint64_t fault;
    bool onwards;
} session;

/* One with one thread and one with two; they live as long as the process. */
static ketch_engine *engines[2];
static char saved_path[64];

static void make_places(void)
{
    if (engines[0])
        return;
    for (int i = 0; i < 2; i++) {
        const ketch_engine_options options = {
            .size = sizeof options, .threads = i + 1, .memory = 64 << 20};
        FUZZ_REQUIRE(ketch_engine_create(&engines[i], &options, NULL) == KETCH_OK);
    }
    /* Where syncing costs nothing. */
    const char *const folder = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
    snprintf(saved_path, sizeof saved_path, "%s/ketch-fuzz-%ld", folder, (long)getpid());
}

/* ---- calls with memory refused ---- */

static void arm_fault(session *s)
{
    kt_fault_arm(s->fault, s->onwards);
}

/* Ends what arm_fault began. True where the call was refused memory and is to be made again. */
static bool was_refused(session *s, ketch_status status)
{
    const bool armed = s->fault;
    kt_fault_arm(0, false);
    s->fault = 0;
    FUZZ_REQUIRE(status != KETCH_MEMORY || armed);
    return status == KETCH_MEMORY;
}

/* Makes a call, and makes it again where memory was refused. */
#define CALL(s, status, call)                                                                      \
    do {                                                                                           \
        arm_fault(s);                                                                              \
        (status) = (call);                                                                         \
    } while (was_refused(s, status))

/* ---- circuits ---- */

static void replace_circuit(session *s)
{
    ketch_status status;
    ketch_circuit *made = NULL;
    const int32_t qubits = 1 + fuzz_below(&s->input, DENSE_QUBITS);
    const int32_t bits = fuzz_below(&s->input, 6);
    CALL(s, status, ketch_circuit_create(&made, qubits, bits, NULL));
    FUZZ_REQUIRE(status == KETCH_OK);
    CALL(s, status, ketch_circuit_add_parameters(made, PARAMETERS, NULL));
    FUZZ_REQUIRE(status == KETCH_OK);
    ketch_circuit_destroy(s->circuit);
    s->circuit = made;
}

static void copy_circuit(session *s)
{
    ketch_circuit *copy = NULL;
    ketch_status status;
    CALL(s, status, ketch_circuit_copy(&copy, s->circuit, NULL));
    FUZZ_REQUIRE(status == KETCH_OK);
    FUZZ_REQUIRE(ketch_circuit_steps(copy) == ketch_circuit_steps(s->circuit));
    ketch_circuit_destroy(s->circuit);
    s->circuit = copy;
}

static double take_angle(session *s)
{
    return (fuzz_byte(&s->input) - 128) * (3.14159265358979323846 / 16);
}

/* Different qubits in an order that one byte chooses; more than there are begin anew, so that some
 * gates must be refused. */
static void take_qubits(session *s, int32_t *qubits, int count)
{
    const int32_t all = ketch_circuit_qubits(s->circuit);
    const uint8_t byte = fuzz_byte(&s->input);
    const int32_t step = byte & 0x80 ? all - 1 : 1;
    for (int i = 0; i < count; i++)
        qubits[i] = (byte % all + i * (step ? step : 1)) % all;
}

static void add_gate(session *s, bool parametric)
{
    int32_t qubits[16];
    uint8_t values[4];
    ketch_angle angles[4];
    double params[4];
    const ketch_gate gate = (ketch_gate)(fuzz_byte(&s->input) % KETCH_GATE_UNITARY);
    const int32_t own = ketch_gate_qubits(gate), controls = fuzz_below(&s->input, 3);
    take_qubits(s, qubits, own + controls);
    for (int i = 0; i < controls; i++)
        values[i] = fuzz_byte(&s->input) & 1;
    for (int i = 0; i < ketch_gate_params(gate); i++) {
        params[i] = take_angle(s);
        angles[i] = (ketch_angle){.parameter = fuzz_below(&s->input, PARAMETERS + 1) - 1,
                                  .factor = fuzz_byte(&s->input) / 64.0,
                                  .offset = params[i]};
    }
    const uint64_t steps = ketch_circuit_steps(s->circuit);
    ketch_status status;
    if (parametric)
        CALL(s, status,
             ketch_circuit_parametric(s->circuit, gate, qubits, angles, controls, qubits + own,
                                      values, NULL));
    else
        CALL(s, status,
             ketch_circuit_controlled(s->circuit, gate, qubits, params, controls, qubits + own,
                                      values, NULL));
    FUZZ_REQUIRE(ketch_circuit_steps(s->circuit) == steps + (status == KETCH_OK));
}

/* A diagonal of phases, or a matrix: a rotation in the middle of an identity. */
static void add_matrix(session *s, bool is_diagonal)
{
    double complex matrix[64] = {0};
    int32_t qubits[4];
    const int32_t count = 1 + fuzz_below(&s->input, 3), rows = 1 << count;
    take_qubits(s, qubits, count);
    for (int32_t i = 0; i < rows; i++)
        matrix[is_diagonal ? i : i * (rows + 1)] = cexp(take_angle(s) * I);
    const int32_t a = fuzz_below(&s->input, rows), b = fuzz_below(&s->input, rows);
    if (!is_diagonal && a != b) {
        const double angle = take_angle(s);
        matrix[a * rows + a] = matrix[b * rows + b] = cos(angle);
        matrix[a * rows + b] = sin(angle);
        matrix[b * rows + a] = -sin(angle);
    }
    ketch_status status;
    if (is_diagonal)
        CALL(s, status,
             ketch_circuit_diagonal(s->circuit, count, qubits, (double *)matrix, 0, 0, NULL, NULL,
                                    NULL));
    else
        CALL(s, status,
             ketch_circuit_unitary(s->circuit, count, qubits, (double *)matrix, 0, 0, NULL, NULL,
                                   NULL));
}

static void add_event(session *s)
{
    const uint8_t kind = fuzz_byte(&s->input) % 5, first = fuzz_byte(&s->input);
    const int32_t second = fuzz_below(&s->input, 8);
    ketch_status status;
    if (kind == 0)
        CALL(s, status, ketch_circuit_measure(s->circuit, first % 8, second, NULL));
    else if (kind == 1)
        CALL(s, status, ketch_circuit_reset(s->circuit, first % 8, NULL));
    else if (kind == 2)
        CALL(
            s, status,
            ketch_circuit_condition(s->circuit, first & 3, first >> 2 & 3, (uint64_t)second, NULL));
    else if (kind == 3)
        CALL(s, status, ketch_circuit_fence(s->circuit, NULL));
    else
        CALL(s, status, ketch_circuit_barrier(s->circuit, 0, NULL, NULL));
}

/* ---- programs ---- */

/* The planner's choice, which is the whole state, and the least that there are. */
static const int32_t tile_sizes[] = {0, 5, 6};

static void make_program(session *s)
{
    const ketch_program_options options = {.size = sizeof options,
                                           .precision = KETCH_DOUBLE,
                                           .plain = fuzz_byte(&s->input) & 1,
                                           .fence_every = fuzz_byte(&s->input) % 6,
                                           .tile_bits = tile_sizes[fuzz_below(&s->input, 3)],
                                           .run_bits = fuzz_below(&s->input, 4)};
    ketch_program *made = NULL;
    ketch_status status;
    CALL(s, status, ketch_program_create(&made, s->circuit, &options, NULL));
    FUZZ_REQUIRE(status == KETCH_OK);
    ketch_program_drop(s->bound);
    ketch_program_drop(s->program);
    ketch_circuit_destroy(s->planned);
    s->program = made;
    s->bound = NULL;
    s->planned = NULL;
    FUZZ_REQUIRE(ketch_circuit_copy(&s->planned, s->circuit, NULL) == KETCH_OK);
}

static void bind_program(session *s)
{
    double values[PARAMETERS];
    ketch_status status;
    for (int i = 0; i < PARAMETERS; i++)
        values[i] = take_angle(s);
    CALL(s, status, ketch_program_bind(&s->bound, s->program, values, PARAMETERS, NULL));
    FUZZ_REQUIRE(status == KETCH_OK || !s->program);
    memcpy(s->bound_values, values, sizeof values);
}

/* ---- states ---- */

static void make_state(session *s)
{
    ketch_state *made = NULL;
    char ket[DENSE_QUBITS + 1] = "";
    const int32_t qubits = ketch_circuit_qubits(s->circuit);
    ketch_status status;
    CALL(s, status,
         ketch_state_create(&made, ketch_engine_arena(engines[0]), qubits, KETCH_DOUBLE, NULL));
    FUZZ_REQUIRE(status == KETCH_OK);
    for (int32_t i = 0; i < qubits; i++)
        ket[i] = fuzz_byte(&s->input) & 1 ? '1' : '0';
    CALL(s, status, ketch_state_set_ket(made, ket, NULL));
    FUZZ_REQUIRE(status == KETCH_OK);
    ketch_state_drop(s->state);
    s->state = made;
}

/* Reads that change nothing agree with each other. */
static void read_state(session *s)
{
    double norm, probabilities[2], expectation;
    const uint64_t mask = 1;
    const int32_t qubit = 0;
    const double one = 1;
    uint64_t outcomes[3];
    ketch_engine *const engine = engines[fuzz_byte(&s->input) & 1];
    ketch_status status;
    CALL(s, status, ketch_state_norm(&norm, engine, s->state, NULL));
    if (status)
        return;
    FUZZ_REQUIRE(fabs(norm - 1) < 1e-9);
    CALL(s, status, ketch_state_probabilities(probabilities, 2, engine, s->state, 1, &qubit, NULL));
    FUZZ_REQUIRE(status == KETCH_OK && fabs(probabilities[0] + probabilities[1] - 1) < 1e-9);
    CALL(s, status, ketch_state_expectation(&expectation, engine, s->state, 1, &mask, &one, NULL));
    FUZZ_REQUIRE(fabs(probabilities[0] - probabilities[1] - expectation) < 1e-9);
    CALL(s, status, ketch_state_sample(outcomes, 3, engine, s->state, 1, 0, NULL));
    FUZZ_REQUIRE(status == KETCH_OK && outcomes[0] >> ketch_state_qubits(s->state) == 0);
}

static void measure_state(session *s)
{
    int32_t outcome = -1;
    ketch_status status;
    CALL(s, status,
         ketch_state_measure(&outcome, engines[0], s->state, fuzz_below(&s->input, DENSE_QUBITS), 5,
                             0, NULL));
    FUZZ_REQUIRE(status != KETCH_OK || outcome == 0 || outcome == 1);
}

/* ---- runs ---- */

static void end_result(session *s)
{
    ketch_result_destroy(s->result);
    ketch_circuit_destroy(s->running);
    s->result = NULL;
    s->running = NULL;
}

static bool has_ended(const ketch_result *result)
{
    ketch_position position = {.size = sizeof position};
    FUZZ_REQUIRE(ketch_result_get_position(&position, result, NULL) == KETCH_OK);
    return position.ended;
}

static void compare_end(session *s)
{
    static dense reference;
    const void *amplitudes;
    if (!s->compares || !has_ended(s->result))
        return;
    s->compares = false; /* the state may be written from now on */
    dense_begin(&reference, ketch_circuit_qubits(s->running), s->start);
    if (!dense_apply(&reference, s->running, s->values))
        return;
    FUZZ_REQUIRE(ketch_state_amplitudes(&amplitudes, ketch_circuit_result_state(s->result), NULL) ==
                 KETCH_OK);
    FUZZ_REQUIRE(dense_distance(&reference, fuzz_bits(s->result), amplitudes, KETCH_DOUBLE) < 1e-9);
}

/* Where the run begins: the state, or |0...0> without one. False: it cannot be read. */
static bool note_start(session *s, const ketch_state *state)
{
    const void *amplitudes;
    memset(s->start, 0, sizeof s->start);
    s->start[0] = 1;
    if (!state)
        return true;
    if (ketch_state_qubits(state) != ketch_circuit_qubits(s->planned) ||
        ketch_state_amplitudes(&amplitudes, state, NULL))
        return false;
    memcpy(s->start, amplitudes, sizeof *s->start << ketch_state_qubits(state));
    return true;
}

static void begin_run(session *s)
{
    const uint8_t flags = fuzz_byte(&s->input);
    const ketch_shots shots = {
        .size = sizeof shots, .seed = fuzz_byte(&s->input), .shots = flags & 8 ? 4 : 0};
    ketch_engine *const engine = engines[flags & 1];
    ketch_program *const program = flags & 2 ? s->program : s->bound;
    ketch_state *const state = flags & 4 ? s->state : NULL;
    ketch_status status;
    if (!s->program)
        return;
    end_result(s);
    const bool readable = note_start(s, state);
    CALL(s, status, ketch_program_begin(&s->result, engine, program, state, &shots, NULL, NULL));
    FUZZ_REQUIRE((status == KETCH_OK) == (s->result != NULL));
    if (status)
        return;
    s->compares = readable && !shots.shots;
    memcpy(s->values, s->bound_values, sizeof s->values);
    FUZZ_REQUIRE(ketch_circuit_copy(&s->running, s->planned, NULL) == KETCH_OK);
}

static int32_t stop_later(const ketch_step *step, void *user)
{
    session *const s = user;
    (void)step;
    if (s->left-- == 0)
        ketch_stop_set(&s->stop);
    return 0;
}

/* Carries the run on, until a stop perhaps. */
static void go_on(session *s, bool to_fence)
{
    const uint8_t flags = fuzz_byte(&s->input);
    const ketch_run run = {.size = sizeof run,
                           .hook = stop_later,
                           .user = s,
                           .tick_seconds = flags & 2 ? 1e-9 : -1,
                           .stop = &s->stop};
    s->left = flags >> 2;
    ketch_stop_clear(&s->stop);
    if (!s->result)
        return;
    ketch_engine *const engine = engines[flags & 1];
    arm_fault(s);
    const ketch_status status = to_fence ? ketch_engine_advance(engine, s->result, &run, NULL)
                                         : ketch_engine_resume(engine, s->result, &run, NULL);
    was_refused(s, status);
    FUZZ_REQUIRE(status == KETCH_OK || status == KETCH_STOPPED || status == KETCH_MEMORY ||
                 status == KETCH_BUSY);
    compare_end(s);
}

/* Saves the run, and goes on with what is loaded in its place. */
static void save_and_load(session *s)
{
    ketch_result *loaded = NULL;
    ketch_status status;
    if (!s->result || !s->running)
        return;
    CALL(s, status, ketch_result_save(s->result, saved_path, NULL, 0, 1, NULL));
    FUZZ_REQUIRE(status == KETCH_OK);
    CALL(s, status,
         ketch_circuit_load(&loaded, engines[1], fuzz_byte(&s->input) & 1 ? s->bound : s->program,
                            saved_path, NULL));
    FUZZ_REQUIRE(unlink(saved_path) == 0);
    if (status) { /* another program's */
        FUZZ_REQUIRE(!loaded);
        return;
    }
    ketch_result_destroy(s->result);
    s->result = loaded;
    compare_end(s);
}

/* ---- the session ---- */

/* The next call that requests memory is refused it. */
static void plan_fault(session *s)
{
    const uint8_t byte = fuzz_byte(&s->input);
    s->fault = 1 + byte % 32;
    s->onwards = byte & 0x80;
}

static void add_or_begin_anew(session *s, uint8_t call)
{
    if (ketch_circuit_steps(s->circuit) >= STEPS_MOST)
        replace_circuit(s);
    else if (call < 4)
        add_gate(s, call & 1);
    else if (call < 6)
        add_matrix(s, call & 1);
    else
        add_event(s);
}

static void make_call(session *s)
{
    static void (*const calls[])(session *) = {
        replace_circuit, copy_circuit, make_program,  bind_program, make_state, read_state,
        measure_state,   begin_run,    save_and_load, end_result,   plan_fault};
    enum { CALLS = sizeof calls / sizeof *calls, ADDS = 8 };
    const uint8_t call = fuzz_byte(&s->input) % (ADDS + 4 + CALLS);
    if (call < ADDS)
        add_or_begin_anew(s, call);
    else if (call < ADDS + 4)
        go_on(s, call & 1);
    else
        calls[call - ADDS - 4](s);
}

/* Runs what is suspended to its end, so that every run that was begun is compared. */
static void finish(session *s)
{
    kt_fault_arm(0, false);
    if (s->result && ketch_engine_resume(engines[0], s->result, NULL, NULL) == KETCH_OK)
        compare_end(s);
    end_result(s);
    ketch_state_drop(s->state);
    ketch_program_drop(s->bound);
    ketch_program_drop(s->program);
    ketch_circuit_destroy(s->planned);
    ketch_circuit_destroy(s->circuit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    session s = {.input = {data, size}};
    make_places();
    replace_circuit(&s);
    for (int i = 0; i < CALLS_MOST && s.input.size; i++)
        make_call(&s);
    finish(&s);
    return 0;
}
