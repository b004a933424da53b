#define _GNU_SOURCE
#include "ket/qasm/tokens.h"
#include "ket/qasm/failures.h"
#include <assert.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- characters ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_name_start(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_part(char c)
{
    return is_name_start(c) || is_digit(c);
}

static int32_t clamp_column(ptrdiff_t offset)
{
    return offset < INT32_MAX ? (int32_t)offset : INT32_MAX;
}

static ktq_place place_of(const ktq_qasm *q, const char *at)
{
    const ktq_source *source = &q->sources.items[q->source];
    return (ktq_place){source->line, clamp_column(at - source->line_start + 1), q->source};
}

static void begin_line(ktq_source *source, const char *start)
{
    source->line_start = start;
    if (source->line < INT32_MAX)
        source->line++;
}

ktq_place ktq_qasm_place_at(const ktq_qasm *q, uint32_t source, const char *at)
{
    const char *const text = q->sources.items[source].text;
    ktq_source counted = {.line_start = text, .line = 1};
    for (const char *before = text; before < at; before++)
        if (*before == '\n')
            begin_line(&counted, before + 1);
    return (ktq_place){counted.line, clamp_column(at - counted.line_start + 1), source};
}

/* ---- UTF-8 ---- */

static ketch_status fail_byte(ktq_qasm *q, const char *bad)
{
    const ktq_place place = ktq_qasm_place_at(q, q->source, bad);
    return ktq_qasm_fail_syntax(q, place, kt_format("the byte 0x%02x", (unsigned char)*bad).text,
                                *bad ? "UTF-8 text" : "text without NUL bytes", NULL);
}

/* True where 8 bytes are ASCII without a NUL. Subtracting 1 from each byte sets the highest bit of
 * the first NUL, and of no byte from 01 to 7f where none is before it. */
static bool are_plain(const char *bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return ((word | (word - ones)) & tops) == 0;
}

static ketch_status check_utf8(ktq_qasm *q, const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        if (length - i >= 8 && are_plain(text + i)) {
            i += 8;
            continue;
        }
        if ((signed char)text[i] > 0) {
            i++;
            continue;
        }
        const size_t width = kt_utf8_length(text + i, length - i);
        if (width == 0)
            return fail_byte(q, text + i);
        i += width;
    }
    return KETCH_OK;
}

ketch_status ktq_qasm_count_text(ktq_qasm *q, size_t length, ktq_place place)
{
    const uint64_t limit = q->options.text_limit;
    assert(q->text_bytes <= limit);
    if (length > limit - q->text_bytes)
        return ktq_qasm_fail(
            q, KETCH_LIMIT, place,
            kt_format("%llu and %zu more", (unsigned long long)q->text_bytes, length).text,
            kt_format("%llu", (unsigned long long)limit).text,
            "bytes of text so far; text_limit allows more");
    q->text_bytes += length;
    return KETCH_OK;
}

ketch_status ktq_qasm_open_source(ktq_qasm *q, const char *text, size_t length, const char *name,
                                  size_t name_length)
{
    static const char mark[] = "\xef\xbb\xbf"; /* byte order mark */
    KTQ_QASM_RESERVE(q, sources, 1);
    const size_t count = q->sources.count;
    const size_t skip = length >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    q->sources.items[count] = (ktq_source){
        .text = text,
        .at = text + skip,
        .end = text + length,
        .line_start = text,
        .name = name,
        .name_length = name_length,
        .line = 1,
        .depth = count ? q->sources.items[q->source].depth + 1 : 0,
        .opener = q->source,
    };
    q->sources.count++;
    q->source = (uint32_t)count;
    return check_utf8(q, text, length);
}

/* ---- tokens ---- */

enum { LONGEST_WORD = 8, MOST_WORDS = 4 /* of one length */ };

/* By their lengths. */
static const struct {
    const char *text;
    ktq_word word;
} language_words[LONGEST_WORD + 1][MOST_WORDS] = {
    [1] = {{"U", KTQ_WORD_U}},
    [2] = {{"CX", KTQ_WORD_CX}, {"pi", KTQ_WORD_PI}, {"if", KTQ_WORD_IF}, {"ln", KTQ_WORD_LN}},
    [3] = {{"sin", KTQ_WORD_SIN},
           {"cos", KTQ_WORD_COS},
           {"tan", KTQ_WORD_TAN},
           {"exp", KTQ_WORD_EXP}},
    [4] = {{"qreg", KTQ_WORD_QREG},
           {"creg", KTQ_WORD_CREG},
           {"gate", KTQ_WORD_GATE},
           {"sqrt", KTQ_WORD_SQRT}},
    [5] = {{"reset", KTQ_WORD_RESET}},
    [6] = {{"opaque", KTQ_WORD_OPAQUE}},
    [7] = {{"include", KTQ_WORD_INCLUDE},
           {"measure", KTQ_WORD_MEASURE},
           {"barrier", KTQ_WORD_BARRIER}},
    [8] = {{"OPENQASM", KTQ_WORD_OPENQASM}},
};

