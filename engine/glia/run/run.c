/* Runs of networks: how they are checked, made and ended. */
#include "glia/run/run.h"

#include "engine.h"
#include "glia/net/parts.h"
#include "layout.h"
#include "numbers.h"
#include "status.h"

#include <string.h>

/* ---- checks ---- */

static ketch_status check_flag(const char *argument, int32_t flag, const char *function,
                               ketch_error *error)
{
    if (flag == 0 || flag == 1)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, argument, kt_format("%d", flag).text, "0 or 1",
                   "it is neither yes nor no");
}

/* Ticks of recorded spikes have 32 bits. */
static ketch_status check_ticks(const ketch_glia_feed *feed, const char *function,
                                ketch_error *error)
{
    const uint64_t most = feed->record ? UINT64_C(1) << 32 : UINT64_MAX - 1;
    if (feed->ticks <= most)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, "ticks",
                   kt_format("%llu", (unsigned long long)feed->ticks).text,
                   kt_format("0..%llu", (unsigned long long)most).text,
                   feed->record ? "too many ticks for a run that records spikes"
                                : "too many ticks");
}

ketch_status ktg_launch_read(ketch_glia_feed *read, const ktg_launch *launch, ketch_error *error)
{
    if (!launch->feed)
        return kt_fail_handle(error, launch->function, "feed", "what the network is run with",
                              NULL);
    KT_TRY(kt_read_options(read, sizeof *read, launch->feed, launch->function, "feed", error));
    KT_TRY(check_flag("record", read->record, launch->function, error));
    KT_TRY(check_flag("strict", read->strict, launch->function, error));
    return check_ticks(read, launch->function, error);
}

/* ---- making ---- */

/* The run and its counts, in one piece of memory. */
static ktg_run *lay_out_run(kt_layout *layout, uint64_t neurons)
{
    ktg_run *const run = kt_layout_take(layout, 1, sizeof *run);
    uint64_t *const counts = kt_layout_take(layout, neurons, sizeof *counts);
    if (run)
        run->counts = counts;
    return run;
}

uint64_t ktg_run_size(uint64_t neurons)
{
    kt_layout layout = {0};
    (void)lay_out_run(&layout, neurons);
    return layout.size;
}

static ketch_status take_run(ktg_run **made, uint64_t neurons, ketch_arena *arena,
                             const char *function, ketch_error *error)
{
    kt_layout layout = {.size = (size_t)ktg_run_size(neurons)};
    ketch_block *block;
    KT_TRY(ktg_take_zeroed(&block, &layout, arena, "net", "a run of the network", function, error));
    *made = lay_out_run(&layout, neurons);
    (*made)->record = block;
    return KETCH_OK;
}

/* A ns or two for each neuron, and one for each synapse of a neuron that fires. */
static void estimate_work(ktg_run *run)
{
    const uint64_t neurons = run->net->cells.count;
    run->tick_work = 20 + neurons / 2;
    run->spike_work = 2 + (neurons ? run->net->rows.count / neurons : 0);
}

static ketch_status reserve_spikes(ktg_run *run, ketch_arena *arena, const char *function,
                                   ketch_error *error)
{
    kt_refusal refusal = {0};
    if (!run->is_recorded || ktg_record_reserve(&run->spikes, 1, arena, &refusal))
        return KETCH_OK;
    return kt_fail_memory(error, function, "record", "recorded spikes", &refusal);
}

ketch_status ktg_run_make(ktg_run **made, const ktg_run_parts *parts, ketch_arena *arena,
                          const char *function, ketch_error *error)
{
    ktg_run *run = NULL;
    KT_TRY(take_run(&run, parts->net->cells.count, arena, function, error));
    run->is_recorded = parts->is_recorded;
    const ketch_status status = reserve_spikes(run, arena, function, error);
    if (status != KETCH_OK) {
        kt_block_drop(run->record);
        return status;
    }
    run->net = ketch_glia_net_share(parts->net);
    run->neurons = parts->net->cells.count;
    run->feed = parts->feed;
    run->ticks = parts->ticks;
    run->fence_every = parts->fence_every;
    run->record_max = parts->record_max ? parts->record_max : UINT64_MAX;
    estimate_work(run);
    *made = run;
    return KETCH_OK;
}

void ktg_run_hold(ktg_run *run, bool is_on)
{
    static const int32_t no_call = 0;
    run->hold.running = is_on ? NULL : &no_call;
    ktg_net_hold(&run->hold, run->net);
}

/* What takes less than this is not measured unless that is asked for. */
static const uint64_t brief_work = 50000;

void ktg_run_describe(ketch_job *job, ktg_run *run)
{
    job->steps = run->ticks;
    job->brief = run->ticks < brief_work / run->tick_work;
    job->user = run;
}

void ktg_run_release(void *user)
{
    ktg_run *const run = user;
    ktg_net_let_go(&run->hold);
    ktg_feed_end(&run->feed);
    ktg_record_end(&run->spikes);
    ketch_glia_net_drop(run->net);
    kt_block_drop(run->record);
}

/* ---- preparing ---- */

static ketch_status make_on_claimed(ktg_run **run, const ktg_launch *l, const ketch_glia_feed *feed,
                                    ketch_arena *arena, ketch_error *error)
{
    ktg_run_parts parts = {.net = l->net,
                           .ticks = feed->ticks,
                           .fence_every = feed->fence_every,
                           .record_max = feed->record_max,
                           .is_recorded = feed->record};
    KT_TRY(ktg_feed_make(&parts.feed, l->net, feed->sequence, feed->strict, arena, l->function,
                         error));
    const ketch_status status = ktg_run_make(run, &parts, arena, l->function, error);
    if (status == KETCH_OK)
        ktg_run_hold(*run, !l->is_begun);
    else
        ktg_feed_end(&parts.feed);
    return status;
}

ketch_status ktg_run_prepare(ketch_job *job, ketch_engine *engine, ketch_error *error)
{
    const ktg_launch *const l = job->user;
    ketch_glia_feed feed;
    ktg_run *run = NULL;
    if (!l)
        return kt_fail_handle(error, "ketch_engine_run", "user",
                              "ketch_glia_run, which makes this job", l);
    KT_TRY(ktg_launch_read(&feed, l, error));
    KT_TRY(ktg_net_claim_to_hold(l->net, l->function, error));
    ketch_status status = ktg_net_share_out(l->net, (uint32_t)engine->threads, l->function, error);
    if (status == KETCH_OK)
        status = make_on_claimed(&run, l, &feed, engine->arena, error);
    if (status == KETCH_OK)
        ktg_run_describe(job, run);
    ktg_net_release(l->net);
    return status;
}
