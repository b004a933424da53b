/* Arenas under stress: random use, refusals at every point, threads. */
#include "memory.h"
#include "suite.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- against a plain reference: random takes and gives ---- */

START_TEST(random_use_keeps_the_books)
{
    enum { SLOTS = 40 };
    ketch_arena *const arena = new_arena(32 * MIB);
    ketch_block *blocks[SLOTS] = {0};
    const char *const names[3] = {"a", "b", "c"};
    uint64_t random = 1, takes = 0, refusals = 0;
    for (int i = 0; i < 20000; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const size_t slot = (random >> 33) % SLOTS;
        const unsigned char mark = (unsigned char)(slot + 1);
        if (blocks[slot]) {
            const char *const data = kt_block_data(blocks[slot]);
            ck_assert(data[0] == mark && data[kt_block_size(blocks[slot]) - 1] == mark);
            ck_assert(kt_block_drop(blocks[slot]));
            blocks[slot] = NULL;
        } else {
            const uint64_t size = 1 + ((random >> 40) & 0xffff) * (slot < 5 ? 40 : 1);
            blocks[slot] = kt_arena_take(arena, size, names[slot % 3], NULL);
            refusals += !blocks[slot];
            takes += blocks[slot] != NULL;
            if (blocks[slot]) {
                char *const data = kt_block_data(blocks[slot]);
                data[0] = data[size - 1] = (char)mark;
            }
        }
        const kt_arena_stats stats = stats_of(arena);
        uint64_t least = 0, tags = 0;
        for (size_t k = 0; k < SLOTS; k++)
            if (blocks[k])
                least += kt_pages_round((size_t)kt_block_size(blocks[k]));
        kt_tag tag;
        for (uint64_t k = 0; kt_arena_read_tag(&tag, arena, k); k++)
            tags += tag.used;
        ck_assert(least <= stats.used && stats.used <= least + least / 4);
        ck_assert(stats.used <= stats.held && stats.held <= stats.budget);
        ck_assert_uint_eq(tags, stats.used);
        ck_assert_uint_eq(stats.takes, takes);
        ck_assert_uint_eq(stats.maps + stats.reuses, takes);
    }
    ck_assert_uint_eq(refusals, 0);
    for (size_t slot = 0; slot < SLOTS; slot++)
        kt_block_drop(blocks[slot]);
    const uint64_t held = stats_of(arena).held;
    ck_assert_uint_eq(kt_arena_trim(arena), held);
    kt_arena_drop(arena);
}
END_TEST

/* ---- refusals at every point ---- */

/* False where anything was refused; all is given back either way. */
static bool use_everything(void)
{
    enum { COUNT = 70 };
    kt_refusal refusal = {0};
    ketch_arena *const arena = kt_arena_create(GIB, false, &refusal);
    if (!arena) {
        ck_assert_str_eq(refusal.limit, "operating system");
        ck_assert_uint_gt(refusal.needed, 0);
        return false;
    }
    ketch_block *blocks[COUNT];
    int count = 0;
    for (; count < COUNT; count++) {
        const uint64_t size = count == 30 ? 6 * MIB : 1 + (uint64_t)count * 1000;
        const kt_arena_stats before = stats_of(arena);
        blocks[count] = kt_arena_take(arena, size, "user", &refusal);
        if (!blocks[count]) {
            ck_assert_str_eq(refusal.limit, "operating system");
            ck_assert_uint_eq(refusal.needed, kt_pages_round((size_t)size));
            ck_assert_uint_lt(refusal.allowed, refusal.needed);
            const kt_arena_stats after = stats_of(arena);
            ck_assert_int_eq(memcmp(&before, &after, sizeof after), 0);
            break;
        }
        kt_block_share(blocks[count]);
    }
    const bool good = count == COUNT;
    while (count-- > 0) {
        memset(kt_block_data(blocks[count]), 1, kt_block_size(blocks[count]));
        ck_assert(kt_block_drop(blocks[count]) && kt_block_drop(blocks[count]));
    }
    ck_assert_uint_eq(stats_of(arena).used, 0);
    kt_arena_drop(arena);
    return good;
}

START_TEST(everything_is_granted)
{
    ck_assert(use_everything());
    ck_assert_int_eq(count_mappings(), 0);
}
END_TEST

START_TEST(any_request_may_be_refused)
{
    uint64_t at = 1;
    ck_assert(use_everything());
    for (bool good = false; !good; at++) {
        kt_fault_arm(at, _i);
        good = use_everything();
        ck_assert(good == (kt_fault_count() < at));
    }
    ck_assert_uint_gt(at, 70);
    kt_fault_arm(0, false);
    ck_assert_int_eq(count_mappings(), 0);
}
END_TEST

/* ---- threads ---- */

enum { THREADS = 4, MEETINGS = 8, ROUNDS = 3000 };

