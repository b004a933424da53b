#define _GNU_SOURCE
#include "ket/qasm/calls.h"
#include "ket/circuit/gates.h"
#include "ket/qasm/code.h"
#include "ket/qasm/expressions.h"
#include "ket/qasm/failures.h"
#include <assert.h>
#include <string.h>

/* ---- names ---- */

/* Whether OpenQASM 2 can call the gate: it has none without qubits. */
static bool is_callable(const ktq_gate_spec *spec)
{
    return spec->matrix && spec->qubits > 0;
}

ketch_status ktq_qasm_include_gates(ktq_qasm *q)
{
    for (int32_t gate = 0; gate < KETCH_GATES; gate++) {
        const ktq_gate_spec *spec = ktq_gate_spec_of(gate);
        const size_t length = strlen(spec->name);
        if (!is_callable(spec) || ktq_names_find(&q->gate_names, spec->name, length))
            continue; /* a definition before the include stays in force */
        if (!ktq_names_put(&q->gate_names, spec->name, length, KTQ_NAME_GATE, gate))
            return ktq_qasm_fail_heap(q);
    }
    return KETCH_OK;
}

bool ktq_qasm_names_gate(const ktq_token *token)
{
    return token->kind == KTQ_TOKEN_NAME &&
           (token->word == KTQ_WORD_NONE || token->word == KTQ_WORD_U ||
            token->word == KTQ_WORD_CX);
}

/* The include that would define the name, or a name that may have been meant; empty where there is
 * neither. */
static kt_text unknown_gate_hint(const ktq_qasm *q, const char *name, size_t length)
{
    const int32_t gate = ktq_gate_lookup(name, length);
    if (gate >= 0 && is_callable(ktq_gate_spec_of(gate)))
        return kt_format("include \"qelib1.inc\" defines it");
    const kt_text hint = ktq_qasm_hint(&q->gate_names, name, length);
    const char *nearest = hint.text[0] ? NULL : ktq_gate_nearest(name, length);
    return nearest ? kt_format("did you mean '%s'?", nearest) : hint;
}

static ketch_status fail_unknown_gate(ktq_qasm *q, const ktq_token *name)
{
    const kt_text given = ktq_qasm_quote(name->text, name->length);
    const kt_text hint = unknown_gate_hint(q, name->text, name->length);
    return ktq_qasm_fail_sentence(q, KETCH_GATE, name->place, given.text,
                                  "gates defined before their use", "unknown gate %s%s%s",
                                  given.text, hint.text[0] ? "; " : "", hint.text);
}

static const ktq_definition *definition_of(const ktq_qasm *q, ktq_callee callee)
{
    assert(callee.is_defined && (size_t)callee.number < q->definitions.count);
    return KT_CHUNKS_AT(&q->definitions, callee.number);
}

static ketch_status check_callable(ktq_qasm *q, ktq_callee callee, const ktq_token *name)
{
    if (!callee.is_defined || !definition_of(q, callee)->is_opaque)
        return KETCH_OK;
    return ktq_qasm_fail(q, KETCH_GATE, name->place, ktq_qasm_quote(name->text, name->length).text,
                         "gates with a definition", "opaque gate, which nothing says how to run");
}

ketch_status ktq_qasm_find_callee(ktq_qasm *q, ktq_callee *callee)
{
    const ktq_token *token = &q->token;
    *callee = (ktq_callee){.number = token->word == KTQ_WORD_U ? KETCH_GATE_U : KETCH_GATE_CX};
    if (token->word == KTQ_WORD_U || token->word == KTQ_WORD_CX)
        return KETCH_OK;
    const ktq_name *name = ktq_names_find(&q->gate_names, token->text, token->length);
    if (!name)
        return fail_unknown_gate(q, token);
    *callee = (ktq_callee){name->kind == KTQ_NAME_DEFINITION, name->number};
    return check_callable(q, *callee, token);
}

/* A gate of the circuit's table has its own name, 'u' for 'U'. */
static ketch_status fail_wrong_arity(ktq_qasm *q, ktq_callee callee, const ktq_token *name,
                                     const char *what, size_t given, int32_t allowed)
{
    const char *const own = callee.is_defined ? NULL : ktq_gate_spec_of(callee.number)->name;
    const kt_text shown =
        own ? ktq_qasm_quote(own, strlen(own)) : ktq_qasm_quote(name->text, name->length);
    return ktq_qasm_fail(q, KETCH_ARITY, name->place, kt_format("%zu", given).text,
                         kt_format("%d", allowed).text, "gate %s, number of %s", shown.text, what);
}

size_t ktq_qasm_param_count(const ktq_qasm *q, ktq_callee callee)
{
    return (size_t)(callee.is_defined ? definition_of(q, callee)->param_count
                                      : ktq_gate_spec_of(callee.number)->params);
}

