#define _GNU_SOURCE
#include "cli/note.h"

#include "cli/source.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char first_line[] = "ketch run 1\n";

enum { NUMBERS_SIZE = 96 };

static const char *file_name(const kt_work *work)
{
    return kt_source_name(work->options->file);
}

/* An observable's name in its line. */
static const char observe_name[] = "observe ";

static uint64_t observables_size(const kt_options *options)
{
    uint64_t size = 0;
    for (int i = 0; i < options->observe_count; i++)
        size += sizeof observe_name + strlen(options->observe[i]);
    return size;
}

/* Writes the lines of observables, and returns their length. */
static size_t write_observables(char *to, const kt_options *options)
{
    char *at = to;
    for (int i = 0; i < options->observe_count; i++) {
        at = stpcpy(at, observe_name);
        for (const char *text = options->observe[i]; *text; text++)
            *at++ = *text == '\n' ? ' ' : *text;
        *at++ = '\n';
    }
    return (size_t)(at - to);
}

ketch_status kt_note_write(kt_note *note, kt_work *work)
{
    const char *const name = file_name(work);
    const uint64_t room = sizeof first_line + NUMBERS_SIZE + strlen(name) +
                          observables_size(work->options) + work->text_size;
    const ketch_status status =
        ketch_block_take(&note->block, work->arena, room, "text", &work->error);
    if (status != KETCH_OK)
        return status;
    char *const bytes = ketch_block_data(note->block);
    char *at = bytes + snprintf(bytes, (size_t)room,
                                "%sshots %" PRIu64 "\nseed %" PRIu64 "\nname %.*s\n", first_line,
                                work->options->shots, work->seed, (int)strcspn(name, "\n"), name);
    at += write_observables(at, work->options);
    *at++ = '\n';
    memcpy(at, ketch_block_data(work->text), work->text_size);
    note->bytes = bytes;
    note->size = (size_t)(at - bytes) + work->text_size;
    return KETCH_OK;
}

void kt_note_end(kt_note *note)
{
    if (note->block)
        ketch_block_drop(note->block);
    *note = (kt_note){0};
}

/* The value of the line that begins with name, and *at behind the line; NULL where it does not. */
static const char *read_line(const char **at, const char *end, const char *name)
{
    const size_t length = strlen(name);
    const char *const line = *at;
    const char *const newline = memchr(line, '\n', (size_t)(end - line));
    if (!newline || (size_t)(newline - line) < length || memcmp(line, name, length) != 0)
        return NULL;
    *at = newline + 1;
    return line + length;
}

/* False: there are too many. */
static bool read_observables(kt_note *note, const char **at, const char *end)
{
    for (const char *line; (line = read_line(at, end, observe_name));) {
        if (note->observe_count == KT_OBSERVE_MAX)
            return false;
        note->observe[note->observe_count++] = line;
    }
    return true;
}

bool kt_note_read(kt_note *note)
{
    if (!note->bytes)
        return false;
    const char *at = note->bytes, *const end = at + note->size;
    const char *const first = read_line(&at, end, "ketch run 1");
    const char *const shots = first ? read_line(&at, end, "shots ") : NULL;
    const char *const seed = shots ? read_line(&at, end, "seed ") : NULL;
    note->name = seed ? read_line(&at, end, "name ") : NULL;
    note->observe_count = 0;
    if (!note->name || !read_observables(note, &at, end) || !read_line(&at, end, ""))
        return false;
    note->shots = strtoull(shots, NULL, 10);
    note->seed = strtoull(seed, NULL, 10);
    note->text = at;
    note->text_size = (size_t)(end - at);
    return true;
}
