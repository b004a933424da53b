#include "scratch.h"
#include "numbers.h"
#include "poison.h"

#include <assert.h>
#include <stdint.h>

void kt_scratch_init(kt_scratch *scratch, void *memory, size_t size)
{
    assert((uintptr_t)memory % KT_LINE == 0);
    assert(memory || size == 0);
    *scratch = (kt_scratch){.base = memory, .size = size};
    KT_POISON(scratch->base, size);
}

void *kt_scratch_take(kt_scratch *scratch, size_t size)
{
    const size_t start = kt_round_line(scratch->used);
    if (start > scratch->size || size > scratch->size - start)
        return NULL;
    scratch->used = start + size;
    scratch->peak = KT_MAX(scratch->peak, scratch->used);
    KT_UNPOISON(scratch->base + start, size);
    return scratch->base + start;
}

size_t kt_scratch_mark(const kt_scratch *scratch)
{
    return scratch->used;
}

void kt_scratch_release(kt_scratch *scratch, size_t mark)
{
    assert(mark <= scratch->used);
    KT_POISON(scratch->base + mark, scratch->used - mark);
    scratch->used = mark;
}
