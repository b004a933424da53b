/* Runs of networks: they do what single steps do, wherever they are stopped, saved and loaded; a
 * network is held while its run may go on; files of other networks and of no run are refused. */
#define _GNU_SOURCE
#include "forged.h"
#include "glia/net/net.h"
#include "nets.h"
#include "suite.h"

#include <pthread.h>
#include <string.h>

enum { NEURONS = 60, SENSORY = 20, SYNAPSES = 500, TICKS = 400, PERIOD = 37 };

/* A network as its seed makes it, an engine, and what both are made of. */
typedef struct lab {
    ketch_engine *engine;
    ketch_glia_net *net;
    ketch_glia_sequence *sequence;
    ketch_glia_feed feed;
} lab;

static ketch_error failure = {.size = sizeof failure};

static ketch_engine *engine_of(int32_t threads, uint64_t memory)
{
    const ketch_engine_options options = {
        .size = sizeof options, .threads = threads, .memory = memory};
    ketch_engine *engine = NULL;
    GOOD(ketch_engine_create(&engine, &options, &error));
    return engine;
}

static ketch_glia_net *make_net(const ketch_engine *engine, uint64_t seed)
{
    return random_net(ketch_engine_arena(engine), NEURONS, SENSORY, SYNAPSES, seed);
}

static lab open_lab(int32_t threads)
{
    lab made = {.engine = engine_of(threads, 0)};
    made.net = make_net(made.engine, 2);
    made.sequence = random_sequence(300, SENSORY + 3, PERIOD, 3);
    GOOD(ketch_glia_sequence_set_loop(made.sequence, 1, &error));
    made.feed = (ketch_glia_feed){.size = sizeof made.feed,
                                  .sequence = made.sequence,
                                  .ticks = TICKS,
                                  .record = 1,
                                  .fence_every = 50};
    return made;
}

static uint64_t used_by(const ketch_engine *engine)
{
    ketch_arena_stats stats = {.size = sizeof stats};
    GOOD(ketch_arena_get_stats(&stats, ketch_engine_arena(engine), &error));
    return stats.used;
}

static void close_lab(lab *l)
{
    ketch_glia_net_drop(l->net);
    ketch_glia_sequence_drop(l->sequence);
    ck_assert_uint_eq(used_by(l->engine), 0);
    GOOD(ketch_engine_destroy(l->engine, &error));
}

static ketch_result *run_lab(const lab *l)
{
    ketch_result *result = NULL;
    GOOD(ketch_glia_run(&result, l->engine, l->net, &l->feed, NULL, &error));
    return result;
}

static ketch_result *begin_lab(const lab *l)
{
    ketch_result *result = NULL;
    GOOD(ketch_glia_begin(&result, l->engine, l->net, &l->feed, NULL, &error));
    return result;
}

/* Of the run and the state that it left. */
static uint64_t digest(const ketch_result *result)
{
    return hash_run(result, hash_state(ketch_glia_result_net(result), CONTRACT_HASH_START));
}

/* Of an undisturbed run of the lab's network as it was made. */
static uint64_t expected_digest(void)
{
    lab l = open_lab(1);
    ketch_result *const result = run_lab(&l);
    const uint64_t made = digest(result);
    ketch_result_destroy(result);
    close_lab(&l);
    return made;
}

static void expect_digest(ketch_result *result)
{
    ck_assert_int_eq(ketch_result_status(result), KETCH_OK);
    ck_assert_uint_eq(digest(result), expected_digest());
    ketch_result_destroy(result);
}

/* ---- single steps ---- */

/* Injects the events of a tick by their ids. */
static void inject_by_hand(ketch_glia_net *net, ketch_glia_sequence *sequence, uint64_t tick)
{
    ketch_glia_sequence_info info = {.size = sizeof info};
    GOOD(ketch_glia_sequence_get_info(&info, sequence, &error));
    const uint64_t at = info.loop ? tick % (info.last_tick + 1) : tick;
    for (uint64_t i = 0; i < info.events; i++) {
        uint64_t event_tick;
        const char *id;
        float amount;
        GOOD(ketch_glia_sequence_get_event(&event_tick, &id, &amount, sequence, i, &error));
        const int64_t found = event_tick == at ? ketch_glia_find(net, id) : -1;
        const uint32_t neuron = (uint32_t)found;
        if (found >= 0)
            GOOD(ketch_glia_inject(net, 1, &neuron, &amount, &error));
    }
}

typedef struct by_hand {
    uint64_t counts[NEURONS];
    ketch_glia_spike *spikes;
    uint64_t count;
} by_hand;

