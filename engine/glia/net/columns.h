/* Columns: the synapses into the cells of shares by target, for ticks in which many neurons fire. */
#ifndef KTG_NET_COLUMNS_H
#define KTG_NET_COLUMNS_H

#include "glia/net/net.h"

/* Makes the columns of all shares, whose first blocks are chosen, from panels.rest. MEMORY: there are
 * none. Cost: about 20 ns a synapse. */
ketch_status ktg_columns_make(ktg_shares *shares, const ketch_glia_net *net, const char *function,
                              ketch_error *error);

#endif
