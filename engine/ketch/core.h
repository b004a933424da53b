/* The core of ketch: errors, memory, engines, runs, jobs, saved runs, random numbers.
 *
 * Rules that hold in every header
 *  - A function that can fail returns a ketch_status: 0 success, positive "stopped" (nothing is
 *    wrong), negative failure. After a failure every existing handle is as it was before the call,
 *    and the handle that was to be made is NULL. The caller's ketch_error (may be NULL) gets the
 *    text. Every such function answers HANDLE for a required handle or output that is NULL or is
 *    not what its type says, so the comments below do not repeat it.
 *  - Outputs come first, the error last. Option and report structs begin with `size`, which the
 *    caller sets to sizeof; a size that is not set is MISMATCH. A zero field means "the library
 *    chooses"; a NULL options pointer means all defaults. In C: ketch_run run = {.size = sizeof
 *    run, .timeout = 5}; in C++17, which has no such initialisers: ketch_run run{}; run.size =
 *    sizeof run; or, with ketch.hpp, ketch::sized<ketch_run> run; and then run.timeout = 5;
 *  - create/destroy make and end an object with one owner; share/drop count references. Every
 *    destroy and drop accepts NULL and then does nothing.
 *  - Different handles may be used by different threads at the same time. One handle may be used by
 *    one thread at a time, except where a function says otherwise.
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
/* One number that grows with every version, for #if. KETCH_VERSION is a status. */
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

/* The result of a call. Each workload adds codes of its own in its header: circuits -100 and
 * down. */
typedef int32_t ketch_status;

