/* No damaged, foreign or newer file is taken for a saved run, and none in part: checksums, the
 * head, the table of sections, and the core's numbers. */
#include "saves.h"
#include "suite.h"

/* ---- fields ---- */

START_TEST(fields_end_where_their_memory_does)
{
    unsigned char memory[21] = {0};
    kt_fields fields = kt_fields_of(memory, 20);
    kt_put_u64(&fields, 0x0102030405060708);
    kt_put_u32(&fields, 0x090a0b0c);
    kt_put_double(&fields, -2.5);
    ck_assert(kt_fields_end(&fields));
    kt_put_bytes(&fields, "x", 1);
    ck_assert(fields.failed && memory[20] == 0);
    ck_assert_int_eq(memory[0], 8);
    ck_assert_int_eq(memory[11], 9);
    fields = kt_fields_from(memory, 20);
    ck_assert_uint_eq(kt_get_u64(&fields), 0x0102030405060708);
    ck_assert_uint_eq(kt_get_u32(&fields), 0x090a0b0c);
    ck_assert(!kt_fields_end(&fields));
    ck_assert_double_eq(kt_get_double(&fields), -2.5);
    ck_assert(kt_fields_end(&fields));
    ck_assert_uint_eq(kt_get_u64(&fields), 0);
    ck_assert(!kt_fields_end(&fields));
}
END_TEST

/* ---- damage ---- */

static void must_notice(const char *what, uint64_t at)
{
    ketch_error error = {.size = sizeof error};
    const ketch_status status = load_any(&error);
    const bool magic = strcmp(what, "bit flipped") == 0 ? at < 64 : at < 8;
    ck_assert_msg(status == (magic ? KETCH_FORMAT : KETCH_CORRUPT), "%s %llu: %d %s", what,
                  (unsigned long long)at, status, error.message);
    ck_assert(magic || strstr(error.message, "section \""));
}

START_TEST(every_damage_is_noticed)
{
    must_save(21, BULK);
    const int descriptors = count_descriptors();
    each_damage(damage_samples(), must_notice);
    ck_assert_int_eq(count_descriptors(), descriptors);
    ck_assert_uint_eq(loaded_seed(), 21);
    figure("P6", "flipped bits and truncations sampled, each refused", (double)damage_samples(),
           "");
}
END_TEST

/* ---- right checksums, wrong contents ---- */

static uint64_t number_at(const contents *b, uint64_t offset, int size)
{
    kt_fields fields = kt_fields_from(b->data + offset, (uint64_t)size);
    return kt_get_number(&fields, size);
}

static void set_number(const contents *b, uint64_t offset, uint64_t value, int size)
{
    kt_fields fields = kt_fields_of(b->data + offset, (uint64_t)size);
    kt_put_number(&fields, value, size);
}

/* Makes the checksums of sections, table and head right again. */
static void seal(const contents *b)
{
    const uint64_t table = number_at(b, 40, 8);
    if (table <= b->size && b->size - table <= SAMPLE_SECTIONS * KT_ENTRY_SIZE) {
        for (uint64_t at = table; at + KT_ENTRY_SIZE <= b->size; at += KT_ENTRY_SIZE) {
            const uint64_t offset = number_at(b, at + 32, 8), size = number_at(b, at + 40, 8);
            if (offset <= b->size && size <= b->size - offset)
                set_number(b, at + 48, kt_hash_of(b->data + offset, size), 8);
        }
        set_number(b, 48, kt_hash_of(b->data + table, b->size - table), 8);
    }
    set_number(b, 24, kt_head_sum(b->data, KT_HEAD_SIZE), 8);
}

/* Where a number is in the file: in the head, in a section's entry, or in a section. */
typedef struct place {
    int section; /* -1: the head */
    bool inside;
    uint64_t offset;
    int size;
} place;

static uint64_t offset_of(const contents *b, const place *p)
{
    if (p->section < 0)
        return p->offset;
    const uint64_t entry = number_at(b, 40, 8) + (uint64_t)p->section * KT_ENTRY_SIZE;
    return p->offset + (p->inside ? number_at(b, entry + 32, 8) : entry);
}

