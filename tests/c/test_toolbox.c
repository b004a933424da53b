/* The core's toolbox: numbers, bits, lists, layouts, sums, hashes, sorting. */
#include "bits.h"
#include "chunks.h"
#include "hash.h"
#include "heap.h"
#include "layout.h"
#include "list.h"
#include "sort.h"
#include "suite.h"
#include "sum.h"
#include "words.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers, bits ---- */

START_TEST(sizes_are_rounded_to_lines)
{
    ck_assert_uint_eq(kt_round_line(0), 0);
    ck_assert_uint_eq(kt_round_line(1), 64);
    ck_assert_uint_eq(kt_round_line(64), 64);
    ck_assert_uint_eq(kt_round_line(65), 128);
    ck_assert_uint_eq(kt_round_line(SIZE_MAX - 64), SIZE_MAX - 63);
    size_t sum = 0, product = 0;
    ck_assert(kt_add(&sum, SIZE_MAX - 1, 1) && sum == SIZE_MAX);
    ck_assert(!kt_add(&sum, SIZE_MAX, 1));
    ck_assert(kt_mul(&product, SIZE_MAX / 4, 4) && product == SIZE_MAX - 3);
    ck_assert(!kt_mul(&product, SIZE_MAX / 2, 3));
    ck_assert_int_eq(KT_MIN(-1, 2), -1);
    ck_assert_int_eq(KT_MAX(-1, 2), 2);
}
END_TEST

START_TEST(bits_are_visited_from_the_lowest)
{
    const uint64_t masks[] = {0, 1, UINT64_C(1) << 63, 0x8001000100010001, UINT64_MAX};
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        uint64_t seen = 0, next = 0;
        FOR_EACH_BIT(bit, masks[i]) {
            ck_assert_uint_ge(bit, next);
            next = bit + 1;
            seen |= kt_bit(bit);
        }
        ck_assert_uint_eq(seen, masks[i]);
    }
    uint64_t first = 0;
    FOR_EACH_BIT(bit, UINT64_C(0x30)) {
        first = bit;
        break;
    }
    ck_assert_uint_eq(first, 4);
}
END_TEST

START_TEST(gather_undoes_deposit)
{
    ck_assert_uint_eq(kt_deposit(0x5, 0xf0), 0x50);
    ck_assert_uint_eq(kt_deposit(0x7, UINT64_C(0x8000000000000011)), UINT64_C(0x8000000000000011));
    ck_assert_uint_eq(kt_deposit(UINT64_MAX, 0), 0);
    ck_assert_uint_eq(kt_gather(0xabcd, 0x0ff0), 0xbc);
    uint64_t mask = 0x9e3779b97f4a7c15;
    for (int i = 0; i < 200; i++) {
        const uint64_t x = mask * 77;
        const int32_t count = kt_bit_count(mask);
        const uint64_t low = count < 64 ? x & (kt_bit((uint64_t)count) - 1) : x;
        ck_assert_uint_eq(kt_gather(kt_deposit(x, mask), mask), low);
        ck_assert_uint_eq(kt_deposit(x, mask) & ~mask, 0);
        mask = mask * 6364136223846793005 + 1442695040888963407;
    }
}
END_TEST

/* A mask of any bits, of few, of many, or of the lowest ones: number % 65 of them. */
static uint64_t draw_bits(uint64_t *random, int number)
{
    const uint64_t word = next_word(random), other = next_word(random);
    const uint64_t low = number % 65 < 64 ? kt_bit((uint64_t)number % 65) - 1 : UINT64_MAX;
    const uint64_t masks[] = {word, word & other & next_word(random), word | other, low};
    return masks[number % 4];
}

/* Bit by bit. */
START_TEST(bits_are_moved_as_a_slow_loop_moves_them)
{
    uint64_t random = 5;
    for (int number = 0; number < 4 * 65 * 4; number++) {
        const uint64_t mask = draw_bits(&random, number), x = draw_bits(&random, number / 4);
        uint64_t gathered = 0, deposited = 0;
        int32_t count = 0;
        for (uint64_t i = 0; i < 64; i++) {
            if (!(mask >> i & 1))
                continue;
            gathered |= (x >> i & 1) << count;
            deposited |= (x >> count & 1) << i;
            count++;
        }
        ck_assert_msg(kt_bit_count(mask) == count, "%d bits of %" PRIx64, kt_bit_count(mask), mask);
        ck_assert_msg(kt_is_low_mask(mask) == (mask == (count ? UINT64_MAX >> (64 - count) : 0)),
                      "low bits: %" PRIx64, mask);
        ck_assert_msg(kt_gather(x, mask) == gathered, "%" PRIx64 " from %" PRIx64 ": %" PRIx64, x,
                      mask, kt_gather(x, mask));
        ck_assert_msg(kt_deposit(x, mask) == deposited, "%" PRIx64 " to %" PRIx64 ": %" PRIx64, x,
                      mask, kt_deposit(x, mask));
    }
}
END_TEST

