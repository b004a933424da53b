/* Catches misuse of arena memory. In a debug build unused memory is filled with a pattern, and a
 * canary lies behind the bytes that a block's holder may use; both are checked later. Under
 * address sanitizer or valgrind these bytes are out of bounds as well. In other builds this does
 * nothing. */
#ifndef KT_SEAL_H
#define KT_SEAL_H

#include "numbers.h"
#include "poison.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#ifdef KETCH_DEBUG

/* As a float or a double the junk is no number, so that what was computed from it shows. At most
 * KT_JUNK_MOST bytes are filled, so that giving back a huge block that was never written stays
 * cheap. */
enum { KT_JUNK = 0xff, KT_JUNK_MOST = 64 << 20, KT_CANARY = 64 };

static inline void kt_junk_fill(void *memory, size_t size, size_t most)
{
    memset(memory, KT_JUNK, KT_MIN(size, most));
}

static inline bool kt_junk_intact(const void *memory, size_t size, size_t most)
{
    const unsigned char *const bytes = memory;
    const size_t count = KT_MIN(size, most);
    return count == 0 || (bytes[0] == KT_JUNK && memcmp(bytes, bytes + 1, count - 1) == 0);
}

#define KT_JUNK_FILL(memory, size, most) kt_junk_fill((memory), (size), (most))
#define KT_JUNK_CHECK(memory, size, most, what) assert(kt_junk_intact(memory, size, most) && what)

#else

#define KT_JUNK_FILL(memory, size, most) ((void)0)
#define KT_JUNK_CHECK(memory, size, most, what) ((void)0)

#endif

/* Marks memory as unused. Its last user may have left parts of it poisoned. */
static inline void kt_seal(void *memory, size_t size)
{
    KT_UNPOISON(memory, size);
    KT_JUNK_FILL(memory, size, KT_JUNK_MOST);
    KT_POISON(memory, size);
}

/* Ends kt_seal. Contents unspecified. */
static inline void kt_unseal(void *memory, size_t size)
{
    KT_UNPOISON(memory, size);
    KT_DEFINED(memory, size);
    KT_JUNK_CHECK(memory, size, KT_JUNK_MOST, "a block was written after it was given back");
    KT_UNPOISON(memory, size);
}

/* Marks all but the first `used` of `size` bytes as unused. The first ones keep their contents. */
static inline void kt_seal_rest(char *memory, size_t used, size_t size)
{
    KT_JUNK_FILL(memory + used, size - used, KT_CANARY);
    KT_POISON(memory + used, size - used);
}

static inline void kt_unseal_rest(char *memory, size_t used, size_t size)
{
    KT_UNPOISON(memory + used, size - used);
    KT_DEFINED(memory + used, size - used);
    KT_JUNK_CHECK(memory + used, size - used, KT_CANARY, "a block was written beyond its end");
}

#endif
