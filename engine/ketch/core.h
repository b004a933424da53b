/* The core of ketch: errors, memory, engines, runs, jobs, saved runs, random numbers.
 *
 * Rules that hold in every header
 *  - A function that can fail returns a ketch_status: 0 success, positive "stopped" (nothing is
 * wrong), negative failure. After a failure every handle is as it was before the call, and the
 * handle that was to be made is NULL. The caller's ketch_error (may be NULL) gets the text.
 *  - Outputs come first, the error last. Option and report structs begin with `size`, set to
 * sizeof. A zero field means "the library chooses"; a NULL options pointer means all defaults.
 *  - create/destroy make and end an object with one owner; share/drop count references. Every
 * destroy and drop accepts NULL.
 *  - Different handles may be used from different threads at once; one handle from one thread at a
 * time, except where a function says otherwise.
 *  - The library never prints, exits, installs signal handlers or reads the environment.
 *
 * ABI: within one major version structs only grow at their end, functions and constants keep their
 * meaning, and a program compiled with an older header runs with a newer library. */
#ifndef KETCH_CORE_H
#define KETCH_CORE_H

#include <stddef.h>
#include <stdint.h>

#define KETCH_VERSION_MAJOR 0
#define KETCH_VERSION_MINOR 1
#define KETCH_VERSION_PATCH 0
/* Rises with every version, for #if. */
#define KETCH_VERSION_NUMBER                                                                       \
    (KETCH_VERSION_MAJOR * 1000000 + KETCH_VERSION_MINOR * 1000 + KETCH_VERSION_PATCH)
#define KETCH_VERSION_STRING "0.1.0"

#if defined(__GNUC__)
#define KETCH_API __attribute__((visibility("default")))
#else
#define KETCH_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ketch declarations begin: no preprocessor lines up to the end mark, so that Python's CFFI reads
 * the same text */

/* ---- status and errors ---- */

/* What a call answers. A workload's own codes are in its header: circuits -100 and down. */
typedef int32_t ketch_status;

enum {
    KETCH_OK = 0,
    /* A stop token, ketch_engine_stop, a hook or Ctrl-C ended the run. */
    KETCH_STOPPED = 1,
    /* The run's time was up. */
    KETCH_TIMEOUT = 2,
    /* A count or number outside its limits. */
    KETCH_RANGE = -1,
    /* An index that names nothing. */
    KETCH_INDEX = -2,
    /* The same item twice where all must differ. */
    KETCH_DUPLICATE = -3,
    /* A wrong number of arguments. */
    KETCH_ARITY = -4,
    /* NaN or infinity. */
    KETCH_NONFINITE = -5,
    /* An array of wrong shape, type or layout. */
    KETCH_SHAPE = -6,
    /* A buffer too small, misaligned or overlapping. */
    KETCH_BUFFER = -7,
    /* A handle that is NULL, ended, or of another kind. */
    KETCH_HANDLE = -8,
    /* A handle made in another process. */
    KETCH_FORKED = -9,
    /* The handle is in use: an engine carries one run at a time. */
    KETCH_BUSY = -10,
    /* Data between two fences: resume the run, or set the data anew. */
    KETCH_SUSPENDED = -11,
    /* Text that does not follow its grammar. */
    KETCH_SYNTAX = -12,
    /* A number in a text that cannot be represented. */
    KETCH_LITERAL = -13,
    /* Text nested too deeply. */
    KETCH_DEPTH = -14,
    /* Text that expands to too much. */
    KETCH_LIMIT = -15,
    /* A feature that is off, or that this object does not have. */
    KETCH_OFF = -16,
    /* More memory than allowed or available. */
    KETCH_MEMORY = -17,
    /* A hook asked the run to fail. */
    KETCH_HOOK = -18,
    /* Objects that do not fit each other. */
    KETCH_MISMATCH = -19,
    /* A file operation failed: see ketch_error.system. */
    KETCH_IO = -20,
    /* A file that is not of the expected format. */
    KETCH_FORMAT = -21,
    /* A file written by a newer version of the library or of the job's type. */
    KETCH_VERSION = -22,
    /* A file that is damaged or truncated. */
    KETCH_CORRUPT = -23
};

