/* ketch: an embeddable compute engine. This is the whole public interface.
 *
 * Rules that hold everywhere
 *  - A function that can fail returns a ketch_status: 0 good, positive "stopped" (nothing is
 * wrong), negative failed. After a failure every handle is as it was before the call, and the one
 * that was to be made is NULL. Text goes to the caller's ketch_error (may be NULL).
 *  - Outputs come first, the error last. Option and report structs begin with `size` (set it to
 * sizeof), other fields zero mean "you choose"; a NULL options pointer means all defaults.
 *  - create/destroy make and end an object with one owner; share/drop count references; every
 * destroy and drop takes NULL.
 *  - Qubit 0 is the lowest bit of an amplitude's index and the rightmost character of a ket or bit
 * string.
 *  - Threads: different handles may be used from different threads at once. One handle: one thread
 * at a time, except where a function says otherwise. Nothing here prints, exits, installs signal
 * handlers or reads the environment.
 */
#ifndef KETCH_H
#define KETCH_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define KETCH_API __attribute__((visibility("default")))
#else
#define KETCH_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ketch declarations begin: up to the end mark no preprocessor lines, so that Python's CFFI reads
 * the same text */

/* ---- status and errors
 * ---------------------------------------------------------------------------------- */

typedef enum ketch_status {
    KETCH_OK = 0,
    KETCH_STOPPED = 1,     /* a stop token, ketch_engine_stop, a hook or Ctrl-C asked for the end */
    KETCH_TIMEOUT = 2,     /* the run's time was up */
    KETCH_RANGE = -1,      /* a count or number outside its limits */
    KETCH_INDEX = -2,      /* a qubit or classical bit that does not exist */
    KETCH_DUPLICATE = -3,  /* the same qubit twice in one gate */
    KETCH_GATE = -4,       /* no such gate */
    KETCH_ARITY = -5,      /* wrong number of qubits or parameters for a gate */
    KETCH_NONFINITE = -6,  /* nan or infinity */
    KETCH_UNITARY = -7,    /* a matrix that is not unitary */
    KETCH_SHAPE = -8,      /* wrong shape, type or layout of an array */
    KETCH_BUFFER = -9,     /* a buffer too small, misaligned or overlapping */
    KETCH_NORM = -10,      /* amplitudes that are not a state */
    KETCH_HANDLE = -11,    /* NULL, ended or foreign handle */
    KETCH_FORKED = -12,    /* a handle made in another process */
    KETCH_BUSY = -13,      /* one run at a time an engine */
    KETCH_SUSPENDED = -14, /* a state between two fences: resume its run or set it anew */
    KETCH_SYNTAX = -15,    /* text that does not follow the grammar */
    KETCH_LITERAL = -16,   /* a number in text that cannot be represented */
    KETCH_DEPTH = -17,     /* text nested too deeply */
    KETCH_LIMIT = -18,     /* text that expands to too many operations */
    KETCH_OFF = -19,       /* a feature that is off unless asked for */
    KETCH_MEMORY = -20,    /* more memory than allowed or available */
    KETCH_HOOK = -21,      /* a hook asked the run to fail */
    KETCH_MISMATCH =
        -22,       /* objects that do not fit each other: precision, qubit count, kernel set */
    KETCH_IO = -23 /* a file could not be read or written */
} ketch_status;

/* Where and why a call failed. The caller owns it and sets size; a failing call fills it, a good
 * one leaves it. given and allowed hold the offending value and what would have been right, message
 * one sentence with all of it. */
typedef struct ketch_error {
    size_t size;
    ketch_status status;
    int32_t line;   /* of the text, from 1; 0: not about text */
    int32_t column; /* in bytes, from 1 */
    char function[48];
    char argument[32];
    char given[96];
    char allowed[96];
    char message[416];
} ketch_error;

/* "RANGE" for KETCH_RANGE, and so on; "?" for a number that is no status. */
KETCH_API const char *ketch_status_name(ketch_status status);
/* The version of the library, as "0.1.0". */
KETCH_API const char *ketch_version(void);

/* ---- arena: reusable big memory
 * ------------------------------------------------------------------------- */

typedef struct ketch_arena ketch_arena;
typedef struct ketch_block ketch_block;

typedef struct ketch_arena_options {
    size_t size;
    uint64_t memory; /* budget in bytes; 0: what this process may use, less a margin */
} ketch_arena_options;

enum { KETCH_TAGS = 4 };

