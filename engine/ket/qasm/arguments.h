/* Registers, and the qubits and bits that statements name. */
#ifndef KTQ_QASM_ARGUMENTS_H
#define KTQ_QASM_ARGUMENTS_H

#include "ket/qasm/parser.h"

/* Reads the declaration of a register; the current token is its `qreg` or `creg`. */
ketch_status ktq_qasm_read_register(ktq_qasm *q);
/* Finds the register of that kind that the current token names, and reads past it. */
ketch_status ktq_qasm_find_register(ktq_qasm *q, const ktq_qasm_register **found,
                                    bool is_classical);

/* Reads a register or one qubit or bit of it. */
ketch_status ktq_qasm_read_argument(ktq_qasm *q, ktq_argument *argument, bool is_classical);
/* Reads what follows an argument of a list: ',' before another one, or the ';' that ends it. */
ketch_status ktq_qasm_end_argument(ktq_qasm *q, bool *has_more);
/* Reads quantum arguments into q->arguments, and the ';' behind them. argument_count is that of all;
 * those that are kept are more than any gate takes. */
ketch_status ktq_qasm_read_arguments(ktq_qasm *q);
/* How often a statement with q->arguments happens: once for each qubit of its whole registers.
 * SHAPE where they differ in size. */
ketch_status ktq_qasm_find_repeats(ktq_qasm *q, int32_t *repeats);
/* Writes the qubits of repeat number `repeat`. DUPLICATE where two are the same. */
ketch_status ktq_qasm_write_qubits(ktq_qasm *q, uint8_t *qubits, int32_t repeat);

#endif
