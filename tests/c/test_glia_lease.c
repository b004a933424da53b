/* Leases of networks: what they show never changes, whatever is done to the network, which goes on in
 * the bits that it would have without leases. What is under way in a clean network can be moved to
 * another one. */
#include "suite.h"
#include "trainings.h"

#include <math.h>
#include <string.h>

enum { NEURONS = 70, SENSORY = 20, SYNAPSES = 600, TICKS = 40, MOST_LEASES = 600, DELAYS = 9 };

static ketch_engine *engine;
static ketch_error failure = {.size = sizeof failure};

static void open_engine(void)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = 2, .memory = 1 << 24};
    GOOD(ketch_engine_create(&engine, &options, &error));
}

/* All memory is back. */
static void close_engine(void)
{
    ketch_arena_stats stats = {.size = sizeof stats};
    GOOD(ketch_arena_get_stats(&stats, ketch_engine_arena(engine), &error));
    ck_assert_uint_eq(stats.used, 0);
    GOOD(ketch_engine_destroy(engine, &error));
}

/* ---- networks ---- */

static ketch_glia_net *make_compat(void)
{
    return random_net(ketch_engine_arena(engine), NEURONS, SENSORY, SYNAPSES, 2);
}

/* Without panels: ticks read its rows. */
static ketch_glia_net *make_sparse(void)
{
    return random_net(ketch_engine_arena(engine), NEURONS, SENSORY, 150, 2);
}

static void connect_with_delays(ketch_glia_net *net, ketch_random *random)
{
    for (int i = 0; i < SYNAPSES; i++) {
        const uint32_t from = (uint32_t)ketch_random_below(random, NEURONS);
        const uint32_t to = (uint32_t)ketch_random_below(random, NEURONS);
        const float weight = (float)draw(random, -10, 30);
        const uint8_t delay = (uint8_t)(1 + ketch_random_below(random, DELAYS));
        GOOD(ketch_glia_add_delayed(net, 1, &from, &to, &weight, &delay, &error));
    }
}

/* It fires by itself. */
static ketch_glia_net *make_clean(void)
{
    const ketch_glia_net_options options = {
        .size = sizeof options, .mode = KETCH_GLIA_CLEAN, .tau_e = 5, .tau_i = 10};
    ketch_random random = {.seed = 3};
    ketch_glia_net *net = NULL;
    float drives[NEURONS];
    GOOD(ketch_glia_net_create(&net, ketch_engine_arena(engine), &options, &error));
    GOOD(ketch_glia_add_neurons(net, NEURONS, NULL, 10, 0.9F, 0, &error));
    for (int i = 0; i < NEURONS; i++)
        drives[i] = (float)draw(&random, 0, 4);
    GOOD(ketch_glia_set(net, KETCH_GLIA_DRIVE, 0, NEURONS, drives, &error));
    connect_with_delays(net, &random);
    GOOD(ketch_glia_step(net, 50, &error));
    return net;
}

typedef ketch_glia_net *make_net(void);

static make_net *const makers[] = {make_compat, make_clean, make_sparse};
static const char *const maker_names[] = {"compat", "clean", "sparse"};

static bool has_field(ketch_glia_net *net, int field)
{
    const bool is_clean = net_info(net).mode == KETCH_GLIA_CLEAN;
    return is_clean ? field != KETCH_GLIA_DELTA : field <= KETCH_GLIA_ON_DECK;
}

/* Of all that a network is and will do. */
static uint64_t hash_all(ketch_glia_net *net)
{
    uint64_t hash = CONTRACT_HASH_START;
    float numbers[NEURONS + 2] = {0};
    const uint64_t neurons = net_info(net).neurons;
    for (int field = 0; field <= KETCH_GLIA_WAIT; field++) {
        if (!has_field(net, field))
            continue;
        GOOD(ketch_glia_get(numbers, net, (ketch_glia_field)field, 0, neurons, &error));
        hash = contract_hash(hash, numbers, neurons * sizeof *numbers);
    }
    ketch_glia_net *copy = NULL;
    GOOD(ketch_glia_net_copy(&copy, net, NULL, &error));
    GOOD(ketch_glia_step(copy, 2 * DELAYS, &error));
    hash = hash_state(copy, hash_synapses(net, hash));
    ketch_glia_net_drop(copy);
    return hash;
}

