/* Evaluations: how they are checked, made, carried and ended. */
#include "glia/evaluate/evaluation.h"

#include "context.h"
#include "glia/net/parts.h"
#include "glia/train/configs.h"
#include "glia/train/train.h"
#include "status.h"

#include <string.h>

/* ---- checks ---- */

ketch_status ktg_evaluate_read(ktg_evaluate_parts *parts, const ktg_evaluate_launch *launch,
                               ketch_error *error)
{
    ketch_glia_evaluation *const asked = &parts->asked;
    if (!launch->evaluation)
        return kt_fail_handle(error, launch->function, "evaluation", "what to score", NULL);
    KT_TRY(kt_read_options(asked, sizeof *asked, launch->evaluation, launch->function, "evaluation",
                           error));
    KT_TRY(ktg_episodes_check(asked->episodes, asked->count, "no evaluation has so many episodes",
                              launch->function, error));
    return ktg_config_read(&parts->config, asked->config, launch->function, error);
}

/* ---- memory ---- */

static void lay_out_evaluation(ktg_evaluation **e, kt_layout *layout, uint64_t count,
                               uint32_t outputs)
{
    ktg_evaluation shape = {.scorer_capacity = (uint32_t)KT_MIN(count, KETCH_THREADS_MAX)};
    *e = kt_layout_take(layout, 1, sizeof **e);
    shape.exams = kt_layout_take(layout, count, sizeof *shape.exams);
    shape.scores = kt_layout_take(layout, count, sizeof *shape.scores);
    shape.rates = kt_layout_take(layout, count, (uint64_t)outputs * sizeof *shape.rates);
    shape.scorers = kt_layout_take(layout, shape.scorer_capacity, sizeof *shape.scorers);
    if (*e)
        **e = shape;
}

uint64_t ktg_evaluation_size(uint64_t count, uint32_t outputs)
{
    ktg_evaluation *none;
    kt_layout layout = {0};
    lay_out_evaluation(&none, &layout, count, outputs);
    return layout.size;
}

static ketch_status take_evaluation(ktg_evaluation **e, uint64_t count, uint32_t outputs,
                                    ketch_arena *arena, const char *function, ketch_error *error)
{
    ketch_block *block;
    kt_layout layout = {.size = (size_t)ktg_evaluation_size(count, outputs)};
    KT_TRY(ktg_take_zeroed(&block, &layout, arena, "evaluation", "an evaluation", function, error));
    lay_out_evaluation(e, &layout, count, outputs);
    (*e)->record = block;
    (*e)->count = count;
    (*e)->outputs = outputs;
    return KETCH_OK;
}

/* ---- making ---- */

static uint32_t find_exam_target(const ketch_glia_net *net, const char *id)
{
    const uint32_t slot = ktg_names_find(&net->names, id, strlen(id));
    return slot == KTG_NO_SLOT || !ktg_is_output(id) ? KTG_NO_WINNER : net->index.items[slot];
}

static ketch_status make_exam(ktg_exam *exam, const ktg_evaluation *e,
                              const ketch_glia_episode *from, const ketch_glia_net *net,
                              ketch_arena *arena, const char *function, ketch_error *error)
{
    const bool is_hebbian = e->trainer->rule == KETCH_GLIA_HEBBIAN;
    if (!from->target)
        return kt_fail_handle(error, function, "target", "a text", NULL);
    exam->target = find_exam_target(net, from->target);
    exam->is_default = strcmp(from->target, is_hebbian ? e->default_id : "") == 0;
    return ktg_feed_make(&exam->feed, net, from->sequence, false, arena, function, error);
}

/* On a network that is settled and prepared, and that nothing else works on. */
static ketch_status fill_evaluation(ktg_evaluation *e, const ketch_glia_net *net,
                                    const ktg_evaluate_parts *parts, int32_t threads,
                                    ketch_arena *arena, const char *function, ketch_error *error)
{
    for (; e->made < e->count; e->made++)
        KT_TRY(make_exam(&e->exams[e->made], e, ktg_episode_at(parts->asked.episodes, e->made), net,
                         arena, function, error));
    return ktg_scorers_reserve(e, threads, arena, function, error);
}

static void copy_exam_config(ktg_evaluation *e, const ketch_glia_config *config)
{
    e->config = *config;
    kt_copy_text(e->default_id, sizeof e->default_id, config->default_id);
    e->config.default_id = e->default_id;
}

