/* What can be read of an evaluation. */
#include "glia/evaluate/evaluation.h"

#include "glia/train/configs.h"
#include "status.h"

#include <string.h>

static ketch_status find_evaluation(const ktg_evaluation **e, const ketch_result *result,
                                    const char *function, ketch_error *error)
{
    *e = ketch_result_user(result, &ktg_evaluate_type);
    if (*e)
        return KETCH_OK;
    return kt_fail_handle(error, function, "result", "an evaluation's result", result);
}

static bool is_scored(const ktg_score *score)
{
    return __atomic_load_n(&score->is_done, __ATOMIC_ACQUIRE);
}

ketch_status ketch_glia_get_scores(ketch_glia_scores *scores, const ketch_result *result,
                                   ketch_error *error)
{
    const ktg_evaluation *e;
    KT_TRY(find_evaluation(&e, result, __func__, error));
    ketch_glia_scores out = {.size = sizeof out, .total = e->count, .outputs = e->outputs};
    for (uint64_t i = 0; i < e->count; i++) {
        if (!is_scored(&e->scores[i]))
            continue;
        out.episodes++;
        out.right += e->scores[i].is_right;
        out.margin += (double)e->scores[i].margin;
    }
    const double count = (double)KT_MAX(out.episodes, 1);
    out.accuracy = (double)out.right / count;
    out.margin /= count;
    return kt_write_report(scores, &out, sizeof out, __func__, "scores", error);
}

/* INDEX unless there are episodes first..first+count-1. */
static ketch_status check_scored(const ktg_evaluation *e, uint64_t first, uint64_t count,
                                 const char *function, ketch_error *error)
{
    if (first <= e->count && count <= e->count - first)
        return KETCH_OK;
    return kt_fail(
        error, KETCH_INDEX, function, first > e->count ? "first" : "count",
        kt_format("%llu from %llu", (unsigned long long)count, (unsigned long long)first).text,
        kt_format("%llu episodes", (unsigned long long)e->count).text, "there are fewer");
}

static ketch_glia_metrics metrics_of(const ktg_evaluation *e, uint64_t index)
{
    const ktg_score *const score = &e->scores[index];
    ketch_glia_metrics out = {.size = sizeof out, .winner = -1, .outputs = e->outputs};
    if (!is_scored(score))
        return out;
    if (score->winner != KTG_NO_WINNER)
        out.winner = score->winner;
    out.margin = score->margin;
    out.ticks_run = ktg_config_ticks(&e->config);
    return out;
}

ketch_status ketch_glia_get_metrics(ketch_glia_metrics *metrics, uint64_t first, uint64_t count,
                                    const ketch_result *result, ketch_error *error)
{
    const ktg_evaluation *e;
    KT_TRY(find_evaluation(&e, result, __func__, error));
    KT_TRY(check_scored(e, first, count, __func__, error));
    const size_t stride = count && metrics ? metrics->size : 0;
    for (uint64_t i = 0; i < count; i++) {
        const ketch_glia_metrics out = metrics_of(e, first + i);
        ketch_glia_metrics *const at =
            metrics ? (ketch_glia_metrics *)(void *)((char *)metrics + i * stride) : NULL;
        if (at)
            at->size = stride;
        KT_TRY(kt_write_report(at, &out, sizeof out, __func__, "metrics", error));
    }
    return KETCH_OK;
}

ketch_status ketch_glia_get_rates(float *rates, uint64_t first, uint64_t count,
                                  const ketch_result *result, ketch_error *error)
{
    const ktg_evaluation *e;
    if (count && !rates)
        return kt_fail_handle(error, __func__, "rates", "an array", NULL);
    KT_TRY(find_evaluation(&e, result, __func__, error));
    KT_TRY(check_scored(e, first, count, __func__, error));
    for (uint64_t i = first; i < first + count; i++) {
        const size_t size = e->outputs * sizeof *rates;
        float *const to = rates + (i - first) * e->outputs;
        if (is_scored(&e->scores[i]))
            memcpy(to, e->rates + i * e->outputs, size);
        else
            memset(to, 0, size);
    }
    return KETCH_OK;
}
