/* Claims: who may work on a network. */
#include "glia/net/net.h"

#include "status.h"

#include <assert.h>
#include <sched.h>

/* ---- calls ---- */

ketch_status ktg_net_check(const ketch_glia_net *net, const char *function, ketch_error *error)
{
    return ktg_net_exists(net) ? KETCH_OK
                               : kt_fail_handle(error, function, "net", "a network", net);
}

static bool try_claim(ketch_glia_net *net)
{
    int32_t idle = 0;
    return __atomic_compare_exchange_n(&net->busy, &idle, 1, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

void ktg_net_release(ketch_glia_net *net)
{
    assert(__atomic_load_n(&net->busy, __ATOMIC_RELAXED));
    __atomic_store_n(&net->busy, 0, __ATOMIC_RELEASE);
}

static ketch_status claim(ketch_glia_net *net, const char *function, ketch_error *error)
{
    KT_TRY(ktg_net_check(net, function, error));
    if (try_claim(net))
        return KETCH_OK;
    return kt_fail(error, KETCH_BUSY, function, "net", NULL, NULL,
                   "another call works on the network: wait for its end, or copy the network");
}

static ketch_status settle_claimed(ketch_glia_net *net, const char *function, ketch_error *error)
{
    const ketch_status status = ktg_net_settle(net, function, error);
    if (status != KETCH_OK)
        ktg_net_release(net);
    return status;
}

static ketch_status own_claimed(ketch_glia_net *net, const char *function, ketch_error *error)
{
    const ketch_status status = ktg_net_own_cells(net, function, error);
    if (status != KETCH_OK)
        ktg_net_release(net);
    return status;
}

ketch_status ktg_net_claim_to_read(ketch_glia_net *net, const char *function, ketch_error *error)
{
    KT_TRY(claim(net, function, error));
    return settle_claimed(net, function, error);
}

/* The hold's memory stays: its owner claims the network before that goes. */
static bool is_run_on(const ketch_glia_net *net)
{
    const ktg_hold *const hold = __atomic_load_n(&net->hold, __ATOMIC_ACQUIRE);
    return hold && (!hold->running || __atomic_load_n(hold->running, __ATOMIC_ACQUIRE));
}

static ketch_status claim_between_runs(ketch_glia_net *net, const char *function,
                                       ketch_error *error)
{
    KT_TRY(ktg_net_check(net, function, error));
    if (kt_arena_forked(net->arena))
        return kt_fail_forked(error, function, "net", "the network");
    KT_TRY(claim(net, function, error));
    if (!is_run_on(net))
        return own_claimed(net, function, error);
    ktg_net_release(net);
    return kt_fail(error, KETCH_BUSY, function, "net", NULL, NULL,
                   "a run of the network is on: wait for its end, or stop it");
}

ketch_status ktg_net_claim_to_hold(ketch_glia_net *net, const char *function, ketch_error *error)
{
    KT_TRY(claim_between_runs(net, function, error));
    return settle_claimed(net, function, error);
}

static void set_hold(ketch_glia_net *net, const ktg_hold *hold)
{
    __atomic_store_n(&net->hold, hold, __ATOMIC_RELEASE);
}

ketch_status ktg_net_claim(ketch_glia_net *net, const char *function, ketch_error *error)
{
    KT_TRY(claim_between_runs(net, function, error));
    set_hold(net, NULL);
    return KETCH_OK;
}

ketch_status ktg_net_claim_settled(ketch_glia_net *net, const char *function, ketch_error *error)
{
    KT_TRY(ktg_net_claim(net, function, error));
    return settle_claimed(net, function, error);
}

/* ---- runs ---- */

void ktg_net_hold(ktg_hold *hold, ketch_glia_net *net)
{
    assert(__atomic_load_n(&net->busy, __ATOMIC_RELAXED));
    hold->net = net;
    set_hold(net, hold);
}

static bool is_held_by(const ketch_glia_net *net, const ktg_hold *hold)
{
    return __atomic_load_n(&net->hold, __ATOMIC_ACQUIRE) == hold;
}

/* In a forked child the call may have been another thread's, which does not exist there. */
enum { TURNS_IN_CHILD = 1000 };

/* Only calls that read are waited for: one that changes the network ends the hold first. */
bool ktg_net_regain(const ktg_hold *hold)
{
    ketch_glia_net *const net = hold->net;
    if (!net)
        return false;
    for (int turns = 0; !try_claim(net); turns++) {
        if (!is_held_by(net, hold))
            return false;
        if (turns >= TURNS_IN_CHILD && kt_arena_forked(net->arena))
            break;
        sched_yield();
    }
    if (is_held_by(net, hold))
        return true;
    ktg_net_release(net);
    return false;
}

void ktg_net_let_go(ktg_hold *hold)
{
    if (!ktg_net_regain(hold))
        return;
    set_hold(hold->net, NULL);
    ktg_net_release(hold->net);
}
