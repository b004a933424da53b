/* Bad calls of trainers: each gets its status and a text with what was given and allowed, and changes
 * nothing. */
#include "suite.h"
#include "trainings.h"

#include <math.h>
#include <string.h>

enum { NEURONS = 12, SENSORY = 4, SYNAPSES = 40, TICKS = 10 };

/* What the calls are made with; `episodes` are good ones. */
typedef struct school {
    ketch_engine *engine;
    ketch_glia_net *net;
    ketch_glia_trainer *trainer;
    ketch_glia_sequence *sequence;
    ketch_glia_config config;
    ketch_glia_episode episodes[2];
    ketch_glia_training training;
    ketch_result *result;
} school;

static school open_school(void)
{
    school s = {0};
    const ketch_engine_options options = {.size = sizeof options, .threads = 1};
    GOOD(ketch_engine_create(&s.engine, &options, &error));
    s.net = random_net(ketch_engine_arena(s.engine), NEURONS, SENSORY, SYNAPSES, 3);
    GOOD(ketch_glia_trainer_create(&s.trainer, s.net, KETCH_GLIA_HEBBIAN, &error));
    s.sequence = random_sequence(20, SENSORY, TICKS, 4);
    s.config.size = sizeof s.config;
    GOOD(ketch_glia_config_default(&s.config, &error));
    return s;
}

static void close_school(school *s)
{
    ketch_result_destroy(s->result);
    ketch_glia_sequence_drop(s->sequence);
    ketch_glia_trainer_drop(s->trainer);
    ketch_glia_net_drop(s->net);
    GOOD(ketch_engine_destroy(s->engine, &error));
}

static void prepare_training(school *s)
{
    for (int i = 0; i < 2; i++)
        s->episodes[i] = (ketch_glia_episode){sizeof *s->episodes, s->sequence, i ? "O2" : "O0"};
    s->training = (ketch_glia_training){.size = sizeof s->training,
                                        .episodes = s->episodes,
                                        .count = 2,
                                        .epochs = 1,
                                        .config = &s->config};
}

/* ---- the calls ---- */

/* What is wrong in the school, and what the call must answer. given, allowed: parts of the texts. */
typedef struct wrong_call {
    const char *name;
    void (*spoil)(school *s);
    ketch_status status;
    const char *argument, *given, *allowed;
} wrong_call;

#define SPOIL(name, change)                                                                        \
    static void name(school *s)                                                                    \
    {                                                                                              \
        change;                                                                                    \
    }

SPOIL(lr_negative, s->config.lr = -1)
SPOIL(lr_nan, s->config.lr = NAN)
SPOIL(decay_infinite, s->config.weight_decay = INFINITY)
SPOIL(alpha_2, s->config.rate_alpha = 2)
SPOIL(lambda_negative, s->config.elig_lambda = -0.5F)
SPOIL(temperature_0, s->config.temperature = 0)
SPOIL(beta_1, s->config.adam_beta1 = 1)
SPOIL(reward_nan, s->config.reward_gain = NAN)
SPOIL(optimizer_7, s->config.optimizer = (ketch_glia_optimizer)7)
SPOIL(reward_3, s->config.reward_mode = (ketch_glia_reward)3)
SPOIL(gating_9, s->config.update_gating = (ketch_glia_gating)9)
SPOIL(shuffle_2, s->config.shuffle = 2)
SPOIL(ticks_2_32, s->config.warmup_ticks = s->config.decision_window = UINT32_MAX)
SPOIL(kept_5000, s->config.ckpt_l1 = 5000)
SPOIL(config_unsized, s->config.size = 0)
SPOIL(count_0, s->training.count = 0)
SPOIL(episodes_null, s->training.episodes = NULL)
SPOIL(episode_unsized, s->episodes[0].size = 0)
SPOIL(target_null, s->episodes[1].target = NULL)
SPOIL(target_hidden, s->episodes[1].target = "N1")
SPOIL(target_unknown, s->episodes[1].target = "O77\n")
SPOIL(epochs_many, s->training.epochs = UINT64_MAX)
SPOIL(schedule_5, s->training.schedule = (ketch_glia_schedule)5)
SPOIL(accuracy_2, s->training.target_accuracy = 2)
SPOIL(accuracy_nan, s->training.target_accuracy = NAN)
SPOIL(training_unsized, s->training.size = 0)

