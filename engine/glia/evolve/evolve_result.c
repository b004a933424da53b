/* What is read of an evolution: generations, networks, the lineage. */
#include "glia/evolve/evolve.h"
#include "status.h"

static ketch_status find_evolution(const ktg_evolution **e, const ketch_result *result,
                                   const char *function, ketch_error *error)
{
    *e = ketch_result_user(result, &ktg_evolve_type);
    if (*e)
        return KETCH_OK;
    return kt_fail_handle(error, function, "result", "an evolution's result", result);
}

ketch_status ketch_glia_get_generation(ketch_glia_generation *generation, const ketch_step *step,
                                       ketch_error *error)
{
    const ktg_evolution *const e = step && step->type == &ktg_evolve_type ? step->view : NULL;
    if (!e)
        return kt_fail_handle(error, __func__, "step", "a step of an evolution at a fence", step);
    const ketch_glia_generation out =
        ktg_generation_of(&e->population, e->population.generation - 1);
    return kt_write_report(generation, &out, sizeof out, __func__, "generation", error);
}

static ketch_status write_count(uint64_t *to, uint64_t count, const char *function,
                                ketch_error *error)
{
    if (!to)
        return kt_fail_handle(error, function, "count", "a place for the number", NULL);
    *to = count;
    return KETCH_OK;
}

ketch_status ketch_glia_get_generations(uint64_t *generations, const ketch_result *result,
                                        ketch_error *error)
{
    const ktg_evolution *e;
    KT_TRY(find_evolution(&e, result, __func__, error));
    return write_count(generations, e->population.generation, __func__, error);
}

static ketch_status check_records(uint64_t first, uint64_t count, uint64_t all, const char *what,
                                  const char *function, ketch_error *error)
{
    if (first <= all && count <= all - first)
        return KETCH_OK;
    return kt_fail(
        error, KETCH_INDEX, function, first > all ? "first" : "count",
        kt_format("%llu from %llu", (unsigned long long)count, (unsigned long long)first).text,
        kt_format("%llu %s", (unsigned long long)all, what).text, "there are not so many");
}

/* Copies a record to number `index` of the caller's array, whose stride is the first one's size. */
static ketch_status write_record(void *array, uint64_t index, const void *record, size_t size,
                                 const char *function, const char *argument, ketch_error *error)
{
    const size_t stride = array ? *(const size_t *)array : 0;
    char *const at = array ? (char *)array + index * stride : NULL;
    if (at)
        *(size_t *)(void *)at = stride;
    return kt_write_report(at, record, size, function, argument, error);
}

ketch_status ketch_glia_get_generation_history(ketch_glia_generation *generations, uint64_t first,
                                               uint64_t count, const ketch_result *result,
                                               ketch_error *error)
{
    const ktg_evolution *e;
    KT_TRY(find_evolution(&e, result, __func__, error));
    KT_TRY(check_records(first, count, e->population.generation, "generations", __func__, error));
    for (uint64_t i = 0; i < count; i++) {
        const ketch_glia_generation out = ktg_generation_of(&e->population, first + i);
        KT_TRY(write_record(generations, i, &out, sizeof out, __func__, "generations", error));
    }
    return KETCH_OK;
}

ketch_status ketch_glia_evolved_net(ketch_glia_net **net, const ketch_result *result,
                                    ketch_glia_best which, ketch_arena *arena, ketch_error *error)
{
    const ktg_evolution *e;
    KT_TRY(find_evolution(&e, result, __func__, error));
    return ktg_population_best_net(net, &e->population, which, arena ? arena : e->population.arena,
                                   __func__, error);
}

/* ---- lineage ---- */

static uint64_t count_individuals(const ktg_population *p)
{
    return (p->generation + 1) * p->config.population;
}

/* Individuals of a generation that is being scored are not shown half scored. */
static ketch_glia_individual individual_at(const ktg_population *p, uint64_t id)
{
    const ktg_node *const node = &p->nodes[id];
    ketch_glia_individual out = {.size = sizeof out,
                                 .id = id,
                                 .parent = node->parent,
                                 .generation = id / p->config.population,
                                 .fitness = -1e9};
    if (out.generation == p->generation)
        return out;
    out.fitness = node->fitness;
    out.accuracy = node->accuracy;
    out.margin = node->margin;
    out.synapses = node->synapses;
    return out;
}

ketch_status ketch_glia_get_individuals(uint64_t *individuals, const ketch_result *result,
                                        ketch_error *error)
{
    const ktg_evolution *e;
    KT_TRY(find_evolution(&e, result, __func__, error));
    return write_count(individuals, count_individuals(&e->population), __func__, error);
}

ketch_status ketch_glia_get_lineage(ketch_glia_individual *individuals, uint64_t first,
                                    uint64_t count, const ketch_result *result, ketch_error *error)
{
    const ktg_evolution *e;
    KT_TRY(find_evolution(&e, result, __func__, error));
    KT_TRY(check_records(first, count, count_individuals(&e->population), "individuals", __func__,
                         error));
    for (uint64_t i = 0; i < count; i++) {
        const ketch_glia_individual out = individual_at(&e->population, first + i);
        KT_TRY(write_record(individuals, i, &out, sizeof out, __func__, "individuals", error));
    }
    return KETCH_OK;
}

static void print_individual(kt_printer *out, const ketch_glia_individual *i)
{
    enum { DIGITS = 6 };
    kt_print(out, "    {\"id\": %llu, \"parent\": %lld, \"gen\": %llu, ", (unsigned long long)i->id,
             (long long)i->parent, (unsigned long long)i->generation);
    kt_print(out, "\"fitness\": %s, ", kt_significant(i->fitness, DIGITS).text);
    kt_print(out, "\"acc\": %s, ", kt_significant(i->accuracy, DIGITS).text);
    kt_print(out, "\"margin\": %s, ", kt_significant(i->margin, DIGITS).text);
    kt_print(out, "\"edges\": %llu}", (unsigned long long)i->synapses);
}

ketch_status ketch_glia_lineage_json(char *text, size_t capacity, size_t *length,
                                     const ketch_result *result, ketch_error *error)
{
    const ktg_evolution *e;
    KT_TRY(find_evolution(&e, result, __func__, error));
    if (capacity && !text)
        return kt_fail_handle(error, __func__, "text", "a place for the text", NULL);
    kt_printer out = {.to = text, .capacity = capacity};
    const uint64_t count = count_individuals(&e->population);
    kt_print(&out, "{\n  \"nodes\": [\n");
    for (uint64_t id = 0; id < count; id++) {
        const ketch_glia_individual i = individual_at(&e->population, id);
        print_individual(&out, &i);
        kt_print(&out, "%s\n", id + 1 < count ? "," : "");
    }
    kt_print(&out, "  ]\n}\n");
    if (length)
        *length = out.length;
    return KETCH_OK;
}
