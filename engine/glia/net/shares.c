/* Shares of the targets, one for each thread that makes ticks. */
#include "glia/net/net.h"

#include "glia/net/columns.h"
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
    shares->first_block = kt_layout_take(layout, ends, sizeof(uint32_t));
    shares->first_panel = kt_layout_take(layout, ends, sizeof(uint32_t));
    shares->fired_count = kt_layout_take(layout, ends, sizeof(uint32_t));
    shares->fired = kt_layout_take(layout, (uint64_t)neurons + 1 + KTG_BLOCK, 1);
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

/* Chooses the first block of each share. counts: work memory, a number for each block, 0. */
static void choose_bounds(ktg_shares *shares, uint32_t *counts, const ketch_glia_net *net)
{
    const ktg_rows *const rows = &net->rows;
    for (uint32_t s = 0; s < rows->count; s++)
        counts[rows->target[s] / KTG_BLOCK]++;
    const uint32_t blocks = ktg_blocks(&net->cells);
    uint64_t before = 0;
    uint32_t block = 0;
    for (uint32_t t = 0; t <= shares->count; t++) {
        while (block < blocks && before * shares->count < (uint64_t)rows->count * t)
            before += counts[block++];
        shares->first_block[t] = t < shares->count ? block : blocks;
    }
}

static void cut_row(ktg_shares *shares, uint32_t source, const ketch_glia_net *net)
{
    const ktg_rows *const rest = &net->panels.rest;
    uint32_t s = rest->begin[source];
    for (uint32_t t = 0; t <= shares->count; t++) {
        while (s < rest->begin[source + 1] && rest->target[s] / KTG_BLOCK < shares->first_block[t])
            s++;
        shares->cut[(size_t)t * net->cells.count + source] = s;
    }
}

/* A panel belongs to the share of its first block: no row has targets of a panel. */
static void share_out_panels(ktg_shares *shares, const ktg_panels *panels)
{
    uint32_t p = 0;
    for (uint32_t t = 0; t <= shares->count; t++) {
        while (p < panels->count && panels->items[p].block < shares->first_block[t])
            p++;
        shares->first_panel[t] = p;
    }
}

/* What cuts are made with; the counts of synapses by block lie where the last cuts will. */
static void fill_shares(ktg_shares *shares, const ketch_glia_net *net)
{
    uint32_t *const counts = shares->cut + (size_t)shares->count * net->cells.count;
    choose_bounds(shares, counts, net);
    for (uint32_t i = 0; i < net->cells.count; i++)
        cut_row(shares, i, net);
    share_out_panels(shares, &net->panels);
}

static ketch_status share_targets(ktg_shares *shares, const ketch_glia_net *net,
                                  const char *function, ketch_error *error)
{
    KT_TRY(take_shares(shares, net, function, error));
    fill_shares(shares, net);
    const ketch_status status = ktg_columns_make(shares, net, function, error);
    if (status != KETCH_OK)
        kt_block_drop(shares->block);
    return status;
}

ketch_status ktg_net_share_out(ketch_glia_net *net, uint32_t threads, const char *function,
                               ketch_error *error)
{
    KT_TRY(ktg_net_prepare(net, function, error));
    const bool is_worth =
        threads > 1 && net->rows.count >= least_shared_synapses && !ktg_net_is_clean(net);
    ktg_shares made = {.count = threads};
    if (!is_worth || threads == net->shares.count)
        return KETCH_OK;
    KT_TRY(share_targets(&made, net, function, error));
    ktg_net_drop_shares(net);
    net->shares = made;
    return KETCH_OK;
}
