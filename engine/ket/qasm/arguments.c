#define _GNU_SOURCE
#include "ket/qasm/arguments.h"
#include "ket/qasm/failures.h"
#include "ket/qasm/tokens.h"

/* ---- registers ---- */

static const char *kind_of_register(bool is_classical)
{
    return is_classical ? "a classical register" : "a quantum register";
}

static ketch_status check_new_register(ktq_qasm *q, const ktq_token *name)
{
    const ktq_name *known = ktq_names_find(&q->register_names, name->text, name->length);
    if (!known)
        return KETCH_OK;
    const uint32_t source = KT_CHUNKS_AT(&q->registers, known->number)->source;
    const ktq_place first = ktq_qasm_place_at(q, source, known->text);
    return ktq_qasm_fail(q, KETCH_DUPLICATE, name->place,
                         ktq_qasm_quote(name->text, name->length).text, "a new name",
                         "register declared twice, first at %d:%d", first.line, first.column);
}

/* Adds the register's qubits or bits to the circuit. */
static ketch_status add_to_circuit(ktq_qasm *q, ktq_qasm_register *made, uint64_t size,
                                   ktq_place place)
{
    ketch_circuit *circuit = q->circuit;
    const int32_t most = made->is_classical ? KETCH_BITS_MAX : KETCH_QUBITS_MAX;
    const int32_t before = made->is_classical ? circuit->bit_count : circuit->qubit_count;
    if (size < 1 || size > (uint64_t)(most - before))
        return ktq_qasm_fail(q, KETCH_RANGE, place,
                             kt_format("%llu", (unsigned long long)size).text,
                             kt_format("1..%d (%d in all)", most - before, most).text,
                             "number of %s", made->is_classical ? "classical bits" : "qubits");
    made->first = before;
    made->size = (int32_t)size;
    if (!made->is_classical)
        circuit->qubit_count += made->size;
    const bool is_added =
        made->is_classical
            ? ktq_circuit_append_register(circuit, made->name, made->length, made->size)
            : ktq_circuit_append_qubit_register(circuit, made->name, made->length, made->size);
    return is_added ? KETCH_OK : ktq_qasm_fail_heap(q);
}

static ketch_status add_register(ktq_qasm *q, const ktq_qasm_register *made)
{
    if (!KT_CHUNKS_RESERVE(&q->registers))
        return ktq_qasm_fail_heap(q);
    const size_t number = q->registers.count++;
    *KT_CHUNKS_AT(&q->registers, number) = *made;
    return ktq_names_put(&q->register_names, made->name, made->length, KTQ_NAME_REGISTER,
                         (int32_t)number)
               ? KETCH_OK
               : ktq_qasm_fail_heap(q);
}

ketch_status ktq_qasm_read_register(ktq_qasm *q)
{
    const bool is_classical = q->token.word == KTQ_WORD_CREG;
    ktq_token name;
    uint64_t size;
    KT_TRY(ktq_qasm_read_token(q));
    KT_TRY(ktq_qasm_expect_name(q, &name, "the name of a register"));
    KT_TRY(check_new_register(q, &name));
    KT_TRY(ktq_qasm_expect(q, '[', "'['"));
    const ktq_place place = q->token.place;
    KT_TRY(ktq_qasm_expect_integer(q, &size));
    KT_TRY(ktq_qasm_expect(q, ']', "']'"));
    KT_TRY(ktq_qasm_expect(q, ';', "';'"));
    ktq_qasm_register made = {.name = name.text,
                              .length = name.length,
                              .source = name.place.source,
                              .is_classical = is_classical};
    KT_TRY(add_to_circuit(q, &made, size, place));
    return add_register(q, &made);
}

ketch_status ktq_qasm_find_register(ktq_qasm *q, const ktq_qasm_register **found, bool is_classical)
{
    const ktq_token *token = &q->token;
    const char *expected = kind_of_register(is_classical);
    if (token->kind != KTQ_TOKEN_NAME || token->word != KTQ_WORD_NONE)
        return ktq_qasm_fail_token(q, expected, NULL);
    const ktq_name *name = ktq_names_find(&q->register_names, token->text, token->length);
    if (!name)
        return ktq_qasm_fail_token(
            q, expected, ktq_qasm_hint(&q->register_names, token->text, token->length).text);
    *found = KT_CHUNKS_AT(&q->registers, name->number);
    if ((*found)->is_classical != is_classical)
        return ktq_qasm_fail_token(q, expected,
                                   kt_format("it is %s", kind_of_register(!is_classical)).text);
    return ktq_qasm_read_token(q);
}

