/* Pictures of circuits: those that tests/golden/pictures.txt keeps, what is refused, and how fast.
 * `test_draw print` prints the golden file anew; look at it before keeping it. */
#define _GNU_SOURCE
#include "heap.h"
#include "maker.h"
#include "sanitizers.h"
#include "suite.h"
#include "text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static ketch_error error;

#define GOOD(call) ck_assert_msg((call) == KETCH_OK, "%s", error.message)

static ketch_circuit *new_circuit(int32_t qubits, int32_t bits)
{
    ketch_circuit *circuit = NULL;
    error = (ketch_error){.size = sizeof error};
    GOOD(ketch_circuit_create(&circuit, qubits, bits, &error));
    return circuit;
}

/* The caller frees it. */
static char *draw(const ketch_circuit *circuit, const ketch_draw_options *options)
{
    size_t length = 0, again = 0;
    GOOD(ketch_circuit_draw(NULL, 0, &length, circuit, options, &error));
    char *const text = malloc(length + 1);
    ck_assert_ptr_nonnull(text);
    GOOD(ketch_circuit_draw(text, length + 1, &again, circuit, options, &error));
    ck_assert_uint_eq(again, length);
    ck_assert_uint_eq(strlen(text), length);
    return text;
}

/* ---- circuits ---- */

static const int32_t line[] = {0, 1, 2, 3, 4, 5, 6, 7};

static void add(ketch_circuit *c, ketch_gate gate, const int32_t *qubits, const double *angles)
{
    GOOD(ketch_circuit_gate(c, gate, qubits, angles, &error));
}

static void add_controlled(ketch_circuit *c, ketch_gate gate, const int32_t *qubits,
                           const double *angles, int32_t count, const int32_t *controls,
                           const uint8_t *values)
{
    GOOD(ketch_circuit_controlled(c, gate, qubits, angles, count, controls, values, &error));
}

#define Q(...) ((const int32_t[]){__VA_ARGS__})
#define A(...) ((const double[]){__VA_ARGS__})
#define PI 3.14159265358979323846

static ketch_circuit *draw_nothing(void)
{
    return new_circuit(2, 1);
}

static ketch_circuit *draw_bell(void)
{
    ketch_circuit *const c = new_circuit(2, 2);
    add(c, KETCH_GATE_H, Q(0), NULL);
    add(c, KETCH_GATE_CX, Q(0, 1), NULL);
    GOOD(ketch_circuit_measure(c, 0, 0, &error));
    GOOD(ketch_circuit_measure(c, 1, 1, &error));
    return c;
}

/* Each gate of the table. */
static ketch_circuit *draw_all_gates(void)
{
    ketch_circuit *const c = new_circuit(5, 0);
    for (int32_t gate = 0; gate <= KETCH_GATE_ECR; gate++)
        add(c, (ketch_gate)gate, line, A(PI / 2, 0.1, -3 * PI / 4, 1e-5));
    return c;
}

static ketch_circuit *draw_boxes_beside_each_other(void)
{
    ketch_circuit *const c = new_circuit(3, 0);
    add(c, KETCH_GATE_H, Q(0), NULL);
    add(c, KETCH_GATE_RX, Q(1), A(PI / 3));
    add(c, KETCH_GATE_H, Q(2), NULL);
    add(c, KETCH_GATE_SX, Q(0), NULL);
    add(c, KETCH_GATE_U, Q(2), A(0.25, -PI, 123456));
    add(c, KETCH_GATE_T, Q(1), NULL);
    return c;
}