/* ---- leases ---- */

/* A lease, and a copy of what it showed. */
typedef struct lease {
    ketch_block *block;
    const void *data;
    void *copy;
    size_t size;
} lease;

typedef struct leases {
    int count;
    lease items[MOST_LEASES];
} leases;

static leases held;

static void hold(ketch_block *block, const void *data, size_t size)
{
    ck_assert_int_lt(held.count, MOST_LEASES);
    ck_assert(block != NULL && data != NULL);
    lease *const made = &held.items[held.count++];
    *made = (lease){block, data, malloc(size + 1), size};
    memcpy(made->copy, data, size);
}

static void lease_field(ketch_glia_net *net, int field)
{
    ketch_block *block = NULL;
    const float *numbers = NULL;
    uint64_t count = 0;
    float copied[NEURONS + 2];
    GOOD(ketch_glia_lease(&block, &numbers, &count, net, (ketch_glia_field)field, &error));
    ck_assert_uint_eq(count, net_info(net).neurons);
    GOOD(ketch_glia_get(copied, net, (ketch_glia_field)field, 0, count, &error));
    ck_assert(memcmp(copied, numbers, count * sizeof *copied) == 0);
    hold(block, numbers, count * sizeof *numbers);
}

static ketch_glia_rows rows_of(ketch_glia_net *net, ketch_block **block)
{
    ketch_glia_rows rows = {.size = sizeof rows};
    GOOD(ketch_glia_lease_synapses(block, &rows, net, &error));
    return rows;
}

static void lease_synapses(ketch_glia_net *net)
{
    ketch_block *block = NULL;
    const ketch_glia_rows rows = rows_of(net, &block);
    const ketch_glia_net_info info = net_info(net);
    ck_assert(rows.neurons == info.neurons && rows.synapses == info.synapses);
    ck_assert(rows.begin[0] == 0 && rows.begin[info.neurons] == info.synapses);
    ck_assert(!rows.delays == (info.delay_max == 1));
    hold(block, rows.begin, (info.neurons + 1) * sizeof *rows.begin);
    hold(ketch_block_share(block), rows.targets, info.synapses * sizeof *rows.targets);
    hold(ketch_block_share(block), rows.weights, info.synapses * sizeof *rows.weights);
    if (rows.delays)
        hold(ketch_block_share(block), rows.delays, info.synapses);
}

static void lease_all(ketch_glia_net *net)
{
    for (int field = 0; field <= KETCH_GLIA_WAIT; field++)
        if (has_field(net, field))
            lease_field(net, field);
    lease_synapses(net);
}

/* Nothing of what was leased has changed. */
static void end_leases(void)
{
    for (int i = 0; i < held.count; i++) {
        const lease *const one = &held.items[i];
        ck_assert(memcmp(one->data, one->copy, one->size) == 0);
        GOOD(ketch_block_drop(one->block));
        free(one->copy);
    }
    held.count = 0;
}

/* ---- what writes ---- */

static void take_steps(ketch_glia_net *net)
{
    GOOD(ketch_glia_step(net, 5, &error));
}

static void set_fields(ketch_glia_net *net)
{
    const float number = 1;
    for (int field = 0; field <= KETCH_GLIA_WAIT; field++)
        if (has_field(net, field))
            GOOD(ketch_glia_set(net, (ketch_glia_field)field, 1, 1, &number, &error));
}

static void inject_one(ketch_glia_net *net)
{
    const uint32_t neuron = 3;
    const float amount = 70;
    GOOD(ketch_glia_inject(net, 1, &neuron, &amount, &error));
}

static void reset_net(ketch_glia_net *net)
{
    GOOD(ketch_glia_reset(net, &error));
}

static void set_a_neuron(ketch_glia_net *net)
{
    GOOD(ketch_glia_add_neuron(net, ketch_glia_id(net, 5), 1, 0.25F, 2, &error));
}

static void add_a_synapse(ketch_glia_net *net)
{
    const uint32_t from = 4, to = 5;
    const float weight = 6;
    GOOD(ketch_glia_add_synapses(net, 1, &from, &to, &weight, &error));
}

