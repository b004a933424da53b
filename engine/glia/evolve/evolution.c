/* Evolutions: how they are checked, made and ended. */
#include "glia/evolve/evolve.h"

#include "glia/net/fingerprint.h"
#include "glia/net/parts.h"
#include "glia/train/configs.h"
#include "hash.h"
#include "layout.h"
#include "status.h"

#include <string.h>

/* ---- checks ---- */

static ketch_status fail_count(const char *argument, uint64_t given, const char *allowed,
                               const char *function, ketch_error *error)
{
    return kt_fail(error, KETCH_RANGE, function, argument,
                   kt_format("%llu", (unsigned long long)given).text, allowed,
                   "no evolution has so many episodes");
}

static ketch_status check_validation(const ketch_glia_evolution *asked, const char *function,
                                     ketch_error *error)
{
    const uint64_t count = asked->validation_count;
    if (count == 0 && !asked->fitness)
        return fail_count("validation_count", 0, "1 or more, or a fitness function", function,
                          error);
    if (count > UINT32_MAX)
        return fail_count("validation_count", count, "0..4294967295", function, error);
    if (count && !asked->validation)
        return kt_fail_handle(error, function, "validation", "an array", NULL);
    return count ? ktg_episodes_check_size(asked->validation, "validation", function, error)
                 : KETCH_OK;
}

/* Nothing can go back to a checkpoint, and a revert takes back nothing. */
static ketch_status read_evolved_training(ktg_evolve_parts *parts, const char *function,
                                          ketch_error *error)
{
    const ketch_glia_evolution *const asked = &parts->asked;
    const ketch_glia_training training = {.size = sizeof training,
                                          .episodes = asked->train,
                                          .count = asked->train_count,
                                          .epochs = parts->config.train_epochs,
                                          .config = asked->config};
    const ktg_train_launch launch = {.training = &training, .function = function};
    if (asked->train_count == 0 && parts->config.train_epochs > 0)
        return fail_count("train_count", 0, "1 or more, or train_epochs 0", function, error);
    if (asked->train_count > 0)
        KT_TRY(ktg_train_read(&parts->training, &launch, error));
    else
        KT_TRY(ktg_config_read(&parts->training.config, asked->config, function, error));
    parts->training.asked = training;
    parts->training.config.checkpoints_enable = 0;
    parts->training.config.revert_enable = 0;
    return KETCH_OK;
}

ketch_status ktg_evolve_read(ktg_evolve_parts *parts, const ktg_evolve_launch *launch,
                             ketch_error *error)
{
    ketch_glia_evolution *const asked = &parts->asked;
    if (!launch->evolution)
        return kt_fail_handle(error, launch->function, "evolution", "how to evolve", NULL);
    KT_TRY(kt_read_options(asked, sizeof *asked, launch->evolution, launch->function, "evolution",
                           error));
    KT_TRY(ktg_evolution_read(&parts->config, asked->evolution, launch->function, error));
    KT_TRY(check_validation(asked, launch->function, error));
    return read_evolved_training(parts, launch->function, error);
}

/* ---- making ---- */

static ktg_evolution *lay_out_evolution(kt_layout *layout, const ktg_evolve_parts *parts)
{
    ktg_evolution *const e = kt_layout_take(layout, 1, sizeof *e);
    ktg_individual *const individuals =
        kt_layout_take(layout, parts->config.population, sizeof *individuals);
    ktg_episode *const validation =
        kt_layout_take(layout, parts->asked.validation_count, sizeof *validation);
    if (e) {
        e->individuals = individuals;
        e->validation = validation;
    }
    return e;
}

uint64_t ktg_evolution_size(const ktg_evolve_parts *parts)
{
    kt_layout layout = {0};
    (void)lay_out_evolution(&layout, parts);
    return layout.size;
}

static ketch_status take_evolution(ktg_evolution **made, const ktg_evolve_parts *parts,
                                   ketch_arena *arena, const char *function, ketch_error *error)
{
    kt_layout layout = {.size = (size_t)ktg_evolution_size(parts)};
    ketch_block *block;
    KT_TRY(ktg_take_zeroed(&block, &layout, arena, "evolution", "an evolution", function, error));
    *made = lay_out_evolution(&layout, parts);
    (*made)->record = block;
    return KETCH_OK;
}

