/* Columns: the synapses into the cells of shares by target. */
#include "glia/net/columns.h"

#include "glia/net/parts.h"
#include "numbers.h"
#include "status.h"

/* Of all shares. A side is 1 for synapses to targets later than their source, else 0. length: the
 * synapses of each target. order: the targets with some, by share, in each those with the most
 * first. place: where the next synapse of each target goes. count, steps: of the columns of each
 * share. at: work memory of sort_targets. */
typedef struct column_work {
    uint32_t *length[2], *order[2], *place[2], *count[2], *at;
    uint64_t *steps[2];
    ketch_block *block;
} column_work;

static uint32_t side_of(uint32_t source, uint32_t target)
{
    return target > source;
}

static void lay_out_column_work(column_work *work, uint32_t shares, uint32_t neurons,
                                kt_layout *layout)
{
    for (uint32_t side = 0; side < 2; side++) {
        work->length[side] = kt_layout_take(layout, neurons, sizeof(uint32_t));
        work->order[side] = kt_layout_take(layout, neurons, sizeof(uint32_t));
        work->place[side] = kt_layout_take(layout, neurons, sizeof(uint32_t));
        work->count[side] = kt_layout_take(layout, shares, sizeof(uint32_t));
        work->steps[side] = kt_layout_take(layout, shares, sizeof(uint64_t));
    }
    work->at = kt_layout_take(layout, (uint64_t)neurons + 1, sizeof(uint32_t));
}

static ketch_status take_column_work(column_work *work, uint32_t shares, const ketch_glia_net *net,
                                     const char *function, ketch_error *error)
{
    kt_layout layout = {0};
    lay_out_column_work(work, shares, net->cells.count, &layout);
    KT_TRY(ktg_take_zeroed(&work->block, &layout, net->arena, "net",
                           "work memory for a network's columns", function, error));
    lay_out_column_work(work, shares, net->cells.count, &layout);
    return KETCH_OK;
}

/* ---- choosing ---- */

static void count_lengths(column_work *work, const ktg_rows *rows, uint32_t neurons)
{
    for (uint32_t i = 0; i < neurons; i++)
        for (uint32_t s = rows->begin[i]; s < rows->begin[i + 1]; s++)
            work->length[side_of(i, rows->target[s])][rows->target[s]]++;
}

/* Lets at[l] be the number of targets of first..end-1 that have more than l synapses, 0 < l. Returns
 * the number of those that have some. */
static uint32_t count_longer(uint32_t *at, const uint32_t *length, uint32_t first, uint32_t end)
{
    uint32_t most = 0, count = 0;
    for (uint32_t t = first; t < end; t++)
        most = KT_MAX(most, length[t]);
    for (uint32_t l = 0; l <= most; l++)
        at[l] = 0;
    for (uint32_t t = first; t < end; t++)
        at[length[t]]++;
    for (uint32_t l = most; l > 0; l--) {
        const uint32_t here = at[l];
        at[l] = count;
        count += here;
    }
    return count;
}

/* Writes the targets first..end-1 that have synapses to order, those with the most first. Returns
 * how many there are. */
static uint32_t sort_targets(uint32_t *order, const uint32_t *length, uint32_t first, uint32_t end,
                             uint32_t *at)
{
    const uint32_t count = count_longer(at, length, first, end);
    for (uint32_t t = first; t < end; t++)
        if (length[t] > 0)
            order[at[length[t]]++] = t;
    return count;
}

/* A group has as many steps as its first column. */
static uint64_t count_steps(const uint32_t *order, const uint32_t *length, uint32_t count)
{
    uint64_t steps = 0;
    for (uint32_t c = 0; c < count; c += KTG_BLOCK)
        steps += length[order[c]];
    return steps;
}

static void choose_columns(column_work *work, uint32_t side, const ktg_shares *shares,
                           uint32_t neurons)
{
    uint32_t *order = work->order[side];
    for (uint32_t s = 0; s < shares->count; s++) {
        const uint32_t *const first = shares->first_block + s;
        const uint32_t count = sort_targets(order, work->length[side], first[0] * KTG_BLOCK,
                                            KT_MIN(first[1] * KTG_BLOCK, neurons), work->at);
        work->count[side][s] = count;
        work->steps[side][s] = count_steps(order, work->length[side], count);
        order += count;
    }
}

