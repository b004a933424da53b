#define _GNU_SOURCE
#include "ket/qasm/statements.h"
#include "ket/qasm/arguments.h"
#include "ket/qasm/calls.h"
#include "ket/qasm/definitions.h"
#include "ket/qasm/expressions.h"
#include "ket/qasm/failures.h"
#include "ket/qasm/tokens.h"
#include <string.h>

/* ---- operations ---- */

/* Reads the values of a call's parameters; the current token is its '('. count: of all; no more
 * than `most` are kept. */
static ketch_status read_params(ktq_qasm *q, size_t most, size_t *count)
{
    KTQ_QASM_RESERVE(q, params, most);
    KT_TRY(ktq_qasm_read_token(q));
    while (q->token.kind != ')' || *count > 0) {
        const size_t first = q->code.count;
        double value;
        KT_TRY(ktq_qasm_read_expression(q));
        const uint8_t *code = q->code.items + first;
        KT_TRY(ktq_qasm_evaluate(q, &code, q->source, NULL, &value));
        q->code.count = first;
        if (++*count <= most)
            q->params.items[q->params.count++] = value;
        if (q->token.kind != ',')
            break;
        KT_TRY(ktq_qasm_read_token(q));
    }
    return ktq_qasm_expect(q, ')', "',' or ')'");
}

static ketch_status read_call(ktq_qasm *q)
{
    ktq_callee callee;
    uint8_t qubits[KETCH_QUBITS_MAX];
    int32_t repeats;
    const ktq_token name = q->token;
    size_t param_count = 0;
    KT_TRY(ktq_qasm_find_callee(q, &callee));
    KT_TRY(ktq_qasm_read_token(q));
    q->params.count = 0;
    if (q->token.kind == '(')
        KT_TRY(read_params(q, ktq_qasm_param_count(q, callee), &param_count));
    KT_TRY(ktq_qasm_read_arguments(q));
    const size_t qubit_count = q->argument_count;
    KT_TRY(ktq_qasm_check_arity(q, callee, &name, param_count, qubit_count));
    KT_TRY(ktq_qasm_find_repeats(q, &repeats));
    KT_TRY(ktq_qasm_count_operations(q, callee, (uint64_t)repeats, name.place));
    for (int32_t i = 0; i < repeats; i++) {
        KT_TRY(ktq_qasm_write_qubits(q, qubits, i));
        KT_TRY(ktq_qasm_expand_call(q, callee, qubits, qubit_count, param_count));
    }
    return KETCH_OK;
}

/* Counts an operation that is no call of a gate, `times` times. */
static ketch_status count_operations(ktq_qasm *q, ketch_gate gate, int32_t times, ktq_place place)
{
    const ktq_callee callee = {.number = (int32_t)gate};
    return ktq_qasm_count_operations(q, callee, (uint64_t)times, place);
}

static ketch_status append(ktq_qasm *q, const ktq_gate *gate, const uint8_t *qubits)
{
    return ktq_circuit_append(q->circuit, gate, qubits, NULL) ? KETCH_OK : ktq_qasm_fail_heap(q);
}

static ketch_status check_measure(ktq_qasm *q, const ktq_argument *from, const ktq_argument *to)
{
    if (from->is_whole == to->is_whole && from->size == to->size)
        return KETCH_OK;
    return ktq_qasm_fail(q, KETCH_SHAPE, to->place, kt_format("%d", to->size).text,
                         kt_format("%d", from->size).text,
                         "measure goes from one qubit to one bit, or between registers of one "
                         "size: number of bits");
}

static ketch_status read_measure(ktq_qasm *q)
{
    ktq_argument from, to;
    const ktq_place place = q->token.place;
    KT_TRY(ktq_qasm_read_token(q));
    KT_TRY(ktq_qasm_read_argument(q, &from, false));
    KT_TRY(ktq_qasm_expect(q, KTQ_TOKEN_ARROW, "'->'"));
    KT_TRY(ktq_qasm_read_argument(q, &to, true));
    KT_TRY(ktq_qasm_expect(q, ';', "';'"));
    KT_TRY(check_measure(q, &from, &to));
    KT_TRY(count_operations(q, KETCH_GATE_MEASURE, from.size, place));
    for (int32_t i = 0; i < from.size; i++) {
        const uint8_t qubit = (uint8_t)(from.first + i);
        const ktq_gate gate = {
            .gate = KETCH_GATE_MEASURE, .own_count = 1, .bit = (uint32_t)(to.first + i)};
        KT_TRY(append(q, &gate, &qubit));
    }
    return KETCH_OK;
}

