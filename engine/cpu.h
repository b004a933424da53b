/* What this machine offers: kernel sets and cores. Asked once per engine or program. */
#ifndef KT_CPU_H
#define KT_CPU_H

#include "ketch/core.h"
#include <stdbool.h>

enum { KT_KERNELS_LAST = KETCH_KERNELS_NEON };

bool kt_cpu_runs(ketch_kernels kernels);
ketch_kernels kt_cpu_best(void);
/* Cores this process may use: min(affinity, cgroup quota rounded up), 1..KETCH_THREADS_MAX. */
int32_t kt_cpu_cores(void);
/* CPUs' worth of time that control groups allow, rounded up; KETCH_THREADS_MAX where none limits.
 * membership: "/proc/self/cgroup"; mount: "/sys/fs/cgroup". */
int32_t kt_cpu_quota(const char *membership, const char *mount);
/* Monotonic seconds. */
double kt_cpu_seconds(void);
/* The same, but behind by up to KT_CPU_BEHIND, a tick of the system's clock: for a small part of
 * the price. */
double kt_cpu_seconds_behind(void);
#define KT_CPU_BEHIND 0.01

#endif
