/* Trainings: against what GliaGL did, and wherever they are stopped, saved and loaded. */
#include "forged.h"
#include "suite.h"
#include "training_file.h"

#include "glia/train/numerics.h"

#include <math.h>

static ketch_engine *engine;
static ketch_error failure;

static void open_engine(void)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = 2};
    GOOD(ketch_engine_create(&engine, &options, &error));
}

static void close_engine(void)
{
    GOOD(ketch_engine_destroy(engine, &error));
}

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Number `index` of a row of 8 hexadecimal digits each. */
static uint32_t hex_at(const char *digits, uint64_t index)
{
    char one[9] = {0};
    memcpy(one, digits + 8 * index, 8);
    return (uint32_t)strtoul(one, NULL, 16);
}

/* ---- what was recorded ---- */

static void expect_field(ketch_glia_net *net, ketch_glia_field field, const recorded_run *r)
{
    const uint64_t neurons = net_info(net).neurons;
    float numbers[RECORDED_MOST];
    if (!r->field[field][0])
        return;
    ck_assert_uint_eq(strlen(r->field[field]), 8 * neurons);
    GOOD(ketch_glia_get(numbers, net, field, 0, neurons, &error));
    for (uint64_t i = 0; i < neurons; i++)
        ck_assert_msg(bits_of(numbers[i]) == hex_at(r->field[field], i), "%s: field %d of %s",
                      r->name, (int)field, ketch_glia_id(net, i));
}

static void expect_weights(ketch_glia_net *net, const recorded_run *r)
{
    uint32_t from[RECORDED_MOST * 2], to[RECORDED_MOST * 2];
    float weight[RECORDED_MOST * 2];
    if (r->weights == 0)
        return;
    ck_assert_uint_eq(net_info(net).synapses, r->weights);
    GOOD(ketch_glia_get_synapses(from, to, weight, RECORDED_MOST * 2, net, &error));
    for (uint64_t i = 0; i < r->weights; i++) {
        ck_assert_str_eq(ketch_glia_id(net, from[i]), r->from[i]);
        ck_assert_str_eq(ketch_glia_id(net, to[i]), r->to[i]);
        ck_assert_msg(bits_of(weight[i]) == r->weight[i], "%s: weight of %s -> %s: %g", r->name,
                      r->from[i], r->to[i], (double)weight[i]);
    }
}

static void expect_epochs(const ketch_result *result, const recorded_run *r)
{
    ck_assert_uint_eq(epochs_of(result), r->epochs);
    for (uint64_t e = 0; e < r->epochs; e++) {
        const ketch_glia_epoch epoch = epoch_of(result, e);
        ck_assert_msg(epoch.accuracy == r->accuracy[e] && epoch.margin == r->margin[e],
                      "%s: epoch %d has accuracy %g, margin %g", r->name, (int)e, epoch.accuracy,
                      epoch.margin);
        ck_assert(r->lr[e] == 0 || bits_of(epoch.lr) == r->lr[e]);
        ck_assert(epoch.synapses == r->synapses[e] || r->lr[e] != 0);
    }
}

static void expect_scores(ketch_glia_trainer *trainer, ketch_glia_net *net, recorded_file *f)
{
    const recorded_run *const r = &f->run;
    for (uint64_t i = 0; i < r->afters; i++) {
        const int s = find_recorded(f->sequence_names, f->sequences, r->sequence[i]);
        ketch_glia_metrics metrics = {.size = sizeof metrics};
        float rates[RECORDED_MOST];
        GOOD(ketch_glia_evaluate(&metrics, rates, RECORDED_MOST, trainer, f->sequence[s],
                                 &r->config, &error));
        const char *const winner =
            metrics.winner < 0 ? "-" : ketch_glia_id(net, (uint64_t)metrics.winner);
        ck_assert_str_eq(winner, r->winner[i]);
        ck_assert_uint_eq(bits_of(metrics.margin), r->after_margin[i]);
        ck_assert_uint_eq(8 * metrics.outputs, strlen(r->rates[i]));
        for (uint64_t o = 0; o < metrics.outputs; o++)
            ck_assert_uint_eq(bits_of(rates[o]), hex_at(r->rates[i], o));
        ck_assert_uint_eq(metrics.ticks_run, r->config.warmup_ticks + r->config.decision_window);
    }
}

