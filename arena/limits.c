#define _GNU_SOURCE
#include "pages.h"
#include "cgroup.h"
#include "numbers.h"

#include <sys/resource.h>
#include <unistd.h>

/* Lowers *user, a uint64_t, to the group's limit. */
static void visit_limit(const char *folder, bool unified, void *user)
{
    uint64_t *const least = user, numbers[2];
    const char *const name = unified ? "memory.max" : "memory.limit_in_bytes";
    if (kt_cgroup_read(numbers, folder, name) > 0)
        *least = KT_MIN(*least, numbers[0]);
}

uint64_t kt_pages_cgroup(const char *list, const char *mount)
{
    uint64_t least = UINT64_MAX;
    const kt_cgroup_source source = {list, mount};
    kt_cgroup_walk(&source, "memory", visit_limit, &least);
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
    return getrlimit(RLIMIT_AS, &limit) == 0 ? KT_MIN(limit.rlim_cur, SIZE_MAX) : SIZE_MAX;
}

uint64_t kt_pages_limit(const char **limit)
{
    const struct {
        uint64_t size;
        const char *name;
    } limits[] = {
        {physical_limit(), "physical memory"},
        {kt_pages_cgroup(kt_cgroup_system.list, kt_cgroup_system.mount), "cgroup memory limit"},
        {address_limit(), "address space limit"},
    };
    size_t least = 0;
    for (size_t i = 1; i < sizeof limits / sizeof *limits; i++)
        if (limits[i].size < limits[least].size)
            least = i;
    *limit = limits[least].name;
    return limits[least].size;
}

uint64_t kt_pages_budget(const char **limit)
{
    const uint64_t least_margin = UINT64_C(64) << 20;
    const uint64_t most = kt_pages_limit(limit);
    const uint64_t margin = KT_MAX(most / 16, least_margin);
    return most / 2 > margin ? most - margin : most / 2;
}
