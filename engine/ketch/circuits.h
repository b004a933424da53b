/* Quantum circuits on state vectors.
 *
 * Conventions: qubit 0 is the lowest bit of an amplitude's index and the rightmost character of a
 * ket or bit string. Gate matrices and global phases are Qiskit's. Angles are radians.
 *
 * The nouns ketch_circuit, ketch_gate, ketch_program, ketch_state and ketch_observable belong to
 * this workload. */
#ifndef KETCH_CIRCUITS_H
#define KETCH_CIRCUITS_H

#include "ketch/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ketch declarations begin: no preprocessor lines up to the end mark, so that Python's CFFI reads
 * the same text */

/* ---- status ---- */

enum {
    /* No such gate. */
    KETCH_GATE = -100,
    /* A matrix that is not unitary. */
    KETCH_UNITARY = -101,
    /* Amplitudes that are not a state. */
    KETCH_NORM = -102
};

/* ---- gates ---- */

typedef enum ketch_gate {
    KETCH_GATE_ID = 0,
    KETCH_GATE_X,
    KETCH_GATE_Y,
    KETCH_GATE_Z,
    KETCH_GATE_H,
    KETCH_GATE_S,
    KETCH_GATE_SDG,
    KETCH_GATE_T,
    KETCH_GATE_TDG,
    KETCH_GATE_SX,
    KETCH_GATE_SXDG,
    KETCH_GATE_U0,
    KETCH_GATE_U1,
    KETCH_GATE_U2,
    KETCH_GATE_U3,
    KETCH_GATE_U,
    KETCH_GATE_P,
    KETCH_GATE_RX,
    KETCH_GATE_RY,
    KETCH_GATE_RZ,
    KETCH_GATE_CX,
    KETCH_GATE_CY,
    KETCH_GATE_CZ,
    KETCH_GATE_CH,
    KETCH_GATE_CS,
    KETCH_GATE_CSDG,
    KETCH_GATE_CSX,
    KETCH_GATE_CRX,
    KETCH_GATE_CRY,
    KETCH_GATE_CRZ,
    KETCH_GATE_CU1,
    KETCH_GATE_CP,
    KETCH_GATE_CU3,
    KETCH_GATE_CU,
    KETCH_GATE_SWAP,
    KETCH_GATE_CSWAP,
    KETCH_GATE_ISWAP,
    KETCH_GATE_CCX,
    KETCH_GATE_CCZ,
    KETCH_GATE_RCCX,
    KETCH_GATE_RC3X,
    KETCH_GATE_C3X,
    KETCH_GATE_C3SQRTX,
    KETCH_GATE_C4X,
    KETCH_GATE_RXX,
    KETCH_GATE_RYY,
    KETCH_GATE_RZZ,
    KETCH_GATE_RZX,
    KETCH_GATE_ECR,
    /* A dense matrix: ketch_circuit_unitary. */
    KETCH_GATE_UNITARY,
    /* ketch_circuit_diagonal. */
    KETCH_GATE_DIAGONAL,
    KETCH_GATE_MEASURE,
    KETCH_GATE_RESET,
    KETCH_GATE_BARRIER,
    KETCH_GATE_FENCE,
    KETCH_GATES
} ketch_gate;

enum {
    /* 2^58 amplitudes of 16 bytes are 2^62 bytes: the width of an index. */
    KETCH_QUBITS_MAX = 58,
    /* Classical bits of a circuit. */
    KETCH_BITS_MAX = 1048576,
    KETCH_PARAMETERS_MAX = 1048576,
    KETCH_UNITARY_QUBITS_MAX = 5,
    KETCH_DIAGONAL_QUBITS_MAX = 10
};

/* The gate's name, as in OpenQASM 2; "?" for a number that is no gate. Static. Any thread. */
KETCH_API const char *ketch_gate_name(ketch_gate gate);
/* The gate of that name; -1: there is none. Any thread. */
KETCH_API int32_t ketch_gate_find(const char *name);
/* How many qubits it takes, its own controls, which come first, included; -1: any number, or no
 * gate. Any thread. */
