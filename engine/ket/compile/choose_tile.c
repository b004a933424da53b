/* Which operations share a tile: a first choice in source order, then better ones by exchanging one
 * position at a time. */
#include "ket/compile/choose_tile.h"

#include "ket/compile/cost.h"

#include <assert.h>
#include <string.h>

/* WINDOW bounds the operations looked at for one tile and CLIMB the exchanges tried, so that
 * planning stays linear. An operation is worth what it costs. */
enum { WINDOW = 2048, CLIMB = 8 };

/* Picoseconds of work in one tile at most, so that a stop never waits long. */
static const uint64_t tile_time = UINT64_C(4000000000);

/* The operations that a tile is chosen for: the head of a queue. */
typedef struct offer {
    const ktq_op *ops;
    const size_t *left;
    size_t count;
    const ktq_tile_limits *room;
    ktq_op_costs worth;
    uint64_t most; /* worth that one tile may have */
} offer;

static bool all_blocked(const ktq_skipped *b, const ktq_tile_limits *room)
{
    return (b->moved & room->allowed) == room->allowed;
}

/* First come, first served: each operation that can go now adds its positions while there is room.
 */
static uint64_t grow_tile(const offer *o)
{
    uint64_t tile = o->room->required;
    ktq_skipped b = {0};
    for (size_t i = 0; i < o->count && !all_blocked(&b, o->room); i++) {
        const ktq_op *const op = &o->ops[o->left[i]];
        const uint64_t grown = tile | op->moved;
        if (!ktq_op_is_blocked(op, &b) && __builtin_popcountll(grown) <= o->room->bits)
            tile = grown;
        else
            ktq_skipped_add(&b, op);
    }
    return tile;
}

/* The lowest free positions make the longest contiguous runs. */
static uint64_t fill_tile(uint64_t tile, const ktq_tile_limits *room)
{
    uint64_t free = room->allowed & ~tile;
    for (; free && __builtin_popcountll(tile) < room->bits; free &= free - 1)
        tile |= free & -free;
    return tile;
}

/* Worth of what a tile could do now, and by position the worth of what moves it. */
typedef struct standing {
    uint64_t worth;
    uint64_t moving[64];
} standing;

static void tally_tile(standing *t, const offer *o, uint64_t tile)
{
    ktq_skipped b = {0};
    *t = (standing){0};
    for (size_t i = 0; i < o->count && t->worth < o->most && !all_blocked(&b, o->room); i++) {
        const ktq_op *const op = &o->ops[o->left[i]];
        if (ktq_op_is_blocked(op, &b) || (op->moved & ~tile)) {
            ktq_skipped_add(&b, op);
            continue;
        }
        const uint64_t worth = ktq_cost_op(&o->worth, op);
        t->worth += worth;
        for (uint64_t m = op->moved; m; m &= m - 1)
            t->moving[__builtin_ctzll(m)] += worth;
    }
}

/* The worth alone. */
static uint64_t tile_worth(const offer *o, uint64_t tile)
{
    ktq_skipped b = {0};
    uint64_t worth = 0;
    for (size_t i = 0; i < o->count && worth < o->most && !all_blocked(&b, o->room); i++) {
        const ktq_op *const op = &o->ops[o->left[i]];
        if (ktq_op_is_blocked(op, &b) || (op->moved & ~tile))
            ktq_skipped_add(&b, op);
        else
            worth += ktq_cost_op(&o->worth, op);
    }
    return worth;
}

/* The best tile that differs from this one in one position; the tile itself where none is better.
 * With one position more a tile can do all that it could with another exchanged for it, and what
 * moves that other one besides: most exchanges need not be tried. */
static uint64_t exchange_one(const offer *o, uint64_t tile, uint64_t *worth)
{
    uint64_t best = tile;
    for (uint64_t in = o->room->allowed & ~tile; in; in &= in - 1) {
        const uint64_t wide = tile | (in & -in);
        standing with;
        tally_tile(&with, o, wide);
        for (uint64_t out = tile & ~o->room->required; out && *worth < o->most; out &= out - 1) {
            const uint64_t most = with.worth - with.moving[__builtin_ctzll(out)];
            if (with.worth < o->most && most <= *worth)
                continue;
            const uint64_t other = wide & ~(out & -out), value = tile_worth(o, other);
            if (value > *worth) {
                *worth = value;
                best = other;
            }
        }
    }
    return best;
}

