/* Tables of costs: as texts, as options of programs, in saved runs, measured. */
#define _GNU_SOURCE
#include "cpu.h"
#include "ket/compile/estimate.h"
#include "ket/compile/fingerprint.h"
#include "ket/kernels/cost_table.h"
#include "ket/kernels/measure.h"
#include "runs.h"
#include "saves.h"
#include "suite.h"

enum { TEXT_SIZE = 1 << 15, LINES_MAX = 400 };

/* ---- a table of all that this build has, and its text ---- */

static ketch_cost_table *table;
static char text[TEXT_SIZE];
static size_t length;

/* Every kernel set's own costs; those of the first one changed. */
static ketch_cost_table *make_table(uint32_t more)
{
    ketch_cost_table *const made = ktq_cost_table_make(KT_FAMILY_ZEN3);
    for (int id = KETCH_KERNELS_SCALAR; id <= (int)kt_cpu_kernels_last(); id++)
        for (int precision = KETCH_DOUBLE; precision <= KETCH_SINGLE; precision++) {
            const ktq_kernel_set *const set =
                ktq_kernel_set_find((ketch_kernels)id, (ketch_precision)precision);
            if (set) {
                ktq_costs *const row = ktq_cost_table_add(made, set);
                *row = *set->costs;
                row->call += more;
            }
        }
    return made;
}

static void set_up(void)
{
    table = make_table(0);
    GOOD(ketch_cost_table_text(text, sizeof text, &length, table, &error));
    ck_assert_uint_lt(length, sizeof text);
}

static void tear_down(void)
{
    ketch_cost_table_drop(table);
}

static ketch_error failure;

static ketch_status parse(const char *from, size_t size)
{
    ketch_cost_table *made = table;
    failure = (ketch_error){.size = sizeof failure};
    const ketch_status status = ketch_cost_table_parse(&made, from, size, &failure);
    ck_assert_int_eq(status == KETCH_OK, made != NULL);
    ketch_cost_table_drop(made);
    return status;
}

/* ---- texts ---- */

START_TEST(a_text_is_read_as_it_was_written)
{
    char again[TEXT_SIZE], part[40];
    ketch_cost_table *made = NULL;
    GOOD(ketch_cost_table_parse(&made, text, length, &error));
    GOOD(ketch_cost_table_text(again, sizeof again, NULL, made, &error));
    ck_assert_str_eq(again, text);
    ck_assert_int_eq(made->count, table->count);
    for (int i = 0; i < made->count; i++)
        ck_assert_mem_eq(&made->rows[i], &table->rows[i], sizeof(ktq_costs));
    GOOD(ketch_cost_table_text(part, sizeof part, NULL, made, &error));
    ck_assert_uint_eq(strlen(part), sizeof part - 1);
    ck_assert_mem_eq(part, text, sizeof part - 1);
    ketch_cost_table_drop(made);
}
END_TEST

/* Where lines begin; the number of lines. */
static int find_lines(size_t begins[LINES_MAX])
{
    int count = 0;
    for (size_t at = 0; at < length; at = (size_t)(strchr(text + at, '\n') - text) + 1) {
        ck_assert_int_lt(count, LINES_MAX - 1);
        begins[count++] = at;
    }
    begins[count] = length;
    return count;
}

/* The text with `size` bytes from `at` on replaced. */
static ketch_status parse_with(size_t at, size_t size, const char *by)
{
    char wrong[TEXT_SIZE + 64];
    const int wrote =
        snprintf(wrong, sizeof wrong, "%.*s%s%s", (int)at, text, by, text + at + size);
    return parse(wrong, (size_t)wrote);
}

/* FORMAT on that line, with what was given and allowed. */
static void check_failure(ketch_status status, int line)
{
    ck_assert_int_eq(status, KETCH_FORMAT);
    ck_assert_int_eq(failure.line, line);
    ck_assert_int_gt(failure.column, 0);
    ck_assert(failure.given[0] && failure.allowed[0]);
    ck_assert_ptr_nonnull(strstr(failure.message, failure.given));
    ck_assert_ptr_nonnull(strstr(failure.message, failure.allowed));
}

