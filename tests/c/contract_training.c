/* Trainings of networks as jobs, with both rules. Each run has a network and a trainer of its own, which
 * begin in the same state: they are made once, so that runs take no memory but their own. Synapses
 * stay: test_glia_train.c has trainings that remove and add some. */
#include "contract.h"
#include "glia/train/trainer.h"
#include "trainings.h"

#include <string.h>

enum { NEURONS = 24, SENSORY = 8, SYNAPSES = 150, TICKS = 20, EVENTS = 80 };
enum { EPISODES = 7, EPOCHS = 4, TRAINERS = 12 };

/* trainers: all alike but for what they have learnt. original: a network that is not trained. */
typedef struct training_setup {
    ketch_arena *arena;
    ketch_glia_net *original;
    ketch_glia_trainer *trainers[TRAINERS];
    ketch_glia_config config;
    ketch_glia_episode episodes[EPISODES];
    ketch_glia_training training;
} training_setup;

static void set_config(ketch_glia_config *config)
{
    config->size = sizeof *config;
    GOOD(ketch_glia_config_default(config, &error));
    config->warmup_ticks = 5;
    config->decision_window = TICKS - 5;
    config->batch_size = 3;
    config->lr = 0.5F;
    config->weight_jitter_std = 0.1F;
    config->prune_epsilon = 0;
    config->eta_theta = 0.1F;
    config->eta_leak = 0.01F;
    config->usage_boost_gain = 0.1F;
    config->optimizer = KETCH_GLIA_ADAM;
    config->checkpoints_enable = 0;
}

static void make_episodes(training_setup *made)
{
    static const char *const targets[] = {"O0", "O2", "O4"};
    for (int i = 0; i < EPISODES; i++)
        made->episodes[i] = (ketch_glia_episode){
            sizeof *made->episodes, random_sequence(EVENTS, SENSORY, TICKS, 10 + (uint64_t)i),
            targets[i % 3]};
}

static training_setup *set_up_trainings(ketch_glia_rule rule)
{
    training_setup *const made = calloc(1, sizeof *made);
    GOOD(ketch_arena_create(&made->arena, NULL, &error));
    made->original = random_net(made->arena, NEURONS, SENSORY, SYNAPSES, 5);
    for (int i = 0; i < TRAINERS; i++) {
        ketch_glia_net *net = NULL;
        GOOD(ketch_glia_net_copy(&net, made->original, NULL, &error));
        GOOD(ketch_glia_trainer_create(&made->trainers[i], net, rule, &error));
        ketch_glia_net_drop(net);
    }
    set_config(&made->config);
    make_episodes(made);
    made->training = (ketch_glia_training){.size = sizeof made->training,
                                           .episodes = made->episodes,
                                           .count = EPISODES,
                                           .epochs = EPOCHS,
                                           .config = &made->config,
                                           .schedule = KETCH_GLIA_COSINE};
    return made;
}

static void *open_gradient(void)
{
    return set_up_trainings(KETCH_GLIA_GRADIENT);
}

static void *open_hebbian(void)
{
    return set_up_trainings(KETCH_GLIA_HEBBIAN);
}

static void close_trainings(void *shared)
{
    training_setup *const made = shared;
    for (int i = 0; i < TRAINERS; i++)
        ketch_glia_trainer_drop(made->trainers[i]);
    for (int i = 0; i < EPISODES; i++)
        ketch_glia_sequence_drop(made->episodes[i].sequence);
    ketch_glia_net_drop(made->original);
    ketch_arena_drop(made->arena);
    free(made);
}

/* ---- trainers that have learnt nothing ---- */

static ketch_glia_trainer *find_unused(const training_setup *made)
{
    for (int i = 0; i < TRAINERS; i++)
        if (made->trainers[i]->references == 1)
            return made->trainers[i];
    abort();
}

