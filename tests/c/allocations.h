/* Counts what the C library's allocator is asked for, in a test that includes this once. Check's
 * assertions allocate: between two looks at the count there must be none. */
#ifndef KT_TEST_ALLOCATIONS_H
#define KT_TEST_ALLOCATIONS_H

#include "sanitizers.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static uint64_t allocations;

static inline uint64_t count_allocations(void)
{
    return __atomic_load_n(&allocations, __ATOMIC_RELAXED);
}

#if !WITH_ASAN && !WITH_TSAN && defined(__GLIBC__)
#define COUNTS_ALLOCATIONS 1
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t align, size_t size);

static void note_allocation(void)
{
    __atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED);
}

void *malloc(size_t size)
{
    note_allocation();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    note_allocation();
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    note_allocation();
    return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t align, size_t size)
{
    note_allocation();
    return __libc_memalign(align, size);
}

int posix_memalign(void **memory, size_t align, size_t size)
{
    note_allocation();
    *memory = __libc_memalign(align, size);
    return *memory ? 0 : 12;
}
#else
#define COUNTS_ALLOCATIONS 0
#endif

#endif
