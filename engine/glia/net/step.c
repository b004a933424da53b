/* Steps, and what goes in and comes out. */
#include "glia/net/net.h"

#include "float_mode.h"
#include "numbers.h"
#include "status.h"

#include <math.h>
#include <string.h>

/* With fewer synapses that send, one thread is faster. */
static const uint64_t least_shared_events = 20000;

/* Voltages that only leak take about a thousand ticks to where products become slow. */
enum { LOOK_TICKS = 64 };

static void look_for_small(ketch_glia_net *net)
{
    ktg_cells *const cells = &net->cells;
    const ktg_kernel_set *const kernels = net->kernels;
    cells->has_small = kernels->has_small(cells->value, cells->count);
    for (int32_t i = 0; i < 2 && ktg_net_is_clean(net) && !cells->has_small; i++)
        cells->has_small = kernels->has_small(cells->clean.current[i], cells->count);
}

/* Updates blocks first..end-1; those that fire go to fired. Returns how many they are. */
static uint32_t update_blocks(const ktg_cells *cells, uint32_t first, uint32_t end, uint32_t *fired,
                              const ktg_kernel_set *kernels)
{
    const ktg_update update = {cells->threshold,  cells->leak,  cells->resting,
                               cells->value,      cells->delta, fired,
                               cells->fired_from, first,        end,
                               cells->has_small};
    return kernels->update(&update);
}

/* A body: updates the cells of a share, whose memory is in that thread's cache from the delivery
 * before. The numbers of those that fire go to where they would be if all cells before them did. */
static ketch_status update_share(uint64_t index, int32_t worker, void *user)
{
    (void)worker;
    const ketch_glia_net *const net = user;
    const ktg_shares *const shares = &net->shares;
    const uint32_t first = shares->first_block[index], end = shares->first_block[index + 1];
    uint32_t *const fired = net->cells.fired + (size_t)first * KTG_BLOCK;
    const uint32_t count = update_blocks(&net->cells, first, end, fired, net->kernels);
    memset(shares->fired + (size_t)first * KTG_BLOCK, 0, (size_t)(end - first) * KTG_BLOCK);
    for (uint32_t f = 0; f < count; f++)
        shares->fired[fired[f]] = 1;
    shares->fired_count[index] = count;
    return KETCH_OK;
}

/* Lets the cells that fired in a share follow those of the shares before it, of which there are
 * `count`. */
static void join_fired(ktg_cells *cells, const ktg_shares *shares, uint32_t index, uint32_t count)
{
    const uint32_t *const first = shares->first_block + index;
    memmove(cells->fired + count, cells->fired + (size_t)first[0] * KTG_BLOCK,
            shares->fired_count[index] * sizeof *cells->fired);
    for (uint32_t block = first[0]; block < first[1]; block++)
        cells->fired_from[block] += count;
}

static uint32_t update_shares(ketch_glia_net *net, ketch_engine *engine)
{
    const ktg_shares *const shares = &net->shares;
    uint32_t count = 0;
    kt_engine_sweep(engine, shares->count, update_share, net);
    for (uint32_t t = 0; t < shares->count; t++) {
        join_fired(&net->cells, shares, t, count);
        count += shares->fired_count[t];
    }
    return count;
}

/* engine: that on whose threads shares are updated; NULL: this thread updates all cells. */
static void update_cells(ketch_glia_net *net, ketch_engine *engine)
{
    ktg_cells *const cells = &net->cells;
    const uint32_t blocks = ktg_blocks(cells);
    cells->fired_count = engine ? update_shares(net, engine)
                                : update_blocks(cells, 0, blocks, cells->fired, net->kernels);
    cells->fired_from[blocks] = cells->fired_count;
}

/* begin, end: of each source, the synapses of rows that are delivered. What earlier neurons send is
 * on_deck when a neuron moves it to delta. */
