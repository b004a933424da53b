/* Arenas: blocks, reuse, misuse, budget, statistics. */
#include "memory.h"
#include "spans.h"
#include "suite.h"

/* ---- blocks ---- */

START_TEST(blocks_are_aligned_and_writable)
{
    const uint64_t sizes[] = {0, 1, 64, 4096, 5000, 2 * MIB - 1, 2 * MIB, 2 * MIB + 1, 9 * MIB};
    ketch_arena *const arena = new_arena(64 * MIB);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            ketch_block *const block = take(arena, sizes[i]);
            ck_assert(kt_block_alive(block));
            ck_assert_uint_eq(kt_block_size(block), sizes[i]);
            ck_assert_ptr_eq(kt_block_arena(block), arena);
            ck_assert_uint_eq((uintptr_t)kt_block_data(block) % (sizes[i] < KT_HUGE ? 64 : KT_HUGE),
                              0);
            memset(kt_block_data(block), 0x3c, sizes[i]);
            ck_assert(kt_block_drop(block));
        }
    kt_arena_drop(arena);
}
END_TEST

START_TEST(blocks_are_reused)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    ketch_block *block = take(arena, 4 * MIB);
    void *const data = kt_block_data(block);
    kt_block_drop(block);
    block = take(arena, 4 * MIB);
    ck_assert_ptr_eq(kt_block_data(block), data);
    kt_block_drop(block);
    const kt_arena_stats stats = stats_of(arena);
    ck_assert_uint_eq(stats.maps, 1);
    ck_assert_uint_eq(stats.takes, 2);
    ck_assert_uint_eq(stats.reuses, 1);
    ck_assert_uint_eq(stats.held, 4 * MIB);
    ck_assert_uint_eq(stats.used, 0);
    kt_arena_drop(arena);
}
END_TEST

START_TEST(reuse_neither_maps_nor_allocates)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    const uint64_t sizes[] = {100, 5000, 70000};
    for (int i = 0; i < 10003; i++) {
        if (i == 3)
            kt_fault_arm(0, false); /* counts from here */
        kt_block_drop(must_take(arena, sizes[i % 3], "scratch"));
    }
    ck_assert_uint_eq(kt_fault_count(), 0);
    const kt_arena_stats stats = stats_of(arena);
    ck_assert_uint_eq(stats.maps, 3);
    ck_assert_uint_eq(stats.reuses, 10000);
    kt_arena_drop(arena);
}
END_TEST

/* Spans of three sizes, thousands of each: taking and giving moves sizes alone, of which there are
 * three. The last given of a size comes first, and the table grows with all that is in it. */
START_TEST(cached_spans_are_kept_by_size)
{
    enum { MANY = 3000 };
    kt_spans spans = {0};
    for (size_t i = 0; i < 3 * MANY; i++) {
        if (i == spans.capacity) {
            const size_t capacity = i ? 2 * i : 64;
            void *const memory = calloc(1, kt_spans_bytes(capacity));
            free(kt_spans_move(&spans, memory, capacity));
        }
        kt_spans_insert(&spans, (kt_span){.memory = (void *)(i + 1), .size = 4096 * (i % 3 + 1)});
    }
    ck_assert_uint_eq(spans.count, 3);
    for (size_t left = 3 * MANY; left > 3; left -= 3)
        for (size_t stack = 0; stack < 3; stack++) {
            ck_assert_uint_eq(kt_spans_find(&spans, 4096 * stack + 1), stack);
            const kt_span span = kt_spans_remove(&spans, stack);
            ck_assert_uint_eq((size_t)span.memory, left - 2 + stack);
            ck_assert_uint_eq(span.size, 4096 * (stack + 1));
        }
    ck_assert_uint_eq(kt_spans_find(&spans, 4096 * 3 + 1), 3);
    (void)kt_spans_remove(&spans, 1);
    ck_assert_uint_eq(kt_spans_find(&spans, 8192), 1);
    ck_assert_uint_eq(spans.stacks[1].size, 12288);
    kt_spans_insert(&spans, (kt_span){.size = 8192});
    ck_assert_uint_eq(spans.count, 3);
    ck_assert_uint_le(spans.used, 3 * MANY);
    free(spans.nodes);
}
END_TEST

