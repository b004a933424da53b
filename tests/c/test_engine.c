/* The engine and the arena in public: options, handles, threads, memory. */
#define _GNU_SOURCE
#include "cpu.h"
#include "engine.h"
#include "heap.h"
#include "suite.h"

#include <check.h>
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static ketch_error error;

static void fresh_error(void)
{
    error = (ketch_error){.size = sizeof error};
}

enum { COUNT = 100 };

/* How often each index was given out. */
typedef struct tally {
    uint32_t hits[COUNT];
} tally;

static ketch_status count_hit(uint64_t index, int32_t worker, void *user)
{
    (void)worker;
    ((tally *)user)->hits[index]++;
    return KETCH_OK;
}

static int count_tasks(void)
{
    DIR *const tasks = opendir("/proc/self/task");
    int count = 0;
    for (struct dirent *entry; tasks && (entry = readdir(tasks));)
        count += entry->d_name[0] != '.';
    if (tasks)
        closedir(tasks);
    return count;
}

static ketch_engine *make_engine(int32_t threads)
{
    ketch_engine *engine = NULL;
    const ketch_engine_options options = {.size = sizeof options, .threads = threads};
    fresh_error();
    ck_assert_msg(ketch_engine_create(&engine, &options, &error) == KETCH_OK, "%s", error.message);
    return engine;
}

static ketch_engine_info info_of(const ketch_engine *engine)
{
    ketch_engine_info info = {.size = sizeof info};
    ck_assert_int_eq(ketch_engine_get_info(&info, engine, &error), KETCH_OK);
    return info;
}

START_TEST(engines_by_default)
{
    ketch_engine *engine = NULL;
    ck_assert_int_eq(ketch_engine_create(&engine, NULL, NULL), KETCH_OK);
    const ketch_engine_info info = info_of(engine);
    ck_assert_int_eq(info.threads, kt_cpu_cores());
    ck_assert_int_eq(info.kernels, kt_cpu_best());
    ck_assert_int_eq(info.running, 0);
    ck_assert_int_eq(info.workers, 0);
    ck_assert_uint_gt(info.memory, 0);
    ck_assert_ptr_nonnull(ketch_engine_arena(engine));
    ck_assert_int_eq(ketch_engine_destroy(engine, &error), KETCH_OK);
    ck_assert_int_eq(ketch_engine_destroy(NULL, &error), KETCH_OK);
}
END_TEST

/* A joined thread may be listed for a moment more. */
static void await_tasks(int expected)
{
    const double end = kt_cpu_seconds() + 5;
    while (count_tasks() != expected && kt_cpu_seconds() < end)
        usleep(1000);
    ck_assert_int_eq(count_tasks(), expected);
}

static void *tell_task(void *user)
{
    *(long *)user = syscall(SYS_gettid);
    return NULL;
}

/* A sanitizer's own helper comes with the first thread of a process. */
static int count_tasks_when_warm(void)
{
    pthread_t thread;
    long task = 0;
    char path[64];
    ck_assert_int_eq(pthread_create(&thread, NULL, tell_task, &task), 0);
    pthread_join(thread, NULL);
    snprintf(path, sizeof path, "/proc/self/task/%ld", task);
    for (int i = 0; i < 5000 && access(path, F_OK) == 0; i++)
        usleep(1000);
    return count_tasks();
}

START_TEST(threads_come_with_the_first_parallel_sweep)
{
    const int before = count_tasks_when_warm();
    ketch_engine *const engine = make_engine(2);
    tally *const t = calloc(1, sizeof *t);
    ck_assert_int_eq(count_tasks(), before);
    kt_engine_sweep(NULL, COUNT, count_hit, t);
    ck_assert_int_eq(kt_engine_claim(engine, "test", &error), KETCH_OK);
    kt_engine_sweep(engine, 1, count_hit, t);
    ck_assert_int_eq(info_of(engine).workers, 0);
    ck_assert_int_eq(count_tasks(), before);
    kt_engine_sweep(engine, 2, count_hit, t);
    ck_assert_int_eq(info_of(engine).workers, 1);
    ck_assert_int_eq(info_of(engine).running, 1);
    kt_engine_release(engine);
    ck_assert_int_eq(ketch_engine_destroy(engine, &error), KETCH_OK);
    await_tasks(before);
    ck_assert_uint_eq(t->hits[0], 3);
    free(t);
}
END_TEST

typedef struct bad_options {
    ketch_engine_options options;
    ketch_status status;
    const char *argument, *text;
} bad_options;

