/* How an evolution goes on. */
#include "glia/evolve/evolve.h"

#include "context.h"
#include "glia/train/lanes.h"
#include "status.h"

#include <math.h>

/* ---- fitness ---- */

static void score_trial(ktg_evolution *e, uint32_t individual)
{
    const ktg_trial *const trial = &e->individuals[individual].at;
    const double count = (double)KT_MAX(e->validation_count, 1);
    ktg_node *const node = ktg_population_node(&e->population, individual);
    node->accuracy = (double)trial->right / count;
    node->margin = trial->margins / count;
    node->synapses = trial->synapses;
}

/* Each operation is rounded. */
static double usual_fitness(const ktg_population *p, const ktg_node *node)
{
    const ketch_glia_evolution_config *const c = &p->config;
    const double share = (double)node->synapses / (double)KT_MAX(p->base->rows.count, 1);
    const double gain =
        kt_kept_double(c->w_acc * node->accuracy) + kt_kept_double(c->w_margin * node->margin);
    return gain - kt_kept_double(c->w_sparsity * share);
}

/* Calls the function in the caller's floating-point mode. */
static ketch_status call_fitness(double *fitness, ketch_context *context, const ktg_evolution *e,
                                 uint32_t individual, ketch_glia_net *net)
{
    const ktg_node *const node = ktg_population_node(&e->population, individual);
    const ketch_glia_candidate candidate = {.size = sizeof candidate,
                                            .generation = e->population.generation,
                                            .individual = individual,
                                            .accuracy = node->accuracy,
                                            .margin = node->margin,
                                            .synapses = node->synapses,
                                            .net = net};
    const kt_float_mode mode = kt_float_mode_begin();
    kt_float_mode_end(context->mode);
    const ketch_status status = e->fitness(fitness, &candidate, e->user);
    kt_float_mode_end(mode);
    return status;
}

static ketch_status fail_fitness(ketch_context *context, double fitness)
{
    return ketch_context_fail(context, 0, KETCH_NONFINITE, "fitness", kt_number(fitness).text,
                              "finite numbers", "an individual has no fitness");
}

/* The function gets a copy, so whatever it does to that, and whatever it keeps, changes nothing. */
static ketch_status ask_for_fitness(ketch_context *context, ktg_evolution *e, uint32_t individual)
{
    ketch_error error = {.size = sizeof error};
    ketch_glia_net *net = NULL;
    double fitness = NAN;
    const ketch_status copied = ktg_net_copy(&net, e->individuals[individual].trainer->net,
                                             e->population.arena, ktg_evolve_name, &error);
    if (copied != KETCH_OK)
        return kt_context_fail_as(context, 0, &error, "the evolution needs more");
    const ketch_status status = call_fitness(&fitness, context, e, individual, net);
    ketch_glia_net_drop(net);
    if (status != KETCH_OK)
        return ketch_context_fail(context, 0, status < KETCH_OK ? status : KETCH_HOOK, "fitness",
                                  NULL, NULL, "the fitness function failed");
    if (!isfinite(fitness))
        return fail_fitness(context, fitness);
    ktg_population_node(&e->population, individual)->fitness = fitness;
    return KETCH_OK;
}

static ketch_status score(ketch_context *context, ktg_evolution *e)
{
    for (; e->at.scored < e->population.config.population; e->at.scored++) {
        ktg_node *const node = ktg_population_node(&e->population, e->at.scored);
        score_trial(e, e->at.scored);
        if (!e->fitness) {
            node->fitness = usual_fitness(&e->population, node);
            if (!isfinite(node->fitness))
                return fail_fitness(context, node->fitness);
            continue;
        }
        KT_TRY(ketch_context_check(context));
        KT_TRY(ask_for_fitness(context, e, e->at.scored));
    }
    return KETCH_OK;
}

/* ---- stages ---- */

enum { STAGE_LIVES = 0, STAGE_EVOLVED = 1 };

static ketch_status begin_lives(ketch_context *context, ketch_sweep *sweep, void *user)
{
    (void)context;
    const ktg_evolution *const e = user;
    const uint64_t population = e->population.config.population;
    *sweep = (ketch_sweep){.count = population, .steps = population};
    return KETCH_OK;
}

static ketch_status end_lives(ketch_context *context, ketch_next *next, void *user)
{
    ktg_evolution *const e = user;
    ketch_error error = {.size = sizeof error};
    KT_TRY(score(context, e));
    const ketch_status status = ktg_population_breed(&e->population, ktg_evolve_name, &error);
    if (status != KETCH_OK)
        return kt_context_fail_as(context, 0, &error, "the evolution needs more");
    for (uint32_t i = 0; i < e->population.config.population; i++)
        e->individuals[i].at = (ktg_trial){0};
    e->at.scored = 0;
    const bool is_last = ktg_population_is_last(&e->population);
    *next = (ketch_next){
        .stage = KETCH_STAGE_FENCE, .after = is_last ? STAGE_EVOLVED : STAGE_LIVES, .view = e};
    return KETCH_OK;
}

/* STAGE_EVOLVED has no row: the job has ended. */
static const ketch_stage evolve_stages[] = {
    [STAGE_LIVES] = {"generation", begin_lives, ktg_live, end_lives},
};

ketch_status ktg_evolve_advance(ketch_context *context, void *user)
{
    ktg_evolution *const e = user;
    e->context = context;
    return ketch_context_stages(context, evolve_stages, STAGE_EVOLVED, &e->at.stage, e);
}
