#define _GNU_SOURCE
#include "ket/qasm/parser.h"
#include "heap.h"
#include "status.h"
#include <assert.h>
#include <string.h>

/* ---- registers ---- */

static const char *kind_of_register(bool classical)
{
    return classical ? "a classical register" : "a quantum register";
}

static ketch_status check_new_register(ktq_qasm *q, const ktq_token *name)
{
    const ktq_name *known = ktq_names_find(&q->register_names, name->text, name->length);
    if (!known)
        return KETCH_OK;
    const ktq_place first = q->registers[known->number].place;
    return ktq_qasm_fail(q, KETCH_DUPLICATE, name->place,
                         ktq_quote_text(name->text, name->length).text, "a new name",
                         "register declared twice, first at %d:%d", first.line, first.column);
}

/* Bits or qubits of the circuit go up by the register's size. */
static ketch_status count_register(ktq_qasm *q, ktq_qasm_register *made, uint64_t size,
                                   ktq_place place)
{
    ketch_circuit *circuit = q->circuit;
    const int32_t most = made->classical ? KETCH_BITS_MAX : KETCH_QUBITS_MAX;
    const int32_t before = made->classical ? circuit->bit_count : circuit->qubit_count;
    if (size < 1 || size > (uint64_t)(most - before))
        return ktq_qasm_fail(q, KETCH_RANGE, place,
                             kt_format("%llu", (unsigned long long)size).text,
                             kt_format("1..%d (%d in all)", most - before, most).text,
                             "number of %s", made->classical ? "classical bits" : "qubits");
    made->first = before;
    made->size = (int32_t)size;
    if (!made->classical)
        circuit->qubit_count += made->size;
    else if (!ktq_circuit_append_register(circuit, made->name, made->length, made->size))
        return ktq_qasm_fail_heap(q);
    return KETCH_OK;
}

static ketch_status read_register(ktq_qasm *q)
{
    ktq_qasm_register made = {.classical = q->token.word == KTQ_WORD_CREG};
    ktq_token name;
    uint64_t size;
    KT_TRY(ktq_qasm_next(q));
    KT_TRY(ktq_qasm_expect_name(q, &name, "the name of a register"));
    KT_TRY(check_new_register(q, &name));
    KT_TRY(ktq_qasm_expect(q, '[', "'['"));
    const ktq_place place = q->token.place;
    KT_TRY(ktq_qasm_expect_integer(q, &size));
    KT_TRY(ktq_qasm_expect(q, ']', "']'"));
    KT_TRY(ktq_qasm_expect(q, ';', "';'"));
    made.name = name.text;
    made.length = name.length;
    made.place = name.place;
    KT_TRY(count_register(q, &made, size, place));
    KTQ_QASM_ROOM(q, registers, register_list, 1);
    const size_t number = q->register_list.count++;
    q->registers[number] = made;
    if (!ktq_names_put(&q->register_names, made.name, made.length, (int32_t)number))
        return ktq_qasm_fail_heap(q);
    return KETCH_OK;
}

/* The register that the current token names, which must be of that kind. */
static ketch_status find_register(ktq_qasm *q, const ktq_qasm_register **found, bool classical)
{
    const ktq_token name = q->token;
    const char *wanted = kind_of_register(classical);
    if (name.kind != KTQ_TOKEN_NAME || name.word != KTQ_WORD_NONE)
        return ktq_qasm_fail_token(q, wanted, NULL);
    const ktq_name *known = ktq_names_find(&q->register_names, name.text, name.length);
    if (!known)
        return ktq_qasm_fail_token(q, wanted,
                                   ktq_names_hint(&q->register_names, name.text, name.length).text);
    *found = &q->registers[known->number];
    if ((*found)->classical != classical)
        return ktq_qasm_fail_token(q, wanted,
                                   kt_format("it is %s", kind_of_register(!classical)).text);
    return ktq_qasm_next(q);
}

/* ---- arguments ---- */

