/* Errors are useful: each kind of bad call gets its status and its text, as the golden file has
 * them; nothing has changed or leaked after it, and the handles work on. `test_errors print` prints
 * the golden file anew; read it before keeping it. */
#define _GNU_SOURCE
#include "cpu.h"
#include "errors.h"
#include "suite.h"

#include <check.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MUST(call) ck_assert_int_eq((call), KETCH_OK)

/* ---- the room ---- */

static ketch_status work(ketch_context *context, void *user)
{
    (void)user;
    ketch_context_retire(context, 1);
    return KETCH_OK;
}

static const ketch_job_type work_type = {
    .size = sizeof(ketch_job_type), .name = "test.work", .version = 1, .advance = work};

static int32_t stop_late(const ketch_step *step, void *user)
{
    (void)step;
    int *const left = user;
    return --*left <= 0;
}

static ketch_program *compile_all_h(ketch_circuit *circuit, ketch_program_options options)
{
    ketch_program *program = NULL;
    options.size = sizeof options;
    for (int32_t qubit = 0; qubit < ketch_circuit_qubits(circuit); qubit++)
        MUST(ketch_h(circuit, qubit, NULL));
    MUST(ketch_program_create(&program, circuit, &options, NULL));
    return program;
}

/* A state of 7 qubits in tiles of 5 whose run was stopped after some tiles. */
static void tear_state(room *r)
{
    ketch_circuit *circuit = NULL;
    ketch_position position = {.size = sizeof position};
    int left = 4;
    const ketch_run run = {
        .size = sizeof run, .hook = stop_late, .user = &left, .tick_seconds = 1e-12};
    MUST(ketch_circuit_create(&circuit, 7, 0, NULL));
    r->tall = compile_all_h(circuit, (ketch_program_options){.tile_bits = 5});
    ketch_circuit_destroy(circuit);
    MUST(ketch_state_create(&r->torn, r->arena, 7, KETCH_DOUBLE, NULL));
    ck_assert_int_eq(ketch_program_run(&r->halted, r->engine, r->tall, r->torn, NULL, &run, NULL),
                     KETCH_STOPPED);
    MUST(ketch_result_get_position(&position, r->halted, NULL));
    ck_assert_int_eq(position.fence, 0);
}

static void open_parameters(room *r)
{
    const ketch_angle angle = {.parameter = 0, .factor = 2, .offset = 0.5},
                      other = {.parameter = 1, .factor = 1};
    const int32_t qubit = 0;
    MUST(ketch_circuit_create(&r->open, 3, 0, NULL));
    MUST(ketch_circuit_add_parameters(r->open, 2, NULL));
    MUST(ketch_circuit_parametric(r->open, KETCH_GATE_RX, &qubit, &angle, 0, NULL, NULL, NULL));
    MUST(ketch_circuit_parametric(r->open, KETCH_GATE_RZ, &qubit, &other, 0, NULL, NULL, NULL));
    MUST(ketch_program_create(&r->loose, r->open, NULL, NULL));
}

static void open_net(room *r)
{
    MUST(ketch_glia_net_create(&r->net, r->arena, NULL, NULL));
    MUST(ketch_glia_add_neuron(r->net, "S0", 100, 1, 0, NULL));
    MUST(ketch_glia_add_neuron(r->net, "S1", 100, 1, 0, NULL));
    MUST(ketch_glia_add_neuron(r->net, "O0", 50, 1, 0, NULL));
    MUST(ketch_glia_sequence_create(&r->sequence, NULL));
    MUST(ketch_glia_sequence_add(r->sequence, 0, "S0", 200, NULL));
    MUST(ketch_glia_sequence_add(r->sequence, 3, "S7", 200, NULL));
    const ketch_glia_feed feed = {
        .size = sizeof feed, .sequence = r->sequence, .ticks = 5, .record = 1};
    MUST(ketch_glia_run(&r->fed, r->engine, r->net, &feed, NULL, NULL));
}

