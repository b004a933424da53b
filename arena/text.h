/* Numbers as text and back, and texts that can be shown. Nothing here follows the locale. */
#ifndef KT_TEXT_H
#define KT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A short text, cut where it is too long. kt_format("%d", n).text can be passed to a function: it
 * lives to the end of the statement's block. */
typedef struct kt_text {
    char text[96];
} kt_text;

kt_text kt_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Where a text of any length is printed to: to[0..capacity-1] gets as much as fits, with a 0 behind
 * it; length counts all of it, without the 0, and is SIZE_MAX where it does not fit. */
typedef struct kt_printer {
    char *to;
    size_t capacity, length;
} kt_printer;

void kt_print(kt_printer *printer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints bytes as they are. */
void kt_print_bytes(kt_printer *printer, const char *bytes, size_t size);
/* A number and what it counts: "1 step", "2 steps", "2 passes". */
kt_text kt_count(uint64_t number, const char *noun);
/* A number of bytes for people: "16 GiB", "1.5 MiB", "512 bytes". */
kt_text kt_bytes(uint64_t bytes);
/* A double in the shortest form that reads back the same. */
kt_text kt_number(double value);
/* A double as %.*f and %.*g write it in the "C" locale: with so many digits behind the point; with
 * so many significant digits. */
kt_text kt_fixed(double value, int digits);
kt_text kt_significant(double value, int digits);
/* Reads the number that text begins with, as strtod does in the "C" locale, and sets end to what
 * follows it. False if text begins with no number, or the system has no memory for the locale. */
bool kt_read_number(double *value, const char *text, const char **end);

/* A character as messages name it: 'a', or "byte 0x07" where it is not printable ASCII. */
kt_text kt_character(char character);
/* The number of bytes of the character that text begins with. 0 for a control character, for a byte
 * that begins no valid UTF-8, and at the end of the text. */
int kt_printable(const char *text);
/* The number of bytes of the character in UTF-8 that text begins with, of which `left` bytes, at
 * least one, can be read. 0: a byte 0, or one that begins no character; overlong forms,
 * surrogates and numbers above 10ffff are none (RFC 3629). */
size_t kt_utf8_length(const char *text, size_t left);
/* A text in which every byte that is part of no printable character is written as \xNN. Of a text
 * that is too long: its end, after "...". */
kt_text kt_clean(const char *text);

#endif
