/* The gradient of the loss of an episode, -log softmax(output rates / temperature) at the target. An
 * eligibility stands for the derivative of what a neuron is driven by with respect to a weight. It
 * adds up the source's rate alone, so it is the same for all synapses of a source. */
#include "glia/train/lanes.h"
#include "glia/train/learn.h"
#include "glia/train/numerics.h"

#include <math.h>
#include <string.h>

/* The derivative of the loss with respect to each output's rate:
 * (softmax - [is the target]) / temperature. */
static void find_errors(ktg_neurons *n, float temperature, uint32_t target)
{
    float highest = -INFINITY, sum = 0;
    memset(n->error, 0, n->count * sizeof *n->error);
    for (uint32_t o = 0; o < n->output_count; o++) {
        const uint32_t i = n->outputs[o];
        n->error[i] = n->rate[i] / temperature;
        highest = n->error[i] > highest ? n->error[i] : highest;
    }
    for (uint32_t o = 0; o < n->output_count; o++) {
        const uint32_t i = n->outputs[o];
        n->error[i] = ktg_exp(n->error[i] - highest);
        sum += n->error[i];
    }
    for (uint32_t o = 0; o < n->output_count; o++) {
        const uint32_t i = n->outputs[o];
        n->error[i] = (n->error[i] / sum - (float)(i == target)) / temperature;
    }
}

/* The derivative of a rate with respect to what drives it: c * (1 - c), c the rate, from 0.05 to
 * 0.95. */
static void find_slopes(ktg_neurons *n)
{
    for (uint32_t i = 0; i < n->count; i++) {
        const float rate = n->rate[i];
        const float c = rate < 0.05F ? 0.05F : rate > 0.95F ? 0.95F : rate;
        n->slope[i] = c * (1 - c);
    }
}

/* From outputs backwards. An error is final before it is passed on, as synapses lead to nearer
 * neurons alone. */
static void pass_back(ktg_neurons *n, const ktg_paths *paths, const ktg_rows *rows)
{
    for (uint32_t i = 0; i < paths->count; i++) {
        float error = 0;
        for (uint32_t p = paths->begin[i]; p < paths->begin[i + 1]; p++) {
            const uint32_t synapse = paths->synapse[p], target = rows->target[synapse];
            error += kt_kept(rows->weight[synapse] * n->slope[target] * n->error[target]);
        }
        n->error[paths->neuron[i]] = error;
    }
}

/* Neurons that reach no output have no error. */
static void add_gradient(ktg_synapses *s, const ktg_neurons *n, const ktg_rows *rows)
{
    for (uint32_t i = 0; i < n->count; i++) {
        const float trace = n->trace[i];
        for (uint32_t e = rows->begin[i]; e < rows->begin[i + 1]; e++)
            s->sum[e] += kt_kept(n->blame[rows->target[e]] * trace);
    }
}

void ktg_gradient_credit(ketch_glia_trainer *trainer, const ketch_glia_config *config,
                         uint32_t target)
{
    ktg_neurons *const n = &trainer->neurons;
    const ktg_rows *const rows = &trainer->net->rows;
    find_errors(n, config->temperature, target);
    find_slopes(n);
    pass_back(n, &trainer->paths, rows);
    for (uint32_t i = 0; i < n->count; i++)
        n->blame[i] = n->error[i] * n->slope[i];
    add_gradient(&trainer->synapses, n, rows);
}

/* Squares of float32 are exact in double. */
static double norm_of(const float *x, uint32_t count)
{
    double sum = 0;
    for (uint32_t e = 0; e < count; e++)
        sum += (double)x[e] * (double)x[e];
    return sqrt(sum);
}

void ktg_gradient_update(ketch_glia_trainer *trainer, const ketch_glia_config *config,
                         uint64_t batch)
{
    ktg_synapses *const s = &trainer->synapses;
    if (s->count == 0)
        return;
    trainer->net->kernels->scale(s->sum, s->count, 1 / (float)batch);
    if (config->clip_grad_norm > 0) {
        const double norm = norm_of(s->sum, s->count), most = (double)config->clip_grad_norm;
        if (norm > most)
            trainer->net->kernels->scale(s->sum, s->count, (float)(most / norm));
    }
    ktg_optimize(trainer, config);
    memset(s->sum, 0, s->count * sizeof *s->sum);
}
