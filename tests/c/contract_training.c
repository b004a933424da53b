/* Trainings of spiking networks as jobs, with both rules. Each run has a network and a trainer of its
 * own, which the result keeps. */
#include "contract.h"
#include "results.h"

#include <stdio.h>
#include <stdlib.h>

enum { SENSORS = 5, HIDDEN = 6, OUTPUTS = 3, EPISODES = 4, EPOCHS = 3, TICKS = 20 };

/* Any numbers will do, as long as they are the same each time. */
static uint32_t next_number(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

static void add_kinds(ketch_glia_net *net, const char *kind, int count, float threshold, float leak)
{
    char id[8];
    for (int i = 0; i < count; i++) {
        snprintf(id, sizeof id, "%s%d", kind, i);
        GOOD(ketch_glia_add_neuron(net, id, threshold, leak, 0, &error));
    }
}

static ketch_status make_net(ketch_glia_net **net, ketch_engine *engine, ketch_error *e)
{
    uint32_t state = 1;
    const ketch_status status = ketch_glia_net_create(net, ketch_engine_arena(engine), NULL, e);
    if (status != KETCH_OK)
        return status;
    add_kinds(*net, "O", OUTPUTS, 45, 0.9F);
    add_kinds(*net, "S", SENSORS, 100, 1);
    add_kinds(*net, "H", HIDDEN, 35, 0.8F);
    enum { NEURONS = SENSORS + HIDDEN + OUTPUTS };
    for (uint32_t from = 0; from < NEURONS; from++)
        for (uint32_t to = 0; to < NEURONS; to++) {
            const float weight = (float)(int32_t)(next_number(&state) % 6000 - 2000) / 100;
            if (next_number(&state) % 3)
                continue;
            const ketch_status added = ketch_glia_add_synapses(*net, 1, &from, &to, &weight, e);
            if (added != KETCH_OK) {
                ketch_glia_net_drop(*net);
                return added;
            }
        }
    return KETCH_OK;
}

/* What the runs of one rule share. */
typedef struct training_setup {
    ketch_glia_rule rule;
    ketch_glia_config config;
    ketch_glia_episode episodes[EPISODES];
    ketch_glia_training training;
} training_setup;

static ketch_glia_sequence *make_input(uint32_t *state)
{
    char id[8];
    ketch_glia_sequence *made;
    GOOD(ketch_glia_sequence_create(&made, &error));
    for (uint64_t tick = 0; tick < TICKS; tick++)
        for (int i = 0; i < SENSORS; i++) {
            snprintf(id, sizeof id, "S%d", i);
            if (next_number(state) % 2)
                GOOD(ketch_glia_sequence_add(made, tick, id, 150, &error));
        }
    return made;
}

static training_setup *set_up_training(ketch_glia_rule rule)
{
    static const char *const targets[OUTPUTS] = {"O0", "O1", "O2"};
    training_setup *const made = calloc(1, sizeof *made);
    uint32_t state = 7;
    made->rule = rule;
    made->config.size = sizeof made->config;
    GOOD(ketch_glia_config_default(&made->config, &error));
    made->config.warmup_ticks = 5;
    made->config.decision_window = TICKS - 5;
    made->config.batch_size = 3;
    made->config.lr = 0.5F;
    made->config.weight_jitter_std = 0.1F;
    made->config.prune_epsilon = 2;
    made->config.prune_patience = 1;
    made->config.grow_edges = 1;
    made->config.eta_theta = 0.1F;
    made->config.usage_boost_gain = 0.1F;
    made->config.optimizer = KETCH_GLIA_ADAM;
    made->config.ckpt_l0 = 0;
    for (int i = 0; i < EPISODES; i++)
        made->episodes[i] = (ketch_glia_episode){sizeof *made->episodes, make_input(&state),
                                                 targets[i % OUTPUTS]};
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
    return set_up_training(KETCH_GLIA_GRADIENT);
}

static void *open_hebbian(void)
{
    return set_up_training(KETCH_GLIA_HEBBIAN);
}

static void close_training(void *shared)
{
    training_setup *const made = shared;
    for (int i = 0; i < EPISODES; i++)
        ketch_glia_sequence_drop(made->episodes[i].sequence);
    free(made);
}

static ketch_status make_trainer(ketch_glia_trainer **trainer, const contract_start *s,
                                 ketch_error *e)
{
    const training_setup *const made = s->shared;
    ketch_glia_net *net;
    ketch_status status = make_net(&net, s->engine, e);
    if (status != KETCH_OK)
        return status;
    status = ketch_glia_trainer_create(trainer, net, made->rule, e);
    ketch_glia_net_drop(net);
    return status;
}

static ketch_status start_training(ketch_result **result, const contract_start *s, ketch_error *e)
{
    const training_setup *const made = s->shared;
    ketch_glia_trainer *trainer;
    *result = NULL;
    ketch_status status = make_trainer(&trainer, s, e);
    if (status != KETCH_OK)
        return status;
    status = (s->begins ? ketch_glia_train_begin : ketch_glia_train)(
        result, s->engine, trainer, &made->training, s->run, e);
    ketch_glia_trainer_drop(trainer);
    return status;
}

static ketch_status load_training(ketch_result **result, const contract_start *s, const char *path,
                                  ketch_error *e)
{
    const training_setup *const made = s->shared;
    ketch_glia_trainer *trainer;
    *result = NULL;
    ketch_status status = make_trainer(&trainer, s, e);
    if (status != KETCH_OK)
        return status;
    status = ketch_glia_train_load(result, s->engine, trainer, &made->training, path, e);
    ketch_glia_trainer_drop(trainer);
    return status;
}

/* History, numbers of neurons, synapses. */
static uint64_t digest_training(const ketch_result *result)
{
    static uint32_t from[1024], to[1024];
    static float weights[1024];
    ketch_glia_net *const net = ketch_glia_training_net(result);
    ketch_glia_net_info info = {.size = sizeof info};
    ketch_glia_epoch epochs[EPOCHS] = {{.size = sizeof *epochs}};
    GOOD(ketch_glia_net_get_info(&info, net, &error));
    GOOD(ketch_glia_get_history(epochs, 0, EPOCHS, result, &error));
    uint64_t hash = CONTRACT_HASH_START;
    for (int i = 0; i < EPOCHS; i++) {
        const double numbers[] = {epochs[i].accuracy, epochs[i].margin, (double)epochs[i].lr};
        hash = contract_hash(hash, numbers, sizeof numbers);
    }
    for (int field = KETCH_GLIA_VALUE; field <= KETCH_GLIA_ON_DECK; field++) {
        GOOD(ketch_glia_get(weights, net, (ketch_glia_field)field, 0, info.neurons, &error));
        hash = contract_hash(hash, weights, info.neurons * sizeof *weights);
    }
    GOOD(ketch_glia_get_synapses(from, to, weights, 1024, net, &error));
    hash = contract_hash(hash, from, info.synapses * sizeof *from);
    hash = contract_hash(hash, to, info.synapses * sizeof *to);
    return contract_hash(hash, weights, info.synapses * sizeof *weights);
}

#define OF_TRAININGS                                                                               \
    .close = close_training, .start = start_training, .load = load_training,                       \
    .digest = digest_training, .type = ketch_glia_train_type, .steps = EPOCHS * EPISODES,          \
    .looks = 2

const contract_job contract_gradient = {OF_TRAININGS, .name = "gradient training",
                                        .open = open_gradient};

const contract_job contract_hebbian = {OF_TRAININGS, .name = "Hebbian training",
                                       .open = open_hebbian};