/* Where and why a call failed. The caller owns it and sets size; a failing call fills it, a
 * successful one leaves it alone. given and allowed hold the offending value and what would have
 * been right; message is one sentence with all of it. */
typedef struct ketch_error {
    size_t size;
    ketch_status status;
    /* Of a text, from 1, the column in bytes; 0: not about a text. */
    int32_t line;
    int32_t column;
    /* errno of the operation that failed; 0: none did. */
    int32_t system;
    char function[48];
    char argument[32];
    char given[96];
    char allowed[96];
    char message[416];
} ketch_error;

/* "RANGE" for KETCH_RANGE and so on, workloads' codes included; "?" for a number that is no status.
 * The text is static. Any thread. */
KETCH_API const char *ketch_status_name(ketch_status status);
/* The version of the library that is running, as "0.1.0"; compare it with KETCH_VERSION_STRING. Any
 * thread. */
KETCH_API const char *ketch_version(void);

/* ---- arena: reusable memory ---- */

/* Blocks of memory with a budget. A block that is given back is kept and reused. */
typedef struct ketch_arena ketch_arena;
typedef struct ketch_block ketch_block;

typedef struct ketch_arena_options {
    size_t size;
    /* Budget in bytes; 0: what this process may use, less a margin. */
    uint64_t memory;
} ketch_arena_options;

typedef struct ketch_arena_stats {
    size_t size;
    /* Bytes: the budget; mapped from the system; of those, in blocks that are taken; and the peaks
     * of both. */
    uint64_t budget;
    uint64_t held;
    uint64_t used;
    uint64_t peak_held;
    uint64_t peak_used;
    /* Calls to the system for memory; blocks taken; of those, served from memory already held. */
    uint64_t maps;
    uint64_t takes;
    uint64_t reuses;
    /* How many tags there are: see ketch_arena_get_tag. */
    uint64_t tags;
} ketch_arena_stats;

/* What blocks of one tag use, in bytes. */
typedef struct ketch_arena_tag {
    size_t size;
    /* Static. */
    const char *name;
    uint64_t used;
    uint64_t peak;
} ketch_arena_tag;

enum {
    /* Tags of an arena that are counted apart; blocks with further ones count as "other". */
    KETCH_TAGS_MAX = 32
};

/* All arena and block functions may be called from several threads at once. */

/* Makes an arena; the caller holds the first reference. MEMORY where the system refuses a record.
 */
KETCH_API ketch_status ketch_arena_create(ketch_arena **arena, const ketch_arena_options *options,
                                          ketch_error *error);
/* A further reference; NULL for what is no arena. */
KETCH_API ketch_arena *ketch_arena_share(ketch_arena *arena);
/* Ends one reference. The memory is unmapped when the last one and the last block have gone. */
KETCH_API void ketch_arena_drop(ketch_arena *arena);
/* Gives memory that no block uses back to the system; returns its bytes. */
KETCH_API uint64_t ketch_arena_trim(ketch_arena *arena);
KETCH_API ketch_status ketch_arena_get_stats(ketch_arena_stats *stats, ketch_arena *arena,
                                             ketch_error *error);
/* Tag number `index`, in order of first use. INDEX past the last. */
KETCH_API ketch_status ketch_arena_get_tag(ketch_arena_tag *tag, ketch_arena *arena, int32_t index,
                                           ketch_error *error);

/* Takes a block of at least size bytes, aligned to 64 bytes (to 2 MiB from that size on), contents
 * unspecified. A block keeps its arena. tag: what it is counted as, a static text; NULL: "user".
 * MEMORY where the budget or the system refuses: bytes needed, allowed, and by which limit. */
