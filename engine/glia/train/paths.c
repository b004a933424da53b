/* Ways back from outputs: a breadth-first search along incoming synapses. */
#include "glia/train/trainer.h"

#include "sort.h"

#include <string.h>

/* Sources of all synapses by target: those of target j are from[next[j - 1]]..from[next[j] - 1] for j
 * above 0, and begin at 0 for 0. */
static void list_sources(ktg_paths *paths, const ketch_glia_net *net)
{
    const ktg_rows *const rows = &net->rows;
    const uint32_t neurons = net->cells.count;
    uint32_t *const next = paths->next;
    memset(next, 0, ((size_t)neurons + 1) * sizeof *next);
    for (uint32_t s = 0; s < rows->count; s++)
        next[rows->target[s] + 1]++;
    for (uint32_t j = 0; j < neurons; j++)
        next[j + 1] += next[j];
    for (uint32_t i = 0; i < neurons; i++)
        for (uint32_t s = rows->begin[i]; s < rows->begin[i + 1]; s++)
            paths->from[next[rows->target[s]]++] = i;
}

static void reach(ktg_paths *paths, uint32_t neuron, uint32_t distance)
{
    if (paths->distance[neuron] != KTG_UNREACHED)
        return;
    paths->distance[neuron] = distance;
    paths->neuron[paths->count++] = neuron;
}

static void search(ktg_paths *paths, const ktg_neurons *neurons)
{
    paths->count = 0;
    memset(paths->distance, 0xff, neurons->count * sizeof *paths->distance);
    for (uint32_t o = 0; o < neurons->output_count; o++)
        reach(paths, neurons->outputs[o], 0);
    for (uint32_t i = 0; i < paths->count; i++) {
        const uint32_t j = paths->neuron[i];
        for (uint32_t s = j ? paths->next[j - 1] : 0; s < paths->next[j]; s++)
            reach(paths, paths->from[s], paths->distance[j] + 1);
    }
}

/* Synapses that are to be sorted by the ids of their targets. */
typedef struct path_order {
    const ketch_glia_net *net;
    uint32_t *synapse;
} path_order;

static uint32_t rank_at(const path_order *order, uint64_t place)
{
    return order->net->cells.rank[order->net->rows.target[order->synapse[place]]];
}

static bool is_path_before(const void *items, uint64_t a, uint64_t b)
{
    return rank_at(items, a) < rank_at(items, b);
}

static void exchange_paths(void *items, uint64_t a, uint64_t b)
{
    uint32_t *const synapse = ((const path_order *)items)->synapse;
    const uint32_t kept = synapse[a];
    synapse[a] = synapse[b];
    synapse[b] = kept;
}

/* Adds the synapses of one neuron to nearer ones. */
static uint32_t list_nearer(ktg_paths *paths, const ketch_glia_net *net, uint32_t neuron,
                            uint32_t begin)
{
    uint32_t end = begin;
    for (uint32_t s = net->rows.begin[neuron]; s < net->rows.begin[neuron + 1]; s++)
        if (paths->distance[net->rows.target[s]] < paths->distance[neuron])
            paths->synapse[end++] = s;
    path_order order = {net, paths->synapse + begin};
    kt_sort(&order, end - begin, is_path_before, exchange_paths);
    return end;
}

void ktg_paths_find(ktg_paths *paths, const ktg_neurons *neurons, const ketch_glia_net *net)
{
    paths->count = 0;
    if (neurons->count == 0)
        return;
    list_sources(paths, net);
    search(paths, neurons);
    const uint32_t outputs = neurons->output_count, reached = paths->count;
    memmove(paths->neuron, paths->neuron + outputs, (reached - outputs) * sizeof *paths->neuron);
    paths->count = reached - outputs;
    paths->begin[0] = 0;
    for (uint32_t i = 0; i < paths->count; i++)
        paths->begin[i + 1] = list_nearer(paths, net, paths->neuron[i], paths->begin[i]);
}
