#define _GNU_SOURCE
#include "ket/qasm/failures.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char parse_function[] = "ketch_circuit_parse";

kt_text ktq_qasm_quote(const char *text, size_t length)
{
    enum { LONGEST = 48 };
    kt_text quote = {"'"};
    const size_t shown = length > LONGEST ? LONGEST : length;
    size_t used = 1;
    for (size_t i = 0; i < shown; i++)
        quote.text[used++] = text[i] < ' ' || text[i] > '~' ? '?' : text[i];
    snprintf(quote.text + used, sizeof quote.text - used, "%s'", length > LONGEST ? "..." : "");
    return quote;
}

kt_text ktq_qasm_hint(const ktq_names *names, const char *text, size_t length)
{
    const ktq_name *const nearest = ktq_names_nearest(names, text, length);
    if (!nearest)
        return (kt_text){""};
    return kt_format("did you mean %s?", ktq_qasm_quote(nearest->text, nearest->length).text);
}

/* ", in the included 'x.inc'", or nothing for the caller's text. */
static kt_text included_where(const ktq_qasm *q, ktq_place place)
{
    if (place.source == 0)
        return (kt_text){""};
    const ktq_source *source = &q->sources.items[place.source];
    return kt_format(", in the included %s",
                     ktq_qasm_quote(source->name, source->name_length).text);
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

ketch_status ktq_qasm_fail_sentence(ktq_qasm *q, ketch_status status, ktq_place place,
                                    const char *given, const char *allowed, const char *sentence,
                                    ...)
{
    ketch_error failure = {.size = sizeof failure};
    char text[256];
    va_list arguments;
    va_start(arguments, sentence);
    vsnprintf(text, sizeof text, sentence, arguments);
    va_end(arguments);
    kt_fail_at(&failure, status, parse_function, place.line, place.column, NULL, NULL, "%s%s", text,
               included_where(q, place).text);
    snprintf(failure.given, sizeof failure.given, "%s", given);
    snprintf(failure.allowed, sizeof failure.allowed, "%s", allowed);
    kt_copy_out(q->error, &failure, sizeof failure);
    return status;
}

ketch_status ktq_qasm_fail_syntax(ktq_qasm *q, ktq_place place, const char *found,
                                  const char *expected, const char *hint)
{
    const bool has_hint = hint && *hint;
    return ktq_qasm_fail_sentence(q, KETCH_SYNTAX, place, found, expected,
                                  "found %s, expected %s%s%s", found, expected,
                                  has_hint ? "; " : "", has_hint ? hint : "");
}

static kt_text token_text(const ktq_token *token)
{
    if (token->kind == KTQ_TOKEN_END)
        return (kt_text){"the end of the text"};
    if (token->kind == KTQ_TOKEN_STRING)
        return (kt_text){"a string"};
    return ktq_qasm_quote(token->text, token->length);
}

ketch_status ktq_qasm_fail_token(ktq_qasm *q, const char *expected, const char *hint)
{
    return ktq_qasm_fail_syntax(q, q->token.place, token_text(&q->token).text, expected, hint);
}

ketch_status ktq_qasm_fail_heap(ktq_qasm *q)
{
    return kt_fail_heap(q->error, parse_function);
}
