/* Saving and loading results. The core's numbers go through kt_saved_core, the job's data through
 * its type's save and load. */
#include "result_save.h"
#include "engine.h"
#include "job.h"
#include "status.h"
#include <assert.h>
#include <string.h>

/* ---- saving ---- */

static void copy_open(kt_saved_core *core, const ketch_result *result)
{
    const kt_sweep *const sweep = &result->sweep;
    core->at.next = sweep->next;
    core->open_count = sweep->open_count;
    assert(sweep->finished + (uint64_t)sweep->open_count == sweep->next);
    if (sweep->open_count)
        memcpy(core->open, sweep->open, (size_t)sweep->open_count * sizeof *core->open);
}

/* taken: what is not in the report yet. The report in the file counts this file, too. */
static kt_saved_core where_it_stands(const ketch_result *result, const kt_taken *taken)
{
    kt_saved_core core = {
        .status = result->status,
        .hook = result->hook,
        .clean = result->clean,
        .at = result->at,
        .number = result->number,
        .report = result->report,
    };
    kt_report_add(&core.report, taken);
    core.report.saves++;
    kt_copy_text(core.phase, sizeof core.phase, result->phase);
    if (result->at.sweeping)
        copy_open(&core, result);
    return core;
}

ketch_status kt_result_write(ketch_result *result, const kt_save *save, const kt_taken *taken,
                             const char *function, ketch_error *error)
{
    KT_TRY(kt_result_check_whole(result, function, error));
    const kt_saved_core core = where_it_stands(result, taken);
    kt_save whole = *save;
    whole.type = result->job.type;
    whole.user = result->job.user;
    whole.core = &core;
    KT_TRY(kt_save_run(&whole, function, error));
    result->report.saves++;
    return KETCH_OK;
}

ketch_status ketch_result_save(ketch_result *result, const char *path, const void *note,
                               uint64_t note_size, int32_t force, ketch_error *error)
{
    const kt_save save = {.path = path, .force = force != 0, .note = note, .note_size = note_size};
    KT_TRY(kt_result_check(result, __func__, error));
    KT_TRY(kt_result_claim(result, __func__, error));
    const ketch_status status = kt_result_write(result, &save, &(kt_taken){0}, __func__, error);
    kt_result_release(result);
    return status;
}

/* ---- loading ---- */

/* The arguments and the parts of a load. */
typedef struct loading {
    ketch_reader *reader;
    kt_saved_core core;
    ketch_job job;
    const ketch_job_type *type;
    void *context;
    ketch_engine *engine;
    const char *function;
    ketch_error *error;
} loading;

static ketch_status check_loader(const loading *l)
{
    KT_TRY(kt_job_check_type(l->type, l->function, l->error));
    if (KT_TYPE_GET(l->type, load))
        return KETCH_OK;
    return kt_fail(l->error, KETCH_OFF, l->function, "type", l->type->name, NULL,
                   "jobs of this type cannot be loaded");
}

static ketch_status load_user(loading *l)
{
    l->job = (ketch_job){.size = sizeof l->job, .type = l->type};
    const ketch_status status = l->type->load(&l->job, l->reader, l->context, l->engine, l->error);
    l->job.type = l->type;
    if (status <= KETCH_OK)
        return status;
    return kt_fail(l->error, KETCH_MISMATCH, l->function, "type", ketch_status_name(status), "OK",
                   "load returned what is no failure");
}

static void restore_result(ketch_result *result, const kt_saved_core *core)
{
    kt_sweep *const sweep = &result->sweep;
    result->status = core->status;
    result->hook = core->hook;
    result->clean = core->clean;
    result->at = core->at;
    result->number = core->number;
    result->report = core->report;
    memcpy(result->phase_text, core->phase, sizeof core->phase);
    result->phase = core->phase[0] ? result->phase_text : NULL;
    sweep->count = core->at.count;
    sweep->next = core->at.next;
    sweep->finished = kt_saved_finished(core);
    sweep->open_count = core->open_count;
    memcpy(sweep->open, core->open, sizeof core->open);
}

/* The number of steps depends on the job's data: another number means another job. */
static ketch_status check_loaded(const loading *l)
{
    if (l->core.at.total != l->job.steps)
        return kt_fail(l->error, KETCH_MISMATCH, l->function, "context",
                       kt_format("%llu steps", (unsigned long long)l->job.steps).text,
                       kt_format("%llu", (unsigned long long)l->core.at.total).text,
                       "the saved run is of another job");
    KT_TRY(kt_job_check_kernels(&l->job, l->engine, l->function, l->error));
    return kt_reader_check_rest(l->reader, l->error);
}

/* Makes the result. A run that has ended gets no scratch. */
static ketch_status finish_load(ketch_result **result, loading *l)
{
    KT_TRY(check_loaded(l));
    const int32_t threads = l->core.at.ended ? 0 : l->engine->threads;
    KT_TRY(kt_result_create(result, l->engine->arena, &l->job, threads, l->function, l->error));
    restore_result(*result, &l->core);
    return KETCH_OK;
}

static ketch_status load_result(ketch_result **result, loading *l)
{
    KT_TRY(kt_reader_check_type(l->reader, l->type, l->error));
    KT_TRY(kt_reader_core(l->reader, &l->core, l->error));
    KT_TRY(load_user(l));
    const ketch_status status = finish_load(result, l);
    if (status != KETCH_OK && l->type->release)
        l->type->release(l->job.user);
    return status;
}

static ketch_status load_claimed(ketch_result **result, loading *l, const char *path)
{
    KT_TRY(check_loader(l));
    KT_TRY(kt_reader_open(&l->reader, path, l->function, l->error));
    const ketch_status status = load_result(result, l);
    kt_reader_close(l->reader);
    return status;
}

ketch_status kt_result_load(ketch_result **result, ketch_engine *engine, const ketch_job_type *type,
                            void *context, const char *path, const char *function,
                            ketch_error *error)
{
    if (!result)
        return kt_fail_handle(error, function, "result", "a place for the result", NULL);
    *result = NULL;
    loading l = {
        .type = type, .context = context, .engine = engine, .function = function, .error = error};
    KT_TRY(kt_engine_claim(engine, function, error));
    const ketch_status status = load_claimed(result, &l, path);
    kt_engine_release(engine);
    return status;
}

ketch_status ketch_result_load(ketch_result **result, ketch_engine *engine,
                               const ketch_job_type *type, void *context, const char *path,
                               ketch_error *error)
{
    return kt_result_load(result, engine, type, context, path, __func__, error);
}
