/* A circuit's run: what the job works on, and where it is. run.c makes it, execute.c carries it out. */
#ifndef KTQ_RUN_RUN_H
#define KTQ_RUN_RUN_H

#include "ket/compile/program.h"
#include "ket/run/observables.h"
#include "ket/state/collapse.h"
#include "ket/state/reduce.h"
#include "ket/state/sample.h"
#include "ket/state/state.h"

/* Stages of a circuit's run, in the order of the table in execute.c. The numbers are saved: they
 * belong to the version of ktq_circuit_type. */
enum {
    KTQ_STAGE_SHOT,           /* writes the one amplitude of a basis state */
    KTQ_STAGE_SEGMENT,        /* chooses what the next segment does */
    KTQ_STAGE_PASS,           /* one pass of gates */
    KTQ_STAGE_FILL_BEFORE,    /* fills memory that no pass has written, before an event */
    KTQ_STAGE_WEIGHT_0,       /* probability of outcome 0 of a measured qubit */
    KTQ_STAGE_WEIGHT_1,       /* and of outcome 1 */
    KTQ_STAGE_COLLAPSE,       /* onto the outcome that was drawn */
    KTQ_STAGE_WEIGHT_ALL,     /* probabilities that all shots are drawn from */
    KTQ_STAGE_DRAW,           /* a sorted random number for each shot */
    KTQ_STAGE_LOCATE,         /* and the outcome it falls on */
    KTQ_STAGE_ROWS,           /* the shots' classical bits */
    KTQ_STAGE_WEIGHT_OUTCOME, /* probability of the one outcome of a run without shots */
    KTQ_STAGE_PROJECT,        /* onto it */
    KTQ_STAGE_FILL_AFTER,     /* fills memory before a fence; ends the segment */
    KTQ_STAGE_FILL_LAST,      /* fills memory before the state is the caller's again */
    KTQ_STAGE_SUMS,           /* norms and expectations that no pass has left */
    KTQ_STAGE_PROBABILITIES,  /* those of one observable that no pass has left */
    KTQ_STAGE_SHOT_END,
    KTQ_STAGES
};

/* Where a run is: plain data, saved as it stands. shot, segment, and inside it stage and pass.
 * retired: source steps of this shot that are done. measured: measurements made in this shot, the
 * counter of its random numbers. started: the shot's first amplitude is written. blank: the
 * memory is known to be zero where no pass has written. written: a mask of qubit positions.
 * Amplitude i is valid in memory iff i agrees with `index` on every position outside the mask; all
 * others are zero by definition and their memory is garbage. index: the basis state that the shot
 * began with, in the order of the program's entry. */
typedef struct ktq_position {
    uint64_t shot, segment, pass, retired, measured;
    uint64_t index, written;
    int32_t stage;
    bool started, blank;
    ktq_outcome outcome;
    double weights[2];
} ktq_position;

/* Lies in an arena block of its own (record), rows and work in two more, so that a second run of
 * the same shape allocates nothing. from_basis: every shot begins with basis state basis_index. */
typedef struct ktq_run {
    ketch_program *program;
    ketch_state *state;
    ketch_context *context; /* of the advance going on */
    uint64_t shots;         /* rows: at least 1 */
    uint64_t repeats;       /* runs of the program: 1 where shots are drawn from one run */
    uint64_t seed;
    bool collapses; /* a run without shots */
    bool from_basis;
    uint64_t basis_index;
    uint64_t changes; /* the state's, when the run took it */
    ktq_position at;
    double *partial;
    ktq_sample sample;
    ktq_observables observables;
    uint8_t *rows; /* shots rows of program->plan->bits bytes */
    ketch_block *record, *rows_block, *work_block;
} ktq_run;

/* What a caller asks for, or (is_loaded) a file: from_basis is then the file's. state NULL: |0...0>
 * in the engine's arena. */
typedef struct ktq_launch {
    ketch_program *program;
    ketch_state *state;
    const ketch_shots *shots;
    const char *function;
    bool is_loaded, from_basis;
} ktq_launch;

/* A run that has not begun, and all of its memory; asked: checked. */
ketch_status ktq_run_make(ktq_run **made, const ktq_launch *launch, const ketch_shots *asked,
                          ketch_engine *engine, ketch_error *error);
/* Ends it: the type's release. A state left between fences stays suspended. */
void ktq_run_release(void *user);
/* Fills in what a job says of its run. */
void ktq_run_describe(ketch_job *job, ktq_run *run);
/* Bytes that drawing outcomes takes. */
uint64_t ktq_run_work_size(const ktq_plan *plan, uint64_t shots);
/* Bytes of scratch that a worker needs. */
uint64_t ktq_run_scratch(const ktq_plan *plan, const ktq_observables *observables, uint64_t shots);

/* The job's advance: see ketch_advance. */
ketch_status ktq_run_advance(ketch_context *context, void *user);
/* The type of circuits' jobs. */
extern const ketch_job_type ktq_circuit_type;
/* The circuit's run behind a result, or HANDLE. */
ketch_status ktq_run_find(const ktq_run **run, const ketch_result *result, const char *function,
                          ketch_error *error);

/* All qubit positions. */
static inline uint64_t ktq_run_positions(const ktq_run *run)
{
    return (UINT64_C(1) << run->program->plan->qubits) - 1;
}

/* The segment that the run is in. */
static inline const ktq_segment *ktq_run_segment(const ktq_run *run)
{
    return &run->program->plan->segments.items[run->at.segment];
}

/* The classical bits of the shot that is on. */
static inline uint8_t *ktq_run_row(const ktq_run *run, uint64_t shot)
{
    return run->rows + shot * (uint64_t)run->program->plan->bits;
}

#endif
