#include "cli/say.h"

#include "text.h"
#include <stdarg.h>
#include <stdio.h>
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

void kt_say(const char *part, ...)
{
    say_buffer buffer = {.length = 0};
    va_list parts;
    va_start(parts, part);
    for (; part; part = va_arg(parts, const char *))
        add_part(&buffer, part);
    va_end(parts);
    add_said(&buffer, "\n", 1);
    flush_said(&buffer);
}