KETCH_API ketch_status ketch_block_take(ketch_block **block, ketch_arena *arena, uint64_t size,
                                        const char *tag, ketch_error *error);
/* The memory; NULL for what is no block. */
KETCH_API void *ketch_block_data(const ketch_block *block);
/* The bytes that were asked for; 0 for what is no block. */
KETCH_API uint64_t ketch_block_size(const ketch_block *block);
/* A further reference; NULL for what is no block. */
KETCH_API ketch_block *ketch_block_share(ketch_block *block);
/* Ends one reference; the block is given back with the last. HANDLE for a block that was given back
 * already. */
KETCH_API ketch_status ketch_block_drop(ketch_block *block);

/* ---- engine: workers, arena, settings ---- */

typedef struct ketch_engine ketch_engine;

/* Inner loops for one instruction set. */
typedef enum ketch_kernels {
    KETCH_KERNELS_AUTO = 0,
    KETCH_KERNELS_SCALAR = 1,
    KETCH_KERNELS_AVX2 = 2,
    KETCH_KERNELS_AVX512 = 3,
    KETCH_KERNELS_NEON = 4
} ketch_kernels;

/* Of floating-point data. */
typedef enum ketch_precision {
    KETCH_PRECISION_DEFAULT = 0,
    KETCH_DOUBLE = 1,
    KETCH_SINGLE = 2
} ketch_precision;

enum { KETCH_THREADS_MAX = 64 };

typedef struct ketch_engine_options {
    size_t size;
    /* Threads, the caller's included, at most KETCH_THREADS_MAX; 0: one for each core this process
     * may use. */
    int32_t threads;
    /* The kernel set of all that is made or run through the engine; 0: the best this machine runs,
     * and programs of other sets run, too. */
    ketch_kernels kernels;
    /* Shared; NULL: an arena of its own. */
    ketch_arena *arena;
    /* Budget of its own arena in bytes; 0: what this process may use, less a margin. */
    uint64_t memory;
} ketch_engine_options;

typedef struct ketch_engine_info {
    size_t size;
    int32_t threads;
    ketch_kernels kernels;
    /* 1: that kernel set was given, 0: it was chosen. */
    int32_t kernels_given;
    /* 1 while a run is on. */
    int32_t running;
    /* Threads created so far. */
    int32_t workers;
    /* The arena's budget. */
    uint64_t memory;
} ketch_engine_info;

/* Makes an engine. No thread is started: workers start with the first parallel sweep, and take no
 * signals. */
KETCH_API ketch_status ketch_engine_create(ketch_engine **engine,
                                           const ketch_engine_options *options, ketch_error *error);
/* Ends it and its threads. BUSY, and nothing done, while a run is on. Blocks and results made with
 * it live on. */
KETCH_API ketch_status ketch_engine_destroy(ketch_engine *engine, ketch_error *error);
/* The engine's arena, which belongs to the engine: share it to keep it. NULL for what is no engine.
 * Any thread. */
KETCH_API ketch_arena *ketch_engine_arena(const ketch_engine *engine);
KETCH_API ketch_status ketch_engine_get_info(ketch_engine_info *info, const ketch_engine *engine,
                                             ketch_error *error);
/* "scalar", "avx2", ...; "?" for a number that is no kernel set. Any thread. */
KETCH_API const char *ketch_kernels_name(ketch_kernels kernels);
/* 1 where this machine runs that set. Any thread. */
KETCH_API int32_t ketch_kernels_usable(ketch_kernels kernels);

/* ---- stop tokens ---- */

/* A caller-owned flag that asks a run to end; zeroed memory is a clear one. A run looks at the
 * token it was given, so that a stop before it begins is not lost. */
typedef struct ketch_stop {
    int32_t flag;
} ketch_stop;