KETCH_API int32_t ketch_gate_qubits(ketch_gate gate);
/* How many angles it takes; -1: no gate. Any thread. */
KETCH_API int32_t ketch_gate_params(ketch_gate gate);

/* ---- circuits ---- */

/* Gates in source order. Built by one thread; a program keeps what it needs of it, so that it may
 * be changed or destroyed after ketch_program_create. A circuit takes no arena memory.
 *
 * The functions that add something leave the circuit as it was when they fail. What they refuse:
 * HANDLE no circuit, GATE no such gate, INDEX no such qubit or bit, DUPLICATE a qubit twice in one
 * gate, NONFINITE an angle or number that is not finite, MEMORY. */
typedef struct ketch_circuit ketch_circuit;

/* An empty circuit on 1..KETCH_QUBITS_MAX qubits. bits classical bits form one register "c" where
 * bits > 0; more registers can be added. */
KETCH_API ketch_status ketch_circuit_create(ketch_circuit **circuit, int32_t qubits, int32_t bits,
                                            ketch_error *error);
/* A copy, its parameters included. */
KETCH_API ketch_status ketch_circuit_copy(ketch_circuit **copy, const ketch_circuit *circuit,
                                          ketch_error *error);
KETCH_API void ketch_circuit_destroy(ketch_circuit *circuit);
/* Adds size classical bits after those there are, as one register. */
KETCH_API ketch_status ketch_circuit_add_register(ketch_circuit *circuit, const char *name,
                                                  int32_t size, ketch_error *error);

/* Adds a gate: as many qubits (its controls first) and params (radians) as its shape says. */
KETCH_API ketch_status ketch_circuit_gate(ketch_circuit *circuit, ketch_gate gate,
                                          const int32_t *qubits, const double *params,
                                          ketch_error *error);
/* Adds count gates at once, qubits and params of all in a row: all of them or none. The error names
 * the gate's number. */
KETCH_API ketch_status ketch_circuit_gates(ketch_circuit *circuit, uint64_t count,
                                           const int32_t *gates, const int32_t *qubits,
                                           uint64_t qubit_count, const double *params,
                                           uint64_t param_count, ketch_error *error);
/* Adds a gate under further controls: control i acts on values[i] (0 or 1; NULL: all 1). */
KETCH_API ketch_status ketch_circuit_controlled(ketch_circuit *circuit, ketch_gate gate,
                                                const int32_t *qubits, const double *params,
                                                int32_t control_count, const int32_t *controls,
                                                const uint8_t *values, ketch_error *error);

/* The angle factor * parameter + offset in radians; parameter -1: offset alone. Parameters are
 * numbers that a circuit leaves open, so that its program, planned once, is bound to values again
 * and again: ketch_program_bind. */
typedef struct ketch_angle {
    int32_t parameter;
    double factor;
    double offset;
} ketch_angle;

/* Adds count parameters, numbered on from those there are. */
KETCH_API ketch_status ketch_circuit_add_parameters(ketch_circuit *circuit, int32_t count,
                                                    ketch_error *error);
/* How many parameters it has; 0 for what is no circuit. */
KETCH_API int32_t ketch_circuit_parameters(const ketch_circuit *circuit);
/* As ketch_circuit_controlled, with angles that depend on parameters: as many as the gate's shape
 * says. */
KETCH_API ketch_status ketch_circuit_parametric(ketch_circuit *circuit, ketch_gate gate,
                                                const int32_t *qubits, const ketch_angle *angles,
                                                int32_t control_count, const int32_t *controls,
                                                const uint8_t *values, ketch_error *error);
/* A copy with numbers in place of the parameters: values[i] for parameter i, count of them. ARITY
 * for another count than it has, NONFINITE where a value or an angle made of it is not finite. */
KETCH_API ketch_status ketch_circuit_bind(ketch_circuit **bound, const ketch_circuit *circuit,
                                          const double *values, uint64_t count, ketch_error *error);

/* Adds a dense matrix on 1..5 qubits: row-major, 2^k x 2^k complex numbers as re, im pairs;
 * qubits[0] is the lowest bit of row and column. UNITARY where |M M^dagger - 1| has an entry above
 * tolerance (0: 1e-10). */
