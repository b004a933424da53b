/* Learning of spiking networks.
 *
 * Trainers, evaluations of data sets, fits by gradients through time, and evolutions, of the
 * networks of ketch/glia.h, by its conventions. An episode is a sequence that a network is run
 * with, and the output that is to win; a data set is episodes. */
#ifndef KETCH_LEARNING_H
#define KETCH_LEARNING_H

#include "ketch/glia.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ketch declarations begin: no preprocessor lines up to the end mark, so that Python's CFFI reads
 * the same text */

/* ---- training ---- */

/* What learns: a rule, a network, and what the rule remembers of it. */
typedef struct ketch_glia_trainer ketch_glia_trainer;

/* How weights learn. Both rules average spikes to rates: rate = (1 - alpha) * rate + alpha *
 * fired. */
typedef enum ketch_glia_rule {
    /* The gradient of the cross-entropy of softmax(output rates / temperature), with eligibilities
     * of sources in place of derivatives in time. */
    KETCH_GLIA_GRADIENT = 1,
    /* Eligibility times reward: an eligibility adds up spikes of the source times the rate of the
     * target. */
    KETCH_GLIA_HEBBIAN = 2
} ketch_glia_rule;

typedef enum ketch_glia_optimizer {
    KETCH_GLIA_SGD = 0,
    /* Kingma and Ba, ICLR 2015. */
    KETCH_GLIA_ADAM = 1,
    /* Loshchilov and Hutter, ICLR 2019. */
    KETCH_GLIA_ADAMW = 2
} ketch_glia_optimizer;

/* The reward of an episode. */
typedef enum ketch_glia_reward {
    /* reward_pos if the winner is the target and the margin is margin_delta or more, else
     * reward_neg. */
    KETCH_GLIA_REWARD_BINARY = 0,
    /* reward_gain * (rate of the target - highest other rate), from reward_min to reward_max. */
    KETCH_GLIA_REWARD_MARGIN = 1,
    /* 1 / (1 + exp(-reward_gain * (margin_delta - that difference))), within the same limits where
     * reward_min < reward_max. */
    KETCH_GLIA_REWARD_SOFTPLUS = 2
} ketch_glia_reward;

/* Which synapses learn from an episode: all; those to the winner, or all where there is none; those
 * to the target. */
typedef enum ketch_glia_gating {
    KETCH_GLIA_GATE_NONE = 0,
    KETCH_GLIA_GATE_WINNER = 1,
    KETCH_GLIA_GATE_TARGET = 2
} ketch_glia_gating;

/* What a revert watches. */
typedef enum ketch_glia_metric { KETCH_GLIA_ACCURACY = 0, KETCH_GLIA_MARGIN = 1 } ketch_glia_metric;

/* How a trainer learns and scores. Every field counts as it is, 0 too: begin with
 * ketch_glia_config_default. In comments: the default. */
