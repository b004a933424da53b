/* Evolutions in tests: small ones, and hashes of what they did. */
#ifndef KT_TEST_EVOLUTIONS_H
#define KT_TEST_EVOLUTIONS_H

#include "trainings.h"

enum { EVOLVED_TRAIN = 4, EVOLVED_CHECK = 3, EVOLVED_TICKS = 20 };

/* Episodes of a random_net of 8 sensory and 16 other neurons. */
typedef struct evolution_setup {
    ketch_arena *arena;
    ketch_glia_net *net;
    ketch_glia_config config;
    ketch_glia_evolution_config evolving;
    ketch_glia_episode train[EVOLVED_TRAIN], check[EVOLVED_CHECK];
    ketch_glia_evolution evolution;
} evolution_setup;

static inline void fill_random_episodes(ketch_glia_episode *episodes, int count, uint64_t seed)
{
    static const char *const targets[] = {"O0", "O2", "O4"};
    for (int i = 0; i < count; i++)
        episodes[i] = (ketch_glia_episode){
            sizeof *episodes, random_sequence(80, 8, EVOLVED_TICKS, seed + (uint64_t)i),
            targets[i % 3]};
}

static inline void set_evolution_configs(evolution_setup *made)
{
    made->config.size = sizeof made->config;
    GOOD(ketch_glia_config_default(&made->config, &error));
    made->config.warmup_ticks = 5;
    made->config.decision_window = EVOLVED_TICKS - 5;
    made->config.batch_size = 3;
    made->config.lr = 0.5F;
    made->config.weight_jitter_std = 0.1F;
    made->config.prune_epsilon = 0;
    made->config.eta_theta = 0.1F;
    made->evolving.size = sizeof made->evolving;
    GOOD(ketch_glia_evolution_config_default(&made->evolving, &error));
    made->evolving.population = 6;
    made->evolving.generations = 4;
    made->evolving.train_epochs = 2;
    made->evolving.sigma_w = 3;
    made->evolving.sigma_thr = 1;
    made->evolving.sigma_leak = 0.02;
}

static inline evolution_setup *set_up_evolution(void)
{
    evolution_setup *const made = calloc(1, sizeof *made);
    GOOD(ketch_arena_create(&made->arena, NULL, &error));
    made->net = random_net(made->arena, 24, 8, 150, 5);
    set_evolution_configs(made);
    fill_random_episodes(made->train, EVOLVED_TRAIN, 10);
    fill_random_episodes(made->check, EVOLVED_CHECK, 20);
    made->evolution = (ketch_glia_evolution){.size = sizeof made->evolution,
                                             .train = made->train,
                                             .train_count = EVOLVED_TRAIN,
                                             .validation = made->check,
                                             .validation_count = EVOLVED_CHECK,
                                             .config = &made->config,
                                             .evolution = &made->evolving};
    return made;
}

static inline void tear_down_evolution(evolution_setup *made)
{
    for (int i = 0; i < EVOLVED_TRAIN; i++)
        ketch_glia_sequence_drop(made->train[i].sequence);
    for (int i = 0; i < EVOLVED_CHECK; i++)
        ketch_glia_sequence_drop(made->check[i].sequence);
    ketch_glia_net_drop(made->net);
    ketch_arena_drop(made->arena);
    free(made);
}

static inline uint64_t individuals_of(const ketch_result *result)
{
    uint64_t count = 0;
    GOOD(ketch_glia_get_individuals(&count, result, &error));
    return count;
}

static inline ketch_glia_individual individual_of(const ketch_result *result, uint64_t id)
{
    ketch_glia_individual individual = {.size = sizeof individual};
    GOOD(ketch_glia_get_lineage(&individual, id, 1, result, &error));
    return individual;
}

static inline uint64_t generations_of(const ketch_result *result)
{
    uint64_t count = 0;
    GOOD(ketch_glia_get_generations(&count, result, &error));
    return count;
}

static inline ketch_glia_generation generation_of(const ketch_result *result, uint64_t index)
{
    ketch_glia_generation generation = {.size = sizeof generation};
    GOOD(ketch_glia_get_generation_history(&generation, index, 1, result, &error));
    return generation;
}

/* In an arena of its own, as the run may have been begun in the parent of this process. */
static inline uint64_t hash_best(const ketch_result *result, ketch_glia_best which, uint64_t hash)
{
    ketch_arena *arena = NULL;
    ketch_glia_net *net = NULL;
    GOOD(ketch_arena_create(&arena, NULL, &error));
    GOOD(ketch_glia_evolved_net(&net, result, which, arena, &error));
    hash = hash_net(net, hash);
    ketch_glia_net_drop(net);
    ketch_arena_drop(arena);
    return hash;
}

/* Of the lineage and the best networks. */
static inline uint64_t hash_evolution(const ketch_result *result, uint64_t hash)
{
    for (uint64_t id = 0; id < individuals_of(result); id++) {
        const ketch_glia_individual i = individual_of(result, id);
        const double numbers[] = {(double)i.parent, i.fitness, i.accuracy, i.margin,
                                  (double)i.synapses};
        hash = contract_hash(hash, numbers, sizeof numbers);
    }
    hash = hash_best(result, KETCH_GLIA_BEST_OF_ALL, hash);
    return hash_best(result, KETCH_GLIA_BEST_OF_LAST, hash);
}

#endif
