/* Statuses, the texts of failures, and the copying of structs that may be older or newer. */
#define _GNU_SOURCE
#include "status.h"
#include "workloads.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* By -status for the core's failures, from 0. */
static const char *const failure_names[] = {
    "OK",     "RANGE",  "INDEX", "DUPLICATE", "ARITY",  "NONFINITE", "SHAPE",   "BUFFER",
    "HANDLE", "FORKED", "BUSY",  "SUSPENDED", "SYNTAX", "LITERAL",   "DEPTH",   "LIMIT",
    "OFF",    "MEMORY", "HOOK",  "MISMATCH",  "IO",     "FORMAT",    "VERSION", "CORRUPT",
};
_Static_assert(sizeof failure_names / sizeof *failure_names == 1 - KETCH_CORRUPT,
               "a name a status");

static const char *workload_status_name(ketch_status status)
{
    const kt_workload *workload;
    for (size_t i = 0; (workload = kt_workload_at(i)); i++)
        if (status <= workload->first && (int64_t)workload->first - status < workload->count)
            return workload->statuses[workload->first - status];
    return "?";
}

const char *ketch_status_name(ketch_status status)
{
    static const char *const calm[] = {"OK", "STOPPED", "TIMEOUT"};
    if (status >= KETCH_CORRUPT && status <= 0)
        return failure_names[-status];
    if (status > 0)
        return status <= KETCH_TIMEOUT ? calm[status] : "?";
    return workload_status_name(status);
}

const char *ketch_version(void)
{
    return KETCH_VERSION_STRING;
}

void kt_copy_text(char *to, size_t size, const char *from)
{
    const size_t length = from ? strnlen(from, size - 1) : 0;
    if (length)
        memcpy(to, from, length);
    memset(to + length, 0, size - length);
}

/* No version's ketch_error is this large: a larger size was never set. */
enum { LARGEST_ERROR = 65536 };

/* The error is built here and then copied as a whole, so that given and allowed may point into the
 * caller's struct. */
static ketch_status tell(ketch_error *error, ketch_error *told, const char *format,
                         va_list arguments)
{
    char *const message = told->message;
    const size_t size = sizeof told->message;
    size_t used = strlen(message);
    vsnprintf(message + used, size - used, format, arguments);
    if (told->given[0]) {
        used = strlen(message);
        snprintf(message + used, size - used, ": given %s", told->given);
    }
    if (told->allowed[0]) {
        used = strlen(message);
        snprintf(message + used, size - used, "%s allowed %s", told->given[0] ? "," : ":",
                 told->allowed);
    }
    assert(error->size >= sizeof error->size && error->size <= LARGEST_ERROR &&
           "ketch_error.size is not set");
    kt_copy_out(error, told, sizeof *told);
    return told->status;
}

static ketch_error begin_error(ketch_status status, const char *function, const char *given,
                               const char *allowed)
{
    assert(status != KETCH_OK);
    ketch_error told = {.size = sizeof told, .status = status};
    kt_copy_text(told.function, sizeof told.function, function);
    kt_copy_text(told.given, sizeof told.given, given);
    kt_copy_text(told.allowed, sizeof told.allowed, allowed);
    return told;
}

ketch_status kt_fail(ketch_error *error, ketch_status status, const char *function,
                     const char *argument, const char *given, const char *allowed,
                     const char *reason, ...)
{
    if (!error)
        return status;
    ketch_error told = begin_error(status, function, given, allowed);
    kt_copy_text(told.argument, sizeof told.argument, argument);
    va_list arguments;
    va_start(arguments, reason);
    tell(error, &told, reason, arguments);
    va_end(arguments);
    return status;
}

ketch_status kt_fail_at(ketch_error *error, ketch_status status, const char *function, int32_t line,
                        int32_t column, const char *given, const char *allowed, const char *reason,
                        ...)
{
    if (!error)
        return status;
    ketch_error told = begin_error(status, function, given, allowed);
    told.line = line;
    told.column = column;
    kt_copy_text(told.argument, sizeof told.argument, "text");
    snprintf(told.message, sizeof told.message, "%d:%d: ", (int)line, (int)column);
    va_list arguments;
    va_start(arguments, reason);
    tell(error, &told, reason, arguments);
    va_end(arguments);
    return status;
}