/* All in bytes or counts. held: mapped from the system; used: in blocks that are taken. By tag: see
 * ketch_tag_name. */
typedef struct ketch_arena_stats {
    size_t size;
    uint64_t budget;
    uint64_t held;
    uint64_t used;
    uint64_t peak_held;
    uint64_t peak_used;
    uint64_t maps;   /* calls to the system for memory */
    uint64_t takes;  /* blocks taken */
    uint64_t reuses; /* of those, served from memory already held */
    uint64_t tag_used[4];
    uint64_t tag_peak[4];
} ketch_arena_stats;

/* Arena functions may be called from several threads at once. The creator holds the first
 * reference. */
KETCH_API ketch_status ketch_arena_create(ketch_arena **arena, const ketch_arena_options *options,
                                          ketch_error *error);
KETCH_API ketch_arena *ketch_arena_share(ketch_arena *arena);
KETCH_API void ketch_arena_drop(ketch_arena *arena);
/* Gives memory that no block uses back to the system; returns its bytes. */
KETCH_API uint64_t ketch_arena_trim(ketch_arena *arena);
KETCH_API ketch_status ketch_arena_get_stats(ketch_arena_stats *stats, ketch_arena *arena,
                                             ketch_error *error);
/* "state", "scratch", "result", "user" for 0..KETCH_TAGS-1. */
KETCH_API const char *ketch_tag_name(int32_t tag);

/* Takes a block of at least size bytes, aligned to 64 bytes (to 2 MiB from that size on), contents
 * unspecified. A block keeps its arena. MEMORY when the budget or the system refuses: bytes needed,
 * allowed and by which limit. */
KETCH_API ketch_status ketch_block_take(ketch_block **block, ketch_arena *arena, uint64_t size,
                                        ketch_error *error);
KETCH_API void *ketch_block_data(const ketch_block *block);
KETCH_API uint64_t ketch_block_size(const ketch_block *block);
KETCH_API ketch_block *ketch_block_share(ketch_block *block);
/* Gives the block back when the last reference goes. HANDLE for a block that was given back
 * already. */
KETCH_API ketch_status ketch_block_drop(ketch_block *block);

/* ---- engine: workers, arena, settings
 * ------------------------------------------------------------------- */

typedef struct ketch_engine ketch_engine;

typedef enum ketch_kernels {
    KETCH_KERNELS_AUTO = 0,
    KETCH_KERNELS_SCALAR = 1,
    KETCH_KERNELS_AVX2 = 2,
    KETCH_KERNELS_AVX512 = 3,
    KETCH_KERNELS_NEON = 4
} ketch_kernels;

typedef struct ketch_engine_options {
    size_t size;
    int32_t
        threads; /* the caller's included; 0: as many cores as this process may use, at most 64 */
    ketch_kernels kernels; /* 0: the best this machine runs */
    ketch_arena *arena;    /* shared; NULL: one of its own */
    uint64_t memory; /* budget of its own arena; 0: what this process may use, less a margin */
} ketch_engine_options;

typedef struct ketch_engine_info {
    size_t size;
    int32_t threads;
    ketch_kernels kernels;
    int32_t running; /* 1 while a run is on */
    int32_t workers; /* threads created so far */
    uint64_t memory; /* the arena's budget */
} ketch_engine_info;

/* Creating an engine starts no thread: workers start with the first parallel run, and take no
 * signals. */
KETCH_API ketch_status ketch_engine_create(ketch_engine **engine,
                                           const ketch_engine_options *options, ketch_error *error);
/* BUSY, and nothing done, while a run is on. States, blocks and results made with it live on. */
KETCH_API ketch_status ketch_engine_destroy(ketch_engine *engine, ketch_error *error);
/* The engine's arena; belongs to the engine: share it to keep it. */
KETCH_API ketch_arena *ketch_engine_arena(const ketch_engine *engine);
KETCH_API ketch_status ketch_engine_get_info(ketch_engine_info *info, const ketch_engine *engine,
                                             ketch_error *error);
/* "scalar", "avx2", ...; "?" for a number that is no kernel set. */
KETCH_API const char *ketch_kernels_name(ketch_kernels kernels);
/* 1 where this machine runs that set. */
KETCH_API int32_t ketch_kernels_usable(ketch_kernels kernels);

/* ---- runs: hooks, stop, results
 * ------------------------------------------------------------------------- */