static void check_forged(const contents *good, place p, uint64_t value, ketch_status wanted)
{
    ketch_error error = {.size = sizeof error};
    const contents forged = {malloc(good->size), good->size};
    memcpy(forged.data, good->data, good->size);
    set_number(&forged, offset_of(good, &p), value, p.size);
    seal(&forged);
    write_bytes(save_path, forged.data, forged.size);
    const ketch_status status = load_any(&error);
    ck_assert_msg(status == wanted, "section %d offset %llu value %llu: %d %s", p.section,
                  (unsigned long long)p.offset, (unsigned long long)value, status, error.message);
    free(forged.data);
}

enum { HEAD = -1, CORE, NOTE, NUMBERS, ODD, EMPTY, BULKY };

START_TEST(newer_and_other_files_are_told)
{
    must_save(30, BULK);
    const contents good = read_bytes(save_path);
    check_forged(&good, (place){HEAD, false, 8, 4}, 2, KETCH_VERSION);
    check_forged(&good, (place){HEAD, false, 8, 4}, UINT32_MAX, KETCH_VERSION);
    check_forged(&good, (place){HEAD, false, 32, 4}, 2, KETCH_VERSION);
    check_forged(&good, (place){HEAD, false, 36, 4}, 4, KETCH_VERSION);
    check_forged(&good, (place){HEAD, false, 36, 4}, 2, KETCH_OK);
    check_forged(&good, (place){HEAD, false, 64, 1}, 'x', KETCH_FORMAT);
    free(good.data);
}
END_TEST

/* A head of another size, and another layout behind the part that never changes. */
START_TEST(a_later_format_may_have_a_longer_head)
{
    ketch_error error = {.size = sizeof error};
    static const uint32_t sizes[] = {KT_HEAD_FIXED, 100, 5000, KT_HEAD_MOST};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        contents b = {calloc(1, sizes[i] + 1), sizes[i]};
        memcpy(b.data, kt_magic, sizeof kt_magic);
        set_number(&b, 8, 2, 4);
        set_number(&b, 12, sizes[i], 4);
        set_number(&b, 16, sizes[i], 8);
        set_number(&b, 24, kt_head_sum(b.data, sizes[i]), 8);
        write_bytes(save_path, b.data, b.size);
        ck_assert_int_eq(load_any(&error), KETCH_VERSION);
        b.data[b.size - 1] ^= 1;
        write_bytes(save_path, b.data, b.size);
        ck_assert_int_eq(load_any(&error), KETCH_CORRUPT);
        free(b.data);
    }
}
END_TEST

START_TEST(senseless_heads_and_tables_are_damage)
{
    static const uint64_t values[] = {
        0, 1, 63, 64, 191, 192, 193, 4096, UINT32_MAX, UINT64_MAX - 63, UINT64_MAX};
    static const place places[] = {
        {HEAD, false, 16, 8},  {HEAD, false, 40, 8},  {HEAD, false, 56, 8},
        {CORE, false, 0, 8},   {CORE, false, 24, 8},  {CORE, false, 40, 8},
        {CORE, false, 56, 8},  {NOTE, false, 32, 8},  {NUMBERS, false, 40, 8},
        {ODD, false, 31, 1},   {EMPTY, false, 0, 1},  {BULKY, false, 32, 8},
        {BULKY, false, 40, 8}, {HEAD, false, 127, 1}, {HEAD, false, 191, 1},
        {HEAD, false, 12, 4},
    };
    must_save(31, BULK);
    const contents good = read_bytes(save_path);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
            const uint64_t bits = UINT64_MAX >> (64 - 8 * places[i].size);
            const uint64_t value = values[k] & bits;
            if (number_at(&good, offset_of(&good, &places[i]), places[i].size) != value)
                check_forged(&good, places[i], value, KETCH_CORRUPT);
        }
    check_forged(&good, (place){HEAD, false, 32, 4}, 0, KETCH_CORRUPT);
    check_forged(&good, (place){HEAD, false, 8, 4}, 0, KETCH_CORRUPT);
    free(good.data);
}
END_TEST