static void fill_episodes(ketch_glia_episode *episodes, const recorded_file *f)
{
    const recorded_run *const r = &f->run;
    for (uint64_t i = 0; i < r->count; i++) {
        const int s =
            find_recorded(((recorded_file *)f)->sequence_names, f->sequences, r->sequence[i]);
        episodes[i] = (ketch_glia_episode){sizeof *episodes, f->sequence[s], r->target[i]};
    }
}

static void train_as_recorded(ketch_glia_trainer *trainer, const recorded_file *f)
{
    const recorded_run *const r = &f->run;
    ketch_glia_episode episodes[RECORDED_MOST];
    ketch_result *result = NULL;
    fill_episodes(episodes, f);
    const ketch_glia_training training = {.size = sizeof training,
                                          .episodes = episodes,
                                          .count = r->count,
                                          .epochs = r->epochs,
                                          .config = &r->config,
                                          .schedule = r->schedule};
    GOOD(ketch_glia_train(&result, engine, trainer, &training, NULL, &error));
    expect_epochs(result, r);
    ketch_result_destroy(result);
}

static void repeat_run(recorded_file *f)
{
    const recorded_run *const r = &f->run;
    ketch_glia_net *net = NULL;
    ketch_glia_trainer *trainer = NULL;
    GOOD(ketch_glia_net_copy(&net, f->net[find_recorded(f->net_names, f->nets, r->net)], NULL,
                             &error));
    GOOD(ketch_glia_trainer_create(&trainer, net, r->rule, &error));
    if (r->epochs)
        train_as_recorded(trainer, f);
    expect_weights(net, r);
    if (r->epochs)
        expect_field(net, KETCH_GLIA_VALUE, r);
    expect_field(net, KETCH_GLIA_THRESHOLD, r);
    expect_field(net, KETCH_GLIA_LEAK, r);
    expect_scores(trainer, net, f);
    if (!r->epochs)
        expect_field(net, KETCH_GLIA_VALUE, r);
    ketch_glia_trainer_drop(trainer);
    ketch_glia_net_drop(net);
}

START_TEST(the_gradient_moves_other_bits)
{
    ck_assert_int_eq(read_trainings("gradient.txt", repeat_run), 5);
}
END_TEST

START_TEST(the_hebbian_rule_moves_other_bits)
{
    ck_assert_int_eq(read_trainings("hebbian.txt", repeat_run), 3);
}
END_TEST

START_TEST(an_episode_scores_otherwise)
{
    ck_assert_int_eq(read_trainings("evaluate.txt", repeat_run), 6);
}
END_TEST

/* ---- stopped anywhere ---- */

enum { NEURONS = 24, SENSORY = 8, SYNAPSES = 150, EVENTS = 80, TICKS = 20, COUNT = 5, EPOCHS = 3 };

/* A training in which synapses are removed, added and put back. */
typedef struct study {
    ketch_glia_net *net;
    ketch_glia_trainer *trainer;
    ketch_glia_config config;
    ketch_glia_episode episodes[COUNT];
    ketch_glia_training training;
} study;

static void set_study_config(ketch_glia_config *config)
{
    config->size = sizeof *config;
    GOOD(ketch_glia_config_default(config, &error));
    config->warmup_ticks = 5;
    config->decision_window = TICKS - 5;
    config->batch_size = 2;
    config->lr = 0.5F;
    config->weight_jitter_std = 1;
    config->prune_epsilon = 4;
    config->prune_patience = 2;
    config->grow_edges = 3;
    config->init_weight = 5;
    config->inactive_rate_threshold = 0.01F;
    config->inactive_rate_patience = 3;
    config->prune_inactive_max = 1;
    config->prune_inactive_in = 1;
    config->optimizer = KETCH_GLIA_ADAMW;
    config->ckpt_l0 = 1;
    config->ckpt_l1 = config->ckpt_l2 = 0;
    config->revert_enable = 1;
    config->revert_drop = 0;
}

