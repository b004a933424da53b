/* The life of an individual: birth, training, validation, and what it bequeaths. Only its own
 * thread touches it; the network is held by its training, so nothing else changes it. */
#include "glia/evolve/evolve.h"

#include "context.h"
#include "glia/train/configs.h"
#include "status.h"

#include <assert.h>
#include <string.h>

/* Ticks between two polls take about a millisecond by this estimate, in ns. */
static const uint64_t poll_work = 500000;

const char ktg_evolve_name[] = "ketch_glia_evolve";

/* Does a part of a life, and sets the one that follows. */
typedef ketch_status do_life(ktg_evolution *e, uint32_t individual, int32_t worker,
                             ketch_error *error);

/* ---- birth ---- */

/* The state of the base, whose neurons the network has in the same places. */
static void restore_state(ketch_glia_net *net, const ketch_glia_net *base)
{
    ktg_state_part from[KTG_STATE_PARTS], to[KTG_STATE_PARTS];
    const int32_t count = ktg_net_state(from, base);
    (void)ktg_net_state(to, net);
    for (int32_t i = 0; i < count; i++)
        memcpy(to[i].at, from[i].at, from[i].size);
    net->cells.clean.is_injected = true;
    memcpy(net->cells.fired, base->cells.fired, base->cells.fired_count * sizeof(uint32_t));
    net->cells.fired_count = base->cells.fired_count;
    net->ticks = base->ticks;
}

uint64_t ktg_seed_of(const ktg_population *p, uint32_t individual)
{
    return p->config.seed + 1000 * p->generation + individual;
}

static ketch_status do_birth(ktg_evolution *e, uint32_t individual, int32_t worker,
                             ketch_error *error)
{
    (void)worker;
    ktg_individual *const own = &e->individuals[individual];
    ktg_training *const t = own->training;
    ketch_glia_net *const net = own->trainer->net;
    restore_state(net, e->population.base);
    KT_TRY(ktg_genome_put(net, &e->population.now[individual], ktg_evolve_name, error));
    KT_TRY(ktg_trainer_forget(own->trainer, ktg_evolve_name, error));
    t->at = (ktg_progress){.stage = t->epochs ? KTG_STAGE_JITTER : KTG_STAGE_OVER};
    t->config.seed = ktg_seed_of(&e->population, individual);
    own->at = (ktg_trial){.life = KTG_LIFE_TRAINING};
    return KETCH_OK;
}

/* ---- training ---- */

static ketch_status do_training(ktg_evolution *e, uint32_t individual, int32_t worker,
                                ketch_error *error)
{
    (void)error;
    ktg_individual *const own = &e->individuals[individual];
    ketch_job job = {.size = sizeof job, .type = &ktg_train_type};
    ktg_training_describe(&job, own->training);
    while (!own->at.training.ended)
        KT_TRY(ketch_context_inner(e->context, worker, &own->at.training, &job));
    own->at.life = KTG_LIFE_EPISODE;
    return KETCH_OK;
}

/* ---- validation ---- */

static ketch_status do_validation(ktg_evolution *e, uint32_t individual, int32_t worker,
                                  ketch_error *error)
{
    (void)worker;
    ktg_individual *const own = &e->individuals[individual];
    own->at.synapses = own->trainer->net->rows.count;
    if (own->at.episode == e->validation_count) {
        own->at.life = KTG_LIFE_HERITAGE;
        return KETCH_OK;
    }
    KT_TRY(ktg_trainer_make_ready(own->trainer, ktg_evolve_name, error));
    ktg_net_begin_episode(own->trainer->net);
    ktg_episode_begin(own->trainer);
    own->at.tick = 0;
    own->at.cursor = (ktg_cursor){0};
    own->at.life = KTG_LIFE_TICKS;
    return KETCH_OK;
}

static void make_validation_tick(ktg_individual *own, const ktg_episode *episode)
{
    ketch_glia_net *const net = own->trainer->net;
    ktg_feed_inject(&episode->feed, &own->at.cursor, net);
    ktg_net_tick(net);
    ktg_feed_advance(&episode->feed, &own->at.cursor);
    ktg_episode_tick(own->trainer, &own->training->config, false);
    own->at.tick++;
}

static void end_validation(ktg_individual *own, const ktg_episode *episode)
{
    const ketch_glia_config *const config = &own->training->config;
    const ktg_outcome outcome = ktg_outcome_of(own->trainer, config);
    own->at.right += ktg_is_right(own->trainer, config, &outcome, episode->target);
    own->at.margins += (double)outcome.margin;
    own->at.episode++;
    own->at.life = KTG_LIFE_EPISODE;
}

static ketch_status do_validation_ticks(ktg_evolution *e, uint32_t individual, int32_t worker,
                                        ketch_error *error)
{
    (void)error;
    ktg_individual *const own = &e->individuals[individual];
    const ktg_episode *const episode = &e->validation[own->at.episode];
    const ktg_cells *const cells = &own->trainer->net->cells;
    const uint64_t ticks = ktg_config_ticks(&own->training->config);
    const uint64_t spike = 2 + 2 * (uint64_t)own->trainer->net->rows.count / cells->count;
    while (own->at.tick < ticks) {
        uint64_t work = 0;
        KT_TRY(ketch_context_poll(e->context, worker));
        while (own->at.tick < ticks && work < poll_work) {
            make_validation_tick(own, episode);
            work += 50 + cells->count + spike * cells->fired_count;
        }
    }
    end_validation(own, episode);
    return KETCH_OK;
}

/* ---- heritage ---- */

static ketch_status do_heritage(ktg_evolution *e, uint32_t individual, int32_t worker,
                                ketch_error *error)
{
    (void)worker;
    ktg_population *const p = &e->population;
    ktg_genome *const genome = &p->now[individual];
    ktg_individual *const own = &e->individuals[individual];
    const ketch_glia_net *const net = own->trainer->net;
    if (p->config.lamarckian) {
        KT_TRY(ktg_genome_reserve(genome, &net->cells, net->rows.count, p->arena, ktg_evolve_name,
                                  error));
        ktg_genome_read(genome, net);
    }
    own->at.life = KTG_LIFE_OVER;
    return KETCH_OK;
}

/* ---- all of it ---- */

static do_life *const do_lives[] = {
    [KTG_LIFE_BIRTH] = do_birth,        [KTG_LIFE_TRAINING] = do_training,
    [KTG_LIFE_EPISODE] = do_validation, [KTG_LIFE_TICKS] = do_validation_ticks,
    [KTG_LIFE_HERITAGE] = do_heritage,
};

/* The training claims the network itself. */
static ketch_status do_claimed(ktg_evolution *e, uint32_t individual, int32_t worker,
                               ketch_error *error)
{
    ktg_individual *const own = &e->individuals[individual];
    if (own->at.life == KTG_LIFE_TRAINING)
        return do_training(e, individual, worker, error);
    const bool is_claimed = ktg_net_regain(&own->training->hold);
    assert(is_claimed);
    const ketch_status status = do_lives[own->at.life](e, individual, worker, error);
    if (is_claimed)
        ktg_net_release(own->trainer->net);
    return status;
}

ketch_status ktg_live(uint64_t individual, int32_t worker, void *user)
{
    ktg_evolution *const e = user;
    ketch_error error = {.size = sizeof error};
    while (e->individuals[individual].at.life != KTG_LIFE_OVER) {
        const ketch_status status = do_claimed(e, (uint32_t)individual, worker, &error);
        if (status < KETCH_OK && error.status == status)
            return kt_context_fail_as(e->context, worker, &error, "the evolution needs more");
        KT_TRY(status);
    }
    return KETCH_OK;
}