/* ---- making ---- */

static uint32_t count_groups(uint32_t columns)
{
    return (columns + KTG_BLOCK - 1) / KTG_BLOCK;
}

static void lay_out_columns(ktg_shares *shares, const column_work *work, kt_layout *layout)
{
    shares->columns = kt_layout_take(layout, shares->count, sizeof *shares->columns);
    for (uint32_t i = 0; i < shares->count * 2; i++) {
        const uint32_t side = i % 2, count = work->count[side][i / 2];
        const uint64_t steps = work->steps[side][i / 2];
        ktg_columns columns = {.count = count};
        columns.begin = kt_layout_take(layout, (uint64_t)count_groups(count) + 1, sizeof(uint32_t));
        columns.target = kt_layout_take(layout, count, sizeof(uint32_t));
        columns.source = kt_layout_take(layout, steps * KTG_BLOCK, sizeof(uint32_t));
        columns.weight = kt_layout_take(layout, steps * KTG_BLOCK, sizeof(float));
        if (shares->columns)
            shares->columns[i / 2][side] = columns;
    }
}

/* Places targets order[0..count-1], and fills all places with a source that never fires. */
static void place_columns(ktg_columns *columns, column_work *work, uint32_t side,
                          const uint32_t *order, uint32_t neurons)
{
    uint32_t step = 0;
    for (uint32_t c = 0; c < columns->count; c++) {
        const uint32_t target = order[c];
        if (c % KTG_BLOCK == 0) {
            columns->begin[c / KTG_BLOCK] = step;
            step += work->length[side][target];
        }
        columns->target[c] = target;
        work->place[side][target] = columns->begin[c / KTG_BLOCK] * KTG_BLOCK + c % KTG_BLOCK;
    }
    columns->begin[count_groups(columns->count)] = step;
    for (size_t s = 0; s < (size_t)step * KTG_BLOCK; s++)
        columns->source[s] = neurons;
}

static void place_all(ktg_shares *shares, column_work *work, uint32_t neurons)
{
    for (uint32_t side = 0; side < 2; side++) {
        const uint32_t *order = work->order[side];
        for (uint32_t s = 0; s < shares->count; s++) {
            place_columns(&shares->columns[s][side], work, side, order, neurons);
            order += work->count[side][s];
        }
    }
}

static void fill_columns(ktg_shares *shares, uint32_t share, column_work *work,
                         const ketch_glia_net *net)
{
    const ktg_rows *const rows = &net->panels.rest;
    const uint32_t neurons = net->cells.count, *const cut = shares->cut + (size_t)share * neurons;
    for (uint32_t i = 0; i < neurons; i++)
        for (uint32_t s = cut[i]; s < cut[neurons + i]; s++) {
            const uint32_t target = rows->target[s], side = side_of(i, target);
            const ktg_columns *const columns = &shares->columns[share][side];
            const uint32_t place = work->place[side][target];
            columns->source[place] = i;
            columns->weight[place] = rows->weight[s];
            work->place[side][target] = place + KTG_BLOCK;
        }
}

static ketch_status make_chosen(ktg_shares *shares, column_work *work, const ketch_glia_net *net,
                                const char *function, ketch_error *error)
{
    kt_layout layout = {0};
    lay_out_columns(shares, work, &layout);
    KT_TRY(ktg_take_zeroed(&shares->column_block, &layout, net->arena, "net",
                           "the columns of a network", function, error));
    lay_out_columns(shares, work, &layout);
    place_all(shares, work, net->cells.count);
    for (uint32_t s = 0; s < shares->count; s++)
        fill_columns(shares, s, work, net);
    return KETCH_OK;
}

ketch_status ktg_columns_make(ktg_shares *shares, const ketch_glia_net *net, const char *function,
                              ketch_error *error)
{
    column_work work;
    KT_TRY(take_column_work(&work, shares->count, net, function, error));
    count_lengths(&work, &net->panels.rest, net->cells.count);
    for (uint32_t side = 0; side < 2; side++)
        choose_columns(&work, side, shares, net->cells.count);
    const ketch_status status = make_chosen(shares, &work, net, function, error);
    kt_block_drop(work.block);
    return status;
}
