/* Under the arena: heap, pages, limits. */
#include "memory.h"

#include "folders.h"
#include "suite.h"

#include <sys/mman.h>

/* ---- heap ---- */

START_TEST(heap_is_zeroed_and_aligned)
{
    for (size_t size = 0; size < 1000; size += 37) {
        char *const memory = kt_heap_take(size);
        ck_assert_ptr_nonnull(memory);
        ck_assert_uint_eq((uintptr_t)memory % 64, 0);
        ck_assert(all_bytes(memory, size, 0));
        memset(memory, 0xff, size); /* so that memory used again would show */
        kt_heap_give(memory);
    }
    kt_heap_give(NULL);
}
END_TEST

/* Leaves used memory behind for the allocator to hand out again. */
static void soil_heap(size_t size)
{
    void *const memory = kt_heap_take(size);
    memset(memory, 0xff, size);
    kt_heap_give(memory);
}

START_TEST(heap_grows)
{
    soil_heap(10);
    soil_heap(1000);
    char *memory = kt_heap_grow(NULL, 0, 10);
    memset(memory, 1, 10);
    memory = kt_heap_grow(memory, 10, 1000);
    ck_assert_uint_eq((uintptr_t)memory % 64, 0);
    ck_assert(all_bytes(memory, 10, 1));
    if (debug_build())
        ck_assert(!all_bytes(memory + 10, 990, 0));
    memory = kt_heap_grow(memory, 1000, 5);
    ck_assert(all_bytes(memory, 5, 1));
    ck_assert_ptr_null(kt_heap_grow(memory, 5, SIZE_MAX));
    ck_assert(all_bytes(memory, 5, 1));
    memory = kt_heap_grow(memory, 5, 0);
    ck_assert_ptr_nonnull(memory);
    kt_heap_give(memory);
}
END_TEST

START_TEST(heap_sizes_never_wrap)
{
    for (size_t less = 0; less < 200; less++) {
        ck_assert_ptr_null(kt_heap_take(SIZE_MAX - less));
        ck_assert_ptr_null(kt_heap_take((size_t)PTRDIFF_MAX - less % 64));
    }
    size_t product = 0;
    ck_assert(kt_mul(&product, SIZE_MAX / 2, 2) && product == SIZE_MAX - 1);
    ck_assert(!kt_mul(&product, SIZE_MAX / 2 + 1, 2));
}
END_TEST

START_TEST(heap_refuses_in_a_release_build)
{
    ck_assert(!kt_fault_arm(1, true));
    ck_assert(!kt_fault_now());
}
END_TEST

START_TEST(heap_refuses_on_purpose)
{
    for (uint64_t at = 1; at <= 3; at++)
        for (int onwards = 0; onwards < 2; onwards++) {
            kt_fault_arm(at, onwards);
            for (uint64_t request = 1; request <= 4; request++) {
                void *const memory = kt_heap_take(1);
                const bool refused = request == at || (onwards && request > at);
                ck_assert_int_eq(memory == NULL, refused);
                ck_assert_uint_eq(kt_fault_count(), request);
                kt_heap_give(memory);
            }
        }
    kt_fault_arm(1, false);
    char *const memory = kt_heap_take(8);
    ck_assert_ptr_null(memory);
    kt_fault_arm(0, false);
}
END_TEST

/* ---- pages ---- */