/* Sets it: from any thread, a hook, or a signal handler. */
KETCH_API void ketch_stop_set(ketch_stop *stop);
KETCH_API void ketch_stop_clear(ketch_stop *stop);
/* 1 where it is set; 0 for NULL. */
KETCH_API int32_t ketch_stop_read(const ketch_stop *stop);
/* Asks the run that the engine carries to end: from any thread, a hook, or a signal handler. Does
 * nothing for NULL and where no run is on; a run that begins later is not stopped. The engine must
 * not be destroyed meanwhile. */
KETCH_API void ketch_engine_stop(ketch_engine *engine);

/* ---- runs ---- */

/* A kind of job: below. */
typedef struct ketch_job_type ketch_job_type;

/* What a hook sees. */
typedef struct ketch_step {
    size_t size;
    /* The job's: says what view is. */
    const ketch_job_type *type;
    /* Steps retired, of total: UINT64_MAX where that is unknown. */
    uint64_t done;
    uint64_t total;
    /* 0 to 1; NaN where the total is unknown. */
    double fraction;
    /* Since the run began or was resumed. */
    double seconds;
    /* What is going on, as the job names it, and a number that goes with it; NULL and 0: it does
     * not say. */
    const char *phase;
    uint64_t number;
    /* NULL in a tick. At a fence, what the job shows: exactly the first `done` steps have happened.
     * Readable until the hook returns, by the functions of the workload whose type it is. */
    const void *view;
} ketch_step;

/* Called on the thread that runs, with no lock held. Returns 0: go on; > 0: stop calmly; < 0: fail.
 * The number is kept: ketch_result_hook. */
typedef int32_t (*ketch_hook)(const ketch_step *step, void *user);

/* How to carry a run. */
typedef struct ketch_run {
    size_t size;
    ketch_hook hook;
    /* The hook's. */
    void *user;
    /* Time between ticks in seconds; 0: 0.05; negative: no ticks, fences only. */
    double tick_seconds;
    /* In seconds; 0: none. */
    double timeout;
    /* NULL: none. */
    ketch_stop *stop;
    /* File to save the run to: every save_seconds (0: never meanwhile), where it stops, and where
     * it ends. NULL: none. The text must live until the call returns. OFF for a job that cannot be
     * saved. */
    const char *save_path;
    double save_seconds;
    /* Bytes kept in the file for the caller: ketch_saved_note. */
    const void *save_note;
    uint64_t save_note_size;
} ketch_run;

/* Where a run is. */
typedef struct ketch_position {
    size_t size;
    uint64_t done;
    /* UINT64_MAX: unknown. */
    uint64_t total;
    const char *phase;
    uint64_t number;
    /* The job's stage: see ketch_stage. */
    uint64_t stage;
    /* Parallel sweeps that are done. */
    uint64_t sweeps;
    /* The open sweep: its indices, of which the first `next` were handed out; `finished` of those
     * are finished, the others open. count 0: no sweep is open. */
    uint64_t count;
    uint64_t next;
    uint64_t finished;
    /* The open indices, ascending; the result's memory, until the run goes on. */
    const uint64_t *open;
    int32_t open_count;
    /* 1: exactly `done` steps have happened and the job's data are readable. */
    int32_t fence;
    /* 1: the job has ended. */
    int32_t ended;
} ketch_position;

typedef struct ketch_report {
    size_t size;
    /* Computing, hooks and saving included, resumes added up. */
    double seconds;
    /* Parallel sweeps, and indices of them. */
    uint64_t sweeps;
    uint64_t indices;
    /* Steps retired. */
    uint64_t steps;
    /* Of data read and written, as the job counts them. */
    uint64_t bytes;
    /* Bytes in use in the arena when the run ended. */
    uint64_t memory;
    /* Calls to the system for memory during the run. */
    uint64_t maps;
    /* Hook calls by time and at fences. */
    uint64_t ticks;
    uint64_t fences;
    /* Files written. */
    uint64_t saves;
    int32_t threads;
    /* The kernel set that ran; 0: the job used none. */
    ketch_kernels kernels;
    const char *phase;
    uint64_t number;
} ketch_report;

/* A run that ended, or was suspended and can go on. */
typedef struct ketch_result ketch_result;

