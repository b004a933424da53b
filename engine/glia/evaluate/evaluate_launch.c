/* The public calls that begin evaluations, their type, and the memory that they take. */
#include "glia/evaluate/evaluation.h"

#include "engine.h"
#include "glia/train/train.h"
#include "job.h"
#include "status.h"

static ketch_status prepare_evaluation(ketch_job *job, ketch_engine *engine, ketch_error *error)
{
    const ktg_evaluate_launch *const launch = job->user;
    ktg_evaluate_parts parts;
    ktg_evaluation *e = NULL;
    if (!launch)
        return kt_fail_handle(error, "ketch_engine_run", "user",
                              "ketch_glia_evaluate_all, which makes this job", launch);
    KT_TRY(ktg_evaluate_read(&parts, launch, error));
    KT_TRY(ktg_evaluation_make(&e, launch, &parts, engine->threads, engine->arena, error));
    ktg_evaluation_describe(job, e);
    return KETCH_OK;
}

/* ---- need ---- */

static void add_scorers(ketch_need *need, const ketch_glia_net *net, uint64_t count,
                        int32_t threads)
{
    const bool is_clean = ktg_net_is_clean(net);
    for (uint32_t i = 0; i < ktg_scorers_for(is_clean, count, threads); i++) {
        ketch_need_add(need, "glia", ktg_scorer_size(&net->cells));
        if (is_clean && net->cells.block)
            ketch_need_add(need, "glia", kt_block_size(net->cells.block));
    }
}

/* On a claimed network. */
static ketch_status add_evaluation(ketch_need *need, ketch_glia_net *net,
                                   const ktg_evaluate_parts *parts, const ketch_engine *engine,
                                   const char *function, ketch_error *error)
{
    const ketch_glia_evaluation *const asked = &parts->asked;
    KT_TRY(ktg_net_prepare(net, function, error));
    ktg_net_add_need(need, net, engine->arena);
    if (ktg_net_is_clean(net))
        ktg_net_add_copy_need(need, net);
    ketch_need_add(need, "glia", ktg_evaluation_size(asked->count, net->cells.outputs));
    add_scorers(need, net, asked->count, engine->threads);
    return ktg_episodes_add_need(need, asked->episodes, asked->count, function, error);
}

ketch_status ketch_glia_evaluate_need(ketch_need *need, const ketch_engine *engine,
                                      ketch_glia_trainer *trainer,
                                      const ketch_glia_evaluation *evaluation, ketch_error *error)
{
    const ktg_evaluate_launch launch = {trainer, evaluation, false, __func__};
    const ketch_job job = {.type = &ktg_evaluate_type};
    ketch_need out = {.size = sizeof out};
    ktg_evaluate_parts parts;
    KT_TRY(kt_engine_check(engine, __func__, error));
    KT_TRY(ktg_trainer_check(trainer, __func__, error));
    KT_TRY(ktg_evaluate_read(&parts, &launch, error));
    KT_TRY(ktg_net_claim_to_hold(trainer->net, __func__, error));
    const ketch_status status = add_evaluation(&out, trainer->net, &parts, engine, __func__, error);
    ktg_net_release(trainer->net);
    KT_TRY(status);
    kt_job_add_need(&out, engine, &job);
    return kt_write_report(need, &out, sizeof out, __func__, "need", error);
}

/* ---- launching ---- */

/* kt_run_begin or kt_run_whole. */
typedef ketch_status start_scoring(ketch_result **, ketch_engine *, const ketch_job *,
                                   const ketch_run *, const char *, ketch_error *);

static ketch_status launch_evaluation(start_scoring *start, ketch_result **result,
                                      ketch_engine *engine, const ktg_evaluate_launch *launch,
                                      const ketch_run *run, ketch_error *error)
{
    if (result)
        *result = NULL;
    KT_TRY(ktg_trainer_check(launch->trainer, launch->function, error));
    const ketch_job job = {.size = sizeof job, .type = &ktg_evaluate_type, .user = (void *)launch};
    return start(result, engine, &job, run, launch->function, error);
}

ketch_status ketch_glia_evaluate_all(ketch_result **result, ketch_engine *engine,
                                     ketch_glia_trainer *trainer,
                                     const ketch_glia_evaluation *evaluation, const ketch_run *run,
                                     ketch_error *error)
{
    const ktg_evaluate_launch launch = {trainer, evaluation, false, __func__};
    return launch_evaluation(kt_run_whole, result, engine, &launch, run, error);
}

ketch_status ketch_glia_evaluate_begin(ketch_result **result, ketch_engine *engine,
                                       ketch_glia_trainer *trainer,
                                       const ketch_glia_evaluation *evaluation,
                                       const ketch_run *run, ketch_error *error)
{
    const ktg_evaluate_launch launch = {trainer, evaluation, true, __func__};
    return launch_evaluation(kt_run_begin, result, engine, &launch, run, error);
}

const ketch_job_type ktg_evaluate_type = {
    .size = sizeof(ketch_job_type),
    .name = "glia.evaluate",
    .version = 1,
    .advance = ktg_evaluate_advance,
    .release = ktg_evaluate_release,
    .prepare = prepare_evaluation,
};

const ketch_job_type *ketch_glia_evaluate_type(void)
{
    return &ktg_evaluate_type;
}
