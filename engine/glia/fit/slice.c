/* Slices: episodes side by side, forward through the ticks, and backward. */
#include "glia/fit/fit.h"

#include "glia/net/parts.h"
#include "layout.h"
#include "numbers.h"
#include "status.h"

#include <math.h>
#include <string.h>

/* Work between two polls takes about a millisecond by this estimate, in ns. */
static const uint64_t slice_work = 500000;

/* ---- memory ---- */

static void lay_out_backward(ktg_slice *slice, const ktg_graph *g, kt_layout *layout)
{
    const uint64_t rows = slice->rows, row = KTG_SLICE * sizeof(float), neurons = g->neurons;
    slice->error = kt_layout_take(layout, neurons, row);
    slice->signal = kt_layout_take(layout, neurons, row);
    slice->adjoint = kt_layout_take(layout, neurons, row);
    for (uint32_t c = 0; c < g->currents; c++)
        slice->column[c] = kt_layout_take(layout, rows + g->delays, row);
    slice->gradient = kt_layout_take(layout, g->synapses, sizeof(float));
    slice->spikes = kt_layout_take(layout, rows * neurons, sizeof *slice->spikes);
    slice->spike_count = kt_layout_take(layout, neurons, sizeof *slice->spike_count);
}

static void lay_out_slice(ktg_slice *slice, const ktg_graph *g, const ketch_glia_fit *asked,
                          kt_layout *layout)
{
    const uint64_t row = KTG_SLICE * sizeof(float), neurons = g->neurons;
    slice->rows = ktg_fit_learns(asked) ? asked->ticks : 1;
    slice->place = kt_layout_take(layout, 1, sizeof *slice->place);
    slice->value = kt_layout_take(layout, neurons, row);
    slice->wait = kt_layout_take(layout, neurons, row);
    for (int c = 0; c < 2; c++)
        slice->current[c] = kt_layout_take(layout, neurons, row);
    slice->due = kt_layout_take(layout, 2 * neurons * g->delays, row);
    slice->input = kt_layout_take(layout, neurons, row);
    slice->score = kt_layout_take(layout, g->outputs, row);
    slice->trace = kt_layout_take(layout, (slice->rows + 1) * g->currents, neurons * row);
    slice->fired = kt_layout_take(layout, slice->rows * neurons, sizeof *slice->fired);
    slice->waited = kt_layout_take(layout, slice->rows * neurons, sizeof *slice->waited);
    if (ktg_fit_learns(asked))
        lay_out_backward(slice, g, layout);
}

uint64_t ktg_slice_size(const ktg_graph *graph, const ketch_glia_fit *asked)
{
    ktg_slice none = {0};
    kt_layout layout = {0};
    lay_out_slice(&none, graph, asked, &layout);
    return layout.size;
}

ketch_status ktg_slice_make(ktg_slice *slice, const ktg_graph *graph, const ketch_glia_fit *asked,
                            ketch_arena *arena, const char *function, ketch_error *error)
{
    kt_layout layout = {.size = (size_t)KT_MIN(ktg_slice_size(graph, asked), SIZE_MAX)};
    KT_TRY(ktg_take_zeroed(&slice->block, &layout, arena, "fit", "a slice of a batch", function,
                           error));
    lay_out_slice(slice, graph, asked, &layout);
    return KETCH_OK;
}

/* ---- rows ---- */

static size_t row_at(uint64_t index)
{
    return (size_t)index * KTG_SLICE;
}

/* Numbers that a graph has a tick of, in trace. */
static size_t trace_size(const ktg_graph *g)
{
    return row_at((uint64_t)g->currents * g->neurons);
}

static float *trace_at(const ktg_slice *slice, const ktg_graph *g, uint64_t tick)
{
    return slice->trace + (size_t)(tick % slice->rows) * trace_size(g);
}

static size_t lanes_at(const ktg_slice *slice, const ktg_graph *g, uint64_t tick)
{
    return (size_t)(tick % slice->rows) * g->neurons;
}

