/* Reading files: circuits, what they include, and tables of costs. */
#ifndef KT_CLI_SOURCE_H
#define KT_CLI_SOURCE_H

#include "cli/command.h"

/* Why a file cannot be read. */
typedef struct kt_unread {
    kt_exit code;
    char why[512];
} kt_unread;

/* The bytes of a regular file ("-": of standard input, which may be anything) in a block of the
 * arena; at most `limit`, or 1 GiB where that is 0. NULL where it cannot be read. */
ketch_block *kt_source_load(size_t *length, const char *file, uint64_t limit, ketch_arena *arena,
                            kt_unread *unread);
/* The same for the command as a whole: says on stderr what is wrong. */
kt_exit kt_source_read(ketch_block **block, size_t *length, const char *file, kt_work *work);
/* The name of a file in messages. */
const char *kt_source_name(const char *file);

#endif
