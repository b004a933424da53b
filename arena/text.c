#define _GNU_SOURCE
#include "text.h"
#include "numbers.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

kt_text kt_format(const char *format, ...)
{
    kt_text out;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out.text, sizeof out.text, format, arguments);
    va_end(arguments);
    return out;
}

static void count_printed(kt_printer *printer, size_t size)
{
    if (!kt_add(&printer->length, printer->length, size))
        printer->length = SIZE_MAX;
}

void kt_print(kt_printer *printer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const bool fits = printer->length < printer->capacity;
    const size_t left = fits ? printer->capacity - printer->length : 0;
    const int wrote =
        vsnprintf(fits ? printer->to + printer->length : NULL, left, format, arguments);
    va_end(arguments);
    if (wrote > 0)
        count_printed(printer, (size_t)wrote);
}

void kt_print_bytes(kt_printer *printer, const char *bytes, size_t size)
{
    if (printer->length < printer->capacity) {
        const size_t room = printer->capacity - printer->length - 1;
        const size_t fits = size < room ? size : room;
        memcpy(printer->to + printer->length, bytes, fits);
        printer->to[printer->length + fits] = 0;
    }
    count_printed(printer, size);
}

kt_text kt_count(uint64_t number, const char *noun)
{
    const size_t length = strlen(noun);
    const char *const plural = length && noun[length - 1] == 's' ? "es" : "s";
    return kt_format("%llu %s%s", (unsigned long long)number, noun, number == 1 ? "" : plural);
}

kt_text kt_bytes(uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    int unit = 0;
    while (unit < 6 && bytes >> (10 * (unit + 1)))
        unit++;
    const uint64_t whole = bytes >> (10 * unit);
    const uint64_t rest = bytes - (whole << (10 * unit));
    const unsigned tenth = unit ? (unsigned)((rest >> (10 * (unit - 1))) * 10 / 1024) : 0;
    if (tenth)
        return kt_format("%llu.%u %s", (unsigned long long)whole, tenth, units[unit]);
    return kt_format("%llu %s", (unsigned long long)whole, bytes == 1 ? "byte" : units[unit]);
}

/* Replaces the locale's decimal point, of one byte or several, by a dot: it is what stands between
 * two runs of digits and is no exponent. */
static void plain_point(char *text)
{
    const size_t before = strspn(text, "+-0123456789");
    char *const point = text + before;
    if (before == 0 || *point == 0 || *point == 'e' || *point == 'i' || *point == 'n')
        return;
    const size_t width = strcspn(point, "0123456789");
    *point = '.';
    memmove(point + 1, point + width, strlen(point + width) + 1);
}

/* value as the format says, which has one place for the number of digits and one for a double. */
static kt_text plain_double(const char *format, int digits, double value)
{
    kt_text out;
    snprintf(out.text, sizeof out.text, format, digits, value);
    plain_point(out.text);
    return out;
}

kt_text kt_fixed(double value, int digits)
{
    return plain_double("%.*f", digits, value);
}

kt_text kt_significant(double value, int digits)
{
    return plain_double("%.*g", digits, value);
}

bool kt_read_number(double *value, const char *text, const char **end)
{
    const locale_t locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!locale)
        return false;
    char *behind;
    *value = strtod_l(text, &behind, locale);
    freelocale(locale);
    *end = behind;
    return behind != text;
}

/* 15 digits and no zeros behind them are the shortest form of a number that has one so short, unless
 * it has fewer bits than others. */
kt_text kt_number(double value)
{
    kt_text out = {""};
    double back;
    const char *end;
    for (int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG; digits <= 17; digits++) {
        out = kt_significant(value, digits);
        if (kt_read_number(&back, out.text, &end) && back == value)
            break;
    }
    return out;
}

kt_text kt_character(char character)
{
    const unsigned char byte = (unsigned char)character;
    return byte >= ' ' && byte < 127 ? kt_format("'%c'", byte) : kt_format("byte 0x%02x", byte);
}

int kt_printable(const char *text)
{
    static const uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};
    const unsigned char *const bytes = (const unsigned char *)text;
    const unsigned char first = bytes[0];
    if (first < 0x80)
        return first >= ' ' && first != 0x7f;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    const int size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    uint32_t code = first & (0x7fU >> size);
    for (int i = 1; i < size; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (bytes[i] & 0x3fU);
    }
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code >= least[size] && code <= 0x10ffff && !surrogate ? size : 0;
}

size_t kt_utf8_length(const char *text, size_t left)
{
    const unsigned char *const at = (const unsigned char *)text;
    static const struct {
        unsigned char first, last, second_first, second_last, length;
    } forms[] = {
        {0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (at[0] < forms[i].first || at[0] > forms[i].last)
            continue;
        if (left < forms[i].length)
            return 0;
        for (size_t k = 1; k < forms[i].length; k++) {
            const unsigned char first = k == 1 ? forms[i].second_first : 0x80;
            const unsigned char last = k == 1 ? forms[i].second_last : 0xbf;
            if (at[k] < first || at[k] > last)
                return 0;
        }
        return forms[i].length;
    }
    return 0;
}

/* Writes the first character of text, or its first byte as \xNN, with a final 0. Returns the number
 * of bytes that it stands for. */
static int clean_character(char shown[5], const char *text)
{
    const int size = kt_printable(text);
    if (size)
        snprintf(shown, 5, "%.*s", size, text);
    else
        snprintf(shown, 5, "\\x%02x", (unsigned)(unsigned char)*text);
    return size ? size : 1;
}

kt_text kt_clean(const char *text)
{
    enum { ROOM = sizeof((kt_text *)0)->text - 1, DOTS = 3 };
    kt_text out = {""};
    char shown[5];
    size_t length = 0, used = 0;
    for (const char *c = text; *c; length += strlen(shown))
        c += clean_character(shown, c);
    const bool cut = length > ROOM;
    while (cut && length > ROOM - DOTS) {
        text += clean_character(shown, text);
        length -= strlen(shown);
    }
    if (cut)
        used = (size_t)snprintf(out.text, sizeof out.text, "...");
    for (; *text; used += strlen(shown)) {
        text += clean_character(shown, text);
        memcpy(out.text + used, shown, strlen(shown) + 1);
    }
    return out;
}
