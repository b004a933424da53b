/* Lowering, between lower.c and lower_parametric.c. */
#ifndef KTQ_COMPILE_LOWERING_H
#define KTQ_COMPILE_LOWERING_H

#include "ket/compile/program.h"
#include <complex.h>

enum { KTQ_LOWER_MATRIX = 1 << (2 * KETCH_UNITARY_QUBITS_MAX), KTQ_WIRES = 64 };

/* A gate with its qubits resolved to positions: targets, and controls as masks. */
typedef struct ktq_placed {
    int32_t count;
    uint8_t targets[KTQ_OP_QUBITS_MAX];
    uint64_t control, value;
} ktq_placed;

/* A phase that waits; next: number of another, from 1. */
typedef struct ktq_waiting {
    ktq_phase phase;
    size_t next;
} ktq_waiting;

/* pending[w]: product of the one-qubit gates on position w that are not in the list yet;
 * waiting[w]: phases of parameters on its 1, after that product. `has` marks positions with either.
 * What is pending commutes with everything added since. moved[w], fixed[w]: number, from 1, of the
 * last operation that moves w or is diagonal on it. global, and waiting[KTQ_WIRES]: a factor of the
 * whole state that is not in the list yet. */
typedef struct ktq_lowering {
    ktq_op_list *list;
    ktq_book *book; /* NULL where there are no parameters */
    uint8_t *wire;
    bool plain;
    uint64_t has;
    double complex pending[KTQ_WIRES][4];
    size_t moved[KTQ_WIRES], fixed[KTQ_WIRES];
    size_t waiting[KTQ_WIRES + 1];
    ktq_waiting *phases;
    size_t phase_count, phase_capacity;
    double complex global;
    double complex matrix[KTQ_LOWER_MATRIX]; /* of the gate at hand */
} ktq_lowering;

/* ---- lower.c; false where memory is refused ---- */

uint64_t ktq_placed_targets(const ktq_placed *g);
void ktq_placed_control(ktq_placed *g, int position, bool value);
/* The gate's qubits on positions: `controls` controls of its own, its targets, further controls. */
void ktq_lower_place(ktq_placed *g, const ketch_circuit *circuit, const ktq_gate *gate,
                     int controls, const uint8_t *wire);
/* Adds an operation with so many complex numbers of data. */
bool ktq_lower_op(ktq_lowering *l, ktq_op_kind kind, const ktq_placed *g,
                  const double complex *data, size_t data_count);
/* A one-qubit gate on what is pending. */
bool ktq_lower_merge(ktq_lowering *l, int wire, const double complex g[4]);
/* Nothing is pending on these positions any more. */
bool ktq_lower_flush(ktq_lowering *l, uint64_t mask);
/* Nothing is pending on them but diagonals, which commute with what is diagonal there. */
bool ktq_lower_settle(ktq_lowering *l, uint64_t mask);

/* ---- lower_parametric.c ---- */

/* A gate whose angles depend on parameters. */
bool ktq_lower_parametric(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate);
/* The phases that wait on a wire's 1 wait on its 0: all of the state gets them, its 1 the inverse.
 */
bool ktq_lower_reverse_waiting(ktq_lowering *l, int wire);
/* An operation of one factor: base times the phases that wait on the wire, which wait no more. */
bool ktq_lower_take_waiting(ktq_lowering *l, int wire, ktq_op_kind kind, const ktq_placed *g,
                            double complex base);

#endif
