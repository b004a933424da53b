/* Part of the stage lower: gates whose angles depend on parameters. */
#ifndef KTQ_COMPILE_LOWER_PARAMETRIC_H
#define KTQ_COMPILE_LOWER_PARAMETRIC_H

#include "ket/compile/lowering.h"

/* Lowers a parametric gate to operations with rules. Which operations depends on the kind of gate
 * alone. False where memory is refused. */
bool ktq_lower_parametric(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate);
/* Appends an operation of one factor, a phase. */
bool ktq_lower_factor(ktq_lowering *l, ktq_op_kind kind, const ktq_placed *on, ktq_phase phase);

#endif
