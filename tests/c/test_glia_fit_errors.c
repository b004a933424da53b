/* Bad calls of fits: each gets its status and a text with what was given and allowed, and changes
 * nothing; files of other fits, and damaged ones, are refused. */
#define _GNU_SOURCE
#include "fits.h"
#include "forged.h"
#include "suite.h"

#include <math.h>
#include <string.h>

/* What the calls are made with. */
typedef struct gym {
    ketch_engine *engine;
    ketch_glia_net *net;
    ketch_glia_episode episodes[FIT_EPISODES];
    ketch_glia_fit fit;
    ketch_result *result;
} gym;

static void open_gym(gym *g)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = 1};
    *g = (gym){0};
    GOOD(ketch_engine_create(&g->engine, &options, &error));
    g->net = fit_net(ketch_engine_arena(g->engine), FIT_RECURRENT | FIT_DELAYS, 3);
    make_fit_episodes(g->episodes, FIT_EPISODES);
    g->fit = fit_of(g->episodes, FIT_EPISODES);
}

static void close_gym(gym *g)
{
    ketch_result_destroy(g->result);
    ketch_glia_net_drop(g->net);
    drop_fit_episodes(g->episodes, FIT_EPISODES);
    GOOD(ketch_engine_destroy(g->engine, &error));
}

/* ---- the calls ---- */

/* What is wrong, and what the call must answer. given, allowed: parts of the texts. */
typedef struct wrong_fit {
    const char *name;
    void (*spoil)(gym *g);
    ketch_status status;
    const char *argument, *given, *allowed;
} wrong_fit;

#define SPOIL(name, change)                                                                        \
    static void name(gym *g)                                                                       \
    {                                                                                              \
        change;                                                                                    \
    }

SPOIL(method_0, g->fit.method = (ketch_glia_method)0)
SPOIL(method_4, g->fit.method = (ketch_glia_method)4)
SPOIL(readout_2, g->fit.readout = (ketch_glia_readout)2)
SPOIL(surrogate_negative, g->fit.surrogate = (ketch_glia_surrogate)-1)
SPOIL(ticks_0, g->fit.ticks = 0)
SPOIL(ticks_2_31, g->fit.ticks = 0x80000000)
SPOIL(batch_0, g->fit.batch = 0)
SPOIL(width_0, g->fit.width = 0)
SPOIL(smoothing_2, g->fit.smoothing = 2)
SPOIL(smoothing_nan, g->fit.smoothing = NAN)
SPOIL(width_nan, g->fit.width = NAN)
SPOIL(temperature_negative, g->fit.temperature = -1)
SPOIL(shuffle_2, g->fit.shuffle = 2)
SPOIL(optimizer_3, g->fit.optimizer = (ketch_glia_optimizer)3)
SPOIL(lr_nan, g->fit.lr = NAN)
SPOIL(lr_negative, g->fit.lr = -0.5F)
SPOIL(decay_infinite, g->fit.weight_decay = INFINITY)
SPOIL(beta_1, g->fit.adam_beta2 = 1)
SPOIL(eps_negative, g->fit.adam_eps = -1)
SPOIL(schedule_9, g->fit.schedule = (ketch_glia_schedule)9)
SPOIL(accuracy_2, g->fit.target_accuracy = 2)
SPOIL(count_0, g->fit.count = 0)
SPOIL(episodes_null, g->fit.episodes = NULL)
SPOIL(episode_unsized, g->episodes[0].size = 0)
SPOIL(epochs_many, g->fit.epochs = UINT64_MAX)
SPOIL(target_null, g->episodes[1].target = NULL)
SPOIL(target_hidden, g->episodes[20].target = "N1")
SPOIL(fit_unsized, g->fit.size = 0)
SPOIL(memory, (g->fit.ticks = KETCH_GLIA_TICK_MAX))

