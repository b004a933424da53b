#define _GNU_SOURCE
#include "cli/command.h"
#include "cli/say.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_SOURCE_SIZE = 1 << 16 };

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

/* Reads to the end of the file. The size that fstat tells is a guess only: a pipe has none, and a
 * file may grow. */
static kt_exit fill_source(ketch_block **block, size_t *length, int file, const char *name,
                           ketch_arena *arena)
{
    ketch_error error = {.size = sizeof error};
    *length = 0;
    for (;;) {
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
}

/* One byte more than the file has, so that its end is seen without growing. */
static uint64_t guess_size(int file)
{
    struct stat about;
    const bool known = fstat(file, &about) == 0 && S_ISREG(about.st_mode);
    return known && about.st_size >= FIRST_SOURCE_SIZE ? (uint64_t)about.st_size + 1
                                                       : FIRST_SOURCE_SIZE;
}

static kt_exit read_source(ketch_block **block, size_t *length, int file, const char *name,
                           ketch_arena *arena)
{
    ketch_error error = {.size = sizeof error};
    if (ketch_block_take(block, arena, guess_size(file), "text", &error) != KETCH_OK)
        return refuse_source_memory(name, &error);
    const kt_exit code = fill_source(block, length, file, name, arena);
    if (code != KT_EXIT_GOOD) {
        ketch_block_drop(*block);
        *block = NULL;
    }
    return code;
}

kt_exit kt_source_read(ketch_block **block, size_t *length, const char *name, ketch_arena *arena)
{
    const bool standard = strcmp(name, "-") == 0;
    const int file = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return refuse_source(name, strerror(errno));
    const kt_exit code = read_source(block, length, file, name, arena);
    if (!standard)
        close(file);
    return code;
}