KETCH_API ketch_status ketch_circuit_unitary(ketch_circuit *circuit, int32_t qubit_count,
                                             const int32_t *qubits, const double *matrix,
                                             double tolerance, int32_t control_count,
                                             const int32_t *controls, const uint8_t *values,
                                             ketch_error *error);
/* Adds a diagonal on 1..10 qubits: 2^k complex numbers of modulus 1, within tolerance as above. */
KETCH_API ketch_status ketch_circuit_diagonal(ketch_circuit *circuit, int32_t qubit_count,
                                              const int32_t *qubits, const double *diagonal,
                                              double tolerance, int32_t control_count,
                                              const int32_t *controls, const uint8_t *values,
                                              ketch_error *error);
/* Measures the qubit into a classical bit. */
KETCH_API ketch_status ketch_circuit_measure(ketch_circuit *circuit, int32_t qubit, int32_t bit,
                                             ketch_error *error);
/* Sets the qubit to |0>: measured, and flipped where the outcome was 1. */
KETCH_API ketch_status ketch_circuit_reset(ketch_circuit *circuit, int32_t qubit,
                                           ketch_error *error);
/* Keeps gates of these qubits (count 0: all) from being merged across it. */
KETCH_API ketch_status ketch_circuit_barrier(ketch_circuit *circuit, int32_t count,
                                             const int32_t *qubits, ketch_error *error);
/* Adds a fence: hooks see the state after exactly the gates before it. */
KETCH_API ketch_status ketch_circuit_fence(ketch_circuit *circuit, ketch_error *error);
/* What is added from now on happens only where classical bits first..first+count-1, read as a
 * number with `first` lowest, equal value; count 0 ends this. */
KETCH_API ketch_status ketch_circuit_condition(ketch_circuit *circuit, int32_t first, int32_t count,
                                               uint64_t value, ketch_error *error);

/* Its qubits, its classical bits, and its gates, measurements and resets, which progress counts; 0
 * for what is no circuit. */
KETCH_API int32_t ketch_circuit_qubits(const ketch_circuit *circuit);
KETCH_API int32_t ketch_circuit_bits(const ketch_circuit *circuit);
KETCH_API uint64_t ketch_circuit_steps(const ketch_circuit *circuit);
/* Classical register number `index`: its name, which belongs to the circuit, its first bit and its
 * size. NULL past the last. */
KETCH_API const char *ketch_circuit_register(const ketch_circuit *circuit, int32_t index,
                                             int32_t *first, int32_t *size);

/* Gives the text of an included file, alive until the parse ends, or NULL. */
typedef const char *(*ketch_resolver)(const char *name, size_t *length, void *user);

typedef struct ketch_parse_options {
    size_t size;
    /* NULL: only "qelib1.inc", which is built in. */
    ketch_resolver resolve;
    /* The resolver's. */
    void *user;
    /* Operations after expansion; 0: 100 million. */
    uint64_t limit;
} ketch_parse_options;

/* Reads OpenQASM 2.0 (Cross, Bishop, Smolin, Gambetta, arXiv:1707.03429), qubits numbered in order
 * of declaration. The text need not end in 0. SYNTAX, LITERAL, DEPTH, LIMIT, OFF (an include
 * without a resolver) and what adding a gate refuses; errors carry line and column. Cost: linear in
 * the text and in the operations it expands to. */
KETCH_API ketch_status ketch_circuit_parse(ketch_circuit **circuit, const char *text, size_t length,
                                           const ketch_parse_options *options, ketch_error *error);

/* ---- states ---- */

/* 2^qubits amplitudes, interleaved re, im. A state keeps its block of memory, whatever is closed
 * first. */
typedef struct ketch_state ketch_state;

/* |0...0> in memory from the arena, which is written when it is first read or run on. MEMORY names
 * the largest number of qubits that fits. */
KETCH_API ketch_status ketch_state_create(ketch_state **state, ketch_arena *arena, int32_t qubits,
                                          ketch_precision precision, ketch_error *error);