static ktq_word find_word(const char *text, size_t length)
{
    if (length > LONGEST_WORD)
        return KTQ_WORD_NONE;
    for (int i = 0; i < MOST_WORDS && language_words[length][i].text; i++) {
        const char *const known = language_words[length][i].text;
        if (known[0] == text[0] && memcmp(known, text, length) == 0)
            return language_words[length][i].word;
    }
    return KTQ_WORD_NONE;
}

/* Block comments are not in the language, but files have them. */
static ketch_status skip_block(ktq_qasm *q, ktq_source *source)
{
    const ktq_place begin = place_of(q, source->at);
    for (source->at += 2; source->end - source->at >= 2; source->at++) {
        if (source->at[0] == '*' && source->at[1] == '/') {
            source->at += 2;
            return KETCH_OK;
        }
        if (*source->at == '\n')
            begin_line(source, source->at + 1);
    }
    return ktq_qasm_fail_syntax(q, begin, "a comment that never ends", "'*/'", NULL);
}

static ketch_status skip_space(ktq_qasm *q, ktq_source *source)
{
    for (;;) {
        const char *at = source->at;
        if (at == source->end)
            return KETCH_OK;
        if (*at == '\n') {
            source->at++;
            begin_line(source, source->at);
        } else if (*at == ' ' || *at == '\t' || *at == '\r') {
            source->at++;
        } else if (*at == '/' && source->end - at > 1 && at[1] == '/') {
            const char *line_end = memchr(at, '\n', (size_t)(source->end - at));
            source->at = line_end ? line_end : source->end;
        } else if (*at == '/' && source->end - at > 1 && at[1] == '*') {
            KT_TRY(skip_block(q, source));
        } else {
            return KETCH_OK;
        }
    }
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at))
        at++;
    return at;
}

static void scan_name(ktq_source *source, ktq_token *token)
{
    const char *at = source->at + 1;
    while (at < source->end && is_name_part(*at))
        at++;
    token->kind = KTQ_TOKEN_NAME;
    token->length = (size_t)(at - source->at);
    token->word = find_word(source->at, token->length);
    source->at = at;
}

/* The end of the exponent that begins at `at`; `at` itself where none does. */
static const char *skip_exponent(const char *at, const char *end)
{
    if (at == end || (*at != 'e' && *at != 'E'))
        return at;
    const char *digits = at + 1;
    if (digits < end && (*digits == '+' || *digits == '-'))
        digits++;
    return digits < end && is_digit(*digits) ? skip_digits(digits, end) : at;
}

static void scan_number(ktq_source *source, ktq_token *token)
{
    const char *const end = source->end;
    const char *const whole = skip_digits(source->at, end);
    const char *at = whole;
    if (at < end && *at == '.')
        at = skip_digits(at + 1, end);
    at = skip_exponent(at, end);
    token->kind = at == whole ? KTQ_TOKEN_INTEGER : KTQ_TOKEN_REAL;
    token->length = (size_t)(at - source->at);
    source->at = at;
}

static ketch_status scan_string(ktq_qasm *q, ktq_source *source, ktq_token *token)
{
    const char *begin = source->at + 1, *at = begin;
    while (at < source->end && *at != '"' && *at != '\n')
        at++;
    if (at == source->end || *at == '\n')
        return ktq_qasm_fail_syntax(q, token->place, "a string that never ends", "'\"'", NULL);
    token->kind = KTQ_TOKEN_STRING;
    token->text = begin;
    token->length = (size_t)(at - begin);
    source->at = at + 1;
    return KETCH_OK;
}

static bool is_sign(char c)
{
    switch (c) {
    case ';':
    case ',':
    case '(':
    case ')':
    case '[':
    case ']':
    case '{':
    case '}':
    case '+':
    case '-':
    case '*':
    case '/':
    case '^':
        return true;
    default:
        return false;
    }
}

static ketch_status scan_sign(ktq_qasm *q, ktq_source *source, ktq_token *token)
{
    const char *at = source->at;
    const char after = source->end - at > 1 ? at[1] : 0;
    const bool arrow = *at == '-' && after == '>', equal = *at == '=' && after == '=';
    if (!arrow && !equal && !is_sign(*at))
        return ktq_qasm_fail_syntax(
            q, token->place,
            *at > ' ' && *at <= '~' ? ktq_qasm_quote(at, 1).text
                                    : kt_format("the byte 0x%02x", (unsigned char)*at).text,
            "a name, a number or a sign of OpenQASM 2", *at == '=' ? "did you mean '=='?" : NULL);
    token->kind = arrow ? KTQ_TOKEN_ARROW : equal ? KTQ_TOKEN_EQUAL : (unsigned char)*at;
    token->length = arrow || equal ? 2 : 1;
    source->at = at + token->length;
    return KETCH_OK;
}