static void clear_synapses(ketch_glia_net *net)
{
    GOOD(ketch_glia_clear_synapses(net, &error));
}

static int32_t lease_at_fences(const ketch_step *step, void *user)
{
    ketch_glia_net *const net = user;
    if (net && step->view)
        lease_all(net);
    return 0;
}

enum { MOST_BLOCKS = 4096 };

static ketch_block *blocks_taken[MOST_BLOCKS];

/* Takes all memory that the arena gives. */
static int take_all(void)
{
    int count = 0;
    for (uint64_t size = 1 << 24; size >= 4096; size /= 2)
        while (count < MOST_BLOCKS &&
               ketch_block_take(&blocks_taken[count], ketch_engine_arena(engine), size, NULL,
                                NULL) == KETCH_OK)
            count++;
    return count;
}

static void give_all(int count)
{
    for (int i = 0; i < count; i++)
        GOOD(ketch_block_drop(blocks_taken[i]));
}

/* Leases at every second fence; at the others the leases end, and what they kept is spoilt. */
static int32_t lease_and_spoil(const ketch_step *step, void *user)
{
    if (!user || !step->view)
        return 0;
    if (held.count == 0) {
        lease_all(user);
        return 0;
    }
    end_leases();
    const int taken = take_all();
    for (int i = 0; i < taken; i++)
        memset(ketch_block_data(blocks_taken[i]), 0xff, ketch_block_size(blocks_taken[i]));
    give_all(taken);
    return 0;
}

static ketch_hook the_hook = lease_at_fences;

/* hooked: the network that the hook leases; NULL: none. */
static ketch_run run_options(ketch_glia_net *hooked)
{
    return (ketch_run){.size = sizeof(ketch_run), .hook = the_hook, .user = hooked};
}

static void run_with(ketch_glia_net *net, ketch_glia_net *hooked)
{
    ketch_glia_sequence *const sequence = random_sequence(200, SENSORY, TICKS, 4);
    const ketch_glia_feed feed = {
        .size = sizeof feed, .sequence = sequence, .ticks = TICKS, .fence_every = 10};
    const ketch_run run = run_options(hooked);
    ketch_result *result = NULL;
    GOOD(ketch_glia_run(&result, engine, net, &feed, &run, &error));
    ketch_result_destroy(result);
    ketch_glia_sequence_drop(sequence);
}

static void run_quietly(ketch_glia_net *net)
{
    run_with(net, NULL);
}

/* all: synapses come and go; else only their weights change. */
static ketch_glia_config make_config(bool all)
{
    ketch_glia_config config = {.size = sizeof config};
    GOOD(ketch_glia_config_default(&config, &error));
    config.warmup_ticks = 5;
    config.decision_window = 15;
    config.lr = 0.5F;
    config.weight_jitter_std = 1;
    config.prune_epsilon = 0;
    if (!all)
        return config;
    config.prune_epsilon = 4;
    config.prune_patience = 2;
    config.grow_edges = 3;
    config.init_weight = 5;
    config.eta_theta = 1;
    config.revert_enable = 1;
    config.revert_drop = 0;
    return config;
}

static void train_with(ketch_glia_net *net, ketch_glia_net *hooked, ketch_glia_rule rule)
{
    ketch_glia_sequence *const sequence = random_sequence(200, SENSORY, 20, 4);
    const ketch_glia_config config = make_config(net_info(net).synapses > 200);
    const ketch_glia_episode episodes[2] = {{sizeof *episodes, sequence, "O0"},
                                            {sizeof *episodes, sequence, "O2"}};
    const ketch_glia_training training = {
        .size = sizeof training, .episodes = episodes, .count = 2, .epochs = 6, .config = &config};
    const ketch_run run = run_options(hooked);
    ketch_glia_trainer *trainer = NULL;
    ketch_result *result = NULL;
    int32_t reverted = 0;
    GOOD(ketch_glia_trainer_create(&trainer, net, rule, &error));
    GOOD(ketch_glia_train(&result, engine, trainer, &training, &run, &error));
    if (hooked)
        lease_all(hooked);
    GOOD(ketch_glia_trainer_revert(&reverted, trainer, &error));
    ketch_result_destroy(result);
    ketch_glia_trainer_drop(trainer);
    ketch_glia_sequence_drop(sequence);
}

