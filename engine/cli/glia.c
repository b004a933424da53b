/* ketch glia: spiking networks from files. */
#include "cli/glia_show.h"
#include "cli/interrupt.h"
#include "cli/running.h"
#include "cli/say.h"
#include "cli/source.h"

#include <string.h>

/* ---- reading ---- */

static kt_exit fail_text(const kt_glia *glia, const char *file)
{
    if (glia->work.error.line == 0)
        return kt_work_fail(&glia->work);
    return kt_refuse_text(glia->work.options->json, &glia->work.error, kt_source_name(file), NULL,
                          NULL);
}

static ketch_glia_read_options how_to_read(const kt_glia *glia)
{
    return (ketch_glia_read_options){
        .size = sizeof(ketch_glia_read_options), .strict = 1, .seed = glia->work.options->seed};
}

static kt_exit read_net(kt_glia *glia, const char *file)
{
    ketch_block *text;
    size_t length;
    ketch_error *const error = &glia->work.error;
    const ketch_glia_read_options how = how_to_read(glia);
    if (ketch_glia_net_create(&glia->net, glia->work.arena, NULL, error) != KETCH_OK)
        return kt_work_fail(&glia->work);
    const kt_exit code = kt_source_read(&text, &length, file, &glia->work);
    if (code != KT_EXIT_GOOD)
        return code;
    const ketch_status status =
        ketch_glia_read(glia->net, ketch_block_data(text), length, &how, error);
    ketch_block_drop(text);
    return status == KETCH_OK ? KT_EXIT_GOOD : fail_text(glia, file);
}

static kt_exit read_sequence(kt_glia *glia, const char *file)
{
    ketch_block *text;
    size_t length;
    ketch_error *const error = &glia->work.error;
    const ketch_glia_read_options how = how_to_read(glia);
    if (ketch_glia_sequence_create(&glia->sequence, error) != KETCH_OK)
        return kt_work_fail(&glia->work);
    const kt_exit code = kt_source_read(&text, &length, file, &glia->work);
    if (code != KT_EXIT_GOOD)
        return code;
    const ketch_status status =
        ketch_glia_sequence_read(glia->sequence, ketch_block_data(text), length, &how, error);
    ketch_block_drop(text);
    return status == KETCH_OK ? KT_EXIT_GOOD : fail_text(glia, file);
}

/* ---- running ---- */

/* The sequence's duration, or else to the tick in which its last injection acts. */
static uint64_t choose_ticks(const kt_glia *glia)
{
    ketch_glia_sequence_info info = {.size = sizeof info};
    (void)ketch_glia_sequence_get_info(&info, glia->sequence, NULL);
    if (glia->work.options->ticks)
        return glia->work.options->ticks;
    return info.duration ? info.duration : info.events ? info.last_tick + 2 : 0;
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
    kt_exit code = read_net(glia, options->words[1]);
    if (code != KT_EXIT_GOOD)
        return code;
    if (strcmp(options->words[0], "info") == 0)
        return kt_glia_show_net(glia);
    code = read_sequence(glia, options->words[2]);
    return code == KT_EXIT_GOOD ? run_net(glia) : code;
}

static kt_exit check_words(const kt_options *options)
{
    const char *const word = options->words[0];
    const bool runs = strcmp(word, "run") == 0, informs = strcmp(word, "info") == 0;
    if (!runs && !informs)
        return kt_refuse(options->json, KT_EXIT_INPUT, "ketch glia: ", "no word '", word,
                         "': there are run and info (see: ketch glia --help)", NULL);
    if (options->word_count == (runs ? 3 : 2))
        return KT_EXIT_GOOD;
    return kt_refuse(options->json, KT_EXIT_INPUT, "ketch glia: ", word,
                     runs ? " takes NET and SEQ" : " takes NET", " (see: ketch glia --help)", NULL);
}

kt_exit kt_command_glia(const kt_options *options)
{
    kt_glia glia = {.net = NULL};
    kt_exit code = check_words(options);
    if (code != KT_EXIT_GOOD)
        return code;
    code = kt_work_open(&glia.work, options);
    if (code == KT_EXIT_GOOD)
        code = do_glia(&glia);
    ketch_result_destroy(glia.work.result);
    glia.work.result = NULL;
    ketch_glia_sequence_drop(glia.sequence);
    ketch_glia_net_drop(glia.net);
    kt_work_end(&glia.work);
    return code;
}