static ketch_circuit *draw_many_controls(void)
{
    static const uint8_t values[] = {1, 0, 1, 0, 1, 0};
    ketch_circuit *const c = new_circuit(7, 0);
    add_controlled(c, KETCH_GATE_X, Q(3), NULL, 6, Q(0, 1, 2, 4, 5, 6), values);
    add_controlled(c, KETCH_GATE_H, Q(6), NULL, 2, Q(0, 3), values);
    add_controlled(c, KETCH_GATE_RY, Q(0), A(0.5), 2, Q(4, 2), values);
    add_controlled(c, KETCH_GATE_Z, Q(1), NULL, 3, Q(0, 5, 6), values);
    add_controlled(c, KETCH_GATE_P, Q(2), A(PI / 8), 2, Q(3, 4), values);
    add_controlled(c, KETCH_GATE_SWAP, Q(0, 3), NULL, 2, Q(1, 5), values);
    add_controlled(c, KETCH_GATE_RXX, Q(1, 4), A(1), 3, Q(0, 2, 6), values);
    add_controlled(c, KETCH_GATE_RZZ, Q(1, 2), A(1), 1, Q(4), values);
    add_controlled(c, KETCH_GATE_GPHASE, NULL, A(PI / 4), 1, Q(5), values);
    add_controlled(c, KETCH_GATE_GPHASE, NULL, A(PI / 4), 2, Q(0, 3), values);
    return c;
}

/* Boxes on qubits in and out of order. */
static ketch_circuit *draw_wide_boxes(void)
{
    ketch_circuit *const c = new_circuit(5, 0);
    double matrix[128] = {0}, diagonal[16] = {0};
    for (int i = 0; i < 8; i++)
        matrix[18 * i] = diagonal[2 * i] = 1;
    GOOD(ketch_circuit_unitary(c, 3, Q(0, 1, 2), matrix, 0, 0, NULL, NULL, &error));
    GOOD(ketch_circuit_unitary(c, 3, Q(4, 0, 2), matrix, 0, 1, Q(1), NULL, &error));
    GOOD(ketch_circuit_diagonal(c, 3, Q(3, 2, 1), diagonal, 0, 0, NULL, NULL, &error));
    add(c, KETCH_GATE_RZX, Q(4, 3), A(PI / 2));
    add(c, KETCH_GATE_RXX, Q(0, 3), A(-0.1));
    add(c, KETCH_GATE_ISWAP, Q(1, 2), NULL);
    return c;
}

/* Gates that are given as tables, matrices and letters. */
static ketch_circuit *draw_given_gates(void)
{
    ketch_circuit *const c = new_circuit(4, 0);
    static const uint64_t table[] = {0, 1, 3, 2, 4, 5, 6, 7};
    double matrices[32] = {0};
    for (int i = 0; i < 4; i++)
        matrices[8 * i] = matrices[8 * i + 6] = 1;
    const ketch_angle angle = {.parameter = -1, .offset = PI / 4};
    GOOD(ketch_circuit_permutation(c, 3, Q(0, 1, 2), table, 0, NULL, NULL, &error));
    GOOD(ketch_circuit_permutation(c, 2, Q(3, 1), table, 1, Q(0), NULL, &error));
    GOOD(ketch_circuit_multiplexer(c, 1, 2, Q(3, 0), matrices, 0, 0, NULL, NULL, &error));
    GOOD(ketch_circuit_pauli_rotation(c, &angle, 3, Q(0, 3, 1), "XZY", 0, NULL, NULL, &error));
    GOOD(ketch_circuit_pauli_rotation(c, &angle, 1, Q(2), "Y", 1, Q(1), NULL, &error));
    return c;
}

