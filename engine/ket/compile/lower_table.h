/* Part of the stage lower: permutations of basis states that are given as a table. */
#ifndef KTQ_COMPILE_LOWER_TABLE_H
#define KTQ_COMPILE_LOWER_TABLE_H

#include "ket/compile/lowering.h"

/* Lowers a permutation to bit flips under controls, which are exact. False where memory is refused.
 * Cost: 4^k for a table of 2^k entries. */
bool ktq_lower_table(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate);

#endif