typedef struct ketch_glia_config {
    size_t size;
    /* An episode has warmup_ticks + decision_window ticks: 20, 50. */
    uint32_t warmup_ticks;
    uint32_t decision_window;
    /* Episodes of an update; below 1: 1. Default: 1. */
    int32_t batch_size;
    /* 1: the order of an epoch's episodes is drawn from the seed: 1. */
    int32_t shuffle;
    /* Of all random choices: 123456. */
    uint64_t seed;
    /* The learning rate: 0.01. */
    float lr;
    /* 1e-4; weights lose that part of themselves in each update (adamw: lr times it). */
    float weight_decay;
    /* The largest size of a weight: 0. 0: none. */
    float weight_clip;
    /* The standard deviation of noise on the weights when a training begins: 0. */
    float weight_jitter_std;
    /* Of the rates of all neurons: 0.05. */
    float rate_alpha;
    /* What an eligibility keeps in a tick: 0.95. */
    float elig_lambda;
    /* 0.05, see ketch_glia_reward. */
    float margin_delta;

    /* Hebbian: the winner is the output of the highest rate, by averages with detector_alpha
     * (0.05), unless that is below detector_threshold (0.01): then default_id, NULL or "" for
     * none. */
    float detector_alpha;
    float detector_threshold;
    const char *default_id;
    /* Hebbian. 1: an eligibility takes the target's rate, 0: its spikes: 1. */
    int32_t elig_post_use_rate;
    /* Softplus, 1.2, -0.8, 1, -1, 1. */
    ketch_glia_reward reward_mode;
    float reward_pos;
    float reward_neg;
    float reward_gain;
    float reward_min;
    float reward_max;
    /* 1: an average of the rewards is taken from each: 1, 0.1. */
    int32_t use_advantage_baseline;
    float baseline_beta;
    /* 1: no reward where the winner is the target and the margin is margin_delta or more: 1. */
    int32_t no_update_if_satisfied;
    ketch_glia_gating update_gating;
    /* A weight also gains usage_boost_gain * mean reward * mean eligibility: 0. */
    float usage_boost_gain;

    /* Gradient: 1, SGD, 0.9, 0.999, 1e-8. */
    float temperature;
    ketch_glia_optimizer optimizer;
    float adam_beta1;
    float adam_beta2;
    float adam_eps;
    /* Gradient: the largest norm of a batch's gradient: 0. 0: none. */
    float clip_grad_norm;

    /* Synapses whose weight is smaller than prune_epsilon (1e-4) are removed: with the gradient at
     * once, else after prune_patience updates on end (3). */
    float prune_epsilon;
    uint32_t prune_patience;
    /* New synapses of an update, of weight init_weight or -init_weight: 0, 0.01. */
    uint32_t grow_edges;
    float init_weight;
    /* In each update threshold += eta_theta * (rate - r_target), leak += eta_leak * (r_target -
     * rate): 0, 0, 0.05. */
    float eta_theta;
    float eta_leak;
    float r_target;
    /* Hebbian: a neuron whose rate is below inactive_rate_threshold (0) for inactive_rate_patience
     * updates on end (0: off) loses up to prune_inactive_max (0) of its weakest synapses, those to
     * it (0) and those from it (1). */
    float inactive_rate_threshold;
    uint32_t inactive_rate_patience;
    uint32_t prune_inactive_max;
    int32_t prune_inactive_in;
    int32_t prune_inactive_out;

    /* 1: after each epoch thresholds, leaks and synapses are kept, of the last ckpt_l0 + ckpt_l1 +
     * ckpt_l2 epochs: 1; 4, 2, 1. */
    int32_t checkpoints_enable;
    uint32_t ckpt_l0;
    uint32_t ckpt_l1;
    uint32_t ckpt_l2;
    /* 1: the newest of these is put back when the metric has fallen by revert_drop (0.2) or more in
     * revert_window (1) epochs: 0. */
    int32_t revert_enable;
    ketch_glia_metric revert_metric;
    float revert_drop;
    uint32_t revert_window;
} ketch_glia_config;

/* An input and the id of the output that is to win. size is also the stride of an array. */
typedef struct ketch_glia_episode {
    size_t size;
    ketch_glia_sequence *sequence;
    const char *target;
} ketch_glia_episode;

/* The score of one episode. */
typedef struct ketch_glia_metrics {
    size_t size;
    /* The winner's number; -1: none, which stands for default_id with the Hebbian rule. */
    int64_t winner;
    /* The highest rate of an output less the second one; 0 with fewer than two outputs. */
    float margin;
    /* warmup_ticks + decision_window. */
    uint64_t ticks_run;
    /* Outputs: how many rates there are. */
    uint64_t outputs;
} ketch_glia_metrics;

/* A data set that is scored. Episodes are copied, and their sequences shared. */
typedef struct ketch_glia_evaluation {
    size_t size;
    /* A target may be any text: see ketch_glia_scores. */
    const ketch_glia_episode *episodes;
    uint64_t count;
    /* NULL: the defaults. */
    const ketch_glia_config *config;
} ketch_glia_evaluation;

/* The score of a data set, as far as its episodes are scored. */
typedef struct ketch_glia_scores {
    size_t size;
    /* Episodes that are scored, and all of them. */
    uint64_t episodes;
    uint64_t total;
    /* Those whose winner was the target; where there was none, those whose target is default_id
     * with the Hebbian rule, and the empty text with the gradient. */
    uint64_t right;
    /* right / episodes, and the mean margin, added up in the order of episodes; 0 without any. */
    double accuracy;
    double margin;
    /* Outputs: how many rates an episode has. */
    uint64_t outputs;
} ketch_glia_scores;

/* The learning rate of epoch e of n. Computed in double from lr. */
typedef enum ketch_glia_schedule {
    KETCH_GLIA_CONSTANT = 0,
    /* m + (lr - m) * (1 + cos(pi * e / n)) / 2, m = 0.01 * lr. */
    KETCH_GLIA_COSINE = 1,
    /* Halved every max(1, n / 3) epochs. */
    KETCH_GLIA_STEP = 2
} ketch_glia_schedule;

