/* Results: their memory, and the public functions that read them. */
#include "result.h"
#include "cpu.h"
#include "engine.h"
#include "status.h"
#include "wide.h"
#include <assert.h>
#include <string.h>

static const uint64_t result_magic = 0x6b65746368726573; /* "ketchres" */

enum { SCRATCH_ALIGN = 64 };

static bool is_result(const ketch_result *result)
{
    return result && result->magic == result_magic;
}

ketch_status kt_result_check(const ketch_result *result, const char *function, ketch_error *error)
{
    return is_result(result) ? KETCH_OK
                             : kt_fail_handle(error, function, "result", "a result", result);
}

ketch_status kt_result_claim(ketch_result *result, const char *function, ketch_error *error)
{
    if (!__atomic_exchange_n(&result->running, 1, __ATOMIC_ACQUIRE))
        return KETCH_OK;
    return kt_fail(error, KETCH_BUSY, function, "result", NULL, NULL,
                   "this run is being carried on or saved already");
}

void kt_result_release(ketch_result *result)
{
    __atomic_store_n(&result->running, 0, __ATOMIC_RELEASE);
}

ketch_status kt_result_check_whole(const ketch_result *result, const char *function,
                                   ketch_error *error)
{
    if (result->status != KETCH_FORKED)
        return KETCH_OK;
    return kt_fail(error, KETCH_FORKED, function, "result", NULL, NULL,
                   "the run was on when this process was forked: it goes on in the parent process "
                   "only");
}

uint64_t kt_result_scratch_each(const ketch_job *job)
{
    return (job->scratch + SCRATCH_ALIGN - 1) / SCRATCH_ALIGN * SCRATCH_ALIGN;
}

ketch_status kt_result_create(ketch_result **result, ketch_arena *arena, const ketch_job *job,
                              int32_t threads, const char *function, ketch_error *error)
{
    if (job->scratch > UINT64_MAX / KETCH_THREADS_MAX - SCRATCH_ALIGN)
        return kt_fail(error, KETCH_MEMORY, function, "job", kt_bytes(job->scratch).text, NULL,
                       "no machine has scratch of that size for each worker");
    kt_refusal refusal = {0};
    ketch_block *const record = kt_arena_take(arena, sizeof(ketch_result), "result", &refusal);
    if (!record)
        return kt_fail_memory(error, function, "engine", "a result", &refusal);
    ketch_result *const made = kt_block_data(record);
    memset(made, 0,
           offsetof(ketch_result, open)); /* the arrays behind are written before they are read */
    made->status = KETCH_STOPPED;
    made->clean = true;
    made->job = *job;
    made->record = record;
    made->scratch_each = kt_result_scratch_each(job);
    made->at.total = job->steps;
    made->report.size = sizeof made->report;
    made->sweep.open = made->open;
    made->sweep.current = made->current;
    made->failure.status = KETCH_OK;
    made->failure.lock = 0;
    const ketch_status status = kt_result_equip(made, arena, threads, function, error);
    if (status != KETCH_OK) {
        kt_block_drop(record);
        return status;
    }
    made->magic = result_magic;
    *result = made;
    return KETCH_OK;
}

ketch_status kt_result_equip(ketch_result *result, ketch_arena *arena, int32_t threads,
                             const char *function, ketch_error *error)
{
    if (result->scratch_each == 0 || result->scratch_workers >= threads)
        return KETCH_OK;
    kt_refusal refusal = {0};
    ketch_block *const scratch =
        kt_arena_take(arena, (uint64_t)threads * result->scratch_each, "scratch", &refusal);
    if (!scratch)
        return kt_fail_memory(error, function, "engine",
                              kt_format("the scratch of %d workers", threads).text, &refusal);
    kt_result_drop_scratch(result);
    result->scratch = scratch;
    result->scratch_workers = threads;
    return KETCH_OK;
}

void kt_result_drop_scratch(ketch_result *result)
{
    if (result->scratch)
        kt_block_drop(result->scratch);
    result->scratch = NULL;
    result->scratch_workers = 0;
}

/* floor(steps * part / whole); no overflow, as part <= whole. */
static uint64_t share_of(uint64_t steps, uint64_t part, uint64_t whole)
{
    return kt_divide(kt_multiply(steps, part), whole);
}

uint64_t kt_steps_done(const ketch_inner *at, uint64_t finished)
{
    if (!at->sweeping || at->count == 0)
        return at->done;
    return at->done + share_of(at->steps, finished, at->count);
}

uint64_t kt_result_done(const ketch_result *result)
{
    return kt_steps_done(&result->at, __atomic_load_n(&result->sweep.finished, __ATOMIC_RELAXED));
}

void ketch_result_destroy(ketch_result *result)
{
    if (!is_result(result) || __atomic_load_n(&result->running, __ATOMIC_ACQUIRE))
        return;
    result->magic = 0;
    if (result->job.type->release)
        result->job.type->release(result->job.user);
    kt_result_drop_scratch(result);
    kt_block_drop(result->record);
}

void *ketch_result_user(const ketch_result *result, const ketch_job_type *type)
{
    return is_result(result) && result->job.type == type ? result->job.user : NULL;
}

const ketch_job_type *ketch_result_type(const ketch_result *result)
{
    return is_result(result) ? result->job.type : NULL;
}

ketch_status ketch_result_status(const ketch_result *result)
{
    return is_result(result) ? result->status : KETCH_HANDLE;
}

int32_t ketch_result_hook(const ketch_result *result)
{
    return is_result(result) ? result->hook : 0;
}

/* Copies the open sweep. Its `next` may exceed the count, because workers that find no index left
 * increment it, too. */
static void write_sweep(ketch_position *position, const ketch_result *result)
{
    const kt_sweep *const sweep = &result->sweep;
    const uint64_t next = __atomic_load_n(&sweep->next, __ATOMIC_RELAXED);
    position->count = result->at.count;
    position->next = next < position->count ? next : position->count;
    position->finished = __atomic_load_n(&sweep->finished, __ATOMIC_RELAXED);
    position->open = sweep->open;
    position->open_count = sweep->open_count;
}

ketch_status ketch_result_get_position(ketch_position *position, const ketch_result *result,
                                       ketch_error *error)
{
    KT_TRY(kt_result_check(result, __func__, error));
    ketch_position out = {
        .size = sizeof out,
        .done = kt_result_done(result),
        .total = result->at.total,
        .phase = result->phase,
        .number = result->number,
        .stage = result->at.stage,
        .sweeps = result->at.sweeps,
        .fence = result->clean || result->at.ended,
        .ended = result->at.ended,
    };
    if (result->at.sweeping)
        write_sweep(&out, result);
    return kt_write_report(position, &out, sizeof out, __func__, "position", error);
}

static double ratio_or_zero(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

ketch_status ketch_result_get_report(ketch_report *report, const ketch_result *result,
                                     ketch_error *error)
{
    KT_TRY(kt_result_check(result, __func__, error));
    ketch_report out = result->report;
    out.steps = kt_result_done(result);
    out.sweeps = result->at.sweeps;
    out.bytes = __atomic_load_n(&result->report.bytes, __ATOMIC_RELAXED);
    out.phase = result->phase;
    out.number = result->number;
    out.cores_busy = ratio_or_zero(out.cpu_seconds, out.measured_seconds);
    out.bytes_per_second = ratio_or_zero((double)out.bytes, out.seconds);
    return kt_write_report(report, &out, sizeof out, __func__, "report", error);
}
