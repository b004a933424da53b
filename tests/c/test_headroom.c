/* What the system says is free, in trees of files made for the tests, and the account of what was
 * granted and is not touched yet. */
#include "memory.h"

#include "folders.h"
#include "suite.h"

#include <pthread.h>

typedef struct tree {
    char folder[32], list[64], free[64], process[64];
    kt_cgroup_source groups;
    kt_memory_source source;
} tree;

static tree *new_tree(void)
{
    tree *const t = calloc(1, sizeof *t);
    ck_assert_ptr_nonnull(t);
    snprintf(t->folder, sizeof t->folder, "/tmp/ketch-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(t->folder));
    snprintf(t->list, sizeof t->list, "%s/list", t->folder);
    snprintf(t->free, sizeof t->free, "%s/meminfo", t->folder);
    snprintf(t->process, sizeof t->process, "%s/status", t->folder);
    t->groups = (kt_cgroup_source){t->list, t->folder};
    t->source = (kt_memory_source){t->free, t->process, &t->groups};
    return t;
}

static void end_tree(tree *t)
{
    remove_folder(t->folder);
    free(t);
}

static void put(const tree *t, const char *path, const char *text)
{
    write_file(t->folder, path, text);
}

/* ---- groups ---- */

/* One group of each version. stat is read only if what is left without it is not enough. */
START_TEST(inactive_file_pages_are_free)
{
    tree *const t = new_tree();
    put(t, "/list", "4:memory:/m\n");
    put(t, "/memory/m/memory.limit_in_bytes", "1000\n");
    put(t, "/memory/m/memory.usage_in_bytes", "700\n");
    put(t, "/memory/m/memory.stat", "inactive_file 7\ntotal_rss 9\ntotal_inactive_file 250\n");
    ck_assert_uint_eq(kt_headroom_groups(&t->source, 301), 550);
    ck_assert_uint_eq(kt_headroom_groups(&t->source, 300), 300);
    put(t, "/list", "0::/u\n");
    put(t, "/u/memory.max", "2000\n");
    put(t, "/u/memory.current", "1990\n");
    put(t, "/u/memory.stat", "anon 5\ninactive_file_extra 3\ninactive_file 400\n");
    ck_assert_uint_eq(kt_headroom_groups(&t->source, 5000), 410);
    ck_assert_uint_eq(kt_headroom_groups(&t->source, 5), 10);
    end_tree(t);
}
END_TEST

START_TEST(the_tightest_of_nested_groups_counts)
{
    tree *const t = new_tree();
    put(t, "/list", "0::/a/b/c\n");
    put(t, "/memory.max", "max\n");
    put(t, "/memory.current", "123456\n");
    put(t, "/a/memory.max", "9000\n");
    put(t, "/a/memory.current", "8800\n"); /* by processes beside this one */
    put(t, "/a/memory.stat", "inactive_file 50\n");
    put(t, "/a/b/memory.max", "max\n");
    put(t, "/a/b/c/memory.max", "5000\n");
    put(t, "/a/b/c/memory.current", "100\n");
    ck_assert_uint_eq(kt_headroom_groups(&t->source, UINT64_MAX), 250);
    put(t, "/a/memory.current", "100\n");
    ck_assert_uint_eq(kt_headroom_groups(&t->source, UINT64_MAX), 4900);
    put(t, "/list", "0::/a/b/c\n4:memory:/m/n\n"); /* both versions */
    put(t, "/memory/m/memory.limit_in_bytes", "600\n");
    put(t, "/memory/m/memory.usage_in_bytes", "100\n");
    put(t, "/memory/m/n/memory.limit_in_bytes", "9223372036854771712\n");
    put(t, "/memory/m/n/memory.usage_in_bytes", "90\n");
    ck_assert_uint_eq(kt_headroom_groups(&t->source, 1), 500);
    end_tree(t);
}
END_TEST

START_TEST(odd_groups_are_taken_as_they_are)
{
    tree *const t = new_tree();
    ck_assert_uint_eq(kt_headroom_groups(&t->source, UINT64_MAX), UINT64_MAX); /* no list */
    put(t, "/list", "0::/a\n");
    ck_assert_uint_eq(kt_headroom_groups(&t->source, UINT64_MAX), UINT64_MAX);
    put(t, "/a/memory.max", "4000\n"); /* no usage */
    ck_assert_uint_eq(kt_headroom_groups(&t->source, UINT64_MAX), 4000);
    put(t, "/a/memory.current", "4100\n"); /* beyond its limit */
    ck_assert_uint_eq(kt_headroom_groups(&t->source, UINT64_MAX), 0);
    put(t, "/a/memory.stat", "inactive_file 18446744073709551615\n");
    ck_assert_uint_eq(kt_headroom_groups(&t->source, UINT64_MAX), 4000);
    end_tree(t);
}
END_TEST

/* ---- the system and the process ---- */

START_TEST(free_and_untouched_memory_are_read)
{
    tree *const t = new_tree();
    ck_assert_uint_eq(kt_headroom_system(&t->source), UINT64_MAX);
    ck_assert_uint_eq(kt_headroom_untouched(&t->source), UINT64_MAX);
    put(t, "/meminfo",
        "MemTotal: 900 kB\nMemAvailable:   100 kB\nSwapCached: 1 kB\nSwapFree: 7 kB\n");
    put(t, "/status",
        "Name:\tx\nVmSize:\t 900 kB\nRssAnon:\t 30 kB\nVmData:\t 500 kB\nVmSwap:\t 20 kB\n");
    ck_assert_uint_eq(kt_headroom_system(&t->source), 107 * 1024);
    ck_assert_uint_eq(kt_headroom_untouched(&t->source), 450 * 1024);
    put(t, "/meminfo", "MemAvailable:   100 kB\n");
    put(t, "/status", "RssAnon:\t 30 kB\nVmData:\t 20 kB\nVmSwap:\t 0 kB\n");
    ck_assert_uint_eq(kt_headroom_system(&t->source), 100 * 1024);
    ck_assert_uint_eq(kt_headroom_untouched(&t->source), 0);
    put(t, "/status", "VmData:\t 20 kB\n"); /* an old kernel: unknown */
    ck_assert_uint_eq(kt_headroom_untouched(&t->source), UINT64_MAX);
    end_tree(t);
}
END_TEST

/* ---- the account ---- */

static void put_free(const tree *t, uint64_t free)
{
    char text[64];
    snprintf(text, sizeof text, "MemAvailable: %" PRIu64 " kB\n", free / 1024);
    put(t, "/meminfo", text);
}

static void put_process(const tree *t, uint64_t mapped, uint64_t touched)
{
    char text[128];
    snprintf(text, sizeof text, "RssAnon: %" PRIu64 " kB\nVmData: %" PRIu64 " kB\nVmSwap: 0 kB\n",
             touched / 1024, mapped / 1024);
    put(t, "/status", text);
}

static bool grant(kt_account *account, const tree *t, uint64_t size)
{
    uint64_t left;
    const char *limit;
    const bool granted = kt_account_grant(account, &t->source, size, &left, &limit);
    if (granted)
        kt_account_mapped(account, size, true);
    else
        ck_assert_uint_lt(left, size);
    return granted;
}

START_TEST(untouched_grants_are_counted)
{
    tree *const t = new_tree();
    kt_account account = {0};
    put_free(t, 10 * GIB);
    put_process(t, 0, 0);
    ck_assert(grant(&account, t, 6 * GIB));
    put_process(t, 6 * GIB, 0);
    ck_assert(!grant(&account, t, 6 * GIB));
    ck_assert_uint_eq(kt_account_left(&account, &t->source), 4 * GIB - 16 * MIB);
    ck_assert(grant(&account, t, 3 * GIB));
    put_process(t, 9 * GIB, 0);
    ck_assert(!grant(&account, t, GIB));
    put_process(t, 9 * GIB, 5 * GIB); /* some were touched */
    put_free(t, 5 * GIB);
    ck_assert_uint_eq(kt_account_left(&account, &t->source), GIB - 16 * MIB);
    ck_assert(!grant(&account, t, GIB));
    kt_account_unmapped(&account, 6 * GIB);
    put_process(t, 3 * GIB, 0);
    put_free(t, 10 * GIB);
    ck_assert(grant(&account, t, 6 * GIB));
    end_tree(t);
}
END_TEST

/* Memory that others in the process reserved and left untouched is not the arenas': what they were
 * granted bounds what is taken off. */
START_TEST(reservations_of_others_do_not_count)
{
    tree *const t = new_tree();
    kt_account account = {0};
    put_free(t, 10 * GIB);
    put_process(t, 9000 * GIB, GIB);
    ck_assert(grant(&account, t, 6 * GIB));
    ck_assert_uint_eq(kt_account_left(&account, &t->source), 4 * GIB - 16 * MIB);
    put(t, "/status", "");
    ck_assert_uint_eq(kt_account_left(&account, &t->source), 4 * GIB - 16 * MIB);
    end_tree(t);
}
END_TEST

START_TEST(the_refusal_names_the_limit)
{
    tree *const t = new_tree();
    kt_account account = {0};
    uint64_t left = 0;
    const char *limit = "";
    put_free(t, 10 * GIB);
    put_process(t, 0, 0);
    put(t, "/list", "0::/a\n");
    put(t, "/a/memory.max", "1073741824\n");
    put(t, "/a/memory.current", "536870912\n");
    put(t, "/a/memory.stat", "inactive_file 1048576\n");
    ck_assert(!kt_account_grant(&account, &t->source, 512 * MIB, &left, &limit));
    ck_assert_str_eq(limit, "cgroup memory limit");
    ck_assert_uint_eq(left, (512 + 1 - 16) * MIB);
    ck_assert(grant(&account, t, left));
    put(t, "/a/memory.max", "max\n");
    ck_assert(!kt_account_grant(&account, &t->source, 10 * GIB, &left, &limit));
    ck_assert_str_eq(limit, "free memory");
    end_tree(t);
}
END_TEST

/* Many small grants stop at the limit, though the files are not read for each. */
START_TEST(small_grants_do_not_slip_under)
{
    tree *const t = new_tree();
    kt_account account = {0};
    uint64_t granted = 0;
    put_free(t, GIB);
    while (granted < 2 * GIB && grant(&account, t, MIB)) {
        granted += MIB;
        put_process(t, granted, granted / 2);
        put_free(t, GIB - granted / 2);
    }
    ck_assert_uint_ge(granted, GIB - 20 * MIB);
    ck_assert_uint_le(granted, GIB);
    put_free(t, GIB);
    put_process(t, 0, 0);
    kt_account other = {0};
    ck_assert(grant(&other, t, MIB));
    put_free(t, MIB); /* not read for what is below the share */
    ck_assert(grant(&other, t, MIB));
    ck_assert(!grant(&other, t, 32 * MIB));
    end_tree(t);
}
END_TEST

/* A child's account begins with nothing, and looks before it grants. */
START_TEST(a_child_begins_anew)
{
    tree *const t = new_tree();
    kt_account account = {0};
    put_free(t, 10 * GIB);
    put_process(t, 6 * GIB, 0);
    ck_assert(grant(&account, t, 6 * GIB));
    ck_assert(!grant(&account, t, 6 * GIB));
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        bool good = grant(&account, t, 9 * GIB) && !grant(&account, t, 9 * GIB);
        kt_account_unmapped(&account, 9 * GIB);
        good = good && atomic_load(&account.granted) == 0 && atomic_load(&account.pending) == 0;
        _exit(good ? 0 : 1);
    }
    int status = 1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    end_tree(t);
}
END_TEST

