/* The state of networks: what ticks change. */
#include "glia/net/net.h"

#include "status.h"

#include <string.h>

int32_t ktg_net_state(ktg_state_part *parts, const ketch_glia_net *net)
{
    const ktg_cells *const cells = &net->cells;
    const ktg_clean_cells *const clean = &cells->clean;
    const size_t size = cells->count * sizeof(float);
    int32_t count = 0;
    parts[count++] = (ktg_state_part){"glia.value", cells->value, size};
    parts[count++] = (ktg_state_part){"glia.delta", cells->delta, size};
    parts[count++] = (ktg_state_part){"glia.on_deck", cells->on_deck, size};
    if (!ktg_net_is_clean(net))
        return count;
    const size_t due = clean->delays * ktg_due_size(cells) * sizeof(float);
    parts[count++] = (ktg_state_part){"glia.wait", clean->wait, size};
    parts[count++] = (ktg_state_part){"glia.excitation", clean->current[0], size};
    parts[count++] = (ktg_state_part){"glia.inhibition", clean->current[1], size};
    parts[count++] = (ktg_state_part){"glia.due", clean->due, due};
    return count;
}

void ktg_net_reset(ketch_glia_net *net)
{
    ktg_cells *const cells = &net->cells;
    ktg_state_part parts[KTG_STATE_PARTS];
    const int32_t count = ktg_net_state(parts, net);
    for (int32_t i = 0; i < count && cells->count; i++)
        memset(parts[i].at, 0, parts[i].size);
    if (cells->count)
        memcpy(cells->value, cells->resting, cells->count * sizeof *cells->value);
    cells->fired_count = 0;
    net->ticks = 0;
}

ketch_status ketch_glia_reset(ketch_glia_net *net, ketch_error *error)
{
    KT_TRY(ktg_net_claim_settled(net, __func__, error));
    ktg_net_reset(net);
    ktg_net_release(net);
    return KETCH_OK;
}
