/* Rewards, and weights that move by eligibility times reward. */
#include "glia/train/lanes.h"
#include "glia/train/learn.h"
#include "glia/train/numerics.h"

#include <math.h>
#include <string.h>

/* ---- rewards ---- */

/* The target's score less the highest other one; what is no output scores 0. */
static float target_margin(const ktg_neurons *n, uint32_t target)
{
    float of_target = 0, other = -INFINITY;
    for (uint32_t o = 0; o < n->output_count; o++) {
        const uint32_t i = n->outputs[o];
        if (i == target)
            of_target = n->score[i];
        else if (n->score[i] > other)
            other = n->score[i];
    }
    return of_target - (other == -INFINITY ? 0 : other);
}

static float clamped(float x, float low, float high)
{
    const float most = x < high ? x : high;
    return most > low ? most : low;
}

/* is_satisfied: the target won by margin_delta or more. */
static float reward_of(const ktg_neurons *n, const ketch_glia_config *config, bool is_satisfied,
                       uint32_t target)
{
    const float low = config->reward_min, high = config->reward_max;
    if (config->reward_mode == KETCH_GLIA_REWARD_BINARY)
        return is_satisfied ? config->reward_pos : config->reward_neg;
    const float margin = target_margin(n, target);
    if (config->reward_mode == KETCH_GLIA_REWARD_MARGIN)
        return clamped(config->reward_gain * margin, low, high);
    const float x = config->reward_gain * (config->margin_delta - margin);
    const float reward = 1 / (1 + ktg_exp(-x));
    return low < high ? clamped(reward, low, high) : reward;
}

/* The baseline follows every raw reward, after it was used. */
static float take_baseline(ketch_glia_trainer *trainer, const ketch_glia_config *config, float raw)
{
    const float beta = config->baseline_beta, reward = raw - trainer->baseline;
    trainer->baseline = kt_kept((1 - beta) * trainer->baseline) + kt_kept(beta * raw);
    return reward;
}

/* ---- episodes ---- */

/* The targets whose synapses learn: one neuron, all, or none. */
enum { ALL_TARGETS = UINT32_MAX, NO_TARGET = UINT32_MAX - 1 };

static uint32_t find_default(const ketch_glia_net *net, const char *id)
{
    const uint32_t slot = ktg_names_find(&net->names, id, strlen(id));
    return slot == KTG_NO_SLOT ? NO_TARGET : net->index.items[slot];
}

static uint32_t find_gate(const ketch_glia_trainer *trainer, const ketch_glia_config *config,
                          const ktg_outcome *outcome, uint32_t target)
{
    if (config->update_gating == KETCH_GLIA_GATE_NONE)
        return ALL_TARGETS;
    if (config->update_gating == KETCH_GLIA_GATE_TARGET)
        return target;
    if (outcome->winner != KTG_NO_WINNER)
        return outcome->winner;
    return config->default_id[0] ? find_default(trainer->net, config->default_id) : ALL_TARGETS;
}

static void add_scaled_to(float *sum, const float *trace, const ktg_rows *rows, float factor,
                          uint32_t gate)
{
    for (uint32_t e = 0; e < rows->count; e++)
        if (rows->target[e] == gate)
            sum[e] += kt_kept(factor * trace[e]);
}

static void add_traces(ketch_glia_trainer *trainer, float *sum, float factor, uint32_t gate)
{
    const ktg_synapses *const s = &trainer->synapses;
    if (gate == ALL_TARGETS)
        trainer->net->kernels->add_scaled(sum, s->trace, s->count, factor);
    else if (gate != NO_TARGET)
        add_scaled_to(sum, s->trace, &trainer->net->rows, factor, gate);
}

void ktg_hebbian_credit(ketch_glia_trainer *trainer, const ketch_glia_config *config,
                        const ktg_outcome *outcome, uint32_t target, float *reward)
{
    const bool is_satisfied =
        ktg_is_right(trainer, config, outcome, target) && outcome->margin >= config->margin_delta;
    const float raw = reward_of(&trainer->neurons, config, is_satisfied, target);
    float used = config->use_advantage_baseline ? take_baseline(trainer, config, raw) : raw;
    if (config->no_update_if_satisfied && is_satisfied)
        used = 0;
    *reward += raw;
    const uint32_t gate = find_gate(trainer, config, outcome, target);
    add_traces(trainer, trainer->synapses.sum, config->lr * used, gate);
    if (config->usage_boost_gain != 0)
        add_traces(trainer, trainer->synapses.used, 1, gate);
}

/* ---- updates ---- */

/* weight += gain * mean reward * mean eligibility, the latter from 0 to 1. */
static void boost(ketch_glia_trainer *trainer, float factor, float share)
{
    const ktg_synapses *const s = &trainer->synapses;
    float *const weight = trainer->net->rows.weight;
    for (uint32_t e = 0; e < s->count; e++)
        weight[e] += kt_kept(factor * clamped(s->used[e] * share, 0, 1));
    memset(s->used, 0, s->count * sizeof *s->used);
}

void ktg_hebbian_update(ketch_glia_trainer *trainer, const ketch_glia_config *config,
                        uint64_t batch, float reward)
{
    const ktg_synapses *const s = &trainer->synapses;
    const float share = 1 / (float)batch;
    if (s->count == 0)
        return;
    trainer->net->kernels->add_scaled(trainer->net->rows.weight, s->sum, s->count, share);
    memset(s->sum, 0, s->count * sizeof *s->sum);
    ktg_decay_weights(trainer->net->rows.weight, s->count, config);
    if (config->usage_boost_gain != 0)
        boost(trainer, config->usage_boost_gain * kt_kept(reward * share), share);
}
