#define _GNU_SOURCE
#include "ket/qasm/parser.h"
#include "ket/circuit/gates.h"
#include "status.h"
#include <assert.h>
#include <string.h>

/* ---- what is known ---- */

ketch_status ktq_qasm_include_gates(ktq_qasm *q)
{
    for (int32_t gate = 0; gate < KETCH_GATES; gate++) {
        const ktq_gate_spec *spec = ktq_gate_spec_of(gate);
        const size_t length = strlen(spec->name);
        if (!spec->matrix || ktq_names_find(&q->gate_names, spec->name, length))
            continue; /* a definition made before the include stands */
        if (!ktq_names_put(&q->gate_names, spec->name, length, gate))
            return ktq_qasm_fail_heap(q);
    }
    return KETCH_OK;
}

static ktq_callee native_callee(int32_t gate)
{
    const ktq_gate_spec *spec = ktq_gate_spec_of(gate);
    return (ktq_callee){gate, spec->qubits, spec->params, spec->name, strlen(spec->name)};
}

/* What would make it known, or a name that may have been meant; empty where neither is. */
static kt_text unknown_gate_hint(const ktq_qasm *q, const char *name, size_t length)
{
    const int32_t gate = ktq_gate_lookup(name, length);
    if (gate >= 0 && ktq_gate_spec_of(gate)->matrix)
        return kt_format("include \"qelib1.inc\" defines it");
    const kt_text hint = ktq_names_hint(&q->gate_names, name, length);
    const char *known = hint.text[0] ? NULL : ktq_gate_nearest(name, length);
    return known ? kt_format("did you mean '%s'?", known) : hint;
}

static ketch_status fail_unknown_gate(ktq_qasm *q, const ktq_token *name)
{
    const kt_text given = ktq_quote_text(name->text, name->length);
    const kt_text hint = unknown_gate_hint(q, name->text, name->length);
    return ktq_qasm_fail_words(q, KETCH_GATE, name->place, given.text,
                               "gates defined before their use", "unknown gate %s%s%s", given.text,
                               hint.text[0] ? "; " : "", hint.text);
}

static ketch_status fail_opaque(ktq_qasm *q, const ktq_definition *definition, ktq_place place)
{
    return ktq_qasm_fail(q, KETCH_GATE, place,
                         ktq_quote_text(definition->name, definition->length).text,
                         "gates with a definition", "opaque gate, which nothing says how to run");
}

ketch_status ktq_qasm_callee(ktq_qasm *q, ktq_callee *callee)
{
    const ktq_token *name = &q->token;
    if (name->word == KTQ_WORD_U || name->word == KTQ_WORD_CX) {
        *callee = native_callee(name->word == KTQ_WORD_U ? KETCH_GATE_U : KETCH_GATE_CX);
        return KETCH_OK;
    }
    const ktq_name *found = ktq_names_find(&q->gate_names, name->text, name->length);
    if (!found)
        return fail_unknown_gate(q, name);
    if (found->number >= 0) {
        *callee = native_callee(found->number);
        return KETCH_OK;
    }
    const ktq_definition *definition = &q->definitions[-1 - found->number];
    if (definition->opaque)
        return fail_opaque(q, definition, name->place);
    *callee = (ktq_callee){found->number, definition->qubits, definition->params, definition->name,
                           definition->length};
    return KETCH_OK;
}

ketch_status ktq_qasm_check_arity(ktq_qasm *q, const ktq_callee *callee, ktq_place place,
                                  size_t params, size_t qubits)
{
    const bool wrong_params = params != (size_t)callee->params;
    if (!wrong_params && qubits == (size_t)callee->qubits)
        return KETCH_OK;
    return ktq_qasm_fail(q, KETCH_ARITY, place,
                         kt_format("%zu", wrong_params ? params : qubits).text,
                         kt_format("%d", wrong_params ? callee->params : callee->qubits).text,
                         "gate %s, number of %s", ktq_quote_text(callee->name, callee->length).text,
                         wrong_params ? "parameters" : "qubits");
}

/* ---- definitions ---- */

static uint64_t cost_of(const ktq_qasm *q, int32_t number)
{
    return number >= 0 ? 1 : q->definitions[-1 - number].cost;
}

static int32_t depth_of(const ktq_qasm *q, int32_t number)
{
    return number >= 0 ? 0 : q->definitions[-1 - number].depth;
}