static void open_room(room *r)
{
    *r = (room){.stop.flag = 1};
    r->job = (ketch_job){.size = sizeof r->job, .type = &work_type, .steps = 1};
    r->stats.size = sizeof r->stats;
    r->tag.size = sizeof r->tag;
    r->rows.size = sizeof r->rows;
    const ketch_arena_options budget = {.size = sizeof budget, .memory = 64 << 20};
    MUST(ketch_arena_create(&r->arena, &budget, NULL));
    const ketch_engine_options options = {.size = sizeof options, .threads = 1, .arena = r->arena};
    MUST(ketch_engine_create(&r->engine, &options, NULL));
    MUST(ketch_circuit_create(&r->circuit, 3, 2, NULL));
    MUST(ketch_circuit_create(&r->plain, 3, 0, NULL));
    r->program = compile_all_h(r->circuit, (ketch_program_options){.fence_every = 1});
    MUST(ketch_state_create(&r->state, r->arena, 3, KETCH_DOUBLE, NULL));
    MUST(ketch_state_create(&r->single, r->arena, 3, KETCH_SINGLE, NULL));
    MUST(ketch_state_create(&r->wide, r->arena, 4, KETCH_DOUBLE, NULL));
    MUST(ketch_block_take(&r->block, r->arena, 1000, NULL, NULL));
    open_parameters(r);
    MUST(ketch_program_run(&r->result, r->engine, r->program, r->state, NULL, NULL, NULL));
    MUST(ketch_engine_run(&r->worked, r->engine, &r->job, NULL, NULL));
    tear_state(r);
    open_net(r);
}

static uint64_t used_bytes(room *r)
{
    ketch_arena_stats stats = {.size = sizeof stats};
    MUST(ketch_arena_get_stats(&stats, r->arena, NULL));
    return stats.used;
}

static void close_room(room *r)
{
    ketch_result_destroy(r->result);
    ketch_result_destroy(r->worked);
    ketch_result_destroy(r->halted);
    ketch_result_destroy(r->fed);
    ketch_glia_sequence_drop(r->sequence);
    ketch_glia_net_drop(r->net);
    ketch_program_drop(r->program);
    ketch_program_drop(r->tall);
    ketch_program_drop(r->loose);
    ketch_circuit_destroy(r->open);
    ketch_state_drop(r->state);
    ketch_state_drop(r->single);
    ketch_state_drop(r->wide);
    ketch_state_drop(r->torn);
    ketch_circuit_destroy(r->circuit);
    ketch_circuit_destroy(r->plain);
    if (r->block)
        MUST(ketch_block_drop(r->block));
    MUST(ketch_engine_destroy(r->engine, NULL));
    ck_assert_uint_eq(used_bytes(r), 0);
    ketch_arena_drop(r->arena);
}

/* ---- before and after ---- */

/* What a failed call may not change. */
typedef struct picture {
    uint64_t used, steps;
    int32_t qubits, bits;
    double amplitudes[16];
} picture;

static picture see_room(room *r)
{
    const void *amplitudes = NULL;
    MUST(ketch_state_amplitudes(&amplitudes, r->state, NULL));
    picture seen = {.used = used_bytes(r),
                    .steps = ketch_circuit_steps(r->circuit),
                    .qubits = ketch_circuit_qubits(r->circuit),
                    .bits = ketch_circuit_bits(r->circuit)};
    memcpy(seen.amplitudes, amplitudes, sizeof seen.amplitudes);
    return seen;
}

static bool nothing_made(const room *r)
{
    return !r->new_arena && !r->new_block && !r->new_engine && !r->new_circuit && !r->new_program &&
           !r->new_state && !r->new_result && !r->new_sequence;
}

/* Every handle does what it is for. */
static void use_room(room *r)
{
    ketch_result *result = NULL;
    ketch_circuit *copy = NULL;
    double norm = 0;
    MUST(ketch_h(r->circuit, 2, NULL));
    MUST(ketch_circuit_copy(&copy, r->circuit, NULL));
    ketch_circuit_destroy(copy);
    MUST(ketch_state_set_ket(r->state, "01+", NULL));
    MUST(ketch_program_run(&result, r->engine, r->program, r->state, NULL, NULL, NULL));
    ketch_result_destroy(result);
    MUST(ketch_state_norm(&norm, r->engine, r->state, NULL));
    ck_assert_double_eq_tol(norm, 1, 1e-12);
    MUST(ketch_engine_run(&result, r->engine, &r->job, NULL, NULL));
    ketch_result_destroy(result);
    MUST(ketch_state_set_ket(r->torn, NULL, NULL));
    MUST(ketch_state_norm(&norm, NULL, r->torn, NULL));
}

/* ---- lines of the golden file ---- */

typedef struct line {
    char text[1200];
} line;

