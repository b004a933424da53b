/* How test programs name and skip their cases, and how they end. */
#ifndef SUITE_H
#define SUITE_H

#include "sanitizers.h"

#include <check.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__has_include)
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define KT_TEST_KNOWS_THREADS
#endif
#endif

/* A test under a name of its own. Check keeps pointers to it until the suite has run. */
typedef struct named_test {
    TTest test;
    struct named_test *next;
    char name[200];
} named_test;

static named_test *named_tests;

__attribute__((format(printf, 3, 0))) static inline const TTest *
rename_test(const TTest *test, TFun body, const char *format, va_list arguments)
{
    named_test *const made = calloc(1, sizeof *made);
    if (!made)
        abort();
    vsnprintf(made->name, sizeof made->name, format, arguments);
    made->test = *test;
    made->test.name = made->name;
    made->test.fn = body;
    made->next = named_tests;
    named_tests = made;
    return &made->test;
}

__attribute__((format(printf, 3, 4))) static inline const TTest *
name_test(const TTest *test, TFun body, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const TTest *const named = rename_test(test, body, format, arguments);
    va_end(arguments);
    return named;
}

/* One test of a loop, the one with that index, and what the index means: the test's name in reports
 * is "test: meaning". */
__attribute__((format(printf, 4, 5))) static inline void
add_indexed(TCase *cases, const TTest *test, int index, const char *meaning, ...)
{
    char text[160];
    va_list arguments;
    va_start(arguments, meaning);
    vsnprintf(text, sizeof text, meaning, arguments);
    va_end(arguments);
    const TTest *const named = name_test(test, test->fn, "%s: %s", test->name, text);
    tcase_add_loop_test(cases, named, index, index + 1);
}

static inline void do_nothing_(int index)
{
    (void)index;
}

/* A test that does not run here, reported as skipped. Check knows no skipping: it runs a test that
 * does nothing, whose name carries TAP's mark. */
__attribute__((format(printf, 3, 4))) static inline void
add_skipped(TCase *cases, const TTest *test, const char *reason, ...)
{
    char text[160];
    va_list arguments;
    va_start(arguments, reason);
    vsnprintf(text, sizeof text, reason, arguments);
    va_end(arguments);
    tcase_add_test(cases, name_test(test, do_nothing_, "%s # SKIP %s", test->name, text));
}

/* ---- loops whose indices have names ---- */

static inline void add_list(TCase *cases, const TTest *test, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        add_indexed(cases, test, i, "%s", names[i]);
}

/* Index 0 and 1. Threads share in the same way with each: the thread sanitizer gets double alone. */
static inline void add_precisions(TCase *cases, const TTest *test)
{
    static const char *const names[] = {"double", "single"};
    add_list(cases, test, names, WITH_TSAN ? 1 : 2);
}

/* The index, from first to last, is a number of something. */
static inline void add_numbers(TCase *cases, const TTest *test, int first, int last,
                               const char *what)
{
    for (int i = first; i <= last; i++)
        add_indexed(cases, test, i, "%d %s", i, what);
}

/* The index, from 0 on, is a seed. */
static inline void add_seeds(TCase *cases, const TTest *test, int count)
{
    for (int i = 0; i < count; i++)
        add_indexed(cases, test, i, "seed %d", i);
}

/* Each index below count; every step-th one with the thread sanitizer, which is slow. */
static inline void add_some(TCase *cases, const TTest *test, int count, int step)
{
    for (int i = 0; i < count; i += WITH_TSAN ? step : 1)
        tcase_add_loop_test(cases, test, i, i + 1);
}

/* Whether the process has had one thread alone so far, as far as the C library tells. */
static inline bool has_one_thread(void)
{
#ifdef KT_TEST_KNOWS_THREADS
    return __libc_single_threaded;
#else
    return true;
#endif
}

static bool had_one_thread;

static inline void note_threads_(void)
{
    had_one_thread = has_one_thread();
}

static inline void check_threads_(void)
{
    ck_assert_msg(has_one_thread() == had_one_thread, "a test tagged one-thread starts a thread");
}

/* Tests that start no thread have nothing to show the thread sanitizer, whose stage leaves them
 * out. One of them that does start a thread fails; a fixture that was added before is not seen. */
static inline void keep_one_thread(TCase *cases)
{
    tcase_set_tags(cases, "one-thread");
    tcase_add_checked_fixture(cases, note_threads_, check_threads_);
}

static const char *const needs_debug = "needs a build with --enable-debug";

/* Index 0: one request for memory is refused, 1: all from there on are. */
static inline void add_refusals(TCase *cases, const TTest *test, bool is_debug)
{
    static const char *const names[] = {"one request refused", "all from there on refused"};
    if (is_debug)
        add_list(cases, test, names, 2);
    else
        add_skipped(cases, test, "%s", needs_debug);
}

/* A test without indices, or one that is skipped. */
static inline void add_where(TCase *cases, const TTest *test, bool runs, const char *reason)
{
    if (runs)
        tcase_add_test(cases, test);
    else
        add_skipped(cases, test, "%s", reason);
}

/* A figure of a promise, for the table of tests/promises.py: a comment in TAP. */
static inline void figure(const char *promise, const char *what, double value, const char *unit)
{
    const bool whole = value == floor(value) && fabs(value) < 1e15;
    printf(whole ? "# figure %s: %s = %.0f %s\n" : "# figure %s: %s = %.3g %s\n", promise, what,
           value, unit);
    fflush(stdout);
}

/* Runs the suite and gives main's value. */
static inline int end_with(Suite *suite)
{
    SRunner *const runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    while (named_tests) {
        named_test *const first = named_tests;
        named_tests = first->next;
        free(first);
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
