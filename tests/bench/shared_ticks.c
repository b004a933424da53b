/* Measures runs of large networks on one thread and on two in turns, and prints a line of JSON for
 * each network. Use: shared_ticks ROUNDS. us: of a tick, a number for each round. */
#define _GNU_SOURCE
#include "layers.h"

#include <time.h>

enum { SENSORY = 64, ROUNDS_MOST = 200 };

typedef struct random_kind {
    uint32_t neurons, synapses, ticks;
} random_kind;

static const random_kind kinds[] = {
    {3590, 110000, 600}, {3590, 300000, 300}, {6000, 1000000, 100}, {20000, 2000000, 40}};

/* Random synapses between all, with which nearly half of the neurons fire once some do. */
static ketch_glia_net *build_random(const random_kind *kind, ketch_arena *arena)
{
    const uint32_t count = kind->synapses;
    uint32_t *const from = malloc(count * sizeof *from), *const to = malloc(count * sizeof *to);
    float *const weights = malloc(count * sizeof *weights);
    ketch_glia_net *net;
    must(ketch_glia_net_create(&net, arena, NULL, &error));
    add_neurons(net, 'S', SENSORY, 100, 1);
    add_neurons(net, 'H', (int)kind->neurons - SENSORY, 0.3f, 0.5f);
    for (uint32_t i = 0; i < count; i++) {
        from[i] = (uint32_t)(next_number() * kind->neurons);
        to[i] = (uint32_t)(next_number() * kind->neurons);
        weights[i] = (float)(2 * next_number() - 1);
    }
    must(ketch_glia_add_synapses(net, count, from, to, weights, &error));
    free(from);
    free(to);
    free(weights);
    return net;
}

/* 100 ticks that repeat: 200 into each sensory neuron with probability 0.3. */
static ketch_glia_sequence *make_input(void)
{
    ketch_glia_sequence *made;
    char id[16];
    must(ketch_glia_sequence_create(&made, &error));
    for (uint64_t tick = 0; tick < 100; tick++)
        for (int i = 0; i < SENSORY; i++) {
            snprintf(id, sizeof id, "S%d", i);
            if (next_number() < 0.3)
                must(ketch_glia_sequence_add(made, tick, id, 200, &error));
        }
    must(ketch_glia_sequence_set_loop(made, 1, &error));
    return made;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double measure(ketch_engine *engine, ketch_glia_net *net, ketch_glia_sequence *input,
                      uint32_t ticks)
{
    const ketch_glia_feed feed = {.size = sizeof feed, .sequence = input, .ticks = ticks};
    ketch_result *result;
    const double begun = now();
    must(ketch_glia_run(&result, engine, net, &feed, NULL, &error));
    const double took = now() - begun;
    ketch_result_destroy(result);
    return took / ticks * 1e6;
}

static void print_list(const double *numbers, int count)
{
    for (int i = 0; i < count; i++)
        printf("%s%.4g", i ? ", " : "", numbers[i]);
}

static void measure_kind(const random_kind *kind, ketch_engine *const engines[2], int rounds)
{
    static double us[2][ROUNDS_MOST];
    ketch_glia_sequence *const input = make_input();
    ketch_glia_net *const net = build_random(kind, ketch_engine_arena(engines[0]));
    uint64_t fired = 0;
    uint32_t *const numbers = malloc(kind->neurons * sizeof *numbers);
    for (int e = 0; e < 2; e++) /* what is derived from synapses is made */
        measure(engines[e], net, input, 10);
    for (int round = 0; round < rounds; round++)
        for (int e = 0; e < 2; e++)
            us[e][round] = measure(engines[e], net, input, kind->ticks);
    must(ketch_glia_get_fired(numbers, kind->neurons, &fired, net, &error));
    printf("{\"neurons\": %u, \"synapses\": %u, \"events\": %.3g, \"us\": [[", kind->neurons,
           kind->synapses, (double)fired * kind->synapses / kind->neurons);
    print_list(us[0], rounds);
    printf("], [");
    print_list(us[1], rounds);
    printf("]]}\n");
    free(numbers);
    ketch_glia_sequence_drop(input);
    ketch_glia_net_drop(net);
}

int main(int count, char **arguments)
{
    const int rounds = count > 1 ? atoi(arguments[1]) : 5;
    ketch_engine *engines[2];
    if (rounds < 1 || rounds > ROUNDS_MOST) {
        fprintf(stderr, "ROUNDS is 1..%d\n", ROUNDS_MOST);
        return 2;
    }
    for (int e = 0; e < 2; e++) {
        const ketch_engine_options options = {.size = sizeof options, .threads = e + 1};
        must(ketch_engine_create(&engines[e], &options, &error));
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        measure_kind(&kinds[i], engines, rounds);
    for (int e = 0; e < 2; e++)
        must(ketch_engine_destroy(engines[e], &error));
    return 0;
}
