/* What can be read of trainings and fits. */
#include "glia/fit/fit.h"

#include "status.h"

#include <string.h>

/* ---- epochs ---- */

/* The one that is not NULL. */
typedef struct learning {
    const ktg_training *training;
    const ktg_fit *fit;
} learning;

static uint64_t epochs_of(const learning *l)
{
    return l->training ? l->training->at.epoch : l->fit->at.epoch;
}

static ketch_glia_epoch read_epoch(const learning *l, uint64_t index)
{
    ketch_glia_epoch out = {.size = sizeof out, .epoch = index};
    if (l->training) {
        const ktg_epoch *const e = &l->training->history[index];
        out.accuracy = e->accuracy;
        out.margin = e->margin;
        out.lr = (float)e->lr;
        out.synapses = e->synapses;
    } else {
        const ktg_fit_epoch *const e = &l->fit->history[index];
        out.accuracy = e->accuracy;
        out.margin = e->margin;
        out.loss = e->loss;
        out.lr = (float)e->lr;
        out.synapses = l->fit->graph.synapses;
    }
    return out;
}

ketch_status ketch_glia_get_epoch(ketch_glia_epoch *epoch, const ketch_step *step,
                                  ketch_error *error)
{
    const void *const view = step ? step->view : NULL;
    const learning l = {view && step->type == &ktg_train_type ? view : NULL,
                        view && step->type == &ktg_fit_type ? view : NULL};
    if (!l.training && !l.fit)
        return kt_fail_handle(error, __func__, "step", "a step of a training or a fit at a fence",
                              step);
    const ketch_glia_epoch out = read_epoch(&l, epochs_of(&l) - 1);
    return kt_write_report(epoch, &out, sizeof out, __func__, "epoch", error);
}

static ketch_status find_learning(learning *l, const ketch_result *result, const char *function,
                                  ketch_error *error)
{
    l->training = ketch_result_user(result, &ktg_train_type);
    l->fit = ketch_result_user(result, &ktg_fit_type);
    if (l->training || l->fit)
        return KETCH_OK;
    return kt_fail_handle(error, function, "result", "the result of a training or a fit", result);
}

ketch_glia_net *ketch_glia_training_net(const ketch_result *result)
{
    learning l;
    if (find_learning(&l, result, __func__, NULL) != KETCH_OK)
        return NULL;
    return l.training ? l.training->trainer->net : l.fit->net;
}

ketch_status ketch_glia_get_epochs(uint64_t *epochs, const ketch_result *result, ketch_error *error)
{
    learning l;
    if (!epochs)
        return kt_fail_handle(error, __func__, "epochs", "a place for the number", NULL);
    KT_TRY(find_learning(&l, result, __func__, error));
    *epochs = epochs_of(&l);
    return KETCH_OK;
}

ketch_status ketch_glia_get_history(ketch_glia_epoch *epochs, uint64_t first, uint64_t count,
                                    const ketch_result *result, ketch_error *error)
{
    learning l;
    KT_TRY(find_learning(&l, result, __func__, error));
    const uint64_t ended = epochs_of(&l);
    if (first > ended || count > ended - first)
        return kt_fail(
            error, KETCH_INDEX, __func__, first > ended ? "first" : "count",
            kt_format("%llu from %llu", (unsigned long long)count, (unsigned long long)first).text,
            kt_format("%llu epochs", (unsigned long long)ended).text,
            "so many epochs have not ended");
    const size_t stride = count && epochs ? epochs->size : 0;
    for (uint64_t i = 0; i < count; i++) {
        const ketch_glia_epoch out = read_epoch(&l, first + i);
        ketch_glia_epoch *const at =
            epochs ? (ketch_glia_epoch *)(void *)((char *)epochs + i * stride) : NULL;
        if (at)
            at->size = stride;
        KT_TRY(kt_write_report(at, &out, sizeof out, __func__, "epochs", error));
    }
    return KETCH_OK;
}

/* ---- scores ---- */

ketch_status ketch_glia_get_fit_scores(int64_t *winners, float *scores, uint64_t capacity,
                                       uint64_t first, uint64_t count, const ketch_result *result,
                                       ketch_error *error)
{
    const ktg_fit *const fit = ketch_result_user(result, &ktg_fit_type);
    if (!fit)
        return kt_fail_handle(error, __func__, "result", "a fit's result", result);
    if (first > fit->count || count > fit->count - first)
        return kt_fail(
            error, KETCH_INDEX, __func__, first > fit->count ? "first" : "count",
            kt_format("%llu from %llu", (unsigned long long)count, (unsigned long long)first).text,
            kt_format("%llu episodes", (unsigned long long)fit->count).text,
            "the fit has no such episodes");
    const uint64_t outputs = fit->graph.outputs;
    if (scores && capacity < count * outputs)
        return kt_fail(error, KETCH_BUFFER, __func__, "capacity",
                       kt_format("%llu", (unsigned long long)capacity).text,
                       kt_format("%llu or more", (unsigned long long)(count * outputs)).text,
                       "the array is too short");
    if (winners && count)
        memcpy(winners, fit->winners + first, (size_t)count * sizeof *winners);
    if (scores && count)
        memcpy(scores, fit->scores + first * outputs, (size_t)(count * outputs) * sizeof *scores);
    return KETCH_OK;
}