static void clear_rows(float *rows, uint64_t count)
{
    if (count)
        memset(rows, 0, row_at(count) * sizeof *rows);
}

/* ---- forward ---- */

/* Does a part of a slice, and returns the work that it was, in ns. */
typedef uint64_t do_part(ktg_fit *fit, ktg_slice *slice);

/* The state of ketch_glia_reset. */
static void reset_lanes(ktg_slice *slice, const ktg_graph *g, const ktg_cells *cells)
{
    clear_rows(slice->wait, g->neurons);
    clear_rows(slice->current[0], g->neurons);
    clear_rows(slice->current[1], g->neurons);
    clear_rows(slice->due, (uint64_t)2 * g->neurons * g->delays);
    clear_rows(slice->input, g->neurons);
    clear_rows(slice->score, g->outputs);
    for (uint32_t i = 0; i < g->neurons; i++)
        for (int lane = 0; lane < KTG_SLICE; lane++)
            slice->value[row_at(i) + (size_t)lane] = cells->resting[i];
}

static void begin_slice(ktg_fit *fit, uint64_t index)
{
    ktg_slice *const slice = &fit->slices[index];
    const uint64_t skipped = index * KTG_SLICE;
    const uint64_t count = KT_MIN(ktg_fit_batch(fit) - skipped, (uint64_t)KTG_SLICE);
    *slice->place = (ktg_slice_place){
        .stage = KTG_SLICE_FORWARD, .first = fit->at.episode + skipped, .count = (uint32_t)count};
    reset_lanes(slice, &fit->graph, &fit->net->cells);
}

static const ktg_episode *lane_episode(const ktg_fit *fit, const ktg_slice *slice, uint32_t lane)
{
    return &fit->episodes[fit->order[slice->place->first + lane]];
}

/* Injects the events of the cursor's tick. */
static void inject_lane(const ktg_feed *feed, ktg_cursor *cursor, float *input)
{
    for (; cursor->next < feed->count && feed->events[cursor->next].tick == cursor->tick;
         cursor->next++) {
        const ktg_event *const event = &feed->events[cursor->next];
        const uint32_t neuron = feed->neurons[event->slot];
        if (neuron != KTG_NO_NEURON)
            input[row_at(neuron)] += event->amount;
    }
    ktg_feed_advance(feed, cursor);
}

static void update_rows(const ktg_fit *fit, ktg_slice *slice, uint64_t tick)
{
    const ktg_graph *const g = &fit->graph;
    const ktg_clean_cells *const clean = &fit->net->cells.clean;
    float *const due = slice->due + row_at(tick % g->delays * 2 * g->neurons);
    const ktg_slice_tick update = {
        .numbers = clean->numbers,
        .stride = !clean->is_shared,
        .keep = {clean->keep[0], clean->keep[1]},
        .value = slice->value,
        .wait = slice->wait,
        .current = {slice->current[0], slice->current[1]},
        .due = {due, due + row_at(g->neurons)},
        .input = slice->input,
        .voltage = trace_at(slice, g, tick),
        .fired = slice->fired + lanes_at(slice, g, tick),
        .waited = slice->waited + lanes_at(slice, g, tick),
        .count = g->neurons,
    };
    fit->net->kernels->slice_update(&update);
}

static void deliver_spikes(const ktg_fit *fit, ktg_slice *slice, uint64_t tick)
{
    const ktg_graph *const g = &fit->graph;
    const ktg_rows *const rows = &fit->net->rows;
    const ktg_slice_delivery delivery = {
        .begin = rows->begin,
        .place = g->place,
        .weight = rows->weight,
        .delay = rows->delay,
        .fired = slice->fired + lanes_at(slice, g, tick),
        .due = slice->due,
        .size = row_at((uint64_t)2 * g->neurons),
        .count = g->neurons,
        .now = (uint32_t)(tick % g->delays),
        .delays = g->delays,
    };
    if (g->synapses)
        fit->net->kernels->slice_deliver(&delivery);
}

