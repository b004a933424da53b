/* The process that made something: what another process inherited of it by a fork may be in the
 * middle of a change, and its locks may be held for ever. */
#ifndef KT_ORIGIN_H
#define KT_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* mark: a page that is 0 in a forked child, so that no system call is needed; NULL: there is none,
 * and pid decides. */
typedef struct kt_origin {
    pid_t pid;
    const int32_t *mark;
} kt_origin;

/* Notes the calling process. */
void kt_origin_note(kt_origin *origin);
/* True in another process than the one that was noted. */
bool kt_origin_forked(const kt_origin *origin);
/* Ends kt_origin_note. */
void kt_origin_end(kt_origin *origin);

#endif
