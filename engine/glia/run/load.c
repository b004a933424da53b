/* The public function that loads runs of networks from files. */
#include "glia/run/run.h"

#include "result_save.h"
#include "status.h"

#include <string.h>

/* Gives the claimed network the state of a run that was loaded. */
static void install_state(ktg_loading *loading)
{
    const ktg_saved_state *const state = &loading->state;
    ktg_cells *const cells = &loading->net->cells;
    if (!state->block)
        return;
    ktg_state_part own[KTG_STATE_PARTS];
    (void)ktg_net_state(own, loading->net);
    for (int32_t i = 0; i < state->count && cells->count; i++)
        memcpy(own[i].at, state->parts[i].at, own[i].size);
    cells->clean.is_injected = true;
    memcpy(cells->fired, state->fired, state->fired_count * sizeof *cells->fired);
    cells->fired_count = state->fired_count;
    loading->net->ticks = state->ticks;
    ktg_run_hold(loading->run, false);
}

ketch_status ketch_glia_load(ketch_result **result, ketch_engine *engine, ketch_glia_net *net,
                             const char *path, ketch_error *error)
{
    if (result)
        *result = NULL;
    KT_TRY(ktg_net_claim_to_hold(net, __func__, error));
    ktg_loading loading = {.net = net, .function = __func__};
    ketch_status status = ktg_net_prepare(net, __func__, error);
    if (status == KETCH_OK)
        status = kt_result_load(result, engine, &ktg_run_type, &loading, path, __func__, error);
    if (status == KETCH_OK)
        install_state(&loading);
    if (loading.state.block)
        kt_block_drop(loading.state.block);
    ktg_net_release(net);
    return status;
}
