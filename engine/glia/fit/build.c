/* Fits: how they are checked, made and ended. */
#include "glia/fit/fit.h"

#include "engine.h"
#include "glia/net/parts.h"
#include "hash.h"
#include "layout.h"
#include "numbers.h"
#include "status.h"

#include <math.h>
#include <string.h>

/* ---- defaults and checks ---- */

static const ketch_glia_fit fit_defaults = {
    .size = sizeof fit_defaults,
    .ticks = 40,
    .method = KETCH_GLIA_BPTT,
    .readout = KETCH_GLIA_READ_VOLTAGE,
    .surrogate = KETCH_GLIA_FAST_SIGMOID,
    .width = 0.5F,
    .temperature = 1,
    .batch = 32,
    .shuffle = 1,
    .seed = 123456,
    .optimizer = KETCH_GLIA_ADAM,
    .lr = 0.01F,
    .adam_beta1 = 0.9F,
    .adam_beta2 = 0.999F,
    .adam_eps = 1e-8F,
};

ketch_status ketch_glia_fit_default(ketch_glia_fit *fit, ketch_error *error)
{
    return kt_write_report(fit, &fit_defaults, sizeof fit_defaults, __func__, "fit", error);
}

/* What fits and trainings have in common is checked as of these. */
static ketch_status check_as_training(const ketch_glia_fit *asked, const char *function,
                                      ketch_error *error)
{
    ketch_glia_config config = {.size = sizeof config};
    KT_TRY(ketch_glia_config_default(&config, error));
    config.shuffle = asked->shuffle;
    config.optimizer = asked->optimizer;
    config.temperature = asked->temperature;
    config.lr = asked->lr;
    config.weight_decay = asked->weight_decay;
    config.adam_beta1 = asked->adam_beta1;
    config.adam_beta2 = asked->adam_beta2;
    config.adam_eps = asked->adam_eps;
    const ketch_glia_training training = {.size = sizeof training,
                                          .episodes = asked->episodes,
                                          .count = asked->count,
                                          .epochs = asked->epochs,
                                          .config = &config,
                                          .schedule = asked->schedule,
                                          .target_accuracy = asked->target_accuracy,
                                          .patience = asked->patience};
    const ktg_train_launch launch = {.training = &training, .function = function};
    ktg_train_parts parts;
    return ktg_train_read(&parts, &launch, error);
}

static ketch_status check_range(const char *argument, uint64_t given, uint64_t least, uint64_t most,
                                const char *function, ketch_error *error)
{
    if (given >= least && given <= most)
        return KETCH_OK;
    return kt_fail(
        error, KETCH_RANGE, function, argument, kt_format("%lld", (long long)given).text,
        kt_format("%llu..%llu", (unsigned long long)least, (unsigned long long)most).text,
        "no fit can have that");
}

static ketch_status fail_real(const char *argument, float given, const char *allowed,
                              const char *function, ketch_error *error)
{
    return kt_fail(error, isfinite(given) ? KETCH_RANGE : KETCH_NONFINITE, function, argument,
                   kt_format("%g", (double)given).text, allowed, "no fit can have that");
}

