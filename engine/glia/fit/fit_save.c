/* Saving and loading fits. A file has the caller's numbers, the position, weights and moments, scores,
 * and the slices of a batch that is open; of the network and the episodes only a hash. */
#include "glia/fit/fit.h"

#include "engine.h"
#include "glia/net/parts.h"
#include "layout.h"
#include "numbers.h"
#include "result_save.h"
#include "save.h"
#include "status.h"

#include <math.h>
#include <string.h>

static const char fit_head_section[] = "glia.fit", fit_place_section[] = "glia.place",
                  fit_order_section[] = "glia.order", fit_history_section[] = "glia.history",
                  winners_section[] = "glia.winners", scores_section[] = "glia.scores",
                  weights_section[] = "glia.weights", first_section[] = "glia.first",
                  second_section[] = "glia.second";

/* data: ktg_fit.fingerprint. asked: without episodes. */
typedef struct fit_head {
    uint64_t data, count, synapses;
    ketch_glia_fit asked;
} fit_head;

static kt_text name_slice(uint32_t index)
{
    return kt_format("glia.slice.%u", index);
}

/* ---- saving ---- */

static ketch_status save_fit_head(ketch_writer *writer, const ktg_fit *fit)
{
    fit_head head;
    memset(&head, 0, sizeof head);
    head.data = fit->fingerprint;
    head.count = fit->count;
    head.synapses = fit->graph.synapses;
    memcpy(&head.asked, &fit->asked, sizeof head.asked);
    return ketch_writer_section(writer, fit_head_section, &head, sizeof head);
}

static ketch_status save_moments(ketch_writer *writer, const ktg_fit *fit)
{
    const uint64_t size = fit->graph.synapses * sizeof(float);
    if (fit->asked.optimizer == KETCH_GLIA_SGD)
        return KETCH_OK;
    KT_TRY(ketch_writer_section(writer, first_section, fit->first, size));
    return ketch_writer_section(writer, second_section, fit->second, size);
}

static ketch_status save_slices(ketch_writer *writer, const ktg_fit *fit)
{
    for (uint32_t i = 0; i < fit->slice_count; i++) {
        const ktg_slice *const slice = &fit->slices[i];
        if (slice->place->stage != KTG_SLICE_BEGIN)
            KT_TRY(ketch_writer_section(writer, name_slice(i).text, slice->place,
                                        ktg_slice_size(&fit->graph, &fit->asked)));
    }
    return KETCH_OK;
}

static ketch_status save_fit(ketch_writer *writer, const ktg_fit *fit)
{
    const uint64_t scores = fit->count * fit->graph.outputs;
    KT_TRY(save_fit_head(writer, fit));
    KT_TRY(ketch_writer_section(writer, fit_place_section, &fit->at, sizeof fit->at));
    KT_TRY(ketch_writer_section(writer, fit_order_section, fit->order,
                                fit->count * sizeof *fit->order));
    KT_TRY(ketch_writer_section(writer, fit_history_section, fit->history,
                                fit->at.epoch * sizeof *fit->history));
    KT_TRY(ketch_writer_section(writer, winners_section, fit->winners,
                                fit->count * sizeof *fit->winners));
    KT_TRY(ketch_writer_section(writer, scores_section, fit->scores, scores * sizeof(float)));
    KT_TRY(ketch_writer_section(writer, weights_section, fit->net->rows.weight,
                                fit->graph.synapses * sizeof(float)));
    KT_TRY(save_moments(writer, fit));
    return save_slices(writer, fit);
}

ketch_status ktg_fit_save(ketch_writer *writer, const void *user)
{
    const ktg_fit *const fit = user;
    if (!ktg_net_regain(&fit->hold))
        return kt_writer_fail(writer, KETCH_MISMATCH, "net",
                              "the network was changed since the fit stood still: the fit can "
                              "neither go on nor be saved");
    const ketch_status status = save_fit(writer, fit);
    ktg_net_release(fit->net);
    return status;
}

/* ---- loading ---- */

/* What a file gives, until it is installed. given: the caller's episodes, with defaults. */
typedef struct fit_loading {
    const ktg_fit_launch *launch;
    ketch_glia_fit given;
    fit_head head;
    ktg_fit *fit;
    ketch_block *block;
    float *weights;
} fit_loading;

static ketch_status fail_other_fit(const fit_loading *l, uint64_t given, uint64_t allowed,
                                   const char *what, ketch_error *error)
{
    return kt_fail(error, KETCH_MISMATCH, l->launch->function, "fit",
                   kt_format("%llx", (unsigned long long)given).text,
                   kt_format("%llx", (unsigned long long)allowed).text, "the fit was saved for %s",
                   what);
}