/* ---- lists ---- */

typedef KT_LIST(uint32_t) number_list;

START_TEST(lists_grow_and_keep_their_items)
{
    number_list list = {0};
    ck_assert(KT_LIST_RESERVE(&list, 0));
    ck_assert_ptr_nonnull(list.items);
    for (uint32_t i = 0; i < 1000; i++) {
        const size_t before = list.capacity;
        ck_assert(KT_LIST_RESERVE(&list, 1));
        ck_assert(list.capacity == before || list.capacity == 2 * before);
        list.items[list.count++] = i;
    }
    for (uint32_t i = 0; i < 1000; i++)
        ck_assert_uint_eq(list.items[i], i);
    const uint32_t *const items = list.items;
    ck_assert(KT_LIST_RESERVE(&list, list.capacity - list.count));
    ck_assert_ptr_eq(list.items, items);
    ck_assert(KT_LIST_RESERVE(&list, 5000));
    ck_assert_uint_eq(list.capacity, 6000);
    kt_heap_give(list.items);
}
END_TEST

START_TEST(a_refused_list_stays_as_it_was)
{
    number_list list = {0};
    ck_assert(!KT_LIST_RESERVE(&list, SIZE_MAX));
    ck_assert(!KT_LIST_RESERVE(&list, SIZE_MAX / 2));
    ck_assert(!list.items && list.capacity == 0);
    ck_assert(KT_LIST_RESERVE(&list, 1));
    list.items[list.count++] = 7;
    const number_list before = list;
    ck_assert(!KT_LIST_RESERVE(&list, SIZE_MAX));
    ck_assert(!KT_LIST_RESERVE(&list, SIZE_MAX / 4));
    if (kt_fault_arm(1, false)) {
        ck_assert(!KT_LIST_RESERVE(&list, 100));
        kt_fault_arm(0, false);
    }
    ck_assert_int_eq(memcmp(&list, &before, sizeof list), 0);
    ck_assert_uint_eq(list.items[0], 7);
    kt_heap_give(list.items);
}
END_TEST

START_TEST(items_of_chunks_stay_where_they_are)
{
    enum { COUNT_OF_ITEMS = 3 * KT_CHUNK_ITEMS + 1 };
    KT_CHUNKS(uint32_t) list = {0};
    ck_assert(KT_CHUNKS_RESERVE(&list));
    const uint32_t *const first = KT_CHUNKS_AT(&list, 0);
    for (uint32_t i = 0; i < COUNT_OF_ITEMS; i++) {
        ck_assert(KT_CHUNKS_RESERVE(&list));
        *KT_CHUNKS_AT(&list, list.count) = i;
        list.count++;
    }
    ck_assert_uint_eq(list.chunks.count, 4);
    ck_assert_ptr_eq(KT_CHUNKS_AT(&list, 0), first);
    for (uint32_t i = 0; i < COUNT_OF_ITEMS; i++)
        ck_assert_uint_eq(*KT_CHUNKS_AT(&list, i), i);
    KT_CHUNKS_FREE(&list);
}
END_TEST

START_TEST(chunks_without_memory_stay_as_they_were)
{
    KT_CHUNKS(uint32_t) list = {0};
    for (uint64_t at = 1; at <= 2; at++) { /* the addresses, the chunk */
        kt_fault_arm(at, _i);
        ck_assert(!KT_CHUNKS_RESERVE(&list));
        kt_fault_arm(0, false);
        ck_assert_uint_eq(list.chunks.count, 0);
    }
    ck_assert(KT_CHUNKS_RESERVE(&list));
    ck_assert_uint_eq(list.chunks.count, 1);
    KT_CHUNKS_FREE(&list);
}
END_TEST

START_TEST(a_copied_list_has_the_same_items)
{
    number_list from = {0}, list = {0};
    ck_assert(KT_LIST_COPY(&list, &from));
    ck_assert(list.count == 0 && !list.items);
    for (uint32_t i = 0; i < 100; i++) {
        ck_assert(KT_LIST_RESERVE(&from, 1));
        from.items[from.count++] = i * i;
        ck_assert(KT_LIST_COPY(&list, &from));
        ck_assert_uint_eq(list.count, from.count);
        ck_assert_int_eq(memcmp(list.items, from.items, from.count * sizeof *from.items), 0);
    }
    const uint32_t *const items = list.items;
    from.count = 3;
    ck_assert(KT_LIST_COPY(&list, &from));
    ck_assert(list.count == 3 && list.items == items);
    kt_heap_give(list.items);
    kt_heap_give(from.items);
}
END_TEST