static ketch_status read_reset(ktq_qasm *q)
{
    ktq_argument of;
    const ktq_place place = q->token.place;
    KT_TRY(ktq_qasm_read_token(q));
    KT_TRY(ktq_qasm_read_argument(q, &of, false));
    KT_TRY(ktq_qasm_expect(q, ';', "';'"));
    KT_TRY(count_operations(q, KETCH_GATE_RESET, of.size, place));
    for (int32_t i = 0; i < of.size; i++) {
        const uint8_t qubit = (uint8_t)(of.first + i);
        const ktq_gate gate = {.gate = KETCH_GATE_RESET, .own_count = 1};
        KT_TRY(append(q, &gate, &qubit));
    }
    return KETCH_OK;
}

/* A barrier may name a qubit more than once. One that names all registers, and nothing else, is one
 * for all qubits. */
static ketch_status read_barrier(ktq_qasm *q)
{
    uint8_t qubits[KETCH_QUBITS_MAX];
    ktq_gate gate = {.gate = KETCH_GATE_BARRIER};
    uint64_t seen = 0;
    bool is_whole = true;
    const ktq_place place = q->token.place;
    KT_TRY(ktq_qasm_read_token(q));
    for (bool has_more = true; has_more;) {
        ktq_argument of;
        KT_TRY(ktq_qasm_read_argument(q, &of, false));
        is_whole &= of.is_whole;
        for (int32_t qubit = of.first; qubit < of.first + of.size; qubit++) {
            if (seen >> qubit & 1)
                continue;
            seen |= UINT64_C(1) << qubit;
            qubits[gate.own_count++] = (uint8_t)qubit;
        }
        KT_TRY(ktq_qasm_end_argument(q, &has_more));
    }
    KT_TRY(count_operations(q, KETCH_GATE_BARRIER, 1, place));
    if (is_whole && gate.own_count == q->circuit->qubit_count)
        gate.own_count = 0;
    return append(q, &gate, qubits);
}

/* What may follow an `if`. */
static ketch_status read_operation(ktq_qasm *q)
{
    if (q->token.word == KTQ_WORD_MEASURE)
        return read_measure(q);
    if (q->token.word == KTQ_WORD_RESET)
        return read_reset(q);
    if (!ktq_qasm_names_gate(&q->token))
        return ktq_qasm_fail_token(q, "a gate, 'measure' or 'reset'", NULL);
    return read_call(q);
}

/* A value that the register cannot hold is allowed; the condition is then never true. */
static ketch_status read_if(ktq_qasm *q)
{
    const ktq_qasm_register *of;
    uint64_t value;
    KT_TRY(ktq_qasm_read_token(q));
    KT_TRY(ktq_qasm_expect(q, '(', "'('"));
    const ktq_place place = q->token.place;
    KT_TRY(ktq_qasm_find_register(q, &of, true));
    if (of->size > 64)
        return ktq_qasm_fail(q, KETCH_RANGE, place, kt_format("%d", of->size).text, "1..64",
                             "bits of a register that 'if' compares");
    KT_TRY(ktq_qasm_expect(q, KTQ_TOKEN_EQUAL, "'=='"));
    KT_TRY(ktq_qasm_expect_integer(q, &value));
    KT_TRY(ktq_qasm_expect(q, ')', "')'"));
    const ktq_condition condition = {(uint32_t)of->first, (uint32_t)of->size, value};
    if (!ktq_circuit_put_condition(q->circuit, &condition))
        return ktq_qasm_fail_heap(q);
    KT_TRY(read_operation(q));
    ktq_circuit_put_condition(q->circuit, NULL);
    return KETCH_OK;
}

/* ---- header and includes ---- */

/* The header may be missing, as in Qiskit. Where it is there, it comes first and says 2.0. */
static ketch_status read_header(ktq_qasm *q)
{
    if (q->sources.items[q->source].has_statements)
        return ktq_qasm_fail_token(q, "a statement", "'OPENQASM' comes first in a text");
    KT_TRY(ktq_qasm_read_token(q));
    const ktq_token *version = &q->token;
    const bool is_known = (version->length == 3 && memcmp(version->text, "2.0", 3) == 0) ||
                          (version->length == 1 && *version->text == '2');
    if (!is_known)
        return ktq_qasm_fail_token(q, "'2.0'", "OpenQASM 2.0 is what is supported");
    KT_TRY(ktq_qasm_read_token(q));
    return ktq_qasm_expect(q, ';', "';'");
}

