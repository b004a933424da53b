#define _GNU_SOURCE
#include "cli/options.h"

#include "cli/say.h"
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An option of the table below: its setter gets the text and returns what would have been right, or
 * NULL when all is well. */
typedef struct option_row {
    const char *name;
    unsigned commands;
    const char *(*set)(kt_options *options, const char *text);
    int argument;
} option_row;

/* A whole number written in digits alone. */
static bool read_digits(uint64_t *value, const char *text)
{
    if (text[0] < '0' || text[0] > '9')
        return false;
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0';
}

static const char *set_shots(kt_options *options, const char *text)
{
    const bool good = read_digits(&options->shots, text) && options->shots > 0;
    return good ? NULL : "a whole number from 1";
}

static const char *set_seed(kt_options *options, const char *text)
{
    options->seeded = true;
    return read_digits(&options->seed, text) ? NULL : "a whole number from 0 to 2^64 - 1";
}

static const char *set_threads(kt_options *options, const char *text)
{
    uint64_t threads = 0;
    if (!read_digits(&threads, text) || threads < 1 || threads > INT32_MAX)
        return "a whole number from 1";
    options->threads = (int32_t)threads;
    return NULL;
}

static const char *set_width(kt_options *options, const char *text)
{
    uint64_t width = 0;
    if (!read_digits(&width, text) || width < 1 || width > INT32_MAX)
        return "a whole number of columns from 1";
    options->width = (int32_t)width;
    return NULL;
}

static const char *set_precision(kt_options *options, const char *text)
{
    options->precision = strcmp(text, "double") == 0   ? KETCH_DOUBLE
                         : strcmp(text, "single") == 0 ? KETCH_SINGLE
                                                       : KETCH_PRECISION_DEFAULT;
    return options->precision != KETCH_PRECISION_DEFAULT ? NULL : "single or double";
}

static const char *set_seconds(double *seconds, const char *text)
{
    const char *end;
    const bool good =
        kt_read_number(seconds, text, &end) && *end == '\0' && *seconds > 0 && isfinite(*seconds);
    return good ? NULL : "seconds above 0, as in 60 or 0.5";
}

static const char *set_timeout(kt_options *options, const char *text)
{
    return set_seconds(&options->timeout, text);
}

static const char *set_save_every(kt_options *options, const char *text)
{
    return set_seconds(&options->save_every, text);
}

static const char *set_save(kt_options *options, const char *text)
{
    options->save = text;
    return *text ? NULL : "the name of a file";
}

static const char *set_costs(kt_options *options, const char *text)
{
    options->costs = text;
    return *text ? NULL : "the name of a file";
}

/* True if text is the unit, which is in small letters, in letters of any size. */
static bool is_unit(const char *text, const char *unit)
{
    size_t i = 0;
    while (unit[i] && (text[i] | 0x20) == unit[i])
        i++;
    return text[i] == unit[i];
}

/* The factor that a unit stands for, 0 for an unknown one: K and KiB are 1024, KB is 1000. */
static double unit_factor(const char *unit)
{
    static const char *const prefixes = "kmgtpe";
    if (*unit == '\0' || is_unit(unit, "b"))
        return 1;
    const char *const prefix = strchr(prefixes, *unit | 0x20);
    const int power = prefix ? (int)(prefix - prefixes) + 1 : 0;
    if (power && (unit[1] == '\0' || is_unit(unit + 1, "ib")))
        return pow(1024, power);
    return power && is_unit(unit + 1, "b") ? pow(1000, power) : 0;
}

static const char *read_bytes(uint64_t *to, const char *text)
{
    const size_t digits = strspn(text, "0123456789.");
    const char *end = NULL, *unit = text + digits;
    double number = 0;
    const bool whole = digits > 0 && kt_read_number(&number, text, &end) && end == unit;
    unit += *unit == ' ';
    const double bytes = number * unit_factor(unit);
    if (!whole || !(bytes >= 1 && bytes < ldexp(1, 62)))
        return "bytes, as in 512M, 4G, 4GiB or 1000000";
    *to = (uint64_t)bytes;
    return NULL;
}

static const char *set_memory(kt_options *options, const char *text)
{
    return read_bytes(&options->memory, text);
}

static const char *set_text_limit(kt_options *options, const char *text)
{
    return read_bytes(&options->text_limit, text);
}

static const char *set_state(kt_options *options, const char *text)
{
    options->state = text;
    return *text ? NULL : "the name of a file";
}

static const char *set_force(kt_options *options, const char *text)
{
    (void)text;
    options->force = true;
    return NULL;
}

static const char *set_ascii(kt_options *options, const char *text)
{
    (void)text;
    options->ascii = true;
    return NULL;
}

static const char *set_json(kt_options *options, const char *text)
{
    (void)text;
    options->json = true;
    return NULL;
}

static const char *set_progress(kt_options *options, const char *text)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            options->progress = (kt_progress)i;
            return NULL;
        }
    return "auto, always or never";
}

static const char *set_help(kt_options *options, const char *text)
{
    (void)text;
    options->help = true;
    return NULL;
}

