/* The memory of networks, for estimates. */
#include "glia/net/net.h"

static void add_block(ketch_need *need, const ketch_block *block)
{
    if (block)
        ketch_need_add(need, "glia", kt_block_size(block));
}

static void add_block_of(ketch_need *need, const ketch_block *block, const ketch_arena *arena)
{
    if (block && kt_block_arena(block) == arena)
        add_block(need, block);
}

void ktg_net_add_need(ketch_need *need, const ketch_glia_net *net, const ketch_arena *arena)
{
    add_block_of(need, net->cells.block, arena);
    add_block_of(need, net->rows.block, arena);
    add_block_of(need, net->panels.block, arena);
    add_block_of(need, net->shares.block, arena);
    add_block_of(need, net->shares.column_block, arena);
}

void ktg_net_add_copy_need(ketch_need *need, const ketch_glia_net *net)
{
    add_block(need, net->cells.block);
    add_block(need, net->rows.block);
}
