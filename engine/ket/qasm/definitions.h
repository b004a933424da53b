/* Definitions of gates. */
#ifndef KTQ_QASM_DEFINITIONS_H
#define KTQ_QASM_DEFINITIONS_H

#include "ket/qasm/parser.h"

/* Reads a definition; the current token is its `gate` or `opaque`. */
ketch_status ktq_qasm_read_definition(ktq_qasm *q);

#endif
