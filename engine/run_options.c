/* The options of a run, copied and checked before anything happens. */
#include "context.h"
#include "status.h"
#include <math.h>

static ketch_status check_seconds(double seconds, const char *function, const char *argument,
                                  ketch_error *error)
{
    if (isfinite(seconds))
        return KETCH_OK;
    return kt_fail(error, KETCH_NONFINITE, function, argument, kt_number(seconds).text,
                   "a finite number of seconds", "%s is no time", argument);
}

static ketch_status check_positive(double seconds, const char *function, const char *argument,
                                   const char *what, ketch_error *error)
{
    KT_TRY(check_seconds(seconds, function, argument, error));
    if (seconds >= 0)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, argument, kt_number(seconds).text,
                   "0 (none) or more", "a %s cannot be negative", what);
}

kt_save kt_run_save(const ketch_run *run)
{
    return (kt_save){
        .path = run->save_path, .note = run->save_note, .note_size = run->save_note_size};
}

/* A file that could not be written is refused before the run, not after hours of computing. */
static ketch_status check_save_options(const ketch_run *asked, const ketch_job *job,
                                       const char *function, ketch_error *error)
{
    KT_TRY(check_positive(asked->save_seconds, function, "save_seconds", "period", error));
    if (!asked->save_path && (asked->save_seconds > 0 || asked->save_note_size))
        return kt_fail_handle(error, function, "save_path", "the path of a file to save to", NULL);
    if (!asked->save_path)
        return KETCH_OK;
    kt_save save = kt_run_save(asked);
    save.type = job->type;
    return kt_save_try(&save, function, error);
}

ketch_status kt_run_read(ketch_run *asked, const ketch_run *run, const ketch_job *job,
                         const char *function, ketch_error *error)
{
    KT_TRY(kt_read_options(asked, sizeof *asked, run, function, "run", error));
    KT_TRY(check_seconds(asked->tick_seconds, function, "tick_seconds", error));
    KT_TRY(check_positive(asked->timeout, function, "timeout", "timeout", error));
    return check_save_options(asked, job, function, error);
}
