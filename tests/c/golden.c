#define _GNU_SOURCE
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_MAX = 8192 };

typedef char line[BITS_LINE_SIZE];

static line kept[KEPT_MAX];
static int kept_count;

uint64_t bits_hash(uint64_t before, const void *data, size_t size)
{
    const unsigned char *const bytes = data;
    uint64_t hash = before;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

void bits_add(bits_list *list, const char *name, const char *value)
{
    if (list->count == BITS_LINES_MAX)
        abort();
    snprintf(list->lines[list->count++], BITS_LINE_SIZE, "%s%s %s", list->label, name, value);
}

void bits_add_hash(bits_list *list, const char *name, uint64_t hash)
{
    char text[24];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)hash);
    bits_add(list, name, text);
}

/* ---- the platform ---- */

/* The functions of the C library that the library's numbers go through. Volatile: a compiler would
 * compute them itself. */
static double (*volatile const ones[])(double) = {sin, cos, tan, exp, log, sqrt};
static double (*volatile const twos[])(double, double) = {pow, hypot};

static uint64_t hash_library(void)
{
    uint64_t hash = BITS_OF_NOTHING;
    for (int i = 1; i <= 200; i++) {
        const double x = i * (3.14159265358979323846 / 64), y = 1.0 / i;
        double numbers[10];
        for (size_t k = 0; k < sizeof ones / sizeof *ones; k++)
            numbers[k] = ones[k](x);
        for (size_t k = 0; k < sizeof twos / sizeof *twos; k++)
            numbers[6 + k] = twos[k](x, y);
        sincos(-x - y, &numbers[8], &numbers[9]);
        hash = bits_hash(hash, numbers, sizeof numbers);
    }
    return hash;
}

#if defined(__x86_64__)
#define ARCHITECTURE "x86_64"
#elif defined(__i386__)
#define ARCHITECTURE "i386"
#elif defined(__aarch64__)
#define ARCHITECTURE "aarch64"
#else
#define ARCHITECTURE "other"
#endif

#if defined(__clang__)
#define COMPILER "clang", __clang_major__
#elif defined(__GNUC__)
#define COMPILER "gcc", __GNUC__
#else
#define COMPILER "other", 0
#endif

#ifndef BUILD_CFLAGS /* the compiler's flags, which the makefile tells */
#define BUILD_CFLAGS "-O?"
#endif

/* Those of the compiler's flags that choose its arithmetic, each after a space. */
static void list_flags(char *to, size_t size)
{
    static const char *const chosen[] = {"-O", "-m", "-ff"};
    char flags[] = BUILD_CFLAGS, *rest = flags;
    size_t length = 0;
    to[0] = 0;
    for (const char *flag = strtok_r(flags, " ", &rest); flag; flag = strtok_r(NULL, " ", &rest))
        for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++)
            if (strncmp(flag, chosen[i], strlen(chosen[i])) == 0 && length < size)
                length += (size_t)snprintf(to + length, size - length, " %s", flag);
}

const char *bits_platform(bool fused)
{
    static char text[BITS_LINE_SIZE - 16];
    char flags[64];
    list_flags(flags, sizeof flags);
    snprintf(text, sizeof text, "%s %s-%d libm-%016llx%s", ARCHITECTURE, COMPILER,
             (unsigned long long)hash_library(), fused ? flags : "");
    return text;
}

/* ---- the kept file ---- */

static FILE *open_kept(void)
{
    char path[1000];
    const char *const source = getenv("abs_srcdir");
    snprintf(path, sizeof path, "%s/tests/golden/bits.txt", source ? source : ".");
    FILE *const file = fopen(path, "r");
    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    return file;
}

/* The platform that lines after this one belong to; NULL where it names none. */
static const char *platform_of(const char *text)
{
    static const char word[] = "platform ";
    return strncmp(text, word, sizeof word - 1) == 0 ? text + sizeof word - 1 : NULL;
}

static bool is_own(const char *platform)
{
    return strcmp(platform, bits_platform(false)) == 0 ||
           strcmp(platform, bits_platform(true)) == 0;
}

