/* Files that a circuit includes. */
#ifndef KT_CLI_INCLUDE_H
#define KT_CLI_INCLUDE_H

#include "cli/command.h"
#include <limits.h>

/* Finds included files in the folder of the circuit's file, and then in the folders of -I. A file
 * outside of all these once links are resolved is not read, and no absolute path is. A text from
 * standard input has no folder of its own. */
typedef struct kt_includes {
    ketch_block *own; /* that this record is in */
    const kt_options *options;
    ketch_arena *arena;
    struct kt_included *last; /* what was read; NULL: nothing */
    char why[1024];           /* why the last name was not found */
    char folder[PATH_MAX], path[PATH_MAX], found[PATH_MAX];
} kt_includes;

/* The first folder of -I that is none, and errno says why; NULL: all are. */
const char *kt_includes_missing(const kt_options *options);
/* For the work's circuit. MEMORY: the work's error says so, and there is nothing to end. */
ketch_status kt_includes_begin(kt_includes **includes, kt_work *work);
/* The resolver of ketch_parse_options; user: the includes. */
const char *kt_includes_resolve(const char *name, size_t *length, void *user);
/* Gives back all texts. */
void kt_includes_end(kt_includes *includes);

#endif
