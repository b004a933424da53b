/* Optimizers. */
#include "glia/train/lanes.h"
#include "glia/train/learn.h"
#include "glia/train/numerics.h"

#include <math.h>

static void descend(float *weight, const float *gradient, size_t count, float lr)
{
    ktg_lanes *const to = (ktg_lanes *)__builtin_assume_aligned(weight, 16);
    const ktg_lanes *const by = (const ktg_lanes *)__builtin_assume_aligned(gradient, 16);
    const ktg_lanes rates = ktg_all_lanes(lr);
    for (size_t g = 0; g < ktg_groups(count); g++)
        to[g] -= kt_kept_lanes(rates * by[g]);
}

/* Moments are float32; their corrections and the quotient are double, and the quotient is rounded
 * before it is multiplied. decay: adamw's share of the weight, taken first. */
typedef struct adam_step {
    float lr, decay, beta1, beta2;
    double correction1, correction2, eps;
} adam_step;

static void adapt(float *weight, float *first, float *second, float gradient, const adam_step *a)
{
    const float g = gradient;
    const float m = kt_kept(a->beta1 * *first) + kt_kept((1 - a->beta1) * g);
    const float v = kt_kept(a->beta2 * *second) + kt_kept((1 - a->beta2) * kt_kept(g * g));
    const double quotient =
        (double)m / a->correction1 / (sqrt((double)v / a->correction2) + a->eps);
    const float w = *weight - kt_kept(a->decay * *weight);
    *first = m;
    *second = v;
    *weight = w - kt_kept(a->lr * (float)quotient);
}

/* trainer->updates counts this update, too. */
static void adapt_all(ketch_glia_trainer *trainer, const ketch_glia_config *config, float decay)
{
    ktg_synapses *const s = &trainer->synapses;
    const adam_step step = {
        .lr = config->lr,
        .decay = decay,
        .beta1 = config->adam_beta1,
        .beta2 = config->adam_beta2,
        .correction1 = 1 - ktg_power((double)config->adam_beta1, trainer->updates),
        .correction2 = 1 - ktg_power((double)config->adam_beta2, trainer->updates),
        .eps = (double)config->adam_eps,
    };
    for (uint32_t e = 0; e < s->count; e++)
        adapt(&trainer->net->rows.weight[e], &s->first[e], &s->second[e], s->sum[e], &step);
}

void ktg_optimize(ketch_glia_trainer *trainer, const ketch_glia_config *config)
{
    const ktg_synapses *const s = &trainer->synapses;
    float *const weight = trainer->net->rows.weight;
    if (config->optimizer == KETCH_GLIA_ADAMW) {
        ketch_glia_config undecayed = *config;
        adapt_all(trainer, config, config->lr * config->weight_decay);
        undecayed.weight_decay = 0;
        ktg_decay_weights(weight, s->count, &undecayed);
        return;
    }
    if (config->optimizer == KETCH_GLIA_ADAM)
        adapt_all(trainer, config, 0);
    else
        descend(weight, s->sum, s->count, config->lr);
    ktg_decay_weights(weight, s->count, config);
}
