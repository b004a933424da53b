#define _GNU_SOURCE
#include "cli/training_note.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char first_text[] = "ketch glia train 1", rule_name[] = "rule ",
                  episodes_name[] = "episodes ", clean_text[] = " clean", net_name[] = "net ",
                  episode_name[] = "episode ";

/* ---- writing ---- */

static void end_text(kt_printer *printer)
{
    kt_print_bytes(printer, "", 1);
}

/* Where a text of the library goes: the note is measured first, without memory. */
static char *left_of(const kt_printer *printer, size_t *left)
{
    *left = printer->length < printer->capacity ? printer->capacity - printer->length : 0;
    return *left ? printer->to + printer->length : NULL;
}

static ketch_status print_net(kt_printer *printer, kt_glia *glia)
{
    size_t length, left;
    ketch_glia_net *const net = glia->net;
    ketch_error *const error = &glia->work.error;
    ketch_status status = ketch_glia_write(NULL, 0, &length, net, 1, error);
    if (status != KETCH_OK)
        return status;
    kt_print(printer, "%s%zu%s", net_name, length,
             glia->mode == KETCH_GLIA_CLEAN ? clean_text : "");
    end_text(printer);
    char *const to = left_of(printer, &left);
    status = ketch_glia_write(to, left, &length, net, 1, error);
    printer->length += length + 1;
    return status;
}

static ketch_status print_episode(kt_printer *printer, const ketch_glia_episode *episode,
                                  ketch_error *error)
{
    size_t length, left;
    ketch_status status = ketch_glia_sequence_write(NULL, 0, &length, episode->sequence, 1, error);
    if (status != KETCH_OK)
        return status;
    kt_print(printer, "%s%zu %s", episode_name, length, episode->target);
    end_text(printer);
    char *const to = left_of(printer, &left);
    status = ketch_glia_sequence_write(to, left, &length, episode->sequence, 1, error);
    printer->length += length + 1;
    return status;
}

static ketch_status print_note(kt_printer *printer, kt_glia *glia, const kt_dataset *data,
                               uint64_t rule)
{
    kt_print(printer, "%s", first_text);
    end_text(printer);
    kt_print(printer, "%s%" PRIu64, rule_name, rule);
    end_text(printer);
    kt_print(printer, "%s%" PRIu64, episodes_name, data->count);
    end_text(printer);
    ketch_status status = print_net(printer, glia);
    for (uint64_t i = 0; status == KETCH_OK && i < data->count; i++)
        status = print_episode(printer, &data->episodes[i], &glia->work.error);
    return status;
}

ketch_status kt_training_note_write(ketch_block **block, kt_glia *glia, const kt_dataset *data,
                                    uint64_t rule)
{
    kt_work *const work = &glia->work;
    kt_printer printer = {.to = NULL};
    ketch_status status = print_note(&printer, glia, data, rule);
    const size_t size = printer.length;
    if (status == KETCH_OK)
        status = ketch_block_take(block, work->arena, size + 1, "text", &work->error);
    if (status != KETCH_OK)
        return status;
    printer = (kt_printer){.to = ketch_block_data(*block), .capacity = size + 1};
    status = print_note(&printer, glia, data, rule);
    work->note = printer.to;
    work->note_size = size;
    return status;
}

/* ---- reading ---- */

/* The value of the next text, which begins with name; NULL where it does not. */
static const char *read_value(kt_note_reader *reader, const char *name)
{
    const size_t length = strlen(name);
    const char *const text = reader->at;
    const char *const zero = memchr(text, 0, (size_t)(reader->end - text));
    if (!zero || (size_t)(zero - text) < length || memcmp(text, name, length) != 0)
        return NULL;
    reader->at = zero + 1;
    return text + length;
}

/* A number in digits, and *after behind it. */
static bool read_count(uint64_t *count, const char *value, const char **after)
{
    char *end;
    if (!value || *value < '0' || *value > '9')
        return false;
    *count = strtoull(value, &end, 10);
    *after = end;
    return true;
}

static bool read_number(uint64_t *number, kt_note_reader *reader, const char *name)
{
    const char *after;
    return read_count(number, read_value(reader, name), &after) && !*after;
}

/* A text of the length that is told before it, and the 0 behind it. */
static bool read_text(kt_note_text *found, kt_note_reader *reader, const char *name)
{
    uint64_t length = 0;
    if (!read_count(&length, read_value(reader, name), &found->target))
        return false;
    if (length >= (uint64_t)(reader->end - reader->at) || reader->at[length] != 0)
        return false;
    found->text = reader->at;
    found->length = (size_t)length;
    reader->at += length + 1;
    return true;
}

bool kt_training_note_read(kt_note_reader *reader, kt_training_head *head)
{
    const char *const first = reader->at ? read_value(reader, first_text) : NULL;
    if (!first || *first || !read_number(&head->rule, reader, rule_name) ||
        !read_number(&head->episodes, reader, episodes_name) ||
        head->episodes > (uint64_t)(reader->end - reader->at) ||
        !read_text(&head->net, reader, net_name))
        return false;
    const bool is_clean = strcmp(head->net.target, clean_text) == 0;
    head->mode = is_clean ? KETCH_GLIA_CLEAN : KETCH_GLIA_COMPAT;
    return is_clean || !*head->net.target;
}

bool kt_training_note_episode(kt_note_reader *reader, kt_note_text *episode)
{
    if (!read_text(episode, reader, episode_name) || *episode->target != ' ')
        return false;
    episode->target++;
    return true;
}