/* A training. Episodes are copied, and their sequences shared. */
typedef struct ketch_glia_training {
    size_t size;
    const ketch_glia_episode *episodes;
    uint64_t count;
    uint64_t epochs;
    /* NULL: the defaults. */
    const ketch_glia_config *config;
    ketch_glia_schedule schedule;
    /* The training ends after an epoch of this accuracy; 0: it does not. */
    double target_accuracy;
    /* It ends when so many epochs have passed since the best accuracy, and among equals the best
     * margin; 0: it does not. */
    uint64_t patience;
} ketch_glia_training;

/* One epoch of a training or a fit. */
typedef struct ketch_glia_epoch {
    size_t size;
    /* From 0. */
    uint64_t epoch;
    /* The share of episodes whose winner was the target, and the mean margin, each before the
     * update that followed. */
    double accuracy;
    double margin;
    /* The learning rate that it had. */
    float lr;
    /* Synapses at its end. */
    uint64_t synapses;
    /* Of a fit: the mean loss, before updates as the others; otherwise 0. */
    double loss;
} ketch_glia_epoch;

/* Fills in the defaults of *config, whose size the caller has set. */
KETCH_API ketch_status ketch_glia_config_default(ketch_glia_config *config, ketch_error *error);

/* Makes a trainer of a network, which it shares; the caller owns it. A compat network goes on from
 * one episode to the next; a clean one is reset before each, and the rules are the same. What grows
 * in it has a delay of one tick. RANGE: no such rule. MEMORY, FORKED. */
KETCH_API ketch_status ketch_glia_trainer_create(ketch_glia_trainer **trainer, ketch_glia_net *net,
                                                 ketch_glia_rule rule, ketch_error *error);
/* Ends a trainer. NULL does nothing. A result of its training keeps what it needs. */
KETCH_API void ketch_glia_trainer_drop(ketch_glia_trainer *trainer);
/* Runs one episode without learning, and scores it. rates: those of the outputs in tick order; NULL
 * with capacity 0: none. config NULL: the defaults. BUFFER: capacity is neither 0 nor enough. RANGE
 * and NONFINITE: a field of the config. BUSY, MEMORY. Cost: the ticks. */
KETCH_API ketch_status ketch_glia_evaluate(ketch_glia_metrics *metrics, float *rates,
                                           uint64_t capacity, ketch_glia_trainer *trainer,
                                           ketch_glia_sequence *sequence,
                                           const ketch_glia_config *config, ketch_error *error);
/* Scores a data set without learning: a job of type "glia.evaluate", whose steps are episodes.
 * Scores are the rates that a trainer learns by, in networks of either mode; those that a fit
 * learns by, and its loss, are told by a fit with KETCH_GLIA_SCORE.
 *
 * Those of a clean network do not depend on each other, so workers share them, each with a copy of
 * the network's neurons; the network stays as it is, and is free as soon as the run has begun.
 * Those of a compat network follow one another on the network itself, as calls of
 * ketch_glia_evaluate do: the run holds it, as ketch_glia_run does.
 *
 * The result, which the caller owns, shares the trainer. The bits do not depend on threads and
 * stops. RANGE, NONFINITE: a field of the config, no episodes. BUSY, MEMORY. What ketch_engine_run
 * returns. Cost: the ticks; a clean network is copied, its neurons once a thread. */
KETCH_API ketch_status ketch_glia_evaluate_all(ketch_result **result, ketch_engine *engine,
                                               ketch_glia_trainer *trainer,
                                               const ketch_glia_evaluation *evaluation,
                                               const ketch_run *run, ketch_error *error);
/* The same, suspended before its first step. */
KETCH_API ketch_status ketch_glia_evaluate_begin(ketch_result **result, ketch_engine *engine,
                                                 ketch_glia_trainer *trainer,
                                                 const ketch_glia_evaluation *evaluation,
                                                 const ketch_run *run, ketch_error *error);
/* Computes the memory that such a run would take on that engine, and what the network has of that
 * engine's arena. Statuses as ketch_glia_evaluate_all. */
KETCH_API ketch_status ketch_glia_evaluate_need(ketch_need *need, const ketch_engine *engine,
                                                ketch_glia_trainer *trainer,
                                                const ketch_glia_evaluation *evaluation,
                                                ketch_error *error);
/* The type of evaluations. */
KETCH_API const ketch_job_type *ketch_glia_evaluate_type(void);
/* Copies the score of a data set, whose size the caller has set. While the run is on, in a hook, it
 * is that of the episodes that are done. Cost: reading the scores of all episodes. */
