/* The public calls that begin evolutions, and their type. */
#include "glia/evolve/evolve.h"

#include "engine.h"
#include "job.h"
#include "status.h"

ketch_status ktg_evolve_prepare(ketch_job *job, ketch_engine *engine, ketch_error *error)
{
    const ktg_evolve_launch *const launch = job->user;
    ktg_evolve_parts parts;
    ktg_evolution *e = NULL;
    KT_TRY(ktg_evolve_read(&parts, launch, error));
    KT_TRY(ktg_evolution_make(&e, launch, &parts, true, engine->arena, error));
    ktg_evolution_describe(job, e);
    return KETCH_OK;
}

/* kt_run_begin or kt_run_whole. */
typedef ketch_status start_evolving(ketch_result **, ketch_engine *, const ketch_job *,
                                    const ketch_run *, const char *, ketch_error *);

static ketch_status launch_evolution(start_evolving *start, ketch_result **result,
                                     ketch_engine *engine, const ktg_evolve_launch *launch,
                                     const ketch_run *run, ketch_error *error)
{
    if (result)
        *result = NULL;
    KT_TRY(ktg_net_check(launch->net, launch->function, error));
    const ketch_job job = {.size = sizeof job, .type = &ktg_evolve_type, .user = (void *)launch};
    return start(result, engine, &job, run, launch->function, error);
}

ketch_status ketch_glia_evolve(ketch_result **result, ketch_engine *engine, ketch_glia_net *net,
                               const ketch_glia_evolution *evolution, const ketch_run *run,
                               ketch_error *error)
{
    const ktg_evolve_launch launch = {net, evolution, __func__};
    return launch_evolution(kt_run_whole, result, engine, &launch, run, error);
}

ketch_status ketch_glia_evolve_begin(ketch_result **result, ketch_engine *engine,
                                     ketch_glia_net *net, const ketch_glia_evolution *evolution,
                                     const ketch_run *run, ketch_error *error)
{
    const ktg_evolve_launch launch = {net, evolution, __func__};
    return launch_evolution(kt_run_begin, result, engine, &launch, run, error);
}

const ketch_job_type ktg_evolve_type = {
    .size = sizeof(ketch_job_type),
    .name = "glia.evolve",
    .version = 1,
    .advance = ktg_evolve_advance,
    .release = ktg_evolve_release,
    .prepare = ktg_evolve_prepare,
    .save = ktg_evolve_save,
    .load = ktg_evolve_load,
};

const ketch_job_type *ketch_glia_evolve_type(void)
{
    return &ktg_evolve_type;
}

ketch_status ketch_glia_evolve_load(ketch_result **result, ketch_engine *engine,
                                    ketch_glia_net *net, const ketch_glia_evolution *evolution,
                                    const char *path, ketch_error *error)
{
    if (result)
        *result = NULL;
    KT_TRY(ktg_net_check(net, __func__, error));
    if (!evolution)
        return kt_fail_handle(error, __func__, "evolution", "how to evolve", NULL);
    const ktg_evolve_launch launch = {net, evolution, __func__};
    return ktg_evolve_load_into(result, engine, &ktg_evolve_type, &launch, path, error);
}
