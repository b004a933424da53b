/* Fits of networks as jobs. Each run has a network of its own, which begins with the same weights:
 * they are made once, so that runs take no memory but their own. */
#include "contract.h"
#include "fits.h"

#include <string.h>

/* Episodes are so long that a slice polls more than once. */
enum { EPOCHS = 3, NETS = 12, LONG_TICKS = 1500 };

/* original: a network that is not fitted. */
typedef struct fit_setup {
    ketch_arena *arena;
    ketch_glia_net *original, *nets[NETS];
    ketch_glia_episode episodes[FIT_EPISODES];
    ketch_glia_fit fit;
} fit_setup;

static void *open_fits(void)
{
    fit_setup *const made = calloc(1, sizeof *made);
    GOOD(ketch_arena_create(&made->arena, NULL, &error));
    made->original = fit_net(made->arena, FIT_CURRENTS | FIT_DELAYS | FIT_REFRACTORY, 5);
    for (int i = 0; i < NETS; i++)
        GOOD(ketch_glia_net_copy(&made->nets[i], made->original, NULL, &error));
    make_fit_episodes(made->episodes, FIT_EPISODES);
    made->fit = fit_of(made->episodes, FIT_EPISODES);
    made->fit.epochs = EPOCHS;
    made->fit.ticks = LONG_TICKS;
    made->fit.batch = 18;
    made->fit.lr = 0.05F;
    return made;
}

static void close_fits(void *shared)
{
    fit_setup *const made = shared;
    for (int i = 0; i < NETS; i++)
        ketch_glia_net_drop(made->nets[i]);
    drop_fit_episodes(made->episodes, FIT_EPISODES);
    ketch_glia_net_drop(made->original);
    ketch_arena_drop(made->arena);
    free(made);
}

static ketch_glia_net *find_unused(const fit_setup *made)
{
    for (int i = 0; i < NETS; i++)
        if (made->nets[i]->references == 1)
            return made->nets[i];
    abort();
}

/* The caller drops it. A forked child can only copy a network that it inherited. */
static ketch_status take_net(ketch_glia_net **net, const contract_start *s, ketch_error *e)
{
    const fit_setup *const made = s->shared;
    if (kt_arena_forked(made->arena))
        return ketch_glia_net_copy(net, made->original, ketch_engine_arena(s->engine), e);
    *net = ketch_glia_net_share(find_unused(made));
    GOOD(ktg_net_claim_settled(*net, "", &error));
    memcpy((*net)->rows.weight, made->original->rows.weight,
           made->original->rows.count * sizeof(float));
    ktg_net_release(*net);
    return KETCH_OK;
}

static ketch_status start_fit(ketch_result **result, const contract_start *s, ketch_error *e)
{
    const fit_setup *const made = s->shared;
    ketch_glia_net *net = NULL;
    *result = NULL;
    ketch_status status = take_net(&net, s, e);
    if (status != KETCH_OK)
        return status;
    status = s->begins ? ketch_glia_fit_begin(result, s->engine, net, &made->fit, s->run, e)
                       : ketch_glia_fit_run(result, s->engine, net, &made->fit, s->run, e);
    ketch_glia_net_drop(net);
    return status;
}

static ketch_status load_fit(ketch_result **result, const contract_start *s, const char *path,
                             ketch_error *e)
{
    const fit_setup *const made = s->shared;
    ketch_glia_net *net = NULL;
    *result = NULL;
    ketch_status status = take_net(&net, s, e);
    if (status != KETCH_OK)
        return status;
    status = ketch_glia_fit_load(result, s->engine, net, &made->fit, path, e);
    ketch_glia_net_drop(net);
    return status;
}

static uint64_t digest_fit(const ketch_result *result)
{
    return hash_fit(result, CONTRACT_HASH_START);
}

const contract_job contract_fit = {.name = "fit",
                                   .open = open_fits,
                                   .close = close_fits,
                                   .start = start_fit,
                                   .load = load_fit,
                                   .digest = digest_fit,
                                   .type = ketch_glia_fit_type,
                                   .steps = EPOCHS * FIT_EPISODES,
                                   .looks = 2};
