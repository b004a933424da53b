/* The sums that a run computes of its final state: observables, and the chunk sums that drawing
 * shots needs. They are computed from the tiles of the last pass if that pass computes the final
 * state, else in sweeps of their own. */
#ifndef KTQ_RUN_OBSERVABLES_H
#define KTQ_RUN_OBSERVABLES_H

#include "ket/compile/program.h"
#include "ket/kernels/kernels.h"
#include "ket/kernels/tile_sums.h"
#include "ket/state/marginal.h"
#include "ket/state/variance.h"
#include "ketch/circuits.h"

#include <stdbool.h>
#include <stddef.h>

/* One observable. Its numbers begin at values[value]. place: the index of the norm or the terms in
 * a row, of the probabilities among the bins (-1: they need a sweep), or of the variance among
 * those. */
typedef struct ktq_observed {
    ketch_observe kind;
    int32_t count;
    int32_t *qubits;
    size_t value;
    ptrdiff_t place;
} ktq_observed;

/* pass: the pass whose tiles are summed; SIZE_MAX: none. is_unconditional: it runs on every path.
 * is_filled: it ran, and each of `tiles` has written a row. has_chunk_sums: the first bins are the
 * chunk sums, over chunk_qubits. is_final: the pass computes the final state, so that its rows have
 * the observables' sums, too. next: the observable that is computed next in a sweep of its own.
 * is_apart: tile_sums is prepared for a sweep of its own. is_summed: norms and expectations are in
 * values, but for terms with X; has_ended: all numbers are. rows: also the sums of a sweep of its
 * own, which `marginal` plans.
 * paulis: the terms with X of all expectation values; the sweeps before pauli_sweep are in values.
 * variances: the terms of each; `variance` is the one that is computed now, or next. image: O psi,
 * for one variance after the other. */
typedef struct ktq_observables {
    ktq_tile_sums tile_sums;
    size_t pass;
    bool is_unconditional, has_chunk_sums, is_final, is_filled;
    bool is_apart, is_summed, has_ended;
    ktq_tiles tiles;
    int32_t chunk_qubits[KETCH_QUBITS_MAX];
    size_t count, next, value_count, row_count, term_count, z_count;
    ktq_observed *observed;
    double *values, *rows;
    uint64_t *places;
    /* Bytes of scratch for each worker, the kernels' first; 0 if no sums are computed. */
    uint64_t scratch;
    ktq_marginal *marginal;
    ktq_pauli_sums paulis, *variances;
    size_t pauli_sweep, variance_count;
    ktq_variance variance;
    ketch_block *image;
    void *request; /* what was asked for, as request.h encodes it */
    uint64_t request_size;
    ketch_block *block;
} ktq_observables;

/* The sums that a run wants. is_single: the program runs once, so that there is one final state.
 * collapses: final measurements change it. observables: they have been checked. */
typedef struct ktq_observables_request {
    const ketch_program *program;
    ketch_arena *arena;
    bool from_basis, is_single, collapses;
    uint64_t count;
    const ketch_observable *observables;
} ktq_observables_request;

/* Decides how each sum is computed, and takes all memory. */
ketch_status ktq_observables_open(ktq_observables *observables,
                                  const ktq_observables_request *request, const char *function,
                                  ketch_error *error);
/* Takes the memory that variances need besides. Opened observables that have none need nothing. */
ketch_status ktq_observables_take_image(ktq_observables *observables,
                                        const ktq_observables_request *request,
                                        const char *function, ketch_error *error);
/* Its bytes. */
uint64_t ktq_observables_image_size(const ktq_observables *observables,
                                    const ketch_program *program);
void ktq_observables_close(ktq_observables *observables);

/* Applies the pass to tile number `tile`, and writes the tile's row. scratch: the worker's. */
void ktq_observables_tile(const ktq_observables *observables, const ketch_program *program,
                          void *amplitudes, void *scratch, uint64_t tile, const ktq_visit *visit);
/* Writes the chunk sums, if the pass has computed them. */
void ktq_observables_chunk_sums(const ktq_observables *observables, double *partial);

#endif
