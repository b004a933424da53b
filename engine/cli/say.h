/* Messages of the command, on standard error. */
#ifndef KT_CLI_SAY_H
#define KT_CLI_SAY_H

/* Prints one line: the parts, of which the last is NULL, one behind the other. A byte of a control
 * character, or of what is no UTF-8, is shown as \xNN: a name or an argument in a message must not
 * steer the terminal. */
void kt_say(const char *part, ...) __attribute__((sentinel));

#endif