static ketch_status make_loaded_fit(fit_loading *l, ketch_reader *reader, ketch_arena *arena,
                                    ketch_error *error)
{
    ketch_glia_fit asked = l->head.asked;
    const ktg_fit_launch from_file = {l->launch->net, &l->head.asked, true, l->launch->function};
    if (l->head.count != l->given.count)
        return fail_other_fit(l, l->given.count, l->head.count, "another number of episodes",
                              error);
    l->head.asked.size = sizeof l->head.asked;
    l->head.asked.episodes = l->given.episodes;
    l->head.asked.count = l->given.count;
    if (ktg_fit_read(&asked, &from_file, NULL) != KETCH_OK)
        return kt_reader_fail(reader, fit_head_section, "there is no such fit", error);
    KT_TRY(ktg_fit_make(&l->fit, l->launch->net, &asked, arena, l->launch->function, error));
    if (l->fit->fingerprint != l->head.data || l->fit->graph.synapses != l->head.synapses)
        return fail_other_fit(l, l->fit->fingerprint, l->head.data,
                              "another network or other episodes", error);
    return KETCH_OK;
}

static bool is_possible_fit(const ktg_fit *fit)
{
    const ktg_fit_place *const at = &fit->at;
    for (uint64_t i = 0; i < fit->count; i++)
        if (fit->order[i] >= fit->count || fit->winners[i] < -1 ||
            fit->winners[i] >= (int64_t)fit->graph.neurons)
            return false;
    if (at->stage < KTG_FIT_EPOCH || at->stage > KTG_FIT_OVER || !isfinite(at->lr))
        return false;
    if (at->epoch > fit->asked.epochs || at->best > at->epoch)
        return false;
    if (at->stage == KTG_FIT_OVER)
        return true;
    return at->epoch < fit->asked.epochs &&
           (at->stage == KTG_FIT_EPOCH || at->episode < fit->count);
}

static ketch_status load_fit_place(fit_loading *l, ketch_reader *reader, ketch_arena *arena,
                                   ketch_error *error)
{
    ktg_fit *const fit = l->fit;
    const uint64_t scores = fit->count * fit->graph.outputs;
    ktg_epochs all = {0};
    KT_TRY(ketch_reader_section(reader, fit_place_section, &fit->at, sizeof fit->at, error));
    KT_TRY(ketch_reader_section(reader, fit_order_section, fit->order,
                                fit->count * sizeof *fit->order, error));
    KT_TRY(ketch_reader_section(reader, winners_section, fit->winners,
                                fit->count * sizeof *fit->winners, error));
    KT_TRY(
        ketch_reader_section(reader, scores_section, fit->scores, scores * sizeof(float), error));
    if (!is_possible_fit(fit) ||
        ketch_reader_size(reader, fit_history_section) != fit->at.epoch * sizeof *fit->history)
        return kt_reader_fail(reader, fit_place_section, "no fit can be there", error);
    /* The epoch that is open is noted where it ends. */
    KT_TRY(ktg_epochs_reserve(&all, fit->at.epoch + 1, sizeof *fit->history, arena,
                              l->launch->function, error));
    fit->history_block = all.block;
    fit->history = kt_block_data(all.block);
    fit->capacity = all.capacity;
    return ketch_reader_section(reader, fit_history_section, fit->history,
                                fit->at.epoch * sizeof *fit->history, error);
}

static bool are_possible_spikes(const ktg_slice *slice, const ktg_graph *g)
{
    for (uint32_t i = 0; i < g->neurons; i++) {
        if (slice->spike_count[i] > slice->rows)
            return false;
        for (uint32_t e = 0; e < slice->spike_count[i]; e++)
            if (slice->spikes[i * slice->rows + e].tick >= slice->rows)
                return false;
    }
    return true;
}

/* at stands below what it counts to, or there. Of the spikes of a tick, all are listed or none. */
static bool is_possible_slice(const ktg_fit *fit, uint32_t index)
{
    const ktg_slice *const slice = &fit->slices[index];
    const ktg_slice_place *const place = slice->place;
    const uint64_t batch = ktg_fit_batch(fit), skipped = (uint64_t)index * KTG_SLICE;
    if (place->stage <= KTG_SLICE_BEGIN || place->stage > KTG_SLICE_OVER || skipped >= batch)
        return false;
    if (place->first != fit->at.episode + skipped ||
        place->count != KT_MIN(batch - skipped, (uint64_t)KTG_SLICE))
        return false;
    if (place->at > (place->stage >= KTG_SLICE_LEARN ? KT_MAX(fit->graph.neurons, fit->asked.ticks)
                                                     : fit->asked.ticks))
        return false;
    for (uint32_t lane = 0; lane < place->count; lane++)
        if (place->cursor[lane].next > fit->episodes[fit->order[place->first + lane]].feed.count)
            return false;
    return !ktg_fit_learns(&fit->asked) || are_possible_spikes(slice, &fit->graph);
}

