/* Texts in JSON, on standard output. */
#ifndef KT_CLI_JSON_TEXT_H
#define KT_CLI_JSON_TEXT_H

#include <stdarg.h>

/* A string with its quotes. A byte that is no UTF-8 becomes U+DC00 and its value, as in Python's
 * surrogateescape: os.fsencode gives back the bytes of a file's name. */
void kt_json_string(const char *text);
/* One string of several parts, of which the last is NULL. */
void kt_json_joined(const char *part, va_list parts);

#endif
