/* Evolutions: against what GliaGL did, on any number of threads, and populations that are asked. */
#define _GNU_SOURCE
#include "allocations.h"
#include "evolutions.h"
#include "suite.h"
#include "training_file.h"

#include <fenv.h>
#include <math.h>

static ketch_engine *engine;
static ketch_error failure;

static ketch_engine *engine_of(int32_t threads)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = threads};
    ketch_engine *made = NULL;
    GOOD(ketch_engine_create(&made, &options, &error));
    return made;
}

static void open_engine(void)
{
    engine = engine_of(2);
    failure = (ketch_error){.size = sizeof failure};
}

static void close_engine(void)
{
    GOOD(ketch_engine_destroy(engine, &error));
}

/* ---- what was recorded ---- */

enum { LINEAGE_MOST = 8192 };

/* The lines of the file that are of evolutions alone. trained: one line a generation. */
typedef struct recorded_evolution {
    ketch_glia_evolution_config config;
    uint64_t checks, individuals, generations;
    char sequence[RECORDED_MOST][RECORDED_NAME], target[RECORDED_MOST][RECORDED_NAME];
    ketch_glia_individual individual[RECORDED_MOST];
    char trained[RECORDED_MOST][RECORDED_LINE / 8];
    char lineage[LINEAGE_MOST];
} recorded_evolution;

static recorded_evolution recorded;

static void read_evolving(ketch_glia_evolution_config *c, const char *name, double x)
{
    const struct {
        const char *name;
        double *at;
    } reals[] = {{"sigma_w", &c->sigma_w},       {"sigma_thr", &c->sigma_thr},
                 {"sigma_leak", &c->sigma_leak}, {"w_acc", &c->w_acc},
                 {"w_margin", &c->w_margin},     {"w_sparsity", &c->w_sparsity}};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        if (strcmp(reals[i].name, name) == 0)
            *reals[i].at = x;
    c->population = strcmp(name, "population") == 0 ? (uint32_t)x : c->population;
    c->generations = strcmp(name, "generations") == 0 ? (uint64_t)x : c->generations;
    c->elite = strcmp(name, "elite") == 0 ? (uint32_t)x : c->elite;
    c->parents_pool = strcmp(name, "parents_pool") == 0 ? (uint32_t)x : c->parents_pool;
    c->train_epochs = strcmp(name, "train_epochs") == 0 ? (uint64_t)x : c->train_epochs;
    c->lamarckian = strcmp(name, "lamarckian") == 0 ? (int32_t)x : c->lamarckian;
}

static void read_evolution_line(recorded_evolution *r, const char *line)
{
    char a[RECORDED_NAME];
    double x;
    unsigned long long id, synapses;
    long long parent;
    ketch_glia_individual *const i = &r->individual[r->individuals];
    if (sscanf(line, "evolution %39s %la", a, &x) == 2)
        read_evolving(&r->config, a, x);
    else if (sscanf(line, "validation %39s %39s", r->sequence[r->checks], r->target[r->checks]) ==
             2)
        r->checks++;
    else if (sscanf(line, "individual %llu %lld %la %la %la %llu", &id, &parent, &i->accuracy,
                    &i->margin, &i->fitness, &synapses) == 6)
        r->individual[r->individuals++].synapses = synapses;
    else if (sscanf(line, "trained %511s", r->trained[r->generations]) == 1)
        r->generations++;
    else if (strncmp(line, "lineage ", 8) == 0)
        strcat(r->lineage, line + 8);
}

static void read_recorded_evolution(void)
{
    char path[512], line[RECORDED_LINE];
    const char *const folder = getenv("abs_srcdir");
    memset(&recorded, 0, sizeof recorded);
    recorded.config.size = sizeof recorded.config;
    GOOD(ketch_glia_evolution_config_default(&recorded.config, &error));
    snprintf(path, sizeof path, "%s/tests/glia/evolution.txt", folder ? folder : ".");
    FILE *const file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s is missing", path);
    while (fgets(line, sizeof line, file))
        read_evolution_line(&recorded, line);
    fclose(file);
}

static void fill_recorded(ketch_glia_episode *episodes, recorded_file *f,
                          char names[][RECORDED_NAME], char targets[][RECORDED_NAME],
                          uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        episodes[i] = (ketch_glia_episode){
            sizeof *episodes, f->sequence[find_recorded(f->sequence_names, f->sequences, names[i])],
            targets[i]};
}

