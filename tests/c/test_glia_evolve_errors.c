/* Bad calls of evolutions: each gets its status and a text with what was given and allowed, and
 * changes nothing. */
#include "evolutions.h"
#include "suite.h"

#include <math.h>
#include <string.h>

static ketch_engine *engine;
static evolution_setup *made;
static ketch_error failure;

static void open_all(void)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = 1};
    GOOD(ketch_engine_create(&engine, &options, &error));
    made = set_up_evolution();
    failure = (ketch_error){.size = sizeof failure};
}

static void close_all(void)
{
    tear_down_evolution(made);
    GOOD(ketch_engine_destroy(engine, &error));
}

/* What is wrong, and what the call must answer. given, allowed: parts of the texts. */
typedef struct wrong_call {
    const char *name;
    void (*spoil)(void);
    ketch_status status;
    const char *argument, *given, *allowed;
} wrong_call;

#define SPOIL(name, ...)                                                                           \
    static void name(void)                                                                         \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }

SPOIL(no_population, made->evolving.population = 0)
SPOIL(large_population, made->evolving.population = 1048577)
SPOIL(no_generations, made->evolving.generations = 0)
SPOIL(many_epochs, made->evolving.train_epochs = UINT64_C(1) << 32)
SPOIL(negative_noise, made->evolving.sigma_w = -1)
SPOIL(endless_noise, made->evolving.sigma_thr = INFINITY)
SPOIL(unknown_noise, made->evolving.sigma_leak = NAN)
SPOIL(endless_weight, made->evolving.w_acc = INFINITY)
SPOIL(unknown_weight, made->evolving.w_margin = NAN)
SPOIL(endless_sparsity, made->evolving.w_sparsity = -INFINITY)
SPOIL(unknown_target, made->evolving.target_fitness = NAN)
SPOIL(odd_inheritance, made->evolving.lamarckian = 2)
SPOIL(no_size, made->evolving.size = 0)
SPOIL(no_training, made->evolution.train_count = 0)
SPOIL(no_validation, made->evolution.validation_count = 0)
SPOIL(no_array, made->evolution.validation = NULL)
SPOIL(no_stride, made->check[0].size = 0)
SPOIL(bad_config, made->config.rate_alpha = 2)
SPOIL(wrong_target, made->check[1].target = "N1")
SPOIL(no_target, made->train[1].target = NULL)
SPOIL(no_evolution, made->evolution.size = 0)

static const wrong_call wrong_calls[] = {
    {"no population", no_population, KETCH_RANGE, "population", "0", "1..1048576"},
    {"a large population", large_population, KETCH_RANGE, "population", "1048577", "1..1048576"},
    {"no generations", no_generations, KETCH_RANGE, "generations", "0", "1..4294967294"},
    {"many epochs", many_epochs, KETCH_RANGE, "train_epochs", "4294967296", "0..4294967295"},
    {"negative noise", negative_noise, KETCH_RANGE, "sigma_w", "-1", "at least 0"},
    {"endless noise", endless_noise, KETCH_NONFINITE, "sigma_thr", "inf", "finite"},
    {"unknown noise", unknown_noise, KETCH_NONFINITE, "sigma_leak", "nan", "finite"},
    {"endless weight", endless_weight, KETCH_NONFINITE, "w_acc", "inf", "finite"},
    {"unknown weight", unknown_weight, KETCH_NONFINITE, "w_margin", "nan", "finite"},
    {"endless sparsity", endless_sparsity, KETCH_NONFINITE, "w_sparsity", "-inf", "finite"},
    {"unknown target", unknown_target, KETCH_NONFINITE, "target_fitness", "nan", "INFINITY"},
    {"odd inheritance", odd_inheritance, KETCH_RANGE, "lamarckian", "2", "0..1"},
    {"a config without size", no_size, KETCH_MISMATCH, "evolution", "", ""},
    {"no training", no_training, KETCH_RANGE, "train_count", "0", "train_epochs 0"},
    {"no validation", no_validation, KETCH_RANGE, "validation_count", "0", "fitness function"},
    {"no array", no_array, KETCH_HANDLE, "validation", "", ""},
    {"no stride", no_stride, KETCH_MISMATCH, "validation", "size 0", "or more"},
    {"a bad config", bad_config, KETCH_RANGE, "rate_alpha", "2", "0..1"},
    {"a wrong target", wrong_target, KETCH_MISMATCH, "target", "N1 in episode 1", "outputs"},
    {"no target", no_target, KETCH_HANDLE, "target", "", ""},
    {"an evolution without size", no_evolution, KETCH_MISMATCH, "evolution", "", ""},
};

