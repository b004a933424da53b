/* What a run gathers from its final state: observables, and the chunk sums that drawing shots
 * needs. They come from the tiles of the last pass where that pass leaves the final state, else
 * from sweeps of their own. */
#ifndef KTQ_RUN_OBSERVABLES_H
#define KTQ_RUN_OBSERVABLES_H

#include "ket/compile/program.h"
#include "ket/kernels/kernels.h"
#include "ket/kernels/tile_sums.h"
#include "ketch.h"

#include <stdbool.h>
#include <stddef.h>

/* One observable: its numbers are values[value..]. place: of the norm or terms among the rows'
 * numbers, of probabilities among the bins; -1: probabilities that need a sweep. */
typedef struct ktq_watched {
    ketch_observe kind;
    int32_t count;
    int32_t *qubits;
    size_t value;
    ptrdiff_t place;
} ktq_watched;

/* How far the observables' numbers are. */
typedef enum ktq_watch_stage {
    KTQ_WATCH_OPEN,
    KTQ_WATCH_LOOKING, /* a sweep for norms and terms */
    KTQ_WATCH_SUMMED,  /* norms and terms are there */
    KTQ_WATCH_ENDED
} ktq_watch_stage;

/* pass: what the observer is attached to, SIZE_MAX: nothing; sure: it runs whatever is measured.
 * filled: it ran, and each of `tiles` left a row. weighs: the first bins are the chunk sums, over
 * chunk_qubits. observes: the pass leaves the final state, so its rows are of the observables, too.
 * next: the observable whose probabilities are wanted next. rows: also the sums of a sweep of its
 * own. */
typedef struct ktq_watch {
    ktq_observer observer;
    size_t pass;
    bool sure, weighs, observes, filled;
    ktq_tiles tiles;
    int32_t chunk_qubits[64];
    ktq_watch_stage stage;
    size_t count, next, value_count, term_count, z_count;
    ktq_watched *watched;
    double *values, *rows;
    uint64_t *places;
    uint64_t
        scratch; /* bytes that a worker needs, the kernels' first; 0 where nothing is watched */
    ketch_block *block;
} ktq_watch;

/* What it is for. once: the program runs once, so that there is a final state. collapses: final
 * measurements change it. observables: checked. */
typedef struct ktq_watch_plan {
    const ketch_program *program;
    ketch_arena *arena;
    bool from_basis, once, collapses;
    uint64_t count;
    const ketch_observable *observables;
} ktq_watch_plan;

/* Makes all choices and takes all memory. */
ketch_status ktq_watch_open(ktq_watch *watch, const ktq_watch_plan *plan, const char *function,
                            ketch_error *error);
void ktq_watch_close(ktq_watch *watch);

/* Tile number `tile` of the watched pass: through the kernels, and its row. scratch: the worker's.
 */
void ktq_watch_tile(const ktq_watch *watch, const ketch_program *program, void *amplitudes,
                    void *scratch, uint64_t tile, const ktq_visit *visit);
/* The chunk sums, where it weighs and is filled. */
void ktq_watch_weigh(const ktq_watch *watch, double *partial);
/* All observables' numbers, of the program's final state. May be suspended, and called again. */
ketch_status ktq_watch_finish(ktq_watch *watch, ketch_context *context,
                              const ketch_program *program, const void *amplitudes);

#endif
