/* The memory that trainings take. */
#include "glia/train/train.h"

#include "engine.h"
#include "glia/train/configs.h"
#include "job.h"
#include "status.h"

ketch_status ktg_episodes_add_need(ketch_need *need, const ketch_glia_episode *episodes,
                                   uint64_t count, const char *function, ketch_error *error)
{
    for (uint64_t i = 0; i < count; i++)
        KT_TRY(ktg_feed_add_need(need, ktg_episode_at(episodes, i)->sequence, function, error));
    return KETCH_OK;
}

ketch_status ktg_training_add_need(ketch_need *need, const ktg_train_parts *parts,
                                   const char *function, ketch_error *error)
{
    const ketch_glia_training *const asked = &parts->asked;
    ketch_need_add(need, "glia", ktg_training_size(asked->count));
    ketch_need_add(need, "glia", ktg_history_first(asked->epochs) * sizeof(ktg_epoch));
    return ktg_episodes_add_need(need, asked->episodes, asked->count, function, error);
}

/* Snapshots that the trainer will have at the end: new ones, and of those that it has the newest. */
static void add_snapshots(ketch_need *need, const ketch_glia_trainer *trainer,
                          const ktg_train_parts *parts)
{
    const ketch_glia_config *const c = &parts->config;
    const uint64_t most = (uint64_t)c->ckpt_l0 + c->ckpt_l1 + c->ckpt_l2;
    const uint64_t made = c->checkpoints_enable ? KT_MIN(parts->asked.epochs, most) : 0;
    const uint64_t kept = trainer->kept.count;
    const uint64_t stay = made ? KT_MIN(kept, most - made) : kept;
    for (uint64_t i = kept - stay; i < kept; i++)
        ketch_need_add(need, "glia", kt_block_size(trainer->kept.items[i]));
    for (uint64_t i = 0; i < made; i++)
        ketch_need_add(need, "glia", ktg_snapshot_size(trainer->net));
}

/* On a ready trainer. */
static ketch_status add_trainer(ketch_need *need, const ketch_glia_trainer *trainer,
                                const ktg_train_parts *parts, const ketch_arena *arena,
                                const char *function, ketch_error *error)
{
    ktg_net_add_need(need, trainer->net, arena);
    if (trainer->net->arena == arena) {
        ketch_need_add(need, "glia", kt_block_size(trainer->block));
        add_snapshots(need, trainer, parts);
    }
    return ktg_training_add_need(need, parts, function, error);
}

ketch_status ketch_glia_train_need(ketch_need *need, const ketch_engine *engine,
                                   ketch_glia_trainer *trainer, const ketch_glia_training *training,
                                   ketch_error *error)
{
    const ktg_train_launch launch = {trainer, training, false, __func__};
    const ketch_job job = {.type = &ktg_train_type};
    ketch_need out = {.size = sizeof out};
    ktg_train_parts parts;
    KT_TRY(kt_engine_check(engine, __func__, error));
    KT_TRY(ktg_trainer_check(trainer, __func__, error));
    KT_TRY(ktg_train_read(&parts, &launch, error));
    KT_TRY(ktg_net_claim_to_hold(trainer->net, __func__, error));
    ketch_status status = ktg_trainer_make_ready(trainer, __func__, error);
    if (status == KETCH_OK)
        status = add_trainer(&out, trainer, &parts, engine->arena, __func__, error);
    ktg_net_release(trainer->net);
    KT_TRY(status);
    kt_job_add_need(&out, engine, &job);
    return kt_write_report(need, &out, sizeof out, __func__, "need", error);
}
