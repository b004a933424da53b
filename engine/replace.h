/* Replacing a file as a whole, or not at all. */
#ifndef KT_REPLACE_H
#define KT_REPLACE_H

#include "file.h"

/* Which files may be replaced: those that begin with `size` bytes of magic, at most KT_FILE_MAGIC,
 * or any file with force. allowed: this in words, for errors. */
typedef struct kt_replaceable {
    const void *magic;
    uint64_t size;
    const char *allowed;
    bool force;
} kt_replaceable;

/* A file that will replace another. It is written under a temporary name in the same directory,
 * synced, and renamed. Its writer holds a lock on it, so that a later writer can tell a file that
 * is being written from one that a killed process left, which it removes. */
typedef struct kt_replacement {
    /* The temporary file. Its size is the end of what was written or reserved. */
    kt_file file;
    ketch_error *error;
    kt_replaceable old;
    int directory;
    /* Names in the directory, in one piece of memory. temporary is empty if there is no file. */
    char *target;
    char *temporary;
    /* Longest file that this process may write. */
    uint64_t limit;
    /* The system was told to write the bytes up to here. */
    uint64_t flushed;
} kt_replacement;

/* Makes an empty temporary file for path, where there may be no file or a regular one that old
 * allows; its texts must live as long. A symbolic link is followed. The new file gets the mode, and
 * where allowed the owner, of the one it replaces. FORMAT for another file, a directory or a device;
 * IO; MEMORY. After a failure there is nothing to abandon. */
ketch_status kt_replace_begin(kt_replacement *fresh, const char *path, const kt_replaceable *old,
                              const char *function, ketch_error *error);
/* As kt_replace_begin, and removes the temporary file: whether path could be replaced now. */
ketch_status kt_replace_try(const char *path, const kt_replaceable *old, const char *function,
                            ketch_error *error);
/* Reserves disk space for the bytes up to end, so that a full disk is found before they are
 * written. Does nothing if the file system cannot. */
ketch_status kt_replace_reserve(kt_replacement *fresh, uint64_t end);
/* Writes at an offset, and tells the system to begin writing earlier data to the disk. Bytes
 * between two writes are zeros. */
ketch_status kt_replace_write(kt_replacement *fresh, const void *data, uint64_t size,
                              uint64_t offset);
/* Syncs the file, renames it to the target and syncs the directory. After a failure the target is
 * as it was; but if only the directory could not be synced it is the new file, which a power
 * failure may undo. Ends fresh in any case. */
ketch_status kt_replace_commit(kt_replacement *fresh);
/* Removes the temporary file. */
void kt_replace_abandon(kt_replacement *fresh);

#endif
