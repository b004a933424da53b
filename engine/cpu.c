/* What this machine offers: instruction sets, cores, time. */
#define _GNU_SOURCE
#include "cpu.h"
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
static bool runs_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool runs_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && runs_avx2();
}
#else
static bool runs_avx2(void)
{
    return false;
}

static bool runs_avx512(void)
{
    return false;
}
#endif

/* Each AArch64 machine has it. */
#if defined(__aarch64__)
static const bool runs_neon = true;
#else
static const bool runs_neon = false;
#endif

bool kt_cpu_runs(ketch_kernels kernels)
{
    switch ((int)kernels) {
    case KETCH_KERNELS_SCALAR:
        return true;
    case KETCH_KERNELS_AVX2:
        return runs_avx2();
    case KETCH_KERNELS_AVX512:
        return runs_avx512();
    case KETCH_KERNELS_NEON:
        return runs_neon;
    default:
        return false;
    }
}

ketch_kernels kt_cpu_best(void)
{
    ketch_kernels best = (ketch_kernels)KT_KERNELS_LAST;
    while (!kt_cpu_runs(best))
        best--;
    return best;
}

static int32_t clamp_cores(long long count)
{
    return count < 1 ? 1 : count > KT_THREADS_MAX ? KT_THREADS_MAX : (int32_t)count;
}

static int32_t affine_cores(void)
{
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return clamp_cores(CPU_COUNT(&set));
#endif
    return clamp_cores(sysconf(_SC_NPROCESSORS_ONLN));
}

/* Reads up to two numbers from a file of one line; "max" counts as -1. How many there were. */
static int read_numbers(const char *path, long long numbers[2])
{
    FILE *const file = fopen(path, "re");
    if (!file)
        return 0;
    char line[64] = "";
    char *const got = fgets(line, sizeof line, file);
    fclose(file);
    int count = 0;
    for (char *at = got, *end; at && count < 2; at = end, count++) {
        at += strspn(at, " ");
        numbers[count] = strtoll(at, &end, 10);
        if (strncmp(at, "max", 3) == 0)
            numbers[count] = -1, end = at + 3;
        if (end == at)
            break;
    }
    return count;
}

static int32_t quota_cores(long long quota, long long period)
{
    if (quota <= 0 || period <= 0)
        return KT_THREADS_MAX;
    return clamp_cores(quota / period + (quota % period != 0));
}

/* One group's limit: version 2 keeps quota and period in one file, version 1 in two. */
static int32_t group_cores(const char *group, bool unified)
{
    char path[512];
    long long quota[2] = {-1, -1}, period[2] = {-1, -1};
    snprintf(path, sizeof path, "%s/%s", group, unified ? "cpu.max" : "cpu.cfs_quota_us");
    const int count = read_numbers(path, quota);
    if (unified)
        return count == 2 ? quota_cores(quota[0], quota[1]) : KT_THREADS_MAX;
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", group);
    return count == 1 && read_numbers(path, period) ? quota_cores(quota[0], period[0])
                                                    : KT_THREADS_MAX;
}

/* The least of a group's limit and those of the groups it is in. A path that this mount does not
 * show (a container's) limits nothing; its visible ancestors do. */
static int32_t hierarchy_cores(const char *mount, const char *path, bool unified)
{
    char group[448];
    const int length = snprintf(group, sizeof group, "%s%s", mount, path);
    if (length < 0 || (size_t)length >= sizeof group)
        return KT_THREADS_MAX;
    const size_t root = strlen(mount);
    int32_t least = KT_THREADS_MAX;
    for (;;) {
        const int32_t cores = group_cores(group, unified);
        least = cores < least ? cores : least;
        char *const slash = strrchr(group + root, '/');
        if (!slash)
            return least;
        *slash = 0;
    }
}

/* A line of the membership file: "number:controllers:path". */
static int32_t line_cores(char *line, const char *mount)
{
    line[strcspn(line, "\n")] = 0;
    char *const controllers = strchr(line, ':');
    char *const path = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!path)
        return KT_THREADS_MAX;
    *path = 0;
    if (controllers[1] == 0)
        return hierarchy_cores(mount, path + 1, true);
    const bool about_cpu = strcmp(controllers + 1, "cpu") == 0 ||
                           strncmp(controllers + 1, "cpu,", 4) == 0 ||
                           strstr(controllers + 1, ",cpu,") != NULL;
    char folder[192];
    const int length = snprintf(folder, sizeof folder, "%s/cpu", mount);
    if (!about_cpu || length < 0 || (size_t)length >= sizeof folder)
        return KT_THREADS_MAX;
    return hierarchy_cores(folder, path + 1, false);
}

int32_t kt_cpu_quota(const char *membership, const char *mount)
{
    int32_t least = KT_THREADS_MAX;
    FILE *const file = fopen(membership, "re");
    if (!file)
        return least;
    char line[384];
    while (fgets(line, sizeof line, file)) {
        const int32_t cores = line_cores(line, mount);
        least = cores < least ? cores : least;
    }
    fclose(file);
    return least;
}

int32_t kt_cpu_cores(void)
{
    const int32_t affinity = affine_cores();
    const int32_t quota = kt_cpu_quota("/proc/self/cgroup", "/sys/fs/cgroup");
    return affinity < quota ? affinity : quota;
}

static double read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double kt_cpu_seconds(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

double kt_cpu_seconds_behind(void)
{
#ifdef CLOCK_MONOTONIC_COARSE
    return read_clock(CLOCK_MONOTONIC_COARSE);
#else
    return kt_cpu_seconds();
#endif
}
