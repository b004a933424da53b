/* Saving and loading evolutions. A file has the configurations, the position, the lineage, all
 * genomes, and the lives that are not over; of the network and the episodes only a hash. */
#include "glia/evolve/lives.h"

#include "engine.h"
#include "glia/train/configs.h"
#include "heap.h"
#include "result_save.h"
#include "save.h"
#include "status.h"

#include <string.h>

static const char evolve_head_section[] = "glia.evolve", trials_section[] = "glia.trials",
                  nodes_section[] = "glia.nodes", generations_section[] = "glia.generations",
                  best_section[] = "glia.best", last_section[] = "glia.last";

/* data: ktg_evolution.fingerprint. training: its default_id is the text behind it. */
typedef struct evolve_head {
    uint64_t data, generation, best_id, has_fitness;
    ktg_evolution_place at;
    ketch_glia_evolution_config config;
    ketch_glia_config training;
    char default_id[KETCH_GLIA_ID_MAX + 1];
} evolve_head;

static kt_text name_genome(uint32_t individual)
{
    return kt_format("glia.now.%u", individual);
}

/* ---- saving ---- */

static ketch_status save_evolve_head(ketch_writer *writer, const ktg_evolution *e)
{
    const ktg_training *const t = e->individuals[0].training;
    evolve_head head;
    memset(&head, 0, sizeof head);
    head.data = e->fingerprint;
    head.generation = e->population.generation;
    head.best_id = e->population.best_id;
    head.has_fitness = e->fitness != NULL;
    head.at = e->at;
    memcpy(&head.config, &e->population.config, sizeof head.config);
    memcpy(&head.training, &t->config, sizeof head.training);
    head.training.lr = t->base_lr;
    head.training.default_id = NULL;
    memcpy(head.default_id, t->default_id, sizeof head.default_id);
    return ketch_writer_section(writer, evolve_head_section, &head, sizeof head);
}

static ketch_status save_trials(ketch_writer *writer, const ktg_evolution *e)
{
    const uint64_t count = e->population.config.population;
    ktg_trial *const trials = kt_heap_take(count * sizeof *trials);
    if (!trials)
        return kt_writer_fail(writer, KETCH_MEMORY, "evolution",
                              "there is no memory to save the individuals");
    for (uint64_t i = 0; i < count; i++)
        memcpy(&trials[i], &e->individuals[i].at, sizeof *trials);
    const ketch_status status =
        ketch_writer_section(writer, trials_section, trials, count * sizeof *trials);
    kt_heap_give(trials);
    return status;
}

static ketch_status save_population(ketch_writer *writer, const ktg_population *p)
{
    const uint64_t nodes = (p->generation + 1) * p->config.population;
    KT_TRY(ketch_writer_section(writer, nodes_section, p->nodes, nodes * sizeof *p->nodes));
    KT_TRY(ketch_writer_section(writer, generations_section, p->history,
                                p->generation * sizeof *p->history));
    for (uint32_t i = 0; i < p->config.population; i++)
        KT_TRY(ktg_genome_save(writer, name_genome(i).text, &p->now[i]));
    if (p->generation == 0)
        return KETCH_OK;
    KT_TRY(ktg_genome_save(writer, best_section, &p->best));
    return ktg_genome_save(writer, last_section, &p->last);
}

ketch_status ktg_evolve_save(ketch_writer *writer, const void *user)
{
    const ktg_evolution *const e = user;
    KT_TRY(save_evolve_head(writer, e));
    KT_TRY(save_trials(writer, e));
    KT_TRY(save_population(writer, &e->population));
    for (uint32_t i = 0; i < e->population.config.population; i++)
        if (ktg_life_is_saved(e, &e->individuals[i]))
            KT_TRY(ktg_life_save(writer, e, i));
    return KETCH_OK;
}

/* ---- loading ---- */

typedef struct evolve_loading {
    const ktg_evolve_launch *launch;
    evolve_head head;
} evolve_loading;