static void deliver_rows(const ketch_glia_net *net, const ktg_rows *rows, const uint32_t *begin,
                         const uint32_t *end)
{
    const ktg_cells *const cells = &net->cells;
    const ktg_delivery delivery = {cells->fired,       begin,
                                   rows->split,        end,
                                   rows->target,       rows->weight,
                                   cells->delta,       cells->on_deck,
                                   cells->fired_count, ktg_blocks(cells)};
    if (rows->count > 0)
        net->kernels->deliver(&delivery);
}

static void deliver_all_rows(ketch_glia_net *net, const ktg_rows *rows)
{
    deliver_rows(net, rows, rows->begin, rows->begin + 1);
}

static void add_panels(const ktg_cells *cells, const ktg_panels *panels, uint32_t first,
                       uint32_t end, const ktg_kernel_set *kernels)
{
    const ktg_spikes spikes = {cells->fired, cells->fired_from, cells->delta, cells->on_deck};
    for (uint32_t p = first; p < end; p++)
        kernels->add_panel(&panels->items[p], &spikes);
}

static void deliver_panels(const ketch_glia_net *net, uint64_t share)
{
    const uint32_t *const first = net->shares.first_panel + share;
    add_panels(&net->cells, &net->panels, first[0], first[1], net->kernels);
}

/* A body: delivers all spikes to the targets of a share, by rows. */
static ketch_status deliver_rows_of(uint64_t index, int32_t worker, void *user)
{
    (void)worker;
    const ketch_glia_net *const net = user;
    const uint32_t *const begin = net->shares.cut + index * net->cells.count;
    deliver_panels(net, index);
    deliver_rows(net, &net->panels.rest, begin, begin + net->cells.count);
    return KETCH_OK;
}

/* The same by columns, on cells that were updated by shares. */
static ketch_status deliver_columns_of(uint64_t index, int32_t worker, void *user)
{
    (void)worker;
    const ketch_glia_net *const net = user;
    const ktg_columns *const columns = net->shares.columns[index];
    deliver_panels(net, index);
    net->kernels->add_columns(net->cells.on_deck, &columns[0], net->shares.fired);
    net->kernels->add_columns(net->cells.delta, &columns[1], net->shares.fired);
    return KETCH_OK;
}

/* Whether columns are faster: they take as long whatever fires, rows by the row and the synapse that
 * sends. In hundredths of ns, as measured with vectors of 64 bytes. */
static bool are_columns_faster(const ketch_glia_net *net)
{
    enum { ROW = 1200, EVENT = 45, SYNAPSE = 24 };
    const uint64_t synapses = net->panels.rest.count, fired = net->cells.fired_count;
    const uint64_t events = synapses * fired / net->cells.count;
    return fired * ROW * net->shares.count + events * EVENT > synapses * SYNAPSE;
}

/* About how many synapses send now. */
static uint64_t count_events(const ketch_glia_net *net)
{
    return (uint64_t)net->rows.count * net->cells.fired_count / net->cells.count;
}

/* The engine for what follows the spikes that there are now; NULL: they are few, or ticks may use
 * none. */
static ketch_engine *engine_for_spikes(const ketch_glia_net *net, ketch_engine *engine)
{
    const bool is_worth = engine && engine->threads > 1 && ktg_net_is_prepared(net) &&
                          net->shares.count > 0 && count_events(net) >= least_shared_events;
    return is_worth ? engine : NULL;
}

/* engine: that on whose threads spikes are delivered; NULL: this thread delivers all. updated: that
 * on which cells were updated, or NULL. */
static void deliver_all(ketch_glia_net *net, ketch_engine *engine, const ketch_engine *updated)
{
    ktg_cells *const cells = &net->cells;
    if (!ktg_net_is_prepared(net)) {
        deliver_all_rows(net, &net->rows);
    } else if (engine) {
        kt_engine_sweep(engine, net->shares.count,
                        updated && are_columns_faster(net) ? deliver_columns_of : deliver_rows_of,
                        net);
    } else {
        add_panels(cells, &net->panels, 0, net->panels.count, net->kernels);
        deliver_all_rows(net, &net->panels.rest);
    }
}

