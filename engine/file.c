#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "file.h"
#include "numbers.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

/* Bytes of one write; Linux takes at most 2 GiB less a page. */
enum { WRITE_SIZE = 1 << 30 };

/* ---- operations of the system, each of which a test may intercept and refuse ---- */

#ifdef KETCH_DEBUG

static _Thread_local struct {
    kt_file_interceptor interceptor;
    void *user;
} thread_interception;

bool kt_file_intercept(kt_file_interceptor interceptor, void *user)
{
    thread_interception.interceptor = interceptor;
    thread_interception.user = user;
    return true;
}

/* False, and errno is set, if a test refuses the operation. */
static bool admit(kt_file_operation *operation)
{
    errno = thread_interception.interceptor
                ? thread_interception.interceptor(thread_interception.user, operation)
                : 0;
    return errno == 0;
}

#else

bool kt_file_intercept(kt_file_interceptor interceptor, void *user)
{
    (void)interceptor;
    (void)user;
    return false;
}

static inline bool admit(kt_file_operation *operation)
{
    (void)operation;
    return true;
}

#endif

/* As admit, for an operation on an open file, or on a name. */
static bool admit_descriptor(kt_file_kind kind, int descriptor)
{
    return admit(&(kt_file_operation){.kind = kind, .descriptor = descriptor});
}

static bool admit_name(kt_file_kind kind, int directory, const char *name)
{
    return admit(&(kt_file_operation){.kind = kind, .descriptor = directory, .name = name});
}

/* Exchanges a descriptor of standard input, output or error, which the host may have closed, for a
 * higher one, so that what the host prints never goes into a file of ours. -1 and errno if there is
 * none; then the file is closed. */
static int leave_standard(int descriptor)
{
    if (descriptor < 0 || descriptor > STDERR_FILENO)
        return descriptor;
    const int higher = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int failure = errno;
    close(descriptor);
    errno = failure;
    return higher;
}

int kt_file_open_at(kt_file_kind kind, int directory, const char *name, int flags, mode_t mode)
{
    int descriptor;
    do
        descriptor = admit_name(kind, directory, name)
                         ? leave_standard(openat(directory, name, flags | O_CLOEXEC, mode))
                         : -1;
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

bool kt_file_stat_at(struct stat *info, int directory, const char *name)
{
    return admit_name(KT_FILE_STAT, directory, name) &&
           fstatat(directory, name, info, AT_SYMLINK_NOFOLLOW) == 0;
}

bool kt_file_stat(struct stat *info, int descriptor)
{
    return admit_descriptor(KT_FILE_STAT, descriptor) && fstat(descriptor, info) == 0;
}

bool kt_file_sync(kt_file_kind kind, int descriptor)
{
    bool done;
    do
        done = admit_descriptor(kind, descriptor) && fsync(descriptor) == 0;
    while (!done && errno == EINTR);
    return done;
}

bool kt_file_lock(int descriptor)
{
    return admit_descriptor(KT_FILE_LOCK, descriptor) && flock(descriptor, LOCK_EX | LOCK_NB) == 0;
}

bool kt_file_rename(int directory, const char *from, const char *to)
{
    kt_file_operation operation = {
        .kind = KT_FILE_RENAME, .descriptor = directory, .name = from, .to = to};
    return admit(&operation) && renameat(directory, from, directory, to) == 0;
}

void kt_file_remove(int directory, const char *name)
{
    if (admit_name(KT_FILE_REMOVE, directory, name))
        (void)unlinkat(directory, name, 0);
}

/* A failure loses nothing: the data were synced before. The call is not repeated after an
 * interruption, because the descriptor may belong to another file by then. */
void kt_file_end(int descriptor)
{
    if (descriptor < 0)
        return;
    (void)admit_descriptor(KT_FILE_CLOSE, descriptor);
    close(descriptor);
}

ssize_t kt_file_get(int descriptor, void *data, uint64_t size, uint64_t offset)
{
    ssize_t got;
    do {
        kt_file_operation operation = {.kind = KT_FILE_READ,
                                       .descriptor = descriptor,
                                       .data = data,
                                       .size = size,
                                       .offset = offset};
        got =
            admit(&operation) ? pread(descriptor, data, (size_t)operation.size, (off_t)offset) : -1;
    } while (got < 0 && errno == EINTR);
    return got;
}

ssize_t kt_file_put(int descriptor, const void *data, uint64_t size, uint64_t offset)
{
    ssize_t put;
    do {
        kt_file_operation operation = {.kind = KT_FILE_WRITE,
                                       .descriptor = descriptor,
                                       .data = data,
                                       .size = KT_MIN(size, WRITE_SIZE),
                                       .offset = offset};
        put = admit(&operation) ? pwrite(descriptor, data, (size_t)operation.size, (off_t)offset)
                                : -1;
    } while (put < 0 && errno == EINTR);
    return put;
}

bool kt_file_set_owner(int descriptor, const struct stat *info)
{
    return admit_descriptor(KT_FILE_MODE, descriptor) &&
           fchown(descriptor, info->st_uid, info->st_gid) == 0;
}

bool kt_file_set_mode(int descriptor, mode_t mode)
{
    return admit_descriptor(KT_FILE_MODE, descriptor) && fchmod(descriptor, mode) == 0;
}

bool kt_file_resolve(const char *path, char *resolved)
{
    return admit_name(KT_FILE_STAT, AT_FDCWD, path) && realpath(path, resolved) != NULL;
}

bool kt_file_reserve(int descriptor, uint64_t offset, uint64_t size)
{
#ifdef __linux__
    bool done;
    do
        done = admit_descriptor(KT_FILE_RESERVE, descriptor) &&
               fallocate(descriptor, 0, (off_t)offset, (off_t)size) == 0;
    while (!done && errno == EINTR);
    return done;
#else
    (void)descriptor, (void)offset, (void)size;
    errno = ENOSYS;
    return false;
#endif
}

void kt_file_flush(int descriptor, uint64_t offset, uint64_t size)
{
#ifdef SYNC_FILE_RANGE_WRITE
    if (admit_descriptor(KT_FILE_FLUSH, descriptor))
        (void)sync_file_range(descriptor, (off_t)offset, (off_t)size, SYNC_FILE_RANGE_WRITE);
#else
    (void)descriptor, (void)offset, (void)size;
#endif
}

uint64_t kt_file_limit(void)
{
    const uint64_t most = sizeof(off_t) < sizeof(int64_t) ? INT32_MAX : INT64_MAX;
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur > most)
        return most;
    return limit.rlim_cur;
}

