/* Panels: what ticks read instead of rows where many synapses lead to neighbouring targets. Which
 * targets have a panel depends on the numbers of synapses and sources and on the width of vectors
 * alone, never on time. */
#include "glia/net/net.h"

#include "cpu.h"
#include "glia/net/parts.h"
#include "layout.h"
#include "numbers.h"
#include "status.h"

#include <assert.h>
#include <string.h>

enum {
    NO_PANEL = UINT32_MAX,
    /* Sizes of second-level and third-level caches, of which panels get some. */
    NEAR_CACHE = 1 << 20,
    FAR_CACHE = 8 << 20
};

/* ---- which targets have panels ---- */

/* The synapses into one or more blocks of targets: their number, and the blocks of their sources,
 * first..end-1. */
typedef struct inflow {
    uint64_t synapses;
    uint32_t first, end;
} inflow;

/* inflows: one for each block of targets. row_cost: see choose_row_cost. panels: those that were chosen, without weights; their
 * targets ascend. rest: how many synapses lead to other targets. */
typedef struct panel_work {
    inflow *inflows;
    uint32_t row_cost;
    ktg_panel *panels;
    uint32_t count;
    uint64_t weights, rest;
    ketch_block *block;
} panel_work;

static void add_inflow(inflow *sum, const inflow *more)
{
    if (more->synapses == 0)
        return;
    sum->first = sum->synapses ? KT_MIN(sum->first, more->first) : more->first;
    sum->end = KT_MAX(sum->end, more->end);
    sum->synapses += more->synapses;
}

static void count_inflows(panel_work *work, const ketch_glia_net *net)
{
    const ktg_rows *const rows = &net->rows;
    for (uint32_t i = 0; i < net->cells.count; i++) {
        const inflow one = {1, i / KTG_BLOCK, i / KTG_BLOCK + 1};
        for (uint32_t s = rows->begin[i]; s < rows->begin[i + 1]; s++)
            add_inflow(&work->inflows[rows->target[s] / KTG_BLOCK], &one);
    }
}

static uint64_t sources_of(const inflow *in)
{
    return (uint64_t)(in->end - in->first) * KTG_BLOCK;
}

/* How long a source's row of a panel takes for one block, in synapses of rows, which take about as
 * long as a vector: its vectors, and where panels for all targets would exceed caches, its way from
 * memory. Measured on random networks of 200 to 4,000 neurons. */
static void choose_row_cost(panel_work *work, const ketch_glia_net *net)
{
    uint64_t size = 0;
    for (uint32_t block = 0; block < ktg_blocks(&net->cells); block++)
        size += sources_of(&work->inflows[block]) * KTG_BLOCK * sizeof(float);
    work->row_cost = KTG_BLOCK / net->kernels->lanes;
    work->row_cost += size > FAR_CACHE ? 5 : size > NEAR_CACHE;
}

/* Whether a panel for these synapses into so many blocks takes less time than rows. */
static bool is_dense(const inflow *in, uint32_t blocks, uint32_t row_cost)
{
    return in->synapses > 0 && in->synapses >= sources_of(in) * blocks * row_cost;
}

/* How many blocks from `block` on have a panel together; 0: block has none. in: all their synapses. */
static uint32_t join_blocks(inflow *in, const panel_work *work, uint32_t block, uint32_t end)
{
    uint32_t blocks = 0;
    *in = (inflow){0};
    while (blocks < KTG_PANEL_BLOCKS && block + blocks < end) {
        const inflow *const next = &work->inflows[block + blocks];
        inflow both = *in;
        add_inflow(&both, next);
        if (!is_dense(next, 1, work->row_cost) || !is_dense(&both, blocks + 1, work->row_cost))
            break;
        *in = both;
        blocks++;
    }
    return blocks;
}

static uint32_t clamp_block(uint32_t block, const inflow *in)
{
    return KT_MIN(KT_MAX(block, in->first), in->end);
}

