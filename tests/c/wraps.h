/* Calls to the system that are refused on purpose, in any build, in a program that includes this once
 * and is linked with --wrap for each name below: see Makefile.am. Nothing is refused or counted
 * unless it is asked for. */
#ifndef KT_TEST_WRAPS_H
#define KT_TEST_WRAPS_H

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum call_kind {
    CALL_HEAP,
    CALL_MAP,
    CALL_PROTECT,
    CALL_LOCALE,
    CALL_UNMAP,
    CALL_ADVISE,
    CALL_THREAD,
    CALL_OPEN,
    CALL_STAT,
    CALL_READ,
    CALL_WRITE,
    CALL_RESERVE,
    CALL_MODE,
    CALL_SYNC,
    CALL_RENAME,
    CALL_TIDY,
    CALL_SYSTEM,
    CALL_KINDS
} call_kind;

/* errno after a refusal. */
static const int call_errors[CALL_KINDS] = {
    [CALL_HEAP] = ENOMEM,   [CALL_MAP] = ENOMEM,    [CALL_PROTECT] = ENOMEM,
    [CALL_LOCALE] = ENOMEM, [CALL_UNMAP] = ENOMEM,  [CALL_ADVISE] = EAGAIN,
    [CALL_THREAD] = EAGAIN, [CALL_OPEN] = EMFILE,   [CALL_STAT] = EIO,
    [CALL_READ] = EIO,      [CALL_WRITE] = ENOSPC,  [CALL_RESERVE] = ENOSPC,
    [CALL_MODE] = EPERM,    [CALL_SYNC] = EIO,      [CALL_RENAME] = EACCES,
    [CALL_TIDY] = EIO,      [CALL_SYSTEM] = ENOENT,
};

/* Refuses call number `at` (from 1) of a kind, or of all kinds together (CALL_KINDS), and those after
 * it where onwards, while armed. */
static struct {
    call_kind kind;
    uint64_t at;
    bool onwards, armed;
    uint64_t count, refused;
} refusing;

/* What the library holds since it was set to 0: pieces of the heap, mapped bytes, threads that were
 * not joined. A map whose end was refused counts as ended. */
static struct {
    int64_t pieces, mapped, threads;
} held;

static bool refuses_call(call_kind kind)
{
    if (!refusing.armed || (refusing.kind != kind && refusing.kind != CALL_KINDS))
        return false;
    const uint64_t number = __atomic_add_fetch(&refusing.count, 1, __ATOMIC_RELAXED);
    if (number != refusing.at && !(refusing.onwards && number > refusing.at))
        return false;
    __atomic_add_fetch(&refusing.refused, 1, __ATOMIC_RELAXED);
    errno = call_errors[kind];
    return true;
}

static void count_held(int64_t *held_of, int64_t difference)
{
    __atomic_add_fetch(held_of, difference, __ATOMIC_RELAXED);
}

/* __real_NAME is the C library's function; NULL in a program that was linked without --wrap. */
#define WRAPPED(type, name, parameters)                                                            \
    __attribute__((weak)) type __real_##name parameters;                                           \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters

/* A function that is refused and is otherwise as it was. */
#define REFUSED(kind, failure, type, name, parameters, arguments)                                  \
    WRAPPED(type, name, parameters)                                                                \
    {                                                                                              \
        return refuses_call(kind) ? (failure) : __real_##name arguments;                           \
    }

/* ---- memory and threads ---- */

WRAPPED(void *, aligned_alloc, (size_t align, size_t size))
{
    void *const memory = refuses_call(CALL_HEAP) ? NULL : __real_aligned_alloc(align, size);
    count_held(&held.pieces, memory != NULL);
    return memory;
}

WRAPPED(void, free, (void *memory))
{
    count_held(&held.pieces, -(memory != NULL));
    __real_free(memory);
}

#define WRAPPED_MAP(name)                                                                          \
    WRAPPED(void *, name,                                                                          \
            (void *at, size_t size, int protection, int flags, int file, off_t offset))            \
    {                                                                                              \
        void *const memory = refuses_call(CALL_MAP)                                                \
                                 ? MAP_FAILED                                                      \
                                 : __real_##name(at, size, protection, flags, file, offset);       \
        count_held(&held.mapped, memory == MAP_FAILED ? 0 : (int64_t)size);                        \
        return memory;                                                                             \
    }