enum {
    FOR_MOST = KT_COMMAND_RUN | KT_COMMAND_PLAN | KT_COMMAND_INFO | KT_COMMAND_RESUME,
    FOR_ALL = FOR_MOST | KT_COMMAND_COSTS | KT_COMMAND_DRAW,
    FOR_TEXTS = KT_COMMAND_RUN | KT_COMMAND_PLAN | KT_COMMAND_DRAW,
    FOR_PROGRAM = KT_COMMAND_RUN | KT_COMMAND_PLAN,
    FOR_RUN = KT_COMMAND_RUN,
    FOR_ANY_RUN = KT_COMMAND_RUN | KT_COMMAND_RESUME,
    FOR_BARS = FOR_ANY_RUN | KT_COMMAND_COSTS
};

static const option_row option_rows[] = {
    {"shots", FOR_RUN, set_shots, required_argument},
    {"seed", FOR_RUN, set_seed, required_argument},
    {"threads", FOR_MOST, set_threads, required_argument},
    {"precision", FOR_PROGRAM, set_precision, required_argument},
    {"costs", FOR_PROGRAM, set_costs, required_argument},
    {"timeout", FOR_ANY_RUN, set_timeout, required_argument},
    {"memory", FOR_ALL, set_memory, required_argument},
    {"text-limit", FOR_TEXTS, set_text_limit, required_argument},
    {"state", FOR_ANY_RUN, set_state, required_argument},
    {"force", FOR_ANY_RUN, set_force, no_argument},
    {"json", FOR_ANY_RUN, set_json, no_argument},
    {"progress", FOR_BARS, set_progress, required_argument},
    {"save", FOR_ANY_RUN, set_save, required_argument},
    {"save-every", FOR_ANY_RUN, set_save_every, required_argument},
    {"width", KT_COMMAND_DRAW, set_width, required_argument},
    {"ascii", KT_COMMAND_DRAW, set_ascii, no_argument},
    {"help", FOR_ALL, set_help, no_argument},
};

enum { OPTION_COUNT = sizeof option_rows / sizeof option_rows[0] };

/* The table in getopt's form, for one command; val is the row's number + 256. */
static void list_options(struct option list[OPTION_COUNT + 1], unsigned command)
{
    int count = 0;
    for (int i = 0; i < OPTION_COUNT; i++)
        if (option_rows[i].commands & command)
            list[count++] =
                (struct option){option_rows[i].name, option_rows[i].argument, NULL, 256 + i};
    list[count] = (struct option){NULL, 0, NULL, 0};
}

static kt_exit refuse_usage(const char *command, const char *what, const char *given)
{
    kt_say("ketch ", command, ": ", what, given, " (see: ketch ", command, " --help)", NULL);
    return KT_EXIT_INPUT;
}

static kt_exit set_option(kt_options *options, const char *command, const option_row *row,
                          const char *text)
{
    const char *const allowed = row->set(options, text);
    if (!allowed)
        return KT_EXIT_GOOD;
    kt_say("ketch ", command, ": --", row->name, " ", text, ": allowed is ", allowed, NULL);
    return KT_EXIT_INPUT;
}

static kt_exit set_file(kt_options *options, const kt_command *command, const char *text)
{
    if (options->file || !command->file)
        return refuse_usage(command->name, "one argument too many: ", text);
    options->file = text;
    return KT_EXIT_GOOD;
}

/* What getopt did not like: a missing value, or something it does not know. */
static kt_exit refuse_option(const char *command, int found, const char *text)
{
    if (found == ':')
        return refuse_usage(command, "a value is missing after ", text);
    const char letter[3] = {'-', (char)optopt, '\0'};
    const bool is_letter = optopt > 0 && optopt < 256;
    return refuse_usage(command, "not an option here: ", is_letter ? letter : text);
}

static kt_exit check_options(const kt_options *options, const kt_command *command)
{
    if (options->help)
        return KT_EXIT_GOOD;
    if (command->file && !options->file)
        return refuse_usage(command->name, "which FILE?", "");
    if (options->state && options->shots)
        return refuse_usage(command->name, "--state does not go with --shots",
                            ": many shots leave no one state");
    if (options->state && options->save && strcmp(options->state, options->save) == 0)
        return refuse_usage(command->name, "--state and --save need a file each: ", options->save);
    if (options->force && !options->state)
        return refuse_usage(command->name, "--force needs --state OUT.npy", "");
    if (options->save_every > 0 && !options->save && command->flag == KT_COMMAND_RUN)
        return refuse_usage(command->name, "--save-every needs --save FILE", "");
    return KT_EXIT_GOOD;
}

kt_exit kt_options_read(kt_options *options, const kt_command *command, int argc, char **argv)
{
    struct option list[OPTION_COUNT + 1];
    list_options(list, command->flag);
    *options = (kt_options){0};
    optind = 0; /* makes glibc and musl begin anew: the process may read a command line twice */
    opterr = 0;
    kt_exit code = KT_EXIT_GOOD;
    int found;
    while (code == KT_EXIT_GOOD && (found = getopt_long(argc, argv, "-:h", list, NULL)) >= 0) {
        if (found >= 256)
            code = set_option(options, command->name, &option_rows[found - 256], optarg);
        else if (found == 'h')
            options->help = true;
        else if (found == 1)
            code = set_file(options, command, optarg);
        else
            code = refuse_option(command->name, found, argv[optind - 1]);
    }
    for (; code == KT_EXIT_GOOD && optind < argc; optind++) /* after "--" */
        code = set_file(options, command, argv[optind]);
    return code == KT_EXIT_GOOD ? check_options(options, command) : code;
}
