/* Circuits of few qubits: passes that keep the whole state in a core's registers. */
#ifndef KTQ_KERNELS_SMALL_H
#define KTQ_KERNELS_SMALL_H

#include "ket/kernels/op.h"

typedef struct ktq_kernel_set ktq_kernel_set;

enum { KTQ_SMALL_QUBITS_MAX = 5, KTQ_SMALL_AMPLITUDES = 1 << KTQ_SMALL_QUBITS_MAX };

/* What a step does to the amplitudes x, all at once.
 *  PERMUTE   x[i] = x[from[i]]
 *  FACTOR    x[i] *= f[i]
 *  SUM       x[i] = the sum over its terms of f[i] x[from[i]]
 *  TURN + q  x[i] -= t x[i ^ 1 << q] where bit q of i is 0, else +=: a rotation but for its cosine
 */
typedef enum ktq_small_kind {
    KTQ_SMALL_PERMUTE,
    KTQ_SMALL_FACTOR,
    KTQ_SMALL_SUM,
    KTQ_SMALL_ROTATE
} ktq_small_kind;

typedef struct ktq_small_op {
    uint8_t kind, terms; /* terms: of a SUM */
} ktq_small_op;

/* Steps for one kernel set. Amplitude i is in lane i % lanes of vector i / lanes; there are
 * 2^row_bits vectors, a row. data: what the steps want, one after the other, in vectors. PERMUTE:
 * a row of from, integers as wide as the reals. FACTOR: a row of real and one of imaginary parts.
 * SUM: both for each term. TURN: one vector of t, whose sign is in it where q is a bit of the lane.
 */
typedef struct ktq_small {
    int32_t qubits, row_bits;
    ktq_small_op *steps;
    char *data; /* aligned to 64 bytes */
    size_t step_count, step_capacity, size, capacity;
} ktq_small;

#endif