/* A rule, with networks of a mode. */
typedef struct kind {
    const char *name;
    ketch_glia_rule rule;
    ketch_glia_mode mode;
} kind;

static const kind kinds[] = {{"gradient", KETCH_GLIA_GRADIENT, KETCH_GLIA_COMPAT},
                             {"Hebbian", KETCH_GLIA_HEBBIAN, KETCH_GLIA_COMPAT},
                             {"gradient, clean", KETCH_GLIA_GRADIENT, KETCH_GLIA_CLEAN},
                             {"Hebbian, clean", KETCH_GLIA_HEBBIAN, KETCH_GLIA_CLEAN}};

enum { KINDS = sizeof kinds / sizeof *kinds };

static void open_study_of(study *s, const kind *k)
{
    static const char *const targets[] = {"O0", "O2", "O4"};
    ketch_arena *const arena = ketch_engine_arena(engine);
    s->net = k->mode == KETCH_GLIA_CLEAN
                 ? random_clean_net(arena, NEURONS, SENSORY, SYNAPSES, 25, 5)
                 : random_net(arena, NEURONS, SENSORY, SYNAPSES, 5);
    GOOD(ketch_glia_trainer_create(&s->trainer, s->net, k->rule, &error));
    set_study_config(&s->config);
    for (int i = 0; i < COUNT; i++)
        s->episodes[i] = (ketch_glia_episode){
            sizeof *s->episodes, random_sequence(EVENTS, SENSORY, TICKS, 10 + (uint64_t)i),
            targets[i % 3]};
    s->training = (ketch_glia_training){.size = sizeof s->training,
                                        .episodes = s->episodes,
                                        .count = COUNT,
                                        .epochs = EPOCHS,
                                        .config = &s->config,
                                        .schedule = KETCH_GLIA_STEP};
}

static void open_study(study *s, ketch_glia_rule rule)
{
    open_study_of(s, &kinds[rule == KETCH_GLIA_HEBBIAN]);
}

static void close_study(study *s)
{
    for (int i = 0; i < COUNT; i++)
        ketch_glia_sequence_drop(s->episodes[i].sequence);
    ketch_glia_trainer_drop(s->trainer);
    ketch_glia_net_drop(s->net);
}

/* Synapses come and go on the way. */
static uint64_t train_undisturbed(const kind *k)
{
    study s;
    ketch_result *result = NULL;
    open_study_of(&s, k);
    const uint64_t synapses = net_info(s.net).synapses;
    GOOD(ketch_glia_train(&result, engine, s.trainer, &s.training, NULL, &error));
    ck_assert_uint_ne(epoch_of(result, 0).synapses, synapses);
    const uint64_t hash = hash_training(result, CONTRACT_HASH_START);
    ketch_result_destroy(result);
    close_study(&s);
    return hash;
}

/* Asks for a stop at the first tick of the hook behind so many steps. */
typedef struct step_stop {
    uint64_t at;
    bool fired;
} step_stop;

static int32_t stop_behind(const ketch_step *step, void *user)
{
    step_stop *const s = user;
    if (step->done < s->at || s->fired)
        return 0;
    s->fired = true;
    return 1;
}

static ketch_result *train_until(study *s, step_stop *stop)
{
    const ketch_run run = {
        .size = sizeof run, .hook = stop_behind, .user = stop, .tick_seconds = 1e-9};
    ketch_result *result = NULL;
    GOOD(ketch_glia_train_begin(&result, engine, s->trainer, &s->training, NULL, &error));
    ck_assert_int_eq(ketch_engine_resume(engine, result, &run, NULL), KETCH_STOPPED);
    return result;
}