/* The caller's buffer (aligned to 16 bytes, alive as long as the state) as it stands. NORM where
 * its norm is not 1 within 1e-6, BUFFER where it is too small or misaligned. */
KETCH_API ketch_status ketch_state_adopt(ketch_state **state, ketch_arena *arena, int32_t qubits,
                                         ketch_precision precision, void *buffer, uint64_t size,
                                         ketch_error *error);
/* A further reference; NULL for what is no state. */
KETCH_API ketch_state *ketch_state_share(ketch_state *state);
KETCH_API void ketch_state_drop(ketch_state *state);
/* 0 for what is no state. */
KETCH_API int32_t ketch_state_qubits(const ketch_state *state);
KETCH_API ketch_precision ketch_state_precision(const ketch_state *state);
/* Sets the state from a ket: one character of 0 1 + - a qubit, the leftmost for the highest; NULL:
 * all 0. */
KETCH_API ketch_status ketch_state_set_ket(ketch_state *state, const char *ket, ketch_error *error);
/* Sets it from count = 2^qubits amplitudes of that precision; normalise 1 scales them to norm 1, 0
 * refuses |norm - 1| > 1e-6 with NORM. */
KETCH_API ketch_status ketch_state_set_amplitudes(ketch_state *state, const void *amplitudes,
                                                  uint64_t count, ketch_precision precision,
                                                  int32_t normalise, ketch_error *error);
/* The amplitudes, valid until the state is written or dropped. SUSPENDED between fences, BUSY while
 * a run works on it. */
KETCH_API ketch_status ketch_state_amplitudes(const void **amplitudes, const ketch_state *state,
                                              ketch_error *error);
/* A new reference on the block that holds the amplitudes now: what it shows never changes, because
 * the state is moved to another block before it is written. *block is NULL for an adopted buffer.
 */
KETCH_API ketch_status ketch_state_block(ketch_block **block, const ketch_state *state,
                                         ketch_error *error);

/* Reductions and measurement. engine NULL: on the calling thread alone, with the best kernel set of
 * the machine; the same bits as on an engine with that set, at any number of threads. BUSY where
 * the engine runs. */

/* The square root of the sum of squared magnitudes: 1 for a state. */
KETCH_API ketch_status ketch_state_norm(double *norm, ketch_engine *engine,
                                        const ketch_state *state, ketch_error *error);
/* <a|b>, re and im. MISMATCH where qubit count or precision differ. */
KETCH_API ketch_status ketch_state_inner(double inner[2], ketch_engine *engine,
                                         const ketch_state *a, const ketch_state *b,
                                         ketch_error *error);
/* 2^count probabilities of the outcomes of these qubits, qubits[0] the lowest bit; capacity counts
 * doubles. */
KETCH_API ketch_status ketch_state_probabilities(double *probabilities, uint64_t capacity,
                                                 ketch_engine *engine, const ketch_state *state,
                                                 int32_t count, const int32_t *qubits,
                                                 ketch_error *error);
/* The expectation of a sum of count terms, each a coefficient times Z on the qubits whose bits are
 * 1 in its mask (mask 0: a constant). */
KETCH_API ketch_status ketch_state_expectation(double *expectation, ketch_engine *engine,
                                               const ketch_state *state, uint64_t count,
                                               const uint64_t *masks, const double *coefficients,
                                               ketch_error *error);
/* shots basis-state indices; shot s depends on the state, the seed and first + s only. */
KETCH_API ketch_status ketch_state_sample(uint64_t *outcomes, uint64_t shots, ketch_engine *engine,
                                          const ketch_state *state, uint64_t seed, uint64_t first,
                                          ketch_error *error);
/* Measures one qubit and collapses the state; `count` numbers the measurements made with this seed.
 */
KETCH_API ketch_status ketch_state_measure(int32_t *outcome, ketch_engine *engine,
                                           ketch_state *state, int32_t qubit, uint64_t seed,
                                           uint64_t count, ketch_error *error);

/* ---- observables ---- */

/* NORM: the state's norm. PROBABILITIES: of the 2^count outcomes of these qubits, qubits[0] the
 * lowest bit. Z: as ketch_state_expectation. */
