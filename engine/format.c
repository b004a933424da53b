#include "format.h"
#include "hash.h"
#include "fields.h"
#include <assert.h>

_Static_assert(sizeof(kt_section) == KT_ENTRY_SIZE, "a table is decoded in place");

/* It has a byte that no text has, and a line's end that a transfer as text would change. */
const unsigned char kt_magic[8] = {0x89, 'k', 'e', 't', 'c', 'h', '\r', '\n'};

enum { SUM_OFFSET = 24, HEAD_ZERO = 8 };

static bool may_be_in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool kt_name_valid(const char *name, uint64_t most)
{
    uint64_t length = 0;
    while (length < most && may_be_in_name(name[length]))
        length++;
    return length > 0 && name[length] == '\0';
}

static bool all_zero_from(const char *text, uint64_t from, uint64_t size)
{
    for (uint64_t i = from; i < size; i++)
        if (text[i])
            return false;
    return true;
}

bool kt_text_padded(const char *text, uint64_t size)
{
    const char *const end = memchr(text, '\0', (size_t)size);
    return end && all_zero_from(text, (uint64_t)(end - text), size);
}

uint64_t kt_head_sum(unsigned char *bytes, uint64_t size)
{
    assert(size >= KT_HEAD_FIXED);
    memset(bytes + SUM_OFFSET, 0, sizeof(uint64_t));
    return kt_hash_of(bytes, (size_t)size);
}

void kt_head_encode(unsigned char bytes[KT_HEAD_SIZE], const kt_head *head)
{
    static const char zeros[HEAD_ZERO];
    kt_fields fields = kt_fields_of(bytes, KT_HEAD_SIZE);
    kt_put_bytes(&fields, kt_magic, sizeof kt_magic);
    kt_put_u32(&fields, head->format);
    kt_put_u32(&fields, head->size);
    kt_put_u64(&fields, head->file_size);
    kt_put_u64(&fields, 0);
    kt_put_u32(&fields, head->ranks);
    kt_put_u32(&fields, head->type_version);
    kt_put_u64(&fields, head->table);
    kt_put_u64(&fields, head->table_sum);
    kt_put_bytes(&fields, zeros, sizeof zeros);
    kt_put_bytes(&fields, head->type, sizeof head->type);
    kt_put_bytes(&fields, head->library, sizeof head->library);
    assert(kt_fields_end(&fields));
    fields = kt_fields_of(bytes + SUM_OFFSET, sizeof(uint64_t));
    kt_put_u64(&fields, kt_head_sum(bytes, KT_HEAD_SIZE));
}

void kt_head_decode_fixed(kt_head *head, const unsigned char bytes[KT_HEAD_FIXED])
{
    kt_fields fields = kt_fields_from(bytes, KT_HEAD_FIXED);
    kt_fields_next(&fields, sizeof kt_magic);
    head->format = kt_get_u32(&fields);
    head->size = kt_get_u32(&fields);
    head->file_size = kt_get_u64(&fields);
    head->sum = kt_get_u64(&fields);
    assert(kt_fields_end(&fields));
}

bool kt_head_decode(kt_head *head, const unsigned char bytes[KT_HEAD_SIZE])
{
    char zeros[HEAD_ZERO];
    kt_head_decode_fixed(head, bytes);
    kt_fields fields = kt_fields_from(bytes + KT_HEAD_FIXED, KT_HEAD_SIZE - KT_HEAD_FIXED);
    head->ranks = kt_get_u32(&fields);
    head->type_version = kt_get_u32(&fields);
    head->table = kt_get_u64(&fields);
    head->table_sum = kt_get_u64(&fields);
    kt_get_bytes(&fields, zeros, sizeof zeros);
    kt_get_bytes(&fields, head->type, sizeof head->type);
    kt_get_bytes(&fields, head->library, sizeof head->library);
    assert(kt_fields_end(&fields));
    return all_zero_from(zeros, 0, sizeof zeros) && kt_text_padded(head->type, sizeof head->type) &&
           kt_name_valid(head->type, KT_TYPE_LENGTH) &&
           kt_text_padded(head->library, sizeof head->library);
}

void kt_section_encode(unsigned char bytes[KT_ENTRY_SIZE], const kt_section *section)
{
    kt_fields fields = kt_fields_of(bytes, KT_ENTRY_SIZE);
    kt_put_bytes(&fields, section->name, sizeof section->name);
    kt_put_u64(&fields, section->offset);
    kt_put_u64(&fields, section->size);
    kt_put_u64(&fields, section->sum);
    kt_put_u64(&fields, 0);
    assert(kt_fields_end(&fields));
}

bool kt_section_decode(kt_section *section, const unsigned char bytes[KT_ENTRY_SIZE])
{
    kt_fields fields = kt_fields_from(bytes, KT_ENTRY_SIZE);
    kt_get_bytes(&fields, section->name, sizeof section->name);
    section->offset = kt_get_u64(&fields);
    section->size = kt_get_u64(&fields);
    section->sum = kt_get_u64(&fields);
    section->checked = 0;
    return kt_get_u64(&fields) == 0 && kt_text_padded(section->name, sizeof section->name) &&
           kt_name_valid(section->name, KT_SECTION_NAME - 1);
}
