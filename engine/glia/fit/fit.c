/* How a fit goes on: an epoch is batches, each of a sweep of slices and a sweep that updates
 * weights. */
#include "glia/fit/fit.h"

#include "context.h"
#include "glia/fit/streams.h"
#include "numbers.h"
#include "status.h"

static const char fit_name[] = "ketch_glia_fit_run";

/* ---- epochs ---- */

static ketch_status reserve_epoch(ketch_context *context, ktg_fit *fit)
{
    ketch_error error = {.size = sizeof error};
    ktg_epochs all = {fit->history_block, fit->capacity};
    const uint64_t epochs = KT_MAX(ktg_history_first(fit->asked.epochs), fit->at.epoch + 1);
    const ketch_status status = ktg_epochs_reserve(
        &all, epochs, sizeof *fit->history, kt_context_engine(context)->arena, fit_name, &error);
    if (status != KETCH_OK)
        return kt_context_fail_as(context, 0, &error, "the fit needs more");
    fit->history_block = all.block;
    fit->history = kt_block_data(all.block);
    fit->capacity = all.capacity;
    return KETCH_OK;
}

static ketch_status end_epoch_stage(ketch_context *context, ketch_next *next, void *user)
{
    (void)next;
    ktg_fit *const fit = user;
    const ketch_glia_fit *const a = &fit->asked;
    ketch_random random = {.seed = a->seed,
                           .stream = ketch_random_stream(KTG_STREAMS_FIT, KTG_STREAM_FIT_SHUFFLE,
                                                         (uint32_t)fit->at.epoch)};
    KT_TRY(reserve_epoch(context, fit));
    fit->at.lr = ktg_rate_of(a->schedule, a->lr, fit->at.epoch, a->epochs);
    fit->at.episode = fit->at.right = 0;
    fit->at.margins = fit->at.loss = 0;
    ktg_order_draw(fit->order, fit->count, a->shuffle ? &random : NULL);
    return KETCH_OK;
}

static bool is_better_epoch(const ktg_fit_epoch *epoch, const ktg_fit_epoch *best)
{
    return epoch->accuracy > best->accuracy ||
           (epoch->accuracy == best->accuracy && epoch->margin > best->margin);
}

static void note_epoch(ktg_fit *fit)
{
    ktg_fit_place *const at = &fit->at;
    const double count = (double)fit->count;
    ktg_fit_epoch *const epoch = &fit->history[at->epoch];
    *epoch = (ktg_fit_epoch){(double)at->right / count, at->margins / count, at->loss / count,
                             (double)at->lr};
    if (at->epoch == 0 || is_better_epoch(epoch, &fit->history[at->best]))
        at->best = at->epoch;
    at->epoch++;
}

static bool is_last_epoch(const ktg_fit *fit)
{
    const ketch_glia_fit *const a = &fit->asked;
    const uint64_t done = fit->at.epoch;
    if (done == a->epochs)
        return true;
    if (a->target_accuracy > 0 && fit->history[done - 1].accuracy >= a->target_accuracy)
        return true;
    return a->patience > 0 && done - 1 - fit->at.best >= a->patience;
}

/* ---- batches ---- */

static ketch_status begin_batch_stage(ketch_context *context, ketch_sweep *sweep, void *user)
{
    (void)context;
    const uint64_t episodes = ktg_fit_batch(user);
    *sweep = (ketch_sweep){.count = ktg_fit_slices(episodes), .steps = episodes};
    return KETCH_OK;
}

static ketch_status end_batch_stage(ketch_context *context, ketch_next *next, void *user)
{
    (void)context, (void)next;
    ktg_fit *const fit = user;
    for (uint64_t i = 0; i < ktg_fit_slices(ktg_fit_batch(fit)); i++) {
        const ktg_slice_place *const place = fit->slices[i].place;
        fit->at.right += place->right;
        fit->at.margins += place->margins;
        fit->at.loss += place->loss;
    }
    fit->at.updates++;
    return KETCH_OK;
}

static ketch_status begin_update_stage(ketch_context *context, ketch_sweep *sweep, void *user)
{
    (void)context;
    const ktg_fit *const fit = user;
    if (ktg_fit_learns(&fit->asked))
        sweep->count = ((uint64_t)fit->graph.synapses + KTG_FIT_CHUNK - 1) / KTG_FIT_CHUNK;
    return KETCH_OK;
}

/* So that hooks can read it. */
static void free_net(ktg_fit *fit)
{
    if (fit->is_claimed)
        ktg_net_release(fit->net);
    fit->is_claimed = false;
}

static ketch_status end_update_stage(ketch_context *context, ketch_next *next, void *user)
{
    (void)context;
    ktg_fit *const fit = user;
    fit->at.episode += ktg_fit_batch(fit);
    for (uint32_t i = 0; i < fit->slice_count; i++)
        *fit->slices[i].place = (ktg_slice_place){0};
    ktg_net_weights_changed(fit->net);
    next->stage = KTG_FIT_BATCH;
    if (fit->at.episode < fit->count)
        return KETCH_OK;
    note_epoch(fit);
    free_net(fit);
    *next = (ketch_next){.stage = KETCH_STAGE_FENCE,
                         .after = is_last_epoch(fit) ? KTG_FIT_OVER : KTG_FIT_EPOCH,
                         .view = fit};
    return KETCH_OK;
}

/* KTG_FIT_OVER has no row: the job has ended. */
static const ketch_stage fit_stages[] = {
    [KTG_FIT_EPOCH] = {"epoch", NULL, NULL, end_epoch_stage},
    [KTG_FIT_BATCH] = {"batch", begin_batch_stage, ktg_slice_body, end_batch_stage},
    [KTG_FIT_UPDATE] = {"update", begin_update_stage, ktg_fit_descend, end_update_stage},
};

/* Rows that are leased move, as weights change. */
static ketch_status own_rows(ketch_context *context, ktg_fit *fit)
{
    ketch_error error = {.size = sizeof error};
    if (!ktg_fit_learns(&fit->asked))
        return KETCH_OK;
    const ketch_status status = ktg_net_own_rows(fit->net, fit_name, &error);
    if (status != KETCH_OK)
        return kt_context_fail_as(context, 0, &error, "the fit needs more");
    ktg_graph_follow(&fit->graph, fit->net);
    return KETCH_OK;
}

/* At a fence and between two calls the network is not claimed. */
ketch_status ktg_fit_advance(ketch_context *context, void *user)
{
    ktg_fit *const fit = user;
    fit->is_claimed = ktg_net_regain(&fit->hold);
    if (!fit->is_claimed)
        return ketch_context_fail(context, 0, KETCH_MISMATCH, "net", NULL, NULL,
                                  "the network was changed since the fit was suspended: the fit "
                                  "cannot go on");
    fit->hold.running = kt_context_running(context);
    fit->context = context;
    ketch_status status = own_rows(context, fit);
    if (status == KETCH_OK)
        status = ketch_context_stages(context, fit_stages, KTG_FIT_OVER, &fit->at.stage, fit);
    free_net(fit);
    return status;
}
