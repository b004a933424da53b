/* Bytes to tokens: names, numbers, strings, signs. */
#ifndef KTQ_QASM_TOKENS_H
#define KTQ_QASM_TOKENS_H

#include "ket/qasm/parser.h"

/* Counts the bytes of a text that is going to be opened; LIMIT where there are too many. place: what
 * opens it. */
ketch_status ktq_qasm_count_text(ktq_qasm *q, size_t length, ktq_place place);
/* Checks that the text is UTF-8 without NUL bytes, and makes it the source being read. */
ketch_status ktq_qasm_open_source(ktq_qasm *q, const char *text, size_t length, const char *name,
                                  size_t name_length);
/* The place of a byte of a source. Cost: linear in what is before it. */
ktq_place ktq_qasm_place_at(const ktq_qasm *q, uint32_t source, const char *at);
/* Reads the next token of the current source into q->token. */
ketch_status ktq_qasm_read_token(ktq_qasm *q);

/* Each of these reads past a token of that kind and fails with SYNTAX where it is another.
 * expected: what the message calls it. */
ketch_status ktq_qasm_expect(ktq_qasm *q, int kind, const char *expected);
/* A name that the text may choose: not one that the language reserves. */
ketch_status ktq_qasm_expect_name(ktq_qasm *q, ktq_token *name, const char *expected);
/* LITERAL where it has more than 64 bits. */
ketch_status ktq_qasm_expect_integer(ktq_qasm *q, uint64_t *value);

/* The value of an integer or real token. LITERAL where it is too large. */
ketch_status ktq_qasm_parse_number(ktq_qasm *q, const ktq_token *token, double *value);

#endif