static const wrong_call wrong_calls[] = {
    {"lr_negative", lr_negative, KETCH_RANGE, "lr", "-1", "at least 0"},
    {"lr_nan", lr_nan, KETCH_NONFINITE, "lr", "nan", "finite"},
    {"decay_infinite", decay_infinite, KETCH_NONFINITE, "weight_decay", "inf", "finite"},
    {"alpha_2", alpha_2, KETCH_RANGE, "rate_alpha", "2", "0..1"},
    {"lambda_negative", lambda_negative, KETCH_RANGE, "elig_lambda", "-0.5", "0..1"},
    {"temperature_0", temperature_0, KETCH_RANGE, "temperature", "0", "above 0"},
    {"beta_1", beta_1, KETCH_RANGE, "adam_beta1", "1", "excluded"},
    {"reward_nan", reward_nan, KETCH_NONFINITE, "reward_gain", "nan", "finite"},
    {"optimizer_7", optimizer_7, KETCH_RANGE, "optimizer", "7", "0..2"},
    {"reward_3", reward_3, KETCH_RANGE, "reward_mode", "3", "0..2"},
    {"gating_9", gating_9, KETCH_RANGE, "update_gating", "9", "0..2"},
    {"shuffle_2", shuffle_2, KETCH_RANGE, "shuffle", "2", "0..1"},
    {"ticks_2_32", ticks_2_32, KETCH_RANGE, "decision_window", "8589934590", "2147483647"},
    {"kept_5000", kept_5000, KETCH_RANGE, "ckpt_l0", "5005", "0..1000"},
    {"config_unsized", config_unsized, KETCH_MISMATCH, "config", "", ""},
    {"count_0", count_0, KETCH_RANGE, "count", "0", "1.."},
    {"episodes_null", episodes_null, KETCH_HANDLE, "episodes", "", ""},
    {"episode_unsized", episode_unsized, KETCH_MISMATCH, "episodes", "size 0", "or more"},
    {"target_null", target_null, KETCH_HANDLE, "target", "", ""},
    {"target_hidden", target_hidden, KETCH_MISMATCH, "target", "N1 in episode 1", "4 outputs"},
    {"target_unknown", target_unknown, KETCH_MISMATCH, "target", "O77\\x0a", "4 outputs"},
    {"epochs_many", epochs_many, KETCH_RANGE, "epochs", "18446744073709551615", "0.."},
    {"schedule_5", schedule_5, KETCH_RANGE, "schedule", "5", "0..2"},
    {"accuracy_2", accuracy_2, KETCH_RANGE, "target_accuracy", "2", "0..1"},
    {"accuracy_nan", accuracy_nan, KETCH_NONFINITE, "target_accuracy", "nan", "0..1"},
    {"training_unsized", training_unsized, KETCH_MISMATCH, "training", "", ""},
};

enum { WRONG_CALLS = sizeof wrong_calls / sizeof *wrong_calls };

static void expect_text(const ketch_error *e, const wrong_call *w)
{
    ck_assert_int_eq(e->status, w->status);
    ck_assert_str_eq(e->argument, w->argument);
    ck_assert_msg(strstr(e->given, w->given) != NULL, "given %s", e->given);
    ck_assert_msg(strstr(e->allowed, w->allowed) != NULL, "allowed %s", e->allowed);
    ck_assert_uint_gt(strlen(e->message), 10);
    ck_assert_str_eq(e->function, "ketch_glia_train");
}

START_TEST(a_wrong_training_is_not_refused)
{
    school s = open_school();
    ketch_error e = {.size = sizeof e};
    const uint64_t before = hash_net(s.net, CONTRACT_HASH_START);
    prepare_training(&s);
    wrong_calls[_i].spoil(&s);
    const ketch_status status =
        ketch_glia_train(&s.result, s.engine, s.trainer, &s.training, NULL, &e);
    ck_assert_int_eq(status, wrong_calls[_i].status);
    ck_assert_ptr_null(s.result);
    expect_text(&e, &wrong_calls[_i]);
    ck_assert(hash_net(s.net, CONTRACT_HASH_START) == before);
    s.config = (ketch_glia_config){.size = sizeof s.config};
    GOOD(ketch_glia_config_default(&s.config, &error));
    prepare_training(&s);
    GOOD(ketch_glia_train(&s.result, s.engine, s.trainer, &s.training, NULL, &error));
    close_school(&s);
}
END_TEST