static uint64_t climb_tile(const offer *o, uint64_t tile)
{
    uint64_t worth = tile_worth(o, tile);
    for (int i = 0; i < CLIMB && worth < o->most; i++) {
        const uint64_t better = exchange_one(o, tile, &worth);
        if (better == tile)
            break;
        tile = better;
    }
    return tile;
}

/* Diagonals that share a table of factors: those that look at no lanes, and at lanes alone. */
enum { ACROSS = 1, ALONG = 2 };

static unsigned table_of(const ktq_tile_limits *room, const ktq_op *op)
{
    const uint64_t lanes = op->fixed & room->required;
    if (op->moved || (op->fixed & ~room->allowed) || (lanes && lanes != op->fixed))
        return 0;
    return lanes ? ALONG : ACROSS;
}

/* The tables that what is taken needs; *moved: what it moves. */
static unsigned tables_needed(const offer *o, const size_t *taken, size_t count, uint64_t *moved)
{
    unsigned needed = 0;
    for (size_t i = count; i-- > 0;) {
        const ktq_op *const op = &o->ops[taken[i]];
        needed |= op->fixed & *moved ? table_of(o->room, op) : 0;
        *moved |= op->moved;
    }
    return needed;
}

/* Puts diagonals that no operation taken waits for back to the head of what is left, kept[0..]: in
 * a later tile there may be more of them, and they cost once. In registers, in a table that
 * is needed, they cost nothing. Returns how many stay taken. */
static size_t put_back_diagonals(const offer *o, size_t *taken, size_t count, size_t *head)
{
    uint64_t all = 0, moved = 0;
    const unsigned needed = o->room->in_registers ? tables_needed(o, taken, count, &all) : 0;
    size_t last = count;
    for (size_t i = count; i-- > 0;) {
        const ktq_op *const op = &o->ops[taken[i]];
        const bool rides = (table_of(o->room, op) & needed) && !(op->fixed & all);
        if (op->moved == 0 && !(op->fixed & moved) && !rides)
            *--head = taken[i];
        else
            taken[--last] = taken[i];
        moved |= op->moved;
    }
    memmove(taken, taken + last, (count - last) * sizeof *taken);
    return count - last;
}

static bool any_moves(const offer *o, const size_t *taken, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (o->ops[taken[i]].moved)
            return true;
    return false;
}

/* Moves what the tile can do now from the head of the queue to `taken`. */
static size_t take_ops(const offer *o, uint64_t tile, ktq_remaining *remaining, size_t *taken)
{
    size_t *const left = remaining->indices + remaining->first;
    ktq_skipped b = {0};
    uint64_t worth = 0;
    size_t kept = 0, chosen = 0, i = 0;
    for (; i < o->count && worth < o->most && !all_blocked(&b, o->room); i++) {
        const ktq_op *const op = &o->ops[left[i]];
        if (!ktq_op_is_blocked(op, &b) && !(op->moved & ~tile)) {
            taken[chosen++] = left[i];
            worth += ktq_cost_op(&o->worth, op);
        } else {
            ktq_skipped_add(&b, op);
            left[kept++] = left[i];
        }
    }
    memmove(left + i - kept, left, kept * sizeof *left);
    remaining->first += i - kept;
    if (remaining->first == remaining->last || !any_moves(o, taken, chosen))
        return chosen;
    const size_t stay = put_back_diagonals(o, taken, chosen, remaining->indices + remaining->first);
    remaining->first -= chosen - stay;
    return stay;
}

uint64_t ktq_choose_tile(const ktq_op_list *list, ktq_remaining *remaining, size_t *taken,
                         size_t *taken_count, const ktq_tile_limits *room)
{
    const size_t count = remaining->last - remaining->first;
    const offer o = {.ops = list->ops,
                     .left = remaining->indices + remaining->first,
                     .count = count < WINDOW ? count : WINDOW,
                     .room = room,
                     .worth = ktq_cost_ops(room->set),
                     .most = tile_time << room->set->lane_bits >> room->bits};
    uint64_t tile = fill_tile(grow_tile(&o), room);
    if (tile != room->allowed)
        tile = climb_tile(&o, tile);
    *taken_count = take_ops(&o, tile, remaining, taken);
    return tile;
}