static ktg_panel describe_panel(const inflow *in, uint32_t block, uint32_t blocks)
{
    return (ktg_panel){.block = block,
                       .blocks = blocks,
                       .source = in->first,
                       .own = clamp_block(block, in),
                       .own_end = clamp_block(block + blocks, in),
                       .source_end = in->end};
}

static size_t weights_of(const ktg_panel *panel)
{
    return (size_t)(panel->source_end - panel->source) * KTG_BLOCK * panel->blocks * KTG_BLOCK;
}

static void choose_panels(panel_work *work, const ketch_glia_net *net)
{
    const uint32_t end = ktg_blocks(&net->cells);
    for (uint32_t block = 0; block < end;) {
        inflow in;
        const uint32_t blocks = join_blocks(&in, work, block, end);
        if (blocks > 0) {
            work->panels[work->count] = describe_panel(&in, block, blocks);
            work->weights += weights_of(&work->panels[work->count++]);
        } else {
            work->rest += work->inflows[block].synapses;
        }
        block += KT_MAX(blocks, 1);
    }
}

/* ---- memory ---- */

static void lay_out_panel_work(panel_work *work, const ktg_cells *cells, kt_layout *layout)
{
    work->inflows = kt_layout_take(layout, ktg_blocks(cells), sizeof(inflow));
    work->panels = kt_layout_take(layout, ktg_blocks(cells), sizeof(ktg_panel));
}

static ketch_status take_panel_work(panel_work *work, ketch_glia_net *net, const char *function,
                                    ketch_error *error)
{
    kt_layout layout = {0};
    *work = (panel_work){0};
    lay_out_panel_work(work, &net->cells, &layout);
    KT_TRY(ktg_take_zeroed(&work->block, &layout, net->arena, "net", "the panels of a network",
                           function, error));
    lay_out_panel_work(work, &net->cells, &layout);
    return KETCH_OK;
}

/* The arrays of rows for the synapses that are in no panel; without panels they are the network's. */
static void lay_out_rest(ktg_rows *rest, const ketch_glia_net *net, const panel_work *work,
                         kt_layout *layout)
{
    *rest = net->rows;
    if (work->count == 0)
        return;
    rest->count = (uint32_t)work->rest;
    rest->begin = kt_layout_take(layout, (size_t)net->cells.count + 1, sizeof(uint32_t));
    rest->split = kt_layout_take(layout, net->cells.count, sizeof(uint32_t));
    rest->target = kt_layout_take(layout, work->rest, sizeof(uint32_t));
    rest->weight = kt_layout_take(layout, work->rest, sizeof(float));
}

static void lay_out_panels(ktg_panels *panels, const ketch_glia_net *net, const panel_work *work,
                           kt_layout *layout)
{
    panels->items = kt_layout_take(layout, work->count, sizeof(ktg_panel));
    panels->of_block = kt_layout_take(layout, ktg_blocks(&net->cells), sizeof(uint32_t));
    panels->weights = kt_layout_take(layout, work->weights, sizeof(float));
    lay_out_rest(&panels->rest, net, work, layout);
    panels->rest.block = NULL;
}

/* ---- filling ---- */

/* Copies panels, with the places of their weights. */
static void place_panels(ktg_panels *panels, const panel_work *work, const ktg_cells *cells)
{
    float *weights = panels->weights;
    for (uint32_t block = 0; block < ktg_blocks(cells); block++)
        panels->of_block[block] = NO_PANEL;
    for (uint32_t p = 0; p < work->count; p++) {
        ktg_panel *const panel = &panels->items[p];
        *panel = work->panels[p];
        panel->weights = weights;
        weights += weights_of(panel);
        for (uint32_t block = 0; block < panel->blocks; block++)
            panels->of_block[panel->block + block] = p;
    }
    panels->count = work->count;
}

/* Copies weights of a source's synapses from number s on that lead into the panel; returns the number
 * of the first other one. */
