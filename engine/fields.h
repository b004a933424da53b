/* Numbers in a section of a file: 64 bits each, lowest byte first, whatever the machine. */
#ifndef KT_FIELDS_H
#define KT_FIELDS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Memory that is written or read from `at` on. failed: a call went past the end; it touched nothing
 * there, and a number that was read is 0. */
typedef struct kt_fields {
    unsigned char *at;
    const unsigned char *end;
    bool failed;
} kt_fields;

static inline kt_fields kt_fields_of(void *memory, uint64_t size)
{
    unsigned char *const bytes = memory;
    return (kt_fields){.at = bytes, .end = bytes + size};
}

/* Fields for reading. */
static inline kt_fields kt_fields_from(const void *memory, uint64_t size)
{
    return kt_fields_of((void *)memory, size);
}

/* The next size bytes; NULL if there are fewer. */
static inline unsigned char *kt_fields_next(kt_fields *fields, uint64_t size)
{
    if (fields->failed || (uint64_t)(fields->end - fields->at) < size) {
        fields->failed = true;
        return NULL;
    }
    unsigned char *const bytes = fields->at;
    fields->at += size;
    return bytes;
}

static inline void kt_put_bytes(kt_fields *fields, const void *data, uint64_t size)
{
    unsigned char *const bytes = kt_fields_next(fields, size);
    if (bytes && size)
        memcpy(bytes, data, (size_t)size);
}

static inline void kt_put_number(kt_fields *fields, uint64_t value, int size)
{
    unsigned char *const bytes = kt_fields_next(fields, (uint64_t)size);
    for (int i = 0; bytes && i < size; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
}

static inline void kt_put_u32(kt_fields *fields, uint32_t value)
{
    kt_put_number(fields, value, 4);
}

static inline void kt_put_u64(kt_fields *fields, uint64_t value)
{
    kt_put_number(fields, value, 8);
}

/* Writes the bits of a double. */
static inline void kt_put_double(kt_fields *fields, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    kt_put_u64(fields, bits);
}

/* Reads bytes; zeros if there are fewer. */
static inline void kt_get_bytes(kt_fields *fields, void *data, uint64_t size)
{
    const unsigned char *const bytes = kt_fields_next(fields, size);
    if (bytes && size)
        memcpy(data, bytes, (size_t)size);
    else if (size)
        memset(data, 0, (size_t)size);
}

static inline uint64_t kt_get_number(kt_fields *fields, int size)
{
    const unsigned char *const bytes = kt_fields_next(fields, (uint64_t)size);
    uint64_t value = 0;
    for (int i = 0; bytes && i < size; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static inline uint32_t kt_get_u32(kt_fields *fields)
{
    return (uint32_t)kt_get_number(fields, 4);
}

static inline uint64_t kt_get_u64(kt_fields *fields)
{
    return kt_get_number(fields, 8);
}

static inline double kt_get_double(kt_fields *fields)
{
    const uint64_t bits = kt_get_u64(fields);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* True if no call went past the end and nothing is left over. */
static inline bool kt_fields_end(const kt_fields *fields)
{
    return !fields->failed && fields->at == fields->end;
}

#endif
