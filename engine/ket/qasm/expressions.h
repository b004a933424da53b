/* Expressions: compiled to reverse Polish notation once, evaluated as often as wanted. */
#ifndef KTQ_QASM_EXPRESSIONS_H
#define KTQ_QASM_EXPRESSIONS_H

#include "ket/qasm/parser.h"

/* Compiles the expression that begins with the current token, up to the first token that cannot
 * continue it. Names in it are parameters of q->scope. */
ketch_status ktq_qasm_read_expression(ktq_qasm *q, ktq_expression *expression);
/* params: values of the definition's parameters. NONFINITE where an operation has no finite result.
 */
ketch_status ktq_qasm_evaluate(ktq_qasm *q, const ktq_expression *expression, const double *params,
                               double *result);

#endif