/* ---- jobs: anything that advances in steps ---- */

/* What a job works with while it advances. Valid until advance returns. */
typedef struct ketch_context ketch_context;

/* Memory that a job takes: bytes in all, and the largest block. */
typedef struct ketch_need {
    size_t size;
    uint64_t bytes;
    uint64_t largest;
    /* By tag, `tags` of them: names, and bytes of each. */
    int32_t tags;
    const char *names[33];
    uint64_t tag_bytes[33];
} ketch_need;

typedef struct ketch_job ketch_job;
typedef struct ketch_writer ketch_writer;
typedef struct ketch_reader ketch_reader;

/* One index of a parallel sweep. worker is 0..threads-1, and no two calls at once have the same.
 * OK: the index is finished. Anything else leaves it open, to be called again when the run is
 * resumed: what ketch_context_poll returned, unchanged, or a failure (see ketch_context_fail). What
 * an open index has done so far lies in the job's memory by index, never in scratch; an index that
 * begins again from nothing after a poll may never end. */
typedef ketch_status (*ketch_body)(uint64_t index, int32_t worker, void *user);

/* Works until the next fence or the end: at a fence, returns what ketch_context_fence returns; at
 * the end, KETCH_OK without a fence. Any other status of a context function is returned at once:
 * the run is then suspended, and advance is called again on resume, makes the same context call
 * again, and goes on from there. */
typedef ketch_status (*ketch_advance)(ketch_context *context, void *user);

/* What jobs of one kind have in common. Static: it must outlive all results. */
struct ketch_job_type {
    size_t size;
    /* Of the characters a-z 0-9 . _ -, at most 48 bytes, such as "example.plate". */
    const char *name;
    /* Of the sections it saves and of its stages' numbers. */
    uint32_t version;
    ketch_advance advance;
    /* Ends user, when the result is destroyed; may be NULL. */
    void (*release)(void *user);
    /* The functions below may be NULL. */
    /* Called when the engine is claimed and the run's options are checked, before anything happens:
     * takes the job's memory, and fills in steps, scratch, kernels and user of *job. After a
     * failure it has left nothing, and release is not called. */
    ketch_status (*prepare)(ketch_job *job, ketch_engine *engine, ketch_error *error);
    /* Adds what the job takes: ketch_need_add. */
    ketch_status (*need)(ketch_need *need, const ketch_engine *engine, const ketch_job *job,
                         ketch_error *error);
    /* Writes all that user holds, in sections: ketch_writer_section. Called on the run's thread
     * between two advances, so possibly with a sweep open. */
    ketch_status (*save)(ketch_writer *writer, const void *user);
    /* Makes a fresh user from the sections of a file (ketch_reader_section) and fills in steps,
     * scratch, kernels and user of *job. context: that of ketch_result_load. As prepare after a
     * failure. */
    ketch_status (*load)(ketch_job *job, ketch_reader *reader, void *context, ketch_engine *engine,
                         ketch_error *error);
};

struct ketch_job {
    size_t size;
    const ketch_job_type *type;
    /* What progress counts; UINT64_MAX: unknown; 0: none, the job is done at once. */
    uint64_t steps;
    /* Bytes for each worker. */
    uint64_t scratch;
    /* The kernel set that its bodies use: MISMATCH on an engine with another one given; 0: none. */
    ketch_kernels kernels;
    /* The type's functions'; must live until release. */
    void *user;
};

/* Calls body for every index in 0..count-1, shared among the workers, each once, and retires
 * `steps` steps: in proportion as indices finish. Stop, timeout, ticks and saving are looked at
 * before each index, so an index should be about a millisecond of work or less, or poll. When
 * stopped, every index handed out is finished or left open first; the same call after a resume does
 * the rest only: open indices first, lowest first. After a failure of a body no index is handed out
 * any more, and the failure of the lowest index is returned: the same at any number of threads.
 * BUSY from within a body. */
