/* Twins: networks whose cells alone are their own. */
#include "glia/net/net.h"

#include "status.h"

ketch_status ktg_net_twin(ketch_glia_net *twin, const ketch_glia_net *net, ketch_arena *arena,
                          const char *function, ketch_error *error)
{
    ktg_cells cells = net->cells;
    KT_TRY(ktg_cells_copy(&cells, arena, function, error));
    *twin = *net;
    twin->cells = cells;
    twin->hold = NULL;
    return KETCH_OK;
}

void ktg_net_twin_end(ketch_glia_net *twin)
{
    if (twin->cells.block)
        kt_block_drop(twin->cells.block);
    *twin = (ketch_glia_net){0};
}
