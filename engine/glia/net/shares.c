/* Shares of the targets, one for each thread that makes ticks. */
#include "glia/net/net.h"

#include "glia/net/parts.h"
#include "layout.h"
#include "status.h"

#include <string.h>

/* A network with fewer synapses is not shared out. */
static const uint32_t least_shared_synapses = 50000;

static void lay_out_shares(ktg_shares *shares, uint32_t neurons, kt_layout *layout)
{
    const size_t ends = (size_t)shares->count + 1;
    shares->cut = kt_layout_take(layout, ends * neurons, sizeof(uint32_t));
    shares->first_panel = kt_layout_take(layout, ends, sizeof(uint32_t));
}

static ketch_status take_shares(ktg_shares *shares, const ketch_glia_net *net, const char *function,
                                ketch_error *error)
{
    kt_layout layout = {0};
    lay_out_shares(shares, net->cells.count, &layout);
    KT_TRY(ktg_take_zeroed(&shares->block, &layout, net->arena, "net", "the shares of a network",
                           function, error));
    lay_out_shares(shares, net->cells.count, &layout);
    return KETCH_OK;
}

/* The first block of each share, and the number of blocks behind the last one. counts: work memory,
 * a number for each block, 0. */
static void choose_bounds(uint32_t *bounds, uint32_t shares, uint32_t *counts,
                          const ketch_glia_net *net)
{
    const ktg_rows *const rows = &net->rows;
    for (uint32_t s = 0; s < rows->count; s++)
        counts[rows->target[s] / KTG_BLOCK]++;
    const uint32_t blocks = ktg_blocks(&net->cells);
    uint64_t before = 0;
    uint32_t block = 0;
    for (uint32_t t = 0; t <= shares; t++) {
        while (block < blocks && before * shares < (uint64_t)rows->count * t)
            before += counts[block++];
        bounds[t] = t < shares ? block : blocks;
    }
}

/* Cuts the row of a source. bounds: as choose_bounds leaves them. */
static void cut_row(ktg_shares *shares, uint32_t source, const uint32_t *bounds,
                    const ketch_glia_net *net)
{
    const ktg_rows *const rest = &net->panels.rest;
    uint32_t s = rest->begin[source];
    for (uint32_t t = 0; t <= shares->count; t++) {
        while (s < rest->begin[source + 1] && rest->target[s] / KTG_BLOCK < bounds[t])
            s++;
        shares->cut[(size_t)t * net->cells.count + source] = s;
    }
}

/* A panel belongs to the share of its first block: no row has targets of a panel. */
static void share_out_panels(ktg_shares *shares, const uint32_t *bounds, const ktg_panels *panels)
{
    uint32_t p = 0;
    for (uint32_t t = 0; t <= shares->count; t++) {
        while (p < panels->count && panels->items[p].block < bounds[t])
            p++;
        shares->first_panel[t] = p;
    }
}

/* What cuts are made with; the counts of synapses by block lie where the last cuts will. */
static void fill_shares(ktg_shares *shares, const ketch_glia_net *net)
{
    uint32_t bounds[KETCH_THREADS_MAX + 1];
    uint32_t *const counts = shares->cut + (size_t)shares->count * net->cells.count;
    choose_bounds(bounds, shares->count, counts, net);
    for (uint32_t i = 0; i < net->cells.count; i++)
        cut_row(shares, i, bounds, net);
    share_out_panels(shares, bounds, &net->panels);
}

ketch_status ktg_net_share_out(ketch_glia_net *net, uint32_t threads, const char *function,
                               ketch_error *error)
{
    KT_TRY(ktg_net_prepare(net, function, error));
    const bool is_worth =
        threads > 1 && net->rows.count >= least_shared_synapses && !ktg_net_is_clean(net);
    ktg_shares made = {.count = is_worth ? threads : 0};
    if (made.count == net->shares.count)
        return KETCH_OK;
    if (made.count > 0)
        KT_TRY(take_shares(&made, net, function, error));
    if (made.count > 0)
        fill_shares(&made, net);
    if (net->shares.block)
        kt_block_drop(net->shares.block);
    net->shares = made;
    return KETCH_OK;
}
