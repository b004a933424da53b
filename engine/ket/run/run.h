/* A circuit's run: the job's data and its position. run.c makes it, execute.c carries it out. */
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
    KTQ_STAGE_OUTCOMES,       /* probabilities of both outcomes of a measured qubit */
    KTQ_STAGE_COLLAPSE,       /* collapse onto the outcome that was drawn */
    KTQ_STAGE_WEIGHT_ALL,     /* probabilities that all shots are drawn from */
    KTQ_STAGE_DRAW,           /* a sorted random number for each shot */
    KTQ_STAGE_LOCATE,         /* the outcome that each number selects */
    KTQ_STAGE_ROWS,           /* the shots' classical bits */
    KTQ_STAGE_WEIGHT_OUTCOME, /* probability of the one outcome of a run without shots */
    KTQ_STAGE_PROJECT,        /* collapse onto that outcome */
    KTQ_STAGE_FILL_AFTER,     /* fills memory before a fence; ends the segment */
    KTQ_STAGE_FILL_LAST,      /* fills memory before the state is the caller's again */
    KTQ_STAGE_SUMS,           /* norms and expectation values that no pass has computed */
    KTQ_STAGE_PAULIS,         /* a sweep of terms with X */
    KTQ_STAGE_VARIANCE,       /* a sweep of a variance */
    KTQ_STAGE_PROBABILITIES,  /* probabilities of one observable that no pass has computed */
    KTQ_STAGE_SHOT_END,
    KTQ_STAGES
};

/* The position of a run: plain data, saved as it stands. shot, segment, and inside the segment
 * stage and pass. retired: steps of this shot that are done. measured: measurements made in this
 * shot, which number its random numbers. started: the shot's first amplitude is written. blank:
 * memory that no pass has written is known to be zero. written: a mask of positions. Amplitude i is
 * valid in memory iff i agrees with `index` on every position outside the mask; all others are zero
 * by definition, and their memory is garbage unless it is blank. index: the basis state that the
 * shot began with, after its first resets, with its bits in the order of the plan's entry. */
typedef struct ktq_position {
    uint64_t shot, segment, pass, retired, measured;
    uint64_t index, written;
    int32_t stage;
    bool started, blank;
    ktq_outcome outcome;
    double weights[2];
} ktq_position;

/* Pieces of the state's memory that a pass is the first to write: see touch.h. There are `count`, of a
 * huge page each, and number `next` (atomic) is handed out next. The pass writes the amplitudes
 * whose indices have the bits `fixed` at the positions outside covered. */
typedef struct ktq_touch_state {
    uint64_t next, count, covered, fixed;
} ktq_touch_state;

/* The job's user. It lies in an arena block (record), and rows and working memory in two more, so
 * that a second run of the same shape allocates nothing. from_basis: every shot begins with the
 * basis state basis_index. */
typedef struct ktq_run {
    ketch_program *program;
    ketch_state *state;
    ketch_context *context; /* of the call of advance that is going on */
    uint64_t shots;         /* rows of bits, at least 1 */
    uint64_t repeats;       /* runs of the program: 1 if all shots are drawn from one run */
    uint64_t seed;
    bool collapses; /* a run without shots */
    bool from_basis;
    uint64_t basis_index;
    uint64_t changes; /* the state's count of changes when the run took it */
    ktq_position at;
    ktq_touch_state touch;
    double *partial;
    ktq_sample sample;
    ktq_observables observables;
    uint8_t *rows; /* shots rows of program->plan->bits bytes */
    ketch_block *record, *rows_block, *work_block;
} ktq_run;

/* The arguments of a run, from a caller or, with is_loaded, from a file, which then gives
 * from_basis. state NULL: |0...0> in the engine's arena. */
typedef struct ktq_launch {
    ketch_program *program;
    ketch_state *state;
    const ketch_shots *shots;
    const char *function;
    bool is_loaded, from_basis;
} ktq_launch;

/* Makes a run that has not begun, with all of its memory. asked: checked. */
ketch_status ktq_run_make(ktq_run **made, const ktq_launch *launch, const ketch_shots *asked,
                          ketch_engine *engine, ketch_error *error);
/* Ends the run: the type's release. A state between two fences stays suspended. */
void ktq_run_release(void *user);
/* Fills in the job's steps, scratch, kernels and user. */
void ktq_run_describe(ketch_job *job, ktq_run *run);
/* Bytes of working memory for drawing outcomes. */
uint64_t ktq_run_work_size(const ktq_plan *plan, uint64_t shots);
/* Bytes of scratch for each worker. */
uint64_t ktq_run_scratch(const ktq_plan *plan, const ktq_observables *observables, uint64_t shots);

/* The job's advance: see ketch_advance. */
ketch_status ktq_run_advance(ketch_context *context, void *user);
/* The type of circuits' jobs. */
extern const ketch_job_type ktq_circuit_type;
/* Finds the run of a circuit's result; HANDLE for any other. */
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
