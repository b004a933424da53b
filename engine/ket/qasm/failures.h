/* Texts of failures: each fills the caller's error and returns the status. */
#ifndef KTQ_QASM_FAILURES_H
#define KTQ_QASM_FAILURES_H

#include "ket/qasm/parser.h"
#include "status.h"

/* As kt_fail_at; the text says which included source the place is in. */
ketch_status ktq_qasm_fail(ktq_qasm *q, ketch_status status, ktq_place place, const char *given,
                           const char *allowed, const char *reason, ...)
    __attribute__((format(printf, 6, 7)));
/* The same with a whole sentence as message: given and allowed are not appended to it. */
ketch_status ktq_qasm_fail_sentence(ktq_qasm *q, ketch_status status, ktq_place place,
                                    const char *given, const char *allowed, const char *sentence,
                                    ...) __attribute__((format(printf, 6, 7)));
/* SYNTAX: "found X, expected Y" and, where hint is neither NULL nor empty, "; hint". */
ketch_status ktq_qasm_fail_syntax(ktq_qasm *q, ktq_place place, const char *found,
                                  const char *expected, const char *hint);
/* The same where the current token was found. */
ketch_status ktq_qasm_fail_token(ktq_qasm *q, const char *expected, const char *hint);
/* MEMORY. */
ketch_status ktq_qasm_fail_heap(ktq_qasm *q);

/* Makes room for more items in one of the parser's lists; returns MEMORY from the calling function
 * where it is refused. */
#define KTQ_QASM_RESERVE(q, list, more)                                                            \
    do {                                                                                           \
        if (!KT_LIST_RESERVE(&(q)->list, (more)))                                                  \
            return ktq_qasm_fail_heap(q);                                                          \
    } while (0)

/* A piece of the text in quotes, cut short, with '?' for bytes that are not printable ASCII. */
kt_text ktq_qasm_quote(const char *text, size_t length);
/* "did you mean 'x'?", or an empty text where no name is near. */
kt_text ktq_qasm_hint(const ktq_names *names, const char *text, size_t length);

#endif
