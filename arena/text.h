/* Numbers as text, for messages. */
#ifndef KT_TEXT_H
#define KT_TEXT_H

#include <stdint.h>

/* A short text, cut where it is too long. kt_format("%d", n).text can be passed to a function: it
 * lives to the end of the statement's block. */
typedef struct kt_text {
    char text[96];
} kt_text;

kt_text kt_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A number of bytes for people: "16 GiB", "1.5 MiB", "512 bytes". */
kt_text kt_bytes(uint64_t bytes);
/* A double in the shortest form that reads back the same, whatever the locale. */
kt_text kt_number(double value);

#endif
