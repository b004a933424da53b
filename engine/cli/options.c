#define _GNU_SOURCE
#include "cli/options.h"

#include "cli/rules.h"
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
    char letter; /* 0: none */
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
    const bool good = read_digits(&options->shots, text) && options->shots > 0 &&
                      options->shots <= UINT64_C(1) << 32;
    return good ? NULL : "a whole number from 1 to 2^32";
}

static const char *set_ticks(kt_options *options, const char *text)
{
    const bool good = read_digits(&options->ticks, text) && options->ticks > 0 &&
                      options->ticks <= UINT64_C(1) << 32;
    return good ? NULL : "a whole number from 1 to 2^32";
}

static const char *set_mode(kt_options *options, const char *text)
{
    const bool is_compat = strcmp(text, "compat") == 0, is_clean = strcmp(text, "clean") == 0;
    options->mode = is_compat ? KETCH_GLIA_COMPAT : KETCH_GLIA_CLEAN;
    return is_compat || is_clean ? NULL : "compat or clean";
}

static const char *set_seed(kt_options *options, const char *text)
{
    options->seeded = true;
    return read_digits(&options->seed, text) ? NULL : "a whole number from 0 to 2^64 - 1";
}

/* ---- of trainings ---- */

static const char *set_epochs(kt_options *options, const char *text)
{
    uint64_t *const epochs = &options->training.epochs;
    options->training.given = "epochs";
    const bool good = read_digits(epochs, text) && *epochs > 0 && *epochs <= UINT64_C(1) << 32;
    return good ? NULL : "a whole number from 1 to 2^32";
}

static const char *set_patience(kt_options *options, const char *text)
{
    uint64_t *const patience = &options->training.patience;
    options->training.given = "patience";
    const bool good =
        read_digits(patience, text) && *patience > 0 && *patience <= UINT64_C(1) << 32;
    return good ? NULL : "a whole number from 1 to 2^32";
}

static const char *set_rule(kt_options *options, const char *text)
{
    options->training.given = "rule";
    options->training.rule = kt_rule_find(text);
    return options->training.rule ? NULL : "gradient, hebbian, bptt or eprop";
}

/* The place of the text among count names; -1: it is none of them. */
static int find_name(const char *text, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(text, names[i]) == 0)
            return i;
    return -1;
}

static const char *set_optimizer(kt_options *options, const char *text)
{
    static const char *const names[] = {
        [KETCH_GLIA_SGD] = "sgd", [KETCH_GLIA_ADAM] = "adam", [KETCH_GLIA_ADAMW] = "adamw"};
    const int found = find_name(text, names, 3);
    options->training.given = "optimizer";
    options->training.has_optimizer = true;
    options->training.optimizer = (ketch_glia_optimizer)found;
    return found >= 0 ? NULL : "sgd, adam or adamw";
}

static const char *set_readout(kt_options *options, const char *text)
{
    static const char *const names[] = {
        [KETCH_GLIA_READ_SPIKES] = "spikes", [KETCH_GLIA_READ_VOLTAGE] = "voltage"};
    const int found = find_name(text, names, 2);
    options->training.given = "readout";
    options->training.has_readout = true;
    options->training.readout = (ketch_glia_readout)found;
    return found >= 0 ? NULL : "voltage or spikes";
}

static const char *set_lr(kt_options *options, const char *text)
{
    const char *end;
    double *const lr = &options->training.lr;
    options->training.given = "lr";
    const bool good = kt_read_number(lr, text, &end) && *end == '\0' && *lr > 0 && *lr <= 1e30;
    return good ? NULL : "a number above 0, up to 1e30, as in 0.01";
}

static const char *set_target_accuracy(kt_options *options, const char *text)
{
    const char *end;
    double *const target = &options->training.target_accuracy;
    options->training.given = "target-accuracy";
    const bool good =
        kt_read_number(target, text, &end) && *end == '\0' && *target > 0 && *target <= 1;
    return good ? NULL : "a number above 0, up to 1";
}

/* A number from least to 2^30. */
static bool read_ticks(uint32_t *ticks, uint64_t least, const char *text)
{
    uint64_t number = 0;
    const bool good = read_digits(&number, text) && number >= least && number <= 1 << 30;
    *ticks = good ? (uint32_t)number : 0;
    return good;
}

static const char *set_batch(kt_options *options, const char *text)
{
    uint32_t batch;
    options->training.given = "batch";
    const bool good = read_ticks(&batch, 1, text);
    options->training.batch = (int32_t)batch;
    return good ? NULL : "a whole number from 1 to 2^30";
}

