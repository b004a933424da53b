/* Tables of costs as texts:
 *
 *   ketch costs 1
 *   family zen4
 *   kernels avx512 double
 *   rotate_1 1553 1245 1248
 *   ... a line for each entry of line_forms, in its order
 *   kernels avx512 single
 *   ...
 *   end
 *
 * Words have one space between them, and lines end in a newline. */
#include "ket/kernels/cost_table.h"

#include "numbers.h"
#include "status.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { FORMAT_VERSION = 1, WORD_MAX = 32 };

/* The lines of a row: a name, and as many numbers. Together they are the row's numbers in order. */
static const struct {
    const char *name;
    int count;
} line_forms[] = {
    {"rotate_1", KTQ_COST_LEVELS},
    {"rotate_2", KTQ_COST_LEVELS},
    {"rotate_3", KTQ_COST_LEVELS},
    {"terms_0", KTQ_COST_LEVELS},
    {"terms_1", KTQ_COST_LEVELS},
    {"terms_2", KTQ_COST_LEVELS},
    {"terms_3", KTQ_COST_LEVELS},
    {"lanes_1", KTQ_COST_LEVELS},
    {"lanes_2", KTQ_COST_LEVELS},
    {"lanes_3", KTQ_COST_LEVELS},
    {"lanes_4", KTQ_COST_LEVELS},
    {"lane_terms_0", KTQ_COST_LEVELS},
    {"lane_terms_1", KTQ_COST_LEVELS},
    {"lane_terms_2", KTQ_COST_LEVELS},
    {"lane_terms_3", KTQ_COST_LEVELS},
    {"lane_terms_4", KTQ_COST_LEVELS},
    {"flip_whole", KTQ_COST_LEVELS},
    {"flip_masked", KTQ_COST_LEVELS},
    {"flip_lanes", KTQ_COST_LEVELS},
    {"dense_1_0", KTQ_COST_LEVELS},
    {"dense_0_1", KTQ_COST_LEVELS},
    {"dense_2_0", KTQ_COST_LEVELS},
    {"dense_1_1", KTQ_COST_LEVELS},
    {"dense_0_2", KTQ_COST_LEVELS},
    {"dense_many", KTQ_COST_LEVELS},
    {"dense_many_lanes", KTQ_COST_LEVELS},
    {"diag", KTQ_COST_LEVELS},
    {"resident", KTQ_COST_MEMBERS},
    {"call", 1},
    {"transfer_small_tile", KTQ_COST_RUNS},
    {"transfer_large_tile", KTQ_COST_RUNS},
    {"transfer_in_cache", KTQ_COST_RUNS},
    {"first_sweep", 1},
    {"later_sweep", 1},
    {"prepare", 1},
};

enum { LINE_FORMS = sizeof line_forms / sizeof *line_forms };

/* ---- reading ---- */

/* Where reading is: at, in the line that begins at line_begin, whose number is line. */
typedef struct table_text {
    const char *at, *end, *line_begin;
    int32_t line;
    ketch_error *error;
} table_text;

/* The bytes up to a space, the line's end or the text's end. */
static size_t word_length(const table_text *t)
{
    size_t length = 0;
    while (t->at + length < t->end && t->at[length] != ' ' && t->at[length] != '\n')
        length++;
    return length;
}

/* Fails at the word that comes next. */
static ketch_status fail_word(const table_text *t, ketch_status status, const char *allowed)
{
    const size_t shown = KT_MIN(word_length(t), WORD_MAX);
    const kt_text word = t->at == t->end  ? kt_format("the end of the text")
                         : *t->at == ' '  ? kt_format("a space")
                         : *t->at == '\n' ? kt_format("the end of the line")
                         : *t->at == '\0' ? kt_format("a zero byte")
                                          : kt_format("%.*s", (int)shown, t->at);
    return kt_fail_at(t->error, status, "ketch_cost_table_parse", t->line,
                      (int32_t)(t->at - t->line_begin) + 1, kt_clean(word.text).text, allowed,
                      "a table of costs is wrong here");
}

static bool take_text(table_text *t, const char *text)
{
    const size_t length = strlen(text);
    const bool is_there = (size_t)(t->end - t->at) >= length && memcmp(t->at, text, length) == 0;
    t->at += is_there ? length : 0;
    return is_there;
}