enum { WRONG_CALLS = sizeof wrong_calls / sizeof *wrong_calls };

START_TEST(a_wrong_call_is_not_told)
{
    const wrong_call *const w = &wrong_calls[_i];
    ketch_result *result = (ketch_result *)made;
    const uint64_t used = net_info(made->net).bytes, hash = hash_net(made->net, 1);
    w->spoil();
    ck_assert_int_eq(
        ketch_glia_evolve(&result, engine, made->net, &made->evolution, NULL, &failure), w->status);
    ck_assert_ptr_null(result);
    ck_assert_str_eq(failure.function, "ketch_glia_evolve");
    ck_assert_str_eq(failure.argument, w->argument);
    ck_assert_msg(strstr(failure.given, w->given) != NULL, "given: %s", failure.given);
    ck_assert_msg(strstr(failure.allowed, w->allowed) != NULL, "allowed: %s", failure.allowed);
    ck_assert_uint_eq(net_info(made->net).bytes, used);
    ck_assert_uint_eq(hash_net(made->net, 1), hash);
}
END_TEST

START_TEST(a_wrong_handle_is_not_told)
{
    ketch_result *result = NULL;
    ketch_glia_population *population = NULL;
    ketch_glia_net *net = NULL;
    uint64_t count;
    ketch_error *const e = &failure;
    ck_assert_int_eq(ketch_glia_evolve(&result, engine, NULL, &made->evolution, NULL, e),
                     KETCH_HANDLE);
    ck_assert_int_eq(ketch_glia_evolve(&result, engine, made->net, NULL, NULL, e), KETCH_HANDLE);
    ck_assert_int_eq(ketch_glia_evolve_load(&result, engine, made->net, NULL, "x", e),
                     KETCH_HANDLE);
    ck_assert_int_eq(ketch_glia_get_generations(&count, NULL, e), KETCH_HANDLE);
    ck_assert_int_eq(ketch_glia_get_generation(NULL, NULL, e), KETCH_HANDLE);
    ck_assert_int_eq(ketch_glia_evolved_net(&net, NULL, KETCH_GLIA_BEST_OF_ALL, NULL, e),
                     KETCH_HANDLE);
    ck_assert_int_eq(ketch_glia_lineage_json(NULL, 0, NULL, NULL, e), KETCH_HANDLE);
    ck_assert_int_eq(ketch_glia_population_create(NULL, made->net, NULL, e), KETCH_HANDLE);
    ck_assert_int_eq(ketch_glia_population_create(&population, NULL, NULL, e), KETCH_HANDLE);
    ck_assert_int_eq(ketch_glia_population_ask(&net, NULL, 0, e), KETCH_HANDLE);
    ck_assert_int_eq(ketch_glia_population_tell(NULL, NULL, NULL, 0, e), KETCH_HANDLE);
}
END_TEST

START_TEST(a_network_without_neurons_evolves)
{
    ketch_glia_population *population = NULL;
    ketch_glia_net *empty = NULL;
    GOOD(ketch_glia_net_create(&empty, made->arena, NULL, &error));
    ck_assert_int_eq(ketch_glia_population_create(&population, empty, NULL, &failure),
                     KETCH_MISMATCH);
    ck_assert_str_eq(failure.given, "0 neurons");
    ketch_glia_net_drop(empty);
}
END_TEST

static void expect(ketch_status got, ketch_status status, const char *argument, const char *given,
                   const char *allowed)
{
    ck_assert_int_eq(got, status);
    ck_assert_str_eq(failure.argument, argument);
    ck_assert_str_eq(failure.given, given);
    ck_assert_str_eq(failure.allowed, allowed);
}

