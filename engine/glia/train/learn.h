/* The two rules, and what an update does after them. All functions are for a claimed trainer that
 * follows its network. */
#ifndef KTG_TRAIN_LEARN_H
#define KTG_TRAIN_LEARN_H

#include "glia/train/trainer.h"

/* ---- score.c ---- */

/* winner: the number of the output that won; KTG_NO_WINNER: none. margin: the highest score of an
 * output less the second one; 0 with fewer than two. */
typedef struct ktg_outcome {
    uint32_t winner;
    float margin;
} ktg_outcome;

enum { KTG_NO_WINNER = UINT32_MAX };

/* The gradient's winner is the first of the highest outputs; so is the Hebbian one, unless its score
 * is below the detector's threshold. */
ktg_outcome ktg_outcome_of(const ketch_glia_trainer *trainer, const ketch_glia_config *config);
/* Whether the outcome names the target: its default_id does, too. */
bool ktg_is_right(const ketch_glia_trainer *trainer, const ketch_glia_config *config,
                  const ktg_outcome *outcome, uint32_t target);

/* ---- episode.c ---- */

/* Begins an episode: averages and eligibilities are 0. The Hebbian rates go on. */
void ktg_episode_begin(ketch_glia_trainer *trainer);
/* Follows the network's tick. learns: eligibilities, too. */
void ktg_episode_tick(ketch_glia_trainer *trainer, const ketch_glia_config *config, bool learns);

/* ---- gradient.c: what an episode adds to a batch, and the batch's update of weights ---- */

void ktg_gradient_credit(ketch_glia_trainer *trainer, const ketch_glia_config *config,
                         uint32_t target);
void ktg_gradient_update(ketch_glia_trainer *trainer, const ketch_glia_config *config,
                         uint64_t batch);

/* ---- hebbian.c: the same; *reward adds up the raw rewards of a batch ---- */

void ktg_hebbian_credit(ketch_glia_trainer *trainer, const ketch_glia_config *config,
                        const ktg_outcome *outcome, uint32_t target, float *reward);
void ktg_hebbian_update(ketch_glia_trainer *trainer, const ketch_glia_config *config,
                        uint64_t batch, float reward);

/* ---- optimize.c ---- */

/* Moves the weights against the sums, which are the mean gradient. */
void ktg_optimize(ketch_glia_trainer *trainer, const ketch_glia_config *config);

/* ---- learn.c ---- */

/* Takes weight_decay of each weight, and limits it to weight_clip. */
void ktg_decay_weights(float *weight, size_t count, const ketch_glia_config *config);
/* Marks the synapses that are pruned. */
void ktg_mark_small(ketch_glia_trainer *trainer, const ketch_glia_config *config);
/* Intrinsic plasticity: thresholds and leaks follow the rates. */
void ktg_move_neurons(ketch_glia_trainer *trainer, const ketch_glia_config *config);
/* Adds noise to all weights. */
void ktg_jitter(ketch_glia_trainer *trainer, const ketch_glia_config *config);

/* ---- grow.c, inactive.c ---- */

/* Adds synapses. MEMORY: everything is as before. */
ketch_status ktg_grow(ketch_glia_trainer *trainer, const ketch_glia_config *config,
                      const char *function, ketch_error *error);
/* Counts in which updates neurons were inactive, and marks the synapses that they lose. */
void ktg_mark_inactive(ketch_glia_trainer *trainer, const ketch_glia_config *config);

#endif
