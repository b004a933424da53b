#define _GNU_SOURCE
#include "ket/qasm/parser.h"
#include "status.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char parse_function[] = "ketch_circuit_parse";

kt_text ktq_quote_text(const char *text, size_t length)
{
    enum { SHOWN = 48 };
    kt_text quote = {"'"};
    const size_t shown = length > SHOWN ? SHOWN : length;
    size_t used = 1;
    for (size_t i = 0; i < shown; i++)
        quote.text[used++] = text[i] < ' ' || text[i] > '~' ? '?' : text[i];
    snprintf(quote.text + used, sizeof quote.text - used, "%s'", length > SHOWN ? "..." : "");
    return quote;
}

/* ", in the included 'x.inc'" or nothing. */
static kt_text included_where(const ktq_qasm *q, ktq_place place)
{
    if (place.source == 0)
        return kt_format("%s", "");
    const ktq_source *source = &q->sources[place.source];
    return kt_format(", in the included %s",
                     ktq_quote_text(source->name, source->name_length).text);
}

ketch_status ktq_qasm_fail(ktq_qasm *q, ketch_status status, ktq_place place, const char *given,
                           const char *allowed, const char *reason, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, reason);
    vsnprintf(text, sizeof text, reason, arguments);
    va_end(arguments);
    return kt_fail_at(q->error, status, parse_function, place.line, place.column, given, allowed,
                      "%s%s", text, included_where(q, place).text);
}

ketch_status ktq_qasm_fail_words(ktq_qasm *q, ketch_status status, ktq_place place,
                                 const char *given, const char *allowed, const char *sentence, ...)
{
    ketch_error told = {.size = sizeof told};
    char text[256];
    va_list arguments;
    va_start(arguments, sentence);
    vsnprintf(text, sizeof text, sentence, arguments);
    va_end(arguments);
    kt_fail_at(&told, status, parse_function, place.line, place.column, NULL, NULL, "%s%s", text,
               included_where(q, place).text);
    snprintf(told.given, sizeof told.given, "%s", given);
    snprintf(told.allowed, sizeof told.allowed, "%s", allowed);
    if (q->error)
        kt_copy_out(q->error, &told, sizeof told);
    return status;
}

ketch_status ktq_qasm_fail_syntax(ktq_qasm *q, ktq_place place, const char *found,
                                  const char *expected, const char *hint)
{
    const bool hinted = hint && *hint;
    return ktq_qasm_fail_words(q, KETCH_SYNTAX, place, found, expected, "found %s, expected %s%s%s",
                               found, expected, hinted ? "; " : "", hinted ? hint : "");
}

static kt_text token_text(const ktq_token *token)
{
    if (token->kind == KTQ_TOKEN_END)
        return (kt_text){"the end of the text"};
    if (token->kind == KTQ_TOKEN_STRING)
        return (kt_text){"a string"};
    return ktq_quote_text(token->text, token->length);
}

ketch_status ktq_qasm_fail_token(ktq_qasm *q, const char *expected, const char *hint)
{
    return ktq_qasm_fail_syntax(q, q->token.place, token_text(&q->token).text, expected, hint);
}

ketch_status ktq_qasm_fail_heap(ktq_qasm *q)
{
    return kt_fail_heap(q->error, parse_function);
}
