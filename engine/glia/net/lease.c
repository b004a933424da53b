/* Leases: references on the memory of cells and of rows, whose contents never change: own.c. */
#include "glia/net/net.h"

#include "status.h"

static ketch_block *share_leased(ketch_block *block)
{
    return block ? kt_block_share(block) : NULL;
}

ketch_status ketch_glia_lease(ketch_block **block, const float **numbers, uint64_t *count,
                              ketch_glia_net *net, ketch_glia_field field, ketch_error *error)
{
    if (!block || !numbers || !count)
        return kt_fail_handle(error, __func__, block ? "numbers" : "block", "three places", NULL);
    KT_TRY(ktg_net_claim_to_read(net, __func__, error));
    const ketch_status status = ktg_net_check_field(net, field, __func__, error);
    if (status == KETCH_OK) {
        *block = share_leased(net->cells.block);
        *numbers = ktg_cells_field(&net->cells, field);
        *count = net->cells.count;
    }
    ktg_net_release(net);
    return status;
}

static ketch_glia_rows describe_rows(const ketch_glia_net *net)
{
    const ktg_rows *const rows = &net->rows;
    return (ketch_glia_rows){.size = sizeof(ketch_glia_rows),
                             .neurons = net->cells.count,
                             .synapses = rows->count,
                             .begin = rows->begin,
                             .targets = rows->target,
                             .weights = rows->weight,
                             .delays = rows->delay};
}

ketch_status ketch_glia_lease_synapses(ketch_block **block, ketch_glia_rows *rows,
                                       ketch_glia_net *net, ketch_error *error)
{
    if (!block)
        return kt_fail_handle(error, __func__, "block", "a place for the block", NULL);
    KT_TRY(ktg_net_claim_to_read(net, __func__, error));
    const ketch_glia_rows out = describe_rows(net);
    const ketch_status status = kt_write_report(rows, &out, sizeof out, __func__, "rows", error);
    if (status == KETCH_OK)
        *block = share_leased(net->rows.block);
    ktg_net_release(net);
    return status;
}