START_TEST(each_line_may_be_damaged)
{
    size_t begins[LINES_MAX];
    const int lines = find_lines(begins);
    ck_assert_int_gt(lines, 70);
    for (int i = 0; i < lines; i++) {
        const size_t at = begins[i], size = begins[i + 1] - at;
        check_failure(parse_with(at, 1, "#"), i + 1);
        check_failure(parse_with(at, 0, " "), i + 1);
        check_failure(parse_with(at + size - 1, 0, " "), i + 1);
        check_failure(parse_with(at + size - 1, 0, " 1"), i + 1);
        check_failure(parse_with(at + size - 2, 1, "x"), i + 1);
        check_failure(parse_with(at + size - 1, 1, ""), i + 1);
        check_failure(parse_with(at, size, "\n"), i + 1);
        check_failure(parse(text, at), i + 1);
        check_failure(parse(text, at + size - 1), i + 1);
    }
}
END_TEST

/* A line that is left out is missed where it should be. (Only whole rows may be left out.) */
START_TEST(each_line_is_missed)
{
    size_t begins[LINES_MAX];
    const int lines = find_lines(begins);
    for (int i = 0; i < lines; i++)
        check_failure(parse_with(begins[i], begins[i + 1] - begins[i], ""), i + 1);
}
END_TEST

START_TEST(wrong_numbers_and_names_are_refused)
{
    static const struct {
        const char *from, *to;
        ketch_status status;
        const char *says;
    } cases[] = {
        {"costs 1\n", "costs 2\n", KETCH_VERSION, "1:13: a table of costs is wrong here: given 2"},
        {"costs 1\n", "costs 0\n", KETCH_FORMAT, "given 0, allowed 1..999"},
        {"family zen3", "family zen9", KETCH_FORMAT,
         "2:8: a table of costs is wrong here: given zen9, allowed other, zen3, zen4, zen5, "
         "intel_avx512"},
        {"kernels scalar", "kernels vector", KETCH_FORMAT, "given vector, allowed scalar, avx2"},
        {"scalar single", "scalar double", KETCH_DUPLICATE,
         "given scalar, allowed each kernel set"},
        {"scalar double", "scalar half", KETCH_FORMAT, "given half, allowed double, single"},
        {"\ncall ", "\ncall 0", KETCH_FORMAT, "allowed 1..10000000"},
        {"\ncall ", "\ncall 10000001", KETCH_FORMAT, "allowed 1..10000000"},
        {"\ncall ", "\ncall 1000000000", KETCH_FORMAT, "allowed 1..10000000"},
        {"\ncall ", "\ncall -", KETCH_FORMAT, "allowed 1..10000000"},
        {"lanes_4 0", "lanes_4 1", KETCH_FORMAT, "given 1, allowed 0"},
        {"\nend\n", "\nend\nend\n", KETCH_FORMAT, "given end, allowed the end of the text"},
    };
    const size_t i = (size_t)_i;
    const char *const at = strstr(text, cases[i].from);
    ck_assert_ptr_nonnull(at);
    ck_assert_int_eq(parse_with((size_t)(at - text),
                                strlen(cases[i].from) + strspn(at + strlen(cases[i].from),
                                                               i > 5 && i < 10 ? "0123456789" : ""),
                                cases[i].to),
                     cases[i].status);
    if (!strstr(failure.message, cases[i].says))
        ck_abort_msg("'%s' is not in '%s'", cases[i].says, failure.message);
}
END_TEST

START_TEST(texts_of_other_things_are_refused)
{
    check_failure(parse("", 0), 1);
    check_failure(parse("\0\0\0\0", 4), 1);
    check_failure(parse("OPENQASM 2.0;\n", 14), 1);
    check_failure(parse("ketch run 1\n", 12), 1);
}
END_TEST

/* A set that the build does not have is no damage. */
START_TEST(kernel_sets_of_other_machines_are_told)
{
#if defined(__x86_64__) || defined(__i386__)
    const char *const other = "neon";
#else
    const char *const other = "avx2";
#endif
    const char *const at = strstr(text, "kernels scalar") + strlen("kernels ");
    ck_assert_int_eq(parse_with((size_t)(at - text), strlen("scalar"), other), KETCH_MISMATCH);
    ck_assert_ptr_nonnull(strstr(failure.message, other));
}
END_TEST

