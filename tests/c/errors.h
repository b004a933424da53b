/* A room full of good handles, in which one bad call after another is made. */
#ifndef ERRORS_H
#define ERRORS_H

#include "ketch.h"

/* The handles are made by open_room; what begins with new_ must stay NULL. */
typedef struct room {
    ketch_arena *arena;
    ketch_engine *engine;
    ketch_circuit *circuit, *plain; /* 3 qubits; circuit has 2 bits in register c */
    ketch_program *program, *tall;  /* of circuit, with a fence after each step; of 7 qubits */
    ketch_circuit *open;            /* 3 qubits, 2 parameters */
    ketch_program *loose;           /* of open */
    ketch_state *state, *single, *wide;
    ketch_state *torn;    /* suspended, and halted is its run */
    ketch_result *halted; /* inside a pass */
    ketch_result *result, *worked;
    ketch_glia_net *net;           /* S0, S1, O0 */
    ketch_glia_sequence *sequence; /* an event for S0, and one for nobody */
    ketch_result *fed;             /* of a run of both, which has ended */
    ketch_block *block;
    ketch_job job;
    ketch_stop stop; /* set */
    ketch_arena *new_arena;
    ketch_block *new_block;
    ketch_engine *new_engine;
    ketch_circuit *new_circuit;
    ketch_program *new_program;
    ketch_state *new_state;
    ketch_result *new_result;
    ketch_glia_sequence *new_sequence;
    ketch_arena_stats stats;
    ketch_arena_tag tag;
    ketch_engine_info info;
    ketch_position position;
    ketch_report report;
    ketch_program_info program_info;
    ketch_saved_info saved_info;
    ketch_outcomes rows;
    const void *seen;
    double numbers[16];
    uint64_t outcomes[8];
    int32_t bits[8];
    double buffer[16] __attribute__((aligned(16))); /* zeros */
} room;

/* A bad call, and what it is called in the golden file. */
typedef ketch_status bad_call(room *r, ketch_error *e);

enum { CASE_MASKED = 1, CASE_MOVES = 2, CASE_FORKS = 4 };

typedef struct error_case {
    const char *name;
    bad_call *call;
    int flags;
} error_case;

extern const error_case error_cases[];
extern const int error_case_count;

#endif
