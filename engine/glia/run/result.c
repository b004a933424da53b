/* The type of networks' runs, and what their results say. */
#include "glia/run/run.h"

#include "status.h"

#include <string.h>

const ketch_job_type ktg_run_type = {
    .size = sizeof(ketch_job_type),
    .name = "glia.run",
    .version = 1,
    .advance = ktg_run_advance,
    .release = ktg_run_release,
    .prepare = ktg_run_prepare,
    .save = ktg_run_save,
    .load = ktg_run_load,
};

const ketch_job_type *ketch_glia_run_type(void)
{
    return &ktg_run_type;
}

ketch_glia_net *ketch_glia_step_net(const ketch_step *step)
{
    return step && step->type == &ktg_run_type ? (ketch_glia_net *)step->view : NULL;
}

ketch_status ktg_run_find(const ktg_run **run, const ketch_result *result, const char *function,
                          ketch_error *error)
{
    *run = ketch_result_user(result, &ktg_run_type);
    if (*run)
        return KETCH_OK;
    return kt_fail_handle(error, function, "result", "a result of a network's run", result);
}

ketch_glia_net *ketch_glia_result_net(const ketch_result *result)
{
    const ktg_run *const run = ketch_result_user(result, &ktg_run_type);
    return run ? run->net : NULL;
}

ketch_status ketch_glia_result_get_info(ketch_glia_result_info *info, const ketch_result *result,
                                        ketch_error *error)
{
    const ktg_run *run;
    KT_TRY(ktg_run_find(&run, result, __func__, error));
    const ketch_glia_result_info out = {.size = sizeof out,
                                        .ticks = run->done,
                                        .neurons = run->neurons,
                                        .spikes = run->spike_count,
                                        .recorded = run->spikes.count,
                                        .left_out = run->feed.left_out};
    return kt_write_report(info, &out, sizeof out, __func__, "info", error);
}

/* INDEX unless first..first+count-1 are below `most`. */
static ketch_status check_part(uint64_t first, uint64_t count, uint64_t most, const char *what,
                               const char *function, ketch_error *error)
{
    if (first <= most && count <= most - first)
        return KETCH_OK;
    return kt_fail(
        error, KETCH_INDEX, function, first > most ? "first" : "count",
        kt_format("%llu from %llu", (unsigned long long)count, (unsigned long long)first).text,
        kt_format("%llu %s", (unsigned long long)most, what).text, "there are fewer");
}

ketch_status ketch_glia_result_counts(uint64_t *counts, uint64_t first, uint64_t count,
                                      const ketch_result *result, ketch_error *error)
{
    const ktg_run *run;
    if (count && !counts)
        return kt_fail_handle(error, __func__, "counts", "an array", NULL);
    KT_TRY(ktg_run_find(&run, result, __func__, error));
    KT_TRY(check_part(first, count, run->neurons, "neurons", __func__, error));
    if (count)
        memcpy(counts, run->counts + first, (size_t)count * sizeof *counts);
    return KETCH_OK;
}

ketch_status ketch_glia_result_spikes(ketch_glia_spike *spikes, uint64_t first, uint64_t count,
                                      const ketch_result *result, ketch_error *error)
{
    const ktg_run *run;
    if (count && !spikes)
        return kt_fail_handle(error, __func__, "spikes", "an array", NULL);
    KT_TRY(ktg_run_find(&run, result, __func__, error));
    KT_TRY(check_part(first, count, run->spikes.count, "recorded spikes", __func__, error));
    ktg_record_copy(spikes, &run->spikes, first, count);
    return KETCH_OK;
}
