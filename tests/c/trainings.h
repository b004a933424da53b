/* Trainings in tests: hashes of what they did. */
#ifndef KT_TEST_TRAININGS_H
#define KT_TEST_TRAININGS_H

#include "nets.h"

/* Of all synapses, and of the numbers of neurons. */
static inline uint64_t hash_net(ketch_glia_net *net, uint64_t hash)
{
    const ketch_glia_net_info info = net_info(net);
    const uint64_t most = info.neurons + info.synapses + 1;
    uint32_t *const from = calloc(most, sizeof *from), *const to = calloc(most, sizeof *to);
    float *const numbers = calloc(most, sizeof *numbers);
    for (int field = KETCH_GLIA_VALUE; field <= KETCH_GLIA_ON_DECK; field++) {
        GOOD(ketch_glia_get(numbers, net, (ketch_glia_field)field, 0, info.neurons, &error));
        hash = contract_hash(hash, numbers, info.neurons * sizeof *numbers);
    }
    GOOD(ketch_glia_get_synapses(from, to, numbers, most, net, &error));
    hash = contract_hash(hash, from, info.synapses * sizeof *from);
    hash = contract_hash(hash, to, info.synapses * sizeof *to);
    hash = contract_hash(hash, numbers, info.synapses * sizeof *numbers);
    free(from);
    free(to);
    free(numbers);
    return hash;
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
