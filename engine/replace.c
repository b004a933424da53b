/* Replacing a file as a whole. The order of the steps leaves the old file or the new one, whichever
 * step fails and whenever the machine stops. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "replace.h"
#include "heap.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    PATH_SIZE = 4096,
    /* The number of bytes of the target's name that a temporary name repeats, and the number of
     * temporary files that may exist at once. */
    STEM_LENGTH = 100,
    TEMPORARIES = 64,
    /* After so many bytes the system is told to begin writing to the disk. */
    FLUSH_SIZE = 1 << 23
};

/* ---- the file that is to be replaced ---- */

static ketch_status fail_fresh(const kt_replacement *fresh, const char *operation)
{
    return kt_file_fail(&fresh->file, operation, fresh->error);
}

static ketch_status fail_foreign(const kt_replacement *fresh)
{
    return kt_fail(fresh->error, KETCH_FORMAT, fresh->file.function, "path",
                   "a file of another kind", fresh->old.allowed, "%s would be overwritten",
                   fresh->file.path.text);
}

/* 1 for a file that begins with `size` bytes of magic, 0 for any other; -1 and errno if it cannot be
 * read. */
static int begins_with(int descriptor, const void *magic, uint64_t size)
{
    unsigned char head[KT_FILE_MAGIC];
    uint64_t done = 0;
    assert(size <= sizeof head);
    while (done < size) {
        const ssize_t got = kt_file_get(descriptor, head + done, size - done, done);
        if (got <= 0)
            return (int)got;
        done += (uint64_t)got;
    }
    return memcmp(head, magic, (size_t)size) == 0;
}

static ketch_status check_begin(const kt_replacement *fresh, int descriptor)
{
    const kt_replaceable *const old = &fresh->old;
    const int begins = old->force ? 1 : begins_with(descriptor, old->magic, old->size);
    if (begins < 0)
        return fail_fresh(fresh, "read the file that would be replaced");
    return begins ? KETCH_OK : fail_foreign(fresh);
}

/* The file is opened for writing, although it is not written, so that a file that its mode protects
 * is not replaced. */
static ketch_status check_replaced(const kt_replacement *fresh)
{
    const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    const int descriptor = kt_file_open_at(KT_FILE_OPEN, fresh->directory, fresh->target, flags, 0);
    if (descriptor < 0)
        return fail_fresh(fresh, "open the file that would be replaced");
    const ketch_status status = check_begin(fresh, descriptor);
    kt_file_end(descriptor);
    return status;
}

/* st_nlink 0: there is no such file. */
static ketch_status check_target(const kt_replacement *fresh, struct stat *info)
{
    if (!kt_file_stat_at(info, fresh->directory, fresh->target)) {
        if (errno != ENOENT)
            return fail_fresh(fresh, "read the properties of the file that would be replaced");
        *info = (struct stat){.st_nlink = 0};
        return KETCH_OK;
    }
    if (!S_ISREG(info->st_mode))
        return kt_file_fail_kind(&fresh->file, info, fresh->error);
    return check_replaced(fresh);
}

/* ---- the temporary file ---- */

/* True for a file that a killed process may have left: empty, zeros, or of the kind that is
 * written. It is no user's file then. */
static bool left_behind(const kt_replacement *fresh, int descriptor, const struct stat *info)
{
    static const char zeros[KT_FILE_MAGIC];
    return S_ISREG(info->st_mode) &&
           (info->st_size == 0 || begins_with(descriptor, zeros, sizeof zeros) == 1 ||
            begins_with(descriptor, fresh->old.magic, fresh->old.size) == 1);
}

/* True if the name is this file's. While its lock is held no other writer gives the name to another
 * file, so the name can be removed. */
static bool names_it(int directory, const char *name, const struct stat *info)
{
    struct stat named;
    return kt_file_stat_at(&named, directory, name) && named.st_ino == info->st_ino &&
           named.st_dev == info->st_dev;
}

/* Removes a temporary file that no process is writing. */
static void remove_stale(const kt_replacement *fresh)
{
    const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    const int descriptor =
        kt_file_open_at(KT_FILE_OPEN, fresh->directory, fresh->temporary, flags, 0);
    if (descriptor < 0)
        return;
    struct stat info;
    if (kt_file_lock(descriptor) && kt_file_stat(&info, descriptor) &&
        left_behind(fresh, descriptor, &info) &&
        names_it(fresh->directory, fresh->temporary, &info))
        kt_file_remove(fresh->directory, fresh->temporary);
    kt_file_end(descriptor);
}

/* Locks the new file. EEXIST: before it was locked another writer took it for a file that was left
 * behind, and removes it. On a system without locks no file is ever removed that way. */
static int keep_temporary(const kt_replacement *fresh)
{
    struct stat info;
    if (!kt_file_lock(fresh->file.descriptor) && errno == EWOULDBLOCK)
        return EEXIST;
    if (kt_file_stat(&info, fresh->file.descriptor))
        return info.st_nlink > 0 ? 0 : EEXIST;
    const int failure = errno;
    kt_file_remove(fresh->directory, fresh->temporary);
    return failure;
}