START_TEST(trimmed_memory_needs_no_more_records)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    kt_block_drop(take(arena, 1));
    kt_arena_trim(arena);
    kt_fault_arm(0, false);
    for (int i = 0; i < 1000; i++) {
        kt_block_drop(take(arena, 1));
        kt_arena_trim(arena);
    }
    const uint64_t requests = kt_fault_count();
    ck_assert_uint_eq(requests, debug_build() ? 1000 : 0); /* the maps alone */
    ck_assert_uint_eq(stats_of(arena).maps, 1001);
    kt_arena_drop(arena);
}
END_TEST

START_TEST(reuse_has_at_most_a_quarter_of_slack)
{
    ketch_arena *const arena = new_arena(256 * MIB);
    kt_block_drop(take(arena, 10 * MIB));
    kt_block_drop(take(arena, 8 * MIB)); /* 10 <= 8 * 1.25: reused */
    ck_assert_uint_eq(stats_of(arena).maps, 1);
    kt_block_drop(take(arena, 6 * MIB)); /* 10 > 6 * 1.25 */
    ck_assert_uint_eq(stats_of(arena).maps, 2);
    kt_block_drop(take(arena, 12 * MIB)); /* larger than both */
    ck_assert_uint_eq(stats_of(arena).maps, 3);
    ketch_block *const block = take(arena, 10 * MIB); /* 10 and 12 would do: the nearest */
    ck_assert_uint_eq(stats_of(arena).used, 10 * MIB);
    ck_assert_uint_eq(stats_of(arena).maps, 3);
    kt_block_drop(block);
    kt_arena_drop(arena);

    ketch_arena *const small = new_arena(64 * MIB);
    kt_block_drop(take(small, 5 * page()));
    kt_block_drop(take(small, 4 * page()));
    kt_block_drop(take(small, 3 * page() + 1));
    ck_assert_uint_eq(stats_of(small).maps, 1);
    kt_block_drop(take(small, 3 * page()));
    ck_assert_uint_eq(stats_of(small).maps, 2);
    kt_block_drop(take(small, 13 * page()));
    kt_block_drop(take(small, 10 * page())); /* 13 > 12.5 */
    ck_assert_uint_eq(stats_of(small).maps, 4);
    kt_arena_drop(small);
}
END_TEST

START_TEST(zero_is_told_of_fresh_blocks_only)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    ketch_block *block = take(arena, 3 * MIB);
    ck_assert(kt_block_zero(block));
    ck_assert(all_bytes(kt_block_data(block), 3 * MIB, 0));
    memset(kt_block_data(block), 1, 3 * MIB);
    kt_block_written(block);
    ck_assert(!kt_block_zero(block));
    kt_block_drop(block);
    block = take(arena, 3 * MIB);
    ck_assert(!kt_block_zero(block));
    kt_block_drop(block);
    ck_assert_uint_eq(kt_arena_trim(arena), 4 * MIB);
    block = take(arena, 3 * MIB);
    ck_assert(kt_block_zero(block));
    kt_block_drop(block);
    kt_arena_drop(arena);
}
END_TEST

/* A cached block is zeroed before it is taken again, in whole, and is known to be zero. */
START_TEST(cleared_blocks_show_nothing)
{
    const uint64_t sizes[] = {1, 5000, 3 * MIB + 1};
    ketch_arena *const arena = kt_arena_create(GIB, true, NULL), *const plain = new_arena(GIB);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const size_t size = (size_t)sizes[i];
        for (int round = 0; round < 3; round++) {
            ketch_block *const block = take(arena, size);
            ck_assert(kt_block_zero(block));
            ck_assert(all_bytes(kt_block_data(block), size, 0));
            memset(kt_block_data(block), 0x5a, size);
            kt_block_written(block);
            kt_block_drop(block);
        }
        kt_block_drop(take(plain, size));
        ketch_block *const again = take(plain, size);
        ck_assert(!kt_block_zero(again)); /* without the option nothing is known */
        kt_block_drop(again);
    }
    ck_assert_uint_eq(stats_of(arena).reuses, 6);
    kt_arena_drop(arena);
    kt_arena_drop(plain);
}
END_TEST

