#include "cli/say.h"

#include "cli/json_text.h"
#include <inttypes.h>
#include <string.h>

/* A part of a line: standard error has no buffer of its own. */
typedef struct say_buffer {
    char text[512];
    size_t length;
} say_buffer;

static void flush_said(say_buffer *buffer)
{
    fwrite(buffer->text, 1, buffer->length, stderr);
    buffer->length = 0;
}

static void add_said(say_buffer *buffer, const char *bytes, size_t size)
{
    if (buffer->length + size > sizeof buffer->text)
        flush_said(buffer);
    memcpy(buffer->text + buffer->length, bytes, size);
    buffer->length += size;
}

static void add_part(say_buffer *buffer, const char *part)
{
    while (*part) {
        char escape[5];
        const int size = kt_printable(part);
        if (size)
            add_said(buffer, part, (size_t)size);
        else
            add_said(buffer, escape,
                     (size_t)snprintf(escape, sizeof escape, "\\x%02x", (unsigned char)*part));
        part += size ? size : 1;
    }
}

static void say_parts(const char *who, const char *part, va_list parts)
{
    say_buffer buffer = {.length = 0};
    add_part(&buffer, who);
    for (; part; part = va_arg(parts, const char *))
        add_part(&buffer, part);
    add_said(&buffer, "\n", 1);
    flush_said(&buffer);
}

void kt_say(const char *part, ...)
{
    va_list parts;
    va_start(parts, part);
    say_parts("", part, parts);
    va_end(parts);
}

static const char *code_name(kt_exit code)
{
    switch (code) {
    case KT_EXIT_MEMORY:
        return ketch_status_name(KETCH_MEMORY);
    case KT_EXIT_FAILED:
        return ketch_status_name(KETCH_IO);
    case KT_EXIT_TIMEOUT:
        return ketch_status_name(KETCH_TIMEOUT);
    case KT_EXIT_INTERRUPTED:
        return ketch_status_name(KETCH_STOPPED);
    default:
        return "INPUT";
    }
}

static void begin_failure(const char *status, kt_exit code)
{
    printf("{\"status\": \"%s\", \"exit\": %d, \"message\": ", status, (int)code);
}

kt_exit kt_refuse(bool json, kt_exit code, const char *who, const char *part, ...)
{
    va_list parts;
    va_start(parts, part);
    say_parts(who, part, parts);
    va_end(parts);
    if (!json)
        return code;
    begin_failure(code_name(code), code);
    va_start(parts, part);
    kt_json_joined(part, parts);
    va_end(parts);
    fputs("}\n", stdout);
    return code;
}

static void print_field(const char *name, const char *text)
{
    if (!*text)
        return;
    printf(", \"%s\": ", name);
    kt_json_string(text);
}

/* The parts as one JSON string. */
static void print_joined(const char *part, ...)
{
    va_list parts;
    va_start(parts, part);
    kt_json_joined(part, parts);
    va_end(parts);
}

static void print_failure(const ketch_error *error, const char *message, const char *hint)
{
    begin_failure(ketch_status_name(error->status), kt_exit_of(error->status));
    print_joined(message, hint, NULL);
    if (error->line > 0)
        printf(", \"line\": %" PRId32 ", \"column\": %" PRId32, error->line, error->column);
    print_field("function", error->function);
    print_field("argument", error->argument);
    print_field("given", error->given);
    print_field("allowed", error->allowed);
    fputs("}\n", stdout);
}

kt_exit kt_refuse_error(bool json, const ketch_error *error, const char *hint)
{
    kt_say("ketch: ", error->message, hint, NULL);
    if (json)
        print_failure(error, error->message, hint);
    return kt_exit_of(error->status);
}

kt_exit kt_refuse_text(bool json, const ketch_error *error, const char *file, const char *why,
                       const char *hint)
{
    const kt_text where = kt_format("%d:%d: ", error->line, error->column);
    if (why)
        kt_say(file, ":", where.text, why, hint, NULL);
    else
        kt_say(file, ":", error->message, hint, NULL); /* it begins with the place */
    if (json)
        print_failure(error, why ? why : error->message, hint);
    return kt_exit_of(error->status);
}
