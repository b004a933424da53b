/* ketch glia: spiking networks from files. */
#include "cli/glia_show.h"
#include "cli/interrupt.h"
#include "cli/running.h"
#include "cli/say.h"
#include "cli/training.h"

#include <string.h>

/* ---- running ---- */

/* The sequence's duration, or else to the tick in which its last injection acts: in a clean network
 * its own one. */
static uint64_t choose_ticks(const kt_glia *glia)
{
    ketch_glia_sequence_info info = {.size = sizeof info};
    (void)ketch_glia_sequence_get_info(&info, glia->sequence, NULL);
    if (glia->work.options->ticks)
        return glia->work.options->ticks;
    const uint64_t acts = info.last_tick + (glia->mode == KETCH_GLIA_CLEAN ? 0 : 1);
    return info.duration ? info.duration : info.events ? acts + 1 : 0;
}

static ketch_status start_glia(kt_work *work, const ketch_run *run)
{
    kt_glia *const glia = (kt_glia *)work;
    return ketch_glia_run(&work->result, work->engine, glia->net, &glia->feed, run, &work->error);
}

static kt_exit run_net(kt_glia *glia)
{
    kt_interrupt interrupt;
    glia->feed = (ketch_glia_feed){.size = sizeof glia->feed,
                                   .sequence = glia->sequence,
                                   .ticks = choose_ticks(glia),
                                   .record = 1,
                                   .strict = 1};
    ketch_stop *const stop = kt_interrupt_begin(&interrupt);
    const ketch_status status = kt_carry(&glia->work, start_glia, NULL, stop);
    kt_interrupt_end(&interrupt);
    if (status == KETCH_OK)
        return kt_glia_show_run(glia);
    if (status != KETCH_STOPPED && status != KETCH_TIMEOUT)
        return kt_work_fail(&glia->work);
    if (glia->work.options->json)
        (void)kt_glia_show_run(glia);
    return kt_tell_stop(&glia->work, status, NULL);
}

/* ---- the command ---- */

static kt_exit do_glia(kt_glia *glia)
{
    const kt_options *const options = glia->work.options;
    glia->mode = options->mode;
    kt_exit code = kt_glia_read_net(glia, options->words[1]);
    if (code != KT_EXIT_GOOD)
        return code;
    if (strcmp(options->words[0], "info") == 0)
        return kt_glia_show_net(glia);
    code = kt_glia_read_sequence(&glia->sequence, glia, options->words[2]);
    return code == KT_EXIT_GOOD ? run_net(glia) : code;
}

/* The words, how many files each takes, and how a message says that. */
typedef struct glia_word {
    const char *name, *takes;
    int files;
} glia_word;

static const glia_word glia_words[] = {
    {"run", "NET and SEQ", 2}, {"train", "NET and DATA", 2}, {"info", "NET", 1}};

static bool is_train(const kt_options *options)
{
    return strcmp(options->words[0], "train") == 0;
}

static const glia_word *find_word(const char *name)
{
    for (size_t i = 0; i < sizeof glia_words / sizeof glia_words[0]; i++)
        if (strcmp(glia_words[i].name, name) == 0)
            return &glia_words[i];
    return NULL;
}

/* An option that was given for another word, or for another rule. */
static const char *find_misplaced(const kt_options *options)
{
    if (!is_train(options))
        return options->training.given;
    if (options->width || options->top)
        return options->width ? "width" : "top";
    return kt_rule_asked(options)->learner->find_misplaced(options);
}

/* "run"; "train --rule bptt". */
static kt_text name_kind(const kt_options *options)
{
    return is_train(options) ? kt_format("train --rule %s", kt_rule_asked(options)->name)
                             : kt_format("%s", options->words[0]);
}

static kt_exit check_mode(const kt_options *options)
{
    const kt_rule *const rule = kt_rule_asked(options);
    if (!is_train(options) || options->mode != KETCH_GLIA_COMPAT ||
        rule->learner->mode != KETCH_GLIA_CLEAN)
        return KT_EXIT_GOOD;
    return kt_refuse(options->json, KT_EXIT_INPUT, "ketch glia: ", "--rule ", rule->name,
                     " is for clean networks: give --mode clean, or no --mode", NULL);
}

static kt_exit check_words(const kt_options *options)
{
    const char *const name = options->words[0];
    const glia_word *const word = find_word(name);
    const char *const misplaced = find_misplaced(options);
    if (!word)
        return kt_refuse(options->json, KT_EXIT_INPUT, "ketch glia: ", "no word '", name,
                         "': there are run, train and info (see: ketch glia --help)", NULL);
    if (options->word_count != word->files + 1)
        return kt_refuse(options->json, KT_EXIT_INPUT, "ketch glia: ", name, " takes ", word->takes,
                         " (see: ketch glia --help)", NULL);
    if (misplaced)
        return kt_refuse(options->json, KT_EXIT_INPUT, "ketch glia: ", "not an option of ",
                         name_kind(options).text, ": --", misplaced, " (see: ketch glia --help)",
                         NULL);
    return check_mode(options);
}

kt_exit kt_command_glia(const kt_options *options)
{
    kt_glia glia = {.net = NULL};
    kt_exit code = check_words(options);
    if (code != KT_EXIT_GOOD)
        return code;
    if (is_train(options))
        return kt_command_train(options);
    code = kt_work_open(&glia.work, options);
    if (code == KT_EXIT_GOOD)
        code = do_glia(&glia);
    kt_glia_end(&glia);
    return code;
}