/* [index], the '[' being the current token. */
static ketch_status read_index(ktq_qasm *q, const ktq_qasm_register *of, ktq_argument *argument)
{
    uint64_t index;
    KT_TRY(ktq_qasm_next(q));
    const ktq_place place = q->token.place;
    KT_TRY(ktq_qasm_expect_integer(q, &index));
    if (index >= (uint64_t)of->size)
        return ktq_qasm_fail(q, KETCH_INDEX, place,
                             kt_format("%llu", (unsigned long long)index).text,
                             kt_format("0..%d", of->size - 1).text, "index in register %s",
                             ktq_quote_text(of->name, of->length).text);
    argument->first += (int32_t)index;
    argument->size = 1;
    argument->whole = false;
    return ktq_qasm_expect(q, ']', "']'");
}

static ketch_status read_argument(ktq_qasm *q, ktq_argument *argument, bool classical)
{
    const ktq_qasm_register *of = NULL;
    const ktq_place place = q->token.place;
    KT_TRY(find_register(q, &of, classical));
    *argument = (ktq_argument){of->first, of->size, true, place};
    return q->token.kind == '[' ? read_index(q, of, argument) : KETCH_OK;
}

/* Quantum arguments up to the ';', which is gone past too. */
static ketch_status read_arguments(ktq_qasm *q)
{
    for (q->argument_list.count = 0;;) {
        KTQ_QASM_ROOM(q, arguments, argument_list, 1);
        KT_TRY(read_argument(q, &q->arguments[q->argument_list.count], false));
        q->argument_list.count++;
        if (q->token.kind != ',')
            return ktq_qasm_expect(q, ';', "',' or ';'");
        KT_TRY(ktq_qasm_next(q));
    }
}

/* How often the statement happens: the size of its whole registers, which must be one. */
static ketch_status broadcast_size(ktq_qasm *q, int32_t *size)
{
    const ktq_argument *first = NULL;
    *size = 1;
    for (size_t i = 0; i < q->argument_list.count; i++) {
        const ktq_argument *argument = &q->arguments[i];
        if (!argument->whole)
            continue;
        if (first && argument->size != first->size)
            return ktq_qasm_fail(
                q, KETCH_SHAPE, argument->place, kt_format("%d", argument->size).text,
                kt_format("%d", first->size).text, "registers of different sizes in one statement");
        first = argument;
        *size = argument->size;
    }
    return KETCH_OK;
}

/* "q[2]" */
static kt_text name_qubit(const ktq_qasm *q, int32_t qubit)
{
    size_t i = 0;
    while (q->registers[i].classical || qubit < q->registers[i].first ||
           qubit >= q->registers[i].first + q->registers[i].size)
        i++;
    const int shown = q->registers[i].length < 48 ? (int)q->registers[i].length : 48;
    return kt_format("%.*s[%d]", shown, q->registers[i].name, qubit - q->registers[i].first);
}

static ketch_status fail_same_qubit(ktq_qasm *q, const uint8_t *qubits, size_t second)
{
    size_t first = 0;
    while (qubits[first] != qubits[second])
        first++;
    return ktq_qasm_fail(q, KETCH_DUPLICATE, q->arguments[second].place,
                         name_qubit(q, qubits[second]).text, "different qubits",
                         "the same qubit twice in one gate, as qubits %zu and %zu", first, second);
}

/* The qubits of the copy-th time. */
static ketch_status copy_qubits(ktq_qasm *q, uint8_t *qubits, int32_t copy)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < q->argument_list.count; i++) {
        const ktq_argument *argument = &q->arguments[i];
        const int32_t qubit = argument->first + (argument->whole ? copy : 0);
        qubits[i] = (uint8_t)qubit;
        if (seen >> qubit & 1)
            return fail_same_qubit(q, qubits, i);
        seen |= UINT64_C(1) << qubit;
    }
    return KETCH_OK;
}

/* ---- operations ---- */

