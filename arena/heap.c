#include "heap.h"

#include <stdlib.h>
#include <string.h>

#ifdef KETCH_DEBUG

static _Thread_local struct {
    uint64_t at, count, bytes;
    bool onwards;
} thread_faults;

bool kt_fault_arm(uint64_t at, bool onwards)
{
    thread_faults.at = at;
    thread_faults.count = 0;
    thread_faults.bytes = 0;
    thread_faults.onwards = onwards;
    return true;
}

uint64_t kt_fault_count(void)
{
    return thread_faults.count;
}

uint64_t kt_fault_bytes(void)
{
    return thread_faults.bytes;
}

static void count_bytes(uint64_t size)
{
    thread_faults.bytes += size;
}

/* Fills memory that nobody may rely on, otherwise each time, and never with zeros. */
static void soil(void *memory, size_t size)
{
    memset(memory, (int)(1 + thread_faults.count % 255), size);
}

bool kt_fault_now(void)
{
    const uint64_t at = thread_faults.at;
    const uint64_t number = ++thread_faults.count;
    return at && (number == at || (thread_faults.onwards && number > at));
}

#else

bool kt_fault_arm(uint64_t at, bool onwards)
{
    (void)at;
    (void)onwards;
    return false;
}

uint64_t kt_fault_count(void)
{
    return 0;
}

uint64_t kt_fault_bytes(void)
{
    return 0;
}

static inline void count_bytes(uint64_t size)
{
    (void)size;
}

static inline void soil(void *memory, size_t size)
{
    (void)memory;
    (void)size;
}

bool kt_fault_now(void)
{
    return false;
}

#endif

/* Contents unspecified. Sizes are rounded to whole cache lines, so that no two blocks share one. */
static void *take_lines(uint64_t size)
{
    count_bytes(size);
    if (size > PTRDIFF_MAX - KT_LINE || kt_fault_now())
        return NULL;
    return aligned_alloc(KT_LINE, size ? kt_round_line((size_t)size) : KT_LINE);
}

void *kt_heap_take(uint64_t size)
{
    void *const memory = take_lines(size);
    if (memory && size)
        memset(memory, 0, (size_t)size);
    return memory;
}

/* realloc would not keep the alignment. */
void *kt_heap_grow(void *memory, size_t old, size_t size)
{
    char *const grown = take_lines(size);
    if (!grown)
        return NULL;
    const size_t kept = KT_MIN(old, size);
    if (memory && kept)
        memcpy(grown, memory, kept);
    soil(grown + kept, size - kept);
    free(memory);
    return grown;
}

void kt_heap_give(void *memory)
{
    free(memory);
}