START_TEST(pages_round)
{
    const size_t huge = KT_HUGE, small = page(), last = SIZE_MAX - SIZE_MAX % huge;
    const size_t cases[][2] = {
        {0, small},       {1, small},    {small, small},       {small + 1, 2 * small},
        {huge - 1, huge}, {huge, huge},  {huge + 1, 2 * huge}, {3 * huge - 1, 3 * huge},
        {last, last},     {last + 1, 0}, {SIZE_MAX - 1, 0},    {SIZE_MAX, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_uint_eq(kt_pages_round(cases[i][0]), cases[i][1]);
}
END_TEST

START_TEST(pages_are_aligned_and_zero)
{
    const size_t sizes[] = {page(), 7 * page(), KT_HUGE - page(), KT_HUGE, 3 * (size_t)KT_HUGE};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *const memory = kt_pages_map(sizes[i], "ketch");
        ck_assert_ptr_nonnull(memory);
        ck_assert_uint_eq((uintptr_t)memory % (sizes[i] < KT_HUGE ? page() : KT_HUGE), 0);
        ck_assert(all_bytes(memory, sizes[i], 0));
        memset(memory, 1, sizes[i]);
        kt_pages_unmap(memory, sizes[i]);
    }
    kt_pages_unmap(NULL, page());
    ck_assert_ptr_null(kt_pages_map(SIZE_MAX - SIZE_MAX % KT_HUGE, "ketch"));
}
END_TEST

/* How many pages of the memory the system backs. */
static size_t count_backed(void *memory, size_t size)
{
    unsigned char backed[1024];
    ck_assert_uint_le(size / page(), sizeof backed);
    ck_assert_int_eq(mincore(memory, size, backed), 0);
    size_t count = 0;
    for (size_t i = 0; i < size / page(); i++)
        count += backed[i] & 1;
    return count;
}

START_TEST(small_maps_are_backed_at_once)
{
    const size_t size = 7 * page();
    void *const memory = kt_pages_map(size, "ketch");
    ck_assert_uint_eq(count_backed(memory, size), 7);
    kt_pages_unmap(memory, size);
}
END_TEST

static bool backs_on_request(void)
{
    const int populate_write = 23;
    void *const memory = kt_pages_map(KT_HUGE, "ketch");
    const bool backs = madvise(memory, page(), populate_write) == 0;
    kt_pages_unmap(memory, KT_HUGE);
    return backs;
}

START_TEST(large_maps_are_backed_when_touched)
{
    const size_t size = KT_HUGE;
    char *const memory = kt_pages_map(2 * size, "ketch");
    ck_assert_uint_eq(count_backed(memory, 2 * size), 0);
    memory[size + 5] = 1;
    kt_pages_touch(memory + size, size);
    ck_assert_uint_eq(count_backed(memory, size), 0);
    ck_assert_uint_eq(count_backed(memory + size, size), size / page());
    ck_assert(memory[size + 5] == 1 && all_bytes(memory + size + 6, size - 6, 0));
    kt_pages_touch(NULL, size); /* refused: nothing happens */
    kt_pages_unmap(memory, 2 * size);
}
END_TEST

/* Bytes of address space; 0 where the system does not say. */
static uint64_t address_space(void)
{
    uint64_t count = 0;
    FILE *const file = fopen("/proc/self/statm", "re");
    if (file && fscanf(file, "%" SCNu64, &count) != 1)
        count = 0;
    if (file)
        fclose(file);
    return count * page();
}

START_TEST(pages_leave_nothing_behind)
{
    (void)address_space(); /* whatever the C library keeps from it */
    const uint64_t before = address_space();
    for (int i = 0; i < 100; i++) {
        const size_t size = (size_t)(1 + i % 3) * KT_HUGE;
        void *const first = kt_pages_map(page(), "ketch"); /* shifts the next ones about */
        void *const memory = kt_pages_map(size, "ketch");
        ck_assert(first && memory);
        kt_pages_unmap(memory, size);
        kt_pages_unmap(first, page());
    }
    ck_assert_uint_lt(address_space(), before + 4 * MIB);
}
END_TEST

/* Copies what the kernel says about the mapping that begins at memory: its line and its flags. */
static bool describe_mapping(const void *memory, char line[256], char flags[256])
{
    FILE *const file = fopen("/proc/self/smaps", "re");
    char text[256];
    bool found = false;
    *flags = '\0';
    while (file && !*flags && fgets(text, sizeof text, file)) {
        uint64_t start, end;
        if (sscanf(text, "%" SCNx64 "-%" SCNx64 " ", &start, &end) == 2) {
            found = start == (uintptr_t)memory;
            if (found)
                snprintf(line, 256, "%s", text);
        } else if (found && strncmp(text, "VmFlags:", 8) == 0) {
            snprintf(flags, 256, "%s", text);
        }
    }
    if (file)
        fclose(file);
    return *flags;
}

START_TEST(pages_are_advised)
{
    void *const memory = kt_pages_map(2 * (size_t)KT_HUGE, "ketch");
    ck_assert_ptr_nonnull(memory);
    char line[256], flags[256];
    if (describe_mapping(memory, line, flags)) {
        ck_assert_msg(strstr(flags, " dd") != NULL, "%s", flags);
        if (access("/sys/kernel/mm/transparent_hugepage/enabled", F_OK) == 0)
            ck_assert_msg(strstr(flags, " hg") != NULL, "%s", flags);
        ck_assert(!strstr(line, "[anon:") || strstr(line, "[anon:ketch]"));
    }
    kt_pages_unmap(memory, 2 * (size_t)KT_HUGE);
}
END_TEST

static void write_page(size_t size, size_t at)
{
    volatile char *const memory = kt_pages_map(size, "ketch");
    memory[at] = 1;
}

static void write_last(void)
{
    write_page(3 * page(), 3 * page() - 1);
}

static void write_behind(void)
{
    write_page(3 * page(), 3 * page());
}

static void write_behind_huge(void)
{
    write_page(KT_HUGE, KT_HUGE);
}

START_TEST(pages_have_a_guard)
{
    ck_assert_int_eq(end_of(write_last), 0);
    ck_assert_int_ne(end_of(write_behind), 0);
    ck_assert_int_ne(end_of(write_behind_huge), 0);
}
END_TEST

/* ---- processes ---- */

static kt_origin noted;

static void be_forked(void)
{
    _exit(kt_origin_forked(&noted) ? 0 : 1);
}

/* Also without the mark, which a system need not have. */
START_TEST(forks_are_noticed)
{
    kt_origin_note(&noted);
    ck_assert(!kt_origin_forked(&noted));
    ck_assert_int_eq(end_of(be_forked), 0);
    kt_origin_end(&noted);
    ck_assert(!kt_origin_forked(&noted));
    ck_assert_int_eq(end_of(be_forked), 0);
}
END_TEST

/* ---- limits ---- */

START_TEST(limits_of_control_groups)
{
    const struct {
        const char *list;
        uint64_t limit;
    } cases[] = {
        {"", UINT64_MAX},
        {"0::/\n", 9000},
        {"0::/a\n", 5000},
        {"0::/a/b\n", 5000}, /* b says max */
        {"0::/a/b/c\n", 4000},
        {"0::/a/d\n", 5000}, /* d has no file */
        {"0::/elsewhere/x\n", 9000},
        {"0::/../..\n", 9000},
        {"0::/u\n", 3000}, /* beside version 1, in unified */
        {"4:memory:/\n", 8000},
        {"4:memory:/m/n\n", 700},
        {"4:cpu,memory:/m/n\n1:cpu:/\n", 700},
        {"4:memory,cpu:/m\n", 8000}, /* "unlimited" */
        {"4:cpu:/m/n\n", UINT64_MAX},
        {"4:memoryless:/m/n\n", UINT64_MAX},
        {"3:name=systemd:/m/n\n4:memory:/m/n\n0::/a\n", 700},
        {"nonsense\n:\n::\n0::/a", 5000},
    };
    char folder[] = "/tmp/ketch-test-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_file(folder, "/memory.max", "9000\n");
    write_file(folder, "/a/memory.max", "5000\n");
    write_file(folder, "/a/b/memory.max", "max\n");
    write_file(folder, "/a/b/c/memory.max", "4000\n");
    write_file(folder, "/unified/u/memory.max", "3000\n");
    write_file(folder, "/memory/memory.limit_in_bytes", "8000\n");
    write_file(folder, "/memory/m/memory.limit_in_bytes", "9223372036854771712\n");
    write_file(folder, "/memory/m/n/memory.limit_in_bytes", "700\n");
    char list[64];
    snprintf(list, sizeof list, "%s/list", folder);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_file(folder, "/list", cases[i].list);
        ck_assert_msg(kt_pages_cgroup(list, folder) == cases[i].limit, "case %zu: %" PRIu64, i,
                      kt_pages_cgroup(list, folder));
    }
    remove_folder(folder);
    ck_assert_uint_eq(kt_pages_cgroup(list, folder), UINT64_MAX);
}
END_TEST