/* ---- failures ---- */

/* In place of strerror, which is not safe with threads and follows the locale. */
static kt_text system_text(int number)
{
    static const struct {
        int number;
        const char *text;
    } texts[] = {
        {EACCES, "permission denied"},
        {EDQUOT, "disk quota exceeded"},
        {EEXIST, "the file exists"},
        {EFBIG, "the file would exceed a limit"},
        {EINVAL, "invalid argument"},
        {EIO, "input/output error"},
        {EISDIR, "it is a directory"},
        {ELOOP, "too many symbolic links"},
        {EMFILE, "too many open files in this process"},
        {ENAMETOOLONG, "the name is too long"},
        {ENFILE, "too many open files in the system"},
        {ENODEV, "no such device"},
        {ENOENT, "no such file or directory"},
        {ENOMEM, "the system is out of memory"},
        {ENOSPC, "no space left on the device"},
        {ENOTDIR, "not a directory"},
        {EPERM, "operation not permitted"},
        {EROFS, "read-only file system"},
        {ESTALE, "stale file handle"},
        {ETXTBSY, "it is a program that is running"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].number == number)
            return kt_format("%s (errno %d)", texts[i].text, number);
    return kt_format("errno %d", number);
}

ketch_status kt_file_fail(const kt_file *file, const char *operation, ketch_error *error)
{
    const int number = errno;
    const ketch_status status =
        kt_fail(error, KETCH_IO, file->function, "path", file->path.text, NULL, "could not %s: %s",
                operation, system_text(number).text);
    if (error && error->size >= offsetof(ketch_error, system) + sizeof error->system)
        error->system = number;
    return status;
}

static const char *kind_of(const struct stat *info)
{
    return S_ISDIR(info->st_mode) ? "a directory" : "a device, pipe, socket or link";
}

ketch_status kt_file_fail_kind(const kt_file *file, const struct stat *info, ketch_error *error)
{
    return kt_fail(error, KETCH_FORMAT, file->function, "path", kind_of(info), "a regular file",
                   "%s is no file", file->path.text);
}

kt_file kt_file_named(const char *path, const char *function)
{
    return (kt_file){.function = function, .path = kt_clean(path), .descriptor = -1};
}

/* ---- reading ---- */

static ketch_status check_open(kt_file *file, ketch_error *error)
{
    struct stat info;
    if (!kt_file_stat(&info, file->descriptor))
        return kt_file_fail(file, "find the size of the file", error);
    if (!S_ISREG(info.st_mode))
        return kt_file_fail_kind(file, &info, error);
    file->size = (uint64_t)info.st_size;
    return KETCH_OK;
}

/* O_NONBLOCK: opening a pipe without a writer does not wait. */
ketch_status kt_file_open(kt_file *file, const char *path, const char *function, ketch_error *error)
{
    *file = kt_file_named(path, function);
    file->descriptor =
        kt_file_open_at(KT_FILE_OPEN, AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (file->descriptor < 0)
        return kt_file_fail(file, "open the file", error);
    const ketch_status status = check_open(file, error);
    if (status != KETCH_OK)
        kt_file_close(file);
    return status;
}

ketch_status kt_file_read(const kt_file *file, void *data, uint64_t size, uint64_t offset,
                          ketch_error *error)
{
    assert(offset <= file->size && size <= file->size - offset);
    uint64_t done = 0;
    while (done < size) {
        const ssize_t got =
            kt_file_get(file->descriptor, (char *)data + done, size - done, offset + done);
        if (got < 0)
            return kt_file_fail(file, "read the file", error);
        if (got == 0)
            return kt_fail(error, KETCH_CORRUPT, file->function, "path",
                           kt_bytes(offset + done).text, kt_bytes(file->size).text,
                           "%s became shorter while it was read", file->path.text);
        done += (uint64_t)got;
    }
    return KETCH_OK;
}

void kt_file_close(kt_file *file)
{
    kt_file_end(file->descriptor);
    file->descriptor = -1;
}