static const char *set_warmup(kt_options *options, const char *text)
{
    options->training.given = "warmup";
    options->training.has_warmup = true;
    return read_ticks(&options->training.warmup, 0, text) ? NULL : "a whole number from 0 to 2^30";
}

static const char *set_window(kt_options *options, const char *text)
{
    options->training.given = "window";
    return read_ticks(&options->training.window, 1, text) ? NULL : "a whole number from 1 to 2^30";
}

static const char *set_out(kt_options *options, const char *text)
{
    options->training.given = "out";
    options->out = text;
    return *text ? NULL : "the name of a file";
}

/* ---- of all ---- */

static const char *set_threads(kt_options *options, const char *text)
{
    uint64_t threads = 0;
    _Static_assert(KETCH_THREADS_MAX == 64, "the text below, and help.c");
    if (!read_digits(&threads, text) || threads < 1 || threads > KETCH_THREADS_MAX)
        return "a whole number from 1 to 64";
    options->threads = (int32_t)threads;
    return NULL;
}

static const char *set_top(kt_options *options, const char *text)
{
    options->top = UINT64_MAX;
    const bool good =
        strcmp(text, "all") == 0 || (read_digits(&options->top, text) && options->top > 0);
    return good ? NULL : "a whole number from 1, or all";
}

static const char *set_observe(kt_options *options, const char *text)
{
    if (options->observe_count == KT_OBSERVE_MAX)
        return "at most 32 of them";
    options->observe[options->observe_count++] = text;
    return *text ? NULL : "a sum of Pauli strings, as in \"ZZI + 0.5 XIX\"";
}

static const char *set_initial(kt_options *options, const char *text)
{
    options->initial = text;
    return *text && text[strspn(text, "01+-")] == 0 ? NULL : "a ket: one of 0 1 + - for each qubit";
}

static const char *set_include(kt_options *options, const char *text)
{
    if (options->include_count == KT_INCLUDE_MAX)
        return "at most 16 of them";
    options->include[options->include_count++] = text;
    return *text ? NULL : "the name of a folder";
}

/* Whole numbers with commas between them, each once. */
static const char *set_thread_list(kt_options *options, const char *text)
{
    static const char *const allowed = "different whole numbers from 1 to 64, as in 1,2,4";
    uint64_t seen = 0;
    options->thread_count = 0;
    for (const char *at = text;; at++) {
        const int digits = (int)strspn(at, "0123456789");
        uint64_t threads = 0;
        if (digits > 2 || !read_digits(&threads, kt_format("%.*s", digits, at).text) ||
            threads < 1 || threads > KETCH_THREADS_MAX || seen >> (threads - 1) & 1)
            return allowed;
        seen |= UINT64_C(1) << (threads - 1);
        options->thread_list[options->thread_count++] = (int32_t)threads;
        at += digits;
        if (*at != ',')
            return *at == '\0' ? NULL : allowed;
    }
}

static const char *set_repeat(kt_options *options, const char *text)
{
    const bool good = read_digits(&options->repeat, text) && options->repeat >= 1 &&
                      options->repeat <= KT_REPEAT_MAX;
    return good ? NULL : "a whole number from 1 to 1000000";
}

static const char *set_report(kt_options *options, const char *text)
{
    (void)text;
    options->report = true;
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
    options->training.given = "save-every";
    return set_seconds(&options->save_every, text);
}

static const char *set_save(kt_options *options, const char *text)
{
    options->training.given = "save";
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
    const int found = find_name(text, names, 3);
    options->progress = (kt_progress)found;
    return found >= 0 ? NULL : "auto, always or never";
}

static const char *set_help(kt_options *options, const char *text)
{
    (void)text;
    options->help = true;
    return NULL;
}

enum {
    FOR_MOST = KT_COMMAND_RUN | KT_COMMAND_PLAN | KT_COMMAND_INFO | KT_COMMAND_RESUME,
    FOR_ALL = FOR_MOST | KT_COMMAND_COSTS | KT_COMMAND_DRAW | KT_COMMAND_BENCH | KT_COMMAND_GLIA,
    FOR_TEXTS = KT_COMMAND_RUN | KT_COMMAND_PLAN | KT_COMMAND_DRAW | KT_COMMAND_BENCH,
    FOR_PROGRAM = KT_COMMAND_RUN | KT_COMMAND_PLAN | KT_COMMAND_BENCH,
    FOR_RUN = KT_COMMAND_RUN,
    FOR_JSON = FOR_MOST | KT_COMMAND_BENCH | KT_COMMAND_GLIA,
    FOR_ANY_RUN = KT_COMMAND_RUN | KT_COMMAND_RESUME,
    FOR_SAVES = FOR_ANY_RUN | KT_COMMAND_GLIA,
    FOR_BARS = FOR_ANY_RUN | KT_COMMAND_COSTS | KT_COMMAND_BENCH | KT_COMMAND_GLIA
};

