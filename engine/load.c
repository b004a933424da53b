/* Reading a saved run: first the head, which holds the table's checksum; then the table, which
 * holds the sections' checksums; then each section when it is asked for, directly into the caller's
 * memory. */
#include "file.h"
#include "hash.h"
#include "heap.h"
#include "numbers.h"
#include "save.h"
#include "status.h"
#include <assert.h>
#include <string.h>

struct ketch_reader {
    kt_file file;
    kt_head head;
    kt_section *sections;
    uint64_t count;
};

/* ---- failures ---- */

static ketch_status fail_damaged(const ketch_reader *reader, const char *section, kt_text found,
                                 kt_text expected, ketch_error *error)
{
    return kt_fail(error, KETCH_CORRUPT, reader->file.function, "path", found.text, expected.text,
                   "%s is damaged in its section \"%s\"", reader->file.path.text, section);
}

static ketch_status fail_sum(const ketch_reader *reader, const char *section, uint64_t found,
                             uint64_t expected, ketch_error *error)
{
    return fail_damaged(reader, section,
                        kt_format("the checksum %016llx", (unsigned long long)found),
                        kt_format("%016llx", (unsigned long long)expected), error);
}

static ketch_status fail_length(const ketch_reader *reader, const char *section, uint64_t found,
                                uint64_t expected, ketch_error *error)
{
    return fail_damaged(reader, section, kt_format("%llu bytes", (unsigned long long)found),
                        kt_format("%llu", (unsigned long long)expected), error);
}

ketch_status kt_reader_fail(const ketch_reader *reader, const char *section, const char *reason,
                            ketch_error *error)
{
    return kt_fail(error, KETCH_CORRUPT, reader->file.function, "path", NULL, NULL,
                   "%s makes no sense in its section \"%s\": %s", reader->file.path.text, section,
                   reason);
}

static ketch_status fail_stranger(const ketch_reader *reader, ketch_error *error)
{
    return kt_fail(error, KETCH_FORMAT, reader->file.function, "path", "a file of another kind",
                   "a saved run", "%s was not written by ketch", reader->file.path.text);
}

static ketch_status fail_newer(const ketch_reader *reader, const char *what, uint64_t given,
                               uint64_t known, ketch_error *error)
{
    return kt_fail(error, KETCH_VERSION, reader->file.function, "path",
                   kt_format("%llu", (unsigned long long)given).text,
                   kt_format("up to %llu", (unsigned long long)known).text,
                   "%s has a newer %s than is known here", reader->file.path.text, what);
}

/* ---- head and table ---- */

/* Reads the first bytes, which are the same in every format. */
static ketch_status read_fixed(ketch_reader *reader, ketch_error *error)
{
    unsigned char bytes[KT_HEAD_FIXED] = {0};
    const uint64_t size = reader->file.size;
    const uint64_t there = KT_MIN(size, sizeof bytes);
    KT_TRY(kt_file_read(&reader->file, bytes, there, 0, error));
    if (there < sizeof kt_magic || memcmp(bytes, kt_magic, sizeof kt_magic) != 0)
        return fail_stranger(reader, error);
    kt_head_decode_fixed(&reader->head, bytes);
    const uint64_t wanted = reader->head.size;
    if (there < sizeof bytes || wanted > size)
        return fail_length(reader, "head", size, KT_MAX(wanted, KT_HEAD_SIZE), error);
    if (wanted < KT_HEAD_FIXED || wanted > KT_HEAD_MOST)
        return fail_length(reader, "head", wanted, KT_HEAD_SIZE, error);
    return KETCH_OK;
}

/* If the head is undamaged, the file must have the length that it says. */
static ketch_status check_head(ketch_reader *reader, unsigned char *bytes, ketch_error *error)
{
    kt_head *const head = &reader->head;
    const uint64_t found = kt_head_sum(bytes, head->size);
    if (found != head->sum)
        return fail_sum(reader, "head", found, head->sum, error);
    if (head->format > KT_FORMAT)
        return fail_newer(reader, "format", head->format, KT_FORMAT, error);
    if (head->format != KT_FORMAT || head->size != KT_HEAD_SIZE || !kt_head_decode(head, bytes) ||
        head->ranks == 0)
        return kt_reader_fail(reader, "head", "it is no head of that format", error);
    if (head->ranks != 1)
        return kt_fail(error, KETCH_VERSION, reader->file.function, "path",
                       kt_format("%u ranks", head->ranks).text, "1",
                       "%s was saved by a run of several processes", reader->file.path.text);
    if (head->file_size != reader->file.size)
        return fail_length(reader, "table", reader->file.size, head->file_size, error);
    return KETCH_OK;
}

