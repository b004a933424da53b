/* Sequences of injections, and feeds: their order is that of ticks and ids however they were made, a
 * feed keeps what it was made of, and cursors go round. */
#include "glia/feed/feed.h"
#include "nets.h"
#include "suite.h"

#include <pthread.h>
#include <string.h>

enum { EVENTS = 2000, TICKS = 60, IDS = 40 };

static ketch_error failure = {.size = sizeof failure};

static ketch_glia_sequence *make_sequence(void)
{
    ketch_glia_sequence *made = NULL;
    GOOD(ketch_glia_sequence_create(&made, &error));
    return made;
}

static ketch_glia_sequence_info sequence_info(ketch_glia_sequence *sequence)
{
    ketch_glia_sequence_info info = {.size = sizeof info};
    GOOD(ketch_glia_sequence_get_info(&info, sequence, &error));
    return info;
}

/* ---- order ---- */

typedef struct plain_event {
    uint64_t tick;
    char id[16];
    float amount;
} plain_event;

/* Ids of one and two digits, so that their order as text is not that of numbers. */
static plain_event draw_event(ketch_random *random)
{
    plain_event made = {.tick = ketch_random_below(random, TICKS),
                        .amount = (float)draw(random, -100, 300)};
    snprintf(made.id, sizeof made.id, "%s%u", ketch_random_below(random, 2) ? "S" : "\xc3\xa9",
             (unsigned)ketch_random_below(random, IDS));
    return made;
}

/* A list that is searched from its beginning; returns the new count. */
static int keep_plainly(plain_event *list, int count, const plain_event *event)
{
    for (int i = 0; i < count; i++)
        if (list[i].tick == event->tick && strcmp(list[i].id, event->id) == 0) {
            list[i].amount = event->amount;
            return count;
        }
    list[count] = *event;
    return count + 1;
}

static int compare_plainly(const void *a, const void *b)
{
    const plain_event *const x = a, *const y = b;
    return x->tick != y->tick ? (x->tick < y->tick ? -1 : 1) : strcmp(x->id, y->id);
}

static void check_events(ketch_glia_sequence *sequence, const plain_event *list, int count)
{
    ck_assert_uint_eq(sequence_info(sequence).events, (uint64_t)count);
    for (int i = 0; i < count; i++) {
        uint64_t tick = 0;
        const char *id = NULL;
        float amount = 0;
        GOOD(ketch_glia_sequence_get_event(&tick, &id, &amount, sequence, (uint64_t)i, &error));
        ck_assert(tick == list[i].tick && strcmp(id, list[i].id) == 0);
        ck_assert(memcmp(&amount, &list[i].amount, sizeof amount) == 0);
    }
}

/* One after the other, and many at once. */
START_TEST(events_are_not_in_the_order_of_ticks_and_ids)
{
    ketch_random random = {.seed = (uint64_t)_i};
    plain_event *const list = calloc(EVENTS, sizeof *list);
    ketch_glia_sequence *const one = make_sequence(), *const many = make_sequence();
    int count = 0;
    for (int i = 0; i < EVENTS; i++) {
        const plain_event event = draw_event(&random);
        count = keep_plainly(list, count, &event);
        GOOD(ketch_glia_sequence_add(one, event.tick, event.id, event.amount, &error));
        GOOD(ktg_sequence_append(many, (uint32_t)event.tick, event.id, strlen(event.id),
                                 event.amount, "test", &error));
    }
    GOOD(ktg_sequence_sort(many, "test", &error));
    ck_assert_int_lt(count, EVENTS); /* some were replaced */
    qsort(list, (size_t)count, sizeof *list, compare_plainly);
    check_events(one, list, count);
    check_events(many, list, count);
    ketch_glia_sequence_drop(one);
    ketch_glia_sequence_drop(many);
    free(list);
}
END_TEST