typedef struct rival {
    kt_account *account;
    const tree *tree;
    pthread_barrier_t *barrier;
    bool granted;
} rival;

/* The grant is not told to be mapped, as if the map took long. */
static void *compete(void *user)
{
    rival *const r = user;
    uint64_t left;
    const char *limit;
    pthread_barrier_wait(r->barrier);
    r->granted = kt_account_grant(r->account, &r->tree->source, 6 * GIB, &left, &limit);
    return NULL;
}

START_TEST(of_grants_at_once_one_wins)
{
    enum { RIVALS = 4 };
    tree *const t = new_tree();
    put_free(t, 10 * GIB);
    put_process(t, 0, 0);
    for (int round = 0; round < 100; round++) {
        kt_account account = {0};
        pthread_barrier_t barrier;
        pthread_t threads[RIVALS];
        rival rivals[RIVALS];
        pthread_barrier_init(&barrier, NULL, RIVALS);
        for (int i = 0; i < RIVALS; i++) {
            rivals[i] = (rival){&account, t, &barrier, false};
            ck_assert_int_eq(pthread_create(&threads[i], NULL, compete, &rivals[i]), 0);
        }
        int granted = 0;
        for (int i = 0; i < RIVALS; i++) {
            pthread_join(threads[i], NULL);
            granted += rivals[i].granted;
        }
        pthread_barrier_destroy(&barrier);
        ck_assert_int_eq(granted, 1);
    }
    end_tree(t);
}
END_TEST