typedef enum ketch_observe {
    KETCH_OBSERVE_NORM = 1,
    KETCH_OBSERVE_PROBABILITIES = 2,
    KETCH_OBSERVE_Z = 3
} ketch_observe;

/* What to ask of a final state. Fields that the kind has no use for are ignored. size is also the
 * stride of an array, and the same in all of one call. */
typedef struct ketch_observable {
    size_t size;
    ketch_observe kind;
    uint64_t count;
    const int32_t *qubits;
    const uint64_t *masks;
    const double *coefficients;
} ketch_observable;

/* ---- programs ---- */

/* A circuit compiled for a precision and a kernel set. Immutable: several engines may run it at
 * once, and any thread may share, drop or read it. */
typedef struct ketch_program ketch_program;

typedef struct ketch_program_options {
    size_t size;
    ketch_precision precision;
    /* 0: the best this machine runs; through an engine: the engine's. */
    ketch_kernels kernels;
    /* Steps between fences; 0: only where the circuit has fences. */
    uint64_t fence_every;
    /* Qubits in a tile; 0: chosen. */
    int32_t tile_bits;
    /* Lowest qubits that are always in a tile; 0: chosen. */
    int32_t run_bits;
    /* 1: no merging and no relabelling, each gate as it stands: for tests. */
    int32_t plain;
    /* Where the program's memory is to live; NULL: an arena of its own. Checked, and not used yet:
     * programs are small and lie in the C library's memory. */
    ketch_arena *arena;
} ketch_program_options;

typedef struct ketch_program_info {
    size_t size;
    int32_t qubits;
    int32_t bits;
    ketch_precision precision;
    ketch_kernels kernels;
    int32_t tile_bits;
    int32_t run_bits;
    uint64_t steps;
    /* After merging. */
    uint64_t operations;
    uint64_t passes;
    uint64_t segments;
    uint64_t state_bytes;
    /* For each worker. */
    uint64_t scratch_bytes;
    /* 1: it has measurements. */
    int32_t measures;
    /* 1: shots are drawn from one run; 0: each shot is a run of its own. */
    int32_t sampled;
    /* Parameters that have no values yet: ketch_program_bind. */
    int32_t parameters;
} ketch_program_info;

/* Plans a circuit; the creator holds the first reference. The plan depends on circuit and options
 * alone, never on threads or timings. RANGE for an option out of its limits, MISMATCH for a kernel
 * set that this machine does not run, MEMORY. Cost: about a microsecond a gate. */
KETCH_API ketch_status ketch_program_create(ketch_program **program, const ketch_circuit *circuit,
                                            const ketch_program_options *options,
                                            ketch_error *error);
/* Gives the program's parameters values, values[i] to parameter i, count of them, without planning
 * again: the plan is the same whatever the values, and several threads may bind one program at
 * once. *bound is NULL, or a program bound from the same one before, which is given up for the new
 * one; its memory is used again where nothing else holds it, such as a result. After a failure
 * *bound is as it was. A bound program can be bound again. ARITY for another count than it has
 * parameters, NONFINITE where a value or an angle made of it is not finite, MISMATCH for a *bound
 * of another program. A program with parameters does not run until it is bound (ARITY). Cost: a
 * cosine and sine for each angle, and the tables of factors that depend on them. */
KETCH_API ketch_status ketch_program_bind(ketch_program **bound, ketch_program *program,
                                          const double *values, uint64_t count, ketch_error *error);
/* A further reference; NULL for NULL. */
KETCH_API ketch_program *ketch_program_share(ketch_program *program);
KETCH_API void ketch_program_drop(ketch_program *program);
KETCH_API ketch_status ketch_program_get_info(ketch_program_info *info,
                                              const ketch_program *program, ketch_error *error);
/* The plan as text for a person. length (may be NULL) gets its whole length; at most capacity bytes
 * are written, the last of them 0. */
KETCH_API ketch_status ketch_program_plan(char *text, size_t capacity, size_t *length,
                                          const ketch_program *program, ketch_error *error);

