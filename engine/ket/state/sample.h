/* Shots drawn from a state. */
#ifndef KTQ_STATE_SAMPLE_H
#define KTQ_STATE_SAMPLE_H

#include "ket/state/chunks.h"

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
