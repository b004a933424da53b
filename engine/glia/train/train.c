/* How a training goes on. */
#include "glia/train/train.h"

#include "context.h"
#include "glia/train/configs.h"
#include "glia/train/streams.h"
#include "numbers.h"
#include "status.h"

#include <string.h>

/* Ticks between two checks take about a millisecond by this estimate, in ns. */
static const uint64_t check_work = 500000;

/* ---- epochs and episodes ---- */

static void exchange_episodes(uint32_t *order, uint64_t a, uint64_t b)
{
    const uint32_t kept = order[a];
    order[a] = order[b];
    order[b] = kept;
}

void ktg_order_draw(uint32_t *order, uint64_t count, ketch_random *random)
{
    for (uint64_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    for (uint64_t i = count; i-- > 1 && random;)
        exchange_episodes(order, i, ketch_random_below(random, i + 1));
}

static void draw_order(ktg_training *t)
{
    const uint32_t epoch = (uint32_t)t->trainer->epochs;
    ketch_random random = {.seed = t->config.seed,
                           .stream =
                               ketch_random_stream(KTG_STREAMS_TRAIN, KTG_STREAM_SHUFFLE, epoch)};
    ktg_order_draw(t->order, t->count, t->config.shuffle ? &random : NULL);
}

static const ktg_episode *open_episode(const ktg_training *t)
{
    return &t->episodes[t->order[t->at.episode]];
}

static void make_train_tick(ktg_training *t, const ktg_episode *episode)
{
    ketch_glia_net *const net = t->trainer->net;
    ktg_feed_inject(&episode->feed, &t->at.cursor, net);
    ktg_net_tick(net);
    ktg_feed_advance(&episode->feed, &t->at.cursor);
    ktg_episode_tick(t->trainer, &t->config, true);
    t->at.tick++;
}

/* Ticks until the episode's end, checked from time to time. A tick touches each neuron, with the
 * Hebbian rule each synapse, and the synapses of neurons that fire. */
static ketch_status make_ticks(ketch_context *context, ktg_training *t)
{
    const ktg_episode *const episode = open_episode(t);
    const ktg_cells *const cells = &t->trainer->net->cells;
    const uint64_t ticks = ktg_config_ticks(&t->config), synapses = t->trainer->net->rows.count;
    const bool is_hebbian = t->trainer->rule == KETCH_GLIA_HEBBIAN;
    const uint64_t each = 50 + cells->count + (is_hebbian ? synapses / 4 : 0);
    const uint64_t spike = 2 + (cells->count ? 2 * synapses / cells->count : 0);
    while (t->at.tick < ticks) {
        uint64_t work = 0;
        KT_TRY(ketch_context_check(context));
        while (t->at.tick < ticks && work < check_work) {
            make_train_tick(t, episode);
            work += each + spike * cells->fired_count;
        }
    }
    return KETCH_OK;
}

/* What the episode adds to the epoch and to the batch. */
static void end_episode(ktg_training *t)
{
    const uint32_t target = open_episode(t)->target;
    const ktg_outcome outcome = ktg_outcome_of(t->trainer, &t->config);
    t->at.right += ktg_is_right(t->trainer, &t->config, &outcome, target);
    t->at.margins += (double)outcome.margin;
    if (t->trainer->rule == KETCH_GLIA_GRADIENT)
        ktg_gradient_credit(t->trainer, &t->config, target);
    else
        ktg_hebbian_credit(t->trainer, &t->config, &outcome, target, &t->at.reward);
    t->at.episode++;
    t->at.in_batch++;
}

/* ---- updates ---- */

/* Everything but what may fail. */
static void update(ktg_training *t)
{
    ketch_glia_trainer *const trainer = t->trainer;
    trainer->updates++;
    if (trainer->rule == KETCH_GLIA_GRADIENT)
        ktg_gradient_update(trainer, &t->config, t->at.in_batch);
    else
        ktg_hebbian_update(trainer, &t->config, t->at.in_batch, t->at.reward);
    ktg_mark_small(trainer, &t->config);
    ktg_move_neurons(trainer, &t->config);
    t->at.in_batch = 0;
    t->at.reward = 0;
}

static bool ends_batch(const ktg_training *t)
{
    return t->at.in_batch == ktg_config_batch(&t->config) || t->at.episode == t->count;
}

/* ---- stages ---- */

/* Does a stage, and sets the one that follows. */
typedef ketch_status do_stage(ketch_context *context, ktg_training *t, ketch_error *error);

static const char train_name[] = "ketch_glia_train";

static void go_to(ktg_training *t, ktg_stage stage)
{
    t->at.stage = (int32_t)stage;
}

static ketch_status do_jitter(ketch_context *context, ktg_training *t, ketch_error *error)
{
    (void)context, (void)error;
    ktg_jitter(t->trainer, &t->config);
    ktg_net_weights_changed(t->trainer->net);
    t->trainer->trainings++;
    go_to(t, KTG_STAGE_EPOCH);
    return KETCH_OK;
}

static ketch_status do_epoch(ketch_context *context, ktg_training *t, ketch_error *error)
{
    KT_TRY(ktg_history_reserve(t, t->at.epoch + 1, kt_context_engine(context)->arena, train_name,
                               error));
    t->config.lr = ktg_scheduled_rate(t, t->at.epoch);
    t->at.right = 0;
    t->at.margins = 0;
    t->at.episode = 0;
    draw_order(t);
    go_to(t, KTG_STAGE_EPISODE);
    return KETCH_OK;
}

static ketch_status do_episode(ketch_context *context, ktg_training *t, ketch_error *error)
{
    (void)context;
    KT_TRY(ktg_trainer_make_ready(t->trainer, train_name, error));
    ktg_net_begin_episode(t->trainer->net);
    ktg_episode_begin(t->trainer);
    t->at.tick = 0;
    t->at.cursor = (ktg_cursor){0};
    go_to(t, KTG_STAGE_TICKS);
    return KETCH_OK;
}

static ketch_status do_ticks(ketch_context *context, ktg_training *t, ketch_error *error)
{
    (void)error;
    KT_TRY(make_ticks(context, t));
    end_episode(t);
    ketch_context_retire(context, 1);
    go_to(t, ends_batch(t) ? KTG_STAGE_UPDATE : KTG_STAGE_EPISODE);
    return KETCH_OK;
}

static ketch_status do_update(ketch_context *context, ktg_training *t, ketch_error *error)
{
    (void)context, (void)error;
    update(t);
    ktg_net_weights_changed(t->trainer->net);
    go_to(t, KTG_STAGE_REMOVE);
    return KETCH_OK;
}

static ketch_status do_remove(ketch_context *context, ktg_training *t, ketch_error *error)
{
    (void)context;
    KT_TRY(ktg_trainer_remove_marked(t->trainer, train_name, error));
    go_to(t, t->config.grow_edges ? KTG_STAGE_GROW : KTG_STAGE_INACTIVE);
    return KETCH_OK;
}

static ketch_status do_grow(ketch_context *context, ktg_training *t, ketch_error *error)
{
    (void)context;
    KT_TRY(ktg_grow(t->trainer, &t->config, train_name, error));
    go_to(t, KTG_STAGE_READY);
    return KETCH_OK;
}

static ketch_status do_ready(ketch_context *context, ktg_training *t, ketch_error *error)
{
    (void)context;
    KT_TRY(ktg_trainer_make_ready(t->trainer, train_name, error));
    go_to(t, KTG_STAGE_INACTIVE);
    return KETCH_OK;
}

static ketch_status do_inactive(ketch_context *context, ktg_training *t, ketch_error *error)
{
    (void)context, (void)error;
    const bool is_hebbian = t->trainer->rule == KETCH_GLIA_HEBBIAN;
    if (is_hebbian)
        ktg_mark_inactive(t->trainer, &t->config);
    go_to(t, is_hebbian ? KTG_STAGE_REMOVE_AGAIN : KTG_STAGE_NEXT);
    return KETCH_OK;
}

static ketch_status do_remove_again(ketch_context *context, ktg_training *t, ketch_error *error)
{
    (void)context;
    KT_TRY(ktg_trainer_remove_marked(t->trainer, train_name, error));
    go_to(t, KTG_STAGE_NEXT);
    return KETCH_OK;
}

static ketch_status do_next(ketch_context *context, ktg_training *t, ketch_error *error)
{
    (void)context, (void)error;
    go_to(t, t->at.episode == t->count ? KTG_STAGE_EPOCH_END : KTG_STAGE_EPISODE);
    return KETCH_OK;
}

static ketch_status do_epoch_end(ketch_context *context, ktg_training *t, ketch_error *error)
{
    (void)context;
    const ketch_glia_config *const c = &t->config;
    const uint64_t kept = (uint64_t)c->ckpt_l0 + c->ckpt_l1 + c->ckpt_l2;
    if (c->checkpoints_enable)
        KT_TRY(ktg_snapshot_keep(t->trainer, kept, train_name, error));
    ktg_history_note(t);
    t->trainer->epochs++;
    t->at.epoch++;
    go_to(t, ktg_history_has_fallen(t) ? KTG_STAGE_REVERT : KTG_STAGE_FENCE);
    return KETCH_OK;
}

static ketch_status do_revert(ketch_context *context, ktg_training *t, ketch_error *error)
{
    (void)context;
    if (t->trainer->kept.count)
        KT_TRY(ktg_snapshot_revert(t->trainer, train_name, error));
    go_to(t, KTG_STAGE_FENCE);
    return KETCH_OK;
}

static do_stage *const do_stages[] = {
    [KTG_STAGE_JITTER] = do_jitter,     [KTG_STAGE_EPOCH] = do_epoch,
    [KTG_STAGE_EPISODE] = do_episode,   [KTG_STAGE_TICKS] = do_ticks,
    [KTG_STAGE_UPDATE] = do_update,     [KTG_STAGE_REMOVE] = do_remove,
    [KTG_STAGE_GROW] = do_grow,         [KTG_STAGE_READY] = do_ready,
    [KTG_STAGE_INACTIVE] = do_inactive, [KTG_STAGE_REMOVE_AGAIN] = do_remove_again,
    [KTG_STAGE_NEXT] = do_next,         [KTG_STAGE_EPOCH_END] = do_epoch_end,
    [KTG_STAGE_REVERT] = do_revert,
};

/* ---- the job ---- */

/* To the next fence or the end. */
static ketch_status carry_training(ketch_context *context, ktg_training *t)
{
    ketch_error error = {.size = sizeof error};
    ketch_status status = ktg_net_own(t->trainer->net, __func__, &error);
    while (status == KETCH_OK && t->at.stage != KTG_STAGE_FENCE && t->at.stage != KTG_STAGE_OVER)
        status = do_stages[t->at.stage](context, t, &error);
    if (status < KETCH_OK && error.status == status)
        return kt_context_fail_as(context, 0, &error, "the training needs more");
    return status;
}

/* At a fence and between two calls of advance the network is not claimed, so that it can be read. The
 * training holds it, so that nothing changes it while it is on. */
ketch_status ktg_train_advance(ketch_context *context, void *user)
{
    ktg_training *const t = user;
    if (!ktg_net_regain(&t->hold))
        return ketch_context_fail(context, 0, KETCH_MISMATCH, "trainer", NULL, NULL,
                                  "the network was changed since the training was suspended: the "
                                  "training cannot go on");
    t->hold.running = kt_context_running(context);
    const ketch_status status = carry_training(context, t);
    ktg_net_release(t->trainer->net);
    if (status != KETCH_OK || t->at.stage == KTG_STAGE_OVER)
        return status;
    go_to(t, ktg_history_is_last(t) ? KTG_STAGE_OVER : KTG_STAGE_EPOCH);
    return ketch_context_fence(context, t);
}