/* A word that must come next, with the space or the newline behind it. */
static ketch_status read_word(table_text *t, const char *word, const char *behind)
{
    const char *const begin = t->at;
    if (take_text(t, word)) {
        if (take_text(t, behind))
            return KETCH_OK;
        if (word_length(t) == 0)
            return fail_word(t, KETCH_FORMAT, *behind == ' ' ? "a space" : "the end of the line");
    }
    t->at = begin;
    return fail_word(t, KETCH_FORMAT, word);
}

static ketch_status read_newline(table_text *t)
{
    if (!take_text(t, "\n"))
        return fail_word(t, KETCH_FORMAT, "the end of the line");
    t->line++;
    t->line_begin = t->at;
    return KETCH_OK;
}

/* A whole number of at most 9 digits. */
static ketch_status read_number(table_text *t, uint32_t least, uint32_t most, uint32_t *number)
{
    const size_t length = word_length(t);
    uint32_t found = 0;
    bool is_good = length > 0 && length <= 9;
    for (size_t i = 0; is_good && i < length; i++) {
        is_good = t->at[i] >= '0' && t->at[i] <= '9';
        found = 10 * found + (uint32_t)(t->at[i] - '0');
    }
    if (!is_good || found < least || found > most)
        return fail_word(t, KETCH_FORMAT,
                         least == most ? kt_format("%u", (unsigned)least).text
                                       : kt_format("%u..%u", (unsigned)least, (unsigned)most).text);
    t->at += length;
    *number = found;
    return KETCH_OK;
}

/* One of a list of names, which ends with "?" or NULL. */
static ketch_status read_name(table_text *t, const char *(*name_of)(int), int *number)
{
    const size_t length = word_length(t);
    char all[96] = "";
    size_t used = 0;
    const char *name;
    for (int i = 0; (name = name_of(i)) != NULL; i++) {
        if (strlen(name) == length && memcmp(name, t->at, length) == 0) {
            t->at += length;
            *number = i;
            return KETCH_OK;
        }
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", name);
        assert(used < sizeof all);
    }
    return fail_word(t, KETCH_FORMAT, all);
}

static const char *family_name(int i)
{
    return i < (int)KT_FAMILIES ? kt_cpu_family_name((kt_cpu_family)i) : NULL;
}

/* Kernel sets are numbered from 1. */
static const char *kernels_name(int i)
{
    return i < (int)kt_cpu_kernels_last() ? kt_cpu_kernels_name((ketch_kernels)(i + 1)) : NULL;
}

static const char *precision_name(int i)
{
    static const char *const names[] = {"double", "single", NULL};
    return names[i];
}

/* "kernels avx2 double": the set of this build. */
static ketch_status read_set(table_text *t, const ketch_cost_table *table,
                             const ktq_kernel_set **set)
{
    int kernels = 0, precision = 0;
    KT_TRY(read_word(t, "kernels", " "));
    const char *const begin = t->at;
    KT_TRY(read_name(t, kernels_name, &kernels));
    if (!take_text(t, " "))
        return fail_word(t, KETCH_FORMAT, "a space");
    KT_TRY(read_name(t, precision_name, &precision));
    const ketch_kernels id = (ketch_kernels)(kernels + 1);
    const ketch_precision p = precision ? KETCH_SINGLE : KETCH_DOUBLE;
    *set = ktq_kernel_set_find(id, p);
    const char *const behind = t->at;
    t->at = begin;
    if (!*set)
        return fail_word(t, KETCH_MISMATCH, "a kernel set of this build");
    if (ktq_cost_table_find(table, id, p))
        return fail_word(t, KETCH_DUPLICATE, "each kernel set once in either precision");
    t->at = behind;
    return read_newline(t);
}

/* The line of a form, whose first number is number `first` of a row for that set. */
static ketch_status read_line(table_text *t, int form, uint32_t *numbers, int first,
                              int32_t lane_bits)
{
    const bool is_kernel =
        form >= (int)KTQ_COST_KINDS || ktq_cost_is_kernel((ktq_cost_kind)form, lane_bits);
    KT_TRY(read_word(t, line_forms[form].name, " "));
    for (int i = 0; i < line_forms[form].count; i++) {
        if (i > 0 && !take_text(t, " "))
            return fail_word(t, KETCH_FORMAT, "a space and a number");
        KT_TRY(read_number(t, is_kernel, is_kernel ? KTQ_COST_MAX : 0, &numbers[first + i]));
    }
    return read_newline(t);
}

