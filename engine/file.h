/* Operations on files. No other file of the library opens, writes or renames files, except that
 * arena/cgroup and arena/limits read files in which the system describes itself. */
#ifndef KT_FILE_H
#define KT_FILE_H

#include "status.h"
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* A file that is read. function: the public function that opened it; path: the end of its path;
 * both are for errors. descriptor -1: no file is open. */
typedef struct kt_file {
    const char *function;
    kt_text path;
    int descriptor;
    uint64_t size;
} kt_file;

enum {
    /* What is read or written at once: small enough to be still in a core's cache for the next use
     * of it, large enough that the calls cost nothing. */
    KT_FILE_PIECE = 1 << 18,
    /* The number of bytes at the beginning of a file that tell its kind. */
    KT_FILE_MAGIC = 8
};

/* Opens a regular file for reading. IO; FORMAT if it is no regular file. */
ketch_status kt_file_open(kt_file *file, const char *path, const char *function,
                          ketch_error *error);
/* Reads size bytes from offset. IO; CORRUPT if the file has become shorter. */
ketch_status kt_file_read(const kt_file *file, void *data, uint64_t size, uint64_t offset,
                          ketch_error *error);
/* Closes the file; does nothing if none is open. */
void kt_file_close(kt_file *file);

/* ---- what a test of a debug build (--enable-debug) may intercept and disturb ---- */

typedef enum kt_file_kind {
    KT_FILE_STAT,
    KT_FILE_OPEN,
    KT_FILE_CREATE,
    KT_FILE_LOCK,
    KT_FILE_MODE,
    KT_FILE_RESERVE,
    KT_FILE_READ,
    KT_FILE_WRITE,
    KT_FILE_FLUSH,
    KT_FILE_SYNC,
    KT_FILE_SYNC_DIRECTORY,
    KT_FILE_RENAME,
    KT_FILE_REMOVE,
    KT_FILE_CLOSE,
    KT_FILE_KINDS
} kt_file_kind;

/* An operation that is about to be done. name and, for a rename, to: names in the directory, or
 * paths; NULL if only the descriptor is known. data, size, offset: for reads and writes. */
typedef struct kt_file_operation {
    kt_file_kind kind;
    int descriptor;
    const char *name;
    const char *to;
    const void *data;
    uint64_t size;
    uint64_t offset;
} kt_file_operation;

/* Returns 0 to allow the operation, or the errno with which it fails. It may reduce the size of a
 * read or write, also to 0. */
typedef int (*kt_file_interceptor)(void *user, kt_file_operation *operation);

/* Calls interceptor before each file operation of the calling thread; NULL: no longer. False, and
 * nothing is done, unless this is a debug build. */
bool kt_file_intercept(kt_file_interceptor interceptor, void *user);

/* ---- the operations, each of which may be intercepted. EINTR is tried again; false, or -1: refused,
 * see errno ---- */

/* The descriptor is never that of standard input, output or error, even if these are closed. */
int kt_file_open_at(kt_file_kind kind, int directory, const char *name, int flags, mode_t mode);
/* Reads a file's properties; symbolic links are not followed. */
bool kt_file_stat_at(struct stat *info, int directory, const char *name);
bool kt_file_stat(struct stat *info, int descriptor);
/* Resolves a path: absolute, without symbolic links, at most PATH_MAX bytes. */
bool kt_file_resolve(const char *path, char *resolved);
/* Locks the open file for this descriptor, without waiting. */
bool kt_file_lock(int descriptor);
/* Gives the file the owner and group in info. */
bool kt_file_set_owner(int descriptor, const struct stat *info);
bool kt_file_set_mode(int descriptor, mode_t mode);
/* Read or write. They return the number of bytes, which may be less than size; 0 at the end of the
 * file; -1 and errno after a failure. */
ssize_t kt_file_get(int descriptor, void *data, uint64_t size, uint64_t offset);
ssize_t kt_file_put(int descriptor, const void *data, uint64_t size, uint64_t offset);
/* Reserves disk space, which makes the file that long. */
bool kt_file_reserve(int descriptor, uint64_t offset, uint64_t size);
/* Tells the system to begin writing data to the disk. It is a hint: the next sync reports
 * errors. */
void kt_file_flush(int descriptor, uint64_t offset, uint64_t size);
/* Syncs a file or a directory, as kind says. */
bool kt_file_sync(kt_file_kind kind, int descriptor);
bool kt_file_rename(int directory, const char *from, const char *to);
/* Removes a file. After a failure it stays, and the next save of the same target removes it. */
void kt_file_remove(int directory, const char *name);
/* Closes a descriptor; -1: none. */
void kt_file_end(int descriptor);
/* The longest file that this process may write. A longer one would bring it a signal that may end
 * it. */
uint64_t kt_file_limit(void);

/* A file that is not open, for texts of failures. */
kt_file kt_file_named(const char *path, const char *function);
/* IO, with the current errno. operation completes the words "could not". */
ketch_status kt_file_fail(const kt_file *file, const char *operation, ketch_error *error);
/* FORMAT, for a file that is no regular file. */
ketch_status kt_file_fail_kind(const kt_file *file, const struct stat *info, ketch_error *error);

#endif
