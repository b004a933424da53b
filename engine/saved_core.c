/* The core's part of a saved run: numbers in a fixed order, and the check that a run can have
 * them. */
#include "save.h"
#include "fields.h"
#include "status.h"
#include <assert.h>
#include <math.h>

static bool machine_little_endian(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 1;
}

ketch_status kt_saved_check_machine(const char *function, ketch_error *error)
{
    if (machine_little_endian())
        return KETCH_OK;
    return kt_fail(error, KETCH_OFF, function, "path", NULL, NULL,
                   "saved runs have the lowest byte first, and this machine the highest");
}

static void put_signed(kt_fields *fields, int64_t value)
{
    kt_put_u64(fields, (uint64_t)value);
}

/* Reads a number; one that does not fit is a failure. */
static int32_t get_signed(kt_fields *fields)
{
    const int64_t value = (int64_t)kt_get_u64(fields);
    fields->failed = fields->failed || value < INT32_MIN || value > INT32_MAX;
    return (int32_t)value;
}

static int32_t get_flag(kt_fields *fields)
{
    const uint64_t value = kt_get_u64(fields);
    fields->failed = fields->failed || value > 1;
    return (int32_t)value;
}

static void put_position(kt_fields *fields, const ketch_inner *at)
{
    const bool open = at->sweeping;
    const uint64_t numbers[] = {at->done,
                                at->total,
                                at->stage,
                                at->sweeps,
                                open ? at->count : 0,
                                open ? at->next : 0,
                                open ? at->steps : 0};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        kt_put_u64(fields, numbers[i]);
    const int32_t flags[] = {at->sweeping, at->progressed, at->fence, at->ended};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        put_signed(fields, flags[i]);
}

static void get_position(kt_fields *fields, ketch_inner *at)
{
    uint64_t *const numbers[] = {&at->done,  &at->total, &at->stage, &at->sweeps,
                                 &at->count, &at->next,  &at->steps};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = kt_get_u64(fields);
    int32_t *const flags[] = {&at->sweeping, &at->progressed, &at->fence, &at->ended};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        *flags[i] = get_flag(fields);
}

static void put_report(kt_fields *fields, const ketch_report *report)
{
    kt_put_double(fields, report->seconds);
    const uint64_t counters[] = {report->indices, report->bytes, report->ticks, report->fences,
                                 report->saves};
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
        kt_put_u64(fields, counters[i]);
    put_signed(fields, report->threads);
    put_signed(fields, (int64_t)report->kernels);
}

static void put_cpu(kt_fields *fields, const ketch_report *report)
{
    kt_put_double(fields, report->cpu_seconds);
    kt_put_double(fields, report->measured_seconds);
}

/* Files that were written before processor time was measured end without it. */
static void get_cpu(kt_fields *fields, ketch_report *report)
{
    if (kt_fields_end(fields))
        return;
    report->cpu_seconds = kt_get_double(fields);
    report->measured_seconds = kt_get_double(fields);
}

static void get_report(kt_fields *fields, ketch_report *report)
{
    report->seconds = kt_get_double(fields);
    uint64_t *const counters[] = {&report->indices, &report->bytes, &report->ticks, &report->fences,
                                  &report->saves};
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
        *counters[i] = kt_get_u64(fields);
    report->threads = get_signed(fields);
    report->kernels = (ketch_kernels)get_signed(fields);
}

uint64_t kt_saved_core_encode(unsigned char bytes[KT_SAVED_CORE_MOST], const kt_saved_core *core)
{
    assert(core->open_count >= 0 && core->open_count <= KETCH_THREADS_MAX);
    kt_fields fields = kt_fields_of(bytes, KT_SAVED_CORE_MOST);
    put_signed(&fields, core->status);
    put_signed(&fields, core->hook);
    put_signed(&fields, core->clean);
    put_signed(&fields, core->at.sweeping ? core->open_count : 0);
    put_position(&fields, &core->at);
    put_report(&fields, &core->report);
    kt_put_u64(&fields, core->number);
    kt_put_bytes(&fields, core->phase, sizeof core->phase);
    assert(fields.at == bytes + KT_SAVED_CORE_SIZE);
    for (int32_t i = 0; core->at.sweeping && i < core->open_count; i++)
        kt_put_u64(&fields, core->open[i]);
    put_cpu(&fields, &core->report);
    assert(!fields.failed);
    return (uint64_t)(fields.at - bytes);
}

/* True if each open index was handed out, and none is there twice. */
static bool open_in_order(const kt_saved_core *core)
{
    const ketch_inner *const at = &core->at;
    if ((uint64_t)core->open_count > at->next)
        return false;
    for (int32_t i = 0; i < core->open_count; i++)
        if (core->open[i] >= at->next || (i > 0 && core->open[i] <= core->open[i - 1]))
            return false;
    return true;
}

static bool sweep_in_order(const kt_saved_core *core)
{
    const ketch_inner *const at = &core->at;
    if (!at->sweeping)
        return at->count == 0 && at->next == 0 && at->steps == 0 && core->open_count == 0;
    return at->next <= at->count && open_in_order(core) && at->steps <= at->total - at->done;
}

/* A run has status OK if and only if it has ended. */
static bool position_in_order(const kt_saved_core *core)
{
    const ketch_inner *const at = &core->at;
    return at->done <= at->total && (core->status == KETCH_OK) == (at->ended == 1) &&
           core->status <= KETCH_TIMEOUT && !(at->ended && at->sweeping);
}

static bool is_time(double seconds)
{
    return isfinite(seconds) && seconds >= 0;
}

static bool report_in_order(const ketch_report *report)
{
    return is_time(report->seconds) && is_time(report->cpu_seconds) &&
           is_time(report->measured_seconds) && report->threads >= 0 &&
           report->threads <= KETCH_THREADS_MAX && report->kernels >= 0 && report->kernels < 256;
}

bool kt_saved_core_decode(kt_saved_core *core, const void *bytes, uint64_t size)
{
    *core = (kt_saved_core){.report = {.size = sizeof core->report}};
    kt_fields fields = kt_fields_from(bytes, size);
    core->status = get_signed(&fields);
    core->hook = get_signed(&fields);
    core->clean = get_flag(&fields);
    core->open_count = get_signed(&fields);
    get_position(&fields, &core->at);
    get_report(&fields, &core->report);
    core->number = kt_get_u64(&fields);
    kt_get_bytes(&fields, core->phase, sizeof core->phase);
    if (fields.failed || core->open_count < 0 || core->open_count > KETCH_THREADS_MAX)
        return false;
    for (int32_t i = 0; i < core->open_count; i++)
        core->open[i] = kt_get_u64(&fields);
    get_cpu(&fields, &core->report);
    return kt_fields_end(&fields) && position_in_order(core) && sweep_in_order(core) &&
           report_in_order(&core->report) && kt_text_padded(core->phase, sizeof core->phase);
}
