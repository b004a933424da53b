/* What the tests of the arena folder share. Include it first. */
#ifndef KT_TEST_MEMORY_H
#define KT_TEST_MEMORY_H

#define _GNU_SOURCE
#include "account.h"
#include "arena.h"
#include "heap.h"
#include "origin.h"
#include "pages.h"
#include "sanitizers.h"

#include <check.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static inline bool debug_build(void)
{
    return kt_fault_arm(0, false);
}

static inline size_t page(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static inline bool all_bytes(const void *memory, size_t size, unsigned char byte)
{
    const unsigned char *const bytes = memory;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != byte)
            return false;
    return true;
}

/* The way body ends a child process: 0 for a return. */
static inline int end_of(void (*body)(void))
{
    fflush(NULL);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        const int null = open("/dev/null", O_WRONLY);
        dup2(null, STDERR_FILENO);
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        body();
        _exit(0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static inline ketch_arena *new_arena(uint64_t budget)
{
    kt_refusal refusal;
    ketch_arena *const arena = kt_arena_create(budget, false, &refusal);
    ck_assert_ptr_nonnull(arena);
    return arena;
}

static inline ketch_block *must_take(ketch_arena *arena, uint64_t size, const char *tag)
{
    kt_refusal refusal = {0};
    ketch_block *const block = kt_arena_take(arena, size, tag, &refusal);
    ck_assert_msg(block != NULL, "refused %" PRIu64 " of %" PRIu64 " by %s", refusal.needed,
                  refusal.allowed, refusal.limit);
    return block;
}

static inline ketch_block *take(ketch_arena *arena, uint64_t size)
{
    return must_take(arena, size, "user");
}

static inline kt_arena_stats stats_of(ketch_arena *arena)
{
    kt_arena_stats stats;
    kt_arena_read_stats(&stats, arena);
    return stats;
}

static inline void must_refuse(ketch_arena *arena, uint64_t size, uint64_t needed, uint64_t allowed,
                               const char *limit)
{
    const kt_arena_stats before = stats_of(arena);
    kt_refusal refusal = {0};
    ck_assert_ptr_null(kt_arena_take(arena, size, "user", &refusal));
    ck_assert_uint_eq(refusal.needed, needed);
    ck_assert_uint_eq(refusal.allowed, allowed);
    ck_assert_str_eq(refusal.limit, limit);
    const kt_arena_stats after = stats_of(arena);
    ck_assert_uint_eq(after.used, before.used);
    ck_assert_uint_eq(after.takes, before.takes);
}

/* Mappings that carry the arena's name; 0 where the system names none. */
static inline int count_mappings(void)
{
    FILE *const file = fopen("/proc/self/maps", "re");
    char line[512];
    int count = 0;
    while (file && fgets(line, sizeof line, file))
        count += strstr(line, "[anon:ketch]") != NULL;
    if (file)
        fclose(file);
    return count;
}

/* A case of these tests, NULL at the end; more may be added. */
static inline TCase *add_case(Suite *suite, const char *name, const TTest *const *tests)
{
    TCase *const group = tcase_create(name);
    tcase_set_timeout(group, 60);
    for (; *tests; tests++)
        tcase_add_test(group, *tests);
    suite_add_tcase(suite, group);
    return group;
}

#endif
