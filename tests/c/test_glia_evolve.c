/* Evolutions: against what GliaGL did, on any number of threads, and populations that are asked. */
#include "evolutions.h"
#include "suite.h"
#include "training_file.h"

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

int main(void)
{
    Suite *const suite = suite_create("glia_evolve");
    TCase *const known = tcase_create("recorded");
    tcase_add_checked_fixture(known, open_engine, close_engine);
    suite_add_tcase(suite, known);
    tcase_add_test(known, an_evolution_differs_from_the_recorded_one);
    return end_with(suite);
}
