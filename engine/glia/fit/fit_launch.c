/* The public calls that begin fits, and their type. */
#include "glia/fit/fit.h"

#include "engine.h"
#include "job.h"
#include "status.h"

/* kt_run_begin or kt_run_whole. */
typedef ketch_status start_fitting(ketch_result **, ketch_engine *, const ketch_job *,
                                   const ketch_run *, const char *, ketch_error *);

static ketch_status launch_fit(start_fitting *start, ketch_result **result, ketch_engine *engine,
                               const ktg_fit_launch *l, const ketch_run *run, ketch_error *error)
{
    if (result)
        *result = NULL;
    KT_TRY(ktg_net_check(l->net, l->function, error));
    const ketch_job job = {.size = sizeof job, .type = &ktg_fit_type, .user = (void *)l};
    return start(result, engine, &job, run, l->function, error);
}

ketch_status ketch_glia_fit_run(ketch_result **result, ketch_engine *engine, ketch_glia_net *net,
                                const ketch_glia_fit *fit, const ketch_run *run, ketch_error *error)
{
    const ktg_fit_launch l = {net, fit, false, __func__};
    return launch_fit(kt_run_whole, result, engine, &l, run, error);
}

ketch_status ketch_glia_fit_begin(ketch_result **result, ketch_engine *engine, ketch_glia_net *net,
                                  const ketch_glia_fit *fit, const ketch_run *run,
                                  ketch_error *error)
{
    const ktg_fit_launch l = {net, fit, true, __func__};
    return launch_fit(kt_run_begin, result, engine, &l, run, error);
}

ketch_status ketch_glia_fit_need(ketch_need *need, const ketch_engine *engine, ketch_glia_net *net,
                                 const ketch_glia_fit *fit, ketch_error *error)
{
    const ktg_fit_launch l = {net, fit, false, __func__};
    ketch_glia_fit asked;
    KT_TRY(kt_engine_check(engine, __func__, error));
    KT_TRY(ktg_net_check(net, __func__, error));
    KT_TRY(ktg_fit_read(&asked, &l, error));
    ketch_need out = {.size = sizeof out};
    KT_TRY(ktg_net_claim_to_read(net, __func__, error));
    const ketch_status status = ktg_fit_add_need(&out, net, &asked, __func__, error);
    ktg_net_release(net);
    KT_TRY(status);
    const ketch_job job = {.type = &ktg_fit_type};
    kt_job_add_need(&out, engine, &job);
    return kt_write_report(need, &out, sizeof out, __func__, "need", error);
}

const ketch_job_type ktg_fit_type = {
    .size = sizeof(ketch_job_type),
    .name = "glia.fit",
    .version = 1,
    .advance = ktg_fit_advance,
    .release = ktg_fit_release,
    .prepare = ktg_fit_prepare,
    .save = ktg_fit_save,
    .load = ktg_fit_load,
};

const ketch_job_type *ketch_glia_fit_type(void)
{
    return &ktg_fit_type;
}

ketch_status ketch_glia_fit_load(ketch_result **result, ketch_engine *engine, ketch_glia_net *net,
                                 const ketch_glia_fit *fit, const char *path, ketch_error *error)
{
    const ktg_fit_launch l = {net, fit, true, __func__};
    if (result)
        *result = NULL;
    KT_TRY(ktg_net_check(net, __func__, error));
    if (!fit)
        return kt_fail_handle(error, __func__, "fit", "the episodes", NULL);
    return ktg_fit_load_into(result, engine, &ktg_fit_type, &l, path, error);
}
