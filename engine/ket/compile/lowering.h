/* Lowering, between lower.c and lower_parametric.c. */
#ifndef KTQ_COMPILE_LOWERING_H
#define KTQ_COMPILE_LOWERING_H

#include "ket/compile/program.h"
#include <complex.h>

enum { KT_LOWER_MATRIX = 1 << (2 * KETCH_UNITARY_QUBITS_MAX), KT_WIRES = 64 };

/* A gate with its qubits resolved to positions: targets, and controls as masks. */
typedef struct kt_placed {
    int32_t count;
    uint8_t targets[KT_OP_QUBITS];
    uint64_t control, value;
} kt_placed;

/* A phase that waits; next: number of another, from 1. */
typedef struct kt_waiting {
    kt_phase phase;
    size_t next;
} kt_waiting;

/* pending[w]: product of the one-qubit gates on position w that are not in the list yet;
 * waiting[w]: phases of parameters on its 1, after that product. `has` marks positions with either.
 * What is pending commutes with everything added since. moved[w], fixed[w]: number, from 1, of the
 * last operation that moves w or is diagonal on it. global, and waiting[KT_WIRES]: a factor of the
 * whole state that is not in the list yet. */
typedef struct kt_lowering {
    kt_op_list *list;
    kt_book *book; /* NULL where there are no parameters */
    uint8_t *wire;
    bool plain;
    uint64_t has;
    double complex pending[KT_WIRES][4];
    size_t moved[KT_WIRES], fixed[KT_WIRES];
    size_t waiting[KT_WIRES + 1];
    kt_waiting *phases;
    size_t phase_count, phase_capacity;
    double complex global;
    double complex matrix[KT_LOWER_MATRIX]; /* of the gate at hand */
} kt_lowering;

/* ---- lower.c; false where memory is refused ---- */

uint64_t kt_placed_targets(const kt_placed *g);
void kt_placed_control(kt_placed *g, int position, bool value);
/* The gate's qubits on positions: `controls` controls of its own, its targets, further controls. */
void kt_lower_place(kt_placed *g, const ketch_circuit *circuit, const kt_gate *gate, int controls,
                    const uint8_t *wire);
/* Adds an operation with so many complex numbers of data. */
bool kt_lower_op(kt_lowering *l, kt_op_kind kind, const kt_placed *g, const double complex *data,
                 size_t data_count);
/* A one-qubit gate on what is pending. */
bool kt_lower_merge(kt_lowering *l, int wire, const double complex g[4]);
/* Nothing is pending on these positions any more. */
bool kt_lower_flush(kt_lowering *l, uint64_t mask);
/* Nothing is pending on them but diagonals, which commute with what is diagonal there. */
bool kt_lower_settle(kt_lowering *l, uint64_t mask);

/* ---- lower_parametric.c ---- */

/* A gate whose angles depend on parameters. */
bool kt_lower_parametric(kt_lowering *l, const ketch_circuit *circuit, const kt_gate *gate);
/* The phases that wait on a wire's 1 wait on its 0: all of the state gets them, its 1 the inverse.
 */
bool kt_lower_reverse_waiting(kt_lowering *l, int wire);
/* An operation of one factor: base times the phases that wait on the wire, which wait no more. */
bool kt_lower_take_waiting(kt_lowering *l, int wire, kt_op_kind kind, const kt_placed *g,
                           double complex base);

#endif