/* What a tick adds to the scores. */
static void add_scores(const ktg_fit *fit, ktg_slice *slice, uint64_t tick)
{
    const ktg_graph *const g = &fit->graph;
    const uint16_t *const fired = slice->fired + lanes_at(slice, g, tick);
    const float *const voltage = trace_at(slice, g, tick);
    const bool is_voltage = fit->asked.readout == KETCH_GLIA_READ_VOLTAGE;
    for (uint32_t o = 0; o < g->outputs; o++) {
        const uint32_t neuron = g->output[o];
        for (uint32_t lane = 0; lane < KTG_SLICE; lane++)
            slice->score[row_at(o) + lane] +=
                is_voltage ? voltage[row_at(neuron) + lane] : (float)(fired[neuron] >> lane & 1);
    }
}

static uint64_t do_forward(ktg_fit *fit, ktg_slice *slice)
{
    ktg_slice_place *const place = slice->place;
    if (place->at == fit->asked.ticks) {
        place->stage = KTG_SLICE_SCORES;
        return 0;
    }
    for (uint32_t lane = 0; lane < place->count; lane++)
        inject_lane(&lane_episode(fit, slice, lane)->feed, &place->cursor[lane],
                    slice->input + lane);
    update_rows(fit, slice, place->at);
    deliver_spikes(fit, slice, place->at);
    add_scores(fit, slice, place->at);
    place->at++;
    return 200 + 5 * (uint64_t)fit->graph.neurons + (uint64_t)fit->graph.synapses;
}

static uint64_t do_scores(ktg_fit *fit, ktg_slice *slice)
{
    const ktg_graph *const g = &fit->graph;
    ktg_slice_score(fit, slice);
    slice->place->stage = KTG_SLICE_OVER;
    if (!ktg_fit_learns(&fit->asked))
        return 0;
    clear_rows(slice->adjoint, g->neurons);
    memset(slice->spike_count, 0, g->neurons * sizeof *slice->spike_count);
    slice->place->stage = KTG_SLICE_BACKWARD;
    return 0;
}

/* ---- backward ---- */

static void add_signals(const ktg_fit *fit, ktg_slice *slice, uint64_t tick)
{
    const ktg_graph *const g = &fit->graph;
    const ktg_slice_signals signals = {
        .begin = g->back_begin,
        .synapse = g->back_synapse,
        .place = g->traced,
        .weight = fit->net->rows.weight,
        .trace = trace_at(slice, g, tick),
        .delay = fit->net->rows.delay,
        .signal = slice->signal,
        .size = trace_size(g),
        .count = g->neurons,
        .left = (uint32_t)(fit->asked.ticks - tick),
    };
    fit->net->kernels->slice_signal(&signals);
}

static void pull_back(const ktg_fit *fit, ktg_slice *slice, uint64_t tick)
{
    const ktg_graph *const g = &fit->graph;
    const ktg_clean_cells *const clean = &fit->net->cells.clean;
    const ktg_slice_back back = {
        .numbers = clean->numbers,
        .stride = !clean->is_shared,
        .size = trace_size(g),
        .keep = {clean->keep[0], clean->keep[1]},
        .scale = g->scale,
        .height = g->height,
        .signal = slice->signal,
        .error = slice->error,
        .trace = trace_at(slice, g, tick),
        .adjoint = slice->adjoint,
        .fired = slice->fired + lanes_at(slice, g, tick),
        .waited = slice->waited + lanes_at(slice, g, tick),
        .surrogate = fit->asked.surrogate,
        .count = g->neurons,
        .currents = g->currents,
        .is_voltage = fit->asked.readout == KETCH_GLIA_READ_VOLTAGE,
    };
    fit->net->kernels->slice_back(&back);
}

static uint64_t do_backward(ktg_fit *fit, ktg_slice *slice)
{
    const ktg_graph *const g = &fit->graph;
    ktg_slice_place *const place = slice->place;
    const uint64_t tick = place->at - 1;
    if (place->at == 0) {
        place->stage = KTG_SLICE_SPIKES;
        return 0;
    }
    add_signals(fit, slice, tick);
    pull_back(fit, slice, tick);
    place->at--;
    return 200 + 10 * (uint64_t)g->neurons + g->back_begin[g->neurons];
}