START_TEST(double_give_is_found)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    ck_assert(!kt_block_drop(NULL));
    ck_assert(!kt_block_alive(NULL));
    ketch_block *const block = take(arena, 5000);
    ck_assert(kt_block_drop(block));
    ck_assert(!kt_block_alive(block));
    ck_assert(!kt_block_drop(block));
    /* Its memory is another block's now, but not its record. */
    ketch_block *others[15];
    for (int i = 0; i < 15; i++) {
        others[i] = take(arena, 5000);
        ck_assert(!kt_block_alive(block));
        ck_assert(!kt_block_drop(block));
    }
    for (int i = 0; i < 15; i++)
        ck_assert(kt_block_drop(others[i]));
    ck_assert_uint_eq(stats_of(arena).used, 0);
    kt_arena_drop(arena);
}
END_TEST

/* As above with any number of blocks taken at that time, around the sizes of record slabs. */
START_TEST(records_rest_before_they_are_used_again)
{
    enum { MOST = 200 };
    for (int taken = 0; taken < MOST - 15; taken += 7) {
        ketch_arena *const arena = new_arena(64 * MIB);
        ketch_block *blocks[MOST];
        for (int i = 0; i < taken; i++)
            blocks[i] = take(arena, 1);
        ketch_block *const block = take(arena, 1);
        ck_assert(kt_block_drop(block));
        for (int i = taken; i < taken + 15; i++) {
            blocks[i] = take(arena, 1);
            ck_assert_ptr_ne(blocks[i], block);
        }
        for (int i = 0; i < taken + 15; i++)
            ck_assert(kt_block_drop(blocks[i]));
        kt_arena_drop(arena);
    }
}
END_TEST

START_TEST(blocks_and_arenas_count_references)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    ck_assert(kt_arena_alive(arena));
    ck_assert(!kt_arena_alive(NULL));
    ck_assert_ptr_eq(kt_arena_share(arena), arena);
    ketch_block *const block = take(arena, 3 * MIB);
    ck_assert_uint_eq(kt_block_references(block), 1);
    ck_assert_ptr_eq(kt_block_share(block), block);
    ck_assert_uint_eq(kt_block_references(block), 2);
    kt_arena_drop(arena);
    kt_arena_drop(arena);
    kt_arena_drop(NULL);
    ck_assert(kt_arena_alive(arena)); /* the block keeps it */
    ck_assert(kt_block_drop(block));
    memset(kt_block_data(block), 1, 3 * MIB);
    ck_assert_uint_eq(stats_of(arena).used, 4 * MIB);
    ck_assert(kt_block_drop(block)); /* the last of all: address sanitizer sees what leaks */
}
END_TEST

/* ---- misuse that debug builds find ---- */

static ketch_block *abused_block(size_t size)
{
    return kt_arena_take(kt_arena_create(64 * MIB, false, NULL), size, "user", NULL);
}

static void abuse(size_t size, size_t at)
{
    ketch_block *const block = abused_block(size);
    ketch_arena *const arena = kt_block_arena(block);
    ((volatile char *)kt_block_data(block))[at] = 1;
    kt_block_drop(block);
    kt_arena_drop(arena);
}

static void use_to_the_end(void)
{
    abuse(5000, 4999);
    abuse(3 * MIB, 3 * MIB - 1);
}

static void overrun_small(void)
{
    abuse(5000, 5000);
}

static void overrun_page(void)
{
    abuse(4 * page(), 4 * page());
}

static void overrun_huge(void)
{
    abuse(3 * MIB, 3 * MIB);
}

static void write_after_give(void)
{
    ketch_block *const block = abused_block(5000);
    volatile char *const data = kt_block_data(block);
    ketch_arena *const arena = kt_block_arena(block);
    kt_block_drop(block);
    data[17] = 1;
    kt_arena_take(arena, 5000, "user", NULL);
}

static void write_after_give_then_trim(void)
{
    ketch_block *const block = abused_block(3 * MIB);
    volatile char *const data = kt_block_data(block);
    ketch_arena *const arena = kt_block_arena(block);
    kt_block_drop(block);
    data[MIB] = 1;
    kt_arena_trim(arena);
}

static void read_after_give(void)
{
    ketch_block *const block = abused_block(5000);
    volatile char *const data = kt_block_data(block);
    data[17] = 1;
    kt_block_drop(block);
    if (data[17] != 1)
        _exit(1);
}

START_TEST(use_to_the_end_is_taken_for_misuse)
{
    ck_assert_int_eq(end_of(use_to_the_end), 0);
}
END_TEST

typedef struct crime {
    const char *name;
    void (*commit)(void);
} crime;

