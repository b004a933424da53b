/* Statements of the language. */
#ifndef KTQ_QASM_STATEMENTS_H
#define KTQ_QASM_STATEMENTS_H

#include "ket/qasm/parser.h"

/* Reads the statement that begins with the current token. An include makes its text the current
 * source. */
ketch_status ktq_qasm_read_statement(ktq_qasm *q);

#endif