/* ---- layouts ---- */

typedef struct parts {
    double *numbers;
    char *text;
    uint64_t *words;
} parts;

static size_t lay_parts(parts *out, char *memory)
{
    kt_layout layout = {.base = memory};
    out->numbers = kt_layout_take(&layout, 9, sizeof *out->numbers);
    out->text = kt_layout_take(&layout, 0, 1);
    out->words = kt_layout_take(&layout, 8, sizeof *out->words);
    return layout.size;
}

START_TEST(a_layout_is_counted_and_then_handed_out)
{
    parts out;
    const size_t size = lay_parts(&out, NULL);
    ck_assert_uint_eq(size, 128 + 0 + 64);
    ck_assert(!out.numbers && !out.text && !out.words);
    char *const memory = kt_heap_take(size);
    ck_assert_uint_eq(lay_parts(&out, memory), size);
    ck_assert_ptr_eq(out.numbers, memory);
    ck_assert_ptr_eq(out.text, memory + 128);
    ck_assert_ptr_eq(out.words, memory + 128);
    kt_heap_give(memory);
}
END_TEST

START_TEST(a_layout_that_overflows_fits_nowhere)
{
    const size_t counts[] = {SIZE_MAX / 8 + 1, SIZE_MAX / 8, SIZE_MAX / 16, 1};
    kt_layout layout = {0};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        layout = (kt_layout){.size = SIZE_MAX - 63};
        ck_assert_ptr_null(kt_layout_take(&layout, counts[i], 8));
        ck_assert_uint_eq(layout.size, SIZE_MAX);
    }
    kt_layout_take(&layout, 1, 1);
    ck_assert_uint_eq(layout.size, SIZE_MAX);
    ck_assert_ptr_null(kt_heap_take(layout.size));
}
END_TEST

/* ---- sums ---- */

START_TEST(sums_do_not_lose_small_numbers)
{
    const double cancelling[] = {1, 1e100, 1, -1e100};
    ck_assert_double_eq(kt_sum_of(cancelling, 4, 1), 2);
    ck_assert_double_eq(kt_sum_of(cancelling, 2, 2), 2);
    ck_assert_double_eq(kt_sum_of(cancelling, 0, 1), 0);
    kt_sum sum = {1, 0};
    for (int i = 0; i < 1000000; i++)
        kt_sum_add(&sum, 0x1p-60);
    ck_assert_double_eq(kt_sum_total(&sum), 1 + 1000000 * 0x1p-60);
}
END_TEST

/* ---- hashes ---- */

/* The bytes that the tests of the xxHash sources take. */
static void fill_sanity(unsigned char *bytes, size_t size)
{
    uint64_t state = 2654435761u;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)(state >> 56);
        state *= UINT64_C(11400714785074694797);
    }
}

static const struct {
    size_t size;
    uint64_t seed, hash;
} known_hashes[] = {
    {0, 0, 0xef46db3751d8e999},    {0, 2654435761u, 0xac75fda2929b17ef},
    {1, 0, 0xe934a84adb052768},    {1, 2654435761u, 0x5014607643a9b4c3},
    {4, 0, 0x9136a0dca57457ee},    {4, 2654435761u, 0xcaab286bd8e9fdb5},
    {14, 0, 0x8282dcc4994e35c8},   {14, 2654435761u, 0xc3bd6bf63deb6df0},
    {222, 0, 0xb641ae8cb691c174},  {222, 2654435761u, 0x20cb8ab7ae10c14a},
    {5, 0, 0x9b046fb1397f09a5},    {8, 0, 0xcdbcf538e71d1348},
    {12, 0, 0x0723bf50086ead9a},   {31, 0, 0x299b39a290e6d783},
    {32, 0, 0x18b216492bb44b70},   {33, 0, 0x55c8dc3e578f5b59},
    {39, 0, 0xb888caf07592b1b3},   {64, 0, 0xef558f8acac2b5cd},
    {1000, 0, 0x52bd1358f22e9ef7},
};

START_TEST(hashes_have_known_answers)
{
    unsigned char bytes[1000];
    fill_sanity(bytes, sizeof bytes);
    const size_t size = known_hashes[_i].size;
    kt_hash hash;
    kt_hash_begin(&hash, known_hashes[_i].seed);
    kt_hash_add(&hash, bytes, size);
    ck_assert_uint_eq(kt_hash_end(&hash), known_hashes[_i].hash);
    if (known_hashes[_i].seed == 0)
        ck_assert_uint_eq(kt_hash_of(bytes, size), known_hashes[_i].hash);
}
END_TEST

