/* The record of a trainer: what a rule remembers of a network, and its work memory. */
#ifndef KTG_TRAIN_TRAINER_H
#define KTG_TRAIN_TRAINER_H

#include "arena.h"
#include "glia/net/net.h"
#include "ketch/learning.h"
#include "list.h"

#include <stdbool.h>

/* What is remembered of a synapse, by the slots of its neurons, when it is removed: optimizer moments,
 * and updates on end in which it was too small. */
typedef struct ktg_memory {
    uint64_t key, low;
    float first, second;
} ktg_memory;

/* Numbers of each neuron, in tick order; NULL where the rule has no use for them. rate: the rule's average of spikes. score: the average that
 * outputs are compared by, which is rate itself with the gradient. fired: 1 for those that fired in
 * the last tick of an episode, else 0. trace: the eligibility of all synapses from the neuron.
 * slope, error, blame: of the gradient, see credit.c. idle: updates on end in which it was
 * inactive. outputs: the outputs' numbers, ascending. */
typedef struct ktg_neurons {
    uint32_t count, sensory, output_count;
    float *rate, *score, *fired, *trace, *slope, *error, *blame;
    uint32_t *idle, *outputs;
} ktg_neurons;

/* Numbers of each synapse, as rows has them; NULL as above. capacity: how many there is memory for. key: the slots of its neurons, the source's above. trace:
 * the eligibility. sum: what a batch has added up so far. used: the eligibilities that a batch has
 * added up. first, second: optimizer moments. low: updates on end in which it was too small.
 * marked: to be removed. */
typedef struct ktg_synapses {
    uint32_t count, capacity;
    uint64_t *key;
    float *trace, *sum, *used, *first, *second;
    uint32_t *low;
    uint8_t *marked;
} ktg_synapses;

/* The ways back from outputs. Neurons that reach an output, but for outputs, by distance: `neuron`,
 * `count` of them. Synapses of neuron[i] to neurons that are nearer are numbers
 * synapse[begin[i]]..synapse[begin[i + 1] - 1] of rows, by the targets' ids. distance: of each neuron;
 * KTG_UNREACHED where there is no way. from, next: work memory. */
typedef struct ktg_paths {
    uint32_t count;
    uint32_t *neuron, *begin, *synapse, *distance, *from, *next;
} ktg_paths;

enum { KTG_UNREACHED = UINT32_MAX };

/* references: atomic. Who has claimed the network has the trainer, too. changes: net->changes when neurons, synapses and paths, all in `block`,
 * were built. forgotten: synapses that are gone, by key. updates, epochs, trainings: how many there
 * have been. baseline: the average of rewards. kept: snapshots, the newest last. */
struct ketch_glia_trainer {
    uint64_t magic;
    int32_t references;
    ketch_glia_rule rule;
    ketch_glia_net *net;
    uint64_t changes;
    ktg_neurons neurons;
    ktg_synapses synapses;
    ktg_paths paths;
    ketch_block *block;
    KT_LIST(ktg_memory) forgotten;
    uint64_t updates, epochs, trainings;
    float baseline;
    KT_LIST(ketch_block *) kept;
};

/* HANDLE for what is no trainer. */
ketch_status ktg_trainer_check(const ketch_glia_trainer *trainer, const char *function,
                               ketch_error *error);
/* HANDLE or BUSY; OK: the caller has the trainer and its network, which is settled, until
 * ktg_net_release, and both are ready. MEMORY, FORKED. */
ketch_status ktg_trainer_claim(ketch_glia_trainer *trainer, const char *function,
                               ketch_error *error);
/* On a claimed trainer: prepares the network for ticks, and lets the trainer follow it. MEMORY:
 * everything is as before. */
ketch_status ktg_trainer_make_ready(ketch_glia_trainer *trainer, const char *function,
                                    ketch_error *error);
ketch_glia_trainer *ktg_trainer_share(ketch_glia_trainer *trainer);

/* ---- synapses.c: on a claimed trainer ---- */

/* Builds anew what depends on the network's neurons and synapses, if they changed. MEMORY: everything
 * is as before. */
ketch_status ktg_trainer_follow(ketch_glia_trainer *trainer, const char *function,
                                ketch_error *error);
/* Removes the marked synapses from the network; what is remembered of them is kept. MEMORY:
 * everything is as before. */
ketch_status ktg_trainer_remove_marked(ketch_glia_trainer *trainer, const char *function,
                                       ketch_error *error);
/* Lets a ready trainer without snapshots be as if it had learnt nothing, and follow its network. Its
 * memory stays where it suffices. */
ketch_status ktg_trainer_forget(ketch_glia_trainer *trainer, const char *function,
                                ketch_error *error);
/* Takes zeroed memory for the numbers of a trainer that has the counts, and lays them out there. */
ketch_status ktg_trainer_take(ketch_glia_trainer *made, ketch_arena *arena, const char *function,
                              ketch_error *error);
/* Bytes of that memory. */
uint64_t ktg_trainer_size(const ketch_glia_trainer *trainer);
/* Fills in the numbers of the outputs. */
void ktg_neurons_list_outputs(ktg_neurons *neurons, const ketch_glia_net *net);
/* Fills in what follows from the network: outputs, keys, paths. */
void ktg_trainer_derive(ketch_glia_trainer *t);

/* ---- paths.c ---- */

/* Fills in the paths of a network. */
void ktg_paths_find(ktg_paths *paths, const ktg_neurons *neurons, const ketch_glia_net *net);

/* ---- snapshots.c ---- */

/* Whether the bytes are a snapshot of a network of the same neurons. */
bool ktg_snapshot_is_valid(ketch_block *block, const ketch_glia_net *net);
/* The bytes that a snapshot of a settled network takes. */
uint64_t ktg_snapshot_size(const ketch_glia_net *net);
/* Renumbers its neurons' slots: slot s becomes slots[s]. */
void ktg_snapshot_renumber(ketch_block *block, const uint32_t *slots);

/* Keeps thresholds, leaks and synapses, and forgets the oldest where there are more than `most`.
 * MEMORY. */
ketch_status ktg_snapshot_keep(ketch_glia_trainer *trainer, uint64_t most, const char *function,
                               ketch_error *error);
/* Puts back what was kept last, and forgets it; there is one. MEMORY: everything is as before. */
ketch_status ktg_snapshot_revert(ketch_glia_trainer *trainer, const char *function,
                                 ketch_error *error);

#endif