/* ---- runs of circuits ---- */

/* How often a program runs and what is wanted of it. */
typedef struct ketch_shots {
    size_t size;
    /* 0: once as written, measurements collapse. N: classical bits and counts of N shots. */
    uint64_t shots;
    /* Of all randomness. */
    uint64_t seed;
    /* Of the final state; copied. */
    const ketch_observable *observables;
    uint64_t observable_count;
} ketch_shots;

/* Runs the program on the state as it is, which must have its qubit count and precision; state
 * NULL: on |0...0> in the engine's arena. shots NULL: once. The result keeps program and state; see
 * ketch_engine_run for when there is one. RANGE for shots > 0 where the circuit measures nothing
 * and no observables are asked for, and where each shot is a run of its own and the state is not a
 * basis state set by ketch_state_create or ketch_state_set_ket. ARITY for a program that is not
 * bound, MISMATCH for a state, kernel set or program that do not fit. */
KETCH_API ketch_status ketch_program_run(ketch_result **result, ketch_engine *engine,
                                         ketch_program *program, ketch_state *state,
                                         const ketch_shots *shots, const ketch_run *run,
                                         ketch_error *error);
/* The same, suspended before its first step. */
KETCH_API ketch_status ketch_program_begin(ketch_result **result, ketch_engine *engine,
                                           ketch_program *program, ketch_state *state,
                                           const ketch_shots *shots, const ketch_run *run,
                                           ketch_error *error);
/* ketch_program_create with the engine's kernel set, and ketch_program_run on |0...0>. */
KETCH_API ketch_status ketch_circuit_run(ketch_result **result, ketch_engine *engine,
                                         const ketch_circuit *circuit,
                                         const ketch_program_options *options,
                                         const ketch_shots *shots, const ketch_run *run,
                                         ketch_error *error);
/* What a run of the program on |0...0> would take on that engine. */
KETCH_API ketch_status ketch_program_need(ketch_need *need, const ketch_engine *engine,
                                          const ketch_program *program, const ketch_shots *shots,
                                          ketch_error *error);
/* Loads a saved run of that program (ketch_result_save, ketch_run.save_path): its state is made in
 * the engine's arena. MISMATCH names the first of program, kernel set, precision that differs. */
KETCH_API ketch_status ketch_circuit_load(ketch_result **result, ketch_engine *engine,
                                          ketch_program *program, const char *path,
                                          ketch_error *error);
/* What a saved run's program was made with: options without an arena, and its values, value_count
 * of them, which belong to saved. MISMATCH for a saved run of another workload. */
KETCH_API ketch_status ketch_circuit_saved(ketch_program_options *options, const double **values,
                                           uint64_t *value_count, const ketch_saved *saved,
                                           ketch_error *error);

/* The type of circuits' runs: ketch_step.type, ketch_result_type. Any thread. */
KETCH_API const ketch_job_type *ketch_circuit_type(void);
/* The state at a fence; readable until the hook returns. NULL in a tick, and for a step of another
 * workload. */
KETCH_API const ketch_state *ketch_step_state(const ketch_step *step);
/* The state of a circuit's run, which belongs to the result: share it to keep it. NULL for others.
 * Without shots: the circuit's final state, collapsed where it measured. With shots drawn from one
 * run: the state before the final measurements. Where each shot is a run of its own: what the last
 * one left. Until the run is over, reading the state between fences answers BUSY while the run goes
 * on, SUSPENDED where it stopped. */
KETCH_API ketch_state *ketch_circuit_result_state(const ketch_result *result);

/* The classical bits: shots rows of bits bytes, 0 or 1, column b = bit b; one row for a run without
 * shots. The memory belongs to the result and its block may be shared. Shots that did not happen
 * yet are left out. */
typedef struct ketch_outcomes {
    size_t size;
    uint64_t shots;
    uint64_t bits;
    const uint8_t *rows;
    ketch_block *block;
} ketch_outcomes;

KETCH_API ketch_status ketch_circuit_result_outcomes(ketch_outcomes *outcomes,
                                                     const ketch_result *result,
                                                     ketch_error *error);