START_TEST(ticks_of_31_bits_are_sorted_wrongly)
{
    static const uint32_t ticks[] = {KETCH_GLIA_TICK_MAX, 0, 1 << 30, 255, 256, 65536};
    static const uint32_t sorted[] = {0, 255, 256, 65536, 1 << 30, KETCH_GLIA_TICK_MAX};
    ketch_glia_sequence *const sequence = make_sequence();
    for (int i = 0; i < 6; i++)
        GOOD(ktg_sequence_append(sequence, ticks[i], "S0", 2, 1, "test", &error));
    GOOD(ktg_sequence_sort(sequence, "test", &error));
    for (uint64_t i = 0; i < 6; i++) {
        uint64_t tick = 0;
        GOOD(ketch_glia_sequence_get_event(&tick, NULL, NULL, sequence, i, &error));
        ck_assert_uint_eq(tick, sorted[i]);
    }
    ck_assert_uint_eq(sequence_info(sequence).last_tick, KETCH_GLIA_TICK_MAX);
    ketch_glia_sequence_drop(sequence);
}
END_TEST

START_TEST(what_a_sequence_is_told_gets_lost)
{
    ketch_glia_sequence *const sequence = make_sequence();
    ketch_glia_sequence_info info = sequence_info(sequence);
    ck_assert(info.events == 0 && info.last_tick == 0 && info.duration == 0 && info.loop == 0);
    GOOD(ketch_glia_sequence_set_loop(sequence, 1, &error));
    GOOD(ketch_glia_sequence_set_duration(sequence, 77, &error));
    GOOD(ketch_glia_sequence_add(sequence, 9, "S1", 3, &error));
    ck_assert_ptr_eq(ketch_glia_sequence_share(sequence), sequence);
    ketch_glia_sequence_drop(sequence);
    GOOD(ketch_glia_sequence_clear(sequence, &error));
    info = sequence_info(sequence);
    ck_assert(info.events == 0 && info.last_tick == 0 && info.duration == 77 && info.loop == 1);
    GOOD(ketch_glia_sequence_add(sequence, 4, "S2", 3, &error));
    ck_assert_uint_eq(sequence_info(sequence).last_tick, 4);
    ketch_glia_sequence_drop(sequence);
}
END_TEST

/* ---- claims ---- */

START_TEST(readers_of_a_sequence_disturb_each_other)
{
    ketch_glia_sequence *const sequence = make_sequence();
    GOOD(ktg_sequence_claim_to_read(sequence, "test", &error));
    GOOD(ktg_sequence_claim_to_read(sequence, "test", &error));
    ck_assert_uint_eq(sequence_info(sequence).events, 0);
    ck_assert_int_eq(ketch_glia_sequence_add(sequence, 0, "S0", 1, &failure), KETCH_BUSY);
    ck_assert_int_eq(ketch_glia_sequence_clear(sequence, &failure), KETCH_BUSY);
    ck_assert_int_eq(ketch_glia_sequence_set_loop(sequence, 1, &failure), KETCH_BUSY);
    ck_assert_int_eq(ketch_glia_sequence_set_duration(sequence, 1, &failure), KETCH_BUSY);
    ktg_sequence_release(sequence);
    ck_assert_int_eq(ketch_glia_sequence_add(sequence, 0, "S0", 1, &failure), KETCH_BUSY);
    ktg_sequence_release(sequence);
    GOOD(ketch_glia_sequence_add(sequence, 0, "S0", 1, &error));
    GOOD(ktg_sequence_claim(sequence, "test", &error));
    ketch_glia_sequence_info info = {.size = sizeof info};
    ck_assert_int_eq(ketch_glia_sequence_get_info(&info, sequence, &failure), KETCH_BUSY);
    ck_assert_int_eq(ketch_glia_sequence_get_event(NULL, NULL, NULL, sequence, 0, &failure),
                     KETCH_BUSY);
    ktg_sequence_release(sequence);
    ck_assert_uint_eq(sequence_info(sequence).events, 1);
    ketch_glia_sequence_drop(sequence);
}
END_TEST

/* ---- feeds ---- */

static ketch_arena *make_arena(void)
{
    ketch_arena *arena = NULL;
    GOOD(ketch_arena_create(&arena, NULL, &error));
    return arena;
}

/* The sum of amounts of the sensory neurons that ticks inject, slowly: what the cursor does is
 * written out. */
static double inject_plainly(ketch_glia_sequence *sequence, ketch_glia_net *net, uint64_t tick)
{
    const ketch_glia_sequence_info info = sequence_info(sequence);
    const uint64_t at = info.loop ? (info.events ? tick % (info.last_tick + 1) : 0) : tick;
    double sum = 0;
    for (uint64_t i = 0; i < info.events; i++) {
        uint64_t event_tick;
        const char *id;
        float amount;
        GOOD(ketch_glia_sequence_get_event(&event_tick, &id, &amount, sequence, i, &error));
        if (event_tick == at && ketch_glia_find(net, id) >= 0 && id[0] == 'S')
            sum += (double)amount;
    }
    return sum;
}