static by_hand step_by_hand(ketch_glia_net *net, ketch_glia_sequence *sequence)
{
    by_hand made = {.spikes = calloc((size_t)TICKS * NEURONS, sizeof *made.spikes)};
    for (uint32_t tick = 0; tick < TICKS; tick++) {
        uint32_t fired[NEURONS];
        uint64_t count = 0;
        inject_by_hand(net, sequence, tick);
        GOOD(ketch_glia_step(net, 1, &error));
        GOOD(ketch_glia_get_fired(fired, NEURONS, &count, net, &error));
        for (uint64_t f = 0; f < count; f++) {
            made.counts[fired[f]]++;
            made.spikes[made.count++] = (ketch_glia_spike){tick, fired[f]};
        }
    }
    return made;
}

static void compare_with_hand(const ketch_result *result, const by_hand *hand)
{
    const ketch_glia_result_info info = run_info(result);
    uint64_t counts[NEURONS];
    ketch_glia_spike *const spikes = calloc(info.recorded + 1, sizeof *spikes);
    ck_assert(info.ticks == TICKS && info.neurons == NEURONS && info.spikes == hand->count);
    ck_assert_uint_eq(info.recorded, hand->count);
    GOOD(ketch_glia_result_counts(counts, 0, NEURONS, result, &error));
    ck_assert(memcmp(counts, hand->counts, sizeof counts) == 0);
    GOOD(ketch_glia_result_spikes(spikes, 0, info.recorded, result, &error));
    ck_assert(memcmp(spikes, hand->spikes, info.recorded * sizeof *spikes) == 0);
    ketch_glia_spike part[3];
    GOOD(ketch_glia_result_spikes(part, 5, 3, result, &error));
    ck_assert(memcmp(part, hand->spikes + 5, sizeof part) == 0);
    free(spikes);
}

/* Index: whether the sequence loops. Events that the network has no neuron for are left out. */
START_TEST(a_run_is_not_what_single_steps_do)
{
    for (int32_t threads = 1; threads <= 8; threads *= 2) {
        lab l = open_lab(threads);
        ketch_glia_net *copy = NULL;
        GOOD(ketch_glia_sequence_set_loop(l.sequence, _i, &error));
        GOOD(ketch_glia_net_copy(&copy, l.net, NULL, &error));
        by_hand hand = step_by_hand(copy, l.sequence);
        ketch_result *const result = run_lab(&l);
        ck_assert_uint_gt(hand.count, 100);
        ck_assert_uint_gt(run_info(result).left_out, 5);
        compare_with_hand(result, &hand);
        ck_assert_uint_eq(hash_state(l.net, 1), hash_state(copy, 1));
        ck_assert_uint_eq(net_info(l.net).ticks, TICKS);
        free(hand.spikes);
        ketch_result_destroy(result);
        ketch_glia_net_drop(copy);
        close_lab(&l);
    }
}
END_TEST

START_TEST(a_second_run_does_not_go_on_from_the_state)
{
    lab l = open_lab(1), half = open_lab(1);
    GOOD(ketch_glia_sequence_set_loop(l.sequence, 0, &error)); /* it ends before the half */
    GOOD(ketch_glia_sequence_set_loop(half.sequence, 0, &error));
    half.feed.ticks = TICKS / 2;
    ketch_result_destroy(run_lab(&l));
    ketch_result_destroy(run_lab(&half));
    half.feed.sequence = NULL;
    ketch_result *const result = run_lab(&half);
    ck_assert_uint_eq(run_info(result).left_out, 0);
    ck_assert_uint_eq(hash_state(half.net, 1), hash_state(l.net, 1));
    ketch_result_destroy(result);
    close_lab(&l);
    close_lab(&half);
}
END_TEST

START_TEST(a_run_without_ticks_or_neurons_does_something)
{
    lab l = open_lab(1);
    const uint64_t before = hash_state(l.net, 1);
    l.feed.ticks = 0;
    ketch_result *result = run_lab(&l);
    ck_assert_uint_eq(hash_state(l.net, 1), before);
    ck_assert_uint_eq(run_info(result).spikes, 0);
    ketch_result_destroy(result);
    ketch_glia_net_drop(l.net);
    GOOD(ketch_glia_net_create(&l.net, ketch_engine_arena(l.engine), NULL, &error));
    l.feed.ticks = 10;
    result = run_lab(&l);
    ck_assert(run_info(result).ticks == 10 && run_info(result).neurons == 0);
    ck_assert_uint_eq(net_info(l.net).ticks, 10);
    ketch_result_destroy(result);
    close_lab(&l);
}
END_TEST

