/* What the files of the target `calls` share: what the calls of one input work on, and how a call
 * is made. Handles are NULL where there is none. */
#ifndef KT_FUZZ_CALLS_H
#define KT_FUZZ_CALLS_H

#include "dense.h"
#include "fuzz.h"

enum { PARAMETERS = 3, STEPS_MOST = 200, BUFFERS_MOST = 8, VIEWS_MOST = 4, BLOCKS_MOST = 4 };

/* A run and what it began with: circuit and values, and the amplitudes `start`. from_zero: it began
 * from |0...0> in a state of its own, so it can be repeated. compares: its end has not been compared
 * yet. */
typedef struct begun_run {
    ketch_result *result;
    ketch_circuit *circuit;
    ketch_program *program;
    double values[PARAMETERS];
    double complex start[1 << DENSE_QUBITS];
    ketch_precision precision;
    uint64_t shots, seed;
    bool observes, from_zero, compares;
} begun_run;

/* A state's block that is held, and what it held when it was taken. */
typedef struct kept_view {
    ketch_block *block;
    unsigned char bytes[sizeof(double complex) << DENSE_QUBITS];
} kept_view;

/* A block of an arena, all whose bytes are `value`. */
typedef struct kept_block {
    ketch_block *block;
    uint64_t size;
    uint8_t value;
} kept_block;

/* What hooks do: when `left` calls are over, `act` with the run of `engine` and `result`. */
typedef struct hook_plan {
    int32_t left;
    uint8_t act;
    ketch_engine *engine;
    ketch_result *result;
    ketch_stop stop;
} hook_plan;

/* error: of the last call. planned is the circuit that program was made of, with bound_values for
 * bound. basis: the basis state that `state` is known to be and that nothing has read; -1: another
 * state. runs[0] is the run that calls work on. fault: the number of the request for memory that the
 * next call is refused, and with onwards all that follow; 0: none. */
typedef struct session {
    fuzz_input input;
    ketch_error error;
    ketch_circuit *circuit, *planned;
    ketch_program *program, *bound;
    double bound_values[PARAMETERS];
    ketch_state *state;
    int64_t basis;
    bool is_adopted; /* state's buffer is one of ours */
    void *buffers[BUFFERS_MOST];
    kept_view views[VIEWS_MOST];
    ketch_engine *engine;
    ketch_arena *arena;
    bool arena_clears;
    kept_block blocks[BLOCKS_MOST];
    begun_run runs[2];
    hook_plan plan;
    uint64_t fault;
    bool onwards;
} session;

/* One with one thread and one with two, and the path of a saved run; they live as long as the
 * process. */
extern ketch_engine *calls_engines[2];
extern char calls_path[64];

/* ---- how a call is made ---- */

/* Before a call: memory is refused as planned. After it: true where it was refused, and the call is
 * to be made again. A failure must have a text, and a success must not touch the error. */
void calls_arm(session *s);
bool calls_refused(session *s, ketch_status status);
void calls_check_error(const ketch_error *error, ketch_status status);

/* Makes a call, and makes it again where memory was refused. */
#define CALL(s, status, call)                                                                      \
    do {                                                                                           \
        calls_arm(s);                                                                              \
        (status) = (call);                                                                         \
    } while (calls_refused(s, status))

/* The same for a call that must succeed. */
#define GOOD(s, call)                                                                              \
    do {                                                                                           \
        ketch_status good_status;                                                                  \
        CALL(s, good_status, call);                                                                \
        FUZZ_REQUIRE(good_status == KETCH_OK);                                                     \
    } while (0)

/* ---- what more than one file needs ---- */

/* One of the two, or the session's own. */
ketch_engine *calls_pick_engine(session *s);
/* A multiple of pi / 16. */
double calls_angle(session *s);
/* The most that an amplitude may be off. */
double calls_tolerance(ketch_precision precision);
double complex calls_amplitude(const void *amplitudes, ketch_precision precision, size_t index);
/* Two qubits of the state, or its one, and the number of them. */
int32_t calls_two_qubits(int32_t pair[2], session *s, int32_t qubits);
bool calls_has_ended(const ketch_result *result);
void calls_end_run(begun_run *r);
/* The session's hook. It gets the session. */
int32_t calls_hook(const ketch_step *step, void *user);
/* Probabilities of the outcomes of qubits, and the value of sum coefficient * Z...Z, of amplitudes
 * as they are. */
void calls_probabilities(double *probabilities, const void *amplitudes, const ketch_state *state,
                         int32_t count, const int32_t *qubits);
double calls_expectation(const void *amplitudes, const ketch_state *state, uint64_t count,
                         const uint64_t *masks, const double *coefficients);

/* ---- the calls, each chosen by a byte ---- */

typedef void fuzz_call(session *s);

fuzz_call calls_replace_circuit, calls_copy_circuit, calls_bind_circuit, calls_parse_text;
fuzz_call calls_transform_circuit;
fuzz_call calls_add_gate, calls_add_parametric, calls_add_gates, calls_add_unitary;
fuzz_call calls_add_diagonal, calls_add_event, calls_add_table, calls_add_choices;
fuzz_call calls_add_pauli, calls_initialize;
fuzz_call calls_make_program, calls_bind_program;
fuzz_call calls_make_state, calls_adopt_state, calls_set_state, calls_share_state;
fuzz_call calls_read_state, calls_sample_state, calls_measure_state, calls_view_state;
fuzz_call calls_begin, calls_run_program, calls_run_circuit, calls_resume, calls_advance;
fuzz_call calls_save_and_load, calls_read_result, calls_swap_runs, calls_end_first;
fuzz_call calls_make_engine, calls_make_arena, calls_take_block, calls_drop_block;
fuzz_call calls_read_arena, calls_run_within_need, calls_run_job, calls_make_mistake;

void calls_check_views(const session *s);
/* Ends what the session has but its circuits, programs, states and runs. */
void calls_end_memory(session *s);

#endif