static void add_outputs(ketch_glia_net *net)
{
    static const char *const ids[] = {"O0", "O2"};
    GOOD(ketch_glia_add_neurons(net, 2, ids, 1, 0.9F, 0, &error));
    for (uint32_t i = 0; i < 20; i++) {
        const uint32_t to = NEURONS + i % 2;
        GOOD(ketch_glia_add_synapses(net, 1, &i, &to, &(float){0.3F}, &error));
    }
}

/* Of a clean network, which gets outputs. */
static void fit_with(ketch_glia_net *net, ketch_glia_net *hooked)
{
    ketch_glia_sequence *const sequence = random_sequence(200, SENSORY, 20, 4);
    const ketch_glia_episode episodes[2] = {{sizeof *episodes, sequence, "O0"},
                                            {sizeof *episodes, sequence, "O2"}};
    ketch_glia_fit fit = {.size = sizeof fit};
    const ketch_run run = run_options(hooked);
    ketch_result *result = NULL;
    add_outputs(net);
    GOOD(ketch_glia_fit_default(&fit, &error));
    fit.episodes = episodes;
    fit.count = 2;
    fit.epochs = 6;
    fit.ticks = 20;
    GOOD(ketch_glia_fit_run(&result, engine, net, &fit, &run, &error));
    ketch_result_destroy(result);
    ketch_glia_sequence_drop(sequence);
}

static void score_quietly(ketch_glia_net *net)
{
    ketch_glia_sequence *const sequence = random_sequence(200, SENSORY, 20, 4);
    const ketch_glia_config config = make_config(false);
    const ketch_glia_episode episodes[2] = {{sizeof *episodes, sequence, "O0"},
                                            {sizeof *episodes, sequence, "O2"}};
    const ketch_glia_evaluation evaluation = {
        .size = sizeof evaluation, .episodes = episodes, .count = 2, .config = &config};
    ketch_glia_trainer *trainer = NULL;
    ketch_result *result = NULL;
    GOOD(ketch_glia_trainer_create(&trainer, net, KETCH_GLIA_GRADIENT, &error));
    GOOD(ketch_glia_evaluate_begin(&result, engine, trainer, &evaluation, NULL, &error));
    lease_all(net);
    GOOD(ketch_engine_resume(engine, result, NULL, &error));
    ketch_result_destroy(result);
    ketch_glia_trainer_drop(trainer);
    ketch_glia_sequence_drop(sequence);
}

static void train_by_gradient(ketch_glia_net *net)
{
    train_with(net, NULL, KETCH_GLIA_GRADIENT);
}

static void train_by_reward(ketch_glia_net *net)
{
    train_with(net, NULL, KETCH_GLIA_HEBBIAN);
}

/* The last ones are for compat networks. */
static const struct writer {
    const char *name;
    void (*write)(ketch_glia_net *net);
} writers[] = {
    {"step", take_steps},
    {"set", set_fields},
    {"inject", inject_one},
    {"reset", reset_net},
    {"add_neuron", set_a_neuron},
    {"add_synapses", add_a_synapse},
    {"clear", clear_synapses},
    {"run", run_quietly},
    {"score", score_quietly},
    {"train", train_by_gradient},
    {"train Hebbian", train_by_reward},
};

enum { WRITERS = sizeof writers / sizeof *writers, CLEAN_WRITERS = WRITERS - 2 };

/* Index: the writer, and with WRITERS added, of a clean network. */
START_TEST(a_lease_changes_or_changes_something)
{
    make_net *const make = makers[_i / WRITERS];
    const struct writer *const writer = &writers[_i % WRITERS];
    ketch_glia_net *const net = make(), *const plain = make();
    GOOD(ketch_glia_step(net, 1, &error)); /* prepared */
    GOOD(ketch_glia_step(plain, 1, &error));
    for (int turn = 0; turn < 2; turn++) {
        lease_all(net);
        writer->write(net);
        writer->write(plain);
        ck_assert_uint_eq(hash_all(net), hash_all(plain));
    }
    end_leases();
    ketch_glia_net_drop(net);
    ketch_glia_net_drop(plain);
}
END_TEST