START_TEST(a_stopped_training_ends_in_other_bits)
{
    const kind *const k = &kinds[_i];
    const uint64_t expected = train_undisturbed(k);
    for (uint64_t at = 0; at < COUNT * EPOCHS; at++) {
        study s;
        step_stop stop = {.at = at};
        open_study_of(&s, k);
        ketch_result *const result = train_until(&s, &stop);
        GOOD(ketch_engine_resume(engine, result, NULL, &error));
        ck_assert_msg(hash_training(result, CONTRACT_HASH_START) == expected, "stopped at %d",
                      (int)at);
        ketch_result_destroy(result);
        close_study(&s);
    }
}
END_TEST

/* Episodes that are longer than the time between two looks: the run stops within them. */
static void lengthen(study *s)
{
    s->config.decision_window = 8000;
    s->config.batch_size = 1;
    s->training.count = 2;
    s->training.epochs = 1;
}

typedef struct call_stop {
    int calls, at;
    uint64_t done;
} call_stop;

static int32_t stop_at_call(const ketch_step *step, void *user)
{
    call_stop *const s = user;
    s->done = step->done;
    return ++s->calls == s->at;
}

/* True where the training ended before the call at which it was to stop. */
static bool train_long(const kind *k, int at, uint64_t *hash)
{
    study s;
    ketch_result *result = NULL;
    call_stop stop = {.at = at};
    const ketch_run run = {
        .size = sizeof run, .hook = stop_at_call, .user = &stop, .tick_seconds = 1e-9};
    open_study_of(&s, k);
    lengthen(&s);
    const ketch_status status =
        ketch_glia_train(&result, engine, s.trainer, &s.training, &run, NULL);
    GOOD(ketch_engine_resume(engine, result, NULL, &error));
    *hash = hash_training(result, CONTRACT_HASH_START);
    ketch_result_destroy(result);
    close_study(&s);
    return status == KETCH_OK;
}

START_TEST(a_training_stopped_in_an_episode_ends_in_other_bits)
{
    const kind *const k = &kinds[_i];
    uint64_t expected, hash;
    int at = 1;
    ck_assert(train_long(k, 1000000, &expected));
    while (!train_long(k, at, &hash)) {
        ck_assert_msg(hash == expected, "stopped at call %d", at);
        at++;
    }
    ck_assert_int_gt(at, 6); /* two episodes and their ends have fewer */
}
END_TEST

/* Loaded into another network of the same neurons, whose weights and state are others. */
static void load_and_end(study *s, uint64_t expected)
{
    ketch_result *result = NULL;
    GOOD(ketch_glia_step(s->net, 3, &error));
    GOOD(ketch_glia_clear_synapses(s->net, &error));
    GOOD(ketch_glia_train_load(&result, engine, s->trainer, &s->training, save_path, &error));
    GOOD(ketch_engine_resume(engine, result, NULL, &error));
    ck_assert(hash_training(result, CONTRACT_HASH_START) == expected);
    ketch_result_destroy(result);
}

START_TEST(a_loaded_training_ends_in_other_bits)
{
    const kind *const k = &kinds[_i];
    const uint64_t expected = train_undisturbed(k);
    for (uint64_t at = 0; at < COUNT * EPOCHS; at++) {
        study s, other;
        step_stop stop = {.at = at};
        open_study_of(&s, k);
        ketch_result *const result = train_until(&s, &stop);
        GOOD(ketch_result_save(result, save_path, NULL, 0, 0, &error));
        ketch_result_destroy(result);
        close_study(&s);
        open_study_of(&other, k);
        load_and_end(&other, expected);
        close_study(&other);
    }
}
END_TEST

