/* Choosing tiles: climbing by scans of eight tiles and by plain ones, and the order of what is
 * taken. Operations and limits are random. */
#include "ket/compile/choose_tile.h"
#include "ket/compile/climb_tile.h"
#include "suite.h"
#include "words.h"
#include <inttypes.h>
#include <string.h>

/* SHIFT: takes all positions to where they are scanned plainly. SEEDS of CASES each. */
enum { POSITIONS = 26, SHIFT = 33, OPS_MAX = 120, SEEDS = 8, CASES = 100 };

typedef struct problem {
    ktq_candidate items[OPS_MAX];
    size_t count;
    ktq_tile_limits limits;
} problem;

/* ---- random problems ---- */

static uint64_t draw(uint64_t *random, uint64_t below)
{
    return next_word(random) % below;
}

/* So many of the positions in from. */
static uint64_t draw_mask(uint64_t *random, uint64_t from, int32_t count)
{
    uint64_t mask = 0;
    while (kt_bit_count(mask) < count)
        mask |= kt_bit(draw(random, POSITIONS)) & from;
    return mask;
}

/* Moves up to four allowed positions, and depends on up to three further ones, allowed or not. */
static ktq_candidate draw_candidate(uint64_t *random, const problem *p, uint64_t work_below)
{
    const int32_t counts[] = {0, 0, 1, 1, 1, 1, 2, 2, 3, 4};
    const uint64_t moved = draw_mask(random, p->limits.allowed, counts[draw(random, 10)]);
    uint64_t fixed = draw_mask(random, kt_bit(POSITIONS) - 1, (int32_t)draw(random, 4)) & ~moved;
    if (!moved && !fixed)
        fixed = kt_bit(draw(random, POSITIONS));
    return (ktq_candidate){.moved = moved,
                           .fixed = fixed,
                           .index = (uint32_t)p->count,
                           .work = (uint32_t)(1 + draw(random, work_below)) & 0xfffffff,
                           .kind = (uint32_t)1 << draw(random, 4) & 15};
}

static void draw_problem(problem *p, uint64_t *random, uint64_t work_below)
{
    const int32_t allowed = 6 + (int32_t)draw(random, POSITIONS - 5);
    const int32_t bits = 4 + (int32_t)draw(random, (uint64_t)allowed - 4);
    *p = (problem){0};
    p->limits = (ktq_tile_limits){
        .allowed = draw_mask(random, kt_bit(POSITIONS) - 1, allowed),
        .bits = bits,
        .exchanges = (int32_t)draw(random, 5),
        .in_registers = draw(random, 3) == 0,
        .set = ktq_kernel_set_find(KETCH_KERNELS_SCALAR, KETCH_DOUBLE),
    };
    p->limits.required = draw_mask(random, p->limits.allowed, (int32_t)draw(random, 3));
    const size_t count = (size_t)draw(random, OPS_MAX + 1);
    for (; p->count < count; p->count++)
        p->items[p->count] = draw_candidate(random, p, work_below);
}

static const char *describe(const problem *p, int seed, int number)
{
    static char text[200];
    snprintf(text, sizeof text,
             "seed %d, case %d: %zu operations, %d positions of %" PRIx64 " with %" PRIx64
             ", %d exchanges",
             seed, number, p->count, p->limits.bits, p->limits.allowed, p->limits.required,
             p->limits.exchanges);
    return text;
}

/* ---- climbing ---- */

static problem shifted(const problem *p)
{
    problem s = *p;
    s.limits.allowed <<= SHIFT;
    s.limits.required <<= SHIFT;
    for (size_t i = 0; i < p->count; i++) {
        s.items[i].moved <<= SHIFT;
        s.items[i].fixed <<= SHIFT;
    }
    return s;
}

static uint64_t climb(const problem *p, uint64_t work_max, uint64_t tile)
{
    const ktq_candidates c = {p->items, p->count, &p->limits, work_max};
    return ktq_climb_tile(&c, tile);
}

/* The work that the tile can do now. */
static uint64_t work_of(const problem *p, uint64_t tile)
{
    ktq_scan scan = ktq_scan_begin(tile);
    uint64_t work = 0;
    for (size_t i = 0; i < p->count && (p->limits.allowed & ~scan.moved); i++) {
        const uint64_t skip = ktq_scan_skips(&scan, p->items[i].moved, p->items[i].fixed);
        work += p->items[i].work & ~skip;
        ktq_scan_skip_if(&scan, &p->items[i], skip);
    }
    return work;
}

