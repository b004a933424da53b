#include "cli/training.h"

#include "cli/bar.h"
#include "cli/interrupt.h"
#include "cli/net_file.h"
#include "cli/running.h"
#include "cli/say.h"
#include "cli/training_note.h"

#include <inttypes.h>
#include <string.h>

/* ---- running ---- */

/* At the end of an epoch the bar gets its scores. */
static int32_t tell_epoch(const ketch_step *step, void *user)
{
    const kt_training *const t = user;
    kt_bar *const bar = t->user;
    ketch_glia_epoch epoch = {.size = sizeof epoch};
    if (ketch_glia_get_epoch(&epoch, step, NULL) == KETCH_OK)
        bar->about = kt_format("epoch %" PRIu64 ", accuracy %s, margin %s", epoch.epoch + 1,
                               kt_fixed(epoch.accuracy, 4).text, kt_fixed(epoch.margin, 4).text);
    return t->hook(step, t->user);
}

static ketch_run watch(kt_training *t, const ketch_run *run)
{
    t->hook = run->hook;
    t->user = run->user;
    ketch_run watched = *run;
    watched.hook = tell_epoch;
    watched.user = t;
    return watched;
}

static ketch_status start_training(kt_work *work, const ketch_run *run)
{
    kt_training *const t = (kt_training *)work;
    const ketch_run watched = watch(t, run);
    return t->rule->learner->start(t, &watched);
}

static ketch_status go_on(kt_work *work, const ketch_run *run)
{
    const ketch_run watched = watch((kt_training *)work, run);
    return ketch_engine_resume(work->engine, work->result, &watched, &work->error);
}

/* Trains, writes the network, also of a training that was stopped, and prints what there is. */
static kt_exit carry_training(kt_training *t, kt_start *start, const char *save)
{
    kt_work *const work = &t->glia.work;
    kt_interrupt interrupt;
    ketch_stop *const stop = kt_interrupt_begin(&interrupt);
    const ketch_status status = kt_carry(work, start, save, stop);
    const bool is_stopped = status == KETCH_STOPPED || status == KETCH_TIMEOUT;
    kt_exit code = status == KETCH_OK || is_stopped ? kt_net_file_write(&t->glia) : KT_EXIT_GOOD;
    kt_interrupt_end(&interrupt);
    if (status != KETCH_OK && !is_stopped)
        return kt_work_fail(work);
    if (code == KT_EXIT_GOOD && (!is_stopped || work->options->json))
        code = kt_training_show(t);
    return code == KT_EXIT_GOOD && is_stopped ? kt_tell_stop(work, status, save) : code;
}

/* ---- the parts of a training ---- */

static kt_exit prepare_training(kt_training *t)
{
    return t->rule->learner->prepare(t) == KETCH_OK ? KT_EXIT_GOOD : kt_work_fail(&t->glia.work);
}

static void end_training(kt_training *t, ketch_block *note)
{
    ketch_result_destroy(t->glia.work.result);
    t->glia.work.result = NULL;
    ketch_glia_trainer_drop(t->trainer);
    kt_dataset_end(&t->data);
    if (note)
        ketch_block_drop(note);
    kt_glia_end(&t->glia);
}

/* ---- the commands ---- */

static kt_exit train_anew(kt_training *t, ketch_block **note)
{
    const kt_options *const options = t->glia.work.options;
    t->rule = kt_rule_asked(options);
    t->glia.mode = options->mode ? options->mode : t->rule->learner->mode;
    kt_exit code = kt_glia_read_net(&t->glia, options->words[1]);
    if (code == KT_EXIT_GOOD)
        code = kt_dataset_read(&t->data, &t->glia, options->words[2]);
    if (code == KT_EXIT_GOOD)
        code = prepare_training(t);
    if (code == KT_EXIT_GOOD && options->save &&
        kt_training_note_write(note, &t->glia, &t->data, kt_rule_number(t->rule)) != KETCH_OK)
        code = kt_work_fail(&t->glia.work);
    return code == KT_EXIT_GOOD ? carry_training(t, start_training, options->save) : code;
}