static const wrong_fit wrong_fits[] = {
    {"method_0", method_0, KETCH_RANGE, "method", "0", "1..3"},
    {"method_4", method_4, KETCH_RANGE, "method", "4", "1..3"},
    {"readout_2", readout_2, KETCH_RANGE, "readout", "2", "0..1"},
    {"surrogate_negative", surrogate_negative, KETCH_RANGE, "surrogate", "-1", "0..2"},
    {"ticks_0", ticks_0, KETCH_RANGE, "ticks", "0", "1..2147483647"},
    {"ticks_2_31", ticks_2_31, KETCH_RANGE, "ticks", "2147483648", "1..2147483647"},
    {"batch_0", batch_0, KETCH_RANGE, "batch", "0", "1.."},
    {"width_0", width_0, KETCH_RANGE, "width", "0", "above 0"},
    {"width_nan", width_nan, KETCH_NONFINITE, "width", "nan", "finite"},
    {"smoothing_2", smoothing_2, KETCH_RANGE, "smoothing", "2", "0..1"},
    {"smoothing_nan", smoothing_nan, KETCH_NONFINITE, "smoothing", "nan", "0..1"},
    {"temperature_negative", temperature_negative, KETCH_RANGE, "temperature", "-1", "above 0"},
    {"shuffle_2", shuffle_2, KETCH_RANGE, "shuffle", "2", "0..1"},
    {"optimizer_3", optimizer_3, KETCH_RANGE, "optimizer", "3", "0..2"},
    {"lr_nan", lr_nan, KETCH_NONFINITE, "lr", "nan", "finite"},
    {"lr_negative", lr_negative, KETCH_RANGE, "lr", "-0.5", "at least 0"},
    {"decay_infinite", decay_infinite, KETCH_NONFINITE, "weight_decay", "inf", "finite"},
    {"beta_1", beta_1, KETCH_RANGE, "adam_beta2", "1", "excluded"},
    {"eps_negative", eps_negative, KETCH_RANGE, "adam_eps", "-1", "at least 0"},
    {"schedule_9", schedule_9, KETCH_RANGE, "schedule", "9", "0..2"},
    {"accuracy_2", accuracy_2, KETCH_RANGE, "target_accuracy", "2", "0..1"},
    {"count_0", count_0, KETCH_RANGE, "count", "0", "1.."},
    {"episodes_null", episodes_null, KETCH_HANDLE, "episodes", "", ""},
    {"episode_unsized", episode_unsized, KETCH_MISMATCH, "episodes", "size 0", "or more"},
    {"epochs_many", epochs_many, KETCH_RANGE, "epochs", "18446744073709551615", "0.."},
    {"target_null", target_null, KETCH_HANDLE, "target", "", ""},
    {"target_hidden", target_hidden, KETCH_MISMATCH, "target", "N1 in episode 20", "3 outputs"},
    {"fit_unsized", fit_unsized, KETCH_MISMATCH, "fit", "", ""},
    {"memory", memory, KETCH_MEMORY, "fit", "", ""},
};

enum { WRONG_FITS = sizeof wrong_fits / sizeof *wrong_fits };

static void expect_told(const ketch_error *e, const wrong_fit *w, const char *function)
{
    ck_assert_int_eq(e->status, w->status);
    ck_assert_str_eq(e->argument, w->argument);
    ck_assert_msg(strstr(e->given, w->given) != NULL, "given %s", e->given);
    ck_assert_msg(strstr(e->allowed, w->allowed) != NULL, "allowed %s", e->allowed);
    ck_assert_uint_gt(strlen(e->message), 10);
    ck_assert_str_eq(e->function, function);
}

START_TEST(a_wrong_fit_is_not_refused)
{
    gym g;
    open_gym(&g);
    ketch_error e = {.size = sizeof e};
    const wrong_fit *const w = &wrong_fits[_i];
    const uint64_t before = hash_synapses(g.net, CONTRACT_HASH_START);
    w->spoil(&g);
    ck_assert_int_eq(ketch_glia_fit_run(&g.result, g.engine, g.net, &g.fit, NULL, &e), w->status);
    ck_assert_ptr_null(g.result);
    expect_told(&e, w, "ketch_glia_fit_run");
    ck_assert(hash_synapses(g.net, CONTRACT_HASH_START) == before);
    g.fit = fit_of(g.episodes, 1);
    g.episodes[0].size = sizeof *g.episodes;
    GOOD(ketch_glia_fit_run(&g.result, g.engine, g.net, &g.fit, NULL, &error));
    close_gym(&g);
}
END_TEST

