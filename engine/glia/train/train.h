/* A training as a job: where it is, and what it has found. */
#ifndef KTG_TRAIN_TRAIN_H
#define KTG_TRAIN_TRAIN_H

#include "glia/feed/feed.h"
#include "glia/train/learn.h"

/* An episode. target: the output that is to win. */
typedef struct ktg_episode {
    ktg_feed feed;
    uint32_t target;
} ktg_episode;

/* What comes next. Each is done again where it failed. */
typedef enum ktg_stage {
    KTG_STAGE_JITTER = 0,
    KTG_STAGE_EPOCH,
    KTG_STAGE_EPISODE,
    KTG_STAGE_TICKS,
    KTG_STAGE_UPDATE,
    KTG_STAGE_REMOVE,
    KTG_STAGE_GROW,
    KTG_STAGE_READY,
    KTG_STAGE_INACTIVE,
    KTG_STAGE_REMOVE_AGAIN,
    KTG_STAGE_READY_AGAIN,
    KTG_STAGE_NEXT,
    KTG_STAGE_EPOCH_END,
    KTG_STAGE_REVERT,
    KTG_STAGE_FENCE,
    KTG_STAGE_OVER
} ktg_stage;

/* All that is saved as it stands. episode: how many of the epoch are done; in_batch: how many of them
 * since the last update. tick, cursor: of the open episode. right, margins: of the epoch. reward: the
 * batch's. best_accuracy, best_margin, best_epoch: for patience. */
typedef struct ktg_progress {
    uint64_t epoch, episode, in_batch, tick, right;
    ktg_cursor cursor;
    double margins, best_accuracy, best_margin;
    uint64_t best_epoch;
    float reward;
    int32_t stage;
} ktg_progress;

/* An epoch that has ended, as it is saved: without gaps. */
typedef struct ktg_epoch {
    double accuracy, margin, lr;
    uint64_t synapses;
} ktg_epoch;

/* config: lr is the epoch's, default_id is the field of that name. base_lr: the caller's. episodes,
 * order, which is the epoch's, and this record lie in `record`. history: `capacity` epochs in a block
 * of its own. fingerprint: a hash of the episodes and of the network's ids. */
typedef struct ktg_training {
    ketch_block *record;
    ktg_hold hold;
    ketch_glia_trainer *trainer;
    ktg_episode *episodes;
    uint32_t *order;
    uint64_t count, epochs, patience, fingerprint;
    ketch_glia_schedule schedule;
    double target_accuracy;
    float base_lr;
    ketch_glia_config config;
    char default_id[KETCH_GLIA_ID_MAX + 1];
    ktg_progress at;
    ktg_epoch *history;
    uint64_t capacity;
    ketch_block *history_block;
} ktg_training;

extern const ketch_job_type ktg_train_type;

/* What a public call was given, in place of a training until its memory is taken. is_begun: it is not
 * carried on in the same call. */
typedef struct ktg_train_launch {
    ketch_glia_trainer *trainer;
    const ketch_glia_training *training;
    bool is_begun;
    const char *function;
} ktg_train_launch;

/* The functions of the type. */
ketch_status ktg_train_advance(ketch_context *context, void *user);
void ktg_train_release(void *user);
ketch_status ktg_train_prepare(ketch_job *job, ketch_engine *engine, ketch_error *error);
ketch_status ktg_train_save(ketch_writer *writer, const void *user);
ketch_status ktg_train_load(ketch_job *job, ketch_reader *reader, void *context,
                            ketch_engine *engine, ketch_error *error);

/* Loads a training of that type into the launch's trainer and its network. */
ketch_status ktg_train_load_into(ketch_result **result, ketch_engine *engine,
                                 const ketch_job_type *type, const ktg_train_launch *launch,
                                 const char *path, ketch_error *error);

/* What a training is made of, checked. */
typedef struct ktg_train_parts {
    ketch_glia_training asked;
    ketch_glia_config config;
} ktg_train_parts;

/* RANGE, NONFINITE, MISMATCH: what a training may not be. */
ketch_status ktg_train_read(ktg_train_parts *parts, const ktg_train_launch *launch,
                            ketch_error *error);
