/* Expressions: compiled to reverse Polish notation once, evaluated as often as wanted. */
#ifndef KTQ_QASM_EXPRESSIONS_H
#define KTQ_QASM_EXPRESSIONS_H

#include "ket/qasm/parser.h"

/* Appends to the parser's code the expression that begins with the current token, up to the first
 * token that cannot continue it. Names in it are parameters of q->scope. */
ketch_status ktq_qasm_read_expression(ktq_qasm *q);
/* Evaluates the expression at *code, and moves that behind it. source: where it was read. params:
 * values of the definition's parameters. NONFINITE where an operation has no finite result. */
ketch_status ktq_qasm_evaluate(ktq_qasm *q, const uint8_t **code, uint32_t source,
                               const double *params, double *result);

#endif