/* ---- stops between two checks ---- */

static int32_t stop_at_third(const ketch_step *step, void *user)
{
    (void)step;
    return ++*(int *)user % 3 == 0;
}

/* Without fences a run stops where some milliseconds of work end. Threads share out the targets of so
 * large a network. */
START_TEST(a_large_run_stops_nowhere_or_in_other_bits)
{
    uint64_t digests[2];
    int pieces = 0;
    for (int i = 0; i < 2; i++) {
        ketch_engine *const engine = engine_of(1 + 2 * i, 0);
        ketch_glia_net *const net = random_net(ketch_engine_arena(engine), 3000, 100, 100000, 5);
        ketch_glia_sequence *const sequence = random_sequence(2000, 100, 60, 3);
        const ketch_glia_feed feed = {
            .size = sizeof feed, .sequence = sequence, .ticks = 3000, .record = 1};
        ketch_result *result = NULL;
        int calls = 0;
        const ketch_run run = {
            .size = sizeof run, .hook = stop_at_third, .user = &calls, .tick_seconds = 1e-12};
        GOOD(ketch_glia_begin(&result, engine, net, &feed, NULL, &error));
        while (ketch_engine_resume(engine, result, i ? &run : NULL, NULL) == KETCH_STOPPED)
            pieces++;
        ck_assert_int_eq(ketch_result_status(result), KETCH_OK);
        digests[i] = digest(result);
        ketch_result_destroy(result);
        ketch_glia_net_drop(net);
        ketch_glia_sequence_drop(sequence);
        GOOD(ketch_engine_destroy(engine, &error));
    }
    ck_assert_int_gt(pieces, 2);
    ck_assert_uint_eq(digests[0], digests[1]);
}
END_TEST

/* ---- the record ---- */

/* Some 20,000 spikes: three blocks. */
static lab open_talkative(int32_t threads)
{
    lab l = open_lab(threads);
    ketch_glia_net_drop(l.net);
    l.net = random_net(ketch_engine_arena(l.engine), NEURONS, NEURONS, 0, 2);
    for (uint64_t tick = 0; tick < TICKS; tick++)
        for (int i = 0; i < NEURONS; i++) {
            char id[16];
            snprintf(id, sizeof id, "S%d", i);
            GOOD(ketch_glia_sequence_add(l.sequence, tick, id, 200, &error));
        }
    return l;
}

START_TEST(a_record_of_many_blocks_loses_spikes)
{
    lab l = open_talkative(1);
    ketch_glia_net *copy = NULL;
    GOOD(ketch_glia_net_copy(&copy, l.net, NULL, &error));
    by_hand hand = step_by_hand(copy, l.sequence);
    ck_assert_uint_gt(hand.count, 3 * 4096 + 100);
    ketch_result *const result = run_lab(&l);
    compare_with_hand(result, &hand);
    free(hand.spikes);
    ketch_result_destroy(result);
    ketch_glia_net_drop(copy);
    close_lab(&l);
}
END_TEST

static void check_full(ketch_result *result, const by_hand *hand, uint64_t most)
{
    const ketch_glia_result_info info = run_info(result);
    ketch_glia_spike *const spikes = calloc(most, sizeof *spikes);
    GOOD(ketch_glia_result_spikes(spikes, 0, info.recorded, result, &error));
    ck_assert(memcmp(spikes, hand->spikes, info.recorded * sizeof *spikes) == 0);
    ck_assert_uint_le(info.recorded, most);
    ck_assert_uint_gt(info.spikes, most);
    ck_assert_uint_eq(hand->spikes[info.recorded].tick, info.ticks - 1); /* all ticks before */
    free(spikes);
}

/* It stays full, from a file, too. */
START_TEST(a_full_record_is_not_told_or_grows)
{
    enum { MOST = 5000 };
    lab l = open_talkative(1);
    ketch_glia_net *copy = NULL;
    GOOD(ketch_glia_net_copy(&copy, l.net, NULL, &error));
    by_hand hand = step_by_hand(copy, l.sequence);
    ketch_result *result = NULL;
    l.feed.record_max = MOST;
    ck_assert_int_eq(ketch_glia_run(&result, l.engine, l.net, &l.feed, NULL, &failure),
                     KETCH_LIMIT);
    ck_assert_str_eq(failure.argument, "record_max");
    ck_assert_str_eq(failure.allowed, "5000");
    check_full(result, &hand, MOST);
    ck_assert_int_eq(ketch_engine_resume(l.engine, result, NULL, &failure), KETCH_LIMIT);
    check_full(result, &hand, MOST);
    GOOD(ketch_result_save(result, save_path, NULL, 0, 0, &error));
    ketch_result_destroy(result);
    GOOD(ketch_glia_load(&result, l.engine, l.net, save_path, &error));
    ck_assert_int_eq(ketch_result_status(result), KETCH_LIMIT);
    check_full(result, &hand, MOST);
    ck_assert_int_eq(ketch_engine_resume(l.engine, result, NULL, &failure), KETCH_LIMIT);
    free(hand.spikes);
    ketch_result_destroy(result);
    ketch_glia_net_drop(copy);
    close_lab(&l);
}
END_TEST