/* Makes a training of a claimed trainer, with its memory from that arena. MEMORY, BUSY, and MISMATCH
 * for a target that is no output. */
ketch_status ktg_training_make(ktg_training **made, ketch_glia_trainer *trainer,
                               const ktg_train_parts *parts, ketch_arena *arena,
                               const char *function, ketch_error *error);
/* For how many epochs a training of so many begins with room. */
uint64_t ktg_history_first(uint64_t epochs);
/* Adds the memory that the feeds of such episodes take. HANDLE, BUSY. */
ketch_status ktg_episodes_add_need(ketch_need *need, const ketch_glia_episode *episodes,
                                   uint64_t count, const char *function, ketch_error *error);
/* Bytes of the record of a training of so many episodes. */
uint64_t ktg_training_size(uint64_t count);
/* Adds the memory that ktg_training_make takes. HANDLE, BUSY. */
ketch_status ktg_training_add_need(ketch_need *need, const ktg_train_parts *parts,
                                   const char *function, ketch_error *error);
/* The episode with that number. */
static inline const ketch_glia_episode *ktg_episode_at(const ketch_glia_episode *episodes,
                                                       uint64_t index)
{
    return (const ketch_glia_episode *)(const void *)((const char *)episodes +
                                                      index * episodes->size);
}
/* MISMATCH: their size is not set. */
ketch_status ktg_episodes_check_size(const ketch_glia_episode *episodes, const char *argument,
                                     const char *function, ketch_error *error);
/* What the argument `episodes` of so many may not be: HANDLE, RANGE, MISMATCH. message: of RANGE. */
ketch_status ktg_episodes_check(const ketch_glia_episode *episodes, uint64_t count,
                                const char *message, const char *function, ketch_error *error);
/* Makes episodes, one after the other: *count tells how many, also after a failure. fingerprint: a hash
 * of all. BUSY, MEMORY, and MISMATCH for a target that is no output. */
ketch_status ktg_episodes_make(ktg_episode *made, uint64_t *count, uint64_t *fingerprint,
                               const ketch_glia_net *net, const ketch_glia_episode *asked,
                               uint64_t asked_count, ketch_arena *arena, const char *function,
                               ketch_error *error);
/* Whether a training can be where it is, for one of a file. */
bool ktg_training_is_possible(const ktg_training *t);
/* Lets a training that stands still hold its claimed network: see ktg_net_hold. */
void ktg_training_hold(ktg_training *t, bool is_on);
/* Fills in the job's steps and user. */
void ktg_training_describe(ketch_job *job, ktg_training *t);

/* ---- history.c ---- */

/* Makes room for so many epochs. */
ketch_status ktg_history_reserve(ktg_training *t, uint64_t epochs, ketch_arena *arena,
                                 const char *function, ketch_error *error);
/* Notes the epoch that ends; there is room. */
void ktg_history_note(ktg_training *t);
/* Whether the training ends with the epochs that are done: all are, or the accuracy suffices, or
 * there was no better epoch for a while. */
bool ktg_history_is_last(ktg_training *t);
/* Whether the metric has fallen so far that the last snapshot is put back. */
bool ktg_history_has_fallen(const ktg_training *t);
/* The learning rate of an epoch. */
float ktg_scheduled_rate(const ktg_training *t, uint64_t epoch);

/* ---- for fits, too ---- */

/* A block of `capacity` records of epochs. */
typedef struct ktg_epochs {
    ketch_block *block;
    uint64_t capacity;
} ktg_epochs;

/* Makes room for so many records of that size. */
ketch_status ktg_epochs_reserve(ktg_epochs *e, uint64_t epochs, size_t item_size,
                                ketch_arena *arena, const char *function, ketch_error *error);
/* The learning rate of an epoch, from that of the first one. */
float ktg_rate_of(ketch_glia_schedule schedule, float rate, uint64_t epoch, uint64_t epochs);
/* An order of so many episodes: drawn from random (Fisher and Yates), or that of the data where
 * random is NULL. */
void ktg_order_draw(uint32_t *order, uint64_t count, ketch_random *random);

#endif
