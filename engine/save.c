/* Saving a run: sections go directly from the job's memory to the temporary file, the table follows
 * them, and the head, which holds the table's checksum, is written last. */
#include "save.h"
#include "hash.h"
#include "heap.h"
#include "job.h"
#include "list.h"
#include "numbers.h"
#include "replace.h"
#include "status.h"
#include <assert.h>
#include <string.h>

/* end: where the last section ends. status: the first failure, which all later calls return. */
struct ketch_writer {
    kt_replacement file;
    KT_LIST(kt_section) sections;
    uint64_t end;
    ketch_status status;
    const char *function;
    ketch_error *error;
};

/* Disk space is reserved for sections of this size and more. */
enum { RESERVE_FROM = 1 << 20 };

_Static_assert(KT_FILE_MAGIC == sizeof kt_magic, "by which files are told");

/* ---- sections ---- */

static bool name_taken(const ketch_writer *writer, const char *name)
{
    for (size_t i = 0; i < writer->sections.count; i++)
        if (strcmp(writer->sections.items[i].name, name) == 0)
            return true;
    return strncmp(name, "core.", strlen("core.")) == 0;
}

static ketch_status check_section(const ketch_writer *writer, const char *name, const void *data,
                                  uint64_t size)
{
    if (!name || (!data && size))
        return kt_fail_handle(writer->error, writer->function, name ? "data" : "name",
                              "memory of the job's save", NULL);
    if (!kt_name_valid(name, KT_SECTION_NAME - 1))
        return kt_fail(writer->error, KETCH_RANGE, writer->function, "name", name,
                       "1 to 31 of the characters a-z 0-9 . _ -", "a section has a bad name");
    if (name_taken(writer, name))
        return kt_fail(writer->error, KETCH_DUPLICATE, writer->function, "name", name, NULL,
                       "a section is written twice, or has the name of one of the library's");
    return KETCH_OK;
}

/* Writes piece by piece, and adds each piece to the checksum while it is in the cache. */
static ketch_status write_summed(ketch_writer *writer, const void *data, uint64_t size,
                                 uint64_t offset, uint64_t *sum)
{
    const char *const bytes = data;
    kt_hash running;
    kt_hash_begin(&running, 0);
    for (uint64_t done = 0; done < size; done += KT_FILE_PIECE) {
        const uint64_t piece = KT_MIN(size - done, KT_FILE_PIECE);
        kt_hash_add(&running, bytes + done, (size_t)piece);
        KT_TRY(kt_replace_write(&writer->file, bytes + done, piece, offset + done));
    }
    *sum = kt_hash_end(&running);
    return KETCH_OK;
}

/* Offsets are below the longest file, so sums of them do not wrap. */
static ketch_status reserve_section(ketch_writer *writer, uint64_t size)
{
    const uint64_t end = writer->end > UINT64_MAX - size ? UINT64_MAX : writer->end + size;
    return size >= RESERVE_FROM ? kt_replace_reserve(&writer->file, end) : KETCH_OK;
}

static ketch_status add_section(ketch_writer *writer, const char *name, const void *data,
                                uint64_t size)
{
    KT_TRY(check_section(writer, name, data, size));
    if (!KT_LIST_RESERVE(&writer->sections, 1))
        return kt_fail_heap(writer->error, writer->function);
    KT_TRY(reserve_section(writer, size));
    kt_section *const section = &writer->sections.items[writer->sections.count];
    *section = (kt_section){.offset = writer->end, .size = size};
    memcpy(section->name, name, strlen(name));
    KT_TRY(write_summed(writer, data, size, section->offset, &section->sum));
    writer->end = kt_section_end(section->offset + size);
    writer->sections.count++;
    return KETCH_OK;
}

static ketch_status write_section(ketch_writer *writer, const char *name, const void *data,
                                  uint64_t size)
{
    if (writer->status == KETCH_OK)
        writer->status = add_section(writer, name, data, size);
    return writer->status;
}

ketch_status ketch_writer_section(ketch_writer *writer, const char *name, const void *data,
                                  uint64_t size)
{
    return writer ? write_section(writer, name, data, size) : KETCH_HANDLE;
}

/* ---- the whole file ---- */