/* ---- programs ---- */

static ketch_circuit *make_layers(int32_t qubits, int layers)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, qubits, 0, &error));
    for (int32_t i = 0; i < layers * qubits; i++) {
        const int32_t q = i % qubits, pair[2] = {q, (q * 7 + 1 + i / qubits) % qubits};
        const double angle = 0.1 + i;
        GOOD(ketch_circuit_gate(circuit, KETCH_GATE_RY, &q, &angle, &error));
        if (pair[0] != pair[1])
            GOOD(ketch_circuit_gate(circuit, KETCH_GATE_CZ, pair, NULL, &error));
    }
    return circuit;
}

static ketch_program *plan_with(const ketch_circuit *circuit, ketch_cost_table *costs)
{
    const ketch_program_options options = {.size = sizeof options, .cost_table = costs};
    ketch_program *program = NULL;
    GOOD(ketch_program_create(&program, circuit, &options, &error));
    return program;
}

/* The same costs give the default plan, whatever table they are from; others another one, and the
 * program keeps its table. */
START_TEST(programs_are_planned_with_a_table)
{
    ketch_circuit *const circuit = make_layers(17, 4);
    ketch_cost_table *const others = make_table(1000);
    ketch_program *const usual = plan_with(circuit, NULL), *const same = plan_with(circuit, table),
                         *const other = plan_with(circuit, others);
    ketch_cost_table_drop(others);
    const ktq_fingerprint prints[] = {ktq_program_fingerprint(usual), ktq_program_fingerprint(same),
                                      ktq_program_fingerprint(other)};
    ck_assert_ptr_null(ktq_fingerprint_difference(&prints[0], &prints[1]));
    ck_assert_str_eq(ktq_fingerprint_difference(&prints[0], &prints[2]), "table of costs");
    ck_assert_double_gt(ktq_plan_run_cost(other->plan), ktq_plan_run_cost(usual->plan));
    ck_assert_ptr_eq(other->plan->set->table, usual->plan->set->table);
    char told[1 << 14];
    GOOD(ketch_program_plan(told, sizeof told, NULL, other, &error));
    ck_assert_ptr_nonnull(strstr(told, "by costs of zen3 (a given table)"));
    ketch_program_drop(usual);
    ketch_program_drop(same);
    ketch_program_drop(other);
    ketch_circuit_destroy(circuit);
}
END_TEST

