/* Scores, losses and their derivatives. */
#include "glia/fit/fit.h"

#include "glia/train/lanes.h"
#include "glia/train/numerics.h"

#include <math.h>
#include <string.h>

/* The scores of a lane's episode, and what follows from them. chance: of each output, by softmax. */
typedef struct lane_scores {
    const ktg_fit *fit;
    ktg_slice *slice;
    uint32_t lane, winner, target;
} lane_scores;

static float *score_of(const lane_scores *l, uint32_t output)
{
    return l->slice->score + (size_t)output * KTG_SLICE + l->lane;
}

/* The first output of the highest score, and how far it is above the second. */
static float find_winner(lane_scores *l)
{
    const uint32_t outputs = l->fit->graph.outputs;
    float second = -INFINITY;
    l->winner = 0;
    for (uint32_t o = 1; o < outputs; o++)
        if (*score_of(l, o) > *score_of(l, l->winner))
            l->winner = o;
    for (uint32_t o = 0; o < outputs; o++)
        if (o != l->winner && *score_of(l, o) > second)
            second = *score_of(l, o);
    return outputs > 1 ? *score_of(l, l->winner) - second : 0;
}

static float power_of(const lane_scores *l, uint32_t output)
{
    const float above = *score_of(l, output) - *score_of(l, l->winner);
    return ktg_exp(above / l->fit->asked.temperature);
}

static float sum_powers(const lane_scores *l)
{
    float sum = 0;
    for (uint32_t o = 0; o < l->fit->graph.outputs; o++)
        sum += power_of(l, o);
    return sum;
}

/* What an output's share in the cross-entropy is. */
static float share_of(const lane_scores *l, uint32_t output)
{
    const float smoothing = l->fit->asked.smoothing;
    const float each = smoothing / (float)l->fit->graph.outputs;
    return l->fit->graph.output[output] == l->target ? 1 - smoothing + each : each;
}

/* The cross-entropy, from the sum of powers. */
static double loss_of(const lane_scores *l, float sum)
{
    double below = 0;
    for (uint32_t o = 0; o < l->fit->graph.outputs; o++)
        below += kt_kept_double((double)share_of(l, o) *
                                (double)(*score_of(l, l->winner) - *score_of(l, o)));
    return ktg_log((double)sum) + below / (double)l->fit->asked.temperature;
}

/* The derivative of the batch's mean loss by what a tick adds to an output's score. */
static void set_errors(const lane_scores *l, float sum)
{
    const ktg_fit *const fit = l->fit;
    const bool is_mean = fit->asked.readout == KETCH_GLIA_READ_VOLTAGE;
    const float ticks = is_mean ? (float)fit->asked.ticks : 1;
    for (uint32_t o = 0; o < fit->graph.outputs; o++) {
        const uint32_t neuron = fit->graph.output[o];
        const float wrong = power_of(l, o) / sum - share_of(l, o);
        l->slice->error[(size_t)neuron * KTG_SLICE + l->lane] =
            wrong / fit->asked.temperature / (float)ktg_fit_batch(fit) / ticks;
    }
}

static void score_lane(ktg_fit *fit, ktg_slice *slice, uint32_t lane)
{
    const ktg_graph *const g = &fit->graph;
    const uint32_t episode = fit->order[slice->place->first + lane];
    lane_scores l = {fit, slice, lane, 0, fit->episodes[episode].target};
    const uint32_t outputs = g->outputs;
    for (uint32_t o = 0; o < outputs && fit->asked.readout == KETCH_GLIA_READ_VOLTAGE; o++)
        *score_of(&l, o) /= (float)fit->asked.ticks;
    slice->place->margins += (double)find_winner(&l);
    slice->place->right += g->output[l.winner] == l.target;
    const float sum = sum_powers(&l);
    slice->place->loss += loss_of(&l, sum);
    fit->winners[episode] = g->output[l.winner];
    for (uint32_t o = 0; o < outputs; o++)
        fit->scores[(size_t)episode * outputs + o] = *score_of(&l, o);
    if (ktg_fit_learns(&fit->asked))
        set_errors(&l, sum);
}

void ktg_slice_score(ktg_fit *fit, ktg_slice *slice)
{
    const size_t size = (size_t)fit->graph.neurons * KTG_SLICE * sizeof(float);
    if (ktg_fit_learns(&fit->asked))
        memset(slice->error, 0, size);
    for (uint32_t lane = 0; lane < slice->place->count; lane++)
        score_lane(fit, slice, lane);
}
