/* Trainings by the rules of trainers. */
#include "cli/learner.h"

static const char *find_fit_option(const kt_options *options)
{
    return options->ticks ? "ticks" : options->training.has_readout ? "readout" : NULL;
}

/* What the options say; the rest is as the library has it. */
static void configure_trainer(kt_training *t)
{
    const kt_options *const options = t->glia.work.options;
    const kt_training_options *const asked = &options->training;
    ketch_glia_config *const config = &t->config;
    config->size = sizeof *config;
    (void)ketch_glia_config_default(config, NULL);
    config->optimizer = asked->has_optimizer ? asked->optimizer : config->optimizer;
    config->lr = asked->lr > 0 ? (float)asked->lr : config->lr;
    config->batch_size = asked->batch ? asked->batch : config->batch_size;
    config->warmup_ticks = asked->has_warmup ? asked->warmup : config->warmup_ticks;
    config->decision_window = asked->window ? asked->window : config->decision_window;
    config->seed = options->seeded ? options->seed : config->seed;
    t->how = (ketch_glia_training){
        .size = sizeof t->how,
        .episodes = t->data.episodes,
        .count = t->data.count,
        .epochs = asked->epochs ? asked->epochs : KT_EPOCHS,
        .config = config,
        .target_accuracy = asked->target_accuracy,
        .patience = asked->patience,
    };
}

static ketch_status prepare_trainer(kt_training *t)
{
    configure_trainer(t);
    return ketch_glia_trainer_create(&t->trainer, t->glia.net, (ketch_glia_rule)t->rule->number,
                                     &t->glia.work.error);
}

static ketch_status start_trainer(kt_training *t, const ketch_run *run)
{
    kt_work *const work = &t->glia.work;
    return ketch_glia_train(&work->result, work->engine, t->trainer, &t->how, run, &work->error);
}

static ketch_status load_trainer(kt_training *t)
{
    kt_work *const work = &t->glia.work;
    return ketch_glia_train_load(&work->result, work->engine, t->trainer, &t->how,
                                 work->options->file, &work->error);
}

const kt_learner kt_learner_trainer = {.mode = KETCH_GLIA_COMPAT,
                                       .find_misplaced = find_fit_option,
                                       .prepare = prepare_trainer,
                                       .start = start_trainer,
                                       .load = load_trainer};