START_TEST(a_compat_network_is_fitted)
{
    gym g;
    open_gym(&g);
    ketch_error e = {.size = sizeof e};
    ketch_need need = {.size = sizeof need};
    ketch_glia_net *const net = random_net(ketch_engine_arena(g.engine), 12, 4, 40, 3);
    ck_assert_int_eq(ketch_glia_fit_run(&g.result, g.engine, net, &g.fit, NULL, &e),
                     KETCH_MISMATCH);
    ck_assert_str_eq(e.argument, "net");
    ck_assert_int_eq(ketch_glia_fit_need(&need, g.engine, net, &g.fit, &e), KETCH_MISMATCH);
    ketch_glia_net_drop(net);
    close_gym(&g);
}
END_TEST

#define REFUSED(expected, call) ck_assert_int_eq((call), (expected))

START_TEST(a_missing_handle_is_used)
{
    gym g;
    open_gym(&g);
    ketch_need need = {.size = sizeof need};
    ketch_glia_fit small = {.size = sizeof small};
    REFUSED(KETCH_HANDLE, ketch_glia_fit_run(NULL, g.engine, g.net, &g.fit, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_fit_run(&g.result, NULL, g.net, &g.fit, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_fit_run(&g.result, g.engine, NULL, &g.fit, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_fit_run(&g.result, g.engine, g.net, NULL, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_fit_begin(&g.result, g.engine, g.net, NULL, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_fit_load(&g.result, g.engine, g.net, NULL, "x", NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_fit_load(&g.result, g.engine, NULL, &g.fit, "x", NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_fit_load(&g.result, g.engine, g.net, &g.fit, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_fit_need(NULL, g.engine, g.net, &g.fit, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_fit_need(&need, NULL, g.net, &g.fit, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_fit_need(&need, g.engine, NULL, &g.fit, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_fit_need(&need, g.engine, g.net, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_fit_default(NULL, NULL));
    small.size = 0;
    REFUSED(KETCH_MISMATCH, ketch_glia_fit_default(&small, NULL));
    const ketch_job bare = {.size = sizeof bare, .type = ketch_glia_fit_type()};
    REFUSED(KETCH_HANDLE, ketch_engine_run(&g.result, g.engine, &bare, NULL, NULL));
    close_gym(&g);
}
END_TEST

START_TEST(scores_that_are_not_there_are_read)
{
    gym g;
    open_gym(&g);
    int64_t winner = 7;
    float scores[FIT_OUTPUTS] = {1, 1, 1};
    REFUSED(KETCH_HANDLE, ketch_glia_get_fit_scores(&winner, scores, 3, 0, 1, NULL, NULL));
    GOOD(ketch_glia_fit_begin(&g.result, g.engine, g.net, &g.fit, NULL, &error));
    REFUSED(KETCH_BUFFER, ketch_glia_get_fit_scores(&winner, scores, 2, 0, 1, g.result, NULL));
    REFUSED(KETCH_INDEX,
            ketch_glia_get_fit_scores(&winner, scores, 3, FIT_EPISODES, 1, g.result, NULL));
    REFUSED(KETCH_INDEX,
            ketch_glia_get_fit_scores(&winner, scores, 3, FIT_EPISODES + 1, 0, g.result, NULL));
    ck_assert_int_eq(winner, 7);
    GOOD(ketch_glia_get_fit_scores(&winner, scores, 3, 0, 1, g.result, &error));
    ck_assert_int_eq(winner, -1);
    ck_assert_float_eq(scores[0], 0);
    GOOD(ketch_glia_get_fit_scores(NULL, NULL, 0, 0, FIT_EPISODES, g.result, &error));
    close_gym(&g);
}
END_TEST

/* ---- who has the network ---- */

START_TEST(a_fit_goes_on_after_its_network_was_changed)
{
    gym g;
    open_gym(&g);
    const float threshold = 3;
    g.fit.epochs = 3;
    GOOD(ketch_glia_fit_begin(&g.result, g.engine, g.net, &g.fit, NULL, &error));
    GOOD(ketch_engine_advance(g.engine, g.result, NULL, &error));
    GOOD(ketch_glia_set(g.net, KETCH_GLIA_THRESHOLD, 0, 1, &threshold, &error));
    REFUSED(KETCH_MISMATCH, ketch_engine_resume(g.engine, g.result, NULL, NULL));
    close_gym(&g);
}
END_TEST

static int32_t look_at_net(const ketch_step *step, void *user)
{
    gym *const g = user;
    float number = 0;
    ketch_glia_epoch epoch = {.size = sizeof epoch};
    if (step->view == NULL)
        return 0;
    REFUSED(KETCH_OK, ketch_glia_get_epoch(&epoch, step, NULL));
    REFUSED(KETCH_OK, ketch_glia_get(&number, g->net, KETCH_GLIA_THRESHOLD, 0, 1, NULL));
    REFUSED(KETCH_BUSY, ketch_glia_set(g->net, KETCH_GLIA_THRESHOLD, 0, 1, &number, NULL));
    REFUSED(KETCH_BUSY, ketch_glia_step(g->net, 1, NULL));
    g->fit.ticks++;
    return 0;
}

START_TEST(a_hook_changes_the_network_or_cannot_read_it)
{
    gym g;
    open_gym(&g);
    g.fit.epochs = 5;
    const ketch_run run = {.size = sizeof run, .hook = look_at_net, .user = &g};
    GOOD(ketch_glia_fit_run(&g.result, g.engine, g.net, &g.fit, &run, &error));
    ck_assert_uint_eq(g.fit.ticks, FIT_TICKS + 5);
    close_gym(&g);
}
END_TEST

/* ---- files ---- */

static void save_suspended(gym *g, const char *path)
{
    g->fit.epochs = 4;
    GOOD(ketch_glia_fit_begin(&g->result, g->engine, g->net, &g->fit, NULL, &error));
    GOOD(ketch_engine_advance(g->engine, g->result, NULL, &error));
    GOOD(ketch_result_save(g->result, path, NULL, 0, 1, NULL));
    ketch_result_destroy(g->result);
    g->result = NULL;
}

START_TEST(a_file_is_loaded_for_another_network_or_other_episodes)
{
    gym g;
    open_gym(&g);
    make_directory();
    save_suspended(&g, save_path);
    ketch_glia_net *const other =
        fit_net(ketch_engine_arena(g.engine), FIT_RECURRENT | FIT_DELAYS, 4);
    const uint64_t before = hash_synapses(other, CONTRACT_HASH_START);
    REFUSED(KETCH_MISMATCH,
            ketch_glia_fit_load(&g.result, g.engine, other, &g.fit, save_path, NULL));
    ck_assert(hash_synapses(other, CONTRACT_HASH_START) == before);
    ketch_glia_net_drop(other);
    g.fit.count--;
    REFUSED(KETCH_MISMATCH,
            ketch_glia_fit_load(&g.result, g.engine, g.net, &g.fit, save_path, NULL));
    g.fit.count++;
    g.episodes[2].target = "O0";
    REFUSED(KETCH_MISMATCH,
            ketch_glia_fit_load(&g.result, g.engine, g.net, &g.fit, save_path, NULL));
    g.episodes[2].target = "O1";
    g.fit.epochs = 77;
    GOOD(ketch_glia_fit_load(&g.result, g.engine, g.net, &g.fit, save_path, &error));
    GOOD(ketch_engine_resume(g.engine, g.result, NULL, &error));
    ck_assert_uint_eq(epochs_of(g.result), 4);
    remove_directory();
    close_gym(&g);
}
END_TEST

/* A number of a section, of 64 bits, that no fit can have. It is stopped within a batch, where slices
 * are saved. */
typedef struct bad_number {
    const char *section;
    uint64_t offset, value;
} bad_number;

#define IN_FIT(field) (24 + offsetof(ketch_glia_fit, field))
#define IN_SLICE(field) offsetof(ktg_slice_place, field)

static const bad_number bad_numbers[] = {
    {"glia.fit", IN_FIT(epochs), UINT64_C(1) << 62},
    {"glia.fit", IN_FIT(ticks), 0},
    {"glia.place", offsetof(ktg_fit_place, epoch), 99},
    {"glia.place", offsetof(ktg_fit_place, episode), 99},
    {"glia.place", offsetof(ktg_fit_place, best), 99},
    {"glia.order", 0, UINT64_MAX},
    {"glia.winners", 0, 1000},
    {"glia.weights", 0, UINT64_MAX},
    {"glia.slice.0", IN_SLICE(at), UINT64_C(1) << 40},
    {"glia.slice.0", IN_SLICE(first), 3},
    {"glia.slice.0", IN_SLICE(cursor) + offsetof(ktg_cursor, next), UINT32_MAX},
};

enum { BAD_NUMBERS = sizeof bad_numbers / sizeof *bad_numbers };

static int32_t stop_later(const ketch_step *step, void *user)
{
    (void)step;
    return ++*(int *)user == 3;
}

/* By a hook that is called at each look, the third of which is in the first batch. */
static void save_within_a_batch(gym *g)
{
    int looks = 0;
    const ketch_run run = {
        .size = sizeof run, .hook = stop_later, .user = &looks, .tick_seconds = 1e-9};
    g->fit.epochs = 4;
    ck_assert_int_eq(ketch_glia_fit_run(&g->result, g->engine, g->net, &g->fit, &run, NULL),
                     KETCH_STOPPED);
    GOOD(ketch_result_save(g->result, save_path, NULL, 0, 1, NULL));
    ketch_result_destroy(g->result);
    g->result = NULL;
}

START_TEST(a_file_of_no_fit_is_loaded)
{
    const bad_number *const bad = &bad_numbers[_i];
    gym g;
    open_gym(&g);
    make_directory();
    save_within_a_batch(&g);
    contents file = read_bytes(save_path);
    forge_number(&file, forged_place(&file, bad->section) + bad->offset, bad->value);
    forge_sums(&file);
    write_bytes(save_path, file.data, file.size);
    free(file.data);
    const uint64_t before = hash_synapses(g.net, CONTRACT_HASH_START);
    REFUSED(KETCH_CORRUPT,
            ketch_glia_fit_load(&g.result, g.engine, g.net, &g.fit, save_path, NULL));
    ck_assert(hash_synapses(g.net, CONTRACT_HASH_START) == before);
    remove_directory();
    close_gym(&g);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("glia_fit_errors");
    TCase *const cases = tcase_create("errors");
    suite_add_tcase(suite, cases);
    for (int i = 0; i < WRONG_FITS; i++)
        add_indexed(cases, a_wrong_fit_is_not_refused, i, "%s", wrong_fits[i].name);
    tcase_add_test(cases, a_compat_network_is_fitted);
    tcase_add_test(cases, a_missing_handle_is_used);
    tcase_add_test(cases, scores_that_are_not_there_are_read);
    tcase_add_test(cases, a_fit_goes_on_after_its_network_was_changed);
    tcase_add_test(cases, a_hook_changes_the_network_or_cannot_read_it);
    tcase_add_test(cases, a_file_is_loaded_for_another_network_or_other_episodes);
    for (int i = 0; i < BAD_NUMBERS; i++)
        add_indexed(cases, a_file_of_no_fit_is_loaded, i, "%s at %d", bad_numbers[i].section,
                    (int)bad_numbers[i].offset);
    return end_with(suite);
}