KETCH_API ketch_status ketch_glia_get_scores(ketch_glia_scores *scores, const ketch_result *result,
                                             ketch_error *error);
/* Copies the scores of episodes first..first+count-1, each with the size that the first one has;
 * ticks_run is 0 for one that is not scored yet. INDEX: there are fewer. */
KETCH_API ketch_status ketch_glia_get_metrics(ketch_glia_metrics *metrics, uint64_t first,
                                              uint64_t count, const ketch_result *result,
                                              ketch_error *error);
/* Copies the rates of all outputs, in tick order, of each of episodes first..first+count-1: so
 * count * outputs numbers; 0 for an episode that is not scored yet. INDEX: there are fewer. */
KETCH_API ketch_status ketch_glia_get_rates(float *rates, uint64_t first, uint64_t count,
                                            const ketch_result *result, ketch_error *error);
/* Trains: a job of type "glia.train", whose steps are episodes, with a fence after each epoch. The
 * result, which the caller owns, shares the trainer. While the training is on its network and
 * trainer are BUSY; a hook may read the network at fences, or copy it. When it has stopped, within
 * an epoch too, it goes on to the same bits, unless the network was changed or evaluated since:
 * MISMATCH. Injections that the network has no sensory neuron for are left out. RANGE, NONFINITE: a
 * field of the config or the training, no episodes. MISMATCH: a target that is no output of the
 * network. MEMORY. What ketch_engine_run returns. Cost: the ticks, a multiply-add for each neuron
 * and tick or, with the Hebbian rule, for each synapse and tick, and a few operations for each
 * synapse and episode, on one thread. */
KETCH_API ketch_status ketch_glia_train(ketch_result **result, ketch_engine *engine,
                                        ketch_glia_trainer *trainer,
                                        const ketch_glia_training *training, const ketch_run *run,
                                        ketch_error *error);
/* The same, suspended before its first step. */
KETCH_API ketch_status ketch_glia_train_begin(ketch_result **result, ketch_engine *engine,
                                              ketch_glia_trainer *trainer,
                                              const ketch_glia_training *training,
                                              const ketch_run *run, ketch_error *error);
/* Computes the memory that a training would take on that engine, the snapshots of its epochs
 * included, and what network and trainer have of that engine's arena. Synapses that grow, and a
 * history of more than 32768 epochs, are not counted. Network and trainer take what trainings need:
 * they are prepared as by one. Statuses as ketch_glia_train. */
KETCH_API ketch_status ketch_glia_train_need(ketch_need *need, const ketch_engine *engine,
                                             ketch_glia_trainer *trainer,
                                             const ketch_glia_training *training,
                                             ketch_error *error);
/* Loads a saved training into a trainer, whose network gets the saved weights and state, and whose
 * episodes are those of `training`, of which only episodes and count are read. MISMATCH: it was
 * saved for another network, rule or data set; the trainer and its network are then as before. What
 * ketch_result_load returns. */
KETCH_API ketch_status ketch_glia_train_load(ketch_result **result, ketch_engine *engine,
                                             ketch_glia_trainer *trainer,
                                             const ketch_glia_training *training, const char *path,
                                             ketch_error *error);
/* The type of trainings. */
KETCH_API const ketch_job_type *ketch_glia_train_type(void);
/* Reads the epoch of a training or a fit that has ended, in a hook at a fence. HANDLE: a step of
 * another job, or a tick. */
KETCH_API ketch_status ketch_glia_get_epoch(ketch_glia_epoch *epoch, const ketch_step *step,
                                            ketch_error *error);
/* Copies epochs first..first+count-1 of a training or a fit, each with the size that the first one
 * has.
 * INDEX: fewer have ended. */
KETCH_API ketch_status ketch_glia_get_history(ketch_glia_epoch *epochs, uint64_t first,
                                              uint64_t count, const ketch_result *result,
                                              ketch_error *error);
/* Copies how many epochs have ended. */
KETCH_API ketch_status ketch_glia_get_epochs(uint64_t *epochs, const ketch_result *result,
                                             ketch_error *error);
/* The network of a training or a fit. It belongs to the result: share it to keep it longer. NULL
 * for any other result. */
KETCH_API ketch_glia_net *ketch_glia_training_net(const ketch_result *result);
/* Puts back the thresholds, leaks and synapses that were kept last, and forgets them, so that each
 * further call goes back an epoch. *reverted: 1, or 0 where none are left. BUSY, MEMORY. */
