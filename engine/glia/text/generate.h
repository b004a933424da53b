/* The second dialect of .net: a line NEWNET, by which a network is generated. */
#ifndef KTG_TEXT_GENERATE_H
#define KTG_TEXT_GENERATE_H

#include "glia/net/net.h"
#include "glia/text/scan.h"

/* Reads the text, and adds its neurons and synapses to a settled network as new ones. */
ketch_status ktg_generate(ktg_scan *scan, ketch_glia_net *net);

#endif