KETCH_API ketch_status ketch_context_parallel(ketch_context *context, uint64_t count,
                                              uint64_t steps, ketch_body body, void *user);
/* Looks at stop, timeout and saving, and on worker 0 serves ticks: for long bodies, every
 * millisecond or so. What is not OK (STOPPED, TIMEOUT, HOOK, FORKED) is to be returned unchanged.
 * Any worker, no lock held. */
KETCH_API ketch_status ketch_context_poll(ketch_context *context, int32_t worker);
/* The same look for serial work between sweeps. BUSY from within a body. */
KETCH_API ketch_status ketch_context_check(ketch_context *context);
/* Retires steps of serial work. The run's thread alone, between sweeps. */
KETCH_API void ketch_context_retire(ketch_context *context, uint64_t steps);
/* Counts bytes of data read and written, for the report. Any worker. */
KETCH_API void ketch_context_count(ketch_context *context, uint64_t bytes);
/* Names what is going on, for hooks, reports and bars. name: a static text. The run's thread alone,
 * between sweeps. */
KETCH_API void ketch_context_phase(ketch_context *context, const char *name, uint64_t number);
/* Says that the job goes on with this stage, for positions: see ketch_stage. */
KETCH_API void ketch_context_stage(ketch_context *context, uint64_t stage);
/* Says that everything retired has happened and nothing after; view goes to the hook. Returns what
 * advance is to return. MISMATCH where nothing has happened since the last fence: no step retired,
 * no index finished, no stage begun. BUSY from within a body. */
KETCH_API ketch_status ketch_context_fence(ketch_context *context, const void *view);
/* Says why the caller (advance or a body) is about to fail with this status, which it returns. The
 * texts are copied; argument, given and allowed may be NULL. Any worker. */
KETCH_API ketch_status ketch_context_fail(ketch_context *context, int32_t worker,
                                          ketch_status status, const char *argument,
                                          const char *given, const char *allowed,
                                          const char *message);
/* 1 while nothing was done since the last fence: a job stopped then still stands at it. */
KETCH_API int32_t ketch_context_at_fence(const ketch_context *context);
/* The worker's own job.scratch bytes, aligned to 64; contents unspecified when a body begins. */
KETCH_API void *ketch_context_scratch(const ketch_context *context, int32_t worker);
KETCH_API int32_t ketch_context_threads(const ketch_context *context);

/* A sweep that a stage wants. count 0: none. */
typedef struct ketch_sweep {
    uint64_t count;
    uint64_t steps;
} ketch_sweep;

enum {
    /* In place of a next stage: advance returns at a fence with `view`, and goes on with the stage
     * in `after`; or the job is done. */
    KETCH_STAGE_FENCE = -1,
    KETCH_STAGE_DONE = -2
};

/* What an end decides. */
typedef struct ketch_next {
    int32_t stage;
    int32_t after;
    const void *view;
} ketch_next;

/* A stage of a resumable job. begin fills in the sweep, all 0 before; body is its body; end decides
 * what comes next. Each of begin and end is called once a stage, however often the run is suspended
 * in between, and may fail. begin and end may be NULL: no sweep; the next number. The position of a
 * job is the number of its stage, plain data. */
typedef struct ketch_stage {
    const char *name;
    ketch_status (*begin)(ketch_context *context, ketch_sweep *sweep, void *user);
    ketch_body body;
    ketch_status (*end)(ketch_context *context, ketch_next *next, void *user);
} ketch_stage;

/* An advance by a table of count stages, from stage *stage on, which it keeps up to date and the
 * job saves. */
KETCH_API ketch_status ketch_context_stages(ketch_context *context, const ketch_stage *stages,
                                            int32_t count, int32_t *stage, void *user);

/* Where a job inside an index is: plain data that the job around it keeps by index, zeroed before
 * the first call, and saves as it is. done of total steps; fence: it returned at one; ended. */
