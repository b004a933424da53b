/* What both rules do to weights and neurons. */
#include "glia/train/learn.h"

#include "glia/train/lanes.h"
#include "glia/train/streams.h"

#include <math.h>

void ktg_decay_weights(float *weight, size_t count, const ketch_glia_config *config)
{
    ktg_lanes *const groups = (ktg_lanes *)__builtin_assume_aligned(weight, 16);
    const ktg_lanes decay = ktg_all_lanes(config->weight_decay);
    if (config->weight_decay > 0)
        for (size_t g = 0; g < ktg_groups(count); g++)
            groups[g] -= kt_kept_lanes(decay * groups[g]);
    const float most = config->weight_clip;
    for (size_t e = 0; e < count && most > 0; e++)
        weight[e] = weight[e] > most ? most : weight[e] < -most ? -most : weight[e];
}

/* ---- pruning ---- */

/* Counts the updates on end in which weights were too small. */
static void count_small(uint32_t *low, const float *weight, uint32_t count, float epsilon)
{
    for (uint32_t e = 0; e < count; e++)
        low[e] = fabsf(weight[e]) < epsilon ? low[e] + 1 : 0;
}

static void mark_patiently(uint8_t *marked, const uint32_t *low, uint32_t count, uint32_t patience)
{
    const uint32_t least = patience > 1 ? patience : 1;
    for (uint32_t e = 0; e < count; e++)
        marked[e] = low[e] >= least;
}

static void mark_at_once(uint8_t *marked, const float *weight, uint32_t count, float epsilon)
{
    for (uint32_t e = 0; e < count; e++)
        marked[e] = fabsf(weight[e]) < epsilon;
}

/* Only the Hebbian rule has patience. */
void ktg_mark_small(ketch_glia_trainer *trainer, const ketch_glia_config *config)
{
    const ktg_synapses *const s = &trainer->synapses;
    const float *const weight = trainer->net->rows.weight;
    if (!(config->prune_epsilon > 0))
        return;
    if (trainer->rule == KETCH_GLIA_HEBBIAN) {
        count_small(s->low, weight, s->count, config->prune_epsilon);
        mark_patiently(s->marked, s->low, s->count, config->prune_patience);
    } else {
        mark_at_once(s->marked, weight, s->count, config->prune_epsilon);
    }
}

/* ---- neurons ---- */

void ktg_move_neurons(ketch_glia_trainer *trainer, const ketch_glia_config *config)
{
    const ktg_neurons *const n = &trainer->neurons;
    ktg_cells *const cells = &trainer->net->cells;
    const float wanted = config->r_target;
    if (config->eta_theta != 0 || config->eta_leak != 0)
        ktg_net_numbers_changed(trainer->net);
    for (uint32_t i = 0; i < n->count && config->eta_theta != 0; i++)
        cells->threshold[i] += kt_kept(config->eta_theta * (n->rate[i] - wanted));
    for (uint32_t i = 0; i < n->count && config->eta_leak != 0; i++) {
        const float leak = cells->leak[i] + kt_kept(config->eta_leak * (wanted - n->rate[i]));
        cells->leak[i] = leak < 0 ? 0 : leak > 1 ? 1 : leak;
    }
}

/* ---- noise ---- */

void ktg_jitter(ketch_glia_trainer *trainer, const ketch_glia_config *config)
{
    const uint32_t training = (uint32_t)trainer->trainings;
    ketch_random random = {.seed = config->seed,
                           .stream =
                               ketch_random_stream(KTG_STREAMS_TRAIN, KTG_STREAM_JITTER, training)};
    const ktg_rows *const rows = &trainer->net->rows;
    for (uint32_t e = 0; e < rows->count && config->weight_jitter_std > 0; e++) {
        const double noise = (double)config->weight_jitter_std * ketch_random_normal(&random);
        rows->weight[e] += (float)noise;
    }
}