/* A caller-owned flag that asks a run to end; zeroed memory is a clear one. Set is safe from any
 * thread, from a hook and from a signal handler. A run looks at the token given to it, so a stop
 * before a run is not lost. */
typedef struct ketch_stop {
    int32_t flag;
} ketch_stop;

KETCH_API void ketch_stop_set(ketch_stop *stop);
KETCH_API void ketch_stop_clear(ketch_stop *stop);
KETCH_API int32_t ketch_stop_read(const ketch_stop *stop);
/* Asks the run that the engine carries on to end, with no token: from any thread, a hook or a
 * signal handler. Nothing happens for NULL and where no run is on; one that begins later is not
 * stopped. The engine must not be destroyed meanwhile. */
KETCH_API void ketch_engine_stop(ketch_engine *engine);

/* What a hook sees. done of total steps are retired (for a circuit: source gates, times shots where
 * each shot is a run of its own). At a fence view is what the job shows (a circuit: its const
 * ketch_state, readable until the hook returns) and exactly the first `done` steps have happened;
 * in a tick view is NULL. */
typedef struct ketch_step {
    size_t size;
    uint64_t done;
    uint64_t total;
    double fraction; /* 0..1, smooth */
    double seconds;  /* since the run began or was resumed */
    const void *view;
} ketch_step;

/* Called on the thread that runs, no lock held. 0: go on; > 0: stop calmly; < 0: fail. The number
 * is kept. */
typedef int32_t (*ketch_hook)(const ketch_step *step, void *user);

/* What is wanted of a final state: below, with states. */
typedef struct ketch_observable ketch_observable;

typedef struct ketch_run {
    size_t size;
    ketch_hook hook;
    void *user;          /* the hook's */
    double tick_seconds; /* time between ticks; 0: 0.05; negative: no ticks, fences only */
    double timeout;      /* seconds; 0: none */
    ketch_stop *stop;    /* NULL: none */
    uint64_t shots; /* circuits: 0: once as written, measurements collapse; read when a run begins,
                       not at resume */
    uint64_t seed;  /* circuits: of all randomness; read when a run begins */
    const ketch_observable
        *observables; /* circuits: of the final state; copied when a run begins */
    uint64_t observable_count;
} ketch_run;

/* Where a run is. fence 1: exactly `done` steps happened, the job's data are readable. 0: inside
 * pass number `pass`, of whose `tiles` the first `tile` are done. */
typedef struct ketch_position {
    size_t size;
    uint64_t done;
    uint64_t total;
    uint64_t pass;
    uint64_t tile;
    uint64_t tiles;
    int32_t fence;
    int32_t finished;
} ketch_position;

typedef struct ketch_report {
    size_t size;
    double seconds;  /* computing, hooks included, resumes added up */
    uint64_t passes; /* parallel sweeps */
    uint64_t tiles;
    uint64_t steps;  /* retired */
    uint64_t bytes;  /* of state read and written */
    uint64_t memory; /* bytes in use in the arena when the run ended */
    uint64_t maps;   /* calls to the system for memory during this run */
    uint64_t ticks;  /* hook calls by time */
    uint64_t fences; /* hook calls at fences */
    int32_t threads;
    ketch_kernels kernels;
} ketch_report;

/* A run that ended, or was suspended and can go on. */
typedef struct ketch_result ketch_result;

/* ---- jobs: anything that advances in steps
 * -------------------------------------------------------------- */

/* What a job works with while it advances. Circuits use nothing else. */
typedef struct ketch_context ketch_context;

/* One index of a parallel sweep. worker is 0..threads-1: of two calls at once no two have the same.
 */
typedef void (*ketch_body)(uint64_t index, int32_t worker, void *user);

/* Works until the next fence or the end: at a fence, call ketch_context_fence and return KETCH_OK;
 * at the end, return KETCH_OK without. Any other status from a context function is to be returned
 * at once: the run is then suspended, and advance is called again on resume, when it must make the
 * same context call again and go on from there. */
typedef ketch_status (*ketch_advance)(ketch_context *context, void *user);

typedef struct ketch_job {
    size_t size;
    uint64_t steps;   /* what progress counts */
    uint64_t scratch; /* bytes for each worker */
    ketch_advance advance;
    void (*release)(void *user); /* called when the result is destroyed; may be NULL */
    void *user;                  /* advance's; must live until then */
} ketch_job;

/* Calls body for every index in 0..count-1, shared among the workers, each index once, and retires
 * `steps` steps. Stop, timeout and ticks are looked at before each index, so an index should be
 * about a millisecond of work or less. When stopped, every index taken is finished first; the same
 * call after a resume does the rest only. */
