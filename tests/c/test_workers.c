/* The pool: each index once, halts, signals, sleep. */
#define _GNU_SOURCE
#include "workers.h"
#include "cpu.h"
#include "suite.h"

#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { COUNT = 1000 };

/* hits[i]: how often index i was given out; busy[w]: calls of worker w at this moment. */
typedef struct tally {
    uint32_t hits[COUNT];
    int32_t busy[KETCH_THREADS_MAX];
    int32_t threads, wrong;
} tally;

static ketch_status count_hit(uint64_t index, int32_t worker, void *user)
{
    tally *const t = user;
    const bool valid = worker >= 0 && worker < t->threads && index < COUNT;
    if (!valid || __atomic_add_fetch(&t->busy[worker], 1, __ATOMIC_RELAXED) != 1)
        __atomic_store_n(&t->wrong, 1, __ATOMIC_RELAXED);
    t->hits[index]++;
    __atomic_sub_fetch(&t->busy[worker], 1, __ATOMIC_RELAXED);
    return KETCH_OK;
}

START_TEST(each_index_once)
{
    const int32_t threads = _i;
    kt_workers *const workers = threads ? kt_workers_create(threads) : NULL;
    tally *const t = calloc(1, sizeof *t);
    t->threads = threads ? threads : 1;
    static const uint64_t counts[] = {0, 1, 2, 3, COUNT};
    uint32_t rounds[5] = {3, 3, 50, 50, 50}, expected[COUNT] = {0};
    for (size_t c = 0; c < 5; c++)
        for (uint32_t round = 0; round < rounds[c]; round++) {
            kt_sweep sweep = {.count = counts[c], .body = count_hit, .user = t};
            ck_assert_int_eq(kt_workers_sweep(workers, &sweep), KETCH_OK);
            ck_assert_uint_eq(sweep.next, counts[c]);
            for (uint64_t i = 0; i < counts[c]; i++)
                expected[i]++;
        }
    ck_assert_int_eq(t->wrong, 0);
    ck_assert_mem_eq(t->hits, expected, sizeof expected);
    ck_assert_int_le(kt_workers_started(workers), t->threads - 1);
    kt_workers_destroy(workers);
    free(t);
}
END_TEST

static ketch_status halt_at(void *checker, int32_t worker)
{
    (void)worker;
    int32_t *const left = checker;
    return __atomic_fetch_sub(left, 1, __ATOMIC_RELAXED) > 0 ? KETCH_OK : KETCH_STOPPED;
}

/* Halted at any check and gone on with, every index still happens once. */
START_TEST(halted_sweeps_go_on)
{
    const int32_t threads = _i;
    kt_workers *const workers = kt_workers_create(threads);
    tally *const t = calloc(1, sizeof *t);
    t->threads = threads;
    for (int32_t stop = 0; stop < 60; stop++) {
        memset(t->hits, 0, sizeof t->hits);
        kt_sweep sweep = {.count = 50, .body = count_hit, .user = t, .check = halt_at};
        int32_t left = stop;
        sweep.checker = &left;
        while (kt_workers_sweep(workers, &sweep) == KETCH_STOPPED) {
            for (uint64_t i = 0; i < 50; i++)
                ck_assert_uint_eq(t->hits[i], i < sweep.next);
            left = stop + 1;
        }
        for (uint64_t i = 0; i < 50; i++)
            ck_assert_uint_eq(t->hits[i], 1);
    }
    ck_assert_int_eq(t->wrong, 0);
    kt_workers_destroy(workers);
    free(t);
}
END_TEST

/* ---- bodies that fail, and threads of another process ---- */

static ketch_status fail_at_seven(uint64_t index, int32_t worker, void *user)
{
    (void)worker, (void)user;
    return index == 7 ? KETCH_LIMIT : KETCH_OK;
}

START_TEST(a_failure_counts_as_the_body_returned_it)
{
    uint64_t open[KETCH_THREADS_MAX], current[KETCH_THREADS_MAX];
    kt_sweep sweep = {.count = 20, .body = fail_at_seven, .open = open, .current = current};
    ck_assert_int_eq(kt_workers_sweep(NULL, &sweep), KETCH_LIMIT);
    ck_assert(sweep.open_count == 1 && open[0] == 7 && sweep.next == 8);
}
END_TEST

/* Two indices, one for each worker. That of worker 1 ends when it is told to. */
typedef struct absence {
    kt_sweep sweep;
    int32_t arrived, told, gone;
} absence;

static ketch_status stay_away(uint64_t index, int32_t worker, void *user)
{
    absence *const a = user;
    (void)index;
    __atomic_add_fetch(&a->arrived, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&a->arrived, __ATOMIC_RELAXED) < 2)
        sched_yield();
    while (worker > 0 && !__atomic_load_n(&a->told, __ATOMIC_RELAXED))
        sched_yield();
    __atomic_store_n(&a->gone, a->gone || worker > 0, __ATOMIC_RELEASE);
    return KETCH_OK;
}

