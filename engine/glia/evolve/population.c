#include "glia/evolve/population.h"

#include "float_mode.h"
#include "glia/evolve/streams.h"
#include "glia/net/parts.h"
#include "sort.h"
#include "status.h"

#include <string.h>

/* ---- memory ---- */

static void lay_out_population(ktg_population *p, kt_layout *layout)
{
    const size_t count = p->config.population;
    p->now = kt_layout_take(layout, count, sizeof *p->now);
    p->next = kt_layout_take(layout, count, sizeof *p->next);
    p->order = kt_layout_take(layout, count, sizeof *p->order);
}

static uint64_t record_size(const ketch_glia_evolution_config *config)
{
    ktg_population shape = {.config = *config};
    kt_layout layout = {0};
    lay_out_population(&shape, &layout);
    return layout.size;
}

static ketch_status take_population(ktg_population *p, const char *function, ketch_error *error)
{
    kt_layout layout = {.size = (size_t)record_size(&p->config)};
    KT_TRY(ktg_take_zeroed(&p->record, &layout, p->arena, "population", "a population", function,
                           error));
    lay_out_population(p, &layout);
    return KETCH_OK;
}

/* Replaces an array of `used` bytes in a block by a larger one. */
static ketch_status grow_array(void **array, ketch_block **block, uint64_t used, uint64_t size,
                               ketch_arena *arena, const char *function, ketch_error *error)
{
    kt_refusal refusal = {0};
    ketch_block *const made = kt_arena_take(arena, size, "glia", &refusal);
    if (!made)
        return kt_fail_memory(error, function, "population", "the lineage", &refusal);
    if (*block) {
        memcpy(kt_block_data(made), *array, (size_t)used);
        kt_block_drop(*block);
    }
    *block = made;
    *array = kt_block_data(made);
    return KETCH_OK;
}

enum { FIRST_GENERATIONS = 64 };

ketch_status ktg_population_reserve(ktg_population *p, uint64_t generation, const char *function,
                                    ketch_error *error)
{
    const uint64_t each = p->config.population, least = generation + 1;
    if (least * each > p->nodes_capacity) {
        const uint64_t most = KT_MAX(KT_MAX(FIRST_GENERATIONS, 2 * (p->generation + 1)), least);
        const uint64_t used = p->nodes ? (p->generation + 1) * each * sizeof *p->nodes : 0;
        void *array = p->nodes;
        KT_TRY(grow_array(&array, &p->nodes_block, used, most * each * sizeof *p->nodes, p->arena,
                          function, error));
        p->nodes = array;
        p->nodes_capacity = most * each;
    }
    if (least > p->history_capacity) {
        const uint64_t most = KT_MAX(KT_MAX(FIRST_GENERATIONS, 2 * p->generation), least);
        void *array = p->history;
        KT_TRY(grow_array(&array, &p->history_block, p->generation * sizeof *p->history,
                          most * sizeof *p->history, p->arena, function, error));
        p->history = array;
        p->history_capacity = most;
    }
    return KETCH_OK;
}

static ketch_status reserve_genome_like(ktg_genome *genome, const ktg_population *p,
                                        uint32_t synapses, const char *function, ketch_error *error)
{
    return ktg_genome_reserve(genome, &p->base->cells, synapses, p->arena, function, error);
}

static ketch_status reserve_genomes(ktg_population *p, const char *function, ketch_error *error)
{
    const uint32_t synapses = p->base->rows.count;
    for (uint32_t i = 0; i < p->config.population; i++) {
        KT_TRY(reserve_genome_like(&p->now[i], p, synapses, function, error));
        KT_TRY(reserve_genome_like(&p->next[i], p, synapses, function, error));
    }
    KT_TRY(reserve_genome_like(&p->best, p, synapses, function, error));
    return reserve_genome_like(&p->last, p, synapses, function, error);
}

/* ---- breeding ---- */

static void begin_node(ktg_node *node, int64_t parent)
{
    *node = (ktg_node){.parent = parent, .fitness = -1e9};
}