/* Distinct rows with how often each came, in the order of the numbers they write (highest bit
 * first). *distinct gets how many there are; at most capacity of them are written: row numbers of a
 * first example, and counts. */
KETCH_API ketch_status ketch_circuit_result_counts(uint64_t *distinct, uint64_t *examples,
                                                   uint64_t *counts, uint64_t capacity,
                                                   ketch_result *result, ketch_error *error);
/* The numbers of observable `index` of the run: of the state that it left, so after the collapse
 * where it measured. They come from its last pass over memory, with no further sweep, where that is
 * one of gates and few enough outcomes are asked for. capacity counts doubles: one number, or
 * 2^count probabilities. SUSPENDED while the run has not ended. */
KETCH_API ketch_status ketch_circuit_result_observed(double *values, uint64_t capacity,
                                                     uint64_t index, const ketch_result *result,
                                                     ketch_error *error);

/* ketch declarations end */

/* Short forms of ketch_circuit_gate. */
static inline ketch_status ketch_gate1(ketch_circuit *circuit, ketch_gate gate, int32_t qubit,
                                       ketch_error *error)
{
    return ketch_circuit_gate(circuit, gate, &qubit, NULL, error);
}
static inline ketch_status ketch_gate2(ketch_circuit *circuit, ketch_gate gate, int32_t a,
                                       int32_t b, ketch_error *error)
{
    const int32_t qubits[2] = {a, b};
    return ketch_circuit_gate(circuit, gate, qubits, NULL, error);
}
static inline ketch_status ketch_rotation(ketch_circuit *circuit, ketch_gate gate, double angle,
                                          int32_t qubit, ketch_error *error)
{
    return ketch_circuit_gate(circuit, gate, &qubit, &angle, error);
}

static inline ketch_status ketch_x(ketch_circuit *c, int32_t q, ketch_error *error)
{
    return ketch_gate1(c, KETCH_GATE_X, q, error);
}
static inline ketch_status ketch_y(ketch_circuit *c, int32_t q, ketch_error *error)
{
    return ketch_gate1(c, KETCH_GATE_Y, q, error);
}
static inline ketch_status ketch_z(ketch_circuit *c, int32_t q, ketch_error *error)
{
    return ketch_gate1(c, KETCH_GATE_Z, q, error);
}
static inline ketch_status ketch_h(ketch_circuit *c, int32_t q, ketch_error *error)
{
    return ketch_gate1(c, KETCH_GATE_H, q, error);
}
static inline ketch_status ketch_s(ketch_circuit *c, int32_t q, ketch_error *error)
{
    return ketch_gate1(c, KETCH_GATE_S, q, error);
}
static inline ketch_status ketch_t(ketch_circuit *c, int32_t q, ketch_error *error)
{
    return ketch_gate1(c, KETCH_GATE_T, q, error);
}
static inline ketch_status ketch_rx(ketch_circuit *c, double a, int32_t q, ketch_error *error)
{
    return ketch_rotation(c, KETCH_GATE_RX, a, q, error);
}
static inline ketch_status ketch_ry(ketch_circuit *c, double a, int32_t q, ketch_error *error)
{
    return ketch_rotation(c, KETCH_GATE_RY, a, q, error);
}
static inline ketch_status ketch_rz(ketch_circuit *c, double a, int32_t q, ketch_error *error)
{
    return ketch_rotation(c, KETCH_GATE_RZ, a, q, error);
}
static inline ketch_status ketch_cx(ketch_circuit *c, int32_t control, int32_t target,
                                    ketch_error *error)
{
    return ketch_gate2(c, KETCH_GATE_CX, control, target, error);
}
static inline ketch_status ketch_cz(ketch_circuit *c, int32_t a, int32_t b, ketch_error *error)
{
    return ketch_gate2(c, KETCH_GATE_CZ, a, b, error);
}
static inline ketch_status ketch_swap(ketch_circuit *c, int32_t a, int32_t b, ketch_error *error)
{
    return ketch_gate2(c, KETCH_GATE_SWAP, a, b, error);
}

#ifdef __cplusplus
}
#endif
#endif
