/* Settling: new neurons and synapses are put into cells and rows, which are built anew. */
#include "glia/net/net.h"

#include "glia/net/parts.h"
#include "heap.h"
#include "layout.h"
#include "numbers.h"
#include "sort.h"
#include "status.h"

#include <assert.h>
#include <string.h>

/* ---- cells ---- */

/* Without delays the network is not clean. */
static void lay_out_clean(ktg_cells *cells, kt_layout *layout)
{
    ktg_clean_cells *const clean = &cells->clean;
    float **const numbers[] = {&clean->reset, &clean->refractory, &clean->drive,
                               &clean->wait,  &clean->current[0], &clean->current[1]};
    const size_t count = clean->delays ? cells->count : 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = kt_layout_take(layout, count, sizeof(float));
    clean->numbers =
        kt_layout_take(layout, clean->delays ? ktg_blocks(cells) : 0, sizeof *clean->numbers);
    clean->due = kt_layout_take(layout, ktg_due_size(cells), clean->delays * sizeof(float));
}

/* Rows of whole cache lines, which kernels read to their ends: past the last neuron they are 0, so
 * that nothing fires there. */
static void lay_out_cells(ktg_cells *cells, kt_layout *layout)
{
    float **const numbers[] = {&cells->threshold, &cells->leak,  &cells->resting,
                               &cells->value,     &cells->delta, &cells->on_deck};
    uint32_t **const indices[] = {&cells->fired, &cells->rank, &cells->slot};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = kt_layout_take(layout, cells->count, sizeof(float));
    for (size_t i = 0; i < sizeof indices / sizeof *indices; i++)
        *indices[i] = kt_layout_take(layout, cells->count, sizeof(uint32_t));
    cells->fired_from = kt_layout_take(layout, (size_t)ktg_blocks(cells) + 1, sizeof(uint32_t));
    lay_out_clean(cells, layout);
}

static void move_cell(ktg_cells *to, uint32_t at, const ktg_cells *from, uint32_t index)
{
    to->threshold[at] = from->threshold[index];
    to->leak[at] = from->leak[index];
    to->resting[at] = from->resting[index];
    to->value[at] = from->value[index];
    to->delta[at] = from->delta[index];
    to->on_deck[at] = from->on_deck[index];
    to->slot[at] = from->slot[index];
}

static void move_clean_cell(ktg_clean_cells *to, uint32_t at, const ktg_clean_cells *from,
                            uint32_t index)
{
    to->reset[at] = from->reset[index];
    to->refractory[at] = from->refractory[index];
    to->drive[at] = from->drive[index];
    to->wait[at] = from->wait[index];
    to->current[0][at] = from->current[0][index];
    to->current[1][at] = from->current[1][index];
}

/* What is due for a neuron, in the ticks that come. */
static void move_due(ktg_cells *to, uint32_t at, const ktg_cells *from, uint32_t index,
                     uint64_t ticks)
{
    const size_t size = ktg_due_size(to), old_size = ktg_due_size(from);
    for (uint64_t t = ticks + 1; t <= ticks + from->clean.delays; t++) {
        float *const due = to->clean.due + t % to->clean.delays * size;
        const float *const old = from->clean.due + t % from->clean.delays * old_size;
        due[at] = old[index];
        due[size / 2 + at] = old[old_size / 2 + index];
    }
}

static void fill_cell(ktg_cells *to, uint32_t at, const ktg_new_neuron *neuron)
{
    to->threshold[at] = neuron->threshold;
    to->leak[at] = neuron->leak;
    to->resting[at] = to->value[at] = neuron->resting;
    to->slot[at] = neuron->slot;
    if (to->clean.delays)
        to->clean.reset[at] = neuron->resting;
}

static bool is_new_sensory(const ketch_glia_net *net, size_t i)
{
    return ktg_is_sensory(ktg_names_text(&net->names, net->new_neurons.items[i].slot));
}

static uint32_t count_new_sensory(const ketch_glia_net *net)
{
    uint32_t count = 0;
    for (size_t i = 0; i < net->new_neurons.count; i++)
        count += is_new_sensory(net, i);
    return count;
}

