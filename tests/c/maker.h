/* Circuits made from a seed in whole numbers and single roundings, so that they are the same to the
 * bit with every compiler: without a reference beside them, and so of any size. */
#ifndef MAKER_H
#define MAKER_H

#include "ketch.h"

/* A text in OpenQASM with each kind of statement. */
extern const char maker_text[];

typedef struct maker {
    int32_t qubits;
    uint64_t random; /* a generator's state */
    ketch_circuit *circuit;
} maker;

/* Further controls of a gate. */
typedef struct maker_controls {
    int32_t count;
    int32_t qubits[3];
    uint8_t values[3];
} maker_controls;

/* A circuit that every size has. */
typedef struct maker_family {
    const char *name;
    void (*add)(maker *m);
} maker_family;

/* The gates that random circuits are drawn from. The number does not grow with the table of gates,
 * so that the circuits, and the results kept of them, stay the same. */
enum { MAKER_GATES = KETCH_GATE_ECR + 1 };
/* The same for the widest of their matrices. */
enum { MAKER_UNITARY_QUBITS = 5 };

enum { MAKER_FAMILIES = 7 };
extern const maker_family maker_families[MAKER_FAMILIES];
/* The family of that name. */
const maker_family *maker_find(const char *name);

/* The caller destroys the circuit. */
maker maker_open(int32_t qubits, int32_t bits, uint64_t seed);

uint64_t maker_draw(maker *m, uint64_t below);
/* From -pi on, below pi. */
double maker_angle(maker *m);
/* count different qubits. */
void maker_choose(maker *m, int32_t *qubits, int32_t count);
/* The same, and after them those of the controls, of either kind. */
maker_controls maker_choose_controls(maker *m, int32_t *qubits, int32_t own, int32_t count);

/* angles may be NULL: random ones. controls may be NULL. */
void maker_gate(maker *m, ketch_gate gate, const int32_t *qubits, const double *angles,
                const maker_controls *controls);
/* A random matrix of any entries, and a random diagonal. */
void maker_unitary(maker *m, int32_t count, const int32_t *qubits, const maker_controls *controls);
void maker_diagonal(maker *m, int32_t count, const int32_t *qubits, const maker_controls *controls);
/* A random permutation, a multiplexer on qubits[0], a rotation about random letters. */
void maker_permutation(maker *m, int32_t count, const int32_t *qubits,
                       const maker_controls *controls);
void maker_multiplexer(maker *m, int32_t count, const int32_t *qubits,
                       const maker_controls *controls);
void maker_pauli_rotation(maker *m, int32_t count, const int32_t *qubits,
                          const maker_controls *controls);
/* u3 on every qubit. */
void maker_layer(maker *m);
/* Gates of any kind, some of them under further controls. */
void maker_random_gates(maker *m, int count);
/* Measures the first count qubits, qubit q into bit q. */
void maker_measure(maker *m, int32_t count);

/* That family's circuit of so many qubits. */
ketch_circuit *maker_family_circuit(const char *family, int32_t qubits);
/* A layer and random gates, with a bit for each qubit. */
maker maker_random(int32_t qubits, int gates, uint64_t seed);

#endif