/* The engine that resumes the run gives the memory. */
START_TEST(a_record_that_got_no_memory_cannot_go_on)
{
    lab l = open_talkative(1);
    ketch_engine *const small = engine_of(1, 150000);
    ketch_result *result = NULL, *whole = NULL;
    ketch_glia_net *copy = NULL;
    GOOD(ketch_glia_net_copy(&copy, l.net, NULL, &error));
    GOOD(ketch_glia_run(&whole, l.engine, copy, &l.feed, NULL, &error));
    ck_assert_int_eq(ketch_glia_run(&result, small, l.net, &l.feed, NULL, &failure), KETCH_MEMORY);
    ck_assert_str_eq(failure.argument, "record");
    ck_assert_uint_gt(run_info(result).recorded, 4000);
    GOOD(ketch_engine_resume(l.engine, result, NULL, &error));
    ck_assert_uint_eq(digest(result), digest(whole));
    ketch_result_destroy(result);
    ketch_result_destroy(whole);
    ketch_glia_net_drop(copy);
    GOOD(ketch_engine_destroy(small, &error));
    close_lab(&l);
}
END_TEST

/* ---- who may use the network ---- */

static ketch_status change(ketch_glia_net *net)
{
    const float value = 1;
    return ketch_glia_set(net, KETCH_GLIA_VALUE, 0, 1, &value, NULL);
}

static ketch_status read_net(ketch_glia_net *net)
{
    float value;
    return ketch_glia_get(&value, net, KETCH_GLIA_VALUE, 0, 1, NULL);
}

/* A run on another engine. */
static ketch_status run_again(const lab *l)
{
    ketch_engine *const engine = engine_of(1, 0);
    ketch_result *result = NULL;
    const ketch_status status = ketch_glia_run(&result, engine, l->net, &l->feed, NULL, NULL);
    ck_assert(!result == (status != KETCH_OK));
    ketch_result_destroy(result);
    GOOD(ketch_engine_destroy(engine, &error));
    return status;
}

static int32_t use_in_hook(const ketch_step *step, void *user)
{
    const lab *const l = user;
    ck_assert_int_eq(change(l->net), KETCH_BUSY);
    ck_assert_int_eq(run_again(l), KETCH_BUSY);
    ck_assert_ptr_eq(ketch_glia_step_net(step), step->view ? l->net : NULL);
    if (!step->view)
        return 0;
    ck_assert_int_eq(read_net(l->net), KETCH_OK);
    ck_assert_uint_eq(net_info(l->net).ticks, step->done);
    return 0;
}

START_TEST(a_hook_changes_the_network)
{
    lab l = open_lab(2);
    const ketch_run run = {
        .size = sizeof run, .hook = use_in_hook, .user = &l, .tick_seconds = 1e-12};
    ketch_result *result = NULL;
    GOOD(ketch_glia_run(&result, l.engine, l.net, &l.feed, &run, &error));
    ketch_report report = {.size = sizeof report};
    GOOD(ketch_result_get_report(&report, result, &error));
    ck_assert(report.fences == TICKS / 50 && report.ticks > 5);
    ck_assert_uint_gt(report.bytes, (uint64_t)TICKS * NEURONS * 4);
    expect_digest(result);
    close_lab(&l);
}
END_TEST

/* To the fence after 50 ticks. */
static ketch_result *suspend(const lab *l)
{
    ketch_result *const result = begin_lab(l);
    GOOD(ketch_engine_advance(l->engine, result, NULL, &error));
    ck_assert_uint_eq(run_info(result).ticks, 50);
    return result;
}

START_TEST(a_suspended_run_is_spoilt_by_readers)
{
    lab l = open_lab(1);
    ketch_result *const result = suspend(&l), *none = NULL;
    ketch_glia_net *copy = NULL;
    ck_assert_int_eq(read_net(l.net), KETCH_OK);
    ck_assert_uint_eq(net_info(l.net).ticks, 50);
    GOOD(ketch_glia_net_copy(&copy, l.net, NULL, &error));
    l.feed.record = 2; /* the run does not begin */
    ck_assert_int_eq(ketch_glia_run(&none, l.engine, l.net, &l.feed, NULL, NULL), KETCH_RANGE);
    GOOD(ketch_engine_resume(l.engine, result, NULL, &error));
    expect_digest(result);
    ketch_glia_net_drop(copy);
    close_lab(&l);
}
END_TEST

