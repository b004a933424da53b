/* A tile is chosen first fit, in source order, and then improved by hill climbing where that pays:
 * one position is exchanged for another as long as the tile can then do more work. */
#include "ket/compile/choose_tile.h"

#include "ket/compile/climb_tile.h"
#include "numbers.h"

#include <assert.h>
#include <string.h>

/* Bounds the operations examined for one tile, so that planning stays linear. */
enum { WINDOW = 2048 };

/* Picoseconds of work in one tile at most, so that a stop takes effect soon. */
static const uint64_t tile_work_max = UINT64_C(4000000000);

/* ---- choosing ---- */

/* First fit: each operation that is not blocked adds its positions while there are not too many. */
static uint64_t first_fit(const ktq_candidates *c)
{
    uint64_t tile = c->limits->required;
    int32_t free = c->limits->bits - kt_bit_count(tile);
    ktq_scan scan = {0};
    for (size_t i = 0; i < c->count && free > 0 && (c->limits->allowed & ~scan.moved); i++) {
        const ktq_candidate *const op = &c->items[i];
        const uint64_t grown = op->moved & ~tile;
        const int32_t more = grown & (grown - 1) ? kt_bit_count(grown) : grown != 0;
        const uint64_t skip =
            ktq_scan_skips(&scan, op->moved, op->fixed) | -(uint64_t)(more > free);
        tile |= grown & ~skip;
        free -= more & ~(int32_t)skip;
        ktq_scan_skip_if(&scan, op, skip);
    }
    return tile;
}

/* Adds the lowest positions that are free, which make the longest contiguous runs. */
static uint64_t fill_tile(uint64_t tile, const ktq_tile_limits *limits)
{
    uint64_t free = limits->allowed & ~tile;
    for (int32_t left = limits->bits - kt_bit_count(tile); free && left > 0; left--) {
        tile |= free & -free;
        free &= free - 1;
    }
    return tile;
}

/* ---- diagonals that are better left to a later tile ---- */

/* Tables of factors in registers, as bits: for diagonals that depend on no lanes, and on lanes
 * alone. */
enum { VECTOR_TABLE = 1, LANE_TABLE = 2 };

/* The table that a diagonal goes into; 0 where it goes into none. */
static unsigned table_of(const ktq_tile_limits *limits, const ktq_candidate *op)
{
    const uint64_t lanes = op->fixed & limits->required;
    if (op->moved || (op->fixed & ~limits->allowed) || (lanes && lanes != op->fixed))
        return 0;
    return lanes ? LANE_TABLE : VECTOR_TABLE;
}

/* The tables that are needed because an operation taken later moves what a diagonal depends on.
 * *moved: all that is moved. */
static unsigned tables_needed(const ktq_candidates *c, const ktq_candidate *taken, size_t count,
                              uint64_t *moved)
{
    unsigned needed = 0;
    for (size_t i = count; i-- > 0;) {
        needed |= taken[i].fixed & *moved ? table_of(c->limits, &taken[i]) : 0;
        *moved |= taken[i].moved;
    }
    return needed;
}

/* Moves diagonals that block no operation taken from taken[0..count-1] to the places that end at
 * *end, in order: a later tile may have more of them, and a table costs the same for many. In
 * registers, in a table that is needed anyway, they cost nothing and stay. Returns how many stay. */
static size_t return_diagonals(const ktq_candidates *c, ktq_candidate *taken, size_t count,
                               ktq_candidate *end)
{
    uint64_t all = 0, moved = 0;
    const unsigned needed = c->limits->in_registers ? tables_needed(c, taken, count, &all) : 0;
    size_t last = count;
    for (size_t i = count; i-- > 0;) {
        const ktq_candidate op = taken[i];
        const bool is_free = (table_of(c->limits, &op) & needed) && !(op.fixed & all);
        if (op.moved == 0 && !(op.fixed & moved) && !is_free)
            *--end = op;
        else
            taken[--last] = op;
        moved |= op.moved;
    }
    if (last)
        memmove(taken, taken + last, (count - last) * sizeof *taken);
    return count - last;
}

/* ---- taking ---- */

/* Moves the operations that the tile can do now from the remaining ones to taken[]; returns how
 * many. */
static size_t take_ops(const ktq_candidates *c, uint64_t tile, ktq_remaining *remaining,
                       ktq_candidate *taken)
{
    ktq_candidate *const left = remaining->items + remaining->first;
    ktq_scan scan = ktq_scan_begin(tile);
    uint64_t work = 0, moved = 0;
    size_t kept = 0, count = 0, i = 0;
    for (; i < c->count && ktq_scan_goes_on(c, &scan, work); i++) {
        const ktq_candidate op = left[i];
        const uint64_t skip = ktq_scan_skips(&scan, op.moved, op.fixed);
        taken[count] = left[kept] = op;
        count += !skip;
        kept += skip & 1;
        work += op.work & ~skip;
        moved |= op.moved & ~skip;
        ktq_scan_skip_if(&scan, &op, skip);
    }
    if (count)
        memmove(left + i - kept, left, kept * sizeof *left);
    remaining->first += i - kept;
    if (remaining->first == remaining->last || !moved)
        return count;
    const size_t stay = return_diagonals(c, taken, count, remaining->items + remaining->first);
    remaining->first -= count - stay;
    return stay;
}

uint64_t ktq_choose_tile(ktq_remaining *remaining, ktq_candidate *taken, size_t *taken_count,
                         const ktq_tile_limits *limits)
{
    assert(remaining->first <= remaining->last);
    assert(!(limits->required & ~limits->allowed));
    assert(kt_bit_count(limits->required) <= limits->bits);
    const size_t count = remaining->last - remaining->first;
    const uint64_t work_max = tile_work_max << limits->set->lane_bits >> limits->bits;
    const ktq_candidates c = {.items = remaining->items + remaining->first,
                              .count = KT_MIN(count, WINDOW),
                              .limits = limits,
                              .work_max = KT_MIN(work_max, KTQ_WORK_MAX)};
    uint64_t tile = limits->allowed;
    if (kt_bit_count(tile) > limits->bits)
        tile = fill_tile(first_fit(&c), limits);
    if (tile != limits->allowed && limits->exchanges)
        tile = ktq_climb_tile(&c, tile);
    *taken_count = take_ops(&c, tile, remaining, taken);
    assert(*taken_count + (remaining->last - remaining->first) == count);
    assert(!(tile & ~limits->allowed) && !(limits->required & ~tile));
    return tile;
}