START_TEST(tables_that_do_not_fit_are_refused)
{
    ketch_circuit *const circuit = make_layers(3, 1);
    ketch_cost_table *const empty = ktq_cost_table_make(KT_FAMILY_ZEN4);
    const struct {
        ketch_cost_table *table;
        ketch_costs costs;
        ketch_status status;
        const char *says;
    } cases[] = {
        {empty, KETCH_COSTS_DEFAULT, KETCH_MISMATCH, "no costs of the kernel set"},
        {table, KETCH_COSTS_ZEN5, KETCH_MISMATCH, "a program has one table of costs: given zen5"},
        {(void *)circuit, KETCH_COSTS_DEFAULT, KETCH_HANDLE, "a table of costs"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ketch_program_options options = {
            .size = sizeof options, .cost_table = cases[i].table, .costs = cases[i].costs};
        ketch_error error = {.size = sizeof error};
        ketch_program *program = NULL;
        ck_assert_int_eq(ketch_program_create(&program, circuit, &options, &error),
                         cases[i].status);
        ck_assert_ptr_null(program);
        if (!strstr(error.message, cases[i].says))
            ck_abort_msg("'%s' is not in '%s'", cases[i].says, error.message);
    }
    ketch_cost_table_drop(empty);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* A table as far from the default as Zen 4's is from Zen 5's. */
static ketch_cost_table *make_other_table(void)
{
    ketch_cost_table *const made = make_table(0);
    for (int i = 0; i < made->count; i++)
        for (int kind = 0; kind < KTQ_COST_KINDS; kind++)
            for (int level = KTQ_COST_IN_L2; level < KTQ_COST_LEVELS; level++)
                made->rows[i].kernel[kind][level] *= 3;
    return made;
}

START_TEST(any_number_of_threads_gives_the_same_bits)
{
    ketch_circuit *const circuit = make_layers(16, 6);
    ketch_cost_table *const other = make_other_table();
    ketch_program *const program = plan_with(circuit, other);
    const uint64_t size = UINT64_C(16) << 16;
    ketch_result *first = NULL;
    for (int32_t threads = 1; threads <= 3; threads++) {
        ketch_engine *const engine = make_engine(threads);
        ketch_result *result = NULL;
        GOOD(ketch_program_run(&result, engine, program, NULL, NULL, NULL, &error));
        if (first)
            ck_assert(memcmp(see_state(ketch_circuit_result_state(first)),
                             see_state(ketch_circuit_result_state(result)), size) == 0);
        if (first)
            ketch_result_destroy(result);
        else
            first = result;
        GOOD(ketch_engine_destroy(engine, &error));
    }
    ketch_result_destroy(first);
    ketch_program_drop(program);
    ketch_cost_table_drop(other);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* ---- saved runs ---- */

/* Loads the saved run with a program of the circuit and that table. */
static ketch_status load_with(ketch_engine *engine, const ketch_circuit *circuit,
                              ketch_cost_table *costs)
{
    ketch_program *const program = plan_with(circuit, costs);
    ketch_result *result = NULL;
    failure = (ketch_error){.size = sizeof failure};
    const ketch_status status = ketch_circuit_load(&result, engine, program, save_path, &failure);
    ketch_result_destroy(result);
    ketch_program_drop(program);
    return status;
}

static ketch_cost_table *saved_table(void)
{
    ketch_saved *saved = NULL;
    ketch_cost_table *found = table;
    GOOD(ketch_saved_open(&saved, save_path, &error));
    GOOD(ketch_circuit_saved_costs(&found, saved, &error));
    ketch_saved_close(saved);
    return found;
}

/* _i: with a table of the caller's, or the library's. */
START_TEST(a_saved_run_knows_its_costs)
{
    make_directory();
    ketch_engine *const engine = make_engine(1);
    ketch_circuit *const circuit = make_layers(5, 2);
    ketch_cost_table *const other = make_other_table(), *const given = _i ? other : NULL;
    ketch_program *const program = plan_with(circuit, given);
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, NULL, NULL, NULL, &error));
    GOOD(ketch_result_save(result, save_path, NULL, 0, 0, &error));
    ck_assert_int_eq(load_with(engine, circuit, _i ? NULL : other), KETCH_MISMATCH);
    ck_assert_ptr_nonnull(strstr(failure.message, "another table of costs: given costs "));
    ck_assert_int_eq(load_with(engine, circuit, given), KETCH_OK);
    ketch_cost_table *const found = saved_table();
    ck_assert_int_eq(found != NULL, _i);
    ck_assert_int_eq(load_with(engine, circuit, found), KETCH_OK);
    ketch_cost_table_drop(found);
    ketch_result_destroy(result);
    ketch_program_drop(program);
    ketch_cost_table_drop(other);
    ketch_circuit_destroy(circuit);
    GOOD(ketch_engine_destroy(engine, &error));
    remove_directory();
}
END_TEST

START_TEST(numbers_of_a_file_are_checked)
{
    const ktq_kernel_set *const set = ktq_kernel_set_find(KETCH_KERNELS_SCALAR, KETCH_DOUBLE);
    uint32_t numbers[1 + KTQ_COST_NUMBERS] = {KT_FAMILY_ZEN4};
    for (int i = -1; i <= KTQ_COST_NUMBERS; i++) {
        ketch_cost_table *made = NULL;
        memcpy(numbers + 1, set->costs, sizeof *set->costs);
        numbers[0] = i == KTQ_COST_NUMBERS ? KT_FAMILIES : KT_FAMILY_ZEN4;
        if (i >= 0 && i < KTQ_COST_NUMBERS)
            numbers[1 + i] = numbers[1 + i] ? (i % 2 ? 0 : KTQ_COST_MAX + 1) : 1;
        ck_assert_int_eq(ktq_cost_table_restore(&made, KETCH_KERNELS_SCALAR, KETCH_DOUBLE, numbers,
                                                "here", NULL),
                         i < 0 ? KETCH_OK : KETCH_CORRUPT);
        ck_assert_int_eq(made != NULL, i < 0);
        ketch_cost_table_drop(made);
    }
}
END_TEST

/* ---- measuring ---- */

static uint64_t used_by(ketch_engine *engine)
{
    ketch_arena_stats stats = {.size = sizeof stats};
    GOOD(ketch_arena_get_stats(&stats, ketch_engine_arena(engine), &error));
    return stats.used;
}

/* One round gives a table that can be written, read and planned with, and keeps no memory. */
START_TEST(this_machine_is_measured)
{
    ketch_engine *const engine = make_engine(1);
    ketch_cost_table *made = NULL;
    GOOD(ktq_cost_table_measure(&made, engine, 1, NULL, "here", &error));
    ck_assert_int_eq(made->count, 2);
    ck_assert_int_eq(made->family, kt_cpu_family_here());
    ck_assert_uint_eq(used_by(engine), 0);
    char own[TEXT_SIZE];
    size_t size = 0;
    GOOD(ketch_cost_table_text(own, sizeof own, &size, made, &error));
    ck_assert_int_eq(parse(own, size), KETCH_OK);
    ketch_circuit *const circuit = make_layers(4, 1);
    ketch_program_drop(plan_with(circuit, made));
    ketch_circuit_destroy(circuit);
    ketch_cost_table_drop(made);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

static int32_t stop_soon(const ketch_step *step, void *user)
{
    *(uint64_t *)user = step->done;
    ck_assert_str_eq(step->phase, "measuring");
    return step->done >= 3;
}

START_TEST(measuring_can_be_stopped)
{
    ketch_engine *const engine = make_engine(1);
    ketch_cost_table *made = table;
    uint64_t done = 0;
    const ketch_run run = {
        .size = sizeof run, .hook = stop_soon, .user = &done, .tick_seconds = 1e-3};
    ck_assert_int_eq(ketch_cost_table_measure(&made, engine, &run, NULL), KETCH_STOPPED);
    ck_assert_ptr_null(made);
    ck_assert(done >= 3 && done < 2 * KTQ_MEASURES);
    const ketch_run short_run = {.size = sizeof short_run, .timeout = 0.01};
    ck_assert_int_eq(ketch_cost_table_measure(&made, engine, &short_run, NULL), KETCH_TIMEOUT);
    ck_assert_uint_eq(used_by(engine), 0);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

START_TEST(measuring_needs_memory)
{
    const ketch_engine_options options = {.size = sizeof options, .memory = 1 << 24};
    ketch_engine *engine = NULL;
    ketch_cost_table *made = NULL;
    GOOD(ketch_engine_create(&engine, &options, &error));
    failure = (ketch_error){.size = sizeof failure};
    ck_assert_int_eq(ketch_cost_table_measure(&made, engine, NULL, &failure), KETCH_MEMORY);
    ck_assert_ptr_null(made);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("cost_table");
    TCase *const all = tcase_create("all");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_set_timeout(all, 120);
    tcase_add_test(all, a_text_is_read_as_it_was_written);
    tcase_add_test(all, each_line_may_be_damaged);
    tcase_add_test(all, each_line_is_missed);
    tcase_add_loop_test(all, wrong_numbers_and_names_are_refused, 0, 12);
    tcase_add_test(all, texts_of_other_things_are_refused);
    tcase_add_test(all, kernel_sets_of_other_machines_are_told);
    tcase_add_test(all, programs_are_planned_with_a_table);
    tcase_add_test(all, tables_that_do_not_fit_are_refused);
    tcase_add_test(all, any_number_of_threads_gives_the_same_bits);
    tcase_add_loop_test(all, a_saved_run_knows_its_costs, 0, 2);
    tcase_add_test(all, numbers_of_a_file_are_checked);
    suite_add_tcase(suite, all);
    TCase *const measured = tcase_create("measured");
    keep_one_thread(measured);
    tcase_add_checked_fixture(measured, set_up, tear_down);
    tcase_set_timeout(measured, 120);
    tcase_add_test(measured, this_machine_is_measured);
    tcase_add_test(measured, measuring_can_be_stopped);
    tcase_add_test(measured, measuring_needs_memory);
    suite_add_tcase(suite, measured);
    return end_with(suite);
}
