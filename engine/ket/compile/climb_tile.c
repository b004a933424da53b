#include "ket/compile/climb_tile.h"

#include <assert.h>

/* ---- scans of four tiles ---- */

enum { TILES = 4 };

/* A number for each of four tiles. Positions are in 32 bits, as processors compare these four at a
 * time. */
typedef uint32_t tile_lanes __attribute__((vector_size(sizeof(uint32_t) * TILES)));
typedef int32_t tile_masks __attribute__((vector_size(sizeof(int32_t) * TILES)));

static inline tile_lanes all_tiles(uint64_t x)
{
    const uint32_t low = (uint32_t)x;
    return (tile_lanes){low, low, low, low};
}

/* As ktq_scan, for each of the tiles; work: what they do. */
typedef struct tiles_scan {
    tile_lanes moved, touched, work;
} tiles_scan;

static inline tiles_scan begin_tiles(const uint64_t tiles[TILES])
{
    const tile_lanes inside = {(uint32_t)tiles[0], (uint32_t)tiles[1], (uint32_t)tiles[2],
                               (uint32_t)tiles[3]};
    return (tiles_scan){.moved = all_tiles(0), .touched = ~inside, .work = all_tiles(0)};
}

/* Scans one operation; returns its work in each tile. */
static inline tile_lanes scan_tiles(tiles_scan *scan, const ktq_candidate *op, tile_masks work_max)
{
    const tile_lanes moved = all_tiles(op->moved), fixed = all_tiles(op->fixed);
    const tile_lanes takes =
        (tile_lanes)(((moved & scan->touched) | (fixed & scan->moved)) == all_tiles(0));
    const tile_lanes more = (tile_lanes)((tile_masks)scan->work < work_max);
    const tile_lanes work = all_tiles(op->work) & takes & more;
    scan->moved |= moved & ~takes;
    scan->touched |= (moved | fixed) & ~takes;
    scan->work += work;
    return work;
}

/* Whether scans go on in any tile. */
static inline bool any_goes_on(const tiles_scan *scan, tile_lanes allowed, tile_masks work_max)
{
    const tile_lanes open = (tile_lanes)((allowed & ~scan->moved) != all_tiles(0)) &
                            (tile_lanes)((tile_masks)scan->work < work_max);
    return open[0] | open[1] | open[2] | open[3];
}

/* Operations that are scanned before it is asked again whether scans go on. */
enum { STRIDE = 8 };

/* The work of four tiles. */
static tile_lanes tiles_work(const ktq_candidates *c, const uint64_t tiles[TILES])
{
    const tile_lanes allowed = all_tiles(c->limits->allowed);
    const tile_masks work_max = (tile_masks)all_tiles(c->work_max);
    tiles_scan scan = begin_tiles(tiles);
    for (size_t i = 0; i < c->count; i++) {
        if (i % STRIDE == 0 && !any_goes_on(&scan, allowed, work_max))
            break;
        scan_tiles(&scan, &c->items[i], work_max);
    }
    return scan.work;
}

/* The work that tiles can do now: all of it, and for each position that of the operations that move
 * it. */
typedef struct tiles_tally {
    tile_lanes work, moving[32];
} tiles_tally;

static void tally_tiles(tiles_tally *t, const ktq_candidates *c, const uint64_t tiles[TILES])
{
    const tile_lanes allowed = all_tiles(c->limits->allowed);
    const tile_masks work_max = (tile_masks)all_tiles(c->work_max);
    tiles_scan scan = begin_tiles(tiles);
    FOR_EACH_BIT(position, c->limits->allowed)
        t->moving[position] = all_tiles(0);
    for (size_t i = 0; i < c->count; i++) {
        if (i % STRIDE == 0 && !any_goes_on(&scan, allowed, work_max))
            break;
        const tile_lanes work = scan_tiles(&scan, &c->items[i], work_max);
        FOR_EACH_BIT(position, c->items[i].moved & c->limits->allowed)
            t->moving[position] += work;
    }
    t->work = scan.work;
}

/* ---- the best exchange ---- */

/* The best tile so far, what it does, and tiles that may do more: they are scanned when there are
 * four. Of tiles that do the same the first one is best. */
typedef struct exchange {
    const ktq_candidates *c;
    uint64_t best, work;
    uint64_t waiting[TILES];
    int32_t count;
} exchange;