static ketch_status check_include(ktq_qasm *q, const ktq_token *name)
{
    if (!q->options.resolve)
        return ktq_qasm_fail(q, KETCH_OFF, name->place,
                             ktq_qasm_quote(name->text, name->length).text, "\"qelib1.inc\"",
                             "other includes need a resolver");
    if (q->sources.items[q->source].depth >= KTQ_QASM_NESTING)
        return ktq_qasm_fail(q, KETCH_DEPTH, name->place,
                             kt_format("%d", KTQ_QASM_NESTING + 1).text,
                             kt_format("%d", KTQ_QASM_NESTING).text, "includes in includes");
    if (q->sources.count > KTQ_QASM_INCLUDES)
        return ktq_qasm_fail(q, KETCH_LIMIT, name->place,
                             kt_format("%d", KTQ_QASM_INCLUDES + 1).text,
                             kt_format("%d", KTQ_QASM_INCLUDES).text, "number of includes");
    return KETCH_OK;
}

/* The caller's resolver takes a name that ends with a 0. */
static ketch_status open_include(ktq_qasm *q, const ktq_token *name)
{
    size_t length = 0;
    KT_TRY(check_include(q, name));
    KTQ_QASM_RESERVE(q, scratch_text, name->length + 1);
    char *const copy = q->scratch_text.items;
    memcpy(copy, name->text, name->length);
    copy[name->length] = 0;
    const char *text = q->options.resolve(copy, &length, q->options.user);
    if (!text)
        return ktq_qasm_fail(q, KETCH_OFF, name->place,
                             ktq_qasm_quote(name->text, name->length).text, NULL,
                             "the resolver has no such include");
    KT_TRY(ktq_qasm_count_text(q, length, name->place));
    return ktq_qasm_open_source(q, text, length, name->text, name->length);
}

static ketch_status read_include(ktq_qasm *q)
{
    static const char built_in[] = "qelib1.inc";
    KT_TRY(ktq_qasm_read_token(q));
    const ktq_token name = q->token;
    if (name.kind != KTQ_TOKEN_STRING)
        return ktq_qasm_fail_token(q, "the name of a file in quotes", NULL);
    KT_TRY(ktq_qasm_read_token(q));
    if (q->token.kind != ';')
        return ktq_qasm_fail_token(q, "';'", NULL);
    if (name.length == sizeof built_in - 1 && memcmp(name.text, built_in, name.length) == 0)
        KT_TRY(ktq_qasm_include_gates(q));
    else
        KT_TRY(open_include(q, &name));
    return ktq_qasm_read_token(q);
}

/* ---- statements ---- */

static const struct {
    ktq_word word;
    ketch_status (*read)(ktq_qasm *q);
} statement_readers[] = {
    {KTQ_WORD_QREG, ktq_qasm_read_register},
    {KTQ_WORD_CREG, ktq_qasm_read_register},
    {KTQ_WORD_GATE, ktq_qasm_read_definition},
    {KTQ_WORD_OPAQUE, ktq_qasm_read_definition},
    {KTQ_WORD_BARRIER, read_barrier},
    {KTQ_WORD_IF, read_if},
    {KTQ_WORD_INCLUDE, read_include},
    {KTQ_WORD_OPENQASM, read_header},
    {KTQ_WORD_MEASURE, read_measure},
    {KTQ_WORD_RESET, read_reset},
    {KTQ_WORD_U, read_call},
    {KTQ_WORD_CX, read_call},
};

ketch_status ktq_qasm_read_statement(ktq_qasm *q)
{
    const ktq_token *token = &q->token;
    if (token->kind == ';')
        return ktq_qasm_read_token(q);
    if (token->kind == KTQ_TOKEN_NAME && token->word == KTQ_WORD_NONE)
        return read_call(q);
    for (size_t i = 0; token->word && i < sizeof statement_readers / sizeof statement_readers[0];
         i++)
        if (statement_readers[i].word == token->word)
            return statement_readers[i].read(q);
    return ktq_qasm_fail_token(q, "a statement", NULL);
}
