/* Regions: pieces, growth, what is refused, and what is given back. */
#include "memory.h"
#include "region.h"
#include "suite.h"
#include "words.h"

enum { PIECES = 400 };

typedef struct piece {
    void *memory;
    size_t size;
} piece;

static kt_region new_region(ketch_arena *arena, size_t size)
{
    kt_region region;
    kt_region_begin(&region, arena, "work", size);
    return region;
}

static void *must_cut(kt_region *region, size_t size)
{
    void *const memory = kt_region_take(region, size);
    ck_assert_msg(memory != NULL, "refused %zu bytes by %s", size, region->refusal.limit);
    return memory;
}

static void *must_grow(kt_region *region, void *memory, size_t old, size_t size)
{
    void *const grown = kt_region_grow(region, memory, old, size);
    ck_assert_msg(grown != NULL, "refused %zu bytes by %s", size, region->refusal.limit);
    return grown;
}

/* Pieces of any size, of a region whose first blocks are too small for all of them. */
static void cut_pieces(kt_region *region, piece pieces[PIECES], uint64_t seed)
{
    for (int i = 0; i < PIECES; i++) {
        const size_t size = (size_t)(next_word(&seed) % 3000) >> next_word(&seed) % 12;
        pieces[i] = (piece){must_cut(region, size), size};
        memset(pieces[i].memory, i & 255, size);
    }
}

static void check_pieces(const piece pieces[PIECES], uint64_t seed)
{
    for (int i = 0; i < PIECES; i++) {
        ck_assert_msg(all_bytes(pieces[i].memory, pieces[i].size, (unsigned char)(i & 255)),
                      "seed %" PRIu64 ": piece %d of %zu bytes was overwritten", seed, i,
                      pieces[i].size);
        ck_assert_uint_eq((uintptr_t)pieces[i].memory % KT_LINE, 0);
    }
}

/* ---- pieces ---- */

START_TEST(pieces_lie_on_lines_of_their_own)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    kt_region region = new_region(arena, 0);
    piece pieces[PIECES];
    cut_pieces(&region, pieces, (uint64_t)_i);
    check_pieces(pieces, (uint64_t)_i);
    ck_assert_int_gt(region.block_count, 1);
    for (int i = 0; i < PIECES; i++)
        for (int k = 0; k < i; k++)
            ck_assert_ptr_ne(pieces[i].memory, pieces[k].memory); /* those of no size, too */
    kt_region_end(&region);
    kt_arena_drop(arena);
}
END_TEST

START_TEST(what_is_said_to_be_needed_is_one_block)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    kt_region region = new_region(arena, 5 * MIB);
    ck_assert_uint_eq(stats_of(arena).takes, 0);
    for (int i = 0; i < 5; i++)
        memset(must_cut(&region, MIB), i, MIB);
    ck_assert_uint_eq(stats_of(arena).takes, 1);
    kt_region_end(&region);
    kt_arena_drop(arena);
}
END_TEST

/* ---- growth ---- */

START_TEST(the_newest_piece_grows_where_it_is)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    kt_region region = new_region(arena, 0);
    unsigned char *const older = must_cut(&region, 100), *const newest = must_cut(&region, 10);
    memset(older, 1, 100);
    memset(newest, 2, 10);
    size_t size = 10;
    for (; size < 40000; size += 977) {
        ck_assert_ptr_eq(must_grow(&region, newest, size, size + 977), newest);
        memset(newest + size, 2, 977);
    }
    unsigned char *const next = must_cut(&region, 64);
    memset(next, 3, 64);
    ck_assert(all_bytes(older, 100, 1));
    ck_assert(all_bytes(newest, size, 2));
    ck_assert_uint_eq(stats_of(arena).takes, 1);
    kt_region_end(&region);
    kt_arena_drop(arena);
}
END_TEST