static kt_text exact_bytes(uint64_t bytes)
{
    if (bytes < 1024)
        return kt_bytes(bytes);
    return kt_format("%llu bytes (%s)", (unsigned long long)bytes, kt_bytes(bytes).text);
}

ketch_status kt_fail_memory(ketch_error *error, const char *function, const char *argument,
                            const char *what, const kt_refusal *refusal)
{
    if (refusal->forked)
        return kt_fail_forked(error, function, argument, "the arena");
    const kt_text needed = exact_bytes(refusal->needed);
    const kt_text allowed = exact_bytes(refusal->allowed);
    return kt_fail(error, KETCH_MEMORY, function, argument, needed.text, allowed.text,
                   "not enough memory for %s, limited by the %s", what,
                   refusal->limit ? refusal->limit : "operating system");
}

ketch_status kt_fail_forked(ketch_error *error, const char *function, const char *argument,
                            const char *made)
{
    return kt_fail(error, KETCH_FORKED, function, argument, NULL, NULL,
                   "%s was created in another process: create one in this process", made);
}

ketch_status kt_fail_heap(ketch_error *error, const char *function)
{
    return kt_fail(error, KETCH_MEMORY, function, "", NULL, NULL,
                   "the operating system refused a small amount of memory");
}

ketch_status kt_fail_handle(ketch_error *error, const char *function, const char *argument,
                            const char *kind, const void *handle)
{
    const char *const given = handle ? "something else, or one that was ended" : "NULL";
    return kt_fail(error, KETCH_HANDLE, function, argument, given, kind, "%s", argument);
}

int kt_copy_out(void *out, const void *in, size_t size)
{
    size_t capacity = 0;
    if (out)
        memcpy(&capacity, out, sizeof capacity);
    if (capacity < sizeof capacity)
        return 0;
    const size_t known = capacity < size ? capacity : size;
    memcpy((char *)out + sizeof capacity, (const char *)in + sizeof capacity,
           known - sizeof capacity);
    memset((char *)out + known, 0, capacity - known);
    return 1;
}

static ketch_status fail_size(size_t given, size_t size, const char *function, const char *argument,
                              ketch_error *error)
{
    return kt_fail(error, KETCH_MISMATCH, function, argument, kt_format("%zu", given).text,
                   kt_format("%zu", size).text,
                   given >= sizeof given ? "%s asks for more than this version of the library knows"
                                         : "%s has no size: set it to sizeof",
                   argument);
}

ketch_status kt_write_report(void *out, const void *in, size_t size, const char *function,
                             const char *argument, ketch_error *error)
{
    if (kt_copy_out(out, in, size))
        return KETCH_OK;
    if (!out)
        return kt_fail_handle(error, function, argument, "a struct with its size set", NULL);
    size_t given = 0;
    memcpy(&given, out, sizeof given);
    return fail_size(given, size, function, argument, error);
}

static int all_zero(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i])
            return 0;
    return 1;
}

int kt_copy_in(void *options, size_t size, const void *in)
{
    memset(options, 0, size);
    if (!in)
        return 1;
    size_t given = 0;
    memcpy(&given, in, sizeof given);
    if (given < sizeof given)
        return 0;
    if (given > size && !all_zero((const char *)in + size, given - size))
        return 0;
    memcpy(options, in, given < size ? given : size);
    memcpy(options, &size, sizeof size);
    return 1;
}

ketch_status kt_read_options(void *options, size_t size, const void *in, const char *function,
                             const char *argument, ketch_error *error)
{
    if (kt_copy_in(options, size, in))
        return KETCH_OK;
    size_t given = 0;
    memcpy(&given, in, sizeof given);
    return fail_size(given, size, function, argument, error);
}