/* Measurements, resets and conditions, on parts of registers and on several. */
static ketch_circuit *draw_bits(void)
{
    ketch_circuit *const c = new_circuit(3, 2);
    GOOD(ketch_circuit_name_qubits(c, "data", 2, &error));
    GOOD(ketch_circuit_add_register(c, "syndrome", 3, &error));
    GOOD(ketch_circuit_add_register(c, "out", 12, &error));
    GOOD(ketch_circuit_measure(c, 0, 0, &error));
    GOOD(ketch_circuit_measure(c, 1, 4, &error));
    GOOD(ketch_circuit_measure(c, 2, 16, &error));
    GOOD(ketch_circuit_condition(c, 2, 3, 5, &error));
    add(c, KETCH_GATE_X, Q(0), NULL);
    GOOD(ketch_circuit_condition(c, 0, 1, 1, &error));
    add(c, KETCH_GATE_CX, Q(2, 0), NULL);
    GOOD(ketch_circuit_condition(c, 3, 2, 2, &error));
    add_controlled(c, KETCH_GATE_RX, Q(1), A(PI), 1, Q(2), NULL);
    GOOD(ketch_circuit_condition(c, 1, 6, 41, &error));
    GOOD(ketch_circuit_reset(c, 1, &error));
    GOOD(ketch_circuit_condition(c, 5, 12, 4095, &error));
    GOOD(ketch_circuit_measure(c, 1, 2, &error));
    GOOD(ketch_circuit_measure(c, 0, 11, &error));
    return c;
}

static ketch_circuit *draw_barriers(void)
{
    ketch_circuit *const c = new_circuit(4, 1);
    add(c, KETCH_GATE_H, Q(0), NULL);
    GOOD(ketch_circuit_barrier(c, 0, NULL, &error));
    add(c, KETCH_GATE_H, Q(0), NULL);
    GOOD(ketch_circuit_barrier(c, 3, Q(0, 1, 3), &error));
    GOOD(ketch_circuit_barrier(c, 1, Q(2), &error));
    GOOD(ketch_circuit_fence(c, &error));
    GOOD(ketch_circuit_reset(c, 3, &error));
    return c;
}

static void add_open(ketch_circuit *c, ketch_gate gate, int32_t qubit, ketch_angle angle)
{
    GOOD(ketch_circuit_parametric(c, gate, &qubit, &angle, 0, NULL, NULL, &error));
}

static ketch_circuit *draw_parameters(void)
{
    static const ketch_term terms[] = {{1, -1}, {2, PI}};
    ketch_circuit *const c = new_circuit(2, 0);
    GOOD(ketch_circuit_add_parameters(c, 3, &error));
    add_open(c, KETCH_GATE_RX, 0, (ketch_angle){.parameter = 0, .factor = 1});
    add_open(c, KETCH_GATE_RY, 0, (ketch_angle){.parameter = 1, .factor = -2, .offset = PI / 2});
    add_open(c, KETCH_GATE_RZ, 1,
             (ketch_angle){
                 .parameter = 0, .factor = 0.5, .offset = -0.1, .terms = terms, .term_count = 2});
    add_open(c, KETCH_GATE_GPHASE, 0, (ketch_angle){.parameter = 2, .factor = 1});
    GOOD(ketch_circuit_gate(c, KETCH_GATE_GPHASE, NULL, A(PI), &error));
    return c;
}

static ketch_circuit *draw_long_names(void)
{
    ketch_circuit *const c = new_circuit(2, 0);
    GOOD(ketch_circuit_name_qubits(c, "a_register_with_a_very_long_name", 1, &error));
    GOOD(ketch_circuit_name_qubits(c, "\xce\xb1\x1b\xff", 1, &error));
    GOOD(ketch_circuit_add_register(c, "another_register_with_a_long_name", 1000, &error));
    GOOD(ketch_circuit_add_parameters(c, 1, &error));
    add_open(c, KETCH_GATE_RX, 0, (ketch_angle){.parameter = 0, .factor = 1.0 / 3});
    GOOD(ketch_circuit_measure(c, 1, 999, &error));
    return c;
}

static ketch_circuit *draw_fourier(void)
{
    ketch_circuit *const c = new_circuit(5, 5);
    for (int32_t q = 4; q >= 0; q--) {
        add(c, KETCH_GATE_H, Q(q), NULL);
        for (int32_t k = q - 1; k >= 0; k--)
            add(c, KETCH_GATE_CP, Q(k, q), A(PI / (double)(1 << (q - k))));
    }
    add(c, KETCH_GATE_SWAP, Q(0, 4), NULL);
    add(c, KETCH_GATE_SWAP, Q(1, 3), NULL);
    for (int32_t q = 0; q < 5; q++)
        GOOD(ketch_circuit_measure(c, q, q, &error));
    return c;
}