/* Ends with 0 where an address space limit below all others is seen and named. */
static void limit_address_space(void)
{
    const struct rlimit limit = {256 * MIB, RLIM_INFINITY};
    const char *name = "";
    if (setrlimit(RLIMIT_AS, &limit) != 0 || kt_pages_limit(&name) != 256 * MIB)
        _exit(1);
    _exit(strcmp(name, "address space limit") != 0);
}

START_TEST(limits_of_the_process)
{
    const char *name = NULL;
    const uint64_t limit = kt_pages_limit(&name);
    ck_assert_ptr_nonnull(name);
    ck_assert_uint_gt(limit, 16 * MIB);
    ck_assert_uint_le(limit, (uint64_t)sysconf(_SC_PHYS_PAGES) * page());
    ck_assert_uint_gt(kt_headroom_system(&kt_memory_system), MIB);
    ck_assert_int_eq(end_of(limit_address_space), 0);
}
END_TEST

int main(void)
{
    const TTest *const heap[] = {heap_is_zeroed_and_aligned, heap_grows, heap_sizes_never_wrap,
                                 NULL};
    const TTest *const pages[] = {pages_round,
                                  pages_are_aligned_and_zero,
                                  pages_leave_nothing_behind,
                                  pages_are_advised,
                                  small_maps_are_backed_at_once,
                                  forks_are_noticed,
                                  NULL};
    const TTest *const limits[] = {limits_of_control_groups, limits_of_the_process, NULL};
    Suite *const suite = suite_create("pages");
    TCase *const cases = add_case(suite, "heap", heap);
    add_where(cases, heap_refuses_in_a_release_build, !debug_build(), "needs a release build");
    add_where(cases, heap_refuses_on_purpose, debug_build(), needs_debug);
    TCase *const mapped = add_case(suite, "pages", pages);
    add_where(mapped, pages_have_a_guard, debug_build(), needs_debug);
    add_where(mapped, large_maps_are_backed_when_touched, backs_on_request(),
              "needs Linux 5.14 or newer");
    add_case(suite, "limits", limits);
    return end_with(suite);
}