static ketch_status read_params(ktq_qasm *q)
{
    q->param_list.count = 0;
    KT_TRY(ktq_qasm_next(q));
    while (q->token.kind != ')' || q->param_list.count > 0) {
        ktq_expr expr;
        double value;
        KT_TRY(ktq_qasm_compile(q, &expr));
        KT_TRY(ktq_qasm_evaluate(q, &expr, NULL, &value));
        q->code_list.count = expr.first;
        KTQ_QASM_ROOM(q, params, param_list, 1);
        q->params[q->param_list.count++] = value;
        if (q->token.kind != ',')
            break;
        KT_TRY(ktq_qasm_next(q));
    }
    return ktq_qasm_expect(q, ')', "',' or ')'");
}

static ketch_status read_call(ktq_qasm *q)
{
    ktq_callee callee;
    uint8_t qubits[KETCH_QUBITS_MAX];
    int32_t times;
    const ktq_place place = q->token.place;
    KT_TRY(ktq_qasm_callee(q, &callee));
    KT_TRY(ktq_qasm_next(q));
    q->param_list.count = 0;
    if (q->token.kind == '(')
        KT_TRY(read_params(q));
    KT_TRY(read_arguments(q));
    KT_TRY(ktq_qasm_check_arity(q, &callee, place, q->param_list.count, q->argument_list.count));
    KT_TRY(broadcast_size(q, &times));
    KT_TRY(ktq_qasm_charge(q, callee.number, (uint64_t)times, place));
    for (int32_t copy = 0; copy < times; copy++) {
        KT_TRY(copy_qubits(q, qubits, copy));
        KT_TRY(
            ktq_qasm_apply(q, callee.number, qubits, (size_t)callee.qubits, (size_t)callee.params));
    }
    return KETCH_OK;
}

static ketch_status add_operation(ktq_qasm *q, const ktq_gate *gate, const uint8_t *qubits)
{
    return ktq_circuit_append(q->circuit, gate, qubits, NULL) ? KETCH_OK : ktq_qasm_fail_heap(q);
}

static ketch_status check_measure(ktq_qasm *q, const ktq_argument *from, const ktq_argument *to)
{
    if (from->whole == to->whole && from->size == to->size)
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
    KT_TRY(ktq_qasm_next(q));
    KT_TRY(read_argument(q, &from, false));
    KT_TRY(ktq_qasm_expect(q, KTQ_TOKEN_ARROW, "'->'"));
    KT_TRY(read_argument(q, &to, true));
    KT_TRY(ktq_qasm_expect(q, ';', "';'"));
    KT_TRY(check_measure(q, &from, &to));
    KT_TRY(ktq_qasm_charge(q, KETCH_GATE_MEASURE, (uint64_t)from.size, place));
    for (int32_t i = 0; i < from.size; i++) {
        const uint8_t qubit = (uint8_t)(from.first + i);
        const ktq_gate gate = {
            .gate = KETCH_GATE_MEASURE, .own = 1, .bit = (uint32_t)(to.first + i)};
        KT_TRY(add_operation(q, &gate, &qubit));
    }
    return KETCH_OK;
}

static ketch_status read_reset(ktq_qasm *q)
{
    ktq_argument of;
    const ktq_place place = q->token.place;
    KT_TRY(ktq_qasm_next(q));
    KT_TRY(read_argument(q, &of, false));
    KT_TRY(ktq_qasm_expect(q, ';', "';'"));
    KT_TRY(ktq_qasm_charge(q, KETCH_GATE_RESET, (uint64_t)of.size, place));
    for (int32_t i = 0; i < of.size; i++) {
        const uint8_t qubit = (uint8_t)(of.first + i);
        const ktq_gate gate = {.gate = KETCH_GATE_RESET, .own = 1};
        KT_TRY(add_operation(q, &gate, &qubit));
    }
    return KETCH_OK;
}