/* Requests for memory are refused one after the other. Where the run has begun it is resumed. */
static bool train_refused(const kind *k, uint64_t at, uint64_t expected)
{
    study s;
    ketch_result *result = NULL;
    open_study_of(&s, k);
    kt_fault_arm(at, false);
    const ketch_status status =
        ketch_glia_train(&result, engine, s.trainer, &s.training, NULL, NULL);
    const bool whole = kt_fault_count() < at;
    kt_fault_arm(0, false);
    ck_assert(status == KETCH_OK || status == KETCH_MEMORY);
    if (result)
        GOOD(ketch_engine_resume(engine, result, NULL, &error));
    else
        GOOD(ketch_glia_train(&result, engine, s.trainer, &s.training, NULL, &error));
    ck_assert_msg(hash_training(result, CONTRACT_HASH_START) == expected, "request %d refused",
                  (int)at);
    ketch_result_destroy(result);
    close_study(&s);
    return whole;
}

START_TEST(a_training_does_not_survive_refused_memory)
{
    const kind *const k = &kinds[_i];
    uint64_t at = 1;
    const uint64_t expected = train_undisturbed(k);
    while (!train_refused(k, at, expected))
        at++;
    ck_assert_uint_gt(at, 5);
}
END_TEST

/* ---- epochs ---- */

typedef struct epoch_log {
    uint64_t count;
    double accuracy[EPOCHS];
    ketch_glia_net *net;
    ketch_glia_trainer *trainer;
    ketch_glia_sequence *sequence;
} epoch_log;

/* In a hook at a fence the network can be read, and neither changed nor evaluated. */
static int32_t log_epoch(const ketch_step *step, void *user)
{
    epoch_log *const log = user;
    ketch_glia_epoch epoch = {.size = sizeof epoch};
    ketch_glia_metrics metrics = {.size = sizeof metrics};
    if (!step->view) {
        ck_assert_int_eq(ketch_glia_get_epoch(&epoch, step, NULL), KETCH_HANDLE);
        return 0;
    }
    GOOD(ketch_glia_get_epoch(&epoch, step, &error));
    ck_assert_uint_eq(epoch.epoch, log->count);
    ck_assert_uint_eq(step->done, (log->count + 1) * COUNT);
    ck_assert_uint_eq(net_info(log->net).synapses, epoch.synapses);
    log->accuracy[log->count++] = epoch.accuracy;
    ck_assert_int_eq(ketch_glia_step(log->net, 1, NULL), KETCH_BUSY);
    ck_assert_int_eq(
        ketch_glia_evaluate(&metrics, NULL, 0, log->trainer, log->sequence, NULL, NULL),
        KETCH_BUSY);
    return 0;
}

START_TEST(a_hook_gets_other_epochs)
{
    study s;
    ketch_result *result = NULL;
    open_study(&s, KETCH_GLIA_GRADIENT);
    s.config.revert_enable = 0;
    epoch_log log = {.net = s.net, .trainer = s.trainer, .sequence = s.episodes[0].sequence};
    const ketch_run run = {
        .size = sizeof run, .hook = log_epoch, .user = &log, .tick_seconds = 1e-9};
    GOOD(ketch_glia_train(&result, engine, s.trainer, &s.training, &run, &error));
    ck_assert_uint_eq(log.count, EPOCHS);
    for (uint64_t i = 0; i < EPOCHS; i++)
        ck_assert(epoch_of(result, i).accuracy == log.accuracy[i]);
    ketch_glia_epoch epochs[2] = {{.size = sizeof *epochs}};
    ck_assert_int_eq(ketch_glia_get_history(epochs, EPOCHS - 1, 2, result, NULL), KETCH_INDEX);
    GOOD(ketch_glia_get_history(epochs, EPOCHS - 2, 2, result, &error));
    ck_assert_uint_eq(epochs[1].epoch, EPOCHS - 1);
    GOOD(ketch_glia_step(s.net, 1, &error)); /* the training has ended */
    ketch_result_destroy(result);
    close_study(&s);
}
END_TEST

