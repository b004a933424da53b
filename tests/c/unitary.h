/* Circuits as unitary matrices in long double, made of what ketch_circuit_read says: slow and
 * obvious, to compare transformed circuits with. */
#ifndef UNITARY_H
#define UNITARY_H

#include "ketch.h"
#include <complex.h>
#include <stdbool.h>

/* At most 2^UNITARY_QUBITS_MAX rows. */
enum { UNITARY_QUBITS_MAX = 7 };

/* A matrix of 2^qubits rows, row by row. The caller frees `entries`. */
typedef struct unitary {
    int qubits;
    long double complex *entries;
} unitary;

unitary unitary_one(int qubits);
void unitary_free(unitary *d);
/* The circuit's matrix where its parameters have these values; there are no measurements, resets
 * and conditions. */
unitary unitary_of(const ketch_circuit *circuit, const double *values);
/* a times b. */
unitary unitary_product(const unitary *a, const unitary *b);
unitary unitary_adjoint(const unitary *a);
/* The same on more qubits: qubit i of `a` is places[i]. */
unitary unitary_embed(const unitary *a, int qubits, const int32_t *places);
/* a where the first count qubits have these values, and nothing elsewhere; its qubit i becomes
 * qubit i + count. */
unitary unitary_control(const unitary *a, int count, const uint8_t *values);
/* The largest |difference|. */
double unitary_distance(const unitary *a, const unitary *b);

#endif