/* Creates a temporary file; -1 and errno if none can be created. */
static int create_named(const kt_replacement *fresh, mode_t mode)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    return kt_file_open_at(KT_FILE_CREATE, fresh->directory, fresh->temporary, flags, mode);
}

/* Tries one name; EEXIST if it is taken. */
static int create_temporary(kt_replacement *fresh, mode_t mode)
{
    fresh->file.descriptor = create_named(fresh, mode);
    if (fresh->file.descriptor < 0 && errno == EEXIST) {
        remove_stale(fresh);
        fresh->file.descriptor = create_named(fresh, mode);
    }
    if (fresh->file.descriptor < 0)
        return errno;
    const int failure = keep_temporary(fresh);
    if (failure)
        kt_file_close(&fresh->file);
    return failure;
}

/* The number of bytes of the target's name that the temporary name repeats; no character of UTF-8
 * is cut. */
static int stem_length(const char *name)
{
    size_t length = strlen(name);
    if (length <= STEM_LENGTH)
        return (int)length;
    length = STEM_LENGTH;
    while (length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80)
        length--;
    return (int)length;
}

static ketch_status find_temporary(kt_replacement *fresh, mode_t mode)
{
    const int stem = stem_length(fresh->target);
    int failure = EEXIST;
    for (int i = 0; i < TEMPORARIES && failure == EEXIST; i++) {
        snprintf(fresh->temporary, NAME_MAX + 1, ".%.*s.ketch-%d", stem, fresh->target, i);
        failure = create_temporary(fresh, mode);
    }
    if (failure == 0)
        return KETCH_OK;
    fresh->temporary[0] = '\0';
    errno = failure;
    return fail_fresh(fresh, "create a temporary file beside the file");
}

/* Gives the new file the mode and owner of the one it replaces. If the owner cannot be kept, the
 * group gets the permissions of others. */
static ketch_status keep_mode(const kt_replacement *fresh, const struct stat *old)
{
    const int descriptor = fresh->file.descriptor;
    mode_t mode = old->st_mode & 0777;
    struct stat now;
    if (!kt_file_stat(&now, descriptor))
        return fail_fresh(fresh, "read the properties of the temporary file");
    const bool same = now.st_uid == old->st_uid && now.st_gid == old->st_gid;
    if (!same && !kt_file_set_owner(descriptor, old))
        mode = (mode & 0707) | (mode & 07) << 3;
    if (!kt_file_set_mode(descriptor, mode))
        return fail_fresh(fresh, "set the mode of the temporary file");
    return KETCH_OK;
}

/* ---- replacing ---- */

/* True for a path that ends in a symbolic link; errno is set if that cannot be determined. */
static bool ends_in_link(const char *path)
{
    struct stat info;
    if (!kt_file_stat_at(&info, AT_FDCWD, path))
        return false;
    errno = 0;
    return S_ISLNK(info.st_mode);
}

/* Resolves the path; a symbolic link at its end is followed. A link to nothing is refused. */
static ketch_status follow_link(const kt_replacement *fresh, const char *path, char *resolved)
{
    const size_t size = strlen(path) + 1;
    if (size > PATH_SIZE) {
        errno = ENAMETOOLONG;
        return fail_fresh(fresh, "follow the path");
    }
    if (ends_in_link(path))
        return kt_file_resolve(path, resolved) ? KETCH_OK : fail_fresh(fresh, "follow the link");
    if (errno && errno != ENOENT)
        return fail_fresh(fresh, "follow the path");
    memcpy(resolved, path, size);
    return KETCH_OK;
}

/* Splits resolved into its directory, which is opened, and the name, which is kept. A path that
 * ends in a slash names the directory itself. */
static ketch_status open_directory(kt_replacement *fresh, char *resolved)
{
    char *const slash = strrchr(resolved, '/');
    char *const name = slash ? slash + 1 : resolved;
    const size_t length = strlen(name);
    if (length > NAME_MAX || *resolved == '\0') {
        errno = length ? ENAMETOOLONG : ENOENT;
        return fail_fresh(fresh, "follow the path");
    }
    memcpy(fresh->target, length ? name : ".", length ? length + 1 : 2);
    *name = '\0';
    const char *const directory = slash ? resolved : ".";
    fresh->directory =
        kt_file_open_at(KT_FILE_OPEN, AT_FDCWD, directory, O_RDONLY | O_DIRECTORY, 0);
    return fresh->directory >= 0 ? KETCH_OK : fail_fresh(fresh, "open the directory of the file");
}

