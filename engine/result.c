/* Results: their memory, and what callers may ask them. */
#include "result.h"
#include "cpu.h"
#include "engine.h"
#include "status.h"
#include <assert.h>

static const uint64_t result_magic = 0x6b65746368726573; /* "ketchres" */

enum { SCRATCH_ALIGN = 64 };

ketch_status kt_result_check(const ketch_result *result, const char *function, ketch_error *error)
{
    if (result && result->magic == result_magic)
        return KETCH_OK;
    return kt_fail_handle(error, function, "result", "a result", result);
}

ketch_status kt_result_create(ketch_result **result, ketch_arena *arena, const ketch_job *job,
                              int32_t threads, const char *function, ketch_error *error)
{
    if (job->scratch > UINT64_MAX / KT_THREADS_MAX - SCRATCH_ALIGN)
        return kt_fail(error, KETCH_MEMORY, function, "job", kt_bytes(job->scratch).text, NULL,
                       "no machine has scratch of that size for each worker");
    kt_refusal refusal = {0};
    ketch_block *const record = kt_arena_take(arena, sizeof(ketch_result), "result", &refusal);
    if (!record)
        return kt_fail_memory(error, function, "engine", "a result", &refusal);
    ketch_result *const made = kt_block_data(record);
    *made = (ketch_result){
        .status = KETCH_STOPPED,
        .clean = true,
        .job = *job,
        .record = record,
        .scratch_each = (job->scratch + SCRATCH_ALIGN - 1) / SCRATCH_ALIGN * SCRATCH_ALIGN,
        .report = {.size = sizeof(ketch_report)},
    };
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
    kt_result_retire_scratch(result);
    result->scratch = scratch;
    result->scratch_workers = threads;
    return KETCH_OK;
}

void kt_result_retire_scratch(ketch_result *result)
{
    if (result->scratch)
        kt_block_drop(result->scratch);
    result->scratch = NULL;
    result->scratch_workers = 0;
}

void ketch_result_destroy(ketch_result *result)
{
    if (!result || result->magic != result_magic)
        return;
    if (__atomic_load_n(&result->running, __ATOMIC_ACQUIRE))
        return;
    result->magic = 0;
    if (result->job.release)
        result->job.release(result->job.user);
    kt_result_retire_scratch(result);
    kt_block_drop(result->record);
}

void *kt_result_user(const ketch_result *result, ketch_advance advance)
{
    const bool ours = result && result->magic == result_magic && result->job.advance == advance;
    return ours ? result->job.user : NULL;
}

ketch_status ketch_result_status(const ketch_result *result)
{
    return result && result->magic == result_magic ? result->status : KETCH_HANDLE;
}

int32_t ketch_result_hook(const ketch_result *result)
{
    return result && result->magic == result_magic ? result->hook : 0;
}

ketch_status ketch_result_get_position(ketch_position *position, const ketch_result *result,
                                       ketch_error *error)
{
    KT_TRY(kt_result_check(result, __func__, error));
    const ketch_position out = {
        .size = sizeof out,
        .done = result->done,
        .total = result->job.steps,
        .pass = result->report.passes,
        .tile = kt_result_taken(result),
        .tiles = result->sweeping ? result->sweep.count : 0,
        .fence = result->clean || result->finished,
        .finished = result->finished,
    };
    return kt_write_report(position, &out, sizeof out, __func__, "position", error);
}

ketch_status ketch_result_get_report(ketch_report *report, const ketch_result *result,
                                     ketch_error *error)
{
    KT_TRY(kt_result_check(result, __func__, error));
    ketch_report out = result->report;
    out.steps = result->done;
    out.bytes = __atomic_load_n(&result->report.bytes, __ATOMIC_RELAXED);
    return kt_write_report(report, &out, sizeof out, __func__, "report", error);
}