static void scan_waiting(exchange *e)
{
    for (int32_t i = e->count; i < TILES; i++)
        e->waiting[i] = 0;
    const tile_lanes work = tiles_work(e->c, e->waiting);
    for (int32_t i = 0; i < e->count; i++)
        if (work[i] > e->work) {
            e->work = work[i];
            e->best = e->waiting[i];
        }
    e->count = 0;
}

/* A tile with one position more can do no less than with another one exchanged for it, and in
 * addition what moves that other one: this bounds what an exchange gives, so that most need not be
 * tried. */
static void try_out(exchange *e, uint64_t enlarged, uint64_t out, uint64_t work, uint64_t moving)
{
    if (e->work >= e->c->work_max || (work < e->c->work_max && work - moving <= e->work))
        return;
    e->waiting[e->count++] = enlarged & ~kt_bit(out);
    if (e->count == TILES)
        scan_waiting(e);
}

/* Tries all exchanges that bring in one of the positions. */
static void try_ins(exchange *e, uint64_t tile, const uint64_t *ins, int32_t count)
{
    uint64_t enlarged[TILES] = {0};
    tiles_tally with;
    for (int32_t i = 0; i < count; i++)
        enlarged[i] = tile | kt_bit(ins[i]);
    tally_tiles(&with, e->c, enlarged);
    for (int32_t i = 0; i < count; i++)
        FOR_EACH_BIT(out, tile & ~e->c->limits->required)
            try_out(e, enlarged[i], out, with.work[i], with.moving[out][i]);
}

static void exchange_one(exchange *e, uint64_t tile)
{
    uint64_t ins[TILES];
    int32_t count = 0;
    FOR_EACH_BIT(in, e->c->limits->allowed & ~tile) {
        ins[count++] = in;
        if (count == TILES) {
            try_ins(e, tile, ins, count);
            count = 0;
        }
    }
    if (count)
        try_ins(e, tile, ins, count);
    if (e->count)
        scan_waiting(e);
}

static uint64_t climb_low(const ktq_candidates *c, uint64_t tile)
{
    exchange e = {.c = c, .best = tile};
    e.work = tiles_work(c, (const uint64_t[TILES]){tile})[0];
    for (int i = 0; i < c->limits->exchanges && e.work < c->work_max; i++) {
        const uint64_t before = e.best;
        exchange_one(&e, before);
        if (e.best == before)
            break;
    }
    return e.best;
}

/* ---- positions beyond 32 ---- */

static uint64_t tile_work(const ktq_candidates *c, uint64_t tile)
{
    ktq_scan scan = ktq_scan_begin(tile);
    uint64_t work = 0;
    for (size_t i = 0; i < c->count && ktq_scan_goes_on(c, &scan, work); i++) {
        const uint64_t skip = ktq_scan_skips(&scan, &c->items[i]);
        work += c->items[i].work & ~skip;
        ktq_scan_skip(&scan, &c->items[i], skip);
    }
    return work;
}

/* The best tile that differs from this one in one position, and its work; the tile itself where none
 * is better. */
static uint64_t exchange_any(const ktq_candidates *c, uint64_t tile, uint64_t *work)
{
    uint64_t best = tile;
    FOR_EACH_BIT(in, c->limits->allowed & ~tile)
        FOR_EACH_BIT(out, tile & ~c->limits->required) {
            const uint64_t other = (tile | kt_bit(in)) & ~kt_bit(out);
            const uint64_t other_work = tile_work(c, other);
            if (other_work > *work) {
                *work = other_work;
                best = other;
            }
        }
    return best;
}

/* The plain way, without bounds and one tile at a time. */
static uint64_t climb_any(const ktq_candidates *c, uint64_t tile)
{
    uint64_t work = tile_work(c, tile);
    for (int i = 0; i < c->limits->exchanges && work < c->work_max; i++) {
        const uint64_t better = exchange_any(c, tile, &work);
        if (better == tile)
            break;
        tile = better;
    }
    return tile;
}

uint64_t ktq_climb_tile(const ktq_candidates *c, uint64_t tile)
{
    assert(c->work_max < UINT64_C(1) << 31);
    return c->limits->allowed >> 32 ? climb_any(c, tile) : climb_low(c, tile);
}
