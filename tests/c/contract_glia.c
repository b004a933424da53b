/* Runs of networks as jobs. Each run works on a network of its own, which begins in the same state:
 * the networks are made once, so that runs take no memory but their own. */
#include "contract.h"
#include "glia/net/net.h"
#include "nets.h"

#include <string.h>

enum { NEURONS = 40, SENSORY = 12, SYNAPSES = 300, TICKS = 210, EVENTS = 60, PERIOD = 17 };
enum { NETS = 12 };

/* nets: all alike but for their states. */
typedef struct glia_setup {
    ketch_arena *arena;
    ketch_glia_net *nets[NETS];
    ketch_glia_sequence *sequence;
    ketch_glia_feed feed;
    float values[NEURONS];
} glia_setup;

static void *open_setup(ketch_glia_net *make(ketch_arena *arena))
{
    glia_setup *const made = calloc(1, sizeof *made);
    GOOD(ketch_arena_create(&made->arena, NULL, &error));
    made->nets[0] = make(made->arena);
    for (int i = 1; i < NETS; i++)
        GOOD(ketch_glia_net_copy(&made->nets[i], made->nets[0], NULL, &error));
    GOOD(ketch_glia_get(made->values, made->nets[0], KETCH_GLIA_VALUE, 0, NEURONS, &error));
    made->sequence = random_sequence(EVENTS, SENSORY, PERIOD, 6);
    GOOD(ketch_glia_sequence_set_loop(made->sequence, 1, &error));
    made->feed = (ketch_glia_feed){.size = sizeof made->feed,
                                   .sequence = made->sequence,
                                   .ticks = TICKS,
                                   .record = 1,
                                   .fence_every = 7};
    return made;
}

static ketch_glia_net *make_compat(ketch_arena *arena)
{
    return random_net(arena, NEURONS, SENSORY, SYNAPSES, 5);
}

static ketch_glia_net *make_clean(ketch_arena *arena)
{
    return random_clean_net(arena, NEURONS, SENSORY, SYNAPSES, 10, 7);
}

static void *open_nets(void)
{
    return open_setup(make_compat);
}

static void *open_clean_nets(void)
{
    return open_setup(make_clean);
}

static void close_nets(void *shared)
{
    glia_setup *const g = shared;
    for (int i = 0; i < NETS; i++)
        ketch_glia_net_drop(g->nets[i]);
    ketch_glia_sequence_drop(g->sequence);
    ketch_arena_drop(g->arena);
    free(g);
}

/* One that no run has. */
static ketch_glia_net *find_free(const glia_setup *g)
{
    for (int i = 0; i < NETS; i++)
        if (g->nets[i]->references == 1)
            return g->nets[i];
    abort();
}

/* What a call on it says is not of interest: the run's own checks follow. */
static void reset_state(ketch_glia_net *net, const glia_setup *g)
{
    (void)ketch_glia_reset(net, NULL);
    (void)ketch_glia_set(net, KETCH_GLIA_VALUE, 0, NEURONS, g->values, NULL);
}

/* The caller drops it. In a forked child an inherited network can be copied only. */
static ketch_status take_net(ketch_glia_net **net, const contract_start *s, ketch_error *e)
{
    const glia_setup *const g = s->shared;
    ketch_glia_net *const unused = find_free(g);
    *net = NULL;
    if (kt_arena_forked(g->arena)) {
        const ketch_status status =
            ketch_glia_net_copy(net, unused, ketch_engine_arena(s->engine), e);
        if (status != KETCH_OK)
            return status;
    } else {
        *net = ketch_glia_net_share(unused);
    }
    reset_state(*net, g);
    return KETCH_OK;
}

static ketch_status start_glia(ketch_result **result, const contract_start *s, ketch_error *e)
{
    const glia_setup *const g = s->shared;
    ketch_glia_net *net = NULL;
    *result = NULL;
    ketch_status status = take_net(&net, s, e);
    if (status != KETCH_OK)
        return status;
    status = s->begins ? ketch_glia_begin(result, s->engine, net, &g->feed, s->run, e)
                       : ketch_glia_run(result, s->engine, net, &g->feed, s->run, e);
    ketch_glia_net_drop(net);
    return status;
}

static ketch_status load_glia(ketch_result **result, const contract_start *s, const char *path,
                              ketch_error *e)
{
    ketch_glia_net *net = NULL;
    *result = NULL;
    ketch_status status = take_net(&net, s, e);
    if (status != KETCH_OK)
        return status;
    status = ketch_glia_load(result, s->engine, net, path, e);
    ketch_glia_net_drop(net);
    return status;
}

static ketch_status need_glia(ketch_need *need, const contract_start *s, ketch_error *e)
{
    const glia_setup *const g = s->shared;
    return ketch_glia_need(need, s->engine, find_free(g), &g->feed, e);
}

static uint64_t digest_glia(const ketch_result *result)
{
    return hash_run(result, hash_state(ketch_glia_result_net(result), CONTRACT_HASH_START));
}

/* What both kinds of run have in common. */
#define OF_NETWORKS                                                                                \
    .close = close_nets, .start = start_glia, .digest = digest_glia, .load = load_glia,            \
    .need = need_glia, .type = ketch_glia_run_type, .steps = TICKS, .looks = 2

const contract_job contract_glia = {OF_NETWORKS, .name = "network fed by a sequence",
                                    .open = open_nets};

const contract_job contract_clean = {OF_NETWORKS, .name = "clean network fed by a sequence",
                                     .open = open_clean_nets};
