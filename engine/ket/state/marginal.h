/* Probabilities of the outcomes of some qubits: a body for a sweep and a serial end, the same bits
 * at any thread count. */
#ifndef KTQ_STATE_MARGINAL_H
#define KTQ_STATE_MARGINAL_H

#include "ket/state/chunks.h"

enum { KTQ_MARGINAL_LOW = 6 };

/* The lowest KTQ_MARGINAL_LOW qubits are read together: for each pattern of the other chosen qubits
 * ("high") the amplitudes of all patterns of the others ("rest") are added up by their low bits.
 * Where there are few high patterns the rest is cut into slices, each with sums of its own. sums:
 * ktq_marginal_room doubles, after the end the first 2^count of them hold the probabilities. */
typedef struct ktq_marginal {
    ktq_chunks chunks;
    int32_t count;         /* chosen qubits */
    const int32_t *qubits; /* qubits[j] is bit j of an outcome */
    double *sums;
    int32_t low_bits, high_bits, slice_bits, rest_bits; /* rest_bits: inside a slice */
    int32_t group_bits;  /* patterns and slices that one index of the sweep takes */
    uint64_t high, rest; /* masks of index >> low_bits */
    uint64_t place[1 << KTQ_MARGINAL_LOW]; /* outcome bits that low bits write */
} ktq_marginal;

/* Fills all but sums. The qubits are distinct; they must live as long as it. */
void ktq_marginal_plan(ktq_marginal *marginal, const ktq_chunks *chunks, int32_t count,
                       const int32_t *qubits);
uint64_t ktq_marginal_room(const ktq_marginal *marginal);
uint64_t ktq_marginal_count(const ktq_marginal *marginal);
ketch_status ktq_marginal_body(uint64_t index, int32_t worker, void *marginal);
void ktq_marginal_end(const ktq_marginal *marginal);

#endif