typedef struct ketch_inner {
    uint64_t done;
    uint64_t total;
    uint64_t stage;
    uint64_t count;
    uint64_t next;
    uint64_t steps;
    uint64_t sweeps;
    int32_t sweeping;
    int32_t progressed;
    int32_t fence;
    int32_t ended;
} ketch_inner;

/* Carries a job on this worker alone, from within a body, to its next fence or its end
 * (inner->ended): the same bits as on an engine of its own. Its sweeps are serial, its looks are
 * polls, its hooks are none. Its scratch is the worker's, of which it needs no more than the outer
 * job has (MISMATCH). Returns OK, or what the body is to return unchanged. prepare and release are
 * the caller's to call. */
KETCH_API ketch_status ketch_context_inner(ketch_context *context, int32_t worker,
                                           ketch_inner *inner, const ketch_job *job);

/* Carries a job to its end, a stop or a failure. Once it has begun there is a result, also after
 * HOOK or a failure of the job's own: it can be resumed, and destroying it releases the job.
 * Otherwise *result is NULL and the job was not touched. BUSY where the engine runs already or the
 * call comes from a hook. The caller's thread is worker 0 and calls the hook. */
KETCH_API ketch_status ketch_engine_run(ketch_result **result, ketch_engine *engine,
                                        const ketch_job *job, const ketch_run *run,
                                        ketch_error *error);
/* The same, suspended before its first step. */
KETCH_API ketch_status ketch_engine_begin(ketch_result **result, ketch_engine *engine,
                                          const ketch_job *job, const ketch_run *run,
                                          ketch_error *error);
/* Goes on to the end, on any engine: the bits are those of an undisturbed run. */
KETCH_API ketch_status ketch_engine_resume(ketch_engine *engine, ketch_result *result,
                                           const ketch_run *run, ketch_error *error);
/* Goes on to the next fence or the end (see ketch_position.ended). */
KETCH_API ketch_status ketch_engine_advance(ketch_engine *engine, ketch_result *result,
                                            const ketch_run *run, ketch_error *error);
/* What the job would take on that engine: its result, scratch, and what its type says. */
KETCH_API ketch_status ketch_job_need(ketch_need *need, const ketch_engine *engine,
                                      const ketch_job *job, ketch_error *error);
/* Adds a block of so many bytes to a need. tag as in ketch_block_take. */
KETCH_API void ketch_need_add(ketch_need *need, const char *tag, uint64_t bytes);

/* ---- results ---- */

/* How the run stands. OK: ended. STOPPED (also where it was only begun, or advanced to a fence),
 * TIMEOUT or a failure: not ended. */
KETCH_API ketch_status ketch_result_status(const ketch_result *result);
/* What the hook last returned. */
KETCH_API int32_t ketch_result_hook(const ketch_result *result);
/* The type of its job; NULL for what is no result. */
KETCH_API const ketch_job_type *ketch_result_type(const ketch_result *result);
KETCH_API ketch_status ketch_result_get_position(ketch_position *position,
                                                 const ketch_result *result, ketch_error *error);
KETCH_API ketch_status ketch_result_get_report(ketch_report *report, const ketch_result *result,
                                               ketch_error *error);
/* Its job's user pointer where the job is of that type, else NULL: the way to a loaded job's data. */
KETCH_API void *ketch_result_user(const ketch_result *result, const ketch_job_type *type);
/* Ends it and releases its job. Does nothing while its run is on, as in a hook. */
KETCH_API void ketch_result_destroy(ketch_result *result);

/* ---- saved runs ---- */

/* Saves a result that is not running, ended or not: to a temporary file beside path, synced, which
 * then takes the place of the file there. That file may be absent or one of ketch's (FORMAT
 * otherwise; force 1: any). After a failure the file is as before. note: bytes kept for the caller.
 * OFF for a job whose type cannot save, BUSY while the run is on, IO with the step that failed.
 * Cost: writing and syncing the job's data. */
KETCH_API ketch_status ketch_result_save(ketch_result *result, const char *path, const void *note,
                                         uint64_t note_size, int32_t force, ketch_error *error);
