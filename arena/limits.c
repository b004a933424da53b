#define _GNU_SOURCE
#include "pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The number a file begins with; UINT64_MAX for "max", for other text and for no file. */
static uint64_t read_limit(const char *path)
{
    uint64_t limit;
    FILE *const file = fopen(path, "re");
    if (!file)
        return UINT64_MAX;
    if (fscanf(file, "%" SCNu64, &limit) != 1)
        limit = UINT64_MAX;
    fclose(file);
    return limit;
}

/* The least limit in `file` of the group and of each group around it. */
static uint64_t least_upwards(const char *mount, const char *tree, const char *group,
                              const char *file)
{
    uint64_t least = UINT64_MAX;
    for (size_t end = strlen(group) + 1; end-- > 0;) {
        if (group[end] != '/' && group[end] != '\0')
            continue;
        char path[768];
        const int length =
            snprintf(path, sizeof path, "%s%s%.*s/%s", mount, tree, (int)end, group, file);
        if (length > 0 && (size_t)length < sizeof path)
            least = lesser(least, read_limit(path));
    }
    return least;
}

/* True where `word` is one of the names in a list with commas. */
static int lists_word(const char *list, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length)
        if ((at == list || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
            return 1;
    return 0;
}

/* A line is "number:controllers:group". In version 2 there are no controllers; systems that have
 * both versions mount it beside the others, as "unified". */
static uint64_t line_limit(char *line, const char *mount)
{
    line[strcspn(line, "\n")] = '\0';
    char *const controllers = strchr(line, ':');
    char *const group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group)
        return UINT64_MAX;
    *group = '\0';
    if (lists_word(controllers + 1, "memory"))
        return least_upwards(mount, "/memory", group + 1, "memory.limit_in_bytes");
    if (controllers[1] != '\0')
        return UINT64_MAX;
    return lesser(least_upwards(mount, "", group + 1, "memory.max"),
                  least_upwards(mount, "/unified", group + 1, "memory.max"));
}

uint64_t kt_pages_cgroup(const char *list, const char *mount)
{
    uint64_t least = UINT64_MAX;
    FILE *const file = fopen(list, "re");
    if (!file)
        return least;
    char line[512];
    while (fgets(line, sizeof line, file))
        least = lesser(least, line_limit(line, mount));
    fclose(file);
    return least;
}

static uint64_t physical_limit(void)
{
    const long count = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return count > 0 && size > 0 ? (uint64_t)count * (uint64_t)size : UINT64_MAX;
}

static uint64_t address_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return UINT64_MAX;
    return limit.rlim_cur;
}

uint64_t kt_pages_free(void)
{
    uint64_t available = UINT64_MAX, swap = 0;
    FILE *const file = fopen("/proc/meminfo", "re");
    if (!file)
        return available;
    char line[128];
    while (fgets(line, sizeof line, file)) {
        (void)sscanf(line, "MemAvailable: %" SCNu64, &available);
        (void)sscanf(line, "SwapFree: %" SCNu64, &swap);
    }
    fclose(file);
    return available == UINT64_MAX ? available : (available + swap) * 1024;
}

uint64_t kt_pages_limit(const char **limit)
{
    const struct {
        uint64_t size;
        const char *name;
    } limits[] = {
        {physical_limit(), "physical memory"},
        {kt_pages_cgroup("/proc/self/cgroup", "/sys/fs/cgroup"), "cgroup memory limit"},
        {address_limit(), "address space limit"},
    };
    size_t least = 0;
    for (size_t i = 1; i < sizeof limits / sizeof *limits; i++)
        if (limits[i].size < limits[least].size)
            least = i;
    *limit = limits[least].name;
    return limits[least].size;
}