KETCH_API ketch_status ketch_glia_trainer_revert(int32_t *reverted, ketch_glia_trainer *trainer,
                                                 ketch_error *error);

/* ---- fits ---- */

/* How a clean network learns from gradients. The derivative of a spike by the voltage, which is 0
 * almost everywhere, is replaced by a surrogate; that of a reset is 0. */
typedef enum ketch_glia_method {
    /* Backpropagation through time: Neftci, Mostafa and Zenke, IEEE Signal Processing Magazine 36,
     * 2019. */
    KETCH_GLIA_BPTT = 1,
    /* e-prop with symmetric feedback: Bellec et al., Nature Communications 11, 2020. Of what a
     * spike does, only its synapses from neurons that are no outputs to outputs count; each
     * neuron's own voltage and currents are followed as in BPTT. Its sums of learning signals times
     * eligibilities are computed backwards in time, where they are cheaper. */
    KETCH_GLIA_EPROP = 2,
    /* Nothing is learnt: episodes are scored by the fit's readout, with the loss that a fit lowers;
     * ketch_glia_evaluate_all is for scores by a trainer's rates. Each epoch is the same. */
    KETCH_GLIA_SCORE = 3
} ketch_glia_method;

/* An output's score in an episode. */
typedef enum ketch_glia_readout {
    /* How often it fired. */
    KETCH_GLIA_READ_SPIKES = 0,
    /* The mean over ticks of its voltage, before spikes are reset. An output whose threshold is out
     * of reach is an integrator that is never reset. */
    KETCH_GLIA_READ_VOLTAGE = 1
} ketch_glia_readout;

/* The derivative of a spike by the voltage V: f((V - threshold) / (width * d)) / d with d =
 * threshold - reset, or 1 where that is not positive. */
typedef enum ketch_glia_surrogate {
    /* f(x) = 1 / (1 + |x|)^2: Zenke and Ganguli, Neural Computation 30, 2018. */
    KETCH_GLIA_FAST_SIGMOID = 0,
    /* f(x) = 0.3 max(0, 1 - |x|): Bellec et al. 2020. */
    KETCH_GLIA_TRIANGLE = 1,
    /* f(x) = 1 / (1 + x^2): Fang et al., ICCV 2021. */
    KETCH_GLIA_ARCTAN = 2
} ketch_glia_surrogate;

/* A fit. Every field counts as it is, 0 too: begin with ketch_glia_fit_default. In comments: the
 * default. Episodes are copied, and their sequences shared. */
typedef struct ketch_glia_fit {
    size_t size;
    /* At least one. */
    const ketch_glia_episode *episodes;
    uint64_t count;
    uint64_t epochs;
    /* Ticks of an episode: 40. */
    uint32_t ticks;
    /* BPTT, the voltage, the fast sigmoid. */
    ketch_glia_method method;
    ketch_glia_readout readout;
    ketch_glia_surrogate surrogate;
    /* 0.5. */
    float width;
    /* The loss is the cross-entropy of softmax(scores / temperature): 1. */
    float temperature;
    /* The target's share in that is 1 - smoothing + smoothing / outputs, of others smoothing /
     * outputs: Szegedy et al., CVPR 2016. 0. */
    float smoothing;
    /* Episodes of an update: 32. They are computed in slices of 16, which threads share. */
    uint32_t batch;
    /* 1: the order of an epoch's episodes is drawn from the seed: 1. */
    int32_t shuffle;
    /* 123456. */
    uint64_t seed;
    /* ADAM, 0.01, 0, 0.9, 0.999, 1e-8. A weight decays by the gradient of half its square times
     * weight_decay, with AdamW by lr * weight_decay times itself. */
    ketch_glia_optimizer optimizer;
    float lr;
    float weight_decay;
    float adam_beta1;
    float adam_beta2;
    float adam_eps;
    /* CONSTANT. */
    ketch_glia_schedule schedule;
    /* As in ketch_glia_training: 0, 0. */
    double target_accuracy;
    uint64_t patience;
} ketch_glia_fit;

