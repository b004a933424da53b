/* How a run goes on: ticks, and between them injections and records. */
#include "glia/run/run.h"

#include "context.h"
#include "numbers.h"
#include "status.h"

/* Ticks between two checks take about a millisecond by the estimates. */
static const uint64_t chunk_work = 1000000;

/* ---- spikes ---- */

static ketch_status fail_record_limit(ketch_context *context, const ktg_run *run)
{
    return ketch_context_fail(context, 0, KETCH_LIMIT, "record_max",
                              kt_format("%llu spikes in %llu ticks",
                                        (unsigned long long)run->spike_count,
                                        (unsigned long long)run->done)
                                  .text,
                              kt_format("%llu", (unsigned long long)run->record_max).text,
                              "more spikes than may be recorded; those of all ticks before are");
}

static ketch_status fail_record_memory(ketch_context *context, const kt_refusal *refusal)
{
    return ketch_context_fail(
        context, 0, KETCH_MEMORY, "record",
        kt_format("%llu bytes", (unsigned long long)refusal->needed).text,
        kt_format("%llu bytes", (unsigned long long)refusal->allowed).text,
        "not enough memory to record more spikes; those of all ticks before are recorded");
}

/* Records the spikes of the last tick. */
static ketch_status record_tick(ketch_context *context, ktg_run *run)
{
    const ktg_cells *const cells = &run->net->cells;
    const uint64_t count = run->spikes.count + cells->fired_count;
    kt_refusal refusal = {0};
    run->is_unrecorded = true;
    if (count > run->record_max)
        return fail_record_limit(context, run);
    if (count > run->spikes.capacity &&
        !ktg_record_reserve(&run->spikes, count, kt_context_engine(context)->arena, &refusal))
        return fail_record_memory(context, &refusal);
    ktg_record_add(&run->spikes, (uint32_t)(run->done - 1), cells->fired, cells->fired_count);
    run->is_unrecorded = false;
    return KETCH_OK;
}

/* ---- ticks ---- */

static void make_tick(ktg_run *run, ketch_engine *engine)
{
    ketch_glia_net *const net = run->net;
    ktg_feed_inject(&run->feed, &run->cursor, net);
    ktg_net_tick_on(net, engine);
    ktg_feed_advance(&run->feed, &run->cursor);
    for (uint32_t f = 0; f < net->cells.fired_count; f++)
        run->counts[net->cells.fired[f]]++;
    run->spike_count += net->cells.fired_count;
    run->done++;
}

/* The engine whose threads ticks may use; NULL inside an index, where all threads have work. */
static ketch_engine *usable_engine(const ketch_context *context)
{
    return kt_context_is_inside(context) ? NULL : kt_context_engine(context);
}

/* The tick at which there is a fence or the end. */
static uint64_t next_stand(const ktg_run *run)
{
    const uint64_t every = run->fence_every ? run->fence_every : run->ticks;
    return KT_MIN(run->ticks, kt_add_most(run->done - run->done % every, every));
}

/* A tick reads and writes six numbers of each neuron, and three of each synapse that sends. */
static void count_bytes(ketch_context *context, const ktg_run *run, uint64_t ticks, uint64_t spikes)
{
    const uint64_t neurons = ticks * run->neurons, synapses = spikes * (run->spike_work - 2);
    ketch_context_count(context, 4 * (6 * neurons + 4 * synapses));
}

/* Makes ticks until work is done for a while, the next fence or the end. */
static ketch_status run_chunk(ketch_context *context, ktg_run *run)
{
    ketch_engine *const engine = usable_engine(context);
    const uint64_t first = run->done, spikes = run->spike_count, end = next_stand(run);
    uint64_t work = 0;
    ketch_status status = KETCH_OK;
    while (run->done < end && work < chunk_work && status == KETCH_OK) {
        make_tick(run, engine);
        work += run->tick_work + run->spike_work * run->net->cells.fired_count;
        if (run->is_recorded)
            status = record_tick(context, run);
    }
    ketch_context_retire(context, run->done - first);
    count_bytes(context, run, run->done - first, run->spike_count - spikes);
    return status;
}

/* ---- the job ---- */

static bool is_at_fence(const ktg_run *run)
{
    return run->fence_every && run->done % run->fence_every == 0 && run->done != run->fenced;
}

/* On another engine than before, for its threads. Without memory ticks use one, in the same bits. */
static void share_out(ketch_context *context, const ktg_run *run)
{
    if (!kt_context_is_inside(context))
        (void)ktg_net_share_out(run->net, (uint32_t)ketch_context_threads(context), __func__, NULL);
}

/* Where a hook has leased cells. */
static ketch_status own_cells(ketch_context *context, const ktg_run *run)
{
    ketch_error error = {.size = sizeof error};
    const ketch_status status = ktg_net_own_cells(run->net, __func__, &error);
    if (status == KETCH_OK)
        return KETCH_OK;
    return kt_context_fail_as(context, 0, &error, "the run needs more");
}

/* To the next fence or the end. */
static ketch_status carry_ticks(ketch_context *context, ktg_run *run)
{
    KT_TRY(own_cells(context, run));
    if (run->is_unrecorded)
        KT_TRY(record_tick(context, run));
    while (run->done < run->ticks && !is_at_fence(run)) {
        KT_TRY(ketch_context_check(context));
        KT_TRY(run_chunk(context, run));
    }
    return KETCH_OK;
}

/* At a fence and between two calls of advance the network is not claimed, so that it can be read; the
 * run holds it, so that nothing can change it while the run is on. */
ketch_status ktg_run_advance(ketch_context *context, void *user)
{
    ktg_run *const run = user;
    if (!ktg_net_regain(&run->hold))
        return ketch_context_fail(context, 0, KETCH_MISMATCH, "net", NULL, NULL,
                                  "the network was changed since the run was suspended: the run "
                                  "cannot go on");
    run->hold.running = kt_context_running(context);
    share_out(context, run);
    const ketch_status status = carry_ticks(context, run);
    ktg_net_release(run->net);
    if (status != KETCH_OK || !is_at_fence(run))
        return status;
    run->fenced = run->done;
    return ketch_context_fence(context, run->net);
}