static ketch_circuit *draw_40_qubits(void)
{
    ketch_circuit *const c = new_circuit(40, 40);
    for (int32_t q = 0; q < 40; q++)
        add(c, KETCH_GATE_RY, Q(q), A(0.1 * q));
    for (int32_t q = 0; q < 39; q++)
        add(c, KETCH_GATE_CX, Q(q, q + 1), NULL);
    add(c, KETCH_GATE_CZ, Q(0, 39), NULL);
    GOOD(ketch_circuit_measure(c, 39, 7, &error));
    return c;
}

static const char *const parameter_names[] = {
    "alpha", "\xce\xb2", "a_parameter_with_a_name_that_is_far_too_long_to_show"};
static const char *const long_names[] = {"a_parameter_with_a_name_that_is_far_too_long_to_show"};

static const struct picture {
    const char *name;
    ketch_circuit *(*make)(void);
    ketch_draw_options options;
} pictures[] = {
#define OPTIONS .size = sizeof(ketch_draw_options)
    {"nothing", draw_nothing, {OPTIONS}},
    {"a Bell pair", draw_bell, {OPTIONS}},
    {"a Bell pair in ASCII", draw_bell, {OPTIONS, .ascii = 1}},
    {"all gates, folded to 90", draw_all_gates, {OPTIONS, .width = 90}},
    {"all gates in ASCII, folded to 120", draw_all_gates, {OPTIONS, .width = 120, .ascii = 1}},
    {"boxes beside each other", draw_boxes_beside_each_other, {OPTIONS}},
    {"many controls", draw_many_controls, {OPTIONS}},
    {"many controls in ASCII", draw_many_controls, {OPTIONS, .ascii = 1}},
    {"wide boxes", draw_wide_boxes, {OPTIONS}},
    {"given gates", draw_given_gates, {OPTIONS}},
    {"classical bits", draw_bits, {OPTIONS}},
    {"classical bits in ASCII", draw_bits, {OPTIONS, .ascii = 1}},
    {"barriers and a fence", draw_barriers, {OPTIONS}},
    {"barriers and a fence in ASCII", draw_barriers, {OPTIONS, .ascii = 1}},
    {"parameters", draw_parameters, {OPTIONS}},
    {"named parameters", draw_parameters, {OPTIONS, .parameters = parameter_names}},
    {"long names", draw_long_names, {OPTIONS, .parameters = long_names}},
    {"long names in ASCII", draw_long_names, {OPTIONS, .ascii = 1, .parameters = long_names}},
    {"a Fourier transform", draw_fourier, {OPTIONS}},
    {"a Fourier transform, folded to 60", draw_fourier, {OPTIONS, .width = 60}},
    {"one column a block", draw_bell, {OPTIONS, .width = 1}},
    {"40 qubits, folded to 80", draw_40_qubits, {OPTIONS, .width = 80}},
};

enum { PICTURES = sizeof pictures / sizeof *pictures };

/* The caller frees it. */
static char *draw_picture(int i)
{
    ketch_circuit *const circuit = pictures[i].make();
    char *const text = draw(circuit, &pictures[i].options);
    ketch_circuit_destroy(circuit);
    return text;
}

START_TEST(print_pictures)
{
    for (int i = 0; i < PICTURES; i++) {
        char *const text = draw_picture(i);
        printf("## %s\n%s", pictures[i].name, text);
        free(text);
    }
    puts("##");
}
END_TEST

/* ---- the golden file ---- */