/* Amounts are whole, so that sums are exact. */
static ketch_glia_sequence *whole_sequence(int events, uint64_t seed)
{
    ketch_random random = {.seed = seed};
    ketch_glia_sequence *const made = make_sequence();
    for (int i = 0; i < events; i++) {
        char id[16];
        snprintf(id, sizeof id, "%c%u", ketch_random_below(&random, 4) ? 'S' : 'O',
                 (unsigned)ketch_random_below(&random, 8));
        const float amount = (float)ketch_random_below(&random, 100);
        GOOD(ketch_glia_sequence_add(made, 3 + ketch_random_below(&random, 9), id, amount, &error));
    }
    return made;
}

static double sum_on_deck(const ketch_glia_net *net)
{
    double sum = 0;
    for (uint32_t i = 0; i < net->cells.count; i++)
        sum += (double)net->cells.on_deck[i];
    return sum;
}

/* Ids that are unknown (S6, S7) or not sensory are left out. Index: the number of events is 12 times
 * it, and odd indices loop. */
START_TEST(a_cursor_injects_something_else)
{
    ketch_arena *const arena = make_arena();
    ketch_glia_net *const net = random_net(arena, 10, 6, 0, 1);
    ketch_glia_sequence *const sequence = whole_sequence(12 * _i, (uint64_t)_i);
    GOOD(ketch_glia_sequence_set_loop(sequence, _i % 2, &error));
    (void)net_info(net);
    ktg_feed feed;
    ktg_cursor cursor = {0};
    GOOD(ktg_feed_make(&feed, net, sequence, false, arena, "test", &error));
    double before = 0;
    for (uint64_t tick = 0; tick < 60; tick++) {
        ktg_feed_inject(&feed, &cursor, net);
        ktg_feed_advance(&feed, &cursor);
        const double now = sum_on_deck(net);
        ck_assert_double_eq(now - before, inject_plainly(sequence, net, tick));
        before = now;
    }
    ck_assert(_i == 0 || before > 0);
    ktg_feed_end(&feed);
    ketch_glia_net_drop(net);
    ketch_glia_sequence_drop(sequence);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(events_that_are_left_out_are_not_listed)
{
    ketch_arena *const arena = make_arena();
    ketch_glia_net *const net = random_net(arena, 10, 6, 0, 1);
    ketch_glia_sequence *const sequence = whole_sequence(50, 4);
    uint64_t listed[50], count = 0, expected = 0;
    GOOD(ketch_glia_left_out(listed, 50, &count, sequence, net, &error));
    for (uint64_t i = 0; i < sequence_info(sequence).events; i++) {
        const char *id;
        GOOD(ketch_glia_sequence_get_event(NULL, &id, NULL, sequence, i, &error));
        if (id[0] == 'S' && ketch_glia_find(net, id) >= 0)
            continue;
        ck_assert_uint_lt(expected, count);
        ck_assert_uint_eq(listed[expected++], i);
    }
    ck_assert(count == expected && count > 2);
    uint64_t again = 0;
    ck_assert_int_eq(ketch_glia_left_out(listed, count - 1, &again, sequence, net, &failure),
                     KETCH_BUFFER);
    ck_assert_uint_eq(again, count);
    ktg_feed feed;
    failure = (ketch_error){.size = sizeof failure};
    ck_assert_int_eq(ktg_feed_make(&feed, net, sequence, true, arena, "test", &failure),
                     KETCH_INDEX);
    ck_assert_str_eq(failure.allowed, "the 6 sensory neurons of the network");
    GOOD(ktg_feed_make(&feed, net, sequence, false, arena, "test", &error));
    ck_assert_uint_eq(feed.left_out, count);
    ktg_feed_end(&feed);
    ketch_glia_net_drop(net);
    ketch_glia_sequence_drop(sequence);
    ketch_arena_drop(arena);
}
END_TEST

static uint64_t hash_of_feed(const ktg_feed *feed)
{
    kt_hash hash;
    kt_hash_begin(&hash, 0);
    ktg_feed_hash(&hash, feed);
    return kt_hash_end(&hash);
}

/* How a sequence ends that a feed was made of. */
typedef void end_way(ketch_glia_sequence *sequence);

static void add_one(ketch_glia_sequence *sequence)
{
    GOOD(ketch_glia_sequence_add(sequence, 0, "S9", 1, &error));
    GOOD(ketch_glia_sequence_add(sequence, 5, "S1", 1, &error));
    ketch_glia_sequence_drop(sequence);
}

static void clear_it(ketch_glia_sequence *sequence)
{
    GOOD(ketch_glia_sequence_clear(sequence, &error));
    ck_assert_uint_eq(sequence_info(sequence).events, 0);
    ketch_glia_sequence_drop(sequence);
}

static void replace_it(ketch_glia_sequence *sequence)
{
    ketch_glia_sequence *const other = whole_sequence(5, 8);
    ktg_sequence_exchange_events(sequence, other);
    ketch_glia_sequence_drop(other);
    ketch_glia_sequence_drop(sequence);
}

static end_way *const end_ways[] = {add_one, clear_it, replace_it, ketch_glia_sequence_drop};

START_TEST(a_feed_changes_with_its_sequence)
{
    ketch_arena *const arena = make_arena();
    ketch_glia_net *const net = random_net(arena, 10, 6, 0, 1);
    ketch_glia_sequence *const sequence = whole_sequence(50, 4);
    (void)net_info(net);
    ktg_feed feed, other;
    GOOD(ktg_feed_make(&feed, net, sequence, false, arena, "test", &error));
    GOOD(ktg_feed_make(&other, net, sequence, false, arena, "test", &error));
    const uint64_t before = hash_of_feed(&feed);
    ktg_feed_end(&other);
    end_ways[_i](sequence);
    ck_assert_uint_eq(hash_of_feed(&feed), before);
    ktg_feed_end(&feed);
    ketch_glia_net_drop(net);
    ketch_arena_drop(arena);
}
END_TEST

/* ---- threads ---- */

enum { READERS = 4 };

typedef struct reader {
    ketch_glia_sequence *sequence;
    ketch_arena *arena;
    uint64_t hash;
} reader;

static void *read_often(void *argument)
{
    reader *const r = argument;
    ketch_glia_net *const net = random_net(r->arena, 10, 6, 0, 1);
    (void)net_info(net);
    for (int i = 0; i < 200; i++) {
        ktg_feed feed;
        GOOD(ktg_feed_make(&feed, net, r->sequence, false, r->arena, "test", &error));
        r->hash = hash_of_feed(&feed);
        ktg_feed_end(&feed);
    }
    ketch_glia_net_drop(net);
    return NULL;
}

START_TEST(threads_that_share_a_sequence_race)
{
    ketch_arena *const arena = make_arena();
    reader readers[READERS];
    pthread_t threads[READERS];
    ketch_glia_sequence *const sequence = whole_sequence(50, 4);
    for (int i = 0; i < READERS; i++) {
        readers[i] = (reader){.sequence = sequence, .arena = arena};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_often, &readers[i]), 0);
    }
    for (int i = 0; i < READERS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    for (int i = 1; i < READERS; i++)
        ck_assert_uint_eq(readers[i].hash, readers[0].hash);
    ketch_glia_sequence_drop(sequence);
    ketch_arena_drop(arena);
}
END_TEST

int main(void)
{
    static const char *const ends[] = {"added to", "cleared", "replaced", "dropped"};
    Suite *const suite = suite_create("glia_sequence");
    TCase *const all = tcase_create("sequences");
    add_seeds(all, events_are_not_in_the_order_of_ticks_and_ids, 3);
    tcase_add_test(all, ticks_of_31_bits_are_sorted_wrongly);
    tcase_add_test(all, what_a_sequence_is_told_gets_lost);
    tcase_add_test(all, readers_of_a_sequence_disturb_each_other);
    add_numbers(all, a_cursor_injects_something_else, 0, 3, "dozen events");
    tcase_add_test(all, events_that_are_left_out_are_not_listed);
    add_list(all, a_feed_changes_with_its_sequence, ends, 4);
    tcase_add_test(all, threads_that_share_a_sequence_race);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
