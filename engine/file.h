/* The door to the file system: the only file of the library that opens, writes and renames files.
 * (What the system tells of itself in files is read by arena/cgroup and arena/limits.) */
#ifndef KT_FILE_H
#define KT_FILE_H

#include "status.h"
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* A file that is read. function: the public call that opened it, and path: the end of what it was
 * given, both for errors. descriptor -1: none is open. */
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
    /* The first bytes that tell whose a file is. */
    KT_FILE_MAGIC = 8
};

/* Opens a regular file to read. IO; FORMAT for what is no regular file. */
ketch_status kt_file_open(kt_file *file, const char *path, const char *function,
                          ketch_error *error);
/* Reads size bytes from offset. IO; CORRUPT where the file has become shorter than its size. */
ketch_status kt_file_read(const kt_file *file, void *data, uint64_t size, uint64_t offset,
                          ketch_error *error);
/* Does nothing where none is open. */
void kt_file_close(kt_file *file);

/* ---- what a test of a debug build (--enable-debug) may watch and disturb ---- */

typedef enum kt_file_step {
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
    KT_FILE_STEPS
} kt_file_step;

/* An operation that is about to be done. name, and to for a rename: in the directory or as given;
 * NULL where it is known by its descriptor alone. data, size, offset: of reads and writes. */
typedef struct kt_file_operation {
    kt_file_step step;
    int descriptor;
    const char *name;
    const char *to;
    const void *data;
    uint64_t size;
    uint64_t offset;
} kt_file_operation;

/* Returns 0 to let it be done, or the errno that it fails with; may lower size of a read or write,
 * to 0 even. */
typedef int (*kt_file_watcher)(void *user, kt_file_operation *operation);

/* Has each file operation of the calling thread go through watcher; NULL: none. False, and nothing
 * done, where this is no debug build. */
bool kt_file_watch(kt_file_watcher watcher, void *user);

/* ---- the operations, each of which may be watched. EINTR is tried again; false, or -1: refused,
 * see errno ---- */

int kt_file_open_at(kt_file_step step, int directory, const char *name, int flags, mode_t mode);
/* Symbolic links are not followed. */
bool kt_file_look_at(struct stat *info, int directory, const char *name);
bool kt_file_look(struct stat *info, int descriptor);
/* The whole path without symbolic links, PATH_MAX bytes at most. */
bool kt_file_resolve(const char *path, char *resolved);
/* For this descriptor alone, without waiting. */
bool kt_file_lock(int descriptor);
/* As in info. */
bool kt_file_set_owner(int descriptor, const struct stat *info);
bool kt_file_set_mode(int descriptor, mode_t mode);
/* Bytes read or written, possibly fewer than size; 0 at the end of the file; -1 and errno. */
ssize_t kt_file_get(int descriptor, void *data, uint64_t size, uint64_t offset);
ssize_t kt_file_put(int descriptor, const void *data, uint64_t size, uint64_t offset);
/* Takes disk space, which makes the file that long. */
bool kt_file_reserve(int descriptor, uint64_t offset, uint64_t size);
/* Starts the disk on what was written. A hint: its errors are told by the next sync. */
void kt_file_flush(int descriptor, uint64_t offset, uint64_t size);
/* step: of a file or of a directory. */
bool kt_file_sync(kt_file_step step, int descriptor);
bool kt_file_rename(int directory, const char *from, const char *to);
/* A failure leaves the file where it is: the next save of the same target removes it. */
void kt_file_remove(int directory, const char *name);
/* Closes a descriptor; -1: none. */
void kt_file_end(int descriptor);
/* The longest file that this process may write: behind it, it gets a signal that may end it. */
uint64_t kt_file_limit(void);

/* A file that is not open yet, for failures. */
kt_file kt_file_named(const char *path, const char *function);
/* IO with errno as it stands; step completes "could not". */
ketch_status kt_file_fail(const kt_file *file, const char *step, ketch_error *error);
/* FORMAT for what is no regular file. */
ketch_status kt_file_fail_kind(const kt_file *file, const struct stat *info, ketch_error *error);

#endif
