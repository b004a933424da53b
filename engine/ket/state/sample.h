/* Shots drawn from a state: shot s gets the first amplitude at which the cumulative |a|^2, over the
 * indices in order, exceeds the uniform number of draw s, scaled to the total. Two sweeps, so that
 * however many shots there are memory is read in order and a stop is seen soon: one over batches of
 * shots, which draws and sorts their numbers, and one over parts, each the shots of some batches
 * that fall in one chunk of amplitudes. A shot's outcome depends on its own number alone, not on
 * batches, threads or other shots. */
#ifndef KTQ_STATE_SAMPLE_H
#define KTQ_STATE_SAMPLE_H

#include "ket/state/chunks.h"
#include "layout.h"
#include <stdbool.h>

/* seed, first: shot s is draw first + s of the seed's stream of samples. The arrays of the shots are
 * in batches: within one, uniform ascends and order says whose number each is. */
typedef struct ktq_sample {
    ktq_chunks chunks;
    uint64_t shots, seed, first;
    double *cumulative; /* ktq_chunk_count + 1: weight of the chunks before each, and of all */
    double *uniform;    /* shots numbers below the total weight */
    uint16_t *order;    /* shots positions in a batch */
    uint64_t *outcomes; /* shots indices of amplitudes; memory to sort in before */
} ktq_sample;

/* Takes all arrays but outcomes. chunks.qubits and shots are set. */
void ktq_sample_take(ktq_sample *sample, kt_layout *layout);
/* Bytes of scratch that a worker needs. */
uint64_t ktq_sample_scratch(const ktq_sample *sample);
/* partial: the weights of the chunks, with a total that is finite and not zero. */
void ktq_sample_begin(ktq_sample *sample, const double *partial);
/* Whether the arrays are such as ktq_sample_begin and, if is_drawn, the first sweep leave behind.
 * Where they are not, as in a file that made them up, the sweeps may leave their memory. */
bool ktq_sample_is_valid(const ktq_sample *sample, bool is_drawn);

/* The first sweep. */
uint64_t ktq_sample_batches(const ktq_sample *sample);
void ktq_sample_draw(const ktq_sample *sample, uint64_t batch, void *scratch);

/* The second sweep. */
uint64_t ktq_sample_parts(const ktq_sample *sample);
void ktq_sample_locate(const ktq_sample *sample, uint64_t part, void *scratch);

#endif