START_TEST(a_training_goes_on_with_a_changed_network)
{
    study s;
    step_stop stop = {.at = 7};
    open_study(&s, KETCH_GLIA_HEBBIAN);
    ketch_result *const result = train_until(&s, &stop);
    (void)net_info(s.net);
    GOOD(ketch_glia_step(s.net, 1, &error));
    failure = (ketch_error){.size = sizeof failure};
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &failure), KETCH_MISMATCH);
    ck_assert(strstr(failure.message, "changed") != NULL);
    ketch_result_destroy(result);
    close_study(&s);
}
END_TEST

START_TEST(a_training_ends_at_another_epoch)
{
    study s;
    ketch_result *result = NULL;
    open_study(&s, KETCH_GLIA_GRADIENT);
    s.training.epochs = 100;
    s.training.patience = 2;
    s.config.lr = 0;
    s.config.prune_epsilon = s.config.weight_decay = s.config.weight_jitter_std = 0;
    s.config.grow_edges = 0;
    GOOD(ketch_glia_train(&result, engine, s.trainer, &s.training, NULL, &error));
    ck_assert_uint_lt(epochs_of(result), 100);
    uint64_t best = 0;
    const uint64_t count = epochs_of(result);
    for (uint64_t i = 1; i < count; i++) {
        const ketch_glia_epoch a = epoch_of(result, i), b = epoch_of(result, best);
        if (a.accuracy > b.accuracy || (a.accuracy == b.accuracy && a.margin > b.margin))
            best = i;
    }
    ck_assert_uint_eq(best + 3, count);
    ketch_result_destroy(result);
    s.training.patience = 0;
    s.training.target_accuracy = 0.1;
    GOOD(ketch_glia_train(&result, engine, s.trainer, &s.training, NULL, &error));
    for (uint64_t i = 0; i + 1 < epochs_of(result); i++)
        ck_assert(epoch_of(result, i).accuracy < 0.1);
    ck_assert(epochs_of(result) == 100 || epoch_of(result, epochs_of(result) - 1).accuracy >= 0.1);
    ketch_result_destroy(result);
    close_study(&s);
}
END_TEST

/* The first revert puts back what was kept a moment before; each further one goes back an epoch. */
START_TEST(a_revert_goes_back_elsewhere)
{
    study s;
    uint64_t after[10];
    int32_t reverted = 7;
    open_study(&s, KETCH_GLIA_HEBBIAN);
    s.config.revert_enable = 0;
    s.config.ckpt_l0 = 4;
    s.config.ckpt_l1 = 2;
    s.config.ckpt_l2 = 1;
    s.training.epochs = 1;
    ketch_glia_net *bare = NULL;
    for (int epoch = 0; epoch < 10; epoch++) {
        ketch_result *result = NULL;
        GOOD(ketch_glia_train(&result, engine, s.trainer, &s.training, NULL, &error));
        ketch_result_destroy(result);
        GOOD(ketch_glia_net_copy(&bare, s.net, NULL, &error));
        after[epoch] = hash_synapses(bare, CONTRACT_HASH_START);
        ketch_glia_net_drop(bare);
    }
    for (int epoch = 9; epoch >= 3; epoch--) {
        GOOD(ketch_glia_trainer_revert(&reverted, s.trainer, &error));
        ck_assert_int_eq(reverted, 1);
        ck_assert_msg(hash_synapses(s.net, CONTRACT_HASH_START) == after[epoch], "epoch %d", epoch);
    }
    GOOD(ketch_glia_trainer_revert(&reverted, s.trainer, &error));
    ck_assert_int_eq(reverted, 0);
    close_study(&s);
}
END_TEST

/* ---- other files ---- */

static void expect_refused(study *s, ketch_status expected, const char *part)
{
    ketch_result *result = NULL;
    const uint64_t before = hash_net(s->net, CONTRACT_HASH_START);
    failure = (ketch_error){.size = sizeof failure};
    ck_assert_int_eq(
        ketch_glia_train_load(&result, engine, s->trainer, &s->training, save_path, &failure),
        expected);
    ck_assert_ptr_null(result);
    ck_assert_msg(strstr(failure.message, part) != NULL, "%s", failure.message);
    ck_assert(hash_net(s->net, CONTRACT_HASH_START) == before);
}