/* A training on a claimed network, which it holds. */
static ketch_status make_held_training(ktg_individual *own, const ktg_evolve_parts *parts,
                                       ketch_arena *arena, const char *function, ketch_error *error)
{
    KT_TRY(ktg_trainer_make_ready(own->trainer, function, error));
    KT_TRY(
        ktg_training_make(&own->training, own->trainer, &parts->training, arena, function, error));
    ktg_training_hold(own->training, true);
    return KETCH_OK;
}

static ketch_status make_individual(ktg_individual *own, ketch_glia_net *base,
                                    const ktg_evolve_parts *parts, ketch_arena *arena,
                                    const char *function, ketch_error *error)
{
    ketch_glia_net *net = NULL;
    KT_TRY(ktg_net_copy(&net, base, arena, function, error));
    ketch_status status = ketch_glia_trainer_create(&own->trainer, net, KETCH_GLIA_HEBBIAN, error);
    ketch_glia_net_drop(net);
    KT_TRY(status);
    KT_TRY(ktg_net_claim_to_hold(own->trainer->net, function, error));
    status = make_held_training(own, parts, arena, function, error);
    ktg_net_release(own->trainer->net);
    return status;
}

static uint64_t hash_evolution(const ktg_evolution *e, uint64_t validation)
{
    const ktg_fingerprint base = ktg_fingerprint_of(e->population.base);
    const uint64_t episodes[] = {e->individuals[0].training->fingerprint, validation};
    kt_hash hash;
    kt_hash_begin(&hash, 0);
    kt_hash_add(&hash, &base, sizeof base);
    kt_hash_add(&hash, episodes, sizeof episodes);
    return kt_hash_end(&hash);
}

static ketch_status fill_evolution(ktg_evolution *e, const ktg_evolve_launch *launch,
                                   const ktg_evolve_parts *parts, bool is_bred, ketch_arena *arena,
                                   ketch_error *error)
{
    const char *const function = launch->function;
    uint64_t validation = 0;
    KT_TRY(ktg_population_make(&e->population, launch->net, &parts->config, is_bred, arena,
                               function, error));
    ketch_glia_net *const base = e->population.base;
    KT_TRY(ktg_episodes_make(e->validation, &e->validation_count, &validation, base,
                             parts->asked.validation, parts->asked.validation_count, arena,
                             function, error));
    for (uint32_t i = 0; i < parts->config.population; i++)
        KT_TRY(make_individual(&e->individuals[i], base, parts, arena, function, error));
    e->fingerprint = hash_evolution(e, validation);
    e->fitness = parts->asked.fitness;
    e->user = parts->asked.user;
    return KETCH_OK;
}

static void end_individual(ktg_individual *own)
{
    if (own->training)
        ktg_train_release(own->training);
    ketch_glia_trainer_drop(own->trainer);
}

void ktg_evolve_release(void *user)
{
    ktg_evolution *const e = user;
    for (uint32_t i = 0; i < e->population.config.population; i++)
        end_individual(&e->individuals[i]);
    for (uint64_t i = 0; i < e->validation_count; i++)
        ktg_feed_end(&e->validation[i].feed);
    ktg_population_end(&e->population);
    kt_block_drop(e->record);
}

ketch_status ktg_evolution_make(ktg_evolution **made, const ktg_evolve_launch *launch,
                                const ktg_evolve_parts *parts, bool is_bred, ketch_arena *arena,
                                ketch_error *error)
{
    ktg_evolution *e = NULL;
    KT_TRY(take_evolution(&e, parts, arena, launch->function, error));
    const ketch_status status = fill_evolution(e, launch, parts, is_bred, arena, error);
    if (status != KETCH_OK) {
        ktg_evolve_release(e);
        return status;
    }
    *made = e;
    return KETCH_OK;
}

void ktg_evolution_describe(ketch_job *job, ktg_evolution *e)
{
    job->steps = e->population.config.generations * e->population.config.population;
    job->user = e;
}
