/* Measures an evolution of a network of 7 neurons, and prints a line of JSON. Use: generations THREADS
 * ROUNDS. A round is 1,000 generations of 8 individuals, each trained for three epochs of three
 * episodes of 100 ticks, and scored on the same three; seconds are those of each round. */
#define _GNU_SOURCE
#include "must.h"

#include <time.h>

enum { CLASSES = 3, TICKS = 100, WARMUP = 20, GENERATIONS = 1000, THREADS_MOST = 64 };

static void add_neuron(ketch_glia_net *net, char letter, int number, float threshold, float leak)
{
    char id[16];
    snprintf(id, sizeof id, "%c%d", letter, number);
    must(ketch_glia_add_neuron(net, id, threshold, leak, 0, &error));
}

static void add_synapse(ketch_glia_net *net, int from, int to, float weight)
{
    const uint32_t source = (uint32_t)from, target = (uint32_t)to;
    must(ketch_glia_add_synapses(net, 1, &source, &target, &weight, &error));
}

/* Each input leads to each output alike; the outputs excite a neuron that inhibits them. */
static ketch_glia_net *build_net(ketch_arena *arena)
{
    ketch_glia_net *net = NULL;
    must(ketch_glia_net_create(&net, arena, NULL, &error));
    for (int i = 0; i < CLASSES; i++)
        add_neuron(net, 'S', i, 100, 1);
    for (int i = 0; i < CLASSES; i++)
        add_neuron(net, 'O', i, 50, 1);
    add_neuron(net, 'N', 0, 40, 0.8F);
    for (int i = 0; i < CLASSES; i++) {
        for (int j = 0; j < CLASSES; j++)
            add_synapse(net, i, CLASSES + j, 35);
        add_synapse(net, CLASSES + i, 2 * CLASSES, 20);
        add_synapse(net, 2 * CLASSES, CLASSES + i, -25);
    }
    return net;
}

/* Class i: 200 into sensory neuron i in each tick. */
static void make_episodes(ketch_glia_episode *episodes)
{
    static char targets[CLASSES][16];
    char id[16];
    for (int i = 0; i < CLASSES; i++) {
        ketch_glia_sequence *sequence = NULL;
        snprintf(id, sizeof id, "S%d", i);
        snprintf(targets[i], sizeof targets[i], "O%d", i);
        must(ketch_glia_sequence_create(&sequence, &error));
        must(ketch_glia_sequence_add(sequence, 0, id, 200, &error));
        must(ketch_glia_sequence_set_loop(sequence, 1, &error));
        episodes[i] = (ketch_glia_episode){sizeof *episodes, sequence, targets[i]};
    }
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double evolve(ketch_engine *engine, ketch_glia_net *net, const ketch_glia_episode *episodes)
{
    ketch_result *result = NULL;
    ketch_glia_config config = {.size = sizeof config};
    ketch_glia_evolution_config how = {.size = sizeof how};
    must(ketch_glia_config_default(&config, &error));
    must(ketch_glia_evolution_config_default(&how, &error));
    config.warmup_ticks = WARMUP;
    config.decision_window = TICKS - WARMUP;
    how.generations = GENERATIONS;
    how.sigma_w = 3;
    const ketch_glia_evolution evolution = {.size = sizeof evolution,
                                            .train = episodes,
                                            .train_count = CLASSES,
                                            .validation = episodes,
                                            .validation_count = CLASSES,
                                            .config = &config,
                                            .evolution = &how};
    const double begun = now();
    must(ketch_glia_evolve(&result, engine, net, &evolution, NULL, &error));
    const double taken = now() - begun;
    ketch_result_destroy(result);
    return taken;
}

int main(int count, char **arguments)
{
    const int threads = count > 1 ? atoi(arguments[1]) : 1;
    const int rounds = count > 2 ? atoi(arguments[2]) : 5;
    ketch_engine *engine = NULL;
    ketch_glia_episode episodes[CLASSES];
    if (threads < 1 || threads > THREADS_MOST || rounds < 1) {
        fprintf(stderr, "THREADS is 1..%d, ROUNDS at least 1\n", THREADS_MOST);
        return 2;
    }
    const ketch_engine_options options = {.size = sizeof options, .threads = threads};
    must(ketch_engine_create(&engine, &options, &error));
    ketch_glia_net *const net = build_net(ketch_engine_arena(engine));
    make_episodes(episodes);
    printf("{\"threads\": %d, \"generations\": %d, \"seconds\": [", threads, GENERATIONS);
    for (int round = 0; round < rounds; round++)
        printf("%s%.6g", round > 0 ? ", " : "", evolve(engine, net, episodes));
    printf("]}\n");
    for (int i = 0; i < CLASSES; i++)
        ketch_glia_sequence_drop(episodes[i].sequence);
    ketch_glia_net_drop(net);
    must(ketch_engine_destroy(engine, &error));
    return 0;
}