KETCH_API ketch_status ketch_context_parallel(ketch_context *context, uint64_t count,
                                              uint64_t steps, ketch_body body, void *user);
/* The same look at stop, timeout and ticks, for serial work. */
KETCH_API ketch_status ketch_context_check(ketch_context *context);
/* Retires steps of serial work. */
KETCH_API void ketch_context_retire(ketch_context *context, uint64_t steps);
/* Counts bytes of data read and written, for the report. */
KETCH_API void ketch_context_count(ketch_context *context, uint64_t bytes);
/* Says that everything retired has happened and nothing after; view goes to the hook. */
KETCH_API void ketch_context_fence(ketch_context *context, const void *view);
/* Says why advance is about to fail: the text of the caller's error. reason lives until the run
 * returns. */
KETCH_API void ketch_context_explain(ketch_context *context, const char *reason);
/* 1 while nothing was done since the last fence: a job stopped then still stands at it. */
KETCH_API int32_t ketch_context_clean(const ketch_context *context);
/* The worker's own job.scratch bytes, aligned to 64; contents unspecified when a sweep begins. */
KETCH_API void *ketch_context_scratch(const ketch_context *context, int32_t worker);
KETCH_API int32_t ketch_context_threads(const ketch_context *context);

/* Begins a run of a job and carries it to its end, a stop or a failure. Once the job has begun
 * there is a result, also after HOOK or a failure of the job's own: it can be resumed, and
 * destroying it releases the job. Otherwise *result is NULL and the job was not touched. BUSY when
 * the engine runs already or is called from a hook. The caller's thread is worker 0 and calls the
 * hook. */
KETCH_API ketch_status ketch_engine_run(ketch_result **result, ketch_engine *engine,
                                        const ketch_job *job, const ketch_run *run,
                                        ketch_error *error);
/* The same, suspended before its first step. */
KETCH_API ketch_status ketch_engine_begin(ketch_result **result, ketch_engine *engine,
                                          const ketch_job *job, const ketch_run *run,
                                          ketch_error *error);
/* Goes on to the end. Any engine with enough threads' scratch may; the bits are those of an
 * undisturbed run. */
KETCH_API ketch_status ketch_engine_resume(ketch_engine *engine, ketch_result *result,
                                           const ketch_run *run, ketch_error *error);
/* Goes on to the next fence or the end (see ketch_position.finished). */
KETCH_API ketch_status ketch_engine_advance(ketch_engine *engine, ketch_result *result,
                                            const ketch_run *run, ketch_error *error);

/* How the run stands: OK finished, STOPPED (also when it was only begun or advanced to a fence),
 * TIMEOUT or a failure: not finished. */
KETCH_API ketch_status ketch_result_status(const ketch_result *result);
/* What the hook last returned. */
KETCH_API int32_t ketch_result_hook(const ketch_result *result);
KETCH_API ketch_status ketch_result_get_position(ketch_position *position,
                                                 const ketch_result *result, ketch_error *error);
KETCH_API ketch_status ketch_result_get_report(ketch_report *report, const ketch_result *result,
                                               ketch_error *error);
/* Does nothing while its run is on, as in a hook. */
KETCH_API void ketch_result_destroy(ketch_result *result);

/* ---- circuits
 * ------------------------------------------------------------------------------------------- */

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
    KETCH_GATE_UNITARY,  /* dense matrix, by ketch_circuit_unitary */
    KETCH_GATE_DIAGONAL, /* by ketch_circuit_diagonal */
    KETCH_GATE_MEASURE,
    KETCH_GATE_RESET,
    KETCH_GATE_BARRIER,
    KETCH_GATE_FENCE,
    KETCH_GATES
} ketch_gate;

enum {
    KETCH_QUBITS_MAX = 58,    /* 2^58 amplitudes of 16 bytes are 2^62 bytes: the index width */
    KETCH_BITS_MAX = 1048576, /* classical bits of a circuit */
    KETCH_PARAMETERS_MAX = 1048576,
    KETCH_UNITARY_QUBITS_MAX = 5,
    KETCH_DIAGONAL_QUBITS_MAX = 10
};

/* A circuit: gates in source order. Build it from one thread; a program keeps what it needs of it,
 * so it may be changed or destroyed after ketch_program_create. Circuits take no arena memory. */
typedef struct ketch_circuit ketch_circuit;