/* A qubit may come again in a barrier: it is the same barrier. */
static ketch_status read_barrier(ktq_qasm *q)
{
    uint8_t qubits[KETCH_QUBITS_MAX];
    ktq_gate gate = {.gate = KETCH_GATE_BARRIER};
    uint64_t seen = 0;
    const ktq_place place = q->token.place;
    KT_TRY(ktq_qasm_next(q));
    KT_TRY(read_arguments(q));
    for (size_t i = 0; i < q->argument_list.count; i++)
        for (int32_t k = 0; k < q->arguments[i].size; k++) {
            const int32_t qubit = q->arguments[i].first + k;
            if (seen >> qubit & 1)
                continue;
            seen |= UINT64_C(1) << qubit;
            qubits[gate.own++] = (uint8_t)qubit;
        }
    KT_TRY(ktq_qasm_charge(q, KETCH_GATE_BARRIER, 1, place));
    return add_operation(q, &gate, qubits);
}

static ketch_status read_operation(ktq_qasm *q)
{
    if (q->token.word == KTQ_WORD_MEASURE)
        return read_measure(q);
    if (q->token.word == KTQ_WORD_RESET)
        return read_reset(q);
    if (q->token.kind != KTQ_TOKEN_NAME ||
        (q->token.word != KTQ_WORD_NONE && q->token.word != KTQ_WORD_U &&
         q->token.word != KTQ_WORD_CX))
        return ktq_qasm_fail_token(q, "a gate, 'measure' or 'reset'", NULL);
    return read_call(q);
}

/* A value that the register cannot hold makes a condition that is never true, as the language has
 * it. */
