/* Circuits of few qubits: passes that keep the whole state in a core's registers. */
#ifndef KTQ_KERNELS_SMALL_H
#define KTQ_KERNELS_SMALL_H

#include "ket/kernels/op.h"

typedef struct ktq_kernel_set ktq_kernel_set;

enum { KTQ_TINY_QUBITS = 5, KTQ_TINY_SIZE = 1 << KTQ_TINY_QUBITS };

/* What a step does to the amplitudes x, all at once.
 *  PERMUTE   x[i] = x[from[i]]
 *  FACTOR    x[i] *= f[i]
 *  SUM       x[i] = the sum over its terms of f[i] x[from[i]]
 *  TURN + q  x[i] -= t x[i ^ 1 << q] where bit q of i is 0, else +=: a rotation but for its cosine
 */
typedef enum ktq_tiny_kind {
    KTQ_TINY_PERMUTE,
    KTQ_TINY_FACTOR,
    KTQ_TINY_SUM,
    KTQ_TINY_TURN
} ktq_tiny_kind;

typedef struct ktq_tiny_step {
    uint8_t kind, terms; /* terms: of a SUM */
} ktq_tiny_step;

/* Steps for one kernel set. Amplitude i is in lane i % lanes of vector i / lanes; there are
 * 2^row_bits vectors, a row. data: what the steps want, one after the other, in vectors. PERMUTE:
 * a row of from, integers as wide as the reals. FACTOR: a row of real and one of imaginary parts.
 * SUM: both for each term. TURN: one vector of t, whose sign is in it where q is a bit of the lane.
 */
typedef struct ktq_tiny {
    int32_t qubits, row_bits;
    ktq_tiny_step *steps;
    char *data; /* aligned to 64 bytes */
    size_t step_count, step_capacity, size, capacity;
} ktq_tiny;

/* The operations of a list, in an order that gives the same result, as steps. False where memory is
 * refused; then, too, the caller frees it. */
bool ktq_tiny_build(ktq_tiny *tiny, const ktq_kernel_set *set, const ktq_op_list *list,
                    int32_t qubits);
void ktq_tiny_free(ktq_tiny *tiny);

#endif