/* Fills in the defaults of *fit, whose size the caller has set: no episodes, no epochs. */
KETCH_API ketch_status ketch_glia_fit_default(ketch_glia_fit *fit, ketch_error *error);
/* Fits the weights of a clean network to episodes: a job of type "glia.fit", whose steps are
 * episodes, with a fence after each epoch. Each episode begins in the state of ketch_glia_reset,
 * and its ticks are those of ketch_glia_step, to the bit; its sequence is fed as by ketch_glia_run.
 * The network's own state is neither read nor changed. Neurons, synapses and delays stay; any graph
 * may be fitted.
 *
 * While the fit is on the network is BUSY; a hook may read it at fences. The fit can be stopped,
 * saved and loaded anywhere, and goes on to the same bits, which do not depend on threads and
 * kernel set, unless the network was changed since: MISMATCH. The result, which the caller owns,
 * shares the network. Epochs are read as of trainings: ketch_glia_get_epoch,
 * ketch_glia_get_history.
 *
 * RANGE, NONFINITE: a field of *fit. MISMATCH: a compat network; a target that is no output. BUSY,
 * MEMORY. What ketch_engine_run returns. Cost: about 0.1 ns for each tick and synapse of an
 * episode, with AVX-512. Memory: 4 bytes for each synapse and slice of a batch and, but for SCORE,
 * 64 bytes, with two time constants 128, for each neuron, tick and slice. */
KETCH_API ketch_status ketch_glia_fit_run(ketch_result **result, ketch_engine *engine,
                                          ketch_glia_net *net, const ketch_glia_fit *fit,
                                          const ketch_run *run, ketch_error *error);
/* The same, suspended before its first step. */
KETCH_API ketch_status ketch_glia_fit_begin(ketch_result **result, ketch_engine *engine,
                                            ketch_glia_net *net, const ketch_glia_fit *fit,
                                            const ketch_run *run, ketch_error *error);
/* Computes the memory that a fit would take on that engine beside the network; of its history, the
 * first 64 epochs are counted. Statuses as ketch_glia_fit_run. */
KETCH_API ketch_status ketch_glia_fit_need(ketch_need *need, const ketch_engine *engine,
                                           ketch_glia_net *net, const ketch_glia_fit *fit,
                                           ketch_error *error);
/* Loads a saved fit into a network, which gets the saved weights. Of *fit only episodes and count
 * are read. MISMATCH: it was saved for another network, but for its weights, or for other episodes;
 * the network is then as before. What ketch_result_load returns. */
KETCH_API ketch_status ketch_glia_fit_load(ketch_result **result, ketch_engine *engine,
                                           ketch_glia_net *net, const ketch_glia_fit *fit,
                                           const char *path, ketch_error *error);
/* The type of fits. */
KETCH_API const ketch_job_type *ketch_glia_fit_type(void);
/* Copies of episodes first..first+count-1 of a fit, as they were scored last, the number of the
 * output of the highest score, the first one among equals, and the scores of all outputs in tick
 * order, one episode after the other. -1 and 0: not scored yet. Each array may be NULL. INDEX:
 * there are fewer episodes. BUFFER: capacity, of scores, is less. HANDLE: the result of another
 * job. */
KETCH_API ketch_status ketch_glia_get_fit_scores(int64_t *winners, float *scores, uint64_t capacity,
                                                 uint64_t first, uint64_t count,
                                                 const ketch_result *result, ketch_error *error);

/* ---- evolution ---- */

/* How a population evolves. Begin with ketch_glia_evolution_config_default; in comments: the
 * default. */
typedef struct ketch_glia_evolution_config {
    size_t size;
    /* At least 1: 8. */
    uint32_t population;
    /* How many of the best pass to the next generation unchanged: 2; and among how many the parents
     * of the others are drawn: 4, at least elite and 1. More than population counts as that. */
    uint32_t elite;
    uint32_t parents_pool;
    /* 1: what training has made of an individual is inherited; 0: only its fitness counts: 1. */
    int32_t lamarckian;
    /* At least 1: 10. */
    uint64_t generations;
    /* Epochs of an individual's training, with the Hebbian rule: 3. */
    uint64_t train_epochs;
    /* Standard deviations of the noise on weights, thresholds and leaks, which stay in 0..1:
     * 0.05, 0, 0. */
    double sigma_w;
    double sigma_thr;
    double sigma_leak;
    /* fitness = w_acc * accuracy + w_margin * mean margin - w_sparsity * synapses / those of the
     * first network: 1, 0.5, 0. */
    double w_acc;
    double w_margin;
    double w_sparsity;
    /* Of all random choices: 123456. */
    uint64_t seed;
    /* The evolution ends after a generation whose best fitness is that or more: INFINITY. */
    double target_fitness;
    /* It ends when so many generations have passed since the best fitness of all; 0: it does
     * not. */
    uint64_t patience;
    /* It ends when so many individuals have been scored; 0: it does not. */
    uint64_t evaluations;
} ketch_glia_evolution_config;