/* Positions below 32 and from there up are climbed by different code. */
START_TEST(eight_tiles_climb_as_one_does)
{
    uint64_t random = (uint64_t)_i;
    int better = 0, full = 0;
    for (int number = 0; number < CASES; number++) {
        problem p;
        const uint64_t work_below = number % 5 ? 1000 : 1 << 27; /* all: beyond 2^32 */
        draw_problem(&p, &random, work_below);
        const problem high = shifted(&p);
        const uint64_t more = draw_mask(&random, p.limits.allowed & ~p.limits.required,
                                        p.limits.bits - kt_bit_count(p.limits.required));
        const uint64_t tile = p.limits.required | more, before = work_of(&p, tile);
        const uint64_t some = before + 1 + draw(&random, 3 * work_below);
        const uint64_t work_max = number % 2 ? KTQ_WORK_MAX : KT_MIN(some, KTQ_WORK_MAX);
        const uint64_t climbed = climb(&p, work_max, tile);
        better += climbed != tile;
        full += work_of(&p, climbed) >= work_max;
        ck_assert_msg(!(climbed & ~p.limits.allowed) && !(p.limits.required & ~climbed) &&
                          kt_bit_count(climbed) == p.limits.bits,
                      "%s: %" PRIx64 " is no tile", describe(&p, _i, number), climbed);
        ck_assert_msg(work_of(&p, climbed) >= before, "%s: less work", describe(&p, _i, number));
        const uint64_t plainly = climb(&high, work_max, tile << SHIFT) >> SHIFT;
        ck_assert_msg(climbed == plainly,
                      "%s, at most %" PRIu64 " of work: %" PRIx64 " from %" PRIx64
                      ", plainly %" PRIx64,
                      describe(&p, _i, number), work_max, climbed, tile, plainly);
    }
    ck_assert_int_gt(better, CASES / 4);
    ck_assert_int_gt(full, 0);
}
END_TEST

/* ---- what is taken ---- */

/* Operations as they are after choosing: those taken, then those that remain. */
typedef struct outcome {
    ktq_candidate items[OPS_MAX + 1];
    size_t taken;
    uint64_t tile;
} outcome;

static void choose(outcome *o, const problem *p)
{
    ktq_candidate items[OPS_MAX + 1];
    ktq_remaining remaining = {.items = items, .first = 1, .last = p->count + 1};
    memcpy(items + 1, p->items, p->count * sizeof *items);
    o->tile = ktq_choose_tile(&remaining, o->items, &o->taken, &p->limits);
    ck_assert_uint_eq(remaining.last, p->count + 1);
    ck_assert_uint_eq(remaining.first, 1 + o->taken);
    memcpy(o->items + o->taken, items + remaining.first,
           (remaining.last - remaining.first) * sizeof *items);
}

static bool commute(const ktq_candidate *a, const ktq_candidate *b)
{
    return !(a->moved & (b->moved | b->fixed)) && !(b->moved & a->fixed);
}

static void check_order(const outcome *o, const problem *p, int seed, int number)
{
    bool seen[OPS_MAX] = {false};
    for (size_t i = 0; i < p->count; i++) {
        const ktq_candidate *const op = &o->items[i];
        ck_assert_msg(op->index < p->count && !seen[op->index],
                      "%s: operation %u came twice or is none", describe(p, seed, number),
                      op->index);
        seen[op->index] = true;
        ck_assert_msg(memcmp(op, &p->items[op->index], sizeof *op) == 0,
                      "%s: operation %u was changed", describe(p, seed, number), op->index);
        for (size_t k = 0; k < i; k++)
            ck_assert_msg(o->items[k].index < op->index || commute(&o->items[k], op),
                          "%s: operation %u overtook %u", describe(p, seed, number),
                          o->items[k].index, op->index);
    }
}

static void check_tile(const outcome *o, const problem *p, int seed, int number)
{
    const int32_t bits = KT_MIN(p->limits.bits, kt_bit_count(p->limits.allowed));
    ck_assert_msg(!(o->tile & ~p->limits.allowed) && !(p->limits.required & ~o->tile) &&
                      kt_bit_count(o->tile) == bits,
                  "%s: %" PRIx64 " is no tile", describe(p, seed, number), o->tile);
    for (size_t i = 0; i < o->taken; i++)
        ck_assert_msg(!(o->items[i].moved & ~o->tile), "%s: operation %u moves what is outside",
                      describe(p, seed, number), o->items[i].index);
    const bool fits = p->count && kt_bit_count(p->items[0].moved | p->limits.required) <= bits;
    ck_assert_msg(o->taken > 0 || !fits, "%s: nothing was taken", describe(p, seed, number));
}

/* Work that is large makes a tile full. */
START_TEST(taking_keeps_the_order_of_what_does_not_commute)
{
    uint64_t random = 1000 + (uint64_t)_i;
    int left = 0;
    for (int number = 0; number < CASES; number++) {
        problem p;
        outcome o;
        draw_problem(&p, &random, number % 2 ? 1000 : 1 << 27);
        choose(&o, &p);
        check_tile(&o, &p, _i, number);
        check_order(&o, &p, _i, number);
        left += o.taken > 0 && o.taken < p.count;
    }
    ck_assert_int_gt(left, CASES / 4);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("choose_tile");
    TCase *const cases = tcase_create("choose_tile");
    tcase_set_timeout(cases, 120);
    keep_one_thread(cases);
    add_seeds(cases, eight_tiles_climb_as_one_does, SEEDS);
    add_seeds(cases, taking_keeps_the_order_of_what_does_not_commute, SEEDS);
    suite_add_tcase(suite, cases);
    return end_with(suite);
}