/* The evolution that the caller gave, with the configs of the file; CORRUPT if they are none. */
static ketch_status read_loaded_evolution(ktg_evolve_parts *parts, evolve_loading *l,
                                          ketch_reader *reader, ketch_error *error)
{
    evolve_head *const head = &l->head;
    ketch_glia_evolution evolution = {0};
    const ktg_evolve_launch launch = {l->launch->net, &evolution, l->launch->function};
    KT_TRY(kt_read_options(&evolution, sizeof evolution, l->launch->evolution, launch.function,
                           "evolution", error));
    evolution.size = sizeof evolution;
    evolution.config = &head->training;
    evolution.evolution = &head->config;
    head->default_id[KETCH_GLIA_ID_MAX] = 0;
    head->training.default_id = head->default_id;
    if (ktg_evolution_read(&parts->config, &head->config, launch.function, NULL) != KETCH_OK ||
        ktg_config_read(&parts->training.config, &head->training, launch.function, NULL) !=
            KETCH_OK)
        return kt_reader_fail(reader, evolve_head_section, "there is no such evolution", error);
    return ktg_evolve_read(parts, &launch, error);
}

static ketch_status check_same_evolution(const ktg_evolution *e, const evolve_loading *l,
                                         ketch_error *error)
{
    const char *const function = l->launch->function;
    if (l->head.has_fitness != (e->fitness != NULL))
        return kt_fail(error, KETCH_MISMATCH, function, "fitness", e->fitness ? "one" : "none",
                       l->head.has_fitness ? "one" : "none",
                       "the evolution was saved with another fitness");
    if (l->head.data == e->fingerprint)
        return KETCH_OK;
    return kt_fail(error, KETCH_MISMATCH, function, "evolution",
                   kt_format("%llx", (unsigned long long)e->fingerprint).text,
                   kt_format("%llx", (unsigned long long)l->head.data).text,
                   "the evolution was saved for another network or other episodes");
}

static bool are_ids_possible(const ktg_population *p)
{
    const uint64_t each = p->config.population;
    for (uint64_t i = 0; i < (p->generation + 1) * each; i++)
        if (p->nodes[i].parent >= (int64_t)i || p->nodes[i].parent < -1)
            return false;
    for (uint64_t g = 0; g < p->generation; g++)
        if (p->history[g].best / each != g)
            return false;
    return p->generation == 0 ? p->best_id == 0 : p->best_id < p->generation * each;
}

static ketch_status load_lineage(ktg_population *p, ketch_reader *reader, const evolve_head *head,
                                 const char *function, ketch_error *error)
{
    const uint64_t nodes = (head->generation + 1) * p->config.population;
    if (head->generation > p->config.generations ||
        ketch_reader_size(reader, nodes_section) != nodes * sizeof *p->nodes)
        return kt_reader_fail(reader, nodes_section, "it has another size than the head says",
                              error);
    KT_TRY(ktg_population_reserve(p, head->generation + 1, function, error));
    KT_TRY(ketch_reader_section(reader, nodes_section, p->nodes, nodes * sizeof *p->nodes, error));
    KT_TRY(ketch_reader_section(reader, generations_section, p->history,
                                head->generation * sizeof *p->history, error));
    p->generation = head->generation;
    p->best_id = head->best_id;
    return are_ids_possible(p)
               ? KETCH_OK
               : kt_reader_fail(reader, nodes_section, "there is no such lineage", error);
}

static ketch_status load_genomes(ktg_population *p, ketch_reader *reader, const char *function,
                                 ketch_error *error)
{
    const ktg_cells *const cells = &p->base->cells;
    for (uint32_t i = 0; i < p->config.population; i++)
        KT_TRY(ktg_genome_load(&p->now[i], reader, name_genome(i).text, cells, p->arena, function,
                               error));
    if (p->generation == 0)
        return KETCH_OK;
    KT_TRY(ktg_genome_load(&p->best, reader, best_section, cells, p->arena, function, error));
    return ktg_genome_load(&p->last, reader, last_section, cells, p->arena, function, error);
}