/* Name and shape of a gate: qubits includes its own controls, which come first. HANDLE-free,
 * constant time. */
KETCH_API const char *ketch_gate_name(ketch_gate gate);
/* The gate of that name, or -1. */
KETCH_API int32_t ketch_gate_find(const char *name);
KETCH_API int32_t ketch_gate_qubits(ketch_gate gate); /* -1: any number, or no gate */
KETCH_API int32_t ketch_gate_params(ketch_gate gate); /* -1: no gate */

/* bits classical bits form one register "c" where bits > 0; more registers can be added. */
KETCH_API ketch_status ketch_circuit_create(ketch_circuit **circuit, int32_t qubits, int32_t bits,
                                            ketch_error *error);
KETCH_API ketch_status ketch_circuit_copy(ketch_circuit **copy, const ketch_circuit *circuit,
                                          ketch_error *error);
KETCH_API void ketch_circuit_destroy(ketch_circuit *circuit);
/* Adds size classical bits after those there are, as one register. */
KETCH_API ketch_status ketch_circuit_add_register(ketch_circuit *circuit, const char *name,
                                                  int32_t size, ketch_error *error);

/* One gate: as many qubits (its controls first) and parameters (radians) as its shape says. */
KETCH_API ketch_status ketch_circuit_gate(ketch_circuit *circuit, ketch_gate gate,
                                          const int32_t *qubits, const double *params,
                                          ketch_error *error);
/* count gates at once, qubits and params of all in a row. All or nothing: the error's text names
 * the gate's number. */
KETCH_API ketch_status ketch_circuit_gates(ketch_circuit *circuit, uint64_t count,
                                           const int32_t *gates, const int32_t *qubits,
                                           uint64_t qubit_count, const double *params,
                                           uint64_t param_count, ketch_error *error);
/* A gate under further controls: control i acts on values[i] (0 or 1; NULL: all 1). */
KETCH_API ketch_status ketch_circuit_controlled(ketch_circuit *circuit, ketch_gate gate,
                                                const int32_t *qubits, const double *params,
                                                int32_t control_count, const int32_t *controls,
                                                const uint8_t *values, ketch_error *error);

/* Parameters: numbers that a circuit leaves open, so that its program, planned once, is bound to
 * values again and again (ketch_program_bind). */

/* factor * parameter + offset, radians. parameter -1: offset alone. */
typedef struct ketch_angle {
    int32_t parameter;
    double factor;
    double offset;
} ketch_angle;

/* Adds count parameters, numbered on from those there are. */
KETCH_API ketch_status ketch_circuit_add_parameters(ketch_circuit *circuit, int32_t count,
                                                    ketch_error *error);
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

/* A dense matrix on 1..5 qubits, row-major, 2^k x 2^k complex numbers as re, im pairs; qubits[0] is
 * the lowest bit of row and column. Refused where |M M^dagger - 1| has an entry above tolerance (0:
 * 1e-10). */
KETCH_API ketch_status ketch_circuit_unitary(ketch_circuit *circuit, int32_t qubit_count,
                                             const int32_t *qubits, const double *matrix,
                                             double tolerance, int32_t control_count,
                                             const int32_t *controls, const uint8_t *values,
                                             ketch_error *error);
/* A diagonal on 1..10 qubits: 2^k complex numbers of modulus 1. */
KETCH_API ketch_status ketch_circuit_diagonal(ketch_circuit *circuit, int32_t qubit_count,
                                              const int32_t *qubits, const double *diagonal,
                                              double tolerance, int32_t control_count,
                                              const int32_t *controls, const uint8_t *values,
                                              ketch_error *error);
KETCH_API ketch_status ketch_circuit_measure(ketch_circuit *circuit, int32_t qubit, int32_t bit,
                                             ketch_error *error);
KETCH_API ketch_status ketch_circuit_reset(ketch_circuit *circuit, int32_t qubit,
                                           ketch_error *error);
/* Keeps gates of these qubits (count 0: all) from being merged across it. */
KETCH_API ketch_status ketch_circuit_barrier(ketch_circuit *circuit, int32_t count,
                                             const int32_t *qubits, ketch_error *error);
/* A fence here: see ketch_step. */
KETCH_API ketch_status ketch_circuit_fence(ketch_circuit *circuit, ketch_error *error);
/* What is added from now on happens only where classical bits first..first+count-1, read as a
 * number with `first` lowest, equal value; count 0 ends this. */
