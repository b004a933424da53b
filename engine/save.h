/* Runs in files: saving one, loading one, and what of it belongs to the core. The format:
 * format.h. */
#ifndef KT_SAVE_H
#define KT_SAVE_H

#include "format.h"
#include "ketch/core.h"

/* Where a run is, apart from what its job holds. clean: nothing was tried since the last fence.
 * open: the open indices of the open sweep, ascending; those below at.next that are not among them
 * are finished. phase: cut where it is too long; empty where the job has not named one. Of the
 * report, what the machine had to do with is not kept: memory and maps. */
typedef struct kt_saved_core {
    ketch_status status;
    int32_t hook;
    int32_t clean;
    int32_t open_count;
    ketch_inner at;
    char phase[KT_PHASE_NAME];
    uint64_t number;
    uint64_t open[KETCH_THREADS_MAX];
    ketch_report report;
} kt_saved_core;

enum {
    KT_SAVED_CORE_SIZE = 24 * 8 + KT_PHASE_NAME,
    KT_SAVED_CORE_MOST = KT_SAVED_CORE_SIZE + 8 * KETCH_THREADS_MAX
};

/* The section "core"; returns its size. Of a sweep that is not open nothing is kept. */
uint64_t kt_saved_core_encode(unsigned char bytes[KT_SAVED_CORE_MOST], const kt_saved_core *core);
/* False where the numbers make no sense together: no run stands there. */
bool kt_saved_core_decode(kt_saved_core *core, const void *bytes, uint64_t size);

/* OFF on a machine that stores the highest byte first. */
ketch_status kt_saved_check_machine(const char *function, ketch_error *error);

/* ---- saving ---- */

/* What goes into a file: the core's numbers, what type->save writes of user, and a caller's note.
 * force: whatever file is there is replaced. */
typedef struct kt_save {
    const char *path;
    bool force;
    const ketch_job_type *type;
    const void *user;
    const kt_saved_core *core;
    const void *note;
    uint64_t note_size;
} kt_save;

/* Whether a run could be saved there as things are: everything is checked that can be before it is
 * written, and a temporary file made and removed. core and user are not looked at. */
ketch_status kt_save_try(const kt_save *save, const char *function, ketch_error *error);
/* Replaces the file as a whole, or leaves it as it was: see kt_replace_commit for the one
 * exception. OFF where the type has no save; IO, FORMAT, MEMORY; what type->save returned. */
ketch_status kt_save_run(const kt_save *save, const char *function, ketch_error *error);

/* ---- loading ---- */

/* Opens a file and checks its head and its table: IO, FORMAT, VERSION, CORRUPT, MEMORY. Until the
 * head's checksum holds, no more memory is taken than the file has bytes. */
ketch_status kt_reader_open(ketch_reader **reader, const char *path, const char *function,
                            ketch_error *error);
/* Accepts NULL. */
void kt_reader_close(ketch_reader *reader);
const kt_head *kt_reader_head(const ketch_reader *reader);
/* FORMAT for a run of another type, VERSION for sections of a newer one. */
ketch_status kt_reader_check_type(const ketch_reader *reader, const ketch_job_type *type,
                                  ketch_error *error);
ketch_status kt_reader_core(ketch_reader *reader, kt_saved_core *core, ketch_error *error);
/* CORRUPT with a text for what is right in its checksum and wrong in itself. */
ketch_status kt_reader_fail(const ketch_reader *reader, const char *section, const char *reason,
                            ketch_error *error);
/* Checks the sections that nobody read, so that a damaged file is never loaded in part. */
ketch_status kt_reader_check_rest(ketch_reader *reader, ketch_error *error);
/* The reader of a file that is looked at, for a workload's sections; NULL and HANDLE for what is
 * none. */
ketch_status kt_saved_reader(ketch_reader **reader, const ketch_saved *saved, const char *function,
                             ketch_error *error);

#endif
