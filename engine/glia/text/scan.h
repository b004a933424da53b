/* A text that is read line by line and word by word, and what is said about its places. */
#ifndef KTG_TEXT_SCAN_H
#define KTG_TEXT_SCAN_H

#include "ketch/glia.h"
#include "status.h"

#include <stdbool.h>

enum { KTG_TEXT_MOST = INT32_MAX };

/* Bytes of the text; at its place word.text[length] is white space or the end of the text. Length
 * 0: the line had no further word, and text is its end. */
typedef struct ktg_word {
    const char *text;
    size_t length;
} ktg_word;

/* A text in progress. at: the next byte of the current line, which has number `line`, from 1, and
 * ends at line_end; next: the beginning of the line after it. options: the caller's, with a limit
 * that is not 0. */
typedef struct ktg_scan {
    const char *line_start, *at, *line_end, *next, *end;
    int32_t line;
    ketch_glia_read_options options;
    const char *function;
    ketch_error *error;
} ktg_scan;

/* Begins before the first line. HANDLE, MISMATCH and RANGE of arguments; LIMIT: the text is too
 * long; SYNTAX: it has a NUL byte or, strict, is not UTF-8. */
ketch_status ktg_scan_begin(ktg_scan *scan, const char *text, size_t length,
                            const ketch_glia_read_options *options, const char *function,
                            ketch_error *error);
/* Goes to the next line that has words and is no comment, and takes its first word. False: there is
 * none. */
bool ktg_scan_line(ktg_scan *scan, ktg_word *first);
/* Goes back before the first line. */
void ktg_scan_rewind(ktg_scan *scan, const char *text);
/* The next word of the line. */
ktg_word ktg_scan_word(ktg_scan *scan);
bool ktg_word_is(ktg_word word, const char *text);

/* ---- fields: each names what is expected there, as in "a weight" ---- */

/* A word. SYNTAX: the line has none. */
ketch_status ktg_scan_field(ktg_scan *scan, ktg_word *word, const char *expected);
/* A word that can be an id. */
ketch_status ktg_scan_id(ktg_scan *scan, ktg_word *word, const char *expected);
/* A number. What follows its longest prefix that is a number is the beginning of the next field, as
 * in C++, or of what follows the line's fields. SYNTAX, LITERAL: there is none, or too large a one;
 * lenient and is_last: that is noted, and the number is 0 or the largest. */
ketch_status ktg_scan_number(ktg_scan *scan, float *number, const char *expected, bool is_last);
/* A number that is a share of something. RANGE: strict, and it is not in 0..1. */
ketch_status ktg_scan_share(ktg_scan *scan, float *share, const char *expected, bool is_last);
/* A whole number from 0 to `most`, of digits alone; otherwise the same, but too large a one is
 * always LITERAL. */
ketch_status ktg_scan_whole(ktg_scan *scan, uint64_t *number, uint64_t most, const char *expected,
                            bool is_last);
/* What follows the last field. SYNTAX: strict, and it is no comment. */
ketch_status ktg_scan_end(ktg_scan *scan);

/* ---- what is said ---- */

/* Strict: SYNTAX, found this word where something else was expected. Lenient: the word is noted. */
ketch_status ktg_scan_skip(ktg_scan *scan, ktg_word word, const char *expected, const char *why);
/* Tells what was found at a word, and what was done with it. */
void ktg_scan_note(const ktg_scan *scan, ktg_word word, const char *why);
/* Fails at a word: "place: reason: given G, allowed A"; given NULL: the word. */
ketch_status ktg_scan_fail(const ktg_scan *scan, ketch_status status, ktg_word word,
                           const char *given, const char *allowed, const char *reason);

#endif
