/* Prints engine/ket/kernels/cost_tables.h. `make costs` (in a build folder; about a minute, on a
 * machine that is otherwise idle) measures what kernels cost on this machine and writes that file
 * with new rows for its family of processors. `make costs COSTS=mean` measures nothing: it makes the
 * rows of KT_FAMILY_OTHER anew, where there are any, as the geometric mean of the other rows. They
 * are defaults, so plans change with them. */
#include "cpu.h"
#include "ket/kernels/cost_table.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- printing ---- */

static void print_numbers(const char *name, const uint32_t *numbers, int count)
{
    printf("%s{", name);
    for (int i = 0; i < count; i++)
        printf(i ? ", %u" : "%u", (unsigned)numbers[i]);
    printf("}");
}

static void print_row(const ktq_costs *costs)
{
    printf("    .kernel = {");
    for (int kind = 0; kind < KTQ_COST_KINDS; kind++) {
        print_numbers(kind % 4 ? " " : "\n        ", costs->kernel[kind], KTQ_COST_LEVELS);
        printf(",");
    }
    printf("\n    },\n");
    print_numbers("    .resident = ", costs->resident, KTQ_COST_MEMBERS);
    printf(",\n    .call = %u,\n", (unsigned)costs->call);
    for (int i = 0; i < 3; i++)
        print_numbers(i ? ",\n                 " : "    .transfer = {", costs->transfer[i],
                      KTQ_COST_RUNS);
    printf("},\n    .first = %u,\n    .more = %u,\n    .prepare = %u,\n};\n",
           (unsigned)costs->first, (unsigned)costs->more, (unsigned)costs->prepare);
}

/* ---- lists of rows ---- */

/* The rows of one kernel set and precision, and its name in lower and upper case. */
typedef struct row_list {
    char name[32], upper[32];
    int count;
    kt_cpu_family families[KT_FAMILIES];
    ktq_costs rows[KT_FAMILIES];
} row_list;

static void set_upper(char *upper, const char *name)
{
    size_t i = 0;
    do
        upper[i] = (char)toupper((unsigned char)name[i]);
    while (name[i++]);
}

static row_list list_rows(ketch_kernels kernels, ketch_precision precision)
{
    row_list list = {.count = 0};
    const ktq_kernel_set *set;
    snprintf(list.name, sizeof list.name, "%s_%s", kt_cpu_kernels_name(kernels),
             precision == KETCH_SINGLE ? "single" : "double");
    set_upper(list.upper, list.name);
    while ((set = ktq_kernel_set_get(kernels, precision, (size_t)list.count))) {
        list.families[list.count] = set->family;
        list.rows[list.count++] = *set->costs;
    }
    return list;
}

/* Replaces the family's row, or adds one. */
static void put_row(row_list *list, kt_cpu_family family, const ktq_costs *costs)
{
    int i = 0;
    while (i < list->count && list->families[i] != family)
        i++;
    list->families[i] = family;
    list->rows[i] = *costs;
    list->count += i == list->count;
}

/* Makes the first row anew where it is KT_FAMILY_OTHER's. */
static void put_mean(row_list *list)
{
    uint32_t rows[KT_FAMILIES][KTQ_COST_NUMBERS];
    memcpy(rows, list->rows, sizeof rows);
    if (list->families[0] != KT_FAMILY_OTHER)
        return;
    for (int i = 0; i < KTQ_COST_NUMBERS; i++) {
        double sum = 0;
        for (int row = 1; row < list->count; row++)
            sum += log(rows[row][i]); /* 0, of what is no kernel, stays 0 */
        rows[0][i] = (uint32_t)(exp(sum / (list->count - 1)) + 0.5);
    }
    memcpy(&list->rows[0], rows[0], sizeof rows[0]);
}

static void print_list(const row_list *list)
{
    for (int i = 0; i < list->count; i++) {
        printf("\nstatic const ktq_costs ktq_costs_%s_%s = {\n", list->name,
               kt_cpu_family_name(list->families[i]));
        print_row(&list->rows[i]);
    }
    printf("\n#define KTQ_COSTS_%s(row)", list->upper);
    for (int i = 0; i < list->count; i++) {
        const char *const family = kt_cpu_family_name(list->families[i]);
        char upper[32];
        set_upper(upper, family);
        printf(" \\\n    row(KT_FAMILY_%s, ktq_costs_%s_%s)", upper, list->name, family);
    }
    puts("");
}

/* ---- all ---- */

static ketch_cost_table *measure(ketch_kernels kernels)
{
    ketch_error error = {.size = sizeof error};
    const ketch_engine_options options = {.size = sizeof options, .threads = 1, .kernels = kernels};
    ketch_engine *engine = NULL;
    ketch_cost_table *table = NULL;
    if (ketch_engine_create(&engine, &options, &error) ||
        ketch_cost_table_measure(&table, engine, NULL, &error)) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    ketch_engine_destroy(engine, NULL);
    return table;
}

static void print_set(ketch_kernels kernels, bool is_mean)
{
    ketch_cost_table *const table = !is_mean && kt_cpu_runs(kernels) ? measure(kernels) : NULL;
    if (!table && !is_mean)
        fprintf(stderr, "this machine does not run %s: its rows stay\n",
                kt_cpu_kernels_name(kernels));
    for (int precision = KETCH_DOUBLE; precision <= KETCH_SINGLE; precision++) {
        row_list list = list_rows(kernels, (ketch_precision)precision);
        if (table)
            put_row(&list, table->family,
                    ktq_cost_table_find(table, kernels, (ketch_precision)precision)->costs);
        if (is_mean)
            put_mean(&list);
        print_list(&list);
    }
    ketch_cost_table_drop(table);
}

int main(int argc, char **argv)
{
    static const ketch_kernels sets[] = {KETCH_KERNELS_SCALAR, KETCH_KERNELS_AVX2,
                                         KETCH_KERNELS_AVX512};
    const bool is_mean = argc > 1 && strcmp(argv[1], "mean") == 0;
    const kt_cpu_family family = kt_cpu_family_here();
    fprintf(stderr, "this machine's family of processors: %s\n", kt_cpu_family_name(family));
    if (family == KT_FAMILY_OTHER && !is_mean) {
        fputs("rows are kept by family: add this one to engine/cpu.h and cpu.c first\n", stderr);
        return 1;
    }
    puts("/* What kernels cost, by kernel set, precision and family of processors: rows in "
         "picoseconds, in the\n"
         " * form that costs.h describes. Written by `make costs`, which replaces or adds the rows "
         "of the\n"
         " * machine that it runs on. The first row of a list is the default; one of "
         "KT_FAMILY_OTHER "
         "is the\n"
         " * geometric mean of the others, written by `make costs COSTS=mean`. */\n"
         "#ifndef KTQ_KERNELS_COST_TABLES_H\n#define KTQ_KERNELS_COST_TABLES_H\n\n"
         "#include \"ket/kernels/costs.h\"\n\n/* clang-format off */");
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        print_set(sets[i], is_mean);
    puts("\n/* clang-format on */\n\n#endif");
    return 0;
}
