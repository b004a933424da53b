/* Small memory: records, names, lists. The only door to the C library's allocator. */
#ifndef KT_HEAP_H
#define KT_HEAP_H

#include "numbers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed memory aligned to 64 bytes, NULL where refused. size 0 gives a valid pointer too. */
void *kt_heap_take(size_t size);
/* Grows (or shrinks) to `size`, keeping the first min(old, size) bytes and zeroing the rest; NULL
 * where refused, and then `memory` is as before. memory may be NULL with old 0. */
void *kt_heap_grow(void *memory, size_t old, size_t size);
void kt_heap_give(void *memory);

/* Refusals on purpose, for tests of a debug build (--enable-debug; elsewhere kt_fault_arm returns
 * false and nothing is refused). Counts the calling thread's requests to heap and pages: request
 * number `at` (from 1) is refused, and all after it too where `onwards`. at 0 disarms. */
bool kt_fault_arm(uint64_t at, bool onwards);
/* Requests made by this thread since it was last armed, and the bytes of those to the heap. */
uint64_t kt_fault_count(void);
uint64_t kt_fault_bytes(void);
/* Asked by heap and pages before each request: true to refuse. */
bool kt_fault_now(void);

#endif
