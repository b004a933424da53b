/* Fits in tests: clean networks and episodes that are drawn. */
#ifndef KT_TEST_FITS_H
#define KT_TEST_FITS_H

#include "glia/fit/fit.h"
#include "trainings.h"

enum { FIT_SENSORY = 4, FIT_HIDDEN = 7, FIT_OUTPUTS = 3, FIT_TICKS = 24, FIT_EVENTS = 40 };
enum { FIT_NEURONS = FIT_SENSORY + FIT_HIDDEN + FIT_OUTPUTS, FIT_EPISODES = 21 };

/* What a drawn network has. */
typedef enum fit_trait {
    FIT_DELAYS = 1,
    FIT_CURRENTS = 2,
    FIT_SAME_CURRENTS = 4,
    FIT_REFRACTORY = 8,
    FIT_RECURRENT = 16
} fit_trait;

static inline void set_numbers(ketch_glia_net *net, ketch_glia_field field, double low, double high,
                               ketch_random *random)
{
    for (uint32_t i = 0; i < FIT_NEURONS; i++) {
        float number = (float)draw(random, low, high);
        if (field == KETCH_GLIA_REFRACTORY)
            number = (float)ketch_random_below(random, 3);
        GOOD(ketch_glia_set(net, field, i, 1, &number, &error));
    }
}

/* Synapses from any neuron to any, or from sensory ones to hidden ones to outputs. */
static inline void connect_fit_net(ketch_glia_net *net, int traits, ketch_random *random)
{
    const uint32_t hidden = FIT_SENSORY, outputs = FIT_SENSORY + FIT_HIDDEN;
    for (uint32_t i = 0; i < FIT_NEURONS; i++)
        for (uint32_t j = 0; j < FIT_NEURONS; j++) {
            const bool is_forward =
                i < hidden ? j >= hidden && j < outputs : i < outputs && j >= outputs;
            const float weight = (float)draw(random, -0.8, 1.2);
            const uint8_t delay = (uint8_t)(1 + ketch_random_below(random, 5));
            if (!is_forward && (!(traits & FIT_RECURRENT) || ketch_random_below(random, 3)))
                continue;
            GOOD(ketch_glia_add_delayed(net, 1, &i, &j, &weight,
                                        traits & FIT_DELAYS ? &delay : &(uint8_t){1}, &error));
        }
}

/* Neurons S0.., N0.., O0... */
static inline ketch_glia_net *fit_net(ketch_arena *arena, int traits, uint64_t seed)
{
    ketch_random random = {.seed = seed};
    const ketch_glia_net_options options = {.size = sizeof options,
                                            .mode = KETCH_GLIA_CLEAN,
                                            .tau_e =
                                                traits & (FIT_CURRENTS | FIT_SAME_CURRENTS) ? 3 : 0,
                                            .tau_i = traits & FIT_CURRENTS        ? 5
                                                     : traits & FIT_SAME_CURRENTS ? 3
                                                                                  : 0};
    ketch_glia_net *net = NULL;
    char id[16];
    GOOD(ketch_glia_net_create(&net, arena, &options, &error));
    for (int i = 0; i < FIT_NEURONS; i++) {
        const int hidden = i - FIT_SENSORY, output = hidden - FIT_HIDDEN;
        snprintf(id, sizeof id, "%c%d",
                 hidden < 0   ? 'S'
                 : output < 0 ? 'N'
                              : 'O',
                 hidden < 0   ? i
                 : output < 0 ? hidden
                              : output);
        GOOD(ketch_glia_add_neuron(net, id, 1, 0.9F, 0, &error));
    }
    set_numbers(net, KETCH_GLIA_THRESHOLD, 0.6, 1.2, &random);
    set_numbers(net, KETCH_GLIA_LEAK, 0.6, 1, &random);
    set_numbers(net, KETCH_GLIA_RESTING, -0.1, 0.2, &random);
    set_numbers(net, KETCH_GLIA_RESET, -0.3, 0.3, &random);
    set_numbers(net, KETCH_GLIA_DRIVE, 0, 0.05, &random);
    if (traits & FIT_REFRACTORY)
        set_numbers(net, KETCH_GLIA_REFRACTORY, 0, 0, &random);
    connect_fit_net(net, traits, &random);
    return net;
}

static inline ketch_glia_sequence *fit_sequence(uint64_t seed)
{
    ketch_random random = {.seed = seed, .stream = 7};
    ketch_glia_sequence *sequence = NULL;
    GOOD(ketch_glia_sequence_create(&sequence, &error));
    for (int i = 0; i < FIT_EVENTS; i++) {
        char id[16];
        snprintf(id, sizeof id, "S%u", (unsigned)ketch_random_below(&random, FIT_SENSORY));
        const uint64_t tick = ketch_random_below(&random, FIT_TICKS);
        GOOD(ketch_glia_sequence_add(sequence, tick, id, (float)draw(&random, -0.2, 1.5), &error));
    }
    return sequence;
}

static inline void make_fit_episodes(ketch_glia_episode *episodes, int count)
{
    static const char *const targets[] = {"O0", "O2", "O1"};
    for (int i = 0; i < count; i++)
        episodes[i] =
            (ketch_glia_episode){sizeof *episodes, fit_sequence(10 + (uint64_t)i), targets[i % 3]};
}

static inline void drop_fit_episodes(ketch_glia_episode *episodes, int count)
{
    for (int i = 0; i < count; i++)
        ketch_glia_sequence_drop(episodes[i].sequence);
}

static inline ketch_glia_fit fit_of(const ketch_glia_episode *episodes, int count)
{
    ketch_glia_fit fit = {.size = sizeof fit};
    GOOD(ketch_glia_fit_default(&fit, &error));
    fit.episodes = episodes;
    fit.count = (uint64_t)count;
    fit.epochs = 1;
    fit.ticks = FIT_TICKS;
    fit.width = 0.5F;
    return fit;
}

/* Of the history, the scores and the network. */
static inline uint64_t hash_fit(const ketch_result *result, uint64_t hash)
{
    const ktg_fit *const fit = ketch_result_user(result, ketch_glia_fit_type());
    hash = hash_synapses(ketch_glia_training_net(result), hash);
    hash = contract_hash(hash, fit->history, fit->at.epoch * sizeof *fit->history);
    for (uint64_t i = 0; i < fit->count; i++) {
        int64_t winner = -1;
        float scores[FIT_OUTPUTS];
        GOOD(ketch_glia_get_fit_scores(&winner, scores, FIT_OUTPUTS, i, 1, result, &error));
        hash = contract_hash(hash, &winner, sizeof winner);
        hash = contract_hash(hash, scores, sizeof scores);
    }
    return hash;
}

#endif
