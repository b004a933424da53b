/* Copies of networks. */
#include "glia/net/net.h"

#include "status.h"

/* Fills an empty network, which owns what it has got when memory is refused. */
static ketch_status fill_copy(ketch_glia_net *made, const ketch_glia_net *net, ketch_arena *arena,
                              const char *function, ketch_error *error)
{
    made->ticks = net->ticks;
    ktg_cells cells = net->cells;
    KT_TRY(ktg_cells_copy(&cells, arena, function, error));
    made->cells = cells;
    ktg_rows rows = net->rows;
    KT_TRY(ktg_rows_copy(&rows, arena, function, error));
    made->rows = rows;
    if (!ktg_names_copy(&made->names, &net->names) || !KT_LIST_COPY(&made->index, &net->index))
        return kt_fail_heap(error, function);
    return KETCH_OK;
}

ketch_status ktg_net_copy(ketch_glia_net **copy, ketch_glia_net *net, ketch_arena *arena,
                          const char *function, ketch_error *error)
{
    KT_TRY(ktg_net_claim_to_read(net, function, error));
    const ketch_glia_net_options options = {
        .size = sizeof options, .mode = net->mode, .tau_e = net->tau[0], .tau_i = net->tau[1]};
    ketch_glia_net *made;
    ketch_status status = ketch_glia_net_create(&made, arena, &options, error);
    if (status == KETCH_OK) {
        status = fill_copy(made, net, arena, function, error);
        if (status == KETCH_OK)
            *copy = made;
        else
            ketch_glia_net_drop(made);
    }
    ktg_net_release(net);
    return status;
}

ketch_status ketch_glia_net_copy(ketch_glia_net **copy, ketch_glia_net *net, ketch_arena *arena,
                                 ketch_error *error)
{
    if (!copy)
        return kt_fail_handle(error, __func__, "copy", "a place for the new network", NULL);
    *copy = NULL;
    KT_TRY(ktg_net_check(net, __func__, error));
    return ktg_net_copy(copy, net, arena ? arena : net->arena, __func__, error);
}
