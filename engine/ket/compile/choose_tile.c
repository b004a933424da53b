/* A tile is chosen first fit, in source order, and then improved by hill climbing: one position is
 * exchanged for another as long as the tile can then do more work. */
#include "ket/compile/choose_tile.h"

#include "bits.h"
#include "ket/compile/cost.h"
#include "numbers.h"

#include <assert.h>
#include <string.h>

/* WINDOW bounds the operations examined for one tile, and CLIMB_MAX the exchanges, so that planning
 * stays linear. */
enum { WINDOW = 2048, CLIMB_MAX = 8 };

/* Picoseconds of work in one tile at most, so that a stop takes effect soon. */
static const uint64_t tile_work_max = UINT64_C(4000000000);

/* The operations that a tile is chosen for, the first `count` of those that remain. Their work is
 * what they cost for one vector; work_max is what one tile may have. */
typedef struct candidates {
    const ktq_op *ops;
    const size_t *indices;
    size_t count;
    const ktq_tile_limits *limits;
    ktq_op_costs costs;
    uint64_t work_max;
} candidates;

static const ktq_op *op_at(const candidates *c, size_t i)
{
    return &c->ops[c->indices[i]];
}

/* Whether the operations skipped so far block all that may follow. */
static bool all_blocked(const ktq_skipped *skipped, const ktq_tile_limits *limits)
{
    return (skipped->moved & limits->allowed) == limits->allowed;
}

/* ---- choosing ---- */

/* First fit: each operation that is not blocked adds its positions while there are not too many. */
static uint64_t first_fit(const candidates *c)
{
    uint64_t tile = c->limits->required;
    ktq_skipped skipped = {0};
    for (size_t i = 0; i < c->count && !all_blocked(&skipped, c->limits); i++) {
        const ktq_op *const op = op_at(c, i);
        const uint64_t grown = tile | op->moved;
        if (!ktq_op_is_blocked(op, &skipped) && kt_bit_count(grown) <= c->limits->bits)
            tile = grown;
        else
            ktq_skipped_add(&skipped, op);
    }
    return tile;
}

/* Adds the lowest positions that are free, which make the longest contiguous runs. */
static uint64_t fill_tile(uint64_t tile, const ktq_tile_limits *limits)
{
    uint64_t free = limits->allowed & ~tile;
    for (; free && kt_bit_count(tile) < limits->bits; free &= free - 1)
        tile |= free & -free;
    return tile;
}

/* The work that a tile can do now: all of it, and for each position that of the operations that move
 * it. */
typedef struct tile_tally {
    uint64_t work;
    uint64_t moving[64];
} tile_tally;

static void tally_tile(tile_tally *t, const candidates *c, uint64_t tile)
{
    ktq_skipped skipped = {0};
    *t = (tile_tally){0};
    for (size_t i = 0; i < c->count && t->work < c->work_max && !all_blocked(&skipped, c->limits);
         i++) {
        const ktq_op *const op = op_at(c, i);
        if (ktq_op_is_blocked(op, &skipped) || (op->moved & ~tile)) {
            ktq_skipped_add(&skipped, op);
            continue;
        }
        const uint64_t work = ktq_cost_op(&c->costs, op);
        t->work += work;
        FOR_EACH_BIT(position, op->moved)
            t->moving[position] += work;
    }
}

/* tally_tile's work alone. */
static uint64_t tile_work(const candidates *c, uint64_t tile)
{
    ktq_skipped skipped = {0};
    uint64_t work = 0;
    for (size_t i = 0; i < c->count && work < c->work_max && !all_blocked(&skipped, c->limits);
         i++) {
        const ktq_op *const op = op_at(c, i);
        if (ktq_op_is_blocked(op, &skipped) || (op->moved & ~tile))
            ktq_skipped_add(&skipped, op);
        else
            work += ktq_cost_op(&c->costs, op);
    }
    return work;
}

/* The best tile that differs from this one in one position, and its work; the tile itself where none
 * is better. A tile with one position more can do no less than with another one exchanged for it,
 * and in addition what moves that other one: this bounds what an exchange gives, so that most need
 * not be tried. */
static uint64_t exchange_one(const candidates *c, uint64_t tile, uint64_t *work)
{
    uint64_t best = tile;
    FOR_EACH_BIT(in, c->limits->allowed & ~tile) {
        const uint64_t enlarged = tile | kt_bit(in);
        tile_tally with;
        tally_tile(&with, c, enlarged);
        FOR_EACH_BIT(out, tile & ~c->limits->required) {
            const uint64_t most = with.work - with.moving[out];
            if (*work >= c->work_max || (with.work < c->work_max && most <= *work))
                continue;
            const uint64_t other = enlarged & ~kt_bit(out), other_work = tile_work(c, other);
            if (other_work > *work) {
                *work = other_work;
                best = other;
            }
        }
    }
    return best;
}