/* Names separated by commas go to the scope as i -> base + i * step. */
static ketch_status read_formals(ktq_qasm *q, int32_t *count, int32_t base, int32_t step,
                                 const char *expected)
{
    for (*count = 0;; ++*count) {
        ktq_token name;
        KT_TRY(ktq_qasm_expect_name(q, &name, expected));
        if (ktq_names_find(&q->scope, name.text, name.length))
            return ktq_qasm_fail(q, KETCH_DUPLICATE, name.place,
                                 ktq_quote_text(name.text, name.length).text, "different names",
                                 "two parameters or qubits of a gate with one name");
        if (!ktq_names_put(&q->scope, name.text, name.length, base + *count * step))
            return ktq_qasm_fail_heap(q);
        if (q->token.kind != ',')
            break;
        KT_TRY(ktq_qasm_next(q));
    }
    ++*count;
    return KETCH_OK;
}

static ketch_status read_formal_params(ktq_qasm *q, int32_t *count)
{
    *count = 0;
    if (q->token.kind != '(')
        return KETCH_OK;
    KT_TRY(ktq_qasm_next(q));
    if (q->token.kind != ')')
        KT_TRY(read_formals(q, count, 0, 1, "the name of a parameter"));
    return ktq_qasm_expect(q, ')', "',' or ')'");
}

static ketch_status read_formal_qubits(ktq_qasm *q, ktq_definition *definition)
{
    KT_TRY(read_formals(q, &definition->qubits, -1, -1, "the name of a qubit"));
    if (definition->qubits > KETCH_QUBITS_MAX)
        return ktq_qasm_fail(q, KETCH_RANGE, definition->place,
                             kt_format("%d", definition->qubits).text,
                             kt_format("1..%d", KETCH_QUBITS_MAX).text, "gate %s, number of qubits",
                             ktq_quote_text(definition->name, definition->length).text);
    return KETCH_OK;
}

/* One qubit of a call in a body; *seen has those before it. */
static ketch_status read_body_qubit(ktq_qasm *q, uint64_t *seen, bool repeat)
{
    ktq_token name;
    KT_TRY(ktq_qasm_expect_name(q, &name, "a qubit of the gate"));
    const ktq_name *formal = ktq_names_find(&q->scope, name.text, name.length);
    if (!formal || formal->number >= 0)
        return ktq_qasm_fail_syntax(q, name.place, ktq_quote_text(name.text, name.length).text,
                                    "a qubit of the gate",
                                    ktq_names_hint(&q->scope, name.text, name.length).text);
    const uint64_t bit = UINT64_C(1) << (-1 - formal->number);
    if (*seen & bit && repeat)
        return KETCH_OK;
    if (*seen & bit)
        return ktq_qasm_fail(q, KETCH_DUPLICATE, name.place,
                             ktq_quote_text(name.text, name.length).text, "different qubits",
                             "the same qubit twice in one gate");
    *seen |= bit;
    KTQ_QASM_ROOM(q, formals, formal_list, 1);
    q->formals[q->formal_list.count++] = (uint8_t)(-1 - formal->number);
    return KETCH_OK;
}

/* The qubits of a call, up to its ';'. repeat: one that comes again is left out. */
static ketch_status read_body_qubits(ktq_qasm *q, ktq_body_call *call, bool repeat)
{
    uint64_t seen = 0;
    call->qubits = q->formal_list.count;
    for (;;) {
        KT_TRY(read_body_qubit(q, &seen, repeat));
        if (q->token.kind != ',')
            break;
        KT_TRY(ktq_qasm_next(q));
    }
    call->qubit_count = (uint32_t)(q->formal_list.count - call->qubits);
    return ktq_qasm_expect(q, ';', "',' or ';'");
}

static ketch_status read_body_params(ktq_qasm *q, ktq_body_call *call)
{
    call->exprs = q->expr_list.count;
    if (q->token.kind != '(')
        return KETCH_OK;
    KT_TRY(ktq_qasm_next(q));
    while (q->token.kind != ')' || q->expr_list.count > call->exprs) {
        ktq_expr expr;
        KT_TRY(ktq_qasm_compile(q, &expr));
        KTQ_QASM_ROOM(q, exprs, expr_list, 1);
        q->exprs[q->expr_list.count++] = expr;
        if (q->token.kind != ',')
            break;
        KT_TRY(ktq_qasm_next(q));
    }
    call->expr_count = (uint32_t)(q->expr_list.count - call->exprs);
    return ktq_qasm_expect(q, ')', "',' or ')'");
}

