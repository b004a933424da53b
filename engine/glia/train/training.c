/* Trainings: how they are checked, made and ended. */
#include "glia/train/train.h"

#include "engine.h"
#include "glia/net/parts.h"
#include "glia/train/configs.h"
#include "hash.h"
#include "layout.h"
#include "numbers.h"
#include "status.h"

#include <math.h>
#include <string.h>

/* ---- checks ---- */

static ketch_status check_schedule(const ketch_glia_training *asked, const char *function,
                                   ketch_error *error)
{
    const int32_t schedule = (int32_t)asked->schedule;
    if (schedule < 0 || schedule > KETCH_GLIA_STEP)
        return kt_fail(error, KETCH_RANGE, function, "schedule", kt_format("%d", schedule).text,
                       kt_format("0..%d", KETCH_GLIA_STEP).text, "no such schedule");
    if (isfinite(asked->target_accuracy) && asked->target_accuracy >= 0 &&
        asked->target_accuracy <= 1)
        return KETCH_OK;
    return kt_fail(error, isfinite(asked->target_accuracy) ? KETCH_RANGE : KETCH_NONFINITE,
                   function, "target_accuracy", kt_number(asked->target_accuracy).text, "0..1",
                   "no training reaches such an accuracy");
}

ketch_status ktg_episodes_check_size(const ketch_glia_episode *episodes, const char *argument,
                                     const char *function, ketch_error *error)
{
    if (episodes->size >= sizeof *episodes)
        return KETCH_OK;
    return kt_fail(error, KETCH_MISMATCH, function, argument,
                   kt_format("size %llu", (unsigned long long)episodes->size).text,
                   kt_format("%llu or more", (unsigned long long)sizeof *episodes).text,
                   "the size of an episode is not set");
}

ketch_status ktg_episodes_check(const ketch_glia_episode *episodes, uint64_t count,
                                const char *message, const char *function, ketch_error *error)
{
    if (!episodes && count)
        return kt_fail_handle(error, function, "episodes", "an array", NULL);
    if (count == 0 || count > UINT32_MAX)
        return kt_fail(error, KETCH_RANGE, function, "count",
                       kt_format("%llu", (unsigned long long)count).text,
                       kt_format("1..%u", UINT32_MAX).text, "%s", message);
    return ktg_episodes_check_size(episodes, "episodes", function, error);
}

static ketch_status check_counts(const ketch_glia_training *asked, const char *function,
                                 ketch_error *error)
{
    const uint64_t most_steps = UINT64_MAX - 1;
    KT_TRY(ktg_episodes_check(asked->episodes, asked->count, "no training has so many episodes",
                              function, error));
    if (asked->epochs <= most_steps / asked->count)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, "epochs",
                   kt_format("%llu", (unsigned long long)asked->epochs).text,
                   kt_format("0..%llu", (unsigned long long)(most_steps / asked->count)).text,
                   "too many epochs");
}

ketch_status ktg_train_read(ktg_train_parts *parts, const ktg_train_launch *launch,
                            ketch_error *error)
{
    ketch_glia_training *const asked = &parts->asked;
    if (!launch->training)
        return kt_fail_handle(error, launch->function, "training", "what to train with", NULL);
    KT_TRY(kt_read_options(asked, sizeof *asked, launch->training, launch->function, "training",
                           error));
    KT_TRY(check_counts(asked, launch->function, error));
    KT_TRY(check_schedule(asked, launch->function, error));
    return ktg_config_read(&parts->config, asked->config, launch->function, error);
}

/* ---- making ---- */

static ktg_training *lay_out_training(kt_layout *layout, uint64_t count)
{
    ktg_training *const t = kt_layout_take(layout, 1, sizeof *t);
    ktg_episode *const episodes = kt_layout_take(layout, count, sizeof *episodes);
    uint32_t *const order = kt_layout_take(layout, count, sizeof *order);
    if (t) {
        t->episodes = episodes;
        t->order = order;
    }
    return t;
}

/* The least that a history has room for, and the most epochs that it has at the begin. */
enum { HISTORY_LEAST = 64, HISTORY_MOST = 32768 };

uint64_t ktg_history_first(uint64_t epochs)
{
    return KT_MAX(HISTORY_LEAST, KT_MIN(epochs, HISTORY_MOST));
}

uint64_t ktg_training_size(uint64_t count)
{
    kt_layout layout = {0};
    (void)lay_out_training(&layout, count);
    return layout.size;
}

static ketch_status take_training(ktg_training **made, uint64_t count, ketch_arena *arena,
                                  const char *function, ketch_error *error)
{
    kt_layout layout = {.size = (size_t)ktg_training_size(count)};
    ketch_block *block;
    KT_TRY(ktg_take_zeroed(&block, &layout, arena, "training", "a training", function, error));
    *made = lay_out_training(&layout, count);
    (*made)->record = block;
    return KETCH_OK;
}

static ketch_status fail_target(const ketch_glia_net *net, uint64_t episode, const char *target,
                                const char *function, ketch_error *error)
{
    return kt_fail(
        error, KETCH_MISMATCH, function, "target",
        kt_format("%.40s in episode %llu", kt_clean(target).text, (unsigned long long)episode).text,
        kt_format("the ids of the network's %u outputs", net->cells.outputs).text,
        "the target is no output of the network");
}