ketch_status ktq_qasm_check_arity(ktq_qasm *q, ktq_callee callee, const ktq_token *name,
                                  size_t params, size_t qubits)
{
    const size_t param_count = ktq_qasm_param_count(q, callee);
    const int32_t qubit_count = callee.is_defined ? definition_of(q, callee)->qubit_count
                                                  : ktq_gate_spec_of(callee.number)->qubits;
    if (params != param_count)
        return fail_wrong_arity(q, callee, name, "parameters", params, (int32_t)param_count);
    if (qubits != (size_t)qubit_count)
        return fail_wrong_arity(q, callee, name, "qubits", qubits, qubit_count);
    return KETCH_OK;
}

/* ---- cost ---- */

uint64_t ktq_qasm_call_cost(const ktq_qasm *q, ktq_callee callee)
{
    return callee.is_defined ? definition_of(q, callee)->cost : 1;
}

ketch_status ktq_qasm_count_operations(ktq_qasm *q, ktq_callee callee, uint64_t times,
                                       ktq_place place)
{
    const uint64_t limit = q->options.limit;
    uint64_t more, sum;
    const bool overflows = __builtin_mul_overflow(ktq_qasm_call_cost(q, callee), times, &more) ||
                           __builtin_add_overflow(q->operations, more, &sum) || more == UINT64_MAX;
    if (!overflows && sum <= limit) {
        q->operations = sum;
        return KETCH_OK;
    }
    const unsigned long long before = q->operations;
    const kt_text given = overflows
                              ? kt_format("%llu and over 10^19 more", before)
                              : kt_format("%llu and %llu more", before, (unsigned long long)more);
    return ktq_qasm_fail(q, KETCH_LIMIT, place, given.text,
                         kt_format("%llu", (unsigned long long)limit).text,
                         "number of operations so far");
}

/* ---- expansion ---- */

static ketch_status add_gate(ktq_qasm *q, int32_t number, const uint8_t *qubits, size_t qubit_count,
                             const double *params, size_t param_count)
{
    const ktq_gate gate = {.gate = (uint16_t)number,
                           .own_count = (uint8_t)qubit_count,
                           .param_count = (uint16_t)param_count};
    return ktq_circuit_append(q->circuit, &gate, qubits, params) ? KETCH_OK : ktq_qasm_fail_heap(q);
}

static void push_frame(ktq_qasm *q, int32_t definition, const uint8_t *qubits, size_t qubit_count,
                       size_t first_param)
{
    assert(q->frame_count <= KTQ_QASM_NESTING);
    ktq_call_frame *frame = &q->frames[q->frame_count++];
    frame->definition = definition;
    frame->next = KT_CHUNKS_AT(&q->definitions, definition)->body;
    frame->first_param = first_param;
    memcpy(frame->qubits, qubits, qubit_count);
}

/* The values of a call's parameters, behind those of all frames. They stay uncounted. */
static ketch_status evaluate_params(ktq_qasm *q, const ktq_call_frame *frame, const uint8_t **at,
                                    size_t *count)
{
    const uint32_t source = KT_CHUNKS_AT(&q->definitions, frame->definition)->source;
    const size_t first = q->params.count;
    for (*count = 0; **at != KTQ_CODE_END; ++*count) {
        KTQ_QASM_RESERVE(q, params, *count + 1);
        double *const params = q->params.items;
        KT_TRY(
            ktq_qasm_evaluate(q, at, source, params + frame->first_param, &params[first + *count]));
    }
    ++*at;
    return KETCH_OK;
}

/* A gate of the table leaves its parameters uncounted; a definition keeps them until its frame
 * ends. */
static ketch_status expand_body_call(ktq_qasm *q, ktq_call_frame *frame)
{
    uint8_t qubits[KETCH_QUBITS_MAX];
    size_t param_count, qubit_count = 0;
    const size_t first = q->params.count;
    const uint8_t *at = q->code.items + frame->next;
    const ktq_callee callee = ktq_code_take_callee(&at);
    KT_TRY(evaluate_params(q, frame, &at, &param_count));
    while (*at != KTQ_CODE_END)
        qubits[qubit_count++] = frame->qubits[*at++];
    frame->next = (size_t)(at + 1 - q->code.items);
    if (!callee.is_defined)
        return add_gate(q, callee.number, qubits, qubit_count, q->params.items + first,
                        param_count);
    q->params.count = first + param_count;
    push_frame(q, callee.number, qubits, qubit_count, first);
    return KETCH_OK;
}

/* Calls in bodies push further frames, so that nesting costs no stack. */
static ketch_status expand_frames(ktq_qasm *q)
{
    while (q->frame_count > 0) {
        ktq_call_frame *const frame = &q->frames[q->frame_count - 1];
        if (q->code.items[frame->next] != 0) {
            KT_TRY(expand_body_call(q, frame));
            continue;
        }
        q->params.count = frame->first_param;
        q->frame_count--;
    }
    return KETCH_OK;
}

ketch_status ktq_qasm_expand_call(ktq_qasm *q, ktq_callee callee, const uint8_t *qubits,
                                  size_t qubit_count, size_t param_count)
{
    const size_t first = q->params.count - param_count;
    if (!callee.is_defined)
        return add_gate(q, callee.number, qubits, qubit_count, q->params.items + first,
                        param_count);
    push_frame(q, callee.number, qubits, qubit_count, first);
    KT_TRY(expand_frames(q));
    q->params.count = first + param_count;
    return KETCH_OK;
}