/* Which neurons fire depends on cells as they are before the tick, so all are updated first. Then
 * on_deck and delta, which is all 0, change places, and spikes are delivered: those into one neuron
 * in tick order. */
void ktg_net_tick_on(ketch_glia_net *net, ketch_engine *engine)
{
    ktg_cells *const cells = &net->cells;
    net->ticks++;
    if (cells->count == 0)
        return;
    if (net->ticks % LOOK_TICKS == 1)
        look_for_small(net);
    if (ktg_net_is_clean(net)) {
        ktg_clean_tick(net);
        return;
    }
    ketch_engine *const updates = engine_for_spikes(net, engine);
    update_cells(net, updates);
    float *const empty = cells->delta;
    cells->delta = cells->on_deck;
    cells->on_deck = empty;
    deliver_all(net, engine_for_spikes(net, engine), updates);
}

void ktg_net_tick(ketch_glia_net *net)
{
    ktg_net_tick_on(net, NULL);
}

ketch_status ketch_glia_step(ketch_glia_net *net, uint64_t ticks, ketch_error *error)
{
    KT_TRY(ktg_net_claim_settled(net, __func__, error));
    const ketch_status status = ktg_net_prepare(net, __func__, error);
    const kt_float_mode mode = kt_float_mode_begin();
    for (uint64_t tick = 0; tick < ticks && status == KETCH_OK; tick++)
        ktg_net_tick(net);
    kt_float_mode_end(mode);
    ktg_net_release(net);
    return status;
}

static ketch_status check_injection(const ketch_glia_net *net, uint64_t count,
                                    const uint32_t *neurons, const float *amounts,
                                    const char *function, ketch_error *error)
{
    for (uint64_t i = 0; i < count; i++) {
        if (neurons[i] >= net->cells.count)
            return kt_fail(error, KETCH_INDEX, function, "neurons",
                           kt_format("%u", neurons[i]).text,
                           kt_format("below %u", net->cells.count).text, "no such neuron");
        if (!isfinite(amounts[i]))
            return kt_fail(error, KETCH_NONFINITE, function, "amounts",
                           kt_format("%g", (double)amounts[i]).text, "finite numbers",
                           "an injection that is no number");
    }
    return KETCH_OK;
}

ketch_status ketch_glia_inject(ketch_glia_net *net, uint64_t count, const uint32_t *neurons,
                               const float *amounts, ketch_error *error)
{
    if (count && (!neurons || !amounts))
        return kt_fail_handle(error, __func__, "neurons", "two arrays", NULL);
    KT_TRY(ktg_net_claim_settled(net, __func__, error));
    const ketch_status status = check_injection(net, count, neurons, amounts, __func__, error);
    const kt_float_mode mode = kt_float_mode_begin();
    for (uint64_t i = 0; i < count && status == KETCH_OK; i++)
        if (ktg_takes_injections(net, neurons[i]))
            net->cells.on_deck[neurons[i]] += amounts[i];
    net->cells.clean.is_injected = true;
    kt_float_mode_end(mode);
    ktg_net_release(net);
    return status;
}

ketch_status ketch_glia_get_fired(uint32_t *neurons, uint64_t capacity, uint64_t *count,
                                  ketch_glia_net *net, ketch_error *error)
{
    if (!count || (capacity && !neurons))
        return kt_fail_handle(error, __func__, count ? "neurons" : "count", "a place", NULL);
    KT_TRY(ktg_net_claim_to_read(net, __func__, error));
    const uint32_t fired = net->cells.fired_count;
    *count = fired;
    if (fired <= capacity && fired)
        memcpy(neurons, net->cells.fired, fired * sizeof *neurons);
    ktg_net_release(net);
    if (fired <= capacity)
        return KETCH_OK;
    return kt_fail(error, KETCH_BUFFER, __func__, "capacity",
                   kt_format("%llu", (unsigned long long)capacity).text,
                   kt_format("%u or more", fired).text, "the array is too short");
}