static const bad_options bad[] = {
    {{.size = sizeof(ketch_engine_options), .threads = -1},
     KETCH_RANGE,
     "threads",
     "given -1, allowed 1 to 64"},
    {{.size = sizeof(ketch_engine_options), .threads = 65},
     KETCH_RANGE,
     "threads",
     "given 65, allowed 1 to 64"},
    {{.size = sizeof(ketch_engine_options), .threads = 1000000},
     KETCH_RANGE,
     "threads",
     "given 1000000"},
    {{.size = sizeof(ketch_engine_options), .kernels = (ketch_kernels)5},
     KETCH_RANGE,
     "kernels",
     "given 5, allowed 0 to 4"},
    {{.size = sizeof(ketch_engine_options), .kernels = (ketch_kernels)-1},
     KETCH_RANGE,
     "kernels",
     "given -1"},
    {{.size = 0}, KETCH_MISMATCH, "options", "no size"},
};

START_TEST(wrong_options)
{
    const bad_options *const b = &bad[_i];
    ketch_engine *engine = NULL;
    fresh_error();
    ck_assert_int_eq(ketch_engine_create(&engine, &b->options, &error), b->status);
    ck_assert_int_eq(error.status, b->status);
    ck_assert_str_eq(error.function, "ketch_engine_create");
    ck_assert_str_eq(error.argument, b->argument);
    ck_assert_msg(strstr(error.message, b->text) != NULL, "%s", error.message);
    ck_assert_ptr_null(engine);
}
END_TEST