static ketch_status write_core(ketch_writer *writer, const kt_save *save)
{
    unsigned char bytes[KT_SAVED_CORE_MOST];
    const uint64_t size = kt_saved_core_encode(bytes, save->core);
    KT_TRY(write_section(writer, "core", bytes, size));
    return write_section(writer, "note", save->note, save->note_size);
}

ketch_status kt_writer_fail(ketch_writer *writer, ketch_status status, const char *argument,
                            const char *message)
{
    writer->status =
        kt_fail(writer->error, status, writer->function, argument, NULL, NULL, "%s", message);
    return writer->status;
}

/* Calls the type's save. A failure is the writer's if it had one, else the job's own. */
static ketch_status write_job(ketch_writer *writer, const kt_save *save)
{
    const ketch_status status = save->type->save(writer, save->user);
    if (writer->status != KETCH_OK || status == KETCH_OK)
        return writer->status;
    return kt_fail(writer->error, status < 0 ? status : KETCH_MISMATCH, writer->function, "job",
                   ketch_status_name(status), NULL, "the job could not be saved");
}

/* Encodes the table in place: an entry is as long on disk as in memory. */
static ketch_status write_table(ketch_writer *writer, uint64_t *sum)
{
    const size_t count = writer->sections.count;
    unsigned char *const bytes = (unsigned char *)writer->sections.items;
    for (size_t i = 0; i < count; i++) {
        const kt_section section = writer->sections.items[i];
        kt_section_encode(bytes + i * KT_ENTRY_SIZE, &section);
    }
    return write_summed(writer, bytes, count * KT_ENTRY_SIZE, writer->end, sum);
}

static ketch_status write_file_head(ketch_writer *writer, const ketch_job_type *type, uint64_t sum)
{
    kt_head head = {
        .format = KT_FORMAT,
        .size = KT_HEAD_SIZE,
        .file_size = writer->end + writer->sections.count * KT_ENTRY_SIZE,
        .ranks = 1,
        .type_version = type->version,
        .table = writer->end,
        .table_sum = sum,
    };
    memcpy(head.type, type->name, strlen(type->name));
    memcpy(head.library, ketch_version(), strlen(ketch_version()));
    unsigned char bytes[KT_HEAD_SIZE];
    kt_head_encode(bytes, &head);
    return kt_replace_write(&writer->file, bytes, sizeof bytes, 0);
}

static ketch_status write_all(ketch_writer *writer, const kt_save *save)
{
    uint64_t sum;
    KT_TRY(write_core(writer, save));
    KT_TRY(write_job(writer, save));
    KT_TRY(write_table(writer, &sum));
    return write_file_head(writer, save->type, sum);
}

static ketch_status check_save(const kt_save *save, const char *function, ketch_error *error)
{
    if (!save->path)
        return kt_fail_handle(error, function, "path", "the path of a file", NULL);
    if (!save->note && save->note_size)
        return kt_fail_handle(error, function, "note", "the note's bytes", NULL);
    if (!KT_TYPE_GET(save->type, save))
        return kt_fail(error, KETCH_OFF, function, "result", save->type->name, NULL,
                       "jobs of this type cannot be saved");
    return kt_saved_check_machine(function, error);
}

static kt_replaceable replaceable(const kt_save *save)
{
    return (kt_replaceable){
        .magic = kt_magic,
        .size = sizeof kt_magic,
        .allowed = "no file, or one of ketch's",
        .force = save->force,
    };
}

ketch_status kt_save_try(const kt_save *save, const char *function, ketch_error *error)
{
    KT_TRY(check_save(save, function, error));
    const kt_replaceable old = replaceable(save);
    return kt_replace_try(save->path, &old, function, error);
}

ketch_status kt_save_run(const kt_save *save, const char *function, ketch_error *error)
{
    assert(kt_name_valid(save->type->name, KT_TYPE_LENGTH));
    KT_TRY(check_save(save, function, error));
    const kt_replaceable old = replaceable(save);
    ketch_writer writer = {.end = KT_HEAD_SIZE, .function = function, .error = error};
    KT_TRY(kt_replace_begin(&writer.file, save->path, &old, function, error));
    const ketch_status status = write_all(&writer, save);
    kt_heap_give(writer.sections.items);
    if (status == KETCH_OK)
        return kt_replace_commit(&writer.file);
    kt_replace_abandon(&writer.file);
    return status;
}