KETCH_API ketch_status ketch_circuit_condition(ketch_circuit *circuit, int32_t first, int32_t count,
                                               uint64_t value, ketch_error *error);

KETCH_API int32_t ketch_circuit_qubits(const ketch_circuit *circuit);
KETCH_API int32_t ketch_circuit_bits(const ketch_circuit *circuit);
/* Gates, measurements and resets: what progress counts. */
KETCH_API uint64_t ketch_circuit_steps(const ketch_circuit *circuit);
/* Classical registers: name, first bit, size; name NULL past the last. The name belongs to the
 * circuit. */
KETCH_API const char *ketch_circuit_register(const ketch_circuit *circuit, int32_t index,
                                             int32_t *first, int32_t *size);

/* Gives the text of an included file, alive until the parse ends, or NULL. */
typedef const char *(*ketch_resolver)(const char *name, size_t *length, void *user);

typedef struct ketch_parse_options {
    size_t size;
    ketch_resolver resolve; /* NULL: only "qelib1.inc", which is built in */
    void *user;             /* the resolver's */
    uint64_t limit;         /* operations after expansion; 0: 100 million */
} ketch_parse_options;

/* Reads OpenQASM 2.0 (Cross, Bishop, Smolin, Gambetta, arXiv:1707.03429), qubits numbered in order
 * of declaration. Errors carry line and column. */
KETCH_API ketch_status ketch_circuit_parse(ketch_circuit **circuit, const char *text, size_t length,
                                           const ketch_parse_options *options, ketch_error *error);

/* ---- states
 * --------------------------------------------------------------------------------------------- */

typedef enum ketch_precision {
    KETCH_PRECISION_DEFAULT = 0, /* double */
    KETCH_DOUBLE = 1,
    KETCH_SINGLE = 2
} ketch_precision;

/* 2^qubits amplitudes, interleaved re, im. A state keeps its block of memory, whatever is closed
 * first. */
typedef struct ketch_state ketch_state;

/* |0...0> in memory from the arena. MEMORY names the largest number of qubits that fits. */
KETCH_API ketch_status ketch_state_create(ketch_state **state, ketch_arena *arena, int32_t qubits,
                                          ketch_precision precision, ketch_error *error);
/* The caller's buffer (aligned to 16 bytes, alive as long as the state) as it stands; its norm must
 * be 1 within 1e-6. */
KETCH_API ketch_status ketch_state_adopt(ketch_state **state, ketch_arena *arena, int32_t qubits,
                                         ketch_precision precision, void *buffer, uint64_t size,
                                         ketch_error *error);
KETCH_API ketch_state *ketch_state_share(ketch_state *state);
KETCH_API void ketch_state_drop(ketch_state *state);
KETCH_API int32_t ketch_state_qubits(const ketch_state *state);
KETCH_API ketch_precision ketch_state_precision(const ketch_state *state);
/* Sets the state from a ket: one character of 0 1 + - a qubit, the leftmost for the highest; NULL:
 * all 0. */
KETCH_API ketch_status ketch_state_set_ket(ketch_state *state, const char *ket, ketch_error *error);
/* Sets it from count = 2^qubits amplitudes of that precision; normalise 1 scales them to norm 1, 0
 * refuses |norm - 1| > 1e-6. */
KETCH_API ketch_status ketch_state_set_amplitudes(ketch_state *state, const void *amplitudes,
                                                  uint64_t count, ketch_precision precision,
                                                  int32_t normalise, ketch_error *error);
/* The amplitudes, valid until the state is written or dropped. SUSPENDED between fences. */
KETCH_API ketch_status ketch_state_amplitudes(const void **amplitudes, const ketch_state *state,
                                              ketch_error *error);
/* A new reference on the block that holds the amplitudes now: what it shows never changes (the
 * state is moved to another block before it is written). NULL block for an adopted buffer. */
KETCH_API ketch_status ketch_state_block(ketch_block **block, const ketch_state *state,
                                         ketch_error *error);

/* Reductions and measurement. engine NULL: on the calling thread alone; the same bits either way.
 */
/* The square root of the sum of squared magnitudes: 1 for a state. */
KETCH_API ketch_status ketch_state_norm(double *norm, ketch_engine *engine,
                                        const ketch_state *state, ketch_error *error);
/* <a|b>, re and im. Same qubit count and precision. */
KETCH_API ketch_status ketch_state_inner(double inner[2], ketch_engine *engine,
                                         const ketch_state *a, const ketch_state *b,
                                         ketch_error *error);
