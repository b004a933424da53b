/* Small memory for records, names and lists. Only heap.c calls the C library's allocator. */
#ifndef KT_HEAP_H
#define KT_HEAP_H

#include "numbers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed memory aligned to 64 bytes; NULL if refused. size 0 gives a valid pointer, too. */
void *kt_heap_take(uint64_t size);
/* Grows (or shrinks) to `size`, keeping the first min(old, size) bytes; the rest is unspecified, in
 * debug builds never zero. NULL where refused, and then `memory` is as before. memory may be NULL
 * with old 0. */
void *kt_heap_grow(void *memory, size_t old, size_t size);
void kt_heap_give(void *memory);

/* Injects refusals, for tests of a debug build (--enable-debug; in other builds kt_fault_arm
 * returns false and nothing is refused). The calling thread's requests to heap and pages are
 * counted. Request number `at`, from 1, is refused; with `onwards` so are all that follow. at 0
 * disarms. */
bool kt_fault_arm(uint64_t at, bool onwards);
/* Requests made by this thread since it was last armed, and the bytes of those to the heap. */
uint64_t kt_fault_count(void);
uint64_t kt_fault_bytes(void);
/* Called by heap and pages before each request: true if it must be refused. */
bool kt_fault_now(void);

#endif