START_TEST(bytes_between_sections_are_zeros)
{
    must_save(32, BULK);
    const contents good = read_bytes(save_path);
    for (uint64_t i = SAMPLE_ODD; i % KT_SECTION_ALIGN; i++)
        check_forged(&good, (place){ODD, true, i, 1}, 1, KETCH_CORRUPT);
    free(good.data);
}
END_TEST

START_TEST(two_sections_of_one_name_are_damage)
{
    ketch_error error = {.size = sizeof error};
    must_save(33, BULK);
    const contents b = read_bytes(save_path);
    const uint64_t table = number_at(&b, 40, 8);
    memcpy(b.data + table + EMPTY * KT_ENTRY_SIZE, b.data + table + ODD * KT_ENTRY_SIZE, 32);
    seal(&b);
    write_bytes(save_path, b.data, b.size);
    ck_assert_int_eq(load_any(&error), KETCH_CORRUPT);
    free(b.data);
}
END_TEST

static void seal_core(const kt_saved_core *core, ketch_status wanted)
{
    ketch_error error = {.size = sizeof error};
    sample s = new_sample(1, 0);
    ck_assert_int_eq(save_with(&s, core, save_path, false, &error), KETCH_OK);
    const ketch_status status = load_any(&error);
    ck_assert_msg(status == wanted, "%d: %s", status, error.message);
    free(s.bulk);
}

#define SENSELESS(...)                                                                             \
    do {                                                                                           \
        kt_saved_core core = sample_core(1);                                                       \
        ketch_inner *const at = &core.at;                                                          \
        (void)at;                                                                                  \
        __VA_ARGS__;                                                                               \
        seal_core(&core, KETCH_CORRUPT);                                                           \
    } while (0)

START_TEST(no_run_stands_at_a_senseless_place)
{
    SENSELESS(at->total = 0);
    SENSELESS(at->done = 10, at->total = 9);
    SENSELESS(at->next = 1001);
    SENSELESS(at->next = 499);
    SENSELESS(at->count = 400);
    SENSELESS(core.open[1] = 5);
    SENSELESS(core.open[0] = 7);
    SENSELESS(core.open[2] = 500);
    SENSELESS(core.open[2] = UINT64_MAX);
    SENSELESS(at->next = 2, core.open[0] = 0, core.open[1] = 1, core.open_count = 3,
              core.open[2] = 1);
    SENSELESS(at->steps = UINT64_MAX);
    SENSELESS(at->ended = 1);
    SENSELESS(at->ended = 1, core.status = KETCH_OK);
    SENSELESS(core.status = KETCH_OK);
    SENSELESS(core.status = 3);
    SENSELESS(at->sweeping = 2);
    SENSELESS(at->progressed = -1);
    SENSELESS(at->fence = 2);
    SENSELESS(core.clean = 7);
    SENSELESS(memset(core.phase, 'x', sizeof core.phase));
    SENSELESS(core.phase[20] = 'x');
    SENSELESS(core.report.seconds = -1);
    SENSELESS(core.report.seconds = 1.0 / 0.0);
    SENSELESS(core.report.seconds = 0.0 / 0.0);
    SENSELESS(core.report.cpu_seconds = -1);
    SENSELESS(core.report.cpu_seconds = 1.0 / 0.0);
    SENSELESS(core.report.measured_seconds = 0.0 / 0.0);
    SENSELESS(core.report.threads = -1);
    SENSELESS(core.report.threads = KETCH_THREADS_MAX + 1);
    SENSELESS(core.report.kernels = (ketch_kernels)-1);
    SENSELESS(core.report.kernels = (ketch_kernels)1000);
}
END_TEST

/* What the library never writes: numbers of a sweep that is not open, and values out of their
 * ranges. */
