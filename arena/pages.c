#define _GNU_SOURCE
#include "pages.h"
#include "heap.h"

#include <assert.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/* Older system headers lack these. Older kernels refuse the calls, which is harmless. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

static size_t page_size(void)
{
    return (size_t)getpagesize();
}

/* The size of the inaccessible memory behind each mapping. */
static size_t guard_size(void)
{
#ifdef KETCH_DEBUG
    return page_size();
#else
    return 0;
#endif
}

static size_t map_unit(size_t size)
{
    return size >= KT_HUGE ? (size_t)KT_HUGE : page_size();
}

size_t kt_pages_round(size_t size)
{
    const size_t unit = map_unit(size);
    const size_t units = size ? (size - 1) / unit + 1 : 1;
    size_t rounded;
    return kt_mul(&rounded, units, unit) ? rounded : 0;
}

/* NULL where refused. */
static char *map_anywhere(size_t size, int flags)
{
    void *const memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* Maps more, and unmaps what is not needed to begin at a multiple of unit. NULL where refused. */
static char *map_and_trim(size_t size, size_t unit)
{
    const size_t slack = unit - page_size();
    size_t total;
    if (__builtin_add_overflow(size, slack, &total))
        return NULL;
    char *const start = map_anywhere(total, 0);
    if (!start)
        return NULL;
    const size_t head = (unit - (uintptr_t)start % unit) % unit;
    if (head)
        munmap(start, head);
    if (slack > head)
        munmap(start + head + size, slack - head);
    return start + head;
}

/* At a multiple of KT_HUGE, where newer kernels put it anyway. NULL where refused. */
static char *map_huge(size_t size)
{
    char *const memory = map_anywhere(size, 0);
    if (!memory || (uintptr_t)memory % KT_HUGE == 0)
        return memory;
    munmap(memory, size);
    return map_and_trim(size, KT_HUGE);
}

/* Makes the end of a mapping inaccessible; false where refused. */
static bool protect_guard(char *end)
{
    return guard_size() == 0 || mprotect(end, guard_size(), PROT_NONE) == 0;
}

/* These calls are hints: their failures change nothing but speed. */
static void advise_system(void *memory, size_t size, const char *name)
{
#ifdef MADV_HUGEPAGE
    (void)madvise(memory, size, MADV_HUGEPAGE);
#endif
#ifdef MADV_DONTDUMP
    (void)madvise(memory, size, MADV_DONTDUMP);
#endif
#ifdef __linux__
    (void)prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, memory, size, name);
#else
    (void)name;
#endif
}

void *kt_pages_map(size_t size, const char *name)
{
    assert(size && size == kt_pages_round(size));
    size_t total;
    if (kt_fault_now() || __builtin_add_overflow(size, guard_size(), &total))
        return NULL;
    const bool huge = size >= KT_HUGE;
    char *const memory = huge ? map_huge(total) : map_anywhere(total, MAP_POPULATE);
    if (!memory)
        return NULL;
    if (!protect_guard(memory + size)) {
        munmap(memory, total);
        return NULL;
    }
    if (huge)
        advise_system(memory, size, name);
    return memory;
}

void kt_pages_touch(void *memory, size_t size)
{
    (void)madvise(memory, size, MADV_POPULATE_WRITE);
}

void kt_pages_unmap(void *memory, size_t size)
{
    if (memory)
        munmap(memory, size + guard_size());
}

const int32_t *kt_pages_mark(void)
{
#ifdef MADV_WIPEONFORK
    int32_t *const mark =
        mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mark == MAP_FAILED)
        return NULL;
    /* An emulator may accept every advice and follow none; such a one accepts this number, too. */
    const int nonsense = -1;
    if (madvise(mark, page_size(), nonsense) != 0 &&
        madvise(mark, page_size(), MADV_WIPEONFORK) == 0) {
        *mark = 1;
        return mark;
    }
    munmap(mark, page_size());
#endif
    return NULL;
}

void kt_pages_unmark(const int32_t *mark)
{
    if (mark)
        munmap((void *)mark, page_size());
}
