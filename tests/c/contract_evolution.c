/* Evolutions of networks as jobs. */
#include "contract.h"
#include "evolutions.h"

static void *open_evolution(void)
{
    return set_up_evolution();
}

static void close_evolution(void *shared)
{
    tear_down_evolution(shared);
}

static ketch_status start_evolution(ketch_result **result, const contract_start *s, ketch_error *e)
{
    const evolution_setup *const made = s->shared;
    return s->begins
               ? ketch_glia_evolve_begin(result, s->engine, made->net, &made->evolution, s->run, e)
               : ketch_glia_evolve(result, s->engine, made->net, &made->evolution, s->run, e);
}

static ketch_status load_evolution(ketch_result **result, const contract_start *s, const char *path,
                                   ketch_error *e)
{
    const evolution_setup *const made = s->shared;
    return ketch_glia_evolve_load(result, s->engine, made->net, &made->evolution, path, e);
}

static ketch_status need_evolution(ketch_need *need, const contract_start *s, ketch_error *e)
{
    const evolution_setup *const made = s->shared;
    return ketch_glia_evolve_need(need, s->engine, made->net, &made->evolution, e);
}

static uint64_t digest_evolution(const ketch_result *result)
{
    return hash_evolution(result, CONTRACT_HASH_START);
}

const contract_job contract_evolution = {.name = "evolution",
                                         .open = open_evolution,
                                         .close = close_evolution,
                                         .start = start_evolution,
                                         .load = load_evolution,
                                         .need = need_evolution,
                                         .digest = digest_evolution,
                                         .type = ketch_glia_evolve_type,
                                         .steps = 24,
                                         .makes_objects = true,
                                         .looks = 3};
