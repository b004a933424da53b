/* Small states: programs of few qubits, whose passes keep the whole state in a core's registers. */
#ifndef KTQ_KERNELS_SMALL_H
#define KTQ_KERNELS_SMALL_H

#include <stddef.h>
#include <stdint.h>

enum { KTQ_SMALL_QUBITS_MAX = 5, KTQ_SMALL_AMPLITUDES = 1 << KTQ_SMALL_QUBITS_MAX };

/* What an operation does to all amplitudes x at once.
 *  PERMUTE     x[i] = x[from[i]]
 *  FACTOR      x[i] *= f[i]
 *  SUM         x[i] = the sum over its terms of f[i] x[from[i]]
 *  ROTATE + q  x[i] -= t x[i ^ 1 << q] if bit q of i is 0, else x[i] += t x[i ^ 1 << q]: a rotation
 *              of qubit q without its cosine */
typedef enum ktq_small_kind {
    KTQ_SMALL_PERMUTE,
    KTQ_SMALL_FACTOR,
    KTQ_SMALL_SUM,
    KTQ_SMALL_ROTATE
} ktq_small_kind;

typedef struct ktq_small_op {
    uint8_t kind, terms; /* terms: of a SUM */
} ktq_small_op;

/* Operations for one kernel set. Amplitude i is in lane i % lanes of vector i / lanes. A row is one
 * value for each amplitude: 2^row_bits vectors.
 * data: the operations' operands, one after the other, in vectors.
 *  PERMUTE     a row of from: integers as wide as the reals
 *  FACTOR      a row of real parts and a row of imaginary parts
 *  SUM         for each term, the operands of a PERMUTE and a FACTOR
 *  ROTATE + q  one vector of t; if q is a bit of the lane, negative in the lanes with that bit 0
 * data is aligned to 64 bytes. */
typedef struct ktq_small {
    int32_t qubits, row_bits;
    ktq_small_op *ops;
    char *data;
    size_t op_count, op_capacity, size, capacity;
} ktq_small;

#endif