/* What hooks are called in. */
static void run_hooked(ketch_glia_net *net, ketch_glia_net *hooked)
{
    run_with(net, hooked);
}

static void descend_hooked(ketch_glia_net *net, ketch_glia_net *hooked)
{
    train_with(net, hooked, KETCH_GLIA_GRADIENT);
}

static void reward_hooked(ketch_glia_net *net, ketch_glia_net *hooked)
{
    train_with(net, hooked, KETCH_GLIA_HEBBIAN);
}

static const struct hooked_job {
    const char *name;
    void (*go)(ketch_glia_net *net, ketch_glia_net *hooked);
    int maker;
} hooked_jobs[] = {
    {"run, compat", run_hooked, 0},          {"run, clean", run_hooked, 1},
    {"run, sparse", run_hooked, 2},          {"gradient, compat", descend_hooked, 0},
    {"gradient, sparse", descend_hooked, 2}, {"Hebbian, compat", reward_hooked, 0},
    {"Hebbian, sparse", reward_hooked, 2},   {"fit, clean", fit_with, 1},
};

enum { HOOKED_JOBS = sizeof hooked_jobs / sizeof *hooked_jobs };

/* Index: the job; with HOOKED_JOBS added: leases end while it goes on. */
START_TEST(a_lease_of_a_hook_changes_or_changes_something)
{
    const struct hooked_job *const job = &hooked_jobs[_i % HOOKED_JOBS];
    ketch_glia_net *const net = makers[job->maker](), *const plain = makers[job->maker]();
    const bool ends = _i >= HOOKED_JOBS;
    the_hook = ends ? lease_and_spoil : lease_at_fences;
    job->go(plain, NULL);
    job->go(net, net);
    ck_assert(ends || held.count > 25);
    ck_assert_uint_eq(hash_all(net), hash_all(plain));
    end_leases();
    ketch_glia_net_drop(net);
    ketch_glia_net_drop(plain);
}
END_TEST

/* Leases the candidate. */
static ketch_status judge(double *fitness, const ketch_glia_candidate *candidate, void *user)
{
    if (user)
        lease_all(candidate->net);
    *fitness = (double)(hash_synapses(candidate->net, 1) % 1000);
    return KETCH_OK;
}

static uint64_t evolve(ketch_glia_net *net, bool leases_candidates)
{
    ketch_glia_sequence *const sequence = random_sequence(200, SENSORY, 20, 4);
    const ketch_glia_config config = make_config(true);
    const ketch_glia_episode episode = {sizeof episode, sequence, "O0"};
    ketch_glia_evolution_config how = {.size = sizeof how};
    GOOD(ketch_glia_evolution_config_default(&how, &error));
    how.population = 3;
    how.generations = 4;
    const ketch_glia_evolution evolution = {.size = sizeof evolution,
                                            .train = &episode,
                                            .train_count = 1,
                                            .validation = &episode,
                                            .validation_count = 1,
                                            .config = &config,
                                            .evolution = &how,
                                            .fitness = judge,
                                            .user = leases_candidates ? &how : NULL};
    ketch_result *result = NULL;
    ketch_glia_net *best = NULL;
    GOOD(ketch_glia_evolve(&result, engine, net, &evolution, NULL, &error));
    GOOD(ketch_glia_evolved_net(&best, result, KETCH_GLIA_BEST_OF_LAST, NULL, &error));
    const uint64_t hash = hash_all(best);
    ketch_glia_net_drop(best);
    ketch_result_destroy(result);
    ketch_glia_sequence_drop(sequence);
    return hash;
}

START_TEST(a_lease_of_a_candidate_changes_or_changes_something)
{
    ketch_glia_net *const net = make_compat();
    const uint64_t plain = evolve(net, false);
    ck_assert_uint_eq(evolve(net, true), plain);
    ck_assert_int_gt(held.count, 50);
    end_leases();
    ketch_glia_net_drop(net);
}
END_TEST

static const float *lease_values(ketch_glia_net *net, ketch_block **block)
{
    const float *numbers = NULL;
    uint64_t count;
    GOOD(ketch_glia_lease(block, &numbers, &count, net, KETCH_GLIA_VALUE, &error));
    return numbers;
}

