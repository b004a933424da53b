/* The gate table: names, shapes, matrices. To add a gate, add its constant to ketch/circuits.h and
 * its row to the table in gates.c. */
#ifndef KTQ_CIRCUIT_GATES_H
#define KTQ_CIRCUIT_GATES_H

#include "ketch/circuits.h"
#include <complex.h>
#include <stdbool.h>

/* A gate is a base on qubits - controls targets, controlled by its first `controls` qubits. matrix
 * writes the base's matrix of 2^targets rows, row-major, target 0 the lowest bit of row and column;
 * it is NULL for what has no fixed shape (unitary, diagonal, permutation, multiplexer,
 * pauli_rotation) or is no gate (measure, reset, barrier, fence). */
typedef struct ktq_gate_spec {
    const char *name;
    int8_t qubits; /* its own, the first of them controls; -1: any number */
    int8_t controls;
    int8_t params;
    bool is_diagonal; /* the base */
    void (*matrix)(double complex *matrix, const double *params);
} ktq_gate_spec;

/* The table's row; NULL for a number that is no gate. */
const ktq_gate_spec *ktq_gate_spec_of(int32_t gate);
/* The name of the gate of fixed shape, with qubits, that is nearest to a wrong name; NULL where none is near. */
const char *ktq_gate_nearest(const char *name, size_t length);
/* As ketch_gate_find for a name that need not end in 0. */
int32_t ktq_gate_lookup(const char *name, size_t length);

#endif