/* ---- arguments ---- */

/* Reads [index]; the current token is the '['. */
static ketch_status read_index(ktq_qasm *q, const ktq_qasm_register *of, ktq_argument *argument)
{
    uint64_t index;
    KT_TRY(ktq_qasm_read_token(q));
    const ktq_place place = q->token.place;
    KT_TRY(ktq_qasm_expect_integer(q, &index));
    if (index >= (uint64_t)of->size)
        return ktq_qasm_fail(q, KETCH_INDEX, place,
                             kt_format("%llu", (unsigned long long)index).text,
                             kt_format("0..%d", of->size - 1).text, "index in register %s",
                             ktq_qasm_quote(of->name, of->length).text);
    argument->first += (int32_t)index;
    argument->size = 1;
    argument->is_whole = false;
    return ktq_qasm_expect(q, ']', "']'");
}

ketch_status ktq_qasm_read_argument(ktq_qasm *q, ktq_argument *argument, bool is_classical)
{
    const ktq_qasm_register *of = NULL;
    const ktq_place place = q->token.place;
    KT_TRY(ktq_qasm_find_register(q, &of, is_classical));
    *argument = (ktq_argument){of->first, of->size, true, place};
    return q->token.kind == '[' ? read_index(q, of, argument) : KETCH_OK;
}

ketch_status ktq_qasm_end_argument(ktq_qasm *q, bool *has_more)
{
    *has_more = q->token.kind == ',';
    return *has_more ? ktq_qasm_read_token(q) : ktq_qasm_expect(q, ';', "',' or ';'");
}

ketch_status ktq_qasm_read_arguments(ktq_qasm *q)
{
    q->argument_count = 0;
    for (bool has_more = true; has_more;) {
        ktq_argument argument;
        KT_TRY(ktq_qasm_read_argument(q, &argument, false));
        if (q->argument_count < KETCH_QUBITS_MAX)
            q->arguments[q->argument_count] = argument;
        q->argument_count++;
        KT_TRY(ktq_qasm_end_argument(q, &has_more));
    }
    return KETCH_OK;
}

/* ---- repeats ---- */

ketch_status ktq_qasm_find_repeats(ktq_qasm *q, int32_t *repeats)
{
    const ktq_argument *first = NULL;
    *repeats = 1;
    for (size_t i = 0; i < q->argument_count; i++) {
        const ktq_argument *argument = &q->arguments[i];
        if (!argument->is_whole)
            continue;
        if (first && argument->size != first->size)
            return ktq_qasm_fail(
                q, KETCH_SHAPE, argument->place, kt_format("%d", argument->size).text,
                kt_format("%d", first->size).text, "registers of different sizes in one statement");
        first = argument;
        *repeats = argument->size;
    }
    return KETCH_OK;
}

/* "q[2]" */
static kt_text name_qubit(const ktq_qasm *q, int32_t qubit)
{
    const ktq_qasm_register *of = KT_CHUNKS_AT(&q->registers, 0);
    for (size_t i = 1; of->is_classical || qubit < of->first || qubit >= of->first + of->size; i++)
        of = KT_CHUNKS_AT(&q->registers, i);
    const int shown = (int)KT_MIN(of->length, 48);
    return kt_format("%.*s[%d]", shown, of->name, qubit - of->first);
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

ketch_status ktq_qasm_write_qubits(ktq_qasm *q, uint8_t *qubits, int32_t repeat)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < q->argument_count; i++) {
        const ktq_argument *argument = &q->arguments[i];
        const int32_t qubit = argument->first + (argument->is_whole ? repeat : 0);
        qubits[i] = (uint8_t)qubit;
        if (seen >> qubit & 1)
            return fail_same_qubit(q, qubits, i);
        seen |= UINT64_C(1) << qubit;
    }
    return KETCH_OK;
}
