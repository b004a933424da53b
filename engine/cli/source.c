#define _GNU_SOURCE
#include "cli/source.h"

#include "cli/say.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_SOURCE_SIZE = 1 << 16, TEXT_LIMIT = 1 << 30 };

const char *kt_source_name(const char *file)
{
    return strcmp(file, "-") == 0 ? "<stdin>" : file;
}

static kt_exit not_read(kt_unread *unread, kt_exit code, const char *why)
{
    unread->code = code;
    snprintf(unread->why, sizeof unread->why, "%s", why);
    return code;
}

static kt_exit not_taken(kt_unread *unread, const ketch_error *error)
{
    return not_read(unread, error->status == KETCH_MEMORY ? KT_EXIT_MEMORY : KT_EXIT_FAILED,
                    error->message);
}

/* Exchanges the block for one of twice the size with the same first `length` bytes. */
static ketch_status grow_source(ketch_block **block, size_t length, ketch_arena *arena,
                                ketch_error *error)
{
    ketch_block *larger;
    const ketch_status status =
        ketch_block_take(&larger, arena, 2 * ketch_block_size(*block), "text", error);
    if (status != KETCH_OK)
        return status;
    memcpy(ketch_block_data(larger), ketch_block_data(*block), length);
    ketch_block_drop(*block);
    *block = larger;
    return KETCH_OK;
}

static kt_exit too_long(kt_unread *unread, uint64_t limit)
{
    return not_read(
        unread, KT_EXIT_INPUT,
        kt_format("longer than %s; --text-limit SIZE allows more", kt_text_bytes(limit).text).text);
}

/* Reads to the end of the file. The size that fstat tells is a guess only: a pipe has none, and a
 * file may grow. */
static kt_exit fill_source(ketch_block **block, size_t *length, int file, uint64_t limit,
                           ketch_arena *arena, kt_unread *unread)
{
    ketch_error error = {.size = sizeof error};
    for (*length = 0; *length <= limit;) {
        const size_t room = (size_t)ketch_block_size(*block) - *length;
        const ssize_t got = read(file, (char *)ketch_block_data(*block) + *length, room);
        if (got == 0)
            return KT_EXIT_GOOD;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return not_read(unread, KT_EXIT_INPUT, strerror(errno));
        *length += (size_t)got;
        if (*length == ketch_block_size(*block) &&
            grow_source(block, *length, arena, &error) != KETCH_OK)
            return not_taken(unread, &error);
    }
    return too_long(unread, limit);
}

/* One byte more than the file has, so that its end is seen without growing. */
static uint64_t guess_size(int file, uint64_t limit)
{
    struct stat about;
    const bool known = fstat(file, &about) == 0 && S_ISREG(about.st_mode);
    if (!known || about.st_size < FIRST_SOURCE_SIZE)
        return FIRST_SOURCE_SIZE;
    return (uint64_t)about.st_size < limit ? (uint64_t)about.st_size + 1 : limit + 1;
}

static ketch_block *read_source(size_t *length, int file, uint64_t limit, ketch_arena *arena,
                                kt_unread *unread)
{
    ketch_error error = {.size = sizeof error};
    ketch_block *block = NULL;
    if (ketch_block_take(&block, arena, guess_size(file, limit), "text", &error) != KETCH_OK) {
        not_taken(unread, &error);
        return NULL;
    }
    if (fill_source(&block, length, file, limit, arena, unread) != KT_EXIT_GOOD) {
        ketch_block_drop(block);
        return NULL;
    }
    return block;
}

/* A pipe or a device may have no end, so only regular files are read by name. Opening does not wait
 * for a pipe's other end. */
static kt_exit open_source(int *file, const char *name, kt_unread *unread)
{
    struct stat about;
    *file = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*file < 0 || fstat(*file, &about))
        return not_read(unread, KT_EXIT_INPUT, strerror(errno));
    if (S_ISREG(about.st_mode))
        return KT_EXIT_GOOD;
    return not_read(unread, KT_EXIT_INPUT,
                    S_ISDIR(about.st_mode) ? strerror(EISDIR)
                                           : "not a regular file; use - to read standard input");
}

ketch_block *kt_source_load(size_t *length, const char *name, uint64_t limit, ketch_arena *arena,
                            kt_unread *unread)
{
    const bool standard = strcmp(name, "-") == 0;
    int file = STDIN_FILENO;
    ketch_block *block = NULL;
    if (standard || open_source(&file, name, unread) == KT_EXIT_GOOD)
        block = read_source(length, file, limit ? limit : TEXT_LIMIT, arena, unread);
    if (!standard && file >= 0)
        close(file);
    return block;
}

kt_exit kt_source_read(ketch_block **block, size_t *length, const char *file, kt_work *work)
{
    kt_unread unread = {KT_EXIT_GOOD, ""};
    const kt_options *const options = work->options;
    *block = kt_source_load(length, file, options->text_limit, work->arena, &unread);
    if (*block)
        return KT_EXIT_GOOD;
    return kt_refuse(options->json, unread.code, "ketch: ", kt_source_name(file), ": ", unread.why,
                     NULL);
}
