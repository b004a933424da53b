#include "cli/dataset.h"

#include "cli/say.h"
#include "cli/source.h"

#include <string.h>

ketch_status kt_dataset_reserve(kt_dataset *data, uint64_t most, kt_work *work)
{
    const uint64_t size = (most + 1) * sizeof *data->episodes;
    const ketch_status status =
        ketch_block_take(&data->rows, work->arena, size, "text", &work->error);
    if (status != KETCH_OK)
        return status;
    data->episodes = ketch_block_data(data->rows);
    memset(data->episodes, 0, (size_t)size);
    return KETCH_OK;
}

ketch_glia_sequence **kt_dataset_next(kt_dataset *data)
{
    return &data->episodes[data->count].sequence;
}

void kt_dataset_add(kt_dataset *data, const char *target)
{
    ketch_glia_episode *const episode = &data->episodes[data->count++];
    episode->size = sizeof *episode;
    episode->target = target;
}

void kt_dataset_end(kt_dataset *data)
{
    for (uint64_t i = 0; data->rows && i <= data->count; i++)
        ketch_glia_sequence_drop(data->episodes[i].sequence);
    if (data->rows)
        ketch_block_drop(data->rows);
    if (data->text)
        ketch_block_drop(data->text);
    *data = (kt_dataset){0};
}

/* ---- reading ---- */

/* A text that is being read, at one of its lines: from begin, without its newline, to end. */
typedef struct line_reading {
    kt_dataset *data;
    kt_glia *glia;
    const char *file;
    char *begin, *end;
    int32_t line;
} line_reading;

static kt_exit fail_at(const line_reading *r, const char *at, const char *found,
                       const char *expected)
{
    ketch_error error = {.size = sizeof error,
                         .status = KETCH_SYNTAX,
                         .line = r->line,
                         .column = (int32_t)(at - r->begin) + 1};
    snprintf(error.argument, sizeof error.argument, "data");
    snprintf(error.given, sizeof error.given, "%s", found);
    snprintf(error.allowed, sizeof error.allowed, "%s", expected);
    snprintf(error.message, sizeof error.message, "%d:%d: found %s, expected %s", error.line,
             error.column, found, expected);
    return kt_refuse_text(r->glia->work.options->json, &error, kt_source_name(r->file), NULL, NULL);
}

static kt_exit fail_at_word(const line_reading *r, const char *word, const char *expected)
{
    const kt_text found =
        *word ? kt_format("'%.60s'", kt_clean(word).text) : kt_format("the end of the line");
    return fail_at(r, word, found.text, expected);
}

/* Cuts the next word off: *at moves behind it. At the end, and at a comment, it is empty. */
static char *take_word(char **at)
{
    static const char blanks[] = " \t\r\v\f";
    char *const word = *at + strspn(*at, blanks);
    char *const end = *word == '#' ? word : word + strcspn(word, blanks);
    *at = *end && *end != '#' ? end + 1 : end;
    *end = 0;
    return word;
}

/* The path of a sequence: one that does not begin at the root begins at the data set's folder. */
static ketch_block *join_path(const line_reading *r, const char *name)
{
    const char *const slash = strrchr(r->file, '/');
    const size_t folder = slash && *name != '/' ? (size_t)(slash - r->file) + 1 : 0;
    const size_t size = folder + strlen(name) + 1;
    ketch_block *block = NULL;
    kt_work *const work = &r->glia->work;
    if (ketch_block_take(&block, work->arena, size, "text", &work->error) == KETCH_OK)
        snprintf(ketch_block_data(block), size, "%.*s%s", (int)folder, r->file, name);
    return block;
}

static kt_exit fail_file(const line_reading *r, const char *word, const char *path,
                         const kt_unread *unread)
{
    const kt_text place = kt_format(":%d:%d: ", (int)r->line, (int)(word - r->begin) + 1);
    return kt_refuse(r->glia->work.options->json, unread->code, kt_source_name(r->file), place.text,
                     path, ": ", unread->why, NULL);
}

static kt_exit read_sequence(const line_reading *r, const char *name)
{
    kt_unread unread = {KT_EXIT_GOOD, ""};
    size_t length = 0;
    kt_work *const work = &r->glia->work;
    ketch_block *const joined = join_path(r, name);
    if (!joined)
        return kt_work_fail(work);
    const char *const path = ketch_block_data(joined);
    ketch_block *const text =
        kt_source_load(&length, path, work->options->text_limit, work->arena, &unread);
    const kt_exit code = text ? kt_glia_parse_sequence(kt_dataset_next(r->data), r->glia,
                                                       ketch_block_data(text), length, path)
                              : fail_file(r, name, path, &unread);
    if (text)
        ketch_block_drop(text);
    ketch_block_drop(joined);
    return code;
}

static kt_exit check_target(const line_reading *r, const char *target)
{
    if (*target == 'O' && ketch_glia_find(r->glia->net, target) >= 0)
        return KT_EXIT_GOOD;
    return fail_at_word(r, target, "a target: the id of an output of the network");
}

static kt_exit read_line(const line_reading *r)
{
    static const char *const name_expected = "the name of a sequence's file";
    char *at = r->begin;
    if (strlen(at) != (size_t)(r->end - at))
        return fail_at(r, at + strlen(at), "byte 0x00", "text without NUL bytes");
    char *const name = take_word(&at);
    if (!*name)
        return KT_EXIT_GOOD;
    if (strcmp(name, "-") == 0)
        return fail_at_word(r, name, name_expected);
    char *const target = take_word(&at);
    const char *const rest = take_word(&at);
    if (*rest)
        return fail_at_word(r, rest, "the end of the line");
    kt_exit code = check_target(r, target);
    if (code == KT_EXIT_GOOD)
        code = read_sequence(r, name);
    if (code == KT_EXIT_GOOD)
        kt_dataset_add(r->data, target);
    return code;
}

static uint64_t count_lines(const char *text, size_t length)
{
    uint64_t lines = 1;
    for (const char *at = text; (at = memchr(at, '\n', length - (size_t)(at - text))); at++)
        lines++;
    return lines;
}

static kt_exit read_lines(line_reading *r, char *text, size_t length)
{
    char *const end = text + length;
    for (r->begin = text; r->begin <= end; r->begin = r->end + 1) {
        char *const newline = memchr(r->begin, '\n', (size_t)(end - r->begin));
        r->end = newline ? newline : end;
        *r->end = 0;
        r->line++;
        const kt_exit code = read_line(r);
        if (code != KT_EXIT_GOOD)
            return code;
    }
    if (r->data->count)
        return KT_EXIT_GOOD;
    r->begin = r->end;
    return fail_at(r, r->end, "the end of the text", "an episode: SEQUENCE-FILE TARGET");
}

/* The block has a byte behind the text, which ends the last line. */
kt_exit kt_dataset_read(kt_dataset *data, kt_glia *glia, const char *file)
{
    size_t length = 0;
    kt_work *const work = &glia->work;
    const kt_exit code = kt_source_read(&data->text, &length, file, work);
    if (code != KT_EXIT_GOOD)
        return code;
    char *const text = ketch_block_data(data->text);
    if (kt_dataset_reserve(data, count_lines(text, length), work) != KETCH_OK)
        return kt_work_fail(work);
    line_reading r = {.data = data, .glia = glia, .file = file};
    return read_lines(&r, text, length);
}