/* The new number in tick order of a neuron that was there. */
static uint32_t renumber(const ketch_glia_net *net, const ktg_cells *cells, uint32_t old)
{
    return old < net->cells.sensory ? old : cells->sensory + old - net->cells.sensory;
}

/* Old sensory neurons, new ones, old others, new ones. The network is as before. */
static void fill_cells(ktg_cells *cells, const ketch_glia_net *net)
{
    const ktg_cells *const old = &net->cells;
    for (uint32_t i = 0; i < old->count; i++) {
        const uint32_t at = renumber(net, cells, i);
        move_cell(cells, at, old, i);
        if (ktg_net_is_clean(net)) {
            move_clean_cell(&cells->clean, at, &old->clean, i);
            move_due(cells, at, old, i, net->ticks);
        }
    }
    uint32_t sensory = old->sensory, other = cells->sensory + old->count - old->sensory;
    for (size_t i = 0; i < net->new_neurons.count; i++)
        fill_cell(cells, is_new_sensory(net, i) ? sensory++ : other++, &net->new_neurons.items[i]);
    for (uint32_t i = 0; i < old->fired_count; i++)
        cells->fired[i] = renumber(net, cells, old->fired[i]);
    cells->fired_count = old->fired_count;
}

/* ---- ranks ---- */

/* Numbers of neurons that are to be sorted by their ids. */
typedef struct id_order {
    const ketch_glia_net *net;
    const ktg_cells *cells;
    uint32_t *order;
} id_order;

static const char *id_at(const id_order *ids, uint64_t place)
{
    return ktg_names_text(&ids->net->names, ids->cells->slot[ids->order[place]]);
}

static bool is_id_before(const void *items, uint64_t a, uint64_t b)
{
    return strcmp(id_at(items, a), id_at(items, b)) < 0;
}

static void exchange_ids(void *items, uint64_t a, uint64_t b)
{
    const id_order *const ids = items;
    const uint32_t kept = ids->order[a];
    ids->order[a] = ids->order[b];
    ids->order[b] = kept;
}

/* order: work memory for as many numbers. */
static void rank_ids(ktg_cells *cells, const ketch_glia_net *net, uint32_t *order)
{
    id_order ids = {net, cells, order};
    for (uint32_t i = 0; i < cells->count; i++)
        order[i] = i;
    kt_sort(&ids, cells->count, is_id_before, exchange_ids);
    for (uint32_t i = 0; i < cells->count; i++)
        cells->rank[order[i]] = i;
}

static uint32_t count_outputs(const ktg_cells *cells, const ketch_glia_net *net)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < cells->count; i++)
        count += ktg_is_output(ktg_names_text(&net->names, cells->slot[i]));
    return count;
}

/* The longest delay that there has been; 0 in compat mode. */
static uint32_t longest_delay(const ketch_glia_net *net)
{
    uint32_t longest = ktg_net_is_clean(net) ? KT_MAX(net->cells.clean.delays, 1) : 0;
    for (size_t s = 0; s < net->new_delays.count; s++)
        longest = KT_MAX(longest, net->new_delays.items[s]);
    return longest;
}

/* Makes the cells that the network will have. */
static ketch_status make_cells(ktg_cells *cells, ketch_glia_net *net, const char *function,
                               ketch_error *error)
{
    *cells = (ktg_cells){.count = net->cells.count + (uint32_t)net->new_neurons.count,
                         .sensory = net->cells.sensory + count_new_sensory(net),
                         .clean = {.delays = longest_delay(net), .is_injected = true}};
    kt_layout layout = {0};
    lay_out_cells(cells, &layout);
    kt_layout_take(&layout, cells->count, sizeof(uint32_t));
    KT_TRY(ktg_take_parts(&cells->block, &layout, net->arena, "net", "the neurons of a network",
                          function, error));
    memset(layout.base, 0, (size_t)kt_block_size(cells->block));
    lay_out_cells(cells, &layout);
    fill_cells(cells, net);
    rank_ids(cells, net, kt_layout_take(&layout, cells->count, sizeof(uint32_t)));
    cells->outputs = count_outputs(cells, net);
    return KETCH_OK;
}

