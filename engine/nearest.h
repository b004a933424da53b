/* "Did you mean": the known name nearest to a wrong one. */
#ifndef KT_NEAREST_H
#define KT_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

/* found: the best name offered so far that is near enough, NULL where none is. */
typedef struct kt_nearest {
    const char *name;
    size_t length;
    const char *found;
    size_t found_length;
    size_t distance; /* only nearer ones are taken */
} kt_nearest;

kt_nearest kt_nearest_begin(const char *name, size_t length);
void kt_nearest_offer(kt_nearest *nearest, const char *name, size_t length);
/* Equal but for upper and lower case (ASCII). */
bool kt_same_letters(const char *a, size_t a_length, const char *b, size_t b_length);

#endif