static ketch_status read_row(table_text *t, ketch_cost_table *table)
{
    const ktq_kernel_set *set = NULL;
    uint32_t numbers[KTQ_COST_NUMBERS];
    KT_TRY(read_set(t, table, &set));
    int first = 0;
    for (int form = 0; form < LINE_FORMS; form++) {
        KT_TRY(read_line(t, form, numbers, first, set->lane_bits));
        first += line_forms[form].count;
    }
    assert(first == KTQ_COST_NUMBERS);
    memcpy(ktq_cost_table_add(table, set), numbers, sizeof numbers);
    return KETCH_OK;
}

/* The first line: what the text is. */
static ketch_status read_version(table_text *t)
{
    uint32_t version;
    KT_TRY(read_word(t, "ketch", " "));
    KT_TRY(read_word(t, "costs", " "));
    const char *const begin = t->at;
    KT_TRY(read_number(t, 1, 999, &version));
    if (version > FORMAT_VERSION) {
        t->at = begin;
        return fail_word(t, KETCH_VERSION, kt_format("up to %d", FORMAT_VERSION).text);
    }
    return read_newline(t);
}

static ketch_status read_head(table_text *t, kt_cpu_family *family)
{
    int number = 0;
    KT_TRY(read_version(t));
    KT_TRY(read_word(t, "family", " "));
    KT_TRY(read_name(t, family_name, &number));
    *family = (kt_cpu_family)number;
    return read_newline(t);
}

static ketch_status read_rows(table_text *t, ketch_cost_table *table)
{
    while (!take_text(t, "end")) {
        if (table->count == KTQ_COST_ROWS_MAX)
            return fail_word(t, KETCH_FORMAT, "end");
        KT_TRY(read_row(t, table));
    }
    KT_TRY(read_newline(t));
    return t->at == t->end ? KETCH_OK : fail_word(t, KETCH_FORMAT, "the end of the text");
}

ketch_status ketch_cost_table_parse(ketch_cost_table **table, const char *text, size_t length,
                                    ketch_error *error)
{
    if (!table)
        return kt_fail_handle(error, __func__, "table", "a place for the table", table);
    *table = NULL;
    if (!text)
        return kt_fail_handle(error, __func__, "text", "a text", text);
    table_text t = {text, text + length, text, 1, error};
    kt_cpu_family family;
    KT_TRY(read_head(&t, &family));
    ketch_cost_table *const made = ktq_cost_table_make(family);
    if (!made)
        return kt_fail_heap(error, __func__);
    const ketch_status status = read_rows(&t, made);
    if (status == KETCH_OK)
        *table = made;
    else
        ketch_cost_table_drop(made);
    return status;
}

/* ---- writing ---- */

static void write_row(kt_printer *w, const ktq_kernel_set *set)
{
    uint32_t numbers[KTQ_COST_NUMBERS];
    memcpy(numbers, set->costs, sizeof numbers);
    kt_print(w, "kernels %s %s\n", kt_cpu_kernels_name(set->id),
             precision_name(set->precision == KETCH_SINGLE));
    int first = 0;
    for (int form = 0; form < LINE_FORMS; form++) {
        kt_print(w, "%s", line_forms[form].name);
        for (int i = 0; i < line_forms[form].count; i++)
            kt_print(w, " %u", (unsigned)numbers[first + i]);
        kt_print(w, "\n");
        first += line_forms[form].count;
    }
}

ketch_status ketch_cost_table_text(char *text, size_t capacity, size_t *length,
                                   const ketch_cost_table *table, ketch_error *error)
{
    KT_TRY(ktq_cost_table_check(table, "table", __func__, error));
    if (capacity && !text)
        return kt_fail_handle(error, __func__, "text", "a place for the text", text);
    kt_printer w = {text, capacity, 0};
    kt_print(&w, "ketch costs %d\nfamily %s\n", FORMAT_VERSION, kt_cpu_family_name(table->family));
    for (int32_t i = 0; i < table->count; i++)
        write_row(&w, &table->sets[i]);
    kt_print(&w, "end\n");
    if (length)
        *length = w.length;
    return KETCH_OK;
}
