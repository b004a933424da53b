#include "ket/compile/climb_tile.h"

#include "cpu.h"

#include <assert.h>

/* ---- scans of eight tiles ---- */

enum { TILES = 8 };

/* A number for each of the tiles. Positions are in 32 bits, so that one or two registers hold all:
 * no operation moves a higher one, and those fixed there block nothing. */
typedef uint32_t tile_lanes __attribute__((vector_size(sizeof(uint32_t) * TILES)));
typedef int32_t tile_masks __attribute__((vector_size(sizeof(int32_t) * TILES)));

/* The work that tiles can do now: all of it, and for each position that of the operations that move
 * it. */
typedef struct tiles_tally {
    tile_lanes work, moving[32];
} tiles_tally;

/* Operations that are scanned before it is asked again whether any tile's scan goes on. */
enum { CHECK_EVERY = 8 };

#define ALL_TILES(x) ((tile_lanes){0} + (uint32_t)(x))

/* Scans the operations for all tiles at once, each as ktq_scan does for one. by_position: what moves
 * each position is added up, too. A scan for one tile ends where what was skipped moves all allowed
 * positions. Here the other tiles go on, and this one must not take what depends on no allowed
 * position. */
static inline __attribute__((always_inline)) void scan_tiles(tiles_tally *t,
                                                             const ktq_candidates *c,
                                                             const uint64_t tiles[TILES],
                                                             const bool by_position)
{
    const tile_lanes none = ALL_TILES(0), allowed = ALL_TILES(c->limits->allowed);
    const tile_masks work_max = (tile_masks)ALL_TILES(c->work_max);
    tile_lanes moved = none, touched = none, work = none;
    for (int i = 0; i < TILES; i++)
        touched[i] = ~(uint32_t)tiles[i];
    for (size_t i = 0; i < c->count; i++) {
        const ktq_candidate *const op = &c->items[i];
        const tile_lanes moves = ALL_TILES(op->moved), fixes = ALL_TILES(op->fixed);
        tile_lanes takes = (tile_lanes)(((moves & touched) | (fixes & moved)) == none);
        if (!((op->moved | op->fixed) & c->limits->allowed))
            takes &= (tile_lanes)((allowed & ~moved) != none);
        const tile_lanes more = (tile_lanes)((tile_masks)work < work_max);
        const tile_lanes done = ALL_TILES(op->work) & takes & more;
        moved |= moves & ~takes;
        touched |= (moves | fixes) & ~takes;
        work += done;
        if (by_position)
            FOR_EACH_BIT(position, op->moved & c->limits->allowed)
                t->moving[position] += done;
        if (i % CHECK_EVERY == CHECK_EVERY - 1) {
            const tile_lanes open = (tile_lanes)((allowed & ~moved) != none) &
                                    (tile_lanes)((tile_masks)work < work_max);
            uint32_t any = 0;
            for (int k = 0; k < TILES; k++)
                any |= open[k];
            if (!any)
                break;
        }
    }
    t->work = work;
}

static void scan_plainly(tiles_tally *t, const ktq_candidates *c, const uint64_t tiles[TILES],
                         bool by_position)
{
    if (by_position)
        scan_tiles(t, c, tiles, true);
    else
        scan_tiles(t, c, tiles, false);
}

#if defined(__x86_64__) || defined(__i386__)
__attribute__((target("avx2"))) static void
scan_by_avx2(tiles_tally *t, const ktq_candidates *c, const uint64_t tiles[TILES], bool by_position)
{
    if (by_position)
        scan_tiles(t, c, tiles, true);
    else
        scan_tiles(t, c, tiles, false);
}
#endif

static void scan_with(tiles_tally *t, const ktq_candidates *c, const uint64_t tiles[TILES],
                      bool by_position)
{
#if defined(__x86_64__) || defined(__i386__)
    if (kt_cpu_runs(KETCH_KERNELS_AVX2)) {
        scan_by_avx2(t, c, tiles, by_position);
        return;
    }
#endif
    scan_plainly(t, c, tiles, by_position);
}

static void tally_tiles(tiles_tally *t, const ktq_candidates *c, const uint64_t tiles[TILES])
{
    FOR_EACH_BIT(position, c->limits->allowed)
        t->moving[position] = ALL_TILES(0);
    scan_with(t, c, tiles, true);
}

/* ---- the best exchange ---- */

/* Whether a tile with that work is better than one with the best work so far. More than work_max is
 * left to a later tile, so that nothing is better than the first tile that has so much. */
static bool does_more(const ktq_candidates *c, uint64_t work, uint64_t best)
{
    return work > best && best < c->work_max;
}

/* The best tile so far, what it does, and tiles that may do more: they are scanned when there are
 * eight. Of tiles that do the same the first one is best. */
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
    tiles_tally t;
    scan_with(&t, e->c, e->waiting, false);
    for (int32_t i = 0; i < e->count; i++)
        if (does_more(e->c, t.work[i], e->work)) {
            e->work = t.work[i];
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
    tiles_tally t;
    scan_with(&t, c, (const uint64_t[TILES]){tile}, false);
    e.work = t.work[0];
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
        const ktq_candidate *const op = &c->items[i];
        const uint64_t skip = ktq_scan_skips(&scan, op->moved, op->fixed);
        work += op->work & ~skip;
        ktq_scan_skip_if(&scan, op, skip);
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
            if (does_more(c, other_work, *work)) {
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
    assert(c->work_max <= KTQ_WORK_MAX);
    return c->limits->allowed >> 32 ? climb_any(c, tile) : climb_low(c, tile);
}
