/* Neurons that are inactive lose synapses. */
#include "glia/train/learn.h"

#include <math.h>

/* The weakest of the synapses that a search has seen; those up to the last chosen one are passed
 * over. Of equals the one of the lower number is weaker. UINT32_MAX: none. */
typedef struct weakest {
    const float *weight;
    uint32_t last, found;
} weakest;

static bool is_weaker(const float *weight, uint32_t a, uint32_t b)
{
    const float x = fabsf(weight[a]), y = fabsf(weight[b]);
    return x < y || (x == y && a < b);
}

static void consider(weakest *w, uint32_t synapse)
{
    const bool was_chosen =
        w->last != UINT32_MAX && (synapse == w->last || is_weaker(w->weight, synapse, w->last));
    if (!was_chosen && (w->found == UINT32_MAX || is_weaker(w->weight, synapse, w->found)))
        w->found = synapse;
}

static void consider_from(weakest *w, const ktg_rows *rows, uint32_t neuron)
{
    for (uint32_t e = rows->begin[neuron]; e < rows->begin[neuron + 1]; e++)
        consider(w, e);
}

static void consider_to(weakest *w, const ktg_rows *rows, uint32_t neurons, uint32_t neuron)
{
    for (uint32_t i = 0; i < neurons; i++) {
        const uint32_t synapse = ktg_rows_find(rows, i, neuron);
        if (synapse != KTG_NO_SYNAPSE)
            consider(w, synapse);
    }
}

/* Marks up to `most` of a neuron's weakest synapses from it or to it. What other neurons have chosen
 * does not count. */
static void mark_weakest(ketch_glia_trainer *trainer, uint32_t neuron, uint32_t most, bool incoming)
{
    const ktg_rows *const rows = &trainer->net->rows;
    weakest w = {rows->weight, UINT32_MAX, UINT32_MAX};
    for (uint32_t chosen = 0; chosen < most; chosen++) {
        w.found = UINT32_MAX;
        if (incoming)
            consider_to(&w, rows, trainer->neurons.count, neuron);
        else
            consider_from(&w, rows, neuron);
        if (w.found == UINT32_MAX)
            return;
        trainer->synapses.marked[w.found] = 1;
        w.last = w.found;
    }
}

void ktg_mark_inactive(ketch_glia_trainer *trainer, const ketch_glia_config *config)
{
    const ktg_neurons *const n = &trainer->neurons;
    for (uint32_t i = 0; i < n->count && config->inactive_rate_patience > 0; i++) {
        n->idle[i] = n->rate[i] < config->inactive_rate_threshold ? n->idle[i] + 1 : 0;
        if (n->idle[i] < config->inactive_rate_patience)
            continue;
        n->idle[i] = 0;
        if (config->prune_inactive_out)
            mark_weakest(trainer, i, config->prune_inactive_max, false);
        if (config->prune_inactive_in)
            mark_weakest(trainer, i, config->prune_inactive_max, true);
    }
}