/* Without noise every individual of a generation is the same, so all but parents is known. */
static void expect_recorded_lineage(const ketch_result *result)
{
    ck_assert_uint_eq(individuals_of(result), recorded.individuals + recorded.config.population);
    for (uint64_t id = 0; id < recorded.individuals; id++) {
        const ketch_glia_individual got = individual_of(result, id);
        const ketch_glia_individual *const want = &recorded.individual[id];
        ck_assert_msg(got.accuracy == want->accuracy && got.margin == want->margin &&
                          got.fitness == want->fitness && got.synapses == want->synapses,
                      "individual %d: accuracy %a, margin %a, fitness %a", (int)id, got.accuracy,
                      got.margin, got.fitness);
    }
}

static void expect_trained(ketch_glia_net *net, const char *digits)
{
    uint32_t from[RECORDED_MOST], to[RECORDED_MOST], bits;
    float weights[RECORDED_MOST];
    const uint64_t count = net_info(net).synapses;
    ck_assert_uint_eq(8 * count, strlen(digits));
    GOOD(ketch_glia_get_synapses(from, to, weights, RECORDED_MOST, net, &error));
    for (uint64_t i = 0; i < count; i++) {
        char one[9] = {0};
        memcpy(one, digits + 8 * i, 8);
        memcpy(&bits, &weights[i], sizeof bits);
        ck_assert_msg(bits == strtoul(one, NULL, 16), "weight %d: %g", (int)i, (double)weights[i]);
    }
}

/* Takes the numbers of parents, which are drawn, out of the JSON. */
static void drop_parents(char *text)
{
    const char *const before = "\"parent\": ";
    for (char *at = strstr(text, before); at; at = strstr(at, before)) {
        at += strlen(before);
        const char *const end = strchr(at, ',');
        memmove(at, end, strlen(end) + 1);
    }
}

static void expect_lineage_file(const ketch_result *result)
{
    char text[LINEAGE_MOST];
    size_t length = 0;
    GOOD(ketch_glia_lineage_json(NULL, 0, &length, result, &error));
    ck_assert_uint_lt(length, sizeof text);
    GOOD(ketch_glia_lineage_json(text, sizeof text, &length, result, &error));
    ck_assert_uint_eq(strlen(text), length);
    drop_parents(text);
    drop_parents(recorded.lineage);
    ck_assert_str_eq(text, recorded.lineage);
}

/* Evolves as recorded, with so many generations. */
static ketch_result *evolve_recorded(recorded_file *f, uint64_t generations)
{
    ketch_glia_episode train[RECORDED_MOST], check[RECORDED_MOST];
    ketch_glia_evolution_config config = recorded.config;
    config.generations = generations;
    fill_recorded(train, f, f->run.sequence, f->run.target, f->run.count);
    fill_recorded(check, f, recorded.sequence, recorded.target, recorded.checks);
    const ketch_glia_evolution evolution = {.size = sizeof evolution,
                                            .train = train,
                                            .train_count = f->run.count,
                                            .validation = check,
                                            .validation_count = recorded.checks,
                                            .config = &f->run.config,
                                            .evolution = &config};
    ketch_result *result = NULL;
    GOOD(ketch_glia_evolve(&result, engine, f->net[0], &evolution, NULL, &error));
    return result;
}

static void repeat_evolution(recorded_file *f)
{
    read_recorded_evolution();
    ck_assert_uint_eq(recorded.generations, recorded.config.generations);
    for (uint64_t g = 1; g <= recorded.generations; g++) {
        ketch_result *const result = evolve_recorded(f, g);
        ketch_glia_net *net = NULL;
        GOOD(ketch_glia_evolved_net(&net, result, KETCH_GLIA_BEST_OF_LAST, NULL, &error));
        expect_trained(net, recorded.trained[g - 1]);
        ketch_glia_net_drop(net);
        ketch_result_destroy(result);
    }
    ketch_result *const result = evolve_recorded(f, recorded.generations);
    expect_recorded_lineage(result);
    expect_lineage_file(result);
    ketch_result_destroy(result);
}

START_TEST(an_evolution_differs_from_the_recorded_one)
{
    ck_assert_int_eq(read_trainings("evolution.txt", repeat_evolution), 1);
}
END_TEST

/* ---- bits ---- */

static evolution_setup *made;

static void open_setup(void)
{
    open_engine();
    made = set_up_evolution();
}

