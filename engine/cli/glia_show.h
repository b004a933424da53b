/* What the command prints of spiking networks and their runs. */
#ifndef KT_CLI_GLIA_SHOW_H
#define KT_CLI_GLIA_SHOW_H

#include "cli/glia_read.h"

/* What a network is, as text or with --json as an object. */
kt_exit kt_glia_show_net(kt_glia *glia);
/* What a run did: a raster and rates, or an object with all of it. */
kt_exit kt_glia_show_run(kt_glia *glia);

/* Their parts: the beginning of an object, with the status of the result, where there is one; "5
 * neurons, 6 synapses", the beginning of a summary. */
void kt_glia_begin_json(const kt_glia *glia, const ketch_glia_net_info *info);
kt_text kt_glia_count_net(const ketch_glia_net_info *info);

#endif
