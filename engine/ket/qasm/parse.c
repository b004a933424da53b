#define _GNU_SOURCE
#include "ket/qasm/parser.h"
#include "heap.h"
#include "ket/qasm/failures.h"
#include "ket/qasm/statements.h"
#include "ket/qasm/tokens.h"
#include <string.h>

/* Reads the statements of the text and of all that it includes. A source that ends gives way to its
 * opener. */
static ketch_status read_text(ktq_qasm *q)
{
    KT_TRY(ktq_qasm_read_token(q));
    for (;;) {
        if (q->token.kind == KTQ_TOKEN_END && q->source == 0)
            return KETCH_OK;
        if (q->token.kind == KTQ_TOKEN_END) {
            q->source = q->sources.items[q->source].opener;
            KT_TRY(ktq_qasm_read_token(q));
            continue;
        }
        const uint32_t source = q->source;
        KT_TRY(ktq_qasm_read_statement(q));
        q->sources.items[source].has_statements = true;
    }
}

/* Large texts: room for a gate for each statement, so that the list is not copied as it grows. What
 * is not used stays untouched; a list without it grows as others do. */
static void reserve_statements(ktq_qasm *q, const char *text, size_t length)
{
    enum { LARGE = 1 << 20, SHORTEST = 4 /* "x q;" */ };
    size_t statements = 0;
    if (length < LARGE)
        return;
    for (size_t i = 0; i < length; i++)
        statements += text[i] == ';';
    (void)ktq_circuit_reserve(q->circuit, KT_MIN(statements, length / SHORTEST), 0, 0);
}

static ketch_status parse_text(ktq_qasm *q, const char *text, size_t length)
{
    q->circuit = ktq_circuit_make();
    q->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!q->circuit || !q->locale)
        return ktq_qasm_fail_heap(q);
    KTQ_QASM_RESERVE(q, params, 1); /* not NULL, even for gates without any */
    KT_TRY(ktq_qasm_count_text(q, length, (ktq_place){1, 1, 0}));
    KT_TRY(ktq_qasm_open_source(q, text, length, "", 0));
    reserve_statements(q, text, length);
    KT_TRY(read_text(q));
    if (q->circuit->qubit_count == 0)
        return ktq_qasm_fail(q, KETCH_RANGE, q->token.place, "0",
                             kt_format("1..%d", KETCH_QUBITS_MAX).text, "number of qubits");
    return KETCH_OK;
}

static void free_parser(ktq_qasm *q)
{
    void *const lists[] = {q->sources.items, q->scratch_text.items, q->code.items, q->stack.items,
                           q->params.items};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        kt_heap_give(lists[i]);
    KT_CHUNKS_FREE(&q->registers);
    KT_CHUNKS_FREE(&q->definitions);
    ktq_names_free(&q->gate_names);
    ktq_names_free(&q->register_names);
    ktq_names_free(&q->scope);
    if (q->locale)
        freelocale(q->locale);
    ketch_circuit_destroy(q->circuit);
    kt_heap_give(q);
}

ketch_status ketch_circuit_parse(ketch_circuit **circuit, const char *text, size_t length,
                                 const ketch_parse_options *options, ketch_error *error)
{
    ketch_parse_options known;
    if (!circuit)
        return kt_fail_handle(error, __func__, "circuit", "a place for the circuit", circuit);
    *circuit = NULL;
    if (!text && length > 0)
        return kt_fail_handle(error, __func__, "text", "a text", text);
    KT_TRY(kt_read_options(&known, sizeof known, options, __func__, "options", error));
    ktq_qasm *q = kt_heap_take(sizeof *q);
    if (!q)
        return kt_fail_heap(error, __func__);
    q->error = error;
    q->options = known;
    if (known.limit == 0)
        q->options.limit = KTQ_QASM_LIMIT;
    if (known.text_limit == 0)
        q->options.text_limit = KTQ_QASM_TEXT_LIMIT;
    const ketch_status status = parse_text(q, text ? text : "", length);
    if (status == KETCH_OK) {
        *circuit = q->circuit;
        q->circuit = NULL;
    }
    free_parser(q);
    return status;
}
