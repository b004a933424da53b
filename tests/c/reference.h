/* A slow, obvious simulator in long double to test against, and circuits built on both sides at
 * once. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "ketch.h"
#include <complex.h>
#include <stdbool.h>

/* A circuit, and the reference state after the same gates on |index>. random: a generator's state.
 */
typedef struct twin {
    int qubits;
    ketch_circuit *circuit;
    long double complex *amplitudes;
    uint64_t random;
} twin;

/* Further controls of a gate. */
typedef struct twin_controls {
    int count;
    int32_t qubits[8];
    uint8_t values[8];
} twin_controls;

twin twin_create(int qubits, int bits, uint64_t seed);
void twin_destroy(twin *t);
/* The reference state becomes |index>; the circuit stays. */
void twin_set(twin *t, uint64_t index);

uint64_t twin_draw(twin *t, uint64_t below);
double twin_angle(twin *t);
/* count different qubits. */
void twin_choose(twin *t, int32_t *qubits, int count);

void twin_gate(twin *t, ketch_gate gate, const int32_t *qubits, const double *params,
               const twin_controls *controls);
/* Also a matrix that is not unitary. */
void twin_unitary(twin *t, int count, const int32_t *qubits, const double *matrix,
                  const twin_controls *controls);
void twin_diagonal(twin *t, int count, const int32_t *qubits, const double *diagonal,
                   const twin_controls *controls);
/* Basis state i of the qubits goes to table[i]. */
void twin_permutation(twin *t, int count, const int32_t *qubits, const uint64_t *table,
                      const twin_controls *controls);
/* Matrix number i where the selects have the value i. */
void twin_multiplexer(twin *t, int32_t target, int select_count, const int32_t *selects,
                      const double *matrices, const twin_controls *controls);
/* exp(-i angle/2 P), letter i of P on qubits[i]. values: of the parameters of the angle; NULL: it has
 * none. */
void twin_pauli_rotation(twin *t, const ketch_angle *angle, const double *values, int count,
                         const int32_t *qubits, const char *letters, const twin_controls *controls);
/* A random permutation of 0..2^count-1. */
void twin_random_table(twin *t, int count, uint64_t *table);
/* A random unitary, 2^count x 2^count, re and im pairs. */
void twin_random_unitary(twin *t, int count, double *matrix);
/* One random gate of any kind, perhaps under further controls. */
void twin_random_gate(twin *t);

/* Largest |difference| between the reference and amplitudes of that precision. */
double twin_error(const twin *t, const void *amplitudes, ketch_precision precision);

#endif
