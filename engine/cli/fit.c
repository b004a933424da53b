/* Trainings by gradients through time: fits. */
#include "cli/learner.h"

static const char *find_trainer_option(const kt_options *options)
{
    return options->training.has_warmup ? "warmup" : options->training.window ? "window" : NULL;
}

/* The most that a fit's field holds, and it refuses, stands for more. */
static uint32_t clip_ticks(uint64_t ticks)
{
    return ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX;
}

/* What the options say; the rest is as the library has it. */
static ketch_status prepare_fit(kt_training *t)
{
    const kt_options *const options = t->glia.work.options;
    const kt_training_options *const asked = &options->training;
    ketch_glia_fit *const fit = &t->fit;
    fit->size = sizeof *fit;
    (void)ketch_glia_fit_default(fit, NULL);
    fit->episodes = t->data.episodes;
    fit->count = t->data.count;
    fit->epochs = asked->epochs ? asked->epochs : KT_EPOCHS;
    fit->method = (ketch_glia_method)t->rule->number;
    fit->ticks = options->ticks ? clip_ticks(options->ticks) : fit->ticks;
    fit->readout = asked->has_readout ? asked->readout : fit->readout;
    fit->optimizer = asked->has_optimizer ? asked->optimizer : fit->optimizer;
    fit->lr = asked->lr > 0 ? (float)asked->lr : fit->lr;
    fit->batch = asked->batch ? (uint32_t)asked->batch : fit->batch;
    fit->seed = options->seeded ? options->seed : fit->seed;
    fit->target_accuracy = asked->target_accuracy;
    fit->patience = asked->patience;
    return KETCH_OK;
}

static ketch_status start_fit(kt_training *t, const ketch_run *run)
{
    kt_work *const work = &t->glia.work;
    return ketch_glia_fit_run(&work->result, work->engine, t->glia.net, &t->fit, run, &work->error);
}

static ketch_status load_fit(kt_training *t)
{
    kt_work *const work = &t->glia.work;
    return ketch_glia_fit_load(&work->result, work->engine, t->glia.net, &t->fit,
                               work->options->file, &work->error);
}

const kt_learner kt_learner_fit = {.mode = KETCH_GLIA_CLEAN,
                                   .find_misplaced = find_trainer_option,
                                   .prepare = prepare_fit,
                                   .start = start_fit,
                                   .load = load_fit,
                                   .has_loss = true};
