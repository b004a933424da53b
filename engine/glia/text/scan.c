#define _GNU_SOURCE
#include "glia/text/scan.h"

#include "glia/text/decimal.h"

#include <stdio.h>
#include <string.h>

/* ---- messages ---- */

/* A word in quotes, cut where it is long. */
static kt_text quote_word(ktg_word word)
{
    enum { LONGEST = 48 };
    char text[LONGEST + 1];
    if (word.length == 0)
        return (kt_text){"the end of the line"};
    const size_t shown = word.length < LONGEST ? word.length : LONGEST;
    memcpy(text, word.text, shown);
    text[shown] = 0;
    return kt_format("'%s%s'", kt_clean(text).text, shown < word.length ? "..." : "");
}

static int32_t column_of(const ktg_scan *scan, const char *at)
{
    return (int32_t)(at - scan->line_start) + 1;
}

void ktg_scan_note(const ktg_scan *scan, ktg_word word, const char *why)
{
    const ketch_glia_read_options *const options = &scan->options;
    if (options->skipped)
        options->skipped(scan->line, column_of(scan, word.text), quote_word(word).text, why,
                         options->user);
}

/* sentence: the whole message, but for its place. */
static ketch_status fail_at_word(const ktg_scan *scan, ketch_status status, ktg_word word,
                                 const char *given, const char *allowed, const char *sentence)
{
    if (!scan->error)
        return status;
    const char *const path = scan->options.path;
    ketch_error failure = {.size = sizeof failure};
    const int32_t line = scan->line, column = column_of(scan, word.text);
    kt_fail(&failure, status, scan->function, "text", NULL, NULL, "%s%s%d:%d: %s",
            path ? kt_clean(path).text : "", path ? ":" : "", line, column, sentence);
    failure.line = line;
    failure.column = column;
    kt_copy_text(failure.given, sizeof failure.given, given);
    kt_copy_text(failure.allowed, sizeof failure.allowed, allowed);
    kt_copy_out(scan->error, &failure, sizeof failure);
    return status;
}

ketch_status ktg_scan_fail(const ktg_scan *scan, ketch_status status, ktg_word word,
                           const char *given, const char *allowed, const char *reason)
{
    char sentence[300];
    const kt_text found = given ? kt_format("%s", given) : quote_word(word);
    snprintf(sentence, sizeof sentence, "%s: given %s, allowed %s", reason, found.text, allowed);
    return fail_at_word(scan, status, word, found.text, allowed, sentence);
}

static ketch_status fail_syntax(const ktg_scan *scan, ktg_word word, const char *expected)
{
    char sentence[300];
    const kt_text found = quote_word(word);
    snprintf(sentence, sizeof sentence, "found %s, expected %s", found.text, expected);
    return fail_at_word(scan, KETCH_SYNTAX, word, found.text, expected, sentence);
}

ketch_status ktg_scan_skip(ktg_scan *scan, ktg_word word, const char *expected, const char *why)
{
    if (scan->options.strict)
        return fail_syntax(scan, word, expected);
    ktg_scan_note(scan, word, why);
    return KETCH_OK;
}

/* ---- lines and words ---- */

static bool is_white_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void begin_line(ktg_scan *scan)
{
    const char *const start = scan->next;
    const char *const newline = memchr(start, '\n', (size_t)(scan->end - start));
    scan->line_start = scan->at = start;
    scan->line_end = newline ? newline : scan->end;
    scan->next = newline ? newline + 1 : scan->end;
    scan->line++;
}

void ktg_scan_rewind(ktg_scan *scan, const char *text)
{
    scan->line_start = scan->at = scan->line_end = scan->next = text;
    scan->line = 0;
}

static const char *skip_blanks(const ktg_scan *scan)
{
    const char *at = scan->at;
    while (at < scan->line_end && is_white_space(*at))
        at++;
    return at;
}

static bool is_word_end(const ktg_scan *scan, const char *at)
{
    return at == scan->line_end || is_white_space(*at);
}

ktg_word ktg_scan_word(ktg_scan *scan)
{
    const char *const start = skip_blanks(scan);
    const char *at = start;
    while (!is_word_end(scan, at))
        at++;
    scan->at = at;
    return (ktg_word){start, (size_t)(at - start)};
}

bool ktg_scan_line(ktg_scan *scan, ktg_word *first)
{
    while (scan->next < scan->end) {
        begin_line(scan);
        *first = ktg_scan_word(scan);
        if (first->length && *first->text != '#')
            return true;
    }
    return false;
}

bool ktg_word_is(ktg_word word, const char *text)
{
    return strlen(text) == word.length && memcmp(word.text, text, word.length) == 0;
}

/* ---- beginning ---- */

/* The first byte that is not text; NULL: there is none. */
static const char *find_bad_byte(const char *text, const char *end, bool is_utf8)
{
    if (!is_utf8)
        return memchr(text, 0, (size_t)(end - text));
    while (text < end) {
        const size_t width =
            (signed char)*text > 0 ? 1 : kt_utf8_length(text, (size_t)(end - text));
        if (width == 0)
            return text;
        text += width;
    }
    return NULL;
}

static ketch_status refuse_byte(ktg_scan *scan, const char *byte)
{
    const kt_text found = kt_format("byte 0x%02x", (unsigned)(unsigned char)*byte);
    const char *const expected = *byte ? "UTF-8 text" : "text without NUL bytes";
    do {
        begin_line(scan);
    } while (scan->next <= byte && scan->next < scan->end);
    return fail_at_word(scan, KETCH_SYNTAX, (ktg_word){byte, 1}, found.text, expected,
                        kt_format("found %s, expected %s", found.text, expected).text);
}

