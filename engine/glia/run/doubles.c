/* The equations of clean networks in double precision, which runs are compared with. */
#include "float_mode.h"
#include "glia/feed/feed.h"
#include "keep.h"
#include "glia/net/net.h"
#include "glia/net/parts.h"
#include "status.h"

#include <math.h>
#include <string.h>

/* What float32 has in cells, in double. input: what is injected. due: as in ktg_clean_cells. fired:
 * fired_count neurons. */
typedef struct double_cells {
    double *value, *current[2], *input, *due, *leak, *base, *gain[2];
    double keep[2];
    uint32_t *wait, *fired;
    uint32_t fired_count;
} double_cells;

/* tick: ticks since the network's beginning. counts: spikes of each neuron; NULL: nobody asks. */
typedef struct double_run {
    const ketch_glia_net *net;
    ktg_feed feed;
    ktg_cursor cursor;
    double_cells cells;
    uint64_t tick;
    uint64_t *counts;
    ketch_block *block;
} double_run;

/* ---- the beginning ---- */

static void lay_out_doubles(double_cells *d, const ktg_cells *cells, kt_layout *layout)
{
    const uint64_t count = cells->count;
    double **const arrays[] = {&d->value, &d->current[0], &d->current[1], &d->input,
                               &d->leak,  &d->base,       &d->gain[0],    &d->gain[1]};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        *arrays[i] = kt_layout_take(layout, count, sizeof **arrays[i]);
    d->due = kt_layout_take(layout, cells->clean.delays, ktg_due_size(cells) * sizeof *d->due);
    d->wait = kt_layout_take(layout, count, sizeof *d->wait);
    d->fired = kt_layout_take(layout, count, sizeof *d->fired);
}

static void widen(double *to, const float *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (double)from[i];
}

static void fill_doubles(double_cells *d, const ketch_glia_net *net)
{
    const ktg_cells *const cells = &net->cells;
    const ktg_clean_cells *const clean = &cells->clean;
    widen(d->value, cells->value, cells->count);
    widen(d->input, cells->on_deck, cells->count);
    widen(d->leak, cells->leak, cells->count);
    widen(d->due, clean->due, clean->delays * ktg_due_size(cells));
    for (int c = 0; c < 2; c++) {
        widen(d->current[c], clean->current[c], cells->count);
        d->keep[c] = net->tau[c] > 0 ? exp(-1 / net->tau[c]) : 0;
        for (uint32_t i = 0; i < cells->count; i++)
            d->gain[c][i] = ktg_clean_gain(cells->leak[i], net->tau[c]);
    }
    for (uint32_t i = 0; i < cells->count; i++) {
        d->base[i] = ktg_clean_base(cells->leak[i], cells->resting[i], clean->drive[i]);
        d->wait[i] = (uint32_t)clean->wait[i];
    }
}

/* ---- ticks ---- */

static void inject_doubles(double_run *run)
{
    const ktg_event *const events = run->feed.events;
    uint32_t e = run->cursor.next;
    for (; e < run->feed.count && events[e].tick == run->cursor.tick; e++) {
        const uint32_t neuron = run->feed.neurons[events[e].slot];
        if (neuron != KTG_NO_NEURON)
            run->cells.input[neuron] += (double)events[e].amount;
    }
    run->cursor.next = e;
}

/* What current c adds to V in this tick. arrives: the weights that do. */
static double flow_of(double_cells *d, int c, uint32_t i, double *arrives)
{
    const double sum = d->current[c][i] + *arrives;
    d->current[c][i] = kt_kept_double(d->keep[c] * sum);
    *arrives = 0;
    return kt_kept_double(d->gain[c][i] * sum);
}