static void change_value(const lab *l)
{
    GOOD(change(l->net));
}

static void step_once(const lab *l)
{
    GOOD(ketch_glia_step(l->net, 1, &error));
}

static void add_neuron(const lab *l)
{
    GOOD(ketch_glia_add_neuron(l->net, "S99", 1, 1, 1, &error));
}

static void run_other(const lab *l)
{
    GOOD(run_again(l));
}

static void clear_synapses(const lab *l)
{
    GOOD(ketch_glia_clear_synapses(l->net, &error));
}

static void (*const changes[])(const lab *) = {change_value, step_once, add_neuron, run_other,
                                               clear_synapses};

/* The network is free for others, and the run's numbers stay. */
START_TEST(a_run_goes_on_from_another_state)
{
    lab l = open_lab(1);
    ketch_result *const result = suspend(&l);
    const uint64_t before = hash_run(result, 1);
    changes[_i](&l);
    ck_assert_int_eq(ketch_engine_resume(l.engine, result, NULL, &failure), KETCH_MISMATCH);
    ck_assert_str_eq(failure.argument, "net");
    ck_assert_int_eq(ketch_result_save(result, save_path, NULL, 0, 0, &failure), KETCH_MISMATCH);
    ck_assert_int_eq(ketch_result_status(result), KETCH_MISMATCH);
    ck_assert_uint_eq(hash_run(result, 1), before);
    GOOD(change(l.net));
    ketch_result_destroy(result);
    GOOD(change(l.net));
    close_lab(&l);
}
END_TEST

typedef struct rival {
    const lab *l;
    int busy, good, other;
} rival;

static void *run_often(void *argument)
{
    rival *const r = argument;
    for (int i = 0; i < 60; i++) {
        ketch_engine *const engine = engine_of(1, 0);
        ketch_result *result = NULL;
        const ketch_status status =
            ketch_glia_run(&result, engine, r->l->net, &r->l->feed, NULL, NULL);
        r->good += status == KETCH_OK;
        r->busy += status == KETCH_BUSY && !result;
        ketch_result_destroy(result);
        r->busy += change(r->l->net) == KETCH_BUSY;
        r->other += read_net(r->l->net) != KETCH_OK;
        GOOD(ketch_engine_destroy(engine, &error));
    }
    return NULL;
}

/* On one network: each call works alone or answers BUSY. */
START_TEST(threads_on_one_network_race)
{
    lab l = open_lab(1);
    rival rivals[3];
    pthread_t threads[3];
    (void)net_info(l.net);
    for (int i = 0; i < 3; i++) {
        rivals[i] = (rival){.l = &l};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run_often, &rivals[i]), 0);
    }
    int good = 0;
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        good += rivals[i].good;
        ck_assert_int_le(60 - rivals[i].good, rivals[i].busy);
    }
    ck_assert_int_ge(good, 1);
    ck_assert_uint_ge(net_info(l.net).ticks, (uint64_t)good * TICKS);
    close_lab(&l);
}
END_TEST

static void *run_own(void *argument)
{
    uint64_t *const made = argument;
    for (int i = 0; i < 3; i++)
        *made = expected_digest();
    return NULL;
}

START_TEST(many_networks_disturb_each_other)
{
    enum { MANY = 6 };
    uint64_t digests[MANY];
    pthread_t threads[MANY];
    for (int i = 0; i < MANY; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run_own, &digests[i]), 0);
    for (int i = 0; i < MANY; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < MANY; i++)
        ck_assert_uint_eq(digests[i], expected_digest());
}
END_TEST

/* ---- memory ---- */

START_TEST(a_million_ticks_take_memory)
{
    lab l = open_lab(1);
    ketch_arena_stats before = {.size = sizeof before}, after = {.size = sizeof after};
    l.feed.record = 0;
    ketch_result_destroy(run_lab(&l));
    GOOD(ketch_arena_get_stats(&before, ketch_engine_arena(l.engine), &error));
    l.feed.ticks = 1000000;
    l.feed.fence_every = 0;
    ketch_result *const result = run_lab(&l);
    ck_assert_uint_eq(run_info(result).ticks, 1000000);
    ck_assert_uint_eq(run_info(result).recorded, 0);
    ketch_result_destroy(result);
    GOOD(ketch_arena_get_stats(&after, ketch_engine_arena(l.engine), &error));
    ck_assert(after.maps == before.maps && after.used == before.used);
    close_lab(&l);
}
END_TEST

