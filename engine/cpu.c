/* What this machine offers: instruction sets, cores, time. */
#define _GNU_SOURCE
#include "cpu.h"
#include "cgroup.h"
#include "numbers.h"
#include <sched.h>
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
    return count < 1 ? 1 : count > KETCH_THREADS_MAX ? KETCH_THREADS_MAX : (int32_t)count;
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

static int32_t quota_cores(uint64_t quota, uint64_t period)
{
    if (quota == 0 || quota == UINT64_MAX || period == 0 || period == UINT64_MAX)
        return KETCH_THREADS_MAX;
    const uint64_t cores = quota / period + (quota % period != 0);
    return clamp_cores((long long)KT_MIN(cores, KETCH_THREADS_MAX));
}

/* Version 2 keeps quota and period in one file, version 1 in two. False where there is no quota. */
static bool read_quota(uint64_t quota[2], const char *folder, bool unified)
{
    if (unified)
        return kt_cgroup_read(quota, folder, "cpu.max") == 2;
    uint64_t period[2];
    if (kt_cgroup_read(quota, folder, "cpu.cfs_quota_us") == 0 ||
        kt_cgroup_read(period, folder, "cpu.cfs_period_us") == 0)
        return false;
    quota[1] = period[0];
    return true;
}

/* Lowers *user, an int32_t, to the group's quota. */
static void visit_quota(const char *folder, bool unified, void *user)
{
    int32_t *const least = user;
    uint64_t quota[2];
    if (read_quota(quota, folder, unified)) {
        const int32_t cores = quota_cores(quota[0], quota[1]);
        *least = KT_MIN(*least, cores);
    }
}

int32_t kt_cpu_quota(const char *membership, const char *mount)
{
    int32_t least = KETCH_THREADS_MAX;
    const kt_cgroup_source source = {membership, mount};
    kt_cgroup_walk(&source, "cpu", visit_quota, &least);
    return least;
}

int32_t kt_cpu_cores(void)
{
    const int32_t affinity = affine_cores();
    const int32_t quota = kt_cpu_quota(kt_cgroup_system.list, kt_cgroup_system.mount);
    return KT_MIN(affinity, quota);
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
