/* What can be read of a training. */
#include "glia/train/train.h"

#include "status.h"

ketch_status ketch_glia_get_epoch(ketch_glia_epoch *epoch, const ketch_step *step,
                                  ketch_error *error)
{
    const ktg_training *const t = step && step->type == &ktg_train_type ? step->view : NULL;
    if (!t)
        return kt_fail_handle(error, __func__, "step", "a step of a training at a fence", step);
    const ktg_epoch *const last = &t->history[t->at.epoch - 1];
    const ketch_glia_epoch out = {sizeof out,   t->at.epoch - 1, last->accuracy,
                                  last->margin, (float)last->lr, last->synapses};
    return kt_write_report(epoch, &out, sizeof out, __func__, "epoch", error);
}

static ketch_status find_training(const ktg_training **t, const ketch_result *result,
                                  const char *function, ketch_error *error)
{
    *t = ketch_result_user(result, &ktg_train_type);
    if (*t)
        return KETCH_OK;
    return kt_fail_handle(error, function, "result", "a training's result", result);
}

ketch_glia_net *ketch_glia_training_net(const ketch_result *result)
{
    const ktg_training *const t = ketch_result_user(result, &ktg_train_type);
    return t ? t->trainer->net : NULL;
}

ketch_status ketch_glia_get_epochs(uint64_t *epochs, const ketch_result *result, ketch_error *error)
{
    const ktg_training *t;
    if (!epochs)
        return kt_fail_handle(error, __func__, "epochs", "a place for the number", NULL);
    KT_TRY(find_training(&t, result, __func__, error));
    *epochs = t->at.epoch;
    return KETCH_OK;
}

ketch_status ketch_glia_get_history(ketch_glia_epoch *epochs, uint64_t first, uint64_t count,
                                    const ketch_result *result, ketch_error *error)
{
    const ktg_training *t;
    KT_TRY(find_training(&t, result, __func__, error));
    if (first > t->at.epoch || count > t->at.epoch - first)
        return kt_fail(
            error, KETCH_INDEX, __func__, first > t->at.epoch ? "first" : "count",
            kt_format("%llu from %llu", (unsigned long long)count, (unsigned long long)first).text,
            kt_format("%llu epochs", (unsigned long long)t->at.epoch).text,
            "so many epochs have not ended");
    const size_t stride = count && epochs ? epochs->size : 0;
    for (uint64_t i = 0; i < count; i++) {
        const ktg_epoch *const e = &t->history[first + i];
        const ketch_glia_epoch out = {sizeof out, first + i,    e->accuracy,
                                      e->margin,  (float)e->lr, e->synapses};
        ketch_glia_epoch *const at =
            epochs ? (ketch_glia_epoch *)(void *)((char *)epochs + i * stride) : NULL;
        if (at)
            at->size = stride;
        KT_TRY(kt_write_report(at, &out, sizeof out, __func__, "epochs", error));
    }
    return KETCH_OK;
}
