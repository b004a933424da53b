/* Lanes: what carries an episode to its score. */
#include "glia/evaluate/evaluation.h"

#include "glia/net/parts.h"
#include "glia/train/configs.h"
#include "status.h"

#include <assert.h>
#include <string.h>

/* Ticks between two polls take about a millisecond by this estimate, in ns. */
static const uint64_t score_work = 500000;

/* ---- memory ---- */

static ktg_scorer *lay_out_scorer(kt_layout *layout, const ktg_cells *cells)
{
    ktg_scorer *const scorer = kt_layout_take(layout, 1, sizeof *scorer);
    float *const score = kt_layout_take(layout, cells->count, sizeof *score);
    uint32_t *const outputs = kt_layout_take(layout, cells->outputs, sizeof *outputs);
    if (scorer)
        scorer->judge.neurons = (ktg_neurons){.count = cells->count,
                                              .output_count = cells->outputs,
                                              .rate = score,
                                              .score = score,
                                              .outputs = outputs};
    return scorer;
}

uint64_t ktg_scorer_size(const ktg_cells *cells)
{
    kt_layout layout = {0};
    (void)lay_out_scorer(&layout, cells);
    return layout.size;
}

static ketch_status make_scorer(ktg_scorer **made, const ktg_evaluation *e, ketch_arena *arena,
                                const char *function, ketch_error *error)
{
    ketch_glia_net *const net = e->base ? e->base : e->trainer->net;
    kt_layout layout = {.size = (size_t)ktg_scorer_size(&net->cells)};
    ketch_block *block;
    KT_TRY(ktg_take_zeroed(&block, &layout, arena, "evaluation", "an episode", function, error));
    ktg_scorer *const scorer = lay_out_scorer(&layout, &net->cells);
    scorer->block = block;
    scorer->judge.rule = e->trainer->rule;
    scorer->judge.net = net;
    ktg_neurons_list_outputs(&scorer->judge.neurons, net);
    *made = scorer;
    if (!e->base)
        return KETCH_OK;
    const ketch_status status = ktg_net_twin(&scorer->net, net, arena, function, error);
    scorer->judge.net = &scorer->net;
    if (status != KETCH_OK)
        kt_block_drop(block);
    return status;
}

uint32_t ktg_scorers_for(bool is_clean, uint64_t count, int32_t threads)
{
    return is_clean ? (uint32_t)KT_MIN(count, (uint64_t)threads) : 1;
}

ketch_status ktg_scorers_reserve(ktg_evaluation *e, int32_t threads, ketch_arena *arena,
                                 const char *function, ketch_error *error)
{
    const uint32_t wanted = ktg_scorers_for(e->base != NULL, e->count, threads);
    assert(wanted <= e->scorer_capacity);
    for (; e->scorer_count < wanted; e->scorer_count++)
        KT_TRY(make_scorer(&e->scorers[e->scorer_count], e, arena, function, error));
    return KETCH_OK;
}

void ktg_scorers_end(ktg_evaluation *e)
{
    for (uint32_t i = 0; i < e->scorer_count; i++) {
        ktg_net_twin_end(&e->scorers[i]->net);
        kt_block_drop(e->scorers[i]->block);
    }
}

/* ---- episodes ---- */

static void begin_exam(ktg_scorer *scorer)
{
    ktg_neurons *const n = &scorer->judge.neurons;
    ktg_net_begin_episode(scorer->judge.net);
    scorer->tick = 0;
    scorer->cursor = (ktg_cursor){0};
    if (n->count)
        memset(n->score, 0, n->count * sizeof *n->score);
}

static bool try_own(ktg_scorer *scorer, uint64_t owner)
{
    uint64_t none = 0;
    return __atomic_compare_exchange_n(&scorer->owner, &none, owner, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

/* The scorer in which the episode is open, or else a free one, in which it begins. There is one: no
 * more episodes are open than there were threads in any call, as open ones go on first. */
static ktg_scorer *take_scorer(ktg_evaluation *e, uint64_t index)
{
    for (uint32_t i = 0; i < e->scorer_count; i++)
        if (__atomic_load_n(&e->scorers[i]->owner, __ATOMIC_ACQUIRE) == index + 1)
            return e->scorers[i];
    for (uint32_t i = 0;; i = (i + 1) % e->scorer_count) {
        if (!try_own(e->scorers[i], index + 1))
            continue;
        begin_exam(e->scorers[i]);
        return e->scorers[i];
    }
}

static void make_exam_tick(ktg_scorer *scorer, const ktg_feed *feed,
                           const ketch_glia_config *config)
{
    ktg_feed_inject(feed, &scorer->cursor, scorer->judge.net);
    ktg_net_tick(scorer->judge.net);
    ktg_feed_advance(feed, &scorer->cursor);
    ktg_episode_tick(&scorer->judge, config, false);
    scorer->tick++;
}

/* The first look is before the index. */
static ketch_status make_exam_ticks(ktg_evaluation *e, ktg_scorer *scorer, const ktg_feed *feed,
                                    int32_t worker)
{
    const ketch_glia_net *const net = scorer->judge.net;
    const uint64_t ticks = ktg_config_ticks(&e->config), neurons = net->cells.count;
    const uint64_t spike = 2 + 2 * (uint64_t)net->rows.count / KT_MAX(neurons, 1);
    for (uint64_t work = 0; scorer->tick < ticks;) {
        if (work >= score_work) {
            KT_TRY(ketch_context_poll(e->context, worker));
            work = 0;
        }
        make_exam_tick(scorer, feed, &e->config);
        work += 50 + neurons + spike * net->cells.fired_count;
    }
    return KETCH_OK;
}

static void note_score(ktg_evaluation *e, const ktg_scorer *scorer, uint64_t index)
{
    const ktg_neurons *const n = &scorer->judge.neurons;
    const ktg_exam *const exam = &e->exams[index];
    const ktg_outcome outcome = ktg_outcome_of(&scorer->judge, &e->config);
    ktg_score *const score = &e->scores[index];
    float *const rates = e->rates + index * e->outputs;
    for (uint32_t o = 0; o < n->output_count; o++)
        rates[o] = n->score[n->outputs[o]];
    score->winner = outcome.winner;
    score->margin = outcome.margin;
    score->is_right =
        outcome.winner == KTG_NO_WINNER ? exam->is_default : outcome.winner == exam->target;
    __atomic_store_n(&score->is_done, true, __ATOMIC_RELEASE);
}

ketch_status ktg_score_episode(uint64_t index, int32_t worker, void *user)
{
    ktg_evaluation *const e = user;
    ktg_scorer *const scorer = take_scorer(e, index);
    KT_TRY(make_exam_ticks(e, scorer, &e->exams[index].feed, worker));
    note_score(e, scorer, index);
    __atomic_store_n(&scorer->owner, 0, __ATOMIC_RELEASE);
    return KETCH_OK;
}