START_TEST(no_run_has_a_number_out_of_range)
{
    enum { SWEEPING = 88 };
    static const uint64_t narrow[] = {0, 8, 16, 24, 72, 88, 96, 104, 112, 168, 176};
    must_save(34, BULK);
    const contents good = read_bytes(save_path);
    check_forged(&good, (place){CORE, true, SWEEPING, 8}, 0, KETCH_CORRUPT);
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++)
        check_forged(&good, (place){CORE, true, narrow[i], 8}, UINT64_C(1) << 40, KETCH_CORRUPT);
    free(good.data);
}
END_TEST

START_TEST(a_run_may_stand_at_any_sensible_place)
{
    kt_saved_core core = sample_core(1);
    seal_core(&core, KETCH_OK);
    core.open_count = KETCH_THREADS_MAX;
    for (uint64_t i = 0; i < KETCH_THREADS_MAX; i++)
        core.open[i] = 2 * i;
    seal_core(&core, KETCH_OK);
    core.at = (ketch_inner){.done = 5, .total = 5, .sweeps = 2, .stage = 9, .fence = 1};
    seal_core(&core, KETCH_OK);
    core.at.ended = 1;
    core.status = KETCH_OK;
    seal_core(&core, KETCH_OK);
    core = (kt_saved_core){.status = KETCH_HOOK};
    seal_core(&core, KETCH_OK);
}
END_TEST

enum { CPU_SIZE = 16 };

/* The processor time is the last thing in a core: files of before it was measured lack it. */
START_TEST(an_older_core_has_no_processor_time)
{
    const kt_saved_core good = sample_core(1);
    unsigned char bytes[KT_SAVED_CORE_MOST];
    const uint64_t size = kt_saved_core_encode(bytes, &good);
    kt_saved_core core;
    ck_assert(kt_saved_core_decode(&core, bytes, size));
    ck_assert(core.report.cpu_seconds > 0 && core.report.measured_seconds > 0);
    ck_assert(kt_saved_core_decode(&core, bytes, size - CPU_SIZE));
    ck_assert(core.report.cpu_seconds == 0 && core.report.measured_seconds == 0);
    ck_assert_double_eq(core.report.seconds, good.report.seconds);
    ck_assert_int_eq(core.open_count, good.open_count);
    ck_assert(!kt_saved_core_decode(&core, bytes, size - CPU_SIZE / 2));
}
END_TEST

/* A core of other bytes is refused, or written again to the same bytes. */
START_TEST(any_bytes_are_a_core_or_are_not)
{
    const kt_saved_core good = sample_core(1);
    unsigned char bytes[KT_SAVED_CORE_MOST], again[KT_SAVED_CORE_MOST];
    uint64_t state = 77;
    const uint64_t size = kt_saved_core_encode(bytes, &good);
    for (uint64_t i = 0; i < 20 * damage_samples(); i++) {
        kt_saved_core core;
        const uint64_t word = next_word(&state);
        const uint64_t at = word % size;
        const unsigned char kept = bytes[at];
        bytes[at] = (unsigned char)(word >> 32);
        if (kt_saved_core_decode(&core, bytes, size)) {
            ck_assert_uint_eq(kt_saved_core_encode(again, &core), size);
            ck_assert_mem_eq(again, bytes, size);
        }
        const uint64_t less = word % size;
        ck_assert(less == size - CPU_SIZE || !kt_saved_core_decode(&core, bytes, less));
        bytes[at] = kept;
    }
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("save damage");
    save_tests(suite, "fields", (const TTest *const[]){fields_end_where_their_memory_does, NULL});
    save_tests(suite, "damage",
               (const TTest *const[]){
                   every_damage_is_noticed, newer_and_other_files_are_told,
                   a_later_format_may_have_a_longer_head, senseless_heads_and_tables_are_damage,
                   bytes_between_sections_are_zeros, two_sections_of_one_name_are_damage,
                   no_run_stands_at_a_senseless_place, no_run_has_a_number_out_of_range,
                   a_run_may_stand_at_any_sensible_place, an_older_core_has_no_processor_time,
                   any_bytes_are_a_core_or_are_not, NULL});
    return end_with(suite);
}
