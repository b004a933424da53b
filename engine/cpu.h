/* What this machine offers: kernel sets and cores. Asked once per engine or program. */
#ifndef KT_CPU_H
#define KT_CPU_H

#include "ketch/core.h"
#include <pthread.h>
#include <stdbool.h>

/* The last ketch_kernels there is. */
ketch_kernels kt_cpu_kernels_last(void);
/* Its name, "?" for a number that is no ketch_kernels. */
const char *kt_cpu_kernels_name(ketch_kernels kernels);
bool kt_cpu_runs(ketch_kernels kernels);
ketch_kernels kt_cpu_best(void);

/* Processors that behave alike, as far as it matters for which plan is the fastest. */
typedef enum kt_cpu_family {
    KT_FAMILY_OTHER,
    KT_FAMILY_ZEN3,
    KT_FAMILY_ZEN4,
    KT_FAMILY_ZEN5,
    KT_FAMILY_INTEL_AVX512,
    KT_FAMILIES
} kt_cpu_family;

/* Its name in lower case, as in the enumerator. */
const char *kt_cpu_family_name(kt_cpu_family family);
/* The family of this machine's processor. Nothing that bits depend on may use it unless the caller
 * asks for it. */
kt_cpu_family kt_cpu_family_here(void);
/* The family of an x86 processor by vendor, family and model as CPUID reports them. */
kt_cpu_family kt_cpu_family_of(const char *vendor, unsigned family, unsigned model,
                               bool has_avx512);

/* Cores this process may use: min(affinity, cgroup quota rounded up), 1..KETCH_THREADS_MAX. */
int32_t kt_cpu_cores(void);
/* The number of cores whose time control groups allow, rounded up; KETCH_THREADS_MAX if none limits
 * it. membership: "/proc/self/cgroup"; mount: "/sys/fs/cgroup". */
int32_t kt_cpu_quota(const char *membership, const char *mount);
/* Monotonic seconds. */
double kt_cpu_seconds(void);
/* Seconds of processor time that the calling thread has used, or another thread that has not been
 * joined. Cost: a call to the system. */
double kt_cpu_thread_seconds(void);
double kt_cpu_seconds_of(pthread_t thread);
/* Monotonic seconds, late by up to KT_CPU_BEHIND, a tick of the system's clock; the call is much
 * cheaper. */
double kt_cpu_seconds_behind(void);
#define KT_CPU_BEHIND 0.01

#endif
