/* Winners and margins. */
#include "glia/train/learn.h"

#include <math.h>
#include <string.h>

/* The first output of the highest score; KTG_NO_WINNER: there are no outputs. */
static uint32_t find_highest(const ktg_neurons *n)
{
    uint32_t best = KTG_NO_WINNER;
    for (uint32_t o = 0; o < n->output_count; o++)
        if (best == KTG_NO_WINNER || n->score[n->outputs[o]] > n->score[best])
            best = n->outputs[o];
    return best;
}

static float highest_but(const ktg_neurons *n, uint32_t left_out)
{
    float highest = -INFINITY;
    for (uint32_t o = 0; o < n->output_count; o++)
        if (n->outputs[o] != left_out && n->score[n->outputs[o]] > highest)
            highest = n->score[n->outputs[o]];
    return highest;
}

ktg_outcome ktg_outcome_of(const ketch_glia_trainer *trainer, const ketch_glia_config *config)
{
    const ktg_neurons *const n = &trainer->neurons;
    ktg_outcome outcome = {.winner = find_highest(n)};
    if (n->output_count >= 2)
        outcome.margin = n->score[outcome.winner] - highest_but(n, outcome.winner);
    if (trainer->rule == KETCH_GLIA_HEBBIAN && outcome.winner != KTG_NO_WINNER &&
        n->score[outcome.winner] < config->detector_threshold)
        outcome.winner = KTG_NO_WINNER;
    return outcome;
}

bool ktg_is_right(const ketch_glia_trainer *trainer, const ketch_glia_config *config,
                  const ktg_outcome *outcome, uint32_t target)
{
    if (outcome->winner != KTG_NO_WINNER)
        return outcome->winner == target;
    return trainer->rule == KETCH_GLIA_HEBBIAN && target < trainer->net->cells.count &&
           strcmp(config->default_id, ktg_net_id(trainer->net, target)) == 0;
}