/* What worker 0 is told while it waits: both indices were handed out. */
static ketch_status say_forked(void *checker, int32_t worker)
{
    absence *const a = checker;
    const bool waits = worker == 0 && __atomic_load_n(&a->arrived, __ATOMIC_RELAXED) == 2;
    return waits ? KETCH_FORKED : KETCH_OK;
}

/* As in a child: the thread is not waited for, and its index is not taken for finished. */
START_TEST(a_thread_of_another_process_is_not_waited_for)
{
    kt_workers *const workers = kt_workers_create(2);
    absence a = {.arrived = 0};
    a.sweep =
        (kt_sweep){.count = 2, .body = stay_away, .user = &a, .check = say_forked, .checker = &a};
    ck_assert_int_eq(kt_workers_sweep(workers, &a.sweep), KETCH_FORKED);
    ck_assert_int_eq(a.gone, 0);
    __atomic_store_n(&a.told, 1, __ATOMIC_RELAXED);
    kt_workers_destroy(workers); /* joins the thread, which uses the sweep */
    ck_assert_int_eq(a.gone, 1);
}
END_TEST

START_TEST(pools_come_and_go)
{
    const int rounds = getenv("KETCH_LONG") ? 10000 : 200;
    for (int round = 0; round < rounds; round++) {
        kt_workers *const workers = kt_workers_create(1 + round % 4);
        tally *const t = calloc(1, sizeof *t);
        t->threads = 1 + round % 4;
        for (int i = 0; i < round % 3; i++) {
            kt_sweep sweep = {.count = 8, .body = count_hit, .user = t};
            kt_workers_sweep(workers, &sweep);
        }
        kt_workers_destroy(workers);
        free(t);
    }
    kt_workers_destroy(NULL);
    figure("P29", "pools created and destroyed", rounds, "");
}
END_TEST

/* Two indices that wait for each other: only two threads at once can do them. */
typedef struct meeting {
    int32_t arrived;
    int32_t blocked[2]; /* by worker: 1 where its signals are blocked */
} meeting;

static bool signals_blocked(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGUSR1, SIGCHLD, SIGPROF};
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (!sigismember(&now, signals[i]))
            return false;
    return true;
}

static ketch_status meet(uint64_t index, int32_t worker, void *user)
{
    (void)index;
    meeting *const m = user;
    m->blocked[worker] = signals_blocked();
    __atomic_add_fetch(&m->arrived, 1, __ATOMIC_RELEASE);
    const double end = kt_cpu_seconds() + 20;
    while (__atomic_load_n(&m->arrived, __ATOMIC_ACQUIRE) < 2 && kt_cpu_seconds() < end)
        sched_yield();
    return KETCH_OK;
}

START_TEST(workers_take_no_signals)
{
    kt_workers *const workers = kt_workers_create(2);
    meeting m = {0};
    kt_sweep sweep = {.count = 2, .body = meet, .user = &m};
    ck_assert_int_eq(kt_workers_sweep(workers, &sweep), KETCH_OK);
    ck_assert_int_eq(m.arrived, 2);
    ck_assert_int_eq(m.blocked[0], 0);
    ck_assert_int_eq(m.blocked[1], 1);
    ck_assert(!signals_blocked());
    kt_workers_destroy(workers);
}
END_TEST

static double process_cpu(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

START_TEST(idle_workers_sleep)
{
    kt_workers *const workers = kt_workers_create(4);
    tally *const t = calloc(1, sizeof *t);
    t->threads = 4;
    kt_sweep sweep = {.count = COUNT, .body = count_hit, .user = t};
    kt_workers_sweep(workers, &sweep);
    usleep(20000); /* more than they spin */
    const double before = process_cpu();
    usleep(500000);
    const double used = process_cpu() - before;
    ck_assert_double_lt(used, 0.005);
    figure("P34", "processor time of idle workers", 100 * used / 0.5, "%");
    kt_workers_destroy(workers);
    free(t);
}
END_TEST

static void add_cases(Suite *suite)
{
    TCase *const cases = tcase_create("workers"), *const forked = tcase_create("forked");
    tcase_set_timeout(cases, 60);
    add_numbers(cases, each_index_once, 0, 4, "threads");
    add_numbers(cases, halted_sweeps_go_on, 1, 4, "threads");
    tcase_add_test(cases, a_failure_counts_as_the_body_returned_it);
    tcase_add_test(forked, a_thread_of_another_process_is_not_waited_for);
    tcase_set_tags(forked, "fork"); /* the thread is there, while after a fork it is not */
    tcase_add_test(cases, pools_come_and_go);
    tcase_add_test(cases, workers_take_no_signals);
    tcase_add_test(cases, idle_workers_sleep);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, forked);
}

int main(void)
{
    Suite *const suite = suite_create("workers");
    add_cases(suite);
    return end_with(suite);
}
