/* Measures fits of a layered network of 64, 128 and 10 neurons on one thread, and prints JSON lines.
 * Use: fits ROUNDS. A round is an epoch of 320 episodes of 40 ticks, in batches of 32, whose sensory
 * neurons fire with probabilities that ten classes differ in, 0.14 on average; ns an episode, of the
 * thread's processor time, are medians over rounds. */
#include "cpu.h"
#include "layers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS_MAX = 1000, SENSORS = 64, HIDDEN = 128, OUTPUTS = 10, TICKS = 40, EPISODES = 320 };

/* ---- the network ---- */

static void connect_layers(ketch_glia_net *net, uint32_t from, uint32_t to, uint32_t end)
{
    static uint32_t source[SENSORS * HIDDEN], target[SENSORS * HIDDEN];
    static float weight[SENSORS * HIDDEN];
    const double most = 2 / sqrt(to - from);
    uint64_t count = 0;
    for (uint32_t i = from; i < to; i++)
        for (uint32_t j = to; j < end; j++) {
            source[count] = i;
            target[count] = j;
            weight[count++] = (float)((2 * next_number() - 1) * most);
        }
    must(ketch_glia_add_synapses(net, count, source, target, weight, &error));
}

static ketch_glia_net *build_net(ketch_arena *arena)
{
    const ketch_glia_net_options options = {.size = sizeof options, .mode = KETCH_GLIA_CLEAN};
    ketch_glia_net *net = NULL;
    must(ketch_glia_net_create(&net, arena, &options, &error));
    add_neurons(net, 'S', SENSORS, 0.5F, 0);
    add_neurons(net, 'H', HIDDEN, 1, 0.9F);
    add_neurons(net, 'O', OUTPUTS, 1, 0.9F);
    connect_layers(net, 0, SENSORS, SENSORS + HIDDEN);
    connect_layers(net, SENSORS, SENSORS + HIDDEN, SENSORS + HIDDEN + OUTPUTS);
    return net;
}

/* ---- data ---- */

static ketch_glia_sequence *draw_input(const double *chance)
{
    char id[16];
    ketch_glia_sequence *made = NULL;
    must(ketch_glia_sequence_create(&made, &error));
    for (uint64_t tick = 0; tick < TICKS; tick++)
        for (int i = 0; i < SENSORS; i++) {
            snprintf(id, sizeof id, "S%d", i);
            if (next_number() < chance[i])
                must(ketch_glia_sequence_add(made, tick, id, 1, &error));
        }
    return made;
}

static void draw_episodes(ketch_glia_episode *episodes)
{
    static char targets[OUTPUTS][16];
    double chance[OUTPUTS][SENSORS];
    for (int o = 0; o < OUTPUTS; o++)
        for (int i = 0; i < SENSORS; i++)
            chance[o][i] = next_number() < 0.5 ? 0.5 * next_number() : 0.02;
    for (int i = 0; i < EPISODES; i++) {
        snprintf(targets[i % OUTPUTS], sizeof *targets, "O%d", i % OUTPUTS);
        episodes[i] = (ketch_glia_episode){sizeof *episodes, draw_input(chance[i % OUTPUTS]),
                                           targets[i % OUTPUTS]};
    }
}

/* ---- measuring ---- */

static int by_time(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static double fit_once(ketch_engine *engine, ketch_result *result)
{
    const double begun = kt_cpu_thread_seconds();
    must(ketch_engine_advance(engine, result, NULL, &error));
    return (kt_cpu_thread_seconds() - begun) * 1e9 / EPISODES;
}

static void measure_method(ketch_engine *engine, const char *name, ketch_glia_method method,
                           const ketch_glia_episode *episodes, int rounds)
{
    static double ns[ROUNDS_MAX];
    seed = 1;
    ketch_glia_net *const net = build_net(ketch_engine_arena(engine));
    ketch_result *result = NULL;
    ketch_glia_epoch last = {.size = sizeof last};
    ketch_glia_fit fit = {.size = sizeof fit};
    must(ketch_glia_fit_default(&fit, &error));
    fit.episodes = episodes;
    fit.count = EPISODES;
    fit.epochs = (uint64_t)rounds + 1;
    fit.method = method;
    must(ketch_glia_fit_begin(&result, engine, net, &fit, NULL, &error));
    (void)fit_once(engine, result);
    for (int round = 0; round < rounds; round++)
        ns[round] = fit_once(engine, result);
    must(ketch_glia_get_history(&last, (uint64_t)rounds, 1, result, &error));
    qsort(ns, (size_t)rounds, sizeof *ns, by_time);
    printf(
        "{\"network\": \"64-128-10\", \"method\": \"%s\", \"ns_episode\": %.4g, \"ns_min\": %.4g, "
        "\"loss\": %.4g, \"accuracy\": %.4g}\n",
        name, ns[rounds / 2], ns[0], last.loss, last.accuracy);
    ketch_result_destroy(result);
    ketch_glia_net_drop(net);
}

int main(int count, char **arguments)
{
    static ketch_glia_episode episodes[EPISODES];
    const int rounds = count > 1 ? atoi(arguments[1]) : 9;
    const ketch_engine_options options = {.size = sizeof options, .threads = 1};
    ketch_engine *engine = NULL;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "ROUNDS is 1..%d\n", ROUNDS_MAX);
        return 2;
    }
    must(ketch_engine_create(&engine, &options, &error));
    draw_episodes(episodes);
    measure_method(engine, "BPTT", KETCH_GLIA_BPTT, episodes, rounds);
    measure_method(engine, "e-prop", KETCH_GLIA_EPROP, episodes, rounds);
    measure_method(engine, "score", KETCH_GLIA_SCORE, episodes, rounds);
    for (int i = 0; i < EPISODES; i++)
        ketch_glia_sequence_drop(episodes[i].sequence);
    must(ketch_engine_destroy(engine, &error));
    return 0;
}