/* A place where threads leave shared blocks for each other. */
typedef struct hammer {
    ketch_arena *arena;
    _Atomic(ketch_block *) meetings[MEETINGS];
    atomic_uint seeds, wrongs, refusals;
} hammer;

static unsigned next_random(unsigned *random)
{
    *random = *random * 1664525u + 1013904223u;
    return *random >> 8;
}

static void hammer_once(hammer *shared, unsigned *random, unsigned char mark)
{
    const size_t size = 64 + next_random(random) % 40000;
    ketch_block *const block = kt_arena_take(shared->arena, size, "user", NULL);
    if (!block) {
        shared->refusals++;
        return;
    }
    unsigned char *const data = kt_block_data(block);
    memset(data, mark, size);
    const size_t place = next_random(random) % MEETINGS;
    ketch_block *const found = atomic_exchange(&shared->meetings[place], kt_block_share(block));
    if (found) {
        const unsigned char *const bytes = kt_block_data(found);
        shared->wrongs += !all_bytes(bytes, kt_block_size(found), bytes[0]);
        shared->wrongs += !kt_block_drop(found);
    }
    shared->wrongs += !all_bytes(data, size, mark);
    shared->wrongs += !kt_block_drop(block);
    if (next_random(random) % 500 == 0)
        kt_arena_trim(shared->arena);
}

static void *hammer_thread(void *user)
{
    hammer *const shared = user;
    const unsigned seed = ++shared->seeds;
    unsigned random = seed;
    kt_arena_share(shared->arena);
    for (int i = 0; i < ROUNDS; i++)
        hammer_once(shared, &random, (unsigned char)seed);
    kt_arena_drop(shared->arena);
    return NULL;
}

START_TEST(threads_share_an_arena)
{
    hammer shared = {.arena = new_arena(400 * 1024)}; /* so small that blocks make room, too */
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, hammer_thread, &shared), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(shared.wrongs, 0);
    ck_assert_uint_lt(shared.refusals, THREADS * ROUNDS / 2);
    for (int i = 0; i < MEETINGS; i++)
        if (shared.meetings[i])
            ck_assert(kt_block_drop(shared.meetings[i]));
    const kt_arena_stats stats = stats_of(shared.arena);
    ck_assert_uint_eq(stats.used, 0);
    kt_tag tag;
    ck_assert(kt_arena_read_tag(&tag, shared.arena, 0));
    ck_assert_uint_eq(tag.used, 0);
    ck_assert_uint_eq(stats.takes + shared.refusals, THREADS * ROUNDS);
    ck_assert_uint_le(stats.peak_held, stats.budget);
    ck_assert_uint_eq(kt_arena_trim(shared.arena), stats.held);
    kt_arena_drop(shared.arena);
}
END_TEST

static void *drop_thread(void *user)
{
    return (void *)(uintptr_t)kt_block_drop(user);
}

/* Of three threads that give a block with two references, two succeed. */
START_TEST(racing_double_give_is_found)
{
    ketch_arena *const arena = new_arena(MIB);
    for (int i = 0; i < 300; i++) {
        ketch_block *const block = kt_block_share(take(arena, 100));
        pthread_t threads[3];
        uintptr_t good = 0;
        for (int k = 0; k < 3; k++)
            ck_assert_int_eq(pthread_create(&threads[k], NULL, drop_thread, block), 0);
        for (int k = 0; k < 3; k++) {
            void *dropped;
            pthread_join(threads[k], &dropped);
            good += (uintptr_t)dropped;
        }
        ck_assert_uint_eq(good, 2);
        ck_assert_uint_eq(stats_of(arena).used, 0);
    }
    kt_arena_drop(arena);
}
END_TEST

static void *last_thread(void *user)
{
    kt_block_drop(user);
    return NULL;
}

/* The arena dies in whichever thread lets go last. */
START_TEST(arena_dies_with_its_last_block_in_any_thread)
{
    for (int i = 0; i < 300; i++) {
        ketch_arena *const arena = new_arena(MIB);
        pthread_t threads[2];
        for (int k = 0; k < 2; k++)
            ck_assert_int_eq(pthread_create(&threads[k], NULL, last_thread, take(arena, 100)), 0);
        kt_arena_drop(arena);
        for (int k = 0; k < 2; k++)
            pthread_join(threads[k], NULL);
    }
    ck_assert_int_eq(count_mappings(), 0);
}
END_TEST

int main(void)
{
    const TTest *const use[] = {random_use_keeps_the_books, everything_is_granted, NULL};
    const TTest *const threads[] = {threads_share_an_arena, racing_double_give_is_found,
                                    arena_dies_with_its_last_block_in_any_thread, NULL};
    Suite *const suite = suite_create("arena under stress");
    TCase *const alone = add_case(suite, "use", use);
    keep_one_thread(alone);
    add_refusals(alone, any_request_may_be_refused, debug_build());
    add_case(suite, "threads", threads);
    return end_with(suite);
}