static ketch_status read_body_call(ktq_qasm *q, ktq_body_call *call)
{
    ktq_callee callee;
    const ktq_place place = q->token.place;
    KT_TRY(ktq_qasm_callee(q, &callee));
    call->number = callee.number;
    KT_TRY(ktq_qasm_next(q));
    KT_TRY(read_body_params(q, call));
    KT_TRY(read_body_qubits(q, call, false));
    return ktq_qasm_check_arity(q, &callee, place, call->expr_count, call->qubit_count);
}

static ketch_status check_depth(ktq_qasm *q, const ktq_definition *definition)
{
    if (definition->depth <= KTQ_QASM_NESTING)
        return KETCH_OK;
    return ktq_qasm_fail(q, KETCH_DEPTH, definition->place, kt_format("%d", definition->depth).text,
                         kt_format("%d", KTQ_QASM_NESTING).text, "gates that call gates, at %s",
                         ktq_quote_text(definition->name, definition->length).text);
}

static ketch_status add_body_call(ktq_qasm *q, ktq_definition *definition,
                                  const ktq_body_call *call)
{
    KTQ_QASM_ROOM(q, calls, call_list, 1);
    q->calls[q->call_list.count++] = *call;
    definition->call_count++;
    if (__builtin_add_overflow(definition->cost, cost_of(q, call->number), &definition->cost))
        definition->cost = UINT64_MAX;
    const int32_t depth = depth_of(q, call->number) + 1;
    if (depth > definition->depth)
        definition->depth = depth;
    return check_depth(q, definition);
}

static bool begins_call(const ktq_token *token)
{
    return token->kind == KTQ_TOKEN_NAME &&
           (token->word == KTQ_WORD_NONE || token->word == KTQ_WORD_U ||
            token->word == KTQ_WORD_CX);
}

static ketch_status read_body(ktq_qasm *q, ktq_definition *definition)
{
    const ktq_place open = q->token.place;
    KT_TRY(ktq_qasm_expect(q, '{', "'{'"));
    while (q->token.kind != '}') {
        ktq_body_call call = {.number = KETCH_GATE_BARRIER};
        if (q->token.kind == KTQ_TOKEN_END)
            return ktq_qasm_fail_syntax(q, open, "a block that never ends", "'}'", NULL);
        if (q->token.word == KTQ_WORD_BARRIER) {
            KT_TRY(ktq_qasm_next(q));
            KT_TRY(read_body_qubits(q, &call, true));
        } else if (begins_call(&q->token)) {
            KT_TRY(read_body_call(q, &call));
        } else {
            return ktq_qasm_fail_token(q, "a gate, 'barrier' or '}'", NULL);
        }
        KT_TRY(add_body_call(q, definition, &call));
    }
    return ktq_qasm_next(q);
}

static ketch_status check_new_gate(ktq_qasm *q, const ktq_token *name)
{
    const ktq_name *known = ktq_names_find(&q->gate_names, name->text, name->length);
    if (!known || known->number >= 0)
        return KETCH_OK; /* a definition of one's own may take the place of a gate of qelib1.inc */
    const ktq_place first = q->definitions[-1 - known->number].place;
    return ktq_qasm_fail(q, KETCH_DUPLICATE, name->place,
                         ktq_quote_text(name->text, name->length).text, "a new name",
                         "gate defined twice, first at %d:%d", first.line, first.column);
}

static ketch_status add_definition(ktq_qasm *q, ktq_definition *definition)
{
    if (definition->cost == 0)
        definition->cost = 1;
    KTQ_QASM_ROOM(q, definitions, definition_list, 1);
    const size_t number = q->definition_list.count++;
    q->definitions[number] = *definition;
    if (!ktq_names_put(&q->gate_names, definition->name, definition->length, -1 - (int32_t)number))
        return ktq_qasm_fail_heap(q);
    return KETCH_OK;
}