/* Makes a result from a file, to be resumed on any engine with any number of threads, to the same
 * bits. type: the job's, context: for its load. FORMAT for a file that is not ketch's or of another
 * type, VERSION for a newer one, CORRUPT for a damaged one, MISMATCH where it does not fit the
 * context. */
KETCH_API ketch_status ketch_result_load(ketch_result **result, ketch_engine *engine,
                                         const ketch_job_type *type, void *context,
                                         const char *path, ketch_error *error);

/* A saved run that is looked at without loading it. */
typedef struct ketch_saved ketch_saved;

typedef struct ketch_saved_info {
    size_t size;
    uint32_t format;
    uint32_t type_version;
    int32_t ranks;
    int32_t ended;
    char type[56];
    /* The library's version that wrote it. */
    char library[16];
    uint64_t done;
    uint64_t total;
    uint64_t bytes;
    uint64_t note_size;
} ketch_saved_info;

/* Opens a file and checks its head, its table of sections, and the sections that the functions
 * below read. Statuses as ketch_result_load. */
KETCH_API ketch_status ketch_saved_open(ketch_saved **saved, const char *path, ketch_error *error);
KETCH_API void ketch_saved_close(ketch_saved *saved);
KETCH_API ketch_status ketch_saved_get_info(ketch_saved_info *info, const ketch_saved *saved,
                                            ketch_error *error);
/* The note, info.note_size bytes, until it is closed; NULL where there is none. */
KETCH_API const void *ketch_saved_note(const ketch_saved *saved);

/* For a type's save: a section of that name, at most 31 bytes, each name once. */
KETCH_API ketch_status ketch_writer_section(ketch_writer *writer, const char *name,
                                            const void *data, uint64_t size);
/* For a type's load: the size of a section, UINT64_MAX where there is none. */
KETCH_API uint64_t ketch_reader_size(const ketch_reader *reader, const char *name);
/* Reads and checks a whole section into memory of exactly its size. CORRUPT where it is missing, of
 * another size or damaged: the memory's contents are then unspecified. */
KETCH_API ketch_status ketch_reader_section(ketch_reader *reader, const char *name, void *data,
                                            uint64_t size, ketch_error *error);

/* ---- random numbers ---- */

/* Counter-based: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011). The seed is the key; stream
 * and draw are the counter, so that any number can be had at any time by any thread. Every function
 * below takes its numbers from draw on and moves it. Streams below 2^48 are circuits'; others come
 * from ketch_random_stream. */
typedef struct ketch_random {
    uint64_t seed;
    uint64_t stream;
    uint64_t draw;
} ketch_random;

/* A stream for 15 bits of workload or user id, 16 bits of purpose and 32 bits of index. */
KETCH_API uint64_t ketch_random_stream(uint32_t id, uint32_t purpose, uint32_t index);
/* A seed of its own for each index, where one index of a stream is not enough. */
KETCH_API uint64_t ketch_random_split(uint64_t seed, uint64_t index);
/* count words of 64 bits; two a draw. */
KETCH_API void ketch_random_words(ketch_random *random, uint64_t *words, uint64_t count);
/* Uniform in [0, 1), 53 bits; one draw. */
KETCH_API double ketch_random_uniform(ketch_random *random);
/* Uniform in 0..bound-1 without bias (Lemire, ACM TOMACS 29, 2019); one draw or, rarely, more.
 * bound 0: 0. */
KETCH_API uint64_t ketch_random_below(ketch_random *random, uint64_t bound);
/* Normal with mean 0 and variance 1 (Box and Muller, 1958); one draw. */
KETCH_API double ketch_random_normal(ketch_random *random);
/* count numbers as ketch_random_uniform gives them. */
KETCH_API void ketch_random_fill(ketch_random *random, double *numbers, uint64_t count);

/* ketch declarations end */

#ifdef __cplusplus
}
#endif
#endif