static const crime crimes[] = {
    {"one byte behind a small block", overrun_small},
    {"one byte behind pages", overrun_page},
    {"one byte behind a huge page", overrun_huge},
    {"a write after the last reference", write_after_give},
    {"a read after the last reference", read_after_give},
    {"a write after it, found by a trim", write_after_give_then_trim},
};

START_TEST(misuse_is_not_found)
{
    ck_assert_int_ne(end_of(crimes[_i].commit), 0);
}
END_TEST

/* ---- budget ---- */

START_TEST(budget_refuses_with_figures)
{
    ketch_arena *const arena = new_arena(10 * MIB);
    ck_assert_uint_eq(stats_of(arena).budget, 10 * MIB);
    must_refuse(arena, 11 * MIB, 12 * MIB, 10 * MIB, "memory budget");
    ketch_block *const block = take(arena, 3 * MIB);
    must_refuse(arena, 7 * MIB, 8 * MIB, 6 * MIB, "memory budget");
    ketch_block *const rest = take(arena, 6 * MIB);
    must_refuse(arena, 1, page(), 0, "memory budget");
    ck_assert_ptr_null(kt_arena_take(arena, 1, "user", NULL));
    ck_assert_uint_eq(stats_of(arena).peak_held, 10 * MIB);
    kt_block_drop(rest);
    kt_block_drop(block);
    must_refuse(arena, 11 * MIB, 12 * MIB, 10 * MIB, "memory budget");
    ck_assert_uint_eq(stats_of(arena).held, 10 * MIB); /* in vain: nothing was unmapped */
    kt_arena_drop(arena);
}
END_TEST

START_TEST(cached_blocks_make_room)
{
    ketch_arena *const arena = new_arena(20 * MIB);
    ketch_block *const blocks[] = {take(arena, 2 * MIB), take(arena, 4 * MIB),
                                   take(arena, 8 * MIB)};
    for (int i = 0; i < 3; i++)
        kt_block_drop(blocks[i]);
    ck_assert_uint_eq(stats_of(arena).held, 14 * MIB);
    ketch_block *block = take(arena, 10 * MIB); /* 4 too many: the 4 goes */
    ck_assert_uint_eq(stats_of(arena).held, 20 * MIB);
    kt_block_drop(take(arena, 2 * MIB));
    kt_block_drop(take(arena, 8 * MIB));
    ck_assert_uint_eq(stats_of(arena).maps, 4);
    kt_block_drop(block);
    block = take(arena, 20 * MIB); /* all of them go */
    ck_assert_uint_eq(stats_of(arena).held, 20 * MIB);
    ck_assert_uint_eq(stats_of(arena).maps, 5);
    kt_block_drop(block);
    kt_arena_drop(arena);
}
END_TEST

START_TEST(sizes_never_wrap)
{
    const uint64_t budgets[] = {MIB, UINT64_MAX};
    const uint64_t rounds = SIZE_MAX - SIZE_MAX % KT_HUGE;
    for (int i = 0; i < 2; i++) {
        ketch_arena *const arena = new_arena(budgets[i]);
        ketch_block *const block = take(arena, 1);
        const uint64_t allowed = budgets[i] - page();
        for (uint64_t less = 0; less < 100; less++)
            must_refuse(arena, UINT64_MAX - less, UINT64_MAX - less, allowed, "memory budget");
        kt_refusal refusal;
        ck_assert_ptr_null(kt_arena_take(arena, rounds + 1, "user", &refusal));
        ck_assert_uint_eq(refusal.needed, rounds + 1);
        ck_assert_uint_lt(refusal.allowed, refusal.needed);
        ck_assert_ptr_null(kt_arena_take(arena, rounds, "user", &refusal));
        ck_assert_uint_eq(refusal.needed, rounds);
        ck_assert_uint_lt(refusal.allowed, refusal.needed);
        ck_assert_ptr_null(kt_arena_take(arena, UINT64_MAX / 2, "user", &refusal));
        ck_assert_uint_lt(refusal.allowed, refusal.needed);
        kt_block_drop(block);
        kt_arena_drop(arena);
    }
}
END_TEST