/* An individual that is to be scored. */
typedef struct ketch_glia_candidate {
    size_t size;
    uint64_t generation;
    uint64_t individual;
    /* On the validation set, after training. */
    double accuracy;
    double margin;
    uint64_t synapses;
    /* A copy of the network as training and validation left it: the function may change it, and
     * share it to keep it. */
    ketch_glia_net *net;
} ketch_glia_candidate;

/* Sets the fitness of a candidate. It is called on the run's thread, in the order of individuals,
 * when all of a generation are trained. Any status but OK ends the run, which calls it again for
 * that candidate when it goes on. */
typedef ketch_status (*ketch_glia_fitness)(double *fitness, const ketch_glia_candidate *candidate,
                                           void *user);

/* An evolution. Episodes are copied, and their sequences shared. */
typedef struct ketch_glia_evolution {
    size_t size;
    /* May be none with train_epochs 0. */
    const ketch_glia_episode *train;
    uint64_t train_count;
    /* May be none with a fitness function. */
    const ketch_glia_episode *validation;
    uint64_t validation_count;
    /* Of the training; its seed, checkpoints and revert are not read. NULL: the defaults. */
    const ketch_glia_config *config;
    /* NULL: the defaults. */
    const ketch_glia_evolution_config *evolution;
    /* NULL: fitness is as in ketch_glia_evolution_config. */
    ketch_glia_fitness fitness;
    void *user;
} ketch_glia_evolution;

/* A generation that has been scored. */
typedef struct ketch_glia_generation {
    size_t size;
    /* From 0. */
    uint64_t generation;
    /* The number of its best individual, in the lineage. */
    uint64_t best;
    /* Of that. */
    double fitness;
    double accuracy;
    double margin;
    uint64_t synapses;
    double mean_fitness;
} ketch_glia_generation;

/* An individual in the lineage. size is also the stride of an array. */
typedef struct ketch_glia_individual {
    size_t size;
    uint64_t id;
    /* -1: the first network. */
    int64_t parent;
    uint64_t generation;
    /* -1e9, and the rest 0, if it was not scored, such as those bred after the last generation. */
    double fitness;
    double accuracy;
    double margin;
    uint64_t synapses;
} ketch_glia_individual;

/* Which individual: the best of all generations, which is the earliest among equals, or that of the
 * last one. */
typedef enum ketch_glia_best {
    KETCH_GLIA_BEST_OF_ALL = 0,
    KETCH_GLIA_BEST_OF_LAST = 1
} ketch_glia_best;

/* Fills in the defaults of *config, whose size the caller has set. */
KETCH_API ketch_status ketch_glia_evolution_config_default(ketch_glia_evolution_config *config,
                                                           ketch_error *error);

/* Evolves copies of a network: a job of type "glia.evolve", whose steps are individuals, shared
 * among the workers, with a fence after each generation. An individual begins in the network's
 * present state (a clean one in the state of ketch_glia_reset, in each episode) with the
 * thresholds, leaks and synapses that it inherits, is trained, and is scored
 * on the validation set by the same trainer. The first generation is the network and mutated copies
 * of it. The bits are the same on any number of threads, and wherever the run was stopped and
 * resumed. The network is not changed, and is free as soon as the run has begun. RANGE, NONFINITE:
 * a field of the configs, no episodes. MISMATCH: a target that is no output of the network, or a
 * network without neurons. BUSY, MEMORY. What ketch_engine_run returns. Cost: for each individual a
 * training and an evaluation; memory: for each a network, a trainer and two sets of weights. */
KETCH_API ketch_status ketch_glia_evolve(ketch_result **result, ketch_engine *engine,
                                         ketch_glia_net *net, const ketch_glia_evolution *evolution,
                                         const ketch_run *run, ketch_error *error);
/* The same, suspended before its first step. */
KETCH_API ketch_status ketch_glia_evolve_begin(ketch_result **result, ketch_engine *engine,
                                               ketch_glia_net *net,
                                               const ketch_glia_evolution *evolution,
                                               const ketch_run *run, ketch_error *error);
/* Computes the memory that an evolution would take on that engine, and what the network has of that
 * engine's arena. Synapses that grow, and a lineage of more than 64 generations, are not counted.
 * The network takes what ticks need: it is prepared as by a run. Statuses as ketch_glia_evolve. */
KETCH_API ketch_status ketch_glia_evolve_need(ketch_need *need, const ketch_engine *engine,
                                              ketch_glia_net *net,
                                              const ketch_glia_evolution *evolution,
                                              ketch_error *error);
