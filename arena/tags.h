/* Names that blocks are counted under, with the bytes in use of each. Plain data, guarded by its
 * owner's lock; it never allocates. */
#ifndef KT_TAGS_H
#define KT_TAGS_H

#include <stdint.h>

/* The number of names that are counted separately; all further ones share the entry "other". */
enum { KT_TAGS_MAX = 32 };

/* In bytes. name: static. */
typedef struct kt_tag {
    const char *name;
    uint64_t used, peak;
} kt_tag;

/* entries[0..count-1] are in order of first use, and no two names have the same text. Zeroed memory
 * is an empty table. */
typedef struct kt_tags {
    kt_tag entries[KT_TAGS_MAX + 1];
    uint32_t count;
} kt_tags;

/* The entry of that name, which is added where it is new. name: a static text. */
uint32_t kt_tags_find(kt_tags *tags, const char *name);
void kt_tags_take(kt_tags *tags, uint32_t entry, uint64_t size);
void kt_tags_give(kt_tags *tags, uint32_t entry, uint64_t size);

#endif
