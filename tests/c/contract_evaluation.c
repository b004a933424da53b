/* Evaluations of data sets as jobs, of networks of both modes. In compat mode each run has a network
 * and a trainer of its own, which begin in the same state. */
#include "contract.h"
#include "glia/train/trainer.h"
#include "trainings.h"

#include <string.h>

enum { NEURONS = 40, SENSORY = 12, SYNAPSES = 300, TICKS = 21, EVENTS = 80 };
enum { EPISODES = 29, TRAINERS = 12 };

typedef struct evaluation_setup {
    ketch_arena *arena;
    ketch_glia_net *original;
    ketch_glia_trainer *trainers[TRAINERS];
    ketch_glia_config config;
    ketch_glia_episode episodes[EPISODES];
    ketch_glia_evaluation evaluation;
} evaluation_setup;

static void fill_setup(evaluation_setup *made)
{
    static const char *const targets[] = {"O0", "O2", "", "nobody", "O4"};
    made->config.size = sizeof made->config;
    GOOD(ketch_glia_config_default(&made->config, &error));
    made->config.warmup_ticks = 4;
    made->config.decision_window = TICKS - 4;
    for (int i = 0; i < EPISODES; i++)
        made->episodes[i] = (ketch_glia_episode){
            sizeof *made->episodes, random_sequence(EVENTS, SENSORY, TICKS, 10 + (uint64_t)i),
            targets[i % 5]};
    made->evaluation = (ketch_glia_evaluation){.size = sizeof made->evaluation,
                                               .episodes = made->episodes,
                                               .count = EPISODES,
                                               .config = &made->config};
}

static evaluation_setup *set_up_evaluations(bool is_clean, ketch_glia_rule rule)
{
    evaluation_setup *const made = calloc(1, sizeof *made);
    GOOD(ketch_arena_create(&made->arena, NULL, &error));
    made->original = is_clean ? random_clean_net(made->arena, NEURONS, SENSORY, SYNAPSES, 25, 5)
                              : random_net(made->arena, NEURONS, SENSORY, SYNAPSES, 5);
    for (int i = 0; i < TRAINERS; i++) {
        ketch_glia_net *net = NULL;
        GOOD(ketch_glia_net_copy(&net, made->original, NULL, &error));
        GOOD(ketch_glia_trainer_create(&made->trainers[i], net, rule, &error));
        ketch_glia_net_drop(net);
    }
    fill_setup(made);
    return made;
}

static void *open_compat(void)
{
    return set_up_evaluations(false, KETCH_GLIA_HEBBIAN);
}

static void *open_clean(void)
{
    return set_up_evaluations(true, KETCH_GLIA_GRADIENT);
}

static void close_evaluations(void *shared)
{
    evaluation_setup *const made = shared;
    for (int i = 0; i < TRAINERS; i++)
        ketch_glia_trainer_drop(made->trainers[i]);
    for (int i = 0; i < EPISODES; i++)
        ketch_glia_sequence_drop(made->episodes[i].sequence);
    ketch_glia_net_drop(made->original);
    ketch_arena_drop(made->arena);
    free(made);
}

static ketch_glia_trainer *find_idle(const evaluation_setup *made)
{
    for (int i = 0; i < TRAINERS; i++)
        if (made->trainers[i]->references == 1)
            return made->trainers[i];
    abort();
}

static ketch_status make_idle_in_child(ketch_glia_trainer **trainer, const contract_start *s,
                                       ketch_error *e)
{
    const evaluation_setup *const made = s->shared;
    ketch_glia_net *net = NULL;
    ketch_status status =
        ketch_glia_net_copy(&net, made->original, ketch_engine_arena(s->engine), e);
    if (status == KETCH_OK)
        status = ketch_glia_trainer_create(trainer, net, made->trainers[0]->rule, e);
    ketch_glia_net_drop(net);
    return status;
}

/* The caller drops it. A forked child can only copy a network that it inherited. */
static ketch_status take_idle(ketch_glia_trainer **trainer, const contract_start *s, ketch_error *e)
{
    const evaluation_setup *const made = s->shared;
    if (kt_arena_forked(made->arena))
        return make_idle_in_child(trainer, s, e);
    *trainer = ktg_trainer_share(find_idle(made));
    GOOD(ketch_glia_reset((*trainer)->net, &error));
    return KETCH_OK;
}

static ketch_status start_evaluation(ketch_result **result, const contract_start *s, ketch_error *e)
{
    const evaluation_setup *const made = s->shared;
    ketch_glia_trainer *trainer = NULL;
    *result = NULL;
    ketch_status status = take_idle(&trainer, s, e);
    if (status != KETCH_OK)
        return status;
    status =
        s->begins
            ? ketch_glia_evaluate_begin(result, s->engine, trainer, &made->evaluation, s->run, e)
            : ketch_glia_evaluate_all(result, s->engine, trainer, &made->evaluation, s->run, e);
    ketch_glia_trainer_drop(trainer);
    return status;
}

static ketch_status need_evaluation(ketch_need *need, const contract_start *s, ketch_error *e)
{
    const evaluation_setup *const made = s->shared;
    return ketch_glia_evaluate_need(need, s->engine, find_idle(made), &made->evaluation, e);
}

static uint64_t digest_evaluation(const ketch_result *result)
{
    ketch_glia_scores scores = {.size = sizeof scores};
    ketch_glia_metrics metrics[EPISODES] = {{.size = sizeof *metrics}};
    float rates[EPISODES * NEURONS];
    GOOD(ketch_glia_get_scores(&scores, result, &error));
    GOOD(ketch_glia_get_metrics(metrics, 0, EPISODES, result, &error));
    GOOD(ketch_glia_get_rates(rates, 0, EPISODES, result, &error));
    uint64_t hash = contract_hash(CONTRACT_HASH_START, &scores, sizeof scores);
    for (int i = 0; i < EPISODES; i++) {
        const double numbers[] = {(double)metrics[i].winner, (double)metrics[i].margin,
                                  (double)metrics[i].ticks_run};
        hash = contract_hash(hash, numbers, sizeof numbers);
    }
    return contract_hash(hash, rates, EPISODES * scores.outputs * sizeof *rates);
}

#define OF_EVALUATIONS                                                                             \
    .close = close_evaluations, .start = start_evaluation, .digest = digest_evaluation,            \
    .need = need_evaluation, .type = ketch_glia_evaluate_type, .steps = EPISODES, .looks = 2

const contract_job contract_evaluation = {OF_EVALUATIONS, .name = "evaluation",
                                          .open = open_compat};
const contract_job contract_clean_evaluation = {OF_EVALUATIONS,
                                                .name = "evaluation of a clean network",
                                                .open = open_clean, .makes_objects = true};
