/* Sums over a state: weights and inner products. A body for a sweep over the chunks and a serial
 * end, so that runs and direct calls share them. They are compiled once, for every kernel set: the
 * bits do not depend on the set. */
#ifndef KTQ_STATE_REDUCE_H
#define KTQ_STATE_REDUCE_H

#include "ket/state/chunks.h"

/* A weight: the sum of |a|^2 over the amplitudes with (index & mask) == value. partial:
 * ktq_chunk_count doubles, one a chunk. */
typedef struct ktq_weight {
    ktq_chunks chunks;
    uint64_t mask, value;
    double *partial;
} ktq_weight;

ketch_status ktq_weight_body(uint64_t chunk, int32_t worker, void *weight);
double ktq_weight_sum(const ktq_weight *weight);
/* Body and sum on the calling thread, with the bits of the sweep and without memory: partial is not
 * used. */
double ktq_weight_serial(const ktq_weight *weight);

/* <a|b> of states of the same qubits and precision. partial: 2 * ktq_chunk_count doubles. */
typedef struct ktq_inner {
    ktq_chunks a, b;
    double *partial;
} ktq_inner;

ketch_status ktq_inner_body(uint64_t chunk, int32_t worker, void *inner);
/* Real and imaginary part. */
void ktq_inner_sum(double sum[2], const ktq_inner *inner);

/* The sum of |b - factor a|^2, for states of the same qubits and precision. partial: as in
 * ktq_weight. */
typedef struct ktq_residual {
    ktq_chunks a, b;
    double factor;
    double *partial;
} ktq_residual;

ketch_status ktq_residual_body(uint64_t chunk, int32_t worker, void *residual);
double ktq_residual_sum(const ktq_residual *residual);

#endif