static ketch_status find_directory(kt_replacement *fresh, const char *path)
{
    fresh->target = kt_heap_take(2 * (NAME_MAX + 1));
    char *const resolved = kt_heap_take(PATH_SIZE);
    ketch_status status = KETCH_OK;
    if (fresh->target && resolved) {
        fresh->temporary = fresh->target + NAME_MAX + 1;
        status = follow_link(fresh, path, resolved);
        if (status == KETCH_OK)
            status = open_directory(fresh, resolved);
    } else
        status = kt_fail_heap(fresh->error, fresh->file.function);
    kt_heap_give(resolved);
    return status;
}

static ketch_status begin_fresh(kt_replacement *fresh, const char *path)
{
    KT_TRY(find_directory(fresh, path));
    struct stat old;
    KT_TRY(check_target(fresh, &old));
    const bool replaces = old.st_nlink > 0;
    KT_TRY(find_temporary(fresh, replaces ? old.st_mode & 0777 : 0666));
    return replaces ? keep_mode(fresh, &old) : KETCH_OK;
}

ketch_status kt_replace_begin(kt_replacement *fresh, const char *path, const kt_replaceable *old,
                              const char *function, ketch_error *error)
{
    *fresh = (kt_replacement){
        .file = kt_file_named(path, function),
        .error = error,
        .old = *old,
        .directory = -1,
        .limit = kt_file_limit(),
    };
    const ketch_status status = begin_fresh(fresh, path);
    if (status != KETCH_OK)
        kt_replace_abandon(fresh);
    return status;
}

ketch_status kt_replace_try(const char *path, const kt_replaceable *old, const char *function,
                            ketch_error *error)
{
    kt_replacement fresh;
    KT_TRY(kt_replace_begin(&fresh, path, old, function, error));
    kt_replace_abandon(&fresh);
    return KETCH_OK;
}

static ketch_status check_limit(const kt_replacement *fresh, uint64_t size, uint64_t offset)
{
    if (offset <= fresh->limit && size <= fresh->limit - offset)
        return KETCH_OK;
    errno = EFBIG;
    return fail_fresh(fresh, "write the file");
}

ketch_status kt_replace_reserve(kt_replacement *fresh, uint64_t end)
{
    const uint64_t from = fresh->file.size;
    if (end <= from)
        return KETCH_OK;
    KT_TRY(check_limit(fresh, end - from, from));
    if (kt_file_reserve(fresh->file.descriptor, from, end - from))
        fresh->file.size = end;
    else if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO)
        return fail_fresh(fresh, "reserve space for the file");
    return KETCH_OK;
}

/* Tells the system to begin writing to the disk. It is a hint: the sync at the end reports
 * errors. */
static void start_disk(kt_replacement *fresh, uint64_t end)
{
    if (end < fresh->flushed + FLUSH_SIZE)
        return;
    kt_file_flush(fresh->file.descriptor, fresh->flushed, end - fresh->flushed);
    fresh->flushed = end;
}

ketch_status kt_replace_write(kt_replacement *fresh, const void *data, uint64_t size,
                              uint64_t offset)
{
    KT_TRY(check_limit(fresh, size, offset));
    uint64_t done = 0;
    while (done < size) {
        const ssize_t put = kt_file_put(fresh->file.descriptor, (const char *)data + done,
                                        size - done, offset + done);
        if (put == 0)
            errno = ENOSPC;
        if (put <= 0)
            return fail_fresh(fresh, "write the file");
        done += (uint64_t)put;
    }
    const uint64_t end = offset + size;
    if (end > fresh->file.size)
        fresh->file.size = end;
    start_disk(fresh, end);
    return KETCH_OK;
}

/* Syncs the directory. That a file system cannot do it, and says so, is no failure. */
static ketch_status sync_directory(const kt_replacement *fresh)
{
    if (kt_file_sync(KT_FILE_SYNC_DIRECTORY, fresh->directory) || errno == EINVAL ||
        errno == ENOTSUP)
        return KETCH_OK;
    return fail_fresh(fresh, "sync the directory of the file, which is in place");
}

static ketch_status finish_fresh(kt_replacement *fresh)
{
    struct stat old;
    if (!kt_file_sync(KT_FILE_SYNC, fresh->file.descriptor))
        return fail_fresh(fresh, "sync the file");
    KT_TRY(check_target(fresh, &old));
    if (!kt_file_rename(fresh->directory, fresh->temporary, fresh->target))
        return fail_fresh(fresh, "rename the temporary file");
    fresh->temporary[0] = '\0';
    return sync_directory(fresh);
}

ketch_status kt_replace_commit(kt_replacement *fresh)
{
    const ketch_status status = finish_fresh(fresh);
    kt_replace_abandon(fresh);
    return status;
}

void kt_replace_abandon(kt_replacement *fresh)
{
    if (fresh->temporary && fresh->temporary[0])
        kt_file_remove(fresh->directory, fresh->temporary);
    kt_file_close(&fresh->file);
    kt_file_end(fresh->directory);
    fresh->directory = -1;
    kt_heap_give(fresh->target);
    fresh->target = NULL;
    fresh->temporary = NULL;
}
