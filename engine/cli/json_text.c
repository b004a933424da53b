#include "cli/json_text.h"

#include "text.h"
#include <stdio.h>

/* Prints the character that text begins with, and returns the number of its bytes. */
static int print_character(const char *text)
{
    const unsigned char *const bytes = (const unsigned char *)text;
    const int size = kt_printable(text);
    if (size) {
        printf("%s%.*s", *text == '"' || *text == '\\' ? "\\" : "", size, text);
        return size;
    }
    if (bytes[0] == 0xc2 && (bytes[1] & 0xe0) == 0x80) { /* U+0080 to U+009F */
        printf("\\u%04x", (unsigned)bytes[1]);
        return 2;
    }
    printf("\\u%04x", bytes[0] < 0x80 ? (unsigned)bytes[0] : 0xdc00U + bytes[0]);
    return 1;
}

static void print_characters(const char *text)
{
    while (*text)
        text += print_character(text);
}

void kt_json_string(const char *text)
{
    putchar('"');
    print_characters(text);
    putchar('"');
}

void kt_json_joined(const char *part, va_list parts)
{
    putchar('"');
    for (; part; part = va_arg(parts, const char *))
        print_characters(part);
    putchar('"');
}
