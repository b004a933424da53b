/* What the parts of the command share: exit codes, options, and the things a command works on. */
#ifndef KT_CLI_COMMAND_H
#define KT_CLI_COMMAND_H

#include "ketch.h"
#include "text.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum kt_exit {
    KT_EXIT_GOOD = 0,
    KT_EXIT_FAILED = 1, /* output that cannot be written */
    KT_EXIT_INPUT = 2,  /* bad input or usage */
    KT_EXIT_MEMORY = 3,
    KT_EXIT_TIMEOUT = 124,
    KT_EXIT_INTERRUPTED = 130
} kt_exit;

typedef enum kt_progress {
    KT_PROGRESS_AUTO, /* where stderr is a terminal */
    KT_PROGRESS_ALWAYS,
    KT_PROGRESS_NEVER
} kt_progress;

/* A command line that was understood. Zero fields: not given. Texts belong to argv. */
typedef struct kt_options {
    const char *file;
    const char *state;
    const char *save;
    const char *costs;
    double save_every; /* seconds */
    uint64_t shots;
    uint64_t seed;
    uint64_t memory;
    uint64_t text_limit; /* bytes */
    double timeout;
    int32_t threads;
    int32_t width; /* of a picture */
    ketch_precision precision;
    kt_progress progress;
    bool seeded;
    bool force;
    bool ascii;
    bool json;
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
    ketch_block *text; /* the circuit's, text_size bytes */
    size_t text_size;
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
/* Prints the work's error and returns the exit code for its status. */
kt_exit kt_work_fail(const kt_work *work);

/* The parts of kt_work_begin: the engine; circuit and program of a text. */
kt_exit kt_work_open(kt_work *work, const kt_options *options);
/* The circuit of the file, without a program. */
kt_exit kt_work_read(kt_work *work);
kt_exit kt_work_plan(kt_work *work, const char *text, size_t length,
                     const ketch_program_options *how);

/* The commands. */
kt_exit kt_command_run(const kt_options *options);
kt_exit kt_command_resume(const kt_options *options);
kt_exit kt_command_plan(const kt_options *options);
kt_exit kt_command_draw(const kt_options *options);
kt_exit kt_command_info(const kt_options *options);
kt_exit kt_command_costs(const kt_options *options);

/* help.c: topic NULL for the command as a whole, else a command's name. */
void kt_help_print(FILE *out, const char *topic);

/* source.c: the bytes of a regular file ("-": of standard input, which may be anything) in a block
 * of the arena; at most `limit`, or 1 GiB where that is 0. */
kt_exit kt_source_read(ketch_block **block, size_t *length, const char *file, uint64_t limit,
                       ketch_arena *arena);
/* The name of a file in messages. */
const char *kt_source_name(const char *file);

/* costs.c: reads the table of costs in a file to work->costs. */
kt_exit kt_costs_read(kt_work *work, const char *file);

/* text.c */
void kt_text_amplitudes(const kt_work *work, const void *amplitudes);
kt_exit kt_text_counts(kt_work *work);
void kt_text_outcome(const kt_work *work, const ketch_outcomes *outcomes);
void kt_text_summary(const kt_work *work, const ketch_report *report);
/* "1.5 GiB". */
kt_text kt_text_bytes(uint64_t bytes);

/* json.c: the whole object; amplitudes NULL where there is nothing to read. */
kt_exit kt_json_print(kt_work *work, const ketch_report *report, const void *amplitudes);

#endif