static void forget_all(ketch_glia_trainer *trainer, const ketch_glia_net *original)
{
    const ktg_cells *const from = &original->cells, *const to = &trainer->net->cells;
    const size_t size = NEURONS * sizeof(float);
    GOOD(ktg_net_claim_settled(trainer->net, "", &error));
    memcpy(to->threshold, from->threshold, size);
    memcpy(to->leak, from->leak, size);
    memcpy(to->value, from->value, size);
    memset(to->delta, 0, size);
    memset(to->on_deck, 0, size);
    memcpy(trainer->net->rows.weight, original->rows.weight, original->rows.count * sizeof(float));
    ktg_net_weights_changed(trainer->net);
    trainer->updates = trainer->epochs = trainer->trainings = 0;
    trainer->baseline = 0;
    if (trainer->block) {
        memset(kt_block_data(trainer->block), 0, ktg_trainer_size(trainer));
        ktg_trainer_derive(trainer);
    }
    ktg_net_release(trainer->net);
}

static ketch_status make_in_child(ketch_glia_trainer **trainer, const contract_start *s,
                                  ketch_error *e)
{
    const training_setup *const made = s->shared;
    ketch_glia_net *net = NULL;
    ketch_status status =
        ketch_glia_net_copy(&net, made->original, ketch_engine_arena(s->engine), e);
    if (status == KETCH_OK)
        status = ketch_glia_trainer_create(trainer, net, made->trainers[0]->rule, e);
    ketch_glia_net_drop(net);
    return status;
}

/* The caller drops it. A forked child can only copy a network that it inherited. */
static ketch_status take_trainer(ketch_glia_trainer **trainer, const contract_start *s,
                                 ketch_error *e)
{
    const training_setup *const made = s->shared;
    if (kt_arena_forked(made->arena))
        return make_in_child(trainer, s, e);
    *trainer = ktg_trainer_share(find_unused(made));
    forget_all(*trainer, made->original);
    return KETCH_OK;
}

/* ---- the kinds ---- */

static ketch_status start_training(ketch_result **result, const contract_start *s, ketch_error *e)
{
    const training_setup *const made = s->shared;
    ketch_glia_trainer *trainer = NULL;
    *result = NULL;
    ketch_status status = take_trainer(&trainer, s, e);
    if (status != KETCH_OK)
        return status;
    status = s->begins
                 ? ketch_glia_train_begin(result, s->engine, trainer, &made->training, s->run, e)
                 : ketch_glia_train(result, s->engine, trainer, &made->training, s->run, e);
    ketch_glia_trainer_drop(trainer);
    return status;
}

static ketch_status load_training(ketch_result **result, const contract_start *s, const char *path,
                                  ketch_error *e)
{
    const training_setup *const made = s->shared;
    ketch_glia_trainer *trainer = NULL;
    *result = NULL;
    ketch_status status = take_trainer(&trainer, s, e);
    if (status != KETCH_OK)
        return status;
    status = ketch_glia_train_load(result, s->engine, trainer, &made->training, path, e);
    ketch_glia_trainer_drop(trainer);
    return status;
}

static ketch_status need_training(ketch_need *need, const contract_start *s, ketch_error *e)
{
    const training_setup *const made = s->shared;
    return ketch_glia_train_need(need, s->engine, find_unused(made), &made->training, e);
}

static uint64_t digest_training(const ketch_result *result)
{
    return hash_training(result, CONTRACT_HASH_START);
}

#define OF_TRAININGS                                                                               \
    .close = close_trainings, .start = start_training, .load = load_training,                      \
    .digest = digest_training, .need = need_training, .type = ketch_glia_train_type,               \
    .steps = EPOCHS * EPISODES, .looks = 2

const contract_job contract_gradient = {OF_TRAININGS, .name = "gradient training",
                                        .open = open_gradient};

const contract_job contract_hebbian = {OF_TRAININGS, .name = "Hebbian training",
                                       .open = open_hebbian};
