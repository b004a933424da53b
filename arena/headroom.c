#define _GNU_SOURCE
#include "headroom.h"
#include "numbers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The longest path; a longer one has no file. */
enum { KT_PATH = 600 };

const kt_memory_source kt_memory_system = {"/proc/meminfo", "/proc/self/status", &kt_cgroup_system};

/* The names of a group's files, and of the inactive file pages in "memory.stat": version 1 and
 * version 2. */
static const struct {
    const char *limit, *usage, *inactive;
} group_files[] = {{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"},
                   {"memory.max", "memory.current", "inactive_file"}};

/* Reads the number of a line "KEY NUMBER" or "KEY: NUMBER"; false for another key. */
static bool read_entry(uint64_t *number, const char *line, const char *key)
{
    const size_t length = strlen(key);
    if (strncmp(line, key, length) != 0 || !strchr(": \t", line[length]) || !line[length])
        return false;
    return sscanf(line + length + strspn(line + length, ": \t"), "%" SCNu64, number) == 1;
}

/* Reads the numbers of these keys; the others stay as they are. Returns how many there were. */
static int read_entries(uint64_t *numbers, const char *const *keys, int count, const char *path)
{
    FILE *const file = fopen(path, "re");
    char line[256];
    int found = 0;
    while (file && found < count && fgets(line, sizeof line, file))
        for (int i = 0; i < count; i++)
            found += read_entry(&numbers[i], line, keys[i]);
    if (file)
        fclose(file);
    return found;
}

uint64_t kt_headroom_system(const kt_memory_source *source)
{
    static const char *const keys[] = {"MemAvailable", "SwapFree"};
    uint64_t kib[2] = {UINT64_MAX, 0};
    (void)read_entries(kib, keys, 2, source->free);
    return kib[0] == UINT64_MAX ? UINT64_MAX : (kib[0] + kib[1]) * 1024;
}

uint64_t kt_headroom_untouched(const kt_memory_source *source)
{
    static const char *const keys[] = {"VmData", "RssAnon", "VmSwap"};
    uint64_t kib[3];
    if (read_entries(kib, keys, 3, source->process) < 3)
        return UINT64_MAX;
    return kt_subtract_least(kib[0], kib[1] + kib[2]) * 1024;
}

/* least: the least that was found so far. */
typedef struct group_search {
    uint64_t least, enough;
} group_search;

static uint64_t inactive_pages(const char *folder, bool unified)
{
    char path[KT_PATH];
    uint64_t bytes = 0;
    snprintf(path, sizeof path, "%s/memory.stat", folder);
    (void)read_entries(&bytes, &group_files[unified].inactive, 1, path);
    return bytes;
}

static void visit_headroom(const char *folder, bool unified, void *user)
{
    group_search *const search = user;
    uint64_t limit[2], usage[2] = {0};
    if (kt_cgroup_read(limit, folder, group_files[unified].limit) == 0 || limit[0] == UINT64_MAX)
        return;
    (void)kt_cgroup_read(usage, folder, group_files[unified].usage);
    uint64_t left = kt_subtract_least(limit[0], usage[0]);
    if (left < search->enough)
        left = KT_MIN(kt_add_most(left, inactive_pages(folder, unified)), limit[0]);
    search->least = KT_MIN(search->least, left);
}

uint64_t kt_headroom_groups(const kt_memory_source *source, uint64_t enough)
{
    group_search search = {UINT64_MAX, enough};
    kt_cgroup_walk(source->groups, "memory", visit_headroom, &search);
    return search.least;
}
