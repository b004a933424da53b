/* Statuses and their texts, structs that grow, questions to the machine. */
#define _GNU_SOURCE
#include "children.h"
#include "cpu.h"
#include "ketch/circuits.h"
#include "status.h"
#include "suite.h"

#include <check.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ketch_error error;

static void fresh_error(void)
{
    error = (ketch_error){.size = sizeof error};
}

/* ---- status ---- */

START_TEST(names_of_statuses)
{
    ck_assert_str_eq(ketch_status_name(KETCH_OK), "OK");
    ck_assert_str_eq(ketch_status_name(KETCH_STOPPED), "STOPPED");
    ck_assert_str_eq(ketch_status_name(KETCH_TIMEOUT), "TIMEOUT");
    ck_assert_str_eq(ketch_status_name(KETCH_RANGE), "RANGE");
    ck_assert_str_eq(ketch_status_name(KETCH_BUSY), "BUSY");
    ck_assert_str_eq(ketch_status_name(KETCH_SYNTAX), "SYNTAX");
    ck_assert_str_eq(ketch_status_name(KETCH_HOOK), "HOOK");
    ck_assert_str_eq(ketch_status_name(KETCH_IO), "IO");
    ck_assert_str_eq(ketch_status_name(KETCH_FORMAT), "FORMAT");
    ck_assert_str_eq(ketch_status_name(KETCH_VERSION), "VERSION");
    ck_assert_str_eq(ketch_status_name(KETCH_CORRUPT), "CORRUPT");
    ck_assert_str_eq(ketch_status_name(KETCH_GATE), "GATE");
    ck_assert_str_eq(ketch_status_name(KETCH_UNITARY), "UNITARY");
    ck_assert_str_eq(ketch_status_name(KETCH_NORM), "NORM");
    static const ketch_status none[] = {3,    KETCH_CORRUPT - 1, -99,      KETCH_NORM - 1,
                                        -200, INT32_MIN,         INT32_MAX};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_str_eq(ketch_status_name(none[i]), "?");
}
END_TEST

START_TEST(numbers_read_back)
{
    static const double values[] = {0.0,  1.0,   0.1,    -2.5,    1.0 / 3.0,    1e22,
                                    1e-5, 1e300, 5e-324, DBL_MAX, 123456789.25, M_PI};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        ck_assert_double_eq(strtod(kt_number(values[i]).text, NULL), values[i]);
    ck_assert_str_eq(kt_number(0.1).text, "0.1");
    ck_assert_str_eq(kt_number(5e-324).text, "5e-324");
    ck_assert_str_eq(kt_number(-2.5).text, "-2.5");
    ck_assert_str_eq(kt_number(100).text, "100");
    ck_assert_str_eq(kt_number(-0.0).text, "-0");
    ck_assert_str_eq(kt_number(1e22).text, "1e+22");
    ck_assert_str_eq(kt_number(0.3).text, "0.3");
    ck_assert_str_eq(kt_number(0.1 + 0.2).text, "0.30000000000000004");
    ck_assert_str_eq(kt_number(INFINITY).text, "inf");
    ck_assert_str_eq(kt_number(-INFINITY).text, "-inf");
    ck_assert_ptr_nonnull(strstr(kt_number(NAN).text, "nan"));
}
END_TEST

