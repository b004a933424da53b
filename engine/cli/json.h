/* JSON on standard output: texts, failures and results. */
#ifndef KT_CLI_JSON_H
#define KT_CLI_JSON_H

#include "cli/command.h"
#include <stdarg.h>

/* A string with its quotes. A byte that is no UTF-8 becomes U+DC00 and its value, as in Python's
 * surrogateescape: os.fsencode gives back the bytes of a file's name. */
void kt_json_string(const char *text);
/* One string of several parts, of which the last is NULL. */
void kt_json_joined(const char *part, va_list parts);
/* The whole object of a finished or stopped run; amplitudes NULL where there is nothing to read. */
kt_exit kt_json_print(kt_work *work, const ketch_report *report, const void *amplitudes);

#endif