/* On an engine whose arena has the network, too. */
START_TEST(the_need_leaves_out_the_network)
{
    lab l = open_lab(3);
    ketch_need need = {.size = sizeof need};
    GOOD(ketch_glia_need(&need, l.engine, l.net, &l.feed, &error));
    ketch_result *const result = begin_lab(&l);
    ck_assert_uint_eq(need.bytes, used_by(l.engine));
    ketch_result_destroy(result);
    close_lab(&l);
}
END_TEST

/* ---- files ---- */

/* Saves a run that stands at the fence after 50 ticks, and ends it. */
static void save_half(const lab *l)
{
    ketch_result *const result = suspend(l);
    GOOD(ketch_result_save(result, save_path, NULL, 0, 0, &error));
    ketch_result_destroy(result);
}

START_TEST(a_run_does_not_go_on_from_a_file)
{
    lab l = open_lab(2), other = open_lab(1);
    save_half(&l);
    ketch_result *result = NULL;
    GOOD(ketch_glia_load(&result, other.engine, other.net, save_path, &error));
    ck_assert_uint_eq(net_info(other.net).ticks, 50);
    ck_assert_uint_eq(hash_state(other.net, 1), hash_state(l.net, 1));
    ck_assert_ptr_eq(ketch_glia_result_net(result), other.net);
    GOOD(ketch_engine_resume(other.engine, result, NULL, &error));
    expect_digest(result);
    close_lab(&l);
    close_lab(&other);
}
END_TEST

/* A run that has ended is saved though the network went on; its file does not bring the state back. */
START_TEST(an_ended_run_cannot_be_saved_later)
{
    lab l = open_lab(1);
    ketch_result *result = run_lab(&l);
    const uint64_t before = hash_run(result, 1);
    GOOD(ketch_glia_step(l.net, 3, &error));
    const uint64_t state = hash_state(l.net, 1);
    GOOD(ketch_result_save(result, save_path, NULL, 0, 0, &error));
    ketch_result_destroy(result);
    GOOD(ketch_glia_load(&result, l.engine, l.net, save_path, &error));
    ck_assert_uint_eq(hash_run(result, 1), before);
    ck_assert_uint_eq(hash_state(l.net, 1), state);
    GOOD(ketch_result_save(result, save_path, NULL, 0, 0, &error));
    add_neuron(&l);
    ck_assert_int_eq(ketch_result_save(result, save_path, NULL, 0, 0, &failure), KETCH_MISMATCH);
    ketch_result_destroy(result);
    close_lab(&l);
}
END_TEST

/* What a network may differ in from the one that was saved. */
static void change_threshold(const lab *l)
{
    const float number = 77;
    GOOD(ketch_glia_set(l->net, KETCH_GLIA_THRESHOLD, 3, 1, &number, &error));
}

static void change_weight(const lab *l)
{
    uint32_t from[SYNAPSES], to[SYNAPSES];
    float weights[SYNAPSES];
    GOOD(ketch_glia_get_synapses(from, to, weights, SYNAPSES, l->net, &error));
    weights[7] += 1;
    GOOD(ketch_glia_add_synapses(l->net, 1, from + 7, to + 7, weights + 7, &error));
}

static void rename_all(const lab *l)
{
    uint32_t from[SYNAPSES], to[SYNAPSES];
    float weights[SYNAPSES], numbers[3][NEURONS];
    const uint64_t synapses = net_info(l->net).synapses;
    GOOD(ketch_glia_get_synapses(from, to, weights, SYNAPSES, l->net, &error));
    for (int i = 0; i < 3; i++)
        GOOD(ketch_glia_get(numbers[i], l->net, (ketch_glia_field)(KETCH_GLIA_THRESHOLD + i), 0,
                            NEURONS, &error));
    ketch_glia_net_drop(l->net);
    GOOD(ketch_glia_net_create((ketch_glia_net **)&l->net, ketch_engine_arena(l->engine), NULL,
                               &error));
    for (int i = 0; i < NEURONS; i++) {
        char id[16];
        snprintf(id, sizeof id, "%c%d", i < SENSORY ? 'S' : 'H', 1000 + i);
        GOOD(
            ketch_glia_add_neuron(l->net, id, numbers[0][i], numbers[1][i], numbers[2][i], &error));
    }
    GOOD(ketch_glia_add_synapses(l->net, synapses, from, to, weights, &error));
}