START_TEST(what_does_not_exist_is_read)
{
    ketch_result *result = NULL;
    ketch_glia_net *net = NULL;
    GOOD(ketch_glia_evolve_begin(&result, engine, made->net, &made->evolution, NULL, &error));
    expect(ketch_glia_evolved_net(&net, result, KETCH_GLIA_BEST_OF_ALL, NULL, &failure),
           KETCH_INDEX, "which", "0 generations", "1 or more");
    expect(ketch_glia_evolved_net(&net, result, (ketch_glia_best)2, NULL, &failure), KETCH_RANGE,
           "which", "2", "0..1");
    expect(ketch_glia_get_generation_history(NULL, 0, 1, result, &failure), KETCH_INDEX, "count",
           "1 from 0", "0 generations");
    expect(ketch_glia_get_lineage(NULL, 7, 1, result, &failure), KETCH_INDEX, "first", "1 from 7",
           "6 individuals");
    ck_assert(individual_of(result, 5).fitness == -1e9);
    ketch_result_destroy(result);
}
END_TEST

START_TEST(a_population_takes_what_it_should_not)
{
    ketch_glia_population *population = NULL;
    ketch_glia_net *net = NULL;
    const double numbers[] = {1, 2, 3, 4, NAN, 6};
    GOOD(ketch_glia_population_create(&population, made->net, &made->evolving, &error));
    expect(ketch_glia_population_ask(&net, population, 6, &failure), KETCH_INDEX, "individual", "6",
           "0..5");
    expect(ketch_glia_population_tell(NULL, population, numbers, 5, &failure), KETCH_BUFFER,
           "count", "5", "6");
    expect(ketch_glia_population_tell(NULL, population, numbers, 6, &failure), KETCH_NONFINITE,
           "fitness", "nan at 4", "finite numbers");
    expect(ketch_glia_population_best(&net, population, KETCH_GLIA_BEST_OF_ALL, &failure),
           KETCH_INDEX, "which", "0 generations", "1 or more");
    ketch_glia_population_drop(population);
    ketch_glia_population_drop(NULL);
}
END_TEST

static ketch_status any_fitness(double *fitness, const ketch_glia_candidate *candidate, void *user)
{
    (void)candidate, (void)user;
    *fitness = 1;
    return KETCH_OK;
}

SPOIL(other_net, GOOD(ketch_glia_clear_synapses(made->net, &error)))
SPOIL(other_episodes, made->evolution.validation_count--)
SPOIL(other_fitness, made->evolution.fitness = any_fitness)

START_TEST(a_file_of_another_evolution_is_loaded)
{
    static void (*const spoils[])(void) = {other_net, other_episodes, other_fitness};
    const char *const path = "glia_evolve_errors.saved";
    ketch_result *result = NULL, *loaded = NULL;
    GOOD(ketch_glia_evolve(&result, engine, made->net, &made->evolution, NULL, &error));
    GOOD(ketch_result_save(result, path, NULL, 0, 1, &error));
    ketch_result_destroy(result);
    spoils[_i]();
    ck_assert_int_eq(
        ketch_glia_evolve_load(&loaded, engine, made->net, &made->evolution, path, &failure),
        KETCH_MISMATCH);
    ck_assert_ptr_null(loaded);
    ck_assert_str_eq(failure.function, "ketch_glia_evolve_load");
    remove(path);
}
END_TEST

int main(void)
{
    static const char *const others[] = {"network", "episodes", "fitness"};
    Suite *const suite = suite_create("glia_evolve_errors");
    TCase *const cases = tcase_create("errors");
    tcase_add_checked_fixture(cases, open_all, close_all);
    suite_add_tcase(suite, cases);
    for (int i = 0; i < WRONG_CALLS; i++)
        add_indexed(cases, a_wrong_call_is_not_told, i, "%s", wrong_calls[i].name);
    tcase_add_test(cases, a_wrong_handle_is_not_told);
    tcase_add_test(cases, a_network_without_neurons_evolves);
    tcase_add_test(cases, what_does_not_exist_is_read);
    tcase_add_test(cases, a_population_takes_what_it_should_not);
    add_list(cases, a_file_of_another_evolution_is_loaded, others, 3);
    return end_with(suite);
}