/* ---- rows ---- */

/* Synapses on the way to rows, sorted by target, and counters of synapses by target: while they are
 * placed, where the next one of each goes, and then where those of the target end. delay: NULL if all
 * are 1. */
typedef struct row_work {
    uint32_t *source, *next;
    float *weight;
    uint8_t *delay;
    uint32_t count;
    ketch_block *block;
} row_work;

static void lay_out_work(row_work *work, const ktg_cells *cells, kt_layout *layout)
{
    work->source = kt_layout_take(layout, work->count, sizeof(uint32_t));
    work->weight = kt_layout_take(layout, work->count, sizeof(float));
    work->next = kt_layout_take(layout, (size_t)cells->count + 1, sizeof(uint32_t));
    work->delay = ktg_has_delays(cells) ? kt_layout_take(layout, work->count, 1) : NULL;
}

/* Calls visit for all synapses, old ones first, between neurons by their new numbers. index: those of
 * slots. */
typedef void visit_synapse(row_work *work, uint32_t from, uint32_t to, float weight, uint8_t delay);

static void visit_all(const ketch_glia_net *net, const ktg_cells *cells, const uint32_t *index,
                      row_work *work, visit_synapse *visit)
{
    const ktg_rows *const old = &net->rows;
    for (uint32_t i = 0; i < net->cells.count && old->block; i++)
        for (uint32_t s = old->begin[i]; s < old->begin[i + 1]; s++)
            visit(work, renumber(net, cells, i), renumber(net, cells, old->target[s]),
                  old->weight[s], old->delay ? old->delay[s] : 1);
    for (size_t s = 0; s < net->new_synapses.count; s++) {
        const ktg_new_synapse *const added = &net->new_synapses.items[s];
        visit(work, index[added->from], index[added->to], added->weight,
              s < net->new_delays.count ? net->new_delays.items[s] : 1);
    }
}

static void count_target(row_work *work, uint32_t from, uint32_t to, float weight, uint8_t delay)
{
    (void)from;
    (void)weight;
    (void)delay;
    work->next[to + 1]++;
}

static void place_by_target(row_work *work, uint32_t from, uint32_t to, float weight, uint8_t delay)
{
    const uint32_t at = work->next[to]++;
    work->source[at] = from;
    work->weight[at] = weight;
    if (work->delay)
        work->delay[at] = delay;
}

static void add_up(uint32_t *counts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        counts[i + 1] += counts[i];
}

/* Leaves in begin[i] where the row of source i ends. Both sorts keep the order of equals, so the
 * targets of a source ascend, and of two synapses between the same neurons the newer one comes
 * later. */
static void sort_by_source(ktg_rows *rows, const row_work *work, uint32_t neurons)
{
    uint32_t *const next = rows->begin;
    memset(next, 0, ((size_t)neurons + 1) * sizeof *next);
    for (uint32_t s = 0; s < work->count; s++)
        next[work->source[s] + 1]++;
    add_up(next, neurons);
    uint32_t s = 0;
    for (uint32_t target = 0; target < neurons; target++)
        for (; s < work->next[target]; s++) {
            const uint32_t at = next[work->source[s]]++;
            rows->target[at] = target;
            rows->weight[at] = work->weight[s];
            if (rows->delay)
                rows->delay[at] = work->delay[s];
        }
}

/* Of equals the last one stays. begin[i]: the end of row i before, its beginning afterwards. */
static void drop_doubles(ktg_rows *rows, uint32_t neurons)
{
    uint32_t kept = 0, s = 0;
    for (uint32_t i = 0; i < neurons; i++) {
        const uint32_t end = rows->begin[i], begin = kept;
        for (; s < end; s++) {
            if (kept > begin && rows->target[kept - 1] == rows->target[s])
                kept--;
            ktg_rows_move(rows, kept++, s);
        }
        rows->begin[i] = begin;
    }
    rows->begin[neurons] = rows->count = kept;
}

