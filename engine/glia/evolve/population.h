/* Populations: genomes, selection, mutation, and who descends from whom. */
#ifndef KTG_EVOLVE_POPULATION_H
#define KTG_EVOLVE_POPULATION_H

#include "glia/evolve/genome.h"
#include "ketch/learning.h"

/* An individual that is or was. Its id is its place in the lineage. */
typedef struct ktg_node {
    int64_t parent;
    double fitness, accuracy, margin;
    uint64_t synapses;
} ktg_node;

/* A generation that was scored. best: an id. */
typedef struct ktg_generation {
    uint64_t best;
    double mean_fitness;
} ktg_generation;

/* base: the first network, which nothing changes. generation: the present one; all before it
 * were scored. now: what the individuals of the present generation inherited, or, once they are
 * trained, bequeath; next: memory for their children's. best, last: the genomes of the best
 * individuals of all generations and of the last one; best_id: that of the former. order: work
 * memory. nodes: all ids up to the present generation's. history: all generations before it. Both
 * lie in blocks that grow. */
typedef struct ktg_population {
    ketch_glia_evolution_config config;
    ketch_glia_net *base;
    ketch_arena *arena;
    ketch_block *record;
    uint64_t generation, best_id;
    ktg_genome *now, *next, best, last;
    uint32_t *order;
    ktg_node *nodes;
    uint64_t nodes_capacity;
    ketch_block *nodes_block;
    ktg_generation *history;
    uint64_t history_capacity;
    ketch_block *history_block;
} ktg_population;

/* Copies the caller's config, NULL: the defaults. MISMATCH, RANGE or NONFINITE, naming the
 * field. */
ketch_status ktg_evolution_read(ketch_glia_evolution_config *config,
                                const ketch_glia_evolution_config *given, const char *function,
                                ketch_error *error);

/* Makes an empty population, with a copy of the network as its base; is_bred: and the first
 * generation. BUSY, MEMORY, and MISMATCH for a network without neurons. After a failure
 * ktg_population_end is still to be called. */
ketch_status ktg_population_make(ktg_population *p, ketch_glia_net *net,
                                 const ketch_glia_evolution_config *config, bool is_bred,
                                 ketch_arena *arena, const char *function, ketch_error *error);
void ktg_population_end(ktg_population *p);
/* Adds the memory that ktg_population_make takes for a settled network. */
void ktg_population_add_need(ketch_need *need, const ketch_glia_net *net,
                             const ketch_glia_evolution_config *config);
/* Takes memory for the individuals of generations up to that one, and for their histories. MEMORY:
 * everything is as before. */
ketch_status ktg_population_reserve(ktg_population *p, uint64_t generation, const char *function,
                                    ketch_error *error);
/* Ranks the present generation, all of which has a fitness, notes its best, and breeds the next
 * one. MEMORY: everything is as before. */
ketch_status ktg_population_breed(ktg_population *p, const char *function, ketch_error *error);
/* Whether the evolution ends with the generations that were scored. */
bool ktg_population_is_last(const ktg_population *p);

/* The node of an individual of the present generation. */
static inline ktg_node *ktg_population_node(const ktg_population *p, uint32_t individual)
{
    return &p->nodes[p->generation * p->config.population + individual];
}

/* ---- read.c ---- */

/* A generation that was scored. */
ketch_glia_generation ktg_generation_of(const ktg_population *p, uint64_t generation);
/* Makes a network of a genome in an arena. MEMORY. */
ketch_status ktg_population_net(ketch_glia_net **net, const ktg_population *p,
                                const ktg_genome *genome, ketch_arena *arena, const char *function,
                                ketch_error *error);
/* The same of the best. INDEX, RANGE. */
ketch_status ktg_population_best_net(ketch_glia_net **net, const ktg_population *p,
                                     ketch_glia_best which, ketch_arena *arena,
                                     const char *function, ketch_error *error);

#endif