/* 2^count probabilities of the outcomes of these qubits, qubits[0] the lowest bit; capacity counts
 * doubles. */
KETCH_API ketch_status ketch_state_probabilities(double *probabilities, uint64_t capacity,
                                                 ketch_engine *engine, const ketch_state *state,
                                                 int32_t count, const int32_t *qubits,
                                                 ketch_error *error);
/* What to ask of a state. NORM: its norm. PROBABILITIES: of the 2^count outcomes of these qubits,
 * qubits[0] the lowest bit. Z: the expectation of a sum of count terms, each a coefficient times Z
 * on the qubits whose bits are 1 in its mask (mask 0: a constant). Fields that the kind has no use
 * for are ignored. */
typedef enum ketch_observe {
    KETCH_OBSERVE_NORM = 1,
    KETCH_OBSERVE_PROBABILITIES = 2,
    KETCH_OBSERVE_Z = 3
} ketch_observe;

struct ketch_observable {
    ketch_observe kind;
    uint64_t count;
    const int32_t *qubits;
    const uint64_t *masks;
    const double *coefficients;
};

/* The expectation of a sum of terms: see KETCH_OBSERVE_Z. */
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

/* ---- programs
 * ------------------------------------------------------------------------------------------- */

/* A circuit compiled for a precision and a kernel set. Immutable: several engines may run it at
 * once. */
typedef struct ketch_program ketch_program;

typedef struct ketch_program_options {
    size_t size;
    ketch_precision precision;
    ketch_kernels kernels; /* 0: the best this machine runs */
    uint64_t fence_every;  /* steps between fences; 0: only where the circuit has marks */
    int32_t tile_bits;     /* qubits in a tile; 0: chosen */
    int32_t run_bits;      /* lowest qubits always in it; 0: chosen */
    int32_t plain;         /* 1: no merging, no relabelling: each gate as it stands, for tests */
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
    uint64_t operations; /* after merging */
    uint64_t passes;
    uint64_t segments;
    uint64_t state_bytes;
    uint64_t scratch_bytes; /* for each worker */
    int32_t measures;       /* 1: it has measurements */
    int32_t sampled;        /* 1: shots are drawn from one run, 0: each shot is a run of its own */
    int32_t parameters;     /* without values: ketch_program_bind */
} ketch_program_info;

KETCH_API ketch_status ketch_program_create(ketch_program **program, const ketch_circuit *circuit,
                                            const ketch_program_options *options,
                                            ketch_error *error);
/* Gives the program's parameters values, values[i] to parameter i, count of them, without planning
 * again: the plan stays the same, whatever the values, and the one program may be bound by several
 * threads at once. *bound is NULL, or a program bound from the same one before, which is given up
 * for the new one; its memory is used again where nothing else holds it, such as a result. After a
 * failure *bound is as it was. Also binds a bound program anew. ARITY for another count than it has
 * parameters, NONFINITE where a value or an angle made of it is not finite, MISMATCH for a *bound
 * of another program. A program with parameters does not run until it is bound (ARITY). Cost: a
 * cosine and sine for each angle, and the tables of factors that depend on them. */
KETCH_API ketch_status ketch_program_bind(ketch_program **bound, ketch_program *program,
                                          const double *values, uint64_t count, ketch_error *error);
KETCH_API ketch_program *ketch_program_share(ketch_program *program);
KETCH_API void ketch_program_drop(ketch_program *program);
KETCH_API ketch_status ketch_program_get_info(ketch_program_info *info,
                                              const ketch_program *program, ketch_error *error);
/* The plan as text for a person. length (may be NULL) gets its whole length; at most capacity bytes
 * are written, the last of them 0. */
KETCH_API ketch_status ketch_program_plan(char *text, size_t capacity, size_t *length,
                                          const ketch_program *program, ketch_error *error);

/* Runs the program on the state as it is, which must have its qubit count and precision. See
 * ketch_engine_run for what comes back. shots > 0: bits and counts of that many shots; each starts
 * from the state as given only where the state is a basis state set by ketch_state_create or
 * ketch_state_set_ket, or where shots are sampled from one run (RANGE otherwise). The result keeps
 * program and state. */
KETCH_API ketch_status ketch_program_run(ketch_result **result, ketch_engine *engine,
                                         ketch_program *program, ketch_state *state,
                                         const ketch_run *run, ketch_error *error);