enum {
    KETCH_OK = 0,
    /* A stop token, ketch_engine_stop, a hook or Ctrl-C ended the run. */
    KETCH_STOPPED = 1,
    /* The run reached its timeout. */
    KETCH_TIMEOUT = 2,
    /* A count or number outside its limits. */
    KETCH_RANGE = -1,
    /* An index of something that does not exist. */
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
    /* A handle that is NULL, was destroyed, or is of another kind. */
    KETCH_HANDLE = -8,
    /* A handle made in another process. */
    KETCH_FORKED = -9,
    /* The handle is in use: an engine carries one run at a time. */
    KETCH_BUSY = -10,
    /* The data belong to a run that is suspended between two fences: resume it, or set the data. */
    KETCH_SUSPENDED = -11,
    /* Text that does not follow its grammar. */
    KETCH_SYNTAX = -12,
    /* A number in a text that cannot be represented. */
    KETCH_LITERAL = -13,
    /* Text nested too deeply. */
    KETCH_DEPTH = -14,
    /* Text that expands to more operations than its limit. */
    KETCH_LIMIT = -15,
    /* A feature that is turned off, or that this object does not have. */
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

/* Where and why a call failed. The caller owns it and sets size: a failing call fills as much as
 * size says, nothing where it is 0, and whatever follows it where it is not set. A debug build
 * stops at an assertion in the last two cases. A successful call does not touch it. given is the
 * offending value, allowed is what would have been right, and message is one sentence with all of
 * it. */
typedef struct ketch_error {
    size_t size;
    ketch_status status;
    /* The place in a text, from 1, the column in bytes; 0: the failure is not about a text. */
    int32_t line;
    int32_t column;
    /* errno of the system call that failed; 0: none failed. */
    int32_t system;
    char function[48];
    char argument[32];
    char given[96];
    char allowed[96];
    char message[416];
} ketch_error;

/* The status's name: "RANGE" for KETCH_RANGE, and so on, workloads' codes included; "?" for a
 * number that is no status. The text is static. Any thread. */
KETCH_API const char *ketch_status_name(ketch_status status);
/* The version of the library that is running, as "0.1.0", to compare with KETCH_VERSION_STRING. The
 * text is static. Any thread. */
KETCH_API const char *ketch_version(void);

/* ---- arena: reusable memory ---- */

/* Memory in blocks, with a budget. A block that is given back is kept and reused.
 *
 * The system grants memory before it has it: what is mapped and not touched counts as free. So all
 * arenas of a process share one account. New memory is refused where what was granted and is not
 * touched yet, and the new block, exceed the least of the free memory of the system and what the
 * process's control groups have left. What other processes were granted and have not touched is out
 * of reach, and so is what the process itself touches elsewhere after a grant.
 *
 * An arena belongs to the process that made it. In a forked child blocks, and what lies in them,
 * can be read and dropped; drops only count, and the memory stays mapped until the child ends.
 * Taking blocks, statistics, tags, and making an engine or a program with it answer FORKED. No call
 * waits. Make a new arena in the child. */
typedef struct ketch_arena ketch_arena;
/* One piece of an arena's memory, with a count of references. */
typedef struct ketch_block ketch_block;

typedef struct ketch_arena_options {
    size_t size;
    /* The budget in bytes; 0: what this process may use, less a margin. */
    uint64_t memory;
    /* 1: a block taken from memory that was used before is zeroed first, so that it shows nothing
     * of its earlier owners. Cost: the block's bytes at the rate at which one thread writes memory,
     * on the thread that takes it (0.02 to 0.04 ms a MiB in caches, else 0.1 ms a MiB); memory that
     * is new from the system is zero anyway. 0: blocks are handed out as they are. */
    int32_t clear;
} ketch_arena_options;

typedef struct ketch_arena_stats {
    size_t size;
    /* The budget in bytes. */
    uint64_t budget;
    /* Bytes mapped from the system, and the most there were. */
    uint64_t held;
    /* Bytes in blocks that are taken, and the most there were. */
    uint64_t used;
    uint64_t peak_held;
    uint64_t peak_used;
    /* Calls to the system for memory. */
    uint64_t maps;
    /* Blocks taken, and how many of them were served from memory already held. */
    uint64_t takes;
    uint64_t reuses;
    /* The number of tags: see ketch_arena_get_tag. */
    uint64_t tags;
} ketch_arena_stats;

/* Bytes in blocks of one tag: now, and the most there were. */
typedef struct ketch_arena_tag {
    size_t size;
    /* Static. */
    const char *name;
    uint64_t used;
    uint64_t peak;
} ketch_arena_tag;

enum {
    /* The number of tags that an arena counts separately. Blocks of further tags count as
     * "other". */
    KETCH_TAGS_MAX = 32
};

/* Makes an arena, of which the caller holds the first reference. It takes no memory until the first
 * block is taken. MEMORY: the system has none for the arena's record. Any thread. */
KETCH_API ketch_status ketch_arena_create(ketch_arena **arena, const ketch_arena_options *options,
                                          ketch_error *error);
/* Adds a reference and returns the arena; NULL for anything but an arena. Any thread. */
KETCH_API ketch_arena *ketch_arena_share(ketch_arena *arena);
/* Gives up one reference. The memory is unmapped when the last reference and the last block are
 * gone. Any thread. */
KETCH_API void ketch_arena_drop(ketch_arena *arena);
/* Returns memory that no block uses to the system. The result is the number of bytes returned; 0 in
 * a forked child. Any thread. */
KETCH_API uint64_t ketch_arena_trim(ketch_arena *arena);
/* Copies the arena's counters to *stats, whose size the caller has set. FORKED. Any thread. */
KETCH_API ketch_status ketch_arena_get_stats(ketch_arena_stats *stats, ketch_arena *arena,
                                             ketch_error *error);
/* Copies the counters of tag number `index` to *tag; tags are numbered in order of first use.
 * INDEX: there is no such tag. FORKED. Any thread. */
KETCH_API ketch_status ketch_arena_get_tag(ketch_arena_tag *tag, ketch_arena *arena, int32_t index,
                                           ketch_error *error);

/* Takes a block of at least size bytes, of which the caller holds the first reference. It is
 * aligned to 64 bytes, and to 2 MiB from that size on. Its contents are unspecified, or zero where
 * the arena clears. The block keeps its arena alive. tag: the name it is counted under, a static
 * text; NULL: "user". RANGE: size is 0. MEMORY: the budget, the system or a control group refuses;
 * the text says how many bytes were needed and allowed, and by which limit. FORKED: the arena was
 * made in another process. Any thread. Cost: no call to the system where a free block fits; the
 * system's files are read for new memory of 64 MiB and more, and for less if it exceeds a share of
 * what was free when they were last read. */
KETCH_API ketch_status ketch_block_take(ketch_block **block, ketch_arena *arena, uint64_t size,
                                        const char *tag, ketch_error *error);
/* The block's memory, valid while a reference is held; NULL for anything but a block. Any
 * thread. */
KETCH_API void *ketch_block_data(const ketch_block *block);
/* The number of bytes that were asked for; 0 for anything but a block. Any thread. */
KETCH_API uint64_t ketch_block_size(const ketch_block *block);
/* Adds a reference and returns the block; NULL for anything but a block. Any thread. */
KETCH_API ketch_block *ketch_block_share(ketch_block *block);
/* Gives up one reference; with the last one the block returns to its arena. HANDLE: the block was
 * given back already. Any thread. */
KETCH_API ketch_status ketch_block_drop(ketch_block *block);

/* ---- engine: workers, arena, settings ---- */

/* Workers, an arena and settings: what runs are carried out with. */
typedef struct ketch_engine ketch_engine;

/* A kernel set: the inner loops for one instruction set. */
typedef enum ketch_kernels {
    KETCH_KERNELS_AUTO = 0,
    KETCH_KERNELS_SCALAR = 1,
    KETCH_KERNELS_AVX2 = 2,
    KETCH_KERNELS_AVX512 = 3,
    KETCH_KERNELS_NEON = 4
} ketch_kernels;

/* The type of floating-point data; 0: double. */
typedef enum ketch_precision {
    KETCH_PRECISION_DEFAULT = 0,
    KETCH_DOUBLE = 1,
    KETCH_SINGLE = 2
} ketch_precision;

enum { KETCH_THREADS_MAX = 64 };

typedef struct ketch_engine_options {
    size_t size;
    /* The number of threads, the caller's included, at most KETCH_THREADS_MAX; 0: one for each core
     * that this process may use. Where the system refuses a thread, runs go on with fewer, in the
     * same bits. */
    int32_t threads;
    /* The kernel set of everything that is made or run through the engine: jobs of other sets are
     * refused. 0: the best set of this machine is the default, and jobs of other sets run, too. */
    ketch_kernels kernels;
    /* An arena to share; NULL: the engine makes one of its own. */
    ketch_arena *arena;
    /* The budget of its own arena in bytes; 0: what this process may use, less a margin. */
    uint64_t memory;
} ketch_engine_options;

typedef struct ketch_engine_info {
    size_t size;
    int32_t threads;
    ketch_kernels kernels;
    /* 1: the caller gave the kernel set. 0: the engine chose it. */
    int32_t kernels_given;
    /* 1 while the engine carries a run. */
    int32_t running;
    /* Threads created so far. */
    int32_t workers;
    /* The arena's budget. */
    uint64_t memory;
} ketch_engine_info;

/* Makes an engine, which the caller owns. No thread is started: workers start with the first
 * parallel sweep, and have all signals blocked. RANGE: an option outside its limits. MISMATCH: a
 * kernel set that this machine does not run, or both an arena and a budget. MEMORY. */
KETCH_API ketch_status ketch_engine_create(ketch_engine **engine,
                                           const ketch_engine_options *options, ketch_error *error);
/* Ends the engine and its threads, and drops its arena. Blocks, states and results made with it
 * live on. BUSY: it carries a run, and nothing was done. FORKED: it was made in another process. */
KETCH_API ketch_status ketch_engine_destroy(ketch_engine *engine, ketch_error *error);
/* The engine's arena. It belongs to the engine: share it to keep it longer. NULL for anything but
 * an engine. Any thread. */
KETCH_API ketch_arena *ketch_engine_arena(const ketch_engine *engine);
/* Copies the engine's settings and whether it carries a run to *info, whose size the caller has
 * set. FORKED: it was made in another process. Any thread. */
KETCH_API ketch_status ketch_engine_get_info(ketch_engine_info *info, const ketch_engine *engine,
                                             ketch_error *error);
/* The kernel set's name: "scalar", "avx2", ...; "?" for a number that is no kernel set. The text is
 * static. Any thread. */
KETCH_API const char *ketch_kernels_name(ketch_kernels kernels);
/* 1: this machine runs the kernel set. 0: it does not, or there is no such set. Any thread. */
KETCH_API int32_t ketch_kernels_usable(ketch_kernels kernels);

/* ---- stop tokens ---- */

/* A flag, owned by the caller, that asks a run to end. Zeroed memory is a clear flag. A run reads
 * the token that it was given, so a stop that is set before the run begins is not lost. */
typedef struct ketch_stop {
    int32_t flag;
} ketch_stop;

/* Sets the token. Does nothing for NULL. Any thread, a hook, or a signal handler. */
KETCH_API void ketch_stop_set(ketch_stop *stop);
/* Clears the token, so that it can be given to another run. Does nothing for NULL. As
 * ketch_stop_set any thread, a hook, or a signal handler. */
KETCH_API void ketch_stop_clear(ketch_stop *stop);
/* 1: the token is set. 0: it is clear, or NULL. Any thread, a hook, or a signal handler. */
KETCH_API int32_t ketch_stop_read(const ketch_stop *stop);
/* Asks the run that the engine carries to end. Does nothing for NULL, and while no run is on: a run
 * that begins later is not stopped. The engine must not be destroyed during the call. Any thread, a
 * hook, or a signal handler. */
KETCH_API void ketch_engine_stop(ketch_engine *engine);

/* ---- runs ---- */

/* What jobs of one kind have in common: see "jobs" below. */
typedef struct ketch_job_type ketch_job_type;

/* What a hook gets. */
typedef struct ketch_step {
    size_t size;
    /* The job's type, which says what view points to. */
    const ketch_job_type *type;
    /* Steps done, and steps in all: UINT64_MAX where the total is unknown. */
    uint64_t done;
    uint64_t total;
    /* done / total, from 0 to 1; NaN where the total is unknown. */
    double fraction;
    /* The time since this call began or resumed the run. */
    double seconds;
    /* What the job is doing, as it names it, and a number that belongs to the name; NULL and 0: the
     * job does not say. */
    const char *phase;
    uint64_t number;
    /* NULL in a tick. At a fence, the job's data, in which exactly the first `done` steps have
     * happened. They are read by the functions of the workload whose type it is, until the hook
     * returns. */
    const void *view;
} ketch_step;

/* A hook: called on the thread that carries the run, with no lock held. It returns 0 to go on, > 0
 * to stop the run, < 0 to fail it. The number is kept: ketch_result_hook. */
typedef int32_t (*ketch_hook)(const ketch_step *step, void *user);

/* How a run is carried out. */
typedef struct ketch_run {
    size_t size;
    ketch_hook hook;
    /* The hook's second argument. */
    void *user;
    /* Seconds between ticks; 0: 0.05; negative: no ticks, so that hooks are called at fences
     * only. */
    double tick_seconds;
    /* Seconds after which the run ends with TIMEOUT; 0: none. */
    double timeout;
    /* A token that ends the run; NULL: none. */
    ketch_stop *stop;
    /* The file that the run is saved to: every save_seconds, when it stops or fails, and when it
     * ends. It must be absent or a saved run (FORMAT); that, and whether it can be written (IO), is
     * checked before the job starts. A save that fails ends the run where it stands: the run can be
     * resumed, and the file is as it was. NULL: none. The text must live until the call returns.
     * OFF: the job's type cannot be saved. */
    const char *save_path;
    /* Seconds from the end of one save to the next one, at least 0.01 and what a save takes; 0: the
     * run is saved only when it stops or ends. */
    double save_seconds;
    /* Bytes that are kept in the file for the caller: ketch_saved_note. */
    const void *save_note;
    uint64_t save_note_size;
    /* 1: the processor time of this call is measured, whatever the run takes. 0: it is measured
     * where the call takes 1 ms or more, unless the job is brief. Cost: two calls to the system,
     * and two for each other thread. */
    int32_t report;
} ketch_run;

/* How far a run has got. */
typedef struct ketch_position {
    size_t size;
    /* Steps done. */
    uint64_t done;
    /* Steps in all; UINT64_MAX: unknown. */
    uint64_t total;
    /* As in ketch_step. */
    const char *phase;
    uint64_t number;
    /* The number of the job's stage: see ketch_stage. */
    uint64_t stage;
    /* The number of parallel sweeps that are complete. */
    uint64_t sweeps;
    /* The open sweep: it has `count` indices, of which the first `next` were handed out. Of these
     * `finished` are finished, and the others are open. count 0: no sweep is open. */
    uint64_t count;
    uint64_t next;
    uint64_t finished;
    /* The open indices in ascending order. The memory is the result's, valid until the run goes
     * on. */
    const uint64_t *open;
    int32_t open_count;
    /* 1: exactly `done` steps have happened and the job's data are readable. */
    int32_t fence;
    /* 1: the job has ended. */
    int32_t ended;
} ketch_position;

/* What a run took. */
typedef struct ketch_report {
    size_t size;
    /* The time of all calls that carried the run, hooks and saving included. */
    double seconds;
    /* Complete parallel sweeps, and finished indices of sweeps. */
    uint64_t sweeps;
    uint64_t indices;
    /* Steps done. */
    uint64_t steps;
    /* Bytes of data read and written, as the job counts them. */
    uint64_t bytes;
    /* Bytes in use in the arena when the run ended. */
    uint64_t memory;
    /* Calls to the system for memory during the run. */
    uint64_t maps;
    /* Hook calls: ticks, and those at fences. */
    uint64_t ticks;
    uint64_t fences;
    /* Files written. */
    uint64_t saves;
    /* The engine's threads. */
    int32_t threads;
    /* The kernel set that ran; 0: the job used none. */
    ketch_kernels kernels;
    /* As in ketch_step. */
    const char *phase;
    uint64_t number;
    /* Processor time of the caller's thread and the engine's other threads in the calls that it was
     * measured in, hooks and saving included, and the time of these calls. Threads that sleep or
     * wait for others do not count. measured_seconds 0: it was not measured (ketch_run.report). */
    double cpu_seconds;
    double measured_seconds;
    /* Cores kept busy: cpu_seconds / measured_seconds; 0: not measured. */
    double cores_busy;
    /* bytes / seconds; 0 where there are none. */
    double bytes_per_second;
} ketch_report;

/* A run that has ended, or that is suspended and can be resumed. It owns the job. */
typedef struct ketch_result ketch_result;

/* ---- jobs: anything that advances in steps ---- */

/* What a job works with while it advances. Valid until advance returns. */
typedef struct ketch_context ketch_context;

/* The memory that a run of a job takes: bytes in all, the largest block, and bytes by tag. Each
 * block is counted as an arena counts it, rounded up to whole pages, and to 2 MiB from that size
 * on, so a fresh arena with a budget of `bytes` suffices. */
typedef struct ketch_need {
    size_t size;
    uint64_t bytes;
    uint64_t largest;
    /* `tags` entries: names, and the bytes of each. */
    int32_t tags;
    const char *names[33];
    uint64_t tag_bytes[33];
} ketch_need;

/* Work that advances in steps. */
typedef struct ketch_job ketch_job;
/* A file that a job is being saved to, and one that it is being loaded from. */
typedef struct ketch_writer ketch_writer;
typedef struct ketch_reader ketch_reader;

/* Does one index of a parallel sweep. worker is 0..threads-1; calls that run at the same time have
 * different ones. Returns OK: the index is finished. Anything else leaves the index open, and the
 * body is called for it again when the run is resumed. It is what ketch_context_poll returned,
 * unchanged, or a failure (see ketch_context_fail). What an open index has done so far lies in the
 * job's memory, by index, never in scratch. A body that starts its index over after a poll may
 * never end. */
typedef ketch_status (*ketch_body)(uint64_t index, int32_t worker, void *user);

/* Works until the next fence or the end. At a fence it returns what ketch_context_fence returned;
 * at the end it returns OK without a fence. Any other status of a context function must be returned
 * at once: the run is then suspended. When the run is resumed, advance is called again, makes the
 * same context call again, and goes on from there. */
typedef ketch_status (*ketch_advance)(ketch_context *context, void *user);

/* What jobs of one kind have in common. It is static data: it must outlive all results. */
struct ketch_job_type {
    size_t size;
    /* 1 to 48 of the characters a-z 0-9 . _ -, such as "example.plate". */
    const char *name;
    /* The version of the sections that it saves and of its stages' numbers. */
    uint32_t version;
    ketch_advance advance;
    /* Frees user when the result is destroyed; may be NULL. */
    void (*release)(void *user);
    /* The functions below may be NULL. */
    /* Called when the engine is claimed and the run's options are checked, before the job starts:
     * takes the job's memory, and fills in steps, scratch, kernels, user and brief of *job. When it
     * fails it must leave nothing behind: release is then not called. */
    ketch_status (*prepare)(ketch_job *job, ketch_engine *engine, ketch_error *error);
    /* Adds the job's own memory to *need: ketch_need_add. */
    ketch_status (*need)(ketch_need *need, const ketch_engine *engine, const ketch_job *job,
                         ketch_error *error);
    /* Writes everything that user holds, in sections: ketch_writer_section. Called on the run's
     * thread between two calls of advance, so a sweep may be open. */
    ketch_status (*save)(ketch_writer *writer, const void *user);
    /* Makes a new user from the sections of a file (ketch_reader_section), and fills in steps,
     * scratch, kernels and user of *job. context: the argument of ketch_result_load. When it fails
     * it must leave nothing behind: release is then not called. */
    ketch_status (*load)(ketch_job *job, ketch_reader *reader, void *context, ketch_engine *engine,
                         ketch_error *error);
};

struct ketch_job {
    size_t size;
    const ketch_job_type *type;
    /* The number of steps, which progress counts; UINT64_MAX: unknown; 0: the job has none. */
    uint64_t steps;
    /* Bytes of scratch for each worker. */
    uint64_t scratch;
    /* The kernel set that its bodies use; 0: none. An engine that was given another set refuses the
     * job with MISMATCH. */
    ketch_kernels kernels;
    /* The argument of the type's functions; must live until release. */
    void *user;
    /* 1: it takes less than about 0.1 ms, so its processor time is not measured unless that is
     * asked for: ketch_run.report. */
    int32_t brief;
};

/* A parallel sweep: calls body once for every index in 0..count-1, shared among the workers, and
 * counts `steps` steps as done, in proportion as indices finish. Stop, timeout, ticks and saving
 * are checked before each index, so an index should be a millisecond of work or less, or poll.
 *
 * When the run is to end, every index that was handed out is finished or left open before the call
 * returns. The same call after a resume does the rest: open indices first, lowest first. After a
 * body has failed no further index is handed out, and the failure of the lowest index is returned,
 * which is the same at any number of threads. BUSY: called from a body. The run's thread alone. */
KETCH_API ketch_status ketch_context_parallel(ketch_context *context, uint64_t count,
                                              uint64_t steps, ketch_body body, void *user);
/* Checks stop, timeout and saving, and on worker 0 serves ticks. Long bodies call it about every
 * millisecond, with no lock held. Any status but OK (STOPPED, TIMEOUT, HOOK, FORKED) must be
 * returned unchanged. Any worker. */
KETCH_API ketch_status ketch_context_poll(ketch_context *context, int32_t worker);
/* The same check for serial work between sweeps. BUSY: called from a body. The run's thread
 * alone. */
KETCH_API ketch_status ketch_context_check(ketch_context *context);
/* Counts steps of serial work as done. More steps than the job has end the run with MISMATCH. The
 * run's thread alone, between sweeps. */
KETCH_API void ketch_context_retire(ketch_context *context, uint64_t steps);
/* Adds bytes of data read and written to the report. Any worker. */
KETCH_API void ketch_context_count(ketch_context *context, uint64_t bytes);
/* Names what the job is doing, for hooks, reports and progress bars. name: a static text. The run's
 * thread alone, between sweeps. */
KETCH_API void ketch_context_phase(ketch_context *context, const char *name, uint64_t number);
/* Records that the job goes on with this stage, for positions: see ketch_stage. The run's thread
 * alone, between sweeps. */
KETCH_API void ketch_context_stage(ketch_context *context, uint64_t stage);
/* A fence: everything that was counted as done has happened, and nothing after it. The hook gets
 * view. Returns what advance must return. MISMATCH: nothing has happened since the last fence (no
 * step done, no index finished, no stage begun). BUSY: called from a body. The run's thread
 * alone. */
KETCH_API ketch_status ketch_context_fence(ketch_context *context, const void *view);
/* Gives the text of a failure that advance or a body is about to return, and returns its status.
 * The texts are copied to the caller's ketch_error; argument, given and allowed may be NULL. Any
 * worker. */
KETCH_API ketch_status ketch_context_fail(ketch_context *context, int32_t worker,
                                          ketch_status status, const char *argument,
                                          const char *given, const char *allowed,
                                          const char *message);
/* 1: nothing was done since the last fence, so a job that stops now stands at that fence. The run's
 * thread alone. */
KETCH_API int32_t ketch_context_at_fence(const ketch_context *context);
/* The worker's own job.scratch bytes, aligned to 64; NULL where that is 0. Their contents are
 * unspecified when a body begins. Any worker. */
KETCH_API void *ketch_context_scratch(const ketch_context *context, int32_t worker);
/* The number of workers that bodies run on: the engine's threads, and 1 inside an index. Any
 * worker. */
KETCH_API int32_t ketch_context_threads(const ketch_context *context);

/* The sweep that a stage asks for, with the arguments of ketch_context_parallel. count 0: none. */
typedef struct ketch_sweep {
    uint64_t count;
    uint64_t steps;
} ketch_sweep;

enum {
    /* In place of the next stage: a fence. */
    KETCH_STAGE_FENCE = -1,
    /* In place of the next stage: the job has ended. */
    KETCH_STAGE_DONE = -2
};

/* What follows a stage. */
typedef struct ketch_next {
    /* The next stage's number, KETCH_STAGE_FENCE or KETCH_STAGE_DONE. */
    int32_t stage;
    /* For a fence: the stage that follows it, and what the hook gets. */
    int32_t after;
    const void *view;
} ketch_next;

/* A stage of a resumable job: begin, then a sweep of body, then end. begin fills in the sweep,
 * which is all 0 before; NULL: no sweep. end says what comes next; NULL: the stage with the next
 * number. begin and end may fail, and one that failed is called again on resume. When the run goes
 * on in the stage's sweep, begin is called again, too, and must ask for the same sweep: MISMATCH
 * otherwise. So begin changes nothing that the sweep adds to, and retires no steps; bytes that it
 * counts are counted once. end that succeeds is called once a stage. A job's position is the number
 * of its stage, which is plain data. */
typedef struct ketch_stage {
    const char *name;
    ketch_status (*begin)(ketch_context *context, ketch_sweep *sweep, void *user);
    ketch_body body;
    ketch_status (*end)(ketch_context *context, ketch_next *next, void *user);
} ketch_stage;

/* Carries out stages of a table of `count` until a fence or the end, beginning with number *stage.
 * It keeps *stage up to date; the job saves it. Returns what advance must return. BUSY: called from
 * a body. The run's thread alone. */
KETCH_API ketch_status ketch_context_stages(ketch_context *context, const ketch_stage *stages,
                                            int32_t count, int32_t *stage, void *user);

/* The position of a job inside an index: plain data, zeroed before the first call, which the outer
 * job keeps by index and saves as it stands. done of total steps are done; fence: the last call
 * returned at a fence; ended: the job has ended. The other fields are the library's. */
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

/* Carries an inner job on this worker alone, from within a body, to its next fence or its end
 * (inner->ended). It computes the same bits as on an engine of its own: its sweeps are serial, its
 * checks are polls of the outer run, and no hook is called. It uses the worker's scratch. The
 * caller calls the inner type's prepare and release. Returns OK, or a status that the body must
 * return unchanged. MISMATCH: the inner job needs more scratch than the outer one has, or another
 * kernel set than the engine was given. */
KETCH_API ketch_status ketch_context_inner(ketch_context *context, int32_t worker,
                                           ketch_inner *inner, const ketch_job *job);

/* Runs a job to its end, a stop or a failure. The caller's thread is worker 0 and calls the hook.
 *
 * Once the job has begun there is a result, which the caller owns: also after STOPPED, TIMEOUT,
 * HOOK or a failure of the job. It can be resumed, and destroying it releases the job. If the job
 * did not begin, *result is NULL and the job is still the caller's. BUSY: the engine carries a run
 * already, or the call comes from a hook. MISMATCH: the job's kernel set is not the one that the
 * engine was given, or this machine does not run it. RANGE, NONFINITE: a number of *run. OFF: a
 * save path and a job that cannot be saved. FORMAT, IO: a save path that cannot be written to.
 * FORKED, MEMORY, and what prepare and the job return. */
KETCH_API ketch_status ketch_engine_run(ketch_result **result, ketch_engine *engine,
                                        const ketch_job *job, const ketch_run *run,
                                        ketch_error *error);
/* As ketch_engine_run, but the run is suspended before its first step: go on with
 * ketch_engine_advance or ketch_engine_resume. */
KETCH_API ketch_status ketch_engine_begin(ketch_result **result, ketch_engine *engine,
                                          const ketch_job *job, const ketch_run *run,
                                          ketch_error *error);
/* Resumes a run until its end, on any engine with any number of threads: the bits are those of an
 * undisturbed run. Hook, stop token, times and file are those of this call. A run that has ended
 * answers OK, and is saved if a file is given. Statuses as ketch_engine_run. */
KETCH_API ketch_status ketch_engine_resume(ketch_engine *engine, ketch_result *result,
                                           const ketch_run *run, ketch_error *error);
/* Resumes a run until its next fence or its end: ketch_position.ended tells which. At a fence it is
 * saved only if save_seconds have passed since the last save. Statuses as ketch_engine_run. */
KETCH_API ketch_status ketch_engine_advance(ketch_engine *engine, ketch_result *result,
                                            const ketch_run *run, ketch_error *error);
/* Computes the memory that a run of the job would take on that engine: its result, the workers'
 * scratch, and what its type adds. Nothing is taken. Any thread. */
KETCH_API ketch_status ketch_job_need(ketch_need *need, const ketch_engine *engine,
                                      const ketch_job *job, ketch_error *error);
/* Adds a block of that many bytes to a need, for ketch_job_type.need. tag as in
 * ketch_block_take. */
KETCH_API void ketch_need_add(ketch_need *need, const char *tag, uint64_t bytes);

/* ---- results ---- */

/* How the run stands. OK: it has ended. STOPPED: it was stopped, was only begun, or was advanced to
 * a fence. TIMEOUT or a failure: why it has not ended. HANDLE for anything but a result. */
KETCH_API ketch_status ketch_result_status(const ketch_result *result);
/* What the hook returned last; 0 before its first call and for anything but a result. */
KETCH_API int32_t ketch_result_hook(const ketch_result *result);
/* The type of the result's job; NULL for anything but a result. */
KETCH_API const ketch_job_type *ketch_result_type(const ketch_result *result);
/* Copies how far the run has got to *position, whose size the caller has set. A hook may call it
 * for the run that it was called by. */
KETCH_API ketch_status ketch_result_get_position(ketch_position *position,
                                                 const ketch_result *result, ketch_error *error);
/* Copies what the run took so far to *report, whose size the caller has set. */
KETCH_API ketch_status ketch_result_get_report(ketch_report *report, const ketch_result *result,
                                               ketch_error *error);
/* The user pointer of the result's job if the job has that type, else NULL. A job that was loaded
 * is reached this way. */
KETCH_API void *ketch_result_user(const ketch_result *result, const ketch_job_type *type);
/* Ends the result and releases its job. Does nothing while its run is on, such as in a hook. */
KETCH_API void ketch_result_destroy(ketch_result *result);

/* ---- saved runs ---- */

/* Saves a result that is not running, whether it has ended or not. The data go to a temporary file
 * beside path, which is synced and then renamed to path. After a failure the file at path is as it
 * was; if only its directory could not be synced, it is the new one, which a power failure may
 * undo. The file keeps its mode, and a symbolic link is followed. note: note_size bytes that are
 * kept for the caller. force 0: the file at path must be absent or a saved run (FORMAT); 1: any
 * regular file is replaced. OFF: the job's type cannot be saved. BUSY: the run is on. MISMATCH: it
 * is a circuit's run whose state was set anew since it was suspended. IO: the text names the
 * operation that failed. MEMORY. Cost: writing and syncing the job's data. */
KETCH_API ketch_status ketch_result_save(ketch_result *result, const char *path, const void *note,
                                         uint64_t note_size, int32_t force, ketch_error *error);
/* Makes a result from a file. It is resumed on any engine with any number of threads, to the same
 * bits. type: the job's type. context: an argument for its load. FORMAT: the file is not a saved
 * run, or of another type. VERSION: a newer version wrote it. CORRUPT: it is damaged. MISMATCH: it
 * does not fit the context. OFF: the type cannot load. BUSY: the engine carries a run. IO, MEMORY.
 * Cost: reading the file. */
KETCH_API ketch_status ketch_result_load(ketch_result **result, ketch_engine *engine,
                                         const ketch_job_type *type, void *context,
                                         const char *path, ketch_error *error);

/* A saved run that is open for reading what it is, without loading it. */
typedef struct ketch_saved ketch_saved;

typedef struct ketch_saved_info {
    size_t size;
    /* Versions of the file's format and of the job's type. */
    uint32_t format;
    uint32_t type_version;
    /* Processes that wrote it: 1. */
    int32_t ranks;
    /* 1: the run had ended. */
    int32_t ended;
    /* The name of the job's type. */
    char type[56];
    /* The version of the library that wrote it. */
    char library[16];
    /* As in ketch_position. */
    uint64_t done;
    uint64_t total;
    /* The size of the file. */
    uint64_t bytes;
    uint64_t note_size;
} ketch_saved_info;

/* Opens a file and checks its head, its table of sections, and the sections that the functions
 * below read. The caller closes it. FORMAT, VERSION, CORRUPT, IO and MEMORY as ketch_result_load.
 * Cost: reading the note. */
KETCH_API ketch_status ketch_saved_open(ketch_saved **saved, const char *path, ketch_error *error);
/* Closes the file, which ends the note's memory. Does nothing for NULL. */
KETCH_API void ketch_saved_close(ketch_saved *saved);
/* Copies what the file is and how far its run had got to *info, whose size the caller has set. */
KETCH_API ketch_status ketch_saved_get_info(ketch_saved_info *info, const ketch_saved *saved,
                                            ketch_error *error);
/* The caller's note: ketch_saved_info.note_size bytes, valid until the file is closed; NULL: it has
 * none. */
KETCH_API const void *ketch_saved_note(const ketch_saved *saved);

/* Writes a section, for a type's save. name: 1 to 31 of the characters a-z 0-9 . _ - (RANGE), each
 * name once and not beginning with "core." (DUPLICATE). Any status but OK must be returned by
 * save. */
KETCH_API ketch_status ketch_writer_section(ketch_writer *writer, const char *name,
                                            const void *data, uint64_t size);
/* The size of a section, for a type's load; UINT64_MAX: there is none of that name. */
KETCH_API uint64_t ketch_reader_size(const ketch_reader *reader, const char *name);
/* Reads a whole section into memory of exactly its size and checks it, for a type's load.
 * CORRUPT: it is missing, has another size, or is damaged; the memory's contents are then
 * unspecified. IO. */
KETCH_API ketch_status ketch_reader_section(ketch_reader *reader, const char *name, void *data,
                                            uint64_t size, ketch_error *error);

/* ---- random numbers ---- */

/* A place in a counter-based generator: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011). The
 * seed is the key; stream and draw are the counter, so any thread can compute any number at any
 * time. The functions below take numbers from draw on and advance it. Streams below 2^48 belong to
 * circuits; ketch_random_stream makes others. */
typedef struct ketch_random {
    uint64_t seed;
    uint64_t stream;
    uint64_t draw;
} ketch_random;

/* The number of a stream, from 15 bits of workload or user id, 16 bits of purpose and 32 bits of
 * index. Any thread. */
KETCH_API uint64_t ketch_random_stream(uint32_t id, uint32_t purpose, uint32_t index);
/* A seed derived from a seed and an index, for jobs that need more than one index. Any thread. */
KETCH_API uint64_t ketch_random_split(uint64_t seed, uint64_t index);
/* Writes count words of 64 random bits. Cost: one draw for two words. */
KETCH_API void ketch_random_words(ketch_random *random, uint64_t *words, uint64_t count);
/* A number that is uniform in [0, 1), with 53 bits. Cost: one draw. */
KETCH_API double ketch_random_uniform(ketch_random *random);
/* An integer that is uniform in 0..bound-1, without bias (Lemire, ACM TOMACS 29, 2019); 0 for bound
 * 0. Cost: one draw, rarely more. */
KETCH_API uint64_t ketch_random_below(ketch_random *random, uint64_t bound);
/* A normal number with mean 0 and variance 1 (Box and Muller, 1958). Cost: one draw. */
KETCH_API double ketch_random_normal(ketch_random *random);
/* Writes count numbers, the same as that many calls of ketch_random_uniform. */
KETCH_API void ketch_random_fill(ketch_random *random, double *numbers, uint64_t count);

/* ketch declarations end */

#ifdef __cplusplus
}
#endif
#endif
