/* Updates of weights. */
#include "glia/fit/fit.h"

#include "glia/train/lanes.h"
#include "glia/train/numerics.h"
#include "numbers.h"

#include <math.h>

/* What a step does to each weight. decay: of AdamW. rise1, rise2: corrections of the moments' begin
 * at 0. */
typedef struct fit_step {
    ketch_glia_optimizer optimizer;
    float lr, penalty, decay, beta1, beta2, rise1, rise2, eps;
} fit_step;

static fit_step step_of(const ktg_fit *fit)
{
    const ketch_glia_fit *const a = &fit->asked;
    const bool is_apart = a->optimizer == KETCH_GLIA_ADAMW;
    return (fit_step){
        .optimizer = a->optimizer,
        .lr = fit->at.lr,
        .penalty = is_apart ? 0 : a->weight_decay,
        .decay = is_apart ? fit->at.lr * a->weight_decay : 0,
        .beta1 = a->adam_beta1,
        .beta2 = a->adam_beta2,
        .rise1 = (float)(1 / (1 - ktg_power((double)a->adam_beta1, fit->at.updates))),
        .rise2 = (float)(1 / (1 - ktg_power((double)a->adam_beta2, fit->at.updates))),
        .eps = a->adam_eps,
    };
}

/* Moments that only decay reach numbers that processors are slow with. */
static float or_zero(float x)
{
    return fabsf(x) < 0x1p-100F ? 0 : x;
}

static float adaptive_step(const fit_step *step, float *first, float *second, float gradient)
{
    const float square = kt_kept(gradient * gradient);
    *first = or_zero(kt_kept(step->beta1 * *first) + kt_kept((1 - step->beta1) * gradient));
    *second = or_zero(kt_kept(step->beta2 * *second) + kt_kept((1 - step->beta2) * square));
    const float size = sqrtf(kt_kept(*second * step->rise2));
    return *first * step->rise1 / (size + step->eps);
}

static void descend_weight(ktg_fit *fit, const fit_step *step, uint32_t s, float gradient)
{
    float *const weight = &fit->net->rows.weight[s];
    const float steep = gradient + kt_kept(step->penalty * *weight);
    const float way = step->optimizer == KETCH_GLIA_SGD
                          ? steep
                          : adaptive_step(step, &fit->first[s], &fit->second[s], steep);
    const float kept = *weight - kt_kept(step->decay * *weight);
    const float next = kept - kt_kept(step->lr * way);
    if (isfinite(next))
        *weight = next;
}

ketch_status ktg_fit_descend(uint64_t index, int32_t worker, void *user)
{
    (void)worker;
    ktg_fit *const fit = user;
    const fit_step step = step_of(fit);
    const uint64_t slices = ktg_fit_slices(ktg_fit_batch(fit));
    const uint32_t first = (uint32_t)index * KTG_FIT_CHUNK;
    const uint32_t end = first + KT_MIN(fit->graph.synapses - first, (uint32_t)KTG_FIT_CHUNK);
    for (uint32_t s = first; s < end; s++) {
        float gradient = fit->slices[0].gradient[s];
        for (uint64_t i = 1; i < slices; i++)
            gradient += fit->slices[i].gradient[s];
        descend_weight(fit, &step, s, gradient);
    }
    ktg_graph_place(&fit->graph, &fit->net->rows, first, end);
    return KETCH_OK;
}
