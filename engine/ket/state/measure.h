/* Reductions, sampling and collapse, in chunks of a fixed size whose sums are added in order: the
 * same bits at any thread count. Each is a body for a sweep and a serial end, so that a run and a
 * direct call share them. */
#ifndef KTQ_STATE_MEASURE_H
#define KTQ_STATE_MEASURE_H

#include "ketch/circuits.h"
#include <stdint.h>

enum { KTQ_CHUNK_BITS = 14 };

/* Amplitudes seen as chunks of 2^KTQ_CHUNK_BITS (fewer only where the state is smaller). */
typedef struct ktq_chunks {
    const void *amplitudes;
    int32_t qubits;
    ketch_precision precision;
} ktq_chunks;

uint64_t ktq_chunk_count(int32_t qubits);

/* values[0], values[stride], ...: with a compensation for what rounding loses. */
double ktq_sum_carefully(const double *values, uint64_t count, uint64_t stride);

/* Sum over the amplitudes with (index & mask) == value of |a|^2. partial: ktq_chunk_count doubles.
 */
typedef struct ktq_weight {
    ktq_chunks chunks;
    uint64_t mask, value;
    double *partial;
} ktq_weight;

ketch_status ktq_weight_body(uint64_t chunk, int32_t worker, void *weight);
double ktq_weight_sum(const ktq_weight *weight);
/* All of it at once on the calling thread, with the bits of the sweep; needs no memory: partial is
 * not used. */
double ktq_weight_serial(const ktq_weight *weight);

/* <a|b>. partial: 2 * ktq_chunk_count doubles. Same qubits and precision. */
typedef struct ktq_inner {
    ktq_chunks a, b;
    double *partial;
} ktq_inner;

ketch_status ktq_inner_body(uint64_t chunk, int32_t worker, void *inner);
void ktq_inner_sum(double sum[2], const ktq_inner *inner);

/* What a measurement gives where the weights of 0 and 1 are as given (not both zero) and chance is
 * uniform in [0, 1): outcome 0 where chance * (w0 + w1) < w0, never one of weight zero. */
typedef struct ktq_outcome {
    int32_t value;
    double scale; /* for what is kept: 1 / sqrt(its weight) */
} ktq_outcome;

ktq_outcome ktq_outcome_choose(double weight0, double weight1, double chance);

/* Keeps the amplitudes whose bit `qubit` equals outcome, times scale, and zeroes the others; move 1
 * puts them at bit 0 instead (reset). In place. */
typedef struct ktq_collapse {
    void *amplitudes;
    int32_t qubits;
    ketch_precision precision;
    int32_t qubit, outcome, move;
    double scale;
} ktq_collapse;

ketch_status ktq_collapse_body(uint64_t chunk, int32_t worker, void *collapse);
/* Sweep length for it: chunks of the half that is written together. */
uint64_t ktq_collapse_count(int32_t qubits);

/* Keeps the amplitudes with (index & mask) == value, times scale, and zeroes the others. In place,
 * over ktq_chunk_count chunks. */
typedef struct ktq_project {
    void *amplitudes;
    int32_t qubits;
    ketch_precision precision;
    uint64_t mask, value;
    double scale;
} ktq_project;

ketch_status ktq_project_body(uint64_t chunk, int32_t worker, void *project);

/* Draws shots: ktq_weight over all amplitudes with partial sums first, then begin, then one sweep
 * over the chunks. order, uniform: shots entries each; outcomes[s] gets shot s's basis-state index.
 * begin is serial (some 100 ns a shot), so many shots are best drawn in batches: the outcomes do
 * not depend on how they are split. */
typedef struct ktq_sample {
    ktq_chunks chunks;
    const double *partial; /* ktq_weight's */
    double *start;         /* ktq_chunk_count + 1 running sums */
    uint64_t shots;
    uint64_t *order; /* shot numbers in order of their uniforms */
    double *uniform; /* by shot, scaled to the total */
    uint64_t *outcomes;
} ktq_sample;

void ktq_sample_begin(ktq_sample *sample, uint64_t seed, uint64_t first);
ketch_status ktq_sample_body(uint64_t chunk, int32_t worker, void *sample);

#endif