static const option_row option_rows[] = {
    {"include", FOR_TEXTS, set_include, required_argument, 'I'},
    {"initial", FOR_RUN, set_initial, required_argument, 0},
    {"observe", FOR_RUN, set_observe, required_argument, 0},
    {"ticks", KT_COMMAND_GLIA, set_ticks, required_argument, 0},
    {"mode", KT_COMMAND_GLIA, set_mode, required_argument, 0},
    {"epochs", KT_COMMAND_GLIA, set_epochs, required_argument, 0},
    {"rule", KT_COMMAND_GLIA, set_rule, required_argument, 0},
    {"optimizer", KT_COMMAND_GLIA, set_optimizer, required_argument, 0},
    {"readout", KT_COMMAND_GLIA, set_readout, required_argument, 0},
    {"lr", KT_COMMAND_GLIA, set_lr, required_argument, 0},
    {"batch", KT_COMMAND_GLIA, set_batch, required_argument, 0},
    {"warmup", KT_COMMAND_GLIA, set_warmup, required_argument, 0},
    {"window", KT_COMMAND_GLIA, set_window, required_argument, 0},
    {"target-accuracy", KT_COMMAND_GLIA, set_target_accuracy, required_argument, 0},
    {"patience", KT_COMMAND_GLIA, set_patience, required_argument, 0},
    {"out", KT_COMMAND_RESUME | KT_COMMAND_GLIA, set_out, required_argument, 0},
    {"top", FOR_ANY_RUN | KT_COMMAND_GLIA, set_top, required_argument, 0},
    {"shots", FOR_RUN, set_shots, required_argument, 0},
    {"seed", FOR_RUN | KT_COMMAND_GLIA, set_seed, required_argument, 0},
    {"threads", FOR_MOST | KT_COMMAND_GLIA, set_threads, required_argument, 0},
    {"precision", FOR_PROGRAM, set_precision, required_argument, 0},
    {"costs", FOR_PROGRAM, set_costs, required_argument, 0},
    {"timeout", FOR_ANY_RUN | KT_COMMAND_PLAN | KT_COMMAND_GLIA, set_timeout, required_argument, 0},
    {"memory", FOR_ALL, set_memory, required_argument, 0},
    {"text-limit", FOR_TEXTS | KT_COMMAND_GLIA, set_text_limit, required_argument, 0},
    {"state", FOR_ANY_RUN, set_state, required_argument, 0},
    {"force", FOR_SAVES, set_force, no_argument, 0},
    {"json", FOR_JSON, set_json, no_argument, 0},
    {"report", FOR_ANY_RUN, set_report, no_argument, 0},
    {"threads", KT_COMMAND_BENCH, set_thread_list, required_argument, 0},
    {"repeat", KT_COMMAND_BENCH, set_repeat, required_argument, 0},
    {"progress", FOR_BARS, set_progress, required_argument, 0},
    {"save", FOR_SAVES, set_save, required_argument, 0},
    {"save-every", FOR_SAVES, set_save_every, required_argument, 0},
    {"width", KT_COMMAND_DRAW | KT_COMMAND_GLIA, set_width, required_argument, 0},
    {"ascii", KT_COMMAND_DRAW, set_ascii, no_argument, 0},
    {"help", FOR_ALL, set_help, no_argument, 'h'},
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

/* The table's letters in getopt's form: "-" gives arguments that are no options in their order, ":"
 * tells a missing value from what is unknown. */
static void list_letters(char letters[2 * OPTION_COUNT + 3], unsigned command)
{
    size_t count = 0;
    letters[count++] = '-';
    letters[count++] = ':';
    for (int i = 0; i < OPTION_COUNT; i++)
        if (option_rows[i].letter && option_rows[i].commands & command) {
            letters[count++] = option_rows[i].letter;
            if (option_rows[i].argument == required_argument)
                letters[count++] = ':';
        }
    letters[count] = 0;
}

/* The row of what getopt found; NULL: none. */
static const option_row *find_row(int found)
{
    if (found >= 256)
        return &option_rows[found - 256];
    for (int i = 0; i < OPTION_COUNT; i++)
        if (found && option_rows[i].letter == found)
            return &option_rows[i];
    return NULL;
}

/* A command line that is being read. */
typedef struct reading {
    kt_options *options;
    const kt_command *command;
    int argc;
    char **argv;
} reading;

/* Whether failures are told in JSON: --json may stand behind what is wrong. */
static bool asks_json(const reading *r)
{
    bool asked = false;
    for (int i = 1; i < r->argc && strcmp(r->argv[i], "--") != 0; i++)
        asked = asked || strcmp(r->argv[i], "--json") == 0;
    return asked;
}

static kt_exit refuse_usage(const reading *r, const char *what, const char *given)
{
    const char *const name = r->command->name;
    return kt_refuse(asks_json(r), KT_EXIT_INPUT, "ketch ", name, ": ", what, given,
                     " (see: ketch ", name, " --help)", NULL);
}

static kt_exit set_option(const reading *r, const option_row *row, const char *text)
{
    const char *const allowed = row->set(r->options, text);
    if (!allowed)
        return KT_EXIT_GOOD;
    return kt_refuse(asks_json(r), KT_EXIT_INPUT, "ketch ", r->command->name, ": --", row->name,
                     " ", text, ": allowed is ", allowed, NULL);
}

static kt_exit set_word(const reading *r, const char *text)
{
    kt_options *const options = r->options;
    if (options->word_count == r->command->words)
        return refuse_usage(r, "one argument too many: ", text);
    options->words[options->word_count++] = text;
    options->file = options->words[0];
    return KT_EXIT_GOOD;
}

/* What getopt did not like: a missing value, or something it does not know. */
static kt_exit refuse_option(const reading *r, int found, const char *text)
{
    if (found == ':')
        return refuse_usage(r, "a value is missing after ", text);
    const char letter[3] = {'-', (char)optopt, '\0'};
    const bool is_letter = optopt > 0 && optopt < 256;
    return refuse_usage(r, "not an option here: ", is_letter ? letter : text);
}

static kt_exit check_options(const reading *r)
{
    const kt_options *const options = r->options;
    if (options->help)
        return KT_EXIT_GOOD;
    if (r->command->words && !options->file)
        return refuse_usage(r, r->command->words == 1 ? "which FILE?" : "run, train or info?", "");
    if (options->state && options->shots)
        return refuse_usage(r, "--state does not go with --shots",
                            ": many shots leave no one state");
    if (options->state && options->save && strcmp(options->state, options->save) == 0)
        return refuse_usage(r, "--state and --save need a file each: ", options->save);
    const bool is_glia = r->command->flag == KT_COMMAND_GLIA;
    if (options->force && !options->state && !options->out)
        return refuse_usage(r, "--force needs ", is_glia ? "--out FILE" : "--state OUT.npy");
    if (options->out && options->save && strcmp(options->out, options->save) == 0)
        return refuse_usage(r, "--out and --save need a file each: ", options->save);
    if (options->save_every > 0 && !options->save &&
        (is_glia || r->command->flag == KT_COMMAND_RUN))
        return refuse_usage(r, "--save-every needs --save FILE", "");
    return KT_EXIT_GOOD;
}

static kt_exit take_found(const reading *r, int found)
{
    const option_row *const row = find_row(found);
    if (row)
        return set_option(r, row, optarg);
    return found == 1 ? set_word(r, optarg) : refuse_option(r, found, r->argv[optind - 1]);
}

kt_exit kt_options_read(kt_options *options, const kt_command *command, int argc, char **argv)
{
    const reading r = {options, command, argc, argv};
    struct option list[OPTION_COUNT + 1];
    char letters[2 * OPTION_COUNT + 3];
    list_options(list, command->flag);
    list_letters(letters, command->flag);
    *options = (kt_options){0};
    optind = 0; /* makes glibc and musl begin anew: the process may read a command line twice */
    opterr = 0;
    kt_exit code = KT_EXIT_GOOD;
    int found;
    while (code == KT_EXIT_GOOD && (found = getopt_long(argc, argv, letters, list, NULL)) >= 0)
        code = take_found(&r, found);
    for (; code == KT_EXIT_GOOD && optind < argc; optind++) /* after "--" */
        code = set_word(&r, argv[optind]);
    return code == KT_EXIT_GOOD ? check_options(&r) : code;
}
