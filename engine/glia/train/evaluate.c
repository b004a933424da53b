/* Scoring an episode without learning. */
#include "float_mode.h"
#include "glia/feed/feed.h"
#include "glia/train/configs.h"
#include "glia/train/learn.h"
#include "status.h"

static void make_episode(ketch_glia_trainer *trainer, const ketch_glia_config *config,
                         const ktg_feed *feed)
{
    const kt_float_mode mode = kt_float_mode_begin();
    ktg_cursor cursor = {0};
    ktg_net_begin_episode(trainer->net);
    ktg_episode_begin(trainer);
    for (uint64_t tick = ktg_config_ticks(config); tick > 0; tick--) {
        ktg_feed_inject(feed, &cursor, trainer->net);
        ktg_net_tick(trainer->net);
        ktg_feed_advance(feed, &cursor);
        ktg_episode_tick(trainer, config, false);
    }
    kt_float_mode_end(mode);
}

static ketch_status write_metrics(ketch_glia_metrics *metrics, float *rates,
                                  const ketch_glia_trainer *trainer,
                                  const ketch_glia_config *config, const char *function,
                                  ketch_error *error)
{
    const ktg_neurons *const n = &trainer->neurons;
    const ktg_outcome outcome = ktg_outcome_of(trainer, config);
    const ketch_glia_metrics out = {
        .size = sizeof out,
        .winner = outcome.winner == KTG_NO_WINNER ? -1 : (int64_t)outcome.winner,
        .margin = outcome.margin,
        .ticks_run = ktg_config_ticks(config),
        .outputs = n->output_count,
    };
    for (uint32_t o = 0; o < n->output_count && rates; o++)
        rates[o] = n->score[n->outputs[o]];
    return kt_write_report(metrics, &out, sizeof out, function, "metrics", error);
}

static ketch_status evaluate_claimed(ketch_glia_metrics *metrics, float *rates, uint64_t capacity,
                                     ketch_glia_trainer *trainer, ketch_glia_sequence *sequence,
                                     const ketch_glia_config *config, const char *function,
                                     ketch_error *error)
{
    const uint32_t outputs = trainer->neurons.output_count;
    ktg_feed feed;
    if (rates && capacity < outputs)
        return kt_fail(error, KETCH_BUFFER, function, "capacity",
                       kt_format("%llu", (unsigned long long)capacity).text,
                       kt_format("%u or more", outputs).text, "the array is too short");
    KT_TRY(
        ktg_feed_make(&feed, trainer->net, sequence, false, trainer->net->arena, function, error));
    make_episode(trainer, config, &feed);
    ktg_feed_end(&feed);
    return write_metrics(metrics, rates, trainer, config, function, error);
}

ketch_status ketch_glia_evaluate(ketch_glia_metrics *metrics, float *rates, uint64_t capacity,
                                 ketch_glia_trainer *trainer, ketch_glia_sequence *sequence,
                                 const ketch_glia_config *config, ketch_error *error)
{
    ketch_glia_config read;
    if (!metrics || (capacity && !rates))
        return kt_fail_handle(error, __func__, metrics ? "rates" : "metrics", "a place", NULL);
    KT_TRY(ktg_config_read(&read, config, __func__, error));
    KT_TRY(ktg_trainer_claim(trainer, __func__, error));
    const ketch_status status =
        evaluate_claimed(metrics, rates, capacity, trainer, sequence, &read, __func__, error);
    ktg_net_release(trainer->net);
    return status;
}