/* An older piece, and the newest one where its block has no room. */
START_TEST(a_piece_that_moves_keeps_its_bytes)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    kt_region region = new_region(arena, 0);
    unsigned char *const older = must_cut(&region, 1000), *const newest = must_cut(&region, 500);
    memset(older, 1, 1000);
    memset(newest, 2, 500);
    unsigned char *const moved = must_grow(&region, older, 1000, 1001);
    memset(moved + 1000, 3, 1);
    ck_assert_ptr_ne(moved, older);
    ck_assert(all_bytes(moved, 1000, 1));
    ck_assert(all_bytes(newest, 500, 2));
    unsigned char *const large = must_grow(&region, moved, 1000, MIB);
    memset(large + 1000, 4, MIB - 1000);
    ck_assert(all_bytes(large, 1000, 1));
    ck_assert(all_bytes(newest, 500, 2));
    kt_region_end(&region);
    kt_arena_drop(arena);
}
END_TEST

START_TEST(no_memory_grows_to_a_piece)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    kt_region region = new_region(arena, 0);
    void *const none = must_grow(&region, NULL, 0, 0);
    void *const empty = must_cut(&region, 0);
    unsigned char *const first = must_grow(&region, NULL, 0, 3000);
    memset(first, 1, 3000);
    unsigned char *const second = must_grow(&region, empty, 0, 300);
    memset(second, 2, 300);
    ck_assert_ptr_ne(none, empty);
    ck_assert(all_bytes(first, 3000, 1));
    ck_assert_ptr_eq(must_grow(&region, second, 300, 300), second);
    kt_region_end(&region);
    kt_arena_drop(arena);
}
END_TEST

/* ---- refusals ---- */

/* That size is refused, as a new piece and as a larger one; the region is as before, and its newest
 * piece, of 10 bytes, too. */
static void check_refused(kt_region *region, unsigned char *newest, size_t size, uint64_t needed,
                          const char *limit)
{
    const kt_region before = *region;
    for (int grows = 0; grows < 2; grows++) {
        region->refusal = (kt_refusal){0};
        ck_assert_ptr_null(grows ? kt_region_grow(region, newest, 10, size)
                                 : kt_region_take(region, size));
        ck_assert_msg(region->refusal.needed == needed, "%zu bytes: %" PRIu64 " needed", size,
                      region->refusal.needed);
        ck_assert_uint_lt(region->refusal.allowed, needed);
        ck_assert_str_eq(region->refusal.limit, limit);
        ck_assert_ptr_eq(region->next, before.next);
        ck_assert_ptr_eq(region->end, before.end);
        ck_assert_int_eq(region->block_count, before.block_count);
        ck_assert_uint_eq(region->block_size, before.block_size);
        ck_assert(all_bytes(newest, 10, 7));
    }
    ck_assert_ptr_eq(must_grow(region, newest, 10, 11), newest);
}

START_TEST(sizes_of_pieces_never_wrap)
{
    const size_t sizes[] = {SIZE_MAX,          SIZE_MAX - 1,          SIZE_MAX - 62,
                            SIZE_MAX - 63,     SIZE_MAX - 64,         SIZE_MAX / 2 + 2,
                            PTRDIFF_MAX,       PTRDIFF_MAX - 1,       PTRDIFF_MAX - 62,
                            PTRDIFF_MAX - 63u, PTRDIFF_MAX - KT_LINE, PTRDIFF_MAX - KT_LINE - 1};
    ketch_arena *const arena = new_arena(64 * MIB);
    kt_region region = new_region(arena, 0);
    unsigned char *const newest = must_cut(&region, 10);
    memset(newest, 7, 10);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const bool is_size = sizes[i] <= PTRDIFF_MAX - KT_LINE;
        check_refused(&region, newest, sizes[i], is_size ? (uint64_t)PTRDIFF_MAX + 1 : sizes[i],
                      is_size ? "memory budget" : "operating system");
    }
    kt_region_end(&region);
    kt_arena_drop(arena);
}
END_TEST

/* A guess that no memory can fulfil is no reason to refuse what is asked for. */
START_TEST(a_guess_that_wraps_is_forgotten)
{
    const size_t guesses[] = {SIZE_MAX, SIZE_MAX / 2 + 2};
    ketch_arena *const arena = new_arena(64 * MIB);
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
        kt_region region = new_region(arena, guesses[i]);
        memset(must_cut(&region, 1000), 1, 1000);
        kt_region_end(&region);
    }
    kt_arena_drop(arena);
}
END_TEST

