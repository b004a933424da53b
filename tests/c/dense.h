/* Circuits as dense matrices in long double, made of what ketch_circuit_read says: slow and
 * obvious, to compare transformed circuits with. */
#ifndef DENSE_H
#define DENSE_H

#include "ketch.h"
#include <complex.h>
#include <stdbool.h>

/* At most 2^DENSE_QUBITS_MAX rows. */
enum { DENSE_QUBITS_MAX = 7 };

/* A matrix of 2^qubits rows, row by row. The caller frees `entries`. */
typedef struct dense {
    int qubits;
    long double complex *entries;
} dense;

dense dense_one(int qubits);
void dense_free(dense *d);
/* The circuit's matrix where its parameters have these values; there are no measurements, resets
 * and conditions. */
dense dense_of(const ketch_circuit *circuit, const double *values);
/* a times b. */
dense dense_product(const dense *a, const dense *b);
dense dense_adjoint(const dense *a);
/* The same on more qubits: qubit i of `a` is qubits[i]. */
dense dense_embed(const dense *a, int qubits, const int32_t *places);
/* a where the first count qubits have these values, and nothing elsewhere; its qubit i becomes
 * qubit i + count. */
dense dense_control(const dense *a, int count, const uint8_t *values);
/* The largest |difference|. */
double dense_distance(const dense *a, const dense *b);

#endif
