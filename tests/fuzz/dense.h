/* A dense simulator in long double: applies a circuit's records one by one, and at a measurement or
 * a reset goes on with each outcome. It shares the gates' matrices with the library, nothing else. */
#ifndef KT_FUZZ_DENSE_H
#define KT_FUZZ_DENSE_H

#include "ketch.h"
#include <complex.h>
#include <stdbool.h>

enum { DENSE_QUBITS = 7, DENSE_BRANCHES = 64 };

/* One course of outcomes: the normalized state (if gates are unitary), and the classical bits. */
typedef struct dense_branch {
    uint64_t bits;
    long double complex amplitudes[1 << DENSE_QUBITS];
} dense_branch;

typedef struct dense {
    int32_t qubits;
    int count;
    dense_branch branches[DENSE_BRANCHES];
} dense;

/* The one branch that is |0...0>, or the amplitudes in double precision where these are given. */
void dense_begin(dense *d, int32_t qubits, const double complex *amplitudes);
/* Applies a circuit of at most DENSE_QUBITS qubits and 64 bits with these parameters. False: it has
 * more branches than there is room for. */
bool dense_apply(dense *d, const ketch_circuit *circuit, const double *values);
/* The least distance of the amplitudes from a branch with these bits, as the largest difference of
 * two amplitudes; infinity where there is no such branch. */
double dense_distance(const dense *d, uint64_t bits, const void *amplitudes,
                      ketch_precision precision);
/* Whether some course of outcomes ends with these bits. */
bool dense_has(const dense *d, uint64_t bits);
/* The same branches in the same order, number for number. */
bool dense_equal(const dense *a, const dense *b);

#endif