/* Length of a list of kernel sets. */
static size_t sets_length(const char *at)
{
    for (int set = KETCH_KERNELS_SCALAR; set <= (int)kt_cpu_kernels_last(); set++) {
        const char *const name = ketch_kernels_name((ketch_kernels)set);
        const size_t length = strlen(name);
        if (strncmp(at, name, length) != 0)
            continue;
        const size_t more = strncmp(at + length, ", ", 2) == 0 ? sets_length(at + length + 2) : 0;
        return more ? length + 2 + more : length;
    }
    return 0;
}

/* Length of what is to be masked here: kernel sets, a long number, a size. */
static size_t masked_length(const char *at)
{
    const size_t sets = sets_length(at);
    if (sets)
        return sets;
    const size_t digits = strspn(at, "0123456789.");
    const bool size = at[digits] == ' ' && at[digits + 1] && strncmp(at + digits + 2, "iB", 2) == 0;
    return digits > 3 || (digits && size) ? digits : 0;
}

static void mask_line(char *text)
{
    char *to = text;
    for (const char *at = text; *at;) {
        const size_t skip = masked_length(at);
        *to++ = skip ? '#' : *at;
        at += skip ? skip : 1;
    }
    *to = 0;
}

static line tell_line(const error_case *c, ketch_status status, const ketch_error *e)
{
    line out;
    snprintf(out.text, sizeof out.text, "%s | %s | %s | %s | %s | %s | %d:%d | %s", c->name,
             ketch_status_name(status), e->function, e->argument, e->given, e->allowed,
             (int)e->line, (int)e->column, e->message);
    if (c->flags & CASE_MASKED)
        mask_line(out.text);
    return out;
}

static bool has_text(const error_case *c, ketch_status status)
{
    static const char *const bare[] = {"block_dropped_twice", "sweep_without_context",
                                       "check_without_context", "result_status_of_null"};
    for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
        if (strcmp(c->name, bare[i]) == 0)
            return false;
    return status < KETCH_OK;
}

/* A failure tells all it can. */
static void check_error(const error_case *c, ketch_status status, const ketch_error *e)
{
    ck_assert_msg(status != KETCH_OK, "%s: no failure", c->name);
    if (!has_text(c, status)) {
        ck_assert_msg(e->status == KETCH_OK && !e->message[0], "%s: %s", c->name, e->message);
        return;
    }
    ck_assert_msg(e->status == status, "%s: status %d told as %d", c->name, status, e->status);
    ck_assert_msg(strncmp(e->function, "ketch_", 6) == 0, "%s: '%s'", c->name, e->function);
    ck_assert_msg(e->argument[0], "%s: no argument", c->name);
    ck_assert_msg(strlen(e->message) > 10, "%s: '%s'", c->name, e->message);
    ck_assert_msg(strlen(e->message) < sizeof e->message - 1, "%s: cut short", c->name);
    ck_assert_msg(strlen(e->given) < sizeof e->given - 1 &&
                      strlen(e->allowed) < sizeof e->allowed - 1,
                  "%s: cut short", c->name);
}

static void check_unchanged(const error_case *c, const picture *before, const picture *after)
{
    ck_assert_msg(after->used <= before->used, "%s: memory was left behind", c->name);
    ck_assert_msg(before->steps == after->steps && before->qubits == after->qubits &&
                      before->bits == after->bits,
                  "%s: the circuit has changed", c->name);
    ck_assert_msg(c->flags & CASE_MOVES ||
                      memcmp(before->amplitudes, after->amplitudes, sizeof before->amplitudes) == 0,
                  "%s: the state has changed", c->name);
}

/* Makes the bad call, with and without an error to fill. */
static line make_line(const error_case *c)
{
    room r;
    ketch_error error = {.size = sizeof error};
    open_room(&r);
    const picture before = see_room(&r);
    const ketch_status status = c->call(&r, &error);
    const picture after = see_room(&r);
    check_error(c, status, &error);
    check_unchanged(c, &before, &after);
    ck_assert_msg(nothing_made(&r), "%s: something was made", c->name);
    use_room(&r);
    close_room(&r);
    open_room(&r);
    ck_assert_msg(c->call(&r, NULL) == status, "%s: another status without text", c->name);
    close_room(&r);
    return tell_line(c, status, &error);
}

/* ---- fork ---- */

