/* How much memory the process can still get, read from the system's files. What other processes
 * were granted and have not touched yet is in no file. */
#ifndef KT_HEADROOM_H
#define KT_HEADROOM_H

#include "cgroup.h"

#include <stdint.h>

/* Where the system says it: "/proc/meminfo", "/proc/self/status" and the control groups' files but
 * in tests. */
typedef struct kt_memory_source {
    const char *free, *process;
    const kt_cgroup_source *groups;
} kt_memory_source;

extern const kt_memory_source kt_memory_system;

/* The bytes that the system could give to all processes now, swap included; UINT64_MAX if it does
 * not say. */
uint64_t kt_headroom_system(const kt_memory_source *source);
/* The least that a control group, of the process's own and those around them, has left: limit minus
 * usage, and its inactive file pages, which the kernel drops. These are read only for groups that
 * have less than `enough` without them. UINT64_MAX where no group has a limit. */
uint64_t kt_headroom_groups(const kt_memory_source *source, uint64_t enough);
/* The writable private memory that the process has mapped and not touched; UINT64_MAX if the system
 * does not say. */
uint64_t kt_headroom_untouched(const kt_memory_source *source);

#endif