START_TEST(numbers_do_not_follow_the_locale)
{
    static const char *const commas[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    for (size_t i = 0; i < sizeof commas / sizeof *commas; i++)
        if (setlocale(LC_NUMERIC, commas[i]))
            break;
    ck_assert_str_eq(kt_number(-1234.5).text, "-1234.5");
    ck_assert_str_eq(kt_number(1.25e-30).text, "1.25e-30");
    ck_assert_str_eq(kt_fixed(-1234.5, 3).text, "-1234.500");
    ck_assert_str_eq(kt_fixed(2.5, 0).text, "2");
    ck_assert_str_eq(kt_significant(1.0 / 3, 3).text, "0.333");
    ck_assert_str_eq(kt_significant(1.5e300, 2).text, "1.5e+300");
    setlocale(LC_NUMERIC, "C");
}
END_TEST

START_TEST(numbers_are_read_up_to_what_follows)
{
    double value;
    const char *end;
    ck_assert(kt_read_number(&value, "0.5s", &end) && value == 0.5 && *end == 's');
    ck_assert(kt_read_number(&value, "-1.25e-30", &end) && value == -1.25e-30 && *end == 0);
    ck_assert(kt_read_number(&value, "1,5", &end) && value == 1 && *end == ',');
    ck_assert(!kt_read_number(&value, "", &end) && !kt_read_number(&value, ".s", &end));
}
END_TEST

START_TEST(only_printable_characters_of_utf8_are_printable)
{
    static const struct {
        const char *text;
        int size;
    } cases[] = {
        {"a", 1},
        {"\xc2\xa0", 2},
        {"\xe2\x82\xac", 3},
        {"\xed\x9f\xbf", 3},
        {"\xf4\x8f\xbf\xbf", 4},
        {"", 0},
        {"\x1b", 0},
        {"\x7f", 0},
        {"\x80", 0},             /* a byte that only continues */
        {"\x9b\x80", 0},         /* two of them */
        {"\xc2\x9b", 0},         /* the control character U+009B */
        {"\xc0\x80", 0},         /* longer than need be */
        {"\xe0\x80\x80", 0},     /* the same */
        {"\xf0\x8f\xbf\xbf", 0}, /* the same */
        {"\xed\xa0\x80", 0},     /* a surrogate */
        {"\xf4\x90\x80\x80", 0}, /* above U+10FFFF */
        {"\xf8\x90\x80\x80", 0},
        {"\xff", 0},
        {"\xe2\x82", 0}, /* cut */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(kt_printable(cases[i].text) == cases[i].size, "case %zu: %d", i,
                      kt_printable(cases[i].text));
}
END_TEST

START_TEST(texts_are_cleaned_and_keep_their_end)
{
    char text[200];
    ck_assert_str_eq(kt_clean("caf\xc3\xa9 \xff\x1b[31m\n").text,
                     "caf\xc3\xa9 \\xff\\x1b[31m\\x0a");
    memset(text, 'a', sizeof text);
    memcpy(text + sizeof text - 4, "end", 4);
    ck_assert_uint_eq(strlen(kt_clean(text).text), sizeof(kt_text) - 1);
    ck_assert_int_eq(strncmp(kt_clean(text).text, "...aa", 5), 0);
    ck_assert_str_eq(strstr(kt_clean(text).text, "aend"), "aend");
    ck_assert_str_eq(kt_clean(text + sizeof text - 96).text, text + sizeof text - 96);
    for (size_t i = 0; i < 90; i++) /* whole characters only, wherever it is cut */
        memcpy(text + 2 * i, "\xc3\xa9", 3);
    const kt_text cut = kt_clean(text);
    ck_assert_int_eq(kt_printable(cut.text + 3), 2);
}
END_TEST

START_TEST(bytes_for_people)
{
    ck_assert_str_eq(kt_bytes(0).text, "0 bytes");
    ck_assert_str_eq(kt_bytes(1).text, "1 byte");
    ck_assert_str_eq(kt_bytes(512).text, "512 bytes");
    ck_assert_str_eq(kt_bytes(1023).text, "1023 bytes");
    ck_assert_str_eq(kt_bytes(1024).text, "1 KiB");
    ck_assert_str_eq(kt_bytes(3 << 19).text, "1.5 MiB");
    ck_assert_str_eq(kt_bytes((1 << 20) - 1).text, "1023.9 KiB");
    ck_assert_str_eq(kt_bytes(UINT64_C(1) << 34).text, "16 GiB");
    ck_assert_str_eq(kt_bytes(UINT64_MAX).text, "15.9 EiB");
}
END_TEST

START_TEST(failures_tell_all)
{
    fresh_error();
    const ketch_status status =
        kt_fail(&error, KETCH_RANGE, "ketch_do", "count", "9", "1 to 8", "%d is no %s", 9, "count");
    ck_assert_int_eq(status, KETCH_RANGE);
    ck_assert_int_eq(error.status, KETCH_RANGE);
    ck_assert_str_eq(error.function, "ketch_do");
    ck_assert_str_eq(error.argument, "count");
    ck_assert_str_eq(error.given, "9");
    ck_assert_str_eq(error.allowed, "1 to 8");
    ck_assert_str_eq(error.message, "9 is no count: given 9, allowed 1 to 8");
    ck_assert_int_eq(error.line, 0);
    kt_fail(&error, KETCH_GATE, "f", "gate", "fo", NULL, "no such gate");
    ck_assert_str_eq(error.message, "no such gate: given fo");
    ck_assert_str_eq(error.allowed, "");
    kt_fail(&error, KETCH_GATE, "f", "gate", NULL, "x", "no such gate");
    ck_assert_str_eq(error.message, "no such gate: allowed x");
    kt_fail(&error, KETCH_GATE, "f", "gate", NULL, NULL, "no such gate");
    ck_assert_str_eq(error.message, "no such gate");
    kt_fail_at(&error, KETCH_SYNTAX, "parse", 3, 7, "'}'", "';'", "unexpected text");
    ck_assert_str_eq(error.message, "3:7: unexpected text: given '}', allowed ';'");
    ck_assert_int_eq(error.line, 3);
    ck_assert_int_eq(error.column, 7);
    ck_assert_int_eq(kt_fail(NULL, KETCH_GATE, "f", "g", NULL, NULL, "r"), KETCH_GATE);
    ck_assert_int_eq(kt_fail_at(NULL, KETCH_DEPTH, "f", 1, 1, NULL, NULL, "r"), KETCH_DEPTH);
}
END_TEST

START_TEST(long_texts_are_cut)
{
    char text[2000];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    fresh_error();
    kt_fail(&error, KETCH_RANGE, text, text, text, text, "%s", text);
    ck_assert_uint_eq(strlen(error.function), sizeof error.function - 1);
    ck_assert_uint_eq(strlen(error.argument), sizeof error.argument - 1);
    ck_assert_uint_eq(strlen(error.given), sizeof error.given - 1);
    ck_assert_uint_eq(strlen(error.allowed), sizeof error.allowed - 1);
    ck_assert_uint_eq(strlen(error.message), sizeof error.message - 1);
    kt_fail(&error, KETCH_RANGE, "f", "a", error.given, error.given, "its own text");
    ck_assert_int_eq(error.given[0], 'a');
}
END_TEST

START_TEST(memory_refusals_tell_bytes)
{
    fresh_error();
    const kt_refusal refusal = {UINT64_C(1) << 34, UINT64_C(1) << 33, "memory budget", false};
    ck_assert_int_eq(kt_fail_memory(&error, "f", "qubits", "30 qubits", &refusal), KETCH_MEMORY);
    ck_assert_str_eq(error.message,
                     "not enough memory for 30 qubits, limited by the memory budget: given "
                     "17179869184 bytes (16 GiB), allowed 8589934592 bytes (8 GiB)");
    const kt_refusal forked = {.forked = true};
    ck_assert_int_eq(kt_fail_memory(&error, "f", "qubits", "30 qubits", &forked), KETCH_FORKED);
    ck_assert_str_eq(error.message,
                     "the arena was created in another process: create one in this process");
}
END_TEST

/* ---- structs that grow ---- */

typedef struct grown {
    size_t size;
    int64_t first, second;
} grown;

START_TEST(structs_may_be_older_or_newer)
{
    grown in = {sizeof in, 1, 2}, read;
    ck_assert(kt_copy_in(&read, sizeof read, NULL));
    ck_assert(read.first == 0 && read.second == 0);
    ck_assert(kt_copy_in(&read, sizeof read, &in));
    ck_assert(read.first == 1 && read.second == 2);
    in.size = sizeof(size_t) + 8;
    ck_assert(kt_copy_in(&read, sizeof read, &in));
    ck_assert(read.first == 1 && read.second == 0 && read.size == sizeof read);
    in.size = sizeof in;
    ck_assert(!kt_copy_in(&read, sizeof(size_t) + 8, &in));
    in.second = 0;
    ck_assert(kt_copy_in(&read, sizeof(size_t) + 8, &in));
    in.size = 0;
    ck_assert(!kt_copy_in(&read, sizeof read, &in));

    const grown from = {sizeof from, 3, 4};
    grown out = {sizeof(size_t) + 8, 7, 7};
    ck_assert(kt_copy_out(&out, &from, sizeof from));
    ck_assert(out.first == 3 && out.second == 7 && out.size == sizeof(size_t) + 8);
    out.size = sizeof out;
    ck_assert(kt_copy_out(&out, &from, sizeof(size_t) + 8));
    ck_assert(out.first == 3 && out.second == 0);
    out.size = 0;
    ck_assert(!kt_copy_out(&out, &from, sizeof from));
    ck_assert(!kt_copy_out(NULL, &from, sizeof from));
}
END_TEST

/* In a child, since a debug build stops there: 0 if the call came back with its status, and wrote
 * nothing. */
static int fail_with_size(size_t size)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr)) /* the assertion's text */
            _exit(3);
        ketch_error told = {.size = size};
        ketch_circuit *circuit;
        const ketch_status status = ketch_circuit_create(&circuit, 0, 0, &told);
        _exit(status == KETCH_RANGE && told.status == KETCH_OK ? 0 : 1);
    }
    return child_code(child);
}