#define REFUSED(expected, call) ck_assert_int_eq((call), (expected))

START_TEST(a_missing_handle_is_used)
{
    school s = open_school();
    ketch_glia_trainer *trainer = NULL;
    ketch_glia_metrics metrics = {.size = sizeof metrics};
    float rates[4];
    int32_t reverted;
    prepare_training(&s);
    REFUSED(KETCH_HANDLE, ketch_glia_trainer_create(NULL, s.net, KETCH_GLIA_GRADIENT, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_trainer_create(&trainer, NULL, KETCH_GLIA_GRADIENT, NULL));
    REFUSED(KETCH_RANGE, ketch_glia_trainer_create(&trainer, s.net, (ketch_glia_rule)3, NULL));
    ck_assert_ptr_null(trainer);
    REFUSED(KETCH_HANDLE, ketch_glia_train(&s.result, s.engine, NULL, &s.training, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_train(&s.result, s.engine, s.trainer, NULL, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_train(&s.result, NULL, s.trainer, &s.training, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_train(NULL, s.engine, s.trainer, &s.training, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_evaluate(NULL, NULL, 0, s.trainer, s.sequence, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_evaluate(&metrics, NULL, 0, NULL, s.sequence, NULL, NULL));
    REFUSED(KETCH_HANDLE,
            ketch_glia_evaluate(&metrics, NULL, 4, s.trainer, s.sequence, NULL, NULL));
    REFUSED(KETCH_BUFFER,
            ketch_glia_evaluate(&metrics, rates, 3, s.trainer, s.sequence, NULL, NULL));
    s.config.detector_alpha = -1;
    REFUSED(KETCH_RANGE,
            ketch_glia_evaluate(&metrics, rates, 4, s.trainer, s.sequence, &s.config, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_trainer_revert(NULL, s.trainer, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_trainer_revert(&reverted, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_config_default(NULL, NULL));
    const ketch_job bare = {.size = sizeof bare, .type = ketch_glia_train_type()};
    REFUSED(KETCH_HANDLE, ketch_engine_run(&s.result, s.engine, &bare, NULL, NULL));
    ketch_glia_trainer_drop(NULL);
    close_school(&s);
}
END_TEST

START_TEST(another_result_is_read_as_a_training)
{
    school s = open_school();
    const ketch_glia_feed feed = {.size = sizeof feed, .sequence = s.sequence, .ticks = 3};
    ketch_glia_epoch epoch = {.size = sizeof epoch};
    uint64_t epochs;
    GOOD(ketch_glia_run(&s.result, s.engine, s.net, &feed, NULL, &error));
    ck_assert_ptr_null(ketch_glia_training_net(s.result));
    REFUSED(KETCH_HANDLE, ketch_glia_get_epochs(&epochs, s.result, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_get_history(&epoch, 0, 0, s.result, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_get_epoch(&epoch, NULL, NULL));
    close_school(&s);
}
END_TEST

/* While a training may go on, a second one of the network takes its place. */
START_TEST(a_second_training_is_refused)
{
    school s = open_school();
    ketch_result *second = NULL;
    ketch_error e = {.size = sizeof e};
    prepare_training(&s);
    GOOD(ketch_glia_train_begin(&s.result, s.engine, s.trainer, &s.training, NULL, &error));
    GOOD(ketch_glia_train(&second, s.engine, s.trainer, &s.training, NULL, &error));
    REFUSED(KETCH_MISMATCH, ketch_engine_resume(s.engine, s.result, NULL, &e));
    ck_assert_msg(strstr(e.message, "changed") != NULL, "%s", e.message);
    ketch_result_destroy(second);
    close_school(&s);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("glia_train_errors");
    TCase *const cases = tcase_create("calls");
    for (int i = 0; i < WRONG_CALLS; i++)
        add_indexed(cases, a_wrong_training_is_not_refused, i, "%s", wrong_calls[i].name);
    tcase_add_test(cases, a_missing_handle_is_used);
    tcase_add_test(cases, another_result_is_read_as_a_training);
    tcase_add_test(cases, a_second_training_is_refused);
    suite_add_tcase(suite, cases);
    return end_with(suite);
}
