#include "glia/fit/graph.h"

#include "float_mode.h"

#include <float.h>
#include <math.h>

void ktg_graph_count(ktg_graph *graph, const ketch_glia_net *net)
{
    *graph = (ktg_graph){.neurons = net->cells.count,
                         .synapses = net->rows.count,
                         .delays = net->cells.clean.delays,
                         .currents = net->tau[0] == net->tau[1] ? 1 : 2,
                         .outputs = net->cells.outputs};
}

void ktg_graph_lay_out(ktg_graph *graph, kt_layout *layout)
{
    const uint64_t neurons = graph->neurons, synapses = graph->synapses;
    graph->output = kt_layout_take(layout, graph->outputs, sizeof *graph->output);
    graph->place = kt_layout_take(layout, synapses, sizeof *graph->place);
    graph->in_begin = kt_layout_take(layout, neurons + 1, sizeof *graph->in_begin);
    graph->in_synapse = kt_layout_take(layout, synapses, sizeof *graph->in_synapse);
    graph->in_source = kt_layout_take(layout, synapses, sizeof *graph->in_source);
    graph->back_begin = kt_layout_take(layout, neurons + 1, sizeof *graph->back_begin);
    graph->back_synapse = kt_layout_take(layout, synapses, sizeof *graph->back_synapse);
    graph->scale = kt_layout_take(layout, neurons, sizeof *graph->scale);
    graph->height = kt_layout_take(layout, neurons, sizeof *graph->height);
}

static bool is_output(const ketch_glia_net *net, uint32_t neuron)
{
    return ktg_is_output(ktg_net_id(net, neuron));
}

static void list_read_outputs(ktg_graph *graph, const ketch_glia_net *net)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < graph->neurons; i++)
        if (is_output(net, i))
            graph->output[count++] = i;
}

/* in_begin is zero. A neuron's place in in_begin is where its next synapse goes, and in the end
 * where the next neuron's begin. */
static void list_incoming(ktg_graph *graph, const ktg_rows *rows)
{
    uint32_t *const begin = graph->in_begin;
    for (uint32_t s = 0; s < graph->synapses; s++)
        begin[rows->target[s] + 1]++;
    for (uint32_t i = 0; i < graph->neurons; i++)
        begin[i + 1] += begin[i];
    for (uint32_t i = 0; i < graph->neurons; i++)
        for (uint32_t s = rows->begin[i]; s < rows->begin[i + 1]; s++) {
            const uint32_t k = begin[rows->target[s]]++;
            graph->in_synapse[k] = s;
            graph->in_source[k] = i;
        }
    for (uint32_t i = graph->neurons; i > 0; i--)
        begin[i] = begin[i - 1];
    begin[0] = 0;
}

/* Where nothing leads to a neuron, its adjoints are not needed. */
static bool counts_backward(const ktg_graph *graph, const ketch_glia_net *net, uint32_t source,
                            uint32_t target, ketch_glia_method method)
{
    if (graph->in_begin[source] == graph->in_begin[source + 1])
        return false;
    return method == KETCH_GLIA_BPTT || (!is_output(net, source) && is_output(net, target));
}

static void list_backward(ktg_graph *graph, const ketch_glia_net *net, ketch_glia_method method)
{
    const ktg_rows *const rows = &net->rows;
    uint32_t count = 0;
    for (uint32_t i = 0; i < graph->neurons; i++) {
        graph->back_begin[i] = count;
        for (uint32_t s = graph->synapses ? rows->begin[i] : 0;
             graph->synapses && s < rows->begin[i + 1]; s++)
            if (counts_backward(graph, net, i, rows->target[s], method))
                graph->back_synapse[count++] = s;
    }
    graph->back_begin[graph->neurons] = count;
}

static void fill_surrogates(ktg_graph *graph, const ktg_cells *cells, float width)
{
    const kt_float_mode mode = kt_float_mode_begin();
    for (uint32_t i = 0; i < graph->neurons; i++) {
        const double distance = (double)cells->threshold[i] - (double)cells->clean.reset[i];
        const double unit = distance > 0 ? distance : 1;
        graph->scale[i] = (float)fmin(1 / ((double)width * unit), (double)FLT_MAX);
        graph->height[i] = (float)fmin(1 / unit, (double)FLT_MAX);
    }
    kt_float_mode_end(mode);
}

void ktg_graph_fill(ktg_graph *graph, const ketch_glia_net *net, const ketch_glia_fit *fit)
{
    list_read_outputs(graph, net);
    if (graph->synapses)
        list_incoming(graph, &net->rows);
    list_backward(graph, net, fit->method);
    fill_surrogates(graph, &net->cells, fit->width);
    ktg_graph_follow(graph, net);
}

void ktg_graph_follow(ktg_graph *graph, const ketch_glia_net *net)
{
    graph->traced = graph->currents == 2 ? graph->place : net->rows.target;
}

void ktg_graph_place(ktg_graph *graph, const ktg_rows *rows, uint32_t first, uint32_t end)
{
    for (uint32_t s = first; s < end; s++)
        graph->place[s] = rows->target[s] + (signbit(rows->weight[s]) ? graph->neurons : 0);
}