static void close_setup(void)
{
    tear_down_evolution(made);
    close_engine();
}

static uint64_t hash_and_end(ketch_result *result)
{
    const uint64_t hash = hash_evolution(result, CONTRACT_HASH_START);
    ketch_result_destroy(result);
    return hash;
}

static ketch_result *evolve_on(ketch_engine *on)
{
    ketch_result *result = NULL;
    GOOD(ketch_glia_evolve(&result, on, made->net, &made->evolution, NULL, &error));
    return result;
}

/* Synapses come and go, and what is inherited has other ones than the first network. */
static void let_synapses_change(void)
{
    made->config.prune_epsilon = 8;
    made->config.prune_patience = 1;
    made->config.grow_edges = 3;
    made->config.init_weight = 9;
    made->config.shuffle = 1;
}

/* With currents, delays and refractory ticks. */
static void let_it_be_clean(void)
{
    ketch_glia_net_drop(made->net);
    made->net = random_clean_net(made->arena, 24, 8, 150, 25, 5);
}

static const int32_t thread_counts[] = {1, 2, 3, 8};

START_TEST(threads_change_the_bits)
{
    uint64_t hashes[4];
    if (_i & 1)
        let_synapses_change();
    if (_i & 2)
        let_it_be_clean();
    for (int i = 0; i < 4; i++) {
        ketch_engine *const on = engine_of(thread_counts[i]);
        hashes[i] = hash_and_end(evolve_on(on));
        GOOD(ketch_engine_destroy(on, &error));
        ck_assert_uint_eq(hashes[i], hashes[0]);
    }
    made->evolving.seed++;
    ck_assert_uint_ne(hash_and_end(evolve_on(engine)), hashes[0]);
}
END_TEST

/* A fitness that depends on a few ticks of the network, which it changes. */
static ketch_status score_by_ticks(double *fitness, const ketch_glia_candidate *candidate,
                                   void *user)
{
    float values[24];
    double sum = candidate->accuracy;
    (void)user;
    GOOD(ketch_glia_step(candidate->net, 3, &error));
    GOOD(ketch_glia_get(values, candidate->net, KETCH_GLIA_VALUE, 0, 24, &error));
    for (int i = 0; i < 24; i++)
        sum += (double)values[i];
    *fitness = sum;
    return KETCH_OK;
}

/* Stops at every `every`-th tick. */
static int32_t stop_now_and_then(const ketch_step *step, void *user)
{
    int *const every = user;
    (void)step;
    return ++*every % 5 == 0;
}

static ketch_result *save_and_load(ketch_result *result, ketch_engine *on)
{
    const char *const path = "glia_evolve.saved";
    ketch_result *loaded = NULL;
    GOOD(ketch_result_save(result, path, NULL, 0, 1, &error));
    ketch_result_destroy(result);
    GOOD(ketch_glia_evolve_load(&loaded, on, made->net, &made->evolution, path, &error));
    remove(path);
    return loaded;
}

enum { MANY = 100000 };

START_TEST(an_evolution_that_is_saved_anywhere_ends_in_other_bits)
{
    ketch_engine *const alone = engine_of(1);
    ketch_result *result = NULL;
    int every = 0, turns = 0;
    if (_i & 1)
        let_synapses_change();
    if (_i & 8)
        let_it_be_clean();
    made->evolving.lamarckian = (_i & 2) != 0;
    made->evolution.fitness = _i & 4 ? score_by_ticks : NULL;
    const uint64_t expected = hash_and_end(evolve_on(engine));
    const ketch_run run = {
        .size = sizeof run, .hook = stop_now_and_then, .user = &every, .tick_seconds = 1e-12};
    GOOD(ketch_glia_evolve_begin(&result, alone, made->net, &made->evolution, NULL, &error));
    while (ketch_engine_resume(turns > 5 && turns % 4 == 3 ? engine : alone, result, &run, NULL) !=
           KETCH_OK) {
        ck_assert_int_lt(turns++, MANY);
        result = save_and_load(result, alone);
    }
    ck_assert_int_gt(turns, 5);
    ck_assert_uint_eq(hash_and_end(result), expected);
    GOOD(ketch_engine_destroy(alone, &error));
}
END_TEST