static uint64_t climb(const candidates *c, uint64_t tile)
{
    uint64_t work = tile_work(c, tile);
    for (int i = 0; i < CLIMB_MAX && work < c->work_max; i++) {
        const uint64_t better = exchange_one(c, tile, &work);
        if (better == tile)
            break;
        tile = better;
    }
    return tile;
}

/* ---- diagonals that are better left to a later tile ---- */

/* Tables of factors in registers, as bits: for diagonals that depend on no lanes, and on lanes
 * alone. */
enum { VECTOR_TABLE = 1, LANE_TABLE = 2 };

/* The table that a diagonal goes into; 0 where it goes into none. */
static unsigned table_of(const ktq_tile_limits *limits, const ktq_op *op)
{
    const uint64_t lanes = op->fixed & limits->required;
    if (op->moved || (op->fixed & ~limits->allowed) || (lanes && lanes != op->fixed))
        return 0;
    return lanes ? LANE_TABLE : VECTOR_TABLE;
}

/* The tables that are needed because an operation taken later moves what a diagonal depends on.
 * *moved: all that is moved. */
static unsigned tables_needed(const candidates *c, const size_t *taken, size_t count,
                              uint64_t *moved)
{
    unsigned needed = 0;
    for (size_t i = count; i-- > 0;) {
        const ktq_op *const op = &c->ops[taken[i]];
        needed |= op->fixed & *moved ? table_of(c->limits, op) : 0;
        *moved |= op->moved;
    }
    return needed;
}

/* Moves diagonals that block no operation taken from taken[0..count-1] to the places that end at
 * *end, in order: a later tile may have more of them, and a table costs the same for many. In
 * registers, in a table that is needed anyway, they cost nothing and stay. Returns how many stay. */
static size_t return_diagonals(const candidates *c, size_t *taken, size_t count, size_t *end)
{
    uint64_t all = 0, moved = 0;
    const unsigned needed = c->limits->in_registers ? tables_needed(c, taken, count, &all) : 0;
    size_t last = count;
    for (size_t i = count; i-- > 0;) {
        const ktq_op *const op = &c->ops[taken[i]];
        const bool is_free = (table_of(c->limits, op) & needed) && !(op->fixed & all);
        if (op->moved == 0 && !(op->fixed & moved) && !is_free)
            *--end = taken[i];
        else
            taken[--last] = taken[i];
        moved |= op->moved;
    }
    memmove(taken, taken + last, (count - last) * sizeof *taken);
    return count - last;
}

static bool any_moves(const candidates *c, const size_t *taken, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (c->ops[taken[i]].moved)
            return true;
    return false;
}

/* ---- taking ---- */

/* Moves the operations that the tile can do now from the remaining ones to taken[]; returns how
 * many. */
static size_t take_ops(const candidates *c, uint64_t tile, ktq_remaining *remaining, size_t *taken)
{
    size_t *const left = remaining->indices + remaining->first;
    ktq_skipped skipped = {0};
    uint64_t work = 0;
    size_t kept = 0, count = 0, i = 0;
    for (; i < c->count && work < c->work_max && !all_blocked(&skipped, c->limits); i++) {
        const ktq_op *const op = &c->ops[left[i]];
        if (!ktq_op_is_blocked(op, &skipped) && !(op->moved & ~tile)) {
            taken[count++] = left[i];
            work += ktq_cost_op(&c->costs, op);
        } else {
            ktq_skipped_add(&skipped, op);
            left[kept++] = left[i];
        }
    }
    memmove(left + i - kept, left, kept * sizeof *left);
    remaining->first += i - kept;
    if (remaining->first == remaining->last || !any_moves(c, taken, count))
        return count;
    const size_t stay = return_diagonals(c, taken, count, remaining->indices + remaining->first);
    remaining->first -= count - stay;
    return stay;
}

uint64_t ktq_choose_tile(const ktq_op_list *list, ktq_remaining *remaining, size_t *taken,
                         size_t *taken_count, const ktq_tile_limits *limits)
{
    assert(remaining->first <= remaining->last);
    assert(!(limits->required & ~limits->allowed));
    assert(kt_bit_count(limits->required) <= limits->bits);
    const size_t count = remaining->last - remaining->first;
    const candidates c = {.ops = list->ops,
                          .indices = remaining->indices + remaining->first,
                          .count = KT_MIN(count, WINDOW),
                          .limits = limits,
                          .costs = ktq_cost_ops(limits->set),
                          .work_max = tile_work_max << limits->set->lane_bits >> limits->bits};
    uint64_t tile = fill_tile(first_fit(&c), limits);
    if (tile != limits->allowed)
        tile = climb(&c, tile);
    *taken_count = take_ops(&c, tile, remaining, taken);
    assert(*taken_count + (remaining->last - remaining->first) == count);
    assert(!(tile & ~limits->allowed) && !(limits->required & ~tile));
    return tile;
}