KETCH_API ketch_status ketch_program_begin(ketch_result **result, ketch_engine *engine,
                                           ketch_program *program, ketch_state *state,
                                           const ketch_run *run, ketch_error *error);
/* The state of a circuit's run; it belongs to the result: share it to keep it. NULL for others.
 * Without shots: the circuit's final state, collapsed where it measured. With shots sampled from
 * one run: the state before the final measurements. Where each shot is a run of its own: what the
 * last one left, not a state of all shots. Until the run is over, who reads the state between
 * fences gets BUSY while the run goes on, SUSPENDED where it stopped. */
KETCH_API ketch_state *ketch_result_state(const ketch_result *result);

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

KETCH_API ketch_status ketch_result_get_outcomes(ketch_outcomes *outcomes,
                                                 const ketch_result *result, ketch_error *error);
/* Distinct rows with how often each came, in the order of the numbers they write (highest bit
 * first). Returns through distinct how many there are; writes at most capacity of them: row numbers
 * of a first example, and counts. */
KETCH_API ketch_status ketch_result_counts(uint64_t *distinct, uint64_t *examples, uint64_t *counts,
                                           uint64_t capacity, ketch_result *result,
                                           ketch_error *error);

/* The numbers of observable `index` of the run: of the state that it left, so after the collapse
 * where it measured. They come from its last pass over memory, with no further sweep, where that is
 * one of gates and few enough outcomes are asked for. capacity counts doubles: one number, or
 * 2^count probabilities. SUSPENDED while the run has not ended. */
KETCH_API ketch_status ketch_result_observed(double *values, uint64_t capacity, uint64_t index,
                                             const ketch_result *result, ketch_error *error);

/* ketch declarations end */

static inline ketch_status ketch_gate1(ketch_circuit *circuit, ketch_gate gate, int32_t qubit)
{
    return ketch_circuit_gate(circuit, gate, &qubit, NULL, NULL);
}

static inline ketch_status ketch_gate2(ketch_circuit *circuit, ketch_gate gate, int32_t a,
                                       int32_t b)
{
    const int32_t qubits[2] = {a, b};
    return ketch_circuit_gate(circuit, gate, qubits, NULL, NULL);
}

static inline ketch_status ketch_rotation(ketch_circuit *circuit, ketch_gate gate, double angle,
                                          int32_t qubit)
{
    return ketch_circuit_gate(circuit, gate, &qubit, &angle, NULL);
}

static inline ketch_status ketch_x(ketch_circuit *c, int32_t q)
{
    return ketch_gate1(c, KETCH_GATE_X, q);
}
static inline ketch_status ketch_y(ketch_circuit *c, int32_t q)
{
    return ketch_gate1(c, KETCH_GATE_Y, q);
}
static inline ketch_status ketch_z(ketch_circuit *c, int32_t q)
{
    return ketch_gate1(c, KETCH_GATE_Z, q);
}
static inline ketch_status ketch_h(ketch_circuit *c, int32_t q)
{
    return ketch_gate1(c, KETCH_GATE_H, q);
}
static inline ketch_status ketch_s(ketch_circuit *c, int32_t q)
{
    return ketch_gate1(c, KETCH_GATE_S, q);
}
static inline ketch_status ketch_t(ketch_circuit *c, int32_t q)
{
    return ketch_gate1(c, KETCH_GATE_T, q);
}
static inline ketch_status ketch_rx(ketch_circuit *c, double a, int32_t q)
{
    return ketch_rotation(c, KETCH_GATE_RX, a, q);
}
static inline ketch_status ketch_ry(ketch_circuit *c, double a, int32_t q)
{
    return ketch_rotation(c, KETCH_GATE_RY, a, q);
}
static inline ketch_status ketch_rz(ketch_circuit *c, double a, int32_t q)
{
    return ketch_rotation(c, KETCH_GATE_RZ, a, q);
}
static inline ketch_status ketch_cx(ketch_circuit *c, int32_t control, int32_t target)
{
    return ketch_gate2(c, KETCH_GATE_CX, control, target);
}
static inline ketch_status ketch_cz(ketch_circuit *c, int32_t a, int32_t b)
{
    return ketch_gate2(c, KETCH_GATE_CZ, a, b);
}
static inline ketch_status ketch_swap(ketch_circuit *c, int32_t a, int32_t b)
{
    return ketch_gate2(c, KETCH_GATE_SWAP, a, b);
}

#ifdef __cplusplus
}
#endif
#endif
