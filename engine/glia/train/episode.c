/* What a trainer follows in each tick: averages of spikes, and eligibilities. */
#include "glia/train/learn.h"

#include <string.h>

void ktg_episode_begin(ketch_glia_trainer *trainer)
{
    ktg_neurons *const n = &trainer->neurons;
    const size_t neurons = n->count * sizeof(float);
    if (n->count == 0)
        return;
    memset(n->score, 0, neurons);
    if (trainer->rule == KETCH_GLIA_GRADIENT) {
        memset(n->trace, 0, neurons);
        return;
    }
    memset(n->fired, 0, neurons);
    memset(trainer->synapses.trace, 0, trainer->synapses.count * sizeof(float));
}

/* average = (1 - alpha) * average + alpha * fired. What did not fire adds 0, which changes nothing:
 * averages are never -0. */
static void average_spikes(float *average, float alpha, const ketch_glia_net *net)
{
    const ktg_cells *const cells = &net->cells;
    net->kernels->scale(average, cells->count, 1 - alpha);
    for (uint32_t f = 0; f < cells->fired_count; f++)
        average[cells->fired[f]] += alpha;
}

/* Where the rule takes spikes of targets: 1 for who fired. */
static void note_fired(ktg_neurons *n, const ktg_cells *cells)
{
    memset(n->fired, 0, n->count * sizeof(float));
    for (uint32_t f = 0; f < cells->fired_count; f++)
        n->fired[cells->fired[f]] = 1;
}

/* trace = lambda * trace + fired of the source * post of the target. */
static void trace_spikes(ktg_synapses *s, const float *post, float lambda,
                         const ketch_glia_net *net)
{
    const ktg_firing firing = {net->cells.fired, net->rows.begin, net->rows.target,
                               net->cells.fired_count, ktg_blocks(&net->cells)};
    net->kernels->scale(s->trace, s->count, lambda);
    net->kernels->add_posts(s->trace, post, &firing);
}

void ktg_episode_tick(ketch_glia_trainer *trainer, const ketch_glia_config *config, bool learns)
{
    ktg_neurons *const n = &trainer->neurons;
    const ketch_glia_net *const net = trainer->net;
    if (n->count == 0)
        return;
    if (trainer->rule == KETCH_GLIA_GRADIENT) {
        average_spikes(n->rate, config->rate_alpha, net);
        if (learns)
            net->kernels->scale_add(n->trace, n->rate, n->count, config->elig_lambda);
        return;
    }
    average_spikes(n->score, config->detector_alpha, net);
    if (!learns)
        return;
    average_spikes(n->rate, config->rate_alpha, net);
    if (!config->elig_post_use_rate)
        note_fired(n, &net->cells);
    trace_spikes(&trainer->synapses, config->elig_post_use_rate ? n->rate : n->fired,
                 config->elig_lambda, net);
}