START_TEST(an_error_without_size_is_an_assertion)
{
#ifdef NDEBUG
    ck_assert_int_eq(fail_with_size(0), 0);
#else
    ck_assert_int_eq(fail_with_size(0), -2);
    ck_assert_int_eq(fail_with_size(SIZE_MAX / 2), -2);
#endif
    ck_assert_int_eq(fail_with_size(sizeof(ketch_error)), 1);
}
END_TEST

/* ---- the machine ---- */

/* CPUID's numbers of machines of each family. */
START_TEST(processors_have_families)
{
    static const struct {
        const char *vendor;
        unsigned family, model;
        bool has_avx512;
        kt_cpu_family is;
    } machines[] = {
        {"AuthenticAMD", 0x17, 0x31, false, KT_FAMILY_OTHER},    /* Zen 2, Rome */
        {"AuthenticAMD", 0x19, 0x01, false, KT_FAMILY_ZEN3},     /* Milan */
        {"AuthenticAMD", 0x19, 0x21, false, KT_FAMILY_ZEN3},     /* Vermeer */
        {"AuthenticAMD", 0x19, 0x11, true, KT_FAMILY_ZEN4},      /* Genoa */
        {"AuthenticAMD", 0x19, 0xa0, true, KT_FAMILY_ZEN4},      /* Bergamo */
        {"AuthenticAMD", 0x1a, 0x02, true, KT_FAMILY_ZEN5},      /* Turin */
        {"AuthenticAMD", 0x1a, 0x44, true, KT_FAMILY_ZEN5},      /* Granite Ridge */
        {"AuthenticAMD", 0x1a, 0x50, true, KT_FAMILY_OTHER},     /* after Zen 5 */
        {"GenuineIntel", 6, 0x6a, true, KT_FAMILY_INTEL_AVX512}, /* Ice Lake */
        {"GenuineIntel", 6, 0x9e, false, KT_FAMILY_OTHER},       /* Coffee Lake */
        {"CentaurHauls", 6, 0x0f, true, KT_FAMILY_OTHER},
    };
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
        ck_assert_int_eq(kt_cpu_family_of(machines[i].vendor, machines[i].family, machines[i].model,
                                          machines[i].has_avx512),
                         machines[i].is);
    ck_assert_str_eq(kt_cpu_family_name(KT_FAMILY_ZEN4), "zen4");
    ck_assert_str_eq(kt_cpu_family_name(KT_FAMILIES), "?");
    ck_assert_int_lt(kt_cpu_family_here(), KT_FAMILIES);
}
END_TEST