static uint32_t fill_row(const ktg_panel *panel, uint32_t source, const ktg_rows *rows, uint32_t s)
{
    const uint32_t first = panel->block * KTG_BLOCK, width = panel->blocks * KTG_BLOCK;
    float *const row = panel->weights + (size_t)(source - panel->source * KTG_BLOCK) * width;
    const uint32_t end = rows->begin[source + 1];
    for (; s < end && rows->target[s] - first < width; s++)
        row[rows->target[s] - first] = rows->weight[s];
    return s;
}

/* Copies a source's synapses to their panels and to the rest. */
static void fill_from(ktg_panels *panels, uint32_t source, const ktg_rows *rows)
{
    ktg_rows *const rest = &panels->rest;
    uint32_t at = rest->begin[source];
    rest->split[source] = at;
    for (uint32_t s = rows->begin[source]; s < rows->begin[source + 1];) {
        const uint32_t target = rows->target[s], panel = panels->of_block[target / KTG_BLOCK];
        if (panel != NO_PANEL) {
            s = fill_row(&panels->items[panel], source, rows, s);
            continue;
        }
        rest->target[at] = target;
        rest->weight[at++] = rows->weight[s++];
        if (target <= source)
            rest->split[source] = at;
    }
    rest->begin[source + 1] = at;
}

static void fill_panels(ktg_panels *panels, const ketch_glia_net *net)
{
    for (uint32_t i = 0; i < net->cells.count && panels->count > 0; i++)
        fill_from(panels, i, &net->rows);
}

/* ---- both ---- */

static ketch_status make_panels(ktg_panels *panels, const panel_work *work, ketch_glia_net *net,
                                const char *function, ketch_error *error)
{
    kt_layout layout = {0};
    *panels = (ktg_panels){.is_made = true, .changes = net->changes};
    lay_out_panels(panels, net, work, &layout);
    KT_TRY(ktg_take_zeroed(&panels->block, &layout, net->arena, "net", "the panels of a network",
                           function, error));
    lay_out_panels(panels, net, work, &layout);
    place_panels(panels, work, &net->cells);
    fill_panels(panels, net);
    return KETCH_OK;
}

ketch_status ktg_net_prepare(ketch_glia_net *net, const char *function, ketch_error *error)
{
    if (ktg_net_is_prepared(net) || net->cells.count == 0)
        return KETCH_OK;
    if (ktg_net_is_clean(net)) {
        ktg_clean_derive(net);
        return KETCH_OK;
    }
    ktg_net_drop_panels(net);
    panel_work work;
    KT_TRY(take_panel_work(&work, net, function, error));
    count_inflows(&work, net);
    choose_row_cost(&work, net);
    choose_panels(&work, net);
    ktg_panels made;
    const ketch_status status = make_panels(&made, &work, net, function, error);
    kt_block_drop(work.block);
    if (status == KETCH_OK)
        net->panels = made;
    return status;
}

void ktg_net_drop_shares(ketch_glia_net *net)
{
    if (net->shares.block)
        kt_block_drop(net->shares.block);
    if (net->shares.column_block)
        kt_block_drop(net->shares.column_block);
    net->shares = (ktg_shares){0};
}

void ktg_net_weights_changed(ketch_glia_net *net)
{
    assert(!net->rows.block ||
           kt_block_references(net->rows.block) == 1); /* see ktg_net_own_rows */
    ktg_net_drop_shares(net);                          /* columns have weights of their own */
    if (ktg_net_is_prepared(net) && !ktg_net_is_clean(net))
        fill_panels(&net->panels, net);
}

void ktg_net_drop_panels(ketch_glia_net *net)
{
    ktg_net_drop_shares(net);
    if (net->panels.block)
        kt_block_drop(net->panels.block);
    net->panels = (ktg_panels){0};
}

void ktg_net_use_kernels(ketch_glia_net *net, ketch_kernels kernels)
{
    net->kernels = ktg_kernel_set_find(kernels);
    assert(net->kernels && kt_cpu_runs(kernels));
    ktg_net_drop_panels(net);
}