kt_exit kt_command_train(const kt_options *options)
{
    kt_training training = {.trainer = NULL};
    ketch_block *note = NULL;
    kt_exit code = kt_net_file_try(options, 1);
    if (code != KT_EXIT_GOOD)
        return code;
    code = kt_work_open(&training.glia.work, options);
    if (code == KT_EXIT_GOOD)
        code = train_anew(&training, &note);
    end_training(&training, note);
    return code;
}

/* ---- going on ---- */

static kt_exit refuse_saved(const kt_training *t)
{
    const kt_options *const options = t->glia.work.options;
    return kt_refuse(options->json, KT_EXIT_INPUT, "ketch: ", options->file,
                     " was saved by a program, not by this command: load it there (in Python: "
                     "Trainer.resume, Fitter.resume)",
                     NULL);
}

static kt_exit read_episodes(kt_training *t, kt_note_reader *reader, uint64_t episodes)
{
    const char *const name = t->glia.work.options->file;
    if (kt_dataset_reserve(&t->data, episodes, &t->glia.work) != KETCH_OK)
        return kt_work_fail(&t->glia.work);
    for (uint64_t i = 0; i < episodes; i++) {
        kt_note_text found;
        if (!kt_training_note_episode(reader, &found))
            return refuse_saved(t);
        const kt_exit code = kt_glia_parse_sequence(kt_dataset_next(&t->data), &t->glia, found.text,
                                                    found.length, name);
        if (code != KT_EXIT_GOOD)
            return code;
        kt_dataset_add(&t->data, found.target);
    }
    return KT_EXIT_GOOD;
}

/* Network, rule and episodes, as they were when the training began. */
static kt_exit read_note(kt_training *t, const char *note, uint64_t size)
{
    kt_training_head head;
    kt_note_reader reader = {note, note ? note + size : NULL};
    if (!kt_training_note_read(&reader, &head) || !kt_rule_numbered(head.rule))
        return refuse_saved(t);
    t->rule = kt_rule_numbered(head.rule);
    t->glia.mode = head.mode;
    t->glia.work.note = note;
    t->glia.work.note_size = (size_t)size;
    const kt_exit code =
        kt_glia_parse_net(&t->glia, head.net.text, head.net.length, t->glia.work.options->file);
    return code == KT_EXIT_GOOD ? read_episodes(t, &reader, head.episodes) : code;
}

static kt_exit load_training(kt_training *t, const ketch_saved *saved)
{
    kt_work *const work = &t->glia.work;
    ketch_saved_info info = {.size = sizeof info};
    if (ketch_saved_get_info(&info, saved, &work->error) != KETCH_OK)
        return kt_work_fail(work);
    kt_exit code = read_note(t, ketch_saved_note(saved), info.note_size);
    if (code == KT_EXIT_GOOD)
        code = prepare_training(t);
    if (code != KT_EXIT_GOOD)
        return code;
    return t->rule->learner->load(t) == KETCH_OK ? KT_EXIT_GOOD : kt_work_fail(work);
}

bool kt_training_is_saved(const ketch_saved *saved)
{
    ketch_saved_info info = {.size = sizeof info};
    return ketch_saved_get_info(&info, saved, NULL) == KETCH_OK &&
           (strcmp(info.type, ketch_glia_train_type()->name) == 0 ||
            strcmp(info.type, ketch_glia_fit_type()->name) == 0);
}

static kt_exit refuse_option(const kt_options *options)
{
    const char *const given = options->state    ? "--state"
                              : options->top    ? "--top"
                              : options->report ? "--report"
                                                : NULL;
    if (!given)
        return KT_EXIT_GOOD;
    return kt_refuse(options->json, KT_EXIT_INPUT, "ketch resume: ", given,
                     " is for circuits, and ", options->file, " is a training", NULL);
}

kt_exit kt_training_resume(ketch_saved *saved, const kt_options *options)
{
    kt_training training = {.trainer = NULL};
    kt_exit code = refuse_option(options);
    if (code == KT_EXIT_GOOD)
        code = kt_net_file_try(options, 0);
    if (code != KT_EXIT_GOOD)
        return code;
    code = kt_work_open(&training.glia.work, options);
    if (code == KT_EXIT_GOOD)
        code = load_training(&training, saved);
    if (code == KT_EXIT_GOOD)
        code = carry_training(&training, go_on, options->save ? options->save : options->file);
    end_training(&training, NULL);
    return code;
}
