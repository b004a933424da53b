/* Measures episodes of trainings on one thread, and prints JSON lines. Use: episodes ROUNDS. A round
 * trains each network with each rule by 500 episodes of 40 ticks, of which ten differ, one to a batch;
 * ns an episode, of the thread's processor time, are medians over rounds, from a network that has
 * learnt for a round before. */
#include "cpu.h"
#include "layers.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS_MAX = 200, SENSORS = 64, OUTPUTS = 10, TICKS = 40, EPOCHS = 50 };

static ketch_glia_net *build_net(ketch_arena *arena, uint32_t hidden)
{
    ketch_glia_net *net = NULL;
    must(ketch_glia_net_create(&net, arena, NULL, &error));
    build_layers(net, hidden);
    return net;
}

/* ---- data ---- */

static ketch_glia_sequence *draw_input(void)
{
    char id[16];
    ketch_glia_sequence *made = NULL;
    must(ketch_glia_sequence_create(&made, &error));
    for (uint64_t tick = 0; tick < TICKS; tick++)
        for (int i = 0; i < SENSORS; i++) {
            snprintf(id, sizeof id, "S%d", i);
            if (next_number() < 0.3)
                must(ketch_glia_sequence_add(made, tick, id, 200, &error));
        }
    return made;
}

static void draw_episodes(ketch_glia_episode *episodes)
{
    static char targets[OUTPUTS][16];
    for (int i = 0; i < OUTPUTS; i++) {
        snprintf(targets[i], sizeof targets[i], "O%d", i);
        episodes[i] = (ketch_glia_episode){sizeof *episodes, draw_input(), targets[i]};
    }
}

/* ---- measuring ---- */

static int by_time(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static double train_once(ketch_engine *engine, ketch_glia_trainer *trainer,
                         const ketch_glia_training *training)
{
    ketch_result *result = NULL;
    const double begun = kt_cpu_thread_seconds();
    must(ketch_glia_train(&result, engine, trainer, training, NULL, &error));
    const double taken = kt_cpu_thread_seconds() - begun;
    ketch_result_destroy(result);
    return taken * 1e9 / (EPOCHS * OUTPUTS);
}

static void measure_rule(ketch_engine *engine, const char *name, uint32_t hidden,
                         ketch_glia_rule rule, int rounds)
{
    double ns[ROUNDS_MAX];
    ketch_glia_episode episodes[OUTPUTS];
    ketch_glia_config config = {.size = sizeof config};
    ketch_glia_trainer *trainer = NULL;
    ketch_glia_net_info info = {.size = sizeof info};
    ketch_glia_net *const net = build_net(ketch_engine_arena(engine), hidden);
    must(ketch_glia_config_default(&config, &error));
    config.warmup_ticks = 10;
    config.decision_window = TICKS - 10;
    must(ketch_glia_trainer_create(&trainer, net, rule, &error));
    draw_episodes(episodes);
    const ketch_glia_training training = {.size = sizeof training,
                                          .episodes = episodes,
                                          .count = OUTPUTS,
                                          .epochs = EPOCHS,
                                          .config = &config};
    (void)train_once(engine, trainer, &training);
    for (int round = 0; round < rounds; round++)
        ns[round] = train_once(engine, trainer, &training);
    must(ketch_glia_net_get_info(&info, net, &error));
    qsort(ns, (size_t)rounds, sizeof *ns, by_time);
    printf("{\"network\": \"%s\", \"rule\": \"%s\", \"neurons\": %d, \"synapses\": %d, "
           "\"ns_episode\": %.4g, \"ns_min\": %.4g}\n",
           name, rule == KETCH_GLIA_GRADIENT ? "gradient" : "Hebbian", (int)info.neurons,
           (int)info.synapses, ns[rounds / 2], ns[0]);
    for (int i = 0; i < OUTPUTS; i++)
        ketch_glia_sequence_drop(episodes[i].sequence);
    ketch_glia_trainer_drop(trainer);
    ketch_glia_net_drop(net);
}

int main(int count, char **arguments)
{
    const int rounds = count > 1 ? atoi(arguments[1]) : 9;
    const ketch_engine_options options = {.size = sizeof options, .threads = 1};
    ketch_engine *engine = NULL;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "ROUNDS is 1..%d\n", ROUNDS_MAX);
        return 2;
    }
    must(ketch_engine_create(&engine, &options, &error));
    for (ketch_glia_rule rule = KETCH_GLIA_GRADIENT; rule <= KETCH_GLIA_HEBBIAN; rule++) {
        measure_rule(engine, "small", 0, rule, rounds);
        measure_rule(engine, "middle", 128, rule, rounds);
    }
    must(ketch_engine_destroy(engine, &error));
    return 0;
}