START_TEST(default_budget_leaves_a_margin)
{
    const char *name = NULL;
    const uint64_t limit = kt_pages_limit(&name);
    const uint64_t sixteenth = limit / 16 > 64 * MIB ? limit / 16 : 64 * MIB;
    ketch_arena *const arena = new_arena(0);
    const uint64_t budget = stats_of(arena).budget;
    ck_assert_uint_eq(budget, limit / 2 > sixteenth ? limit - sixteenth : limit / 2);
    must_refuse(arena, UINT64_MAX, UINT64_MAX, budget, name);
    kt_arena_drop(arena);
}
END_TEST

START_TEST(free_memory_is_respected)
{
    ketch_arena *const arena = new_arena(UINT64_MAX);
    const uint64_t size = (uint64_t)sysconf(_SC_PHYS_PAGES) * page() + 2048 * GIB;
    kt_block_drop(take(arena, 2 * MIB));
    kt_refusal refusal;
    ck_assert_ptr_null(kt_arena_take(arena, size, "user", &refusal));
    ck_assert_str_eq(refusal.limit, "free memory");
    ck_assert_uint_ge(refusal.needed, size);
    ck_assert_uint_lt(refusal.allowed, size);
    ck_assert_uint_gt(refusal.allowed, MIB);
    ck_assert_uint_eq(stats_of(arena).held, 0); /* tried again without the cached */
    kt_arena_drop(arena);
}
END_TEST

START_TEST(system_refusal_says_what_it_would_grant)
{
    ketch_arena *const arena = new_arena(GIB);
    kt_block_drop(take(arena, 1));
    kt_fault_arm(1, false);
    kt_refusal refusal;
    ketch_block *const block = kt_arena_take(arena, 32 * MIB, "user", &refusal);
    ck_assert_ptr_nonnull(block); /* granted once the cached page was unmapped */
    kt_fault_arm(2, false);
    kt_block_drop(take(arena, 10 * MIB));
    kt_fault_arm(1, true);
    must_refuse(arena, 48 * MIB, 48 * MIB, 0, "operating system");
    kt_fault_arm(1, false);
    must_refuse(arena, 48 * MIB, 48 * MIB, 24 * MIB, "operating system");
    kt_fault_arm(0, false);
    kt_block_drop(block);
    kt_arena_drop(arena);
}
END_TEST

START_TEST(trim_gives_back_the_cached)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    ketch_block *const kept = take(arena, 2 * MIB);
    kt_block_drop(take(arena, 4 * MIB));
    kt_block_drop(take(arena, 100));
    ck_assert_uint_eq(kt_arena_trim(arena), 4 * MIB + page());
    ck_assert_uint_eq(kt_arena_trim(arena), 0);
    const kt_arena_stats stats = stats_of(arena);
    ck_assert_uint_eq(stats.held, 2 * MIB);
    ck_assert_uint_eq(stats.used, 2 * MIB);
    ck_assert_uint_eq(stats.peak_held, 6 * MIB + page());
    memset(kt_block_data(kept), 1, 2 * MIB);
    kt_block_drop(kept);
    kt_arena_drop(arena);
}
END_TEST

static void check_tag(ketch_arena *arena, uint64_t index, const char *name, uint64_t used,
                      uint64_t peak)
{
    kt_tag tag;
    ck_assert(kt_arena_read_tag(&tag, arena, index));
    ck_assert_str_eq(tag.name, name);
    ck_assert_uint_eq(tag.used, used);
    ck_assert_uint_eq(tag.peak, peak);
}

START_TEST(tags_are_listed_in_order_of_first_use)
{
    ketch_arena *const arena = new_arena(64 * MIB);
    kt_tag tag;
    ck_assert(!kt_arena_read_tag(&tag, arena, 0));
    ketch_block *const data = must_take(arena, 8 * MIB, "data");
    ketch_block *const scratch = must_take(arena, 100, "scratch");
    const char same[] = "data"; /* equal text at another address */
    kt_block_drop(must_take(arena, 2 * MIB, same));
    ketch_block *const result = must_take(arena, 2 * MIB, "result");
    ck_assert_uint_eq(stats_of(arena).tags, 3);
    check_tag(arena, 0, "data", 8 * MIB, 10 * MIB);
    check_tag(arena, 1, "scratch", page(), page());
    check_tag(arena, 2, "result", 2 * MIB, 2 * MIB);
    ck_assert(!kt_arena_read_tag(&tag, arena, 3));
    ck_assert(!kt_arena_read_tag(&tag, arena, UINT64_MAX));
    ck_assert_uint_eq(stats_of(arena).used, 10 * MIB + page());
    kt_block_drop(data);
    kt_block_drop(scratch);
    kt_block_drop(result);
    check_tag(arena, 0, "data", 0, 10 * MIB);
    check_tag(arena, 1, "scratch", 0, page());
    check_tag(arena, 2, "result", 0, 2 * MIB);
    kt_arena_drop(arena);
}
END_TEST

