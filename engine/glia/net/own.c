/* Cells and rows in other memory: for copies of networks, and before memory that is leased is
 * written. */
#include "glia/net/net.h"

#include "status.h"

#include <string.h>

/* ---- copies ---- */

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

/* ---- before writing ---- */

static bool is_leased(const ketch_block *block)
{
    return block && kt_block_references(block) > 1;
}

ketch_status ktg_net_own_cells(ketch_glia_net *net, const char *function, ketch_error *error)
{
    ketch_block *const leased = net->cells.block;
    if (!is_leased(leased))
        return KETCH_OK;
    KT_TRY(ktg_cells_copy(&net->cells, net->arena, function, error));
    kt_block_drop(leased);
    return KETCH_OK;
}

/* Without panels, what ticks read are the rows themselves. */
static void follow_rows(ktg_panels *panels, const ktg_rows *old, const ktg_rows *rows)
{
    if (!panels->is_made || panels->rest.weight != old->weight)
        return;
    panels->rest = *rows;
    panels->rest.block = NULL;
}

ketch_status ktg_net_own_rows(ketch_glia_net *net, const char *function, ketch_error *error)
{
    const ktg_rows leased = net->rows;
    if (!is_leased(leased.block))
        return KETCH_OK;
    KT_TRY(ktg_rows_copy(&net->rows, net->arena, function, error));
    follow_rows(&net->panels, &leased, &net->rows);
    kt_block_drop(leased.block);
    return KETCH_OK;
}

ketch_status ktg_net_own(ketch_glia_net *net, const char *function, ketch_error *error)
{
    KT_TRY(ktg_net_own_cells(net, function, error));
    return ktg_net_own_rows(net, function, error);
}