START_TEST(kernel_sets)
{
    ck_assert(kt_cpu_runs(KETCH_KERNELS_SCALAR));
    ck_assert(!kt_cpu_runs(KETCH_KERNELS_AUTO));
    ck_assert(!kt_cpu_runs((ketch_kernels)9));
    ck_assert(kt_cpu_runs(kt_cpu_best()));
    ck_assert_int_eq(ketch_kernels_usable(KETCH_KERNELS_SCALAR), 1);
    ck_assert_str_eq(ketch_kernels_name(KETCH_KERNELS_AVX512), "avx512");
    ck_assert_str_eq(ketch_kernels_name((ketch_kernels)-1), "?");
    ck_assert_str_eq(ketch_kernels_name(KETCH_KERNELS_NEON), "neon");
    ck_assert_str_eq(ketch_kernels_name((ketch_kernels)((int)kt_cpu_kernels_last() + 1)), "?");
#if defined(__aarch64__)
    ck_assert_int_eq(kt_cpu_best(), KETCH_KERNELS_NEON);
#else
    ck_assert(!kt_cpu_runs(KETCH_KERNELS_NEON));
#endif
}
END_TEST

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *const file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void make_folder(char path[128], const char *parent, const char *name)
{
    ck_assert_int_lt(snprintf(path, 128, "%s/%s", parent, name), 128);
    ck_assert_int_eq(mkdir(path, 0700), 0);
}