ketch_status ktq_qasm_read_token(ktq_qasm *q)
{
    ktq_source *source = &q->sources.items[q->source];
    KT_TRY(skip_space(q, source));
    const char *at = source->at;
    ktq_token *token = &q->token;
    *token = (ktq_token){.kind = KTQ_TOKEN_END, .text = at, .place = place_of(q, at)};
    if (at == source->end)
        return KETCH_OK;
    if (is_name_start(*at)) {
        scan_name(source, token);
        return KETCH_OK;
    }
    if (is_digit(*at) || (*at == '.' && source->end - at > 1 && is_digit(at[1]))) {
        scan_number(source, token);
        return KETCH_OK;
    }
    return *at == '"' ? scan_string(q, source, token) : scan_sign(q, source, token);
}

ketch_status ktq_qasm_expect(ktq_qasm *q, int kind, const char *expected)
{
    if (q->token.kind != kind)
        return ktq_qasm_fail_token(q, expected, NULL);
    return ktq_qasm_read_token(q);
}

ketch_status ktq_qasm_expect_name(ktq_qasm *q, ktq_token *name, const char *expected)
{
    *name = q->token;
    if (name->kind != KTQ_TOKEN_NAME)
        return ktq_qasm_fail_token(q, expected, NULL);
    if (name->word != KTQ_WORD_NONE)
        return ktq_qasm_fail_token(q, expected, "the language keeps this word for itself");
    return ktq_qasm_read_token(q);
}

/* ---- numbers ---- */

static ketch_status fail_literal(ktq_qasm *q, const ktq_token *token, const char *limit)
{
    return ktq_qasm_fail(q, KETCH_LITERAL, token->place,
                         ktq_qasm_quote(token->text, token->length).text, limit,
                         "number too large");
}

static ketch_status parse_integer(ktq_qasm *q, const ktq_token *token, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < token->length; i++)
        if (__builtin_mul_overflow(*value, UINT64_C(10), value) ||
            __builtin_add_overflow(*value, (uint64_t)(token->text[i] - '0'), value))
            return fail_literal(q, token, "integers up to 18446744073709551615");
    return KETCH_OK;
}

ketch_status ktq_qasm_expect_integer(ktq_qasm *q, uint64_t *value)
{
    if (q->token.kind != KTQ_TOKEN_INTEGER)
        return ktq_qasm_fail_token(q, "an integer", NULL);
    KT_TRY(parse_integer(q, &q->token, value));
    return ktq_qasm_read_token(q);
}

/* Numbers that are whole below 2^53 but for a power of ten: both are doubles, so that the quotient is
 * rounded once, to the double nearest to the number, as strtod does (Clinger 1990). False for
 * others, and for those with an exponent. */
static bool divide_exactly(const ktq_token *token, double *value)
{
    enum { MOST_DIGITS = 18 };
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                    1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    uint64_t digits = 0;
    int decimals = 0;
    bool has_point = false;
    if (token->length > MOST_DIGITS + 1)
        return false;
    for (size_t i = 0; i < token->length; i++) {
        const char c = token->text[i];
        if (is_digit(c)) {
            digits = 10 * digits + (uint64_t)(c - '0');
            decimals += has_point;
        } else if (c == '.') {
            has_point = true;
        } else {
            return false;
        }
    }
    *value = (double)digits / powers[decimals];
    return digits <= UINT64_C(1) << DBL_MANT_DIG;
}

/* The digits are copied, since strtod reads up to a 0 that the text may lack. */
ketch_status ktq_qasm_parse_number(ktq_qasm *q, const ktq_token *token, double *value)
{
    if (token->kind == KTQ_TOKEN_INTEGER) {
        uint64_t integer;
        KT_TRY(parse_integer(q, token, &integer));
        *value = (double)integer;
        return KETCH_OK;
    }
    if (divide_exactly(token, value))
        return KETCH_OK;
    KTQ_QASM_RESERVE(q, scratch_text, token->length + 1);
    char *const digits = q->scratch_text.items;
    memcpy(digits, token->text, token->length);
    digits[token->length] = 0;
    *value = strtod_l(digits, NULL, q->locale);
    return isfinite(*value) ? KETCH_OK : fail_literal(q, token, "numbers up to 1.8e308");
}