ketch_status ktq_qasm_define(ktq_qasm *q)
{
    ktq_token name;
    const bool opaque = q->token.word == KTQ_WORD_OPAQUE;
    KT_TRY(ktq_qasm_next(q));
    KT_TRY(ktq_qasm_expect_name(q, &name, "the name of a gate"));
    KT_TRY(check_new_gate(q, &name));
    ktq_definition definition = {.name = name.text,
                                 .length = name.length,
                                 .place = name.place,
                                 .calls = q->call_list.count,
                                 .opaque = opaque};
    ktq_names_clear(&q->scope);
    KT_TRY(read_formal_params(q, &definition.params));
    KT_TRY(read_formal_qubits(q, &definition));
    if (opaque)
        KT_TRY(ktq_qasm_expect(q, ';', "',' or ';'"));
    else
        KT_TRY(read_body(q, &definition));
    ktq_names_clear(&q->scope);
    return add_definition(q, &definition);
}

/* ---- expansion ---- */

ketch_status ktq_qasm_charge(ktq_qasm *q, int32_t number, uint64_t times, ktq_place place)
{
    const uint64_t limit = q->options.limit;
    uint64_t more, sum;
    const bool huge = __builtin_mul_overflow(cost_of(q, number), times, &more) ||
                      __builtin_add_overflow(q->operations, more, &sum) || more == UINT64_MAX;
    if (huge || sum > limit)
        return ktq_qasm_fail(
            q, KETCH_LIMIT, place,
            (huge ? kt_format("%llu and over 10^19 more", (unsigned long long)q->operations)
                  : kt_format("%llu and %llu more", (unsigned long long)q->operations,
                              (unsigned long long)more))
                .text,
            kt_format("%llu", (unsigned long long)limit).text, "number of operations so far");
    q->operations = sum;
    return KETCH_OK;
}

static ketch_status add_native(ktq_qasm *q, int32_t number, const uint8_t *qubits,
                               size_t qubit_count, const double *params, size_t param_count)
{
    const ktq_gate gate = {.gate = (uint16_t)number,
                           .own = (uint8_t)qubit_count,
                           .param_count = (uint16_t)param_count};
    return ktq_circuit_append(q->circuit, &gate, qubits, params) ? KETCH_OK : ktq_qasm_fail_heap(q);
}

static void push_frame(ktq_qasm *q, int32_t number, const uint8_t *qubits, size_t qubit_count,
                       size_t params)
{
    assert(q->depth <= KTQ_QASM_NESTING);
    ktq_qasm_frame *frame = &q->frames[q->depth++];
    frame->definition = -1 - number;
    frame->next = 0;
    frame->params = params;
    memcpy(frame->qubits, qubits, qubit_count);
}

/* The values of a call's parameters go behind those of all frames; native gates take them off
 * again, others when their frame ends. */
static ketch_status expand_call(ktq_qasm *q, const ktq_qasm_frame *frame, const ktq_body_call *call)
{
    uint8_t qubits[KETCH_QUBITS_MAX];
    for (size_t i = 0; i < call->qubit_count; i++)
        qubits[i] = frame->qubits[q->formals[call->qubits + i]];
    KTQ_QASM_ROOM(q, params, param_list, call->expr_count);
    const size_t first = q->param_list.count;
    for (size_t i = 0; i < call->expr_count; i++)
        KT_TRY(ktq_qasm_evaluate(q, &q->exprs[call->exprs + i], q->params + frame->params,
                                 &q->params[first + i]));
    if (call->number >= 0)
        return add_native(q, call->number, qubits, call->qubit_count, q->params + first,
                          call->expr_count);
    q->param_list.count = first + call->expr_count;
    push_frame(q, call->number, qubits, call->qubit_count, first);
    return KETCH_OK;
}

static ketch_status expand_definition(ktq_qasm *q, int32_t number, const uint8_t *qubits,
                                      size_t qubit_count, size_t params)
{
    push_frame(q, number, qubits, qubit_count, params);
    while (q->depth > 0) {
        ktq_qasm_frame *frame = &q->frames[q->depth - 1];
        const ktq_definition *definition = &q->definitions[frame->definition];
        if (frame->next < definition->call_count) {
            KT_TRY(expand_call(q, frame, &q->calls[definition->calls + frame->next++]));
        } else {
            q->param_list.count = frame->params;
            q->depth--;
        }
    }
    return KETCH_OK;
}

ketch_status ktq_qasm_apply(ktq_qasm *q, int32_t number, const uint8_t *qubits, size_t qubit_count,
                            size_t param_count)
{
    const size_t first = q->param_list.count - param_count;
    if (number >= 0)
        return add_native(q, number, qubits, qubit_count, q->params + first, param_count);
    KT_TRY(expand_definition(q, number, qubits, qubit_count, first));
    q->param_list.count = first + param_count;
    return KETCH_OK;
}
