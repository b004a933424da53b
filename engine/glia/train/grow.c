/* Synapses that are added at random. */
#include "glia/train/learn.h"

#include "glia/train/streams.h"
#include "status.h"

/* Each has so many tries to find two neurons that may be joined and are not yet. */
enum { GROW_TRIES = 20 };

/* Between neurons of these slots. */
static bool is_new_synapse(const ketch_glia_net *net, uint32_t from, uint32_t to)
{
    for (size_t i = 0; i < net->new_synapses.count; i++)
        if (net->new_synapses.items[i].from == from && net->new_synapses.items[i].to == to)
            return true;
    return false;
}

/* Nothing grows into sensory neurons and outputs, nor from a neuron to itself. */
static bool may_grow(const ketch_glia_net *net, uint32_t from, uint32_t to)
{
    return from != to && to >= net->cells.sensory && !ktg_is_output(ktg_net_id(net, to)) &&
           ktg_rows_find(&net->rows, from, to) == KTG_NO_SYNAPSE &&
           !is_new_synapse(net, net->cells.slot[from], net->cells.slot[to]);
}

static ketch_status grow_one(ketch_glia_net *net, const ketch_glia_config *config,
                             ketch_random *random, const char *function, ketch_error *error)
{
    const uint32_t neurons = net->cells.count;
    for (int tries = 0; tries < GROW_TRIES; tries++) {
        const uint32_t from = (uint32_t)ketch_random_below(random, neurons);
        const uint32_t to = (uint32_t)ketch_random_below(random, neurons);
        if (!may_grow(net, from, to))
            continue;
        const bool is_negative = ketch_random_below(random, 2) == 1;
        return ktg_net_add_synapse(net, net->cells.slot[from], net->cells.slot[to],
                                   is_negative ? -config->init_weight : config->init_weight,
                                   function, error);
    }
    return KETCH_OK;
}

static ketch_status grow_all(ketch_glia_trainer *trainer, const ketch_glia_config *config,
                             const char *function, ketch_error *error)
{
    const uint32_t update = (uint32_t)trainer->updates;
    ketch_random random = {.seed = config->seed,
                           .stream =
                               ketch_random_stream(KTG_STREAMS_TRAIN, KTG_STREAM_GROW, update)};
    for (uint32_t i = 0; i < config->grow_edges; i++)
        KT_TRY(grow_one(trainer->net, config, &random, function, error));
    return ktg_net_settle(trainer->net, function, error);
}

ketch_status ktg_grow(ketch_glia_trainer *trainer, const ketch_glia_config *config,
                      const char *function, ketch_error *error)
{
    if (trainer->net->cells.count == 0)
        return KETCH_OK;
    const ketch_status status = grow_all(trainer, config, function, error);
    if (status != KETCH_OK)
        ktg_net_remove_new(trainer->net);
    return status;
}
