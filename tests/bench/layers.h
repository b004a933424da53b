/* Networks as NEWNET S=64 H=hidden O=10 POOL=1 makes them, drawn by a generator of this file's own. */
#ifndef KT_BENCH_LAYERS_H
#define KT_BENCH_LAYERS_H

#include "must.h"

#include <stdint.h>

static uint64_t seed = 1;

static double next_number(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) * 0x1p-53;
}

/* A drawing of synapses between two ranges of neurons, the sum of whose weights into a neuron varies
 * little with its number of synapses. */
static void connect(ketch_glia_net *net, uint32_t from, uint32_t from_end, uint32_t to,
                    uint32_t to_end, double density)
{
    const double most = 2.5 / ((from_end - from) * density) * 40;
    for (uint32_t i = from; i < from_end; i++)
        for (uint32_t j = to; j < to_end; j++) {
            if (i == j || next_number() >= density)
                continue;
            const double sign = next_number() < 0.7 ? 1 : -1;
            const float weight = (float)(sign * next_number() * most);
            must(ketch_glia_add_synapses(net, 1, &i, &j, &weight, &error));
        }
}

static void add_neurons(ketch_glia_net *net, char letter, int count, float threshold, float leak)
{
    char id[16];
    for (int i = 0; i < count; i++) {
        snprintf(id, sizeof id, "%c%d", letter, i);
        must(ketch_glia_add_neuron(net, id, threshold, leak, 0, &error));
    }
}

/* As NEWNET S=64 H=hidden O=10 POOL=1 makes it. */
static inline void build_layers(ketch_glia_net *net, uint32_t hidden)
{
    const uint32_t h = 64, o = h + hidden, n = o + 10;
    add_neurons(net, 'S', 64, 100, 1);
    add_neurons(net, 'H', (int)hidden, 45, 0.9f);
    add_neurons(net, 'O', 10, 55, 1);
    add_neurons(net, 'N', 1, 40, 0.8f);
    if (hidden > 0) {
        connect(net, 0, h, h, o, 0.6);
        connect(net, h, o, h, o, 0.1);
        connect(net, h, o, o, n, 0.6);
    }
    connect(net, 0, h, o, n, hidden > 0 ? 0.2 : 0.6);
    for (uint32_t i = o; i < n; i++) {
        const float there = 20, back = -25;
        must(ketch_glia_add_synapses(net, 1, &i, &n, &there, &error));
        must(ketch_glia_add_synapses(net, 1, &n, &i, &back, &error));
    }
}

#endif
