/* Measurement: the choice of an outcome, and the collapse of the state onto it. */
#ifndef KTQ_STATE_COLLAPSE_H
#define KTQ_STATE_COLLAPSE_H

#include "ketch/circuits.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct ktq_outcome {
    int32_t value;
    double scale; /* of the amplitudes that are kept: 1 / sqrt(their weight) */
} ktq_outcome;

/* The outcome of a qubit whose values 0 and 1 have these weights, not both zero, for a number
 * uniform in [0, 1): 0 iff uniform * (weight0 + weight1) < weight0, but never a value of weight
 * zero. */
ktq_outcome ktq_outcome_choose(double weight0, double weight1, double uniform);

/* Keeps the amplitudes whose bit `qubit` equals outcome, times scale, and zeroes the others, in
 * place. resets: those kept move to where the bit is 0. */
typedef struct ktq_collapse {
    void *amplitudes;
    int32_t qubits;
    ketch_precision precision;
    int32_t qubit, outcome;
    bool resets;
    double scale;
} ktq_collapse;

ketch_status ktq_collapse_body(uint64_t index, int32_t worker, void *collapse);
/* The number of indices of its sweep. */
uint64_t ktq_collapse_count(int32_t qubits);

/* Keeps the amplitudes with (index & mask) == value, times scale, and zeroes the others, in place.
 * Its sweep is over the chunks. */
typedef struct ktq_project {
    void *amplitudes;
    int32_t qubits;
    ketch_precision precision;
    uint64_t mask, value;
    double scale;
} ktq_project;

ketch_status ktq_project_body(uint64_t chunk, int32_t worker, void *project);

#endif