START_TEST(later_generations_take_memory)
{
    uint64_t counts[2];
    for (int i = 0; i < 2; i++) {
        made->evolving.generations = i ? 50 : 5;
        ketch_result_destroy(evolve_on(engine));
        const uint64_t before = count_allocations();
        ketch_result *const result = evolve_on(engine);
        counts[i] = count_allocations() - before;
        ketch_result_destroy(result);
    }
    ck_assert_uint_eq(counts[0], counts[1]);
}
END_TEST

/* Nothing is learnt and nothing mutates, so all individuals of all generations do the same, if they
 * begin in the same state: that of the first network, with input under way. Each makes five ticks, an
 * odd number, with those of its fitness. */
static void let_nothing_change(void)
{
    made->config.warmup_ticks = 0;
    made->config.decision_window = 2;
    made->evolving.train_epochs = 0;
    made->evolution.train_count = 0;
    made->evolution.validation_count = 1;
    made->evolution.fitness = score_by_ticks;
    made->evolving.sigma_w = made->evolving.sigma_thr = made->evolving.sigma_leak = 0;
    for (int tick = 0; tick < 3; tick++) {
        for (uint32_t sensor = 0; sensor < 8; sensor++)
            GOOD(ketch_glia_inject(made->net, 1, &sensor, &(float){150.0F * (float)(tick + 1)},
                                   &error));
        GOOD(ketch_glia_step(made->net, 1, &error));
    }
}

START_TEST(a_later_individual_begins_in_another_state)
{
    if (_i)
        let_it_be_clean();
    let_nothing_change();
    ketch_result *const result = evolve_on(engine);
    const ketch_glia_individual first = individual_of(result, 0);
    for (uint64_t id = 1; id < individuals_of(result) - made->evolving.population; id++)
        ck_assert_msg(individual_of(result, id).fitness == first.fitness, "individual %d", (int)id);
    ketch_result_destroy(result);
}
END_TEST

/* ---- inheritance ---- */

enum { SYNAPSES_MOST = 256, NEURONS = 24 };

/* What a network can bequeath, in the order of noise. */
typedef struct bequest {
    uint64_t synapses;
    uint32_t from[SYNAPSES_MOST], to[SYNAPSES_MOST];
    float weight[SYNAPSES_MOST], threshold[NEURONS], leak[NEURONS];
} bequest;

/* Takes over the network, and sorts targets by their numbers. */
static bequest bequest_of(ketch_glia_net *net)
{
    bequest b = {.synapses = net_info(net).synapses};
    GOOD(ketch_glia_get_synapses(b.from, b.to, b.weight, SYNAPSES_MOST, net, &error));
    GOOD(ketch_glia_get(b.threshold, net, KETCH_GLIA_THRESHOLD, 0, NEURONS, &error));
    GOOD(ketch_glia_get(b.leak, net, KETCH_GLIA_LEAK, 0, NEURONS, &error));
    for (uint64_t i = 1; i < b.synapses; i++)
        for (uint64_t j = i; j > 0 && b.from[j] == b.from[j - 1] && b.to[j] < b.to[j - 1]; j--) {
            const uint32_t to = b.to[j];
            const float weight = b.weight[j];
            b.to[j] = b.to[j - 1];
            b.weight[j] = b.weight[j - 1];
            b.to[j - 1] = to;
            b.weight[j - 1] = weight;
        }
    return b;
}

static bequest asked(ketch_glia_population *population, uint64_t individual)
{
    ketch_glia_net *net = NULL;
    GOOD(ketch_glia_population_ask(&net, population, individual, &error));
    const bequest b = bequest_of(net);
    ketch_glia_net_drop(net);
    return b;
}

static float noisy(float x, double deviation, ketch_random *random)
{
    volatile double noise = deviation * ketch_random_normal(random);
    return x + (float)noise;
}

static void mutate_slowly(bequest *b, const ketch_glia_evolution_config *c, ketch_random *random)
{
    for (uint64_t i = 0; i < b->synapses; i++)
        b->weight[i] = noisy(b->weight[i], c->sigma_w, random);
    for (int i = 0; i < NEURONS; i++)
        b->threshold[i] = noisy(b->threshold[i], c->sigma_thr, random);
    for (int i = 0; i < NEURONS; i++)
        b->leak[i] = fminf(fmaxf(noisy(b->leak[i], c->sigma_leak, random), 0), 1);
}