static ketch_status read_if(ktq_qasm *q)
{
    const ktq_qasm_register *of;
    uint64_t value;
    KT_TRY(ktq_qasm_next(q));
    KT_TRY(ktq_qasm_expect(q, '(', "'('"));
    const ktq_place place = q->token.place;
    KT_TRY(find_register(q, &of, true));
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

/* ---- sources ---- */

/* The header may be missing, as Qiskit has it too; where it is, it comes first and says 2.0. */
static ketch_status read_header(ktq_qasm *q)
{
    if (q->sources[q->source].begun)
        return ktq_qasm_fail_token(q, "a statement", "'OPENQASM' comes first in a text");
    KT_TRY(ktq_qasm_next(q));
    const ktq_token *version = &q->token;
    const bool known = (version->length == 3 && memcmp(version->text, "2.0", 3) == 0) ||
                       (version->length == 1 && *version->text == '2');
    if (!known)
        return ktq_qasm_fail_token(q, "'2.0'", "OpenQASM 2.0 is what is supported");
    KT_TRY(ktq_qasm_next(q));
    return ktq_qasm_expect(q, ';', "';'");
}

static ketch_status check_include(ktq_qasm *q, const ktq_token *name)
{
    if (!q->options.resolve)
        return ktq_qasm_fail(q, KETCH_OFF, name->place,
                             ktq_quote_text(name->text, name->length).text, "\"qelib1.inc\"",
                             "other includes need a resolver");
    if (q->sources[q->source].depth >= KTQ_QASM_NESTING)
        return ktq_qasm_fail(q, KETCH_DEPTH, name->place,
                             kt_format("%d", KTQ_QASM_NESTING + 1).text,
                             kt_format("%d", KTQ_QASM_NESTING).text, "includes in includes");
    if (q->source_list.count > KTQ_QASM_INCLUDES)
        return ktq_qasm_fail(q, KETCH_LIMIT, name->place,
                             kt_format("%d", KTQ_QASM_INCLUDES + 1).text,
                             kt_format("%d", KTQ_QASM_INCLUDES).text, "number of includes");
    return KETCH_OK;
}

/* The resolver gets the name with a 0 behind it. */
static ketch_status open_include(ktq_qasm *q, const ktq_token *name)
{
    size_t length = 0;
    KT_TRY(check_include(q, name));
    KTQ_QASM_ROOM(q, digits, digit_list, name->length + 1);
    memcpy(q->digits, name->text, name->length);
    q->digits[name->length] = 0;
    const char *text = q->options.resolve(q->digits, &length, q->options.user);
    if (!text)
        return ktq_qasm_fail(q, KETCH_OFF, name->place,
                             ktq_quote_text(name->text, name->length).text, NULL,
                             "the resolver has no such include");
    return ktq_qasm_open(q, text, length, name->text, name->length);
}

static ketch_status read_include(ktq_qasm *q)
{
    static const char built_in[] = "qelib1.inc";
    KT_TRY(ktq_qasm_next(q));
    const ktq_token name = q->token;
    if (name.kind != KTQ_TOKEN_STRING)
        return ktq_qasm_fail_token(q, "the name of a file in quotes", NULL);
    KT_TRY(ktq_qasm_next(q));
    if (q->token.kind != ';')
        return ktq_qasm_fail_token(q, "';'", NULL);
    if (name.length == sizeof built_in - 1 && memcmp(name.text, built_in, name.length) == 0)
        KT_TRY(ktq_qasm_include_gates(q));
    else
        KT_TRY(open_include(q, &name));
    return ktq_qasm_next(q);
}

/* ---- the text ---- */

static const struct {
    ktq_word word;
    ketch_status (*read)(ktq_qasm *q);
} statement_readers[] = {
    {KTQ_WORD_QREG, read_register},   {KTQ_WORD_CREG, read_register},
    {KTQ_WORD_GATE, ktq_qasm_define}, {KTQ_WORD_OPAQUE, ktq_qasm_define},
    {KTQ_WORD_BARRIER, read_barrier}, {KTQ_WORD_IF, read_if},
    {KTQ_WORD_INCLUDE, read_include}, {KTQ_WORD_OPENQASM, read_header},
    {KTQ_WORD_MEASURE, read_measure}, {KTQ_WORD_RESET, read_reset},
    {KTQ_WORD_U, read_call},          {KTQ_WORD_CX, read_call},
};

static ketch_status read_statement(ktq_qasm *q)
{
    const ktq_token *token = &q->token;
    if (token->kind == ';')
        return ktq_qasm_next(q);
    if (token->kind == KTQ_TOKEN_NAME && token->word == KTQ_WORD_NONE)
        return read_call(q);
    for (size_t i = 0; token->word && i < sizeof statement_readers / sizeof statement_readers[0];
         i++)
        if (statement_readers[i].word == token->word)
            return statement_readers[i].read(q);
    return ktq_qasm_fail_token(q, "a statement", NULL);
}

/* Statements of the text and of all it includes; a source that ends goes back to its opener. */
static ketch_status read_text(ktq_qasm *q)
{
    KT_TRY(ktq_qasm_next(q));
    for (;;) {
        if (q->token.kind == KTQ_TOKEN_END && q->source == 0)
            return KETCH_OK;
        if (q->token.kind == KTQ_TOKEN_END) {
            q->source = q->sources[q->source].opener;
            KT_TRY(ktq_qasm_next(q));
            continue;
        }
        const uint32_t source = q->source;
        KT_TRY(read_statement(q));
        q->sources[source].begun = true;
    }
}

static ketch_status parse_text(ktq_qasm *q, const char *text, size_t length)
{
    q->circuit = ktq_circuit_make();
    q->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!q->circuit || !q->locale)
        return ktq_qasm_fail_heap(q);
    KTQ_QASM_ROOM(q, params, param_list, 1); /* never NULL, even for gates without any */
    KT_TRY(ktq_qasm_open(q, text, length, "", 0));
    KT_TRY(read_text(q));
    if (q->circuit->qubit_count == 0)
        return ktq_qasm_fail(q, KETCH_RANGE, q->token.place, "0",
                             kt_format("1..%d", KETCH_QUBITS_MAX).text, "number of qubits");
    return KETCH_OK;
}

static void free_parser(ktq_qasm *q)
{
    void *const lists[] = {q->sources, q->registers, q->definitions, q->calls,
                           q->formals, q->exprs,     q->code,        q->pending,
                           q->values,  q->params,    q->arguments,   q->digits};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        kt_heap_give(lists[i]);
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
    const ketch_status status = parse_text(q, text ? text : "", length);
    if (status == KETCH_OK) {
        *circuit = q->circuit;
        q->circuit = NULL;
    }
    free_parser(q);
    return status;
}
