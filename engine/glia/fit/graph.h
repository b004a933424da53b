/* What a fit derives from a network, for slices. */
#ifndef KTG_FIT_GRAPH_H
#define KTG_FIT_GRAPH_H

#include "glia/net/net.h"
#include "layout.h"

/* output: the numbers of the outputs. place: the row of what is due that each synapse adds to: that
 * of its target, or for the second current as many further as there are neurons. traced: its row
 * among adjoints, which are of one current where both have the same time constant. Neuron i has the
 * synapses in_synapse[k], in_begin[i] <= k < in_begin[i + 1], from in_source[k], ascending. back_begin,
 * back_synapse: of each neuron, those of its own synapses that its spikes are held to account for.
 * scale, height: see ktg_slice_back. */
typedef struct ktg_graph {
    uint32_t neurons, synapses, delays, currents, outputs;
    uint32_t *output, *place;
    const uint32_t *traced;
    uint32_t *in_begin, *in_synapse, *in_source, *back_begin, *back_synapse;
    float *scale, *height;
} ktg_graph;

/* Counts, of a settled network. */
void ktg_graph_count(ktg_graph *graph, const ketch_glia_net *net);
/* The parts of a graph that was counted. */
void ktg_graph_lay_out(ktg_graph *graph, kt_layout *layout);
/* Fills in all but place, of a graph that was laid out. */
void ktg_graph_fill(ktg_graph *graph, const ketch_glia_net *net, const ketch_glia_fit *fit);
/* Lets a graph know where the network's rows are now. */
void ktg_graph_follow(ktg_graph *graph, const ketch_glia_net *net);
/* Fills in the places of synapses first..end-1, which follow the signs of weights. */
void ktg_graph_place(ktg_graph *graph, const ktg_rows *rows, uint32_t first, uint32_t end);

#endif
