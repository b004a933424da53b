/* Networks and sequences in tests: random ones, and hashes of what they do. */
#ifndef KT_TEST_NETS_H
#define KT_TEST_NETS_H

#include "contract.h"
#include "good.h"

#include <stdio.h>
#include <stdlib.h>

static inline double draw(ketch_random *random, double low, double high)
{
    return low + (high - low) * ketch_random_uniform(random);
}

static inline void connect_randomly(ketch_glia_net *net, uint32_t synapses, uint32_t neurons,
                                    ketch_random *random)
{
    uint32_t *const from = calloc(synapses + 1, sizeof *from);
    uint32_t *const to = calloc(synapses + 1, sizeof *to);
    float *const weights = calloc(synapses + 1, sizeof *weights);
    for (uint32_t i = 0; i < synapses; i++) {
        from[i] = (uint32_t)ketch_random_below(random, neurons);
        to[i] = (uint32_t)ketch_random_below(random, neurons);
        weights[i] = (float)draw(random, -60, 60);
    }
    GOOD(ketch_glia_add_synapses(net, synapses, from, to, weights, &error));
    free(from);
    free(to);
    free(weights);
}

/* Neurons S0, S1, ..., then O0, N1, O2, N3, ..., with synapses between any, self-loops included. */
static inline ketch_glia_net *random_net(ketch_arena *arena, uint32_t neurons, uint32_t sensory,
                                         uint32_t synapses, uint64_t seed)
{
    ketch_random random = {.seed = seed};
    ketch_glia_net *net = NULL;
    GOOD(ketch_glia_net_create(&net, arena, NULL, &error));
    for (uint32_t i = 0; i < neurons; i++) {
        const char kind = i < sensory ? 'S' : i % 2 ? 'N' : 'O';
        char id[16];
        snprintf(id, sizeof id, "%c%u", kind, i < sensory ? i : i - sensory);
        GOOD(ketch_glia_add_neuron(net, id, (float)draw(&random, 40, 100),
                                   (float)draw(&random, 0.5, 1), (float)draw(&random, -5, 20),
                                   &error));
    }
    connect_randomly(net, synapses, neurons, &random);
    return net;
}

/* Neurons as of a random_net in a clean network, with currents, weights of -10..most, delays of 1..9
 * ticks, and refractory ticks of every third one. */
static inline ketch_glia_net *random_clean_net(ketch_arena *arena, uint32_t neurons,
                                               uint32_t sensory, uint32_t synapses, double most,
                                               uint64_t seed)
{
    const ketch_glia_net_options options = {
        .size = sizeof options, .mode = KETCH_GLIA_CLEAN, .tau_e = 3, .tau_i = 0};
    const float refractory = 2;
    ketch_random random = {.seed = seed};
    ketch_glia_net *net = NULL;
    GOOD(ketch_glia_net_create(&net, arena, &options, &error));
    for (uint32_t i = 0; i < neurons; i++) {
        const char kind = i < sensory ? 'S' : i % 2 ? 'N' : 'O';
        char id[16];
        snprintf(id, sizeof id, "%c%u", kind, i < sensory ? i : i - sensory);
        GOOD(ketch_glia_add_neuron(net, id, 40, (float)draw(&random, 0.5, 1), -5, &error));
    }
    for (uint32_t i = 0; i < neurons; i += 3)
        GOOD(ketch_glia_set(net, KETCH_GLIA_REFRACTORY, i, 1, &refractory, &error));
    for (uint32_t i = 0; i < synapses; i++) {
        const uint32_t from = (uint32_t)ketch_random_below(&random, neurons);
        const uint32_t to = (uint32_t)ketch_random_below(&random, neurons);
        const float weight = (float)draw(&random, -10, most);
        const uint8_t delay = (uint8_t)(1 + ketch_random_below(&random, 9));
        GOOD(ketch_glia_add_delayed(net, 1, &from, &to, &weight, &delay, &error));
    }
    return net;
}

/* Events of random ticks below `ticks` for the sensory neurons of a random_net. */
static inline ketch_glia_sequence *random_sequence(int events, uint32_t sensory, uint64_t ticks,
                                                   uint64_t seed)
{
    ketch_random random = {.seed = seed, .stream = 1};
    ketch_glia_sequence *sequence = NULL;
    GOOD(ketch_glia_sequence_create(&sequence, &error));
    for (int i = 0; i < events; i++) {
        char id[16];
        snprintf(id, sizeof id, "S%u", (unsigned)ketch_random_below(&random, sensory));
        const uint64_t tick = ketch_random_below(&random, ticks);
        GOOD(ketch_glia_sequence_add(sequence, tick, id, (float)draw(&random, -20, 200), &error));
    }
    return sequence;
}

static inline ketch_glia_net_info net_info(ketch_glia_net *net)
{
    ketch_glia_net_info info = {.size = sizeof info};
    GOOD(ketch_glia_net_get_info(&info, net, &error));
    return info;
}

/* Of voltages and currents, and of what acts in the next two ticks. */
static inline uint64_t hash_state(ketch_glia_net *net, uint64_t hash)
{
    const uint64_t neurons = net_info(net).neurons;
    float *const numbers = calloc(neurons + 1, sizeof *numbers);
    const ketch_glia_field compat[] = {KETCH_GLIA_VALUE, KETCH_GLIA_DELTA, KETCH_GLIA_ON_DECK};
    const ketch_glia_field clean[] = {KETCH_GLIA_VALUE, KETCH_GLIA_ON_DECK, KETCH_GLIA_WAIT,
                                      KETCH_GLIA_EXCITATION, KETCH_GLIA_INHIBITION};
    const bool is_clean = net_info(net).mode == KETCH_GLIA_CLEAN;
    for (int i = 0; i < (is_clean ? 5 : 3); i++) {
        GOOD(ketch_glia_get(numbers, net, (is_clean ? clean : compat)[i], 0, neurons, &error));
        hash = contract_hash(hash, numbers, neurons * sizeof *numbers);
    }
    free(numbers);
    return hash;
}

static inline ketch_glia_result_info run_info(const ketch_result *result)
{
    ketch_glia_result_info info = {.size = sizeof info};
    GOOD(ketch_glia_result_get_info(&info, result, &error));
    return info;
}

/* Of the counts and the recorded spikes of a run. */
static inline uint64_t hash_run(const ketch_result *result, uint64_t hash)
{
    const ketch_glia_result_info info = run_info(result);
    uint64_t *const counts = calloc(info.neurons + 1, sizeof *counts);
    ketch_glia_spike *const spikes = calloc(info.recorded + 1, sizeof *spikes);
    GOOD(ketch_glia_result_counts(counts, 0, info.neurons, result, &error));
    GOOD(ketch_glia_result_spikes(spikes, 0, info.recorded, result, &error));
    hash = contract_hash(hash, counts, info.neurons * sizeof *counts);
    hash = contract_hash(hash, spikes, info.recorded * sizeof *spikes);
    free(counts);
    free(spikes);
    return hash;
}

#endif