static void save_a_training(const kind *k)
{
    study s;
    step_stop stop = {.at = 7};
    open_study_of(&s, k);
    ketch_result *const result = train_until(&s, &stop);
    GOOD(ketch_result_save(result, save_path, NULL, 0, 0, &error));
    ketch_result_destroy(result);
    close_study(&s);
}

START_TEST(a_training_of_something_else_is_loaded)
{
    study s;
    save_a_training(&kinds[1]);
    open_study(&s, KETCH_GLIA_GRADIENT);
    expect_refused(&s, KETCH_MISMATCH, "another rule");
    close_study(&s);
    open_study(&s, KETCH_GLIA_HEBBIAN);
    s.training.count = COUNT - 1;
    expect_refused(&s, KETCH_MISMATCH, "another number of episodes");
    s.training.count = COUNT;
    GOOD(ketch_glia_sequence_add(s.episodes[3].sequence, 4, "S1", 3, &error));
    expect_refused(&s, KETCH_MISMATCH, "other episodes");
    GOOD(ketch_glia_add_neuron(s.net, "S_new", 1, 1, 0, &error));
    expect_refused(&s, KETCH_MISMATCH, "other neurons");
    close_study(&s);
}
END_TEST

/* Its mode or its delays are others. */
START_TEST(a_training_of_another_clean_network_is_loaded)
{
    study s;
    const uint32_t zero = 0;
    save_a_training(&kinds[3]);
    open_study_of(&s, &kinds[1]);
    expect_refused(&s, KETCH_MISMATCH, "another mode");
    close_study(&s);
    open_study_of(&s, &kinds[3]);
    GOOD(ketch_glia_add_delayed(s.net, 1, &zero, &zero, &(float){1}, &(uint8_t){200}, &error));
    expect_refused(&s, KETCH_MISMATCH, "other delays");
    close_study(&s);
}
END_TEST

/* A number of a section, of 64 bits, that no training can have; the last ones: of a clean network. */
typedef struct bad_number {
    const char *section;
    uint64_t offset, value;
} bad_number;

static const bad_number bad_numbers[] = {
    {"glia.train", 8 * 7, UINT64_C(1) << 62},  /* epochs */
    {"glia.train", 8 * 9, 77},                 /* schedule */
    {"glia.train", 8 * 10, UINT64_C(1) << 40}, /* epochs done */
    {"glia.train", 8 * 11, UINT64_C(1) << 33}, /* synapses */
    {"glia.train", 8 * 12, 0},                 /* capacity */
    {"glia.train", 8 * 13, 1000},              /* neurons that fired */
    {"glia.train", 8 * 18, UINT64_C(1) << 50}, /* forgotten synapses */
    {"glia.train", 8 * 19, UINT64_C(1) << 50}, /* snapshots */
    {"glia.progress", 0, 99},                  /* epoch */
    {"glia.progress", 8, 99},                  /* episode */
    {"glia.order", 0, UINT64_MAX},
    {"glia.begin", 0, UINT64_MAX},
    {"glia.target", 0, UINT64_MAX},
    {"glia.slots", 0, 0},
    {"glia.config", 8, UINT64_MAX}, /* ticks */
    {"glia.delay", 0, 0},
    {"glia.delay", 8, UINT64_MAX},
    {"glia.target", 0, UINT64_MAX},
};

enum { BAD_NUMBERS = sizeof bad_numbers / sizeof *bad_numbers, CLEAN_NUMBERS = 3 };