/* due: what arrives. */
static void update_double(double_run *run, double *due, uint32_t i)
{
    const ktg_cells *const cells = &run->net->cells;
    double_cells *const d = &run->cells;
    double next = kt_kept_double(d->leak[i] * d->value[i]) + d->base[i];
    next += flow_of(d, 0, i, &due[i]);
    next += flow_of(d, 1, i, &due[ktg_due_size(cells) / 2 + i]);
    next += d->input[i];
    d->input[i] = 0;
    if (d->wait[i] > 0) {
        d->wait[i]--;
    } else if (next > (double)cells->threshold[i]) {
        d->value[i] = (double)cells->clean.reset[i];
        d->wait[i] = (uint32_t)cells->clean.refractory[i];
        d->fired[d->fired_count++] = i;
    } else {
        d->value[i] = next;
    }
}

static void send_doubles(double_run *run, uint32_t source)
{
    const ktg_rows *const rows = &run->net->rows;
    const ktg_cells *const cells = &run->net->cells;
    const size_t size = ktg_due_size(cells);
    for (uint32_t s = rows->begin[source]; s < rows->begin[source + 1]; s++) {
        const uint64_t tick = run->tick + (rows->delay ? rows->delay[s] : 1);
        const size_t second = signbit(rows->weight[s]) ? size / 2 : 0;
        double *const due = run->cells.due + tick % cells->clean.delays * size;
        due[second + rows->target[s]] += (double)rows->weight[s];
    }
}

static void make_double_tick(double_run *run)
{
    double_cells *const d = &run->cells;
    const ktg_cells *const cells = &run->net->cells;
    run->tick++;
    double *const due = d->due + run->tick % cells->clean.delays * ktg_due_size(cells);
    inject_doubles(run);
    ktg_feed_advance(&run->feed, &run->cursor);
    d->fired_count = 0;
    for (uint32_t i = 0; i < cells->count; i++)
        update_double(run, due, i);
    for (uint32_t f = 0; f < d->fired_count; f++) {
        if (run->counts)
            run->counts[d->fired[f]]++;
        if (run->net->rows.count)
            send_doubles(run, d->fired[f]);
    }
}

/* ---- the call ---- */

static ketch_status take_double_run(double_run *run, ketch_glia_sequence *sequence,
                                    const char *function, ketch_error *error)
{
    kt_layout layout = {0};
    lay_out_doubles(&run->cells, &run->net->cells, &layout);
    KT_TRY(ktg_take_zeroed(&run->block, &layout, run->net->arena, "net",
                           "a run in double precision", function, error));
    lay_out_doubles(&run->cells, &run->net->cells, &layout);
    fill_doubles(&run->cells, run->net);
    return ktg_feed_make(&run->feed, run->net, sequence, false, run->net->arena, function, error);
}

static ketch_status run_doubles(double_run *run, double *values, uint64_t ticks,
                                ketch_glia_sequence *sequence, const char *function,
                                ketch_error *error)
{
    const uint32_t count = run->net->cells.count;
    if (!count)
        return KETCH_OK;
    const ketch_status status = take_double_run(run, sequence, function, error);
    if (status == KETCH_OK) {
        if (run->counts)
            memset(run->counts, 0, count * sizeof *run->counts);
        for (uint64_t tick = 0; tick < ticks; tick++)
            make_double_tick(run);
        if (values)
            memcpy(values, run->cells.value, count * sizeof *values);
    }
    ktg_feed_end(&run->feed);
    if (run->block)
        kt_block_drop(run->block);
    return status;
}

ketch_status ketch_glia_run_double(double *values, uint64_t *counts, ketch_glia_net *net,
                                   ketch_glia_sequence *sequence, uint64_t ticks,
                                   ketch_error *error)
{
    KT_TRY(ktg_net_claim_settled(net, __func__, error));
    double_run run = {.net = net, .counts = counts, .tick = net->ticks};
    ketch_status status;
    if (ktg_net_is_clean(net)) {
        const kt_float_mode mode = kt_float_mode_begin();
        status = run_doubles(&run, values, ticks, sequence, __func__, error);
        kt_float_mode_end(mode);
    } else {
        status = kt_fail(error, KETCH_RANGE, __func__, "net", "a compat network", "a clean one",
                         "the rules of compat networks are those of float32");
    }
    ktg_net_release(net);
    return status;
}