/* Each function whose offsets may be of 64 bits, and its name then. */
WRAPPED_MAP(mmap)
WRAPPED_MAP(mmap64)

WRAPPED(int, munmap, (void *at, size_t size))
{
    count_held(&held.mapped, -(int64_t)size);
    return refuses_call(CALL_UNMAP) ? -1 : __real_munmap(at, size);
}

WRAPPED(int, pthread_create,
        (pthread_t * thread, const pthread_attr_t *attributes, void *(*start)(void *), void *user))
{
    if (refuses_call(CALL_THREAD))
        return EAGAIN;
    const int failure = __real_pthread_create(thread, attributes, start, user);
    count_held(&held.threads, failure == 0);
    return failure;
}

WRAPPED(int, pthread_join, (pthread_t thread, void **value))
{
    count_held(&held.threads, -1);
    return __real_pthread_join(thread, value);
}

REFUSED(CALL_PROTECT, -1, int, mprotect, (void *at, size_t size, int flags), (at, size, flags))
REFUSED(CALL_ADVISE, -1, int, madvise, (void *at, size_t size, int advice), (at, size, advice))
REFUSED(CALL_LOCALE, (locale_t)0, locale_t, newlocale, (int mask, const char *name, locale_t base),
        (mask, name, base))

/* ---- files: each function, and its name where offsets of 64 bits are asked for ---- */

#define REFUSED_BOTH(kind, failure, type, name, parameters, arguments)                             \
    REFUSED(kind, failure, type, name, parameters, arguments)                                      \
    REFUSED(kind, failure, type, name##64, parameters, arguments)

REFUSED_BOTH(CALL_OPEN, -1, int, openat, (int directory, const char *name, int flags, mode_t mode),
             (directory, name, flags, mode))
REFUSED_BOTH(CALL_STAT, -1, int, fstat, (int file, struct stat *info), (file, info))
REFUSED_BOTH(CALL_STAT, -1, int, fstatat,
             (int directory, const char *name, struct stat *info, int flags),
             (directory, name, info, flags))
REFUSED(CALL_STAT, NULL, char *, realpath, (const char *path, char *resolved), (path, resolved))
REFUSED_BOTH(CALL_READ, -1, ssize_t, pread, (int file, void *data, size_t size, off_t offset),
             (file, data, size, offset))
REFUSED_BOTH(CALL_WRITE, -1, ssize_t, pwrite,
             (int file, const void *data, size_t size, off_t offset), (file, data, size, offset))
REFUSED_BOTH(CALL_RESERVE, -1, int, fallocate, (int file, int mode, off_t offset, off_t size),
             (file, mode, offset, size))
REFUSED(CALL_MODE, -1, int, fchmod, (int file, mode_t mode), (file, mode))
REFUSED(CALL_MODE, -1, int, fchown, (int file, uid_t user, gid_t group), (file, user, group))
REFUSED(CALL_SYNC, -1, int, fsync, (int file), (file))
REFUSED(CALL_RENAME, -1, int, renameat,
        (int directory, const char *from, int to_directory, const char *to),
        (directory, from, to_directory, to))
REFUSED(CALL_TIDY, -1, int, unlinkat, (int directory, const char *name, int flags),
        (directory, name, flags))
REFUSED(CALL_TIDY, -1, int, flock, (int file, int operation), (file, operation))
REFUSED(CALL_TIDY, -1, int, sync_file_range,
        (int file, off_t offset, off_t size, unsigned int flags), (file, offset, size, flags))
REFUSED_BOTH(CALL_SYSTEM, NULL, FILE *, fopen, (const char *path, const char *mode), (path, mode))
REFUSED_BOTH(CALL_SYSTEM, -1, int, getrlimit, (__rlimit_resource_t resource, struct rlimit *limit),
             (resource, limit))

/* As Linux has it, a close that fails has closed. */
WRAPPED(int, close, (int file))
{
    const int closed = __real_close(file);
    return refuses_call(CALL_TIDY) ? -1 : closed;
}

#endif
