/* No result changes by a bit unless it is meant to: hashes of all kinds of results against those in
 * tests/golden/bits.txt, with every kernel set and precision, on one thread and on two. They are
 * kept for platforms: another processor, compiler or C library rounds otherwise, and what the file
 * does not have for this one is skipped. `test_bits print` prints the file with this platform's
 * hashes made anew. Keep what it prints only where a change of results is wanted. */
#include "bits_groups.h"
#include "cpu.h"
#include "suite.h"

#include <stdio.h>

/* ---- the tests: a kernel set, a precision and a group each ---- */

typedef struct group {
    const char *name;
    void (*record)(const recorder *r);
    bool best;    /* done by the machine's best kernel set, whatever the program's */
    bool is_read; /* plans are read, none is run */
} group;

static const group groups[] = {
    {.name = "medium", bits_of_medium},
    {.name = "small", bits_of_small},
    {.name = "large", bits_of_large},
    {.name = "gates", bits_of_gates},
    {.name = "matrices", bits_of_matrices},
    {.name = "plans", bits_of_plans, .is_read = true},
    {.name = "ways", bits_of_ways},
    {.name = "kets", bits_of_kets},
    {.name = "given", bits_of_given},
    {.name = "parameters", bits_of_parameters},
    {.name = "files", bits_of_files},
    {.name = "observables", bits_of_observables},
    {.name = "states", bits_of_states, .best = true},
    {.name = "shots", bits_of_shots},
    {.name = "dynamic", bits_of_dynamic},
    {.name = "resumed", bits_of_resumed},
};

enum { GROUPS = sizeof groups / sizeof *groups };

/* Parts are the groups for each kernel set and precision. */
static int part_count(void)
{
    return (int)kt_cpu_kernels_last() * 2 * GROUPS;
}

typedef struct part {
    ketch_kernels kernels;
    ketch_precision precision;
    const group *group;
    label label; /* of its lines */
} part;

static part part_of(int number)
{
    part p = {.kernels = (ketch_kernels)(KETCH_KERNELS_SCALAR + number / (2 * GROUPS)),
              .precision = number / GROUPS % 2 ? KETCH_SINGLE : KETCH_DOUBLE,
              .group = &groups[number % GROUPS]};
    p.label = name("%s %s %s/", ketch_kernels_name(p.kernels),
                   p.precision == KETCH_SINGLE ? "single" : "double", p.group->name);
    return p;
}

static bool is_usable(const part *p)
{
    return p->group->best ? p->kernels == kt_cpu_best() : ketch_kernels_usable(p->kernels);
}

static bool is_fused(const part *p)
{
    return BITS_ALL_FUSED || p->kernels != KETCH_KERNELS_SCALAR;
}

static bits_list *record_part(const part *p, int32_t threads)
{
    bits_list *const list = calloc(1, sizeof *list);
    const run_way way = {.threads = threads, .kernels = p->kernels, .precision = p->precision};
    list->label = p->label.text;
    recorder r = recorder_open(&way, list);
    p->group->record(&r);
    recorder_close(&r);
    return list;
}

START_TEST(keeps_its_bits)
{
    const part p = part_of(_i);
    bits_list *const one = record_part(&p, 1), *const two = record_part(&p, 2);
    const char *const disagree = bits_disagree(one, two);
    ck_assert_msg(!*disagree, "one thread and two: %s", disagree);
    const char *const differ = bits_differ(one);
    ck_assert_msg(!*differ, "%s", differ);
    free(one);
    free(two);
}
END_TEST

static void print_part(const part *p)
{
    bits_list *const list = record_part(p, 1);
    for (int i = 0; i < list->count; i++)
        puts(list->lines[i]);
    free(list);
}

/* What this machine cannot make anew stays as it stands. */
static void print_platform(bool fused)
{
    for (int i = 0; i < part_count(); i++) {
        const part p = part_of(i);
        if (is_fused(&p) == fused)
            (is_usable(&p) ? print_part(&p) : bits_print_kept(p.label.text));
    }
}

START_TEST(print_file)
{
    bits_open();
    bits_print(print_platform);
    fflush(stdout);
}
END_TEST

/* ---- what is skipped ---- */

enum { TO_RUN, NOT_KEPT, NOT_USABLE, FATES };

static const char *const reasons[FATES] = {
    [NOT_KEPT] = "tests/golden/bits.txt does not have them for",
    [NOT_USABLE] = "this machine does not run those kept for"};

static int fate_of(const part *p)
{
    if (!bits_kept(p->label.text))
        return NOT_KEPT;
    return is_usable(p) ? TO_RUN : NOT_USABLE;
}

/* What neither the file nor the machine has is not missed, nor what only a machine without its best
 * kernel set would do. */
static bool is_missed(const part *p)
{
    if (is_usable(p))
        return !bits_kept(p->label.text);
    return bits_kept(p->label.text) && !ketch_kernels_usable(p->kernels);
}

/* Threads share in the same way with each kernel set: the thread sanitizer gets the best one. */
static void add_part(TCase *cases, int number)
{
    const part p = part_of(number);
    if (WITH_TSAN && p.kernels != kt_cpu_best())
        return;
    const int fate = fate_of(&p);
    if (fate == TO_RUN)
        add_indexed(cases, keeps_its_bits, number, "%.*s", (int)strlen(p.label.text) - 1,
                    p.label.text); /* without the slash */
    else if (is_missed(&p))
        add_skipped(cases, keeps_its_bits, "%s %s", reasons[fate], bits_platform(true));
}

static Suite *suite_of_tests(void)
{
    Suite *const suite = suite_create("bits");
    TCase *const runs = tcase_create("runs"), *const plans = tcase_create("plans");
    tcase_set_timeout(runs, 120);
    tcase_set_timeout(plans, 120);
    tcase_set_tags(plans, "one-thread");
    for (int i = 0; i < part_count(); i++)
        add_part(part_of(i).group->is_read ? plans : runs, i);
    suite_add_tcase(suite, runs);
    suite_add_tcase(suite, plans);
    return suite;
}

/* Nothing else goes to the standard output. */
static int print_anew(void)
{
    Suite *const suite = suite_create("print");
    TCase *const all = tcase_create("print");
    tcase_set_timeout(all, 600);
    tcase_add_test(all, print_file);
    suite_add_tcase(suite, all);
    SRunner *const runner = srunner_create(suite);
    srunner_run_all(runner, CK_SILENT);
    TestResult **const results = srunner_results(runner);
    const bool good = tr_rtype(results[0]) == CK_PASS;
    if (!good)
        fprintf(stderr, "%s\n", tr_msg(results[0]));
    free(results);
    srunner_free(runner);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int count, char **arguments)
{
    if (count > 1 && strcmp(arguments[1], "print") == 0)
        return print_anew();
    if (bits_open())
        return end_with(suite_of_tests());
    printf("1..0 # SKIP tests/golden/bits.txt has no platform %s\n", bits_platform(true));
    return EXIT_SUCCESS;
}