START_TEST(a_refused_take_adds_no_tag)
{
    ketch_arena *const arena = new_arena(MIB);
    ck_assert_ptr_null(kt_arena_take(arena, 2 * MIB, "data", NULL));
    ck_assert_uint_eq(stats_of(arena).tags, 0);
    kt_arena_drop(arena);
}
END_TEST

/* Names t0, t1, ...; one of the first may be "other" itself. */
static void fill_tags(ketch_arena *arena, bool with_other)
{
    static char names[KT_TAGS_MAX][8];
    for (int i = 0; i < KT_TAGS_MAX; i++) {
        snprintf(names[i], sizeof names[i], with_other && i == 5 ? "other" : "t%d", i);
        kt_block_drop(must_take(arena, 1, names[i]));
    }
}

START_TEST(further_tags_count_as_other)
{
    for (int with_other = 0; with_other < 2; with_other++) {
        const uint64_t other = with_other ? 5 : KT_TAGS_MAX, tags = KT_TAGS_MAX + !with_other;
        ketch_arena *const arena = new_arena(64 * MIB);
        fill_tags(arena, with_other);
        ck_assert_uint_eq(stats_of(arena).tags, KT_TAGS_MAX);
        ketch_block *const blocks[] = {must_take(arena, 1, "more"),
                                       must_take(arena, 1, "still more"),
                                       must_take(arena, 1, "t3")};
        ck_assert_uint_eq(stats_of(arena).tags, tags);
        check_tag(arena, other, "other", 2 * page(), 2 * page());
        check_tag(arena, 3, "t3", page(), page());
        for (int i = 0; i < 3; i++)
            kt_block_drop(blocks[i]);
        check_tag(arena, other, "other", 0, 2 * page());
        kt_arena_drop(arena);
    }
}
END_TEST

/* A build that counts what tests reach is one for debugging, without assertions. */
static bool has_assertions(void)
{
#ifdef NDEBUG
    return false;
#else
    return debug_build();
#endif
}

static void add_crimes(TCase *cases)
{
    if (!has_assertions())
        add_skipped(cases, misuse_is_not_found, "%s", needs_debug);
    for (size_t i = 0; has_assertions() && i < sizeof crimes / sizeof *crimes; i++)
        add_indexed(cases, misuse_is_not_found, (int)i, "%s", crimes[i].name);
}

int main(void)
{
    const TTest *const blocks[] = {blocks_are_aligned_and_writable,
                                   blocks_are_reused,
                                   reuse_neither_maps_nor_allocates,
                                   cached_spans_are_kept_by_size,
                                   trimmed_memory_needs_no_more_records,
                                   reuse_has_at_most_a_quarter_of_slack,
                                   zero_is_told_of_fresh_blocks_only,
                                   cleared_blocks_show_nothing,
                                   double_give_is_found,
                                   records_rest_before_they_are_used_again,
                                   blocks_and_arenas_count_references,
                                   NULL};
    const TTest *const misuse[] = {use_to_the_end_is_taken_for_misuse, NULL};
    const TTest *const budget[] = {
        budget_refuses_with_figures,    cached_blocks_make_room,    sizes_never_wrap,
        default_budget_leaves_a_margin, trim_gives_back_the_cached, NULL};
    const TTest *const tags[] = {tags_are_listed_in_order_of_first_use, a_refused_take_adds_no_tag,
                                 further_tags_count_as_other, NULL};
    Suite *const suite = suite_create("arena");
    add_case(suite, "blocks", blocks);
    add_crimes(add_case(suite, "misuse", misuse));
    TCase *const budgets = add_case(suite, "budget", budget);
    add_where(budgets, free_memory_is_respected, sizeof(size_t) == 8,
              "addresses run out before memory");
    add_where(budgets, system_refusal_says_what_it_would_grant, debug_build(), needs_debug);
    add_case(suite, "tags", tags);
    return end_with(suite);
}