START_TEST(a_hash_does_not_depend_on_the_pieces)
{
    unsigned char bytes[150];
    fill_sanity(bytes, sizeof bytes);
    const uint64_t whole = kt_hash_of(bytes, sizeof bytes);
    for (size_t first = 0; first <= sizeof bytes; first++)
        for (size_t second = first; second <= sizeof bytes; second += 7) {
            kt_hash hash;
            kt_hash_begin(&hash, 0);
            kt_hash_add(&hash, bytes, first);
            ck_assert_uint_eq(kt_hash_end(&hash), kt_hash_of(bytes, first));
            kt_hash_add(&hash, bytes + first, second - first);
            kt_hash_add(&hash, bytes + second, sizeof bytes - second);
            ck_assert_uint_eq(kt_hash_end(&hash), whole);
        }
}
END_TEST

START_TEST(every_flipped_bit_changes_the_hash)
{
    unsigned char bytes[77];
    fill_sanity(bytes, sizeof bytes);
    const uint64_t whole = kt_hash_of(bytes, sizeof bytes);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        const int changed = kt_bit_count(kt_hash_of(bytes, sizeof bytes) ^ whole);
        ck_assert(changed > 10 && changed < 54);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}
END_TEST

START_TEST(lengths_of_zeros_have_hashes_of_their_own)
{
    static const unsigned char zeros[300];
    for (size_t a = 0; a < sizeof zeros; a++)
        for (size_t b = 0; b < a; b++)
            ck_assert_uint_ne(kt_hash_of(zeros, a), kt_hash_of(zeros, b));
}
END_TEST

/* ---- sorting ---- */

static bool before(const void *items, uint64_t a, uint64_t b)
{
    return ((const uint32_t *)items)[a] < ((const uint32_t *)items)[b];
}

static void exchange(void *items, uint64_t a, uint64_t b)
{
    uint32_t *const numbers = items, first = numbers[a];
    numbers[a] = numbers[b];
    numbers[b] = first;
}

START_TEST(lists_of_every_length_are_sorted)
{
    uint32_t numbers[100], random = 1;
    for (uint64_t count = 0; count <= 100; count++) {
        uint32_t sum = 0, sorted_sum = 0;
        for (uint64_t i = 0; i < count; i++) {
            random = random * 1664525u + 1013904223u;
            numbers[i] = random >> 27; /* many are equal */
            sum += numbers[i];
        }
        kt_sort(numbers, count, before, exchange);
        for (uint64_t i = 0; i < count; i++) {
            sorted_sum += numbers[i];
            ck_assert(i == 0 || numbers[i - 1] <= numbers[i]);
        }
        ck_assert_uint_eq(sum, sorted_sum);
    }
}
END_TEST

int main(void)
{
    TCase *const cases = tcase_create("toolbox");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, sizes_are_rounded_to_lines);
    tcase_add_test(cases, bits_are_visited_from_the_lowest);
    tcase_add_test(cases, gather_undoes_deposit);
    tcase_add_test(cases, bits_are_moved_as_a_slow_loop_moves_them);
    tcase_add_test(cases, lists_grow_and_keep_their_items);
    tcase_add_test(cases, a_refused_list_stays_as_it_was);
    tcase_add_test(cases, items_of_chunks_stay_where_they_are);
    add_refusals(cases, chunks_without_memory_stay_as_they_were, kt_fault_arm(0, false));
    tcase_add_test(cases, a_copied_list_has_the_same_items);
    tcase_add_test(cases, a_layout_is_counted_and_then_handed_out);
    tcase_add_test(cases, a_layout_that_overflows_fits_nowhere);
    tcase_add_test(cases, sums_do_not_lose_small_numbers);
    for (size_t i = 0; i < sizeof known_hashes / sizeof *known_hashes; i++)
        add_indexed(cases, hashes_have_known_answers, (int)i, "%d bytes, seed %llu",
                    (int)known_hashes[i].size, (unsigned long long)known_hashes[i].seed);
    tcase_add_test(cases, a_hash_does_not_depend_on_the_pieces);
    tcase_add_test(cases, every_flipped_bit_changes_the_hash);
    tcase_add_test(cases, lengths_of_zeros_have_hashes_of_their_own);
    tcase_add_test(cases, lists_of_every_length_are_sorted);
    Suite *const suite = suite_create("toolbox");
    suite_add_tcase(suite, cases);
    return end_with(suite);
}
