/* Part of the stage lower: multiplexers. */
#ifndef KTQ_COMPILE_LOWER_MULTIPLEXER_H
#define KTQ_COMPILE_LOWER_MULTIPLEXER_H

#include "ket/compile/lowering.h"

/* Lowers a multiplexer to one diagonal where all of its matrices are diagonal, else to one operation
 * for each matrix that is not the identity. False where memory is refused. */
bool ktq_lower_multiplexer(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate);

#endif
