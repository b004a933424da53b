/* Populations that the caller scores. */
#include "glia/evolve/population.h"
#include "heap.h"
#include "status.h"

#include <math.h>

#define POPULATION_MAGIC UINT64_C(0x6b7467706f70756c)

/* busy: atomic. */
struct ketch_glia_population {
    uint64_t magic;
    int32_t busy;
    ktg_population inner;
};

static ketch_status claim_population(ketch_glia_population *population, const char *function,
                                     ketch_error *error)
{
    int32_t idle = 0;
    if (!population || population->magic != POPULATION_MAGIC)
        return kt_fail_handle(error, function, "population", "a population", population);
    if (kt_arena_forked(population->inner.arena))
        return kt_fail_forked(error, function, "population", "the population");
    if (__atomic_compare_exchange_n(&population->busy, &idle, 1, false, __ATOMIC_ACQUIRE,
                                    __ATOMIC_RELAXED))
        return KETCH_OK;
    return kt_fail(error, KETCH_BUSY, function, "population", NULL, NULL,
                   "another call works on the population: wait for its end");
}

static void release_population(ketch_glia_population *population)
{
    __atomic_store_n(&population->busy, 0, __ATOMIC_RELEASE);
}

ketch_status ketch_glia_population_create(ketch_glia_population **population, ketch_glia_net *net,
                                          const ketch_glia_evolution_config *config,
                                          ketch_error *error)
{
    ketch_glia_evolution_config read;
    if (!population)
        return kt_fail_handle(error, __func__, "population", "a place for the new population",
                              NULL);
    *population = NULL;
    KT_TRY(ktg_net_check(net, __func__, error));
    KT_TRY(ktg_evolution_read(&read, config, __func__, error));
    ketch_glia_population *const made = kt_heap_take(sizeof *made);
    if (!made)
        return kt_fail_heap(error, __func__);
    made->magic = POPULATION_MAGIC;
    const ketch_status status =
        ktg_population_make(&made->inner, net, &read, true, net->arena, __func__, error);
    if (status != KETCH_OK) {
        ketch_glia_population_drop(made);
        return status;
    }
    *population = made;
    return KETCH_OK;
}

void ketch_glia_population_drop(ketch_glia_population *population)
{
    if (!population || population->magic != POPULATION_MAGIC)
        return;
    ktg_population_end(&population->inner);
    population->magic = 0;
    kt_heap_give(population);
}

static ketch_status make_asked_net(ketch_glia_net **net, const ktg_population *p,
                                   uint64_t individual, const char *function, ketch_error *error)
{
    if (individual < p->config.population)
        return ktg_population_net(net, p, &p->now[individual], p->arena, function, error);
    return kt_fail(error, KETCH_INDEX, function, "individual",
                   kt_format("%llu", (unsigned long long)individual).text,
                   kt_format("0..%u", p->config.population - 1).text, "no such individual");
}

ketch_status ketch_glia_population_ask(ketch_glia_net **net, ketch_glia_population *population,
                                       uint64_t individual, ketch_error *error)
{
    if (!net)
        return kt_fail_handle(error, __func__, "net", "a place for the new network", NULL);
    *net = NULL;
    KT_TRY(claim_population(population, __func__, error));
    const ketch_status status =
        make_asked_net(net, &population->inner, individual, __func__, error);
    release_population(population);
    return status;
}

static ketch_status check_told(const ktg_population *p, const double *fitness, uint64_t count,
                               const char *function, ketch_error *error)
{
    if (!fitness)
        return kt_fail_handle(error, function, "fitness", "an array", NULL);
    if (count != p->config.population)
        return kt_fail(error, KETCH_BUFFER, function, "count",
                       kt_format("%llu", (unsigned long long)count).text,
                       kt_format("%u", p->config.population).text,
                       "each individual has one fitness");
    for (uint64_t i = 0; i < count; i++)
        if (!isfinite(fitness[i]))
            return kt_fail(
                error, KETCH_NONFINITE, function, "fitness",
                kt_format("%s at %llu", kt_number(fitness[i]).text, (unsigned long long)i).text,
                "finite numbers", "an individual has no fitness");
    return KETCH_OK;
}

static ketch_status tell_claimed(ketch_glia_generation *generation, ktg_population *p,
                                 const double *fitness, uint64_t count, const char *function,
                                 ketch_error *error)
{
    KT_TRY(check_told(p, fitness, count, function, error));
    for (uint32_t i = 0; i < count; i++) {
        ktg_node *const node = ktg_population_node(p, i);
        node->fitness = fitness[i];
        node->synapses = p->now[i].rows.count;
    }
    KT_TRY(ktg_population_breed(p, function, error));
    if (!generation)
        return KETCH_OK;
    const ketch_glia_generation out = ktg_generation_of(p, p->generation - 1);
    return kt_write_report(generation, &out, sizeof out, function, "generation", error);
}

ketch_status ketch_glia_population_tell(ketch_glia_generation *generation,
                                        ketch_glia_population *population, const double *fitness,
                                        uint64_t count, ketch_error *error)
{
    if (generation && generation->size == 0)
        return kt_fail(error, KETCH_MISMATCH, __func__, "generation", "size 0", "its size",
                       "the size of the report is not set");
    KT_TRY(claim_population(population, __func__, error));
    const ketch_status status =
        tell_claimed(generation, &population->inner, fitness, count, __func__, error);
    release_population(population);
    return status;
}

ketch_status ketch_glia_population_best(ketch_glia_net **net, ketch_glia_population *population,
                                        ketch_glia_best which, ketch_error *error)
{
    KT_TRY(claim_population(population, __func__, error));
    const ketch_status status = ktg_population_best_net(net, &population->inner, which,
                                                        population->inner.arena, __func__, error);
    release_population(population);
    return status;
}