/* The caller frees it. */
static char *read_golden(void)
{
    enum { MOST = 1 << 20 };
    char path[1000];
    const char *const source = getenv("abs_srcdir");
    snprintf(path, sizeof path, "%s/tests/golden/pictures.txt", source ? source : ".");
    FILE *const file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s", path);
    char *const text = calloc(1, MOST);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_lt(fread(text, 1, MOST - 1, file), MOST - 1);
    fclose(file);
    return text;
}

/* What stands in the text from "## NAME" on up to the next one; the rest of the text is cut off. */
static char *find_golden(char *text, const char *name)
{
    char title[100];
    snprintf(title, sizeof title, "## %s\n", name);
    char *const found = strstr(text, title);
    if (!found)
        return NULL;
    char *const begin = found + strlen(title), *const end = strstr(begin, "##");
    if (end)
        *end = 0;
    return begin;
}

START_TEST(a_picture_is_as_it_was_looked_at)
{
    char *const golden = read_golden(), *const text = draw_picture(_i);
    const char *const want = find_golden(golden, pictures[_i].name);
    ck_assert_msg(want != NULL, "no such picture: %s", pictures[_i].name);
    ck_assert_str_eq(text, want);
    free(golden);
    free(text);
}
END_TEST

/* ---- what all pictures keep ---- */

/* Columns of the widest line. */
static size_t width_of(const char *text)
{
    size_t widest = 0, width = 0;
    for (const char *c = text; *c; c++) {
        width = *c == '\n' ? 0 : width + (((unsigned char)*c & 0xc0) != 0x80);
        widest = width > widest ? width : widest;
    }
    return widest;
}

START_TEST(a_folded_picture_is_as_wide_as_said)
{
    maker m = maker_random(3 + _i % 4, 80, (uint64_t)_i);
    const int32_t width = 70 + 5 * _i;
    char *const text =
        draw(m.circuit, &(ketch_draw_options){OPTIONS, .width = width, .ascii = _i % 2});
    ck_assert_uint_le(width_of(text), (size_t)width);
    for (const char *c = text; _i % 2 && *c; c++)
        ck_assert(*c == '\n' || (*c >= ' ' && *c <= '~'));
    free(text);
    ketch_circuit_destroy(m.circuit);
}
END_TEST