static bool is_possible_trial(const ktg_evolution *e, const ktg_trial *trial)
{
    if (trial->life < KTG_LIFE_BIRTH || trial->life > KTG_LIFE_OVER ||
        trial->episode > e->validation_count || trial->right > trial->episode)
        return false;
    return trial->life != KTG_LIFE_TICKS ||
           (trial->episode < e->validation_count &&
            trial->cursor.next <= e->validation[trial->episode].feed.count);
}

static ketch_status load_trials(ktg_evolution *e, ketch_reader *reader, ktg_trial *trials,
                                const char *function, ketch_error *error)
{
    const uint32_t count = e->population.config.population;
    KT_TRY(ketch_reader_section(reader, trials_section, trials, count * sizeof *trials, error));
    for (uint32_t i = 0; i < count; i++) {
        ktg_individual *const own = &e->individuals[i];
        if (!is_possible_trial(e, &trials[i]))
            return kt_reader_fail(reader, trials_section, "no individual can be there", error);
        own->at = trials[i];
        own->training->config.seed = ktg_seed_of(&e->population, i);
        if (ktg_life_is_saved(e, own))
            KT_TRY(ktg_life_load(e, i, reader, function, error));
    }
    return KETCH_OK;
}

static ketch_status load_place(ktg_evolution *e, ketch_reader *reader, const evolve_head *head,
                               ketch_error *error)
{
    e->at = head->at;
    const bool is_over = e->at.stage == 1;
    if ((e->at.stage == 0 || is_over) && e->at.scored <= e->population.config.population &&
        (is_over || e->population.generation < e->population.config.generations))
        return KETCH_OK;
    return kt_reader_fail(reader, evolve_head_section, "no evolution can be there", error);
}

static ketch_status fill_loaded_evolution(ktg_evolution *e, const evolve_loading *l,
                                          ketch_reader *reader, ketch_error *error)
{
    const char *const function = l->launch->function;
    KT_TRY(check_same_evolution(e, l, error));
    KT_TRY(load_lineage(&e->population, reader, &l->head, function, error));
    KT_TRY(load_genomes(&e->population, reader, function, error));
    KT_TRY(load_place(e, reader, &l->head, error));
    ktg_trial *const trials = kt_heap_take(e->population.config.population * sizeof *trials);
    if (!trials)
        return kt_fail_heap(error, function);
    const ketch_status status = load_trials(e, reader, trials, function, error);
    kt_heap_give(trials);
    return status;
}

ketch_status ktg_evolve_load(ketch_job *job, ketch_reader *reader, void *context,
                             ketch_engine *engine, ketch_error *error)
{
    evolve_loading *const l = context;
    ktg_evolve_parts parts;
    ktg_evolution *e = NULL;
    KT_TRY(ketch_reader_section(reader, evolve_head_section, &l->head, sizeof l->head, error));
    KT_TRY(read_loaded_evolution(&parts, l, reader, error));
    const ktg_evolve_launch launch = {l->launch->net, NULL, l->launch->function};
    KT_TRY(ktg_evolution_make(&e, &launch, &parts, false, engine->arena, error));
    const ketch_status status = fill_loaded_evolution(e, l, reader, error);
    if (status != KETCH_OK) {
        ktg_evolve_release(e);
        return status;
    }
    ktg_evolution_describe(job, e);
    return KETCH_OK;
}

ketch_status ktg_evolve_load_into(ketch_result **result, ketch_engine *engine,
                                  const ketch_job_type *type, const ktg_evolve_launch *launch,
                                  const char *path, ketch_error *error)
{
    evolve_loading l = {.launch = launch};
    return kt_result_load(result, engine, type, &l, path, launch->function, error);
}