static void expect_equal(const bequest *a, const bequest *b)
{
    ck_assert_uint_eq(a->synapses, b->synapses);
    ck_assert_mem_eq(a->from, b->from, a->synapses * sizeof *a->from);
    ck_assert_mem_eq(a->to, b->to, a->synapses * sizeof *a->to);
    ck_assert_mem_eq(a->weight, b->weight, a->synapses * sizeof *a->weight);
    ck_assert_mem_eq(a->threshold, b->threshold, sizeof a->threshold);
    ck_assert_mem_eq(a->leak, b->leak, sizeof a->leak);
}

static ketch_random child_random(uint64_t seed, uint64_t generation, uint32_t individual)
{
    return (ketch_random){.seed = ketch_random_split(seed, generation),
                          .stream = ketch_random_stream(0x6765, 1, individual)};
}

/* Six individuals whose ranking is 4 1 3 0 2 5; 1 and 3 are equals. */
static const double told[] = {1, 3, 0.5, 3, 7, -2};
static const int ranked[] = {4, 1, 3, 0, 2, 5};

START_TEST(children_are_bred_otherwise)
{
    ketch_glia_population *population = NULL;
    ketch_glia_generation generation = {.size = sizeof generation};
    static bequest parents[6];
    const bequest base = bequest_of(made->net);
    made->evolving.parents_pool = 3;
    GOOD(ketch_glia_population_create(&population, made->net, &made->evolving, &error));
    for (uint32_t i = 0; i < 6; i++) {
        ketch_random random = child_random(made->evolving.seed, 0, i);
        bequest model = base;
        if (i > 0)
            mutate_slowly(&model, &made->evolving, &random);
        parents[i] = asked(population, i);
        expect_equal(&parents[i], &model);
    }
    GOOD(ketch_glia_population_tell(&generation, population, told, 6, &error));
    ck_assert_uint_eq(generation.best, 4);
    ck_assert(generation.fitness == 7 && fabs(generation.mean_fitness - 12.5 / 6) < 1e-12);
    for (uint32_t i = 0; i < 6; i++) {
        ketch_random random = child_random(made->evolving.seed, 1, i);
        const uint64_t place = i < 2 ? i : ketch_random_below(&random, 3);
        bequest model = parents[ranked[place]];
        if (i >= 2)
            mutate_slowly(&model, &made->evolving, &random);
        const bequest child = asked(population, i);
        expect_equal(&child, &model);
    }
    ketch_glia_population_drop(population);
}
END_TEST

START_TEST(the_rounding_of_the_caller_changes_the_bits)
{
    ketch_glia_population *populations[2];
    const uint64_t expected = hash_and_end(evolve_on(engine));
    GOOD(ketch_glia_population_create(&populations[0], made->net, &made->evolving, &error));
    fesetround(FE_UPWARD);
    ketch_result *const result = evolve_on(engine);
    GOOD(ketch_glia_population_create(&populations[1], made->net, &made->evolving, &error));
    GOOD(ketch_glia_population_tell(NULL, populations[1], told, 6, &error));
    ck_assert_int_eq(fegetround(), FE_UPWARD);
    fesetround(FE_TONEAREST);
    GOOD(ketch_glia_population_tell(NULL, populations[0], told, 6, &error));
    ck_assert_uint_eq(hash_and_end(result), expected);
    for (uint32_t i = 0; i < 6; i++) {
        const bequest a = asked(populations[0], i), b = asked(populations[1], i);
        expect_equal(&a, &b);
    }
    ketch_glia_population_drop(populations[0]);
    ketch_glia_population_drop(populations[1]);
}
END_TEST

START_TEST(noise_has_another_size)
{
    ketch_glia_population *population = NULL;
    const bequest base = bequest_of(made->net);
    double sum = 0, squares = 0;
    const int count = 200;
    made->evolving.population = (uint32_t)count + 1;
    made->evolving.sigma_thr = 0;
    GOOD(ketch_glia_population_create(&population, made->net, &made->evolving, &error));
    for (int i = 1; i <= count; i++) {
        const bequest child = asked(population, (uint64_t)i);
        ck_assert_mem_eq(child.threshold, base.threshold, sizeof base.threshold);
        for (uint64_t w = 0; w < base.synapses; w++) {
            const double noise = (double)child.weight[w] - (double)base.weight[w];
            sum += noise;
            squares += noise * noise;
        }
        for (int n = 0; n < NEURONS; n++)
            ck_assert(child.leak[n] >= 0 && child.leak[n] <= 1);
    }
    const double all = count * (double)base.synapses, mean = sum / all;
    ck_assert_msg(fabs(mean) < 5 * 3 / sqrt(all), "mean %g", mean);
    ck_assert_msg(fabs(sqrt(squares / all) / 3 - 1) < 5 / sqrt(2 * all), "deviation %g",
                  sqrt(squares / all));
    ketch_glia_population_drop(population);
}
END_TEST