static ketch_status read_head(ketch_reader *reader, ketch_error *error)
{
    KT_TRY(read_fixed(reader, error));
    unsigned char *const bytes = kt_heap_take(reader->head.size);
    if (!bytes)
        return kt_fail_heap(error, reader->file.function);
    ketch_status status = kt_file_read(&reader->file, bytes, reader->head.size, 0, error);
    if (status == KETCH_OK)
        status = check_head(reader, bytes, error);
    kt_heap_give(bytes);
    return status;
}

/* True if the sections fill the file from the head to the table, in order. The table begins where a
 * section can, so none ends behind its begin. */
static bool tiles_file(const ketch_reader *reader)
{
    uint64_t next = KT_HEAD_SIZE;
    for (uint64_t i = 0; i < reader->count; i++) {
        const kt_section *const section = &reader->sections[i];
        if (section->offset != next || section->size > reader->head.table - next)
            return false;
        next = kt_section_end(section->offset + section->size);
    }
    return next == reader->head.table;
}

static kt_section *find_saved(const ketch_reader *reader, const char *name)
{
    for (uint64_t i = 0; name && i < reader->count; i++)
        if (strcmp(reader->sections[i].name, name) == 0)
            return &reader->sections[i];
    return NULL;
}

/* Decodes the table in place: an entry is as long on disk as in memory. */
static bool decode_table(ketch_reader *reader)
{
    for (uint64_t i = 0; i < reader->count; i++) {
        unsigned char bytes[KT_ENTRY_SIZE];
        memcpy(bytes, &reader->sections[i], sizeof bytes);
        if (!kt_section_decode(&reader->sections[i], bytes) ||
            find_saved(reader, reader->sections[i].name) != &reader->sections[i])
            return false;
    }
    return tiles_file(reader);
}

static ketch_status read_table(ketch_reader *reader, ketch_error *error)
{
    const kt_head *const head = &reader->head;
    const uint64_t size = head->file_size - head->table;
    if (head->table < KT_HEAD_SIZE || head->table > head->file_size || size % KT_ENTRY_SIZE ||
        head->table % KT_SECTION_ALIGN)
        return kt_reader_fail(reader, "table", "it is not where a table can be", error);
    reader->sections = kt_heap_take(size);
    if (!reader->sections)
        return kt_fail_heap(error, reader->file.function);
    KT_TRY(kt_file_read(&reader->file, reader->sections, size, head->table, error));
    const uint64_t found = kt_hash_of(reader->sections, (size_t)size);
    if (found != head->table_sum)
        return fail_sum(reader, "table", found, head->table_sum, error);
    reader->count = size / KT_ENTRY_SIZE;
    if (!decode_table(reader))
        return kt_reader_fail(reader, "table", "its sections do not make up the file", error);
    return KETCH_OK;
}

static ketch_status open_reader(ketch_reader *reader, const char *path, const char *function,
                                ketch_error *error)
{
    KT_TRY(kt_file_open(&reader->file, path, function, error));
    KT_TRY(read_head(reader, error));
    return read_table(reader, error);
}

ketch_status kt_reader_open(ketch_reader **reader, const char *path, const char *function,
                            ketch_error *error)
{
    *reader = NULL;
    if (!path)
        return kt_fail_handle(error, function, "path", "the path of a file", NULL);
    KT_TRY(kt_saved_check_machine(function, error));
    ketch_reader *const made = kt_heap_take(sizeof *made);
    if (!made)
        return kt_fail_heap(error, function);
    made->file.descriptor = -1;
    const ketch_status status = open_reader(made, path, function, error);
    if (status == KETCH_OK)
        *reader = made;
    else
        kt_reader_close(made);
    return status;
}

void kt_reader_close(ketch_reader *reader)
{
    if (!reader)
        return;
    kt_file_close(&reader->file);
    kt_heap_give(reader->sections);
    kt_heap_give(reader);
}

const kt_head *kt_reader_head(const ketch_reader *reader)
{
    return &reader->head;
}

