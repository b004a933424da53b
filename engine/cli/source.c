#define _GNU_SOURCE
#include "cli/command.h"
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

static kt_exit refuse_source(const char *file, const char *why)
{
    kt_say("ketch: ", kt_source_name(file), ": ", why, NULL);
    return KT_EXIT_INPUT;
}

static kt_exit refuse_source_memory(const char *file, const ketch_error *error)
{
    kt_say("ketch: ", kt_source_name(file), ": ", error->message, NULL);
    return error->status == KETCH_MEMORY ? KT_EXIT_MEMORY : KT_EXIT_FAILED;
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

static kt_exit refuse_source_length(const char *file, uint64_t limit)
{
    fprintf(stderr, "ketch: %s: longer than %s; --text-limit SIZE allows more\n",
            kt_source_name(file), kt_text_bytes(limit).text);
    return KT_EXIT_INPUT;
}

/* Reads to the end of the file. The size that fstat tells is a guess only: a pipe has none, and a
 * file may grow. */
static kt_exit fill_source(ketch_block **block, size_t *length, int file, const char *name,
                           uint64_t limit, ketch_arena *arena)
{
    ketch_error error = {.size = sizeof error};
    for (*length = 0; *length <= limit;) {
        const size_t room = ketch_block_size(*block) - *length;
        const ssize_t got = read(file, (char *)ketch_block_data(*block) + *length, room);
        if (got == 0)
            return KT_EXIT_GOOD;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return refuse_source(name, strerror(errno));
        *length += (size_t)got;
        if (*length == ketch_block_size(*block) &&
            grow_source(block, *length, arena, &error) != KETCH_OK)
            return refuse_source_memory(name, &error);
    }
    return refuse_source_length(name, limit);
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

static kt_exit read_source(ketch_block **block, size_t *length, int file, const char *name,
                           uint64_t limit, ketch_arena *arena)
{
    ketch_error error = {.size = sizeof error};
    if (ketch_block_take(block, arena, guess_size(file, limit), "text", &error) != KETCH_OK)
        return refuse_source_memory(name, &error);
    const kt_exit code = fill_source(block, length, file, name, limit, arena);
    if (code != KT_EXIT_GOOD) {
        ketch_block_drop(*block);
        *block = NULL;
    }
    return code;
}

/* A pipe or a device may have no end, so only regular files are read by name. Opening does not wait
 * for a pipe's other end. */
static kt_exit open_source(int *file, const char *name)
{
    struct stat about;
    *file = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*file < 0 || fstat(*file, &about))
        return refuse_source(name, strerror(errno));
    if (S_ISREG(about.st_mode))
        return KT_EXIT_GOOD;
    return refuse_source(name, S_ISDIR(about.st_mode)
                                   ? strerror(EISDIR)
                                   : "not a regular file; use - to read standard input");
}

kt_exit kt_source_read(ketch_block **block, size_t *length, const char *name, uint64_t limit,
                       ketch_arena *arena)
{
    const bool standard = strcmp(name, "-") == 0;
    int file = STDIN_FILENO;
    kt_exit code = standard ? KT_EXIT_GOOD : open_source(&file, name);
    if (code == KT_EXIT_GOOD)
        code = read_source(block, length, file, name, limit ? limit : TEXT_LIMIT, arena);
    if (!standard && file >= 0)
        close(file);
    return code;
}