static ketch_random random_of(const ktg_population *p, uint64_t generation, uint32_t individual)
{
    return (ketch_random){
        .seed = ketch_random_split(p->config.seed, generation),
        .stream = ketch_random_stream(KTG_STREAMS_EVOLVE, KTG_STREAM_CHILD, individual)};
}

static ktg_noise noise_of(const ktg_population *p)
{
    return (ktg_noise){p->config.sigma_w, p->config.sigma_thr, p->config.sigma_leak};
}

/* Individual 0 is the base, the others are mutated copies. */
static void breed_first(ktg_population *p)
{
    const ktg_noise noise = noise_of(p);
    const kt_float_mode mode = kt_float_mode_begin();
    for (uint32_t i = 0; i < p->config.population; i++) {
        ketch_random random = random_of(p, 0, i);
        ktg_genome_read(&p->now[i], p->base);
        if (i > 0)
            ktg_genome_mutate(&p->now[i], &noise, &random);
        begin_node(ktg_population_node(p, i), -1);
    }
    kt_float_mode_end(mode);
}

static bool is_ranked_before(const void *items, uint64_t a, uint64_t b)
{
    const ktg_population *const p = items;
    const double x = ktg_population_node(p, p->order[a])->fitness;
    const double y = ktg_population_node(p, p->order[b])->fitness;
    return x > y || (x == y && p->order[a] < p->order[b]);
}

static void exchange_ranks(void *items, uint64_t a, uint64_t b)
{
    uint32_t *const order = ((ktg_population *)items)->order;
    const uint32_t kept = order[a];
    order[a] = order[b];
    order[b] = kept;
}

/* Sorted by fitness, the best first; equals keep their order. */
static void rank(ktg_population *p)
{
    for (uint32_t i = 0; i < p->config.population; i++)
        p->order[i] = i;
    kt_sort(p, p->config.population, is_ranked_before, exchange_ranks);
}

static double mean_fitness(const ktg_population *p)
{
    double sum = 0;
    for (uint32_t i = 0; i < p->config.population; i++)
        sum += ktg_population_node(p, i)->fitness;
    return sum / p->config.population;
}

static void note_generation(ktg_population *p)
{
    const uint64_t best = p->generation * p->config.population + p->order[0];
    p->history[p->generation] = (ktg_generation){.best = best, .mean_fitness = mean_fitness(p)};
    ktg_genome_copy(&p->last, &p->now[p->order[0]]);
    if (p->generation > 0 && p->nodes[best].fitness <= p->nodes[p->best_id].fitness)
        return;
    p->best_id = best;
    ktg_genome_copy(&p->best, &p->last);
}

/* The place in the ranking of a child's parent. */
static uint32_t choose_parent(const ktg_population *p, uint32_t child, ketch_random *random)
{
    const ketch_glia_evolution_config *const c = &p->config;
    const uint32_t pool = KT_MIN(KT_MAX(KT_MAX(c->elite, c->parents_pool), 1), c->population);
    return child < c->elite ? child : (uint32_t)ketch_random_below(random, pool);
}

static void breed_child(ktg_population *p, uint32_t child)
{
    const ktg_noise noise = noise_of(p);
    const uint64_t each = p->config.population;
    ketch_random random = random_of(p, p->generation + 1, child);
    const uint32_t parent = p->order[choose_parent(p, child, &random)];
    ktg_genome_copy(&p->next[child], &p->now[parent]);
    if (child >= p->config.elite)
        ktg_genome_mutate(&p->next[child], &noise, &random);
    begin_node(&p->nodes[(p->generation + 1) * each + child],
               (int64_t)(p->generation * each + parent));
}

static uint32_t most_synapses(const ktg_population *p)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < p->config.population; i++)
        most = KT_MAX(most, p->now[i].rows.count);
    return most;
}

static ketch_status reserve_children(ktg_population *p, const char *function, ketch_error *error)
{
    const uint32_t synapses = most_synapses(p);
    KT_TRY(ktg_population_reserve(p, p->generation + 1, function, error));
    for (uint32_t i = 0; i < p->config.population; i++)
        KT_TRY(reserve_genome_like(&p->next[i], p, synapses, function, error));
    return KETCH_OK;
}

