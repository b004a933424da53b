/* The public functions that run networks, and the memory that a run takes. */
#include "glia/run/run.h"

#include "engine.h"
#include "job.h"
#include "status.h"

/* kt_run_begin or kt_run_whole. */
typedef ketch_status carry_job(ketch_result **, ketch_engine *, const ketch_job *,
                               const ketch_run *, const char *, ketch_error *);

static ketch_status launch_net(carry_job *start, ketch_result **result, ketch_engine *engine,
                               const ktg_launch *l, const ketch_run *run, ketch_error *error)
{
    if (result)
        *result = NULL;
    KT_TRY(ktg_net_check(l->net, l->function, error));
    const ketch_job job = {.size = sizeof job, .type = &ktg_run_type, .user = (void *)l};
    return start(result, engine, &job, run, l->function, error);
}

ketch_status ketch_glia_run(ketch_result **result, ketch_engine *engine, ketch_glia_net *net,
                            const ketch_glia_feed *feed, const ketch_run *run, ketch_error *error)
{
    const ktg_launch l = {.net = net, .feed = feed, .function = __func__};
    return launch_net(kt_run_whole, result, engine, &l, run, error);
}

ketch_status ketch_glia_begin(ketch_result **result, ketch_engine *engine, ketch_glia_net *net,
                              const ketch_glia_feed *feed, const ketch_run *run, ketch_error *error)
{
    const ktg_launch l = {.net = net, .feed = feed, .is_begun = true, .function = __func__};
    return launch_net(kt_run_begin, result, engine, &l, run, error);
}

/* ---- need ---- */

static ketch_status add_net(ketch_need *need, ketch_glia_net *net, const ketch_engine *engine,
                            const char *function, ketch_error *error)
{
    KT_TRY(ktg_net_claim_to_read(net, function, error));
    const ketch_status status = ktg_net_share_out(net, (uint32_t)engine->threads, function, error);
    ktg_net_add_need(need, net, engine->arena);
    ketch_need_add(need, "glia", ktg_run_size(net->cells.count));
    ktg_net_release(net);
    return status;
}

ketch_status ketch_glia_need(ketch_need *need, const ketch_engine *engine, ketch_glia_net *net,
                             const ketch_glia_feed *feed, ketch_error *error)
{
    const ktg_launch l = {.net = net, .feed = feed, .function = __func__};
    ketch_glia_feed read;
    KT_TRY(kt_engine_check(engine, __func__, error));
    KT_TRY(ktg_net_check(net, __func__, error));
    KT_TRY(ktg_launch_read(&read, &l, error));
    ketch_need out = {.size = sizeof out};
    KT_TRY(add_net(&out, net, engine, __func__, error));
    KT_TRY(ktg_feed_add_need(&out, read.sequence, __func__, error));
    if (read.record)
        ketch_need_add(&out, "glia", KTG_RECORD_FIRST * sizeof(ketch_glia_spike));
    const ketch_job job = {.type = &ktg_run_type};
    kt_job_add_need(&out, engine, &job);
    return kt_write_report(need, &out, sizeof out, __func__, "need", error);
}
