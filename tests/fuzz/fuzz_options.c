/* Fuzz target: command lines, and the notes that the command keeps in saved runs and trainings. The
 * first byte chooses the command and its purpose; each line of the rest is an argument, or the rest is
 * a note. */
#define _GNU_SOURCE
#include "cli/note.h"
#include "cli/options.h"
#include "cli/training_note.h"
#include "fuzz.h"

#include <math.h>
#include <string.h>

enum { ARGUMENTS_MOST = 24 };

static const kt_command commands[] = {{"run", KT_COMMAND_RUN, 1, NULL},
                                      {"plan", KT_COMMAND_PLAN, 1, NULL},
                                      {"info", KT_COMMAND_INFO, 0, NULL},
                                      {"resume", KT_COMMAND_RESUME, 1, NULL},
                                      {"glia", KT_COMMAND_GLIA, KT_WORDS_MAX, NULL}};

/* Cuts the text into lines; the command's name comes first, NULL last. */
static int split_lines(char **arguments, char *text, const char *name)
{
    int count = 0;
    arguments[count++] = (char *)(uintptr_t)name;
    for (char *line = strtok(text, "\n"); line && count < ARGUMENTS_MOST; line = strtok(NULL, "\n"))
        arguments[count++] = line;
    arguments[count] = NULL;
    return count;
}

static bool is_duration(double seconds)
{
    return seconds >= 0 && isfinite(seconds);
}

static void check_options(const kt_options *options, const kt_command *command)
{
    FUZZ_REQUIRE(options->threads >= 0);
    FUZZ_REQUIRE(is_duration(options->timeout) && is_duration(options->save_every));
    FUZZ_REQUIRE(is_duration(options->training.lr) && options->training.batch >= 0);
    FUZZ_REQUIRE(is_duration(options->training.target_accuracy));
    FUZZ_REQUIRE(options->precision == 0 || options->precision == KETCH_SINGLE ||
                 options->precision == KETCH_DOUBLE);
    FUZZ_REQUIRE(options->help || !command->words == !options->file);
    FUZZ_REQUIRE(options->word_count <= command->words);
}

static void read_options(const kt_command *command, char *text)
{
    char *arguments[ARGUMENTS_MOST + 1];
    kt_options options, again;
    char *const copy = strdup(text);
    const int count = split_lines(arguments, text, command->name);
    const kt_exit code = kt_options_read(&options, command, count, arguments);
    FUZZ_REQUIRE(code == KT_EXIT_GOOD || code == KT_EXIT_INPUT);
    if (code == KT_EXIT_GOOD)
        check_options(&options, command);
    FUZZ_REQUIRE(copy);
    const int as_many = split_lines(arguments, copy, command->name);
    FUZZ_REQUIRE(kt_options_read(&again, command, as_many, arguments) == code);
    FUZZ_REQUIRE(code != KT_EXIT_GOOD ||
                 (again.shots == options.shots && again.seed == options.seed &&
                  again.memory == options.memory && again.ticks == options.ticks &&
                  again.threads == options.threads));
    free(copy);
}

/* The parts of a note lie in it, and its name ends. */
static void read_note(const char *bytes, size_t size)
{
    kt_note note = {.bytes = bytes, .size = size};
    if (!kt_note_read(&note))
        return;
    const char *const end = bytes + size;
    FUZZ_REQUIRE(note.name >= bytes && note.name < end);
    FUZZ_REQUIRE(memchr(note.name, '\n', (size_t)(end - note.name)));
    for (int i = 0; i < note.observe_count; i++)
        FUZZ_REQUIRE(note.observe[i] > bytes && note.observe[i] < note.text);
    FUZZ_REQUIRE(note.text >= bytes && note.text <= end &&
                 note.text_size <= (size_t)(end - note.text));
}

static void check_note_text(const kt_note_text *found, const kt_note_reader *reader,
                            const char *bytes)
{
    FUZZ_REQUIRE(found->text >= bytes && found->text + found->length < reader->at);
    FUZZ_REQUIRE(reader->at <= reader->end && found->text[found->length] == 0);
    FUZZ_REQUIRE(found->target > bytes && found->target + strlen(found->target) < found->text);
}

/* Texts and targets lie in the note, and end there. */
static void read_training_note(const char *bytes, size_t size)
{
    kt_note_reader reader = {bytes, bytes + size};
    kt_training_head head;
    kt_note_text found;
    if (!kt_training_note_read(&reader, &head))
        return;
    FUZZ_REQUIRE(head.episodes <= size);
    check_note_text(&head.net, &reader, bytes);
    while (kt_training_note_episode(&reader, &found))
        check_note_text(&found, &reader, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    /* Exactly as long as it may be read: a note has no final 0, and arguments end with one. */
    const bool is_note = *data & 4;
    const size_t length = size - 1;
    char *const text = malloc(length + !is_note);
    FUZZ_REQUIRE(text || is_note);
    memcpy(text, data + 1, length);
    if (is_note) {
        if (*data & 8)
            read_training_note(text, length);
        else
            read_note(text, length);
    } else {
        text[length] = 0;
        read_options(&commands[*data & 8 ? 4 : *data & 3], text);
    }
    free(text);
    return 0;
}