static ketch_status load_slices(fit_loading *l, ketch_reader *reader, ketch_error *error)
{
    ktg_fit *const fit = l->fit;
    for (uint32_t i = 0; i < fit->slice_count; i++) {
        const kt_text name = name_slice(i);
        if (ketch_reader_size(reader, name.text) == UINT64_MAX)
            continue;
        KT_TRY(ketch_reader_section(reader, name.text, fit->slices[i].place,
                                    ktg_slice_size(&fit->graph, &fit->asked), error));
        if (!is_possible_slice(fit, i))
            return kt_reader_fail(reader, name.text, "no slice can be there", error);
    }
    return KETCH_OK;
}

static ketch_status load_weights(fit_loading *l, ketch_reader *reader, ketch_arena *arena,
                                 ketch_error *error)
{
    const uint64_t count = l->fit->graph.synapses, size = count * sizeof(float);
    kt_layout layout = {.size = (size_t)size};
    KT_TRY(ktg_take_parts(&l->block, &layout, arena, "fit", "the saved weights",
                          l->launch->function, error));
    l->weights = (float *)(void *)layout.base;
    KT_TRY(ketch_reader_section(reader, weights_section, l->weights, size, error));
    for (uint64_t s = 0; s < count; s++)
        if (!isfinite(l->weights[s]))
            return kt_reader_fail(reader, weights_section, "no synapse has such a weight", error);
    if (l->fit->asked.optimizer == KETCH_GLIA_SGD)
        return KETCH_OK;
    KT_TRY(ketch_reader_section(reader, first_section, l->fit->first, size, error));
    return ketch_reader_section(reader, second_section, l->fit->second, size, error);
}

static ketch_status load_fit_parts(fit_loading *l, ketch_reader *reader, ketch_arena *arena,
                                   ketch_error *error)
{
    KT_TRY(make_loaded_fit(l, reader, arena, error));
    KT_TRY(load_fit_place(l, reader, arena, error));
    KT_TRY(load_slices(l, reader, error));
    return load_weights(l, reader, arena, error);
}

ketch_status ktg_fit_load(ketch_job *job, ketch_reader *reader, void *context, ketch_engine *engine,
                          ketch_error *error)
{
    fit_loading *const l = context;
    if (!l)
        return kt_fail_handle(error, "ketch_result_load", "context",
                              "ketch_glia_fit_load, which gives one", NULL);
    KT_TRY(ketch_reader_section(reader, fit_head_section, &l->head, sizeof l->head, error));
    const ketch_status status = load_fit_parts(l, reader, engine->arena, error);
    if (status != KETCH_OK) {
        if (l->fit)
            ktg_fit_release(l->fit);
        return status;
    }
    ktg_fit_describe(job, l->fit);
    return KETCH_OK;
}

/* ---- into the network ---- */

static void install_weights(fit_loading *l)
{
    ktg_fit *const fit = l->fit;
    if (fit->graph.synapses)
        memcpy(fit->net->rows.weight, l->weights, fit->graph.synapses * sizeof(float));
    ktg_net_weights_changed(fit->net);
    ktg_graph_place(&fit->graph, &fit->net->rows, 0, fit->graph.synapses);
    ktg_fit_hold(fit, false);
}

static ketch_status load_on_claimed(ketch_result **result, ketch_engine *engine,
                                    const ketch_job_type *type, fit_loading *l, const char *path,
                                    ketch_error *error)
{
    ketch_status status = ktg_net_own_rows(l->launch->net, l->launch->function, error);
    if (status == KETCH_OK)
        status = kt_result_load(result, engine, type, l, path, l->launch->function, error);
    if (status == KETCH_OK)
        install_weights(l);
    if (l->block)
        kt_block_drop(l->block);
    return status;
}

ketch_status ktg_fit_load_into(ketch_result **result, ketch_engine *engine,
                               const ketch_job_type *type, const ktg_fit_launch *launch,
                               const char *path, ketch_error *error)
{
    fit_loading l = {.launch = launch};
    ketch_glia_fit asked, given = {.size = sizeof given};
    const ktg_fit_launch checked = {launch->net, &given, true, launch->function};
    KT_TRY(kt_read_options(&asked, sizeof asked, launch->fit, launch->function, "fit", error));
    KT_TRY(ketch_glia_fit_default(&given, error));
    given.episodes = asked.episodes;
    given.count = asked.count;
    KT_TRY(ktg_fit_read(&l.given, &checked, error));
    KT_TRY(ktg_net_claim_to_hold(launch->net, launch->function, error));
    const ketch_status status = load_on_claimed(result, engine, type, &l, path, error);
    ktg_net_release(launch->net);
    return status;
}
