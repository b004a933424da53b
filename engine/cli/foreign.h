/* Files that are no circuit, told by what they begin with or by where reading them failed. */
#ifndef KT_CLI_FOREIGN_H
#define KT_CLI_FOREIGN_H

#include "cli/command.h"

/* What the text is, where it is another kind of file; NULL: it may be a circuit. The answer says what
 * to do with it. */
const char *kt_foreign_file(const char *text, size_t length);
/* Why there is no circuit in a text that was refused with this error; NULL: the error says it. */
const char *kt_foreign_empty(const char *text, size_t length, const ketch_error *error);
/* What the text may be in place of OpenQASM 2, to stand behind the error; NULL: nothing known. */
const char *kt_foreign_hint(const char *text, size_t length);

#endif