static ketch_status find_target(uint32_t *target, const ketch_glia_net *net, uint64_t episode,
                                const char *id, const char *function, ketch_error *error)
{
    if (!id)
        return kt_fail_handle(error, function, "target", "a text", NULL);
    const uint32_t slot = ktg_names_find(&net->names, id, strlen(id));
    if (slot == KTG_NO_SLOT || !ktg_is_output(id))
        return fail_target(net, episode, id, function, error);
    *target = net->index.items[slot];
    return KETCH_OK;
}

/* The fingerprint changes with the data. */
static void hash_episode(kt_hash *hash, const ktg_episode *episode)
{
    const uint64_t target = episode->target;
    ktg_feed_hash(hash, &episode->feed);
    kt_hash_add(hash, &target, sizeof target);
}

ketch_status ktg_episodes_make(ktg_episode *made, uint64_t *count, uint64_t *fingerprint,
                               const ketch_glia_net *net, const ketch_glia_episode *asked,
                               uint64_t asked_count, ketch_arena *arena, const char *function,
                               ketch_error *error)
{
    kt_hash hash;
    kt_hash_begin(&hash, 0);
    for (*count = 0; *count < asked_count; (*count)++) {
        const ketch_glia_episode *const from = ktg_episode_at(asked, *count);
        ktg_episode *const to = &made[*count];
        KT_TRY(find_target(&to->target, net, *count, from->target, function, error));
        KT_TRY(ktg_feed_make(&to->feed, net, from->sequence, false, arena, function, error));
        hash_episode(&hash, to);
    }
    *fingerprint = kt_hash_end(&hash);
    return KETCH_OK;
}

static void copy_config(ktg_training *t, const ktg_train_parts *parts)
{
    t->config = parts->config;
    t->base_lr = parts->config.lr;
    kt_copy_text(t->default_id, sizeof t->default_id, parts->config.default_id);
    t->config.default_id = t->default_id;
    t->schedule = parts->asked.schedule;
    t->epochs = parts->asked.epochs;
    t->patience = parts->asked.patience;
    t->target_accuracy = parts->asked.target_accuracy;
    t->at.stage = t->epochs ? KTG_STAGE_JITTER : KTG_STAGE_OVER;
}

static void end_training(ktg_training *t)
{
    for (uint64_t i = 0; i < t->count; i++)
        ktg_feed_end(&t->episodes[i].feed);
    if (t->history_block)
        kt_block_drop(t->history_block);
    kt_block_drop(t->record);
}

ketch_status ktg_training_make(ktg_training **made, ketch_glia_trainer *trainer,
                               const ktg_train_parts *parts, ketch_arena *arena,
                               const char *function, ketch_error *error)
{
    ktg_training *t = NULL;
    KT_TRY(take_training(&t, parts->asked.count, arena, function, error));
    ketch_status status =
        ktg_episodes_make(t->episodes, &t->count, &t->fingerprint, trainer->net,
                          parts->asked.episodes, parts->asked.count, arena, function, error);
    if (status == KETCH_OK)
        status =
            ktg_history_reserve(t, ktg_history_first(parts->asked.epochs), arena, function, error);
    if (status != KETCH_OK) {
        end_training(t);
        return status;
    }
    copy_config(t, parts);
    t->trainer = ktg_trainer_share(trainer);
    *made = t;
    return KETCH_OK;
}

void ktg_training_hold(ktg_training *t, bool is_on)
{
    static const int32_t no_call = 0;
    t->hold.running = is_on ? NULL : &no_call;
    ktg_net_hold(&t->hold, t->trainer->net);
}

void ktg_training_describe(ketch_job *job, ktg_training *t)
{
    job->steps = t->epochs * t->count;
    job->user = t;
}

void ktg_train_release(void *user)
{
    ktg_training *const t = user;
    ktg_net_let_go(&t->hold);
    ketch_glia_trainer_drop(t->trainer);
    end_training(t);
}

/* ---- beginning ---- */

static ketch_status make_on_trainer(ktg_training **t, const ktg_train_launch *l,
                                    const ktg_train_parts *parts, ketch_arena *arena,
                                    ketch_error *error)
{
    KT_TRY(ktg_trainer_make_ready(l->trainer, l->function, error));
    KT_TRY(ktg_training_make(t, l->trainer, parts, arena, l->function, error));
    ktg_training_hold(*t, !l->is_begun);
    return KETCH_OK;
}

ketch_status ktg_train_prepare(ketch_job *job, ketch_engine *engine, ketch_error *error)
{
    const ktg_train_launch *const l = job->user;
    ktg_train_parts parts;
    ktg_training *t = NULL;
    if (!l)
        return kt_fail_handle(error, "ketch_engine_run", "user",
                              "ketch_glia_train, which makes this job", l);
    KT_TRY(ktg_train_read(&parts, l, error));
    KT_TRY(ktg_net_claim_to_hold(l->trainer->net, l->function, error));
    const ketch_status status = make_on_trainer(&t, l, &parts, engine->arena, error);
    if (status == KETCH_OK)
        ktg_training_describe(job, t);
    ktg_net_release(l->trainer->net);
    return status;
}
