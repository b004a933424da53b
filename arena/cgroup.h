/* Control groups: the groups of this process and those around them, whose files limit it. Knows
 * version 1, version 2, and systems that have both. */
#ifndef KT_CGROUP_H
#define KT_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

/* Where the process is listed and where the groups' folders begin: "/proc/self/cgroup" and
 * "/sys/fs/cgroup" but in tests. */
typedef struct kt_cgroup_source {
    const char *list, *mount;
} kt_cgroup_source;

extern const kt_cgroup_source kt_cgroup_system;

/* Called with a group's folder. unified: version 2, whose files have other names. */
typedef void kt_cgroup_visit(const char *folder, bool unified, void *user);

/* Visits every group in which that controller ("memory", "cpu") can limit the process: its own
 * groups, and from each the groups around it, up to the root. A folder need not exist: inside a
 * container the mount may not show it. */
void kt_cgroup_walk(const kt_cgroup_source *source, const char *controller, kt_cgroup_visit *visit,
                    void *user);

/* Reads up to two numbers from the first line of folder/name; "max" and negative ones are
 * UINT64_MAX. Returns how many there were: 0 where there is no such file. */
int kt_cgroup_read(uint64_t numbers[2], const char *folder, const char *name);

#endif
