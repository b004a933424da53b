/* What this machine offers: instruction sets, cores, time. */
#define _GNU_SOURCE
#include "cpu.h"
#include "cgroup.h"
#include "numbers.h"
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

/* ---- kernel sets ---- */

#if defined(__x86_64__) || defined(__i386__)
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

static bool runs_always(void)
{
    return true;
}

/* Every AArch64 machine has it. */
static bool runs_neon(void)
{
#if defined(__aarch64__)
    return true;
#else
    return false;
#endif
}

/* AUTO is no set. */
static const struct {
    const char *name;
    bool (*runs)(void);
} kernel_sets[] = {[KETCH_KERNELS_AUTO] = {"auto", NULL},
                   [KETCH_KERNELS_SCALAR] = {"scalar", runs_always},
                   [KETCH_KERNELS_AVX2] = {"avx2", runs_avx2},
                   [KETCH_KERNELS_AVX512] = {"avx512", runs_avx512},
                   [KETCH_KERNELS_NEON] = {"neon", runs_neon}};

enum { SET_COUNT = sizeof kernel_sets / sizeof *kernel_sets };

ketch_kernels kt_cpu_kernels_last(void)
{
    return (ketch_kernels)(SET_COUNT - 1);
}

static bool is_known(ketch_kernels kernels)
{
    const int32_t number = (int32_t)kernels;
    return number >= 0 && number < SET_COUNT;
}

const char *kt_cpu_kernels_name(ketch_kernels kernels)
{
    return is_known(kernels) ? kernel_sets[kernels].name : "?";
}

bool kt_cpu_runs(ketch_kernels kernels)
{
    return is_known(kernels) && kernel_sets[kernels].runs && kernel_sets[kernels].runs();
}

ketch_kernels kt_cpu_best(void)
{
    ketch_kernels best = kt_cpu_kernels_last();
    while (!kt_cpu_runs(best))
        best--;
    return best;
}

/* ---- families of processors ---- */

const char *kt_cpu_family_name(kt_cpu_family family)
{
    static const char *const names[KT_FAMILIES] = {[KT_FAMILY_OTHER] = "other",
                                                   [KT_FAMILY_ZEN3] = "zen3",
                                                   [KT_FAMILY_ZEN4] = "zen4",
                                                   [KT_FAMILY_ZEN5] = "zen5",
                                                   [KT_FAMILY_INTEL_AVX512] = "intel_avx512"};
    const int32_t number = (int32_t)family;
    return number >= 0 && number < KT_FAMILIES ? names[number] : "?";
}

/* Source: Linux, arch/x86/kernel/cpu/amd.c, where it sets X86_FEATURE_ZEN3 to ZEN5. */
static kt_cpu_family amd_family(unsigned family, unsigned model)
{
    static const struct {
        unsigned family, first, last;
        kt_cpu_family is;
    } models[] = {{0x19, 0x00, 0x0f, KT_FAMILY_ZEN3}, {0x19, 0x20, 0x5f, KT_FAMILY_ZEN3},
                  {0x19, 0x10, 0x1f, KT_FAMILY_ZEN4}, {0x19, 0x60, 0xaf, KT_FAMILY_ZEN4},
                  {0x1a, 0x00, 0x2f, KT_FAMILY_ZEN5}, {0x1a, 0x40, 0x4f, KT_FAMILY_ZEN5},
                  {0x1a, 0x60, 0x7f, KT_FAMILY_ZEN5}};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (models[i].family == family && models[i].first <= model && model <= models[i].last)
            return models[i].is;
    return KT_FAMILY_OTHER;
}

kt_cpu_family kt_cpu_family_of(const char *vendor, unsigned family, unsigned model, bool has_avx512)
{
    if (strcmp(vendor, "AuthenticAMD") == 0)
        return amd_family(family, model);
    if (strcmp(vendor, "GenuineIntel") == 0 && has_avx512)
        return KT_FAMILY_INTEL_AVX512;
    return KT_FAMILY_OTHER;
}

#if defined(__x86_64__) || defined(__i386__)
kt_cpu_family kt_cpu_family_here(void)
{
    uint32_t leaf, vendor[4] = {0}, signature, unused[3];
    if (!__get_cpuid(0, &leaf, &vendor[0], &vendor[2], &vendor[1]) ||
        !__get_cpuid(1, &signature, &unused[0], &unused[1], &unused[2]))
        return KT_FAMILY_OTHER;
    const uint32_t base = signature >> 8 & 0xf;
    const uint32_t family = base == 0xf ? base + (signature >> 20 & 0xff) : base;
    const uint32_t model = (signature >> 4 & 0xf) | (signature >> 12 & 0xf0);
    return kt_cpu_family_of((const char *)vendor, family, model, runs_avx512());
}
#else
kt_cpu_family kt_cpu_family_here(void)
{
    return KT_FAMILY_OTHER;
}
#endif

/* ---- cores ---- */

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

/* Version 2 has quota and period in one file, version 1 in two. False if there is no quota. */
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

double kt_cpu_thread_seconds(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

double kt_cpu_seconds_of(pthread_t thread)
{
    clockid_t clock;
    return pthread_getcpuclockid(thread, &clock) == 0 ? read_clock(clock) : 0;
}

double kt_cpu_seconds_behind(void)
{
#ifdef CLOCK_MONOTONIC_COARSE
    return read_clock(CLOCK_MONOTONIC_COARSE);
#else
    return kt_cpu_seconds();
#endif
}
