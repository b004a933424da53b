#define _GNU_SOURCE
#include "ket/qasm/definitions.h"
#include "ket/qasm/calls.h"
#include "ket/qasm/code.h"
#include "ket/qasm/expressions.h"
#include "ket/qasm/failures.h"
#include "ket/qasm/tokens.h"

/* ---- parameters and qubits ---- */

/* Reads names separated by commas into the scope, numbered from 0. */
static ketch_status read_names(ktq_qasm *q, int32_t *count, ktq_name_kind kind,
                               const char *expected)
{
    for (*count = 0;;) {
        ktq_token token;
        KT_TRY(ktq_qasm_expect_name(q, &token, expected));
        if (ktq_names_find(&q->scope, token.text, token.length))
            return ktq_qasm_fail(q, KETCH_DUPLICATE, token.place,
                                 ktq_qasm_quote(token.text, token.length).text, "different names",
                                 "two parameters or qubits of a gate with one name");
        if (!ktq_names_put(&q->scope, token.text, token.length, kind, (*count)++))
            return ktq_qasm_fail_heap(q);
        if (q->token.kind != ',')
            return KETCH_OK;
        KT_TRY(ktq_qasm_read_token(q));
    }
}

static ketch_status read_parameters(ktq_qasm *q, int32_t *count)
{
    *count = 0;
    if (q->token.kind != '(')
        return KETCH_OK;
    KT_TRY(ktq_qasm_read_token(q));
    if (q->token.kind != ')')
        KT_TRY(read_names(q, count, KTQ_NAME_PARAMETER, "the name of a parameter"));
    return ktq_qasm_expect(q, ')', "',' or ')'");
}

static ketch_status read_qubits(ktq_qasm *q, ktq_definition *definition, const ktq_token *gate)
{
    int32_t count;
    KT_TRY(read_names(q, &count, KTQ_NAME_QUBIT, "the name of a qubit"));
    if (count > KETCH_QUBITS_MAX)
        return ktq_qasm_fail(q, KETCH_RANGE, gate->place, kt_format("%d", count).text,
                             kt_format("1..%d", KETCH_QUBITS_MAX).text, "gate %s, number of qubits",
                             ktq_qasm_quote(gate->text, gate->length).text);
    definition->qubit_count = (uint8_t)count;
    return KETCH_OK;
}

/* ---- calls in the body ---- */

/* Reads a qubit of a call. seen: the call's qubits before it. ignores_repeats: a qubit that comes
 * again is left out instead of refused. */
static ketch_status read_body_qubit(ktq_qasm *q, uint64_t *seen, bool ignores_repeats)
{
    ktq_token token;
    KT_TRY(ktq_qasm_expect_name(q, &token, "a qubit of the gate"));
    const ktq_name *name = ktq_names_find(&q->scope, token.text, token.length);
    if (!name || name->kind != KTQ_NAME_QUBIT)
        return ktq_qasm_fail_syntax(q, token.place, ktq_qasm_quote(token.text, token.length).text,
                                    "a qubit of the gate",
                                    ktq_qasm_hint(&q->scope, token.text, token.length).text);
    const uint64_t bit = kt_bit((uint64_t)name->number);
    if (*seen & bit && ignores_repeats)
        return KETCH_OK;
    if (*seen & bit)
        return ktq_qasm_fail(q, KETCH_DUPLICATE, token.place,
                             ktq_qasm_quote(token.text, token.length).text, "different qubits",
                             "the same qubit twice in one gate");
    *seen |= bit;
    return ktq_code_put_byte(q, (uint8_t)name->number);
}

/* Reads the qubits of a call and the ';' behind them. */
static ketch_status read_body_qubits(ktq_qasm *q, size_t *count, bool ignores_repeats)
{
    uint64_t seen = 0;
    for (;;) {
        KT_TRY(read_body_qubit(q, &seen, ignores_repeats));
        if (q->token.kind != ',')
            break;
        KT_TRY(ktq_qasm_read_token(q));
    }
    *count = (size_t)kt_bit_count(seen);
    KT_TRY(ktq_code_put_byte(q, KTQ_CODE_END));
    return ktq_qasm_expect(q, ';', "',' or ';'");
}

/* Reads the parameters of a call, in parentheses where there are any. */
static ketch_status read_body_params(ktq_qasm *q, size_t *count)
{
    *count = 0;
    if (q->token.kind != '(')
        return ktq_code_put_byte(q, KTQ_CODE_END);
    KT_TRY(ktq_qasm_read_token(q));
    while (q->token.kind != ')' || *count > 0) {
        KT_TRY(ktq_qasm_read_expression(q));
        ++*count;
        if (q->token.kind != ',')
            break;
        KT_TRY(ktq_qasm_read_token(q));
    }
    KT_TRY(ktq_code_put_byte(q, KTQ_CODE_END));
    return ktq_qasm_expect(q, ')', "',' or ')'");
}

static ketch_status read_body_barrier(ktq_qasm *q, ktq_callee *callee)
{
    size_t qubits;
    *callee = (ktq_callee){.number = KETCH_GATE_BARRIER};
    KT_TRY(ktq_code_put_callee(q, *callee));
    KT_TRY(ktq_code_put_byte(q, KTQ_CODE_END));
    KT_TRY(ktq_qasm_read_token(q));
    return read_body_qubits(q, &qubits, true);
}

