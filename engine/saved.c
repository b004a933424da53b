/* Reading a saved run without loading it: its type, its progress, and the caller's note. */
#include "heap.h"
#include "result.h"
#include "save.h"
#include "status.h"

static const uint64_t saved_magic = 0x6b65746368736176; /* "ketchsav" */

struct ketch_saved {
    uint64_t magic;
    ketch_reader *reader;
    kt_saved_core core;
    void *note; /* NULL if it has no bytes */
    uint64_t note_size;
};

static ketch_status check_saved(const ketch_saved *saved, const char *function, ketch_error *error)
{
    if (saved && saved->magic == saved_magic)
        return KETCH_OK;
    return kt_fail_handle(error, function, "saved", "an open saved run", saved);
}

static ketch_status read_note(ketch_saved *saved, const char *function, ketch_error *error)
{
    const uint64_t size = ketch_reader_size(saved->reader, "note");
    if (size == UINT64_MAX)
        return kt_reader_fail(saved->reader, "note", "there is none", error);
    void *const note = kt_heap_take(size);
    if (!note)
        return kt_fail_heap(error, function);
    saved->note = note;
    saved->note_size = size;
    return ketch_reader_section(saved->reader, "note", note, size, error);
}

static ketch_status open_saved(ketch_saved *saved, const char *path, const char *function,
                               ketch_error *error)
{
    KT_TRY(kt_reader_open(&saved->reader, path, function, error));
    KT_TRY(kt_reader_core(saved->reader, &saved->core, error));
    return read_note(saved, function, error);
}

ketch_status ketch_saved_open(ketch_saved **saved, const char *path, ketch_error *error)
{
    if (!saved)
        return kt_fail_handle(error, __func__, "saved", "a place for the saved run", NULL);
    *saved = NULL;
    ketch_saved *const made = kt_heap_take(sizeof *made);
    if (!made)
        return kt_fail_heap(error, __func__);
    made->magic = saved_magic;
    const ketch_status status = open_saved(made, path, __func__, error);
    if (status == KETCH_OK)
        *saved = made;
    else
        ketch_saved_close(made);
    return status;
}

void ketch_saved_close(ketch_saved *saved)
{
    if (!saved || saved->magic != saved_magic)
        return;
    saved->magic = 0;
    kt_reader_close(saved->reader);
    kt_heap_give(saved->note);
    kt_heap_give(saved);
}

ketch_status ketch_saved_get_info(ketch_saved_info *info, const ketch_saved *saved,
                                  ketch_error *error)
{
    KT_TRY(check_saved(saved, __func__, error));
    const kt_head *const head = kt_reader_head(saved->reader);
    const ketch_inner *const at = &saved->core.at;
    ketch_saved_info out = {
        .size = sizeof out,
        .format = head->format,
        .type_version = head->type_version,
        .ranks = (int32_t)head->ranks,
        .ended = at->ended,
        .done = kt_steps_done(at, kt_saved_finished(&saved->core)),
        .total = at->total,
        .bytes = head->file_size,
        .note_size = saved->note_size,
    };
    kt_copy_text(out.type, sizeof out.type, head->type);
    kt_copy_text(out.library, sizeof out.library, head->library);
    return kt_write_report(info, &out, sizeof out, __func__, "info", error);
}

const void *ketch_saved_note(const ketch_saved *saved)
{
    const bool open = saved && saved->magic == saved_magic;
    return open && saved->note_size ? saved->note : NULL;
}

ketch_status kt_saved_reader(ketch_reader **reader, const ketch_saved *saved, const char *function,
                             ketch_error *error)
{
    *reader = NULL;
    KT_TRY(check_saved(saved, function, error));
    *reader = saved->reader;
    return KETCH_OK;
}