START_TEST(wrong_handles)
{
    uint64_t other[64] = {1, 2, 3};
    ketch_engine *const foreign = (ketch_engine *)(void *)other;
    ketch_engine_info info = {.size = sizeof info};
    fresh_error();
    ck_assert_int_eq(ketch_engine_create(NULL, NULL, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_engine_get_info(&info, NULL, &error), KETCH_HANDLE);
    ck_assert_str_eq(error.message, "engine: given NULL, allowed an engine");
    ck_assert_int_eq(ketch_engine_get_info(&info, foreign, &error), KETCH_HANDLE);
    ck_assert_str_eq(error.given, "something else, or one that was ended");
    ck_assert_int_eq(ketch_engine_destroy(foreign, &error), KETCH_HANDLE);
    ck_assert_ptr_null(ketch_engine_arena(NULL));
    ck_assert_ptr_null(ketch_engine_arena(foreign));
    ketch_engine *const engine = make_engine(1);
    ck_assert_int_eq(ketch_engine_get_info(NULL, engine, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_engine_destroy(engine, &error), KETCH_OK);
}
END_TEST

START_TEST(shared_arenas)
{
    ketch_arena *arena = NULL;
    const ketch_arena_options budget = {.size = sizeof budget, .memory = 64 << 20};
    fresh_error();
    ck_assert_int_eq(ketch_arena_create(&arena, &budget, &error), KETCH_OK);
    ketch_engine *one = NULL, *two = NULL;
    ketch_engine_options options = {.size = sizeof options, .threads = 1, .arena = arena};
    ck_assert_int_eq(ketch_engine_create(&one, &options, &error), KETCH_OK);
    ck_assert_int_eq(ketch_engine_create(&two, &options, &error), KETCH_OK);
    ck_assert_ptr_eq(ketch_engine_arena(one), arena);
    ck_assert_uint_eq(info_of(two).memory, 64 << 20);
    options.memory = 1 << 20;
    ketch_engine *none = NULL;
    ck_assert_int_eq(ketch_engine_create(&none, &options, &error), KETCH_MISMATCH);
    ck_assert_str_eq(error.argument, "memory");
    ketch_arena_drop(arena);

    ketch_block *block = NULL;
    ck_assert_int_eq(ketch_block_take(&block, ketch_engine_arena(one), 1000, NULL, &error),
                     KETCH_OK);
    ck_assert_int_eq(ketch_engine_destroy(one, &error), KETCH_OK);
    ck_assert_int_eq(ketch_engine_destroy(two, &error), KETCH_OK);
    ck_assert_uint_ge(ketch_block_size(block), 1000);
    memset(ketch_block_data(block), 1, 1000);
    ck_assert_int_eq(ketch_block_drop(block), KETCH_OK);
}
END_TEST

START_TEST(memory_in_public)
{
    ketch_arena *arena = NULL;
    const ketch_arena_options budget = {.size = sizeof budget, .memory = 8 << 20};
    fresh_error();
    ck_assert_int_eq(ketch_arena_create(NULL, &budget, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_arena_create(&arena, &budget, &error), KETCH_OK);
    ketch_block *block = NULL;
    ck_assert_int_eq(ketch_block_take(&block, arena, 0, NULL, &error), KETCH_RANGE);
    ck_assert_int_eq(ketch_block_take(&block, NULL, 1, NULL, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_block_take(NULL, arena, 1, NULL, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_block_take(&block, arena, UINT64_MAX, NULL, &error), KETCH_MEMORY);
    ck_assert_int_eq(ketch_block_take(&block, arena, 16 << 20, NULL, &error), KETCH_MEMORY);
    ck_assert_ptr_null(block);
    ck_assert_ptr_nonnull(strstr(error.message, "memory budget"));
    ck_assert_ptr_nonnull(strstr(error.given, "(16 MiB)"));
    ck_assert_ptr_nonnull(strstr(error.allowed, "(8 MiB)"));

    ck_assert_int_eq(ketch_block_take(&block, arena, 3 << 20, NULL, &error), KETCH_OK);
    ck_assert_uint_eq((uintptr_t)ketch_block_data(block) % 64, 0);
    ck_assert_ptr_eq(ketch_block_share(block), block);
    ketch_arena_stats stats = {.size = sizeof stats};
    ck_assert_int_eq(ketch_arena_get_stats(&stats, arena, &error), KETCH_OK);
    ck_assert_uint_ge(stats.used, ketch_block_size(block));
    ck_assert_uint_eq(stats.tags, 1);
    ketch_arena_tag tag = {.size = sizeof tag};
    ck_assert_int_eq(ketch_arena_get_tag(&tag, arena, 0, &error), KETCH_OK);
    ck_assert_str_eq(tag.name, "user");
    ck_assert_uint_eq(tag.used, stats.used);
    ck_assert_uint_eq(tag.peak, stats.peak_used);
    ck_assert_int_eq(ketch_arena_get_tag(&tag, arena, 1, &error), KETCH_INDEX);
    ck_assert_int_eq(ketch_arena_get_tag(&tag, arena, -1, &error), KETCH_INDEX);
    ck_assert_int_eq(ketch_arena_get_tag(NULL, arena, 0, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_arena_get_tag(&tag, NULL, 0, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_block_drop(block), KETCH_OK);
    ck_assert_int_eq(ketch_block_drop(block), KETCH_OK);
    ck_assert_int_eq(ketch_block_drop(block), KETCH_HANDLE);
    ck_assert_ptr_null(ketch_block_data(block));
    ck_assert_int_eq(ketch_block_drop(NULL), KETCH_OK);
    ck_assert_uint_ge(ketch_arena_trim(arena), 3 << 20);
    ck_assert_int_eq(ketch_arena_get_stats(NULL, arena, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_arena_get_stats(&stats, NULL, &error), KETCH_HANDLE);
    ck_assert_ptr_null(ketch_arena_share(NULL));
    ketch_arena_drop(NULL);
    ketch_arena_drop(arena);
}
END_TEST

/* Every request for memory refused in turn: MEMORY each time, nothing left behind, then success. */
START_TEST(creation_without_memory)
{
    ketch_status status = KETCH_MEMORY;
    for (uint64_t at = 1; status != KETCH_OK; at++) {
        ck_assert_uint_lt(at, 20);
        ketch_engine *engine = NULL;
        const ketch_engine_options options = {.size = sizeof options, .threads = 3};
        fresh_error();
        kt_fault_arm(at, _i);
        status = ketch_engine_create(&engine, &options, &error);
        kt_fault_arm(0, false);
        ck_assert_int_eq(status, at <= 1 || !engine ? KETCH_MEMORY : KETCH_OK);
        ck_assert_int_eq(error.status, status);
        ck_assert_int_eq(ketch_engine_destroy(engine, &error), KETCH_OK);
    }
}
END_TEST

static void add_cases(Suite *suite)
{
    TCase *const cases = tcase_create("engine");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, engines_by_default);
    tcase_add_test(cases, threads_come_with_the_first_parallel_sweep);
    add_numbers(cases, wrong_options, 0, sizeof bad / sizeof *bad - 1, "in the list");
    tcase_add_test(cases, wrong_handles);
    tcase_add_test(cases, shared_arenas);
    tcase_add_test(cases, memory_in_public);
    add_refusals(cases, creation_without_memory, kt_fault_arm(0, false));
    suite_add_tcase(suite, cases);
}

int main(void)
{
    Suite *const suite = suite_create("engine");
    add_cases(suite);
    return end_with(suite);
}
