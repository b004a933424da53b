/* What the command prints of spiking networks and their runs. */
#ifndef KT_CLI_GLIA_SHOW_H
#define KT_CLI_GLIA_SHOW_H

#include "cli/command.h"

/* A network and what it is run with. work comes first: it is what kt_start functions get. */
typedef struct kt_glia {
    kt_work work;
    ketch_glia_net *net;
    ketch_glia_sequence *sequence;
    ketch_glia_feed feed;
} kt_glia;

/* What a network is, as text or with --json as an object. */
kt_exit kt_glia_show_net(kt_glia *glia);
/* What a run did: a raster and rates, or an object with all of it. */
kt_exit kt_glia_show_run(kt_glia *glia);

#endif
