/* Saving runs to files and loading them, and the core's part of a file. The format: format.h. */
#ifndef KT_SAVE_H
#define KT_SAVE_H

#include "format.h"
#include "ketch/core.h"

/* The position and the report of a run, apart from its job's data. clean: as in ketch_result. open:
 * the open indices of the open sweep, in ascending order; all others below at.next are finished.
 * phase: cut if it is too long; empty if the job has not named one. The report's memory and maps
 * are not kept: they belong to the machine. */
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

/* The finished indices of its open sweep. */
static inline uint64_t kt_saved_finished(const kt_saved_core *core)
{
    return core->at.next - (uint64_t)core->open_count;
}

enum {
    KT_SAVED_CORE_SIZE = 24 * 8 + KT_PHASE_NAME,
    /* With the open indices, and the processor time behind them. */
    KT_SAVED_CORE_MOST = KT_SAVED_CORE_SIZE + 8 * KETCH_THREADS_MAX + 16
};

/* Writes the section "core" and returns its size. A sweep that is not open is left out. */
uint64_t kt_saved_core_encode(unsigned char bytes[KT_SAVED_CORE_MOST], const kt_saved_core *core);
/* False if no run can have these numbers. */
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

/* Checks whether a run could be saved there: everything that can be checked before writing is, and
 * a temporary file is made and removed. core and user are not read. */
ketch_status kt_save_try(const kt_save *save, const char *function, ketch_error *error);
/* Replaces the file as a whole, or leaves it as it was; kt_replace_commit names the one exception.
 * OFF: the type has no save. IO, FORMAT, MEMORY, and what type->save returned. */
ketch_status kt_save_run(const kt_save *save, const char *function, ketch_error *error);

/* ---- loading ---- */

/* A failure of the job while it is saved: what its save returns. */
ketch_status kt_writer_fail(ketch_writer *writer, ketch_status status, const char *argument,
                            const char *message);
/* Opens a file and checks its head and its table: IO, FORMAT, VERSION, CORRUPT, MEMORY. Until the
 * head's checksum has been compared, no more memory is taken than the file has bytes. */
ketch_status kt_reader_open(ketch_reader **reader, const char *path, const char *function,
                            ketch_error *error);
/* Closes the file; accepts NULL. */
void kt_reader_close(ketch_reader *reader);
const kt_head *kt_reader_head(const ketch_reader *reader);
/* FORMAT: a run of another type. VERSION: sections of a newer version of the type. */
ketch_status kt_reader_check_type(const ketch_reader *reader, const ketch_job_type *type,
                                  ketch_error *error);
ketch_status kt_reader_core(ketch_reader *reader, kt_saved_core *core, ketch_error *error);
/* CORRUPT, for a section whose checksum is right and whose contents are impossible. */
ketch_status kt_reader_fail(const ketch_reader *reader, const char *section, const char *reason,
                            ketch_error *error);
/* Checks the sections that were not read, so that a file that is damaged anywhere is not loaded. */
ketch_status kt_reader_check_rest(ketch_reader *reader, ketch_error *error);
/* The reader of an open saved run, for a workload's sections; HANDLE, and NULL, for anything
 * else. */
ketch_status kt_saved_reader(ketch_reader **reader, const ketch_saved *saved, const char *function,
                             ketch_error *error);

#endif
