/* The variance of a sum of Pauli terms: the squared norm of (O - <O>) psi, from O psi in a further
 * state. A row of sweeps, so that runs and direct calls share them: for each number below
 * ktq_variance_phases a sweep of ktq_variance_count indices, and then ktq_variance_end. */
#ifndef KTQ_STATE_VARIANCE_H
#define KTQ_STATE_VARIANCE_H

#include "ket/kernels/kernels.h"
#include "ket/state/reduce.h"

/* The caller sets set, state, image (memory as large as the state's), scratch (of
 * ktq_pauli_apply_scratch bytes for each worker, aligned to 64), partial (2 * ktq_chunk_count
 * doubles) and paulis, which are prepared. image and the fields after partial are what a run keeps
 * between sweeps. */
typedef struct ktq_variance {
    const ktq_kernel_set *set;
    ktq_chunks state;
    void *image;
    const ktq_pauli_sums *paulis;
    double *partial;
    uint64_t phase;
    double weight, mean; /* of the state, and of O in it */
    double value;        /* after the last phase */
} ktq_variance;

uint64_t ktq_variance_phases(const ktq_variance *variance);
/* Of the current phase. */
uint64_t ktq_variance_count(const ktq_variance *variance);
void ktq_variance_body(const ktq_variance *variance, uint64_t index, void *scratch);
/* Ends the current phase and enters the next one. */
void ktq_variance_end(ktq_variance *variance);

#endif
