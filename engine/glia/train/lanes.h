/* Arithmetic on float32 with one rounding an operation. All sources are compiled with contraction
 * on, so a product that is added to something is kept from the compiler first. Rows of numbers have
 * whole groups of KTG_LANES; numbers past their end are 0, and are computed like the others. */
#ifndef KTG_TRAIN_LANES_H
#define KTG_TRAIN_LANES_H

#include "keep.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { KTG_LANES = 4 };

typedef float ktg_lanes __attribute__((vector_size(16)));

/* As kt_kept. */
static inline ktg_lanes kt_kept_lanes(ktg_lanes product)
{
    KT_KEEP(product);
    return product;
}

/* How many groups hold that many numbers. */
static inline size_t ktg_groups(size_t count)
{
    return (count + KTG_LANES - 1) / KTG_LANES;
}

static inline ktg_lanes ktg_all_lanes(float x)
{
    return (ktg_lanes){x, x, x, x};
}

#endif