START_TEST(a_short_buffer_gets_the_beginning_of_the_picture)
{
    char text[12];
    size_t length = 0;
    ketch_circuit *const c = new_circuit(1, 0);
    add(c, KETCH_GATE_H, Q(0), NULL);
    memset(text, 'x', sizeof text);
    GOOD(ketch_circuit_draw(text, 8, &length, c, &(ketch_draw_options){OPTIONS, .ascii = 1},
                            &error));
    ck_assert_str_eq(text, "    +--");
    ck_assert_uint_eq(length, strlen("    +---+\nq0: | H |\n    +---+\n"));
    ck_assert(text[8] == 'x');
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(bad_options_are_refused)
{
    size_t length = 7;
    ketch_circuit *const c = new_circuit(1, 0);
#define REFUSED(call, code, text)                                                                  \
    do {                                                                                           \
        error = (ketch_error){.size = sizeof error};                                               \
        ck_assert_int_eq((call), (code));                                                          \
        ck_assert_str_eq(error.message, (text));                                                   \
        ck_assert_uint_eq(length, 7);                                                              \
    } while (0)
#define DRAW(...)                                                                                  \
    ketch_circuit_draw(NULL, 0, &length, c, &(ketch_draw_options){__VA_ARGS__}, &error)
    REFUSED(DRAW(OPTIONS, .width = -1), KETCH_RANGE,
            "columns of text: given -1, allowed 0 (not folded) or more");
    REFUSED(DRAW(OPTIONS, .ascii = 2), KETCH_RANGE, "ASCII alone: given 2, allowed 0 or 1");
    REFUSED(DRAW(.width = 1), KETCH_MISMATCH,
            kt_format("options has no size: set it to sizeof: given 0, allowed %zu",
                      sizeof(ketch_draw_options))
                .text);
    REFUSED(ketch_circuit_draw(NULL, 1, &length, c, NULL, &error), KETCH_HANDLE,
            "text: given NULL, allowed a place for the text");
    REFUSED(ketch_circuit_draw(NULL, 0, &length, NULL, NULL, &error), KETCH_HANDLE,
            "circuit: given NULL, allowed a circuit");
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(a_picture_beyond_all_screens_is_refused)
{
    ketch_circuit *const c = new_circuit(58, 1);
    size_t length = 7;
    for (int i = 0; i < 2000; i++) {
        char name[20];
        snprintf(name, sizeof name, "r%d", i);
        GOOD(ketch_circuit_add_register(c, name, 1, &error));
    }
    for (int i = 0; i < 90000; i++)
        GOOD(ketch_circuit_measure(c, 0, 0, &error));
    REFUSED(ketch_circuit_draw(NULL, 0, &length, c, NULL, &error), KETCH_LIMIT,
            "characters of the picture: given 1111897062, allowed 1073741824: draw a part of the "
            "circuit");
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(any_memory_may_be_refused_to_the_renderer)
{
    ketch_circuit *const c = draw_fourier();
    uint64_t at = 1;
    for (bool refused = true; refused; at++) {
        kt_fault_arm(at, _i);
        const ketch_status status = ketch_circuit_draw(NULL, 0, NULL, c, NULL, &error);
        refused = kt_fault_count() >= at;
        kt_fault_arm(0, false);
        ck_assert_int_eq(status, refused ? KETCH_MEMORY : KETCH_OK);
    }
    ck_assert_uint_gt(at, 4);
    ketch_circuit_destroy(c);
}
END_TEST

/* ---- speed ---- */

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The least of some times, of the length and the picture. */
START_TEST(a_thousand_gates_are_drawn_at_once)
{
    maker m = maker_random(40, 1000, 1);
    double least = 1e9;
    size_t length = 0;
    for (int i = 0; i < 5; i++) {
        const double begin = seconds_now();
        char *const text = draw(m.circuit, &(ketch_draw_options){OPTIONS, .width = 120});
        const double seconds = seconds_now() - begin;
        least = seconds < least ? seconds : least;
        length = strlen(text);
        free(text);
    }
    figure("draw", "1000 gates on 40 qubits, length and picture", least * 1e3, "ms");
    figure("draw", "the picture", (double)length, "bytes");
    ck_assert_double_lt(least, WITH_ASAN || WITH_TSAN ? 1 : 0.05);
    ketch_circuit_destroy(m.circuit);
}
END_TEST

static Suite *suite_that_prints(void)
{
    Suite *const suite = suite_create("print");
    TCase *const all = tcase_create("print");
    tcase_add_test(all, print_pictures);
    suite_add_tcase(suite, all);
    return suite;
}

static Suite *suite_of_tests(void)
{
    Suite *const suite = suite_create("draw");
    TCase *const cases = tcase_create("pictures"), *const refusals = tcase_create("refusals");
    for (int i = 0; i < PICTURES; i++)
        add_indexed(cases, a_picture_is_as_it_was_looked_at, i, "%s", pictures[i].name);
    add_seeds(cases, a_folded_picture_is_as_wide_as_said, 20);
    tcase_add_test(cases, a_short_buffer_gets_the_beginning_of_the_picture);
    tcase_add_test(cases, a_thousand_gates_are_drawn_at_once);
    tcase_add_test(refusals, bad_options_are_refused);
    tcase_add_test(refusals, a_picture_beyond_all_screens_is_refused);
    add_refusals(refusals, any_memory_may_be_refused_to_the_renderer, kt_fault_arm(0, false));
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, refusals);
    return suite;
}

int main(int count, char **arguments)
{
    const bool prints = count > 1 && strcmp(arguments[1], "print") == 0;
    return end_with(prints ? suite_that_prints() : suite_of_tests());
}