/* Without noise and inheritance nobody differs from the first network. */
START_TEST(what_is_learnt_is_inherited_though_it_should_not_be)
{
    const bequest base = bequest_of(made->net);
    made->evolving.sigma_w = made->evolving.sigma_thr = made->evolving.sigma_leak = 0;
    for (int lamarckian = 0; lamarckian < 2; lamarckian++) {
        ketch_glia_net *net = NULL;
        made->evolving.lamarckian = lamarckian;
        ketch_result *const result = evolve_on(engine);
        GOOD(ketch_glia_evolved_net(&net, result, KETCH_GLIA_BEST_OF_LAST, NULL, &error));
        const bequest last = bequest_of(net);
        ck_assert_int_eq(memcmp(last.weight, base.weight, sizeof base.weight) != 0, lamarckian);
        ketch_glia_net_drop(net);
        ketch_result_destroy(result);
    }
}
END_TEST

/* ---- fitness and ends ---- */

/* Fails at call number `fails_at`; else better by one with every call, up to `most`. */
typedef struct counted_fitness {
    int calls, fails_at, most;
} counted_fitness;

static ketch_status count_up(double *fitness, const ketch_glia_candidate *candidate, void *user)
{
    counted_fitness *const c = user;
    (void)candidate;
    if (++c->calls == c->fails_at)
        return KETCH_RANGE;
    *fitness = c->calls < c->most ? c->calls : c->most;
    return KETCH_OK;
}

START_TEST(a_failed_fitness_is_not_told_or_asked_for_again)
{
    counted_fitness c = {.fails_at = 8, .most = MANY};
    ketch_result *result = NULL;
    made->evolution.fitness = count_up;
    made->evolution.user = &c;
    ck_assert_int_eq(
        ketch_glia_evolve(&result, engine, made->net, &made->evolution, NULL, &failure),
        KETCH_RANGE);
    ck_assert_str_eq(failure.argument, "fitness");
    ck_assert_uint_eq(generations_of(result), 1);
    GOOD(ketch_engine_resume(engine, result, NULL, &error));
    ck_assert_int_eq(c.calls, 4 * 6 + 1);
    ck_assert(individual_of(result, 7).fitness == 9);
    ck_assert(generation_of(result, 3).fitness == 25);
    ketch_result_destroy(result);
}
END_TEST

/* Spoils the network in every way, and keeps it. */
static ketch_status spoil(double *fitness, const ketch_glia_candidate *candidate, void *user)
{
    ketch_glia_net **const kept = user;
    const ketch_status status = score_by_ticks(fitness, candidate, user);
    GOOD(ketch_glia_add_neuron(candidate->net, "S99", 1, 1, 1, &error));
    GOOD(ketch_glia_clear_synapses(candidate->net, &error));
    ketch_glia_net_drop(*kept);
    *kept = ketch_glia_net_share(candidate->net);
    return status;
}

START_TEST(what_a_fitness_does_to_networks_counts)
{
    ketch_glia_net *kept = NULL;
    made->evolution.fitness = score_by_ticks;
    const uint64_t expected = hash_and_end(evolve_on(engine));
    made->evolution.fitness = spoil;
    made->evolution.user = &kept;
    ck_assert_uint_eq(hash_and_end(evolve_on(engine)), expected);
    ck_assert_uint_eq(net_info(kept).neurons, net_info(made->net).neurons + 1);
    GOOD(ketch_glia_step(kept, 10, &error));
    ketch_glia_net_drop(kept);
}
END_TEST

static ketch_status give_nan(double *fitness, const ketch_glia_candidate *candidate, void *user)
{
    (void)candidate, (void)user;
    *fitness = NAN;
    return KETCH_OK;
}

START_TEST(a_fitness_that_is_no_number_is_taken)
{
    ketch_result *result = NULL;
    made->evolution.fitness = give_nan;
    ck_assert_int_eq(
        ketch_glia_evolve(&result, engine, made->net, &made->evolution, NULL, &failure),
        KETCH_NONFINITE);
    ck_assert_str_eq(failure.given, "nan");
    ketch_result_destroy(result);
}
END_TEST