static const struct {
    const char *what;
    void (*change)(const lab *l);
} differences[] = {
    {"number of neurons", add_neuron},    {"number of synapses", clear_synapses},
    {"list of ids", rename_all},          {"number of a neuron", change_threshold},
    {"synapse or weight", change_weight},
};

START_TEST(a_run_of_another_network_is_loaded)
{
    lab l = open_lab(1), other = open_lab(1);
    save_half(&l);
    differences[_i].change(&other);
    ketch_result *result = NULL;
    const uint64_t before = hash_state(other.net, 1);
    ck_assert_int_eq(ketch_glia_load(&result, other.engine, other.net, save_path, &failure),
                     KETCH_MISMATCH);
    ck_assert_ptr_null(result);
    ck_assert_msg(strstr(failure.message, differences[_i].what), "%s", failure.message);
    ck_assert_str_eq(failure.argument, "net");
    ck_assert_uint_eq(hash_state(other.net, 1), before);
    close_lab(&l);
    close_lab(&other);
}
END_TEST

/* ---- files of no run ---- */

/* Numbers of "glia.run", in order. */
enum {
    F_TICKS,
    F_DONE,
    F_FENCED,
    F_FENCE_EVERY,
    F_RECORD_MAX,
    F_RECORDS,
    F_UNRECORDED,
    F_SPIKES,
    F_RECORDED,
    F_EVENTS,
    F_SLOTS,
    F_LEFT_OUT,
    F_LOOP,
    F_PERIOD,
    F_CURSOR_TICK,
    F_CURSOR_NEXT,
    F_HAS_STATE,
    F_FIRED
};

static const struct {
    const char *section;
    int field;
    uint64_t value;
} nonsense[] = {
    {"glia.run", F_TICKS, 49},
    {"glia.run", F_TICKS, UINT64_MAX},
    {"glia.run", F_DONE, TICKS + 1},
    {"glia.run", F_FENCED, 51},
    {"glia.run", F_RECORD_MAX, 0},
    {"glia.run", F_RECORDS, 0},
    {"glia.run", F_RECORDS, 2},
    {"glia.run", F_UNRECORDED, 1},
    {"glia.run", F_UNRECORDED, 2},
    {"glia.run", F_SPIKES, 1},
    {"glia.run", F_RECORDED, 1},
    {"glia.run", F_EVENTS, 1},
    {"glia.run", F_EVENTS, UINT64_MAX},
    {"glia.run", F_SLOTS, 5000},
    {"glia.run", F_SLOTS, 3},
    {"glia.run", F_LEFT_OUT, UINT64_MAX},
    {"glia.run", F_LOOP, 2},
    {"glia.run", F_LOOP, 0},
    {"glia.run", F_PERIOD, 5},
    {"glia.run", F_CURSOR_TICK, PERIOD},
    {"glia.run", F_CURSOR_TICK, 0},
    {"glia.run", F_CURSOR_NEXT, 0},
    {"glia.run", F_CURSOR_NEXT, UINT64_MAX},
    {"glia.run", F_HAS_STATE, 0},
    {"glia.run", F_HAS_STATE, 2},
    {"glia.run", F_FIRED, NEURONS + 1},
    {"glia.events", 4, UINT64_MAX},
    {"glia.neurons", 1, UINT64_C(0x0000002000000020)},
    {"glia.counts", 3, 1000000},
    {"glia.spikes.0", 1, UINT64_C(0x0000000100001000)},
    {"glia.spikes.0", 1, UINT64_C(0x0000100000000001)},
    {"glia.spikes.0", 1, 0},
    {"glia.fired", 0, UINT64_C(0x0000000100000001)},
};

enum { NONSENSE = sizeof nonsense / sizeof *nonsense };

/* Nothing is made, and the network is as before. */
static void refuse_file(const lab *l, ketch_status expected)
{
    ketch_result *result = NULL;
    const uint64_t before = hash_state(l->net, 1), used = used_by(l->engine);
    ck_assert_int_eq(ketch_glia_load(&result, l->engine, l->net, save_path, &failure), expected);
    ck_assert_ptr_null(result);
    ck_assert_uint_eq(hash_state(l->net, 1), before);
    ck_assert_uint_eq(used_by(l->engine), used);
    GOOD(change(l->net));
}