static ketch_status check_choices(const ketch_glia_fit *asked, const char *function,
                                  ketch_error *error)
{
    const struct {
        const char *name;
        int64_t given, first, last;
    } choices[] = {
        {"method", (int32_t)asked->method, KETCH_GLIA_BPTT, KETCH_GLIA_SCORE},
        {"readout", (int32_t)asked->readout, 0, KETCH_GLIA_READ_VOLTAGE},
        {"surrogate", (int32_t)asked->surrogate, 0, KETCH_GLIA_ARCTAN},
        {"ticks", asked->ticks, 1, KETCH_GLIA_TICK_MAX},
        {"batch", asked->batch, 1, UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        KT_TRY(check_range(choices[i].name, (uint64_t)choices[i].given, (uint64_t)choices[i].first,
                           (uint64_t)choices[i].last, function, error));
    if (!(asked->width > 0) || !isfinite(asked->width))
        return fail_real("width", asked->width, "finite numbers above 0", function, error);
    if (!(asked->smoothing >= 0 && asked->smoothing <= 1))
        return fail_real("smoothing", asked->smoothing, "0..1", function, error);
    return KETCH_OK;
}

ketch_status ktg_fit_read(ketch_glia_fit *asked, const ktg_fit_launch *launch, ketch_error *error)
{
    if (!launch->fit)
        return kt_fail_handle(error, launch->function, "fit", "what to fit to", NULL);
    KT_TRY(kt_read_options(asked, sizeof *asked, launch->fit, launch->function, "fit", error));
    KT_TRY(check_choices(asked, launch->function, error));
    return check_as_training(asked, launch->function, error);
}

static ketch_status check_clean(const ketch_glia_net *net, const char *function, ketch_error *error)
{
    if (ktg_net_is_clean(net))
        return KETCH_OK;
    return kt_fail(error, KETCH_MISMATCH, function, "net", "a compat network", "clean networks",
                   "the rules of a compat network have no gradients");
}

/* ---- memory ---- */

static ktg_fit *lay_out_fit(kt_layout *layout, const ktg_graph *graph, const ketch_glia_fit *asked,
                            uint32_t slices)
{
    const uint64_t moments = asked->optimizer == KETCH_GLIA_SGD ? 0 : graph->synapses;
    ktg_fit *const fit = kt_layout_take(layout, 1, sizeof *fit);
    ktg_fit to = {.graph = *graph, .slice_count = slices};
    to.episodes = kt_layout_take(layout, asked->count, sizeof *to.episodes);
    to.order = kt_layout_take(layout, asked->count, sizeof *to.order);
    to.winners = kt_layout_take(layout, asked->count, sizeof *to.winners);
    to.scores = kt_layout_take(layout, asked->count, graph->outputs * sizeof *to.scores);
    to.first = kt_layout_take(layout, moments, sizeof *to.first);
    to.second = kt_layout_take(layout, moments, sizeof *to.second);
    to.slices = kt_layout_take(layout, slices, sizeof *to.slices);
    ktg_graph_lay_out(&to.graph, layout);
    if (fit)
        *fit = to;
    return fit;
}

static uint32_t count_slices(const ketch_glia_fit *asked)
{
    return (uint32_t)ktg_fit_slices(KT_MIN(asked->count, (uint64_t)asked->batch));
}

static uint64_t fit_size(const ktg_graph *graph, const ketch_glia_fit *asked)
{
    kt_layout layout = {0};
    (void)lay_out_fit(&layout, graph, asked, count_slices(asked));
    return layout.size;
}

static ketch_status take_fit(ktg_fit **made, const ktg_graph *graph, const ketch_glia_fit *asked,
                             ketch_arena *arena, const char *function, ketch_error *error)
{
    kt_layout layout = {.size = (size_t)KT_MIN(fit_size(graph, asked), SIZE_MAX)};
    ketch_block *block;
    KT_TRY(ktg_take_zeroed(&block, &layout, arena, "fit", "a fit", function, error));
    *made = lay_out_fit(&layout, graph, asked, count_slices(asked));
    (*made)->record = block;
    return KETCH_OK;
}

ketch_status ktg_fit_add_need(ketch_need *need, const ketch_glia_net *net,
                              const ketch_glia_fit *asked, const char *function, ketch_error *error)
{
    ktg_graph graph;
    KT_TRY(check_clean(net, function, error));
    ktg_graph_count(&graph, net);
    ketch_need_add(need, "glia", fit_size(&graph, asked));
    for (uint32_t i = 0; i < count_slices(asked); i++)
        ketch_need_add(need, "glia", ktg_slice_size(&graph, asked));
    ketch_need_add(need, "glia", ktg_history_first(asked->epochs) * sizeof(ktg_fit_epoch));
    return ktg_episodes_add_need(need, asked->episodes, asked->count, function, error);
}

/* ---- making ---- */

/* Of what decides the bits but for the weights: neurons, synapses and episodes. */
static uint64_t hash_fit(const ketch_glia_net *net, uint64_t episodes)
{
    const ktg_cells *const cells = &net->cells;
    const ktg_clean_cells *const clean = &cells->clean;
    const float *const numbers[] = {cells->threshold, cells->leak,       cells->resting,
                                    clean->reset,     clean->refractory, clean->drive};
    kt_hash hash;
    kt_hash_begin(&hash, episodes);
    kt_hash_add(&hash, net->tau, sizeof net->tau);
    for (uint32_t i = 0; i < cells->count; i++)
        kt_hash_add(&hash, ktg_net_id(net, i), strlen(ktg_net_id(net, i)) + 1);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        kt_hash_add(&hash, numbers[i], cells->count * sizeof(float));
    if (net->rows.count) {
        kt_hash_add(&hash, net->rows.begin, ((size_t)cells->count + 1) * sizeof(uint32_t));
        kt_hash_add(&hash, net->rows.target, net->rows.count * sizeof(uint32_t));
    }
    if (net->rows.count && net->rows.delay)
        kt_hash_add(&hash, net->rows.delay, net->rows.count);
    return kt_hash_end(&hash);
}

static ketch_status fill_fit(ktg_fit *fit, ketch_glia_net *net, const ketch_glia_fit *asked,
                             ketch_arena *arena, const char *function, ketch_error *error)
{
    uint64_t episodes = 0;
    KT_TRY(ktg_episodes_make(fit->episodes, &fit->count, &episodes, net, asked->episodes,
                             asked->count, arena, function, error));
    for (uint32_t i = 0; i < fit->slice_count; i++)
        KT_TRY(ktg_slice_make(&fit->slices[i], &fit->graph, asked, arena, function, error));
    fit->fingerprint = hash_fit(net, episodes);
    fit->asked = *asked;
    fit->asked.episodes = NULL;
    fit->at.stage = asked->epochs ? KTG_FIT_EPOCH : KTG_FIT_OVER;
    for (uint64_t i = 0; i < fit->count; i++)
        fit->winners[i] = -1;
    ktg_graph_fill(&fit->graph, net, asked);
    ktg_graph_place(&fit->graph, &net->rows, 0, net->rows.count);
    return KETCH_OK;
}

static void end_fit(ktg_fit *fit)
{
    for (uint64_t i = 0; i < fit->count; i++)
        ktg_feed_end(&fit->episodes[i].feed);
    for (uint32_t i = 0; i < fit->slice_count; i++)
        if (fit->slices[i].block)
            kt_block_drop(fit->slices[i].block);
    if (fit->history_block)
        kt_block_drop(fit->history_block);
    kt_block_drop(fit->record);
}

ketch_status ktg_fit_make(ktg_fit **made, ketch_glia_net *net, const ketch_glia_fit *asked,
                          ketch_arena *arena, const char *function, ketch_error *error)
{
    ktg_graph graph;
    ktg_fit *fit = NULL;
    KT_TRY(check_clean(net, function, error));
    KT_TRY(ktg_net_prepare(net, function, error));
    ktg_graph_count(&graph, net);
    KT_TRY(take_fit(&fit, &graph, asked, arena, function, error));
    const ketch_status status = fill_fit(fit, net, asked, arena, function, error);
    if (status != KETCH_OK) {
        end_fit(fit);
        return status;
    }
    fit->net = ketch_glia_net_share(net);
    *made = fit;
    return KETCH_OK;
}

void ktg_fit_hold(ktg_fit *fit, bool is_on)
{
    static const int32_t no_call = 0;
    fit->hold.running = is_on ? NULL : &no_call;
    ktg_net_hold(&fit->hold, fit->net);
}

void ktg_fit_describe(ketch_job *job, ktg_fit *fit)
{
    job->steps = fit->asked.epochs * fit->count;
    job->user = fit;
}

void ktg_fit_release(void *user)
{
    ktg_fit *const fit = user;
    ktg_net_let_go(&fit->hold);
    ketch_glia_net_drop(fit->net);
    end_fit(fit);
}

ketch_status ktg_fit_prepare(ketch_job *job, ketch_engine *engine, ketch_error *error)
{
    const ktg_fit_launch *const l = job->user;
    ketch_glia_fit asked;
    ktg_fit *fit = NULL;
    if (!l)
        return kt_fail_handle(error, "ketch_engine_run", "user",
                              "ketch_glia_fit_run, which makes this job", l);
    KT_TRY(ktg_fit_read(&asked, l, error));
    KT_TRY(ktg_net_claim_to_hold(l->net, l->function, error));
    const ketch_status status =
        ktg_fit_make(&fit, l->net, &asked, engine->arena, l->function, error);
    if (status == KETCH_OK) {
        ktg_fit_hold(fit, !l->is_begun);
        ktg_fit_describe(job, fit);
    }
    ktg_net_release(l->net);
    return status;
}