/* Rows can be read to the ends of their cache lines. */
static void clear_line_end(void *items, size_t count)
{
    const size_t size = count * sizeof(uint32_t);
    memset((char *)items + size, 0, kt_round_line(size) - size);
}

static ketch_status take_rows(ktg_rows *rows, row_work *work, const ktg_cells *cells,
                              ketch_glia_net *net, const char *function, ketch_error *error)
{
    work->count = net->rows.count + (uint32_t)net->new_synapses.count;
    kt_layout layout = {0}, work_layout = {0};
    ktg_rows_lay_out(rows, cells, work->count, &layout);
    lay_out_work(work, cells, &work_layout);
    KT_TRY(ktg_take_parts(&rows->block, &layout, net->arena, "net", "the synapses of a network",
                          function, error));
    const ketch_status status = ktg_take_parts(&work->block, &work_layout, net->arena, "net",
                                               "the sorting of synapses", function, error);
    if (status != KETCH_OK) {
        kt_block_drop(rows->block);
        return status;
    }
    ktg_rows_lay_out(rows, cells, work->count, &layout);
    lay_out_work(work, cells, &work_layout);
    memset(work->next, 0, ((size_t)cells->count + 1) * sizeof *work->next);
    clear_line_end(rows->target, work->count);
    clear_line_end(rows->weight, work->count);
    return KETCH_OK;
}

/* index: the numbers of slots in cells. The list of new synapses ends before the rows are written, so
 * that no more than 20 bytes a synapse are in use at once. */
static ketch_status make_rows(ktg_rows *rows, const ktg_cells *cells, const uint32_t *index,
                              ketch_glia_net *net, const char *function, ketch_error *error)
{
    row_work work = {0};
    *rows = (ktg_rows){0};
    KT_TRY(take_rows(rows, &work, cells, net, function, error));
    visit_all(net, cells, index, &work, count_target);
    add_up(work.next, cells->count);
    visit_all(net, cells, index, &work, place_by_target);
    kt_heap_give(net->new_synapses.items);
    memset(&net->new_synapses, 0, sizeof net->new_synapses);
    net->new_delays.count = 0;
    sort_by_source(rows, &work, cells->count);
    drop_doubles(rows, cells->count);
    ktg_rows_split(rows, cells->count);
    kt_block_drop(work.block);
    return KETCH_OK;
}

/* ---- both ---- */

static void number_slots(uint32_t *index, const ktg_cells *cells)
{
    for (uint32_t i = 0; i < cells->count; i++)
        index[cells->slot[i]] = i;
}

/* The slots' old numbers, for when the rows are refused. */
static void restore_slots(ketch_glia_net *net)
{
    number_slots(net->index.items, &net->cells);
    for (size_t i = 0; i < net->new_neurons.count; i++)
        net->index.items[net->new_neurons.items[i].slot] = (uint32_t)i;
}

static void install(ketch_glia_net *net, const ktg_cells *cells, const ktg_rows *rows)
{
    if (net->cells.block)
        kt_block_drop(net->cells.block);
    if (net->rows.block)
        kt_block_drop(net->rows.block);
    net->cells = *cells;
    net->rows = *rows;
    net->new_neurons.count = 0;
    net->changes++;
}

ketch_status ktg_net_settle(ketch_glia_net *net, const char *function, ketch_error *error)
{
    if (net->new_neurons.count == 0 && net->new_synapses.count == 0)
        return KETCH_OK;
    ktg_cells cells;
    ktg_rows rows;
    KT_TRY(make_cells(&cells, net, function, error));
    number_slots(net->index.items, &cells);
    const ketch_status status = make_rows(&rows, &cells, net->index.items, net, function, error);
    if (status != KETCH_OK) {
        kt_block_drop(cells.block);
        restore_slots(net);
        return status;
    }
    install(net, &cells, &rows);
    return KETCH_OK;
}