/* base: for the evaluation, which owns it once it is made. */
static ketch_status make_on_net(ktg_evaluation **made, ketch_glia_net *net, ketch_glia_net *base,
                                const ktg_evaluate_launch *launch, const ktg_evaluate_parts *parts,
                                int32_t threads, ketch_arena *arena, ketch_error *error)
{
    const char *const function = launch->function;
    ktg_evaluation *e = NULL;
    KT_TRY(ktg_net_prepare(net, function, error));
    KT_TRY(take_evaluation(&e, parts->asked.count, net->cells.outputs, arena, function, error));
    e->trainer = ktg_trainer_share(launch->trainer);
    copy_exam_config(e, &parts->config);
    e->base = base;
    const ketch_status status = fill_evaluation(e, net, parts, threads, arena, function, error);
    if (status != KETCH_OK) {
        e->base = NULL;
        ktg_evaluate_release(e);
        return status;
    }
    *made = e;
    return KETCH_OK;
}

static ketch_status make_clean(ktg_evaluation **made, const ktg_evaluate_launch *launch,
                               const ktg_evaluate_parts *parts, int32_t threads, ketch_arena *arena,
                               ketch_error *error)
{
    ketch_glia_net *base = NULL;
    KT_TRY(ktg_net_copy(&base, launch->trainer->net, arena, launch->function, error));
    const ketch_status status = make_on_net(made, base, base, launch, parts, threads, arena, error);
    if (status != KETCH_OK)
        ketch_glia_net_drop(base);
    return status;
}

static void hold_network(ktg_evaluation *e, bool is_on)
{
    static const int32_t no_call = 0;
    e->hold.running = is_on ? NULL : &no_call;
    ktg_net_hold(&e->hold, e->trainer->net);
}

static ketch_status make_compat(ktg_evaluation **made, const ktg_evaluate_launch *launch,
                                const ktg_evaluate_parts *parts, int32_t threads,
                                ketch_arena *arena, ketch_error *error)
{
    ketch_glia_net *const net = launch->trainer->net;
    KT_TRY(ktg_net_claim_to_hold(net, launch->function, error));
    const ketch_status status = make_on_net(made, net, NULL, launch, parts, threads, arena, error);
    if (status == KETCH_OK)
        hold_network(*made, !launch->is_begun);
    ktg_net_release(net);
    return status;
}

ketch_status ktg_evaluation_make(ktg_evaluation **made, const ktg_evaluate_launch *launch,
                                 const ktg_evaluate_parts *parts, int32_t threads,
                                 ketch_arena *arena, ketch_error *error)
{
    return (ktg_net_is_clean(launch->trainer->net) ? make_clean : make_compat)(
        made, launch, parts, threads, arena, error);
}

void ktg_evaluate_release(void *user)
{
    ktg_evaluation *const e = user;
    if (e->hold.net)
        ktg_net_let_go(&e->hold);
    ktg_scorers_end(e);
    for (uint64_t i = 0; i < e->made; i++)
        ktg_feed_end(&e->exams[i].feed);
    ketch_glia_net_drop(e->base);
    ketch_glia_trainer_drop(e->trainer);
    kt_block_drop(e->record);
}

void ktg_evaluation_describe(ketch_job *job, ktg_evaluation *e)
{
    job->steps = e->count;
    job->user = e;
}

/* ---- the job ---- */

static const char evaluate_name[] = "ketch_glia_evaluate_all";

/* On an engine with more threads than before there are more scorers. */
static ketch_status score_in_parallel(ketch_context *context, ktg_evaluation *e)
{
    ketch_error error = {.size = sizeof error};
    const ketch_status status =
        ktg_scorers_reserve(e, ketch_context_threads(context), kt_context_engine(context)->arena,
                            evaluate_name, &error);
    if (status != KETCH_OK)
        return kt_context_fail_as(context, 0, &error, "the evaluation needs more");
    return ketch_context_parallel(context, e->count, e->count, ktg_score_episode, e);
}

static ketch_status score_in_order(ketch_context *context, ktg_evaluation *e)
{
    for (; e->done < e->count; e->done++) {
        KT_TRY(ketch_context_check(context));
        KT_TRY(ktg_score_episode(e->done, 0, e));
        ketch_context_retire(context, 1);
    }
    return KETCH_OK;
}

static ketch_status score_on_network(ketch_context *context, ktg_evaluation *e)
{
    if (!ktg_net_regain(&e->hold))
        return ketch_context_fail(context, 0, KETCH_MISMATCH, "trainer", NULL, NULL,
                                  "the network was changed since the evaluation was suspended: "
                                  "the evaluation cannot go on");
    e->hold.running = kt_context_running(context);
    ketch_error error = {.size = sizeof error};
    ketch_status status = ktg_net_own_cells(e->trainer->net, __func__, &error);
    if (status == KETCH_OK)
        status = score_in_order(context, e);
    else
        status = kt_context_fail_as(context, 0, &error, "the evaluation needs more");
    ktg_net_release(e->trainer->net);
    return status;
}

ketch_status ktg_evaluate_advance(ketch_context *context, void *user)
{
    ktg_evaluation *const e = user;
    e->context = context;
    return e->base ? score_in_parallel(context, e) : score_on_network(context, e);
}
