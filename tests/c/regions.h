/* A region in an arena of its own, for tests of the planner's stages. */
#ifndef REGIONS_H
#define REGIONS_H

#include "region.h"
#include <check.h>

/* Begins the region; returns the arena that region_close ends. */
static inline ketch_arena *region_open(kt_region *region)
{
    kt_refusal refusal = {0};
    ketch_arena *const arena = kt_arena_create(0, false, &refusal);
    ck_assert_ptr_nonnull(arena);
    kt_region_begin(region, arena, "test", 0);
    return arena;
}

static inline void region_close(kt_region *region, ketch_arena *arena)
{
    kt_region_end(region);
    kt_arena_drop(arena);
}

#endif
