/* The state of lowering: the part of the gates read so far that is not in operations yet.
 *
 * One-qubit gates are multiplied into a pending matrix for each position. A pending matrix becomes
 * operations when an operation comes that does not commute with it. Phases that depend on
 * parameters are deferred beside it. A factor of the whole state is gathered to the end.
 *
 * All functions that return bool return false where memory is refused. */
#ifndef KTQ_COMPILE_LOWERING_H
#define KTQ_COMPILE_LOWERING_H

#include "ket/circuit/circuit.h"
#include "ket/compile/rules.h"
#include "ket/kernels/op.h"
#include "list.h"
#include "numbers.h"
#include <complex.h>

_Static_assert((int)KTQ_DENSE_QUBITS_MAX == (int)KETCH_UNITARY_QUBITS_MAX,
               "the widest matrix is one operation");

enum {
    KTQ_LOWER_MATRIX = 1 << (2 * 4), /* the largest matrix of the gate table */
    KTQ_POSITIONS = 64,
    KTQ_WHOLE_STATE = KTQ_POSITIONS /* in deferred_phases: a factor of the whole state */
};

/* A gate with its qubits replaced by positions: its targets in order, its controls as masks.
 * Invariant: value is part of control, and no target is a control. */
typedef struct ktq_placed {
    int32_t count;
    uint8_t targets[KTQ_OP_QUBITS_MAX];
    uint64_t control, value;
} ktq_placed;

/* A phase of a linked list. next: index of the one deferred before it, or KT_NONE. */
typedef struct ktq_deferred_phase {
    ktq_phase phase;
    size_t next;
} ktq_deferred_phase;

/* Invariants:
 *  - pending[w] is the product of the one-qubit gates on position w that are in no operation yet,
 *    valid where bit w of has_pending is set. It commutes with every operation added since.
 *  - deferred_phases[w] heads the list of the phases, after that product, of the amplitudes with 1
 *    at position w. Where there are any, pending[w] is diagonal and bit w of has_pending is set.
 *  - moved_until[w] and fixed_until[w] are the operation list's count after the last operation that
 *    moves position w, or that is diagonal on it, was added; 0: there is none.
 *  - global, and the phases of KTQ_WHOLE_STATE, are a factor of the whole state. */
typedef struct ktq_lowering {
    ktq_op_list *list;
    ktq_rules *rules;  /* NULL where no gate is parametric */
    uint8_t *position; /* of each qubit; swaps change it */
    bool is_plain;     /* nothing is merged and swaps become operations */
    uint64_t has_pending;
    double complex pending[KTQ_POSITIONS][4];
    size_t moved_until[KTQ_POSITIONS], fixed_until[KTQ_POSITIONS];
    size_t deferred_phases[KTQ_POSITIONS + 1]; /* KT_NONE: there are none */
    KT_LIST(ktq_deferred_phase) phases;
    double complex global;
    uint16_t table[1 << KETCH_PERMUTATION_QUBITS_MAX]; /* of a permutation being lowered */
    double complex factors[1 << KTQ_OP_QUBITS_MAX];    /* of a diagonal being lowered */
    double complex matrix[KTQ_LOWER_MATRIX]; /* of a gate of fixed shape that is being lowered */
} ktq_lowering;

/* Work memory, which every lowering may use again; NULL where memory is refused. */
ktq_lowering *ktq_lowering_take(kt_region *region);
/* Begins lowering to the list. Only what has to be set is written, as *l is large. */
void ktq_lowering_begin(ktq_lowering *l, ktq_op_list *list, ktq_rules *rules, uint8_t *position,
                        bool is_plain);

/* ---- placing ---- */

uint64_t ktq_placed_targets(const ktq_placed *g);
void ktq_placed_control(ktq_placed *g, int position, bool value);
/* Adds the gate's further controls, those beyond its own qubits. */
void ktq_placed_further_controls(ktq_placed *g, const ketch_circuit *circuit, const ktq_gate *gate,
                                 const uint8_t *position);
/* Puts the gate on positions; the first `controls` of its own qubits are controls. */
void ktq_placed_gate(ktq_placed *g, const ketch_circuit *circuit, const ktq_gate *gate,
                     int controls, const uint8_t *position);

/* ---- adding operations ---- */

/* Appends an operation with data_count complex numbers. */
bool ktq_lowering_add(ktq_lowering *l, ktq_op_kind kind, const ktq_placed *g,
                      const double complex *data, size_t data_count);
/* Appends an operation whose data_count complex numbers the last rule added computes. */
bool ktq_lowering_add_parametric(ktq_lowering *l, ktq_op_kind kind, const ktq_placed *g,
                                 size_t data_count);
/* Appends a diagonal with one factor for each value of the targets. */
bool ktq_lowering_add_diagonal(ktq_lowering *l, const ktq_placed *g, const double complex *factors);
/* Appends a gate with one target as what its matrix is: a diagonal, a bit flip, or dense. */
bool ktq_lowering_add_single(ktq_lowering *l, const ktq_placed *g, const double complex m[4]);
/* Multiplies the amplitudes that the controls let through, those of the whole state where there are
 * none, by a factor: it is pending where that can be. */
bool ktq_lowering_add_scalar(ktq_lowering *l, uint64_t control, uint64_t value,
                             double complex factor);
/* Appends what is left at the end: everything pending, and the factor of the whole state. */
bool ktq_lowering_finish(ktq_lowering *l);

/* ---- pending matrices ---- */

static inline bool ktq_is_diagonal2(const double complex m[4])
{
    return m[1] == 0 && m[2] == 0;
}

static inline bool ktq_is_flip2(const double complex m[4])
{
    return m[0] == 0 && m[3] == 0 && m[1] == 1 && m[2] == 1;
}

/* Multiplies a one-qubit gate into what is pending on the position. */
bool ktq_lowering_merge(ktq_lowering *l, int position, const double complex g[4]);
/* Makes operations of all that is pending on these positions. */
bool ktq_lowering_flush(ktq_lowering *l, uint64_t mask);
/* Makes operations of what is pending on these positions, but for diagonals, which commute with
 * operations that are diagonal there. */
bool ktq_lowering_flush_to_diagonal(ktq_lowering *l, uint64_t mask);
/* Takes a pending diagonal away: its factor of 0 becomes a factor of the whole state, and the
 * factor of 1 divided by it is returned. */
double complex ktq_lowering_take_ratio(ktq_lowering *l, int position);

/* ---- deferred phases ---- */

/* Defers a phase of the amplitudes with 1 at the position, or of KTQ_WHOLE_STATE. */
bool ktq_lowering_defer(ktq_lowering *l, int position, ktq_phase phase);
/* Replaces the phases deferred on a position's 1 by phases of the whole state and their inverses on
 * the position's 1: the same as the phases on its 0. */
bool ktq_lowering_reverse_deferred(ktq_lowering *l, int position);
/* Appends an operation of one factor: base times the phases deferred on the position, which are
 * deferred no more. */
bool ktq_lowering_add_deferred(ktq_lowering *l, int position, ktq_op_kind kind, const ktq_placed *g,
                               double complex base);

#endif
