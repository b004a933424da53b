/* A spiking network from a text: exclusive or of two inputs. It is run for 12 ticks, stopped at a fence,
 * looked at, and run to its end; then its spikes are printed as a raster. */
#include "ketch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TICKS = 36, NEURONS = 5 };

/* NEURON id threshold leak resting; CONNECTION from to weight. Neurons tick in this order. */
static const char net_text[] = "NEURON S0 100 1 0\n"
                               "NEURON S1 100 1 0\n"
                               "NEURON N0 90 0 0\n"
                               "NEURON O1 50 1 0\n"
                               "NEURON O0 60 1 0\n"
                               "CONNECTION S0 O1 60\n"
                               "CONNECTION S1 O1 60\n"
                               "CONNECTION S0 N0 60\n"
                               "CONNECTION S1 N0 60\n"
                               "CONNECTION N0 O1 -120\n"
                               "CONNECTION N0 O0 120\n";

/* Injects 200 into S0 in ticks 0..7, into S1 in ticks 12..19, and into both in ticks 24..31. */
static ketch_status fill_sequence(ketch_glia_sequence *sequence, ketch_error *error)
{
    ketch_status status = KETCH_OK;
    for (uint64_t tick = 0; tick < TICKS && status == KETCH_OK; tick++) {
        const uint64_t part = tick / 12;
        if (tick % 12 < 8 && part != 1)
            status = ketch_glia_sequence_add(sequence, tick, "S0", 200, error);
        if (tick % 12 < 8 && part != 0 && status == KETCH_OK)
            status = ketch_glia_sequence_add(sequence, tick, "S1", 200, error);
    }
    return status;
}

/* At a fence the network can be read. */
static int32_t stop_at_12(const ketch_step *step, void *user)
{
    ketch_glia_net *const net = ketch_glia_step_net(step);
    float value;
    (void)user;
    if (!net || step->done != 12)
        return 0;
    if (ketch_glia_get(&value, net, KETCH_GLIA_VALUE, 3, 1, NULL) == KETCH_OK)
        printf("tick %" PRIu64 ": O1 has %.0f; stop\n", step->done, (double)value);
    return 1;
}

static ketch_status run(ketch_result **result, ketch_engine *engine, ketch_glia_net *net,
                        ketch_glia_sequence *sequence, ketch_error *error)
{
    const ketch_glia_feed feed = {
        .size = sizeof feed, .sequence = sequence, .ticks = TICKS, .record = 1, .fence_every = 4};
    const ketch_run watched = {.size = sizeof watched, .hook = stop_at_12};
    const ketch_status status = ketch_glia_run(result, engine, net, &feed, &watched, error);
    if (status != KETCH_STOPPED)
        return status;
    return ketch_engine_resume(engine, *result, NULL, error);
}

static void print_raster(const ketch_result *result)
{
    ketch_glia_result_info info = {.size = sizeof info};
    ketch_glia_spike spikes[NEURONS * TICKS];
    char raster[NEURONS][TICKS + 1];
    for (int i = 0; i < NEURONS; i++)
        snprintf(raster[i], sizeof raster[i], "%0*d", TICKS, 0);
    if (ketch_glia_result_get_info(&info, result, NULL) != KETCH_OK ||
        ketch_glia_result_spikes(spikes, 0, info.recorded, result, NULL) != KETCH_OK)
        return;
    for (uint64_t i = 0; i < info.recorded; i++)
        raster[spikes[i].neuron][spikes[i].tick] = '1';
    for (uint64_t i = 0; i < NEURONS; i++)
        printf("%s %s\n", ketch_glia_id(ketch_glia_result_net(result), i), raster[i]);
}

int main(void)
{
    ketch_error error = {.size = sizeof error};
    ketch_engine *engine = NULL;
    ketch_glia_net *net = NULL;
    ketch_glia_sequence *sequence = NULL;
    ketch_result *result = NULL;
    const int failed = ketch_engine_create(&engine, NULL, &error) ||
                       ketch_glia_net_create(&net, ketch_engine_arena(engine), NULL, &error) ||
                       ketch_glia_read(net, net_text, strlen(net_text), NULL, &error) ||
                       ketch_glia_sequence_create(&sequence, &error) ||
                       fill_sequence(sequence, &error) ||
                       run(&result, engine, net, sequence, &error);
    if (failed)
        fprintf(stderr, "%s: %s\n", ketch_status_name(error.status), error.message);
    else
        print_raster(result);
    ketch_result_destroy(result);
    ketch_glia_sequence_drop(sequence);
    ketch_glia_net_drop(net);
    ketch_engine_destroy(engine, NULL);
    return failed;
}