static ketch_status read_body_call(ktq_qasm *q, ktq_callee *callee)
{
    const ktq_token name = q->token;
    size_t params, qubits;
    KT_TRY(ktq_qasm_find_callee(q, callee));
    KT_TRY(ktq_code_put_callee(q, *callee));
    KT_TRY(ktq_qasm_read_token(q));
    KT_TRY(read_body_params(q, &params));
    KT_TRY(read_body_qubits(q, &qubits, false));
    return ktq_qasm_check_arity(q, *callee, &name, params, qubits);
}

static ketch_status check_depth(ktq_qasm *q, int depth, const ktq_token *gate)
{
    if (depth <= KTQ_QASM_NESTING)
        return KETCH_OK;
    return ktq_qasm_fail(q, KETCH_DEPTH, gate->place, kt_format("%d", depth).text,
                         kt_format("%d", KTQ_QASM_NESTING).text, "gates that call gates, at %s",
                         ktq_qasm_quote(gate->text, gate->length).text);
}

/* Counts a call of the body of `gate`. */
static ketch_status add_body_call(ktq_qasm *q, ktq_definition *definition, const ktq_token *gate,
                                  ktq_callee callee)
{
    const int inner = callee.is_defined ? KT_CHUNKS_AT(&q->definitions, callee.number)->depth : 0;
    const uint64_t cost = ktq_qasm_call_cost(q, callee);
    if (__builtin_add_overflow(definition->cost, cost, &definition->cost))
        definition->cost = UINT64_MAX;
    KT_TRY(check_depth(q, inner + 1, gate));
    definition->depth = (uint16_t)KT_MAX(definition->depth, inner + 1);
    return KETCH_OK;
}

static ketch_status read_body(ktq_qasm *q, ktq_definition *definition, const ktq_token *gate)
{
    const ktq_place open = q->token.place;
    KT_TRY(ktq_qasm_expect(q, '{', "'{'"));
    while (q->token.kind != '}') {
        ktq_callee callee;
        if (q->token.kind == KTQ_TOKEN_END)
            return ktq_qasm_fail_syntax(q, open, "a block that never ends", "'}'", NULL);
        if (q->token.word == KTQ_WORD_BARRIER)
            KT_TRY(read_body_barrier(q, &callee));
        else if (ktq_qasm_names_gate(&q->token))
            KT_TRY(read_body_call(q, &callee));
        else
            return ktq_qasm_fail_token(q, "a gate, 'barrier' or '}'", NULL);
        KT_TRY(add_body_call(q, definition, gate, callee));
    }
    KT_TRY(ktq_code_put_byte(q, 0));
    return ktq_qasm_read_token(q);
}

/* ---- the definition ---- */

/* A definition may replace a gate of qelib1.inc, but no other definition. */
static ketch_status check_new_gate(ktq_qasm *q, const ktq_token *name)
{
    const ktq_name *known = ktq_names_find(&q->gate_names, name->text, name->length);
    if (!known || known->kind != KTQ_NAME_DEFINITION)
        return KETCH_OK;
    const uint32_t source = KT_CHUNKS_AT(&q->definitions, known->number)->source;
    const ktq_place first = ktq_qasm_place_at(q, source, known->text);
    return ktq_qasm_fail(q, KETCH_DUPLICATE, name->place,
                         ktq_qasm_quote(name->text, name->length).text, "a new name",
                         "gate defined twice, first at %d:%d", first.line, first.column);
}

static ketch_status add_definition(ktq_qasm *q, const ktq_definition *definition,
                                   const ktq_token *name)
{
    if (!KT_CHUNKS_RESERVE(&q->definitions))
        return ktq_qasm_fail_heap(q);
    const size_t number = q->definitions.count++;
    ktq_definition *const added = KT_CHUNKS_AT(&q->definitions, number);
    *added = *definition;
    added->cost = KT_MAX(definition->cost, 1);
    return ktq_names_put(&q->gate_names, name->text, name->length, KTQ_NAME_DEFINITION,
                         (int32_t)number)
               ? KETCH_OK
               : ktq_qasm_fail_heap(q);
}

ketch_status ktq_qasm_read_definition(ktq_qasm *q)
{
    ktq_token name;
    const bool is_opaque = q->token.word == KTQ_WORD_OPAQUE;
    KT_TRY(ktq_qasm_read_token(q));
    KT_TRY(ktq_qasm_expect_name(q, &name, "the name of a gate"));
    KT_TRY(check_new_gate(q, &name));
    ktq_definition definition = {
        .body = q->code.count, .source = name.place.source, .is_opaque = is_opaque};
    ktq_names_clear(&q->scope);
    KT_TRY(read_parameters(q, &definition.param_count));
    KT_TRY(read_qubits(q, &definition, &name));
    if (is_opaque)
        KT_TRY(ktq_qasm_expect(q, ';', "',' or ';'"));
    else
        KT_TRY(read_body(q, &definition, &name));
    ktq_names_clear(&q->scope);
    return add_definition(q, &definition, &name);
}
