#include "nearest.h"
#include "numbers.h"
#include <stdint.h>

enum { KT_NEAREST_LENGTH = 32 }; /* longer names are not compared */

static char lower_letter(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Edit distance (Levenshtein) without regard to case, row by row. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    uint8_t row[KT_NEAREST_LENGTH + 1];
    for (size_t j = 0; j <= b_length; j++)
        row[j] = (uint8_t)j;
    for (size_t i = 1; i <= a_length; i++) {
        uint8_t diagonal = row[0];
        row[0] = (uint8_t)i;
        for (size_t j = 1; j <= b_length; j++) {
            const uint8_t above = row[j];
            const uint8_t differs = lower_letter(a[i - 1]) != lower_letter(b[j - 1]);
            const int edited = KT_MIN(above, row[j - 1]) + 1, kept = diagonal + differs;
            row[j] = (uint8_t)KT_MIN(edited, kept);
            diagonal = above;
        }
    }
    return row[b_length];
}

kt_nearest kt_nearest_begin(const char *name, size_t length)
{
    /* A short name may have one wrong letter, a longer one two, a single letter only the wrong
     * case. */
    const size_t slips = length >= 6 ? 2 : length >= 2 ? 1 : 0;
    return (kt_nearest){.name = name, .length = length, .distance = slips + 1};
}

void kt_nearest_offer(kt_nearest *nearest, const char *name, size_t length)
{
    if (nearest->length > KT_NEAREST_LENGTH || length > KT_NEAREST_LENGTH)
        return;
    const size_t distance = edit_distance(nearest->name, nearest->length, name, length);
    if (distance >= nearest->distance)
        return;
    nearest->found = name;
    nearest->found_length = length;
    nearest->distance = distance;
}

bool kt_same_letters(const char *a, size_t a_length, const char *b, size_t b_length)
{
    if (a_length != b_length)
        return false;
    for (size_t i = 0; i < a_length; i++)
        if (lower_letter(a[i]) != lower_letter(b[i]))
            return false;
    return true;
}
