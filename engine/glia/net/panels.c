/* What ticks read instead of rows, derived from them. */
#include "glia/net/net.h"

ketch_status ktg_net_prepare(ketch_glia_net *net, const char *function, ketch_error *error)
{
    (void)net;
    (void)function;
    (void)error;
    return KETCH_OK;
}

void ktg_net_weights_changed(ketch_glia_net *net)
{
    (void)net;
}
