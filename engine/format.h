/* What a saved run looks like on disk. All numbers are little-endian.
 *
 *   head      192 bytes, below
 *   sections  one behind the other, each at the next multiple of 64, zeros between them
 *   table     one entry of 64 bytes for each section, at the next multiple of 64, to the end of the
 *             file: name (32 bytes, filled up with 0), offset, size, checksum, 0 (64 bits each)
 *
 * The head
 *
 *      0  8 bytes   magic
 *      8  32 bits   format: 1
 *     12  32 bits   bytes of the head
 *     16  64 bits   bytes of the file
 *     24  64 bits   checksum of the head, which is taken with zeros here
 *     32  32 bits   ranks: 1
 *     36  32 bits   version of the job's type
 *     40  64 bits   where the table begins
 *     48  64 bits   checksum of the table
 *     56  8 bytes   0
 *     64  64 bytes  name of the job's type, filled up with 0
 *    128  64 bytes  version of the library that wrote it, filled up with 0
 *
 * The first 32 bytes are the same in every format, so that a damaged file can be told from a newer
 * one. What a file says is believed after the checksum over it has been compared: the head's
 * checksum covers the table's, which covers the sections'. A checksum is kt_hash_of. The sections
 * "core" (save.h) and "note" belong to the library, and so do names that begin with "core."; all
 * others belong to the job's type. */
#ifndef KT_FORMAT_H
#define KT_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    KT_FORMAT = 1,
    KT_HEAD_FIXED = 32,
    KT_HEAD_SIZE = 192,
    /* The longest head of any format. */
    KT_HEAD_MOST = 65536,
    KT_ENTRY_SIZE = 64,
    /* Sections begin at multiples of this. */
    KT_SECTION_ALIGN = 64,
    /* Bytes of a name, its final 0 included. */
    KT_SECTION_NAME = 32,
    KT_TYPE_NAME = 64,
    KT_TYPE_LENGTH = 48,
    KT_LIBRARY_NAME = 64,
    KT_PHASE_NAME = 48
};

extern const unsigned char kt_magic[8];

typedef struct kt_head {
    uint32_t format;
    uint32_t size;
    uint64_t file_size;
    uint64_t sum;
    uint32_t ranks;
    uint32_t type_version;
    uint64_t table;
    uint64_t table_sum;
    char type[KT_TYPE_NAME];
    char library[KT_LIBRARY_NAME];
} kt_head;

/* checked: its checksum has been compared. */
typedef struct kt_section {
    char name[KT_SECTION_NAME];
    uint64_t offset;
    uint64_t size;
    uint64_t sum;
    uint64_t checked;
} kt_section;

/* size rounded up to the next multiple of KT_SECTION_ALIGN. */
static inline uint64_t kt_section_end(uint64_t size)
{
    return (size + KT_SECTION_ALIGN - 1) / KT_SECTION_ALIGN * KT_SECTION_ALIGN;
}

/* True for a text of 1 to `most` of the characters a-z 0-9 . _ - */
bool kt_name_valid(const char *name, uint64_t most);

/* True for a text of fewer than size bytes that is filled up with zeros. */
bool kt_text_padded(const char *text, uint64_t size);

/* Writes the head's bytes, and computes its checksum. */
void kt_head_encode(unsigned char bytes[KT_HEAD_SIZE], const kt_head *head);
/* Reads the bytes that are the same in every format. */
void kt_head_decode_fixed(kt_head *head, const unsigned char bytes[KT_HEAD_FIXED]);
/* Reads the rest. False if a byte that must be 0 is not, or a text has no end. */
bool kt_head_decode(kt_head *head, const unsigned char bytes[KT_HEAD_SIZE]);
/* The checksum of a head of any format. The field that holds it is set to 0 in `bytes`. */
uint64_t kt_head_sum(unsigned char *bytes, uint64_t size);

void kt_section_encode(unsigned char bytes[KT_ENTRY_SIZE], const kt_section *section);
/* False if the name is not valid, or a byte that must be 0 is not. */
bool kt_section_decode(kt_section *section, const unsigned char bytes[KT_ENTRY_SIZE]);

#endif
