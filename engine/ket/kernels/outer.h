/* Sums of outer products of complex vectors. */
#ifndef KTQ_KERNELS_OUTER_H
#define KTQ_KERNELS_OUTER_H

#include <stdint.h>

/* A block has up to KTQ_OUTER_SIZE rows and columns, and gets up to KTQ_OUTER_COUNT products at a
 * time. */
enum { KTQ_OUTER_BITS = 6, KTQ_OUTER_SIZE = 1 << KTQ_OUTER_BITS, KTQ_OUTER_COUNT = 32 };

/* sums[r][c] += the sum over e < count of rows[e][r] times the conjugate of columns[e][c]. An item
 * of rows and columns is KTQ_OUTER_SIZE real parts and then as many imaginary ones; sums is a matrix
 * of KTQ_OUTER_SIZE real parts a side, and then one of imaginary parts. All are aligned to 64 bytes.
 * size: of the part of the block that is wanted; numbers up to the next multiple of 8 are read and
 * written. */
typedef struct ktq_outer {
    int32_t size, count;
    const double *rows, *columns;
    double *sums;
} ktq_outer;

#endif
