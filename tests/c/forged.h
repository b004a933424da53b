/* Saved runs that nobody saved: numbers of a file are replaced, and its checksums made right. */
#ifndef KT_TEST_FORGED_H
#define KT_TEST_FORGED_H

#include "saves.h"

static inline uint64_t forged_number(const contents *file, uint64_t offset)
{
    kt_fields fields = kt_fields_from(file->data + offset, 8);
    return kt_get_u64(&fields);
}

static inline void forge_number(contents *file, uint64_t offset, uint64_t value)
{
    kt_fields fields = kt_fields_of(file->data + offset, 8);
    kt_put_u64(&fields, value);
}

/* The section's entry in the table. */
static inline uint64_t forged_entry(const contents *file, const char *name)
{
    uint64_t at = forged_number(file, 40);
    while (strcmp((const char *)file->data + at, name) != 0) {
        at += KT_ENTRY_SIZE;
        ck_assert_uint_lt(at, file->size);
    }
    return at;
}

/* Where the section begins. */
static inline uint64_t forged_place(const contents *file, const char *name)
{
    return forged_number(file, forged_entry(file, name) + 32);
}

/* Makes the checksums right again. */
static inline void forge_sums(contents *file)
{
    const uint64_t table = forged_number(file, 40);
    for (uint64_t at = table; at < file->size; at += KT_ENTRY_SIZE) {
        const uint64_t begin = forged_number(file, at + 32), size = forged_number(file, at + 40);
        forge_number(file, at + 48, kt_hash_of(file->data + begin, size));
    }
    forge_number(file, 48, kt_hash_of(file->data + table, file->size - table));
    forge_number(file, 24, kt_head_sum(file->data, KT_HEAD_SIZE));
}

#endif