/* Calls in a child process that has its parent's handles; its line comes through a pipe. */
static line line_of_child(const error_case *c)
{
    room r;
    line out = {""};
    int ends[2];
    open_room(&r);
    MUST((ketch_status)pipe(ends));
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        ketch_error error = {.size = sizeof error};
        const ketch_status status = c->call(&r, &error);
        out = tell_line(c, status, &error);
        _exit(write(ends[1], &out, sizeof out) != sizeof out);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(read(ends[0], &out, sizeof out), sizeof out);
    close(ends[0]);
    close(ends[1]);
    use_room(&r);
    close_room(&r);
    return out;
}

static line line_of(const error_case *c)
{
    return c->flags & CASE_FORKS ? line_of_child(c) : make_line(c);
}

/* ---- the tests ---- */

static FILE *open_golden(const char *name)
{
    char path[1000];
    const char *const source = getenv("abs_srcdir");
    snprintf(path, sizeof path, "%s/tests/golden/%s", source ? source : ".", name);
    FILE *const file = fopen(path, "r");
    ck_assert_msg(file != NULL, "no %s", path);
    return file;
}

/* The sizes of structs are others where a pointer has 4 bytes: a file has the lines that differ. */
static void replace_golden(line *out)
{
    line other;
    const size_t length = strcspn(out->text, "|");
    FILE *const file = open_golden("errors32.txt");
    while (fgets(other.text, sizeof other.text, file))
        if (strncmp(other.text, out->text, length + 1) == 0)
            *out = other;
    fclose(file);
}

/* Line number `number` of the golden file, "" past its end. */
static line golden_line(int number)
{
    line out = {""};
    FILE *const file = open_golden("errors.txt");
    for (int i = 0; i <= number; i++)
        if (!fgets(out.text, sizeof out.text, file))
            out.text[0] = 0;
    fclose(file);
    if (sizeof(void *) == 4)
        replace_golden(&out);
    out.text[strcspn(out.text, "\n")] = 0;
    return out;
}

static void compare_case(int number)
{
    const error_case *const c = &error_cases[number];
    const line wanted = golden_line(number), got = line_of(c);
    ck_assert_msg(strcmp(wanted.text, got.text) == 0, "\nwanted: %s\ngot:    %s", wanted.text,
                  got.text);
}

START_TEST(case_is_told_otherwise)
{
    compare_case(_i);
}
END_TEST

/* Whether a line of the golden file has that status. The other tests compare the file with what
 * happens. */
static bool is_told(ketch_status status)
{
    for (int i = 0; i < error_case_count; i++) {
        char name[64] = "";
        ck_assert_int_eq(sscanf(golden_line(i).text, "%*s | %63s |", name), 1);
        if (strcmp(name, ketch_status_name(status)) == 0)
            return true;
    }
    return false;
}

START_TEST(each_status_has_a_case)
{
    ck_assert_str_ne(golden_line(error_case_count - 1).text, "");
    ck_assert_str_eq(golden_line(error_case_count).text, "");
    for (ketch_status status = -1000; status <= KETCH_TIMEOUT; status++) {
        if (status == KETCH_OK || strcmp(ketch_status_name(status), "?") == 0)
            continue;
        ck_assert_msg(is_told(status), "%s has no case", ketch_status_name(status));
    }
}
END_TEST

START_TEST(print_lines)
{
    for (int i = 0; i < error_case_count; i++) {
        puts(line_of(&error_cases[i]).text);
        fflush(stdout);
    }
}
END_TEST

static Suite *suite_of_tests(void)
{
    Suite *const suite = suite_create("errors");
    TCase *const cases = tcase_create("cases"), *const forks = tcase_create("forks");
    tcase_set_timeout(cases, 60);
    tcase_set_timeout(forks, 60);
    tcase_set_tags(forks, "fork");
    for (int i = 0; i < error_case_count; i++)
        add_indexed(error_cases[i].flags & CASE_FORKS ? forks : cases, case_is_told_otherwise, i,
                    "%s", error_cases[i].name);
    tcase_add_test(cases, each_status_has_a_case);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, forks);
    return suite;
}

static Suite *suite_that_prints(void)
{
    Suite *const suite = suite_create("print");
    TCase *const all = tcase_create("print");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, print_lines);
    suite_add_tcase(suite, all);
    return suite;
}

int main(int count, char **arguments)
{
    const bool prints = count > 1 && strcmp(arguments[1], "print") == 0;
    return end_with(prints ? suite_that_prints() : suite_of_tests());
}