static ketch_status read_scan_options(ktg_scan *scan, const ketch_glia_read_options *options)
{
    ketch_glia_read_options *const read = &scan->options;
    KT_TRY(kt_read_options(read, sizeof *read, options, scan->function, "options", scan->error));
    if (read->limit == 0)
        read->limit = KETCH_GLIA_SYNAPSES_MAX;
    if (read->strict == 0 || read->strict == 1)
        return KETCH_OK;
    return kt_fail(scan->error, KETCH_RANGE, scan->function, "strict",
                   kt_format("%d", read->strict).text, "0 or 1", "no such way of reading");
}

ketch_status ktg_scan_begin(ktg_scan *scan, const char *text, size_t length,
                            const ketch_glia_read_options *options, const char *function,
                            ketch_error *error)
{
    *scan = (ktg_scan){.function = function, .error = error};
    KT_TRY(read_scan_options(scan, options));
    if (!text && length)
        return kt_fail_handle(error, function, "text", "a text", text);
    if (length > KTG_TEXT_MOST)
        return kt_fail(error, KETCH_LIMIT, function, "length", kt_format("%zu bytes", length).text,
                       kt_format("%d", KTG_TEXT_MOST).text, "the text is too long");
    text = text ? text : "";
    scan->end = text + length;
    ktg_scan_rewind(scan, text);
    const char *const bad = find_bad_byte(text, scan->end, scan->options.strict);
    return bad ? refuse_byte(scan, bad) : KETCH_OK;
}

/* ---- fields ---- */

ketch_status ktg_scan_field(ktg_scan *scan, ktg_word *word, const char *expected)
{
    *word = ktg_scan_word(scan);
    return word->length ? KETCH_OK : fail_syntax(scan, *word, expected);
}

ketch_status ktg_scan_id(ktg_scan *scan, ktg_word *word, const char *expected)
{
    KT_TRY(ktg_scan_field(scan, word, expected));
    if (word->length <= KETCH_GLIA_ID_MAX)
        return KETCH_OK;
    return ktg_scan_fail(scan, KETCH_RANGE, *word, kt_format("%zu bytes", word->length).text,
                         kt_format("%d", KETCH_GLIA_ID_MAX).text, "the id is too long");
}

static ketch_status fail_large(const ktg_scan *scan, ktg_word word, const char *allowed)
{
    return ktg_scan_fail(scan, KETCH_LITERAL, word, NULL, allowed, "the number is too large");
}

/* At a word that begins with no number, or with too large a one. */
static bool is_taken(const ktg_scan *scan, ktg_word word, bool is_last, const char *taken_as)
{
    if (scan->options.strict || !is_last || word.length == 0)
        return false;
    ktg_scan_note(scan, word, taken_as);
    return true;
}

/* A number ended at scan->at, in a word. */
static ketch_status end_number(ktg_scan *scan, const char *word, const char *expected)
{
    const char *const at = scan->at;
    if (is_word_end(scan, at))
        return KETCH_OK;
    scan->at = word;
    const ketch_status status =
        ktg_scan_skip(scan, ktg_scan_word(scan), expected, "the number ends before the word does");
    scan->at = at;
    return status;
}

/* There is no good number where scan->at is. */
static ketch_status refuse_number(ktg_scan *scan, bool is_large, const char *expected, bool is_last)
{
    const ktg_word word = ktg_scan_word(scan);
    if (is_large)
        return is_taken(scan, word, is_last, "too large a number: taken as 3.40282e+38")
                   ? KETCH_OK
                   : fail_large(scan, word, "numbers up to 3.4e38");
    return is_taken(scan, word, is_last, "not a number: taken as 0")
               ? KETCH_OK
               : fail_syntax(scan, word, expected);
}

ketch_status ktg_scan_number(ktg_scan *scan, float *number, const char *expected, bool is_last)
{
    const char *const word = skip_blanks(scan);
    const char *at = word;
    const ktg_decimal how = ktg_read_decimal(number, &at, scan->line_end);
    scan->at = how == KTG_DECIMAL_FINE ? at : word;
    return how == KTG_DECIMAL_FINE
               ? end_number(scan, word, expected)
               : refuse_number(scan, how == KTG_DECIMAL_LARGE, expected, is_last);
}

ketch_status ktg_scan_share(ktg_scan *scan, float *share, const char *expected, bool is_last)
{
    const char *const before = scan->at;
    KT_TRY(ktg_scan_number(scan, share, expected, is_last));
    if (!scan->options.strict || (*share >= 0 && *share <= 1))
        return KETCH_OK;
    scan->at = before;
    return ktg_scan_fail(scan, KETCH_RANGE, ktg_scan_word(scan), NULL, "0..1",
                         kt_format("%s out of range", expected).text);
}

ketch_status ktg_scan_whole(ktg_scan *scan, uint64_t *number, uint64_t most, const char *expected,
                            bool is_last)
{
    const ktg_word word = ktg_scan_word(scan);
    const char *const word_end = word.text + word.length;
    const char *at = word.text;
    *number = 0;
    for (; at < word_end && *at >= '0' && *at <= '9' && *number <= most; at++)
        *number = 10 * *number + (uint64_t)(*at - '0');
    scan->at = at;
    if (at == word.text)
        return is_taken(scan, word, is_last, "not a whole number: taken as 0")
                   ? KETCH_OK
                   : fail_syntax(scan, word, expected);
    if (*number > most)
        return fail_large(scan, word, kt_format("0..%llu", (unsigned long long)most).text);
    return end_number(scan, word.text, expected);
}

ketch_status ktg_scan_end(ktg_scan *scan)
{
    const ktg_word word = ktg_scan_word(scan);
    if (word.length == 0 || *word.text == '#' || !scan->options.strict)
        return KETCH_OK;
    return fail_syntax(scan, word, "the end of the line, or a comment");
}