/* Loads a saved evolution, of the same network and episodes. Configs are in the file; fitness
 * and user are those given. MISMATCH: it was saved for another network or other episodes. What
 * ketch_result_load returns. */
KETCH_API ketch_status ketch_glia_evolve_load(ketch_result **result, ketch_engine *engine,
                                              ketch_glia_net *net,
                                              const ketch_glia_evolution *evolution,
                                              const char *path, ketch_error *error);
/* The type of evolutions. */
KETCH_API const ketch_job_type *ketch_glia_evolve_type(void);
/* Reads the generation that has been scored, in a hook at a fence. HANDLE: a step of another
 * job, or a tick. */
KETCH_API ketch_status ketch_glia_get_generation(ketch_glia_generation *generation,
                                                 const ketch_step *step, ketch_error *error);
/* Copies how many generations have been scored. */
KETCH_API ketch_status ketch_glia_get_generations(uint64_t *generations, const ketch_result *result,
                                                  ketch_error *error);
/* Copies generations first..first+count-1, each with the size that the first one has. INDEX: fewer
 * have been scored. */
KETCH_API ketch_status ketch_glia_get_generation_history(ketch_glia_generation *generations,
                                                         uint64_t first, uint64_t count,
                                                         const ketch_result *result,
                                                         ketch_error *error);
/* Makes a network, in that arena (NULL: that of the run), with the thresholds, leaks and
 * synapses of the best individual: as training left them, if that is inherited. Its state is the
 * one that individuals begin in. The caller holds its first reference. INDEX: no generation has
 * been scored. RANGE: no such choice. MEMORY. */
KETCH_API ketch_status ketch_glia_evolved_net(ketch_glia_net **net, const ketch_result *result,
                                              ketch_glia_best which, ketch_arena *arena,
                                              ketch_error *error);
/* Copies how many individuals the lineage has: population times one more than the generations that
 * have been scored. */
KETCH_API ketch_status ketch_glia_get_individuals(uint64_t *individuals, const ketch_result *result,
                                                  ketch_error *error);
/* Copies individuals first..first+count-1 of the lineage, each with the size that the first one
 * has. INDEX: there are fewer. */
KETCH_API ketch_status ketch_glia_get_lineage(ketch_glia_individual *individuals, uint64_t first,
                                              uint64_t count, const ketch_result *result,
                                              ketch_error *error);
/* Writes the lineage as GliaGL does, as JSON with 6 digits: text[0..capacity-1] gets as much as
 * fits, with a 0 behind it, and *length, which may be NULL, the length of all of it, without the 0.
 * */
KETCH_API ketch_status ketch_glia_lineage_json(char *text, size_t capacity, size_t *length,
                                               const ketch_result *result, ketch_error *error);

/* A population whose individuals the caller scores: the same selection and mutation as in
 * ketch_glia_evolve, without training. A call needs it alone, else BUSY. */
typedef struct ketch_glia_population ketch_glia_population;

/* Makes the first generation: the network and mutated copies. Of the config, generations,
 * train_epochs, lamarckian, weights of fitness and the fields that end an evolution are checked and
 * not used. Statuses as ketch_glia_evolve. The caller owns it. */
KETCH_API ketch_status ketch_glia_population_create(ketch_glia_population **population,
                                                    ketch_glia_net *net,
                                                    const ketch_glia_evolution_config *config,
                                                    ketch_error *error);
/* Ends a population. NULL does nothing. */
KETCH_API void ketch_glia_population_drop(ketch_glia_population *population);
/* Makes a network with what an individual of the present generation has inherited. The caller holds
 * its first reference. INDEX: no such individual. BUSY, MEMORY. */
KETCH_API ketch_status ketch_glia_population_ask(ketch_glia_net **net,
                                                 ketch_glia_population *population,
                                                 uint64_t individual, ketch_error *error);
/* Takes the fitness of all individuals of the present generation, population of them, and breeds
 * the next one. generation: what became of it; may be NULL. BUFFER: another count. NONFINITE.
 * MEMORY, and then everything is as before. BUSY. */
KETCH_API ketch_status ketch_glia_population_tell(ketch_glia_generation *generation,
                                                  ketch_glia_population *population,
                                                  const double *fitness, uint64_t count,
                                                  ketch_error *error);
/* As ketch_glia_evolved_net. */
KETCH_API ketch_status ketch_glia_population_best(ketch_glia_net **net,
                                                  ketch_glia_population *population,
                                                  ketch_glia_best which, ketch_error *error);

/* ketch declarations end */

#ifdef __cplusplus
}
#endif

#endif
