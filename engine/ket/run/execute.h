/* A circuit's run: what the job in execute.c works on, set up by launch.c. */
#ifndef KTQ_RUN_EXECUTE_H
#define KTQ_RUN_EXECUTE_H

#include "ket/compile/program.h"
#include "ket/run/observables.h"
#include "ket/state/measure.h"
#include "ket/state/state.h"

/* Lies in an arena block of its own (record), rows and work in two more, so that a second run of
 * the same shape allocates nothing. Position: shot, segment, and inside it stage (what sweep is
 * next) and pass; retired: source steps of this shot that are done. from_basis: every shot begins
 * with basis state basis_index; index is that state in the order of the program's entry. blank: its
 * memory is known to be zero where no pass has written. written: positions in all whose
 * combinations, the others as in index, the memory holds the state; elsewhere it is zero, whatever
 * the memory holds. */
typedef struct ktq_circuit_run {
    ketch_program *program;
    ketch_state *state;
    ketch_context *context; /* of the advance going on */
    uint64_t shots;         /* rows: at least 1 */
    uint64_t repeats;       /* runs of the program: 1 where shots are sampled from one run */
    uint64_t seed;
    bool collapses; /* a run without shots */
    bool from_basis, blank, started;
    uint64_t changes; /* the state's, when the run took it */
    uint64_t basis_index, index, written;
    uint64_t shot;
    size_t segment, pass;
    int32_t stage;
    uint64_t retired;
    uint64_t measured; /* measurements made in this shot: counter of its random numbers */
    ktq_outcome outcome;
    double weights[2];
    double *partial;
    ktq_weight weight;
    ktq_collapse collapse;
    ktq_project project;
    ktq_sample sample;
    ktq_watch watch;
    uint8_t *rows; /* shots rows of program->bits bytes */
    ketch_block *record, *rows_block, *work_block;
} ktq_circuit_run;

/* The job's advance: see ketch_advance. */
ketch_status ktq_circuit_advance(ketch_context *context, void *user);

#endif
