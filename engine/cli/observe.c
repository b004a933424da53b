#include "cli/observe.h"

#include "cli/say.h"
#include <math.h>
#include <string.h>

/* A text that is being read, and the terms it has given. */
typedef struct sum_reader {
    const char *text, *at;
    int32_t qubits;
    uint64_t *x_masks, *z_masks;
    double *coefficients;
    uint64_t count;
    bool json;
} sum_reader;

/* ---- failures */

static kt_exit refuse_sum(const sum_reader *r, const char *at, const char *found,
                          const char *expected)
{
    const int column = (int)(at - r->text) + 1;
    return kt_refuse(r->json, KT_EXIT_INPUT, "ketch: ", "--observe \"", r->text, "\", column ",
                     kt_format("%d", column).text, ": found ", found, ", expected ", expected,
                     NULL);
}

static kt_exit refuse_character(const sum_reader *r, const char *expected)
{
    return refuse_sum(r, r->at, *r->at ? kt_character(*r->at).text : "the end", expected);
}

/* ---- characters */

static void skip_blanks(sum_reader *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

static bool is_letter(char c)
{
    return c == 'I' || c == 'X' || c == 'Y' || c == 'Z';
}

static bool is_other_letter(char c)
{
    const char small = (char)(c | 0x20);
    return small >= 'a' && small <= 'z' && !is_letter(c);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- terms */

/* The length of the decimal number that text begins with. */
static size_t number_length(const char *text)
{
    size_t length = strspn(text, "0123456789");
    if (text[length] == '.')
        length += 1 + strspn(text + length + 1, "0123456789");
    if (length == 1 && text[0] == '.')
        return 0;
    if (length && (text[length] == 'e' || text[length] == 'E')) {
        const size_t sign = text[length + 1] == '+' || text[length + 1] == '-';
        const size_t digits = strspn(text + length + 1 + sign, "0123456789");
        length += digits ? 1 + sign + digits : 0;
    }
    return length;
}

/* A number of at most 64 characters, in a copy: what follows it must not become part of it, as in
 * "0X1". */
static kt_exit read_coefficient(sum_reader *r, double *coefficient)
{
    char copy[65];
    const char *end;
    const size_t length = number_length(r->at);
    if (length >= sizeof copy)
        return refuse_sum(r, r->at, "a longer number", "at most 64 characters of it");
    memcpy(copy, r->at, length);
    copy[length] = 0;
    double value = 0;
    if (!kt_read_number(&value, copy, &end) || !isfinite(value))
        return refuse_sum(r, r->at, copy, "a finite number");
    *coefficient *= value;
    r->at += length;
    return KT_EXIT_GOOD;
}

static void set_letter(sum_reader *r, char letter, int32_t qubit)
{
    const uint64_t bit = UINT64_C(1) << qubit;
    if (letter == 'X' || letter == 'Y')
        r->x_masks[r->count] |= bit;
    if (letter == 'Z' || letter == 'Y')
        r->z_masks[r->count] |= bit;
}

/* A letter for each qubit. */
static kt_exit read_label(sum_reader *r)
{
    size_t length = 0;
    while (is_letter(r->at[length]))
        length++;
    const char next = r->at[length];
    if (is_other_letter(next)) {
        r->at += length;
        return refuse_character(r, "I, X, Y or Z");
    }
    if (length != (size_t)r->qubits)
        return refuse_sum(r, r->at, kt_count(length, "letter").text,
                          kt_format("%d, one for each qubit", r->qubits).text);
    for (size_t i = 0; i < length; i++)
        set_letter(r, r->at[i], r->qubits - 1 - (int32_t)i);
    r->at += length;
    return KT_EXIT_GOOD;
}

/* A letter and the number of its qubit. */
static kt_exit read_factor(sum_reader *r, uint64_t *seen)
{
    const char letter = *r->at++;
    const size_t length = strspn(r->at, "0123456789");
    int32_t qubit = 0;
    for (size_t i = 0; i < length && qubit < r->qubits; i++)
        qubit = qubit * 10 + (r->at[i] - '0');
    if (!length)
        return refuse_character(r, "the number of a qubit");
    if (qubit >= r->qubits)
        return refuse_sum(r, r->at, kt_format("%.*s", (int)(length < 20 ? length : 20), r->at).text,
                          kt_format("a qubit from 0 to %d", r->qubits - 1).text);
    if (*seen >> qubit & 1)
        return refuse_sum(r, r->at, kt_format("qubit %d again", qubit).text, "each qubit once");
    *seen |= UINT64_C(1) << qubit;
    set_letter(r, letter, qubit);
    r->at += length;
    return KT_EXIT_GOOD;
}

static kt_exit read_factors(sum_reader *r)
{
    uint64_t seen = 0;
    kt_exit code = KT_EXIT_GOOD;
    while (code == KT_EXIT_GOOD && is_letter(*r->at)) {
        code = read_factor(r, &seen);
        if (code == KT_EXIT_GOOD)
            skip_blanks(r);
    }
    return code;
}

static kt_exit read_product(sum_reader *r)
{
    return is_digit(r->at[1]) ? read_factors(r) : read_label(r);
}

/* A term behind its sign. */
static kt_exit read_term(sum_reader *r, double sign)
{
    double coefficient = sign;
    kt_exit code = KT_EXIT_GOOD;
    const bool has_number = number_length(r->at) > 0;
    if (has_number)
        code = read_coefficient(r, &coefficient);
    if (code != KT_EXIT_GOOD)
        return code;
    skip_blanks(r);
    const bool has_star = has_number && *r->at == '*';
    if (has_star) {
        r->at++;
        skip_blanks(r);
    }
    if (is_letter(*r->at))
        code = read_product(r);
    else if (has_star || !has_number)
        code = refuse_character(r, has_star ? "I, X, Y or Z" : "a number, I, X, Y or Z");
    r->coefficients[r->count++] = coefficient;
    return code;
}

static kt_exit read_sum(sum_reader *r)
{
    kt_exit code;
    double sign = 1;
    do {
        skip_blanks(r);
        if (*r->at == '+' || *r->at == '-') {
            sign = *r->at++ == '-' ? -1 : 1;
            skip_blanks(r);
        }
        code = read_term(r, sign);
        skip_blanks(r);
    } while (code == KT_EXIT_GOOD && (*r->at == '+' || *r->at == '-'));
    if (code == KT_EXIT_GOOD && *r->at)
        return refuse_character(r, "+ or -");
    return code;
}

/* ---- observables */

static kt_exit read_observable(ketch_observable *observable, kt_work *work, const char *text,
                               void *memory)
{
    const size_t most = strlen(text) + 1;
    sum_reader r = {
        .text = text,
        .at = text,
        .qubits = ketch_circuit_qubits(work->circuit),
        .x_masks = memory,
        .json = work->options->json,
    };
    memset(memory, 0, 2 * most * sizeof *r.x_masks);
    r.z_masks = r.x_masks + most;
    r.coefficients = (double *)(r.z_masks + most);
    const kt_exit code = read_sum(&r);
    *observable = (ketch_observable){
        .size = sizeof *observable,
        .kind = KETCH_OBSERVE_PAULI,
        .count = r.count,
        .masks = r.z_masks,
        .coefficients = r.coefficients,
        .x_masks = r.x_masks,
    };
    return code;
}

/* A term has at least one character. */
static uint64_t terms_size(const char *text)
{
    return (strlen(text) + 1) * (2 * sizeof(uint64_t) + sizeof(double));
}

/* The record stands first in its block, the terms behind it. */
static ketch_status take_observed(kt_work *work)
{
    ketch_block *block = NULL;
    uint64_t size = sizeof *work->observed;
    for (int i = 0; i < work->options->observe_count; i++)
        size += terms_size(work->options->observe[i]);
    const ketch_status status =
        ketch_block_take(&block, work->arena, size, "observables", &work->error);
    if (status != KETCH_OK)
        return status;
    work->observed = ketch_block_data(block);
    work->observed->block = block;
    return KETCH_OK;
}

kt_exit kt_observe_read(kt_work *work)
{
    const kt_options *const options = work->options;
    if (!options->observe_count)
        return KT_EXIT_GOOD;
    if (take_observed(work) != KETCH_OK)
        return kt_work_fail(work);
    char *memory = (char *)(work->observed + 1);
    kt_exit code = KT_EXIT_GOOD;
    for (int i = 0; code == KT_EXIT_GOOD && i < options->observe_count; i++) {
        code = read_observable(&work->observed->observables[i], work, options->observe[i], memory);
        memory += terms_size(options->observe[i]);
    }
    return code;
}

void kt_observed_end(kt_observed *observed)
{
    if (observed)
        ketch_block_drop(observed->block);
}

kt_exit kt_observed_read(double *value, int i, kt_work *work)
{
    return ketch_circuit_result_observed(value, 1, (uint64_t)i, work->result, &work->error) ==
                   KETCH_OK
               ? KT_EXIT_GOOD
               : kt_work_fail(work);
}