/* ---- gradients ---- */

/* Lists the spikes of a tick by their neurons. */
static uint64_t do_spikes(ktg_fit *fit, ktg_slice *slice)
{
    const ktg_graph *const g = &fit->graph;
    ktg_slice_place *const place = slice->place;
    if (place->at == fit->asked.ticks) {
        place->at = 0;
        place->stage = KTG_SLICE_LEARN;
        return 0;
    }
    const uint16_t *const fired = slice->fired + lanes_at(slice, g, place->at);
    for (uint32_t i = 0; i < g->neurons; i++)
        if (fired[i])
            slice->spikes[i * slice->rows + slice->spike_count[i]++] =
                (ktg_slice_spike){(uint32_t)place->at, fired[i]};
    place->at++;
    return 10 + g->neurons;
}

/* The adjoints of what arrives at a target, a row for each tick. */
static void copy_columns(const ktg_slice *slice, const ktg_graph *g, uint32_t target)
{
    for (uint32_t c = 0; c < g->currents; c++)
        for (uint64_t tick = 0; tick < slice->rows; tick++)
            memcpy(slice->column[c] + row_at(tick),
                   trace_at(slice, g, tick) + row_at((uint64_t)c * g->neurons + target),
                   row_at(1) * sizeof(float));
}

static uint64_t do_learn(ktg_fit *fit, ktg_slice *slice)
{
    const ktg_graph *const g = &fit->graph;
    const uint32_t target = (uint32_t)slice->place->at;
    if (target == g->neurons) {
        slice->place->stage = KTG_SLICE_OVER;
        return 0;
    }
    const uint32_t begin = g->in_begin[target], count = g->in_begin[target + 1] - begin;
    slice->place->at++;
    if (count == 0)
        return 5;
    copy_columns(slice, g, target);
    const ktg_slice_learning learning = {
        .synapse = g->in_synapse + begin,
        .source = g->in_source + begin,
        .place = g->traced,
        .spike_count = slice->spike_count,
        .delay = fit->net->rows.delay,
        .spikes = slice->spikes,
        .column = {slice->column[0], slice->column[1]},
        .gradient = slice->gradient,
        .count = count,
        .ticks = (uint32_t)slice->rows,
        .second = g->neurons,
    };
    fit->net->kernels->slice_learn(&learning);
    return slice->rows * (5 + (uint64_t)count);
}

/* ---- all of it ---- */

static do_part *const do_parts[] = {
    [KTG_SLICE_FORWARD] = do_forward,   [KTG_SLICE_SCORES] = do_scores,
    [KTG_SLICE_BACKWARD] = do_backward, [KTG_SLICE_SPIKES] = do_spikes,
    [KTG_SLICE_LEARN] = do_learn,
};

static bool is_finite(const float *numbers, uint32_t count)
{
    bool are = true;
    for (uint32_t i = 0; i < count; i++)
        are &= isfinite(numbers[i]) != 0;
    return are;
}

ketch_status ktg_slice_body(uint64_t index, int32_t worker, void *user)
{
    ktg_fit *const fit = user;
    ktg_slice *const slice = &fit->slices[index];
    if (slice->place->stage == KTG_SLICE_BEGIN)
        begin_slice(fit, index);
    for (uint64_t work = 0; slice->place->stage != KTG_SLICE_OVER;) {
        if (work >= slice_work) {
            KT_TRY(ketch_context_poll(fit->context, worker));
            work = 0;
        }
        work += do_parts[slice->place->stage](fit, slice);
    }
    if (!ktg_fit_learns(&fit->asked) || is_finite(slice->gradient, fit->graph.synapses))
        return KETCH_OK;
    return ketch_context_fail(
        fit->context, worker, KETCH_NONFINITE, "fit", "a gradient", "finite numbers",
        "the fit has diverged: lr, weights or ticks are too large; through "
        "recurrent synapses gradients of BPTT grow with ticks, of e-prop not");
}
