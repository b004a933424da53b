/* A stack of memory inside a block: take pushes, release pops to a mark. For one thread. */
#ifndef KT_SCRATCH_H
#define KT_SCRATCH_H

#include <stddef.h>

/* used <= size; everything below used is taken. Under address sanitizer the rest is out of bounds
 * until the memory is given back, so it should come from an arena or the heap. */
typedef struct kt_scratch {
    char *base;
    size_t size, used, peak;
} kt_scratch;

void kt_scratch_init(kt_scratch *scratch, void *memory, size_t size);
/* Aligned to 64 bytes; NULL where it does not fit. Contents unspecified. */
void *kt_scratch_take(kt_scratch *scratch, size_t size);
size_t kt_scratch_mark(const kt_scratch *scratch);
void kt_scratch_release(kt_scratch *scratch, size_t mark);

#endif