/* Only what is written moves, and only once. */
START_TEST(memory_moves_without_need)
{
    ketch_glia_net *const net = make_compat();
    ketch_block *blocks[5];
    const float *const weights = rows_of(net, &blocks[0]).weights;
    const float *const first = lease_values(net, &blocks[1]);
    take_steps(net);
    const float *const moved = lease_values(net, &blocks[2]);
    ck_assert(moved != first && rows_of(net, &blocks[3]).weights == weights);
    GOOD(ketch_block_drop(blocks[2]));
    take_steps(net);
    ck_assert(lease_values(net, &blocks[2]) == moved);
    for (int i = 0; i < 4; i++)
        GOOD(ketch_block_drop(blocks[i]));
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(a_lease_ends_with_its_network)
{
    ketch_glia_net *const net = make_clean();
    lease_all(net);
    ketch_glia_net_drop(net);
    ketch_glia_net *const other = make_compat(); /* may take memory that was given back */
    end_leases();
    ketch_glia_net_drop(other);
}
END_TEST

/* ---- refusals ---- */

START_TEST(a_move_without_memory_changes_something)
{
    ketch_glia_net *const net = makers[_i](), *const plain = makers[_i]();
    const uint32_t neuron = 1;
    const float amount = 3;
    take_steps(net);
    take_steps(plain);
    const uint64_t before = hash_all(net);
    lease_all(net);
    const int taken = take_all();
    ck_assert_int_eq(ketch_glia_step(net, 1, &failure), KETCH_MEMORY);
    ck_assert_int_eq(ketch_glia_inject(net, 1, &neuron, &amount, &failure), KETCH_MEMORY);
    ck_assert_int_eq(ketch_glia_clear_synapses(net, &failure), KETCH_MEMORY);
    give_all(taken);
    ck_assert_uint_eq(hash_all(net), before);
    take_steps(net);
    take_steps(plain);
    ck_assert_uint_eq(hash_all(net), hash_all(plain));
    end_leases();
    ketch_glia_net_drop(net);
    ketch_glia_net_drop(plain);
}
END_TEST

static int taken_by_hook;

/* Leases and takes all memory once. */
static int32_t exhaust(const ketch_step *step, void *user)
{
    if (step->view && held.count == 0) {
        lease_all(user);
        taken_by_hook = take_all();
    }
    return 0;
}

static ketch_status begin(ketch_result **result, ketch_glia_net *net, const ketch_run *run)
{
    const ketch_glia_feed feed = {.size = sizeof feed, .ticks = TICKS, .fence_every = 10};
    return ketch_glia_run(result, engine, net, &feed, run, &failure);
}

START_TEST(a_run_without_memory_for_a_move_ends_otherwise)
{
    ketch_glia_net *const net = makers[_i](), *const plain = makers[_i]();
    const ketch_run run = {.size = sizeof run, .hook = exhaust, .user = net};
    ketch_result *result = NULL, *other = NULL;
    ck_assert_int_eq(begin(&result, net, &run), KETCH_MEMORY);
    ck_assert_msg(strstr(failure.message, "needs more") != NULL, "%s", failure.message);
    give_all(taken_by_hook);
    GOOD(ketch_engine_resume(engine, result, NULL, &error));
    ck_assert_int_eq(begin(&other, plain, NULL), KETCH_OK);
    ck_assert_uint_eq(hash_all(net), hash_all(plain));
    end_leases();
    ketch_result_destroy(result);
    ketch_result_destroy(other);
    ketch_glia_net_drop(net);
    ketch_glia_net_drop(plain);
}
END_TEST

static void expect(ketch_status got, ketch_status wanted, const char *part)
{
    ck_assert_int_eq(got, wanted);
    ck_assert_msg(strstr(failure.message, part) || strstr(failure.argument, part) ||
                      strstr(failure.given, part) || strstr(failure.allowed, part),
                  "%s", failure.message);
}

START_TEST(a_wrong_lease_is_given)
{
    ketch_glia_net *const net = make_compat();
    ketch_block *block = NULL;
    const float *numbers = NULL;
    uint64_t count = 0;
    ketch_glia_rows rows = {.size = sizeof rows}, unsized = {0};
    ketch_error *const e = &failure;
    const ketch_glia_field value = KETCH_GLIA_VALUE;
    expect(ketch_glia_lease(NULL, &numbers, &count, net, value, e), KETCH_HANDLE, "block");
    expect(ketch_glia_lease(&block, NULL, &count, net, value, e), KETCH_HANDLE, "numbers");
    expect(ketch_glia_lease(&block, &numbers, NULL, net, value, e), KETCH_HANDLE, "places");
    expect(ketch_glia_lease(&block, &numbers, &count, NULL, value, e), KETCH_HANDLE, "network");
    expect(ketch_glia_lease(&block, &numbers, &count, net, KETCH_GLIA_DRIVE, e), KETCH_RANGE,
           "0..5");
    expect(ketch_glia_lease_synapses(NULL, &rows, net, e), KETCH_HANDLE, "block");
    expect(ketch_glia_lease_synapses(&block, NULL, net, e), KETCH_HANDLE, "rows");
    expect(ketch_glia_lease_synapses(&block, &unsized, net, e), KETCH_MISMATCH, "no size");
    expect(ketch_glia_lease_synapses(&block, &rows, NULL, e), KETCH_HANDLE, "network");
    ck_assert(block == NULL && numbers == NULL && count == 0 && rows.begin == NULL);
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(an_empty_network_has_memory)
{
    ketch_glia_net *net = NULL;
    ketch_block *block = NULL;
    GOOD(ketch_glia_net_create(&net, ketch_engine_arena(engine), NULL, &error));
    ck_assert(lease_values(net, &block) == NULL && block == NULL);
    ck_assert(rows_of(net, &block).begin == NULL && block == NULL);
    ketch_glia_net_drop(net);
}
END_TEST

/* ---- what is due ---- */

/* Makes one network what another is, but for ticks and who fired. */
static void move_all(ketch_glia_net *to, ketch_glia_net *from)
{
    float numbers[NEURONS], others[NEURONS];
    for (int field = 0; field <= KETCH_GLIA_WAIT; field++) {
        if (!has_field(from, field))
            continue;
        GOOD(ketch_glia_get(numbers, from, (ketch_glia_field)field, 0, NEURONS, &error));
        GOOD(ketch_glia_set(to, (ketch_glia_field)field, 0, NEURONS, numbers, &error));
        if (field == KETCH_GLIA_RESTING) {
            GOOD(ketch_glia_get(numbers, from, KETCH_GLIA_VALUE, 0, NEURONS, &error));
            GOOD(ketch_glia_set(to, KETCH_GLIA_VALUE, 0, NEURONS, numbers, &error));
        }
    }
    for (uint32_t later = 0; later < DELAYS; later++) {
        GOOD(ketch_glia_get_due(numbers, others, from, later, &error));
        GOOD(ketch_glia_set_due(to, later, numbers, others, &error));
    }
}

START_TEST(what_is_due_comes_otherwise)
{
    ketch_glia_net *const from = make_clean(), *const to = make_clean();
    GOOD(ketch_glia_step(from, 17, &error)); /* another place in the ring */
    ck_assert_uint_ne(hash_all(from), hash_all(to));
    move_all(to, from);
    ck_assert_uint_eq(hash_all(from), hash_all(to));
    ketch_glia_net_drop(from);
    ketch_glia_net_drop(to);
}
END_TEST

/* A spike of the only neuron arrives after the delay of its only synapse. */
START_TEST(what_is_due_is_not_told)
{
    const ketch_glia_net_options options = {.size = sizeof options, .mode = KETCH_GLIA_CLEAN};
    ketch_glia_net *net = NULL;
    const uint32_t zero = 0;
    const float weight = -7, amount = 5;
    const uint8_t delay = 4;
    GOOD(ketch_glia_net_create(&net, ketch_engine_arena(engine), &options, &error));
    GOOD(ketch_glia_add_neurons(net, 1, NULL, 1, 1, 0, &error));
    GOOD(ketch_glia_add_delayed(net, 1, &zero, &zero, &weight, &delay, &error));
    GOOD(ketch_glia_inject(net, 1, &zero, &amount, &error));
    for (uint32_t tick = 0; tick < 4; tick++) {
        GOOD(ketch_glia_step(net, 1, &error));
        for (uint32_t later = 0; later < 4; later++) {
            float up = 9, down = 9;
            GOOD(ketch_glia_get_due(&up, &down, net, later, &error));
            ck_assert_float_eq(up, 0);
            ck_assert_float_eq(down, later == 3 - tick ? weight : 0);
        }
    }
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(something_is_due_without_neurons)
{
    const ketch_glia_net_options options = {.size = sizeof options, .mode = KETCH_GLIA_CLEAN};
    ketch_glia_net *net = NULL;
    float up = 3, down = -3;
    GOOD(ketch_glia_net_create(&net, ketch_engine_arena(engine), &options, &error));
    GOOD(ketch_glia_get_due(&up, &down, net, 0, &error));
    GOOD(ketch_glia_set_due(net, 0, &up, &down, &error));
    expect(ketch_glia_get_due(&up, &down, net, 1, &failure), KETCH_RANGE, "below 1");
    ck_assert(up == 3 && down == -3);
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(wrong_sums_are_due)
{
    ketch_glia_net *const net = make_clean(), *const compat = make_compat();
    float up[NEURONS] = {1}, down[NEURONS] = {-1};
    const uint64_t before = hash_all(net);
    expect(ketch_glia_get_due(NULL, down, net, 0, &failure), KETCH_HANDLE, "arrays");
    expect(ketch_glia_get_due(up, down, NULL, 0, &failure), KETCH_HANDLE, "network");
    expect(ketch_glia_get_due(up, down, net, DELAYS, &failure), KETCH_RANGE, "below 9");
    expect(ketch_glia_get_due(up, down, compat, 0, &failure), KETCH_RANGE, "clean");
    expect(ketch_glia_set_due(net, 0, up, NULL, &failure), KETCH_HANDLE, "arrays");
    expect(ketch_glia_set_due(net, DELAYS, up, down, &failure), KETCH_RANGE, "later");
    expect(ketch_glia_set_due(compat, 0, up, down, &failure), KETCH_RANGE, "clean");
    up[69] = -1;
    expect(ketch_glia_set_due(net, 0, up, down, &failure), KETCH_RANGE, "-1 at 69");
    up[69] = 0;
    down[2] = -INFINITY;
    expect(ketch_glia_set_due(net, 0, up, down, &failure), KETCH_RANGE, "inhibition");
    ck_assert_uint_eq(hash_all(net), before);
    ketch_glia_net_drop(net);
    ketch_glia_net_drop(compat);
}
END_TEST

/* ---- suite ---- */

int main(void)
{
    Suite *const suite = suite_create("glia_lease");
    TCase *const cases = tcase_create("leases");
    tcase_add_checked_fixture(cases, open_engine, close_engine);
    tcase_set_timeout(cases, 60);
    for (int i = 0; i < WRITERS + CLEAN_WRITERS; i++)
        add_indexed(cases, a_lease_changes_or_changes_something, i, "%s, %s",
                    writers[i % WRITERS].name, maker_names[i / WRITERS]);
    for (int i = 0; i < 2 * HOOKED_JOBS; i++)
        add_indexed(cases, a_lease_of_a_hook_changes_or_changes_something, i, "%s%s",
                    hooked_jobs[i % HOOKED_JOBS].name, i < HOOKED_JOBS ? "" : ", leases end");
    tcase_add_test(cases, a_lease_of_a_candidate_changes_or_changes_something);
    tcase_add_test(cases, memory_moves_without_need);
    tcase_add_test(cases, a_lease_ends_with_its_network);
    add_list(cases, a_move_without_memory_changes_something, maker_names, 2);
    add_list(cases, a_run_without_memory_for_a_move_ends_otherwise, maker_names, 2);
    tcase_add_test(cases, a_wrong_lease_is_given);
    tcase_add_test(cases, an_empty_network_has_memory);
    tcase_add_test(cases, what_is_due_comes_otherwise);
    tcase_add_test(cases, what_is_due_is_not_told);
    tcase_add_test(cases, something_is_due_without_neurons);
    tcase_add_test(cases, wrong_sums_are_due);
    suite_add_tcase(suite, cases);
    return end_with(suite);
}
