/* What became of each epoch, and what follows from it. */
#include "glia/train/train.h"

#include "glia/train/lanes.h"
#include "glia/train/numerics.h"
#include "numbers.h"
#include "status.h"

#include <string.h>

enum { FIRST_CAPACITY = 64 };

ketch_status ktg_epochs_reserve(ktg_epochs *e, uint64_t epochs, size_t item_size,
                                ketch_arena *arena, const char *function, ketch_error *error)
{
    if (epochs <= e->capacity)
        return KETCH_OK;
    const uint64_t capacity = KT_MAX(KT_MAX(FIRST_CAPACITY, 2 * e->capacity), epochs);
    kt_refusal refusal = {0};
    ketch_block *const block = kt_arena_take(arena, capacity * item_size, "glia", &refusal);
    if (!block)
        return kt_fail_memory(error, function, "training", "the epochs' history", &refusal);
    if (e->block) {
        memcpy(kt_block_data(block), kt_block_data(e->block), (size_t)e->capacity * item_size);
        kt_block_drop(e->block);
    }
    *e = (ktg_epochs){block, capacity};
    return KETCH_OK;
}

ketch_status ktg_history_reserve(ktg_training *t, uint64_t epochs, ketch_arena *arena,
                                 const char *function, ketch_error *error)
{
    ktg_epochs all = {t->history_block, t->capacity};
    KT_TRY(ktg_epochs_reserve(&all, epochs, sizeof *t->history, arena, function, error));
    t->history_block = all.block;
    t->history = kt_block_data(all.block);
    t->capacity = all.capacity;
    return KETCH_OK;
}

static bool is_better(const ktg_epoch *epoch, const ktg_progress *at)
{
    return epoch->accuracy > at->best_accuracy ||
           (epoch->accuracy == at->best_accuracy && epoch->margin > at->best_margin);
}

void ktg_history_note(ktg_training *t)
{
    ktg_epoch *const epoch = &t->history[t->at.epoch];
    *epoch = (ktg_epoch){.accuracy = (double)t->at.right / (double)t->count,
                         .margin = t->at.margins / (double)t->count,
                         .synapses = t->trainer->net->rows.count,
                         .lr = (double)t->config.lr};
    if (t->at.epoch > 0 && !is_better(epoch, &t->at))
        return;
    t->at.best_accuracy = epoch->accuracy;
    t->at.best_margin = epoch->margin;
    t->at.best_epoch = t->at.epoch;
}

bool ktg_history_is_last(ktg_training *t)
{
    const uint64_t done = t->at.epoch;
    if (done == t->epochs)
        return true;
    if (t->target_accuracy > 0 && t->history[done - 1].accuracy >= t->target_accuracy)
        return true;
    return t->patience > 0 && done - 1 - t->at.best_epoch >= t->patience;
}

bool ktg_history_has_fallen(const ktg_training *t)
{
    const uint64_t window = t->config.revert_window, done = t->at.epoch;
    if (!t->config.revert_enable || done < window + 1)
        return false;
    const ktg_epoch *const now = &t->history[done - 1], *const then = now - window;
    const double fall = t->config.revert_metric == KETCH_GLIA_ACCURACY
                            ? then->accuracy - now->accuracy
                            : then->margin - now->margin;
    return fall >= (double)t->config.revert_drop;
}

/* ---- learning rates ---- */

static double cosine_rate(double lr, uint64_t epoch, uint64_t epochs)
{
    const double least = kt_kept_double(0.01 * lr);
    const double share = 0.5 * (1 + ktg_cos_pi((double)epoch / (double)epochs));
    return least + kt_kept_double((lr - least) * share);
}

static double stepped_rate(double lr, uint64_t epoch, uint64_t epochs)
{
    const uint64_t halvings = epoch / KT_MAX(1, epochs / 3);
    return lr * ktg_power(0.5, halvings);
}

float ktg_rate_of(ketch_glia_schedule schedule, float rate, uint64_t epoch, uint64_t epochs)
{
    const double lr = (double)rate;
    if (schedule == KETCH_GLIA_COSINE)
        return (float)cosine_rate(lr, epoch, epochs);
    if (schedule == KETCH_GLIA_STEP)
        return (float)stepped_rate(lr, epoch, epochs);
    return rate;
}

float ktg_scheduled_rate(const ktg_training *t, uint64_t epoch)
{
    return ktg_rate_of(t->schedule, t->base_lr, epoch, t->epochs);
}