static uint64_t generations_until_end(int most)
{
    counted_fitness c = {.most = most};
    made->evolution.fitness = count_up;
    made->evolution.user = &c;
    made->evolving.generations = 20;
    ketch_result *const result = evolve_on(engine);
    const uint64_t count = generations_of(result);
    ck_assert_uint_eq(individuals_of(result), 6 * (count + 1));
    ketch_result_destroy(result);
    return count;
}

START_TEST(an_evolution_does_not_end_where_it_should)
{
    ck_assert_uint_eq(generations_until_end(MANY), 20);
    made->evolving.target_fitness = 18;
    ck_assert_uint_eq(generations_until_end(MANY), 3);
    made->evolving.target_fitness = INFINITY;
    made->evolving.patience = 4;
    ck_assert_uint_eq(generations_until_end(12), 2 + 4);
    made->evolving.patience = 0;
    made->evolving.evaluations = 25;
    ck_assert_uint_eq(generations_until_end(MANY), 5);
}
END_TEST

/* Stops after a generation, whose numbers it notes. */
static int32_t stop_at_second(const ketch_step *step, void *user)
{
    ketch_glia_generation *const seen = user;
    if (ketch_glia_get_generation(seen, step, NULL) != KETCH_OK)
        return 0;
    return seen->generation == 1;
}

START_TEST(a_hook_does_not_see_generations_or_stop_after_one)
{
    ketch_glia_generation seen = {.size = sizeof seen};
    ketch_result *result = NULL;
    const ketch_run run = {.size = sizeof run, .hook = stop_at_second, .user = &seen};
    ck_assert_int_eq(ketch_glia_evolve(&result, engine, made->net, &made->evolution, &run, NULL),
                     KETCH_STOPPED);
    const ketch_glia_generation known = generation_of(result, 1);
    ck_assert_mem_eq(&seen, &known, sizeof seen);
    ck_assert_uint_eq(generations_of(result), 2);
    ck_assert(known.fitness ==
              known.accuracy + 0.5 * known.margin); /* products of weights 1 and 0.5 are exact */
    ketch_result_destroy(result);
}
END_TEST

/* ---- the suite ---- */

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *const cases = tcase_create(name);
    tcase_add_checked_fixture(cases, open_setup, close_setup);
    tcase_set_timeout(cases, 60);
    suite_add_tcase(suite, cases);
    return cases;
}

static void add_all(Suite *suite)
{
    static const char *const kinds[] = {"synapses stay", "synapses change", "clean, synapses stay",
                                        "clean, synapses change"};
    TCase *const bits = add_case(suite, "bits");
    add_list(bits, threads_change_the_bits, kinds, 4);
    add_list(bits, a_later_individual_begins_in_another_state,
             (const char *const[]){"compat", "clean"}, 2);
    for (int i = 0; i < 16; i++)
        add_indexed(bits, an_evolution_that_is_saved_anywhere_ends_in_other_bits, i, "%s%s%s",
                    kinds[(i & 1) + (i & 8) / 4], i & 2 ? ", inherited" : "",
                    i & 4 ? ", own fitness" : "");
    add_where(bits, later_generations_take_memory, COUNTS_ALLOCATIONS,
              "allocations are not counted here");
    TCase *const bred = add_case(suite, "inheritance");
    tcase_add_test(bred, children_are_bred_otherwise);
    tcase_add_test(bred, the_rounding_of_the_caller_changes_the_bits);
    tcase_add_test(bred, noise_has_another_size);
    tcase_add_test(bred, what_is_learnt_is_inherited_though_it_should_not_be);
    TCase *const ends = add_case(suite, "ends");
    tcase_add_test(ends, a_failed_fitness_is_not_told_or_asked_for_again);
    tcase_add_test(ends, what_a_fitness_does_to_networks_counts);
    tcase_add_test(ends, a_fitness_that_is_no_number_is_taken);
    tcase_add_test(ends, an_evolution_does_not_end_where_it_should);
    tcase_add_test(ends, a_hook_does_not_see_generations_or_stop_after_one);
}

int main(void)
{
    Suite *const suite = suite_create("glia_evolve");
    TCase *const known = tcase_create("recorded");
    tcase_add_checked_fixture(known, open_engine, close_engine);
    suite_add_tcase(suite, known);
    tcase_add_test(known, an_evolution_differs_from_the_recorded_one);
    add_all(suite);
    return end_with(suite);
}