ketch_status kt_reader_check_type(const ketch_reader *reader, const ketch_job_type *type,
                                  ketch_error *error)
{
    const kt_head *const head = &reader->head;
    if (strcmp(head->type, type->name) != 0)
        return kt_fail(error, KETCH_FORMAT, reader->file.function, "path", head->type, type->name,
                       "%s holds a run of another type", reader->file.path.text);
    if (head->type_version > type->version)
        return fail_newer(reader, "version of its job's sections", head->type_version,
                          type->version, error);
    return KETCH_OK;
}

/* ---- sections ---- */

/* Checks the bytes between a section and the next: fewer than a section's alignment, all 0. */
static ketch_status check_padding(const ketch_reader *reader, const kt_section *section,
                                  ketch_error *error)
{
    unsigned char bytes[KT_SECTION_ALIGN];
    const uint64_t end = section->offset + section->size;
    const uint64_t size = kt_section_end(end) - end;
    KT_TRY(kt_file_read(&reader->file, bytes, size, end, error));
    for (uint64_t i = 0; i < size; i++)
        if (bytes[i])
            return kt_reader_fail(reader, section->name, "it is not followed by zeros", error);
    return KETCH_OK;
}

/* Reads piece by piece, and adds each piece to the checksum while it is in the cache. The pieces go
 * into data with `keep`, else each replaces the one before. */
static ketch_status read_summed(const ketch_reader *reader, const kt_section *section, void *data,
                                bool keep, ketch_error *error)
{
    char *const bytes = data;
    kt_hash running;
    kt_hash_begin(&running, 0);
    for (uint64_t done = 0; done < section->size; done += KT_FILE_PIECE) {
        const uint64_t piece = KT_MIN(section->size - done, KT_FILE_PIECE);
        char *const to = keep ? bytes + done : bytes;
        KT_TRY(kt_file_read(&reader->file, to, piece, section->offset + done, error));
        kt_hash_add(&running, to, (size_t)piece);
    }
    const uint64_t found = kt_hash_end(&running);
    if (found != section->sum)
        return fail_sum(reader, section->name, found, section->sum, error);
    return check_padding(reader, section, error);
}

uint64_t ketch_reader_size(const ketch_reader *reader, const char *name)
{
    const kt_section *const section = reader ? find_saved(reader, name) : NULL;
    return section ? section->size : UINT64_MAX;
}

ketch_status ketch_reader_section(ketch_reader *reader, const char *name, void *data, uint64_t size,
                                  ketch_error *error)
{
    if (!reader || !name || (!data && size))
        return kt_fail_handle(error, __func__,
                              !reader ? "reader"
                              : !name ? "name"
                                      : "data",
                              "what load was given, a name and memory", NULL);
    kt_section *const section = find_saved(reader, name);
    if (!section)
        return kt_fail(error, KETCH_CORRUPT, reader->file.function, "path", NULL, NULL,
                       "%s has no section \"%.31s\"", reader->file.path.text, name);
    if (section->size != size)
        return fail_length(reader, section->name, section->size, size, error);
    KT_TRY(read_summed(reader, section, data, true, error));
    section->checked = 1;
    return KETCH_OK;
}

ketch_status kt_reader_core(ketch_reader *reader, kt_saved_core *core, ketch_error *error)
{
    unsigned char bytes[KT_SAVED_CORE_MOST];
    const uint64_t size = ketch_reader_size(reader, "core");
    const uint64_t wanted = KT_MIN(size, sizeof bytes);
    KT_TRY(ketch_reader_section(reader, "core", bytes, wanted, error));
    if (!kt_saved_core_decode(core, bytes, wanted))
        return kt_reader_fail(reader, "core", "no run stands where it says", error);
    return KETCH_OK;
}

static ketch_status check_section_at(const ketch_reader *reader, const kt_section *section,
                                     ketch_error *error)
{
    const uint64_t size = KT_MIN(section->size, KT_FILE_PIECE);
    void *const piece = kt_heap_take(size);
    if (!piece)
        return kt_fail_heap(error, reader->file.function);
    const ketch_status status = read_summed(reader, section, piece, false, error);
    kt_heap_give(piece);
    return status;
}

ketch_status kt_reader_check_rest(ketch_reader *reader, ketch_error *error)
{
    for (uint64_t i = 0; i < reader->count; i++) {
        kt_section *const section = &reader->sections[i];
        if (!section->checked)
            KT_TRY(check_section_at(reader, section, error));
        section->checked = 1;
    }
    return KETCH_OK;
}
