/* Marginal probabilities: those of the outcomes of some qubits. A body for a sweep and a serial end,
 * with the same bits on any number of threads. */
#ifndef KTQ_STATE_MARGINAL_H
#define KTQ_STATE_MARGINAL_H

#include "ket/state/chunks.h"

enum { KTQ_MARGINAL_LOW = 6 };

/* An index of an amplitude has low bits, at most KTQ_MARGINAL_LOW, and above them high bits, which
 * are the chosen qubits, and rest bits, the others. For each value of the high bits the squares of
 * the amplitudes with all values of the rest bits are added up, by low bits. Where there are few
 * values of the high bits, the values of the rest bits are cut into slices with sums of their own.
 * sums: ktq_marginal_sum_count doubles; after the end the first 2^count are the probabilities. */
typedef struct ktq_marginal {
    ktq_chunks chunks;
    int32_t count;         /* chosen qubits */
    const int32_t *qubits; /* qubits[j] is bit j of an outcome */
    double *sums;
    int32_t low_bits, high_bits, slice_bits, rest_bits; /* rest_bits: inside a slice */
    int32_t group_bits;  /* items (a value of the high bits, a slice) that one index takes */
    uint64_t high, rest; /* masks of index >> low_bits */
    uint64_t low_outcome[1 << KTQ_MARGINAL_LOW]; /* the outcome's bits that are low bits */
} ktq_marginal;

/* Fills in all but sums. qubits: different ones; the array must outlive the marginal. */
void ktq_marginal_plan(ktq_marginal *marginal, const ktq_chunks *chunks, int32_t count,
                       const int32_t *qubits);
uint64_t ktq_marginal_sum_count(const ktq_marginal *marginal);
/* The number of indices of the sweep. */
uint64_t ktq_marginal_count(const ktq_marginal *marginal);
ketch_status ktq_marginal_body(uint64_t index, int32_t worker, void *marginal);
void ktq_marginal_end(const ktq_marginal *marginal);

#endif
