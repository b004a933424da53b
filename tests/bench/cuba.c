/* Measures the CUBA network of Vogels and Abbott (2005), as Brian2's example has it, on one thread:
 * 20,000 steps of 0.1 ms with each kernel set that this machine runs, and prints JSON lines. Use:
 * cuba ROUNDS. Seconds are medians over rounds, each from the same beginning. */
#define _GNU_SOURCE
#include "cpu.h"
#include "glia/net/net.h"
#include "must.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    ROUNDS_MAX = 200,
    SETS = 5,
    NEURONS = 4000,
    EXCITATORY = 3200,
    STEPS = 20000,
    MOST = 400000
};

/* Voltages in mV, times in steps. What a current of 1 mV adds to V in a step is a 200th. */
static const double tau_m = 200, tau_e = 50, tau_i = 100;
static const float threshold = -50, reset = -60, resting = -49, refractory = 49;

static void connect(ketch_glia_net *net, ketch_random *random)
{
    uint32_t *const from = malloc(MOST * sizeof *from), *const to = malloc(MOST * sizeof *to);
    float *const weights = malloc(MOST * sizeof *weights);
    uint32_t count = 0;
    for (uint32_t i = 0; i < NEURONS; i++)
        for (uint32_t j = 0; j < NEURONS && count < MOST; j++) {
            if (ketch_random_uniform(random) >= 0.02)
                continue;
            from[count] = i;
            to[count] = j;
            weights[count++] = (float)((i < EXCITATORY ? 1.62 : -9) / tau_m);
        }
    must(ketch_glia_add_synapses(net, count, from, to, weights, &error));
    free(from);
    free(to);
    free(weights);
}

static void set_all(ketch_glia_net *net, ketch_glia_field field, float number)
{
    static float numbers[NEURONS];
    for (int i = 0; i < NEURONS; i++)
        numbers[i] = number;
    must(ketch_glia_set(net, field, 0, NEURONS, numbers, &error));
}

static ketch_glia_net *make_net(ketch_arena *arena, ketch_random *random)
{
    const ketch_glia_net_options options = {
        .size = sizeof options, .mode = KETCH_GLIA_CLEAN, .tau_e = tau_e, .tau_i = tau_i};
    ketch_glia_net *net;
    must(ketch_glia_net_create(&net, arena, &options, &error));
    must(ketch_glia_add_neurons(net, NEURONS, NULL, threshold, ketch_glia_leak(tau_m), resting,
                                &error));
    set_all(net, KETCH_GLIA_RESET, reset);
    set_all(net, KETCH_GLIA_REFRACTORY, refractory);
    connect(net, random);
    return net;
}

/* Voltages between reset and threshold. */
static void begin(ketch_glia_net *net)
{
    static float values[NEURONS];
    ketch_random random = {.seed = 2};
    for (int i = 0; i < NEURONS; i++)
        values[i] = (float)(-60 + 10 * ketch_random_uniform(&random));
    must(ketch_glia_reset(net, &error));
    must(ketch_glia_set(net, KETCH_GLIA_VALUE, 0, NEURONS, values, &error));
    must(ketch_glia_step(net, 0, &error));
}

typedef struct figures {
    double seconds[ROUNDS_MAX];
    uint64_t spikes;
} figures;

static void measure(figures *f, int round, ketch_glia_net *net)
{
    begin(net);
    const double begun = kt_cpu_seconds();
    must(ketch_glia_step(net, STEPS, &error));
    f->seconds[round] = kt_cpu_seconds() - begun;
    if (round > 0)
        return;
    begin(net);
    for (int step = 0; step < STEPS; step++) {
        must(ketch_glia_step(net, 1, &error));
        f->spikes += net->cells.fired_count;
    }
}

static int by_size(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static void print_figures(figures *f, int rounds, ketch_kernels set)
{
    qsort(f->seconds, (size_t)rounds, sizeof *f->seconds, by_size);
    printf("{\"network\": \"cuba\", \"kernels\": \"%s\", \"steps\": %d, \"spikes\": %llu, "
           "\"hertz\": %.4g, \"seconds\": %.4g, \"seconds_min\": %.4g, \"ns_neuron\": %.3g}\n",
           ketch_kernels_name(set), STEPS, (unsigned long long)f->spikes,
           (double)f->spikes / NEURONS / 2, f->seconds[rounds / 2], f->seconds[0],
           f->seconds[rounds / 2] * 1e9 / STEPS / NEURONS);
}

int main(int count, char **arguments)
{
    static figures all[SETS];
    const int rounds = count > 1 ? atoi(arguments[1]) : 5;
    ketch_arena *arena;
    ketch_random random = {.seed = 1};
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "ROUNDS is 1..%d\n", ROUNDS_MAX);
        return 2;
    }
    must(ketch_arena_create(&arena, NULL, &error));
    ketch_glia_net *const net = make_net(arena, &random);
    for (int round = 0; round < rounds; round++)
        for (ketch_kernels set = KETCH_KERNELS_SCALAR; set <= kt_cpu_kernels_last(); set++)
            if (kt_cpu_runs(set)) {
                ktg_net_use_kernels(net, set);
                measure(&all[set], round, net);
            }
    for (ketch_kernels set = KETCH_KERNELS_SCALAR; set <= kt_cpu_kernels_last(); set++)
        if (kt_cpu_runs(set))
            print_figures(&all[set], rounds, set);
    ketch_glia_net_drop(net);
    ketch_arena_drop(arena);
    return 0;
}
