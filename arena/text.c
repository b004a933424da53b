#define _GNU_SOURCE
#include "text.h"

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

kt_text kt_number(double value)
{
    kt_text out = {""};
    for (int digits = 1; digits <= 17; digits++) {
        out = kt_format("%.*g", digits, value);
        if (strtod(out.text, NULL) == value)
            break;
    }
    plain_point(out.text);
    return out;
}