/* Calls see(text, own) for each line of the file; own: it belongs to this platform. */
static void read_lines(void (*see)(const char *text, bool own))
{
    FILE *const file = open_kept();
    bool own = false;
    line text;
    while (fgets(text, sizeof text, file)) {
        text[strcspn(text, "\n")] = 0;
        const char *const named = platform_of(text);
        if (named)
            own = is_own(named);
        see(text, own);
    }
    fclose(file);
}

static void keep_line(const char *text, bool own)
{
    if (!own || platform_of(text))
        return;
    if (kept_count == KEPT_MAX)
        abort();
    snprintf(kept[kept_count++], sizeof *kept, "%s", text);
}

bool bits_open(void)
{
    kept_count = 0;
    read_lines(keep_line);
    return kept_count > 0;
}

/* What prints this platform's lines anew, and what it has printed. */
static void (*print_anew)(bool fused);
static bool printed[2];

static void print_once(bool fused)
{
    if (printed[fused] || (BITS_ALL_FUSED && !fused))
        return;
    printed[fused] = true;
    printf("platform %s\n", bits_platform(fused));
    print_anew(fused);
}

static void print_line(const char *text, bool own)
{
    const char *const platform = platform_of(text);
    if (!own)
        puts(text);
    else if (platform)
        print_once(strcmp(platform, bits_platform(true)) == 0);
}

void bits_print(void (*anew)(bool fused))
{
    print_anew = anew;
    read_lines(print_line);
    print_once(false);
    print_once(true);
}

/* ---- comparing ---- */

/* The position of the next line of that label, from there on; -1: there is none. */
static int next_kept(const char *label, int from)
{
    for (int i = from; i < kept_count; i++)
        if (strncmp(kept[i], label, strlen(label)) == 0)
            return i;
    return -1;
}

bool bits_kept(const char *label)
{
    return next_kept(label, 0) >= 0;
}

void bits_print_kept(const char *label)
{
    for (int i = next_kept(label, 0); i >= 0; i = next_kept(label, i + 1))
        puts(kept[i]);
}

/* What is told of rows of lines: how many differ, and the first of them. */
enum { TOLD = 4 };

typedef struct findings {
    int count;
    size_t length;
    char lines[TOLD * (2 * BITS_LINE_SIZE + 20)], text[TOLD * (2 * BITS_LINE_SIZE + 20) + 40];
} findings;

static void find(findings *f, const char *wanted, const char *got)
{
    if (strcmp(wanted, got) == 0 || f->count++ >= TOLD)
        return;
    f->length += (size_t)snprintf(f->lines + f->length, sizeof f->lines - f->length,
                                  "\nwanted: %s\ngot:    %s", wanted, got);
}

static const char *tell(findings *f)
{
    if (f->count == 0)
        return "";
    snprintf(f->text, sizeof f->text, "lines that differ: %d%s", f->count, f->lines);
    return f->text;
}

/* The line with the name of that one; "none" where there is none. */
static const char *same_name(const bits_list *list, const char *named)
{
    const size_t length = (size_t)(strrchr(named, ' ') - named) + 1;
    for (int i = 0; i < list->count; i++)
        if (strncmp(list->lines[i], named, length) == 0)
            return list->lines[i];
    return "none";
}

/* Those of wanted first, then those that got alone has. */
static const char *compare(const bits_list *wanted, const bits_list *got)
{
    static findings f;
    f = (findings){0};
    for (int i = 0; i < wanted->count; i++)
        find(&f, wanted->lines[i], same_name(got, wanted->lines[i]));
    for (int i = 0; i < got->count; i++)
        if (strcmp(same_name(wanted, got->lines[i]), "none") == 0)
            find(&f, "none", got->lines[i]);
    return tell(&f);
}

const char *bits_differ(const bits_list *list)
{
    static bits_list wanted;
    wanted = (bits_list){.label = list->label};
    for (int i = next_kept(list->label, 0); i >= 0; i = next_kept(list->label, i + 1)) {
        if (wanted.count == BITS_LINES_MAX)
            abort();
        snprintf(wanted.lines[wanted.count++], BITS_LINE_SIZE, "%s", kept[i]);
    }
    return compare(&wanted, list);
}

const char *bits_disagree(const bits_list *a, const bits_list *b)
{
    return compare(a, b);
}