/* best and last change only when nothing can fail any more, but where they are too small, they are
 * replaced, with what is in them, before. */
static ketch_status reserve_kept(ktg_genome *kept, const ktg_population *p, const char *function,
                                 ketch_error *error)
{
    const uint32_t synapses = most_synapses(p);
    ktg_genome made = {0};
    if (kept->capacity >= synapses)
        return KETCH_OK;
    KT_TRY(reserve_genome_like(&made, p, synapses, function, error));
    if (p->generation > 0)
        ktg_genome_copy(&made, kept);
    ktg_genome_end(kept);
    *kept = made;
    return KETCH_OK;
}

ketch_status ktg_population_breed(ktg_population *p, const char *function, ketch_error *error)
{
    KT_TRY(reserve_children(p, function, error));
    KT_TRY(reserve_kept(&p->best, p, function, error));
    KT_TRY(reserve_kept(&p->last, p, function, error));
    const kt_float_mode mode = kt_float_mode_begin();
    rank(p);
    note_generation(p);
    for (uint32_t i = 0; i < p->config.population; i++)
        breed_child(p, i);
    kt_float_mode_end(mode);
    ktg_genome *const parents = p->now;
    p->now = p->next;
    p->next = parents;
    p->generation++;
    return KETCH_OK;
}

bool ktg_population_is_last(const ktg_population *p)
{
    const ketch_glia_evolution_config *const c = &p->config;
    if (p->generation >= c->generations)
        return true;
    if (p->generation == 0)
        return false;
    const double fitness = p->nodes[p->history[p->generation - 1].best].fitness;
    const uint64_t since = p->generation - 1 - p->best_id / c->population;
    return fitness >= c->target_fitness || (c->patience && since >= c->patience) ||
           (c->evaluations && p->generation * c->population >= c->evaluations);
}

/* ---- life ---- */

void ktg_population_add_need(ketch_need *need, const ketch_glia_net *net,
                             const ketch_glia_evolution_config *config)
{
    const uint64_t each = config->population, generations = FIRST_GENERATIONS;
    ktg_net_add_copy_need(need, net);
    ketch_need_add(need, "glia", record_size(config));
    ketch_need_add(need, "glia", generations * each * sizeof(ktg_node));
    ketch_need_add(need, "glia", generations * sizeof(ktg_generation));
    for (uint64_t i = 0; i < 2 * each + 2; i++)
        ketch_need_add(need, "glia", ktg_genome_size(&net->cells, net->rows.count));
}

ketch_status ktg_population_make(ktg_population *p, ketch_glia_net *net,
                                 const ketch_glia_evolution_config *config, bool is_bred,
                                 ketch_arena *arena, const char *function, ketch_error *error)
{
    *p = (ktg_population){.config = *config, .arena = arena};
    KT_TRY(ktg_net_copy(&p->base, net, arena, function, error));
    if (p->base->cells.count == 0)
        return kt_fail(error, KETCH_MISMATCH, function, "net", "0 neurons", "1 or more",
                       "a network without neurons does not evolve");
    KT_TRY(take_population(p, function, error));
    KT_TRY(reserve_genomes(p, function, error));
    if (!is_bred)
        return KETCH_OK;
    KT_TRY(ktg_population_reserve(p, 1, function, error));
    breed_first(p);
    return KETCH_OK;
}

void ktg_population_end(ktg_population *p)
{
    for (uint32_t i = 0; i < p->config.population && p->record; i++) {
        ktg_genome_end(&p->now[i]);
        ktg_genome_end(&p->next[i]);
    }
    ktg_genome_end(&p->best);
    ktg_genome_end(&p->last);
    if (p->nodes_block)
        kt_block_drop(p->nodes_block);
    if (p->history_block)
        kt_block_drop(p->history_block);
    if (p->record)
        kt_block_drop(p->record);
    ketch_glia_net_drop(p->base);
}