START_TEST(a_refused_budget_leaves_the_region_usable)
{
    ketch_arena *const arena = new_arena(MIB);
    kt_region region = new_region(arena, 0);
    unsigned char *const first = must_cut(&region, 40000), *const newest = must_cut(&region, 10);
    memset(first, 1, 40000);
    memset(newest, 7, 10);
    const uint64_t used = stats_of(arena).used;
    check_refused(&region, newest, MIB, MIB, "memory budget");
    ck_assert_uint_eq(region.refusal.allowed, MIB - used);
    ck_assert_uint_eq(stats_of(arena).used, used);
    memset(must_cut(&region, 100000), 2, 100000);
    ck_assert(all_bytes(first, 40000, 1));
    kt_region_end(&region);
    ck_assert_uint_eq(stats_of(arena).used, 0);
    kt_arena_drop(arena);
}
END_TEST

/* Index 0: one request is refused, 1: all are. */
START_TEST(pieces_are_refused_without_memory)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    kt_region region = new_region(arena, 0);
    unsigned char *const newest = must_cut(&region, 10);
    memset(newest, 7, 10);
    const kt_region before = region;
    kt_fault_arm(1, _i);
    void *const refused = kt_region_take(&region, MIB);
    kt_fault_arm(0, false);
    ck_assert_ptr_null(refused);
    ck_assert_uint_eq(region.refusal.needed, MIB);
    ck_assert_str_eq(region.refusal.limit, "operating system");
    ck_assert_ptr_eq(region.next, before.next);
    memset(must_cut(&region, MIB), 1, MIB);
    ck_assert(all_bytes(newest, 10, 7));
    kt_region_end(&region);
    kt_arena_drop(arena);
}
END_TEST

/* ---- the end ---- */

START_TEST(ending_gives_everything_back)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    kt_region region = new_region(arena, 0), zeroed = {0};
    piece pieces[PIECES];
    cut_pieces(&region, pieces, 3);
    const kt_arena_stats before = stats_of(arena);
    kt_tag tag;
    ck_assert(before.used > 0 && kt_arena_read_tag(&tag, arena, 0));
    ck_assert_str_eq(tag.name, "work");
    ck_assert_uint_eq(tag.used, before.used);
    kt_region_end(&region);
    ck_assert_uint_eq(stats_of(arena).used, 0);
    ketch_block *others[64]; /* enough to use the records of the region's blocks again */
    for (int i = 0; i < 64; i++)
        others[i] = take(arena, 100);
    kt_region_end(&region);
    kt_region_end(&zeroed);
    for (int i = 0; i < 64; i++)
        ck_assert(kt_block_drop(others[i]));
    ck_assert_uint_eq(stats_of(arena).used, 0);
    kt_arena_drop(arena);
}
END_TEST

START_TEST(the_next_region_maps_nothing)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    kt_arena_stats first = {0};
    for (int round = 0; round < 4; round++) {
        kt_region region = new_region(arena, 30000);
        piece pieces[PIECES];
        cut_pieces(&region, pieces, (uint64_t)_i);
        check_pieces(pieces, (uint64_t)_i);
        kt_region_end(&region);
        if (round == 0)
            first = stats_of(arena);
    }
    ck_assert_uint_eq(stats_of(arena).maps, first.maps);
    ck_assert_uint_eq(stats_of(arena).takes, 4 * first.takes);
    ck_assert_uint_gt(first.takes, 1);
    kt_arena_drop(arena);
}
END_TEST

int main(void)
{
    const TTest *const pieces[] = {
        what_is_said_to_be_needed_is_one_block, the_newest_piece_grows_where_it_is,
        a_piece_that_moves_keeps_its_bytes, no_memory_grows_to_a_piece, NULL};
    const TTest *const refusals[] = {sizes_of_pieces_never_wrap, a_guess_that_wraps_is_forgotten,
                                     a_refused_budget_leaves_the_region_usable, NULL};
    const TTest *const ends[] = {ending_gives_everything_back, NULL};
    Suite *const suite = suite_create("region");
    add_seeds(add_case(suite, "pieces", pieces), pieces_lie_on_lines_of_their_own, 5);
    add_refusals(add_case(suite, "refusals", refusals), pieces_are_refused_without_memory,
                 debug_build());
    add_seeds(add_case(suite, "ends", ends), the_next_region_maps_nothing, 5);
    return end_with(suite);
}
