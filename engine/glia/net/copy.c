/* Copies of networks. */
#include "glia/net/net.h"

#include "status.h"

#include <string.h>

static ketch_status copy_block(ketch_block **copy, ketch_block *from, ketch_arena *arena,
                               const char *function, ketch_error *error)
{
    kt_refusal refusal = {0};
    *copy = kt_arena_take(arena, kt_block_size(from), "glia", &refusal);
    if (!*copy)
        return kt_fail_memory(error, function, "arena", "a copy of a network", &refusal);
    memcpy(kt_block_data(*copy), kt_block_data(from), (size_t)kt_block_size(from));
    return KETCH_OK;
}

/* Lets a pointer into one block point to the same place in its copy. */
#define MOVE(pointer, from, to)                                                                    \
    ((pointer) =                                                                                   \
         (void *)((char *)kt_block_data(to) + ((char *)(pointer) - (char *)kt_block_data(from))))

static void move_clean(ktg_clean_cells *clean, ketch_block *old, ketch_block *block)
{
    MOVE(clean->reset, old, block);
    MOVE(clean->refractory, old, block);
    MOVE(clean->drive, old, block);
    MOVE(clean->wait, old, block);
    MOVE(clean->due, old, block);
    MOVE(clean->numbers, old, block);
    MOVE(clean->current[0], old, block);
    MOVE(clean->current[1], old, block);
}

ketch_status ktg_cells_copy(ktg_cells *cells, ketch_arena *arena, const char *function,
                            ketch_error *error)
{
    ketch_block *const old = cells->block;
    if (!old)
        return KETCH_OK;
    ketch_block *block;
    KT_TRY(copy_block(&block, old, arena, function, error));
    cells->block = block;
    MOVE(cells->threshold, old, block);
    MOVE(cells->leak, old, block);
    MOVE(cells->resting, old, block);
    MOVE(cells->value, old, block);
    MOVE(cells->delta, old, block);
    MOVE(cells->on_deck, old, block);
    MOVE(cells->fired, old, block);
    MOVE(cells->rank, old, block);
    MOVE(cells->slot, old, block);
    MOVE(cells->fired_from, old, block);
    move_clean(&cells->clean, old, block);
    return KETCH_OK;
}

ketch_status ktg_rows_copy(ktg_rows *rows, ketch_arena *arena, const char *function,
                           ketch_error *error)
{
    ketch_block *const old = rows->block;
    if (!old)
        return KETCH_OK;
    ketch_block *block;
    KT_TRY(copy_block(&block, old, arena, function, error));
    rows->block = block;
    MOVE(rows->begin, old, block);
    MOVE(rows->split, old, block);
    MOVE(rows->target, old, block);
    MOVE(rows->weight, old, block);
    if (rows->delay)
        MOVE(rows->delay, old, block);
    return KETCH_OK;
}

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
