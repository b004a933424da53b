/* Trainings in tests: hashes of what they did. */
#ifndef KT_TEST_TRAININGS_H
#define KT_TEST_TRAININGS_H

#include "nets.h"

/* Of all synapses. */
static inline uint64_t hash_synapses(ketch_glia_net *net, uint64_t hash)
{
    const uint64_t count = net_info(net).synapses;
    uint32_t *const from = calloc(count + 1, sizeof *from), *const to = calloc(count + 1, 4);
    float *const weights = calloc(count + 1, sizeof *weights);
    uint8_t *const delays = calloc(count + 1, 1);
    GOOD(ketch_glia_get_synapses(from, to, weights, count, net, &error));
    GOOD(ketch_glia_get_delays(delays, count, from, to, net, &error));
    hash = contract_hash(hash, from, count * sizeof *from);
    hash = contract_hash(hash, to, count * sizeof *to);
    hash = contract_hash(hash, weights, count * sizeof *weights);
    hash = contract_hash(hash, delays, count);
    free(from);
    free(to);
    free(weights);
    free(delays);
    return hash;
}

/* Of all numbers of neurons, and of synapses. */
static inline uint64_t hash_net(ketch_glia_net *net, uint64_t hash)
{
    const bool is_clean = net_info(net).mode == KETCH_GLIA_CLEAN;
    const uint64_t neurons = net_info(net).neurons;
    float *const numbers = calloc(neurons + 1, sizeof *numbers);
    for (int field = KETCH_GLIA_VALUE; field <= (is_clean ? KETCH_GLIA_WAIT : KETCH_GLIA_ON_DECK);
         field++) {
        if (is_clean && field == KETCH_GLIA_DELTA)
            continue;
        GOOD(ketch_glia_get(numbers, net, (ketch_glia_field)field, 0, neurons, &error));
        hash = contract_hash(hash, numbers, neurons * sizeof *numbers);
    }
    free(numbers);
    return hash_synapses(net, hash);
}

static inline uint64_t epochs_of(const ketch_result *result)
{
    uint64_t count = 0;
    GOOD(ketch_glia_get_epochs(&count, result, &error));
    return count;
}

static inline ketch_glia_epoch epoch_of(const ketch_result *result, uint64_t index)
{
    ketch_glia_epoch epoch = {.size = sizeof epoch};
    GOOD(ketch_glia_get_history(&epoch, index, 1, result, &error));
    return epoch;
}

/* Of the history and the network. */
static inline uint64_t hash_training(const ketch_result *result, uint64_t hash)
{
    for (uint64_t i = 0; i < epochs_of(result); i++) {
        const ketch_glia_epoch e = epoch_of(result, i);
        const double numbers[] = {e.accuracy, e.margin, (double)e.lr, (double)e.synapses};
        hash = contract_hash(hash, numbers, sizeof numbers);
    }
    return hash_net(ketch_glia_training_net(result), hash);
}

#endif