START_TEST(cores_within_quota)
{
    char root[] = "/tmp/ketch-quota-XXXXXX", job[128], step[128], cpu[128], old[128], list[128];
    ck_assert_ptr_nonnull(mkdtemp(root));
    make_folder(job, root, "job");
    make_folder(step, job, "step");
    make_folder(cpu, root, "cpu");
    make_folder(old, cpu, "old");
    snprintf(list, sizeof list, "%s/list", root);

    write_file(root, "list", "0::/job/step\n");
    ck_assert_int_eq(kt_cpu_quota(list, root), KETCH_THREADS_MAX);
    write_file(step, "cpu.max", "max 100000\n");
    ck_assert_int_eq(kt_cpu_quota(list, root), KETCH_THREADS_MAX);
    write_file(job, "cpu.max", "250000 100000\n");
    ck_assert_int_eq(kt_cpu_quota(list, root), 3);
    write_file(step, "cpu.max", "10000 100000\n");
    ck_assert_int_eq(kt_cpu_quota(list, root), 1);
    write_file(step, "cpu.max", "nonsense\n");
    ck_assert_int_eq(kt_cpu_quota(list, root), 3);
    write_file(root, "list", "0::/elsewhere/unseen\n");
    ck_assert_int_eq(kt_cpu_quota(list, root), KETCH_THREADS_MAX);
    write_file(root, "cpu.max", "500000 100000\n");
    ck_assert_int_eq(kt_cpu_quota(list, root), 5);

    write_file(root, "list", "5:memory:/x\n4:cpu,cpuacct:/old\n1:name=systemd:/y\n");
    ck_assert_int_eq(kt_cpu_quota(list, root), KETCH_THREADS_MAX);
    write_file(old, "cpu.cfs_quota_us", "-1\n");
    write_file(old, "cpu.cfs_period_us", "100000\n");
    ck_assert_int_eq(kt_cpu_quota(list, root), KETCH_THREADS_MAX);
    write_file(old, "cpu.cfs_quota_us", "150000\n");
    ck_assert_int_eq(kt_cpu_quota(list, root), 2);
    ck_assert_int_eq(kt_cpu_quota("/nowhere/at/all", root), KETCH_THREADS_MAX);

    char command[160];
    snprintf(command, sizeof command, "rm -r %s", root);
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_ge(kt_cpu_cores(), 1);
    ck_assert_int_le(kt_cpu_cores(), sysconf(_SC_NPROCESSORS_ONLN));
}
END_TEST

static void add_cases(Suite *suite)
{
    TCase *const cases = tcase_create("status");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, names_of_statuses);
    tcase_add_test(cases, numbers_read_back);
    tcase_add_test(cases, numbers_do_not_follow_the_locale);
    tcase_add_test(cases, numbers_are_read_up_to_what_follows);
    tcase_add_test(cases, only_printable_characters_of_utf8_are_printable);
    tcase_add_test(cases, texts_are_cleaned_and_keep_their_end);
    tcase_add_test(cases, bytes_for_people);
    tcase_add_test(cases, failures_tell_all);
    tcase_add_test(cases, long_texts_are_cut);
    tcase_add_test(cases, memory_refusals_tell_bytes);
    tcase_add_test(cases, structs_may_be_older_or_newer);
    tcase_add_test(cases, kernel_sets);
    tcase_add_test(cases, processors_have_families);
    tcase_add_test(cases, cores_within_quota);
    suite_add_tcase(suite, cases);
    TCase *const forks = tcase_create("forks");
    tcase_set_timeout(forks, 60);
    tcase_set_tags(forks, "fork");
    tcase_add_test(forks, an_error_without_size_is_an_assertion);
    suite_add_tcase(suite, forks);
}

int main(void)
{
    Suite *const suite = suite_create("status");
    add_cases(suite);
    return end_with(suite);
}
