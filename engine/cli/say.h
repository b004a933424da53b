/* Messages of the command, on standard error. */
#ifndef KT_CLI_SAY_H
#define KT_CLI_SAY_H

#include "cli/command.h"
#include <stdarg.h>

/* Prints one line: the parts, of which the last is NULL, one behind the other. A byte of a control
 * character, or of what is no UTF-8, is shown as \xNN: a name or an argument in a message must not
 * steer the terminal. */
void kt_say(const char *part, ...) __attribute__((sentinel));

/* Says why the command fails, and returns the code: one line of `who`, which begins it, and the
 * parts. With json an object with "status", "exit" and the parts as "message" is printed as well. */
kt_exit kt_refuse(bool json, kt_exit code, const char *who, const char *part, ...)
    __attribute__((sentinel));
/* The same of a failure of the library, whose fields are in the object. Behind the message stands
 * `hint`, unless it is NULL. */
kt_exit kt_refuse_error(bool json, const ketch_error *error, const char *hint);
/* The same of a failure of a text at error->line; file: where it is from. why: what to say in place
 * of the error's message, or NULL. */
kt_exit kt_refuse_text(bool json, const ketch_error *error, const char *file, const char *why,
                       const char *hint);

#endif