START_TEST(a_file_of_no_run_is_loaded)
{
    lab l = open_lab(1);
    save_half(&l);
    (void)change(l.net);
    contents file = read_bytes(save_path);
    const uint64_t offset =
        forged_place(&file, nonsense[_i].section) + 8 * (uint64_t)nonsense[_i].field;
    ck_assert_uint_ne(forged_number(&file, offset), nonsense[_i].value);
    forge_number(&file, offset, nonsense[_i].value);
    forge_sums(&file);
    write_bytes(save_path, file.data, file.size);
    GOOD(ketch_glia_step(l.net, 1, &error)); /* so that it is prepared */
    refuse_file(&l, KETCH_CORRUPT);
    free(file.data);
    close_lab(&l);
}
END_TEST

static const char *const sections[] = {"glia.net",    "glia.run",     "glia.events", "glia.neurons",
                                       "glia.counts", "glia.value",   "glia.delta",  "glia.on_deck",
                                       "glia.fired",  "glia.spikes.0"};

enum { SECTIONS = sizeof sections / sizeof *sections };

/* Under another name. */
START_TEST(a_file_without_a_section_is_loaded)
{
    lab l = open_lab(1);
    save_half(&l);
    contents file = read_bytes(save_path);
    file.data[forged_entry(&file, sections[_i])] = 'x';
    forge_sums(&file);
    write_bytes(save_path, file.data, file.size);
    GOOD(ketch_glia_step(l.net, 1, &error));
    refuse_file(&l, KETCH_CORRUPT);
    free(file.data);
    close_lab(&l);
}
END_TEST

START_TEST(a_file_is_loaded_into_a_busy_network)
{
    lab l = open_lab(1);
    save_half(&l);
    ketch_result *result = NULL;
    ck_assert_int_eq(
        ketch_result_load(&result, l.engine, ketch_glia_run_type(), NULL, save_path, &failure),
        KETCH_HANDLE);
    GOOD(ktg_net_claim(l.net, "test", &error));
    ck_assert_int_eq(ketch_glia_load(&result, l.engine, l.net, save_path, &failure), KETCH_BUSY);
    ktg_net_release(l.net);
    ck_assert_ptr_null(result);
    GOOD(ketch_glia_load(&result, l.engine, l.net, save_path, &error));
    ketch_result_destroy(result);
    close_lab(&l);
}
END_TEST

/* ---- the suite ---- */

static void add_runs(Suite *suite)
{
    static const char *const loops[] = {"once", "in a loop"};
    static const char *const ways[] = {"a value", "a step", "a neuron", "another run",
                                       "no synapses"};
    TCase *const runs = tcase_create("runs");
    tcase_set_timeout(runs, 120);
    add_list(runs, a_run_is_not_what_single_steps_do, loops, 2);
    tcase_add_test(runs, a_second_run_does_not_go_on_from_the_state);
    tcase_add_test(runs, a_run_without_ticks_or_neurons_does_something);
    tcase_add_test(runs, a_large_run_stops_nowhere_or_in_other_bits);
    tcase_add_test(runs, a_record_that_got_no_memory_cannot_go_on);
    tcase_add_test(runs, a_hook_changes_the_network);
    tcase_add_test(runs, a_suspended_run_is_spoilt_by_readers);
    tcase_add_test(runs, threads_on_one_network_race);
    tcase_add_test(runs, many_networks_disturb_each_other);
    tcase_add_test(runs, the_need_leaves_out_the_network);
    suite_add_tcase(suite, runs);
    TCase *const alone = tcase_create("one thread");
    keep_one_thread(alone);
    tcase_set_timeout(alone, 60);
    tcase_add_test(alone, a_record_of_many_blocks_loses_spikes);
    tcase_add_test(alone, a_million_ticks_take_memory);
    suite_add_tcase(suite, alone);
    TCase *const full = save_case(suite, "a full record"), *const files = save_case(suite, "files");
    keep_one_thread(full);
    tcase_add_test(full, a_full_record_is_not_told_or_grows);
    add_list(files, a_run_goes_on_from_another_state, ways, 5);
    tcase_add_test(files, a_run_does_not_go_on_from_a_file);
    tcase_add_test(files, an_ended_run_cannot_be_saved_later);
    for (int i = 0; i < 5; i++)
        add_indexed(files, a_run_of_another_network_is_loaded, i, "%s", differences[i].what);
    for (int i = 0; i < NONSENSE; i++)
        add_indexed(files, a_file_of_no_run_is_loaded, i, "%s, number %d: %llx",
                    nonsense[i].section, nonsense[i].field, (unsigned long long)nonsense[i].value);
    add_list(files, a_file_without_a_section_is_loaded, sections, SECTIONS);
    tcase_add_test(files, a_file_is_loaded_into_a_busy_network);
}

int main(void)
{
    Suite *const suite = suite_create("glia_run");
    add_runs(suite);
    return end_with(suite);
}
