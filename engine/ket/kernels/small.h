/* Circuits of few qubits: passes that keep the whole state in a core's registers. */
#ifndef KTQ_KERNELS_SMALL_H
#define KTQ_KERNELS_SMALL_H

#include "ket/kernels/op.h"

typedef struct kt_kernel_set kt_kernel_set;

enum { KT_TINY_QUBITS = 5, KT_TINY_SIZE = 1 << KT_TINY_QUBITS };

/* What a step does to the amplitudes x, all at once.
 *  PERMUTE   x[i] = x[from[i]]
 *  FACTOR    x[i] *= f[i]
 *  SUM       x[i] = the sum over its terms of f[i] x[from[i]]
 *  TURN + q  x[i] -= t x[i ^ 1 << q] where bit q of i is 0, else +=: a rotation but for its cosine
 */
typedef enum kt_tiny_kind {
    KT_TINY_PERMUTE,
    KT_TINY_FACTOR,
    KT_TINY_SUM,
    KT_TINY_TURN
} kt_tiny_kind;

typedef struct kt_tiny_step {
    uint8_t kind, terms; /* terms: of a SUM */
} kt_tiny_step;

/* Steps for one kernel set. Amplitude i is in lane i % lanes of vector i / lanes; there are
 * 2^row_bits vectors, a row. data: what the steps want, one after the other, in vectors. PERMUTE:
 * a row of from, integers as wide as the reals. FACTOR: a row of real and one of imaginary parts.
 * SUM: both for each term. TURN: one vector of t, whose sign is in it where q is a bit of the lane.
 */
typedef struct kt_tiny {
    int32_t qubits, row_bits;
    kt_tiny_step *steps;
    char *data; /* aligned to 64 bytes */
    size_t step_count, step_capacity, size, capacity;
} kt_tiny;

/* The operations of a list, in an order that gives the same result, as steps. False where memory is
 * refused; then, too, the caller frees it. */
bool kt_tiny_build(kt_tiny *tiny, const kt_kernel_set *set, const kt_op_list *list, int32_t qubits);
void kt_tiny_free(kt_tiny *tiny);

#endif