START_TEST(a_file_of_no_training_is_loaded)
{
    const bad_number *const bad = &bad_numbers[_i];
    const kind *const k = &kinds[_i < BAD_NUMBERS - CLEAN_NUMBERS ? 1 : 3];
    study s;
    save_a_training(k);
    contents file = read_bytes(save_path);
    forge_number(&file, forged_place(&file, bad->section) + bad->offset, bad->value);
    forge_sums(&file);
    write_bytes(save_path, file.data, file.size);
    free(file.data);
    open_study_of(&s, k);
    expect_refused(&s, KETCH_CORRUPT, "");
    close_study(&s);
}
END_TEST

/* ---- numerics ---- */

START_TEST(an_exponential_is_rounded_otherwise)
{
    for (uint32_t bits = (uint32_t)_i; bits < 0x42d00000; bits += 20011) {
        for (int negative = 0; negative < 2; negative++) {
            float x;
            const uint32_t with_sign = bits | (uint32_t)negative << 31;
            memcpy(&x, &with_sign, sizeof x);
            const float expected = x > 89 ? INFINITY : (float)expl((long double)x);
            ck_assert_msg(ktg_exp(x) == expected, "exp(%a)", (double)x);
        }
    }
    for (int i = 0; i <= 1000; i++) {
        const long double x = (long double)i / 1000;
        const long double exact = cosl(3.14159265358979323846264338328L * (long double)(double)x);
        ck_assert(fabsl(exact - (long double)ktg_cos_pi((double)x)) < 0x1p-50L);
    }
    for (uint64_t i = 1; i < 5000; i++) {
        const double got = ktg_power(0.999000012874603271484375, i);
        const long double exact = powl(0.999000012874603271484375L, (long double)i);
        const long double place = ldexpl(1, ilogb(got) - 52); /* of its last bit */
        ck_assert(fabsl(exact - (long double)got) < 0.51L * place);
    }
}
END_TEST

/* ---- suite ---- */

static void add_kinds(TCase *cases, const TTest *test)
{
    for (int i = 0; i < KINDS; i++)
        add_indexed(cases, test, i, "%s", kinds[i].name);
}

int main(void)
{
    Suite *const suite = suite_create("glia_train");
    TCase *const cases = tcase_create("trainings"), *const files = tcase_create("files");
    keep_one_thread(cases);
    keep_one_thread(files);
    tcase_add_checked_fixture(cases, open_engine, close_engine);
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, the_gradient_moves_other_bits);
    tcase_add_test(cases, the_hebbian_rule_moves_other_bits);
    tcase_add_test(cases, an_episode_scores_otherwise);
    add_kinds(cases, a_stopped_training_ends_in_other_bits);
    add_kinds(cases, a_training_stopped_in_an_episode_ends_in_other_bits);
    if (kt_fault_arm(0, false))
        add_kinds(cases, a_training_does_not_survive_refused_memory);
    else
        add_skipped(cases, a_training_does_not_survive_refused_memory, "no failure injection");
    tcase_add_test(cases, a_hook_gets_other_epochs);
    tcase_add_test(cases, a_training_goes_on_with_a_changed_network);
    tcase_add_test(cases, a_training_ends_at_another_epoch);
    tcase_add_test(cases, a_revert_goes_back_elsewhere);
    tcase_add_loop_test(cases, an_exponential_is_rounded_otherwise, 0, 8);
    suite_add_tcase(suite, cases);
    tcase_add_checked_fixture(files, open_engine, close_engine);
    tcase_add_checked_fixture(files, make_directory, remove_directory);
    tcase_set_timeout(files, 120);
    add_kinds(files, a_loaded_training_ends_in_other_bits);
    tcase_add_test(files, a_training_of_something_else_is_loaded);
    tcase_add_test(files, a_training_of_another_clean_network_is_loaded);
    for (int i = 0; i < BAD_NUMBERS; i++)
        add_indexed(files, a_file_of_no_training_is_loaded, i, "%s at %d", bad_numbers[i].section,
                    (int)bad_numbers[i].offset);
    suite_add_tcase(suite, files);
    return end_with(suite);
}
