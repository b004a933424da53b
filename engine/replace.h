/* A file that takes the place of another as a whole, or not at all. */
#ifndef KT_REPLACE_H
#define KT_REPLACE_H

#include "file.h"

/* A file on its way to its place. It is written under a temporary name in the same directory,
 * synced, and renamed. Its writer holds a lock on it, by which a later one tells what is being
 * written from what a killed process left, and removes that. */
typedef struct kt_replacement {
    /* The temporary file; its size: the end of what was written or reserved. */
    kt_file file;
    ketch_error *error;
    /* What files that may be replaced begin with; force: or any. */
    const void *magic;
    bool force;
    int directory;
    /* Both in the directory, in one piece of memory; temporary is empty where there is no file. */
    char *target;
    char *temporary;
    /* Longest file that this process may write. */
    uint64_t limit;
    /* Bytes up to here are on their way to the disk. */
    uint64_t flushed;
} kt_replacement;

/* Makes an empty temporary file for path, where there may be no file or one that begins with magic
 * (KT_FILE_MAGIC bytes, which must live as long). force: or any regular file. A symbolic link is
 * followed. The new file gets the mode, and where allowed the owner, of the one it replaces.
 * FORMAT for another file, a directory or a device; IO; MEMORY. After a failure there is nothing to
 * abandon. */
ketch_status kt_replace_begin(kt_replacement *fresh, const char *path, const void *magic,
                              bool force, const char *function, ketch_error *error);
/* Sets disk space aside for the bytes up to end, so that a full disk is found before they are
 * written. Does nothing where the file system cannot. */
ketch_status kt_replace_reserve(kt_replacement *fresh, uint64_t end);
/* Writes at an offset, and starts the disk on what came before; what is left out between two writes
 * is zeros. */
ketch_status kt_replace_write(kt_replacement *fresh, const void *data, uint64_t size,
                              uint64_t offset);
/* Syncs the file, gives it the target's name and syncs the directory. After a failure the target is
 * as it was; where only the directory could not be synced it is the new file, which a power failure
 * may undo. Ends fresh either way. */
ketch_status kt_replace_commit(kt_replacement *fresh);
/* Removes the temporary file. */
void kt_replace_abandon(kt_replacement *fresh);

#endif
