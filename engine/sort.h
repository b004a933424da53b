/* Heapsort (Williams, Communications of the ACM 7, 1964): in place, no recursion, no memory, and
 * the same order of equal items each time. Here so that the compiler sees what it calls. */
#ifndef KT_SORT_H
#define KT_SORT_H

#include <stdbool.h>
#include <stdint.h>

/* Whether item a stands before item b. */
typedef bool kt_sort_before(const void *items, uint64_t a, uint64_t b);
typedef void kt_sort_exchange(void *items, uint64_t a, uint64_t b);

static inline void kt_sort_sift(void *items, uint64_t root, uint64_t end, kt_sort_before *before,
                                kt_sort_exchange *exchange)
{
    for (uint64_t child = 2 * root + 1; child < end; child = 2 * root + 1) {
        if (child + 1 < end && before(items, child, child + 1))
            child++;
        if (!before(items, root, child))
            return;
        exchange(items, root, child);
        root = child;
    }
}

static inline void kt_sort(void *items, uint64_t count, kt_sort_before *before,
                           kt_sort_exchange *exchange)
{
    for (uint64_t root = count / 2; root-- > 0;)
        kt_sort_sift(items, root, count, before, exchange);
    for (uint64_t end = count; end-- > 1;) {
        exchange(items, 0, end);
        kt_sort_sift(items, 0, end, before, exchange);
    }
}

#endif
