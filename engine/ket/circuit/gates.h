/* The gate table: names, shapes, matrices. Adding a gate takes its word in ketch.h and its row
 * here. */
#ifndef KTQ_CIRCUIT_GATES_H
#define KTQ_CIRCUIT_GATES_H

#include "ketch/circuits.h"
#include <complex.h>
#include <stdbool.h>

/* A gate is `controls` controls (its first qubits) on a base of `qubits - controls` targets.
 * matrix writes the base's 2^k x 2^k matrix, row-major, target 0 the lowest bit of row and column.
 */
typedef struct ktq_gate_spec {
    const char *name;
    int8_t qubits;   /* -1: any */
    int8_t controls; /* of those, the first */
    int8_t params;
    bool diagonal; /* the base is diagonal */
    void (*matrix)(double complex *matrix, const double *params);
} ktq_gate_spec;

/* NULL for a number that is no gate. matrix is NULL for unitary, diagonal, measure, reset, barrier,
 * fence. */
const ktq_gate_spec *ktq_gate_spec_of(int32_t gate);
/* The table's gate with a matrix whose name is nearest to a wrong one, NULL where none is near. */
const char *ktq_gate_nearest(const char *name, size_t length);
/* As ketch_gate_find for a name that need not end in 0. */
int32_t ktq_gate_lookup(const char *name, size_t length);

#endif
