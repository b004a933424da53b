/* Generations and networks, read from a population. */
#include "glia/evolve/population.h"
#include "status.h"

ketch_glia_generation ktg_generation_of(const ktg_population *p, uint64_t generation)
{
    const ktg_generation *const g = &p->history[generation];
    const ktg_node *const best = &p->nodes[g->best];
    return (ketch_glia_generation){.size = sizeof(ketch_glia_generation),
                                   .generation = generation,
                                   .best = g->best,
                                   .fitness = best->fitness,
                                   .accuracy = best->accuracy,
                                   .margin = best->margin,
                                   .synapses = best->synapses,
                                   .mean_fitness = g->mean_fitness};
}

static ketch_status put_genome(ketch_glia_net *net, const ktg_genome *genome, const char *function,
                               ketch_error *error)
{
    KT_TRY(ktg_net_claim_settled(net, function, error));
    const ketch_status status = ktg_genome_put(net, genome, function, error);
    ktg_net_release(net);
    return status;
}

ketch_status ktg_population_net(ketch_glia_net **net, const ktg_population *p,
                                const ktg_genome *genome, ketch_arena *arena, const char *function,
                                ketch_error *error)
{
    ketch_glia_net *made = NULL;
    KT_TRY(ktg_net_copy(&made, p->base, arena, function, error));
    const ketch_status status = put_genome(made, genome, function, error);
    if (status != KETCH_OK) {
        ketch_glia_net_drop(made);
        return status;
    }
    *net = made;
    return KETCH_OK;
}

ketch_status ktg_population_best_net(ketch_glia_net **net, const ktg_population *p,
                                     ketch_glia_best which, ketch_arena *arena,
                                     const char *function, ketch_error *error)
{
    const int32_t choice = (int32_t)which;
    if (!net)
        return kt_fail_handle(error, function, "net", "a place for the new network", NULL);
    *net = NULL;
    if (choice < 0 || choice > KETCH_GLIA_BEST_OF_LAST)
        return kt_fail(error, KETCH_RANGE, function, "which", kt_format("%d", choice).text, "0..1",
                       "no such choice");
    if (p->generation == 0)
        return kt_fail(error, KETCH_INDEX, function, "which", "0 generations", "1 or more",
                       "no generation has been scored");
    return ktg_population_net(net, p, choice == KETCH_GLIA_BEST_OF_ALL ? &p->best : &p->last, arena,
                              function, error);
}
