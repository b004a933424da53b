/* Jobs: checks of what callers give, and the memory that a run takes. */
#include "job.h"
#include "cpu.h"
#include "engine.h"
#include "format.h"
#include "numbers.h"
#include "pages.h"
#include "result.h"
#include "status.h"
#include <string.h>

ketch_status kt_job_check_type(const ketch_job_type *type, const char *function, ketch_error *error)
{
    if (!type)
        return kt_fail_handle(error, function, "type", "a type of jobs", NULL);
    if (type->size < offsetof(ketch_job_type, prepare))
        return kt_fail(error, KETCH_MISMATCH, function, "type", kt_format("%zu", type->size).text,
                       kt_format("%zu", sizeof *type).text,
                       "the job's type has no size: set it to sizeof");
    if (!type->name || !kt_name_valid(type->name, KT_TYPE_LENGTH))
        return kt_fail(error, KETCH_RANGE, function, "type", type->name ? type->name : "NULL",
                       "1 to 48 of a-z 0-9 . _ -", "the name of the job's type");
    if (!type->advance)
        return kt_fail_handle(error, function, "type", "a type with an advance function", NULL);
    return KETCH_OK;
}

ketch_status kt_job_read(ketch_job *read, const ketch_job *job, const char *function,
                         ketch_error *error)
{
    if (!job)
        return kt_fail_handle(error, function, "job", "a job", NULL);
    KT_TRY(kt_read_options(read, sizeof *read, job, function, "job", error));
    return kt_job_check_type(read->type, function, error);
}

ketch_status kt_job_check_kernels(const ketch_job *job, const ketch_engine *engine,
                                  const char *function, ketch_error *error)
{
    if (!job->kernels || job->kernels == engine->kernels)
        return KETCH_OK;
    if (!kt_cpu_runs(job->kernels))
        return kt_fail_kernels(error, function, job->kernels);
    if (!engine->kernels_given)
        return KETCH_OK;
    return kt_fail(error, KETCH_MISMATCH, function, "engine", ketch_kernels_name(job->kernels),
                   ketch_kernels_name(engine->kernels),
                   "the job uses another kernel set than the engine was given");
}

/* ---- memory ---- */

static int32_t find_tag(ketch_need *need, const char *name)
{
    int32_t tag = 0;
    while (tag < need->tags && strcmp(need->names[tag], name) != 0)
        tag++;
    if (tag < need->tags || tag > KETCH_TAGS_MAX)
        return tag < need->tags ? tag : KETCH_TAGS_MAX;
    need->names[tag] = tag == KETCH_TAGS_MAX ? "other" : name;
    need->tag_bytes[tag] = 0;
    return need->tags++;
}

void ketch_need_add(ketch_need *need, const char *tag, uint64_t bytes)
{
    if (!need || !bytes)
        return;
    const uint64_t mapped = bytes <= SIZE_MAX ? kt_pages_round((size_t)bytes) : 0;
    const uint64_t size = mapped ? mapped : UINT64_MAX;
    uint64_t *const tagged = &need->tag_bytes[find_tag(need, tag ? tag : "user")];
    need->bytes = kt_add_most(need->bytes, size);
    need->largest = KT_MAX(need->largest, size);
    *tagged = kt_add_most(*tagged, size);
}

void kt_job_add_need(ketch_need *need, const ketch_engine *engine, const ketch_job *job)
{
    ketch_need_add(need, "result", sizeof(ketch_result));
    ketch_need_add(need, "scratch", (uint64_t)engine->threads * kt_result_scratch_each(job));
}

ketch_status ketch_job_need(ketch_need *need, const ketch_engine *engine, const ketch_job *job,
                            ketch_error *error)
{
    KT_TRY(kt_engine_check(engine, __func__, error));
    ketch_job asked;
    KT_TRY(kt_job_read(&asked, job, __func__, error));
    ketch_need out = {.size = sizeof out};
    if (KT_TYPE_GET(asked.type, need))
        KT_TRY(asked.type->need(&out, engine, &asked, error));
    kt_job_add_need(&out, engine, &asked);
    return kt_write_report(need, &out, sizeof out, __func__, "need", error);
}