/* ---- arenas ---- */

/* On this machine, without touching anything: two halves and more of what is free, in two arenas. */
START_TEST(a_second_lazy_block_is_refused)
{
    ketch_arena *const first = new_arena(UINT64_MAX), *const second = new_arena(UINT64_MAX);
    const uint64_t left = kt_account_left(&kt_account_process, &kt_memory_system);
    ck_assert_uint_lt(left, UINT64_MAX / 2);
    ketch_block *const block = take(first, left / 8 * 5);
    kt_refusal refusal = {0};
    ck_assert_ptr_null(kt_arena_take(second, left / 8 * 5, "user", &refusal));
    ck_assert(strcmp(refusal.limit, "free memory") == 0 ||
              strcmp(refusal.limit, "cgroup memory limit") == 0);
    ck_assert_uint_lt(refusal.allowed, refusal.needed);
    ck_assert_uint_gt(refusal.allowed, left / 8 * 2);
    kt_block_drop(take(second, left / 8));
    kt_block_drop(block);
    kt_arena_trim(first);
    kt_block_drop(take(second, left / 8 * 5));
    kt_arena_drop(first);
    kt_arena_drop(second);
}
END_TEST

int main(void)
{
    const TTest *const files[] = {
        inactive_file_pages_are_free, the_tightest_of_nested_groups_counts,
        odd_groups_are_taken_as_they_are, free_and_untouched_memory_are_read, NULL};
    const TTest *const account[] = {
        untouched_grants_are_counted, reservations_of_others_do_not_count,
        the_refusal_names_the_limit,  small_grants_do_not_slip_under,
        of_grants_at_once_one_wins,   NULL};
    Suite *const suite = suite_create("headroom");
    add_case(suite, "files", files);
    add_case(suite, "account", account);
    TCase *const forked = tcase_create("fork"), *const arenas = tcase_create("arenas");
    tcase_set_tags(forked, "fork");
    tcase_add_test(forked, a_child_begins_anew);
    suite_add_tcase(suite, forked);
    add_where(arenas, a_second_lazy_block_is_refused, !WITH_ASAN && sizeof(size_t) == 8,
              WITH_ASAN ? "the address sanitizer has memory of its own"
                        : "addresses run out before memory");
    suite_add_tcase(suite, arenas);
    return end_with(suite);
}
