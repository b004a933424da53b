/* Measures ticks of spiking networks on one thread, with each kernel set that this machine runs, and
 * prints JSON lines. Use: ticks ROUNDS [NETWORK]. A round makes 100,000 ticks of each network (1,000
 * of the large one) with each set in turn; ns are medians over rounds, of processor time, injections
 * included. An event is a synapse whose source fired. */
#define _GNU_SOURCE
#include "cpu.h"
#include "float_mode.h"
#include "glia/net/net.h"
#include "layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 200, SETS = 5 };

/* ---- networks ---- */

static void build_small(ketch_glia_net *net)
{
    build_layers(net, 0);
}

static void build_middle(ketch_glia_net *net)
{
    build_layers(net, 128);
}

/* Random synapses between all, with which nearly half of the neurons fire once some do. */
static void build_large(ketch_glia_net *net)
{
    enum { COUNT = 300000 };
    uint32_t *const from = malloc(COUNT * sizeof *from), *const to = malloc(COUNT * sizeof *to);
    float *const weights = malloc(COUNT * sizeof *weights);
    add_neurons(net, 'S', 64, 100, 1);
    add_neurons(net, 'H', 3526, 0.3f, 0.5f);
    for (uint32_t i = 0; i < COUNT; i++) {
        from[i] = (uint32_t)(next_number() * 3590);
        to[i] = (uint32_t)(next_number() * 3590);
        weights[i] = (float)(2 * next_number() - 1);
    }
    must(ketch_glia_add_synapses(net, COUNT, from, to, weights, &error));
    free(from);
    free(to);
    free(weights);
}

/* Voltages below 2^-126, where those that leak by less than a half end after some 1,000 ticks
 * without input. */
static void build_faded(ketch_glia_net *net)
{
    enum { COUNT = 3526 };
    float value[COUNT];
    add_neurons(net, 'S', 64, 100, 1);
    add_neurons(net, 'H', COUNT, 45, 0.9f);
    for (uint32_t i = 0; i < COUNT; i++)
        value[i] = (float)next_number() * 0x1p-126f;
    must(ketch_glia_set(net, KETCH_GLIA_VALUE, 64, COUNT, value, &error));
}

typedef struct network_kind {
    const char *name;
    void (*build)(ketch_glia_net *net);
    uint32_t ticks;
    double probability; /* of an injection into each of 64 sensory neurons in a tick */
} network_kind;

static const network_kind networks[] = {{"small", build_small, 100000, 0.3},
                                        {"middle", build_middle, 100000, 0.3},
                                        {"large", build_large, 1000, 0.3},
                                        {"silent", build_large, 100000, 0},
                                        {"faded", build_faded, 10000, 0}};

/* ---- feeds ---- */

/* The sensory neurons that 200 is injected into in tick t: begin[t]..begin[t+1]-1. */
typedef struct injections {
    uint32_t *begin, *neurons;
} injections;

static injections draw_feed(const network_kind *network)
{
    injections made = {malloc((network->ticks + 1) * sizeof *made.begin),
                       malloc((size_t)network->ticks * 64 * sizeof *made.neurons)};
    uint32_t count = 0;
    for (uint32_t tick = 0; tick < network->ticks; tick++) {
        made.begin[tick] = count;
        for (uint32_t i = 0; i < 64 && network->probability > 0; i++)
            if (next_number() < network->probability)
                made.neurons[count++] = i;
    }
    made.begin[network->ticks] = count;
    return made;
}

/* ---- measuring ---- */

typedef struct figures {
    double ns[ROUNDS_MAX];
    uint64_t events, spikes;
} figures;

static uint64_t count_events(const ketch_glia_net *net)
{
    uint64_t events = 0;
    for (uint32_t f = 0; f < net->cells.fired_count; f++)
        events += net->rows.begin[net->cells.fired[f] + 1] - net->rows.begin[net->cells.fired[f]];
    return events;
}

static void make_tick(ketch_glia_net *net, const injections *feed, uint32_t tick)
{
    float *const on_deck = net->cells.on_deck;
    for (uint32_t i = feed->begin[tick]; i < feed->begin[tick + 1]; i++)
        on_deck[feed->neurons[i]] += 200;
    ktg_net_tick(net);
}

static void measure(figures *out, int round, ketch_glia_net *net, const network_kind *network,
                    const injections *feed)
{
    must(ktg_net_prepare(net, "ticks", &error));
    const double begun = kt_cpu_thread_seconds();
    for (uint32_t tick = 0; tick < network->ticks; tick++)
        make_tick(net, feed, tick);
    out->ns[round] = (kt_cpu_thread_seconds() - begun) * 1e9 / network->ticks;
    if (round > 0)
        return;
    for (uint32_t tick = 0; tick < network->ticks; tick++) {
        make_tick(net, feed, tick);
        out->spikes += net->cells.fired_count;
        out->events += count_events(net);
    }
}

static int by_size(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static void print_figures(figures *f, int rounds, const ketch_glia_net *net,
                          const network_kind *network)
{
    qsort(f->ns, (size_t)rounds, sizeof *f->ns, by_size);
    const double ns = f->ns[rounds / 2], events = (double)f->events / network->ticks;
    printf("{\"network\": \"%s\", \"kernels\": \"%s\", \"neurons\": %u, \"synapses\": %u, "
           "\"panels\": %u, \"spikes\": %.4g, \"events\": %.4g, \"ns\": %.4g, \"ns_min\": %.4g, "
           "\"ns_event\": %.3g, \"ns_neuron\": %.3g}\n",
           network->name, ketch_kernels_name(net->kernels->id), net->cells.count, net->rows.count,
           net->panels.count, (double)f->spikes / network->ticks, events, ns, f->ns[0],
           events > 0 ? ns / events : 0, ns / net->cells.count);
}

static void measure_network(const network_kind *network, int rounds, ketch_arena *arena)
{
    static figures all[SETS];
    memset(all, 0, sizeof all);
    ketch_glia_net *net;
    must(ketch_glia_net_create(&net, arena, NULL, &error));
    network->build(net);
    must(ktg_net_settle(net, "ticks", &error));
    const injections feed = draw_feed(network);
    for (int round = 0; round < rounds; round++)
        for (ketch_kernels set = KETCH_KERNELS_SCALAR; set <= kt_cpu_kernels_last(); set++) {
            if (!kt_cpu_runs(set))
                continue;
            ktg_net_use_kernels(net, set);
            measure(&all[set], round, net, network, &feed);
        }
    for (ketch_kernels set = KETCH_KERNELS_SCALAR; set <= kt_cpu_kernels_last(); set++)
        if (kt_cpu_runs(set)) {
            ktg_net_use_kernels(net, set);
            must(ktg_net_prepare(net, "ticks", &error));
            print_figures(&all[set], rounds, net, network);
        }
    free(feed.begin);
    free(feed.neurons);
    ketch_glia_net_drop(net);
}

int main(int count, char **arguments)
{
    const int rounds = count > 1 ? atoi(arguments[1]) : 5;
    ketch_arena *arena;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "ROUNDS is 1..%d\n", ROUNDS_MAX);
        return 2;
    }
    must(ketch_arena_create(&arena, NULL, &error));
    const kt_float_mode mode = kt_float_mode_begin();
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
        if (count < 3 || strcmp(arguments[2], networks[i].name) == 0)
            measure_network(&networks[i], rounds, arena);
    kt_float_mode_end(mode);
    ketch_arena_drop(arena);
    return 0;
}
