/* Pauli strings by their definition: products of 2 x 2 matrices. */
#ifndef PAULIS_H
#define PAULIS_H

#include "ketch.h"
#include <complex.h>
#include <stdbool.h>
#include <stdint.h>

/* Element (row, column) of I, X, Z or Y. */
static inline long double complex pauli_element(bool x, bool z, int row, int column)
{
    static const long double complex elements[2][2][2][2] = {
        {{{1, 0}, {0, 1}}, {{1, 0}, {0, -1}}}, {{{0, 1}, {1, 0}}, {{0, -1.0i}, {1.0i, 0}}}};
    return elements[x][z][row][column];
}

/* The one element of a row of a Pauli string that is not 0, which is in column row ^ x. */
static inline long double complex pauli_row(uint64_t x, uint64_t z, uint64_t row, int qubits)
{
    long double complex product = 1;
    for (int q = 0; q < qubits; q++)
        product *=
            pauli_element(x >> q & 1, z >> q & 1, (int)(row >> q & 1), (int)((row ^ x) >> q & 1));
    return product;
}

static inline long double complex pauli_amplitude(const ketch_state *state, const void *amplitudes,
                                                  uint64_t i)
{
    return ketch_state_precision(state) == KETCH_SINGLE
               ? (long double complex)((const float complex *)amplitudes)[i]
               : (long double complex)((const double complex *)amplitudes)[i];
}

/* image += coefficient times the string applied to the amplitudes. */
static inline void pauli_apply(long double complex *image, const ketch_state *state,
                               const void *amplitudes, uint64_t x, uint64_t z, double coefficient)
{
    const int qubits = ketch_state_qubits(state);
    for (uint64_t i = 0; i < UINT64_C(1) << qubits; i++)
        image[i] +=
            coefficient * pauli_row(x, z, i, qubits) * pauli_amplitude(state, amplitudes, i ^ x);
}

#endif
