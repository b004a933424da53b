/* What the parts of the command share: options, and the things a command works on. */
#ifndef KT_CLI_COMMAND_H
#define KT_CLI_COMMAND_H

#include "cli/deadline.h"
#include "cli/exit.h"
#include "ketch.h"
#include "text.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum kt_progress {
    KT_PROGRESS_AUTO, /* where stderr is a terminal */
    KT_PROGRESS_ALWAYS,
    KT_PROGRESS_NEVER
} kt_progress;

enum { KT_OBSERVE_MAX = 32, KT_INCLUDE_MAX = 16, KT_REPEAT_MAX = 1000000, KT_WORDS_MAX = 3 };

/* How a network learns: rules.h. */
typedef struct kt_rule kt_rule;

/* How a network is trained. Zero fields: not given. given: the name of one that was; NULL: none. */
typedef struct kt_training_options {
    const char *given;
    uint64_t epochs, patience;
    double lr, target_accuracy;
    const kt_rule *rule;
    ketch_glia_optimizer optimizer;
    ketch_glia_readout readout;
    int32_t batch;
    uint32_t warmup, window;
    bool has_warmup, has_optimizer, has_readout;
} kt_training_options;

/* A command line that was understood. Zero fields: not given. Texts belong to argv. */
typedef struct kt_options {
    const char *file;                /* the first of words */
    const char *words[KT_WORDS_MAX]; /* arguments that are no options */
    int word_count;
    const char *state;
    const char *save;
    const char *out; /* a trained network */
    const char *costs;
    const char *initial;                 /* a ket */
    const char *observe[KT_OBSERVE_MAX]; /* sums of Pauli strings */
    const char *include[KT_INCLUDE_MAX]; /* folders */
    int observe_count, include_count;
    double save_every; /* seconds */
    uint64_t shots;
    uint64_t ticks;
    uint64_t seed;
    uint64_t memory;
    uint64_t text_limit; /* bytes */
    uint64_t top;        /* UINT64_MAX: all */
    double timeout;
    int32_t threads;
    int32_t thread_list[KETCH_THREADS_MAX]; /* thread_count of them: those that bench compares */
    int32_t thread_count;
    uint64_t repeat; /* later runs of bench */
    int32_t width;   /* of a picture, of a raster */
    ketch_precision precision;
    ketch_glia_mode mode;
    kt_progress progress;
    kt_training_options training;
    bool seeded;
    bool force;
    bool ascii;
    bool json;
    bool report;
    bool help;
} kt_options;

/* Everything a command holds; all zero at first, ended by kt_work_end whatever happened. */
typedef struct kt_work {
    const kt_options *options;
    ketch_engine *engine;
    ketch_arena *arena; /* the engine's */
    ketch_cost_table *costs;
    ketch_circuit *circuit;
    ketch_program *program;
    ketch_state *state;
    ketch_result *result;
    ketch_block *text; /* the circuit's, text_size bytes; with includes: a text without them */
    size_t text_size;
    struct kt_observed *observed; /* NULL: nothing is observed */
    kt_deadline deadline;
    const void *note; /* kept in files that the run is saved to: note.h */
    size_t note_size;
    uint64_t seed;
    ketch_error error;
} kt_work;

/* Engine, circuit and program from the options; says on stderr what is wrong. */
kt_exit kt_work_begin(kt_work *work, const kt_options *options);
void kt_work_end(kt_work *work);
/* The exit code for a status. */
kt_exit kt_exit_of(ketch_status status);
/* Says the work's error and returns the exit code for its status. */
kt_exit kt_work_fail(const kt_work *work);

/* The parts of kt_work_begin: the engine, and the time of --timeout; circuit and program of a
 * text. */
kt_exit kt_work_open(kt_work *work, const kt_options *options);
/* The circuit of the file, without a program. */
kt_exit kt_work_read(kt_work *work);
kt_exit kt_work_plan(kt_work *work, const char *text, size_t length,
                     const ketch_program_options *how);

/* True if something of the run was random: the seed matters. */
bool kt_work_is_random(const kt_work *work);

/* The commands. */
kt_exit kt_command_run(const kt_options *options);
kt_exit kt_command_resume(const kt_options *options);
kt_exit kt_command_plan(const kt_options *options);
kt_exit kt_command_draw(const kt_options *options);
kt_exit kt_command_info(const kt_options *options);
kt_exit kt_command_costs(const kt_options *options);
kt_exit kt_command_bench(const kt_options *options);
kt_exit kt_command_glia(const kt_options *options);

/* help.c: topic NULL for the command as a whole, else a command's name. */
void kt_help_print(FILE *out, const char *topic);

/* costs.c: reads the table of costs in a file to work->costs. */
kt_exit kt_costs_read(kt_work *work, const char *file);

/* text.c */
kt_exit kt_text_amplitudes(kt_work *work, const void *amplitudes);
kt_exit kt_text_counts(kt_work *work);
kt_exit kt_text_observed(kt_work *work);
kt_exit kt_text_outcome(kt_work *work);
void kt_text_summary(const kt_work *work, const ketch_report *report);
/* "1.5 GiB". */
kt_text kt_text_bytes(uint64_t bytes);

#endif
